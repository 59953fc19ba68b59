//! Memory that documents on their way are going to take, so that several opened together are not
//! each promised all there is; and whose turn it is, so that a folder full of them does not open all
//! at once.

use crate::progress::{Cancelled, Progress};
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many documents are opened at the same time. Each keeps all processors busy by itself, so more
/// would only take more memory.
const AT_ONCE: usize = 4;

/// How often one who waits looks whether it was given up.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What is being opened, and what waits for that; threads share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Reservations(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    turn: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    /// The numbers of those waiting: the lowest is next.
    waiting: BTreeSet<u32>,
    reserved: Vec<Reserved>,
}

#[derive(Debug)]
struct Reserved {
    number: u32,
    bytes: u64,
    progress: Progress,
}

/// The place of one document, free again once it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    all: Reservations,
    number: u32,
    /// What the documents that came before are still going to take.
    pub(super) others: u64,
}

impl Reservations {
    /// Waits until it is the turn of the document that `progress` tells of, under a number no other
    /// has, and sets `bytes` aside for it.
    pub(super) fn reserve(&self, number: u32, bytes: u64, progress: &Progress) -> Result<Reservation, Cancelled> {
        let mut queue = self.lock();
        queue.waiting.insert(number);
        while queue.reserved.len() >= AT_ONCE || queue.waiting.first() != Some(&number) {
            if progress.token().is_cancelled() {
                queue.waiting.remove(&number);
                self.0.turn.notify_all();
                return Err(Cancelled);
            }
            let waited = self.0.turn.wait_timeout(queue, LOOK_EVERY);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.waiting.remove(&number);
        let others = queue.reserved.iter().fold(0u64, |sum, reserved| sum.saturating_add(reserved.left()));
        queue.reserved.push(Reserved { number, bytes, progress: progress.clone() });
        self.0.turn.notify_all();
        Ok(Reservation { all: self.clone(), number, others })
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reserved {
    /// What it has not taken yet: the rest is missing from what is free.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of what was a u64")]
    fn left(&self) -> u64 {
        (self.bytes as f64 * f64::from(1.0 - self.progress.fraction()).clamp(0.0, 1.0)) as u64
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.all.lock().reserved.retain(|reserved| reserved.number != self.number);
        self.all.0.turn.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_have_not_taken_yet_is_set_aside_until_they_are_done() {
        let all = Reservations::default();
        let progress = Progress::new();
        let first = all.reserve(1, 1000, &progress).unwrap();
        assert_eq!(first.others, 0);
        progress.stage("half", 1, 2).reached(1, 1).unwrap();
        let second = all.reserve(2, 50, &Progress::new()).unwrap();
        assert_eq!(second.others, 500);
        drop(first);
        assert_eq!(all.reserve(3, 0, &Progress::new()).unwrap().others, 50);
        drop(second);
        assert_eq!(all.reserve(4, u64::MAX, &Progress::new()).unwrap().others, 0);
    }

    #[test]
    fn the_next_begins_when_one_of_a_few_is_done_and_who_gives_up_waits_no_longer() {
        let all = Reservations::default();
        let progress = Progress::new();
        let mut first: Vec<_> = (0..AT_ONCE as u32).map(|n| all.reserve(n, 1, &progress).unwrap()).collect();
        let given_up = Progress::new();
        given_up.token().cancel();
        assert_eq!(all.reserve(98, 1, &given_up).err(), Some(Cancelled));
        std::thread::scope(|scope| {
            let next = scope.spawn(|| all.reserve(99, 1, &progress).unwrap().number);
            first.pop();
            assert_eq!(next.join().unwrap(), 99);
        });
    }
}
