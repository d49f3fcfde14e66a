//! ∫ p(x) dx over two numbers, from ln p alone: the trapezoidal rule on a lattice that widens outwards.
//!
//! In the frame of the mode, x = m + L sinh t. The rule converges exponentially for a smooth p that vanishes at both ends
//! of t, and so it does for tails that fall by a power; two lattices, one twice as fine, tell whether it has.

use std::cell::Cell;

use super::frame::Frame;
use crate::laws::Verdict;

/// The steps of the coarse lattice, and of the fine one.
const STEPS: [f64; 2] = [0.125, 0.0625];
/// How far the two lattices may be apart: the fine one errs by less than that, and by far less where p is smooth.
const AGREE: f64 = 1e-8;
/// Evaluations after which a density is called too rough or too long-tailed for the kit.
const BUDGET: usize = 400_000;
/// Places from which the mode is climbed.
const STARTS: usize = 12;

/// The mass of a density over two numbers; `seen` are points at which it may be large.
pub(crate) fn mass(log_density: &dyn Fn(&[f64]) -> f64, seen: &[Vec<f64>]) -> Result<f64, Verdict> {
    let unknown = |why: &str| Err(Verdict::NotPromised(format!("the kit has no quadrature for this density: {why}")));
    let possible: Vec<&Vec<f64>> = seen.iter().filter(|x| log_density(x).is_finite()).collect();
    let starts = possible.iter().step_by(possible.len().div_ceil(STARTS).max(1));
    let Some(frames) = starts.map(|x| Frame::about(log_density, x)).collect::<Option<Vec<Frame>>>() else {
        return unknown("it is not smooth about its mode");
    };
    let Some(frame) = frames.first() else { return unknown("no observation has a positive one") };
    if frames.iter().any(|other| frame.distance(other) > 0.1) {
        return unknown("it has more than one mode");
    }
    let budget = Cell::new(BUDGET);
    let [coarse, fine] = STEPS.map(|step| on_lattice(log_density, frame, step, &budget));
    match (coarse, fine) {
        (Some(coarse), Some(fine)) if (coarse - fine).abs() <= AGREE * fine.max(1.0) => Ok(fine),
        _ => unknown("it is too rough, or its tails are too long"),
    }
}

/// Σ over the lattice, ring by ring until three of them are empty.
fn on_lattice(log_density: &dyn Fn(&[f64]) -> f64, frame: &Frame, step: f64, budget: &Cell<usize>) -> Option<f64> {
    let at = |place: [i32; 2]| {
        let t = place.map(|k| f64::from(k) * step);
        let x = frame.point(&t.map(f64::sinh));
        t[0].cosh() * t[1].cosh() * (log_density(x.as_slice()) - frame.peak).exp()
    };
    let (mut total, mut empty) = (at([0, 0]), 0);
    for radius in 1i32.. {
        budget.set(budget.get().checked_sub(8 * radius as usize)?);
        // Four sides, each with one of its corners.
        let side = (1 - radius..=radius).flat_map(|k| [[k, radius], [-k, -radius], [radius, -k], [-radius, k]]);
        let ring: f64 = side.map(at).sum();
        total += ring;
        empty = if ring <= 1e-13 * total { empty + 1 } else { 0 };
        if empty == 3 {
            return Some((frame.log_volume() + frame.peak).exp() * step * step * total);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normals_in_the_plane_have_mass_one_wherever_they_lie() {
        for (mean, deviation) in [(0.0, 1.0), (1e6, 1e-2), (-1e-6, 1e5)] {
            let log_density = |x: &[f64]| {
                let squares: f64 = x.iter().map(|x| ((x - mean) / deviation).powi(2)).sum();
                -0.5 * squares - 2.0 * deviation.ln() - std::f64::consts::TAU.ln()
            };
            let seen = [vec![mean + deviation; 2], vec![mean - 2.0 * deviation; 2]];
            let mass = mass(&log_density, &seen).unwrap();
            assert!((mass - 1.0).abs() < 1e-8, "{mass} about {mean}");
        }
    }

    #[test]
    fn tails_that_fall_by_a_power_are_followed_to_their_end() {
        // Student's t in the plane with 3 degrees of freedom: p = (1 + r²/3)^(−5/2) / 2π.
        let log_density = |x: &[f64]| -2.5 * ((x[0] * x[0] + x[1] * x[1]) / 3.0).ln_1p() - std::f64::consts::TAU.ln();
        assert!((mass(&log_density, &[vec![0.5, 1.0]]).unwrap() - 1.0).abs() < 1e-8);
    }

    #[test]
    fn two_hills_and_edges_are_left_alone() {
        let hills = |x: &[f64]| {
            let hill = |at: f64| (-0.5 * ((x[0] - at).powi(2) + x[1] * x[1])).exp();
            (hill(0.0) + hill(9.0)).ln()
        };
        assert!(mass(&hills, &[vec![0.0, 0.0], vec![9.0, 0.0]]).is_err());
        let square = |x: &[f64]| if x.iter().all(|x| (0.0..1.0).contains(x)) { 0.0 } else { f64::NEG_INFINITY };
        assert!(mass(&square, &[vec![0.5, 0.5]]).is_err());
    }
}
