//! Leaks: what grew, who holds it and why we say so, as cards whose steps and figures lead into
//! the other panels.

mod card;

use super::about_all::AboutAll;
use super::{Command, DocumentContext, Panel, PanelContext};
use crate::analysis::Heap;
use crate::analysis::leaks::known::KnownLeaks;
use crate::analysis::leaks::{Evidence, Finding, Findings, Fingerprint, find_leaks};
use crate::code::finding::code_of;
use crate::code::{FindingCode, Library};
use crate::graph::NodeId;
use crate::session::job::Job;
use crate::session::known::{KnownFileError, expect_finding, known_beside, known_file, no_longer_expect};
use crate::session::{DocumentId, OpenSnapshot};
use crate::ui::place::PanelId;
use crate::ui::selection::Selection;
use crate::ui::theme::Theme;
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::{message, message_with_button};
use crate::ui::widgets::prose::prose;
use crate::units;
use card::Card;
use egui::{CollapsingHeader, Frame, Label, Margin, RichText, ScrollArea, Ui};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct LeaksPanel {
    found: AboutAll<Found>,
    /// The finding that is being marked as expected, and the reason as far as it is written.
    marking: Option<Marking>,
    /// The file of what is expected is being changed.
    changing: Option<Job<Result<KnownLeaks, KnownFileError>>>,
}

/// What was found.
#[derive(Debug)]
struct Found {
    findings: Findings,
    /// What the program's source says about findings, by fingerprint.
    codes: BTreeMap<Fingerprint, FindingCode>,
    owners: Owners,
    /// Why the file of what is expected could not be read or written.
    known_problem: Option<String>,
}

/// A finding for which the user is writing why it is expected.
#[derive(Debug)]
struct Marking {
    fingerprint: Fingerprint,
    reason: String,
    is_new: bool,
}

/// What the user asked for.
enum Wish {
    /// Show the object in the snapshot at this position.
    Show(usize, NodeId),
    /// Show what the object of the last snapshot dominates.
    ShowRetained(NodeId),
    Copy(String),
    /// Ask why this is expected.
    BeginMarking(Fingerprint),
    /// It is expected, for the reason that was written.
    Expect(Fingerprint),
    StopMarking,
    /// It is not expected any more.
    Unmark(Fingerprint),
}

impl Panel for LeaksPanel {
    fn id(&self) -> PanelId {
        PanelId::LEAKS
    }

    fn title(&self) -> &'static str {
        "Leaks"
    }

    fn help(&self) -> &'static str {
        "What grew from snapshot to snapshot, who holds it, and why we say so"
    }

    fn icon(&self) -> Strokes {
        &[&[(0.0, -6.0), (4.0, 1.0), (3.0, 4.0), (0.0, 5.5), (-3.0, 4.0), (-4.0, 1.0), (0.0, -6.0)]]
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(context) = &mut context.snapshot() else { return };
        let open: Vec<OpenSnapshot> = context.session.snapshots().collect();
        if open.is_empty() {
            if message_with_button(ui, "Open snapshots of one program to see what leaks", Some("Open…")) {
                context.push(Command::OpenDialog);
            }
            return;
        }
        self.update(&open, context);
        let Some(found) = self.found.known() else {
            let doing =
                if open.len() == 1 { "Looking for what is suspiciously big…" } else { "Looking for what grew…" };
            self.found.waiting_ui(ui, doing);
            return;
        };
        let mut wish = None;
        let mut page = Page {
            open: &open,
            owners: &found.owners,
            codes: &found.codes,
            theme: context.theme,
            can_mark: open.last().is_some_and(|last| known_file(&last.snapshot.path).is_some()),
            marking: &mut self.marking,
            wish: &mut wish,
        };
        Frame::new().inner_margin(Margin::symmetric(16, 8)).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| page.ui(ui, found));
        });
        if let Some(wish) = wish {
            self.fulfil(wish, &open, context);
        }
    }

    fn forget(&mut self, id: DocumentId) {
        if self.found.forget(id) {
            *self = Self::default();
        }
    }
}

