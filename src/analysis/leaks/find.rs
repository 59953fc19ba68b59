//! From snapshots to findings: the order of the steps, and what decides.

use super::contents::{DeadVariables, dead_variables};
use super::context::Context;
use super::explain;
use super::finding::{Evidence, Finding, Findings, Fingerprint, GrowthAt, Kind};
use super::kind::{kind, listening_steps, samples, timer_callback};
use super::one_snapshot::big_subjects;
use super::owners::Growth;
use super::population::populations;
use super::subject::{Measure, Subject, measure};
use super::trend::Trend;
use crate::analysis::Heap;
use crate::analysis::realms::dead_context_fields::{DeadContextFields, dead_context_fields};
use crate::analysis::removal::shares::shares;
use crate::analysis::source::adopted::silent_storage;
use crate::analysis::source::modules::{Modules, find_modules};
use crate::analysis::source::owner_name::{PathStep, path_to, script_of_path, source_name};
use crate::analysis::source::places::{Place, PlaceTree};
use crate::analysis::source::references::{StableHash, Tier};
use crate::analysis::source::scripts;
use crate::analysis::source::walk::{Placement, places_of_all};
use crate::graph::{EdgeKind, NodeIndex, NodeKind};
use crate::progress::{Cancelled, Stage};
use crate::text::Text;
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Members that must be gained in each step, on average, to count as growth.
pub(super) const FEWEST_MEMBERS: i64 = 4;

/// What a list of the runtime's takes for each of its entries at most, if it keeps nothing else.
const LIST_ENTRY_BYTES: u64 = 64;

/// Bytes that make up for fewer members.
const FEWEST_BYTES: i64 = 8 * 1024;

/// Members that cost no bytes must be this many more in each step.
const FEWEST_UNPAID: i64 = 50;

/// How much noise is listed.
const MOST_NOISE: usize = 12;

/// How many suspects a single snapshot gives at most.
const MOST_SUSPECTS: usize = 10;

/// What must be known about the findings of a single snapshot.
const ONE_SNAPSHOT: &str = "There is only one snapshot: it shows what is big, not what grows, and what is meant to be \
                            big looks the same. Another one after more load would tell.";

/// Finds what leaks in snapshots of one program, the oldest first. In a single one it finds what
/// is suspiciously big.
pub fn find_leaks(heaps: &[&Heap], stage: &Stage) -> Result<Findings, Cancelled> {
    if heaps.is_empty() {
        return Ok(Findings::default());
    }
    let modules = find_modules(heaps, stage)?;
    let (tree, placements) = places_of_all(heaps, &modules, stage)?;
    let populations = heaps.par_iter().zip(&placements).map(|(h, p)| populations(h, p, &tree, stage));
    let populations = populations.collect::<Result<Vec<_>, Cancelled>>()?;
    let growth = Growth::new(&tree, &populations, heaps, &placements, stage)?;
    let search = Search {
        heaps,
        modules: &modules,
        tree: &tree,
        placements: &placements,
        growth: &growth,
        dead: OnceCell::new(),
    };
    if heaps.len() == 1 { search.run_on_one(stage) } else { search.run(stage) }
}

pub(super) struct Search<'a> {
    pub(super) heaps: &'a [&'a Heap],
    modules: &'a [Modules],
    pub(super) tree: &'a PlaceTree,
    placements: &'a [Placement],
    pub(super) growth: &'a Growth<'a>,
    /// The variables of the last snapshot that nobody uses, once they were asked for.
    dead: OnceCell<DeadContextFields>,
}

/// A subject with what its path says.
struct Suspect {
    subject: Subject,
    path: Vec<PathStep>,
    kind: Kind,
    name: String,
    script: Option<String>,
    noise: Option<String>,
}

