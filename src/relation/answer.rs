//! What a command or a panel answers: single facts, then tables.

use super::column::Column;
use super::format::Format;
use super::rows::Rows;
use super::value::Value;

/// An answer, to be written in any [`Format`].
pub struct Answer<'a> {
    /// The command that gives it, for JSON.
    pub command: &'static str,
    /// What accompanies or replaces tables.
    pub facts: Vec<Fact<'a>>,
    /// Usually one. CSV has room for one: the first, or the facts where there is no table or
    /// where the tables only add to the facts.
    pub tables: Vec<Table<'a>>,
    /// Whether CSV writes the facts though there are tables.
    pub facts_are_the_answer: bool,
}

/// One named value.
#[derive(Debug, Clone)]
pub struct Fact<'a> {
    /// Its name, its kind and what it means.
    pub column: Column,
    pub value: Value<'a>,
}

/// A table of an answer.
pub struct Table<'a> {
    /// Its name in JSON: `rows` for the table a command is about.
    pub key: &'static str,
    pub rows: Box<dyn Rows + 'a>,
    /// How many of them are written.
    pub len: usize,
}

impl<'a> Answer<'a> {
    /// An answer without anything in it yet.
    pub fn new(command: &'static str) -> Self {
        Self { command, facts: Vec::new(), tables: Vec::new(), facts_are_the_answer: false }
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, column: Column, value: impl Into<Value<'a>>) -> Self {
        self.facts.push(Fact { column, value: value.into() });
        self
    }

    /// Adds a fact for each of `columns`.
    #[must_use]
    pub fn facts<const N: usize>(mut self, columns: &[Column; N], values: [Value<'a>; N]) -> Self {
        self.facts.extend(columns.iter().cloned().zip(values).map(|(column, value)| Fact { column, value }));
        self
    }

    /// Adds the table the command is about.
    #[must_use]
    pub fn rows(self, rows: impl Rows + 'a) -> Self {
        self.table("rows", rows)
    }

    /// Adds a table.
    #[must_use]
    pub fn table(mut self, key: &'static str, rows: impl Rows + 'a) -> Self {
        let len = rows.len();
        self.tables.push(Table { key, rows: Box::new(rows), len });
        self
    }

    /// Says that the facts are what the command is about, and its tables detail.
    #[must_use]
    pub fn facts_first(mut self) -> Self {
        self.facts_are_the_answer = true;
        self
    }

    /// Cuts every table after `limit` rows.
    #[must_use]
    pub fn limited(mut self, limit: Option<usize>) -> Self {
        if let Some(limit) = limit {
            for table in &mut self.tables {
                table.len = table.len.min(limit);
            }
        }
        self
    }

    /// How many rows the table has that the answer is about.
    pub fn row_count(&self) -> usize {
        self.tables.first().map_or(0, |table| table.len)
    }
}

impl Table<'_> {
    /// Positions of the columns that `format` has.
    pub fn columns_in(&self, format: Format) -> Vec<usize> {
        let columns = self.rows.columns();
        (0..columns.len()).filter(|&c| columns[c].is_in(format)).collect()
    }
}
