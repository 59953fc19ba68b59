//! The sections of a snapshot as they are read, one after the other, in whatever order they come.

use super::edges::{self, Edges};
use super::header::Header;
use super::keys::{Key, next_key, next_section};
use super::locations::{self, LocationList};
use super::nodes::{self, Nodes};
use super::section::Section;
use super::small;
use super::strings;
use crate::graph::{Sample, Scope, StringIndex, TraceFunction, TraceNode};
use crate::reader::error::{ReadError, Warning};
use crate::reader::input::Input;
use crate::reader::json::Cursor;

/// What was read so far, section by section.
#[derive(Debug, Default)]
pub(super) struct Parts {
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

impl Parts {
    /// Reads section after section up to the closing brace, or up to damage in the strings. The
    /// sections in `seen` were read before.
    pub(super) fn read_all(
        &mut self,
        input: &Input<'_>,
        header: &Header,
        cursor: &mut Cursor<'_>,
        mut seen: Vec<Section>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), ReadError> {
        loop {
            match next_key(cursor)? {
                Key::End => return Ok(()),
                Key::Unknown => cursor.skip_value()?,
                Key::Section(section) => {
                    cursor.section = section.name();
                    if seen.contains(&section) {
                        let at = cursor.base + cursor.at;
                        let message = format!("the section comes again at byte {at}; the first one was used");
                        warnings.push(Warning::new(section.name(), message));
                        cursor.skip_value()?;
                    } else {
                        seen.push(section);
                        self.read_or_skip(section, input, header, cursor, warnings)?;
                    }
                }
            }
            if self.strings.as_ref().is_some_and(|s| s.damage.is_some()) {
                cursor.at = cursor.text.len();
                return Ok(());
            }
            next_section(cursor)?;
        }
    }

    /// Reads a section, or passes over it: because nobody asked for it, or because it is damaged,
    /// has an end all the same, and can be done without.
    fn read_or_skip(
        &mut self,
        section: Section,
        input: &Input<'_>,
        header: &Header,
        cursor: &mut Cursor<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), ReadError> {
        let start = cursor.clone();
        match self.read(section, input, header, cursor, warnings) {
            Ok(true) => Ok(()),
            Ok(false) => cursor.skip_value(),
            Err(e @ ReadError::Malformed { .. }) if !section.is_essential() => {
                *cursor = start;
                if cursor.skip_value().is_err() {
                    return Err(e);
                }
                warnings.push(Warning::incomplete(
                    section.name(),
                    format!("the section was left out, as it is damaged ({e})"),
                ));
                Ok(())
            }
            Err(e) => Err(e),
        }
    }

    /// Whether what is needed to show anything was read.
    pub(super) fn has_essentials(&self) -> bool {
        self.nodes.is_some() && self.edges.is_some() && self.strings.is_some()
    }

    /// What was read so far, in words.
    pub(super) fn whole(&self) -> String {
        let nodes = self.nodes.as_ref().map(|n| format!(", {} nodes", n.columns.kinds.len()));
        let edges = self.edges.as_ref().map(|e| format!(", {} edges", e.columns.targets.len()));
        let strings = self.strings.as_ref().map(|s| format!(", {} strings", s.len()));
        ["the header".into(), nodes.unwrap_or_default(), edges.unwrap_or_default(), strings.unwrap_or_default()]
            .concat()
    }

    /// Reads one section, if it is one that is wanted and an array; false if it is to be skipped.
    fn read(
        &mut self,
        section: Section,
        input: &Input<'_>,
        header: &Header,
        cursor: &mut Cursor<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<bool, ReadError> {
        let is_wanted = match section {
            Section::Snapshot => false,
            Section::Samples => header.samples.is_some(),
            Section::Locations => header.locations.is_some(),
            Section::Scopes => header.scopes.is_some(),
            _ => true,
        };
        if !is_wanted {
            return Ok(false);
        }
        if !cursor.eat(b'[') {
            if section.is_essential() {
                return Err(cursor.unexpected("`[`"));
            }
            warnings.push(Warning::new(section.name(), "this is not an array; the section was left out"));
            return Ok(false);
        }
        input.finished(0, cursor.at);
        let width = header.nodes.width;
        let _part = input.stage.part(section.stage());
        match section {
            Section::Snapshot => {}
            Section::Nodes => {
                let (nodes, end) = nodes::read(input, cursor.at, header, warnings)?;
                self.nodes = Some(nodes);
                cursor.at = end;
            }
            Section::Edges => {
                let (edges, end) = edges::read(input, cursor.at, header, warnings)?;
                self.edges = Some(edges);
                cursor.at = end;
            }
            Section::Strings => {
                let highest = |highest: Option<u32>| highest.map_or(0, |name| name as usize + 1);
                let names = highest(self.nodes.as_ref().map(|n| n.max_name));
                let names = names.max(highest(self.edges.as_ref().map(|e| e.max_name)));
                let table = strings::read(input, cursor.at, names, warnings)?;
                cursor.at = table.end;
                self.strings = Some(table);
            }
            Section::TraceFunctionInfos => {
                self.trace_functions = small::read_trace_functions(input, cursor, &header.trace_functions, warnings)?;
            }
            Section::TraceTree => {
                self.trace_nodes = small::read_trace_tree(input, cursor, &header.trace_nodes, warnings)?;
            }
            Section::ScopeContextVars => {
                self.scope_context_vars =
                    small::read_scope_context_vars(input, cursor, &header.scope_context_vars, warnings)?;
            }
            Section::ScopeUses => {
                self.scope_uses = small::read_scope_uses(input, cursor, &header.scope_uses, warnings)?;
            }
            Section::Samples => {
                if let Some(layout) = &header.samples {
                    self.samples = small::read_samples(input, cursor, layout, warnings)?;
                }
            }
            Section::Locations => {
                if let Some(layout) = &header.locations {
                    self.locations = locations::read(input, cursor, layout, width, warnings)?;
                }
            }
            Section::Scopes => {
                if let Some(layout) = &header.scopes {
                    self.scopes = small::read_scopes(input, cursor, layout, width, warnings)?;
                }
            }
        }
        Ok(true)
    }
}
