//! The top level of a snapshot file: which section stands where, and the whole put together.

use super::assemble;
use super::edges::{self, Edges};
use super::error::{ReadError, Warning};
use super::input::Input;
use super::locations::{self, LocationList};
use super::meta::{self, Header};
use super::nodes::{self, Nodes};
use super::recognize;
use super::scan::Cursor;
use super::sections;
use super::strings;
use crate::graph::{HeapGraph, Sample, Scope, StringIndex, TraceFunction, TraceNode};

/// What was read so far, section by section.
#[derive(Debug, Default)]
pub(super) struct Sections {
    pub(super) nodes: Option<Nodes>,
    pub(super) edges: Option<Edges>,
    pub(super) strings: Option<strings::Table>,
    pub(super) locations: LocationList,
    pub(super) samples: Vec<Sample>,
    pub(super) trace_functions: Vec<TraceFunction>,
    pub(super) trace_nodes: Vec<TraceNode>,
    pub(super) scopes: Option<Vec<Scope>>,
    pub(super) scope_context_vars: Vec<StringIndex>,
    pub(super) scope_uses: Vec<(i64, i64)>,
}

/// The sections this program reads, and the name of everything else in errors.
const KNOWN: [&str; 11] = [
    "snapshot",
    "nodes",
    "edges",
    "trace_function_infos",
    "trace_tree",
    "samples",
    "locations",
    "scopes",
    "scope_context_vars",
    "scope_uses",
    "strings",
];

/// Reads a whole snapshot.
pub(super) fn read(input: &Input<'_>) -> Result<(HeapGraph, Vec<Warning>), ReadError> {
    let mut warnings = Vec::new();
    recognize::refuse_start(input.text, input.compression)?;
    let header = match find_header(input.text, &mut warnings) {
        Ok(header) => header,
        Err(e) => {
            recognize::refuse_object(input.text, input.compression)?;
            return Err(e);
        }
    };
    input.check_memory(&header)?;
    let mut sections = Sections::default();
    let mut cursor = begin(input.text)?;
    let mut seen = Vec::new();
    while let Some(section) = next_key(&mut cursor)? {
        cursor.section = section;
        let is_repeated = section != "file" && seen.contains(&section);
        if is_repeated {
            let message = format!("the section comes again at byte {}; the first one was used", cursor.at);
            warnings.push(Warning::new(section, message));
        }
        seen.push(section);
        if is_repeated || !sections.read(section, input, &header, &mut cursor, &mut warnings)? {
            cursor.skip_value()?;
        }
        cursor.section = "file";
        if sections.strings.as_ref().is_some_and(|s| s.damage.is_some()) {
            break;
        }
        if !cursor.eat(b',') && cursor.peek() != Some(b'}') {
            return Err(cursor.unexpected("`,` or `}` after a section"));
        }
    }
    check_trailing(&mut cursor, &mut warnings);
    let graph = assemble::assemble(input, &header, sections, &mut warnings)?;
    Ok((graph, warnings))
}

/// A cursor after the opening brace.
fn begin(text: &[u8]) -> Result<Cursor<'_>, ReadError> {
    let mut cursor = Cursor::new(text, "file");
    cursor.skip_byte_order_mark();
    cursor.expect(b'{')?;
    Ok(cursor)
}

