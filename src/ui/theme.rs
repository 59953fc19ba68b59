//! Every color, size and font of the application. Nothing else names a color.
//!
//! Four palettes: light and dark, each also in high contrast. A test holds them to WCAG AA: every
//! color of text reaches 4.5 : 1 on every surface it may stand on, in high contrast 7 : 1.

use super::tree::{Face, Tone};
use crate::profile::CodeKind;
use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, vec2};
use std::sync::Arc;

/// What the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum ThemeChoice {
    /// As the desktop has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Named colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Behind the sidebar and the perspective bar.
    pub window: Color32,
    /// Behind tables and panels.
    pub panel: Color32,
    /// Headers, buttons.
    pub raised: Color32,
    /// Buttons under the pointer.
    pub raised_hover: Color32,
    /// Text fields.
    pub field: Color32,
    /// Lines between rows.
    pub hairline: Color32,
    /// Lines between parts, borders.
    pub border: Color32,
    /// The row under the pointer.
    pub hover: Color32,
    /// The selected row of the table that has the keyboard.
    pub selected: Color32,
    /// The selected row of other tables.
    pub selected_elsewhere: Color32,
    /// Shares, as bars behind figures.
    pub bar: Color32,
    /// Selection, links, progress.
    pub accent: Color32,
    /// Text on `accent`.
    pub on_accent: Color32,
    /// Ordinary text.
    pub text: Color32,
    /// Text of less importance; also whole rows that are dimmed.
    pub quiet: Color32,
    /// System internals.
    pub system: Color32,
    /// Property names.
    pub property: Color32,
    /// Indices.
    pub index: Color32,
    /// String values.
    pub string: Color32,
    /// Numbers and other plain values.
    pub number: Color32,
    pub function: Color32,
    /// DOM nodes and other native objects.
    pub native: Color32,
    /// More than before.
    pub growth: Color32,
    /// Less than before.
    pub shrinkage: Color32,
    /// What went wrong.
    pub error: Color32,
    /// What is odd.
    pub warning: Color32,
    /// The veil over the window while files are dragged over it.
    pub veil: Color32,
    /// Slices of rings, in order.
    pub slices: [Color32; 8],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const fn all_rgb(hex: [u32; 8]) -> [Color32; 8] {
    let mut colors = [Color32::BLACK; 8];
    let mut i = 0;
    while i < hex.len() {
        colors[i] = rgb(hex[i]);
        i += 1;
    }
    colors
}

const LIGHT_SLICES: [u32; 8] = [0x3B6FD4, 0xC2571A, 0x2E8B57, 0x8A4FBF, 0xB8860B, 0x0E8A94, 0xC03A6B, 0x7B8794];
const DARK_SLICES: [u32; 8] = [0x6C9BF2, 0xF0995B, 0x6CC795, 0xB98AE6, 0xE0BC5A, 0x5CC3CC, 0xEE86AC, 0x8F9BA8];

const LIGHT: Palette = Palette {
    window: rgb(0xF1F3F6),
    panel: rgb(0xFFFFFF),
    raised: rgb(0xE9ECF1),
    raised_hover: rgb(0xDDE2EA),
    field: rgb(0xFFFFFF),
    hairline: rgb(0xEDEFF2),
    border: rgb(0xCDD3DB),
    hover: rgb(0xF0F4FA),
    selected: rgb(0xD3E3FD),
    selected_elsewhere: rgb(0xE6E9EE),
    bar: rgb(0xDCE7FA),
    accent: rgb(0x1A5FD0),
    on_accent: rgb(0xFFFFFF),
    text: rgb(0x1B1F24),
    quiet: rgb(0x545C68),
    system: rgb(0x5A5F6E),
    property: rgb(0x8A1A7F),
    index: rgb(0x1B51B0),
    string: rgb(0xA62018),
    number: rgb(0x1B51B0),
    function: rgb(0x7A4100),
    native: rgb(0x00615A),
    growth: rgb(0x9A3B00),
    shrinkage: rgb(0x00607D),
    error: rgb(0xB01E1E),
    warning: rgb(0x805000),
    veil: Color32::from_rgba_premultiplied(0xD0, 0xD8, 0xE4, 0xE8),
    slices: all_rgb(LIGHT_SLICES),
};

