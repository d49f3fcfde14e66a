//! ln Γ(x) = x ln x − x + ½ ln(2π/x) + e(x), and d(x, m) = x ln(x/m) + m − x: with both, densities of counts and of
//! positive numbers lose no digits however large their parameters (Loader 2000).

use statrs::function::gamma::digamma;

/// e(k) of k = 1, 2, …, 15, by arithmetic of 40 digits: counts are looked up.
const OF_COUNTS: [f64; 15] = [
    0.081_061_466_795_327_26,
    0.041_340_695_955_409_294,
    0.027_677_925_684_998_34,
    0.020_790_672_103_765_093,
    0.016_644_691_189_821_193,
    0.013_876_128_823_070_748,
    0.011_896_709_945_891_77,
    0.010_411_265_261_972_096,
    0.009_255_462_182_712_733,
    0.008_330_563_433_362_871,
    0.007_573_675_487_951_841,
    0.006_942_840_107_209_53,
    0.006_408_994_188_004_207,
    0.005_951_370_112_758_848,
    0.005_554_733_551_962_801,
];

/// e(x) of x > 0: what Stirling's formula leaves of ln Γ(x); 1/12x for large x.
pub(crate) fn stirling_error(x: f64) -> f64 {
    if (1.0..16.0).contains(&x) && x.fract() == 0.0 {
        return OF_COUNTS[x as usize - 1];
    }
    // e(x) = e(x + 1) + (x + ½) ln(1 + 1/x) − 1, up to where the series holds: a formula without cancellation, unlike
    // ln Γ(x) less Stirling's, whose round-off is as large as ln Γ itself.
    let (mut climbed, mut x) = (0.0, x);
    while x < 16.0 {
        climbed += stirling_step(x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = 1.0 / 1188.0 - y * (691.0 / 360_360.0);
    climbed + (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y * series)))) / x
}