impl LeaksPanel {
    fn fulfil(&mut self, wish: Wish, open: &[OpenSnapshot], context: &mut PanelContext<'_>) {
        let Some(last) = open.last() else { return };
        match wish {
            Wish::Copy(text) => context.push(Command::Copy(text)),
            Wish::Show(at, id) => {
                let open = open.get(at).unwrap_or(last);
                let heap = &open.snapshot.heap;
                if let Some(node) = heap.find(id) {
                    let panel = if heap.shallow_size(node) > 0 { PanelId::SUMMARY } else { PanelId::DOMINATORS };
                    context.push(Command::Reveal(panel, Selection { snapshot: open.id, node }));
                }
            }
            Wish::ShowRetained(id) => {
                if let Some(node) = last.snapshot.heap.find(id) {
                    context.push(Command::Reveal(PanelId::DOMINATORS, Selection { snapshot: last.id, node }));
                }
            }
            Wish::BeginMarking(fingerprint) => {
                self.marking = Some(Marking { fingerprint, reason: String::new(), is_new: true });
            }
            Wish::StopMarking => self.marking = None,
            Wish::Expect(fingerprint) => {
                let reason = self.marking.take().map(|marking| marking.reason).unwrap_or_default();
                let mut findings = self.found.known().into_iter().flat_map(|found| &found.findings.findings);
                let Some(finding) = findings.find(|f| f.fingerprint == fingerprint).cloned() else { return };
                self.change(open, context, move |path| expect_finding(path, &finding, &reason));
            }
            Wish::Unmark(fingerprint) => {
                self.change(open, context, move |path| no_longer_expect(path, fingerprint));
            }
        }
    }

    /// Changes the file of what is expected, and reads it again.
    fn change(
        &mut self,
        open: &[OpenSnapshot],
        context: &PanelContext<'_>,
        change: impl FnOnce(&std::path::Path) -> Result<(), KnownFileError> + Send + 'static,
    ) {
        let paths: Vec<PathBuf> = open.iter().map(|s| s.snapshot.path.clone()).collect();
        let Some(file) = paths.last().and_then(|path| known_file(path)) else { return };
        self.changing = Some(Job::spawn("known", "Writing down what is expected", context.front_end, move |_| {
            change(&file)?;
            known_beside(paths.iter().map(PathBuf::as_path))
        }));
    }

    /// Looks for leaks in the background when other snapshots are open than before.
    fn update(&mut self, open: &[OpenSnapshot], context: &PanelContext<'_>) {
        let is_asked = self.found.update(open, "Looking for leaks", context, |snapshots, progress| {
            let heaps: Vec<&Heap> = snapshots.iter().map(|s| &s.heap).collect();
            let mut findings = find_leaks(&heaps, &progress.stage("Comparing paths", 1, 1))?;
            let known = known_beside(snapshots.iter().map(|s| s.path.as_path()));
            if let Ok(known) = &known {
                known.apply(&mut findings);
            }
            let owners = Owners::find(&findings, &heaps);
            let library = Library::default();
            let last = heaps.last().copied();
            let code = |finding: &Finding| Some((finding.fingerprint, code_of(finding, last?, &library)?));
            let codes = findings.findings.iter().filter_map(code).collect();
            Ok(Found { findings, codes, owners, known_problem: known.err().map(|problem| problem.to_string()) })
        });
        if is_asked {
            (self.marking, self.changing) = (None, None);
        }
        let Some(changed) = self.changing.as_mut().and_then(Job::poll) else { return };
        self.changing = None;
        match (changed, self.found.known_mut()) {
            (Err(panicked), _) => context.front_end.report(panicked),
            (Ok(Ok(known)), Some(found)) => {
                known.apply(&mut found.findings);
                found.known_problem = None;
            }
            (Ok(Err(problem)), Some(found)) => found.known_problem = Some(problem.to_string()),
            (Ok(_), None) => {}
        }
    }
}

/// In which snapshots the owners of findings are.
#[derive(Debug)]
struct Owners(FxHashMap<NodeId, Vec<bool>>);