const DARK: Palette = Palette {
    window: rgb(0x17191D),
    panel: rgb(0x1D1F24),
    raised: rgb(0x282B32),
    raised_hover: rgb(0x343841),
    field: rgb(0x131519),
    hairline: rgb(0x262930),
    border: rgb(0x3C414B),
    hover: rgb(0x262A32),
    selected: rgb(0x1F3A63),
    selected_elsewhere: rgb(0x32363F),
    bar: rgb(0x253656),
    accent: rgb(0x7CB0FF),
    on_accent: rgb(0x0B1320),
    text: rgb(0xE8EAED),
    quiet: rgb(0xA6AEBB),
    system: rgb(0xA9AEBE),
    property: rgb(0xE8A4E0),
    index: rgb(0x9CC3FF),
    string: rgb(0xF6A896),
    number: rgb(0x9CC3FF),
    function: rgb(0xEBC67F),
    native: rgb(0x84D6C6),
    growth: rgb(0xFFB778),
    shrinkage: rgb(0x86D4F7),
    error: rgb(0xFF9B93),
    warning: rgb(0xF2C46D),
    veil: Color32::from_rgba_premultiplied(0x0C, 0x10, 0x18, 0xE0),
    slices: all_rgb(DARK_SLICES),
};

const LIGHT_CONTRAST: Palette = Palette {
    window: rgb(0xFFFFFF),
    raised: rgb(0xF0F0F0),
    raised_hover: rgb(0xE2E2E2),
    hairline: rgb(0xC8C8C8),
    border: rgb(0x404040),
    hover: rgb(0xF0F0F0),
    selected: rgb(0xCFE2FF),
    selected_elsewhere: rgb(0xE4E4E4),
    bar: rgb(0xD8E6FF),
    accent: rgb(0x003C9E),
    text: rgb(0x000000),
    quiet: rgb(0x303030),
    system: rgb(0x30303A),
    property: rgb(0x5E0057),
    index: rgb(0x00307F),
    string: rgb(0x700A05),
    number: rgb(0x00307F),
    function: rgb(0x4A2700),
    native: rgb(0x003E39),
    growth: rgb(0x602400),
    shrinkage: rgb(0x003A4D),
    error: rgb(0x7A0000),
    warning: rgb(0x4D3000),
    ..LIGHT
};

const DARK_CONTRAST: Palette = Palette {
    window: rgb(0x000000),
    panel: rgb(0x000000),
    raised: rgb(0x1A1A1A),
    raised_hover: rgb(0x2A2A2A),
    field: rgb(0x000000),
    hairline: rgb(0x404040),
    border: rgb(0xC0C0C0),
    hover: rgb(0x1C1C1C),
    selected: rgb(0x0A2F66),
    selected_elsewhere: rgb(0x2A2A2A),
    bar: rgb(0x12294F),
    accent: rgb(0xA9CCFF),
    on_accent: rgb(0x000000),
    text: rgb(0xFFFFFF),
    quiet: rgb(0xDADADA),
    system: rgb(0xD8D8E2),
    property: rgb(0xFFC7F8),
    index: rgb(0xC6DDFF),
    string: rgb(0xFFCFC4),
    number: rgb(0xC6DDFF),
    function: rgb(0xFFE2AA),
    native: rgb(0xB0F2E5),
    growth: rgb(0xFFD5AE),
    shrinkage: rgb(0xB5E8FF),
    error: rgb(0xFFC8C3),
    warning: rgb(0xFFDF9E),
    ..DARK
};

