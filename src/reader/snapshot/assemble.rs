//! The sections put together: every index is checked against what it points into, so that nothing
//! after the reader has to.

use super::chunks::RowArray;
use super::header::Header;
use super::locations::LocationList;
use super::parts::Parts;
use super::section::Section;
use super::strings::Damage;
use crate::graph::{EdgeKind, HeapGraph, Locations, NodeIndex, Scopes, StringIndex};
use crate::reader::error::{ReadError, Warning};
use crate::reader::input::Input;

/// Shown where a name was lost.
const LOST_NAME: &str = "(name lost)";

/// Makes the graph, or says which number points nowhere.
pub(super) fn assemble(
    input: &Input<'_>,
    header: &Header,
    sections: Parts,
    warnings: &mut Vec<Warning>,
) -> Result<HeapGraph, ReadError> {
    let missing =
        |section| ReadError::inconsistent(section, "the file has no such section, and nothing can be shown without it");
    let mut nodes = sections.nodes.ok_or_else(|| missing("nodes"))?;
    let mut edges = sections.edges.ok_or_else(|| missing("edges"))?;
    let table = sections.strings.ok_or_else(|| missing("strings"))?;
    let array = |section, row_name, start: Option<usize>, width| Checked {
        array: RowArray { input, section, row_name, start: start.unwrap_or(0), width },
        has_text: start.is_some(),
    };
    let node_array = array(Section::Nodes, "node", nodes.start, header.nodes.width);
    let edge_array = array(Section::Edges, "edge", edges.start, header.edges.width);
    let node_count = nodes.columns.kinds.len();

    if edges.max_target as usize >= node_count {
        let limit = node_count as u64 * header.nodes.width as u64;
        let field = header.edges.to_node;
        let expected = format!("a to_node below {limit} (there are {node_count} nodes)");
        return Err(edge_array.first_error(expected, |row| (row[field] >= limit).then_some(field)));
    }
    let known = table.len();
    if table.damage.is_none() {
        let expected = format!("the index of one of the {known} strings");
        if nodes.max_name as usize >= known {
            let field = header.nodes.name;
            return Err(node_array.first_error(expected, |row| (row[field] >= known as u64).then_some(field)));
        }
        if edges.max_name as usize >= known {
            let field = header.edges.name_or_index;
            return Err(edge_array.first_error(expected, |row| {
                let kind = u32::try_from(row[header.edges.kind]).map_or(EdgeKind::Other, |k| header.edges.kind_of(k));
                let is_name = !kind.is_numbered() && kind != EdgeKind::Other;
                (is_name && row[field] >= known as u64).then_some(field)
            }));
        }
    }

    // From here on a name past the table is an oddity of an optional part, or lost with the end of
    // the file: one more string stands for all of them.
    let lost = u32::try_from(known).unwrap_or(u32::MAX);
    let mut lost_names = 0usize;
    let mut check = |name: &mut u32| {
        if *name >= lost {
            *name = lost;
            lost_names += 1;
        }
    };
    if table.damage.is_some() {
        (0..node_count).for_each(|n| nodes.columns.names.change(n, &mut check));
        let words = (0..).zip(&edges.columns.targets);
        let named = words.filter(|(_, word)| !word.kind().is_numbered());
        named.for_each(|(edge, _)| edges.columns.names.change(edge, &mut check));
    }
    for (edge, _) in &edges.columns.other {
        edges.columns.names.change(*edge as usize, &mut check);
    }
    let mut functions = sections.trace_functions;
    for function in &mut functions {
        check(&mut function.name.0);
        check(&mut function.script_name.0);
    }
    let mut context_vars = sections.scope_context_vars;
    context_vars.iter_mut().for_each(|StringIndex(name)| check(name));
    if let Some(Damage { at, found }) = &table.damage {
        let message = format!(
            "after {known} strings there is {found} at byte {at}; the names from there on are lost: \
             {lost_names} objects and references are shown as {LOST_NAME}"
        );
        warnings.push(Warning::incomplete("strings", message));
    } else if lost_names > 0 {
        let message = format!("{lost_names} names point past the {known} strings; shown as {LOST_NAME}");
        warnings.push(Warning::new("strings", message));
    }

    let LocationList { entries: mut located, places } = sections.locations;
    let listed = located.len();
    located.retain(|l| l.0.at() < node_count);
    if located.len() < listed {
        let message = format!("{} locations are of nodes past the last; they were left out", listed - located.len());
        warnings.push(Warning::new("locations", message));
    }
    sum_edge_counts(&mut nodes.columns.first_edge, edges.columns.targets.len(), warnings)?;
    let mut scopes = sections.scopes.map(|scopes| Scopes { scopes, context_vars, uses: sections.scope_uses });
    if scopes.as_ref().is_some_and(|s| s.scopes.iter().any(|scope| scope.script.at() >= node_count)) {
        warnings.push(Warning::new("scopes", "a scope is of a script past the last node; all scopes were left out"));
        scopes = None;
    }
    Ok(HeapGraph {
        nodes: nodes.columns,
        edges: edges.columns,
        strings: table.finish((lost_names > 0).then_some(LOST_NAME)),
        other_node_kinds: nodes.other_kinds,
        root: root(header, node_count)?,
        extra_native_bytes: header.extra_native_bytes,
        locations: Locations::new(located, &places),
        is_timeline: !sections.samples.is_empty(),
        samples: sections.samples,
        trace_functions: functions,
        trace_nodes: sections.trace_nodes,
        scopes,
    })
}

