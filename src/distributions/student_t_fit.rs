//! argmax of Σ w ln p(x | m, s, ν) of Student's t: Newton's steps in (m, ln s, ln ν), and where those do not climb, EM
//! with the precision of each observation hidden (Liu & Rubin 1995; Meng & van Dyk 1997 for the divisor Σ w u).

use nalgebra::{Matrix3, Vector3};
use statrs::function::gamma::digamma;

use crate::error::Error;
use crate::numeric::Sum;

use super::deviance::trigamma_excess;
use super::kept::weighted_median;
use super::student_t::{log_tail, peak};

/// The least and the greatest ν that are sought.
const DEGREES_OF_FREEDOM: (f64, f64) = (0.5, 1000.0);

/// (m, ln s, ln ν) in units of the data's own median and spread.
type Point = Vector3<f64>;

/// The stationary point climbed to, as [m, s, ν]; its likelihood is not below that of `known`.
pub(super) fn maximise(data: &[(f64, f64)], known: [f64; 3]) -> Result<[f64; 3], Error> {
    let mut sorted = data.to_vec();
    let median = weighted_median(&mut sorted);
    let mut distances: Vec<(f64, f64)> = data.iter().map(|(x, w)| ((x - median).abs(), *w)).collect();
    let total: f64 = data.iter().map(|(_, w)| w).sum();
    let mean_distance = distances.iter().map(|(d, w)| d * (w / total)).sum::<f64>();
    let spread = Some(weighted_median(&mut distances)).filter(|s| *s > 0.0).unwrap_or(mean_distance);
    let degenerate = |reason| Error::NoEstimate { family: "StudentT", reason };
    if !(spread > 0.0 && spread.is_finite()) {
        return Err(degenerate("all observations are equal, so that the likelihood grows without bound"));
    }
    let climb = Climb {
        data: data.iter().map(|(x, w)| ((x - median) / spread, *w)).collect(),
        total,
        bounds: (DEGREES_OF_FREEDOM.0.min(known[2]).ln(), DEGREES_OF_FREEDOM.1.max(known[2]).ln()),
    };
    let known = Point::new((known[0] - median) / spread, known[1].ln() - spread.ln(), known[2].ln());
    let mut best = climb.run(Point::new(0.0, 0.0, 4f64.ln()));
    if known.iter().all(|c| c.is_finite()) && climb.value(&known) > climb.value(&best) {
        best = climb.run(known);
    }
    // Below, the scale is no more than the rounding of the data, and is still shrinking.
    if !(best[1] > -33.0) {
        return Err(degenerate("too many observations are equal, so that the likelihood grows without bound"));
    }
    Ok([median + spread * best[0], spread * best[1].exp(), best[2].exp()])
}

struct Climb {
    data: Vec<(f64, f64)>,
    total: f64,
    bounds: (f64, f64),
}

impl Climb {
    fn run(&self, start: Point) -> Point {
        let mut at = start;
        let mut value = self.value(&at);
        for _ in 0..2000 {
            if at[1] < -34.0 {
                break;
            }
            let (gradient, hessian) = self.derivatives(&at);
            if let Some((next, gain)) = self.newton(&at, gradient, hessian) {
                let new = self.value(&next);
                // A gain this small drowns in round-off, and the full step is right.
                if new >= value || gain < 1e-10 * self.total {
                    (at, value) = (next, new);
                    if gain < 1e-16 * self.total {
                        break;
                    }
                    continue;
                }
            }
            let next = self.em_step(&at);
            let new = self.value(&next);
            if !(new > value) {
                break;
            }
            (at, value) = (next, new);
        }
        at
    }

    /// Σ w ln p.
    fn value(&self, at: &Point) -> f64 {
        let (nu, scale) = (at[2].exp(), at[1].exp());
        let tails = |(x, w): &(f64, f64)| w * log_tail((x - at[0]) / scale, nu);
        let tails = self.data.iter().map(tails).collect::<Sum>().value();
        self.total * (peak(nu) - at[1]) - 0.5 * (nu + 1.0) * tails
    }

