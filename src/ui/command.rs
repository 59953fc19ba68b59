//! Everything the user can do, as data. Panels push commands; the application runs them after all
//! panels were drawn.
//!
//! [`BOUND`] is the one table of what has a key: it binds the keys, names menu entries and
//! tooltips, and is what the window of shortcuts lists.

use super::export::Export;
use super::place::{LowerTab, PanelId};
use super::selection::{ObjectGroup, Selection};
use super::theme::ThemeChoice;
use crate::analysis::tables::filters::NodeFilter;
use crate::session::DocumentId;
use egui::{Key, KeyboardShortcut, Modifiers};
use std::path::PathBuf;
use std::sync::Arc;

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Ask for files and open them.
    OpenDialog,
    /// Open the snapshots that come with the program.
    OpenSample,
    /// Open these files.
    Open(Vec<PathBuf>),
    ShowSnapshot(DocumentId),
    /// Show the snapshot above the present one.
    PreviousSnapshot,
    /// Show the snapshot below the present one.
    NextSnapshot,
    /// Compare with this snapshot.
    SetBase(DocumentId),
    /// Exchange what is compared with what.
    SwapBase,
    /// Take this file out of the list, whether it is open, loading or refused.
    Remove(DocumentId),
    /// Close the present snapshot.
    Close,
    /// Read this file again.
    Reload(DocumentId),
    /// Open this file although it seems to need more memory than there is.
    Force(DocumentId),
    /// Begin to rename the present snapshot.
    BeginRename,
    /// Call this file something else.
    Rename(DocumentId, String),
    /// Move this file before the one at this position.
    Move(DocumentId, usize),
    /// Show this panel.
    Show(PanelId),
    /// Show the panel with this number among those that serve the present document.
    ShowNumbered(usize),
    /// Select this object, or nothing.
    Select(Option<Selection>),
    /// Show this object in this panel.
    Reveal(PanelId, Selection),
    /// Show this object in the panel that is shown, or where objects are shown.
    GoTo {
        /// The object.
        selection: Selection,
        /// It takes the place of where such a command led before, for the way back.
        again: bool,
    },
    /// Show classes whose names hold this text.
    FilterClasses(String),
    /// Show classes whose names hold this text, against the base.
    CompareClass(String),
    /// Count only the objects of this snapshot that a filter lets through.
    CountObjects(DocumentId, NodeFilter),
    /// Show the paths from the roots to these objects in the lower pane.
    ShowPaths(ObjectGroup),
    /// Show this tab of the lower pane.
    ShowLower(LowerTab),
    /// Fold or unfold the lower pane.
    ToggleLower,
    /// Go to where one was before.
    Back,
    /// Go back by as many places.
    BackBy(usize),
    /// Go to where one came back from.
    Forward,
    /// Put the keyboard into the filter box of the panel.
    FocusFilter,
    /// Search for objects, beginning with this text.
    Find(String),
    /// Show the next object that was found.
    FindNext,
    /// Show the object that was found before.
    FindPrevious,
    UseTheme(ThemeChoice),
    /// Raise contrast, or stop raising it.
    ToggleContrast,
    /// Larger text.
    ZoomIn,
    /// Smaller text.
    ZoomOut,
    /// Text of ordinary size.
    ZoomReset,
    /// Put this text on the clipboard.
    Copy(String),
    /// Write this table to the clipboard or to a file.
    Export(Arc<Export>),
    /// Open the palette of commands, or close it.
    TogglePalette,
    /// Show all shortcuts, or stop showing them.
    ToggleShortcuts,
    /// Leave.
    Quit,
}

/// Commands in the order they were given.
pub type Commands = Vec<Command>;

/// A command that has words and keys of its own.
#[derive(Debug)]
pub struct Bound {
    /// What it does.
    pub command: Command,
    /// Its name in menus and in the list of shortcuts.
    pub text: &'static str,
    /// Keys that run it; the first is shown.
    pub keys: &'static [KeyboardShortcut],
}

