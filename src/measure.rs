//! What this process has used so far, as the system counts it. Where the system does not say, the
//! figure is missing rather than guessed.

use std::path::Path;
use std::time::Duration;

/// Processor time of all threads, user and system.
pub fn cpu_time() -> Option<Duration> {
    // Linux counts exactly for each thread that lives, and in hundredths of a second for all.
    cpu_time_of_threads().max(cpu_time_in_ticks())
}

fn cpu_time_of_threads() -> Option<Duration> {
    std::thread::yield_now();
    let mut sum = 0;
    for thread in std::fs::read_dir("/proc/self/task").ok()?.flatten() {
        // One that ends meanwhile is none of those that are asked for.
        sum += run_nanoseconds(&thread.path().join("schedstat")).unwrap_or(0);
    }
    Some(Duration::from_nanos(sum))
}

fn run_nanoseconds(schedstat: &Path) -> Option<u64> {
    std::fs::read_to_string(schedstat).ok()?.split_whitespace().next()?.parse().ok()
}

fn cpu_time_in_ticks() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The command's name stands in parentheses and may hold anything; the fields come after it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// Processor time of the calling thread so far.
pub fn thread_cpu_time() -> Option<Duration> {
    // Linux brings the figure up to date when the thread gives way, not when it is read.
    std::thread::yield_now();
    run_nanoseconds(Path::new("/proc/thread-self/schedstat")).map(Duration::from_nanos)
}

/// The most memory that was resident at any time since the start.
pub fn peak_resident_bytes() -> Option<u64> {
    status_kilobytes("VmHWM:")
}

/// Memory resident now.
pub fn resident_bytes() -> Option<u64> {
    status_kilobytes("VmRSS:")
}

/// Memory of the machine that could be used now without pushing anything else out.
pub fn available_bytes() -> Option<u64> {
    kilobytes(&std::fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")
}

fn status_kilobytes(key: &str) -> Option<u64> {
    kilobytes(&std::fs::read_to_string("/proc/self/status").ok()?, key)
}

fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix(key))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn peak_memory_follows_what_is_touched() {
        let before = peak_resident_bytes().unwrap();
        let block = vec![1u8; 64 << 20];
        assert!(peak_resident_bytes().unwrap() >= before.max(block.len() as u64));
        assert!(resident_bytes().unwrap() <= peak_resident_bytes().unwrap());
        assert!(available_bytes().unwrap() > 0);
        assert!(cpu_time().is_some());
    }
}
