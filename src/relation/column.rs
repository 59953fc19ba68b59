//! A column: its name for programs and for people, what its values are and what they mean.

use super::format::Format;
use super::value::Value;
use crate::units;
use std::borrow::Cow;

/// A column of a table, or the name and meaning of a single fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name in JSON, CSV and queries, in snake_case. Empty for what only people get to see.
    pub name: Cow<'static, str>,
    /// Its name on screen. Empty for what only programs get to see.
    pub title: Cow<'static, str>,
    /// The type and unit of its values.
    pub kind: Kind,
    /// A sentence that says what the values mean.
    pub help: &'static str,
    /// Whether values can be missing.
    pub is_nullable: bool,
    shown_in: ShownIn,
}

/// The type and the unit of a value, which decide how people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text of a row of a tree: indented by the row's level where people read it.
    Tree,
    /// Yes or no.
    Bool,
    /// An object's id: a number, `@123` for people.
    Id,
    /// A plain number: a line, a version.
    Integer,
    /// How many.
    Count(Groups),
    /// A difference of counts.
    CountChange(Groups),
    /// A size in bytes.
    Bytes(Size),
    /// A difference of sizes in bytes.
    BytesChange(Size),
    /// A part of a whole: from 0 to 1, a percentage for people.
    Percent,
    /// A part of a whole, as [`Kind::Percent`], with two decimals: `12.34 %`, as the views of a profile.
    Share,
    /// Steps from the roots; − where that means nothing.
    Distance,
    /// 0 unknown, 1 attached, 2 detached: words for people.
    Detachedness,
    /// Milliseconds.
    Milliseconds,
    /// Whole seconds: `3 d 4 h` for people.
    Seconds,
    /// How many times something, or how much of one for each of another.
    Ratio,
}

/// How DevTools separates groups of three digits in this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// `31,204`
    Commas,
    /// `31 204`, as Comparison and the allocation grid have it.
    Spaces,
}

/// Which unit DevTools chooses for a size in this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Always kB: `3,200 kB`, as most columns of sizes.
    Kilobytes,
    /// Always whole kB: `3,743 kB`, as Statistics.
    WholeKilobytes,
    /// The unit that suits the size: `12.3 MB`, as Comparison.
    Suitable,
}

/// The formats that have a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShownIn {
    All,
    /// What other columns say in a form for programs.
    Screen,
    /// What the screen says in another column.
    JsonAndCsv,
    /// What CSV, whose columns are promised, has no room for.
    Json,
}

impl Column {
    /// A column of every format, without missing values.
    pub const fn new(name: &'static str, title: &'static str, kind: Kind, help: &'static str) -> Self {
        let (name, title) = (Cow::Borrowed(name), Cow::Borrowed(title));
        Self { name, title, kind, help, is_nullable: false, shown_in: ShownIn::All }
    }

    /// A column for people only.
    pub const fn on_screen(title: &'static str, kind: Kind, help: &'static str) -> Self {
        let mut column = Self::new("", title, kind, help);
        column.shown_in = ShownIn::Screen;
        column
    }

    /// A column of JSON and CSV.
    pub const fn for_programs(name: &'static str, kind: Kind, help: &'static str) -> Self {
        let mut column = Self::new(name, "", kind, help);
        column.shown_in = ShownIn::JsonAndCsv;
        column
    }

    /// A column that only JSON has.
    pub const fn in_json(name: &'static str, kind: Kind, help: &'static str) -> Self {
        let mut column = Self::new(name, "", kind, help);
        column.shown_in = ShownIn::Json;
        column
    }

    /// The same column, whose values can be missing.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.is_nullable = true;
        self
    }

    /// The same column under another title.
    #[must_use]
    pub fn titled(self, title: impl Into<Cow<'static, str>>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// The same column under another name.
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Whether `format` has the column.
    pub fn is_in(&self, format: Format) -> bool {
        let is_for_people = matches!(format, Format::Table | Format::Markdown);
        match self.shown_in {
            ShownIn::All => true,
            ShownIn::Screen => is_for_people,
            ShownIn::JsonAndCsv => !is_for_people,
            ShownIn::Json => format == Format::Json,
        }
    }
}

impl Kind {
    /// Whether values stand at the right of their column, as numbers do.
    pub fn is_number(self) -> bool {
        !matches!(self, Self::Text | Self::Tree | Self::Bool | Self::Detachedness)
    }

    /// Whether the text people read says more than the raw value.
    pub fn is_formatted(self) -> bool {
        !matches!(self, Self::Text | Self::Tree | Self::Bool | Self::Id | Self::Integer)
    }

    /// `value` as people read it; nothing for what is missing.
    pub fn text<'v>(self, value: &'v Value<'_>) -> Cow<'v, str> {
        match (self, value) {
            (_, Value::Null) => Cow::Borrowed(""),
            (_, Value::Text(text)) => text.as_text().lossy(),
            (_, Value::Bool(b)) => Cow::Borrowed(if *b { "yes" } else { "no" }),
            (Self::Detachedness, Value::Unsigned(n)) => Cow::Borrowed(match n {
                1 => "attached",
                2 => "detached",
                3 => "invalid",
                _ => "",
            }),
            (_, Value::Unsigned(n)) => self.number_text(i128::from(*n)).into(),
            (_, Value::Signed(n)) => self.number_text(i128::from(*n)).into(),
            (Self::Share, Value::Float(x)) => units::share(*x, 1.0).into(),
            (Self::Bytes(Size::Suitable), Value::Float(x)) => units::size(*x).into(),
            (Self::BytesChange(Size::Suitable), Value::Float(x)) => units::size_delta(*x).into(),
            (Self::Percent, Value::Float(x)) => units::percent_of(*x).into(),
            (Self::Milliseconds, Value::Float(x)) => format!("{x:.1} ms").into(),
            (_, Value::Float(x)) => format!("{x:.2}").into(),
        }
    }

    fn number_text(self, n: i128) -> String {
        let unsigned = u64::try_from(n.max(0)).unwrap_or(u64::MAX);
        let signed = i64::try_from(n).unwrap_or(if n < 0 { i64::MIN } else { i64::MAX });
        match self {
            Self::Id => format!("@{n}"),
            Self::Count(groups) => groups.text(unsigned),
            Self::CountChange(groups) => units::signed(signed, |n| groups.text(n)),
            Self::Bytes(Size::WholeKilobytes) => units::whole_kilobytes(signed),
            Self::Bytes(size) => size.text(unsigned),
            Self::BytesChange(size) => units::signed(signed, |n| size.text(n)),
            Self::Seconds => units::duration(std::time::Duration::from_secs(unsigned)),
            Self::Distance => units::distance(i32::try_from(n).unwrap_or(i32::MAX)),
            _ => n.to_string(),
        }
    }
}

impl Groups {
    fn text(self, n: u64) -> String {
        match self {
            Self::Commas => units::count(n),
            Self::Spaces => units::spaced_count(n),
        }
    }
}

impl Size {
    fn text(self, bytes: u64) -> String {
        match self {
            Self::Kilobytes => units::kilobytes(bytes),
            Self::WholeKilobytes => units::whole_kilobytes(i64::try_from(bytes).unwrap_or(i64::MAX)),
            Self::Suitable => units::bytes(bytes),
        }
    }
}
