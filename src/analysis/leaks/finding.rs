//! What is said about a leak: plain data, ready for JSON.

use crate::graph::NodeId;
use serde::{Serialize, Serializer};

/// What is wrong with a program, as far as its snapshots tell.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Findings {
    /// The leaks, strongest first. Empty when nothing leaks.
    pub findings: Vec<Finding>,
    /// What grew and is not a leak, each with the reason.
    pub noise: Vec<Finding>,
    /// What should be known about all of it: what is uncertain, what another snapshot would settle.
    pub remarks: Vec<String>,
}

/// Something that grew, or is suspiciously big, with who holds it and why we say so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The owner's name in the source.
    pub owner: String,
    /// What sort of leak it is.
    pub kind: Kind,
    /// How strong the evidence is.
    pub evidence: Evidence,
    /// The steps from the roots to the owner and on to an example, for reading.
    #[serde(serialize_with = "step_texts")]
    pub path: Vec<Step>,
    /// Members and bytes in each snapshot.
    pub growth: Vec<GrowthAt>,
    /// Bytes that would be freed if the owner went.
    pub exclusive_bytes: u64,
    /// Further bytes it keeps together with other owners that grew.
    pub shared_bytes: u64,
    /// The same for the same leak in other processes, on other machines, in other versions.
    pub fingerprint: Fingerprint,
    /// One of the objects that are too many; the owner itself where it grew in place.
    pub example_id: NodeId,
    pub owner_id: NodeId,
    /// The script whose variable the owner's name begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// Where functions that use the variable stand: `name (file:line:column)`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
    /// What else the owner is called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_known_as: Vec<String>,
    /// Whether this is not a leak but something that grows anyway.
    pub noise: bool,
    /// Why it is taken for noise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_reason: Option<String>,
    /// Whether somebody said that this is known and meant to be.
    pub expected: bool,
    /// What they said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_reason: Option<String>,
    /// Why we say so, in sentences.
    pub why: Vec<String>,
    /// What usually helps.
    pub advice: String,
}

/// Kinds of leaks, each with its own sentence and its own advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An array that only grows.
    Array,
    /// An object used as a map, or growing otherwise.
    Object,
    Map,
    Set,
    /// A linked list or a tree.
    Chain,
    /// Functions, with the variables they close over.
    Closures,
    /// Timers and intervals.
    Timers,
    /// Listeners of an emitter or of a DOM node.
    Listeners,
    /// Promises that are not settled, or what waits for one.
    Promises,
    /// DOM nodes that are in no document any more.
    DetachedDom,
    /// Strings that grow, or that keep far bigger ones.
    Strings,
    /// Mostly copies of the same text.
    DuplicatedStrings,
    /// Functions that keep variables which no living function uses.
    DeadVariables,
    /// Array buffers and other memory outside the heap.
    ArrayBuffers,
    /// Held by the console or the debugger.
    Console,
    /// Handles of the runtime: sockets, requests, files.
    Handles,
    /// The engine's own: code, feedback, shapes.
    Engine,
}

/// How strong evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    GrewEveryStep,
    /// It grew in at least four of five steps.
    GrewMostSteps,
    /// It grew once: there are two snapshots only, or it stood still otherwise.
    GrewOnce,
    /// It is big in the one snapshot there is.
    OneSnapshot,
}

/// A step of a path, for reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The reference and what it leads to: `.cache → Map`.
    pub text: String,
    /// The object, if it is one.
    pub id: Option<NodeId>,
}

/// Members and bytes of an owner in one snapshot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct GrowthAt {
    /// Its members.
    pub count: u64,
    /// The bytes it retains.
    pub bytes: u64,
    /// How many more members than in the snapshot before.
    pub added_count: i64,
    /// How many more bytes than in the snapshot before.
    pub added_bytes: i64,
}

impl GrowthAt {
    /// The development of `counts` and `bytes`, one of each for each snapshot.
    pub fn series(counts: &[u64], bytes: &[u64]) -> Vec<Self> {
        let added = |now: u64, before: Option<&u64>| before.map_or(0, |&b| now as i64 - b as i64);
        let before = |values: &[u64], i: usize| i.checked_sub(1).and_then(|i| values.get(i).copied());
        (0..counts.len())
            .map(|i| Self {
                count: counts[i],
                bytes: bytes[i],
                added_count: added(counts[i], before(counts, i).as_ref()),
                added_bytes: added(bytes[i], before(bytes, i).as_ref()),
            })
            .collect()
    }
}

/// Hash of a normalized path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = std::num::ParseIntError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(s, 16).map(Self)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

fn step_texts<S: Serializer>(path: &[Step], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(path.iter().map(|step| &step.text))
}
