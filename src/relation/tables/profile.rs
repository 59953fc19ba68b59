//! `profile`: where memory is allocated, by function, file or package, and as trees.

use super::common::COUNTED_DEPTH;
use crate::profile::{By, CodeKind, Groups as Grouped, Profile, StackIndex, package_of};
use crate::relation::{Answer, Column, Groups, Kind, Rows, Size, Value};
use std::borrow::Cow;
use std::ops::Deref;

/// What the columns mean; the window shows the same sentences over its columns.
pub mod help {
    /// Self size.
    pub const SELF_SIZE: &str = "What was allocated there itself";
    /// Total size.
    pub const TOTAL_SIZE: &str = "The same with everything that was called from there, each allocation once";
    /// Function.
    pub const FUNCTION: &str = "The name of the function";
}

/// What is said of the profile as a whole.
pub static FACTS: [Column; 5] = [
    Column::new("format", "Format", Kind::Text, "What the file is"),
    Column::new("value", "Values", Kind::Text, "What sizes are: inuse_space, inuse_objects, alloc_space or alloc_objects"),
    Column::new("total_size", "Total", Kind::Bytes(Size::Suitable), "Everything in the profile"),
    Column::new("stacks", "Stacks", Kind::Count(Groups::Commas), "How many different stacks there are"),
    Column::new(
        "interval",
        "Interval",
        Kind::Bytes(Size::Suitable),
        "Every how many bytes an allocation was looked at, on average; of a .heapprofile a guess by its smallest sample",
    )
    .nullable(),
];

/// What rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Functions, files or packages.
    Groups(By),
    /// Stacks from the outermost function inwards.
    Tree,
    /// Functions, and below each its callers.
    BottomUp,
}

/// A row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfileRow {
    /// A stack whose innermost function it shows.
    pub at: StackIndex,
    /// How deep it stands in a tree.
    pub depth: u32,
    /// What was allocated there itself.
    pub self_size: f64,
    /// The same with everything called from there.
    pub total_size: f64,
    /// Both in the profile that this one is compared with.
    pub base: Option<(f64, f64)>,
}

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Depth,
    Name,
    Url,
    File,
    Package,
    Version,
    Line,
    Column,
    SelfSize,
    SelfShare,
    TotalSize,
    TotalShare,
    BaseSelf,
    SelfDelta,
    BaseTotal,
    TotalDelta,
}

/// The columns of rows of this shape; with those of a comparison if it is one.
pub fn columns(shape: Shape, is_bytes: bool, is_compared: bool) -> Vec<Column> {
    fields(shape, is_bytes, is_compared).into_iter().map(|(_, column)| column).collect()
}

fn fields(shape: Shape, is_bytes: bool, is_compared: bool) -> Vec<(Field, Column)> {
    let size = if is_bytes { Kind::Bytes(Size::Suitable) } else { Kind::Count(Groups::Commas) };
    let delta = if is_bytes { Kind::BytesChange(Size::Suitable) } else { Kind::CountChange(Groups::Commas) };
    let mut fields = Vec::new();
    let mut add = |field: Field, column: Column| fields.push((field, column));
    match shape {
        Shape::Groups(By::File) => {
            add(Field::File, Column::on_screen("File", Kind::Text, "The URL of the file"));
            add(
                Field::Url,
                Column::for_programs("url", Kind::Text, "The URL of the file; empty for functions without one"),
            );
        }
        Shape::Groups(By::Package) => {
            let help = "The package; in parentheses what is none: (program), (node), (engine), (native)";
            add(Field::Package, Column::new("package", "Package", Kind::Text, help));
            let version = Column::new("version", "Version", Kind::Text, "Its version, where the URL says it");
            add(Field::Version, version.nullable());
        }
        _ => {
            let is_tree = matches!(shape, Shape::Tree | Shape::BottomUp);
            if is_tree {
                add(Field::Depth, COUNTED_DEPTH);
            }
            let kind = if is_tree { Kind::Tree } else { Kind::Text };
            add(Field::Name, Column::new("function", "Function", kind, help::FUNCTION));
            add(Field::Url, Column::new("url", "URL", Kind::Text, "The URL or path of its script"));
            add(Field::Line, Column::new("line", "Line", Kind::Integer, "Where it begins, from 1").nullable());
            add(
                Field::Column,
                Column::new("column", "Column", Kind::Integer, "Where in the line it begins, from 1").nullable(),
            );
        }
    }
    add(Field::SelfSize, Column::new("self_size", "Self size", size, help::SELF_SIZE));
    add(Field::SelfShare, Column::on_screen("Self %", Kind::Share, "Self size in percent of the profile"));
    add(Field::TotalSize, Column::new("total_size", "Total size", size, help::TOTAL_SIZE));
    add(Field::TotalShare, Column::on_screen("Total %", Kind::Share, "Total size in percent of the profile"));
    if is_compared {
        add(
            Field::BaseSelf,
            Column::new("base_self_size", "Self size before", size, "Self size in the profile compared with"),
        );
        add(Field::BaseTotal, Column::new("base_total_size", "Total size before", size, "Total size in that profile"));
        add(
            Field::SelfDelta,
            Column::new("self_delta", "Self delta", delta, "How much more was allocated there itself"),
        );
        add(
            Field::TotalDelta,
            Column::new("total_delta", "Total delta", delta, "How much more with everything called from there"),
        );
    }
    fields
}

