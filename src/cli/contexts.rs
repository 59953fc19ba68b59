//! `contexts`: what belongs to which page or realm, and what closures keep that nobody reads.

use super::object_rows::object_text;
use super::open::OpenArgs;
use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::realms::dead_context_fields::dead_context_fields;
use crate::analysis::tables::queries::retained_by_contexts;
use crate::progress::Stage;
use crate::text::TextCow;
use clap::Args;
use std::path::PathBuf;

/// Show native contexts (pages, frames, realms), and variables that closures keep in vain
///
/// JSON: shared_size, unattributed_size; context_count, retained_count, retained_size, other_count and other_size tell
/// what only the contexts of closures keep. rows are the native contexts: id, name, attributed_size. dead_fields are the
/// variables that no living function can read any more, for files that say which function uses which variable: variable,
/// value_id, retained_size, context_id, function, script, start, end. scripts_without_scopes are the scripts of which
/// the file does not say it: script, id, context_count. CSV: the native contexts.
#[derive(Debug, Args)]
pub(super) struct ContextsArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const CONTEXT_COLUMNS: [Column; 4] = [
    Column::screen_words("Native context"),
    Column::programs("id"),
    Column::programs("name"),
    Column::numbers("attributed_size", "Attributed size"),
];

const FIELD_COLUMNS: [Column; 10] = [
    Column::words("variable", "Variable nobody reads"),
    Column::screen_words("Value"),
    Column::programs("value_id"),
    Column::numbers("retained_size", "Retained size"),
    Column::screen_words("Context"),
    Column::programs("context_id"),
    Column::words("function", "Function"),
    Column::words("script", "Script"),
    Column::programs("start"),
    Column::programs("end"),
];

const SCRIPT_COLUMNS: [Column; 3] = [
    Column::words("script", "Script without scopes"),
    Column::programs("id"),
    Column::numbers("context_count", "Contexts"),
];

impl ContextsArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let stage = Stage::unwatched();
        let native = heap.native_contexts(&stage)?;
        let kept = retained_by_contexts(heap, &stage)?;
        let dead = dead_context_fields(heap, &stage)?;
        let contexts = native.by_size();
        let fields: Vec<_> = dead
            .scopes
            .iter()
            .flat_map(|scope| scope.contexts.iter().map(move |context| (scope, context)))
            .flat_map(|(scope, context)| context.fields.iter().map(move |field| (scope, context, field)))
            .collect();
        let scripts = &dead.scripts_without_scopes;
        let object = |n| Cell::Text(TextCow::Owned(object_text(heap, n)));
        let answer = Answer::new("contexts")
            .fact("shared_size", "Shared between native contexts", Cell::Bytes(native.shared_size))
            .fact("unattributed_size", "Not attributed to a native context", Cell::Bytes(native.unattributed_size))
            .fact("context_count", "Contexts of closures", Cell::Count(kept.context_count))
            .fact("retained_count", "Objects only they keep", Cell::Count(kept.retained_count))
            .fact("retained_size", "Size of those", Cell::Bytes(kept.retained_size))
            .fact("other_count", "Other objects", Cell::Count(kept.other_count))
            .fact("other_size", "Size of those", Cell::Bytes(kept.other_size))
            .rows(CONTEXT_COLUMNS, contexts.len(), |i| {
                let context = contexts[i];
                vec![
                    object(context.node),
                    Cell::Id(heap.id(context.node)),
                    Cell::Text(heap.name(context.node)),
                    Cell::Bytes(context.attributed_size),
                ]
            })
            .table("dead_fields", FIELD_COLUMNS, fields.len(), |i| {
                let (scope, context, field) = fields[i];
                vec![
                    Cell::text(field.name.as_text()),
                    object(field.value),
                    Cell::Id(heap.id(field.value)),
                    Cell::Kilobytes(heap.retained_size(field.value)),
                    object(context.node),
                    Cell::Id(heap.id(context.node)),
                    Cell::option(scope.function_name.as_ref(), |name| Cell::text(name.as_text())),
                    Cell::text(scope.script_name.as_text()),
                    Cell::Number(scope.start),
                    Cell::Number(scope.end),
                ]
            })
            .table("scripts_without_scopes", SCRIPT_COLUMNS, scripts.len(), |i| {
                let script = &scripts[i];
                let name = Cell::text(script.name.as_text());
                vec![name, Cell::Id(heap.id(script.node)), Cell::Count(script.context_count)]
            });
        write_answer(answer, &self.output)
    }
}
