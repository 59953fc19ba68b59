//! Waiting until a program is warm: what it keeps after a collection no longer rises quickly.

use super::error::LiveError;
use super::isolate::Isolate;
use crate::progress::CancelToken;
use std::time::{Duration, Instant};

/// Between two collections that are asked for.
pub const COLLECT_EVERY: Duration = Duration::from_secs(5);
/// After so long a program is taken as it is: one that leaks quickly never levels off.
const AT_MOST: Duration = Duration::from_secs(600);
/// Floors that have to be level in a row.
const LEVEL: usize = 3;

/// The floors of a program, and whether they are level.
#[derive(Debug, Clone, Default)]
pub struct WarmUp {
    floors: Vec<f64>,
}

impl WarmUp {
    /// Adds what is used after a collection. Whether the program is warm now.
    pub fn add(&mut self, floor: f64) -> bool {
        self.floors.push(floor);
        self.is_warm()
    }

    /// Whether the last floors are level: no more than 3 % or half a megabyte between them.
    pub fn is_warm(&self) -> bool {
        let Some(last) = self.floors.len().checked_sub(LEVEL).map(|from| &self.floors[from..]) else { return false };
        let (least, most) = last.iter().fold((f64::MAX, 0f64), |(a, b), &f| (a.min(f), b.max(f)));
        most - least <= (0.03 * least).max(500_000.0)
    }
}

/// How waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warm {
    Level,
    /// It never was.
    StillRising,
}

/// Collects garbage in the target again and again until it is warm. `told` is called with each floor, in bytes.
pub fn wait_warm(isolate: &Isolate, token: &CancelToken, mut told: impl FnMut(f64)) -> Result<Warm, LiveError> {
    let began = Instant::now();
    let mut warm_up = WarmUp::default();
    loop {
        isolate.collect_garbage(token)?;
        let floor = isolate.heap_usage(token)?.used_size;
        told(floor);
        if warm_up.add(floor) {
            return Ok(Warm::Level);
        }
        if began.elapsed() >= AT_MOST {
            return Ok(Warm::StillRising);
        }
        isolate.pause(COLLECT_EVERY, token)?;
    }
}

impl Isolate {
    /// Waits for `time`, unless that is given up or the connection ends.
    pub fn pause(&self, time: Duration, token: &CancelToken) -> Result<(), LiveError> {
        let until = Instant::now() + time;
        loop {
            token.check()?;
            if let Some(ended) = self.connection.ended() {
                return Err(LiveError::Lost(ended.clone()));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_warm_when_its_floor_is_level() {
        let mut warm_up = WarmUp::default();
        assert!(![5e6, 9e6, 12e6, 13e6, 13.4e6].iter().any(|&floor| warm_up.add(floor)));
        assert!(warm_up.add(13.45e6));
    }
}
