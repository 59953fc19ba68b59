//! Paths: where many objects hang, the paths from the roots to all of them as one tree.

mod rows;

use super::answer::Answer;
use super::menu::object_menu_ui;
use super::{Command, PanelContext};
use crate::analysis::paths::merged_paths::{MergedPaths, merged_paths};
use crate::session::DocumentId;
use crate::ui::place::PanelId;
use crate::ui::selection::{ObjectGroup, Selection};
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::message::message;
use crate::ui::widgets::tree_table::{TreeTable, export_button_ui};
use crate::units;
use egui::{Align, Layout, RichText, Ui};
use rows::{PathRows, SHALLOW_SIZE};
use std::sync::Arc;

/// The tab.
#[derive(Debug, Default)]
pub(super) struct PathsPane {
    about: Option<About>,
}

#[derive(Debug)]
struct About {
    group: ObjectGroup,
    found: Option<Answer<MergedPaths>>,
    view: Option<(TreeTable, LazyTree<PathRows>)>,
}

impl PathsPane {
    /// Shows the paths to `group` from now on.
    pub(super) fn show(&mut self, group: ObjectGroup) {
        self.about = Some(About { group, found: None, view: None });
    }

    /// Whether there is something to show.
    pub(super) fn is_about_something(&self) -> bool {
        self.about.is_some()
    }

    /// Draws the tab.
    pub(super) fn ui(&mut self, ui: &mut Ui, context: &mut PanelContext<'_>) {
        let Some(about) = &mut self.about else {
            message(ui, "Choose “Show paths from the roots” in the menu of a class to see where its objects hang");
            return;
        };
        let Some(open) = context.session.snapshot(about.group.snapshot) else { return };
        if about.view.is_none() {
            let found = about.found.get_or_insert_with(|| {
                let (snapshot, objects) = (Arc::clone(&open.snapshot), Arc::clone(&about.group.objects));
                let description = format!("Finding the paths to {}", about.group.title);
                Answer::ask("paths", description, context.front_end, move |progress| {
                    merged_paths(&snapshot.heap, &objects, &progress.stage("Following references", 1, 1))
                })
            });
            found.poll(context.front_end);
            if found.known().is_none() {
                if found.waiting_ui(ui, &format!("Finding the paths to {}…", about.group.title)) {
                    about.found = None;
                }
                return;
            }
            let Some(merged) = about.found.take().and_then(Answer::into_known) else { return };
            let rows = PathRows::new(Arc::clone(&open.snapshot), merged);
            let mut rows = LazyTree::new(rows, Some(Sort::descending(SHALLOW_SIZE)), context.front_end);
            rows.follow_from_top();
            about.view = Some((TreeTable::new("Paths"), rows));
        }
        let Some((table, rows)) = &mut about.view else { return };
        super::toolbar(ui, |ui| {
            ui.add(egui::Label::new(RichText::new(&about.group.title).strong()).truncate());
            let (with, without) = rows.source().counts();
            let quiet = |text: String| RichText::new(text).color(context.theme.colors.quiet);
            ui.label(quiet(format!("in {}", open.name)));
            ui.label(quiet(format!("{} with a path from the roots", units::count(with))));
            if without > 0 {
                ui.label(quiet(format!("{} without: nothing but weak references leads there", units::count(without))));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                context.commands.extend(export_button_ui(ui, "Paths", rows).map(Command::Export));
            });
        });
        if rows.row_count() == 0 {
            message(ui, "None of these objects has a path from the roots: nothing keeps them in memory");
            return;
        }
        let can_compare = context.base.is_some();
        let commands = &mut *context.commands;
        let events = table.ui(ui, rows, |ui, rows, row| {
            let Some(node) = rows.item(row).map(|item| rows.source().example(item)) else { return };
            object_menu_ui(ui, &open, Selection { snapshot: open.id, node }, can_compare, commands);
            ui.separator();
        });
        context.commands.extend(events.export.map(Command::Export));
        let selection = |row: Option<u64>| {
            let node = rows.source().example(rows.item(row?)?);
            Some(Selection { snapshot: open.id, node })
        };
        if let Some(selection) = selection(events.selected) {
            context.commands.push(Command::Select(Some(selection)));
        }
        if let Some(selection) = selection(events.activated) {
            context.commands.push(Command::Reveal(PanelId::SUMMARY, selection));
        }
    }

    /// Gives back what is kept about a snapshot.
    pub(super) fn forget(&mut self, id: DocumentId) {
        self.about.take_if(|about| about.group.snapshot == id);
    }
}
