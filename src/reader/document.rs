//! The top level of a snapshot file: which section stands where, and the whole put together.

use super::assemble;
use super::damage;
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
use crate::progress::Stage;

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

/// The sections without which there is nothing to show.
const ESSENTIAL: [&str; 4] = ["snapshot", "nodes", "edges", "strings"];

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
    if !input.text.is_empty() || input.trouble.is_none() {
        recognize::refuse_start(input.text, input.compression)?;
    }
    let begun = begin(input.text, Some(input.stage));
    let mut cursor = begun.map_err(|e| damage::explain(e, input, "nothing"))?;
    let header = match find_header(cursor.clone(), &mut warnings) {
        Ok(header) => header,
        Err(e) => {
            recognize::refuse_object(input.text, input.compression)?;
            return Err(damage::explain(e, input, "nothing"));
        }
    };
    input.check_memory(&header)?;
    let mut sections = Sections::default();
    match sections.read_all(input, &header, &mut cursor, Vec::new(), &mut warnings) {
        Ok(()) => check_trailing(&mut cursor, &mut warnings),
        Err(e @ ReadError::Malformed { .. }) if sections.has_essentials() => {
            let message = format!("everything that is needed was read, but after it something is wrong: {e}");
            warnings.push(Warning::incomplete("file", message));
        }
        Err(e) => return Err(damage::explain(e, input, &sections.whole())),
    }
    let _part = input.stage.part("Checking");
    let graph = assemble::assemble(input, &header, sections, &mut warnings)?;
    Ok((graph, warnings))
}

/// A cursor after the opening brace.
fn begin<'t>(text: &'t [u8], watch: Option<&'t Stage>) -> Result<Cursor<'t>, ReadError> {
    let mut cursor = Cursor { watch, ..Cursor::new(text, "file") };
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
    let literal = cursor.literal("the name of a section in double quotes")?;
    let key = strings::decode_key(&cursor.text[literal.start..literal.end]);
    cursor.expect(b':')?;
    Ok(Some(KNOWN.into_iter().find(|k| k.as_bytes() == key).unwrap_or("file")))
}

/// Passes the comma after a section, or stays before the closing brace.
fn next_section(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    cursor.section = "file";
    if cursor.eat(b',') || cursor.peek() == Some(b'}') {
        return Ok(());
    }
    Err(cursor.unexpected("`,` or `}` after a section"))
}

/// Reads the `snapshot` section, wherever it stands: everything else depends on it.
fn find_header(mut cursor: Cursor<'_>, warnings: &mut Vec<Warning>) -> Result<Header, ReadError> {
    while let Some(section) = next_key(&mut cursor)? {
        cursor.skip_white_space();
        let start = cursor.at;
        cursor.section = section;
        cursor.skip_value()?;
        if section == "snapshot" {
            return meta::read_header(&cursor.text[start..cursor.at], start, warnings);
        }
        next_section(&mut cursor)?;
    }
    Err(ReadError::inconsistent("snapshot", "the file has no such section, which every heap snapshot begins with"))
}

/// The header, if all of it stands in the beginning of a file.
pub(super) fn header_of_start(start: &[u8]) -> Option<Header> {
    find_header(begin(start, None).ok()?, &mut Vec::new()).ok()
}

/// The header, and where the first node stands, if that is what a file begins with.
pub(super) fn header_before_nodes(start: &[u8]) -> Option<(Header, usize)> {
    let mut cursor = begin(start, None).ok()?;
    let mut warnings = Vec::new();
    let header = find_header(cursor.clone(), &mut warnings).ok().filter(|_| warnings.is_empty())?;
    if next_key(&mut cursor).ok()? != Some("snapshot") {
        return None;
    }
    cursor.skip_value().ok()?;
    Some((header, cursor.at + start_of_next(&start[cursor.at..], "nodes")?))
}

/// Where the first element of the array `section` stands, if that is what comes after a section.
pub(super) fn start_of_next(text: &[u8], section: &str) -> Option<usize> {
    let mut cursor = Cursor::new(text, "file");
    next_section(&mut cursor).ok()?;
    (next_key(&mut cursor).ok()? == Some(section) && cursor.eat(b'[')).then_some(cursor.at)
}

