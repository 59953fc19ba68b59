//! What is particular to a kind of leak, in a sentence.

use super::contents::Contents;
use super::context::{Context, plain_bytes};
use super::finding::Kind;
use super::kind::{samples, timer_callback};
use crate::analysis::source::object_text::object_text;
use crate::analysis::source::scripts::{self, is_scope, scope_around};
use crate::graph::{EdgeKind, NodeIndex};
use crate::markdown::code;
use crate::units;

/// Copies and parts of strings are worth a word from this share of what is held on.
const WORTH_A_WORD: f64 = 0.25;

/// The sentence that only this kind of leak needs.
pub(super) fn sentence(c: &Context<'_>) -> Option<String> {
    let members = samples(c.subject);
    let newest = match members.len() as u64 {
        0 | 1 => "It keeps".to_owned(),
        n => format!("The {} newest of them keep", units::count(n)),
    };
    let contents =
        || Contents::of(c.heap(), if members.is_empty() { std::slice::from_ref(&c.example) } else { members });
    match c.kind {
        Kind::ArrayBuffers => {
            let contents = contents();
            let [external, all] = [contents.external, contents.all].map(plain_bytes);
            Some(format!("{newest} {all}, {external} of it outside the heap, as the bytes of buffers."))
        }
        Kind::Timers => {
            let callback = members.iter().find_map(|&n| timer_callback(c.heap(), n))?;
            Some(format!("They call {}.", function_words(c, callback)))
        }
        Kind::Closures => closure_sentence(c),
        Kind::DeadVariables => {
            let dead = c.dead.as_ref()?;
            let bytes = plain_bytes(dead.bytes);
            Some(format!(
                "{newest} {bytes} by variables that no living function uses, most of it by {}.",
                code(&dead.name)
            ))
        }
        Kind::Promises => Some("None of these promises is settled: what waits for them waits on.".to_owned()),
        Kind::DetachedDom => Some("The nodes are in no document any more: only scripts keep them.".to_owned()),
        _ => strings_sentence(c, &newest, &contents()),
    }
}

fn function_words(c: &Context<'_>, f: NodeIndex) -> String {
    let name = code(&object_text(c.heap(), f));
    let script = scripts::script_of_function(c.heap(), f).map(|s| scripts::script_name(c.heap(), s));
    match (script, c.heap().graph.location(f)) {
        (Some(script), Some(at)) => {
            format!("{name} ({}:{}:{})", scripts::file_name(script), at.line + 1, at.column + 1)
        }
        _ => name,
    }
}

/// The variable by which a function keeps most, if that is most of what it keeps.
fn closure_sentence(c: &Context<'_>) -> Option<String> {
    let heap = c.heap();
    let function = *samples(c.subject).last()?;
    let scope = scope_around(heap, function).filter(|&s| is_scope(heap, s))?;
    let variables = heap.edges(scope).filter(|e| e.kind == EdgeKind::Context);
    let most = variables.max_by_key(|e| (heap.retained_size(e.target), std::cmp::Reverse(e.index)))?;
    let bytes = heap.retained_size(most.target);
    if bytes * 2 < heap.retained_size(function) {
        return None;
    }
    let variable = heap.graph.edge_string(&most)?.lossy().into_owned();
    Some(format!(
        "A function like {} keeps {} by the variable {}.",
        function_words(c, function),
        plain_bytes(bytes),
        code(&variable)
    ))
}

fn strings_sentence(c: &Context<'_>, newest: &str, contents: &Contents) -> Option<String> {
    let [copied, sliced] = [contents.copied, contents.sliced].map(|part| contents.share(part) >= WORTH_A_WORD);
    let all = plain_bytes(contents.all);
    if let Some(slice) = contents.slice.filter(|_| sliced) {
        let heap = c.heap();
        return Some(format!(
            "{newest} {all}, {} of it in long strings that are only used in slices: @{} keeps {}.",
            plain_bytes(contents.sliced),
            heap.id(slice).0,
            plain_bytes(heap.retained_size(slice)),
        ));
    }
    if let Some((rope, links)) = contents.rope.filter(|_| contents.share(contents.linked) >= WORTH_A_WORD) {
        return Some(format!(
            "{newest} {all}, {} of it only to link the pieces of strings that were built piece by piece: @{} is \
             still in {} pieces, and keeps {}.",
            plain_bytes(contents.linked),
            c.heap().id(rope).0,
            units::count(links + 1),
            plain_bytes(c.heap().retained_size(rope)),
        ));
    }
    let (text, count) = contents.copy.filter(|_| copied)?;
    Some(format!(
        "{newest} {all}, {} of it in copies of texts that are there already: {} is there {} times.",
        plain_bytes(contents.copied),
        code(&object_text(c.heap(), text)),
        units::count(count),
    ))
}
