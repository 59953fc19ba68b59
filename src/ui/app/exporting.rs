//! Exporting tables: made into text on a thread of its own, which also asks where to.

use super::{App, Notice};
use crate::progress::CancelToken;
use crate::session::job::Job;
use crate::ui::export;
use crate::ui::widgets::tree_table::{Export, Exports};
use crate::units;
use egui::Context;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

/// How an export ended.
#[derive(Debug)]
pub(super) enum Exported {
    /// This is for the clipboard.
    Text(String),
    /// This is to be told.
    Notice(String),
    /// The user thought better of it.
    Nothing,
}

impl App {
    /// Begins what tables have asked for and takes over what is done.
    pub(super) fn export(&mut self, ctx: &Context) {
        for export in Exports::of(ctx).take() {
            let ask = Arc::clone(&self.surroundings.ask_where_to_save);
            let description = format!("Exporting {}", export.table);
            let job = Job::spawn("export", description, &self.front_end, move |progress| {
                let cancel = progress.token();
                if !export.is_to_file {
                    return Exported::Text(export::text(&*export.model, export.format, cancel));
                }
                let name = format!("{}.{}", export.table.to_lowercase().replace(' ', "-"), export.format.extension());
                match ask(&name) {
                    None => Exported::Notice("There is no file dialog on this system; copy the table instead".into()),
                    Some(None) => Exported::Nothing,
                    Some(Some(path)) => Exported::Notice(save(&export, &path, cancel)),
                }
            });
            self.exports.push(job);
        }
        let mut done = Vec::new();
        self.exports.retain_mut(|job| match job.poll() {
            Some(result) => {
                done.push(result);
                false
            }
            None => true,
        });
        for result in done {
            match result {
                Ok(Exported::Text(text)) => ctx.copy_text(text),
                Ok(Exported::Notice(text)) => self.notices.push(Notice::Text(text)),
                Ok(Exported::Nothing) => {}
                Err(panicked) => self.front_end.report(panicked),
            }
        }
    }
}

/// Writes the table and says how that ended.
fn save(export: &Export, path: &Path, cancel: &CancelToken) -> String {
    let written = File::create(path).and_then(|file| {
        let mut out = BufWriter::new(file);
        let rows = export::write(&*export.model, export.format, &mut out, cancel)?;
        out.flush()?;
        Ok(rows)
    });
    match written {
        Ok(rows) => format!("Saved {} rows as {}", units::count(rows), path.display()),
        Err(e) => format!("{} could not be written: {e}", path.display()),
    }
}
