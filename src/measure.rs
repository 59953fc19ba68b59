//! What this process has used so far, as the system counts it. Where the system does not say, the
//! figure is missing rather than guessed.

use std::time::Duration;

/// Processor time of all threads, user and system; Linux counts it in hundredths of a second.
pub fn cpu_time() -> Option<Duration> {
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
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(stat.split_whitespace().next()?.parse().ok()?))
}

/// The most memory that was resident at any time since the start or the last [`reset_peak`].
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

/// Makes [`peak_resident_bytes`] count from now on. Returns whether the system did.
pub fn reset_peak() -> bool {
    std::fs::write("/proc/self/clear_refs", "5").is_ok()
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
