//! What each command answers: facts and tables by name, for help, README and whoever wants to know before asking.

use super::column::Column;
use super::format::Format;
use super::tables::common::OBJECT_COLUMNS;
use super::tables::{
    allocations, check, classes, comparison, contexts, duplicates, growth, info, leaks, nodes, object, objects, paths,
    profile, side_by_side, sources, statistics, targets, tree, why,
};
use crate::profile::By;
use std::borrow::Cow;
use std::fmt::Write as _;

/// What a command answers.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The command, with the argument that makes it answer this, if there is one.
    pub command: &'static str,
    /// Single facts.
    pub facts: Cow<'static, [Column]>,
    /// Tables, by their name in JSON; CSV has the first.
    pub tables: Vec<(&'static str, Cow<'static, [Column]>)>,
    /// Whether CSV has the facts though there are tables.
    pub facts_are_the_answer: bool,
}

impl Definition {
    fn new(command: &'static str, facts: &'static [Column], tables: &[(&'static str, &'static [Column])]) -> Self {
        let tables = tables.iter().map(|&(key, columns)| (key, Cow::Borrowed(columns))).collect();
        Self { command, facts: Cow::Borrowed(facts), tables, facts_are_the_answer: false }
    }

    /// The header line of its CSV.
    pub fn csv_header(&self) -> String {
        match self.tables.first() {
            Some((_, columns)) if !self.facts_are_the_answer => {
                let names = columns.iter().filter(|c| c.is_in(Format::Csv)).map(|c| &*c.name);
                names.collect::<Vec<_>>().join(",")
            }
            _ => "field,value".to_owned(),
        }
    }

    /// Everything of it that has a name.
    pub fn named_columns(&self) -> impl Iterator<Item = &Column> {
        self.facts
            .iter()
            .chain(self.tables.iter().flat_map(|(_, columns)| columns.iter()))
            .filter(|c| !c.name.is_empty())
    }
}

/// What every command answers. Growth is shown for two snapshots; it has as many columns as there are snapshots.
pub fn definitions() -> Vec<Definition> {
    let facts_first = |definition| Definition { facts_are_the_answer: true, ..definition };
    let rows = |columns: &'static [Column]| [("rows", columns)];
    vec![
        facts_first(Definition::new("info", &info::FACTS, &[("warnings", &info::WARNING_COLUMNS)])),
        Definition::new("summary", &classes::SUMMARY_FACTS, &rows(&classes::SUMMARY_COLUMNS)),
        Definition::new("instances", &objects::INSTANCES_FACTS, &rows(&OBJECT_COLUMNS)),
        Definition::new("statistics", &statistics::FACTS, &[]),
        Definition::new("comparison", &[], &rows(&comparison::COLUMNS)),
        Definition::new("comparison --with-changed", &[], &rows(&comparison::WITH_CHANGED_COLUMNS)),
        Definition::new("comparison --changed", &[], &rows(&comparison::CHANGED_COLUMNS)),
        Definition::new("comparison --objects", &comparison::OBJECTS_FACTS, &rows(&comparison::OBJECTS_COLUMNS)),
        Definition {
            facts: growth::facts(2).collect(),
            tables: vec![("rows", growth::columns(2).into())],
            ..Definition::new("growth", &[], &[])
        },
        Definition::new("side-by-side", &side_by_side::FACTS, &rows(&side_by_side::COLUMNS)),
        Definition::new("containment", &[], &rows(&tree::TREE_COLUMNS)),
        facts_first(Definition::new(
            "object",
            &object::FACTS,
            &[("fields", &tree::TREE_COLUMNS), ("allocation_stack", &allocations::STACK_COLUMNS)],
        )),
        Definition::new("retainers", &tree::ABOUT, &rows(&tree::TREE_COLUMNS)),
        Definition::new("path", &tree::ABOUT, &rows(&tree::TREE_COLUMNS)),
        Definition::new("path --all", &tree::LIMIT_FACTS, &rows(&tree::TREE_COLUMNS)),
        Definition::new("dominators", &[], &rows(&objects::DOMINATED_COLUMNS)),
        Definition::new("dominators @ID", &[], &[("chain", &OBJECT_COLUMNS), ("rows", &objects::DOMINATED_COLUMNS)]),
        Definition::new("search", &[], &rows(&OBJECT_COLUMNS)),
        Definition::new("duplicates", &[], &rows(&duplicates::COLUMNS)),
        Definition::new(
            "contexts",
            &contexts::FACTS,
            &[
                ("rows", &contexts::CONTEXT_COLUMNS),
                ("dead_fields", &contexts::FIELD_COLUMNS),
                ("scripts_without_scopes", &contexts::SCRIPT_COLUMNS),
            ],
        ),
        Definition::new("leaks", &[], &[("findings", &leaks::COLUMNS)]),
        Definition::new("paths", &paths::FACTS, &rows(&paths::COLUMNS)),
        Definition::new("check", &[], &[("budgets", &check::COLUMNS)]),
        Definition::new("why", &[], &[("paths", &why::COLUMNS)]),
        Definition::new("what-if", &classes::WHAT_IF_FACTS, &rows(&classes::WHAT_IF_COLUMNS)),
        Definition::new("allocations", &[], &rows(&allocations::COLUMNS)),
        profile_rows("profile", profile::Shape::Groups(By::Function), false),
        profile_rows("profile --by file", profile::Shape::Groups(By::File), false),
        profile_rows("profile --by package", profile::Shape::Groups(By::Package), false),
        profile_rows("profile --by tree", profile::Shape::Tree, false),
        profile_rows("profile --by bottom-up", profile::Shape::BottomUp, false),
        profile_rows("profile --base", profile::Shape::Groups(By::Function), true),
        Definition::new("allocations --samples", &[], &rows(&allocations::SAMPLE_COLUMNS)),
        Definition::new("sources", &sources::FACTS, &rows(&sources::COLUMNS)),
        Definition::new("sources BASE", &sources::FACTS, &rows(&sources::COMPARED_COLUMNS)),
        Definition::new("nodes", &[], &rows(&nodes::COLUMNS)),
        Definition::new("targets", &[], &rows(&targets::COLUMNS)),
    ]
}

