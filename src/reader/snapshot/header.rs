//! The `snapshot` section: where each column stands, what type numbers mean, and what the file
//! says of its own size. It is small, so serde_json reads it.

use super::section::Section;
use crate::graph::{EdgeKind, NodeKind};
use crate::reader::error::{ReadError, Warning};
use crate::visible;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const SECTION: &str = Section::Snapshot.name();

/// No address space has as many bytes. Below it sizes can be added up without looking.
pub(super) const TOO_MANY_BYTES: u64 = 1 << 57;

/// The members of an object, values unread. Of several with the same key the last one counts, as
/// it does for every JSON parser that builds objects.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// What the `snapshot` section says.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) nodes: NodeLayout,
    pub(super) edges: EdgeLayout,
    /// As claimed; `None` where the file makes no usable claim.
    pub(super) node_count: Option<u64>,
    pub(super) edge_count: Option<u64>,
    /// Offset into the flat node array.
    pub(super) root_index: u64,
    pub(super) extra_native_bytes: u64,
    pub(super) has_extra_native_bytes: bool,
    pub(super) locations: Option<RowLayout<4>>,
    pub(super) samples: Option<RowLayout<2>>,
    pub(super) trace_functions: RowLayout<6>,
    pub(super) trace_nodes: RowLayout<5>,
    pub(super) scopes: Option<RowLayout<5>>,
    pub(super) scope_context_vars: RowLayout<1>,
    pub(super) scope_uses: RowLayout<2>,
}

/// Where the fields of a node stand.
#[derive(Debug, Clone)]
pub(super) struct NodeLayout {
    pub(super) width: usize,
    pub(super) kind: usize,
    pub(super) name: usize,
    pub(super) id: usize,
    pub(super) self_size: usize,
    pub(super) edge_count: usize,
    pub(super) detachedness: Option<usize>,
    pub(super) trace_node_id: Option<usize>,
    pub(super) types: NodeTypes,
}

/// Where the fields of an edge stand.
#[derive(Debug, Clone)]
pub(super) struct EdgeLayout {
    pub(super) width: usize,
    pub(super) kind: usize,
    pub(super) name_or_index: usize,
    pub(super) to_node: usize,
    /// Names by type number.
    pub(super) types: Vec<String>,
}

/// Rows of `width` numbers, `N` of them wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowLayout<const N: usize> {
    pub(super) width: usize,
    pub(super) at: [usize; N],
}

/// What the file's node type numbers mean.
#[derive(Debug, Clone)]
pub(super) struct NodeTypes {
    /// How many names the file lists.
    pub(super) listed: usize,
    /// The [`NodeKind`] of each number the file lists; [`NodeKind::UNNAMED`] where no byte was left.
    pub(super) kinds: Vec<u8>,
    /// Names of the kinds from [`NodeKind::FIRST_OTHER`] on.
    pub(super) others: Vec<String>,
}

/// How many kinds of other names there are bytes for.
const OTHER_KINDS: usize = (NodeKind::UNNAMED.0 - NodeKind::FIRST_OTHER) as usize;

impl NodeTypes {
    fn new(names: &[String]) -> Self {
        let mut types = Self { listed: names.len(), kinds: Vec::with_capacity(names.len() + 1), others: Vec::new() };
        for name in names {
            let kind = NodeKind::from_name(name).unwrap_or_else(|| types.other(name));
            types.kinds.push(kind.0);
        }
        // Node 0.12 to 8 list twelve names and write 12 for symbols.
        if names.len() == 12 {
            types.kinds.push(NodeKind::SYMBOL.0);
        }
        types
    }

    /// The kind of nodes whose type is `number`, which is past the end of the list.
    pub(super) fn of_unlisted(&mut self, number: u32) -> NodeKind {
        if (number as usize) < self.kinds.len() { NodeKind::UNNAMED } else { self.other(&format!("type {number}")) }
    }

    /// The kind called `name`, which is none of the well-known ones.
    fn other(&mut self, name: &str) -> NodeKind {
        let i = self.others.iter().position(|o| o == name).unwrap_or_else(|| {
            if self.others.len() < OTHER_KINDS {
                self.others.push(name.to_owned());
                self.others.len() - 1
            } else {
                OTHER_KINDS
            }
        });
        NodeKind(NodeKind::FIRST_OTHER + u8::try_from(i).unwrap_or(u8::MAX - NodeKind::FIRST_OTHER))
    }
}

