//! The forms an answer can be written in.

/// How to write an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns with formatted numbers, for people
    Table,
    /// One object: raw numbers beside the formatted text
    Json,
    /// A header line and raw numbers
    Csv,
    /// Tables for issues and notes, with formatted numbers
    Markdown,
}

impl Format {
    /// Its name in sentences.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "text",
            Self::Json => "JSON",
            Self::Csv => "CSV",
            Self::Markdown => "Markdown",
        }
    }

    /// How names of its files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "md",
        }
    }
}
