//! One binary for all integration tests, so that linking is paid once.

#[cfg(feature = "app")]
mod ui_table;
