//! `targets`: running programs that can be attached to.

use crate::relation::{Answer, Column, Kind, Rows, Value};

/// The columns.
pub static COLUMNS: [Column; 8] = [
    Column::new("name", "Name", Kind::Text, "The package, the script, or the page's title"),
    Column::new("pid", "PID", Kind::Integer, "The process, where it is on this machine").nullable(),
    Column::new("kind", "Kind", Kind::Text, "program, page, frame or worker"),
    Column::new("engine", "Engine", Kind::Text, "What runs it, with its version where it listens"),
    Column::new("address", "Inspector", Kind::Text, "The address of its inspector's socket").nullable(),
    Column::new("up_seconds", "Up", Kind::Seconds, "How long the process has been running").nullable(),
    Column::new("url", "Script or page", Kind::Text, "The script or page, as the program says"),
    Column::for_programs("can_be_opened", Kind::Bool, "Whether its inspector can be opened by SIGUSR1"),
];

/// One of them.
#[derive(Debug, Clone, Default)]
pub struct TargetRow {
    /// For people.
    pub name: String,
    /// The process.
    pub pid: Option<u32>,
    pub kind: String,
    /// What runs it.
    pub engine: String,
    /// Where its inspector is.
    pub address: Option<String>,
    /// How long it has been running.
    pub up_seconds: Option<u64>,
    /// Its script or page.
    pub url: String,
    /// Whether its inspector can be opened.
    pub can_be_opened: bool,
}

struct Targets(Vec<TargetRow>);

impl Rows for Targets {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let target = &self.0[row];
        match column {
            0 => Value::word(&target.name),
            1 => Value::option(target.pid, Value::from),
            2 => Value::word(&target.kind),
            3 => Value::word(&target.engine),
            4 => Value::option(target.address.as_deref(), Value::word),
            5 => Value::option(target.up_seconds, Value::from),
            6 => Value::word(&target.url),
            _ => target.can_be_opened.into(),
        }
    }
}

/// The answer of `targets`.
pub fn targets(rows: Vec<TargetRow>) -> Answer<'static> {
    Answer::new("targets").rows(Targets(rows))
}
