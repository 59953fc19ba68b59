//! The stacks of an allocation timeline, as a profile has them.

use super::allocations::{function_name, trace_function};
use crate::analysis::Heap;
use crate::profile::{Format, Frame, FrameIndex, FramesBuilder, Stacks, TreeBuilder, ValueKind, Values};
use crate::text::Text;
use std::sync::Arc;

/// What was allocated by stack while a timeline was recorded, and what of it is still alive. `None` for snapshots
/// without stacks.
pub fn stacks_of(heap: &Heap) -> Option<Stacks> {
    let graph = &heap.graph;
    if graph.trace_nodes.len() < 2 {
        return None;
    }
    let allocations = heap.allocation_profile();
    let mut frames = FramesBuilder::default();
    let mut frame_of_function: Vec<Option<FrameIndex>> = vec![None; graph.trace_functions.len()];
    let mut frame = |function: u32| -> Option<FrameIndex> {
        let known = frame_of_function.get(function as usize).copied().flatten();
        if known.is_some() {
            return known;
        }
        let script = trace_function(graph, function).map_or(0, |f| f.script_id).to_string();
        let url = trace_function(graph, function).map_or(Text::default(), |f| graph.strings.get(f.script_name));
        let place = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok()).map_or(-1, |n| n - 1);
        let at = trace_function(graph, function);
        let added = frames.add(Frame {
            name: function_name(graph, function),
            url,
            script: Text::from(&*script),
            line: place(at.map(|f| f.line)),
            column: place(at.map(|f| f.column)),
        })?;
        if let Some(known) = frame_of_function.get_mut(function as usize) {
            *known = Some(added);
        }
        Some(added)
    };
    let root = frame(graph.trace_nodes[0].function)?;
    let mut tree = TreeBuilder::new(root, ValueKind::ALL.len());
    let mut places = Vec::with_capacity(graph.trace_nodes.len());
    for (at, node) in graph.trace_nodes.iter().enumerate() {
        let place = match node.parent {
            None if at == 0 => 0,
            parent => {
                let above = parent.and_then(|p| places.get(p as usize)).copied().unwrap_or(0);
                tree.separate_child(above, frame(node.function)?)?
            }
        };
        places.push(place);
        let totals = allocations.totals(at);
        for (column, kind) in ValueKind::ALL.iter().enumerate() {
            tree.add(
                place,
                column,
                match kind {
                    ValueKind::LiveBytes => totals.live_size,
                    ValueKind::LiveObjects => totals.live_count,
                    ValueKind::AllocatedBytes => totals.size,
                    ValueKind::AllocatedObjects => totals.count,
                } as f64,
            );
        }
    }
    let nodes = tree.finish(None);
    Some(Stacks {
        format: Format::Timeline,
        frames: Arc::new(frames.finish()),
        parents: nodes.parents,
        frame_of: nodes.frame_of,
        values: ValueKind::ALL.iter().zip(nodes.values).map(|(&kind, by_node)| Values { kind, by_node }).collect(),
        ids: Vec::new(),
        samples: Vec::new(),
        interval: None,
    })
}
