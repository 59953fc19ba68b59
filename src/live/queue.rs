//! Blocks on their way from the socket to the disk: only a limited number of bytes waits at a time.

use super::limits;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A block of a file.
pub(super) type Block = Arc<Vec<u8>>;

#[derive(Debug, Default)]
struct State {
    blocks: VecDeque<Block>,
    bytes: usize,
    /// No more will come.
    is_full: bool,
    /// Nobody takes them any more.
    is_abandoned: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// Where blocks are put in; clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Entrance(Arc<Shared>);

/// Where they come out; dropped, everything that is put in is thrown away.
#[derive(Debug)]
pub(super) struct Exit(Arc<Shared>);

/// A queue with both its ends.
pub(super) fn queue() -> (Entrance, Exit) {
    let shared = Arc::<Shared>::default();
    (Entrance(Arc::clone(&shared)), Exit(shared))
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entrance {
    /// Puts a block in, and waits while there is no room for it.
    pub(super) fn put(&self, block: Block) {
        let mut state = self.0.state();
        while state.bytes > 0 && state.bytes + block.len() > limits::WAITING_FOR_DISK && !state.is_abandoned {
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if !state.is_abandoned && !state.is_full {
            state.bytes += block.len();
            state.blocks.push_back(block);
            self.0.changed.notify_all();
        }
    }

    /// Says that this was all.
    pub(super) fn close(&self) {
        self.0.state().is_full = true;
        self.0.changed.notify_all();
    }
}

impl Exit {
    /// The next block, waiting for it; `None` after the last.
    pub(super) fn take(&self) -> Option<Block> {
        let mut state = self.0.state();
        loop {
            if let Some(block) = state.blocks.pop_front() {
                state.bytes -= block.len();
                self.0.changed.notify_all();
                return Some(block);
            }
            if state.is_full {
                return None;
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Exit {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_abandoned = true;
        state.blocks.clear();
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_out_in_order_and_never_too_many_wait() {
        let (entrance, exit) = queue();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for i in 0..100u8 {
                    entrance.put(Arc::new(vec![i; 1 << 20]));
                }
                entrance.close();
            });
            let mut expected = 0..100u8;
            while let Some(block) = exit.take() {
                assert!(exit.0.state().bytes <= limits::WAITING_FOR_DISK);
                assert_eq!(Some(block[0]), expected.next());
            }
            assert_eq!(expected.next(), None);
        });
    }

    #[test]
    fn nobody_waits_for_an_exit_that_is_gone() {
        let (entrance, exit) = queue();
        entrance.put(Arc::new(vec![0; 2 * limits::WAITING_FOR_DISK]));
        drop(exit);
        entrance.put(Arc::new(vec![0; 1]));
    }
}