/// What `profile` answers in one of its shapes.
fn profile_rows(command: &'static str, shape: profile::Shape, is_compared: bool) -> Definition {
    let rows = profile::columns(shape, true, is_compared);
    Definition { tables: vec![("rows", rows.into())], ..Definition::new(command, &profile::FACTS, &[]) }
}

/// What `command` answers: the plain command first, then what its arguments make of it.
pub fn of_command(command: &str) -> Vec<Definition> {
    let mut found = definitions();
    found.retain(|d| d.command.split(' ').next() == Some(command));
    found
}

/// What the names in the answers of `command` mean, for its help.
pub fn help(command: &str) -> String {
    let mut text = String::new();
    let definitions = of_command(command);
    for definition in &definitions {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let heading = if definitions.len() > 1 { format!(" of {}", definition.command) } else { String::new() };
        let _ = write!(text, "CSV{heading}: {}", definition.csv_header());
        let list = |text: &mut String, columns: &[Column]| {
            let named = || columns.iter().filter(|c| !c.name.is_empty());
            let width = named().map(|c| c.name.len()).max().unwrap_or(0);
            for column in named() {
                let _ = write!(text, "\n  {:width$}  {}", column.name, column.help);
            }
        };
        if !definition.facts.is_empty() {
            let _ = write!(text, "\nFacts:");
            list(&mut text, &definition.facts);
        }
        for (key, columns) in &definition.tables {
            let _ = write!(text, "\nColumns of {key}:");
            list(&mut text, columns);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_snake_case_unlike_each_other_and_explained() {
        for definition in definitions() {
            let command = definition.command;
            assert!(definition.named_columns().all(|c| !c.help.is_empty()), "{command}");
            let is_snake = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            for columns in std::iter::once(&definition.facts).chain(definition.tables.iter().map(|(_, c)| c)) {
                let mut names: Vec<&str> = columns.iter().map(|c| &*c.name).filter(|name| !name.is_empty()).collect();
                assert!(names.iter().all(|name| is_snake(name)), "{command}: {names:?}");
                let count = names.len();
                names.sort_unstable();
                names.dedup();
                assert_eq!(names.len(), count, "{command}: {names:?}");
            }
        }
    }
}
