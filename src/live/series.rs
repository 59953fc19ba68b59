//! The one model of measurements: what memory was, over time, wherever the figures come from.
//!
//! A [`Series`] has a column for each [`Subject`] and a row for each reading. A cell may be empty: not everything is
//! asked each time, and nothing is repeated to fill a hole. Marks say what happened in between.

use super::limits;
use std::fmt;

/// What a column measures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Resident memory of the whole process.
    Rss,
    /// Memory that V8 has for its heap.
    HeapTotal,
    /// Live objects, and garbage that is not collected yet.
    HeapUsed,
    /// Memory outside of the heap that JavaScript objects own.
    External,
    /// The part of it that ArrayBuffers have.
    ArrayBuffers,
    /// Objects of the engine's surroundings: Blink in a browser.
    Embedder,
    /// Contexts there are: globals with all that belongs to them.
    NativeContexts,
    /// Contexts whose page or sandbox is gone.
    DetachedContexts,
    /// Nodes of documents.
    DomNodes,
    /// Listeners of documents.
    DomListeners,
    /// Documents.
    Documents,
    /// What is used of one space of the heap, by the engine's name without `_space`.
    Space(String),
    /// Requests answered so far.
    Requests,
    /// Full collections so far.
    MajorCollections,
}

/// What kind of number a subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// How many.
    Count,
}

impl Subject {
    /// The columns that a file begins with, behind `time_ms`.
    pub const FIRST: [Self; 5] = [Self::Rss, Self::HeapTotal, Self::HeapUsed, Self::External, Self::ArrayBuffers];

    /// Its name in files and on the command line.
    pub fn key(&self) -> String {
        match self {
            Self::Rss => "rss",
            Self::HeapTotal => "heap_total",
            Self::HeapUsed => "heap_used",
            Self::External => "external",
            Self::ArrayBuffers => "array_buffers",
            Self::Embedder => "embedder",
            Self::NativeContexts => "native_contexts",
            Self::DetachedContexts => "detached_contexts",
            Self::DomNodes => "nodes",
            Self::DomListeners => "listeners",
            Self::Documents => "documents",
            Self::Space(name) => return format!("space_{name}"),
            Self::Requests => "requests",
            Self::MajorCollections => "major_gcs",
        }
        .to_owned()
    }

    /// The subject of this name; also by the names of `process.memoryUsage()`, of prom-client (whatever prefix stands
    /// before them) and of `performance.memory`.
    pub fn parse(key: &str) -> Option<Self> {
        let known = |name: &str| {
            Some(match name {
                "rss" | "process_resident_memory_bytes" => Self::Rss,
                "heap_total" | "heapTotal" | "nodejs_heap_size_total_bytes" | "totalJSHeapSize" => Self::HeapTotal,
                "heap_used" | "heapUsed" | "nodejs_heap_size_used_bytes" | "usedJSHeapSize" => Self::HeapUsed,
                "external" | "nodejs_external_memory_bytes" => Self::External,
                "array_buffers" | "arrayBuffers" => Self::ArrayBuffers,
                "embedder" => Self::Embedder,
                "native_contexts" | "number_of_native_contexts" => Self::NativeContexts,
                "detached_contexts" | "number_of_detached_contexts" => Self::DetachedContexts,
                "nodes" => Self::DomNodes,
                "listeners" => Self::DomListeners,
                "documents" => Self::Documents,
                "requests" => Self::Requests,
                "major_gcs" => Self::MajorCollections,
                _ => return None,
            })
        };
        known(key).or_else(|| {
            if let Some(space) = key.strip_prefix("space_").filter(|space| !space.is_empty()) {
                return Some(Self::Space(limits::name(space)));
            }
            // A prefix of the application's own: `shop_nodejs_heap_size_used_bytes`.
            ["nodejs_", "process_resident"].iter().find_map(|part| known(&key[key.find(part)?..]))
        })
    }

    /// Its name for people.
    pub fn title(&self) -> String {
        match self {
            Self::Rss => "resident (rss)",
            Self::HeapTotal => "heap total",
            Self::HeapUsed => "heap used",
            Self::External => "external",
            Self::ArrayBuffers => "array buffers",
            Self::Embedder => "embedder heap",
            Self::NativeContexts => "native contexts",
            Self::DetachedContexts => "detached contexts",
            Self::DomNodes => "DOM nodes",
            Self::DomListeners => "event listeners",
            Self::Documents => "documents",
            Self::Space(name) => return format!("{} space", name.replace('_', " ")),
            Self::Requests => "requests",
            Self::MajorCollections => "full collections",
        }
        .to_owned()
    }

