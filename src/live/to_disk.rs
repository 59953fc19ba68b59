//! A file that arrives in blocks, written on a thread of its own, so that the socket is read without pause.

use super::error::LiveError;
use super::files::{Destination, Part};
use super::queue::{self, Block, Entrance, Exit};
use ruzstd::encoding::{CompressionLevel, compress};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

/// A file that is on its way to the disk.
#[derive(Debug)]
pub(super) struct ToDisk {
    part: Part,
    /// Where blocks are put in.
    pub(super) entrance: Entrance,
    received: Arc<AtomicU64>,
    thread: JoinHandle<io::Result<()>>,
}

impl ToDisk {
    /// Begins one. `app` and `pid` make up its name where none is given; with `zstd` it is packed.
    pub(super) fn begin(
        to: &Destination,
        app: &str,
        pid: Option<u32>,
        ending: &str,
        zstd: bool,
    ) -> Result<Self, LiveError> {
        let ending = if zstd { format!("{ending}.zst") } else { ending.to_owned() };
        let mut part = to.begin(app, pid, &ending)?;
        let (entrance, exit) = queue::queue();
        let received = Arc::<AtomicU64>::default();
        let blocks = Blocks { exit, block: Block::default(), at: 0, received: Arc::clone(&received) };
        let file = part.take_file();
        let thread = std::thread::Builder::new().name("capture".to_owned());
        let thread = thread.spawn(move || file.map_or(Ok(()), |file| write(blocks, file, zstd)));
        Ok(Self { part, entrance, received, thread: thread.map_err(LiveError::Thread)? })
    }

    /// Bytes of the file that were handed over so far, before packing.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Whether nothing can be written any more.
    pub(super) fn has_failed(&self) -> bool {
        self.thread.is_finished()
    }

    /// All has come: gives the file its name. Returns that, and the bytes before packing.
    pub(super) fn finish(self) -> Result<(PathBuf, u64), LiveError> {
        let (part, received) = self.stop()?;
        Ok((part.finish()?, received))
    }

    /// No more will come: leaves what there is, and says where.
    pub(super) fn keep(self) -> Result<(PathBuf, u64), LiveError> {
        let (part, received) = self.stop()?;
        if received == 0 {
            return Ok((PathBuf::new(), 0));
        }
        Ok((part.keep(), received))
    }

    fn stop(self) -> Result<(Part, u64), LiveError> {
        self.entrance.close();
        let written =
            self.thread.join().unwrap_or_else(|_panic| Err(io::Error::other("writing failed by a mistake of ours")));
        written.map_err(LiveError::file("write", self.part.part.clone()))?;
        Ok((self.part, self.received.load(Ordering::Relaxed)))
    }
}

fn write(mut blocks: Blocks, file: File, zstd: bool) -> io::Result<()> {
    if zstd {
        let mut drain = Remembering { file, error: None };
        compress(&mut blocks, &mut drain, CompressionLevel::Fastest);
        return drain.error.map_or_else(|| drain.file.sync_data(), Err);
    }
    let mut file = file;
    while let Some(block) = blocks.next() {
        file.write_all(&block)?;
    }
    // A full disk may only now be told.
    file.sync_data()
}

/// Blocks as a text that is read.
struct Blocks {
    exit: Exit,
    block: Block,
    at: usize,
    received: Arc<AtomicU64>,
}

impl Blocks {
    fn next(&mut self) -> Option<Block> {
        let block = self.exit.take()?;
        self.received.fetch_add(block.len() as u64, Ordering::Relaxed);
        Some(block)
    }
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.block.len() {
            let Some(block) = self.next() else { return Ok(0) };
            self.block = block;
            self.at = 0;
        }
        let len = buffer.len().min(self.block.len() - self.at);
        buffer[..len].copy_from_slice(&self.block[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}

/// The packer knows no errors: the first one is kept for later, and nothing more is written.
struct Remembering {
    file: File,
    error: Option<io::Error>,
}

impl Write for Remembering {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.error.is_none() {
            self.error = self.file.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
