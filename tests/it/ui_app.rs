//! The application, used as a person uses it: by role and name.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{By, NodeT, Queryable};
use heapglass::session::DocumentKind;
use heapglass::testing::{Folder, SnapshotBuilder, fixture};
use heapglass::ui::app::{App, Surroundings};
use heapglass::ui::command::Command;
use heapglass::ui::theme::Theme;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// ```text
/// root ─ global ─┬─ list ─┬─ [0] Point ── x ─ "one"
///                │        └─ [1] Point ── x ─ "one" (another), and self ─ itself
///                └─ big
/// ```
fn small() -> SnapshotBuilder {
    small_after(0)
}

/// The same objects after `newcomers` of other classes, which stand before them in the file.
fn small_after(newcomers: u32) -> SnapshotBuilder {
    let mut b = SnapshotBuilder::new();
    let root = b.node("synthetic", "", 0);
    for i in 0..newcomers {
        let newcomer = b.node("object", &format!("A newcomer {i}"), 16);
        b.edge(root, "element", &format!("{}", 100 + i), newcomer);
    }
    let global = b.node("object", "global", 24);
    let list = b.node("object", "Array", 32);
    b.edge(root, "element", "1", global);
    b.edge(global, "property", "list", list);
    for i in ["0", "1"] {
        let point = b.node("object", "Point", 48);
        let text = b.node("string", "one", 20);
        b.edge(list, "element", i, point);
        b.edge(point, "property", "x", text);
        b.edge(point, "property", "self", point);
    }
    let big = b.node("object", "Big", 9_000);
    b.edge(global, "property", "big", big);
    // Objects keep their ids; what came later has greater ones.
    for node in 1..b.node_count() as u64 {
        let id = if node <= newcomers.into() { 1001 + 2 * node } else { 1 + 2 * (node - u64::from(newcomers)) };
        b.set_id(node as usize, id);
    }
    b
}

/// A snapshot that takes a while to open.
fn slow() -> SnapshotBuilder {
    let mut b = small();
    for i in 0..300_000 {
        let n = b.node("object", "Filler", 16);
        b.edge(1, "element", &i.to_string(), n);
    }
    b
}

pub(crate) struct Window {
    app: Option<App>,
    pub(crate) folder: Folder,
    dialog: Option<Vec<PathBuf>>,
    pub(crate) files: Vec<PathBuf>,
    note: Option<String>,
    pub(crate) free_memory: fn() -> Option<u64>,
}

pub(crate) type Bench = Harness<'static, Window>;

impl Window {
    pub(crate) fn app(&self) -> &App {
        self.app.as_ref().unwrap()
    }

    pub(crate) fn app_mut(&mut self) -> &mut App {
        self.app.as_mut().unwrap()
    }

    pub(crate) fn new() -> Self {
        Self { app: None, folder: Folder::new(), dialog: None, files: Vec::new(), note: None, free_memory: || None }
    }

    pub(crate) fn open(self) -> Bench {
        let mut harness = Harness::builder().with_size([1000.0, 700.0]).with_max_steps(60).build_ui_state(
            |ui, window: &mut Window| {
                if window.app.is_none() {
                    let dialog = window.dialog.clone();
                    let surroundings = Surroundings {
                        settings_path: Some(window.folder.join("settings.json")),
                        ask_for_files: Arc::new(move || dialog.clone()),
                        ask_where_to_save: {
                            let folder = window.folder.to_owned();
                            Arc::new(move |name| Some(Some(folder.join(name))))
                        },
                        free_memory: window.free_memory,
                        is_desktop_dark: Some(true),
                        note: window.note.clone(),
                    };
                    window.app = Some(App::new(ui.ctx(), surroundings, &window.files));
                }
                let app = window.app.as_mut().unwrap();
                app.logic(ui.ctx());
                app.ui(ui);
            },
            self,
        );
        settle(&mut harness);
        harness
    }
}

/// Draws frames until no file is loading and nothing moves.
#[track_caller]
pub(crate) fn settle(h: &mut Bench) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        h.step();
        if !h.state().app().session().is_loading() {
            break;
        }
        assert!(Instant::now() < deadline, "a file is loading forever");
        std::thread::sleep(Duration::from_millis(2));
    }
    h.run_ok();
}

/// Draws frames until `found` finds something.
#[track_caller]
pub(crate) fn wait(h: &mut Bench, what: &str, found: impl Fn(&Bench) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !found(h) {
        assert!(Instant::now() < deadline, "{what} never came");
        h.step();
        std::thread::sleep(Duration::from_millis(2));
    }
    h.run_ok();
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("files are read by their path".to_owned())
    }
}

fn drop_files(h: &mut Bench, files: &[&Path]) {
    for file in files {
        h.input_mut().dropped_files.push(Arc::new(Dropped(file.to_path_buf())));
    }
    h.step();
}

/// A window with one snapshot, called `small`.
fn with_small() -> Bench {
    let mut window = Window::new();
    window.files = vec![window.folder.file("small.heapsnapshot", small().to_json())];
    window.open()
}

