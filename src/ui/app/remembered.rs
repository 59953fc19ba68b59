//! The settings, and when they are written.

use crate::ui::settings::Settings;
use crate::ui::widgets::tree_table::ColumnLayouts;
use egui::Context;
use std::path::PathBuf;

/// The settings as they are now and as they are on disk.
#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) now: Settings,
    saved: Settings,
    /// Where they are kept; `None` for nowhere.
    path: Option<PathBuf>,
}

impl Remembered {
    /// Those at `path`.
    pub(super) fn load(path: Option<PathBuf>, ctx: &Context) -> Self {
        let now = path.as_deref().map(Settings::load).unwrap_or_default();
        ColumnLayouts::of(ctx).set_all(now.columns.clone());
        Self { saved: now.clone(), now, path }
    }

    /// Writes them if they changed.
    pub(super) fn save(&mut self, ctx: &Context) {
        self.now.columns = ColumnLayouts::of(ctx).all();
        let Some(path) = self.path.as_deref().filter(|_| self.now != self.saved) else { return };
        if let Err(e) = self.now.save(path) {
            log::warn!("cannot write the settings: {e}");
        }
        self.saved = self.now.clone();
    }

    /// Notes size and place of the window.
    pub(super) fn note_window(&mut self, ctx: &Context) {
        let (inner, outer, is_maximized) = ctx.input(|i| {
            let v = i.viewport();
            (v.inner_rect, v.outer_rect, v.maximized.unwrap_or(false))
        });
        let window = &mut self.now.window;
        window.is_maximized = is_maximized;
        if !is_maximized {
            // In points that do not depend on the zoom, as the next run needs them.
            let zoom = ctx.zoom_factor();
            window.size = inner.map(|r| [r.width() * zoom, r.height() * zoom]).or(window.size);
            window.position = outer.map(|r| [r.left() * zoom, r.top() * zoom]).or(window.position);
        }
    }
}
