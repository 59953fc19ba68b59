//! `growth`: classes with what each of several snapshots has of them.

use super::common::{CLASS_KEY, CONSTRUCTOR};
use crate::analysis::tables::growth::{ClassAt, Growth, GrowthRow};
use crate::relation::{Answer, Column, Groups, Kind, Rows, Size, Value};
use std::ops::Deref;

/// What is counted.
struct Measure {
    name: &'static str,
    title: &'static str,
    of: fn(&ClassAt) -> u64,
    kind: Kind,
    change: Kind,
    help: &'static str,
}

const BYTES: Kind = Kind::Bytes(Size::Suitable);
const BYTES_CHANGE: Kind = Kind::BytesChange(Size::Suitable);

const MEASURES: [Measure; 3] = [
    Measure {
        name: "count",
        title: "#",
        of: |c| c.count,
        kind: Kind::Count(Groups::Commas),
        change: Kind::CountChange(Groups::Spaces),
        help: "How many objects the snapshot has, or how many more than the one before",
    },
    Measure {
        name: "shallow_size",
        title: "Size",
        of: |c| c.shallow_size,
        kind: BYTES,
        change: BYTES_CHANGE,
        help: "Their shallow sizes, or how much more than in the snapshot before",
    },
    Measure {
        name: "retained_size",
        title: "Retained",
        of: |c| c.retained_size,
        kind: BYTES,
        change: BYTES_CHANGE,
        help: "What they retain, or how much more than in the snapshot before",
    },
];

const GREW: Column = Column::for_programs(
    "grew_every_step",
    Kind::Bool,
    "Whether the objects became more in every step, or larger in every step",
);

/// From the first snapshot to the last.
const DELTAS: [Column; 3] = [
    Column::for_programs(
        "count_delta",
        Kind::CountChange(Groups::Spaces),
        "Objects of the last less those of the first",
    ),
    Column::for_programs("size_delta", BYTES_CHANGE, "Shallow size in the last less that in the first"),
    Column::for_programs("retained_delta", BYTES_CHANGE, "Retained size in the last less that in the first"),
];

/// The columns before those of the measures.
const BEFORE: usize = 3;

/// The columns for this many snapshots.
pub fn columns(snapshots: usize) -> Vec<Column> {
    let mut columns = vec![CONSTRUCTOR, CLASS_KEY, GREW];
    for Measure { name, title, kind, change, help, .. } in MEASURES {
        let is_retained = name == "retained_size";
        // The table has no room for the snapshots between, which the steps say.
        for i in 1..=snapshots {
            if i > 1 {
                let column = match is_retained {
                    true => Column::for_programs("", change, help),
                    false => Column::new("", "", change, help).titled(format!("{}\u{2192}{i}", i - 1)),
                };
                columns.push(column.named(format!("{name}_change_{i}")));
            }
            let is_shown = i == snapshots || i == 1 && !is_retained;
            let column = match is_shown {
                true => Column::new("", "", kind, help).titled(format!("{title} {i}")),
                false => Column::for_programs("", kind, help),
            };
            columns.push(column.named(format!("{name}_{i}")));
        }
    }
    columns.extend(DELTAS);
    columns
}

/// The facts for this many snapshots: their names.
pub fn facts(snapshots: usize) -> impl Iterator<Item = Column> {
    (1..=snapshots).map(|i| {
        let column = Column::new("", "", Kind::Text, "The name of the snapshot");
        column.named(format!("snapshot_{i}")).titled(format!("Snapshot {i}"))
    })
}

struct Classes<G> {
    growth: G,
    rows: Vec<u32>,
    columns: Vec<Column>,
}

impl<G: Deref<Target = Growth> + Send + Sync> Rows for Classes<G> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let row: &GrowthRow = &self.growth.rows[self.rows[row] as usize];
        match column {
            0 => return Value::text(row.name.as_text()),
            1 => return Value::owned(row.class_key()),
            2 => return row.grew_in_every_step().into(),
            _ => {}
        }
        // Of each measure the first snapshot has one column, the others have two: the step, and what they have.
        let of_measure = (2 * row.at.len()).saturating_sub(1).max(1);
        let at = column - BEFORE;
        match MEASURES.get(at / of_measure) {
            Some(measure) => {
                let i = (at % of_measure).div_ceil(2);
                let now = row.at.get(i).map_or(0, measure.of);
                match (at % of_measure) % 2 {
                    0 => now.into(),
                    _ => (now as i64 - row.at.get(i - 1).map_or(0, measure.of) as i64).into(),
                }
            }
            None => row.delta(MEASURES[(at - MEASURES.len() * of_measure).min(2)].of).into(),
        }
    }
}

/// The answer of `growth`: the rows of `growth` at `rows`, and the names of the snapshots.
pub fn growth<'a>(
    growth: impl Deref<Target = Growth> + Send + Sync + 'a,
    names: &[impl AsRef<str>],
    rows: Vec<u32>,
) -> Answer<'a> {
    let columns = columns(growth.snapshots);
    let facts = facts(names.len()).zip(names);
    let answer = facts.fold(Answer::new("growth"), |answer, (column, name)| answer.fact(column, Value::words(name)));
    answer.rows(Classes { growth, rows, columns })
}
