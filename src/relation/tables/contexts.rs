//! `contexts`: what belongs to which native context, and unused variables that closures keep.

use super::common::object_text;
use crate::analysis::realms::dead_context_fields::{DeadContext, DeadContextFields, DeadField, DeadScope};
use crate::analysis::realms::native_contexts::{NativeContext, NativeContexts};
use crate::analysis::tables::queries::RetainedByContexts;
use crate::relation::{Answer, Column, Groups, HeapRef, Kind, Rows, Size, Value};

const COUNT: Kind = Kind::Count(Groups::Commas);
const BYTES: Kind = Kind::Bytes(Size::Suitable);

/// What is said of all contexts.
pub static FACTS: [Column; 7] = [
    Column::new("shared_size", "Shared between native contexts", BYTES, "What several native contexts share"),
    Column::new("unattributed_size", "Not attributed to a native context", BYTES, "What belongs to no native context"),
    Column::new("context_count", "Contexts of closures", COUNT, "How many contexts of closures there are"),
    Column::new("retained_count", "Objects only they keep", COUNT, "How many objects only they keep"),
    Column::new("retained_size", "Their size", BYTES, "Their shallow sizes, added up"),
    Column::new("other_count", "Other objects", COUNT, "How many other objects there are"),
    Column::new("other_size", "Their size", BYTES, "Their shallow sizes, added up"),
];

/// The native contexts: pages, frames, realms.
pub static CONTEXT_COLUMNS: [Column; 4] = [
    Column::on_screen("Native context", Kind::Text, "The native context and its id"),
    Column::for_programs("id", Kind::Id, "The id of the native context"),
    Column::for_programs("name", Kind::Text, "Its name"),
    Column::new("attributed_size", "Attributed size", BYTES, "The shallow sizes of what belongs to it alone"),
];

/// The variables that no living function can read any more.
pub static FIELD_COLUMNS: [Column; 10] = [
    Column::new("variable", "Variable nobody reads", Kind::Text, "The variable"),
    Column::on_screen("Value", Kind::Text, "What it holds"),
    Column::for_programs("value_id", Kind::Id, "The id of what it holds"),
    Column::new("retained_size", "Retained size", Kind::Bytes(Size::Kilobytes), "What its value retains"),
    Column::on_screen("Context", Kind::Text, "The context that has the variable"),
    Column::for_programs("context_id", Kind::Id, "The id of the context"),
    Column::new("function", "Function", Kind::Text, "The function whose variable it is").nullable(),
    Column::new("script", "Script", Kind::Text, "The script of the function"),
    Column::for_programs("start", Kind::Integer, "Where the scope begins in the script, in characters"),
    Column::for_programs("end", Kind::Integer, "Where it ends"),
];

/// Scripts for which the file does not say which function uses which variable.
pub static SCRIPT_COLUMNS: [Column; 3] = [
    Column::new("script", "Script without scopes", Kind::Text, "The script"),
    Column::for_programs("id", Kind::Id, "The id of the script"),
    Column::new("context_count", "Contexts", COUNT, "How many contexts it has"),
];

struct Native<H> {
    heap: H,
    contexts: Vec<NativeContext>,
}

impl<H: HeapRef> Rows for Native<H> {
    fn columns(&self) -> &[Column] {
        &CONTEXT_COLUMNS
    }

    fn len(&self) -> usize {
        self.contexts.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let context = &self.contexts[row];
        match column {
            0 => Value::owned(object_text(&self.heap, context.node)),
            1 => Value::id(self.heap.id(context.node)),
            2 => Value::Text(self.heap.name(context.node)),
            _ => context.attributed_size.into(),
        }
    }
}

struct DeadFields<H> {
    heap: H,
    dead: DeadContextFields,
    /// Positions: scope, context in it, field in that.
    rows: Vec<[u32; 3]>,
}

impl<H> DeadFields<H> {
    fn new(heap: H, dead: DeadContextFields) -> Self {
        let mut rows = Vec::new();
        for (s, scope) in (0..).zip(&dead.scopes) {
            for (c, context) in (0..).zip(&scope.contexts) {
                rows.extend((0..).zip(&context.fields).map(|(f, _)| [s, c, f]));
            }
        }
        Self { heap, dead, rows }
    }

    fn at(&self, row: usize) -> (&DeadScope, &DeadContext, &DeadField) {
        let [scope, context, field] = self.rows[row].map(|at| at as usize);
        let scope = &self.dead.scopes[scope];
        let context = &scope.contexts[context];
        (scope, context, &context.fields[field])
    }
}

impl<H: HeapRef> Rows for DeadFields<H> {
    fn columns(&self) -> &[Column] {
        &FIELD_COLUMNS
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let (scope, context, field) = self.at(row);
        match column {
            0 => Value::text(field.name.as_text()),
            1 => Value::owned(object_text(&self.heap, field.value)),
            2 => Value::id(self.heap.id(field.value)),
            3 => self.heap.retained_size(field.value).into(),
            4 => Value::owned(object_text(&self.heap, context.node)),
            5 => Value::id(self.heap.id(context.node)),
            6 => Value::option(scope.function_name.as_ref(), |name| Value::text(name.as_text())),
            7 => Value::text(scope.script_name.as_text()),
            8 => scope.start.into(),
            _ => scope.end.into(),
        }
    }
}

struct Scripts<H> {
    heap: H,
    scripts: Vec<crate::analysis::realms::dead_context_fields::ScriptWithoutScopes>,
}

impl<H: HeapRef> Rows for Scripts<H> {
    fn columns(&self) -> &[Column] {
        &SCRIPT_COLUMNS
    }

    fn len(&self) -> usize {
        self.scripts.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let script = &self.scripts[row];
        match column {
            0 => Value::text(script.name.as_text()),
            1 => Value::id(self.heap.id(script.node)),
            _ => script.context_count.into(),
        }
    }
}

/// The answer of `contexts`.
pub fn contexts<'a>(
    heap: impl HeapRef + Clone + 'a,
    native: &NativeContexts,
    kept: &RetainedByContexts,
    mut dead: DeadContextFields,
) -> Answer<'a> {
    let facts = [
        native.shared_size,
        native.unattributed_size,
        kept.context_count,
        kept.retained_count,
        kept.retained_size,
        kept.other_count,
        kept.other_size,
    ];
    let scripts = std::mem::take(&mut dead.scripts_without_scopes);
    Answer::new("contexts")
        .facts(&FACTS, facts.map(Value::Unsigned))
        .rows(Native { heap: heap.clone(), contexts: native.by_size() })
        .table("dead_fields", DeadFields::new(heap.clone(), dead))
        .table("scripts_without_scopes", Scripts { heap, scripts })
}
