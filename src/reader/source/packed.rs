//! gzip and zstd: unpacked in memory, up to a limit, or block by block.

use super::blocks::BlockSource;
use super::xxh64::Xxh64;
use crate::progress::Stage;
use crate::reader::error::ReadError;
use flate2::bufread::GzDecoder;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder, StreamingDecoder};
use std::io::{self, Read};

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// gzip, one member or several.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Compression {
    /// The kind of compression whose files begin like this.
    pub(in crate::reader) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// The text of a packed file, as far as it could be unpacked.
#[derive(Debug)]
pub(in crate::reader) struct Unpacked {
    pub(in crate::reader) text: Vec<u8>,
    pub(in crate::reader) trouble: Option<Trouble>,
}

/// What is wrong with a packed file, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reader) enum Trouble {
    /// There should be more text than could be unpacked.
    BreaksOff(String),
    /// All of the text is there, but it is not what was packed.
    BadChecksum(String),
    /// After the packed text comes something else.
    Trailing(String),
}

/// How much is unpacked between two looks at the cancel token.
const STEP: usize = 1 << 20;

/// Unpacks `packed` completely.
pub(in crate::reader) fn unpack(
    compression: Compression,
    packed: &[u8],
    limit: u64,
    stage: &Stage,
) -> Result<Unpacked, ReadError> {
    let mut source = Unpacker::new(compression, packed);
    let mut text = Vec::new();
    loop {
        stage.check()?;
        let before = text.len();
        if before as u64 > limit {
            return Err(ReadError::UnpacksTooLarge {
                compression: compression.name(),
                packed: packed.len() as u64,
                limit,
            });
        }
        text.try_reserve(STEP).map_err(|_refused| {
            ReadError::TooLarge(format!("not enough memory to unpack the file: {before} bytes were unpacked so far"))
        })?;
        match source.by_ref().take(STEP as u64).read_to_end(&mut text) {
            Ok(0) => return Ok(Unpacked { text, trouble: source.trailing() }),
            Ok(_) => {}
            Err(error) => {
                let trouble = Some(source.trouble(&error));
                return Ok(Unpacked { text, trouble });
            }
        }
    }
}

/// Whatever is wrong with a packed file is an error here, as its text cannot be had a second time.
impl BlockSource for Unpacker<'_> {
    fn read_block(&mut self, block: &mut Vec<u8>, len: usize, _: &Stage) -> Result<(), ReadError> {
        let broke_off = |position: usize, trouble: Trouble| {
            let (Trouble::BreaksOff(reason) | Trouble::BadChecksum(reason) | Trouble::Trailing(reason)) = trouble;
            ReadError::BrokeOff { received: position as u64, reason }
        };
        match self.by_ref().take(len as u64).read_to_end(block) {
            Ok(0) => self.trailing().map_or(Ok(()), |trouble| Err(broke_off(self.position(), trouble))),
            Ok(_) => Ok(()),
            Err(error) => Err(broke_off(self.position(), self.trouble(&error))),
        }
    }

    fn progress(&self) -> Option<(u64, u64)> {
        Some((self.position() as u64, self.packed.len() as u64))
    }
}

/// The first `len` bytes of the text, or fewer.
pub(in crate::reader) fn unpacked_start(compression: Compression, packed: &[u8], len: u64) -> Vec<u8> {
    let mut text = Vec::new();
    // Why unpacking fails is told when the file is read.
    let _ = Unpacker::new(compression, packed).take(len).read_to_end(&mut text);
    text
}

/// How the error of flate2 about a checksum that is not that of the text ends; ours is the same.
const WRONG_CHECKSUM: &str = "does not have a matching checksum";

/// Reads the text of a packed file: of all its members or frames, one after the other.
pub(in crate::reader) struct Unpacker<'p> {
    compression: Compression,
    packed: &'p [u8],
    /// What of `packed` follows the member that is being read.
    rest: &'p [u8],
    member: Option<Member<'p>>,
}

enum Member<'p> {
    Gzip(Box<GzDecoder<&'p [u8]>>),
    Zstd(Box<Frame<'p>>),
}

/// A frame of zstd.
struct Frame<'p> {
    decoder: StreamingDecoder<&'p [u8], FrameDecoder>,
    /// Of the text so far.
    checksum: Xxh64,
    /// What is wrong with the frame; told once the text before it was handed out.
    error: Option<io::Error>,
}

