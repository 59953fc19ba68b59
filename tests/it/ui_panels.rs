//! The panels, used as a person uses them: by role and name.

use crate::ui_app::{Bench, Window, assert_selected, click, press, rows, type_into, wait};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{By, NodeT, Queryable};
use heapglass::session::DocumentId;
use heapglass::testing::SnapshotBuilder;
use heapglass::ui::panels::{DocumentContext, Panel};
use heapglass::ui::place::PanelId;

/// A server that collects what `requests` brought, in an array of its context.
///
/// ```text
/// root ─ global ─ server ─ context ─ headers ─ [0] Entry ─ agent ─ "loadtest"
///                                            └ [1] …
/// ```
pub(crate) fn server(requests: usize) -> SnapshotBuilder {
    let mut b = SnapshotBuilder::new();
    let root = b.node("synthetic", "", 0);
    let global = b.node("object", "global", 24);
    let server = b.node("closure", "onRequest", 64);
    let context = b.node("object", "system / Context", 40);
    let headers = b.node("object", "Array", 16 + 8 * requests as u64);
    b.edge(root, "shortcut", "1", global);
    b.edge(global, "property", "server", server);
    b.edge(server, "internal", "context", context);
    b.edge(context, "context", "headers", headers);
    for i in 0..requests {
        let entry = b.node("object", "Entry", 56);
        let agent = b.node("string", "loadtest", 20);
        b.edge(headers, "element", &i.to_string(), entry);
        b.edge(entry, "property", "agent", agent);
    }
    b
}

/// A window with a snapshot before and one after, the later one shown.
pub(crate) fn before_and_after() -> Bench {
    let mut window = Window::new();
    window.files = [("before", 2), ("after", 5)]
        .map(|(name, requests)| window.folder.file(&format!("{name}.heapsnapshot"), server(requests).to_json()))
        .into();
    let mut h = window.open();
    click(&mut h, Role::ListBoxOption, "after");
    click(&mut h, Role::Tab, "Summary");
    h
}

/// The cells of a row as text, without its name.
#[track_caller]
pub(crate) fn cells(h: &Bench, row: &str) -> Vec<String> {
    let row = h.get_by_role_and_label(Role::TreeItem, row);
    let cells = row.query_all(By::new().role(Role::GridCell));
    let cells = cells.map(|c| c.accesskit_node().value().unwrap_or_default().replace('\u{a0}', " "));
    cells.skip(1).collect()
}

pub(crate) fn expand(h: &mut Bench, row: &str) {
    click(h, Role::TreeItem, row);
    press(h, Modifiers::NONE, Key::ArrowRight);
}

fn wait_for_row(h: &mut Bench, row: &str) {
    wait(h, row, |h| h.query_by_role_and_label(Role::TreeItem, row).is_some());
}

#[test]
fn comparison_counts_what_is_new_and_opens_down_to_the_objects() {
    let mut h = before_and_after();
    click(&mut h, Role::Tab, "Comparison");
    wait_for_row(&mut h, "Entry");
    assert_eq!(cells(&h, "Entry"), ["3", "0", "+3", "168 B", "0 B", "+168 B"]);
    assert_eq!(rows(&h), ["Entry", "(string)"]);
    click(&mut h, Role::CheckBox, "Changed sizes");
    assert_eq!(cells(&h, "Array")[6..], ["1", "+24 B"]);
    expand(&mut h, "Entry");
    assert_eq!(rows(&h).iter().filter(|r| r.starts_with("Entry @")).count(), 3);
    click(&mut h, Role::ColumnHeader, "# New");
    assert_eq!(rows(&h)[0], "Array");
}

#[test]
fn without_a_second_snapshot_comparing_panels_ask_for_one() {
    let mut window = Window::new();
    window.files = vec![window.folder.file("only.heapsnapshot", server(1).to_json())];
    let mut h = window.open();
    for panel in ["Comparison", "Side by side"] {
        click(&mut h, Role::Tab, panel);
        h.get_by_role_and_label(Role::Button, "Open…");
    }
}

#[test]
fn side_by_side_shows_both_and_the_difference_on_one_row() {
    let mut h = before_and_after();
    click(&mut h, Role::Tab, "Side by side");
    wait_for_row(&mut h, "Entry");
    let expected = ["2", "0.1 kB", "0.2 kB", "5", "0.3 kB", "0.4 kB", "+3", "+0.2 kB", "+0.2 kB"];
    assert_eq!(cells(&h, "Entry"), expected);
    expand(&mut h, "Entry");
    let side = |letter: &str| rows(&h).iter().filter(|r| r.starts_with(letter)).count();
    assert_eq!((side("A  Entry"), side("B  Entry")), (2, 5));
}

#[test]
fn retainers_of_the_selected_object_lead_to_the_root_and_can_be_ignored() {
    let mut h = before_and_after();
    expand(&mut h, "(string)  ×5");
    let string = rows(&h).into_iter().find(|r| r.starts_with("\"loadtest\" @")).unwrap();
    click(&mut h, Role::TreeItem, &string);
    let all = rows(&h);
    let way = ["agent in Entry @", "[0] in Array @", "headers in system / Context @", "context in onRequest() @"];
    for step in way {
        let prefix = if step.starts_with('[') { "in Array @" } else { step };
        assert!(all.iter().any(|r| r.contains(prefix)), "{step} in {all:?}");
    }
    // Each step of the chain is a link.
    let array = h.query_all(By::new().role(Role::Link)).map(|l| l.accesskit_node().label().unwrap_or_default());
    let array = array.into_iter().find(|l| l.starts_with("Array @")).unwrap();
    let id = array.clone();
    click(&mut h, Role::Link, &array);
    let heap = &h.state().app().session().snapshots().last().unwrap().snapshot.heap;
    let selected = h.state().app().selection().unwrap().node;
    assert_eq!(format!("Array {}", heap.id(selected)), id);
    let retainer = rows(&h).into_iter().find(|r| r.starts_with("headers in")).unwrap();
    h.get_by_role_and_label(Role::TreeItem, &retainer).click_secondary();
    h.run();
    h.get_by_label("Ignore this retainer").click();
    h.run();
    wait(&mut h, "the way back", |h| h.query_by_label("Restore ignored retainers").is_some());
    wait(&mut h, "the retainer to be ignored", |h| cells(h, &retainer)[0] == "ignored");
    click(&mut h, Role::Button, "Restore ignored retainers");
    wait(&mut h, "the button to go", |h| h.query_by_label("Restore ignored retainers").is_none());
    wait(&mut h, "the usual distance", |h| cells(h, &retainer)[0] == "3");
}

