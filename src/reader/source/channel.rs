//! Blocks of text that another thread sends as they come: from a running process, say.

use super::blocks::BlockSource;
use crate::progress::Stage;
use crate::reader::error::ReadError;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Blocks that may wait until they are read. Whoever sends more has to wait.
const BLOCKS_AHEAD: usize = 64;

/// How often one who waits looks whether the work was given up.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What goes through the channel.
enum Sent {
    Text(Vec<u8>),
    /// The text is complete.
    End,
    /// It never will be, for this reason.
    Failure(String),
}

/// A way for text to come from another thread: what is sent at one end is read at the other.
pub fn block_channel() -> (BlockSender, BlockChannel) {
    let (sender, receiver) = sync_channel(BLOCKS_AHEAD);
    (BlockSender(sender), BlockChannel { receiver, has_ended: false, received: 0 })
}

/// The end of a channel at which text is sent. To drop it before [`BlockSender::finish`] means that the
/// text is not complete.
pub struct BlockSender(SyncSender<Sent>);

impl BlockSender {
    /// Sends the next part of the text, and waits while too much is waiting to be read. False if nobody
    /// reads any more.
    pub fn send(&self, text: impl Into<Vec<u8>>) -> bool {
        self.0.send(Sent::Text(text.into())).is_ok()
    }

    /// Says that the text is complete.
    pub fn finish(self) {
        // Nobody may be reading any more.
        let _ = self.0.send(Sent::End);
    }

    /// Says why the rest of the text will not come, in a few words: "the process ended".
    pub fn fail(self, reason: impl Into<String>) {
        let _ = self.0.send(Sent::Failure(reason.into()));
    }
}

impl std::fmt::Debug for BlockSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlockSender")
    }
}

/// The end of a channel at which text is read.
pub struct BlockChannel {
    receiver: Receiver<Sent>,
    has_ended: bool,
    received: u64,
}

impl std::fmt::Debug for BlockChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockChannel").field("received", &self.received).finish_non_exhaustive()
    }
}

impl BlockSource for BlockChannel {
    fn read_block(&mut self, block: &mut Vec<u8>, len: usize, stage: &Stage) -> Result<(), ReadError> {
        let before = block.len();
        while !self.has_ended && block.len() - before < len {
            stage.check()?;
            match self.receiver.recv_timeout(LOOK_EVERY) {
                Ok(Sent::Text(text)) => {
                    self.received += text.len() as u64;
                    block.extend_from_slice(&text);
                }
                Ok(Sent::End) => self.has_ended = true,
                Ok(Sent::Failure(reason)) => return Err(self.broke_off(&reason)),
                Err(RecvTimeoutError::Disconnected) => return Err(self.broke_off("whoever sent it stopped")),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        Ok(())
    }
}

impl BlockChannel {
    fn broke_off(&self, reason: &str) -> ReadError {
        ReadError::BrokeOff { received: self.received, reason: reason.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;

    fn read(channel: &mut BlockChannel, len: usize) -> Result<Vec<u8>, String> {
        let mut block = Vec::new();
        channel.read_block(&mut block, len, &Stage::unwatched()).map_err(|e| e.to_string()).map(|()| block)
    }

    #[test]
    fn parts_of_any_size_become_blocks_and_the_end_is_told() {
        let (sender, mut channel) = block_channel();
        for part in ["ab", "", "c", "defgh"] {
            assert!(sender.send(part));
        }
        sender.finish();
        assert_eq!(read(&mut channel, 3), Ok(b"abc".to_vec()));
        assert_eq!(read(&mut channel, 3), Ok(b"defgh".to_vec()));
        assert_eq!([read(&mut channel, 3), read(&mut channel, 3)], [Ok(Vec::new()), Ok(Vec::new())]);
    }

    #[test]
    fn text_that_breaks_off_is_an_error_with_its_reason() {
        let (sender, mut channel) = block_channel();
        sender.send("ab");
        sender.fail("the process ended");
        let error = read(&mut channel, 3).unwrap_err();
        assert!(error.contains("the process ended") && error.contains("2 bytes"), "{error}");
        let (sender, mut channel) = block_channel();
        drop(sender);
        assert!(read(&mut channel, 3).is_err());
    }

    #[test]
    fn waiting_ends_when_the_work_is_given_up() {
        let (_sender, mut channel) = block_channel();
        let progress = Progress::new();
        progress.token().cancel();
        let stage = progress.stage("Reading", 1, 1);
        assert!(matches!(channel.read_block(&mut Vec::new(), 1, &stage), Err(ReadError::Cancelled(_))));
    }
}