/// The names of the rows of the table, from top to bottom.
pub(crate) fn rows(h: &Bench) -> Vec<String> {
    let rows = h.query_all(By::new().role(Role::TreeItem));
    let mut rows: Vec<(f32, String)> =
        rows.map(|r| (r.rect().top(), r.accesskit_node().label().unwrap_or_default())).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|r| r.1).collect()
}

pub(crate) fn click(h: &mut Bench, role: Role, name: &str) {
    h.get_by_role_and_label(role, name).click();
    h.run();
}

pub(crate) fn press(h: &mut Bench, modifiers: Modifiers, key: Key) {
    h.key_press_modifiers(modifiers, key);
    h.run();
}

pub(crate) fn type_into(h: &mut Bench, field: &str, text: &str) {
    h.get_by_role_and_label(Role::TextInput, field).focus();
    h.run();
    h.get_by_role_and_label(Role::TextInput, field).type_text(text);
    h.run();
}

#[track_caller]
pub(crate) fn assert_selected(h: &Bench, name: &str) {
    let selected = h.get(By::new().role(Role::TreeItem).predicate(|n| n.is_selected() == Some(true)));
    assert_eq!(selected.accesskit_node().label().as_deref(), Some(name));
}

#[test]
fn an_empty_window_says_how_to_begin_and_dropping_a_file_opens_it() {
    let mut h = Window::new().open();
    h.get_by_label("Heapglass");
    h.get_by_role_and_label(Role::Button, "Open…");
    let file = h.state().folder.file("small.heapsnapshot", small().to_json());
    h.input_mut().hovered_files = vec![egui::HoveredFile { path: Some(file.clone()), ..Default::default() }];
    h.run_steps(3);
    h.get_by_role_and_label(Role::Alert, "Drop to open small.heapsnapshot");
    h.input_mut().hovered_files.clear();
    drop_files(&mut h, &[&file]);
    settle(&mut h);
    assert!(h.query_by_label("Drop to open small.heapsnapshot").is_none());
    h.get_by_role_and_label(Role::ListBoxOption, "small");
    assert_eq!(rows(&h), ["global", "Big", "Array", "Point  ×2", "(string)  ×2"]);
    h.get_by_label("7 objects (9.2\u{a0}kB)");
}

#[test]
fn the_sample_opens_as_a_comparison_in_one_click() {
    let mut h = Window::new().open();
    h.get_by_role_and_label(Role::Button, "Open the sample").click();
    h.step();
    settle(&mut h);
    let names: Vec<String> = h.state().app().session().snapshots().map(|s| s.name.to_string()).collect();
    assert_eq!(names, ["1-before", "2-after"]);
    wait(&mut h, "the comparison", |h| h.query_by_role_and_label(Role::TreeGrid, "Comparison").is_some());
    h.get_by_role_and_label(Role::Button, "Base: 1-before");
    let shown = h.get(By::new().role(Role::ListBoxOption).predicate(|n| n.is_selected() == Some(true)));
    assert_eq!(shown.accesskit_node().label().as_deref(), Some("2-after"));
    assert!(rows(&h).len() > 3);
}

#[test]
fn several_files_open_at_once_in_their_order_and_the_last_is_shown() {
    let mut window = Window::new();
    window.files = ["c", "a", "b"].map(|n| window.folder.file(&format!("{n}.heapsnapshot"), small().to_json())).into();
    let h = window.open();
    let names: Vec<String> = h.state().app().session().snapshots().map(|s| s.name.to_string()).collect();
    assert_eq!(names, ["c", "a", "b"]);
    let shown = h.get(By::new().role(Role::ListBoxOption).predicate(|n| n.is_selected() == Some(true)));
    assert_eq!(shown.accesskit_node().label().as_deref(), Some("b"));
}

#[test]
fn a_dropped_folder_opens_the_snapshots_in_it_and_shows_the_last() {
    let mut h = Window::new().open();
    let written = std::time::SystemTime::now();
    let paths = ["heap-10", "heap-9"].map(|n| h.state().folder.file(&format!("{n}.heapsnapshot"), small().to_json()));
    h.state().folder.file("notes.txt", "dear diary");
    for path in &paths {
        std::fs::File::options().append(true).open(path).unwrap().set_modified(written).unwrap();
    }
    let folder = paths[0].parent().unwrap().to_path_buf();
    drop_files(&mut h, &[&folder]);
    settle(&mut h);
    let names: Vec<String> = h.state().app().session().documents().iter().map(|d| d.name().to_owned()).collect();
    assert_eq!(names, ["heap-9", "heap-10"]);
    let shown = h.get(By::new().role(Role::ListBoxOption).predicate(|n| n.is_selected() == Some(true)));
    assert_eq!(shown.accesskit_node().label().as_deref(), Some("heap-10"));
}