/// Colors, sizes and fonts, as they are now.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Whether text is light on dark.
    pub is_dark: bool,
    /// Whether contrast is raised.
    pub is_high_contrast: bool,
    pub colors: Palette,
}

/// The fonts: egui's, each standing in for the other where that has no picture of a character,
/// as with arrows among words.
pub fn fonts() -> egui::FontDefinitions {
    let mut fonts = egui::FontDefinitions::default();
    let all: Vec<String> = fonts.families.values().flatten().cloned().collect();
    for family in fonts.families.values_mut() {
        for font in &all {
            if !family.contains(font) {
                family.push(font.clone());
            }
        }
    }
    fonts
}

impl Default for Theme {
    fn default() -> Self {
        Self::new(true, false)
    }
}

impl Theme {
    /// Height of a table row.
    pub const ROW_HEIGHT: f32 = 20.0;
    /// Height of one line of table headers.
    pub const HEADER_HEIGHT: f32 = 24.0;
    /// Height of toolbars.
    pub const BAR_HEIGHT: f32 = 34.0;
    /// How far a level of a tree is indented.
    pub const INDENT: f32 = 14.0;
    /// Between a cell's edge and its text.
    pub const CELL_PADDING: f32 = 6.0;
    /// Width of scroll bars.
    pub const SCROLL_BAR: f32 = 12.0;
    /// Width of the sidebar until the user changes it.
    pub const SIDEBAR_WIDTH: f32 = 220.0;

    /// One of the four.
    pub fn new(is_dark: bool, is_high_contrast: bool) -> Self {
        let colors = match (is_dark, is_high_contrast) {
            (false, false) => LIGHT,
            (true, false) => DARK,
            (false, true) => LIGHT_CONTRAST,
            (true, true) => DARK_CONTRAST,
        };
        Self { is_dark, is_high_contrast, colors }
    }

    /// The theme that was installed last in `ctx`; the default one before any was.
    pub fn of(ctx: &egui::Context) -> Arc<Self> {
        let id = egui::Id::unique("heapglass theme");
        match ctx.data(|d| d.get_temp::<Arc<Self>>(id)) {
            Some(theme) => theme,
            None => {
                let theme = Arc::new(Self::default());
                theme.install(ctx);
                theme
            }
        }
    }

    /// Makes this the theme of everything drawn in `ctx`.
    pub fn install(&self, ctx: &egui::Context) {
        let shared = Arc::new(self.clone());
        ctx.data_mut(|d| d.insert_temp(egui::Id::unique("heapglass theme"), shared));
        let which = if self.is_dark { egui::Theme::Dark } else { egui::Theme::Light };
        ctx.set_style_of(which, self.style(which));
        ctx.set_theme(which);
    }

    /// The color of text of a kind.
    pub fn tone(&self, tone: Tone) -> Color32 {
        let c = &self.colors;
        match tone {
            Tone::Normal => c.text,
            Tone::Quiet | Tone::Id => c.quiet,
            Tone::System => c.system,
            Tone::Property => c.property,
            Tone::Index => c.index,
            Tone::String => c.string,
            Tone::Number => c.number,
            Tone::Function => c.function,
            Tone::Native => c.native,
            Tone::Growth => c.growth,
            Tone::Shrinkage => c.shrinkage,
        }
    }

    /// The color of a bar of a flame graph: of a kind of code, or of the package called `name`. Text stands on it.
    pub fn code_fill(&self, kind: CodeKind, name: Option<&str>) -> Color32 {
        let (hue, saturation) = match (kind, name) {
            (CodeKind::Program, _) => (28.0, 0.75),
            // Neither like the program nor like Node.
            (CodeKind::Dependency, Some(name)) => (175.0 + f32::from(name_hash(name) % 160), 0.45),
            (CodeKind::Dependency, None) => (212.0, 0.5),
            (CodeKind::Runtime, _) => (140.0, 0.25),
            (CodeKind::Native, _) => (40.0, 0.1),
            (CodeKind::Engine, _) => (0.0, 0.0),
        };
        self.fill(hue, saturation)
    }

