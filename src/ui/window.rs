//! The window around the application: the only place that knows eframe, rfd and the display.

use super::app::{App, Surroundings};
use super::settings::Settings;
use crate::session::offered_extensions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What desktops know the application by.
const APP_ID: &str = "heapglass";

/// Choices of the command line about the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Speak Wayland itself instead of going through XWayland. Files cannot be dropped then.
    pub wayland: bool,
}

/// Where the window will appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Display {
    X11,
    Wayland,
    /// The only one there is on this system.
    Native,
    None,
}

/// Opens the window and, in it, `files`. Returns when it is closed.
pub fn run(files: Vec<PathBuf>, options: Options) -> anyhow::Result<()> {
    let var = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let display = match cfg!(all(unix, not(target_os = "macos"))) {
        false => Display::Native,
        true => choose_display(
            var("DISPLAY").as_deref(),
            var("WAYLAND_DISPLAY").or_else(|| var("WAYLAND_SOCKET")).is_some(),
            options,
            is_x_server_there,
        ),
    };
    if display == Display::None {
        anyhow::bail!(
            "there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY leads to one); \
             see `heapglass --help` for what can be done without a window"
        );
    }
    let settings_path = eframe::storage_dir(APP_ID).map(|dir| dir.join("settings.json"));
    let surroundings = Surroundings {
        settings_path: settings_path.clone(),
        ask_for_files: Arc::new(ask_for_files),
        ask_where_to_save: Arc::new(ask_where_to_save),
        free_memory: crate::measure::available_bytes,
        is_desktop_dark: is_desktop_dark(),
        note: (display == Display::Wayland).then(|| {
            "Files cannot be dropped on this window, because it speaks Wayland itself. Use Open…, or start with XWayland"
                .to_owned()
        }),
    };
    let options = eframe::NativeOptions {
        viewport: viewport(settings_path.as_deref())?,
        event_loop_builder: event_loop_builder(display),
        // Settings are ours (see `Settings`); eframe's would be a second file beside them.
        persist_window: false,
        ..Default::default()
    };
    if display == Display::X11 {
        end_when_the_display_is_lost(var("DISPLAY").unwrap_or_default());
    }
    let create = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        Ok(Box::new(Window(App::new(&cc.egui_ctx, surroundings, &files), cc.egui_ctx.clone())))
    };
    eframe::run_native("Heapglass", options, Box::new(create)).map_err(|e| anyhow::anyhow!("cannot open a window: {e}"))
}

/// Ends the program with a sentence when the X server goes away: winit panics then, and Xlib would
/// end the process while that is unwound.
fn end_when_the_display_is_lost(display: String) {
    let before = std::panic::take_hook();
    let thread_of_the_window = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == thread_of_the_window && !is_x_server_there(&display) {
            eprintln!("heapglass: the connection to the display {display} was lost");
            std::process::exit(1);
        }
        before(info);
    }));
}

struct Window(App, egui::Context);

impl eframe::App for Window {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.0.logic(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.0.ui(ui);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.0.save(&self.1);
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }
}

fn viewport(settings_path: Option<&Path>) -> anyhow::Result<egui::ViewportBuilder> {
    let settings = settings_path.map(Settings::load).unwrap_or_default();
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png"))?;
    let mut viewport = egui::ViewportBuilder::default()
        .with_title("Heapglass")
        .with_app_id(APP_ID)
        .with_icon(icon)
        .with_inner_size(settings.window.size.unwrap_or([1280.0, 800.0]))
        .with_min_inner_size([640.0, 400.0])
        .with_maximized(settings.window.is_maximized)
        .with_drag_and_drop(true);
    if let Some(position) = settings.window.position {
        viewport = viewport.with_position(position);
    }
    Ok(viewport)
}

/// Where to open the window. winit hands over dropped files on X11 only, so XWayland is preferred
/// to Wayland unless the user says otherwise.
fn choose_display(x: Option<&str>, wayland: bool, options: Options, is_there: impl Fn(&str) -> bool) -> Display {
    let x = x.filter(|d| is_there(d)).is_some();
    match (x, wayland) {
        (_, true) if options.wayland => Display::Wayland,
        (true, _) => Display::X11,
        (false, true) => Display::Wayland,
        (false, false) => Display::None,
    }
}