#[test]
fn a_file_that_is_no_snapshot_shows_its_sentence_until_it_is_dismissed() {
    let mut h = Window::new().open();
    let file = h.state().folder.file("notes.txt", "dear diary");
    drop_files(&mut h, &[&file]);
    settle(&mut h);
    let refusal = h.state().app().session().documents()[0].refusal().unwrap().message.clone();
    h.get_by_label(&refusal);
    h.get_by_label("Heapglass");
    click(&mut h, Role::Button, "Dismiss notes");
    assert!(h.query_by_label(&refusal).is_none());
}

#[test]
fn loading_says_what_it_does_and_can_be_cancelled() {
    let mut h = Window::new().open();
    let file = h.state().folder.file("slow.heapsnapshot", slow().to_json());
    drop_files(&mut h, &[&file]);
    let bar = h.get_by_role_and_label(Role::ProgressIndicator, "Opening slow");
    assert!(bar.accesskit_node().numeric_value().is_some_and(|v| (0.0..=100.0).contains(&v)));
    h.get_by_role_and_label(Role::Button, "Cancel opening slow").click();
    h.step();
    h.step();
    assert!(h.state().app().session().documents().is_empty());
    h.run();
    h.get_by_label("Heapglass");
}

#[test]
fn dropping_an_open_file_shows_it_and_a_newer_version_can_be_read_again() {
    let mut window = Window::new();
    let path = window.folder.file("a.heapsnapshot", small().to_json());
    window.files = vec![window.folder.file("b.heapsnapshot", small().to_json()), path.clone()];
    let mut h = window.open();
    drop_files(&mut h, &[&path]);
    settle(&mut h);
    assert_eq!(h.state().app().session().documents().len(), 2);
    let shown = h.get(By::new().role(Role::ListBoxOption).predicate(|n| n.is_selected() == Some(true)));
    assert_eq!(shown.accesskit_node().label().as_deref(), Some("a"));
    let mut newer = small();
    newer.node("object", "Newcomer", 64);
    std::fs::write(&path, newer.to_json()).unwrap();
    drop_files(&mut h, &[&path]);
    h.run();
    click(&mut h, Role::Button, "Reload a: the file has changed on disk");
    settle(&mut h);
    assert!(rows(&h).contains(&"Newcomer".to_owned()));
    let names: Vec<String> = h.state().app().session().snapshots().map(|s| s.name.to_string()).collect();
    assert_eq!(names, ["b", "a"]);
}

#[test]
fn what_was_open_and_selected_stays_so_when_a_newer_version_of_the_file_is_read() {
    let mut window = Window::new();
    let path = window.folder.file("a.heapsnapshot", small().to_json());
    window.files = vec![path.clone()];
    let mut h = window.open();
    click(&mut h, Role::ColumnHeader, "Constructor");
    for row in ["Point  ×2", "Point @7", "x :: \"one\" @9"] {
        click(&mut h, Role::TreeItem, row);
        press(&mut h, Modifiers::NONE, Key::ArrowRight);
    }
    let shown = rows(&h);
    assert_selected(&h, "x :: \"one\" @9");
    let id = |h: &Bench| {
        let app = h.state().app();
        let selection = app.selection().unwrap();
        app.session().snapshot(selection.snapshot).unwrap().snapshot.heap.id(selection.node).0
    };
    assert_eq!(id(&h), 9);

    // Classes more, and objects before all others: every position in the file is another one.
    std::fs::write(&path, small_after(3).to_json()).unwrap();
    drop_files(&mut h, &[&path]);
    h.run();
    click(&mut h, Role::Button, "Reload a: the file has changed on disk");
    settle(&mut h);
    let (newcomers, others): (Vec<String>, _) = rows(&h).into_iter().partition(|row| row.starts_with("A newcomer"));
    assert_eq!((newcomers.len(), others), (3, shown));
    assert_selected(&h, "x :: \"one\" @9");
    assert_eq!(id(&h), 9);
}

#[test]
fn the_dialog_opens_what_was_chosen_and_its_absence_is_said() {
    let mut window = Window::new();
    window.dialog = Some(vec![window.folder.file("chosen.heapsnapshot", small().to_json())]);
    let mut h = window.open();
    h.key_press_modifiers(Modifiers::COMMAND, Key::O);
    wait(&mut h, "the chosen file", |h| h.query_by_role_and_label(Role::ListBoxOption, "chosen").is_some());

    let mut h = Window::new().open();
    let file = h.state().folder.file("typed.heapsnapshot", small().to_json());
    click(&mut h, Role::Button, "Open…");
    let field = "There is no file dialog on this system. Drop files here, or type a path:";
    wait(&mut h, "the notice", |h| h.query_by_role_and_label(Role::TextInput, field).is_some());
    type_into(&mut h, field, &file.display().to_string());
    h.key_press(Key::Enter);
    wait(&mut h, "the typed file", |h| h.query_by_role_and_label(Role::ListBoxOption, "typed").is_some());
}