impl EdgeLayout {
    /// The kind of edges whose type is `number`.
    pub(super) fn kind_of(&self, number: u32) -> EdgeKind {
        self.types.get(number as usize).and_then(|name| EdgeKind::from_name(name)).unwrap_or(EdgeKind::Other)
    }

    /// What edges of type `number` are called.
    pub(super) fn name_of(&self, number: u32) -> String {
        self.types.get(number as usize).cloned().unwrap_or_else(|| format!("type {number}"))
    }
}

/// Reads the `snapshot` value, which stands at byte `offset` of the file.
pub(super) fn read_header(text: &[u8], offset: usize, warnings: &mut Vec<Warning>) -> Result<Header, ReadError> {
    let text = String::from_utf8_lossy(text);
    let members = object(&text).map_err(|e| ReadError::Malformed {
        section: SECTION,
        offset: (offset + position(&text, &e)) as u64,
        expected: "a JSON object".into(),
        found: format!("an error ({})", reason(&e)),
        hint: String::new(),
    })?;
    let meta = members.get("meta").and_then(|raw| object(raw.get()).ok()).ok_or_else(|| {
        ReadError::inconsistent(SECTION, "there is no `meta` object, which says how to read the rest")
    })?;
    let mut header = Header {
        nodes: node_layout(&meta, warnings)?,
        edges: edge_layout(&meta, warnings)?,
        node_count: count(&members, "node_count", warnings),
        edge_count: count(&members, "edge_count", warnings),
        root_index: 0,
        extra_native_bytes: 0,
        has_extra_native_bytes: members.contains_key("extra_native_bytes"),
        locations: rows(&meta, "location_fields", ["object_index", "script_id", "line", "column"], warnings),
        samples: rows(&meta, "sample_fields", ["timestamp_us", "last_assigned_id"], warnings),
        trace_functions: rows(&meta, "trace_function_info_fields", TRACE_FUNCTION_FIELDS, warnings)
            .unwrap_or(RowLayout::in_order()),
        trace_nodes: rows(&meta, "trace_node_fields", TRACE_NODE_FIELDS, warnings).unwrap_or(RowLayout::in_order()),
        scopes: rows(&meta, "scope_fields", SCOPE_FIELDS, warnings),
        scope_context_vars: rows(&meta, "scope_context_var_fields", ["name"], warnings)
            .unwrap_or(RowLayout::in_order()),
        scope_uses: rows(&meta, "scope_use_fields", ["declaring_scope_id", "slot_index"], warnings)
            .unwrap_or(RowLayout::in_order()),
    };
    if members.contains_key("root_index") {
        header.root_index = count(&members, "root_index", warnings).unwrap_or(0);
    }
    if header.has_extra_native_bytes {
        let bytes = count(&members, "extra_native_bytes", warnings).unwrap_or(0);
        header.extra_native_bytes = bytes.min(TOO_MANY_BYTES);
        if bytes > TOO_MANY_BYTES {
            let message =
                format!("extra_native_bytes is {bytes}; no process has more than 2^57, which was taken for it");
            warnings.push(Warning::new(SECTION, message));
        }
    }
    Ok(header)
}

const TRACE_FUNCTION_FIELDS: [&str; 6] = ["function_id", "name", "script_name", "script_id", "line", "column"];
const TRACE_NODE_FIELDS: [&str; 5] = ["id", "function_info_index", "count", "size", "children"];
const SCOPE_FIELDS: [&str; 5] =
    ["script_node_index", "scope_id", "depth", "scope_context_vars_count", "scope_uses_count"];

impl<const N: usize> RowLayout<N> {
    /// Every field where V8 has it.
    fn in_order() -> Self {
        Self { width: N, at: std::array::from_fn(|i| i) }
    }
}

fn object(text: &str) -> Result<Members<'_>, serde_json::Error> {
    serde_json::from_str(text)
}

/// Where in `text` serde_json stopped.
fn position(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}

