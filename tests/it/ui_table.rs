//! The table, used as a person or a screen reader uses it: by role and name.

use egui::accesskit::{Role, SortDirection};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{By, NodeT, Queryable};
use heapglass::progress::{CancelToken, Cancelled};
use heapglass::relation;
use heapglass::session::job::FrontEnd;
use heapglass::ui::tree::{Ancestors, Cell, Column, LazyTree, Mark, RowView, Sort, Span, Tone, TreeModel, TreeSource};
use heapglass::ui::widgets::tree_table::{TableEvents, TreeTable};

/// `count` rows; every one opens to three, those to three again, without end.
struct Numbers {
    count: u32,
}

impl TreeSource for Numbers {
    type Item = String;

    fn columns(&self) -> Vec<Column> {
        vec![
            Column::tree("Name", "What it is called"),
            Column::figures("Size", "How large it is", 120.0),
            Column::figures("Left", "", 90.0).in_band("Both"),
            Column::figures("Right", "", 90.0).in_band("Both"),
        ]
    }

    fn child_count(&self, parent: Option<&String>) -> u32 {
        parent.map_or(self.count, |_| 3)
    }

    fn child(&self, parent: Option<&String>, position: u32) -> String {
        parent.map_or_else(|| format!("row {position}"), |p| format!("{p}.{position}"))
    }

    fn order(&self, parent: Option<&String>, sort: Option<Sort>, _: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        let all = 0..self.child_count(parent);
        Ok(if sort.is_some_and(Sort::is_descending) { all.rev().collect() } else { all.collect() })
    }

    fn exported(&self, tree: &LazyTree<Self>) -> relation::Answer<'static> {
        let count = relation::Column::new("count", "Count", relation::Kind::Integer, "How many rows there are");
        relation::Answer::new("numbers").fact(count, tree.row_count())
    }

    fn is_expandable(&self, item: &String, _: Ancestors<'_, String>) -> bool {
        !item.ends_with(".2")
    }

    fn row(&self, item: &String, _: Ancestors<'_, String>) -> RowView {
        let name = Cell::Text(vec![Span::code(item.clone(), Tone::String)]);
        let size = item.len() as u64;
        let marks = if item.ends_with('7') { vec![Mark::Detached] } else { Vec::new() };
        let figures = [Cell::share(size.to_string(), size, 20), Cell::figure("1"), Cell::figure("2")];
        RowView { marks, ..RowView::new(std::iter::once(name).chain(figures).collect()) }
    }

    fn tooltip(&self, item: &String, _: Ancestors<'_, String>, column: usize) -> Option<String> {
        (column == 0).then(|| format!("about {item}"))
    }
}

struct State {
    table: TreeTable,
    rows: LazyTree<Numbers>,
    events: Vec<TableEvents>,
}

fn table(count: u32) -> Harness<'static, State> {
    let rows = LazyTree::new(Numbers { count }, Some(Sort::ascending(0)), &FrontEnd::nobody());
    let state = State { table: TreeTable::new("Numbers"), rows, events: Vec::new() };
    let mut harness = Harness::builder().with_size([800.0, 400.0]).build_ui_state(
        |ui, state: &mut State| {
            let events = state.table.ui(ui, &mut state.rows, |ui, model, row| {
                if ui.button("Greet").clicked() {
                    ui.ctx().copy_text(format!("Hello {}", model.row(row).unwrap_or_default().name()));
                    ui.close();
                }
            });
            if events != TableEvents::default() {
                state.events.push(events);
            }
        },
        state,
    );
    while harness.state().rows.is_sorting() {
        harness.step();
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    harness.run();
    harness
}

fn focus(h: &mut Harness<'_, State>) {
    h.get_by_role_and_label(Role::TreeGrid, "Numbers").focus();
    h.run();
}

fn press(h: &mut Harness<'_, State>, key: Key) {
    h.key_press(key);
    h.run();
}

#[track_caller]
fn assert_selected(h: &Harness<'_, State>, name: &str) {
    let selected = h.get(By::new().role(Role::TreeItem).predicate(|n| n.is_selected() == Some(true)));
    assert_eq!(selected.accesskit_node().label().as_deref(), Some(name));
}

