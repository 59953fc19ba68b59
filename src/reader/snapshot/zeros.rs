//! Large columns of zeros, before anything is read into them.

#![allow(unsafe_code, reason = "zeroed memory that can be refused needs the allocator's own calls")]

use crate::reader::error::ReadError;
use std::alloc::Layout;

/// Numbers for which all zero bits mean zero.
pub(super) trait Zeroable: Copy {}
impl Zeroable for u8 {}
impl Zeroable for u32 {}

/// `len` zeros that the system backs with memory only when they are written, or a sentence when
/// there is no room. `vec![0; len]` would end the process instead.
pub(super) fn zeros<T: Zeroable>(len: usize) -> Result<Vec<T>, ReadError> {
    let bytes = len.saturating_mul(size_of::<T>());
    let too_large = || ReadError::TooLarge(format!("not enough memory: {bytes} bytes for one column were refused"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn memory_that_cannot_be_had_is_an_error() {
        assert!(zeros::<u32>(usize::MAX / 2).is_err());
        assert!(zeros::<u8>(usize::MAX / 4).is_err());
        assert_eq!(zeros::<u32>(3).unwrap(), [0, 0, 0]);
    }
}
