//! One binary for all integration tests, so that linking is paid once.

mod reader;
#[cfg(feature = "app")]
mod ui_table;
