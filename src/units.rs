//! Numbers as text, the way DevTools writes them. Used by the command line and the application
//! alike, so that both show the same characters.

use std::time::Duration;

/// No-break space: stands between a number and its unit.
pub const NBSP: char = '\u{a0}';

/// The minus sign of deltas and of distances that mean nothing.
pub const MINUS: char = '\u{2212}';

/// A whole number with `separator` between groups of three digits.
fn grouped(n: u64, separator: char) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(d);
    }
    out
}

/// A count with commas: `31,204`.
pub fn count(n: u64) -> String {
    grouped(n, ',')
}

/// A count with no-break spaces, as Comparison and the allocation grid write it: `31 204`.
pub fn spaced_count(n: u64) -> String {
    grouped(n, NBSP)
}

/// A size in kB, as size columns show it: `99.9 kB`, `3,200 kB`.
pub fn kilobytes(bytes: u64) -> String {
    if bytes < 100_000 {
        let tenths = (bytes + 50) / 100;
        format!("{}.{}{NBSP}kB", grouped(tenths / 10, ','), tenths % 10)
    } else {
        format!("{}{NBSP}kB", grouped(round_to(bytes, 1000), ','))
    }
}

/// `bytes / unit`, rounded half up.
fn round_to(bytes: u64, unit: u64) -> u64 {
    bytes / unit + u64::from(bytes % unit >= unit / 2)
}

/// A size in the unit that suits it: `512 B`, `12.3 kB`, `456 kB`, `12.3 MB`, `4,567 MB`.
pub fn bytes(bytes: u64) -> String {
    let one_decimal = |unit: u64, name: &str| {
        let tenths = round_to(bytes, unit / 10);
        format!("{}.{}{NBSP}{name}", grouped(tenths / 10, ','), tenths % 10)
    };
    match bytes {
        0..1_000 => format!("{bytes}{NBSP}B"),
        1_000..100_000 => one_decimal(1_000, "kB"),
        100_000..1_000_000 => format!("{}{NBSP}kB", grouped(round_to(bytes, 1_000), ',')),
        1_000_000..100_000_000 => one_decimal(1_000_000, "MB"),
        _ => format!("{}{NBSP}MB", grouped(round_to(bytes, 1_000_000), ',')),
    }
}

/// A size that need not be whole, in the unit that suits it; as the views of a profile write it.
pub fn size(size: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are not negative, and saturate")]
    if size < 1_000.0 { format!("{}{NBSP}B", grouped((size + 0.5).floor() as u64, ',')) } else { bytes(size as u64) }
}

/// A difference of sizes that need not be whole: `+12.3 kB`, `−4 B`.
pub fn size_delta(delta: f64) -> String {
    match delta {
        0.0 => size(0.0),
        d if d > 0.0 => format!("+{}", size(d)),
        d => format!("{MINUS}{}", size(-d)),
    }
}

/// The share of `part` in `total` in percent with two decimals, as JavaScript rounds them; empty when there is no
/// total.
pub fn share(part: f64, total: f64) -> String {
    let percent = part / total * 100.0;
    if !percent.is_finite() {
        return String::new();
    }
    // Of numbers that lie in the middle the larger one is taken. With two decimals these are odd multiples of an eighth.
    let is_middle = (percent * 8.0).rem_euclid(2.0) == 1.0;
    let percent = if is_middle { percent + 0.001 } else { percent };
    format!("{percent:.2}{NBSP}%")
}

/// A size in whole kB, as Statistics shows it, with an ordinary space: `3,743 kB`. Negative where
/// parts add up to more than the whole.
pub fn whole_kilobytes(bytes: i64) -> String {
    // Half of a kB is rounded up, also below zero.
    let kilobytes = (i128::from(bytes) + 500).div_euclid(1000);
    let sign = if kilobytes < 0 { "-" } else { "" };
    format!("{sign}{} kB", grouped(kilobytes.unsigned_abs() as u64, ','))
}

/// A difference with its sign: `+7 000`, `−12`, `0`.
pub fn signed(delta: i64, format: impl Fn(u64) -> String) -> String {
    match delta {
        0 => format(0),
        1.. => format!("+{}", format(delta.unsigned_abs())),
        _ => format!("{MINUS}{}", format(delta.unsigned_abs())),
    }
}

/// The share of `part` in `total` in whole percent, rounded half up; empty when there is no total.
pub fn percent(part: u64, total: u64) -> String {
    if total == 0 {
        return String::new();
    }
    percent_of(part as f64 / total as f64)
}

/// A share from 0 to 1 in whole percent.
pub fn percent_of(share: f64) -> String {
    format!("{}{NBSP}%", (share * 100.0).round())
}

/// A distance; − for nodes that are reached only by way of the engine, or not at all.
pub fn distance(d: i32) -> String {
    if (0..100_000_000).contains(&d) { d.to_string() } else { MINUS.to_string() }
}