    /// The color of a bar that grew (to 1) or shrank (to −1): red or blue, the stronger the more. Text stands on it.
    pub fn growth_fill(&self, part: f32) -> Color32 {
        let hue = if part > 0.0 { 8.0 } else { 210.0 };
        self.fill(hue, part.abs().clamp(0.0, 1.0).sqrt() * 0.85)
    }

    /// A color behind text.
    fn fill(&self, hue: f32, saturation: f32) -> Color32 {
        let lightness = match (self.is_dark, self.is_high_contrast) {
            (false, false) => 0.78,
            (false, true) => 0.85,
            (true, false) => 0.27,
            (true, true) => 0.18,
        };
        let chroma = (1.0 - (2.0 * lightness - 1.0f32).abs()) * saturation;
        let channel = |offset: f32| {
            let k = (offset + hue / 30.0) % 12.0;
            let value = lightness - chroma / 2.0 * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
            (value * 255.0).round() as u8
        };
        Color32::from_rgb(channel(0.0), channel(8.0), channel(4.0))
    }

    /// A color of less weight: `part` of it is that of the panel.
    pub fn faded(&self, color: Color32, part: f32) -> Color32 {
        color.lerp_to_gamma(self.colors.panel, part)
    }

    /// The font of a face, at the size of tables.
    pub fn font(&self, face: Face) -> FontId {
        match face {
            Face::Words => FontId::new(13.0, FontFamily::Proportional),
            Face::Code => FontId::new(12.0, FontFamily::Monospace),
        }
    }

    /// The font of small print.
    pub fn small_font(&self) -> FontId {
        FontId::new(11.0, FontFamily::Proportional)
    }

    fn style(&self, which: egui::Theme) -> egui::Style {
        let c = &self.colors;
        let text_styles = [
            (TextStyle::Small, self.small_font()),
            (TextStyle::Body, self.font(Face::Words)),
            (TextStyle::Button, self.font(Face::Words)),
            (TextStyle::Monospace, self.font(Face::Code)),
            (TextStyle::Heading, FontId::new(20.0, FontFamily::Proportional)),
        ];
        let mut style = egui::Style { text_styles: text_styles.into(), animation_time: 0.0, ..egui::Style::default() };
        style.spacing.item_spacing = vec2(8.0, 4.0);
        style.spacing.button_padding = vec2(8.0, 2.0);
        style.spacing.interact_size = vec2(24.0, 22.0);
        style.spacing.menu_margin = Margin::same(4);
        style.spacing.tooltip_width = 440.0;
        style.spacing.scroll = egui::style::ScrollStyle::solid();
        style.interaction.selectable_labels = false;

        let v = &mut style.visuals;
        *v = which.default_visuals();
        let corner = CornerRadius::same(4);
        for (widget, fill, line, text) in [
            (&mut v.widgets.noninteractive, c.panel, c.border, c.text),
            (&mut v.widgets.inactive, c.raised, Color32::TRANSPARENT, c.text),
            (&mut v.widgets.hovered, c.raised_hover, c.border, c.text),
            (&mut v.widgets.active, c.raised_hover, c.accent, c.text),
            (&mut v.widgets.open, c.raised_hover, c.border, c.text),
        ] {
            widget.bg_fill = fill;
            widget.weak_bg_fill = fill;
            widget.bg_stroke = Stroke::new(1.0, line);
            widget.fg_stroke = Stroke::new(1.0, text);
            widget.corner_radius = corner;
            widget.expansion = 0.0;
        }
        if self.is_high_contrast {
            v.widgets.inactive.bg_stroke = Stroke::new(1.0, c.border);
            v.widgets.hovered.bg_stroke = Stroke::new(2.0, c.border);
        }
        v.selection.bg_fill = c.selected;
        v.selection.stroke = Stroke::new(1.0, c.text);
        v.hyperlink_color = c.accent;
        v.weak_text_color = Some(c.quiet);
        v.faint_bg_color = c.hover;
        v.extreme_bg_color = c.field;
        v.code_bg_color = c.raised;
        v.warn_fg_color = c.warning;
        v.error_fg_color = c.error;
        v.window_fill = c.panel;
        v.window_stroke = Stroke::new(1.0, c.border);
        v.window_corner_radius = CornerRadius::same(6);
        v.menu_corner_radius = CornerRadius::same(6);
        let shadow = Shadow { offset: [0, 4], blur: 16, spread: 0, color: Color32::from_black_alpha(60) };
        v.window_shadow = shadow;
        v.popup_shadow = shadow;
        v.panel_fill = c.panel;
        v.disabled_alpha = 0.6;
        style
    }
}

