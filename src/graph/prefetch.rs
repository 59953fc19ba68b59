//! Asks the processor to fetch what will be read soon.
//!
//! Passes over a graph of millions of nodes wait for memory most of the time. Where the next nodes
//! are known already, in a queue or an order, their columns can be on the way while the current
//! node is looked at.
#![allow(unsafe_code, reason = "the one intrinsic there is for this")]

/// Starts to fetch the element at `i` into the cache. Does nothing where there is no such element,
/// or no instruction for it.
#[inline(always)]
pub(crate) fn prefetch<T>(slice: &[T], i: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(element) = slice.get(i) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86_64 processor has the instruction; it reads nothing and cannot fault.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(element).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (slice, i);
}