impl Search<'_> {
    pub(super) fn last(&self) -> &Heap {
        self.heaps[self.heaps.len() - 1]
    }

    pub(super) fn last_modules(&self) -> &Modules {
        &self.modules[self.modules.len() - 1]
    }

    /// The variables of the last snapshot that nobody uses, as far as the file tells.
    fn dead(&self, stage: &Stage) -> Result<&DeadContextFields, Cancelled> {
        if let Some(known) = self.dead.get() {
            return Ok(known);
        }
        let found = match self.last().graph.scopes {
            Some(_) => dead_context_fields(self.last(), &stage.quiet())?,
            None => DeadContextFields::default(),
        };
        Ok(self.dead.get_or_init(|| found))
    }

    /// Where `n` is in the last snapshot.
    pub(super) fn place_in_last(&self, n: NodeIndex) -> Place {
        self.placements[self.placements.len() - 1].place[n]
    }

    pub(super) fn steps(&self) -> i64 {
        self.heaps.len() as i64 - 1
    }

    fn run(&self, stage: &Stage) -> Result<Findings, Cancelled> {
        let owners = self.growth.owners();
        let subjects = measure(owners, self.growth, self.heaps, self.placements, stage)?;
        let mut suspects: Vec<Suspect> = Vec::new();
        for subject in subjects {
            if self.is_significant(&subject) && !subject.last_objects().is_empty() {
                suspects.extend(self.suspect(subject, stage)?);
            }
        }
        let (mut leaks, mut noise): (Vec<_>, Vec<_>) = suspects.into_iter().partition(|s| s.noise.is_none());
        self.drop_second_views(&mut leaks);
        leaks.sort_by_key(|s| (self.evidence(s), std::cmp::Reverse(s.subject.gained_bytes())));
        let leaking: Vec<Place> = leaks.iter().map(|s| s.subject.owner.place).collect();
        noise.retain(|s| !leaking.iter().any(|&leak| self.tree.are_related(leak, s.subject.owner.place)));
        noise.sort_by_key(|s| std::cmp::Reverse(s.subject.gained_bytes()));
        noise.truncate(MOST_NOISE);
        let mut findings = Findings { remarks: self.remarks(&leaks), ..Findings::default() };
        let are_programs: Vec<bool> = leaks.iter().map(|s| self.is_programs(s)).collect();
        findings.findings = self.describe(leaks, stage)?;
        findings.noise = self.describe(noise, stage)?;
        self.set_lists_apart(&mut findings, &are_programs);
        Ok(findings)
    }

    /// What is big: the program's only, since the runtime's is there in every snapshot.
    fn run_on_one(&self, stage: &Stage) -> Result<Findings, Cancelled> {
        let subjects = big_subjects(self.last(), &self.placements[0], self.tree, self.growth, stage)?;
        let is_programs = |s: &Suspect| self.is_of_program(s.subject.owner.place, s.kind, s.script.as_deref());
        let mut of_program: Vec<Suspect> = Vec::new();
        for subject in subjects {
            of_program.extend(self.suspect(subject, stage)?.filter(is_programs));
        }
        self.drop_second_views(&mut of_program);
        of_program.truncate(MOST_SUSPECTS);
        let findings = self.describe(of_program, stage)?;
        Ok(Findings { findings, remarks: vec![ONE_SNAPSHOT.to_owned()], ..Findings::default() })
    }

    /// Whether enough was gained to speak of: members, even if they cost nothing because they are
    /// held elsewhere too; few members that are big; or bytes.
    fn is_significant(&self, s: &Subject) -> bool {
        let steps = self.steps();
        match s.measure {
            Measure::Bytes => s.gained_own_bytes() >= FEWEST_BYTES * steps,
            _ if s.gained_bytes() <= 0 => s.gained_count() >= FEWEST_UNPAID * steps,
            _ => {
                s.gained_count() >= FEWEST_MEMBERS * steps
                    || s.trend.is_growth() && s.gained_bytes() >= FEWEST_BYTES * steps
            }
        }
    }

    /// What the paths say about a subject; `None` for what keeps nothing alive.
    fn suspect(&self, subject: Subject, stage: &Stage) -> Result<Option<Suspect>, Cancelled> {
        stage.check()?;
        let heap = self.last();
        let placement = &self.placements[self.placements.len() - 1];
        let object = self.busiest_object(&subject);
        if ["WeakMap", "WeakSet", "FinalizationRegistry"].iter().any(|w| heap.graph.raw_name(object) == *w) {
            return Ok(None);
        }
        // A module's variables do not become more; what they hold is found by their own names.
        if self.last_modules().is_module_scope(object) {
            return Ok(None);
        }
        let path = path_to(heap, placement, object);
        let kind = match self.tree.tier(subject.owner.place) {
            // Nothing else leads there.
            Tier::Debugger => Kind::Console,
            _ => kind(heap, &subject, &path, || self.dead(stage))?,
        };
        let scripts = &self.last_modules().scripts;
        let mut script = script_of_path(heap, scripts, &path).map(|name| name.lossy().into_owned());
        let mut name = None;
        match kind {
            Kind::Timers => {
                if let Some(callback) = self.callback_of(&subject, &path) {
                    name = self.variable_of_callback(callback);
                    let of_callback = scripts::script_of_function(heap, callback);
                    script = of_callback.map(|s| scripts::script_name(heap, s).lossy().into_owned()).or(script);
                }
            }
            Kind::Console if heap.kind(object) == NodeKind::SYNTHETIC => name = Some("DevTools console".to_owned()),
            Kind::Listeners => {
                name = listening_steps(heap, &path).and_then(|steps| source_name(heap, &path[..steps]));
            }
            _ => {}
        }
        let name = name.or_else(|| source_name(heap, &path)).unwrap_or_else(|| self.class_text(object));
        let noise = if self.steps() == 0 { None } else { self.noise_reason(&subject, &path, kind, script.as_deref()) };
        Ok(Some(Suspect { subject, path, kind, name, script, noise }))
    }

    /// The one of the owner's objects that has most members, or bytes where none can be counted.
    pub(super) fn busiest_object(&self, subject: &Subject) -> NodeIndex {
        let heap = self.last();
        let weight = |n: NodeIndex| (super::subject::member_count(heap, n), heap.retained_size(n));
        let objects = subject.last_objects();
        objects.iter().copied().max_by_key(|&n| (weight(n), std::cmp::Reverse(n))).unwrap_or(heap.graph.root)
    }

    /// What to call an object that no source names: by its class, or a list of the engine's by its name.
    fn class_text(&self, n: NodeIndex) -> String {
        if self.last().kind(n) == NodeKind::SYNTHETIC {
            return self.last().graph.raw_name(n).lossy().into_owned();
        }
        self.last().class_name(n).lossy().into_owned()
    }

    fn callback_of(&self, subject: &Subject, path: &[PathStep]) -> Option<NodeIndex> {
        let heap = self.last();
        let timers = samples(subject).iter().copied().chain(path.last().map(|s| s.node));
        let below = |n: NodeIndex| heap.edges(n).filter(|e| e.kind == EdgeKind::Property).map(|e| e.target);
        timers.flat_map(|n| std::iter::once(n).chain(below(n))).find_map(|n| timer_callback(heap, n))
    }

    /// The variable that a timer's callback keeps most with, or the callback's name.
    fn variable_of_callback(&self, callback: NodeIndex) -> Option<String> {
        let heap = self.last();
        let scope = scripts::scope_around(heap, callback);
        let modules = self.last_modules();
        let own = scope.filter(|&s| scripts::is_scope(heap, s) && !modules.is_module_scope(s));
        let variable = own.and_then(|scope| {
            let variables = heap.edges(scope).filter(|e| e.kind == EdgeKind::Context);
            variables.max_by_key(|e| heap.retained_size(e.target)).and_then(|e| heap.graph.edge_string(&e))
        });
        let name = variable.unwrap_or_else(|| heap.graph.raw_name(callback));
        (!name.is_empty()).then(|| name.lossy().into_owned())
    }

    /// Leaves one of several views of the same growth: of timers their lists, queues and links.
    fn drop_second_views(&self, leaks: &mut Vec<Suspect>) {
        leaks.sort_by_key(|s| std::cmp::Reverse(s.subject.gained_bytes()));
        let mut seen = BTreeSet::new();
        leaks.retain(|s| s.kind != Kind::Timers || seen.insert(s.name.clone()));
        // What hangs below another leak only by growing places is part of that leak.
        let places: BTreeSet<Place> = leaks.iter().map(|s| s.subject.owner.place).collect();
        let chains: Vec<Place> =
            leaks.iter().filter(|s| s.subject.owner.is_chain).map(|s| s.subject.owner.place).collect();
        leaks.retain(|s| {
            let place = s.subject.owner.place;
            !chains.iter().any(|&chain| chain < place && self.tree.are_related(chain, place))
        });
        leaks.retain(|s| !self.growth.is_part_of_one(s.subject.owner.place, &places));
        if self.steps() == 1 {
            // What was not there before and hangs below another leak came with its new members.
            let places: Vec<Place> = leaks.iter().map(|s| s.subject.owner.place).collect();
            leaks.retain(|s| {
                let place = s.subject.owner.place;
                let is_below = |upper: &Place| *upper < place && self.tree.are_related(*upper, place);
                self.growth.series(place, |q| u64::from(q.count))[0] > 0 || !places.iter().any(is_below)
            });
        }
    }

    /// Whether the owner hangs on what the program's source says alone, or on one of its classes.
    fn is_programs(&self, s: &Suspect) -> bool {
        let heap = self.last();
        let class = s.path.iter().rev().find(|step| heap.kind(step.node) == NodeKind::CLOSURE);
        let declares = |f: NodeIndex| scripts::script_of_function(heap, f).map(|s| scripts::script_name(heap, s));
        let is_programs = |name: Text<'_>| !name.is_empty() && !scripts::is_runtime_script(name);
        if class.and_then(|step| declares(step.node)).is_some_and(is_programs) {
            return true;
        }
        self.tree.tier(s.subject.owner.place) == Tier::Source
            && !s.script.as_deref().is_some_and(|script| scripts::is_runtime_script(Text::from(script)))
    }

    /// Lists of the runtime's that keep nothing themselves only show what others leak.
    fn set_lists_apart(&self, findings: &mut Findings, are_programs: &[bool]) {
        let floor = FEWEST_BYTES as u64 * self.steps() as u64;
        let mut programs = are_programs.iter();
        let lists = findings.findings.extract_if(.., |f| {
            let count = f.growth.last().map_or(0, |g| g.count);
            let is_slight = f.exclusive_bytes < floor.max(LIST_ENTRY_BYTES * count);
            !programs.next().copied().unwrap_or(true) && is_slight && f.kind != Kind::Timers
        });
        let lists: Vec<Finding> = lists
            .map(|f| Finding {
                noise: true,
                noise_reason: Some("the runtime lists there what others keep; it keeps hardly anything itself".into()),
                ..f
            })
            .collect();
        findings.noise.extend(lists);
    }

    fn describe(&self, suspects: Vec<Suspect>, stage: &Stage) -> Result<Vec<Finding>, Cancelled> {
        let heap = self.last();
        let groups: Vec<Vec<NodeIndex>> = suspects.iter().map(|s| self.what_goes(&s.subject)).collect();
        let shares = shares(heap, &groups, stage)?;
        let scripts = &self.last_modules().scripts;
        let mut findings: Vec<Finding> = Vec::new();
        for (s, share) in suspects.into_iter().zip(shares) {
            let object = s.path.last().map_or(heap.graph.root, |step| step.node);
            let example = s.subject.grown.last().copied().unwrap_or(object);
            let growth = GrowthAt::series(&s.subject.counts, &s.subject.bytes);
            let context = Context {
                heaps: self.heaps,
                scripts,
                placement: &self.placements[self.placements.len() - 1],
                subject: &s.subject,
                path: &s.path,
                kind: s.kind,
                name: &s.name,
                script: s.script.as_deref(),
                share,
                example,
                dead: self.dead_of(s.kind, &s.subject, stage)?,
            };
            let mut fingerprint = fingerprint(&s.name, s.script.as_deref());
            while findings.iter().any(|f| f.fingerprint == fingerprint) {
                fingerprint = Fingerprint(StableHash(fingerprint.0).number(1).0);
            }
            findings.push(Finding {
                evidence: self.evidence(&s),
                path: explain::path(&context),
                why: explain::why(&context),
                used_by: explain::used_by(&context),
                also_known_as: explain::other_names(&context),
                advice: explain::advice(&context),
                growth,
                exclusive_bytes: share.exclusive,
                shared_bytes: share.shared,
                fingerprint,
                example_id: heap.id(example),
                owner_id: heap.id(object),
                noise: s.noise.is_some(),
                noise_reason: s.noise,
                expected: false,
                expected_reason: None,
                owner: s.name,
                kind: s.kind,
                script: s.script,
            });
        }
        Ok(findings)
    }

    /// What would go with an owner: itself, and members that the file does not say it holds.
    fn what_goes(&self, subject: &Subject) -> Vec<NodeIndex> {
        let owners = subject.last_objects();
        let is_silent = owners.iter().any(|&n| silent_storage(self.last(), n).is_some());
        owners.iter().chain(subject.grown.iter().filter(|_| is_silent)).copied().collect()
    }

    fn evidence(&self, s: &Suspect) -> Evidence {
        match s.subject.trend {
            _ if self.steps() == 0 => Evidence::OneSnapshot,
            Trend::GrewEveryStep => Evidence::GrewEveryStep,
            Trend::GrewMostSteps => Evidence::GrewMostSteps,
            Trend::SlowedDown if s.subject.counts.is_sorted_by(|a, b| a < b) => Evidence::GrewEveryStep,
            Trend::SlowedDown => Evidence::GrewMostSteps,
            _ => Evidence::GrewOnce,
        }
    }

    /// Of functions that keep variables which nobody uses, those variables.
    fn dead_of(&self, kind: Kind, subject: &Subject, stage: &Stage) -> Result<Option<DeadVariables>, Cancelled> {
        if kind != Kind::DeadVariables {
            return Ok(None);
        }
        Ok(Some(dead_variables(self.last(), samples(subject), self.dead(stage)?)))
    }

    fn remarks(&self, leaks: &[Suspect]) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.heaps.len() == 2 && !leaks.is_empty() {
            remarks.push(
                "There are only two snapshots: what was made once, on first use, looks like growth. \
                 A third one after the same load again would settle it."
                    .to_owned(),
            );
        }
        remarks
    }
}

