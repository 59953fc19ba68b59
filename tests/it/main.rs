//! One binary for all integration tests, so that linking is paid once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

mod bench;
mod cli;
mod code;
mod damaged;
mod devtools;
mod differences;
mod endurance;
mod estimate;
mod fuzz;
mod leaks;
mod machine;
mod profiles;
mod profiles_damaged;
mod profiles_round_trips;
mod program;
mod reader;
mod relation;
mod rooms;
#[cfg(feature = "app")]
mod ui_app;
#[cfg(feature = "app")]
mod ui_as_cli;
#[cfg(feature = "app")]
mod ui_export;
#[cfg(feature = "app")]
mod ui_growth;
#[cfg(feature = "app")]
mod ui_layout;
#[cfg(feature = "app")]
mod ui_panels;
#[cfg(feature = "app")]
mod ui_pictures;
#[cfg(feature = "app")]
mod ui_profile;
#[cfg(feature = "app")]
mod ui_table;
