//! Allocation: when the objects of a timeline were allocated, and by which functions. A range of
//! time or a function chooses which objects Summary counts.

mod rows;

use super::answer::Answer;
use super::{Command, DocumentContext, Panel, PanelContext, PerSnapshot, toolbar};
use crate::analysis::tables::filters::NodeFilter;
use crate::analysis::tables::timeline::{Timeline, timeline};
use crate::session::{DocumentId, OpenDocument};
use crate::ui::place::PanelId;
use crate::ui::theme::Theme;
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::message;
use crate::ui::widgets::tree_table::{TreeTable, export_button_ui};
use crate::units;
use egui::accesskit::Role;
use egui::{Align, Layout, Rect, RichText, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use rows::{AllocationRows, SIZE};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Height of the chart.
const CHART: f32 = 110.0;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct AllocationPanel {
    views: PerSnapshot<View>,
}

#[derive(Debug)]
struct View {
    timeline: Answer<Option<Timeline>>,
    /// The range of the chart that is chosen, as parts of its length; `None` for all of it.
    range: Option<(f32, f32)>,
    table: TreeTable,
    rows: Option<LazyTree<AllocationRows>>,
    /// What Summary counts, in words, and as it was handed on.
    chosen: Option<(String, NodeFilter)>,
}

impl Panel for AllocationPanel {
    fn id(&self) -> PanelId {
        PanelId("Allocation")
    }

    fn title(&self) -> &'static str {
        "Allocation"
    }

    fn help(&self) -> &'static str {
        "When objects of a timeline were allocated, and by which functions"
    }

    fn icon(&self) -> Strokes {
        &[
            &[(-4.5, 5.0), (-4.5, 1.0)],
            &[(-1.5, 5.0), (-1.5, -4.0)],
            &[(1.5, 5.0), (1.5, -1.0)],
            &[(4.5, 5.0), (4.5, -5.5)],
        ]
    }

    fn has_something(&self, document: &OpenDocument) -> bool {
        document.as_snapshot().is_some_and(|snapshot| snapshot.heap.graph.tells_allocations())
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(context) = &mut context.snapshot() else { return };
        let current = context.current;
        let graph = &current.snapshot.heap.graph;
        if !graph.tells_allocations() {
            message(
                ui,
                "This snapshot does not say when or where its objects were allocated: record an allocation timeline for that",
            );
            return;
        }
        let view = self.views.get_or_insert_with(current.id, || View::new(context));
        view.timeline.poll(context.front_end);
        toolbar(ui, |ui| {
            let (words, filter) = match &view.chosen {
                Some((words, filter)) => (words.as_str(), Some(filter)),
                None => ("All objects", None),
            };
            ui.label(RichText::new(words).color(context.theme.colors.quiet));
            if let Some(filter) = filter
                && ui.button("Show in Summary").on_hover_text("Count these objects alone in Summary").clicked()
            {
                context.commands.push(Command::CountObjects(current.id, filter.clone()));
                context.commands.push(Command::Show(PanelId::SUMMARY));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(rows) = &view.rows {
                    context.commands.extend(export_button_ui(ui, "Allocation", rows).map(Command::Export));
                }
            });
        });
        if let Some(Some(timeline)) = view.timeline.known() {
            let before = view.range;
            chart_ui(ui, context.theme, timeline, &mut view.range);
            if view.range != before {
                view.chosen = view.range.map(|(left, right)| {
                    let window = timeline.window(left.into(), right.into());
                    let total = timeline.total_ms() / 1000.0;
                    let words = format!(
                        "{:.2} s to {:.2} s: {} in {} samples",
                        f64::from(left) * total,
                        f64::from(right) * total,
                        units::bytes(window.size),
                        units::count(window.samples.len() as u64)
                    );
                    (words, window.filter)
                });
                let filter = view.chosen.as_ref().map_or(NodeFilter::All, |(_, filter)| filter.clone());
                context.commands.push(Command::CountObjects(current.id, filter));
            }
        } else if view.timeline.known().is_none() && view.timeline.waiting_ui(ui, "Adding up the timeline…") {
            view.timeline = ask(context);
        }
        let Some(rows) = &mut view.rows else {
            message(ui, "No stacks were recorded with this timeline");
            return;
        };
        if rows.row_count() == 0 {
            message(ui, "No function allocated anything while this was recorded");
            return;
        }
        let events = view.table.ui(ui, rows, |_, _, _| {});
        context.commands.extend(events.export.map(Command::Export));
        if let Some(item) = events.selected.or(events.activated).and_then(|row| rows.item(row)) {
            let filter = rows.source().filter(&item);
            view.chosen = Some((format!("Live objects allocated by {}", rows.source().name(&item)), filter.clone()));
            context.push(Command::CountObjects(current.id, filter));
        }
        if events.activated.is_some() {
            context.push(Command::Show(PanelId::SUMMARY));
        }
    }

    fn forget(&mut self, id: DocumentId) {
        self.views.forget(id);
    }
}