/// An empty block that is the last one, and a checksum.
const END_OF_FRAME: &[u8] = b"\x01\0\0\0\0\0\0";

impl<'p> Frame<'p> {
    fn new(packed: &'p [u8]) -> io::Result<Self> {
        let decoder = StreamingDecoder::new(packed).map_err(io::Error::other)?;
        Ok(Self { decoder, checksum: Xxh64::default(), error: None })
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.error.is_none() {
            match self.decoder.read(buffer) {
                Ok(len) => return self.checked(&buffer[..len], buffer.is_empty()),
                Err(error) => {
                    // The decoder keeps the text that later blocks might refer to until the frame ends.
                    let _ = self.decoder.decoder.decode_blocks(END_OF_FRAME, BlockDecodingStrategy::All);
                    self.error = Some(error);
                }
            }
        }
        match self.decoder.decoder.read(buffer)? {
            0 if !buffer.is_empty() => self.error.take().map_or(Ok(0), Err),
            len => Ok(len),
        }
    }

    /// Holds the checksum in the file, the lower half of one, to the text once that has ended.
    fn checked(&mut self, text: &[u8], nothing_was_asked: bool) -> io::Result<usize> {
        self.checksum.update(text);
        let has_ended = text.is_empty() && !nothing_was_asked;
        match self.decoder.decoder.get_checksum_from_data().filter(|_| has_ended) {
            Some(sum) if u64::from(sum) != self.checksum.finish() & u64::from(u32::MAX) => {
                Err(io::Error::other(WRONG_CHECKSUM))
            }
            _ => Ok(text.len()),
        }
    }
}

impl<'p> Member<'p> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(frame) => frame.read(buffer),
        }
    }

    /// What was not read yet.
    fn rest(&self) -> &'p [u8] {
        match self {
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Zstd(frame) => frame.decoder.get_ref(),
        }
    }
}

impl<'p> Unpacker<'p> {
    pub(in crate::reader) fn new(compression: Compression, packed: &'p [u8]) -> Self {
        Self { compression, packed, rest: packed, member: None }
    }

    /// Begins the next member; false if there is none.
    fn open(&mut self) -> io::Result<bool> {
        while let [0x50..=0x5F, 0x2A, 0x4D, 0x18, a, b, c, d, ..] = *self.rest
            && self.compression == Compression::Zstd
        {
            // A frame that holds no text but says how long it is.
            let len = 8 + u32::from_le_bytes([a, b, c, d]) as usize;
            self.rest = self.rest.get(len..).unwrap_or_default();
        }
        if Compression::of(self.rest) != Some(self.compression) {
            return Ok(false);
        }
        self.member = Some(match self.compression {
            Compression::Gzip => Member::Gzip(Box::new(GzDecoder::new(self.rest))),
            Compression::Zstd => Member::Zstd(Box::new(Frame::new(self.rest)?)),
        });
        Ok(true)
    }

    /// The byte of the packed file that is read next.
    fn position(&self) -> usize {
        self.packed.len() - self.member.as_ref().map_or(self.rest, Member::rest).len()
    }

    /// What follows the last member, if anything does.
    fn trailing(&self) -> Option<Trouble> {
        (!self.rest.is_empty()).then(|| {
            let (name, len) = (self.compression.name(), self.rest.len());
            Trouble::Trailing(format!("{len} bytes after the {name} data at its byte {} were ignored", self.position()))
        })
    }

    fn trouble(&self, error: &io::Error) -> Trouble {
        let (name, at) = (self.compression.name(), self.position());
        // The decoders have no kinds for these.
        let reason = error.to_string();
        if reason.ends_with(WRONG_CHECKSUM) {
            Trouble::BadChecksum(format!(
                "the {name} checksum does not match: the file was damaged after it was packed"
            ))
        } else if at == self.packed.len() {
            Trouble::BreaksOff(format!("the {name} data is cut short at its byte {at}"))
        } else {
            Trouble::BreaksOff(format!("the {name} data is damaged at about its byte {at}"))
        }
    }
}

