//! Exporting tables: made into text on a thread of its own, which also asks where to.

use super::AskWhereToSave;
use super::notices::Notices;
use crate::progress::CancelToken;
use crate::session::job::{FrontEnd, Job};
use crate::ui::export::{self, Export};
use crate::units;
use egui::Context;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

/// The exports that are being made.
pub(super) struct Exports {
    ask: AskWhereToSave,
    jobs: Vec<Job<Exported>>,
}

/// How an export ended.
#[derive(Debug)]
enum Exported {
    /// This is for the clipboard.
    Text(String),
    /// This is to be told.
    Notice(String),
    /// The user thought better of it.
    Nothing,
}

impl Exports {
    pub(super) fn new(ask: AskWhereToSave) -> Self {
        Self { ask, jobs: Vec::new() }
    }

    /// Begins an export.
    pub(super) fn begin(&mut self, export: Arc<Export>, front_end: &FrontEnd) {
        let ask = Arc::clone(&self.ask);
        let description = format!("Exporting {}", export.table);
        self.jobs.push(Job::spawn("export", description, front_end, move |progress| {
            let cancel = progress.token();
            if !export.is_to_file {
                return Exported::Text(export::text(&**export.model(), export.format, cancel));
            }
            let name = format!("{}.{}", export.table.to_lowercase().replace(' ', "-"), export.format.extension());
            match ask(&name) {
                None => Exported::Notice("There is no file dialog on this system; copy the table instead".into()),
                Some(None) => Exported::Nothing,
                Some(Some(path)) => Exported::Notice(save(&export, &path, cancel)),
            }
        }));
    }

    /// Takes over what is done.
    pub(super) fn poll(&mut self, ctx: &Context, notices: &mut Notices, front_end: &FrontEnd) {
        self.jobs.retain_mut(|job| {
            let Some(result) = job.poll() else { return true };
            match result {
                Ok(Exported::Text(text)) => ctx.copy_text(text),
                Ok(Exported::Notice(text)) => notices.tell(text),
                Ok(Exported::Nothing) => {}
                Err(panicked) => front_end.report(panicked),
            }
            false
        });
    }
}

/// Writes the table and says how that ended.
fn save(export: &Export, path: &Path, cancel: &CancelToken) -> String {
    let written = File::create(path).and_then(|file| {
        let mut out = BufWriter::new(file);
        let rows = export::write(&**export.model(), export.format, &mut out, cancel)?;
        out.flush()?;
        Ok(rows)
    });
    match written {
        Ok(rows) => format!("Saved {} rows as {}", units::count(rows), path.display()),
        Err(e) => format!("{} could not be written: {e}", path.display()),
    }
}
