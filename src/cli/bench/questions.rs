//! What a person asks of a snapshot that is open, and how long the answers take.

use super::phase::Phase;
use crate::analysis::Heap;
use crate::analysis::order::sort::{Column, Direction, Sort};
use crate::analysis::tables::filters::{NAMED, NodeFilter};
use crate::analysis::tables::summary::{sort_classes, sort_objects};
use crate::measure;
use crate::progress::{Cancelled, Stage};
use std::time::Instant;

/// Asks each question once, as a person would, of a heap that was asked nothing yet: Summary with each
/// filter that has a name, and the objects of the class that has most of them, by each column.
pub(super) fn ask(heap: &Heap) -> Result<Vec<Phase>, Cancelled> {
    let stage = Stage::unwatched();
    let mut phases = Vec::new();
    // Without a filter Summary is there at once.
    for (name, filter) in NAMED.iter().filter(|(_, filter)| *filter != NodeFilter::All) {
        let phase = timed(format!("filter {name}"), || {
            let nodes = filter.nodes(heap, &stage)?;
            let is_shown = |n| nodes.as_ref().is_none_or(|nodes| nodes.contains(n));
            let mut groups = heap.constructors(is_shown, &stage)?;
            sort_classes(heap, &mut groups, Sort::BY_RETAINED);
            Ok(())
        });
        phases.push(phase?);
    }
    let Some(largest) = heap.facts.constructors.iter().max_by_key(|g| g.count) else { return Ok(phases) };
    for (label, column, direction) in [
        ("sort by name", Column::Name, Direction::Ascending),
        ("sort by distance", Column::Distance, Direction::Ascending),
        ("sort by shallow size", Column::ShallowSize, Direction::Descending),
        ("sort by retained size", Column::RetainedSize, Direction::Descending),
    ] {
        let phase = timed(label.to_owned(), || {
            let members = heap.members(largest.class, None);
            sort_objects(heap, members, Sort::new(column, direction), &stage).map(drop)
        });
        phases.push(phase?);
    }
    Ok(phases)
}

fn timed(label: String, work: impl FnOnce() -> Result<(), Cancelled>) -> Result<Phase, Cancelled> {
    let (cpu, began) = (measure::cpu_time(), Instant::now());
    work()?;
    let wall = began.elapsed();
    let cpu = measure::cpu_time().zip(cpu).map(|(after, before)| after.saturating_sub(before));
    Ok(Phase { label, wall, cpu, is_part: false })
}
