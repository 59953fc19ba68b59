//! No text lies over another, runs out of the window or is cut off without a `…`, in any panel, at
//! any size and zoom, in both themes.

use crate::ui_app::{Bench, Window, settle};
use crate::ui_panels::server;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Shape, Vec2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use heapglass::session::DocumentKind;
use std::time::Duration;

/// Sizes of windows in pixels.
const SIZES: [[f32; 2]; 4] = [[900.0, 600.0], [1280.0, 800.0], [1920.0, 1080.0], [3840.0, 2160.0]];

/// How much larger than usual everything is.
const ZOOMS: [f32; 5] = [0.8, 1.0, 1.25, 1.5, 2.0];

/// The least room for which everything has its place.
const LEAST: Vec2 = vec2(640.0, 400.0);

/// How far glyphs may come near each other: they are antialiased, and fonts overlap their boxes.
const TOUCH: f32 = 1.5;

/// A text on the screen: what it says, where its glyphs are, and where it may be seen.
#[derive(Debug, Clone)]
struct Seen {
    text: String,
    rect: Rect,
    clip: Rect,
}

fn texts(shape: &Shape, clip: Rect, found: &mut Vec<Seen>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts(shape, clip, found)),
        Shape::Text(text) if !text.galley.text().trim().is_empty() => {
            // Each line by itself: a text that goes on in the next one fills no rectangle.
            for row in text.galley.rows.iter().filter(|row| row.row.visuals.mesh_bounds.is_positive()) {
                let rect = row.row.visuals.mesh_bounds.translate(row.pos.to_vec2() + text.pos.to_vec2());
                found.push(Seen { text: text.galley.text().to_owned(), rect, clip });
            }
        }
        _ => {}
    }
}

/// What is wrong with the texts of the last frame.
fn faults(h: &Bench) -> Vec<String> {
    let window = h.ctx.content_rect();
    let mut seen = Vec::new();
    for clipped in &h.output().shapes {
        texts(&clipped.shape, clipped.clip_rect.intersect(window), &mut seen);
    }
    // Columns that do not fit are reached by scrolling.
    let tables: Vec<Rect> = h
        .query_all_by_role(Role::TreeGrid)
        .filter(|table| table.query_by_role_and_label(Role::ScrollBar, "Scroll columns").is_some())
        .map(|table| table.rect())
        .collect();
    let scrolls = |rect: Rect| tables.iter().any(|table| table.contains(rect.left_center()) || table.intersects(rect));
    let mut faults = Vec::new();
    for (at, one) in seen.iter().enumerate() {
        let visible = one.rect.intersect(one.clip);
        if visible.width() <= TOUCH || visible.height() <= TOUCH {
            continue;
        }
        let is_cut = one.rect.left() < one.clip.left() - TOUCH || one.rect.right() > one.clip.right() + TOUCH;
        if is_cut && !scrolls(visible) {
            faults.push(format!("“{}” is cut off: {:?} in {:?}", one.text, one.rect, one.clip));
        }
        for other in &seen[at + 1..] {
            let common = visible.intersect(other.rect.intersect(other.clip));
            if common.width() > TOUCH && common.height() > TOUCH {
                faults.push(format!("“{}” lies over “{}”: {common:?}", other.text, one.text));
            }
        }
    }
    faults
}

/// Draws frames until nothing is being found out any more.
fn calm(h: &mut Bench) {
    for _ in 0..400 {
        h.step();
        let is_busy = h.query_all_by_role(Role::ProgressIndicator).next().is_some()
            || h.query_all_by_label_contains("…").any(|n| {
                let text = n.accesskit_node().label().unwrap_or_default();
                ["Comparing", "Putting", "Looking for", "Counting", "Adding up", "Finding"]
                    .iter()
                    .any(|w| text.starts_with(w))
            });
        if !is_busy {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    h.run_ok();
}

/// Looks at what is shown at all sizes and zooms.
fn look(h: &mut Bench, what: &str, found: &mut Vec<String>) {
    for size in SIZES {
        for zoom in ZOOMS {
            let points = vec2(size[0], size[1]) / zoom;
            if points.x < LEAST.x || points.y < LEAST.y {
                continue;
            }
            h.set_pixels_per_point(zoom);
            // What changes the zoom keeps the size in pixels, so that one comes first.
            h.step();
            h.set_size(points);
            h.run_ok();
            assert!((h.ctx.content_rect().size() - points).length() < 1.0, "{:?}", h.ctx.content_rect());
            found.extend(faults(h).into_iter().map(|f| format!("{what}, {size:?} at {zoom}: {f}")));
        }
    }
}

/// Two snapshots with long names, large figures and an object selected.
fn desk() -> Bench {
    let mut window = Window::new();
    window.files =
        [("production-server-eu-west-1-heap-before-the-deploy", 20), ("production-server-eu-west-1-heap-after", 900)]
            .map(|(name, requests)| {
                let mut b = server(requests);
                let big =
                    b.node("object", "AnExtraordinarilyLongNameOfAConstructorThatNobodyWouldLikeToType", 7_654_321_098);
                b.edge(1, "property", "aPropertyWithAnEquallyLongNameThatGoesOnAndOnAndOn", big);
                window.folder.file(&format!("{name}.heapsnapshot"), b.to_json())
            })
            .into();
    let mut h = window.open();
    settle(&mut h);
    h
}

#[test]
fn no_text_lies_over_another_or_is_cut_off_in_any_panel_at_any_size() {
    let mut h = desk();
    let panels: Vec<&str> = h.state().app().panels().serving(DocumentKind::Snapshot).map(|p| p.title()).collect();
    let mut found = Vec::new();
    for (at, panel) in panels.iter().enumerate().take(9) {
        h.set_pixels_per_point(1.0);
        h.step();
        h.set_size(vec2(1280.0, 800.0));
        let key =
            [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9][at];
        h.key_press_modifiers(Modifiers::COMMAND, key);
        h.run_ok();
        calm(&mut h);
        look(&mut h, panel, &mut found);
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found[..found.len().min(60)].join("\n"));
}
