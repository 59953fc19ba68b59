//! The source at the place of the selected object: the file, scrolled to its line.

use super::PanelContext;
use super::answer::Answer;
use crate::analysis::source::scripts::script_name;
use crate::code::Library;
use crate::code::lines::Lines;
use crate::code::script::{place_of_function, place_of_object};
use crate::code::text::SourceText;
use crate::code::{SourcePlaces, SourceRoot};
use crate::session::{DocumentId, OpenSnapshot};
use crate::ui::command::Command;
use crate::ui::selection::Selection;
use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use crate::ui::widgets::field::field;
use crate::ui::widgets::message::message;
use egui::{Align, Frame, Label, Margin, RichText, ScrollArea, TextEdit, Ui};
use std::sync::Arc;

/// The longest part of a line that is laid out, in characters.
const LONGEST: usize = 2_000;

/// The tab.
#[derive(Debug)]
pub(super) struct SourcePane {
    library: Arc<Library>,
    shown: Option<(Selection, Answer<Result<Shown, Missing>>)>,
    /// Whether the line is still to be scrolled to.
    is_new: bool,
    /// Where the user says the source is.
    root: String,
    /// The command that opens an editor.
    editor: String,
    problem: Option<String>,
}

impl Default for SourcePane {
    fn default() -> Self {
        Self {
            library: Arc::default(),
            shown: None,
            is_new: false,
            root: String::new(),
            editor: "code -g {file}:{line}:{column}".to_owned(),
            problem: None,
        }
    }
}

/// A text and the place in it.
#[derive(Debug)]
struct Shown {
    file: String,
    /// Both counted from 1.
    line: u32,
    column: u32,
    text: SourceText,
    lines: Lines,
    /// Where the place is in the script that runs, if that is another.
    generated: Option<String>,
    warning: Option<String>,
}

/// Why there is nothing to show.
#[derive(Debug)]
struct Missing {
    why: String,
    /// Whether knowing a directory could help.
    could_be_found: bool,
}

impl SourcePane {
    /// Draws the source of `selection`.
    pub(super) fn ui(&mut self, ui: &mut Ui, selection: Selection, context: &mut PanelContext<'_>) {
        let Some(open) = context.session.snapshot(selection.snapshot) else { return };
        if self.shown.as_ref().is_none_or(|shown| shown.0 != selection) {
            let library = Arc::clone(&self.library);
            self.shown = Some((selection, ask(&open, selection, library, context)));
            self.is_new = true;
        }
        let Some((_, answer)) = &mut self.shown else { return };
        answer.poll(context.front_end);
        let mut again = false;
        match answer.known() {
            None => again = answer.waiting_ui(ui, "Looking for the source…"),
            Some(Ok(shown)) => {
                let is_new = std::mem::take(&mut self.is_new);
                head_ui(ui, shown, &mut self.editor, &mut self.problem, context);
                text_ui(ui, shown, is_new, context.theme);
            }
            Some(Err(missing)) if !missing.could_be_found => message(ui, &missing.why),
            Some(Err(missing)) => {
                ui.vertical_centered(|ui| {
                    ui.add_space(16.0);
                    ui.add(Label::new(RichText::new(&missing.why).color(context.theme.colors.quiet)).wrap());
                    ui.add_space(8.0);
                    ui.horizontal(|ui| {
                        ui.label("Where is it?");
                        let edit = TextEdit::singleline(&mut self.root)
                            .desired_width(360.0)
                            .hint_text("/app=/home/me/app, or a folder");
                        field(ui, edit, "Folder of the source");
                        if ui.button("Look there").clicked() {
                            match self.root.parse::<SourceRoot>() {
                                Ok(root) => {
                                    let mut places: SourcePlaces = self.library.places.clone();
                                    places.roots.push(root);
                                    self.library = Arc::new(Library::new(places));
                                    again = true;
                                }
                                Err(why) => self.problem = Some(why),
                            }
                        }
                    });
                    if let Some(problem) = &self.problem {
                        ui.label(RichText::new(problem).color(context.theme.colors.quiet));
                    }
                });
            }
        }
        if again {
            (self.shown, self.problem) = (None, None);
        }
    }

    /// Gives back everything kept about a snapshot that is closed.
    pub(super) fn forget(&mut self, id: DocumentId) {
        if self.shown.as_ref().is_some_and(|shown| shown.0.snapshot == id) {
            self.shown = None;
        }
    }
}

