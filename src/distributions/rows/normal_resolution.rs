//! How well a fitted normal is known: what the rounding of its parameters and statistics may cost of ln p.

/// v + 4.5 ε (v² + u) with
/// v = tr(Σ⁻¹ diag Σ) and u = tr(Σ⁻¹ diag μμᵀ).
///
/// Entries of S are known to ε σ_i σ_j, so tr(Σ⁻¹ S) is to ε v. The estimates of Σ and μ are off by ε v and ε √u, in
/// units of Σ; what that costs is half its square, and 16 · 4.5 = ½ · 12² allows for twelve roundings (4, and √64 for
/// the merges of the 64 parts into which data are cut).
pub(crate) fn resolution_of_normal(mean: &[f64], covariance: &[f64], trace_of_solve: impl Fn(&[f64]) -> f64) -> f64 {
    let d = mean.len();
    let trace_with = |diagonal: &dyn Fn(usize) -> f64| {
        let mut s = vec![0.0; d * d];
        s.iter_mut().step_by(d + 1).enumerate().for_each(|(j, entry)| *entry = diagonal(j));
        trace_of_solve(&s)
    };
    let v = trace_with(&|j| covariance[j * (d + 1)]);
    let u = trace_with(&|j| mean[j].powi(2));
    v + 4.5 * f64::EPSILON * (v * v + u)
}
