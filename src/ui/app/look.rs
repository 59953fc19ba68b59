//! The theme and the size of everything.

use crate::ui::settings::Settings;
use crate::ui::theme::{Theme, ThemeChoice};
use egui::Context;

/// The theme that is installed.
#[derive(Debug)]
pub(super) struct Look {
    /// Whether the desktop is dark, where egui cannot know.
    is_desktop_dark: Option<bool>,
    theme: Option<Theme>,
}

impl Look {
    pub(super) fn new(is_desktop_dark: Option<bool>) -> Self {
        Self { is_desktop_dark, theme: None }
    }

    /// Installs the theme that is wanted now, if it is not the one that is installed.
    pub(super) fn apply(&mut self, ctx: &Context, settings: &Settings) {
        let is_dark = match settings.theme {
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
            ThemeChoice::System => match ctx.system_theme() {
                Some(theme) => theme == egui::Theme::Dark,
                None => self.is_desktop_dark.unwrap_or(true),
            },
        };
        let theme = Theme::new(is_dark, settings.is_high_contrast);
        if self.theme.as_ref() != Some(&theme) {
            theme.install(ctx);
            self.theme = Some(theme);
        }
    }
}

/// Makes everything `zoom` times as large as usual.
pub(super) fn zoom(ctx: &Context, settings: &mut Settings, zoom: f32) {
    let zoom = (zoom * 10.0).round() / 10.0;
    settings.zoom = zoom.clamp(*Settings::ZOOM.start(), *Settings::ZOOM.end());
    ctx.set_zoom_factor(settings.zoom);
}
