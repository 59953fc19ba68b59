//! Commands about running programs.

mod attach;
mod capture;
mod interrupt;
mod targets;
mod watch;

pub(super) use capture::CaptureArgs;
pub(super) use targets::TargetsArgs;
pub(super) use watch::WatchArgs;

use crate::units::parse_duration;
use std::time::Duration;

/// Reads a time given as an argument.
fn duration(text: &str) -> Result<Duration, String> {
    let at_least = Duration::from_millis(1);
    let parsed = parse_duration(text).filter(|time| *time >= at_least);
    parsed.ok_or_else(|| "expected a time such as 500ms, 30s, 10m, 1h".to_owned())
}