/// Turns edge counts, which stand from entry 1 on, into offsets.
fn sum_edge_counts(first_edge: &mut [u32], edge_count: usize, warnings: &mut Vec<Warning>) -> Result<(), ReadError> {
    let mut sum = 0u64;
    for first in first_edge.iter_mut() {
        sum += u64::from(*first);
        // Past 2^32 the sum is more than the edges, and nothing of this is used.
        *first = u32::try_from(sum).unwrap_or(u32::MAX);
    }
    let Ok(edges) = u32::try_from(edge_count) else {
        return Err(ReadError::TooLarge(format!("{edge_count} edges are more than this program can hold")));
    };
    if sum > u64::from(edges) {
        let problem = format!("the nodes' edge counts add up to {sum}, but there are only {edges} edges");
        return Err(ReadError::inconsistent("nodes", problem));
    }
    if sum < u64::from(edges) {
        let message = format!(
            "the nodes' edge counts add up to {sum}, but there are {edges} edges; \
             the rest were given to the last node, as DevTools does"
        );
        warnings.push(Warning::new("nodes", message));
    }
    if let Some(last) = first_edge.last_mut() {
        *last = edges;
    }
    Ok(())
}

/// The root, from its offset in the flat array.
fn root(header: &Header, node_count: usize) -> Result<NodeIndex, ReadError> {
    let (offset, width) = (header.root_index, header.nodes.width as u64);
    let node =
        u32::try_from(offset / width).ok().filter(|&n| offset.is_multiple_of(width) && (n as usize) < node_count);
    node.map(NodeIndex).ok_or_else(|| {
        let problem = format!("root_index is {offset}, where none of the {node_count} nodes of {width} numbers begins");
        ReadError::inconsistent("snapshot", problem)
    })
}

/// An array in which a number points nowhere.
struct Checked<'i> {
    array: RowArray<'i>,
    /// Whether the text is there that it was read from.
    has_text: bool,
}

impl Checked<'_> {
    /// The error for the first row for which `is_bad` names a field, where something else was `expected`.
    fn first_error(&self, expected: String, is_bad: impl Fn(&[u64]) -> Option<usize> + Sync) -> ReadError {
        let RowArray { input, section, row_name, .. } = self.array;
        let section = section.name();
        let bad = match self.has_text {
            true => self.array.first_row(|row| is_bad(row).map(|field| (field, ()))),
            false => Ok(None),
        };
        match bad {
            Err(e) => e,
            Ok(Some((at, ()))) => input.cursor(section).unexpected_at(at, expected),
            Ok(None) => ReadError::inconsistent(section, format!("a number of one {row_name} is not {expected}")),
        }
    }
}
