//! One value in two forms: raw for programs, formatted for people.

use crate::graph::{Detachedness, NodeId};
use crate::text::{Text, TextBuf, TextCow};
use crate::units;
use std::borrow::Cow;

/// A value. Each kind of number knows how the screen writes it.
#[derive(Debug, Clone)]
pub(in crate::cli) enum Cell<'a> {
    /// Nothing: `null` in JSON.
    Empty,
    /// Yes or no.
    Flag(bool),
    /// Text from the file or of our own.
    Text(TextCow<'a>),
    /// Text of a row that stands so many levels below others.
    Indented(usize, TextCow<'a>),
    /// An object's id; a plain number but on the screen.
    Id(NodeId),
    /// A plain number: a line, a type, a version.
    Number(i64),
    /// A count: `31,204`.
    Count(u64),
    /// A count as Comparison writes it: `31 204`.
    SpacedCount(u64),
    /// A difference of counts: `+7 000`.
    CountDelta(i64),
    /// A size in kB: `3,200 kB`.
    Kilobytes(u64),
    /// A size in whole kB: `3,743 kB`.
    WholeKilobytes(i64),
    /// A size in the unit that suits it: `12.3 MB`.
    Bytes(u64),
    /// A difference of sizes: `+224 kB`.
    BytesDelta(i64),
    /// A share of a total: `12 %`.
    Percent(u64, u64),
    /// A distance; − where it means nothing.
    Distance(i32),
    /// Whether a node hangs in a document: a number for programs, a word for people.
    Detachedness(Detachedness),
    /// Milliseconds.
    Milliseconds(f64),
    /// How many times something, or how much of one for each of another.
    Ratio(f64),
}

/// A raw value.
#[derive(Debug, PartialEq)]
pub(super) enum Raw<'c> {
    Null,
    Flag(bool),
    Text(Text<'c>),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

impl<'a> Cell<'a> {
    /// Text of our own.
    pub(in crate::cli) fn words(text: impl AsRef<str>) -> Self {
        Self::Text(TextCow::Owned(TextBuf::from(text.as_ref())))
    }

    /// A word that never changes.
    pub(in crate::cli) fn word(text: &'static str) -> Self {
        Self::Text(TextCow::Borrowed(Text::from(text)))
    }

    /// Text as it stands in the file.
    pub(in crate::cli) fn text(text: Text<'a>) -> Self {
        Self::Text(TextCow::Borrowed(text))
    }

    /// The value, or nothing.
    pub(in crate::cli) fn option<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }

    /// For programs.
    pub(super) fn raw(&self) -> Raw<'_> {
        match self {
            Self::Empty => Raw::Null,
            Self::Flag(f) => Raw::Flag(*f),
            Self::Text(t) | Self::Indented(_, t) => Raw::Text(t.as_text()),
            Self::Id(id) => Raw::Unsigned(id.0.into()),
            Self::Count(n) | Self::SpacedCount(n) => Raw::Unsigned(*n),
            Self::Kilobytes(n) | Self::Bytes(n) => Raw::Unsigned(*n),
            Self::Number(n) | Self::WholeKilobytes(n) | Self::CountDelta(n) | Self::BytesDelta(n) => Raw::Signed(*n),
            Self::Percent(..) => Raw::Null,
            Self::Distance(d) => Raw::Signed((*d).into()),
            Self::Detachedness(d) => Raw::Unsigned(*d as u64),
            Self::Milliseconds(x) | Self::Ratio(x) => Raw::Float(*x),
        }
    }

    /// For people.
    pub(super) fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Flag(f) => Cow::Borrowed(if *f { "yes" } else { "no" }),
            Self::Text(TextCow::Borrowed(t)) => t.lossy(),
            Self::Text(TextCow::Owned(t)) => t.as_text().lossy(),
            Self::Indented(depth, t) => format!("{}{t}", "  ".repeat(*depth)).into(),
            Self::Id(id) => id.to_string().into(),
            Self::Number(n) => n.to_string().into(),
            Self::Count(n) => units::count(*n).into(),
            Self::SpacedCount(n) => units::spaced_count(*n).into(),
            Self::CountDelta(n) => units::signed(*n, units::spaced_count).into(),
            Self::Kilobytes(n) => units::kilobytes(*n).into(),
            Self::WholeKilobytes(n) => units::whole_kilobytes(*n).into(),
            Self::Bytes(n) => units::bytes(*n).into(),
            Self::BytesDelta(n) => units::signed(*n, units::bytes).into(),
            Self::Percent(part, total) => units::percent(*part, *total).into(),
            Self::Distance(d) => units::distance(*d).into(),
            Self::Detachedness(d) => Cow::Borrowed(match d {
                Detachedness::Unknown => "",
                Detachedness::Attached => "attached",
                Detachedness::Detached => "detached",
                Detachedness::Invalid => "invalid",
            }),
            Self::Milliseconds(ms) => format!("{ms:.1} ms").into(),
            Self::Ratio(r) => format!("{r:.2}").into(),
        }
    }

    /// Whether the formatted text says more than the raw value.
    pub(super) fn is_formatted(&self) -> bool {
        !matches!(
            self,
            Self::Empty | Self::Flag(_) | Self::Text(_) | Self::Indented(..) | Self::Id(_) | Self::Number(_)
        )
    }
}