/// A number that is always the same for a name.
fn name_hash(name: &str) -> u16 {
    let hash = name.bytes().fold(0x811C_9DC5u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
    (hash >> 16) as u16 ^ hash as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2 relative luminance.
    fn luminance(c: Color32) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_is_readable_on_every_surface_it_stands_on() {
        let mut failures = Vec::new();
        for (dark, high) in [(false, false), (true, false), (false, true), (true, true)] {
            let c = Theme::new(dark, high).colors;
            let texts = [
                ("text", c.text),
                ("quiet", c.quiet),
                ("system", c.system),
                ("property", c.property),
                ("index", c.index),
                ("string", c.string),
                ("number", c.number),
                ("function", c.function),
                ("native", c.native),
                ("growth", c.growth),
                ("shrinkage", c.shrinkage),
                ("error", c.error),
                ("warning", c.warning),
                ("accent", c.accent),
            ];
            let surfaces = [
                ("window", c.window),
                ("panel", c.panel),
                ("raised", c.raised),
                ("hover", c.hover),
                ("selected", c.selected),
                ("selected_elsewhere", c.selected_elsewhere),
                ("bar", c.bar),
                ("field", c.field),
            ];
            let wanted = if high { 7.0 } else { 4.5 };
            for (text, t) in texts {
                for (surface, s) in surfaces {
                    if contrast(t, s) < wanted {
                        failures.push(format!("dark {dark} high {high}: {text} on {surface}: {:.2}", contrast(t, s)));
                    }
                }
            }
            let theme = Theme::new(dark, high);
            let of_packages = (0..400).map(|i| theme.code_fill(CodeKind::Dependency, Some(&i.to_string())));
            let of_kinds = CodeKind::ALL.iter().map(|kind| theme.code_fill(*kind, None));
            let of_growth = (-10i8..=10).map(|i| theme.growth_fill(f32::from(i) / 10.0));
            for fill in of_packages.chain(of_kinds).chain(of_growth) {
                if contrast(c.text, fill) < wanted {
                    failures.push(format!("dark {dark} high {high}: text on {fill:?}: {:.2}", contrast(c.text, fill)));
                }
            }
            if contrast(c.on_accent, c.accent) < wanted {
                failures.push(format!("dark {dark} high {high}: on_accent"));
            }
            for (i, slice) in c.slices.iter().enumerate() {
                // WCAG 1.4.11: graphics need 3 : 1 against what they stand on.
                if contrast(*slice, c.panel) < 3.0 {
                    failures.push(format!("dark {dark} high {high}: slice {i}: {:.2}", contrast(*slice, c.panel)));
                }
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn a_theme_that_was_installed_is_the_one_that_is_found() {
        let ctx = egui::Context::default();
        assert_eq!(*Theme::of(&ctx), Theme::default());
        Theme::new(false, true).install(&ctx);
        assert_eq!(*Theme::of(&ctx), Theme::new(false, true));
        assert_eq!(ctx.theme(), egui::Theme::Light);
    }
}