/// Reads what follows the nodes and the edges, and puts all of it together.
pub(super) fn read_rest(
    input: &Input<'_>,
    header: &Header,
    mut sections: Sections,
    warnings: &mut Vec<Warning>,
) -> Result<HeapGraph, ReadError> {
    let mut cursor = Cursor { watch: Some(input.stage), ..Cursor::new(input.text, "file") };
    next_section(&mut cursor)?;
    sections.read_all(input, header, &mut cursor, vec!["snapshot", "nodes", "edges"], warnings)?;
    check_trailing(&mut cursor, warnings);
    let _part = input.stage.part("Checking");
    assemble::assemble(input, header, sections, warnings)
}

/// What stands after the snapshot is left alone, but not passed over in silence.
fn check_trailing(cursor: &mut Cursor<'_>, warnings: &mut Vec<Warning>) {
    let Some(next) = cursor.peek() else { return };
    let rest = cursor.text.len() - cursor.at;
    let what = if next == b'{' { "another JSON object, perhaps a second snapshot" } else { "something else" };
    let message = format!("the snapshot ends at byte {}; {what} of {rest} bytes follows and was ignored", cursor.at);
    warnings.push(Warning::new("file", message));
}

impl Sections {
    /// Reads section after section up to the closing brace, or up to damage in the strings. The
    /// sections in `seen` were read before.
    fn read_all(
        &mut self,
        input: &Input<'_>,
        header: &Header,
        cursor: &mut Cursor<'_>,
        mut seen: Vec<&'static str>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), ReadError> {
        while let Some(section) = next_key(cursor)? {
            cursor.section = section;
            let is_repeated = section != "file" && seen.contains(&section);
            if is_repeated {
                let message = format!("the section comes again at byte {}; the first one was used", cursor.at);
                warnings.push(Warning::new(section, message));
            }
            seen.push(section);
            if is_repeated {
                cursor.skip_value()?;
            } else {
                self.read_or_skip(section, input, header, cursor, warnings)?;
            }
            if self.strings.as_ref().is_some_and(|s| s.damage.is_some()) {
                cursor.at = cursor.text.len();
                return Ok(());
            }
            next_section(cursor)?;
        }
        Ok(())
    }

    /// Reads a section, or passes over it: because nobody asked for it, or because it is damaged,
    /// has an end all the same, and can be done without.
    fn read_or_skip(
        &mut self,
        section: &'static str,
        input: &Input<'_>,
        header: &Header,
        cursor: &mut Cursor<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), ReadError> {
        let start = cursor.clone();
        match self.read(section, input, header, cursor, warnings) {
            Ok(true) => Ok(()),
            Ok(false) => cursor.skip_value(),
            Err(e @ ReadError::Malformed { .. }) if !ESSENTIAL.contains(&section) => {
                *cursor = start;
                if cursor.skip_value().is_err() {
                    return Err(e);
                }
                warnings
                    .push(Warning::incomplete(section, format!("the section was left out, as it is damaged ({e})")));
                Ok(())
            }
            Err(e) => Err(e),
        }
    }

    fn has_essentials(&self) -> bool {
        self.nodes.is_some() && self.edges.is_some() && self.strings.is_some()
    }

    /// What was read so far, in words.
    fn whole(&self) -> String {
        let nodes = self.nodes.as_ref().map(|n| format!(", {} nodes", n.columns.kinds.len()));
        let edges = self.edges.as_ref().map(|e| format!(", {} edges", e.columns.targets.len()));
        let strings = self.strings.as_ref().map(|s| format!(", {} strings", s.len()));
        ["the header".into(), nodes.unwrap_or_default(), edges.unwrap_or_default(), strings.unwrap_or_default()]
            .concat()
    }

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
            if ESSENTIAL.contains(&section) {
                return Err(cursor.unexpected("`[`"));
            }
            warnings.push(Warning::new(section, "this is no array; the section was left out"));
            return Ok(false);
        }
        input.finished(0, cursor.at);
        let width = header.nodes.width;
        let _part = input.stage.part(match section {
            "nodes" => "Reading nodes",
            "edges" => "Reading edges",
            "strings" => "Reading strings",
            "locations" => "Reading locations",
            _ => "Reading the rest",
        });
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
                let highest = |highest: Option<u32>| highest.map_or(0, |name| name as usize + 1);
                let names = highest(self.nodes.as_ref().map(|n| n.max_name));
                let names = names.max(highest(self.edges.as_ref().map(|e| e.max_name)));
                let table = strings::read(input, cursor.at, names, warnings)?;
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