/// The next top-level key, with the cursor before its value; `None` after the closing brace.
/// Unknown ones are called "file".
fn next_key(cursor: &mut Cursor<'_>) -> Result<Option<&'static str>, ReadError> {
    if cursor.eat(b'}') {
        return Ok(None);
    }
    let literal = cursor.literal("a section's name")?;
    let key = strings::decode_key(&cursor.text[literal.start..literal.end]);
    cursor.expect(b':')?;
    Ok(Some(KNOWN.into_iter().find(|k| k.as_bytes() == key).unwrap_or("file")))
}

/// Reads the `snapshot` section, wherever it stands: everything else depends on it.
fn find_header(text: &[u8], warnings: &mut Vec<Warning>) -> Result<Header, ReadError> {
    let mut cursor = begin(text)?;
    while let Some(section) = next_key(&mut cursor)? {
        cursor.skip_white_space();
        let start = cursor.at;
        cursor.section = section;
        cursor.skip_value()?;
        if section == "snapshot" {
            return meta::read_header(&cursor.text[start..cursor.at], start, warnings);
        }
        cursor.section = "file";
        if !cursor.eat(b',') && cursor.peek() != Some(b'}') {
            return Err(cursor.unexpected("`,` or `}` after a section"));
        }
    }
    Err(ReadError::inconsistent("snapshot", "the file has no such section, which every heap snapshot begins with"))
}

/// The header, if all of it stands in the beginning of a file.
pub(super) fn header_of_start(start: &[u8]) -> Option<Header> {
    find_header(start, &mut Vec::new()).ok()
}

/// What stands after the snapshot is left alone, but not passed over in silence.
fn check_trailing(cursor: &mut Cursor<'_>, warnings: &mut Vec<Warning>) {
    let Some(next) = cursor.peek() else { return };
    let rest = cursor.text.len() - cursor.at;
    let what = if next == b'{' { "another JSON object, perhaps a second snapshot," } else { "something else" };
    let message = format!("the snapshot ends at byte {}; {what} of {rest} bytes follows and was ignored", cursor.at);
    warnings.push(Warning::new("file", message));
}

impl Sections {
    /// Reads one section, if it is one that is wanted and an array; false if it is to be skipped.
    fn read(
        &mut self,
        section: &'static str,
        input: &Input<'_>,
        header: &Header,
        cursor: &mut Cursor<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<bool, ReadError> {
        let is_wanted = match section {
            "file" | "snapshot" => false,
            "samples" => header.samples.is_some(),
            "locations" => header.locations.is_some(),
            "scopes" => header.scopes.is_some(),
            _ => true,
        };
        if !is_wanted {
            return Ok(false);
        }
        if !cursor.eat(b'[') {
            if matches!(section, "nodes" | "edges" | "strings") {
                return Err(cursor.unexpected("`[`"));
            }
            warnings.push(Warning::new(section, "this is no array; the section was left out"));
            return Ok(false);
        }
        input.finished(0, cursor.at);
        let width = header.nodes.width;
        match section {
            "nodes" => {
                let (nodes, end) = nodes::read(input, cursor.at, header, warnings)?;
                self.nodes = Some(nodes);
                cursor.at = end;
            }
            "edges" => {
                let (edges, end) = edges::read(input, cursor.at, header, warnings)?;
                self.edges = Some(edges);
                cursor.at = end;
            }
            "strings" => {
                let table = strings::read(input, cursor.at, warnings)?;
                cursor.at = table.end;
                self.strings = Some(table);
            }
            "trace_function_infos" => {
                self.trace_functions =
                    sections::read_trace_functions(input, cursor, &header.trace_functions, warnings)?;
            }
            "trace_tree" => self.trace_nodes = sections::read_trace_tree(input, cursor, &header.trace_nodes, warnings)?,
            "scope_context_vars" => {
                self.scope_context_vars =
                    sections::read_scope_context_vars(input, cursor, &header.scope_context_vars, warnings)?;
            }
            "scope_uses" => self.scope_uses = sections::read_scope_uses(input, cursor, &header.scope_uses, warnings)?,
            _ => match (section, &header.samples, &header.locations, &header.scopes) {
                ("samples", Some(layout), _, _) => {
                    self.samples = sections::read_samples(input, cursor, layout, warnings)?;
                }
                ("locations", _, Some(layout), _) => {
                    self.locations = locations::read(input, cursor, layout, width, warnings)?;
                }
                ("scopes", _, _, Some(layout)) => {
                    self.scopes = sections::read_scopes(input, cursor, layout, width, warnings)?;
                }
                _ => {}
            },
        }
        Ok(true)
    }
}