/// The same wherever the same variable of the same file leads to the same owner.
pub fn fingerprint(name: &str, script: Option<&str>) -> Fingerprint {
    let file = script.map_or(Text::default(), |s| scripts::file_name(Text::from(s)));
    Fingerprint(StableHash::NEW.bytes(file.as_bytes()).number(0).bytes(name.as_bytes()).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Scopes;
    use crate::progress::CancelToken;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn every_step_of_the_search_can_be_given_up() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let list = b.node("object", "Array", 32);
        b.edge(root, "property", "list", list);
        let mut heap = b.heap();
        heap.graph.scopes = Some(Scopes::default());
        let heaps = [&heap];
        let (go_on, token) = (Stage::unwatched(), CancelToken::default());
        token.cancel();
        let stop = Stage::cancelled_by(&token);

        assert!(find_modules(&heaps, &stop).is_err());
        let modules = find_modules(&heaps, &go_on).unwrap();
        assert!(places_of_all(&heaps, &modules, &stop).is_err());
        let (tree, placements) = places_of_all(&heaps, &modules, &go_on).unwrap();
        assert!(populations(&heap, &placements[0], &tree, &stop).is_err());
        let populations = [populations(&heap, &placements[0], &tree, &go_on).unwrap()];
        assert!(Growth::new(&tree, &populations, &heaps, &placements, &stop).is_err());
        let growth = Growth::new(&tree, &populations, &heaps, &placements, &go_on).unwrap();
        assert!(measure(growth.owners(), &growth, &heaps, &placements, &stop).is_err());
        let search = Search {
            heaps: &heaps,
            modules: &modules,
            tree: &tree,
            placements: &placements,
            growth: &growth,
            dead: OnceCell::new(),
        };
        assert!(search.dead(&stop).is_err());
        assert_eq!(search.dead(&go_on), Ok(&DeadContextFields::default()), "and what was given up is not kept");
    }
}
