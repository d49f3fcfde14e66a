//! argmax of Σ w ln p(x | m, s, ν) of Student's t: Newton's steps in (m, ln s, ln ν), and where those do not climb, EM
//! with the precision of each observation hidden (Liu & Rubin 1995; Meng & van Dyk 1997 for the divisor Σ w u).

use nalgebra::{Matrix3, Vector3};
use statrs::function::gamma::digamma;

use crate::error::Error;
use crate::numeric::functions::heavy_tails::{Tails, add_tails};
use crate::numeric::reach;

use super::kept::weighted_median;
use crate::distributions::special::deviance::trigamma_excess;
use crate::distributions::special::student_t_terms::{log_tail, peak};

/// The least and the greatest ν that are sought.
const DEGREES_OF_FREEDOM: (f64, f64) = (0.5, 1000.0);

/// (m, ln s, ln ν) in units of the data's own median and spread.
type Point = Vector3<f64>;

/// The stationary point climbed to, as [m, s, ν]; its likelihood is not below that of `known`.
pub(crate) fn maximise(data: &[(f64, f64)], known: [f64; 3]) -> Result<[f64; 3], Error> {
    let mut by_value = data.to_vec();
    let median = weighted_median(&mut by_value);
    let mut distances: Vec<(f64, f64)> = data.iter().map(|(x, w)| ((x - median).abs(), *w)).collect();
    let total: f64 = data.iter().map(|(_, w)| w).sum();
    let mean_distance = distances.iter().map(|(d, w)| d * (w / total)).sum::<f64>();
    let spread = Some(weighted_median(&mut distances)).filter(|s| *s > 0.0).unwrap_or(mean_distance);
    let degenerate = |reason| Error::NoEstimate { family: "StudentT", reason };
    if !(spread > 0.0 && spread.is_finite()) {
        return Err(degenerate("all observations are equal, so that the likelihood grows without bound"));
    }
    // ln |z| − ln of the largest number, where z itself is beyond it.
    let excess = |x: f64| (0.5 * x - 0.5 * median).abs().ln() + std::f64::consts::LN_2 - spread.ln() - f64::MAX.ln();
    let beyond = |x: f64| ((x - median) / spread).is_infinite();
    let climb = Climb {
        values: data.iter().map(|(x, _)| ((x - median) / spread).clamp(f64::MIN, f64::MAX)).collect(),
        excess: data.iter().filter(|(x, _)| beyond(*x)).map(|(x, w)| w * excess(*x)).sum(),
        weights: data.iter().map(|(_, w)| *w).collect(),
        total,
        bounds: (DEGREES_OF_FREEDOM.0.min(known[2]).ln(), DEGREES_OF_FREEDOM.1.max(known[2]).ln()),
    };
    let known = Point::new((known[0] - median) / spread, known[1].ln() - spread.ln(), known[2].ln());
    let starts =
        [Point::new(0.0, 0.0, 4f64.ln()), known].into_iter().filter(|start| start.iter().all(|c| c.is_finite()));
    let best = starts.map(|start| climb.at(start)).reduce(|a, b| if b.value > a.value { b } else { a });
    let Some(best) = best.map(|start| climb.run(start)) else {
        return Err(degenerate("the observations are too far apart"));
    };
    // Below, the scale is no more than the rounding of the data, and is still shrinking.
    if !(best[1] > -33.0) {
        return Err(degenerate("too many observations are equal, so that the likelihood grows without bound"));
    }
    Ok([median + spread * best[0], spread * best[1].exp(), best[2].exp()])
}

struct Climb {
    /// Those beyond the range of 64-bit numbers stand at its end,
    values: Vec<f64>,
    /// and Σ w of the logarithms of what they lack.
    excess: f64,
    weights: Vec<f64>,
    total: f64,
    bounds: (f64, f64),
}

/// A point, with the sums over the data there and the likelihood Σ w ln p.
#[derive(Clone, Copy)]
struct Place {
    at: Point,
    sums: Tails,
    value: f64,
}

impl Climb {
    fn run(&self, start: Place) -> Point {
        let mut here = start;
        for _ in 0..2000 {
            if here.at[1] < -34.0 {
                break;
            }
            if let Some((next, gain)) = self.newton(&here) {
                let next = self.at(next);
                // A gain this small drowns in round-off, and the full step is right.
                if next.value >= here.value || gain < 1e-10 * self.total {
                    here = next;
                    if gain < 1e-16 * self.total {
                        break;
                    }
                    continue;
                }
            }
            let next = self.at(self.em_step(&here.at));
            if !(next.value > here.value) {
                break;
            }
            here = next;
        }
        here.at
    }

