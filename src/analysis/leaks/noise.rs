//! What grows and is not a leak, each with the reason.

use super::eviction::{dropped_oldest, turnover};
use super::explain;
use super::find::{FEWEST_MEMBERS, Search};
use super::finding::Kind;
use super::kind::property;
use super::subject::{Measure, Subject};
use super::trend::{self, Trend};
use crate::analysis::Heap;
use crate::analysis::source::owner_name::PathStep;
use crate::analysis::source::places::Place;
use crate::analysis::source::references::Tier;
use crate::analysis::source::scripts;
use crate::graph::{Edge, EdgeKind, NodeIndex, NodeKind};
use crate::text::{Text, TextBuf};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// The runtime's own lists and pools must grow by this many members in each step.
const FEWEST_OF_RUNTIME: i64 = 50;

impl Search<'_> {
    /// Why `subject`, to which `path` leads, is not a leak, if so.
    pub(super) fn noise_reason(
        &self,
        subject: &Subject,
        path: &[PathStep],
        kind: Kind,
        script: Option<&str>,
    ) -> Option<String> {
        let place = subject.owner.place;
        let Subject { counts, bytes, measure, .. } = subject;
        if kind == Kind::Console {
            return Some("the console or a debugger holds it, which is there only while one is attached".into());
        }
        match subject.trend {
            Trend::Settled => return Some(explain::settled(counts, bytes, *measure)),
            Trend::SlowedDown if !(self.is_of_program(place, kind, script) && self.goes_on(subject, path)) => {
                return Some(explain::slowed_down(counts, bytes, *measure));
            }
            Trend::Flat => return Some("it did not grow".into()),
            _ => {}
        }
        if let Some(dropped) = dropped_oldest(subject, self.heaps) {
            return Some(explain::reached_bound(counts, dropped));
        }
        if *measure == Measure::Bytes && self.last().kind(self.busiest_object(subject)) == NodeKind::CLOSURE {
            return Some("the engine compiled the functions, and keeps code and feedback with them".into());
        }
        if self.are_functions_of_runtime(subject) {
            return Some(
                "they are functions of the runtime's own modules, which are loaded when they are first needed".into(),
            );
        }
        if self.are_loaded_modules(subject) || self.is_part_of_loaded_modules(subject, path) {
            return Some("it belongs to modules, each another one, which are loaded when they are first needed".into());
        }
        if self.steps() == 1 && self.is_made_on_first_use(subject, path, kind, script) {
            return Some("neither it nor what it belongs to was there before: it seems to be made on first use".into());
        }
        if path.iter().any(|step| self.last().graph.raw_name(step.node) == "FinalizationRegistry") {
            return Some("a FinalizationRegistry lists there what others keep alive".into());
        }
        if self.is_part_of_realms(place, path) {
            return Some(
                "every frame or context has one, and there are more of them; if anything leaks, it is what holds those"
                    .into(),
            );
        }
        if *measure != Measure::Bytes
            && subject.gained_count() < FEWEST_MEMBERS * self.steps()
            && !trend::is_even(counts)
        {
            return Some(explain::few_and_fewer(counts));
        }
        let few = subject.gained_count() < FEWEST_OF_RUNTIME * self.steps();
        let is_paid = match Trend::of(bytes) {
            Trend::Flat | Trend::Settled => false,
            Trend::SlowedDown => subject.trend == Trend::SlowedDown,
            _ => true,
        };
        if few && *measure != Measure::Bytes && !is_paid {
            return Some("it gained a few members, but its bytes did not grow with them".into());
        }
        if self.growth.is_root(place) {
            return Some("it is a list of the engine's own, not of the program".into());
        }
        let is_little = few && !self.is_of_program(place, kind, script);
        is_little.then(|| "the runtime keeps it for itself, and it is little".into())
    }

    /// Whether what grew more slowly is not a cache that fills: what has a bound drops members once
    /// it is reached, or says so. Where ids do not tell what became of its members it may be one.
    fn goes_on(&self, subject: &Subject, path: &[PathStep]) -> bool {
        trend::goes_on(&subject.counts)
            && turnover(subject, self.heaps).is_some_and(|t| t.earlier > 0 && t.gone.is_empty())
            && explain::bound(self.last(), path).is_none()
    }

    /// Whether, of two snapshots, the first has nothing of it: of the runtime's, no members; of the
    /// program's, not even the module whose variable it is.
    fn is_made_on_first_use(&self, subject: &Subject, path: &[PathStep], kind: Kind, script: Option<&str>) -> bool {
        if !self.is_of_program(subject.owner.place, kind, script) {
            return subject.counts[0] == 0;
        }
        let count = |p: Place| self.growth.series(p, |q| u64::from(q.count))[0];
        path.first().is_some_and(|step| {
            self.last_modules().is_module_scope(step.node) && count(self.place_in_last(step.node)) == 0
        })
    }

    /// Whether the program is to do with it: by its own names or, of timers, by what they call.
    pub(super) fn is_of_program(&self, place: Place, kind: Kind, script: Option<&str>) -> bool {
        let is_runtimes = script.is_some_and(|s| scripts::is_runtime_script(Text::from(s)));
        match kind {
            Kind::Timers => script.is_some() && !is_runtimes,
            _ => self.tree.tier(place) == Tier::Source && !is_runtimes,
        }
    }

    /// Whether what became more are mostly functions that the runtime's own scripts define.
    fn are_functions_of_runtime(&self, subject: &Subject) -> bool {
        let heap = self.last();
        let is_runtime = |&n: &NodeIndex| {
            heap.kind(n) == NodeKind::CLOSURE
                && scripts::script_of_function(heap, n)
                    .is_some_and(|s| scripts::is_runtime_script(scripts::script_name(heap, s)))
        };
        let path_is_runtimes = self.tree.tier(subject.owner.place) > Tier::Source
            || subject.owner.grown.iter().all(|&p| self.tree.tier(p) > Tier::Source);
        // All of them, not a sample: modules bring objects of all kinds.
        let functions = subject.grown.iter().filter(|n| is_runtime(n)).count();
        path_is_runtimes && !subject.grown.is_empty() && functions * 2 > subject.grown.len()
    }

    /// Whether what became more are mostly modules or their functions, each of other code than all
    /// others. What leaks are functions made again and again by the same code, or modules loaded
    /// again and again from the same file.
    fn are_loaded_modules(&self, subject: &Subject) -> bool {
        let heap = self.last();
        let are_different = |nodes: &[NodeIndex]| {
            let sources: Vec<Source<'_>> = nodes.iter().filter_map(|&n| source(heap, n)).collect();
            let different: FxHashSet<&Source<'_>> = sources.iter().collect();
            sources.len() * 2 > nodes.len() && different.len() * 2 > sources.len()
        };
        let is_member = |e: &Edge| matches!(e.kind, EdgeKind::Property | EdgeKind::Element);
        let members = heap.edges(self.busiest_object(subject)).filter(is_member).map(|e| e.target);
        let modules: Vec<NodeIndex> = members.filter(|&n| heap.kind(n) == NodeKind::OBJECT).collect();
        are_different(&subject.grown) || are_different(&modules)
    }

    /// Whether what is at `place` became more only because modules did: all on the way from the
    /// modules there did as well.
    fn is_part_of_loaded_modules(&self, subject: &Subject, path: &[PathStep]) -> bool {
        let place = subject.owner.place;
        path.iter().any(|step| match self.last().graph.raw_name(step.node).as_bytes() {
            b"Module" => self.is_part_of_more(place, step.node),
            // The runtime has a list of all modules it could load, and fills in those that are.
            b"BuiltinModule" | b"NativeModule" => self.growth.became_more(place) || self.are_functions(subject),
            _ => false,
        })
    }

    fn are_functions(&self, subject: &Subject) -> bool {
        let functions = subject.grown.iter().filter(|&&n| self.last().kind(n) == NodeKind::CLOSURE).count();
        functions * 2 > subject.grown.len()
    }

    /// Whether what is at `place` became more only because global objects did.
    fn is_part_of_realms(&self, place: Place, path: &[PathStep]) -> bool {
        path.first()
            .is_some_and(|step| self.last_modules().is_global(step.node) && self.is_part_of_more(place, step.node))
    }

    fn is_part_of_more(&self, place: Place, holder: NodeIndex) -> bool {
        let holder = self.place_in_last(holder);
        self.growth.became_more(holder) && self.growth.is_part_of_one(place, &BTreeSet::from([holder]))
    }
}

/// Where the code of a function or a module stands: file, line and column, and the name.
type Source<'a> = (TextBuf, Option<(i64, i64)>, Text<'a>);

/// Where the code of `n` stands, if it is a function or a module from a file.
fn source(heap: &Heap, n: NodeIndex) -> Option<Source<'_>> {
    let name = heap.graph.raw_name(n);
    if heap.kind(n) == NodeKind::CLOSURE {
        let script = scripts::script_name(heap, scripts::script_of_function(heap, n)?);
        let at = heap.graph.location(n).map(|l| (l.line, l.column));
        return (!script.is_empty()).then_some((script.to_owned(), at, name));
    }
    if heap.kind(n) == NodeKind::OBJECT && name == "Module" {
        return Some((heap.name(property(heap, n, "filename")?).into_owned(), None, name));
    }
    None
}
