//! Modified Bessel functions I₀ and I₁, as the von Mises distribution needs them: ln(e^(−κ) I₀(κ)) and 1 − I₁/I₀.

/// ln(e^(−κ) I₀(κ)) and 1 − I₁(κ)/I₀(κ) of κ ≥ 0, without overflow or cancellation at large κ.
///
/// Power series (DLMF 10.25.2) below κ = 30, Hankel's expansion (10.40.1) above, whose smallest term is e^(−2κ).
pub(crate) fn log_i0_and_gap(kappa: f64) -> (f64, f64) {
    if kappa < 30.0 { by_power_series(kappa) } else { by_expansion(kappa) }
}

fn by_power_series(kappa: f64) -> (f64, f64) {
    // I_ν = (κ/2)^ν Σ_k (κ²/4)^k / (k! (k + ν)!): all terms are positive.
    let quarter = 0.25 * kappa * kappa;
    let (mut term, mut i0, mut i1) = (1.0, 1.0, 1.0);
    for k in 1..200 {
        let k = f64::from(k);
        term *= quarter / (k * k);
        i0 += term;
        i1 += term / (k + 1.0);
        if term < 1e-17 * i0 {
            break;
        }
    }
    (i0.ln() - kappa, (i0 - 0.5 * kappa * i1) / i0)
}

fn by_expansion(kappa: f64) -> (f64, f64) {
    // e^(−κ) √(2πκ) I_ν = Σ_k (−1)^k a_k(ν) / κ^k; the terms of I₀ − I₁ all have one sign.
    let (mut a0, mut a1, mut i0, mut difference) = (1.0, 1.0, 1.0, 0.0);
    for k in 1..60 {
        let (k, odd) = (f64::from(k), f64::from(2 * k - 1).powi(2));
        a0 *= odd / (8.0 * k * kappa);
        a1 *= (odd - 4.0) / (8.0 * k * kappa);
        i0 += a0;
        difference += a0 - a1;
        if a0 < 1e-17 * difference {
            break;
        }
    }
    (i0.ln() - 0.5 * (std::f64::consts::TAU * kappa).ln(), difference / i0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tabled_values_are_met() {
        // I₀(1), I₁(1), I₀(10), I₁(10): Abramowitz & Stegun 1972, table 9.8.
        let (log, gap) = log_i0_and_gap(1.0);
        assert!((log - (1.266_065_877_752_008_4_f64.ln() - 1.0)).abs() < 1e-15);
        assert!((gap - (1.0 - 0.565_159_103_992_485_0 / 1.266_065_877_752_008_4)).abs() < 1e-15);
        let (log, gap) = log_i0_and_gap(10.0);
        assert!((log - (2_815.716_628_466_254_f64.ln() - 10.0)).abs() < 1e-14);
        assert!((gap - (1.0 - 2_670.988_303_701_254_6 / 2_815.716_628_466_254)).abs() < 1e-14);
    }

    #[test]
    fn the_trapezoid_rule_agrees() {
        // (1/2π) ∫ exp(κ (cos θ − 1)) dθ = e^(−κ) I₀, and with 1 − cos θ it is e^(−κ) (I₀ − I₁); periodic integrands
        // make the rule exact to round-off.
        for kappa in [0.0, 1e-6, 0.3, 2.0, 7.5, 15.0, 29.9, 30.0, 31.0, 80.0, 700.0, 1e4] {
            let n = 4000;
            let (mut i0, mut difference) = (0.0, 0.0);
            for j in 0..n {
                let lack = 2.0 * (std::f64::consts::PI * f64::from(j) / f64::from(n)).sin().powi(2);
                i0 += (-kappa * lack).exp();
                difference += lack * (-kappa * lack).exp();
            }
            let (log, gap) = log_i0_and_gap(kappa);
            assert!((log - (i0 / f64::from(n)).ln()).abs() < 1e-13 * (1.0 + log.abs()), "{kappa}");
            // 1 − I₁/I₀ cancels to 1/2κ: ε · 2κ of it is round-off.
            assert!((gap / (difference / i0) - 1.0).abs() < 5e-14, "{kappa}: {gap} {}", difference / i0);
        }
    }
}
