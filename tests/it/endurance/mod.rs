//! What only shows after a long time: threads that stay, memory that is not given back.
//!
//! Both are counted for a whole process, so each test of this kind has a process of its own.
#![cfg(target_os = "linux")]

mod cancel;
mod soak;

use heapglass::generate::{Recipe, Shape, write_snapshot};
use std::process::Command;
use std::time::{Duration, Instant};

/// Says to a test that it has the process to itself.
const OWN_PROCESS: &str = "HEAPGLASS_OWN_PROCESS";

/// Runs an ignored test in a process of its own, in which it finds [`is_own_process`].
fn in_its_own_process(test: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(OWN_PROCESS, "1")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|o| String::from_utf8_lossy(&o).into_owned()).concat();
    assert!(said.contains("running 1 test"), "there is no test {test}: {said}");
    assert!(output.status.success(), "{said}");
    println!("{said}");
}

/// Whether this process was started by [`in_its_own_process`].
fn is_own_process() -> bool {
    std::env::var_os(OWN_PROCESS).is_some()
}

/// The text of a snapshot with about so many nodes, as a service has them.
fn service(nodes: u64, seed: u64) -> Vec<u8> {
    let mut text = Vec::new();
    write_snapshot(Recipe { shape: Shape::Mixed, nodes, seed }, &mut text).unwrap();
    text
}

/// How many threads this process has.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Waits until there are no more than so many threads; a minute at the longest, which even a very
/// busy machine does not need.
fn wait_for_threads(at_most: usize) {
    let began = Instant::now();
    while threads() > at_most && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(threads() <= at_most, "{} threads are left, and there were {at_most}", threads());
}

/// Fails if more memory is resident `now` than `before`, give or take a tenth and `slack` bytes.
fn assert_no_more_memory(now: u64, before: u64, slack: u64) {
    assert!(now <= before + before / 10 + slack, "{now} bytes are resident, and there were {before}");
}