    fn at(&self, at: Point) -> Place {
        let (nu, place) = (at[2].exp(), (at[0], at[1].exp()));
        let mut sums = [0.0; 8];
        add_tails(&self.values, &self.weights, place, nu, &mut sums);
        // So far out that z²/(ν + z²) is 1, and what is smaller vanishes.
        let far = |x: f64| ((x - place.0) / place.1).abs() > 1e100;
        if far(reach(&self.values)) || place.1 < 1e-100 {
            for (x, w) in self.values.iter().zip(&self.weights).filter(|(x, _)| far(**x)) {
                let z = (x - place.0) / place.1;
                // The place is far smaller than an x whose z overflows.
                sums[0] += w * if z.is_finite() { log_tail(z, nu) } else { 2.0 * (x.abs().ln() - at[1]) - nu.ln() };
                sums[2] += w;
                sums[7] += w;
            }
        }
        sums[0] += 2.0 * self.excess;
        let value = self.total * (peak(nu) - at[1]) - 0.5 * (nu + 1.0) * sums[0];
        Place { at, sums, value }
    }

    /// The slope and the curvature in (m, ln s, ln ν).
    fn derivatives(&self, Place { at, sums, .. }: &Place) -> (Point, Matrix3<f64>) {
        let (nu, scale, w) = (at[2].exp(), at[1].exp(), self.total);
        let [log_tail, linear, square, precisions, of_linear, of_square, linear_square, square_square] = *sums;
        let (half, more) = (0.5 * nu, nu + 1.0);
        // ∂/∂ν and ∂²/∂ν² of the normaliser.
        let first = 0.5 * (digamma(half + 0.5) - digamma(half) - nu.recip());
        let trigamma = |x: f64| trigamma_excess(x) + x.recip();
        let second = 0.25 * (trigamma(half + 0.5) - trigamma(half)) + 0.5 / (nu * nu);
        let in_nu = w * first + 0.5 * (more / nu * square - log_tail);
        // ½ (z²/ν(ν+z²) − z²/ν²(ν+z²) − (ν+1) z²/ν(ν+z²)²).
        let in_nu_nu = w * second + 0.5 / nu * (square * (1.0 - nu.recip()) - more * of_square);
        let gradient = Point::new(more * linear / scale, more * square - w, nu * in_nu);
        let in_place = -more * (nu * precisions - of_square) / (scale * scale);
        let in_scale = [-2.0 * more * nu * of_linear / scale, -2.0 * more * nu * of_square];
        let by_nu = [nu * (linear_square - of_linear) / scale, nu * (square_square - of_square)];
        let hessian = Matrix3::new(
            in_place,
            0.0,
            0.0,
            in_scale[0],
            in_scale[1],
            0.0,
            by_nu[0],
            by_nu[1],
            nu * nu * in_nu_nu + nu * in_nu,
        );
        (gradient, hessian)
    }

    /// The Newton step, held inside the bounds of ν, and the gain it promises; `None` where −H is not positive definite.
    fn newton(&self, here: &Place) -> Option<(Point, f64)> {
        let (at, (mut gradient, mut hessian)) = (here.at, self.derivatives(here));
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
        let rows = || self.values.iter().zip(&self.weights);
        let precision = |x: f64| 1.0 / (nu + ((x - at[0]) / scale).powi(2));
        let weight = rows().map(|(x, w)| w * precision(*x)).sum::<f64>();
        let location = rows().map(|(x, w)| w * precision(*x) * x).sum::<f64>() / weight;
        // Far out p z² is 1, where p underflows and z² overflows.
        let square = |x: f64| {
            let far = ((x - at[0]) / scale).abs() > 1e100;
            if far { scale * scale } else { precision(x) * (x - location).powi(2) }
        };
        let scatter = rows().map(|(x, w)| w * square(*x)).sum::<f64>();
        let moved = Point::new(location, 0.5 * (scatter / weight).ln(), at[2]);
        let of = |log_nu: f64| self.at(Point::new(moved[0], moved[1], log_nu)).value;
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
