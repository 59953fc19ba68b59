//! The ways to write an answer.

mod csv;
mod json;
mod markdown;
mod table;

use super::answer::Answer;
use super::format::Format;
use std::io::{self, Write};

impl Answer<'_> {
    /// Writes it.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Table => table::write(self, out),
            Format::Json => json::write(self, out),
            Format::Csv => csv::write(self, out),
            Format::Markdown => markdown::write(self, out),
        }
    }
}