#[test]
fn containment_and_dominators_open_from_the_root_down() {
    let mut h = before_and_after();
    click(&mut h, Role::Tab, "Containment");
    assert_eq!(rows(&h), ["1 :: global @3"]);
    expand(&mut h, "1 :: global @3");
    assert_eq!(rows(&h), ["1 :: global @3", "server :: onRequest() @5"]);
    click(&mut h, Role::Tab, "Dominators");
    assert_eq!(cells(&h, "global @3").last().map(String::as_str), Some("100 %"));
}

#[test]
fn statistics_show_both_snapshots_and_lead_to_the_classes() {
    let mut h = before_and_after();
    click(&mut h, Role::Tab, "Statistics");
    wait(&mut h, "the legend", |h| h.query_by_role_and_label(Role::Link, "Strings").is_some());
    h.get_by_label("Other non-JS objects (such as HTML and CSS)");
    wait(&mut h, "what changed", |h| h.query_by_label("+60\u{a0}B").is_some());
    click(&mut h, Role::Link, "Strings");
    wait(&mut h, "the class", |h| rows(h) == ["(string)  ×5"]);
}

#[test]
fn search_reveals_what_it_finds_one_after_the_other() {
    let mut h = before_and_after();
    press(&mut h, Modifiers::COMMAND, Key::F);
    type_into(&mut h, "Search", "/^load/");
    wait(&mut h, "five strings", |h| h.query_by_label("5 found").is_some());
    click(&mut h, Role::Button, "Previous");
    h.get_by_label("5 of 5");
    click(&mut h, Role::Button, "Next");
    h.get_by_label("1 of 5");
    assert_selected(&h, "\"loadtest\" @13");
}

#[test]
fn the_object_pane_shows_the_whole_string_and_finds_in_it() {
    let mut h = before_and_after();
    expand(&mut h, "(string)  ×5");
    click(&mut h, Role::TreeItem, "\"loadtest\" @13");
    click(&mut h, Role::Tab, "Object");
    h.get_by_label("8 characters");
    h.get_by_label("loadtest");
    type_into(&mut h, "Find in string", "t");
    h.get_by_label("1 of 2");
    click(&mut h, Role::Button, "Next");
    h.get_by_label("2 of 2");
}

#[test]
fn a_table_is_copied_as_csv_as_it_is_shown() {
    let mut h = before_and_after();
    h.get_by_role_and_label(Role::TreeItem, "Entry  ×5").click_secondary();
    h.run();
    h.get_by_label("Copy table as CSV").click();
    h.step();
    let copied = h.output().platform_output.commands.iter().find_map(|c| match c {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.unwrap();
    assert!(copied.starts_with("constructor,count,distance,shallow_size,retained_size\n"), "{copied}");
    assert!(copied.contains("\nEntry,5,5,"), "{copied}");
    h.step();
    h.get_by_label(&format!("Copied {} rows as CSV", copied.lines().count() - 1));
}

#[test]
fn snapshots_that_grow_open_the_leaks_panel_which_names_the_owner() {
    let mut window = Window::new();
    window.files = [100, 200, 300]
        .map(|requests| window.folder.file(&format!("{requests}.heapsnapshot"), server(requests).to_json()))
        .into();
    let mut h = window.open();
    wait(&mut h, "findings", |h| h.query_by_label("Show owner").is_some());
    let leaks = h.get_by_role_and_label(Role::Tab, "Leaks");
    assert_eq!(leaks.accesskit_node().is_selected(), Some(true));
    h.get_by_label("headers");
    click(&mut h, Role::Button, "Show owner");
    let app = h.state().app();
    let selection = app.selection().unwrap();
    let heap = &app.session().snapshot(selection.snapshot).unwrap().snapshot.heap;
    assert_eq!(heap.class_name(selection.node).lossy(), "Array");
    h.get_by_role_and_label(Role::TreeItem, "headers in system / Context @7");
}

#[derive(Debug)]
struct Greeting;

#[rustfmt::skip]
impl Panel for Greeting {
    fn id(&self) -> PanelId { PanelId("Greeting") }
    fn title(&self) -> &'static str { "Greeting" }
    fn help(&self) -> &'static str { "Greets the snapshot" }
    fn ui(&mut self, ui: &mut egui::Ui, context: &mut DocumentContext<'_>) {
        ui.label(format!("Good morning, {}", context.name));
    }
    fn forget(&mut self, _id: DocumentId) {}
}

#[test]
fn a_panel_of_ten_lines_has_its_place_in_the_bar() {
    let mut h = before_and_after();
    h.state_mut().app_mut().add_panel(Greeting);
    h.run();
    click(&mut h, Role::Tab, "Greeting");
    h.get_by_label("Good morning, after");
    press(&mut h, Modifiers::COMMAND, Key::Num1);
    h.get_by_role_and_label(Role::TreeGrid, "Summary");
}