/// serde_json's reason without its line and column, which mean nothing in a file of one line.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// A member that must be a whole number, or `None` with a warning.
fn count(members: &Members<'_>, key: &str, warnings: &mut Vec<Warning>) -> Option<u64> {
    let found = match members.get(key) {
        Some(raw) => match u64::deserialize(*raw) {
            Ok(n) => return Some(n),
            Err(_) => shortened(raw.get()),
        },
        None => "missing".into(),
    };
    warnings.push(Warning::new(SECTION, format!("{key} is {found}, not a whole number; it was ignored")));
    None
}

/// At most forty characters of `text`, on one line.
fn shortened(text: &str) -> String {
    let shown = match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    visible::one_line(&shown).into_owned()
}

/// The list of field names under `key`.
fn fields(meta: &Members<'_>, key: &str) -> Option<Vec<String>> {
    let list: Vec<serde_json::Value> = serde_json::from_str(meta.get(key)?.get()).ok()?;
    Some(list.iter().map(|v| v.as_str().unwrap_or_default().to_owned()).collect())
}

/// The type names under `key`: the first entry of a list.
fn types(meta: &Members<'_>, key: &str, warnings: &mut Vec<Warning>) -> Vec<String> {
    let names = meta
        .get(key)
        .and_then(|raw| serde_json::from_str::<Vec<serde_json::Value>>(raw.get()).ok())
        .and_then(|list| Some(list.first()?.as_array()?.iter().map(type_name).collect::<Vec<_>>()))
        .unwrap_or_default();
    if names.is_empty() {
        warnings.push(Warning::new(SECTION, format!("meta.{key} names no types, so they are shown as numbers")));
    }
    names
}

fn type_name(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The names of the fields of a row, which meta must list.
struct Fields {
    key: &'static str,
    names: Vec<String>,
}

impl Fields {
    fn required(meta: &Members<'_>, key: &'static str) -> Result<Self, ReadError> {
        let names = fields(meta, key).ok_or_else(|| {
            ReadError::inconsistent(SECTION, format!("meta has no list `{key}`, so the numbers cannot be told apart"))
        })?;
        Ok(Self { key, names })
    }

    fn at(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|f| f == name)
    }

    fn required_at(&self, name: &str) -> Result<usize, ReadError> {
        self.at(name).ok_or_else(|| {
            let Self { key, names } = self;
            let there = visible::shortened(&names.join(", "), 200).into_owned();
            ReadError::inconsistent(SECTION, format!("meta.{key} has no `{name}`, only {}", visible::one_line(&there)))
        })
    }
}

fn node_layout(meta: &Members<'_>, warnings: &mut Vec<Warning>) -> Result<NodeLayout, ReadError> {
    let fields = Fields::required(meta, "node_fields")?;
    Ok(NodeLayout {
        width: fields.names.len(),
        kind: fields.required_at("type")?,
        name: fields.required_at("name")?,
        id: fields.required_at("id")?,
        self_size: fields.required_at("self_size")?,
        edge_count: fields.required_at("edge_count")?,
        detachedness: fields.at("detachedness"),
        trace_node_id: fields.at("trace_node_id"),
        types: NodeTypes::new(&types(meta, "node_types", warnings)),
    })
}

fn edge_layout(meta: &Members<'_>, warnings: &mut Vec<Warning>) -> Result<EdgeLayout, ReadError> {
    let fields = Fields::required(meta, "edge_fields")?;
    Ok(EdgeLayout {
        width: fields.names.len(),
        kind: fields.required_at("type")?,
        name_or_index: fields.required_at("name_or_index")?,
        to_node: fields.required_at("to_node")?,
        types: types(meta, "edge_types", warnings),
    })
}

/// The layout of an optional section; `None` where meta does not describe it.
fn rows<const N: usize>(
    meta: &Members<'_>,
    key: &'static str,
    wanted: [&str; N],
    warnings: &mut Vec<Warning>,
) -> Option<RowLayout<N>> {
    let list = fields(meta, key)?;
    let mut at = [0; N];
    for (at, name) in at.iter_mut().zip(wanted) {
        let Some(i) = list.iter().position(|f| f == name) else {
            warnings.push(Warning::new(SECTION, format!("meta.{key} has no `{name}`; that section was left out")));
            return None;
        };
        *at = i;
    }
    Some(RowLayout { width: list.len(), at })
}
