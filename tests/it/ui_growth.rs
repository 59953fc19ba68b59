//! Growth and Paths in the window, and what the window says when something fails or is missing.

use crate::ui_app::{Bench, Window, click, copied, press, rows, settle, type_into, wait};
use crate::ui_panels::{before_and_after, cells, server};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use heapglass::session::job::Panicked;

/// Three snapshots of a server that keeps the headers of every request.
fn three() -> Bench {
    let mut window = Window::new();
    window.files = [100, 200, 300]
        .map(|requests| window.folder.file(&format!("{requests}.heapsnapshot"), server(requests).to_json()))
        .into();
    let mut h = window.open();
    settle(&mut h);
    press(&mut h, Modifiers::COMMAND, Key::Num8);
    wait(&mut h, "rows of growth", |h| !rows(h).is_empty());
    h
}

#[test]
fn growth_has_a_column_for_each_snapshot_and_shows_what_grew_in_every_step() {
    let mut h = three();
    click(&mut h, Role::RadioButton, "Count");
    settle(&mut h);
    let of = |h: &Bench, row: &str| cells(h, row).join(" | ");
    assert_eq!(of(&h, "(string)"), "100 \u{2192} 200 \u{2192} 300 | 100 | 200 | 300 | +200");
    let all = rows(&h).len();
    click(&mut h, Role::CheckBox, "Grew in every step");
    settle(&mut h);
    let growing = rows(&h);
    assert!(growing.len() < all && growing.contains(&"(string)".to_owned()), "{growing:?}");
}

#[test]
fn a_row_of_growth_leads_to_the_class_in_summary() {
    let mut h = three();
    click(&mut h, Role::TreeItem, "Entry");
    press(&mut h, Modifiers::NONE, Key::Enter);
    h.get_by_role_and_label(Role::TreeGrid, "Summary");
    assert_eq!(rows(&h), ["Entry  ×300"]);
}

#[test]
fn with_one_snapshot_growth_asks_for_more() {
    let mut window = Window::new();
    window.files = vec![window.folder.file("one.heapsnapshot", server(3).to_json())];
    let mut h = window.open();
    press(&mut h, Modifiers::COMMAND, Key::Num8);
    h.get_by_label("Open two or more snapshots to see how each constructor grew");
}

/// Opens the menu of a row and chooses an entry.
fn choose(h: &mut Bench, row: &str, entry: &str) {
    h.get_by_role_and_label(Role::TreeItem, row).click_secondary();
    h.run();
    h.get_by_label(entry).click();
    h.run();
}

#[test]
fn the_ways_to_all_objects_of_a_class_are_one_tree() {
    let mut h = three();
    press(&mut h, Modifiers::COMMAND, Key::Num1);
    choose(&mut h, "Entry  ×300", "Show paths from the roots");
    wait(&mut h, "the paths", |h| h.query_by_role_and_label(Role::TreeGrid, "Paths").is_some());
    h.get_by_label("300 with a path from the roots");
    let way = cells(&h, "[ ]  Entry");
    assert_eq!(way[..2], ["300".to_owned(), "300".to_owned()]);
    click(&mut h, Role::TreeItem, "[ ]  Entry");
    let app = h.state().app();
    let selection = app.selection().unwrap();
    let heap = &app.session().snapshot(selection.snapshot).unwrap().snapshot.heap;
    assert_eq!(heap.class_name(selection.node).lossy(), "Entry");
}

#[test]
fn the_ways_to_what_is_new_leave_out_what_was_there() {
    let mut h = before_and_after();
    press(&mut h, Modifiers::COMMAND, Key::Num2);
    wait(&mut h, "the comparison", |h| h.query_by_role_and_label(Role::TreeItem, "Entry").is_some());
    choose(&mut h, "Entry", "Show paths from the roots");
    wait(&mut h, "the paths", |h| h.query_by_label("3 with a path from the roots").is_some());
    h.get_by_label("new: Entry");
}

#[test]
fn a_failure_anywhere_is_told_with_its_details_and_the_snapshots_live_on() {
    let mut h = before_and_after();
    let shown = rows(&h);
    let failure = Panicked { description: "Counting growth".to_owned(), details: "lost count at a.rs:1".to_owned() };
    h.state().app().front_end().report(failure.clone());
    h.state().app().front_end().report(failure.clone());
    h.run();
    // The same failure twice is one notice.
    h.get_by_label(&failure.to_string());
    h.get_by_label("Copy details").click();
    h.step();
    assert_eq!(copied(&h), Some(format!("{failure}\nlost count at a.rs:1")));
    h.run();
    assert_eq!(rows(&h), shown);
    click(&mut h, Role::Button, "Dismiss");
    assert!(h.query_by_label(&failure.to_string()).is_none());
}

