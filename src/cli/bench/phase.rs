//! What one phase of opening a file, or one question about it, took.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A phase with its times.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Phase {
    pub(super) label: String,
    pub(super) wall: Duration,
    pub(super) cpu: Option<Duration>,
    /// Whether it is part of the phase before it.
    pub(super) is_part: bool,
}