#[test]
fn every_column_sorts_both_ways() {
    let mut h = with_small();
    let expected = [
        ("Constructor", ["(string)  ×2", "Array", "Big", "Point  ×2", "global"]),
        ("Distance", ["global", "Big", "Array", "Point  ×2", "(string)  ×2"]),
        ("Shallow size", ["global", "Array", "(string)  ×2", "Point  ×2", "Big"]),
        ("Retained size", ["(string)  ×2", "Point  ×2", "Array", "Big", "global"]),
    ];
    for (column, ascending) in expected {
        click(&mut h, Role::ColumnHeader, column);
        assert_eq!(rows(&h), ascending, "{column} upward");
        click(&mut h, Role::ColumnHeader, column);
        let mut descending = ascending;
        descending.reverse();
        if column == "Distance" {
            // Big and Array are equally far: the larger one comes first either way.
            descending.swap(2, 3);
        }
        assert_eq!(rows(&h), descending, "{column} downward");
    }
}

#[test]
fn the_filter_box_picks_classes_by_text_and_by_expression() {
    let mut h = with_small();
    press(&mut h, Modifiers::COMMAND, Key::L);
    h.event(egui::Event::Text("I".into()));
    h.run();
    assert_eq!(rows(&h), ["Big", "Point  ×2", "(string)  ×2"], "capitals do not matter");
    h.get_by_label("5 objects (9.1\u{a0}kB)");
    click(&mut h, Role::Button, "Show all classes");
    assert_eq!(rows(&h).len(), 5);
    type_into(&mut h, "Filter classes", "/^(Big|Arr.y)$/");
    assert_eq!(rows(&h), ["Big", "Array"]);
    click(&mut h, Role::Button, "Show all classes");
    type_into(&mut h, "Filter classes", "nothing is called so");
    assert_eq!(rows(&h), Vec::<String>::new());
    h.get_by_label("No class has a name like that");
    h.get_by_role_and_label(Role::TextInput, "Filter classes").focus();
    h.run();
    press(&mut h, Modifiers::NONE, Key::Escape);
    assert_eq!(rows(&h).len(), 5);
}

#[test]
fn object_filters_count_only_what_they_let_through() {
    let mut h = with_small();
    click(&mut h, Role::Button, "All objects");
    wait(&mut h, "the menu", |h| h.query_by_role_and_label(Role::RadioButton, "Duplicated strings").is_some());
    h.get_by_role_and_label(Role::RadioButton, "Objects allocated before small");
    click(&mut h, Role::RadioButton, "Duplicated strings");
    wait(&mut h, "the filtered list", |h| rows(h).len() == 1);
    assert_eq!(rows(&h), ["(string)  ×2"]);
    h.get_by_label("2 objects (40\u{a0}B)");
    h.get_by_role_and_label(Role::Button, "Duplicated strings");
}

#[test]
fn classes_open_to_objects_and_those_to_what_they_refer_to_until_they_meet_themselves() {
    let mut h = with_small();
    h.get_by_role_and_label(Role::TreeGrid, "Summary").focus();
    h.run();
    for _ in 0..4 {
        press(&mut h, Modifiers::NONE, Key::ArrowDown);
    }
    assert_selected(&h, "Point  ×2");
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    assert_selected(&h, "Point @7");
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(rows(&h)[4..8], ["Point @7", "self :: Point @7", "x :: \"one\" @9", "Point @11"]);
    press(&mut h, Modifiers::NONE, Key::ArrowDown);
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    assert_selected(&h, "self :: Point @7");
    let cycle = h.query_all(By::new().role(Role::TreeItem).label("self :: Point @7"));
    let expansions: Vec<Option<bool>> = cycle.map(|n| n.accesskit_node().data().is_expanded()).collect();
    assert_eq!(expansions, [Some(true), None], "the object inside itself cannot be opened again");
}

