//! Native contexts, the contexts of closures, handlers of a page.

pub mod contexts;
pub mod dead_context_fields;
pub mod event_handlers;
pub mod native_contexts;
pub mod window;
