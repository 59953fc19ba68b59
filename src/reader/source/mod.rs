//! Where the text of a file comes from: all at once, as a mapped file ([`mapping`]), or block by
//! block ([`BlockSource`]), as it is unpacked ([`packed`]) or comes from elsewhere ([`channel`]).

mod arriving;
mod blocks;
mod channel;
mod mapping;
mod packed;
mod xxh64;

pub(super) use arriving::{Arrived, Arriving, with_blocks_of};
pub use blocks::BlockSource;
pub use channel::{BlockChannel, BlockSender, block_channel};
pub(super) use mapping::Mapping;
pub use packed::Compression;
pub(super) use packed::{Trouble, Unpacker, unpack, unpacked_start};