#[test]
fn back_and_forward_go_through_selections_panels_and_snapshots() {
    let mut window = Window::new();
    window.files = ["b", "a"].map(|n| window.folder.file(&format!("{n}.heapsnapshot"), small().to_json())).into();
    let mut h = window.open();
    let selected = |h: &Bench| h.state().app().selection().map(|s| (s.snapshot.0, s.node.0));
    click(&mut h, Role::TreeItem, "Big");
    h.get_by_role_and_label(Role::TreeGrid, "Summary").focus();
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(selected(&h), Some((2, 7)));
    click(&mut h, Role::ListBoxOption, "b");
    assert_eq!(selected(&h), None);
    press(&mut h, Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(selected(&h), Some((2, 7)));
    assert_selected(&h, "Big @15");
    click(&mut h, Role::Button, "Back");
    assert_eq!(selected(&h), None);
    press(&mut h, Modifiers::ALT, Key::ArrowRight);
    assert_eq!(selected(&h), Some((2, 7)));
    click(&mut h, Role::Button, "Forward");
    let shown = h.get(By::new().role(Role::ListBoxOption).predicate(|n| n.is_selected() == Some(true)));
    assert_eq!(shown.accesskit_node().label().as_deref(), Some("b"));
}

#[test]
fn an_object_is_revealed_in_summary_through_filters_and_closed_rows() {
    let mut h = with_small();
    click(&mut h, Role::TreeItem, "Array");
    h.get_by_role_and_label(Role::TreeGrid, "Summary").focus();
    for _ in 0..3 {
        press(&mut h, Modifiers::NONE, Key::ArrowRight);
    }
    press(&mut h, Modifiers::NONE, Key::ArrowDown);
    assert_selected(&h, "[0] :: Point @7");
    type_into(&mut h, "Filter classes", "array");
    assert!(!rows(&h).contains(&"Point  ×2".to_owned()));
    h.get_by_label("[0] :: Point @7").click_secondary();
    h.run();
    h.get_by_label("Reveal in Summary").click();
    h.run();
    assert_selected(&h, "Point @7");
    assert!(rows(&h).contains(&"Big".to_owned()), "the filter that hid it is cleared");
}

#[test]
fn snapshots_are_renamed_moved_and_closed_and_give_their_memory_back() {
    let mut window = Window::new();
    window.files = ["a", "b"].map(|n| window.folder.file(&format!("{n}.heapsnapshot"), small().to_json())).into();
    let mut h = window.open();
    let names = |h: &Bench| h.state().app().session().snapshots().map(|s| s.name.to_string()).collect::<Vec<_>>();
    click(&mut h, Role::ListBoxOption, "a");
    press(&mut h, Modifiers::NONE, Key::F2);
    let field = h.get_by_role_and_label(Role::TextInput, "Name of the snapshot");
    assert!(field.is_focused());
    press(&mut h, Modifiers::COMMAND, Key::A);
    h.event(egui::Event::Text("before".into()));
    h.run();
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert_eq!(names(&h), ["before", "b"]);
    h.get_by_role_and_label(Role::ListBoxOption, "b").click_secondary();
    h.run();
    h.get_by_label("Move up").click();
    h.run();
    assert_eq!(names(&h), ["b", "before"]);
    let weak = Arc::downgrade(&h.state().app().session().snapshots().nth(1).unwrap().snapshot);
    press(&mut h, Modifiers::COMMAND, Key::W);
    assert_eq!(names(&h), ["b"]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while weak.upgrade().is_some() {
        assert!(Instant::now() < deadline, "a closed snapshot is still held");
        std::thread::sleep(Duration::from_millis(2));
    }
    let shown = h.get(By::new().role(Role::ListBoxOption).predicate(|n| n.is_selected() == Some(true)));
    assert_eq!(shown.accesskit_node().label().as_deref(), Some("b"));
}

#[test]
fn themes_contrast_and_zoom_are_chosen_and_remembered() {
    let mut h = with_small();
    assert!(Theme::of(&h.ctx).is_dark, "as the desktop has it");
    click(&mut h, Role::Button, "Theme and size of text");
    click(&mut h, Role::RadioButton, "Light");
    assert!(!Theme::of(&h.ctx).is_dark);
    click(&mut h, Role::Button, "Theme and size of text");
    click(&mut h, Role::CheckBox, "High contrast");
    assert!(Theme::of(&h.ctx).is_high_contrast);
    press(&mut h, Modifiers::COMMAND, Key::Plus);
    press(&mut h, Modifiers::COMMAND, Key::Plus);
    assert_eq!(h.ctx.zoom_factor(), 1.2);
    press(&mut h, Modifiers::COMMAND, Key::Minus);
    assert_eq!(h.ctx.zoom_factor(), 1.1);

    // The next run finds everything as it was, and the file among the recent ones.
    let path = h.state().folder.join("small.heapsnapshot");
    let Window { folder, .. } = h.into_state();
    let next = Window { folder, ..Window::new() }.open();
    let theme = Theme::of(&next.ctx);
    assert!(!theme.is_dark && theme.is_high_contrast);
    assert_eq!(next.ctx.zoom_factor(), 1.1);
    assert_eq!(next.state().app().settings().recent, [std::fs::canonicalize(path).unwrap()]);
    next.get_by_label("small.heapsnapshot").click();
    let mut next = next;
    next.step();
    settle(&mut next);
    next.get_by_role_and_label(Role::ListBoxOption, "small");
}

#[test]
fn the_window_of_shortcuts_lists_what_the_table_of_commands_binds() {
    let mut h = with_small();
    press(&mut h, Modifiers::NONE, Key::F1);
    h.get_by_label("Everywhere");
    let panels: Vec<&str> = h.state().app().panels().serving(DocumentKind::Snapshot).map(|p| p.title()).collect();
    for bound in heapglass::ui::command::BOUND {
        let words = match bound.command {
            Command::ShowNumbered(number) => panels[number - 1],
            _ => bound.text,
        };
        assert!(h.query_all_by_label(words).next().is_some(), "{words}");
    }
    press(&mut h, Modifiers::NONE, Key::Escape);
    assert!(h.query_by_label("Everywhere").is_none());
    h.get_by_role_and_label(Role::TreeGrid, "Summary").focus();
    h.run();
    // One press of a key is a key and a text, in one frame.
    h.input_mut().events.extend([
        egui::Event::Key {
            key: Key::Questionmark,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::SHIFT,
        },
        egui::Event::Text("?".into()),
    ]);
    h.run();
    assert!(h.query_by_role_and_label(Role::TextInput, "Search").is_none());
    h.get_by_label("Everywhere");
}

#[test]
fn warnings_stand_behind_a_badge() {
    let mut window = Window::new();
    let mut json = small().to_value();
    json["snapshot"]["node_count"] = 99.into();
    window.files = vec![window.folder.file("odd.heapsnapshot", json.to_string())];
    let mut h = window.open();
    let warnings: Vec<String> = h
        .state()
        .app()
        .session()
        .snapshots()
        .flat_map(|s| s.snapshot.warnings.iter().map(ToString::to_string).collect::<Vec<_>>())
        .collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    click(&mut h, Role::Button, "1 warning about odd");
    h.get_by_label(&warnings[0]);
}

#[test]
fn with_nothing_happening_no_frame_is_drawn() {
    let mut h = with_small();
    h.run();
    let delay = h.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert_eq!(delay, Duration::MAX);
}

#[test]
fn the_lower_pane_shows_the_selected_object_and_folds() {
    let mut h = with_small();
    h.get_by_label("Select an object above to see what keeps it in memory");
    click(&mut h, Role::TreeItem, "Big");
    h.get_by_role_and_label(Role::TreeGrid, "Summary").focus();
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    click(&mut h, Role::Tab, "Object");
    let sizes = h.query_all(By::new().role(Role::Label).label_contains("9.0\u{a0}kB"));
    assert_eq!(sizes.count(), 2, "shallow and retained");
    press(&mut h, Modifiers::COMMAND, Key::J);
    assert!(h.query_by_role_and_label(Role::Tab, "Object").is_none());
    press(&mut h, Modifiers::COMMAND, Key::J);
    h.get_by_role_and_label(Role::Tab, "Object");
}

#[test]
fn the_lower_pane_takes_no_room_where_there_is_nothing_to_select() {
    let mut h = with_small();
    for (panel, is_there) in [("Statistics", false), ("Leaks", false), ("Dominators", true)] {
        click(&mut h, Role::Tab, panel);
        h.run_ok();
        assert_eq!(h.query_by_role_and_label(Role::Tab, "Retainers").is_some(), is_there, "{panel}");
    }
    click(&mut h, Role::TreeItem, "global @3");
    click(&mut h, Role::Tab, "Statistics");
    h.get_by_role_and_label(Role::Tab, "Retainers");
}

#[test]
fn what_the_system_cannot_do_is_said_once() {
    let mut window = Window::new();
    window.note = Some("Files cannot be dropped here".to_owned());
    let mut h = window.open();
    h.get_by_label("Files cannot be dropped here");
    click(&mut h, Role::Button, "Dismiss");
    assert!(h.query_by_label("Files cannot be dropped here").is_none());
}

#[test]
fn however_long_a_notice_is_its_buttons_stay_in_sight() {
    let mut window = Window::new();
    let note = "Files cannot be dropped here. ".repeat(40);
    window.note = Some(note.clone());
    let mut h = window.open();
    let (text, button) = (h.get_by_label(&note).rect(), h.get_by_role_and_label(Role::Button, "Dismiss").rect());
    let screen = h.ctx.content_rect();
    assert!(screen.contains_rect(button) && screen.contains_rect(text), "{text} {button} {screen}");
    assert!(text.right() <= button.left() && text.height() > 30.0, "{text} {button}");
    click(&mut h, Role::Button, "Dismiss");
    assert!(h.query_by_label(&note).is_none());
}

#[test]
fn search_finds_objects_by_name_expression_and_id_one_after_the_other() {
    let mut h = with_small();
    press(&mut h, Modifiers::COMMAND, Key::F);
    assert!(h.get_by_role_and_label(Role::TextInput, "Search").is_focused());
    h.event(egui::Event::Text("ONE".into()));
    wait(&mut h, "a hit", |h| h.query_by_label("2 found").is_some());
    assert_eq!(h.state().app().selection(), None, "nothing moves while somebody types");
    assert!(h.get_by_role_and_label(Role::TextInput, "Search").is_focused(), "typing goes on");
    press(&mut h, Modifiers::NONE, Key::Enter);
    h.get_by_label("1 of 2");
    assert_selected(&h, "\"one\" @9");
    click(&mut h, Role::ListItem, "\"one\" @13");
    h.get_by_label("2 of 2");
    h.get_by_role_and_label(Role::TextInput, "Search").focus();
    assert_selected(&h, "\"one\" @13");
    press(&mut h, Modifiers::NONE, Key::F3);
    h.get_by_label("1 of 2");
    press(&mut h, Modifiers::SHIFT, Key::F3);
    h.get_by_label("2 of 2");
    click(&mut h, Role::Button, "Aa");
    wait(&mut h, "the answer", |h| h.query_by_label("Nothing found").is_some());
    click(&mut h, Role::Button, "Aa");
    h.get_by_role_and_label(Role::TextInput, "Search").focus();
    h.run();
    press(&mut h, Modifiers::COMMAND, Key::A);
    h.event(egui::Event::Text("@7".into()));
    wait(&mut h, "the object", |h| h.query_by_label("1 found").is_some());
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert_selected(&h, "Point @7");
    press(&mut h, Modifiers::COMMAND, Key::F);
    press(&mut h, Modifiers::COMMAND, Key::A);
    h.event(egui::Event::Text("/^B.g$/".into()));
    wait(&mut h, "the expression", |h| h.query_by_role_and_label(Role::ListItem, "Big @15").is_some());
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert_selected(&h, "Big @15");
    h.get_by_label("1 of 1");
    press(&mut h, Modifiers::ALT, Key::ArrowLeft);
    assert_selected(&h, "Point @7");
    press(&mut h, Modifiers::NONE, Key::Escape);
    assert!(h.query_by_label("1 of 1").is_none());
}

#[test]
fn the_palette_runs_what_is_called_so_and_lists_the_panels() {
    let mut h = with_small();
    press(&mut h, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    assert!(h.get_by_role_and_label(Role::TextInput, "Command").is_focused());
    h.event(egui::Event::Text("show domin".into()));
    h.run();
    h.get_by_role_and_label(Role::MenuItem, "Show Dominators");
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert!(h.query_by_role_and_label(Role::TextInput, "Command").is_none());
    h.get_by_role_and_label(Role::TreeGrid, "Dominators");
    press(&mut h, Modifiers::COMMAND, Key::K);
    press(&mut h, Modifiers::NONE, Key::ArrowDown);
    let chosen = h.get(By::new().role(Role::MenuItem).predicate(|n| n.is_selected() == Some(true)));
    assert_eq!(chosen.accesskit_node().label().as_deref(), Some("Show Comparison"));
    press(&mut h, Modifiers::NONE, Key::Escape);
    assert!(h.query_by_role_and_label(Role::TextInput, "Command").is_none());
    h.get_by_role_and_label(Role::TreeGrid, "Dominators");
}

#[test]
fn columns_are_hidden_and_come_back_by_the_menu_of_the_header() {
    let mut h = with_small();
    h.get_by_role_and_label(Role::ColumnHeader, "Shallow size").click_secondary();
    h.run();
    click(&mut h, Role::Button, "Hide Shallow size");
    assert!(h.query_by_role_and_label(Role::ColumnHeader, "Shallow size").is_none());
    h.get_by_role_and_label(Role::ColumnHeader, "Distance").click_secondary();
    h.run();
    click(&mut h, Role::Button, "Reset columns");
    h.get_by_role_and_label(Role::ColumnHeader, "Shallow size");
}

#[test]
fn rows_tell_screen_readers_where_they_are_and_whether_they_are_open() {
    let mut h = with_small();
    let described = |h: &Bench, role, name: &str| {
        h.get_by_role_and_label(role, name).accesskit_node().description().unwrap_or_default()
    };
    assert_eq!(described(&h, Role::TreeGrid, "Summary"), "5 rows, 4 columns");
    assert_eq!(described(&h, Role::TreeItem, "Point  ×2"), "row 4 of 5, closed");
    click(&mut h, Role::TreeItem, "Point  ×2");
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(described(&h, Role::TreeItem, "Point  ×2"), "row 4 of 7, open");
    let row = h.get_by_role_and_label(Role::TreeItem, "Big");
    row.get_by_label("Distance: 2");
}

#[test]
fn typing_anywhere_begins_a_search() {
    let mut h = with_small();
    h.get_by_role_and_label(Role::TreeGrid, "Summary").focus();
    h.run();
    h.event(egui::Event::Text("b".into()));
    h.run();
    h.event(egui::Event::Text("ig".into()));
    wait(&mut h, "a hit", |h| h.query_by_label("1 found").is_some());
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert_selected(&h, "Big @15");
}

/// What was put on the clipboard in the last frame.
pub(crate) fn copied(h: &Bench) -> Option<String> {
    h.output().platform_output.commands.iter().find_map(|c| match c {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

#[test]
fn the_menu_of_a_row_opens_and_is_walked_by_keyboard() {
    let mut h = with_small();
    click(&mut h, Role::TreeItem, "Big");
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    for (modifiers, key) in [(Modifiers::SHIFT, Key::F10), (Modifiers::NONE, Key::Menu)] {
        press(&mut h, modifiers, key);
        assert!(h.get_by_role_and_label(Role::Button, "Reveal in Summary").is_focused());
        assert!(h.query_by_label("Compare this class").is_none(), "there is nothing to compare with");
        assert!(h.query_by_label("Copy value").is_none(), "it is neither text nor a number");
        press(&mut h, Modifiers::NONE, Key::ArrowDown);
        assert!(h.get_by_role_and_label(Role::Button, "Show retainers").is_focused());
        press(&mut h, Modifiers::NONE, Key::Escape);
        assert!(h.query_by_label("Show retainers").is_none());
        // The table has the keyboard again: its selected row is what is read out.
        assert!(h.get_by_role_and_label(Role::TreeItem, "Big @15").is_focused());
    }
    assert_selected(&h, "Big @15");
    press(&mut h, Modifiers::SHIFT, Key::F10);
    press(&mut h, Modifiers::NONE, Key::ArrowDown);
    press(&mut h, Modifiers::NONE, Key::ArrowDown);
    press(&mut h, Modifiers::NONE, Key::Enter);
    h.get_by_role_and_label(Role::TreeGrid, "Dominators");
    assert_selected(&h, "Big @15");
}

#[test]
fn the_menu_copies_value_and_path_and_compares_the_class() {
    let mut window = Window::new();
    window.files = ["a", "b"].map(|n| window.folder.file(&format!("{n}.heapsnapshot"), small().to_json())).into();
    let mut h = window.open();
    click(&mut h, Role::TreeItem, "(string)  ×2");
    press(&mut h, Modifiers::NONE, Key::ArrowRight);
    for (entry, text) in
        [("Copy value", "one"), ("Copy path", "root → global @3 → .list Array @5 → [0] Point @7 → .x \"one\" @9")]
    {
        h.get_by_role_and_label(Role::TreeItem, "\"one\" @9").click_secondary();
        h.run();
        h.get_by_label(entry).click();
        h.step();
        assert_eq!(copied(&h).as_deref(), Some(text), "{entry}");
        h.run();
    }
    h.get_by_role_and_label(Role::TreeItem, "Point  ×2").click_secondary();
    h.run();
    h.get_by_label("Compare this class").click();
    wait(&mut h, "the comparison", |h| h.query_by_label("No class with a difference has a name like that").is_some());
}

#[test]
fn a_table_is_saved_as_it_is_shown() {
    let mut h = with_small();
    for (entry, file, begin) in [
        ("Save table as CSV…", "summary.csv", "constructor,count,distance,shallow_size,retained_size\nglobal,1,"),
        ("Save table as JSON…", "summary.json", "{\n\"command\": \"summary\","),
        ("Save table as Markdown…", "summary.md", "- Filter: `all`\n"),
    ] {
        h.get_by_role_and_label(Role::TreeItem, "Big").click_secondary();
        h.run();
        h.get_by_label(entry).click();
        let path = h.state().folder.join(file);
        let notice = format!("Saved 5 rows as {}", path.display());
        wait(&mut h, "the notice", |h| h.query_by_label(&notice).is_some());
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with(begin), "{text}");
        assert_eq!(text.lines().filter(|line| line.contains("global")).count(), 1, "{text}");
    }
}

#[test]
fn a_timeline_shows_when_and_where_its_objects_were_allocated() {
    let mut window = Window::new();
    window.files = vec![fixture("devtools/timeline.heaptimeline")];
    let mut h = window.open();
    let all = rows(&h);
    click(&mut h, Role::Tab, "Allocation");
    let chart = "Timeline of allocations: drag to choose a range, double-click for all";
    wait(&mut h, "the chart", |h| h.query_by_role_and_label(Role::Image, chart).is_some());
    let functions = rows(&h);
    assert!(!functions.is_empty());
    click(&mut h, Role::ColumnHeader, "Live count");
    click(&mut h, Role::ColumnHeader, "Live count");
    h.get_by_role_and_label(Role::TreeGrid, "Allocation").focus();
    h.run();
    press(&mut h, Modifiers::NONE, Key::Home);
    click(&mut h, Role::Button, "Show in Summary");
    wait(&mut h, "the filtered list", |h| h.query_by_label("Filtering…").is_none());
    h.get_by_role_and_label(Role::Button, "Allocated by a function");
    assert!(rows(&h).len() < all.len(), "{all:?}");

    click(&mut h, Role::Tab, "Allocation");
    let rect = h.get_by_role_and_label(Role::Image, chart).rect();
    h.drag_at(rect.left_center() + egui::vec2(20.0, 0.0));
    h.run();
    h.hover_at(rect.center());
    h.run();
    h.drop_at(rect.center());
    h.run();
    click(&mut h, Role::Button, "Show in Summary");
    wait(&mut h, "the range", |h| h.query_by_label("Filtering…").is_none());
    h.get_by_role_and_label(Role::Button, "Allocated in a range of time");
}

#[test]
fn allocation_is_not_offered_where_nothing_is_known_of_it_and_says_so_by_key() {
    let mut h = with_small();
    assert!(h.query_by_role_and_label(Role::Tab, "Allocation").is_none());
    press(&mut h, Modifiers::COMMAND, Key::Num9);
    h.get_by_label(
        "This snapshot does not say when or where its objects were allocated: record an allocation timeline for that",
    );
}
