//! Ctrl+C and SIGTERM: the first ends the work in order, the second at once.

use crate::progress::CancelToken;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A token that is cancelled by the first signal.
pub(super) fn token() -> CancelToken {
    let seen = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the flag is still clear when the first signal comes. Where a handler cannot be had, the signal
        // ends the program at once, as it would have.
        let _ = flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&seen));
        let _ = flag::register(signal, Arc::clone(&seen));
    }
    CancelToken::of_flag(seen)
}
