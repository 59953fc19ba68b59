//! Tables that are to be exported: collected where they are drawn, exported by the application.

use crate::ui::export::Format;
use crate::ui::tree::TreeModel;
use std::sync::{Arc, Mutex, PoisonError};

/// A table to export.
pub struct Export {
    /// The table's name.
    pub table: &'static str,
    /// Its rows.
    pub model: Box<dyn TreeModel + Send>,
    /// In which form.
    pub format: Format,
    /// To a file; otherwise to the clipboard.
    pub is_to_file: bool,
}

/// What is to be exported. Lives in the egui context, so that tables need not be handed it.
#[derive(Clone, Default)]
pub struct Exports(Arc<Mutex<Vec<Export>>>);

impl Exports {
    /// Those of `ctx`.
    pub fn of(ctx: &egui::Context) -> Self {
        ctx.data_mut(|d| d.get_temp_mut_or_default::<Self>(egui::Id::unique("heapglass exports")).clone())
    }

    /// Asks for an export.
    pub(super) fn push(&self, export: Export) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(export);
    }

    /// What was asked for.
    pub fn take(&self) -> Vec<Export> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
