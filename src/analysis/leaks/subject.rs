//! One owner measured: how many members and bytes it had in each snapshot.

use super::owners::{Growth, Owner};
use super::trend::Trend;
use crate::analysis::Heap;
use crate::analysis::facts::internal_values::internal_target;
use crate::analysis::source::adopted::silent_storage;
use crate::analysis::source::places::Place;
use crate::analysis::source::references::is_oddball;
use crate::analysis::source::walk::Placement;
use crate::graph::{EdgeKind, NodeIndex, NodeKind};
use crate::progress::{Cancelled, Stage};
use rayon::prelude::*;

/// An owner with what was measured of it.
#[derive(Debug)]
pub struct Subject {
    /// The owner's place and what grew below it.
    pub owner: Owner,
    /// The objects at its place, by snapshot, in file order.
    pub objects: Vec<Vec<NodeIndex>>,
    /// The objects that became more, in the last snapshot, newest last; empty where it grew in place.
    pub grown: Vec<NodeIndex>,
    /// What was counted.
    pub measure: Measure,
    /// Members in each snapshot.
    pub counts: Vec<u64>,
    /// Retained bytes in each snapshot.
    pub bytes: Vec<u64>,
    /// Bytes of the owner's own in each snapshot: itself and what stores its members.
    pub own_bytes: Vec<u64>,
    /// What the measured number did.
    pub trend: Trend,
}

/// What the members of an owner are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Its elements, entries or properties.
    Members,
    /// Objects of one class that hang on it, directly or on one another.
    Objects,
    /// Nothing can be counted: it grew in bytes.
    Bytes,
}

impl Subject {
    /// Members gained from the first snapshot to the last.
    pub fn gained_count(&self) -> i64 {
        gained(&self.counts)
    }

    /// Bytes of its own that it gained from the first snapshot to the last.
    pub fn gained_own_bytes(&self) -> i64 {
        gained(&self.own_bytes)
    }

    /// Bytes gained from the first snapshot to the last.
    pub fn gained_bytes(&self) -> i64 {
        gained(&self.bytes)
    }

    /// The owner's objects in the last snapshot.
    pub fn last_objects(&self) -> &[NodeIndex] {
        self.objects.last().map_or(&[], Vec::as_slice)
    }
}

fn gained(values: &[u64]) -> i64 {
    let at = |v: Option<&u64>| v.map_or(0, |&v| v as i64);
    at(values.last()) - at(values.first())
}

