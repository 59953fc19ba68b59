//! Tables, each defined once: what the command line prints, the window exports, help and README document.
//!
//! A table has [columns](Column) with a name for programs, a title for people, a [kind](Kind) (type and unit) and a
//! sentence of help, and [rows](Rows) that are made while they are read. An [`Answer`] is what a command gives: facts
//! and tables, written as text, JSON, CSV or Markdown. The tables of the program stand in [`tables`], and
//! [`catalog`] lists them by command. Knows neither files nor front ends.

mod answer;
pub mod catalog;
mod column;
mod format;
mod rows;
pub mod tables;
mod value;
mod write;

pub use answer::{Answer, Fact, Table};
pub use column::{Column, Groups, Kind, Size};
pub use format::Format;
pub use rows::{HeapRef, Rows};
pub use value::Value;
