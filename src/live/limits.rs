//! How much, how large, how long: every limit on what a target may send or make us wait for.
//!
//! A target is a stranger. Whatever it says is cut, counted or timed here; past a limit its
//! connection ends with a sentence.

use std::time::Duration;

/// Until a TCP connection stands.
pub const CONNECT: Duration = Duration::from_secs(5);
/// Until an answer over HTTP is complete.
pub const HTTP: Duration = Duration::from_secs(3);
/// The same, for ports that are tried only because a process has them open.
pub const HTTP_PROBE: Duration = Duration::from_millis(500);
/// Until the socket's handshake is done.
pub const HANDSHAKE: Duration = Duration::from_secs(5);
/// Until a request that takes the target milliseconds is answered.
pub const ANSWER: Duration = Duration::from_secs(10);
/// Until a question that is asked once a second is answered; a target in the middle of a collection or a snapshot is
/// asked again later.
pub const READING: Duration = Duration::from_secs(5);
/// Until a forced collection or a walk of the whole heap is done.
pub const WALK: Duration = Duration::from_secs(300);
/// Until a snapshot is whole, from asking for it.
pub const SNAPSHOT: Duration = Duration::from_secs(2 * 60 * 60);
/// Without a sign of work for so long a target that owes a snapshot is called busy.
pub const BUSY_AFTER: Duration = Duration::from_secs(5);
/// How long an evaluation of ours may run in the target.
pub const EVALUATION_MS: u64 = 500;
/// Until a port opens that a process was asked to open.
pub const PORT_OPENS: Duration = Duration::from_secs(2);
/// How long an end of ours waits for the connection to close.
pub const CLOSE: Duration = Duration::from_secs(1);

/// Bytes of the head of an answer over HTTP.
pub const HTTP_HEAD: usize = 16 << 10;
/// Bytes of the body: a list of thousands of targets fits.
pub const HTTP_BODY: usize = 8 << 20;
/// Targets of one list.
pub const LISTED: usize = 2_000;
/// Bytes of one message. The largest that V8 sends has 1.3 MB.
pub const MESSAGE: usize = 64 << 20;
/// Bytes of the one message in which Bun sends a whole snapshot, which goes to the disk as it comes.
pub const MESSAGE_TO_DISK: u64 = 4 << 30;
/// Bytes of a snapshot: V8 itself counts its parts in 32 bits.
pub const SNAPSHOT_BYTES: u64 = 64 << 30;
/// Bytes that wait for the disk before reading from the socket waits too.
pub const WAITING_FOR_DISK: usize = 32 << 20;
/// Requests that wait for an answer at a time.
pub const PENDING: usize = 1_000;
/// Worker threads of one target.
pub const WORKERS: usize = 1_000;
/// Heap spaces of one reading.
pub const SPACES: usize = 64;
/// Characters of a name that a target gives itself.
pub const NAME: usize = 300;
/// Readings of one series: a week at one a second. Older ones are thinned out.
pub const READINGS: usize = 604_800;
/// Processes that are looked at for an inspector.
pub const PROCESSES: usize = 32_768;
/// Bytes of a process' command line that are looked at.
pub const COMMAND_LINE: usize = 64 << 10;

/// `text` cut to what a name may have.
pub fn name(text: &str) -> String {
    match text.char_indices().nth(NAME) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(name("short"), "short");
        assert_eq!(name(&"ä".repeat(400)).chars().count(), NAME + 1);
    }
}