impl Owners {
    fn find(findings: &Findings, heaps: &[&Heap]) -> Self {
        let all = findings.findings.iter().chain(&findings.noise).map(|finding| finding.owner_id);
        Self(all.map(|owner| (owner, Self::places(owner, heaps))).collect())
    }

    fn places(owner: NodeId, heaps: &[&Heap]) -> Vec<bool> {
        let class_in = |heap: &Heap| heap.find(owner).map(|n| heap.class_name(n).lossy().into_owned());
        let class = heaps.last().and_then(|last| class_in(last));
        // In another process the number is another object's, or nobody's.
        heaps.iter().map(|heap| class.is_some() && class_in(heap) == class).collect()
    }

    /// Whether the owner with that id in the last snapshot is in the one at this position.
    fn is_in(&self, owner: NodeId, at: usize) -> bool {
        self.0.get(&owner).and_then(|places| places.get(at)).copied().unwrap_or(false)
    }
}

/// What cards are drawn with.
struct Page<'a> {
    /// All snapshots, oldest first.
    open: &'a [OpenSnapshot],
    owners: &'a Owners,
    codes: &'a BTreeMap<Fingerprint, FindingCode>,
    theme: &'a Theme,
    /// Whether there is a place for the file of what is expected.
    can_mark: bool,
    marking: &'a mut Option<Marking>,
    wish: &'a mut Option<Wish>,
}

impl Page<'_> {
    fn ui(&mut self, ui: &mut Ui, found: &Found) {
        let findings = &found.findings;
        let unexpected: Vec<&Finding> = findings.unexpected().collect();
        let expected: Vec<&Finding> = findings.expected().collect();
        ui.horizontal(|ui| {
            ui.heading(title(&unexpected, !expected.is_empty(), self.open.len()));
            if ui.button("Copy all as Markdown").clicked() {
                *self.wish = Some(Wish::Copy(findings.to_markdown()));
            }
        });
        if let Some(problem) = &found.known_problem {
            let problem = RichText::new(problem).color(self.theme.colors.error);
            ui.add(Label::new(problem).wrap().selectable(true));
        }
        for remark in &findings.remarks {
            ui.label(prose(self.theme, remark, self.theme.colors.quiet));
        }
        for (i, finding) in unexpected.iter().enumerate() {
            ui.add_space(8.0);
            Card { at: i, finding }.ui(ui, self);
        }
        let folded = [("Expected", &expected), ("Grew, but not a leak", &findings.noise.iter().collect::<Vec<_>>())];
        let mut at = unexpected.len();
        for (title, findings) in folded {
            if findings.is_empty() {
                continue;
            }
            ui.add_space(12.0);
            let title = format!("{title} ({})", units::count(findings.len() as u64));
            CollapsingHeader::new(title).show(ui, |ui| {
                for (i, finding) in findings.iter().enumerate() {
                    Card { at: at + i, finding }.ui(ui, self);
                    ui.add_space(8.0);
                }
            });
            at += findings.len();
        }
        if findings.findings.is_empty() && findings.noise.is_empty() && findings.remarks.is_empty() {
            message(ui, "No collection and no object grew from snapshot to snapshot");
        }
    }
}

fn title(findings: &[&Finding], has_expected: bool, snapshots: usize) -> String {
    let is_suspicion = findings.iter().all(|finding| finding.evidence == Evidence::OneSnapshot);
    match (findings.len() as u64, is_suspicion) {
        (0, _) => {
            // Growth takes two snapshots to be seen, so that one proves nothing.
            let nothing = if snapshots == 1 { "Nothing is suspiciously big" } else { "Nothing leaks" };
            if has_expected { format!("{nothing} but what is expected") } else { nothing.to_owned() }
        }
        (1, false) => "1 finding".to_owned(),
        (n, false) => format!("{} findings", units::count(n)),
        (1, true) => "1 suspect".to_owned(),
        (n, true) => format!("{} suspects", units::count(n)),
    }
}
