//! The program under test, as a command.

use std::process::Command;

/// `heapglass`, which finds no display.
pub(crate) fn heapglass() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heapglass"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    command
}
