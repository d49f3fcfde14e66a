//! Where the last steps of EM were heading: Rayleigh and Ritz in the span of their differences.
//!
//! Step t leads from statistics x_t to θ_t = M(x_t), where the E-step collects g_t. With dx = x_{t+1} − x_t, and dg
//! likewise, the EM map takes dx to dg. In the metric ⟨x_i − x_j, s⟩ = Q(θ_i, s) − Q(θ_j, s) the map is self-adjoint at a
//! maximum, so that its eigenvalues λ and directions on the span are those of two small symmetric matrices.

use nalgebra::{DMatrix, DVector};

use super::round_off::ROUND_OFF;

/// Steps that are remembered; their differences are directions.
pub(super) const STEPS: usize = 4;
/// How many times as long as a plain step a jump may be along a direction whose steps grow: little, since a long one would
/// choose between maxima otherwise than EM does.
const AWAY_FROM_A_SADDLE: f64 = 1.5;
/// A direction of which less than this share of its squared length is its own is a combination of the others.
const INDEPENDENT: f64 = 1e-8;
/// Shares of past statistics that sum to 1 and are larger than this lose half of the digits.
const LARGEST_SHARE: f64 = 1e8;

/// A jump: S′ as shares of the g_t, the newest last.
pub(super) struct Jump {
    pub(super) shares: Vec<f64>,
    /// The longest stretch.
    pub(super) stretch: f64,
    /// Whether a direction would have been stretched further.
    pub(super) capped: bool,
    /// Whether it is worth trying: after jumps that failed a plain step is due.
    pub(super) due: bool,
    /// The largest 1 / (1 − λ), by which all that is left to gain exceeds what the next step gains; `None` if round-off
    /// hides it.
    pub(super) slowest: Option<f64>,
}

impl Jump {
    /// Where so many steps are heading, given Q(θ_i, x_j) and Q(θ_i, g_j); `None` if they do not tell.
    pub(super) fn of_steps(steps: usize, q: &[[[f64; 2]; STEPS]; STEPS], reach: f64) -> Option<Self> {
        let (last, most) = (steps.checked_sub(1)?, reach);
        let q = &q[..=last];
        let largest = q.iter().flat_map(|row| row[..=last].as_flattened()).fold(0.0f64, |most, q| most.max(q.abs()));
        // (θ_{i+1} − θ_i) applied to x_j, and to f_j = g_j − x_j.
        let of_x = |i: usize, j: usize| q[i + 1][j][0] - q[i][j][0];
        let of_f = |i: usize, j: usize| (q[i + 1][j][1] - q[i][j][1]) - of_x(i, j);
        let squared_length = |i: usize| of_x(i, i + 1) - of_x(i, i);
        // A direction that is no longer than the rounding of Q is none. Negated so that NaN is none.
        let known: Vec<usize> = (0..last).filter(|&i| squared_length(i) > ROUND_OFF * largest).collect();
        let scale: Vec<f64> = known.iter().map(|&i| squared_length(i).sqrt().recip()).collect();
        let symmetric = |of: &dyn Fn(usize, usize) -> f64| {
            let entry = |a: usize, b: usize| {
                let (i, j) = (known[a], known[b]);
                0.5 * scale[a] * scale[b] * ((of(i, j + 1) - of(i, j)) + (of(j, i + 1) - of(j, i)))
            };
            DMatrix::from_fn(known.len(), known.len(), entry)
        };
        let (lengths, falls) = (symmetric(&of_x), -symmetric(&of_f));
        let slope = DVector::from_iterator(known.len(), known.iter().zip(&scale).map(|(&i, s)| s * of_f(i, last)));
        // The iteration for the eigenvalues would not end on a NaN.
        let finite = lengths.iter().chain(&falls).chain(&slope).all(|x| x.is_finite());
        if known.is_empty() || !finite {
            return None;
        }
        let of_lengths = lengths.symmetric_eigen();
        let least = INDEPENDENT * of_lengths.eigenvalues.max();
        let own: Vec<usize> = (0..known.len()).filter(|&i| of_lengths.eigenvalues[i] > least).collect();
        let unit = |a: usize, b: usize| of_lengths.eigenvectors[(a, own[b])] / of_lengths.eigenvalues[own[b]].sqrt();
        let units = DMatrix::from_fn(known.len(), own.len(), unit);
        let falls = (units.transpose() * falls * &units).symmetric_eigen();
        let directions = units * falls.eigenvectors;
        let along = directions.transpose() * slope;
        let shortest = known.iter().map(|&i| squared_length(i)).fold(f64::INFINITY, f64::min);
        let (mut steps, mut jump) = (along.clone(), Self::plain(last, most > 1.0));
        let mut least = f64::INFINITY;
        for (step, (along, &fall)) in steps.iter_mut().zip(along.iter().zip(&falls.eigenvalues)) {
            // 1 − λ: where it is not positive the steps grow.
            let reach = if fall > 0.0 { most } else { most.min(AWAY_FROM_A_SADDLE) };
            let capped = !(fall > reach.recip());
            let stretch = if capped { reach } else { fall.recip() };
            *step = along * if capped { (stretch - 1.0) / (1.0 - fall) } else { stretch };
            jump.capped |= capped;
            jump.stretch = jump.stretch.max(stretch);
            least = least.min(fall);
        }
        let is_known = least.abs() > ROUND_OFF * largest / shortest;
        jump.slowest = is_known.then_some(if least > 0.0 { least.recip().max(1.0) } else { f64::INFINITY });
        for ((&i, scale), step) in known.iter().zip(&scale).zip(&(directions * steps)) {
            jump.shares[i] -= scale * step;
            jump.shares[i + 1] += scale * step;
        }
        // NaN is no share either.
        jump.shares.iter().all(|share| share.abs() < LARGEST_SHARE).then_some(jump)
    }

    /// To g, where a plain step goes.
    fn plain(last: usize, due: bool) -> Self {
        let mut shares = vec![0.0; last + 1];
        shares[last] = 1.0;
        Self { shares, stretch: 1.0, capped: false, due, slowest: None }
    }
}
