//! Finding objects by name or id.

use crate::analysis::Heap;
use crate::graph::{NodeId, NodeIndex, NodeSet, StringSet};
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextCow};
use regex::bytes::{Regex, RegexBuilder};

/// What is looked for.
#[derive(Debug, Clone)]
pub enum Query {
    /// The object with this id, wherever it is.
    Id(NodeId),
    /// Objects whose displayed names hold this text.
    Text(TextQuery),
    /// Objects whose displayed names this expression finds something in.
    Regex(Regex),
}

/// How letters and expressions are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueryOptions {
    /// Capitals matter.
    pub case_sensitive: bool,
    /// The query is an expression.
    pub regex: bool,
}

/// A text to find in names.
#[derive(Debug, Clone)]
pub enum TextQuery {
    /// As it stands.
    Exact(Vec<u8>),
    /// ASCII only, capitals or not.
    Ascii(Regex),
    /// Folded, to be found in folded names.
    Folded(Vec<u32>),
}

impl Query {
    /// Understands `@123` and, by `options`, everything else; spaces around it do not count.
    pub fn parse(query: &str, options: QueryOptions) -> Result<Self, regex::Error> {
        let query = query.trim();
        let id = query.strip_prefix('@').and_then(|rest| Text::from(rest).parse_int());
        if let Some(id) = id.filter(|id| (0.0..=f64::from(u32::MAX)).contains(id)) {
            return Ok(Self::Id(NodeId(id as u32)));
        }
        if options.regex {
            let regex = RegexBuilder::new(query).case_insensitive(!options.case_sensitive).build()?;
            return Ok(Self::Regex(regex));
        }
        Ok(Self::Text(if options.case_sensitive {
            TextQuery::Exact(query.as_bytes().to_vec())
        } else if query.is_ascii() {
            // Nothing else folds to an ASCII letter, so that whole names need no folding.
            TextQuery::Ascii(RegexBuilder::new(&regex::escape(query)).case_insensitive(true).unicode(false).build()?)
        } else {
            TextQuery::Folded(folded(Text::from(query)).collect())
        }))
    }

    /// What of `text` made it be found, as a range of its bytes.
    pub fn match_in(&self, text: &str) -> Option<std::ops::Range<usize>> {
        let range = match self {
            Self::Id(_) => return None,
            Self::Regex(regex) | Self::Text(TextQuery::Ascii(regex)) => regex.find(text.as_bytes())?.range(),
            Self::Text(TextQuery::Exact(part)) => {
                let at = text.as_bytes().windows(part.len().max(1)).position(|w| w == part)?;
                at..at + part.len()
            }
            Self::Text(TextQuery::Folded(part)) => {
                let all: Vec<u32> = folded(Text::from(text)).collect();
                let at = all.windows(part.len().max(1)).position(|w| w == part)?;
                let start = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
                start(at)..start(at + part.len())
            }
        };
        (text.is_char_boundary(range.start) && text.is_char_boundary(range.end)).then_some(range)
    }

    fn accepts(&self, name: Text<'_>) -> bool {
        match self {
            Self::Id(_) => false,
            Self::Regex(regex) | Self::Text(TextQuery::Ascii(regex)) => regex.is_match(name.as_bytes()),
            Self::Text(TextQuery::Exact(text)) => memmem(name.as_bytes(), text),
            Self::Text(TextQuery::Folded(text)) => {
                let name: Vec<u32> = folded(name).collect();
                memmem(&name, text)
            }
        }
    }
}

fn memmem<T: PartialEq>(all: &[T], part: &[T]) -> bool {
    part.is_empty() || all.windows(part.len()).any(|w| w == part)
}

/// The code points of `text` as JavaScript's `/i` compares them: each by its capital, if that is
/// a single one of its own kind, with nothing but ASCII becoming ASCII and nothing past U+FFFF
/// changing at all.
fn folded(text: Text<'_>) -> impl Iterator<Item = u32> {
    text.code_points().map(|c| {
        let Some(letter) = char::from_u32(c).filter(|&l| l <= '\u{ffff}') else { return c };
        let mut upper = letter.to_uppercase();
        match (upper.next(), upper.next()) {
            (Some(u), None) if u <= '\u{ffff}' && (u >= '\u{80}' || letter < '\u{80}') => u.into(),
            _ => c,
        }
    })
}

