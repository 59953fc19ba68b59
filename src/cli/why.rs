//! `why` and `what-if`: why an object is alive, and what would be freed if references went.

use super::args::ObjectId;
use super::open::OpenArgs;
use super::{CliError, OutputArgs, write, write_answer, write_text};
use crate::analysis::Heap;
use crate::analysis::naming::edge_names::edge_cell_text;
use crate::analysis::paths::why::min_cut::CutLimits;
use crate::analysis::paths::why::{Why, why};
use crate::analysis::removal::what_if::{Cut, what_if};
use crate::graph::{EdgeIndex, NodeIndex, NodeSet};
use crate::progress::Stage;
use crate::relation::{Format, catalog, tables};
use crate::text::Text;
use clap::Args;
use std::path::PathBuf;
use std::str::FromStr;

/// Tell why an object is alive: the path to it, other paths, and what it takes to free it
///
/// The path is the most natural one: by references of the program before those of the engine, then the shortest. Other
/// paths have no object between their ends in common with it; that no more were found does not mean that there are no
/// more. The smallest set of references that frees the object prefers those of the program to those of the engine, and
/// those to the roots' own; it is shown once as near to the object and once as near to the roots as there is one.
/// JSON: object; path and other_paths, lists of steps from the root, each with id, text, shallow_size, retained_size,
/// reference (to the next one), reference_of (program, engine or roots), weak_map_table and edge; has_more_paths;
/// weak_map_pairs, each with key and table; cuts, each with references (as steps), freed_count and freed_bytes;
/// cut_given_up if too many references lead to the object. CSV has the steps of all paths.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("why"))]
pub(super) struct WhyArgs {
    /// The snapshot
    file: PathBuf,
    /// The object's id
    id: ObjectId,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    open: OpenArgs,
}

impl WhyArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let object = self.id.find(&snapshot.heap)?;
        let why = why(&snapshot.heap, object, CutLimits::default(), &Stage::unwatched())?;
        let text = match self.format {
            Format::Table => why.to_text(),
            Format::Markdown => why.to_markdown(),
            Format::Json => json(&why)?,
            Format::Csv => return write(tables::why::why(&why), Format::Csv),
        };
        write_text(&text)
    }
}

fn json(why: &Why) -> Result<String, CliError> {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        command: &'static str,
        #[serde(flatten)]
        why: &'a Why,
    }
    let text = serde_json::to_string_pretty(&Document { command: "why", why });
    Ok(text.map_err(|e| CliError::Write(e.into()))? + "\n")
}

/// Show exactly what would be freed if objects or references were gone
///
/// Everything named goes at once, so what only several together would free counts too. Classes are the biggest first.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("what-if"))]
pub(super) struct WhatIfArgs {
    /// The snapshot
    file: PathBuf,
    /// An object to imagine gone, with all references to it; can be given several times
    #[arg(long, value_name = "ID", required_unless_present = "cut_reference")]
    cut: Vec<ObjectId>,
    /// A reference to imagine gone, by the object that refers and its name; can be given several times
    #[arg(
        long,
        value_name = "@ID.NAME",
        long_help = "A reference to imagine gone, by the object that refers and its name; can be given several times\n\n\
            @12.cache is the property, variable or internal reference cache of object @12, @12[3] its element 3."
    )]
    cut_reference: Vec<ReferenceName>,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// `@12.name` or `@12[3]`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ReferenceName {
    source: ObjectId,
    /// As the cell of a tree writes it: `name`, `[3]`.
    name: String,
    text: String,
}

impl FromStr for ReferenceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a reference such as @12.name or @12[3]".to_owned();
        let digits = text.strip_prefix('@').unwrap_or(text);
        let end = digits.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (id, rest) = digits.split_at(end);
        let name = match rest.strip_prefix('.') {
            Some(name) => name,
            None if rest.starts_with('[') && rest.ends_with(']') => rest,
            None => return Err(wrong()),
        };
        Ok(Self { source: id.parse()?, name: name.to_owned(), text: text.to_owned() })
    }
}

impl ReferenceName {
    /// All references of that object that are called so.
    fn find(&self, heap: &Heap) -> Result<Vec<EdgeIndex>, CliError> {
        let source = self.source.find(heap)?;
        let is_called = |e: &crate::graph::Edge| {
            let shown = edge_cell_text(&heap.graph, e);
            shown.as_text() == Text::from(self.name.as_str())
                || heap.graph.edge_string(e).is_some_and(|name| name == *self.name.as_str())
        };
        let edges: Vec<EdgeIndex> = heap.edges(source).filter(is_called).map(|e| e.index).collect();
        if edges.is_empty() {
            return Err(CliError::Usage(format!("the snapshot has no reference {}", self.text)));
        }
        Ok(edges)
    }
}

impl WhatIfArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let mut cut = Cut::default();
        for id in &self.cut {
            cut.objects.push(id.find(heap)?);
        }
        for name in &self.cut_reference {
            cut.references.extend(name.find(heap)?);
        }
        if cut.objects.contains(&heap.graph.root) {
            return Err(CliError::Usage("the root cannot be thought away".to_owned()));
        }
        let freed = what_if(heap, &cut, &Stage::unwatched())?;
        let mut nodes = NodeSet::new(heap.graph.node_count());
        freed.objects.iter().for_each(|&n: &NodeIndex| {
            nodes.insert(n);
        });
        let mut groups = heap.constructors(|n| nodes.contains(n), &Stage::unwatched())?;
        groups.sort_by_key(|g| std::cmp::Reverse(g.shallow_size));
        let count = freed.objects.len() as u64;
        let answer = tables::classes::what_if(heap, count, freed.bytes, groups);
        write_answer(answer, &self.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_by_name_and_by_number() {
        let read = |text: &str| text.parse::<ReferenceName>().map(|r| r.name);
        assert_eq!(read("@12.cache").as_deref(), Ok("cache"));
        assert_eq!(read("12.a.b").as_deref(), Ok("a.b"));
        assert_eq!(read("@12[3]").as_deref(), Ok("[3]"));
        for wrong in ["@12", "cache", "@12cache", "@.x", "@12[3"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