    /// What kind of number it is.
    pub fn unit(&self) -> Unit {
        match self {
            Self::NativeContexts
            | Self::DetachedContexts
            | Self::DomNodes
            | Self::DomListeners
            | Self::Documents
            | Self::Requests
            | Self::MajorCollections => Unit::Count,
            _ => Unit::Bytes,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

/// What is known at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// Milliseconds since 1970.
    pub time_ms: u64,
    /// The figures, each subject once.
    pub values: Vec<(Subject, f64)>,
}

impl Reading {
    /// The figure for `subject`.
    pub fn get(&self, subject: &Subject) -> Option<f64> {
        self.values.iter().find(|(s, _)| s == subject).map(|&(_, value)| value)
    }
}

/// Something that happened at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Milliseconds since 1970.
    pub time_ms: u64,
    /// What.
    pub what: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A snapshot was taken, the so-manieth of its run.
    Snapshot(usize),
    /// A recording began.
    RecordingBegan,
    /// A recording ended.
    RecordingEnded,
    /// A collection was asked for.
    CollectionForced,
    /// The engine forgot the ids of objects.
    IdsRenewed,
    /// The program was started again.
    Restarted,
    /// The program ended, or the connection did.
    Ended,
}

impl Event {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Snapshot(n) => return format!("snapshot {n}"),
            Self::RecordingBegan => "recording began",
            Self::RecordingEnded => "recording ended",
            Self::CollectionForced => "garbage collected on request",
            Self::IdsRenewed => "ids renewed",
            Self::Restarted => "restarted",
            Self::Ended => "ended",
        }
        .to_owned()
    }
}

/// Readings of one program, in the order of time.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// For people: the program's name.
    pub name: String,
    /// V8's own limit for the heap, where it is known.
    pub heap_limit: Option<f64>,
    times_ms: Vec<u64>,
    columns: Vec<(Subject, Vec<f64>)>,
    marks: Vec<Mark>,
}

impl Series {
    /// A series without readings.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// How many readings there are.
    pub fn len(&self) -> usize {
        self.times_ms.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.times_ms.is_empty()
    }

    /// When the readings were taken, in milliseconds since 1970, ascending.
    pub fn times_ms(&self) -> &[u64] {
        &self.times_ms
    }