struct ProfileRows<P> {
    profile: P,
    /// What percentages are of.
    whole: f64,
    rows: Vec<ProfileRow>,
    fields: Vec<Field>,
    columns: Vec<Column>,
}

/// A size, a whole number where it is one.
fn size_value(size: f64) -> Value<'static> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    if size.fract() == 0.0 && (0.0..1e18).contains(&size) { Value::Unsigned(size as u64) } else { Value::Float(size) }
}

fn delta_value(delta: f64) -> Value<'static> {
    #[allow(clippy::cast_possible_truncation, reason = "checked")]
    if delta.fract() == 0.0 && delta.abs() < 1e18 { Value::Signed(delta as i64) } else { Value::Float(delta) }
}

impl<P: Deref<Target = Profile> + Send + Sync> Rows for ProfileRows<P> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let row = &self.rows[row];
        let frame = self.profile.frame(row.at);
        let share = |size: f64| if self.whole > 0.0 { Value::Float(size / self.whole) } else { Value::Null };
        let (base_self, base_total) = row.base.unwrap_or_default();
        match self.fields[column] {
            Field::Depth => row.depth.into(),
            Field::Name => Value::words(frame.shown_name().lossy()),
            Field::Url => Value::text(frame.url),
            Field::File => Value::words(Grouped::file_title(&frame)),
            Field::Package => Value::text(package_of(&frame).shown_name()),
            Field::Version => match package_of(&frame) {
                package if package.kind == CodeKind::Dependency => Value::option(package.version, Value::text),
                _ => Value::Null,
            },
            Field::Line => Value::option(frame.shown_line(), Value::from),
            Field::Column => Value::option(frame.shown_column(), Value::from),
            Field::SelfSize => size_value(row.self_size),
            Field::SelfShare => share(row.self_size),
            Field::TotalSize => size_value(row.total_size),
            Field::TotalShare => share(row.total_size),
            Field::BaseSelf => size_value(base_self),
            Field::SelfDelta => delta_value(row.self_size - base_self),
            Field::BaseTotal => size_value(base_total),
            Field::TotalDelta => delta_value(row.total_size - base_total),
        }
    }

    fn level(&self, row: usize) -> usize {
        self.rows[row].depth as usize
    }
}

/// What [`FACTS`] say.
#[derive(Debug, Clone)]
pub struct ProfileFacts {
    /// What the file is.
    pub format: Cow<'static, str>,
    /// Every how many bytes a sample was taken.
    pub interval: Option<f64>,
}

/// The answer of `profile` or `profile --base`.
pub fn profile_or_comparison<'a>(
    profile: impl Deref<Target = Profile> + Send + Sync + 'a,
    facts: ProfileFacts,
    shape: Shape,
    rows: Vec<ProfileRow>,
    is_compared: bool,
) -> Answer<'a> {
    let is_bytes = profile.kind.is_bytes();
    let (fields, columns) = fields(shape, is_bytes, is_compared).into_iter().unzip();
    let total_kind = if is_bytes { Kind::Bytes(Size::Suitable) } else { Kind::Count(Groups::Commas) };
    let [format, value, mut total, stacks, interval] = FACTS.clone();
    total.kind = total_kind;
    Answer::new("profile")
        .fact(format, Value::words(facts.format))
        .fact(value, Value::word(profile.kind.key()))
        .fact(total, size_value(profile.total()))
        .fact(stacks, Value::count(profile.node_count().saturating_sub(1)))
        .fact(interval, Value::option(facts.interval, size_value))
        .rows(ProfileRows { whole: profile.total(), profile, rows, fields, columns })
}