impl Read for Unpacker<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.member.is_some() || self.open()? {
            let Some(member) = &mut self.member else { break };
            match member.read(buffer)? {
                0 => {
                    self.rest = member.rest();
                    self.member = None;
                }
                n => return Ok(n),
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::gzip;

    fn unpacked(packed: &[u8]) -> (String, Option<Trouble>) {
        let unpacked = unpack(Compression::of(packed).unwrap(), packed, 1 << 20, &Stage::unwatched()).unwrap();
        (String::from_utf8(unpacked.text).unwrap(), unpacked.trouble)
    }

    #[test]
    fn several_members_are_one_text() {
        let packed = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
        assert_eq!(unpacked(&packed), ("one two".into(), None));
    }

    #[test]
    fn damage_is_told_with_what_could_be_unpacked() {
        let packed = gzip(b"text text text text");
        let (text, trouble) = unpacked(&packed[..packed.len() - 5]);
        assert_eq!(text, "text text text text");
        let at = packed.len() - 5;
        assert_eq!(trouble, Some(Trouble::BreaksOff(format!("the gzip data is cut short at its byte {at}"))));

        let mut wrong = packed.clone();
        wrong[at - 1] ^= 1;
        assert!(matches!(unpacked(&wrong).1, Some(Trouble::BadChecksum(_))));

        let followed = [packed, b"more".to_vec()].concat();
        let (text, trouble) = unpacked(&followed);
        assert_eq!(text, "text text text text");
        assert!(matches!(trouble, Some(Trouble::Trailing(_))));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        let refused = unpack(Compression::Gzip, &bomb, 1 << 20, &Stage::unwatched());
        assert!(matches!(refused, Err(ReadError::UnpacksTooLarge { limit: 1_048_576, .. })), "{refused:?}");
    }

    #[test]
    fn zstd_is_read_too() {
        let packed =
            ruzstd::encoding::compress_to_vec(&b"text text text"[..], ruzstd::encoding::CompressionLevel::Fastest);
        assert_eq!(unpacked(&packed), ("text text text".into(), None));
    }

    #[test]
    fn the_checksum_of_zstd_is_held_to_the_text() {
        // As the zstd tool writes it: a frame of one block, as it is, and the checksum.
        let packed = *b"\x28\xb5\x2f\xfd\x04\x58\x39\0\0{\"a\":1}\x48\x8b\xfc\x32";
        assert_eq!(unpacked(&packed), ("{\"a\":1}".into(), None));
        let twice = [packed, packed].concat();
        assert_eq!(unpacked(&twice), ("{\"a\":1}{\"a\":1}".into(), None));
        let mut wrong = packed;
        wrong[11] ^= 1;
        let (text, trouble) = unpacked(&wrong);
        assert_eq!(text, "{\"`\":1}");
        let told = "the zstd checksum does not match: the file was damaged after it was packed";
        assert_eq!(trouble, Some(Trouble::BadChecksum(told.into())));
        let (text, trouble) = unpacked(&packed[..packed.len() - 2]);
        assert_eq!(text, "{\"a\":1}", "all of the text is there");
        assert!(matches!(trouble, Some(Trouble::BreaksOff(_))), "{trouble:?}");
    }

    #[test]
    fn a_cut_zstd_file_has_the_text_of_all_whole_blocks() {
        let raw = |text: &[u8], is_last: bool| {
            let header = u32::try_from(text.len()).unwrap() << 3 | u32::from(is_last);
            [&header.to_le_bytes()[..3], text].concat()
        };
        let packed = [&b"\x28\xb5\x2f\xfd\0\x58"[..], &raw(b"one ", false), &raw(b"two ", false), &raw(b"end", true)];
        let packed = packed.concat();
        assert_eq!(unpacked(&packed), ("one two end".into(), None));
        for (cut, whole) in [(14, "one "), (20, "one two "), (22, "one two ")] {
            let (text, trouble) = unpacked(&packed[..cut]);
            assert!(text.starts_with(whole), "{cut}: {text}");
            assert_eq!(trouble, Some(Trouble::BreaksOff(format!("the zstd data is cut short at its byte {cut}"))));
        }
    }
}
