//! A few pictures of what only the eye can judge: the table, the ring, the chain, dark and light.
//! `UPDATE_SNAPSHOTS=1 cargo test --test it ui_pictures` draws them anew, to be looked at before
//! they are committed.

use crate::ui_app::{Bench, click, rows, wait};
use crate::ui_panels::{before_and_after, expand};
use egui::accesskit::Role;
use egui::{Pos2, vec2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{SnapshotOptions, SnapshotResults};

/// Draws the window as it is, with the pointer out of the way, dark and light.
fn pictures(h: &mut Bench, name: &str) {
    let options = SnapshotOptions::new().output_path("tests/it/pictures");
    let mut results = SnapshotResults::new();
    h.set_size(vec2(800.0, 520.0));
    h.run();
    for theme in ["Dark", "Light"] {
        click(h, Role::Button, "Theme and size of text");
        click(h, Role::RadioButton, theme);
        h.hover_at(Pos2::new(1.0, 1.0));
        h.run();
        results.add(h.try_snapshot_options(format!("{name}-{}", theme.to_lowercase()), &options));
    }
    results.unwrap();
}

#[test]
fn the_table_lines_up_figures_bars_and_levels() {
    let mut h = before_and_after();
    expand(&mut h, "Entry  ×5");
    let entry = rows(&h).into_iter().find(|row| row.starts_with("Entry @")).unwrap();
    expand(&mut h, &entry);
    pictures(&mut h, "table");
}

#[test]
fn the_ring_has_its_legend_beside_it() {
    let mut h = before_and_after();
    click(&mut h, Role::Tab, "Statistics");
    wait(&mut h, "both rings", |h| h.query_by_label("A  before").is_some() && h.query_by_label("B  after").is_some());
    pictures(&mut h, "ring");
}

#[test]
fn the_chain_leads_from_the_root_to_the_selected_object() {
    let mut h = before_and_after();
    expand(&mut h, "(string)  ×5");
    let string = rows(&h).into_iter().find(|row| row.starts_with("\"loadtest\" @")).unwrap();
    click(&mut h, Role::TreeItem, &string);
    wait(&mut h, "the chain", |h| rows(h).iter().any(|row| row.contains(" in ")));
    pictures(&mut h, "chain");
}