#[test]
fn a_file_that_seems_to_need_too_much_memory_is_opened_when_the_user_says_so() {
    let mut window = Window::new();
    window.free_memory = || Some(1);
    window.files = vec![window.folder.file("big.heapsnapshot", server(3).to_json())];
    let mut h = window.open();
    wait(&mut h, "the question", |h| h.query_by_label("Open anyway").is_some());
    click(&mut h, Role::Button, "Open anyway");
    wait(&mut h, "the table", |h| h.query_by_role_and_label(Role::TreeGrid, "Summary").is_some());
    assert!(h.query_by_label("Open anyway").is_none());
}

#[test]
fn every_panel_says_that_part_of_a_snapshot_is_missing() {
    let mut window = Window::new();
    let whole = server(20).to_json();
    let cut = whole.find("\"strings\"").unwrap() + 40;
    let mut files = vec![window.folder.file("whole.heapsnapshot", &whole)];
    files.push(window.folder.file("cut.heapsnapshot", &whole[..cut]));
    window.files = files;
    let mut h = window.open();
    settle(&mut h);
    let keys = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
    let panels = h.state().app().panels().serving(heapglass::session::DocumentKind::Snapshot);
    assert!(keys.len() <= panels.count());
    for key in keys {
        press(&mut h, Modifiers::COMMAND, key);
        h.get_by_label_contains("Part of this file is missing");
    }
}

#[test]
fn a_finding_is_marked_as_expected_with_a_reason_and_listed_apart_until_it_is_not() {
    let mut window = Window::new();
    window.files = [100, 200, 300]
        .map(|requests| window.folder.file(&format!("{requests}.heapsnapshot"), server(requests).to_json()))
        .into();
    let mut h = window.open();
    wait(&mut h, "the finding", |h| h.query_by_label("Mark as expected…").is_some());
    let known = h.state().folder.join("heapglass-known.txt");
    assert!(!known.exists(), "nothing is written before somebody says so");
    click(&mut h, Role::Button, "Mark as expected…");
    type_into(&mut h, "Reason", "the audit log, by design");
    assert!(!known.exists());
    click(&mut h, Role::Button, "Save");
    wait(&mut h, "the other list", |h| h.query_by_label("Expected (1)").is_some());
    h.get_by_label("Nothing leaks but what is expected");
    let text = std::fs::read_to_string(&known).unwrap();
    assert!(text.contains("the audit log, by design"), "{text}");
    h.get_by_label("Expected (1)").click();
    wait(&mut h, "the reason", |h| h.query_by_label("Expected: the audit log, by design").is_some());
    click(&mut h, Role::Button, "No longer expected");
    wait(&mut h, "the finding again", |h| h.query_by_label("1 finding").is_some());
    assert!(!std::fs::read_to_string(&known).unwrap().contains("audit"));
}

#[test]
fn one_snapshot_has_suspects_and_no_leaks() {
    let mut window = Window::new();
    window.files = vec![window.folder.file("one.heapsnapshot", server(90_000).to_json())];
    let mut h = window.open();
    press(&mut h, Modifiers::COMMAND, Key::Num7);
    wait(&mut h, "the suspect", |h| h.query_by_label("1 suspect").is_some());
    h.get_by_label("one snapshot only");
}

#[test]
fn figures_of_a_finding_lead_to_the_owner_in_each_snapshot() {
    let mut window = Window::new();
    window.files = [100, 200, 300]
        .map(|requests| window.folder.file(&format!("{requests}.heapsnapshot"), server(requests).to_json()))
        .into();
    let mut h = window.open();
    wait(&mut h, "the finding", |h| h.query_by_label("Show owner").is_some());
    h.get_all_by_role(Role::Link).find(|n| label(n).starts_with("100 ·")).unwrap().click();
    settle(&mut h);
    let app = h.state().app();
    let selection = app.selection().unwrap();
    let open = app.session().snapshot(selection.snapshot).unwrap();
    assert_eq!((&*open.name, open.snapshot.heap.shallow_size(selection.node)), ("100", 16 + 800));
    press(&mut h, Modifiers::COMMAND, Key::Num7);
    h.get_all_by_role(Role::Link).find(|n| label(n).starts_with("frees")).unwrap().click();
    settle(&mut h);
    h.get_by_role_and_label(Role::TreeGrid, "Dominators");
}

fn label(node: &egui_kittest::Node<'_>) -> String {
    node.accesskit_node().label().unwrap_or_default().replace('\u{a0}', " ")
}