/// What is copied within the next frames.
fn copied(h: &mut Harness<'_, State>) -> Option<String> {
    (0..6).find_map(|_| {
        h.step();
        h.output().platform_output.commands.iter().find_map(|c| match c {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    })
}

#[test]
fn ten_million_rows_are_walked_by_keyboard_from_end_to_end() {
    let mut h = table(10_000_000);
    focus(&mut h);
    press(&mut h, Key::End);
    assert_selected(&h, "row 9999999");
    press(&mut h, Key::ArrowUp);
    assert_selected(&h, "row 9999998");
    press(&mut h, Key::PageUp);
    // 400 points less two lines of header , and a margin of 8 around, leave 16 whole rows.
    assert_selected(&h, "row 9999982");
    press(&mut h, Key::PageDown);
    assert_selected(&h, "row 9999998");
    press(&mut h, Key::Home);
    assert_selected(&h, "row 0");
    press(&mut h, Key::ArrowDown);
    assert_selected(&h, "row 1");
    let grid = h.get_by_role_and_label(Role::TreeGrid, "Numbers");
    assert_eq!(grid.accesskit_node().data().row_count(), Some(10_000_000));
    assert_eq!(h.state().events.iter().filter(|e| e.selected.is_some()).count(), 6);
}

#[test]
fn arrows_open_rows_go_in_and_come_out_again() {
    let mut h = table(100);
    focus(&mut h);
    press(&mut h, Key::Home);
    press(&mut h, Key::ArrowRight);
    let opened = h.get_by_role_and_label(Role::TreeItem, "row 0");
    assert_eq!(opened.accesskit_node().data().is_expanded(), Some(true));
    press(&mut h, Key::ArrowRight);
    assert_selected(&h, "row 0.0");
    let inner = h.get_by_role_and_label(Role::TreeItem, "row 0.0");
    assert_eq!(inner.accesskit_node().data().level(), Some(2));
    press(&mut h, Key::ArrowRight);
    press(&mut h, Key::End);
    press(&mut h, Key::Home);
    h.get_by_label("row 0.0.2");
    press(&mut h, Key::ArrowDown);
    press(&mut h, Key::ArrowLeft);
    assert!(h.query_by_label("row 0.0.2").is_none(), "Left closes an open row");
    press(&mut h, Key::ArrowLeft);
    assert_selected(&h, "row 0");
    h.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    h.run();
    h.get_by_label("row 0.0.0.0.0.0");
}

#[test]
fn a_click_selects_one_on_the_triangle_opens_and_a_second_click_too() {
    let mut h = table(100);
    h.get_by_label("row 3").click();
    h.run();
    assert_selected(&h, "row 3");
    let rect = h.get_by_label("row 5").rect();
    h.drag_at(rect.left_center() + egui::vec2(10.0, 0.0));
    h.drop_at(rect.left_center() + egui::vec2(10.0, 0.0));
    h.run();
    h.get_by_label("row 5.1");
    assert_selected(&h, "row 3");
    h.get_by_label("row 3").click_accesskit();
    h.run();
    assert_selected(&h, "row 3");
}

#[test]
fn headers_sort_by_click_and_by_keyboard_and_say_which_way() {
    let mut h = table(100);
    let direction = |h: &Harness<'_, State>, name| {
        h.get_by_role_and_label(Role::ColumnHeader, name).accesskit_node().data().sort_direction()
    };
    assert_eq!(direction(&h, "Name"), Some(SortDirection::Ascending));
    h.get_by_role_and_label(Role::ColumnHeader, "Name").click();
    h.run();
    assert_eq!(direction(&h, "Name"), Some(SortDirection::Descending));
    h.get_by_label("row 99");
    assert!(h.query_by_label("row 0").is_none());
    h.get_by_role_and_label(Role::ColumnHeader, "Size").click();
    h.run();
    assert_eq!((direction(&h, "Name"), direction(&h, "Size")), (None, Some(SortDirection::Ascending)));
    h.get_by_role_and_label(Role::ColumnHeader, "Both: Left").focus();
    h.run();
    press(&mut h, Key::Enter);
    assert_eq!(direction(&h, "Both: Left"), Some(SortDirection::Ascending));
}

#[test]
fn a_selected_row_stays_selected_and_in_view_when_the_order_changes() {
    let mut h = table(10_000);
    h.get_by_label("row 2").click();
    h.run();
    h.get_by_role_and_label(Role::ColumnHeader, "Name").click();
    h.run();
    assert_selected(&h, "row 2");
    assert_eq!(h.state().rows.find(h.state().table.selected().unwrap()), Some(9_997));
}

#[test]
fn a_long_list_that_is_sorted_again_keeps_its_selection_once_sorted() {
    let mut h = table(2_000_000);
    focus(&mut h);
    press(&mut h, Key::End);
    h.get_by_role_and_label(Role::ColumnHeader, "Name").click();
    h.step();
    while h.state().rows.is_sorting() {
        h.step();
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    h.run();
    let key = h.state().table.selected().unwrap();
    assert_eq!(h.state().rows.find(key), Some(0));
    assert_eq!(h.state().rows.item_of(key).as_deref(), Some("row 1999999"));
}

#[test]
fn cells_tell_screen_readers_their_column_and_value() {
    let h = table(10);
    let row = h.get_by_role_and_label(Role::TreeItem, "row 4");
    let cell = row.get_by_role_and_label(Role::GridCell, "Size: 5");
    assert_eq!(cell.accesskit_node().value().as_deref(), Some("5"));
    let other = row.get_by_role_and_label(Role::GridCell, "Both: Right: 2");
    assert_eq!(other.accesskit_node().value().as_deref(), Some("2"));
}

#[test]
fn the_selected_row_is_copied_as_text() {
    let mut h = table(10);
    h.get_by_label("row 4").click();
    h.run();
    h.event(egui::Event::Copy);
    assert_eq!(copied(&mut h).as_deref(), Some("row 4\t5\t1\t2"));
}

#[test]
fn the_context_menu_holds_what_the_panel_puts_there_and_what_all_tables_have() {
    let mut h = table(10);
    h.get_by_label("row 4").click_secondary();
    h.run();
    assert_selected(&h, "row 4");
    h.get_by_label("Expand all inside").click();
    h.run();
    h.get_by_label("row 4.0.0.0");
    h.get_by_label("row 4").click_secondary();
    h.run();
    h.get_by_label("Greet").click();
    assert_eq!(copied(&mut h).as_deref(), Some("Hello row 4"));
}

#[test]
fn the_wheel_scrolls_by_what_it_turned_at_any_height() {
    let mut h = table(10_000_000);
    focus(&mut h);
    press(&mut h, Key::End);
    h.hover_at(egui::pos2(300.0, 200.0));
    let before = h.get_by_label("row 9999990").rect().top();
    for _ in 0..20 {
        h.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, 3.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
    }
    h.run();
    let after = h.get_by_label("row 9999990").rect().top();
    assert!((after - before - 60.0).abs() < 0.01, "moved by {}", after - before);
}

#[test]
fn columns_are_made_wider_and_moved_with_the_pointer_and_remembered() {
    let mut h = table(10);
    let x = |h: &Harness<'_, State>, name| h.get_by_role_and_label(Role::ColumnHeader, name).rect();
    let drag = |h: &mut Harness<'_, State>, from: egui::Pos2, to: egui::Pos2| {
        h.drag_at(from);
        h.step();
        h.hover_at(from.lerp(to, 0.5));
        h.step();
        h.hover_at(to);
        h.step();
        h.drop_at(to);
        h.run();
    };
    let size = x(&h, "Size");
    drag(&mut h, size.left_center(), size.left_center() - egui::vec2(50.0, 0.0));
    assert_eq!(x(&h, "Size").width(), size.width() + 50.0);
    let (left, right) = (x(&h, "Both: Left"), x(&h, "Both: Right"));
    assert!(left.left() < right.left());
    drag(&mut h, right.center(), left.left_center() + egui::vec2(5.0, 0.0));
    assert!(x(&h, "Both: Left").left() > x(&h, "Both: Right").left());
    h.get_by_role_and_label(Role::ColumnHeader, "Name");
    let kept = heapglass::ui::widgets::tree_table::ColumnLayouts::of(&h.ctx).all();
    assert_eq!(kept["Numbers"].widths["Size"], size.width() + 50.0);
    assert_eq!(kept["Numbers"].order[2..], ["Both/Right".to_owned(), "Both/Left".to_owned()]);
}

#[test]
fn enter_activates_a_row() {
    let mut h = table(10);
    h.get_by_label("row 4").click();
    h.run();
    press(&mut h, Key::Enter);
    assert_eq!(h.state().events.last().and_then(|e| e.activated), Some(4));
}

#[test]
fn hovering_explains_rows_and_columns() {
    let mut h = table(10);
    h.get_by_label("row 4").hover();
    h.run();
    h.get_by_label("about row 4");
    h.get_by_role_and_label(Role::ColumnHeader, "Size").hover();
    h.run();
    h.get_by_label("How large it is");
}