/// e(x) − e(x + 1) = artanh(v) / v − 1 with v = 1 / (2x + 1).
fn stirling_step(x: f64) -> f64 {
    if x < 1.0 {
        return (x + 0.5) * (x.ln_1p() - x.ln()) - 1.0;
    }
    let square = (2.0 * x + 1.0).powi(-2);
    let (mut sum, mut power) = (0.0, 1.0);
    for j in 1..40 {
        power *= square;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// d(x, m) ≥ 0 of x ≥ 0 and m ≥ 0; 0 where x = m, also where both are 0.
pub(crate) fn deviance(x: f64, m: f64) -> f64 {
    deviance_apart(x, m, x - m)
}

/// d(x, m) where x − m is known better than by subtraction.
pub(crate) fn deviance_apart(x: f64, m: f64, difference: f64) -> f64 {
    if x == 0.0 || x == m {
        return if x == m { 0.0 } else { m };
    }
    if difference.abs() >= 0.1 * (x + m) {
        let ratio = x / m;
        let log = if ratio.is_normal() { ratio.ln() } else { x.ln() - m.ln() };
        return x * log - difference;
    }
    // x ln(x/m) = 2x artanh v with v = (x − m)/(x + m); its first term joins m − x exactly.
    let v = difference / (x + m);
    let (mut sum, mut power) = (difference * v, 2.0 * x * v);
    for j in 1..100 {
        power *= v * v;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// d(x, n v), also where n v underflows; `difference` is x − n v.
pub(crate) fn deviance_of_share(x: f64, n: f64, v: f64, difference: f64) -> f64 {
    let m = n * v;
    if m.is_normal() { deviance_apart(x, m, difference) } else { x * (x.ln() - n.ln() - v.ln()) - difference }
}

/// ln x − ψ(x) of x > 0; 1/2x for large x, without cancellation.
pub(crate) fn log_minus_digamma(x: f64) -> f64 {
    if x < 12.0 {
        return x.ln() - digamma(x);
    }
    let y = 1.0 / (x * x);
    let series = 1.0 / 240.0 - y * (1.0 / 132.0 - y * (691.0 / 32_760.0));
    0.5 / x + y * (1.0 / 12.0 - y * (1.0 / 120.0 - y * (1.0 / 252.0 - y * series)))
}

/// ψ′(x) − 1/x of x > 0; 1/2x² for large x, without cancellation.
pub(crate) fn trigamma_excess(x: f64) -> f64 {
    // ψ′(x) = Σ_j 1/(x + j)² up to where the asymptotic series holds.
    let (mut sum, mut shifted) = (0.0, x);
    while shifted < 12.0 {
        sum += 1.0 / (shifted * shifted);
        shifted += 1.0;
    }
    let y = 1.0 / (shifted * shifted);
    let bernoulli = 1.0 / 30.0 - y * (5.0 / 66.0 - y * (691.0 / 2730.0 - y * (7.0 / 6.0)));
    let tail = 0.5 * y + y / shifted * (1.0 / 6.0 - y * (1.0 / 30.0 - y * (1.0 / 42.0 - y * bernoulli)));
    if shifted == x { tail } else { sum + tail + 1.0 / shifted - 1.0 / x }
}

#[cfg(test)]
mod tests {
    use statrs::function::gamma::ln_gamma;

    use super::*;
    use crate::numeric::LN_2_PI;

    #[test]
    fn the_functions_take_their_tabled_values() {
        // Γ(1) = Γ(2) = 1; ψ(1) = −γ; ψ′(1) = π²/6; ψ′(½) = π²/2; e(1) = 1 − ½ ln 2π.
        let gamma = 0.577_215_664_901_532_9;
        let pi_squared = std::f64::consts::PI.powi(2);
        assert!((stirling_error(1.0) - (1.0 - 0.5 * LN_2_PI)).abs() < 1e-14);
        assert!((log_minus_digamma(1.0) - gamma).abs() < 1e-14);
        assert!((trigamma_excess(1.0) - (pi_squared / 6.0 - 1.0)).abs() < 1e-14);
        assert!((trigamma_excess(0.5) - (pi_squared / 2.0 - 2.0)).abs() < 1e-13);
    }

    #[test]
    fn what_stirling_leaves_is_known_to_the_last_digits() {
        // By arithmetic of 40 digits.
        let known = [
            (0.02, 1.124_094_940_288_193_1),
            (0.5, 0.153_426_409_720_027_35),
            (3.3, 0.025_177_132_967_245_1),
            (7.75, 0.010_746_748_713_207_833),
            (9.999, 0.008_331_396_020_466_343),
        ];
        for (x, e) in known {
            assert!((stirling_error(x) - e).abs() <= 8.0 * f64::EPSILON * e.max(0.1), "{x}: {}", stirling_error(x));
        }
        let climbed: f64 = (0..10).map(|j| stirling_step(3.0 + f64::from(j))).sum();
        assert!((OF_COUNTS[2] - climbed - OF_COUNTS[12]).abs() < 1e-16);
    }

    #[test]
    fn series_and_direct_formula_meet() {
        for x in [10.0, 11.3, 12.0, 15.0, 40.0] {
            let direct = ln_gamma(x) - (x * x.ln() - x + 0.5 * (LN_2_PI - x.ln()));
            assert!((stirling_error(x) - direct).abs() < 16.0 * f64::EPSILON * x * x.ln(), "{x}");
            // The recurrences ψ(x + 1) = ψ(x) + 1/x and ψ′(x + 1) = ψ′(x) − 1/x².
            let step = (1.0f64 / x).ln_1p() + log_minus_digamma(x) - log_minus_digamma(x + 1.0);
            assert!((step - 1.0 / x).abs() < 4e-15, "{x}");
            let step = trigamma_excess(x) + 1.0 / x - trigamma_excess(x + 1.0) - 1.0 / (x + 1.0);
            assert!((step * x * x - 1.0).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn a_small_deviance_keeps_its_digits() {
        // d(1, 1 + h) = h − ln(1 + h) = h²/2 − h³/3 + …
        let h = 2f64.powi(-20);
        let expected = h * h * (0.5 - h / 3.0 + h * h / 4.0);
        assert!((deviance(1.0, 1.0 + h) / expected - 1.0).abs() < 1e-15);
        assert_eq!(deviance(0.0, 3.0), 3.0);
        assert_eq!(deviance(0.0, 0.0), 0.0);
        assert_eq!(deviance(2.0, 0.0), f64::INFINITY);
    }
}
