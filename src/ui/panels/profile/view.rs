//! What is kept of a profile that is shown: what was chosen of it, and the trees made of that. All panels of a profile
//! share it, so that a function that is focused in one is focused in all.

use crate::profile::{BottomUp, By, FlameLayout, Frame, FrameIndex, Profile, ValueKind, compare_profiles};
use crate::progress::{Cancelled, Progress};
use crate::session::{DocumentId, ProfileDocument};
use crate::text::TextBuf;
use crate::ui::panels::answer::Answer;
use crate::ui::panels::{DocumentContext, PerSnapshot};
use std::sync::Arc;

/// A function as profiles of any run know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct Named {
    name: TextBuf,
    url: TextBuf,
    line: i32,
    column: i32,
}

impl Named {
    pub(super) fn of(frame: &Frame<'_>) -> Self {
        Self { name: frame.name.to_owned(), url: frame.url.to_owned(), line: frame.line, column: frame.column }
    }

    pub(super) fn is(&self, frame: &Frame<'_>) -> bool {
        self.name.as_text() == frame.name
            && self.url.as_text() == frame.url
            && (self.line, self.column) == (frame.line, frame.column)
    }

    /// For people.
    pub(super) fn title(&self) -> String {
        let (name, url) = (self.name.as_text(), self.url.as_text());
        let frame = Frame { name, url, script: "".into(), line: self.line, column: self.column };
        crate::ui::rows::cells::one_line(frame.shown_name())
    }
}

/// What colors say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::ui) enum Colors {
    /// Packages, each one of its own.
    #[default]
    Package,
    /// Program, dependencies, Node, engine, native.
    Kind,
}

/// What of a profile is shown.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ui) struct Choice {
    pub(super) kind: ValueKind,
    pub(super) merge: By,
    /// The functions whose stacks are kept.
    pub(super) focus: Option<Named>,
    /// The functions that are left out.
    pub(super) excluded: Vec<Named>,
    /// The document that this one is compared with.
    pub(super) base: Option<DocumentId>,
    pub(super) is_normalized: bool,
    /// In flame graphs what one function called stands the largest first, and equal ones are one.
    pub(super) is_left_heavy: bool,
}

/// The trees of a choice.
#[derive(Debug)]
pub(in crate::ui) struct Shown {
    /// For tables.
    pub(super) profile: Arc<Profile>,
    /// What it is compared with, of the same nodes.
    pub(super) base: Option<Arc<Profile>>,
    pub(super) bottom_up: BottomUp,
    /// For the flame graph.
    pub(super) flame: Arc<Profile>,
    pub(super) flame_base: Option<Arc<Profile>>,
    pub(super) layout: FlameLayout,
}

impl Shown {
    /// Takes whatever time that takes; called on a thread of its own.
    fn new(
        document: &ProfileDocument,
        base: Option<&ProfileDocument>,
        choice: &Choice,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let stage = progress.stage("Adding up stacks", 1, 1);
        let chosen = |document: &ProfileDocument| -> Result<Arc<Profile>, Cancelled> {
            let known = (document.profile.kind == choice.kind).then(|| document.profile.clone());
            let mut profile = match known {
                Some(profile) => profile,
                None => Profile::of(&document.stacks, choice.kind, &stage)?.map_or(document.profile.clone(), Arc::new),
            };
            stage.check()?;
            for unwanted in &choice.excluded {
                let frames = profile.frames.clone();
                profile = Arc::new(profile.excluded(|f: FrameIndex| unwanted.is(&frames.get(f))));
            }
            if let Some(wanted) = &choice.focus {
                let frames = profile.frames.clone();
                profile = Arc::new(profile.focused(|f: FrameIndex| wanted.is(&frames.get(f))));
            }
            stage.check()?;
            if choice.merge != By::Function {
                profile = Arc::new(profile.merged_by(choice.merge));
            }
            Ok(profile)
        };
        let mut profile = chosen(document)?;
        let mut before = base.map(chosen).transpose()?;
        let heavy = |profile: &Arc<Profile>| {
            if choice.is_left_heavy { Arc::new(profile.left_heavy()) } else { profile.clone() }
        };
        let mut flame = heavy(&profile);
        let mut flame_base = None;
        stage.check()?;
        if let Some(base) = before.take() {
            let both = compare_profiles(&heavy(&base), &flame, choice.is_normalized, &stage)?;
            flame = Arc::new(both.newer);
            flame_base = Some(Arc::new(both.base));
            let both = compare_profiles(&base, &profile, choice.is_normalized, &stage)?;
            profile = Arc::new(both.newer);
            before = Some(Arc::new(both.base));
        }
        stage.check()?;
        let layout = FlameLayout::new(&flame);
        let bottom_up = BottomUp::new(&profile);
        Ok(Self { profile, base: before, bottom_up, flame, flame_base, layout })
    }
}

/// What is kept for a document.
#[derive(Debug)]
pub(in crate::ui) struct ProfileView {
    pub(super) choice: Choice,
    /// The choice that `shown` was made of.
    made_of: Choice,
    pub(super) shown: Answer<Arc<Shown>>,
    /// Counts the trees made, so that panels see when theirs are old.
    pub(super) version: u64,
    pub(super) colors: Colors,
    /// Whether callers stand below.
    pub(super) is_upward: bool,
    /// What is searched for.
    pub(super) search: String,
    /// The function that was chosen last, which the sandwich shows.
    pub(super) chosen: Option<Named>,
}

/// What is kept for all documents.
#[derive(Debug, Default)]
pub struct ProfileViews(PerSnapshot<ProfileView>);

impl ProfileViews {
    /// What is kept for a document, with its trees up to date or on their way.
    pub(super) fn get(&mut self, context: &DocumentContext<'_>, document: &Arc<ProfileDocument>) -> &mut ProfileView {
        let ask = |choice: &Choice| {
            let (document, choice) = (document.clone(), choice.clone());
            let base = choice.base.and_then(|id| context.session.document(id)?.opened()?.as_profile().cloned());
            Answer::ask("profile", "Adding up stacks", context.front_end, move |progress| {
                Shown::new(&document, base.as_deref(), &choice, progress).map(Arc::new)
            })
        };
        let view = self.0.get_or_insert_with(context.id, || {
            let choice = Choice {
                kind: document.profile.kind,
                merge: By::Function,
                focus: None,
                excluded: Vec::new(),
                base: None,
                is_normalized: false,
                is_left_heavy: false,
            };
            let shown = ask(&choice);
            let made_of = choice.clone();
            ProfileView {
                choice,
                made_of,
                shown,
                version: 0,
                colors: Colors::default(),
                is_upward: false,
                search: String::new(),
                chosen: None,
            }
        });
        let is_gone = view.choice.base.is_some_and(|id| context.session.document(id).is_none());
        if is_gone {
            view.choice.base = None;
        }
        if view.made_of != view.choice {
            view.made_of = view.choice.clone();
            view.shown = ask(&view.choice);
            view.version += 1;
        }
        view.shown.poll(context.front_end);
        view
    }

    /// Asks again for what was given up.
    pub(super) fn again(&mut self, id: DocumentId) {
        self.0.forget(id);
    }

    /// Gives back what is kept for a document that is closed.
    pub(in crate::ui) fn forget(&mut self, id: DocumentId) {
        self.0.forget(id);
    }
}
