//! What a snapshot costs the target, said before it is taken, and whether there is room for it.
//!
//! Measured on heaps of 90 to 530 MB of small objects: the target needs 7 to 10 times its used heap on top, for the whole
//! time no script of its runs, and most of the memory is not given back. Later snapshots on the same connection use the
//! memory of the first one again.

use super::error::LiveError;
use super::isolate::{Isolate, Question};
use super::limits;
use super::list::Engine;
use crate::measure;
use crate::progress::CancelToken;
use crate::units;
use serde::Deserialize;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a snapshot of a heap will take, as far as can be told before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// What the heap uses now, in bytes.
    pub heap_used: u64,
    /// Additional memory of the target, at most.
    pub memory: u64,
    /// How long the target stands still, by the processor time that was measured.
    pub pause: Duration,
    /// Size of the file.
    pub file: u64,
    /// Whether memory of an earlier snapshot is used again.
    pub is_later: bool,
}

/// Room that somebody has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes.
    pub left: u64,
    /// Whose.
    pub where_: &'static str,
}

impl Cost {
    /// Of a heap that uses `heap_used` bytes, in an engine that says `version` of itself. `before` is what it used when
    /// the last snapshot on this connection was taken.
    pub fn estimate(heap_used: u64, version: &str, before: Option<u64>) -> Self {
        let seconds_per_gigabyte = if is_old_node(version) { 100 } else { 55 };
        let memory = match before {
            None => heap_used.saturating_mul(10),
            Some(before) => heap_used.saturating_sub(before).saturating_mul(10) + heap_used / 2,
        };
        Self {
            heap_used,
            memory,
            pause: Duration::from_millis(heap_used.saturating_mul(seconds_per_gigabyte) / 1_000_000),
            file: heap_used.saturating_mul(3) / 2,
            is_later: before.is_some(),
        }
    }

    /// An error if there is no room for it.
    pub fn check(&self, room: Option<Room>) -> Result<(), LiveError> {
        match room {
            Some(Room { left, where_ }) if left < self.memory => {
                Err(LiveError::NoRoom { needed: self.memory, where_, left })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pause = match self.pause.as_secs() {
            0 => "less than a second".to_owned(),
            1 => "about a second".to_owned(),
            s @ 2..=89 => format!("about {s} s"),
            s => format!("about {} min", s.div_ceil(60)),
        };
        write!(
            f,
            "the heap uses {}; while the snapshot is taken the program stands still ({pause} of processor time) \
             and may need up to {} more memory; the file will have about {}",
            units::bytes(self.heap_used),
            units::bytes(self.memory),
            units::bytes(self.file)
        )
    }
}

/// Node before 24, whose snapshots take nearly twice as long.
fn is_old_node(version: &str) -> bool {
    let major = version.strip_prefix("node.js/v").and_then(|v| v.split('.').next()?.parse::<u32>().ok());
    major.is_some_and(|major| major < 24)
}

/// The least room that is known of: of the machine and the containers the process `pid` is in, or as the target itself
/// says where it is elsewhere.
pub fn room(
    isolate: &Isolate,
    pid: Option<u32>,
    evaluates: bool,
    token: &CancelToken,
) -> Result<Option<Room>, LiveError> {
    if let Some(pid) = pid {
        let machine = measure::available_bytes().map(|left| Room { left, where_: "the machine" });
        let container = container_left(pid).map(|left| Room { left, where_: "its container" });
        return Ok(machine.into_iter().chain(container).min_by_key(|room| room.left));
    }
    if !evaluates || !matches!(isolate.engine, Engine::Node | Engine::Deno) {
        return Ok(None);
    }
    #[derive(Deserialize)]
    struct Answer {
        limit: Option<f64>,
        left: Option<f64>,
        rss: f64,
    }
    let answer: Answer = match isolate.ask(Question::Room, limits::ANSWER, token) {
        Ok(answer) => answer,
        Err(e @ (LiveError::Lost(_) | LiveError::Cancelled(_))) => return Err(e),
        Err(_) => return Ok(None),
    };
    // Without a limit it is a number beyond all memory.
    let by_limit = answer.limit.filter(|&limit| limit > 0.0 && limit < 1e18).map(|limit| limit - answer.rss);
    let left = by_limit.into_iter().chain(answer.left.filter(|&left| left > 0.0)).reduce(f64::min);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes of memory, not negative")]
    Ok(left.map(|left| Room { left: left.max(0.0) as u64, where_: "its container or machine" }))
}

/// What the control groups of a process have left of their limits, the least of them.
fn container_left(pid: u32) -> Option<u64> {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    let of_line = |line: &str| {
        let mut fields = line.splitn(3, ':');
        let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        let path = path.trim_start_matches('/');
        if number == "0" {
            return left_below(Path::new("/sys/fs/cgroup"), path, "memory.max", "memory.current");
        }
        let is_memory = controllers.split(',').any(|c| c == "memory");
        let root = Path::new("/sys/fs/cgroup/memory");
        is_memory.then(|| left_below(root, path, "memory.limit_in_bytes", "memory.usage_in_bytes"))?
    };
    groups.lines().filter_map(of_line).min()
}

fn left_below(root: &Path, path: &str, limit: &str, usage: &str) -> Option<u64> {
    let number = |folder: &Path, file: &str| fs::read_to_string(folder.join(file)).ok()?.trim().parse::<u64>().ok();
    let mut folder: PathBuf = root.join(path);
    let mut least = None;
    while folder.starts_with(root) {
        // "max" is not a number, and limits beyond all memory are none.
        if let Some(limit) = number(&folder, limit).filter(|&limit| limit < 1 << 60) {
            // What is only cached would be given up for it.
            let used = number(&folder, usage).unwrap_or(0).saturating_sub(cached(&folder));
            let left = limit.saturating_sub(used);
            least = Some(least.map_or(left, |l: u64| l.min(left)));
        }
        if !folder.pop() {
            break;
        }
    }
    least
}

/// Files that the group has in memory and that nobody uses.
fn cached(folder: &Path) -> u64 {
    let Ok(stat) = fs::read_to_string(folder.join("memory.stat")) else { return 0 };
    let of = |key: &str| stat.lines().find_map(|line| line.strip_prefix(key)?.trim().parse().ok());
    of("total_inactive_file ").or_else(|| of("inactive_file ")).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_told_with_numbers() {
        let cost = Cost::estimate(100_000_000, "node.js/v24.21.0", None);
        assert_eq!((cost.memory, cost.pause.as_secs(), cost.file), (1_000_000_000, 5, 150_000_000));
        assert_eq!(Cost::estimate(100_000_000, "node.js/v18.1.0", None).pause.as_secs(), 10);
        let later = Cost::estimate(100_000_000, "", Some(90_000_000));
        assert_eq!(later.memory, 150_000_000);
        let text = cost.to_string().replace('\u{a0}', " ");
        assert!(
            text.contains("uses 100 MB") && text.contains("about 5 s") && text.contains("up to 1,000 MB"),
            "{text}"
        );
        assert!(cost.check(Some(Room { left: 999_999_999, where_: "the machine" })).is_err());
        assert!(cost.check(None).is_ok());
    }
}
