//! Text that is read while it arrives: one thread takes it from its source, the others turn what is
//! there already into columns. The whole text is in memory at no time.

use super::blocks::BlockSource;
use crate::progress::Stage;
use crate::reader::error::ReadError;
use crate::reader::numbers::PADDING;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blocks that may wait to be read: enough to bridge a pause of either side.
const BLOCKS_AHEAD: usize = 8;

/// Bytes left free before the text of a block, for what is left of the block before it: less than
/// a row, and [`PADDING`].
const HEADROOM: usize = 1 << 10;

/// Calls `read` with the text of `source`, of which no more than `limit` bytes may come, in blocks of
/// about `len` bytes. Returns what it made of that, and how many bytes came; or what was wrong with
/// the source.
pub(in crate::reader) fn with_blocks_of<T>(
    source: impl BlockSource,
    len: usize,
    limit: u64,
    stage: &Stage,
    read: impl FnOnce(Arriving) -> Result<T, ReadError>,
) -> Result<(T, u64), ReadError> {
    std::thread::scope(|scope| {
        let (blocks, arriving) = sync_channel(BLOCKS_AHEAD);
        let take = move || take_blocks(source, len, limit, stage, |block| blocks.send(block).is_ok());
        let thread = std::thread::Builder::new().name("blocks".into()).spawn_scoped(scope, take);
        let thread = thread.map_err(|source| ReadError::Io { action: "start a thread", source })?;
        let read = read(Arriving::new(arriving));
        // What was read is dropped, and with it the other end, for which the thread may wait.
        let taken = thread.join().unwrap_or_else(|_panicked| {
            Err(ReadError::BrokeOff { received: 0, reason: "of a mistake in Heapglass".to_owned() })
        });
        stage.check()?;
        match (read, taken) {
            // What is wrong with the text is often for want of the rest of it.
            (_, Err(e)) => Err(e),
            (Err(e), Ok(_)) => Err(e),
            (Ok(read), Ok(sum)) => Ok((read, sum)),
        }
    })
}

/// Hands out the text of `source` in blocks of `len` bytes, each with [`HEADROOM`] zeros before it,
/// until `take` wants no more. Returns how many bytes came.
fn take_blocks(
    mut source: impl BlockSource,
    len: usize,
    limit: u64,
    stage: &Stage,
    mut take: impl FnMut(Vec<u8>) -> bool,
) -> Result<u64, ReadError> {
    let mut sum = 0;
    loop {
        match source.progress() {
            Some((done, total)) => stage.reached(done, total)?,
            None => stage.check()?,
        }
        let mut block = Vec::new();
        block.try_reserve_exact(HEADROOM + len).map_err(|_refused| {
            ReadError::TooLarge(format!("not enough memory for {len} more bytes of the file; {sum} bytes came so far"))
        })?;
        block.resize(HEADROOM, 0);
        source.read_block(&mut block, len, stage)?;
        let read = block.len() - HEADROOM;
        sum += read as u64;
        if sum > limit {
            return Err(ReadError::TooLarge(format!("more than {limit} bytes came, which no snapshot has")));
        }
        if read == 0 || !take(block) {
            return Ok(sum);
        }
    }
}

/// The text that has come and was not read yet.
#[derive(Debug)]
pub(in crate::reader) struct Arriving(Mutex<Arrived>);

#[derive(Debug)]
pub(in crate::reader) struct Arrived {
    blocks: Receiver<Vec<u8>>,
    /// What came; all before `from` was read.
    bytes: Vec<u8>,
    from: usize,
    /// How much of the text was read before.
    offset: usize,
    /// Nothing more comes; `PADDING` zeros follow the text.
    is_all: bool,
}

impl Arriving {
    fn new(blocks: Receiver<Vec<u8>>) -> Self {
        Self(Mutex::new(Arrived { blocks, bytes: Vec::new(), from: 0, offset: 0, is_all: false }))
    }

    pub(in crate::reader) fn lock(&self) -> MutexGuard<'_, Arrived> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrived {
    /// Waits until `wanted` bytes are there, or all there are.
    pub(in crate::reader) fn wait_for(&mut self, wanted: usize) {
        while !self.is_all && self.bytes.len() - self.from < wanted {
            match self.blocks.recv() {
                Ok(block) => self.append(block),
                Err(_none_left) => {
                    self.is_all = true;
                    self.bytes.extend([0; PADDING]);
                }
            }
        }
    }

    fn append(&mut self, mut block: Vec<u8>) {
        let left = &self.bytes[self.from..];
        match HEADROOM.checked_sub(left.len()) {
            Some(from) => {
                block[from..HEADROOM].copy_from_slice(left);
                (self.bytes, self.from) = (block, from);
            }
            None => self.bytes.extend_from_slice(&block[HEADROOM..]),
        }
    }

    /// Whether nothing more comes.
    pub(in crate::reader) fn is_all(&self) -> bool {
        self.is_all
    }

    /// Where in the text the part begins that is there.
    pub(in crate::reader) fn offset(&self) -> usize {
        self.offset
    }

    /// What is there, and how much of it [`PADDING`] bytes follow.
    pub(in crate::reader) fn text(&self) -> (&[u8], usize) {
        let text = &self.bytes[self.from..];
        (text, text.len() - PADDING.min(text.len()))
    }

    /// Takes the next `len` bytes of the text. They stand in the answer from its second part on,
    /// and what follows them follows there too.
    pub(in crate::reader) fn take(&mut self, len: usize) -> (Vec<u8>, usize) {
        self.offset += len;
        let left = self.bytes[self.from + len..].to_vec();
        let from = std::mem::take(&mut self.from);
        (std::mem::replace(&mut self.bytes, left), from)
    }

    /// Passes `len` bytes of what is there.
    pub(in crate::reader) fn pass(&mut self, len: usize) {
        self.from += len;
        self.offset += len;
    }

    /// Takes all the text that has not been read, to its end. `reached` is told how much of all of it
    /// is there, and may stop the waiting.
    pub(in crate::reader) fn take_all<E>(&mut self, reached: impl Fn(usize) -> Result<(), E>) -> Result<Vec<u8>, E> {
        while !self.is_all {
            let there = self.bytes.len() - self.from;
            reached(self.offset + there)?;
            self.wait_for(there + 1);
        }
        let text = self.bytes.len() - PADDING;
        self.bytes.truncate(text);
        self.bytes.drain(..std::mem::take(&mut self.from));
        Ok(std::mem::take(&mut self.bytes))
    }
}