/// Measures all `owners`.
pub fn measure(
    owners: Vec<Owner>,
    growth: &Growth<'_>,
    heaps: &[&Heap],
    placements: &[Placement],
    stage: &Stage,
) -> Result<Vec<Subject>, Cancelled> {
    // Which of the owners are at each place, and whose members.
    let mut asked: Vec<Asked> = vec![Asked::default(); growth.places()];
    let mut hanging = Vec::new();
    for (i, o) in owners.iter().enumerate() {
        stage.check()?;
        asked[o.place.at()].owner = Some(i);
        let (places, counts) = growth.objects_below(o);
        for p in places {
            asked[p.at()].members_of.push(i);
        }
        hanging.push(counts);
    }
    let found = heaps.par_iter().zip(placements).enumerate().map(|(s, (heap, placement))| {
        let mut found = vec![Found::default(); owners.len()];
        for n in heap.graph.node_indices() {
            stage.check_at(n.at())?;
            let place = placement.place[n];
            if place == Place::NOWHERE {
                continue;
            }
            let asked = &asked[place.at()];
            if let Some(i) = asked.owner {
                found[i].objects.push(n);
            }
            for &i in &asked.members_of {
                found[i].bytes_below += heap.retained_size(n);
                if s + 1 == heaps.len() {
                    found[i].grown.push(n);
                }
            }
        }
        Ok(found)
    });
    let mut of_owner: Vec<Vec<Found>> = owners.iter().map(|_| Vec::new()).collect();
    for found in found.collect::<Result<Vec<_>, Cancelled>>()? {
        for (i, found) in found.into_iter().enumerate() {
            of_owner[i].push(found);
        }
    }
    let last = heaps[heaps.len() - 1];
    let all: Vec<_> = owners.into_iter().zip(of_owner).zip(hanging).collect();
    let subject = |((owner, mut found), hanging): ((Owner, Vec<Found>), Vec<u64>)| {
        stage.check()?;
        let mut grown = found.last_mut().map(|last| std::mem::take(&mut last.grown)).unwrap_or_default();
        let bytes_below: Vec<u64> = found.iter().map(|found| found.bytes_below).collect();
        let objects: Vec<Vec<NodeIndex>> = found.into_iter().map(|found| found.objects).collect();
        grown.sort_by_key(|&n| last.id(n));
        let members: Vec<u64> = heaps
            .iter()
            .zip(&objects)
            .map(|(heap, nodes)| nodes.iter().map(|&n| member_count(heap, n)).sum())
            .collect();
        // What the file does not say that it holds it does not retain there.
        let is_silent = objects[heaps.len() - 1].iter().any(|&n| silent_storage(last, n).is_some());
        let bytes: Vec<u64> = heaps
            .iter()
            .zip(&objects)
            .zip(&bytes_below)
            .map(|((heap, nodes), below)| {
                nodes.iter().map(|&n| heap.retained_size(n)).sum::<u64>() + if is_silent { *below } else { 0 }
            })
            .collect();
        // Keys and values of an entry hang there both.
        let counts_entries = objects[heaps.len() - 1].iter().any(|&n| table(last, n).is_some());
        let (measure, counts) = if gained(&members).max(gained(&hanging)) <= 0 {
            (Measure::Bytes, members)
        } else if gained(&members) >= gained(&hanging) || counts_entries && gained(&members) * 4 > gained(&hanging) {
            (Measure::Members, members)
        } else {
            (Measure::Objects, hanging)
        };
        let own_bytes = growth.own_bytes(owner.place);
        let trend = Trend::of(if measure == Measure::Bytes { &own_bytes } else { &counts });
        Ok(Subject { owner, objects, grown, measure, counts, bytes, own_bytes, trend })
    };
    all.into_par_iter().map(subject).collect()
}

/// What is asked about a place.
#[derive(Debug, Clone, Default)]
struct Asked {
    owner: Option<usize>,
    /// The owners that hold what is there.
    members_of: Vec<usize>,
}

/// What one snapshot has of an owner.
#[derive(Debug, Clone, Default)]
struct Found {
    objects: Vec<NodeIndex>,
    /// The objects that became more; of the last snapshot only.
    grown: Vec<NodeIndex>,
    bytes_below: u64,
}

/// How many members `n` has that are objects: elements, entries, properties, variables.
pub fn member_count(heap: &Heap, n: NodeIndex) -> u64 {
    let graph = &heap.graph;
    match table(heap, n) {
        Some(table) => entries(heap, table),
        None => graph
            .edges(n)
            .filter(|e| !is_oddball(graph, e.target))
            .filter(|e| match e.kind {
                EdgeKind::Element | EdgeKind::Context => true,
                EdgeKind::Property => graph.edge_string(e).is_some_and(|name| name != "__proto__"),
                _ => false,
            })
            .count() as u64,
    }
}

/// What holds the entries of the Map or Set `n`.
pub fn table(heap: &Heap, n: NodeIndex) -> Option<NodeIndex> {
    internal_target(&heap.graph, n, "table").filter(|&table| heap.graph.kind(table) == NodeKind::ARRAY)
}

/// Entries of the table of a Map or Set. An entry of a map is a key, a value and a number, one of
/// a set a key and a number; numbers are not references, so each run of slots is an entry.
fn entries(heap: &Heap, table: NodeIndex) -> u64 {
    let graph = &heap.graph;
    let mut entries = 0;
    let mut last = None;
    for e in graph.edges(table).filter(|e| e.kind == EdgeKind::Internal && !is_oddball(graph, e.target)) {
        let digits = graph.edge_string(&e).map_or(&b""[..], |name| name.as_bytes());
        if digits.is_empty() || digits.len() > 12 || !digits.iter().all(u8::is_ascii_digit) {
            continue;
        }
        let slot = digits.iter().fold(0u64, |n, d| n * 10 + u64::from(d - b'0'));
        entries += u64::from(last.is_none_or(|l| slot != l + 1));
        last = Some(slot);
    }
    entries
}