const fn key(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const ALT: Modifiers = Modifiers::ALT;
const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

macro_rules! bound {
    ($($command:expr, $text:literal, [$($mods:expr => $key:ident),+];)*) => {
        &[$(Bound { command: $command, text: $text, keys: &[$(key($mods, Key::$key)),+] }),*]
    };
}

/// What has a key, in the order of the window of shortcuts. A key with Shift stands before the
/// same key without, which egui would let it pass for.
pub static BOUND: &[Bound] = bound![
    Command::OpenDialog, "Open files…", [CTRL => O];
    Command::Close, "Close this snapshot", [CTRL => W];
    Command::BeginRename, "Rename this snapshot", [NONE => F2];
    Command::PreviousSnapshot, "Show the snapshot above", [CTRL => PageUp];
    Command::NextSnapshot, "Show the snapshot below", [CTRL => PageDown];
    Command::ShowNumbered(1), "Panel 1", [CTRL => Num1];
    Command::ShowNumbered(2), "Panel 2", [CTRL => Num2];
    Command::ShowNumbered(3), "Panel 3", [CTRL => Num3];
    Command::ShowNumbered(4), "Panel 4", [CTRL => Num4];
    Command::ShowNumbered(5), "Panel 5", [CTRL => Num5];
    Command::ShowNumbered(6), "Panel 6", [CTRL => Num6];
    Command::ShowNumbered(7), "Panel 7", [CTRL => Num7];
    Command::ShowNumbered(8), "Panel 8", [CTRL => Num8];
    Command::ShowNumbered(9), "Panel 9", [CTRL => Num9];
    Command::FocusFilter, "Filter classes", [CTRL => L];
    Command::Find(String::new()), "Find objects", [CTRL => F];
    Command::FindPrevious, "Previous object found", [SHIFT => F3, CTRL_SHIFT => G];
    Command::FindNext, "Next object found", [NONE => F3, CTRL => G];
    Command::ToggleLower, "Fold or unfold the lower pane", [CTRL => J];
    Command::Back, "Back", [ALT => ArrowLeft, NONE => BrowserBack];
    Command::Forward, "Forward", [ALT => ArrowRight];
    Command::ZoomIn, "Larger text", [CTRL => Plus, CTRL => Equals];
    Command::ZoomOut, "Smaller text", [CTRL => Minus];
    Command::ZoomReset, "Text of ordinary size", [CTRL => Num0];
    Command::TogglePalette, "All commands…", [CTRL_SHIFT => P, CTRL => K];
    Command::ToggleShortcuts, "Keyboard shortcuts", [NONE => F1, NONE => Questionmark];
    Command::Quit, "Quit", [CTRL => Q];
];

/// What keys do inside tables, for the window of shortcuts; the tables themselves bind them.
pub const TABLE_KEYS: &[(&str, &str)] = &[
    ("Up, Down, Page Up, Page Down", "Select another row"),
    ("Home, End", "Select the first or the last row"),
    ("Right", "Open a row, or go into it"),
    ("Left", "Close a row, or go out of it"),
    ("Shift+Right, Shift+Left", "Open or close everything inside a row"),
    ("Enter", "Go to what the row is about"),
    ("Shift+F10, Menu", "Open the menu of the row"),
    ("Ctrl+C", "Copy the row"),
];

impl Command {
    /// The words and keys of this command, if it has any.
    pub fn bound(&self) -> Option<&'static Bound> {
        BOUND.iter().find(|b| b.command == *self)
    }

    /// Words and first key, for tooltips: `Back (Alt+Left)`.
    pub fn tooltip(&self, ctx: &egui::Context) -> String {
        match self.bound() {
            Some(b) => format!("{} ({})", b.text, key_text(ctx, &b.keys[0])),
            None => String::new(),
        }
    }
}

/// A key as people write it: `Ctrl++`, `Alt+Left`, `?`.
pub fn key_text(ctx: &egui::Context, shortcut: &KeyboardShortcut) -> String {
    // Fonts have no pictures of arrows, but have what is printed on all other keys.
    let text = ctx.format_shortcut(shortcut);
    let (name, symbol) = (shortcut.logical_key.name(), shortcut.logical_key.symbol_or_name());
    if symbol.is_ascii() { format!("{}{symbol}", text.strip_suffix(name).unwrap_or_default()) } else { text }
}

/// Takes the keys that are bound out of the input and returns what they ask for.
pub fn pressed(ctx: &egui::Context) -> Commands {
    // Single keys are text while someone is writing.
    let is_writing = ctx.text_edit_focused();
    let mut commands = Commands::new();
    for bound in BOUND {
        for shortcut in bound.keys {
            let is_plain = shortcut.modifiers.is_none() && !is_function_key(shortcut.logical_key);
            if is_plain && is_writing {
                continue;
            }
            if ctx.input_mut(|i| i.consume_shortcut(shortcut)) {
                if is_plain {
                    // The key also arrives as text, which would begin a search.
                    ctx.input_mut(|i| i.events.retain(|e| !matches!(e, egui::Event::Text(_))));
                }
                commands.push(bound.command.clone());
            }
        }
    }
    // Typing where nothing takes text begins a search.
    let is_free = !is_writing && !egui::Popup::is_any_open(ctx);
    let typed: String = ctx.input(|i| {
        let texts = i.events.iter().filter_map(|e| match e {
            egui::Event::Text(text) if is_free && !text.trim().is_empty() => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    });
    commands.extend((!typed.is_empty()).then_some(Command::Find(typed)));
    let (back, forward) = ctx.input(|i| {
        let pressed = |button| i.pointer.button_pressed(button);
        (pressed(egui::PointerButton::Extra1), pressed(egui::PointerButton::Extra2))
    });
    commands.extend(back.then_some(Command::Back));
    commands.extend(forward.then_some(Command::Forward));
    commands
}

fn is_function_key(key: Key) -> bool {
    matches!(key, Key::F1 | Key::F2 | Key::F3 | Key::F5 | Key::BrowserBack)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_share_a_key_and_each_has_words() {
        let mut seen = Vec::new();
        for bound in BOUND {
            assert!(!bound.text.is_empty() && !bound.keys.is_empty());
            for key in bound.keys {
                assert!(!seen.contains(key), "{key:?} is bound twice");
                seen.push(*key);
            }
        }
    }
}
