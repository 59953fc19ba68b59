//! Memory straight from the system: a file mapped for reading, and large columns of zeros.

#![allow(unsafe_code, reason = "mapping a file, and zeroed memory that can be refused, need the system's own calls")]

use super::error::ReadError;
use std::alloc::Layout;
use std::fs::File;

/// A file's contents, mapped.
#[derive(Debug)]
pub(super) struct Mapping {
    map: memmap2::Mmap,
}

impl Mapping {
    pub(super) fn new(file: &File) -> Result<Self, ReadError> {
        // SAFETY: the bytes are only ever looked at as bytes, whatever they are.
        let map = unsafe { memmap2::Mmap::map(file) }
            .map_err(|source| ReadError::Io { action: "map the file into memory", source })?;
        Ok(Self { map })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Lets go of the memory behind some bytes that will not be needed soon. If they are looked at
    /// again the system maps them again.
    #[cfg(unix)]
    pub(super) fn release(&self, bytes: std::ops::Range<usize>) {
        // What is not a whole page at either end stays.
        let start = bytes.start.next_multiple_of(PAGE);
        let end = bytes.end / PAGE * PAGE;
        if start < end {
            // SAFETY: the pages of a mapped file come back as they were.
            // A refusal costs memory and nothing else.
            let _ = unsafe { self.map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, start, end - start) };
        }
    }

    #[cfg(not(unix))]
    pub(super) fn release(&self, _: std::ops::Range<usize>) {}
}

/// The largest page that is common.
#[cfg(unix)]
const PAGE: usize = 64 << 10;

/// Numbers for which all zero bits mean zero.
pub(super) trait Zeroable: Copy {}
impl Zeroable for u8 {}
impl Zeroable for u32 {}

/// `len` zeros that the system backs with memory only when they are written, or a sentence when
/// there is no room. `vec![0; len]` would end the process instead.
pub(super) fn zeros<T: Zeroable>(len: usize) -> Result<Vec<T>, ReadError> {
    let too_large = || ReadError::TooLarge(format!("not enough memory: {len} values did not fit"));
    let layout = Layout::array::<T>(len).map_err(|_overflow| too_large())?;
    if layout.size() == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the layout is that of `len` values of `T` and not empty; all bits zero are a valid
    // `T`; the block came from the global allocator with the layout that `Vec` will free it with.
    unsafe {
        let block = std::alloc::alloc_zeroed(layout).cast::<T>();
        if block.is_null() { Err(too_large()) } else { Ok(Vec::from_raw_parts(block, len, len)) }
    }
}