    fn derivatives(&self, at: &Point) -> (Point, Matrix3<f64>) {
        let (nu, scale) = (at[2].exp(), at[1].exp());
        let half = 0.5 * nu;
        // ∂/∂ν and ∂²/∂ν² of the normaliser.
        let first = 0.5 * (digamma(half + 0.5) - digamma(half) - nu.recip());
        let trigamma = |x: f64| trigamma_excess(x) + x.recip();
        let second = 0.25 * (trigamma(half + 0.5) - trigamma(half)) + 0.5 / (nu * nu);
        let (mut gradient, mut hessian) = (Point::zeros(), Matrix3::zeros());
        for &(x, w) in &self.data {
            let z = (x - at[0]) / scale;
            // z/(ν + z²), z²/(ν + z²) and 1/(ν + z²), also where z² overflows.
            let precision = if z.abs() < 1e150 { (nu + z * z).recip() } else { z.recip() / z };
            let (linear, square) = (z * precision, (z * precision) * z);
            let in_nu = first + 0.5 * ((nu + 1.0) / nu * square - log_tail(z, nu));
            gradient += w * Point::new((nu + 1.0) * linear / scale, (nu + 1.0) * square - 1.0, nu * in_nu);
            // ½ (z²/ν(ν+z²) − z²/ν²(ν+z²) − (ν+1) z²/ν(ν+z²)²).
            let in_nu_nu = second + 0.5 * square / nu * (1.0 - nu.recip() - (nu + 1.0) * precision);
            let by_scale = -2.0 * (nu + 1.0) * nu * precision;
            let by_nu = nu * (square - precision);
            hessian[(0, 0)] -= w * (nu + 1.0) * precision * (nu * precision - square) / (scale * scale);
            hessian[(1, 0)] += w * by_scale * linear / scale;
            hessian[(1, 1)] += w * by_scale * square;
            hessian[(2, 0)] += w * by_nu * linear / scale;
            hessian[(2, 1)] += w * by_nu * square;
            hessian[(2, 2)] += w * (nu * nu * in_nu_nu + nu * in_nu);
        }
        (gradient, hessian)
    }

    /// The Newton step, held inside the bounds of ν, and the gain it promises; `None` where −H is not positive definite.
    fn newton(&self, at: &Point, mut gradient: Point, mut hessian: Matrix3<f64>) -> Option<(Point, f64)> {
        let (low, high) = self.bounds;
        let outward = (at[2] <= low && gradient[2] <= 0.0) || (at[2] >= high && gradient[2] >= 0.0);
        if outward {
            gradient[2] = 0.0;
            (hessian[(2, 0)], hessian[(2, 1)], hessian[(2, 2)]) = (0.0, 0.0, -1.0);
        }
        let step = (-hessian).cholesky()?.solve(&gradient);
        let gain = gradient.dot(&step);
        // Far from the top the quadratic is no guide beyond a factor e in scale and in ν.
        let length = (2.0 / step.amax()).min(1.0);
        let mut next = at + step * length;
        next[2] = next[2].clamp(low, high);
        (gain.is_finite() && next.iter().all(|c| c.is_finite())).then_some((next, gain))
    }

    /// An EM step in m and s, then golden-section search over ν within a factor e of its value.
    fn em_step(&self, at: &Point) -> Point {
        let (nu, scale) = (at[2].exp(), at[1].exp());
        let precision = |x: f64| 1.0 / (nu + ((x - at[0]) / scale).powi(2));
        let weight = self.data.iter().map(|(x, w)| w * precision(*x)).sum::<f64>();
        let location = self.data.iter().map(|(x, w)| w * precision(*x) * x).sum::<f64>() / weight;
        let scatter = self.data.iter().map(|(x, w)| w * precision(*x) * (x - location).powi(2)).sum::<f64>();
        let moved = Point::new(location, 0.5 * (scatter / weight).ln(), at[2]);
        let of = |log_nu: f64| self.value(&Point::new(moved[0], moved[1], log_nu));
        let (mut low, mut high) = ((at[2] - 1.0).max(self.bounds.0), (at[2] + 1.0).min(self.bounds.1));
        let golden = 0.5 * (5f64.sqrt() - 1.0);
        while high - low > 1e-3 {
            let (left, right) = (high - golden * (high - low), low + golden * (high - low));
            if of(left) >= of(right) {
                high = right;
            } else {
                low = left;
            }
        }
        let candidates = [self.bounds.0, low, high, self.bounds.1, at[2]];
        let near = candidates.into_iter().filter(|c| (c - at[2]).abs() <= 1.0);
        let best = near.map(|c| (of(c), c)).fold((f64::NEG_INFINITY, at[2]), |a, b| if b.0 > a.0 { b } else { a });
        Point::new(moved[0], moved[1], best.1)
    }
}