impl View {
    fn new(context: &PanelContext<'_>) -> Self {
        let snapshot = &context.current.snapshot;
        let graph = &snapshot.heap.graph;
        let rows = (!graph.trace_nodes.is_empty()).then(|| {
            let rows = AllocationRows::new(Arc::clone(snapshot));
            LazyTree::new(rows, Some(Sort::descending(SIZE)), context.front_end)
        });
        Self { timeline: ask(context), range: None, table: TreeTable::new("Allocation"), rows, chosen: None }
    }
}

/// Adds up the timeline, where there is one.
fn ask(context: &PanelContext<'_>) -> Answer<Option<Timeline>> {
    let snapshot = Arc::clone(&context.current.snapshot);
    if !snapshot.heap.graph.is_timeline {
        return Answer::Known(None);
    }
    Answer::ask("timeline", "Adding up the timeline", context.front_end, move |progress| {
        timeline(&snapshot.heap, &progress.stage("Adding up the timeline", 1, 1))
    })
}

/// Bars of what is left of the objects allocated at each time. Dragging chooses a range, a double
/// click all of it.
fn chart_ui(ui: &mut Ui, theme: &Theme, timeline: &Timeline, range: &mut Option<(f32, f32)>) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), CHART), Sense::click_and_drag());
    let name = "Timeline of allocations: drag to choose a range, double-click for all";
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let plot = rect.shrink2(vec2(12.0, 8.0));
    let part = |x: f32| ((x - plot.left()) / plot.width()).clamp(0.0, 1.0);
    if response.double_clicked() {
        *range = None;
    } else if (response.dragged() || response.drag_stopped())
        && let Some(pointer) = response.interact_pointer_pos()
        && let Some(origin) = ui.input(|i| i.pointer.press_origin())
    {
        let (a, b) = (part(origin.x), part(pointer.x));
        *range = Some((a.min(b), a.max(b)));
    }
    let painter = ui.painter().with_clip_rect(rect);
    painter.hline(plot.x_range(), plot.bottom(), Stroke::new(1.0, theme.colors.border));
    let bars = timeline.bars(plot.width().into());
    let highest = bars.iter().map(|bar| bar.1).max().unwrap_or(0).max(1) as f64 * 1.1;
    let height = |bytes: f64| (bytes / highest) as f32 * plot.height();
    let grid = crate::analysis::tables::timeline::grid_bytes(highest);
    if grid > 0.0 {
        let y = plot.bottom() - height(grid);
        painter.hline(plot.x_range(), y, Stroke::new(1.0, theme.colors.border));
        let text = units::bytes(grid as u64);
        painter.text(pos2(plot.left(), y), egui::Align2::LEFT_BOTTOM, text, theme.small_font(), theme.colors.quiet);
    }
    for (column, bytes) in bars {
        let x = plot.left() + column as f32;
        let bar = Rect::from_x_y_ranges(x..=x + 1.0, plot.bottom() - height(bytes as f64).max(1.0)..=plot.bottom());
        painter.rect_filled(bar, 0, theme.colors.accent);
    }
    if let Some((left, right)) = *range {
        let at = |part: f32| plot.left() + part * plot.width();
        for outside in [plot.left()..=at(left), at(right)..=plot.right()] as [RangeInclusive<f32>; 2] {
            let veil = Rect::from_x_y_ranges(outside, plot.y_range());
            painter.rect_filled(veil, 0, theme.colors.window.gamma_multiply(0.7));
        }
    }
    response
        .on_hover_text("Bytes still alive by when they were allocated. Drag to choose a range, double-click for all");
}
