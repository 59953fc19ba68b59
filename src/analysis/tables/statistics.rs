//! Statistics: what kinds of things the bytes are.

use crate::analysis::Heap;
use crate::graph::{EdgeKind, NodeIndex, NodeKind};
use crate::progress::{Cancelled, Stage};

/// Totals by kind of memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Statistics {
    /// Everything: all nodes and what belongs to none.
    pub total: u64,
    /// Outside the JavaScript heap.
    pub native: u64,
    /// The part of `native` that is the contents of typed arrays.
    pub typed_arrays: u64,
    /// The JavaScript heap: `total` without `native`.
    pub js_heap: u64,
    /// Compiled code.
    pub code: u64,
    /// Strings of all kinds.
    pub strings: u64,
    /// Arrays with the elements that are only theirs.
    pub js_arrays: u64,
    /// The engine's own objects.
    pub system: u64,
}

/// A line of the legend and a slice of the pie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slice {
    /// Compiled code.
    Code,
    Strings,
    JsArrays,
    /// Contents of typed arrays.
    TypedArrays,
    /// The engine's own objects.
    SystemObjects,
    /// What is left of the JavaScript heap.
    OtherJsObjects,
    /// What is left outside it.
    OtherNonJsObjects,
    /// The whole pie.
    Total,
}

impl Slice {
    /// All lines, in the order of the legend.
    pub const ALL: [Self; 8] = [
        Self::Code,
        Self::Strings,
        Self::JsArrays,
        Self::TypedArrays,
        Self::SystemObjects,
        Self::OtherJsObjects,
        Self::OtherNonJsObjects,
        Self::Total,
    ];

    /// The words of the legend.
    pub fn title(self) -> &'static str {
        match self {
            Self::Code => "Code",
            Self::Strings => "Strings",
            Self::JsArrays => "JS arrays",
            Self::TypedArrays => "Typed arrays",
            Self::SystemObjects => "System objects",
            Self::OtherJsObjects => "Other JS objects",
            Self::OtherNonJsObjects => "Other non-JS objects (such as HTML and CSS)",
            Self::Total => "Total",
        }
    }
}

impl Statistics {
    /// The bytes of a slice. The rest of the JavaScript heap can be negative: elements of arrays
    /// may be counted under another name too.
    pub fn bytes(&self, slice: Slice) -> i64 {
        let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        match slice {
            Slice::Code => signed(self.code),
            Slice::Strings => signed(self.strings),
            Slice::JsArrays => signed(self.js_arrays),
            Slice::TypedArrays => signed(self.typed_arrays),
            Slice::SystemObjects => signed(self.system),
            Slice::OtherJsObjects => [self.code, self.strings, self.js_arrays, self.system]
                .into_iter()
                .fold(signed(self.js_heap), |rest, part| rest.saturating_sub(signed(part))),
            Slice::OtherNonJsObjects => signed(self.native) - signed(self.typed_arrays),
            Slice::Total => signed(self.total),
        }
    }
}

/// Adds up every node by the first rule that fits it.
pub fn statistics(heap: &Heap, stage: &Stage) -> Result<Statistics, Cancelled> {
    let mut s = Statistics { total: heap.total_size(), native: heap.graph.extra_native_bytes, ..Statistics::default() };
    for n in heap.graph.node_indices() {
        if n.0.is_multiple_of(1 << 16) {
            stage.reached(u64::from(n.0), heap.graph.node_count() as u64)?;
        }
        let size = heap.shallow_size(n);
        let total = match heap.kind(n) {
            NodeKind::HIDDEN => &mut s.system,
            NodeKind::NATIVE => {
                if heap.raw_name(n).as_text() == "system / JSArrayBufferData" {
                    s.typed_arrays = s.typed_arrays.saturating_add(size);
                }
                &mut s.native
            }
            NodeKind::CODE => &mut s.code,
            kind if kind.is_any_string() => &mut s.strings,
            _ if heap.graph.raw_name(n) == "Array" => {
                s.js_arrays = s.js_arrays.saturating_add(own_elements_size(heap, n));
                &mut s.js_arrays
            }
            _ => continue,
        };
        *total = total.saturating_add(size);
    }
    s.js_heap = s.total.saturating_sub(s.native);
    Ok(s)
}

/// The size of the elements of an array, if nothing else points at them.
fn own_elements_size(heap: &Heap, array: NodeIndex) -> u64 {
    let graph = &heap.graph;
    graph
        .edges(array)
        .find(|e| e.kind == EdgeKind::Internal && graph.edge_string(e).is_some_and(|name| name == "elements"))
        .filter(|e| heap.facts.retainers.count(e.target) == 1)
        .map_or(0, |e| heap.shallow_size(e.target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn each_node_counts_once_and_arrays_count_their_own_elements() {
        let mut b = SnapshotBuilder::new();
        b.extra_native_bytes = 7;
        let root = b.node("synthetic", "", 0);
        let nodes = [
            ("hidden", "system / Map", 10),
            ("native", "system / JSArrayBufferData", 100),
            ("native", "<div>", 20),
            ("code", "Array", 3),
            ("sliced string", "s", 4),
            ("object", "Array", 1000),
            ("closure", "Array", 2000),
            ("object", "Thing", 500),
        ];
        let made = nodes.map(|(kind, name, size)| {
            let n = b.node(kind, name, size);
            b.edge(root, "element", "1", n);
            n
        });
        let own = b.node("code", "(object elements)", 30);
        let shared = b.node("code", "(object elements)", 70);
        b.edge(made[5], "internal", "elements", own);
        b.edge(made[5], "internal", "elements", shared);
        b.edge(made[6], "internal", "elements", shared);
        b.edge(made[7], "weak", "watches", shared);
        let heap = Heap::analyze(b.graph(), &Progress::new()).unwrap();
        let s = statistics(&heap, &Stage::unwatched()).unwrap();
        let expected = Statistics {
            total: 3744,
            native: 127,
            typed_arrays: 100,
            js_heap: 3617,
            code: 103,
            strings: 4,
            js_arrays: 3030,
            system: 10,
        };
        assert_eq!(s, expected);
        assert_eq!(s.bytes(Slice::OtherJsObjects), 3617 - 103 - 4 - 3030 - 10);
        assert_eq!(s.bytes(Slice::OtherNonJsObjects), 27);
    }
}