fn ask(
    open: &OpenSnapshot,
    selection: Selection,
    library: Arc<Library>,
    context: &PanelContext<'_>,
) -> Answer<Result<Shown, Missing>> {
    let snapshot = Arc::clone(&open.snapshot);
    Answer::ask("source", "Looking for the source", context.front_end, move |_| {
        let heap = &snapshot.heap;
        let n = selection.node;
        let place = place_of_function(heap, n).or_else(|| place_of_object(heap, n));
        let Some((Some(script), at)) = place else {
            let why = "The snapshot does not tell where this object comes from".to_owned();
            return Ok(Err(Missing { why, could_be_found: false }));
        };
        let name = script_name(heap, script).lossy().into_owned();
        let found = library.find(heap, Some(script), &name);
        let text = match found.text {
            Ok(text) => text,
            Err(why) => return Ok(Err(Missing { why, could_be_found: true })),
        };
        let original = found.map.as_ref().and_then(|map| map.original(at));
        let written = original.as_ref().zip(found.map.as_ref()).and_then(|(o, map)| map.text(&o.file, &library.places));
        let generated = format!("{name}:{}:{}", at.line + 1, at.column + 1);
        Ok(Ok(match (original, written) {
            (Some(original), Some(text)) => Shown {
                file: original.file,
                line: original.line,
                column: original.column,
                lines: Lines::new(&text.text),
                text,
                generated: Some(generated),
                warning: found.warning,
            },
            _ => Shown {
                file: name,
                line: at.line + 1,
                column: at.column + 1,
                lines: Lines::new(&text.text),
                text,
                generated: None,
                warning: found.warning,
            },
        }))
    })
}

fn head_ui(
    ui: &mut Ui,
    shown: &Shown,
    editor: &mut String,
    problem: &mut Option<String>,
    context: &mut PanelContext<'_>,
) {
    let theme = context.theme;
    let place = format!("{}:{}:{}", shown.file, shown.line, shown.column);
    Frame::new().inner_margin(Margin::symmetric(12, 2)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            let name = ui.add(Label::new(RichText::new(&place).font(theme.font(Face::Code))).selectable(true));
            if let Some(generated) = &shown.generated {
                name.on_hover_text(format!("In the script that runs: {generated}"));
            }
            if ui.small_button("Copy").clicked() {
                context.push(Command::Copy(place.clone()));
            }
            if let Some(path) = shown.text.origin.path() {
                if ui.small_button("Open in editor").on_hover_text(editor.as_str()).clicked() {
                    *problem = open_editor(editor, &path.display().to_string(), shown.line, shown.column).err();
                }
                let edit = TextEdit::singleline(editor).desired_width(220.0);
                field(ui, edit, "Command of the editor");
            }
            for remark in shown.text.origin.remark().iter().chain(&shown.warning).chain(problem.as_ref()) {
                ui.label(RichText::new(remark).color(theme.colors.quiet));
            }
        });
    });
}

/// Starts the editor: no shell is between, so that no name of a file is a command.
fn open_editor(command: &str, file: &str, line: u32, column: u32) -> Result<(), String> {
    let fill = |word: &str| {
        let word = word.replace("{line}", &line.to_string()).replace("{column}", &column.to_string());
        word.replace("{file}", file)
    };
    let mut words = command.split_whitespace();
    let program = words.next().ok_or("no command is set that opens an editor")?;
    let started = std::process::Command::new(program).args(words.map(fill)).stdin(std::process::Stdio::null()).spawn();
    started.map(|_| ()).map_err(|e| format!("{program} cannot be started: {e}"))
}

fn text_ui(ui: &mut Ui, shown: &Shown, is_new: bool, theme: &Theme) {
    let height = ui.text_style_height(&egui::TextStyle::Monospace);
    let spacing = ui.spacing().item_spacing.y;
    let line = shown.line as usize - 1;
    let mut area = ScrollArea::both().auto_shrink(false).id_salt("source");
    if is_new {
        area = area.vertical_scroll_offset((line as f32 - 4.0).max(0.0) * (height + spacing));
    }
    area.show_rows(ui, height, shown.lines.count(), |ui, range| {
        for i in range {
            let text: String = shown.lines.line(&shown.text.text, i).chars().take(LONGEST).collect();
            let color = if i == line { theme.colors.text } else { theme.colors.quiet };
            let mut code = RichText::new(format!("{:>6}  {text}", i + 1)).font(theme.font(Face::Code)).color(color);
            if i == line {
                code = code.strong().background_color(theme.colors.selected);
            }
            ui.with_layout(egui::Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(code).extend().selectable(true));
            });
        }
    });
}
