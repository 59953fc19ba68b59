//! How a number developed from snapshot to snapshot, and whether that is how leaks develop.

/// What a series of numbers did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trend {
    /// Rose in every step, about as much in the later ones as in the earlier ones.
    GrewEveryStep,
    /// Rose in at least four of five steps, likewise.
    GrewMostSteps,
    /// Rose, and there are only two snapshots.
    GrewOnce,
    /// Rose less and less, as what fills up to a bound does.
    SlowedDown,
    /// Rose in some steps only and stood still otherwise, as what is made once does.
    Settled,
    /// Did not rise.
    Flat,
}

/// Later growth of less than this share of the earlier one is slowing down.
const STEADY_SHARE: f64 = 0.5;

/// Later growth of less than this share of the earlier one has come to its end.
const LEAST_SHARE: f64 = 0.2;

/// A last step below this share of the earlier ones, to a round number, is taken for reaching a bound.
const EVEN_SHARE: f64 = 0.9;

/// A step counts as a rise from this share of the average step on.
const SMALLEST_RISE: f64 = 0.1;

impl Trend {
    /// The trend of a number that had these values in turn.
    pub fn of(values: &[u64]) -> Self {
        let steps = steps(values);
        let net: f64 = steps.iter().sum();
        if net <= 0.0 {
            return Self::Flat;
        }
        if steps.len() == 1 {
            return Self::GrewOnce;
        }
        let least = (net / steps.len() as f64 * SMALLEST_RISE).max(1.0);
        let rises = steps.iter().filter(|&&s| s >= least).count();
        if rises * 5 < steps.len() * 4 {
            return Self::Settled;
        }
        let is_cut_short = last_share(&steps) < EVEN_SHARE && values.last().is_some_and(|&last| is_round(last));
        if later_share(&steps) < STEADY_SHARE || is_cut_short {
            Self::SlowedDown
        } else if rises == steps.len() {
            Self::GrewEveryStep
        } else {
            Self::GrewMostSteps
        }
    }

    /// Whether that is how a leak develops.
    pub fn is_growth(self) -> bool {
        matches!(self, Self::GrewEveryStep | Self::GrewMostSteps | Self::GrewOnce)
    }
}

/// Whether a number rose in the later half of the steps about as much as in the earlier one.
pub fn is_even(values: &[u64]) -> bool {
    let steps = steps(values);
    steps.len() < 2 || later_share(&steps) >= EVEN_SHARE
}

/// Whether a number that rose less and less still rose enough to go on, so that it takes more than
/// the numbers to say that it does not.
pub fn goes_on(values: &[u64]) -> bool {
    later_share(&steps(values)) >= LEAST_SHARE
}

fn steps(values: &[u64]) -> Vec<f64> {
    values.windows(2).map(|w| w[1] as f64 - w[0] as f64).collect()
}

/// Growth in the later half of the steps, relative to that in the earlier half.
fn later_share(steps: &[f64]) -> f64 {
    let half = steps.len() / 2;
    let earlier: f64 = steps[..half].iter().sum();
    let later: f64 = steps[steps.len() - half..].iter().sum();
    if earlier > 0.0 { later / earlier } else { f64::INFINITY }
}

/// The last step, relative to the average of the steps before it.
fn last_share(steps: &[f64]) -> f64 {
    let Some((last, earlier)) = steps.split_last() else { return 1.0 };
    let average = earlier.iter().sum::<f64>() / earlier.len() as f64;
    if average > 0.0 { last / average } else { f64::INFINITY }
}

/// Whether people write `n` as a limit: a power of two, or at most two digits and then zeros.
pub fn is_round(n: u64) -> bool {
    if n.is_power_of_two() {
        return n >= 8;
    }
    let mut digits = n;
    let mut zeros = 0;
    while digits != 0 && digits.is_multiple_of(10) {
        digits /= 10;
        zeros += 1;
    }
    zeros >= 1 && digits < 10 || zeros >= 2 && digits < 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaks_grow_by_like_steps() {
        assert_eq!(Trend::of(&[0, 7000, 14000]), Trend::GrewEveryStep);
        assert_eq!(Trend::of(&[0, 10_000, 50_000]), Trend::GrewEveryStep);
        assert_eq!(Trend::of(&[5, 905, 1650]), Trend::GrewEveryStep);
        assert_eq!(Trend::of(&[0, 50, 100, 150, 200, 250, 251, 300, 350, 400]), Trend::GrewMostSteps);
        assert_eq!(Trend::of(&[3, 9]), Trend::GrewOnce);
    }

    #[test]
    fn what_fills_a_bound_or_is_made_once_is_told_apart() {
        assert_eq!(Trend::of(&[0, 5000, 5000]), Trend::Settled);
        assert_eq!(Trend::of(&[0, 0, 5000]), Trend::Settled);
        assert_eq!(Trend::of(&[0, 2000, 3000]), Trend::SlowedDown);
        assert_eq!(Trend::of(&[0, 600, 1000]), Trend::SlowedDown, "a round end after a smaller step");
        assert_eq!(Trend::of(&[0, 600, 1003]), Trend::GrewEveryStep);
        assert_eq!(Trend::of(&[0, 900, 990, 1000, 1000, 1000]), Trend::Settled);
        assert_eq!(Trend::of(&[100, 100, 99]), Trend::Flat);
        assert_eq!(Trend::of(&[7]), Trend::Flat);
    }

    #[test]
    fn what_grew_less_may_go_on_or_have_come_to_its_end() {
        assert!(goes_on(&[0, 3000, 4000]) && !goes_on(&[0, 3000, 3300]));
        assert!(is_even(&[0, 2, 4]) && is_even(&[0, 2]) && !is_even(&[0, 2, 3]));
    }

    #[test]
    fn limits_people_write_are_round() {
        assert!([10, 50, 100, 128, 1024, 1500, 3000, 12_000].into_iter().all(is_round));
        assert!(![0, 4, 11, 99, 101, 120, 1003, 1230, 14_001].into_iter().any(is_round));
    }
}