    /// What is measured: the first columns of files first, then as they came.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.columns.iter().map(|(subject, _)| subject)
    }

    /// The figures for `subject`, one a reading; not a number where there is none.
    pub fn values(&self, subject: &Subject) -> Option<&[f64]> {
        self.columns.iter().find(|(s, _)| s == subject).map(|(_, values)| &values[..])
    }

    /// Time and figure of every reading that has one.
    pub fn points(&self, subject: &Subject) -> impl Iterator<Item = (u64, f64)> {
        let values = self.values(subject).unwrap_or_default();
        self.times_ms.iter().copied().zip(values.iter().copied()).filter(|(_, value)| !value.is_nan())
    }

    /// The latest figure for `subject`.
    pub fn latest(&self, subject: &Subject) -> Option<f64> {
        self.values(subject)?.iter().rev().copied().find(|value| !value.is_nan())
    }

    /// What happened, in the order of time.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Adds a mark.
    pub fn mark(&mut self, time_ms: u64, what: Event) {
        let at = self.marks.partition_point(|mark| mark.time_ms <= time_ms);
        self.marks.insert(at, Mark { time_ms, what });
    }

    /// Adds a reading. One that is not later than the last one counts as a millisecond after it: clocks are set.
    pub fn push(&mut self, reading: &Reading) {
        if self.len() >= limits::READINGS {
            self.thin_out();
        }
        let earliest = self.times_ms.last().map_or(0, |last| last + 1);
        self.times_ms.push(reading.time_ms.max(earliest));
        let rows = self.times_ms.len();
        for (subject, value) in &reading.values {
            if !value.is_finite() {
                continue;
            }
            let column = self.column(subject);
            column.resize(rows - 1, f64::NAN);
            column.push(*value);
        }
        for (_, column) in &mut self.columns {
            column.resize(rows, f64::NAN);
        }
    }

    fn column(&mut self, subject: &Subject) -> &mut Vec<f64> {
        let at = match self.columns.iter().position(|(s, _)| s == subject) {
            Some(at) => at,
            None => {
                let rank = |s: &Subject| Subject::FIRST.iter().position(|f| f == s).unwrap_or(Subject::FIRST.len());
                let at = self.columns.partition_point(|(s, _)| rank(s) <= rank(subject));
                self.columns.insert(at, (subject.clone(), vec![f64::NAN; self.times_ms.len().saturating_sub(1)]));
                at
            }
        };
        &mut self.columns[at].1
    }

    /// Of the older half every second reading goes: of two the one where less of the heap was used, as floors are what
    /// counts later.
    fn thin_out(&mut self) {
        let half = self.len() / 2;
        let used = self.values(&Subject::HeapUsed).map(<[f64]>::to_vec);
        let keeps = |i: usize| match &used {
            // Not a number compares as not less.
            Some(used) => usize::from(used[i + 1] < used[i]) + i,
            None => i,
        };
        let kept: Vec<usize> = (0..half).step_by(2).map(keeps).chain(half.next_multiple_of(2)..self.len()).collect();
        self.times_ms = kept.iter().map(|&i| self.times_ms[i]).collect();
        for (_, values) in &mut self.columns {
            *values = kept.iter().map(|&i| values[i]).collect();
        }
    }

    /// Full collections as they show from outside: readings at which a tenth or more of the used heap is gone.
    pub fn collections(&self) -> Vec<u64> {
        let mut before = f64::NAN;
        let mut found = Vec::new();
        for (time, used) in self.points(&Subject::HeapUsed) {
            if used <= before * 0.9 {
                found.push(time);
            }
            before = used;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(time_ms: u64, values: &[(Subject, f64)]) -> Reading {
        Reading { time_ms, values: values.to_vec() }
    }

    #[test]
    fn holes_stay_holes_and_columns_have_their_order() {
        let mut series = Series::new("x");
        series.push(&reading(10, &[(Subject::HeapUsed, 5.0), (Subject::Space("old".into()), 3.0)]));
        series.push(&reading(20, &[(Subject::HeapUsed, 6.0)]));
        series.push(&reading(20, &[(Subject::Rss, 9.0), (Subject::HeapUsed, f64::INFINITY)]));
        assert_eq!(series.times_ms(), [10, 20, 21]);
        let keys: Vec<_> = series.subjects().map(Subject::key).collect();
        assert_eq!(keys, ["rss", "heap_used", "space_old"]);
        assert_eq!(series.points(&Subject::Rss).collect::<Vec<_>>(), [(21, 9.0)]);
        assert_eq!(series.points(&Subject::Space("old".into())).collect::<Vec<_>>(), [(10, 3.0)]);
        assert_eq!(series.latest(&Subject::HeapUsed), Some(6.0));
    }

    #[test]
    fn a_fall_by_a_tenth_is_a_collection() {
        let mut series = Series::new("x");
        for (i, used) in [100.0, 120.0, 107.0, 90.0, 95.0].into_iter().enumerate() {
            series.push(&reading(i as u64, &[(Subject::HeapUsed, used)]));
        }
        assert_eq!(series.collections(), [2, 3]);
    }

    #[test]
    fn names_of_others_are_known() {
        for (name, subject) in [
            ("heapUsed", Subject::HeapUsed),
            ("shop_nodejs_heap_size_used_bytes", Subject::HeapUsed),
            ("process_resident_memory_bytes", Subject::Rss),
            ("space_old", Subject::Space("old".into())),
        ] {
            assert_eq!(Subject::parse(name), Some(subject), "{name}");
        }
        assert_eq!(Subject::parse("pid"), None);
        for subject in Subject::FIRST {
            assert_eq!(Subject::parse(&subject.key()), Some(subject));
        }
    }

    #[test]
    fn thinning_out_keeps_the_floor() {
        let mut series = Series::new("x");
        for i in 0..10 {
            series.push(&reading(i, &[(Subject::HeapUsed, if i % 2 == 0 { 100.0 } else { 10.0 })]));
        }
        series.thin_out();
        assert_eq!(series.times_ms(), [1, 3, 5, 6, 7, 8, 9]);
        assert_eq!(series.latest(&Subject::HeapUsed), Some(10.0));
    }
}
