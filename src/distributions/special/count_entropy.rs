//! −Σ_k p(k) ln p(k) of a distribution of counts with one hump, in nats.

/// The sum over all k ≤ `largest` within 12 deviations (and 40) of the mean.
///
/// Where the hump is wide every 2ʲ-th term does, 2ʲ ≤ σ/4: by Poisson's summation formula what the others would add
/// to 2ʲ times these is of the order of e^(−2π² · 16). Some 200 terms whatever the mean; what is left out is below
/// round-off.
pub(crate) fn of_hump(mean: f64, deviation: f64, largest: u64, log_density: impl Fn(u64) -> f64) -> f64 {
    let stride = 1u64 << (0.25 * deviation).max(1.0).log2() as u32;
    let reach = 12.0 * deviation + 40.0;
    // Multiples of the stride, which are exact as floating-point numbers.
    let first = (mean - reach) as u64 / stride;
    let last = ((mean + reach) as u64).min(largest) / stride;
    let term = |k: u64| {
        let log = log_density(k);
        if log > f64::NEG_INFINITY { -log * log.exp() } else { 0.0 }
    };
    stride as f64 * (first..=last).map(|j| term(j * stride)).sum::<f64>()
}
