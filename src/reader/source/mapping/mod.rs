//! A file mapped for reading.

#![allow(unsafe_code, reason = "mapping a file, and letting go of parts of it, need the system's calls")]

#[cfg(unix)]
mod guard;

use crate::reader::error::ReadError;
use std::fs::File;
use std::time::SystemTime;

/// A file's contents, mapped.
#[derive(Debug)]
pub(in crate::reader) struct Mapping {
    /// Given back before the mapping is.
    #[cfg(unix)]
    guard: guard::Guard,
    map: memmap2::Mmap,
    file: File,
    before: Stamp,
}

/// What tells whether a file was changed.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(file: &File) -> Result<Self, ReadError> {
        let metadata = file.metadata();
        let metadata = metadata.map_err(|source| ReadError::Io { action: "ask for the size of the file", source })?;
        Ok(Self { len: metadata.len(), modified: metadata.modified().ok() })
    }
}

impl Mapping {
    /// Maps a file, which must not be empty.
    pub(in crate::reader) fn new(file: File) -> Result<Self, ReadError> {
        let before = Stamp::of(&file)?;
        // SAFETY: the bytes are only ever looked at as bytes, whatever they are; what happens when
        // there are none any more is `guard`'s.
        let map = unsafe { memmap2::Mmap::map(&file) }
            .map_err(|source| ReadError::Io { action: "map the file into memory", source })?;
        #[cfg(unix)]
        let guard = {
            let start = map.as_ptr() as usize;
            guard::Guard::new(start..start + map.len())
                .ok_or_else(|| ReadError::TooLarge("too many files are being read at the same time".into()))?
        };
        Ok(Self {
            #[cfg(unix)]
            guard,
            map,
            file,
            before,
        })
    }

    pub(in crate::reader) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Whether the bytes were those of one unchanging file all the time; otherwise what was made of
    /// them means nothing.
    pub(in crate::reader) fn check(&self) -> Result<(), ReadError> {
        #[cfg(unix)]
        if let Some(at) = self.guard.fault() {
            let problem = format!("nothing could be read from byte {at} on; it was cut short or its disk failed");
            return Err(ReadError::Changed(problem));
        }
        let now = Stamp::of(&self.file)?;
        if now.len != self.before.len {
            let grew =
                if now.len > self.before.len { "; wait until all of it is written, and open it again" } else { "" };
            let problem = format!("it had {} bytes at first and {} at the end{grew}", self.before.len, now.len);
            return Err(ReadError::Changed(problem));
        }
        if now != self.before {
            return Err(ReadError::Changed("it was written to; open it again when that is done".into()));
        }
        Ok(())
    }

    /// Lets go of the memory behind some bytes that will not be needed soon. If they are looked at
    /// again the system maps them again.
    #[cfg(unix)]
    pub(in crate::reader) fn release(&self, bytes: std::ops::Range<usize>) {
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
    pub(in crate::reader) fn release(&self, _: std::ops::Range<usize>) {}
}

/// The largest page that is common.
#[cfg(unix)]
const PAGE: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TempFile;
    use std::io::Write as _;

    fn writable(file: &TempFile) -> File {
        File::options().read(true).write(true).open(file).unwrap()
    }

    #[test]
    #[cfg(unix)]
    fn a_file_cut_short_while_mapped_reads_as_zeros_and_is_told() {
        let file = TempFile::new("cut", vec![b'7'; 1 << 20]);
        let mapping = Mapping::new(writable(&file)).unwrap();
        assert!(mapping.check().is_ok());
        writable(&file).set_len(100_000).unwrap();
        assert_eq!(mapping.bytes()[99_999], b'7');
        let sum: u64 = mapping.bytes()[500_000..].iter().map(|&b| u64::from(b)).sum();
        assert_eq!(sum, 0);
        let problem = mapping.check().unwrap_err().to_string();
        assert_eq!(
            problem,
            "the file changed while it was being read: nothing could be read from byte 500000 on; \
             it was cut short or its disk failed"
        );
    }

    #[test]
    fn a_file_written_to_while_mapped_is_told() {
        let file = TempFile::new("grown", b"1234");
        let mapping = Mapping::new(writable(&file)).unwrap();
        File::options().append(true).open(&file).unwrap().write_all(b"5").unwrap();
        let problem = mapping.check().unwrap_err().to_string();
        assert_eq!(
            problem,
            "the file changed while it was being read: it had 4 bytes at first and 5 at the end; \
             wait until all of it is written, and open it again"
        );
    }

    #[test]
    fn any_number_of_files_can_be_mapped_one_after_the_other() {
        let file = TempFile::new("many", b"1234");
        for _ in 0..200 {
            assert!(Mapping::new(writable(&file)).is_ok());
        }
    }
}
