//! A sentence at the bottom of the window that goes away by itself: what was copied.

use crate::ui::theme::Theme;
use crate::visible;
use egui::{Align2, Area, Context, Frame, Id, Margin, Order, RichText, vec2};
use std::time::Duration;

/// How long it stays.
const SECONDS: f64 = 4.0;

/// The most characters of what was copied.
const SHOWN: usize = 60;

#[derive(Debug, Clone)]
struct Toast {
    text: String,
    until: f64,
}

fn id() -> Id {
    Id::unique("heapglass toast")
}

/// Puts `text` on the clipboard and says that `what` was copied.
pub fn copy(ctx: &Context, text: String, what: &str) {
    ctx.copy_text(text);
    say(ctx, format!("Copied {what}"));
}

/// Puts `text` on the clipboard and says so with its beginning and its end.
pub fn copy_words(ctx: &Context, text: String) {
    let lines = text.lines().count();
    let what = match lines {
        0 | 1 => visible::shortened(&visible::one_line(&text), SHOWN).into_owned(),
        _ => format!("{lines} lines"),
    };
    copy(ctx, text, &what);
}

/// Says `text` for a few seconds.
pub fn say(ctx: &Context, text: String) {
    let until = ctx.input(|i| i.time) + SECONDS;
    ctx.data_mut(|d| d.insert_temp(id(), Toast { text, until }));
    ctx.request_repaint();
}

/// Draws what is to be said, in front of everything else.
pub fn ui(ctx: &Context) {
    let Some(toast) = ctx.data(|d| d.get_temp::<Toast>(id())) else { return };
    let left = toast.until - ctx.input(|i| i.time);
    if left <= 0.0 {
        ctx.data_mut(|d| d.remove::<Toast>(id()));
        return;
    }
    ctx.request_repaint_after(Duration::from_secs_f64(left));
    let theme = Theme::of(ctx);
    let area = Area::new(id()).anchor(Align2::CENTER_BOTTOM, vec2(0.0, -24.0)).order(Order::Foreground);
    area.interactable(false).show(ctx, |ui| {
        let frame = Frame::new().fill(theme.colors.raised).corner_radius(4).inner_margin(Margin::symmetric(12, 6));
        let frame = frame.stroke(egui::Stroke::new(1.0, theme.colors.border));
        frame.show(ui, |ui| ui.label(RichText::new(toast.text).color(theme.colors.text)));
    });
}
