//! An object in words, as paths and findings name it.

use crate::analysis::Heap;
use crate::graph::{NodeIndex, NodeKind};

/// The longest text of an object in a path.
const MAX_TEXT: usize = 60;

/// An object for a reader: strings quoted, plain objects by their properties.
pub(in crate::analysis) fn object_text(heap: &Heap, n: NodeIndex) -> String {
    let text = match heap.kind(n) {
        NodeKind::OBJECT if heap.graph.raw_name(n) == "Object" => heap.name(n),
        _ => heap.cell_text(n),
    };
    let text = text.as_text().lossy();
    match text.char_indices().nth(MAX_TEXT) {
        Some((at, _)) => {
            // The name may have been cut by its own rule right there.
            let kept = text[..at].trim_end_matches([',', ' ', '…']);
            match text.starts_with('{') && text.ends_with('}') {
                true => format!("{kept}, …}}"),
                false => format!("{kept}…"),
            }
        }
        None => text.into_owned(),
    }
}
