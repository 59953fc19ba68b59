//! Profiles of allocations in the window: the flame graph by pointer, keyboard and screen reader, and the tables.

use crate::profiles::folder;
use crate::ui_app::{Bench, Window, click, press, rows, settle, type_into, wait};
use crate::ui_panels::cells;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

fn open(files: &[&str]) -> Bench {
    let mut window = Window::new();
    window.files = files.iter().map(|name| folder().join(name)).collect();
    let mut h = window.open();
    settle(&mut h);
    wait(&mut h, "the flame graph", |h| h.query_by_role_and_label(Role::Tree, "Flame graph").is_some());
    h
}

fn show(h: &mut Bench, number: Key, table: &str) {
    press(h, Modifiers::COMMAND, number);
    wait(h, table, |h| h.query_by_role_and_label(Role::TreeGrid, table).is_some() && !rows(h).is_empty());
}

#[test]
fn a_profile_opens_as_a_flame_graph_whose_bars_are_told() {
    let h = open(&["recursion.heapprofile"]);
    let main = h.get_by_role_and_label(Role::TreeItem, "main");
    assert_eq!(main.accesskit_node().level(), Some(2));
    let figures = main.accesskit_node().description().unwrap_or_default().replace('\u{a0}', " ");
    assert_eq!(figures, "Self 1 B (0.06 %), total 1.5 kB (96.17 %)");
    h.get_by_label("recursion");
}

#[test]
fn a_click_zooms_and_escape_goes_back() {
    let mut h = open(&["recursion.heapprofile"]);
    let width = |h: &Bench, name: &str| h.get_by_role_and_label(Role::TreeItem, name).rect().width();
    let whole = width(&h, "(root)");
    assert!(width(&h, "main") < whole);
    click(&mut h, Role::TreeItem, "main");
    assert!((width(&h, "main") - whole).abs() < 2.0, "{} of {whole}", width(&h, "main"));
    press(&mut h, Modifiers::NONE, Key::Escape);
    assert!(width(&h, "main") < whole);
}

#[test]
fn heavy_shows_callers_and_tree_shows_what_was_called() {
    let mut h = open(&["recursion.heapprofile"]);
    show(&mut h, Key::Num2, "Heavy");
    assert_eq!(rows(&h), ["odd  s1.js:7", "even  s1.js:6", "a  s1.js:2", "main  s1.js:51"]);
    let figures = cells(&h, "odd  s1.js:7").join(" ").replace('\u{a0}', " ");
    assert!(figures.contains("1.0 kB") && figures.contains("1.4 kB"), "{figures}");
    click(&mut h, Role::TreeItem, "a  s1.js:2");
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(rows(&h).len(), 6, "{:?}", rows(&h));
    show(&mut h, Key::Num3, "Tree");
    assert_eq!(rows(&h), ["a  s1.js:2", "main  s1.js:51"]);
}

#[test]
fn functions_are_searched_focused_and_left_out() {
    let mut h = open(&["recursion.heapprofile"]);
    show(&mut h, Key::Num4, "Functions");
    type_into(&mut h, "Search functions and files", "odd");
    assert_eq!(rows(&h), ["odd  s1.js:7"]);
    h.get_by_role_and_label(Role::TreeItem, "odd  s1.js:7").click_secondary();
    h.run();
    h.get_by_label("Leave this function out").click();
    h.run();
    h.get_by_role_and_label(Role::TextInput, "Search functions and files").focus();
    press(&mut h, Modifiers::COMMAND, Key::A);
    press(&mut h, Modifiers::NONE, Key::Delete);
    wait(&mut h, "the rest", |h| rows(h).len() == 3);
    assert!(rows(&h).iter().all(|row| !row.starts_with("odd")));
    click(&mut h, Role::Button, "Restore");
    wait(&mut h, "all rows", |h| rows(h).len() == 4);
}

#[test]
fn a_sandwich_has_callers_and_callees() {
    let mut h = open(&["node22.heapprofile.gz"]);
    press(&mut h, Modifiers::COMMAND, Key::Num5);
    wait(&mut h, "the callers", |h| h.query_by_role_and_label(Role::Tree, "Callers").is_some());
    h.get_by_role_and_label(Role::Tree, "Callees");
    h.get_by_label("Callers above, what it called below");
}

#[test]
fn profiles_and_snapshots_stand_in_one_list_and_keep_their_panels() {
    let mut window = Window::new();
    let mut b = heapglass::testing::SnapshotBuilder::new();
    let root = b.node("synthetic", "", 0);
    let n = b.node("object", "Thing", 24);
    b.edge(root, "element", "1", n);
    window.files = vec![folder().join("one.heapprofile"), window.folder.file("small.heapsnapshot", b.to_json())];
    let mut h = window.open();
    settle(&mut h);
    wait(&mut h, "the snapshot", |h| h.query_by_role_and_label(Role::Tab, "Summary").is_some());
    click(&mut h, Role::ListBoxOption, "one");
    wait(&mut h, "the flame graph", |h| h.query_by_role_and_label(Role::Tree, "Flame graph").is_some());
    assert!(h.query_by_role_and_label(Role::Tab, "Summary").is_none());
    click(&mut h, Role::ListBoxOption, "small");
    h.get_by_role_and_label(Role::Tab, "Summary");
    assert!(h.query_by_role_and_label(Role::Tab, "Sandwich").is_none());
}
