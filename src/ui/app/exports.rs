//! Exporting tables: made into text on a thread of its own, which also asks where to.

use super::AskWhereToSave;
use super::notices::Notices;
use crate::progress::{CancelToken, Cancelled};
use crate::session::job::{FrontEnd, Job};
use crate::ui::export::{self, CLIPBOARD_BYTES, Export, ExportError, copied_rows};
use crate::ui::widgets::toast;
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
    /// This is for the clipboard, and what it is.
    Text(String, String),
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
                return copied(&export, cancel);
            }
            let name = format!("{}.{}", export.table.to_lowercase().replace(' ', "-"), export.format.extension());
            match ask(&name) {
                None => Exported::Notice("There is no file dialog on this system; copy the table instead".into()),
                Some(None) => Exported::Nothing,
                Some(Some(path)) => save(&export, &path, cancel),
            }
        }));
    }

    /// Takes over what is done.
    pub(super) fn poll(&mut self, ctx: &Context, notices: &mut Notices, front_end: &FrontEnd) {
        self.jobs.retain_mut(|job| {
            let Some(result) = job.poll() else { return true };
            match result {
                Ok(Exported::Text(text, what)) => toast::copy(ctx, text, &what),
                Ok(Exported::Notice(text)) => notices.tell(text),
                Ok(Exported::Nothing) => {}
                Err(panicked) => front_end.report(panicked),
            }
            false
        });
    }
}

/// The table as text, unless the clipboard would not take it.
fn copied(export: &Export, cancel: &CancelToken) -> Exported {
    let table = export.table;
    match export::text(export, cancel) {
        Ok((text, rows)) if text.len() <= CLIPBOARD_BYTES => Exported::Text(text, copied_rows(rows, export.format)),
        Ok((text, rows)) => Exported::Notice(format!(
            "{table} was not copied: {} take {}, and the clipboard takes {} at most. Save the table instead",
            copied_rows(rows, export.format),
            units::bytes(text.len() as u64),
            units::bytes(CLIPBOARD_BYTES as u64)
        )),
        Err(ExportError::Cancelled(Cancelled)) => Exported::Nothing,
        Err(ExportError::Write(e)) => Exported::Notice(format!("{table} could not be copied: {e}")),
    }
}

/// Writes the table and says how that ended.
fn save(export: &Export, path: &Path, cancel: &CancelToken) -> Exported {
    let written = File::create(path).map_err(ExportError::from).and_then(|file| {
        let mut out = BufWriter::with_capacity(1 << 16, file);
        let rows = export::write(export, &mut out, cancel)?;
        out.flush()?;
        Ok(rows)
    });
    match written {
        Ok(rows) => Exported::Notice(format!("Saved {} rows as {}", units::count(rows), path.display())),
        Err(ExportError::Cancelled(Cancelled)) => Exported::Nothing,
        Err(ExportError::Write(e)) => Exported::Notice(format!("{} could not be written: {e}", path.display())),
    }
}
