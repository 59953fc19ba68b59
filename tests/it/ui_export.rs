//! What the window exports is what the command line answers, byte for byte, for every table.

use crate::cli::stdout;
use crate::ui_app::{Bench, Window, click, copied, press, wait};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{By, Queryable};
use std::path::{Path, PathBuf};

const BEFORE: &str = "snapshots/headers-array.1.heapsnapshot.gz";
const AFTER: &str = "snapshots/headers-array.2.heapsnapshot.gz";
const FILTERS: &str = "devtools/filters.heapsnapshot";
const TIMELINE: &str = "devtools/timeline.heaptimeline";

fn window(files: &[&str]) -> Bench {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut window = Window::new();
    window.files = files.iter().map(|file| fixtures.join(file)).collect::<Vec<PathBuf>>();
    let mut h = window.open();
    h.set_size(egui::vec2(1600.0, 1600.0));
    h.run_ok();
    h
}

fn is_there(h: &Bench, table: &str) -> bool {
    let Some(grid) = h.query_by_role_and_label(Role::TreeGrid, table) else { return false };
    grid.query_all(By::new().role(Role::TreeItem)).next().is_some()
}

/// Copies `table` as CSV, by the menu of its first row.
fn exported(h: &mut Bench, table: &str) -> String {
    wait(h, table, |h| is_there(h, table));
    let grid = h.get_by_role_and_label(Role::TreeGrid, table);
    grid.query_all(By::new().role(Role::TreeItem)).next().unwrap().click_secondary();
    h.run();
    h.get_by_label("Copy table as CSV").click();
    for _ in 0..2_000 {
        h.step();
        if let Some(text) = copied(h) {
            h.run();
            return text;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("{table} was not copied");
}

#[track_caller]
fn assert_same(what: &str, window: &str, args: &[&str]) {
    let command_line = stdout(&[args, &["--format", "csv"]].concat());
    assert!(window.lines().count() > 1, "{what}: {window}");
    for (at, (ours, theirs)) in window.lines().zip(command_line.lines()).enumerate() {
        assert_eq!(ours, theirs, "{what}, line {at}, of {args:?}");
    }
    assert_eq!(window, command_line, "{what} of {args:?}");
}

#[test]
fn tables_of_classes_are_exported_as_the_command_line_writes_them() {
    let mut h = window(&[BEFORE, AFTER]);
    click(&mut h, Role::Tab, "Summary");
    assert_same("Summary", &exported(&mut h, "Summary"), &["summary", AFTER]);
    click(&mut h, Role::ColumnHeader, "Distance");
    assert_same("Summary by distance", &exported(&mut h, "Summary"), &["summary", AFTER, "--sort", "distance"]);
    click(&mut h, Role::Tab, "Comparison");
    assert_same("Comparison", &exported(&mut h, "Comparison"), &["comparison", BEFORE, AFTER]);
    click(&mut h, Role::CheckBox, "Changed sizes");
    let args = ["comparison", BEFORE, AFTER, "--with-changed"];
    assert_same("Comparison with changes", &exported(&mut h, "Comparison"), &args);
    click(&mut h, Role::Tab, "Side by side");
    assert_same("Side by side", &exported(&mut h, "Side by side"), &["side-by-side", BEFORE, AFTER]);
    click(&mut h, Role::Tab, "Growth");
    assert_same("Growth", &exported(&mut h, "Growth"), &["growth", BEFORE, AFTER]);
}

#[test]
fn trees_are_exported_as_far_as_they_are_open() {
    let mut h = window(&[FILTERS]);
    for (panel, command) in [("Containment", "containment"), ("Dominators", "dominators")] {
        click(&mut h, Role::Tab, panel);
        assert_same(panel, &exported(&mut h, panel), &[command, FILTERS]);
    }
    // Every row of the top level is opened once.
    click(&mut h, Role::Tab, "Containment");
    let rows = stdout(&["containment", FILTERS, "--format", "csv"]).lines().count() - 1;
    h.get_by_role_and_label(Role::TreeGrid, "Containment").focus();
    h.run();
    press(&mut h, Modifiers::NONE, Key::End);
    for _ in 0..rows {
        press(&mut h, Modifiers::NONE, Key::ArrowRight);
        press(&mut h, Modifiers::NONE, Key::ArrowUp);
    }
    assert_same("Containment, opened", &exported(&mut h, "Containment"), &["containment", FILTERS, "--depth", "2"]);
}

#[test]
fn what_is_said_of_the_selected_object_is_exported_as_the_command_line_writes_it() {
    let mut h = window(&[FILTERS]);
    click(&mut h, Role::Tab, "Summary");
    wait(&mut h, "the classes", |h| is_there(h, "Summary"));
    click(&mut h, Role::TreeItem, "V8EventListener  ×3");
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    click(&mut h, Role::TreeItem, "V8EventListener @37");
    // The path to the root is open as far as retainers go.
    let retainers = exported(&mut h, "Retainers");
    let depth =
        retainers.lines().skip(1).filter_map(|line| line.split(',').next()?.parse::<u32>().ok()).max().unwrap() + 1;
    assert_same("Retainers", &retainers, &["retainers", FILTERS, "@37", "--depth", &depth.to_string()]);
    click(&mut h, Role::Tab, "Object");
    assert_same("Fields", &exported(&mut h, "Fields"), &["containment", FILTERS, "@37"]);
}

#[test]
fn paths_are_exported_as_far_as_they_are_open() {
    let mut h = window(&[AFTER]);
    click(&mut h, Role::Tab, "Summary");
    wait(&mut h, "the classes", |h| is_there(h, "Summary"));
    h.get_by_role_and_label(Role::TextInput, "Filter classes").focus();
    h.run();
    h.get_by_role_and_label(Role::TextInput, "Filter classes").type_text("userAgentUsed");
    h.run();
    let grid = h.get_by_role_and_label(Role::TreeGrid, "Summary");
    grid.query_all(By::new().role(Role::TreeItem)).next().unwrap().click_secondary();
    h.run();
    h.get_by_label("Show paths from the roots").click();
    h.run();
    wait(&mut h, "the paths", |h| is_there(h, "Paths"));
    let grid = h.get_by_role_and_label(Role::TreeGrid, "Paths");
    grid.query_all(By::new().role(Role::TreeItem)).next().unwrap().click();
    h.run();
    press(&mut h, Modifiers::SHIFT, Key::ArrowRight);
    assert_same("Paths", &exported(&mut h, "Paths"), &["paths", AFTER, "--class", "{userAgentUsed}"]);
}

#[test]
fn functions_that_allocated_are_exported_as_the_command_line_writes_them() {
    let mut h = window(&[TIMELINE]);
    click(&mut h, Role::Tab, "Allocation");
    assert_same("Allocation", &exported(&mut h, "Allocation"), &["allocations", TIMELINE]);
}