/// Whether something listens at `display`, as far as that can be told without speaking to it.
#[cfg(unix)]
fn is_x_server_there(display: &str) -> bool {
    let Some(number) = display.strip_prefix(':').map(|d| d.split('.').next().unwrap_or(d)) else {
        // On another machine: worth the attempt.
        return true;
    };
    let path = format!("/tmp/.X11-unix/X{number}");
    let listens = std::os::unix::net::UnixStream::connect(&path).is_ok();
    #[cfg(target_os = "linux")]
    let listens = listens || {
        use std::os::linux::net::SocketAddrExt as _;
        use std::os::unix::net::{SocketAddr, UnixStream};
        SocketAddr::from_abstract_name(path).and_then(|a| UnixStream::connect_addr(&a)).is_ok()
    };
    listens
}

#[cfg(not(unix))]
fn is_x_server_there(_: &str) -> bool {
    false
}

#[cfg(all(unix, not(target_os = "macos")))]
fn event_loop_builder(display: Display) -> Option<eframe::EventLoopBuilderHook> {
    use winit::platform::wayland::EventLoopBuilderExtWayland as _;
    use winit::platform::x11::EventLoopBuilderExtX11 as _;
    Some(Box::new(move |builder| {
        match display {
            Display::X11 => builder.with_x11(),
            _ => builder.with_wayland(),
        };
    }))
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn event_loop_builder(_: Display) -> Option<eframe::EventLoopBuilderHook> {
    None
}

/// Shows the system's file dialog; `None` where there is none.
fn ask_for_files() -> Option<Vec<PathBuf>> {
    let files = rfd::FileDialog::new()
        .set_title("Open files")
        .add_filter("What Heapglass opens", &offered_extensions())
        .add_filter("All files", &["*"])
        .pick_files();
    match files {
        Some(files) => Some(files),
        // rfd does not tell a dialog that was closed from one that never was.
        None => can_show_dialog().then(Vec::new),
    }
}

/// Shows the system's dialog for saving; `None` where there is none.
fn ask_where_to_save(name: &str) -> Option<Option<PathBuf>> {
    let file = rfd::FileDialog::new().set_title("Save table").set_file_name(name).save_file();
    match file {
        Some(file) => Some(Some(file)),
        None => can_show_dialog().then_some(None),
    }
}

/// Whether there is a portal or a program to show a dialog with.
fn can_show_dialog() -> bool {
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return true;
    }
    let has_bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|a| !a.is_empty())
        || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|dir| Path::new(&dir).join("bus").exists());
    let path = std::env::var_os("PATH").unwrap_or_default();
    has_bus || std::env::split_paths(&path).any(|dir| dir.join("zenity").exists())
}

/// What the desktop prefers. winit does not know on X11, so GNOME's setting is asked; most other
/// desktops keep it in step with theirs.
fn is_desktop_dark() -> Option<bool> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let ask = std::process::Command::new("gsettings")
        .args(["get", "org.gnome.desktop.interface", "color-scheme"])
        .stderr(std::process::Stdio::null())
        .output()
        .ok()?;
    match String::from_utf8_lossy(&ask.stdout).trim().trim_matches('\'') {
        "prefer-dark" => Some(true),
        "prefer-light" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xwayland_is_preferred_because_files_can_be_dropped_there() {
        let (own, wayland) = (Options::default(), Options { wayland: true });
        let there = |_: &str| true;
        assert_eq!(choose_display(Some(":0"), true, own, there), Display::X11);
        assert_eq!(choose_display(Some(":0"), true, wayland, there), Display::Wayland);
        assert_eq!(choose_display(Some(":0"), false, wayland, there), Display::X11);
        assert_eq!(choose_display(None, true, own, there), Display::Wayland);
        assert_eq!(choose_display(Some(":0"), true, own, |_| false), Display::Wayland);
        assert_eq!(choose_display(Some(":0"), false, own, |_| false), Display::None);
        assert_eq!(choose_display(None, false, wayland, there), Display::None);
    }
}
