//! Surviving a mapped file that shrinks, or a file system that fails, while the mapping is read.
//!
//! The system then has no bytes to show and sends SIGBUS, which ends a process. Here a handler puts
//! zeros in place of the missing pages, notes where, and lets the reader go on: it finds the zeros
//! to be no numbers, or ends, and in either case asks [`Guard::fault`] before it believes anything.

use std::ops::Range;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many mappings can be read at the same time.
const SLOTS: usize = 64;

/// A mapping that is being read, where the handler can see it: no lock may be taken there.
struct Slot {
    /// First address; 0 if the slot is free.
    start: AtomicUsize,
    /// The address after the last; 0 while the slot is being taken or given back.
    end: AtomicUsize,
    /// The lowest address that had no bytes.
    fault: AtomicUsize,
}

static TAKEN: [Slot; SLOTS] =
    [const { Slot { start: AtomicUsize::new(0), end: AtomicUsize::new(0), fault: AtomicUsize::new(usize::MAX) } };
        SLOTS];

/// What was to be done about SIGBUS before.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// A mapping is guarded while this lives.
#[derive(Debug)]
pub(super) struct Guard {
    slot: usize,
}

impl Guard {
    /// Guards the addresses of a mapping. `None` if too many are guarded already, or the system
    /// allows no handler.
    pub(super) fn new(addresses: Range<usize>) -> Option<Self> {
        if !is_installed() || addresses.start == 0 {
            return None;
        }
        let take =
            |slot: &Slot| slot.start.compare_exchange(0, addresses.start, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        let slot = TAKEN.iter().position(take)?;
        TAKEN[slot].fault.store(usize::MAX, Ordering::SeqCst);
        TAKEN[slot].end.store(addresses.end, Ordering::SeqCst);
        Some(Self { slot })
    }

    /// Where in the mapping bytes were missing first, if they were.
    pub(super) fn fault(&self) -> Option<usize> {
        let slot = &TAKEN[self.slot];
        let fault = slot.fault.load(Ordering::SeqCst);
        (fault != usize::MAX).then(|| fault - slot.start.load(Ordering::SeqCst))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let slot = &TAKEN[self.slot];
        slot.end.store(0, Ordering::SeqCst);
        slot.start.store(0, Ordering::SeqCst);
    }
}

/// Installs the handler on first use; false if the system refuses.
fn is_installed() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        // SAFETY: all bits zero are a valid `sigaction`, of which the first is filled as the system
        // demands for a handler with three arguments, and the second by the system.
        unsafe {
            let mut before: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(libc::SIGBUS, ptr::null(), &raw mut before) != 0 {
                return false;
            }
            // Kept before the handler can run, which reads it.
            let _ = BEFORE.set(before);
            let mut ours: libc::sigaction = std::mem::zeroed();
            ours.sa_sigaction = handle as *const () as usize;
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut ours.sa_mask);
            libc::sigaction(libc::SIGBUS, &raw const ours, ptr::null_mut()) == 0
        }
    })
}

/// Handles SIGBUS: does nothing but read and write atomic numbers and call `mmap`, `sigaction` and
/// `sysconf`, as is allowed here.
extern "C" fn handle(_signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: the system passes a valid `siginfo_t` to handlers that were installed with SA_SIGINFO.
    let address = unsafe { (*info).si_addr() } as usize;
    for slot in &TAKEN {
        let (start, end) = (slot.start.load(Ordering::SeqCst), slot.end.load(Ordering::SeqCst));
        if (start..end).contains(&address) {
            slot.fault.fetch_min(address, Ordering::SeqCst);
            if fill_with_zeros(address..end) {
                return;
            }
        }
    }
    // Not ours: the same again, with whoever was here before, or with the end of the process.
    if let Some(before) = BEFORE.get() {
        // SAFETY: this is what the system itself gave out.
        unsafe { libc::sigaction(libc::SIGBUS, before, ptr::null_mut()) };
    }
}

/// Puts zeros in place of all pages from the one that holds the first address on.
fn fill_with_zeros(addresses: Range<usize>) -> bool {
    // SAFETY: asking for the size of a page has no conditions.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
    let start = addresses.start / page * page;
    // SAFETY: these pages belong to a mapping that a `Guard` stands for, so nothing else of the
    // process is there; they are only ever read, as bytes.
    let zeros = unsafe {
        libc::mmap(
            start as *mut libc::c_void,
            addresses.end - start,
            libc::PROT_READ,
            libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_FIXED,
            -1,
            0,
        )
    };
    zeros != libc::MAP_FAILED
}