/// Reads a size as people write it: `300 MB`, `1.5GB`, `512KiB`, `1024`. kB, MB and GB are powers of 1,000, as
/// everywhere here.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let scale: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part = match part.trim_end_matches('0') {
        "" => 0,
        digits if digits.len() <= 9 => {
            let unit = 10u64.pow(digits.len() as u32);
            u64::try_from(u128::from(digits.parse::<u64>().ok()?) * u128::from(scale) / u128::from(unit)).ok()?
        }
        _ => return None,
    };
    whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(part)
}

/// A stretch of time by its two largest units: `3 d 4 h`, `12 min 5 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let largest = units.iter().position(|(length, _)| seconds >= *length).unwrap_or(units.len() - 1);
    let mut left = seconds;
    let mut parts = Vec::new();
    for (length, name) in units.iter().skip(largest).take(2) {
        let n = left / length;
        left %= length;
        if n > 0 || parts.is_empty() {
            parts.push(format!("{n}{NBSP}{name}"));
        }
    }
    parts.join(" ")
}

/// Reads a time as people write it: `250ms`, `60s`, `10m`, `1.5h`; a bare number is of seconds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let number = number.trim();
    let is_plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number: f64 = number.parse().ok().filter(|_| is_plain)?;
    Duration::try_from_secs_f64(number * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_shares_of_profiles_are_rounded_as_in_javascript() {
        for (n, text) in [(0.5, "1 B"), (0.4, "0 B"), (999.7, "1,000 B"), (1049.9, "1.0 kB"), (99_950.0, "100.0 kB")] {
            assert_eq!(size(n), text.replace(' ', "\u{a0}"));
        }
        for (part, text) in [(1.0, "0.13 %"), (3.0, "0.38 %"), (800.0, "100.00 %"), (0.0, "0.00 %")] {
            assert_eq!(share(part, 800.0), text.replace(' ', "\u{a0}"), "{part}");
        }
        assert_eq!(share(0.0, 0.0), "");
        assert_eq!(size_delta(-1500.0), "\u{2212}1.5\u{a0}kB");
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, n) in [
            ("1024", 1024),
            ("300 MB", 300_000_000),
            ("1.5GB", 1_500_000_000),
            ("512KiB", 524_288),
            ("0.25k", 250),
            ("7b", 7),
        ] {
            assert_eq!(parse_bytes(text), Some(n), "{text}");
        }
        for text in ["", "MB", "-1", "1 TB", "1.2.3", "1e6", "99999999999999999999", "18446744073709551615 kB"] {
            assert_eq!(parse_bytes(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_told_by_their_largest_units() {
        for (seconds, text) in
            [(0, "0 s"), (59, "59 s"), (60, "1 min"), (725, "12 min 5 s"), (7_230, "2 h"), (273_900, "3 d 4 h")]
        {
            assert_eq!(duration(Duration::from_secs(seconds)).replace(NBSP, " "), text);
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, ms) in [("250ms", 250), ("60s", 60_000), ("10m", 600_000), ("1.5h", 5_400_000), ("2", 2_000)] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "s", "-1s", "1 week", "inf", "1e9s", "1.2.3s", "99999999999999999999999h"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_in_kilobytes_round_half_up_and_lose_the_decimal_at_a_hundred() {
        for (n, text) in [
            (0, "0.0 kB"),
            (49, "0.0 kB"),
            (50, "0.1 kB"),
            (99_949, "99.9 kB"),
            (99_950, "100.0 kB"),
            (100_000, "100 kB"),
            (3_199_758, "3,200 kB"),
        ] {
            assert_eq!(kilobytes(n), text.replace(' ', "\u{a0}"));
        }
    }

    #[test]
    fn adaptive_sizes_change_unit_and_precision() {
        for (n, text) in [
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (99_949, "99.9 kB"),
            (100_499, "100 kB"),
            (999_500, "1,000 kB"),
            (1_000_000, "1.0 MB"),
            (12_345_678, "12.3 MB"),
            (4_567_000_000, "4,567 MB"),
        ] {
            assert_eq!(bytes(n), text.replace(' ', "\u{a0}"));
        }
        assert_eq!(signed(-1234, spaced_count), "\u{2212}1\u{a0}234");
        assert_eq!(signed(5, bytes), "+5\u{a0}B");
        assert_eq!(signed(0, bytes), "0\u{a0}B");
        assert_eq!(percent(5, 1000), "1\u{a0}%");
    }

    #[test]
    fn whole_kilobytes_round_half_up_below_zero_too() {
        for (n, text) in
            [(3_742_500, "3,743 kB"), (499, "0 kB"), (-500, "0 kB"), (-501, "-1 kB"), (-1_234_567, "-1,235 kB")]
        {
            assert_eq!(whole_kilobytes(n), text);
        }
    }
}
