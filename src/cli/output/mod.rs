//! What a command answers, and the three ways to write it. A command fills an [`Answer`]; the
//! format is chosen here and nowhere else.

mod cell;
mod csv;
mod json;
mod table;

pub(super) use cell::Cell;

use std::borrow::Cow;
use std::io::{self, Write};

/// How to write an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// Aligned columns with formatted numbers, for people
    Table,
    /// One object: raw numbers beside the formatted text
    Json,
    /// A header line and raw numbers
    Csv,
}

/// The answer of a command: single facts, then tables.
#[derive(Default)]
pub(super) struct Answer<'a> {
    /// The command's name, for JSON.
    pub(super) command: &'static str,
    /// What stands beside or instead of tables.
    pub(super) facts: Vec<Fact<'a>>,
    /// Usually one. CSV has room for one: the first, or the facts where there is no table or
    /// where the tables only add to the facts.
    pub(super) tables: Vec<Table<'a>>,
    /// Whether CSV writes the facts though there are tables.
    pub(super) facts_are_the_answer: bool,
}

/// One named value.
pub(super) struct Fact<'a> {
    /// Its name in JSON and CSV, snake_case.
    pub(super) key: Cow<'static, str>,
    /// Its name for people.
    pub(super) title: Cow<'static, str>,
    /// The value.
    pub(super) cell: Cell<'a>,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its name in JSON and CSV, snake_case.
    pub(super) key: Cow<'static, str>,
    /// Its name on the screen.
    pub(super) title: Cow<'static, str>,
    /// Whether it is aligned to the right: numbers.
    pub(super) is_number: bool,
    /// Who gets to see it.
    shown_in: ShownIn,
}

/// The formats that have a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShownIn {
    All,
    /// What other columns say in a form for programs.
    Table,
    /// What the screen says in another column.
    JsonAndCsv,
    /// What CSV, whose columns are promised, has no room for.
    Json,
}

impl Column {
    const fn new(key: &'static str, title: &'static str, is_number: bool, shown_in: ShownIn) -> Self {
        Self { key: Cow::Borrowed(key), title: Cow::Borrowed(title), is_number, shown_in }
    }

    /// A column of words.
    pub(super) const fn words(key: &'static str, title: &'static str) -> Self {
        Self::new(key, title, false, ShownIn::All)
    }

    /// A column of numbers.
    pub(super) const fn numbers(key: &'static str, title: &'static str) -> Self {
        Self::new(key, title, true, ShownIn::All)
    }

    /// A column of words for people only.
    pub(super) const fn screen_words(title: &'static str) -> Self {
        Self::new("", title, false, ShownIn::Table)
    }

    /// A column of numbers for people only.
    pub(super) const fn screen_numbers(title: &'static str) -> Self {
        Self::new("", title, true, ShownIn::Table)
    }

    /// A column for programs only.
    pub(super) const fn programs(key: &'static str) -> Self {
        Self::new(key, "", false, ShownIn::JsonAndCsv)
    }

    /// A column that only JSON has.
    pub(super) const fn json(key: &'static str) -> Self {
        Self::new(key, "", false, ShownIn::Json)
    }

    /// A column of numbers of which there may be any number of a kind.
    pub(super) fn numbered(key: String, title: String) -> Self {
        Self { key: key.into(), title: title.into(), ..Self::numbers("", "") }
    }

    /// The same for programs only.
    pub(super) fn numbered_for_programs(key: String) -> Self {
        Self { key: key.into(), ..Self::programs("") }
    }

    /// Whether `format` has the column.
    fn is_in(&self, format: Format) -> bool {
        match self.shown_in {
            ShownIn::All => true,
            ShownIn::Table => format == Format::Table,
            ShownIn::JsonAndCsv => format != Format::Table,
            ShownIn::Json => format == Format::Json,
        }
    }
}

/// Rows that are made one at a time while they are written, since there may be millions.
pub(super) struct Table<'a> {
    /// Its name in JSON: `rows` for the table a command is about.
    pub(super) key: &'static str,
    /// The columns.
    pub(super) columns: Vec<Column>,
    /// How many rows there are.
    pub(super) len: usize,
    /// Makes row `i`, a cell for each column.
    pub(super) row: Box<dyn Fn(usize) -> Vec<Cell<'a>> + 'a>,
}

impl Table<'_> {
    /// Positions of the columns that `format` has.
    fn columns_in(&self, format: Format) -> Vec<usize> {
        (0..self.columns.len()).filter(|&c| self.columns[c].is_in(format)).collect()
    }
}

impl<'a> Answer<'a> {
    /// An answer without anything in it yet.
    pub(super) fn new(command: &'static str) -> Self {
        Self { command, ..Self::default() }
    }

    /// Adds a fact.
    pub(super) fn fact(
        mut self,
        key: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
        cell: Cell<'a>,
    ) -> Self {
        self.facts.push(Fact { key: key.into(), title: title.into(), cell });
        self
    }

    /// Adds the table the command is about.
    pub(super) fn rows(
        self,
        columns: impl Into<Vec<Column>>,
        len: usize,
        row: impl Fn(usize) -> Vec<Cell<'a>> + 'a,
    ) -> Self {
        self.table("rows", columns, len, row)
    }

    /// Adds a table.
    pub(super) fn table(
        mut self,
        key: &'static str,
        columns: impl Into<Vec<Column>>,
        len: usize,
        row: impl Fn(usize) -> Vec<Cell<'a>> + 'a,
    ) -> Self {
        self.tables.push(Table { key, columns: columns.into(), len, row: Box::new(row) });
        self
    }

    /// Says that the facts are what the command is about, and its tables detail.
    pub(super) fn facts_first(mut self) -> Self {
        self.facts_are_the_answer = true;
        self
    }

    /// Cuts every table after `limit` rows.
    pub(super) fn limited(mut self, limit: Option<usize>) -> Self {
        if let Some(limit) = limit {
            for table in &mut self.tables {
                table.len = table.len.min(limit);
            }
        }
        self
    }

    /// Writes it.
    pub(super) fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Table => table::write(self, out),
            Format::Json => json::write(self, out),
            Format::Csv => csv::write(self, out),
        }
    }
}