/// The objects that `query` finds, in node order: those of non-zero shallow size and, where there
/// is a filter, in `filter`, as only these have rows to show; for an id, whatever has it.
pub fn search(
    heap: &Heap,
    query: &Query,
    filter: Option<&NodeSet>,
    stage: &Stage,
) -> Result<Vec<NodeIndex>, Cancelled> {
    let graph = &heap.graph;
    if let Query::Id(id) = query {
        return Ok(heap.find(*id).into_iter().collect());
    }
    // Most names stand in the file as they are, and each is looked at once.
    let total = (graph.strings.len() + graph.node_count()) as u64;
    let mut strings = StringSet::new(graph.strings.len());
    for (i, text) in graph.strings.iter() {
        if i.0.is_multiple_of(1 << 12) {
            stage.reached(i.0.into(), total)?;
        }
        if query.accepts(text) {
            strings.insert(i);
        }
    }
    let mut found = Vec::new();
    for n in graph.node_indices() {
        if n.0.is_multiple_of(1 << 12) {
            stage.reached(graph.strings.len() as u64 + u64::from(n.0), total)?;
        }
        if heap.shallow_size(n) == 0 || filter.is_some_and(|f| !f.contains(n)) {
            continue;
        }
        let is_found = match heap.name(n) {
            TextCow::Borrowed(_) => strings.contains(graph.name_index(n)),
            TextCow::Owned(name) => query.accepts(name.as_text()),
        };
        if is_found {
            found.push(n);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    fn found(query: &str, options: QueryOptions) -> Vec<usize> {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for name in ["Timer", "TIMEOUT", "Straße", "ÄRGER 😀", "a.b", "axb", "\u{212a}elvin"] {
            b.node("object", name, 8);
        }
        b.node("object", "Timer", 0);
        let plain = b.node("object", "Object", 8);
        b.edge(plain, "property", "timer", root);
        let heap = Heap::analyze(b.graph(), &Progress::new()).unwrap();
        let query = Query::parse(query, options).unwrap();
        search(&heap, &query, None, &Stage::unwatched()).unwrap().into_iter().map(NodeIndex::at).collect()
    }

    #[test]
    fn what_was_found_in_a_name_can_be_pointed_out() {
        let found = |query: &str, options: QueryOptions, text: &'static str| {
            Query::parse(query, options).unwrap().match_in(text).map(|range| &text[range])
        };
        let plain = QueryOptions::default();
        assert_eq!(found("LOAD", plain, "\"loadtest\""), Some("load"));
        assert_eq!(found("ÄRM", plain, "Lärm und Stille"), Some("ärm"));
        assert_eq!(found("load", QueryOptions { case_sensitive: true, ..plain }, "Load load"), Some("load"));
        assert_eq!(found("[a-z]+$", QueryOptions { regex: true, ..plain }, "Point xyz"), Some("xyz"));
        assert_eq!(found("@7", plain, "Point"), None);
        assert_eq!(found("absent", plain, "Point"), None);
    }

    #[test]
    fn names_are_searched_capitals_or_not_unless_asked_otherwise() {
        let any = QueryOptions::default();
        assert_eq!(found(" time ", any), [1, 2, 9], "the plain object is called {{timer}}");
        assert_eq!(found("TIME", QueryOptions { case_sensitive: true, ..any }), [2]);
        assert_eq!(found("STRASSE", any), [0; 0]);
        assert_eq!(found("straße", any), [3]);
        assert_eq!(found("ärger 😀", any), [4]);
        assert_eq!(found("k", any), [0; 0], "the Kelvin sign is not a k");
        assert_eq!(found("a.b", any), [5]);
    }

    #[test]
    fn expressions_and_ids_are_understood() {
        let regex = QueryOptions { regex: true, ..QueryOptions::default() };
        assert_eq!(found("^a.b$", regex), [5, 6]);
        assert_eq!(found("@17", QueryOptions::default()), [8], "of whatever size");
        assert!(Query::parse("(", regex).is_err());
        for no_id in ["@", "@-1", "@4294967297"] {
            assert_eq!(found(no_id, QueryOptions::default()), [0; 0]);
        }
    }
}
