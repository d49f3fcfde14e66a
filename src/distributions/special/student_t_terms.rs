//! The two terms of ln p of Student's t: at its centre, and how it falls from there.

use crate::numeric::LN_2_PI;

use super::deviance::stirling_error;

/// ln Γ((ν+1)/2) − ln Γ(ν/2) − ½ ln πν; −½ ln 2π for large ν, without cancellation.
pub(crate) fn peak(nu: f64) -> f64 {
    let half = 0.5 * nu;
    let gammas = half * nu.recip().ln_1p() - 0.5 + stirling_error(half + 0.5) - stirling_error(half);
    gammas - 0.5 * LN_2_PI
}

/// ln(1 + z²/ν), also where z²/ν overflows.
pub(crate) fn log_tail(z: f64, nu: f64) -> f64 {
    let scaled = z / nu.sqrt();
    if scaled.abs() < 1e10 { (scaled * scaled).ln_1p() } else { 2.0 * z.abs().ln() - nu.ln() }
}
