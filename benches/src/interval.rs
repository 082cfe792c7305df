//! The 95 % interval of a median, from the order of the samples alone.
//!
//! The number of *n* samples below the true median is binomial with probability one half, whatever
//! the distribution of the samples. The true median therefore lies between the *l*-th smallest and
//! the *l*-th greatest sample, except with twice the probability of fewer than *l* successes in *n*
//! tosses of a coin. The interval uses the greatest *l* for which that is at most 5 %: it covers
//! the median in 95 % of the runs or more, and outliers do not affect it. (H. A. David and H. N.
//! Nagaraja, *Order Statistics*, 3rd edition, 2003, section 7.1; W. J. Conover, *Practical
//! Nonparametric Statistics*, 3rd edition, 1999, section 3.2.)
//!
//! The samples have to be independent, as the rounds of one run are if the machine has no state
//! that lasts from one round to the next.

/// The probability that the true median is outside.
const MISS: f64 = 0.05;

/// The ends of the interval; `None` with fewer than six samples.
pub(crate) fn of_median(samples: &[f64]) -> Option<[f64; 2]> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = place(sorted.len())?;
    Some([sorted[place - 1], sorted[sorted.len() - place]])
}

/// The greatest `l` of the header, counted from 1.
fn place(samples: usize) -> Option<usize> {
    // The logarithm of the probability of exactly so many successes: 2⁻ⁿ itself would underflow.
    let mut exactly = samples as f64 * 0.5_f64.ln();
    let mut fewer = 0.0;
    for successes in 0..=samples {
        // So far: the probability of fewer successes than this.
        let with_this = fewer + exactly.exp();
        if 2.0 * with_this > MISS {
            return (successes > 0).then_some(successes);
        }
        fewer = with_this;
        exactly += ((samples - successes) as f64 / (successes + 1) as f64).ln();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_tables() {
        // Of the sign test, two-sided, 5 %: for n = 6 the extremes, for 31 the 10th from either
        // end.
        let tables = [(5, None), (6, Some(1)), (8, Some(1)), (9, Some(2)), (10, Some(2))];
        let longer =
            [(20, Some(6)), (30, Some(10)), (31, Some(10)), (61, Some(23)), (100, Some(40))];
        for (samples, expected) in tables.into_iter().chain(longer) {
            assert_eq!(place(samples), expected, "{samples} samples");
        }
    }

    #[test]
    fn large_numbers_of_samples_do_not_underflow() {
        let place = place(10_000).unwrap();
        // By the normal approximation, n/2 − 0.98 √n.
        assert!((4_900..=4_903).contains(&place), "{place}");
    }

    #[test]
    fn ends_are_samples_and_outliers_do_not_move_them() {
        let mut samples: Vec<f64> = (1..=31).map(f64::from).collect();
        assert_eq!(of_median(&samples), Some([10.0, 22.0]));
        samples[30] = 1e9;
        assert_eq!(of_median(&samples), Some([10.0, 22.0]));
        assert_eq!(of_median(&samples[..5]), None);
    }

    #[test]
    fn interval_covers_the_median_in_95_per_cent_of_the_runs() {
        // A plain generator: 2,000 runs of 31 samples whose true median is one half.
        let mut state = 1_u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        };
        let covered = (0..2_000).filter(|_| {
            let samples: Vec<f64> = (0..31).map(|_| draw()).collect();
            let [low, high] = of_median(&samples).unwrap();
            low <= 0.5 && 0.5 <= high
        });
        let share = covered.count() as f64 / 2_000.0;
        // 97.1 % by the binomial.
        assert!((0.95..0.99).contains(&share), "{share}");
    }
}
