//! Memory that files on their way are going to take, so that several opened together are not each
//! promised all there is.

use crate::progress::Progress;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the files being opened are going to take; threads share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Reservations(Arc<Mutex<Vec<Reserved>>>);

#[derive(Debug)]
struct Reserved {
    number: u32,
    bytes: u64,
    progress: Progress,
}

/// The place of one file, free again once it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    all: Reservations,
    number: u32,
    /// What the files that came before are still going to take.
    pub(super) others: u64,
}

impl Reservations {
    /// Sets `bytes` aside for the file that `progress` tells of, under a number no other file has.
    pub(super) fn reserve(&self, number: u32, bytes: u64, progress: &Progress) -> Reservation {
        let mut all = self.lock();
        let others = all.iter().fold(0u64, |sum, reserved| sum.saturating_add(reserved.left()));
        all.push(Reserved { number, bytes, progress: progress.clone() });
        Reservation { all: self.clone(), number, others }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Reserved>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.all.lock().retain(|reserved| reserved.number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_have_not_taken_yet_is_set_aside_until_they_are_done() {
        let all = Reservations::default();
        let progress = Progress::new();
        let first = all.reserve(1, 1000, &progress);
        assert_eq!(first.others, 0);
        progress.stage("half", 1, 2).reached(1, 1).unwrap();
        let second = all.reserve(2, 50, &Progress::new());
        assert_eq!(second.others, 500);
        drop(first);
        assert_eq!(all.reserve(3, 0, &Progress::new()).others, 50);
        drop(second);
        assert_eq!(all.reserve(4, u64::MAX, &Progress::new()).others, 0);
    }
}
