//! What the tables of the window show of real snapshots is what the command line answers: the same
//! rows in the same order with the same figures, so that screen and engine cannot drift apart.

use crate::cli::json;
use crate::ui_app::{Bench, Window, click, wait};
use egui::accesskit::Role;
use egui_kittest::kittest::{By, NodeT, Queryable};
use heapglass::testing::fixture;
use serde_json::Value;

const BEFORE: &str = "snapshots/headers-array.1.heapsnapshot.gz";
const AFTER: &str = "snapshots/headers-array.2.heapsnapshot.gz";

/// A window so tall that hundreds of rows are on screen, with both snapshots open.
fn tall_window() -> Bench {
    let mut window = Window::new();
    window.files = vec![fixture(BEFORE), fixture(AFTER)];
    let mut h = window.open();
    h.set_size(egui::vec2(1600.0, 8000.0));
    h.run_ok();
    h
}

/// A row of a table, cell by cell.
fn row_texts(row: &egui_kittest::Node<'_>) -> Vec<String> {
    let cells = row.query_all(By::new().role(Role::GridCell));
    cells.map(|c| plain(&c.accesskit_node().value().unwrap_or_default())).collect()
}

/// The rows of the table called `table`, from top to bottom; none while it is being made.
fn table(h: &Bench, table: &str) -> Vec<Vec<String>> {
    let Some(grid) = h.query_by_role_and_label(Role::TreeGrid, table) else { return Vec::new() };
    let rows = grid.query_all(By::new().role(Role::TreeItem));
    let mut rows: Vec<(f32, Vec<String>)> = rows.map(|r| (r.rect().top(), row_texts(&r))).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|r| r.1).collect()
}

/// With ordinary blanks, and without the share that the screen adds to a size.
fn plain(text: &str) -> String {
    let text = text.replace('\u{a0}', " ");
    match text.rsplit_once(' ') {
        Some((rest, "%")) => rest.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end().to_owned(),
        _ => text,
    }
}

/// The same columns of the rows of an answer of the command line.
fn answered(answer: &Value, columns: &[&str]) -> Vec<Vec<String>> {
    let text = |row: &Value, column: &&str| plain(row[*column].as_str().unwrap_or_default());
    let rows = answer["rows"].as_array().unwrap();
    rows.iter().map(|row| columns.iter().map(|c| text(row, c)).collect()).collect()
}

/// The screen shows as many of the rows as there is room for, and those exactly.
#[track_caller]
fn assert_same(what: &str, shown: &[Vec<String>], expected: &[Vec<String>]) {
    assert!(!shown.is_empty(), "{what}: nothing is shown");
    assert!(shown.len() == expected.len() || shown.len() >= 200, "{what}: {} of {}", shown.len(), expected.len());
    assert!(shown.len() <= expected.len(), "{what}: {} rows, the command line has {}", shown.len(), expected.len());
    for (at, (shown, expected)) in shown.iter().zip(expected).enumerate() {
        assert_eq!(shown, expected, "{what}, row {at}");
    }
}

/// Rows of classes without the count that the screen adds to the name.
fn without_count(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for row in &mut rows {
        if let Some((name, _)) = row[0].split_once("  ×") {
            row[0] = name.to_owned();
        }
    }
    rows
}

#[test]
fn summary_shows_what_the_command_line_answers_however_it_is_sorted() {
    let mut h = tall_window();
    click(&mut h, Role::Tab, "Summary");
    let columns = ["constructor", "distance_text", "shallow_size_text", "retained_size_text"];
    let sorts: [(&str, &[&str]); 4] = [
        ("Constructor", &["--sort", "constructor"]),
        ("Distance", &["--sort", "distance"]),
        ("Shallow size", &["--sort", "shallow_size", "--reverse"]),
        ("Retained size", &["--sort", "retained_size", "--reverse"]),
    ];
    let first = json(&["summary", AFTER]);
    let shown = without_count(table(&h, "Summary"));
    assert_same("as it opens", &shown, &answered(&first, &columns));
    for (header, sort) in sorts {
        click(&mut h, Role::ColumnHeader, header);
        let answer = json(&[&["summary", AFTER], sort].concat());
        assert_same(header, &without_count(table(&h, "Summary")), &answered(&answer, &columns));
    }
}

#[test]
fn comparison_shows_what_the_command_line_answers() {
    let mut h = tall_window();
    click(&mut h, Role::Tab, "Comparison");
    wait(&mut h, "the comparison", |h| !table(h, "Comparison").is_empty());
    let columns = ["new", "deleted", "delta", "alloc_size", "freed_size", "size_delta"].map(|c| format!("{c}_text"));
    let columns: Vec<&str> = std::iter::once("constructor").chain(columns.iter().map(String::as_str)).collect();
    let answer = json(&["comparison", BEFORE, AFTER]);
    assert_same("Comparison", &table(&h, "Comparison"), &answered(&answer, &columns));
}

#[test]
fn trees_show_what_the_command_line_answers() {
    let mut h = tall_window();
    for (panel, command) in [("Containment", "containment"), ("Dominators", "dominators")] {
        click(&mut h, Role::Tab, panel);
        wait(&mut h, panel, |h| !table(h, panel).is_empty());
        let figures: Vec<Vec<String>> = table(&h, panel).into_iter().map(|row| row[1..4].to_vec()).collect();
        let answer = json(&[command, AFTER]);
        let expected = answered(&answer, &["distance_text", "shallow_size_text", "retained_size_text"]);
        assert_same(panel, &figures, &expected);
    }
}

#[test]
fn retainers_show_what_the_command_line_answers() {
    let mut h = tall_window();
    click(&mut h, Role::Tab, "Dominators");
    wait(&mut h, "the tree", |h| !table(h, "Dominators").is_empty());
    let names = table(&h, "Dominators").into_iter().map(|row| row[0].clone());
    let columns = ["text", "distance_text", "shallow_size_text", "retained_size_text"];
    // Some of what the root dominates is held by the root alone.
    let mut answers = names.filter_map(|name| {
        let id = name.rsplit_once(' ')?.1;
        Some((name.clone(), answered(&json(&["retainers", AFTER, id]), &columns)))
    });
    let (name, direct) = answers.find(|(_, direct)| direct.len() > 3).unwrap();
    click(&mut h, Role::TreeItem, &name);
    wait(&mut h, "retainers", |h| !table(h, "Retainers").is_empty());
    // The nearest retainer is opened down to the root; those beside it follow below, as far as there is room.
    let shown = table(&h, "Retainers");
    assert_eq!(shown[0], direct[0]);
    let mut seen = 0;
    for row in &shown {
        if direct.get(seen) == Some(row) {
            seen += 1;
        } else {
            assert!(!direct[seen..].contains(row), "{row:?} is not in its place in {shown:?}");
        }
    }
    assert!(seen >= 3, "{shown:?} instead of {direct:?}");
}

#[test]
fn statistics_show_what_the_command_line_answers() {
    let mut h = tall_window();
    click(&mut h, Role::Tab, "Statistics");
    let answer = json(&["statistics", AFTER]);
    let base = json(&["statistics", BEFORE]);
    let parts = ["code", "strings", "js_arrays", "typed_arrays", "system_objects", "other_js_objects", "total"];
    for part in parts {
        for answer in [&answer, &base] {
            let text = answer[format!("{part}_text")].as_str().unwrap().to_owned();
            wait(&mut h, part, |h| h.query_all(By::new().label_contains(&text)).next().is_some());
        }
    }
}
