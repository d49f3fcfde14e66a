//! ∫ p(x) dx on the line and Σ_k p(k) over counts, from ln p alone.
//!
//! Adaptive Gauss–Kronrod (7, 15) between break points that the data suggest; the tails are doubled until empty.

use std::borrow::Borrow;
use std::cell::Cell;

use crate::numeric::Sum;

use super::lattice;
use crate::laws::{Coordinates, Parts, Verdict};

/// The error that the quadrature may leave: its own estimate is asked to be four digits smaller.
pub(crate) const QUADRATURE: f64 = 1e-7;
/// The same where the density is seen at numbers of 32 bits only: the steps between them average out in part.
const OF_SINGLES: f64 = 1e-5;
/// What a law says of both.
pub(crate) const ALLOWED: &str = "1e-7 for the quadrature, 1e-5 over numbers of 32 bits";
/// Evaluations after which a density is called too rough or too long-tailed for the kit.
const BUDGET: usize = 400_000;
/// A mass above which it does not matter how much more there is: no density has it.
const TOO_MUCH: f64 = 2.0;

/// The error that the quadrature may leave over observations like these.
pub(crate) fn allowed<O: Coordinates + ?Sized>(seen: &[Parts]) -> f64 {
    let between = |x: &f64| x * (1.0 + 2f64.powi(-40));
    let asked =
        |parts: &Parts| Parts { reals: parts.reals.iter().map(between).collect(), counts: parts.counts.clone() };
    let kept = |parts: &Parts| asked(parts).assemble::<O>().is_none_or(|x| Parts::of(x.borrow()) == asked(parts));
    if seen.iter().all(kept) { QUADRATURE } else { OF_SINGLES }
}

/// The mass of a density, or a verdict that says why the kit cannot tell: an integral over one number (over one period
/// if it repeats) or over two, a sum over one count, or over one of each. `seen` are observations at which the density may be large.
pub(crate) fn total_mass<O: Coordinates + ?Sized>(
    log_density: &dyn Fn(&O) -> f64,
    period: Option<f64>,
    seen: &[Parts],
) -> Result<f64, Verdict> {
    let Some(first) = seen.first() else {
        return Err(Verdict::DoesNotApply("there are no observations to start from".into()));
    };
    let along = |counts: &[u64], points: &[f64]| -> Result<f64, Verdict> {
        let mut at = Parts { reals: vec![0.0], counts: counts.to_vec() };
        let at = std::cell::RefCell::new(&mut at);
        let density = |x: f64| {
            at.borrow_mut().reals[0] = x;
            at.borrow().assemble::<O>().map_or(f64::NEG_INFINITY, |x| log_density(x.borrow()))
        };
        Ok(masses(&density, period, points)?.1.into_iter().collect::<Sum>().value())
    };
    let reals = |of: &dyn Fn(&Parts) -> bool| -> Vec<f64> {
        seen.iter().filter(|parts| of(parts)).flat_map(|parts| parts.reals.iter().copied()).collect()
    };
    let largest = seen.iter().flat_map(|parts| parts.counts.iter().copied()).max().unwrap_or(0);
    let of_number = |x: f64| Parts { reals: vec![x], counts: Vec::new() }.assemble::<O>();
    let density = |x: f64| of_number(x).map_or(0.0, |x| log_density(x.borrow()).exp());
    // Counts written as real numbers: there is nothing between them.
    let is_count = |x: f64| x >= 0.0 && x.fract() == 0.0 && density(x + 0.5) == 0.0;
    match (first.reals.len(), first.counts.len()) {
        (1, 0) if seen.iter().all(|parts| is_count(parts.reals[0])) => {
            let largest = reals(&|_| true).into_iter().fold(0.0, f64::max);
            sum_over_counts(largest as u64, &|k| Some(Ok(density(k as f64))))
        }
        (1, 0) => along(&[], &reals(&|_| true)),
        (0, 1) => sum_over_counts(largest, &|k| {
            let x = Parts { reals: Vec::new(), counts: vec![k] }.assemble::<O>()?;
            Some(Ok(log_density(x.borrow()).exp()))
        }),
        (1, 1) => sum_over_counts(largest, &|k| {
            Parts { reals: vec![first.reals[0]], counts: vec![k] }.assemble::<O>()?;
            let beside = seen.iter().any(|parts| parts.counts == [k]);
            // A hill may lie where only other counts were seen.
            Some(along(&[k], &reals(&|_| true)).or_else(|unknown| match unknown {
                Verdict::DoesNotApply(_) if !beside => Ok(0.0),
                other => Err(other),
            }))
        }),
        (2, 0) if period.is_none() => {
            let points: Vec<Vec<f64>> = seen.iter().map(|parts| parts.reals.clone()).collect();
            let of_numbers = |x: &[f64]| Parts { reals: x.to_vec(), counts: Vec::new() }.assemble::<O>();
            lattice::mass(&|x| of_numbers(x).map_or(f64::NEG_INFINITY, |x| log_density(x.borrow())), &points)
        }
        _ => Err(Verdict::NotPromised("the kit has no quadrature over values of this type".into())),
    }
}

/// Σ_k of the masses of the counts k = 0, 1, … until they vanish beyond the `largest` seen, or there is no such
/// observation.
fn sum_over_counts(largest: u64, mass_of: &dyn Fn(u64) -> Option<Result<f64, Verdict>>) -> Result<f64, Verdict> {
    let mut mass = Sum::default();
    for k in 0..BUDGET as u64 {
        let Some(p) = mass_of(k) else { return Ok(mass.value()) };
        let p = p?;
        mass.add(p);
        let empty = k > 2 * largest + 64 && (p == 0.0 || p * (k as f64) < 1e-12);
        if empty || mass.value() > TOO_MUCH {
            return Ok(mass.value());
        }
    }
    Err(Verdict::DoesNotApply("the counts have too long a tail to be summed".into()))
}

/// Break points b_0 < … < b_m, and the masses of (−∞, b_0], [b_0, b_1] … [b_m, ∞).
pub(crate) fn masses(
    log_density: &dyn Fn(f64) -> f64,
    period: Option<f64>,
    points: &[f64],
) -> Result<(Vec<f64>, Vec<f64>), Verdict> {
    let left = Cell::new(BUDGET);
    let density = |x: f64| match left.get() {
        0 => f64::NEG_INFINITY, // What is left of the integral ends at once.
        n => {
            left.set(n - 1);
            log_density(x)
        }
    };
    let points: Vec<f64> = points.iter().map(|x| period.map_or(*x, |period| within_period(*x, period))).collect();
    let mut breaks = break_points(&density, &points);
    let positive: Vec<f64> = breaks.iter().copied().filter(|x| density(*x) > f64::NEG_INFINITY).collect();
    let (Some(&first), Some(&last)) = (positive.first(), positive.last()) else {
        return Err(Verdict::DoesNotApply("there is no point of positive density to start from".into()));
    };
    let reach = (last - first).max(f64::MIN_POSITIVE);
    let borders = match period {
        Some(period) => [Some(-0.5 * period), Some(0.5 * period)],
        None => [border(&density, first, -reach), border(&density, last, reach)],
    };
    breaks.extend(borders.into_iter().flatten());
    breaks.retain(|x| borders[0].is_none_or(|b| *x >= b) && borders[1].is_none_or(|b| *x <= b));
    breaks.sort_by(f64::total_cmp);
    breaks.dedup();
    let (first, last) = (breaks[0], breaks[breaks.len() - 1]);
    let p = |x: f64| density(x).exp();
    // Where it stands, a hill is known to an ulp of x: its mass to twice its height times that.
    let ulp = |x: f64| f64::EPSILON * period.unwrap_or(x.abs());
    let rounding = breaks.iter().map(|x| 2.0 * p(*x) * ulp(*x)).fold(0.0, f64::max);
    if rounding > QUADRATURE {
        return Err(Verdict::DoesNotApply("the density changes over less than numbers can resolve".into()));
    }
    let step = if last > first { last - first } else { last.abs().max(1.0) };
    let mut unresolved = 0.0;
    let mut towards = |from: f64, border: f64| {
        let (mass, rest) = towards(&p, from, border);
        unresolved += rest;
        mass
    };
    let mut masses = vec![if borders[0].is_some() { 0.0 } else { tail(&p, first, -step) }];
    for (i, w) in breaks.windows(2).enumerate() {
        let (at_first, at_last) = (i == 0 && borders[0].is_some(), i + 2 == breaks.len() && borders[1].is_some());
        masses.push(match (at_first, at_last) {
            (false, false) => within(&p, w[0], w[1]),
            (true, false) => towards(w[1], w[0]),
            (false, true) => towards(w[0], w[1]),
            (true, true) => {
                let centre = w[0] + 0.5 * (w[1] - w[0]);
                towards(centre, w[0]) + towards(centre, w[1])
            }
        });
    }
    masses.push(if borders[1].is_some() { 0.0 } else { tail(&p, last, step) });
    if unresolved > 0.01 * QUADRATURE {
        return Err(Verdict::DoesNotApply("the density is singular where numbers lie too far apart".into()));
    }
    if left.get() == 0 && masses.iter().sum::<f64>() <= TOO_MUCH {
        return Err(Verdict::DoesNotApply("the density is too rough for the kit's quadrature".into()));
    }
    Ok((breaks, masses))
}

/// The same place in [−period/2, period/2).
pub(crate) fn within_period(x: f64, period: f64) -> f64 {
    let turned = (x + 0.5 * period).rem_euclid(period) - 0.5 * period;
    if turned < 0.5 * period { turned } else { -0.5 * period }
}

/// The last point of positive density on the way from `inside` outwards, if the support ends there.
fn border(log_density: &dyn Fn(f64) -> f64, inside: f64, step: f64) -> Option<f64> {
    let (mut inside, mut outside) = (inside, inside + step);
    for doubling in 1..12 {
        if log_density(outside) == f64::NEG_INFINITY {
            break;
        }
        (inside, outside) = (outside, outside + step * f64::from(1 << doubling));
    }
    if log_density(outside) > f64::NEG_INFINITY {
        return None;
    }
    // As many halvings as lead from the largest number to the smallest.
    for _ in 0..2100 {
        let middle = inside + 0.5 * (outside - inside);
        if middle == inside || middle == outside {
            break;
        }
        if log_density(middle) > f64::NEG_INFINITY {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    Some(inside)
}

/// Thirty-odd quantiles of the points, a mode, and places about it, first where the density has fallen by a factor e.
fn break_points(log_density: &dyn Fn(f64) -> f64, points: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = points.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let thinned = sorted.len().div_ceil(32).max(1);
    let mut breaks: Vec<f64> = sorted.iter().copied().step_by(thinned).chain(sorted.last().copied()).collect();
    if let Some(&start) = sorted.iter().max_by(|a, b| log_density(**a).total_cmp(&log_density(**b))) {
        let spread = sorted[sorted.len() - 1] - sorted[0];
        let (mode, peak) = climb(log_density, start, if spread > 0.0 { spread / 8.0 } else { 1.0 });
        // The density fell by a factor e at about this distance.
        let fell = |h: &f64| log_density(mode + h).max(log_density(mode - h)) < peak - 1.0;
        if let Some(h) = (0..200).map(|k| (mode.abs() + 1.0) * 1e-12 * 2f64.powi(k)).find(fell) {
            breaks.push(mode);
            // Ever farther, up to the last of the points: no interval is long against what the density changes over.
            let reach = spread.max(8.0 * h);
            let steps = (0..400).map(|k| h * 1.5f64.powi(k)).take_while(|step| *step <= reach);
            breaks.extend(steps.flat_map(|step| [mode - step, mode + step]));
        }
    }
    breaks.sort_by(f64::total_cmp);
    breaks.dedup();
    breaks
}

/// A local maximum, by steps that double when they succeed.
fn climb(f: &dyn Fn(f64) -> f64, start: f64, step: f64) -> (f64, f64) {
    let (mut x, mut best, mut step) = (start, f(start), step);
    for _ in 0..400 {
        match [x + step, x - step].into_iter().map(|y| (y, f(y))).find(|(_, at)| *at > best && at.is_finite()) {
            Some((y, at)) => (x, best, step) = (y, at, 2.0 * step),
            None => step /= 4.0,
        }
        if step.abs() < 1e-9 * (x.abs() + 1e-9) {
            break;
        }
    }
    (x, best)
}

/// ∫_a^b p in eight pieces, so that a narrow hill between two break points is not stepped over.
fn within(p: &dyn Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    let at = |piece: u32| a + (b - a) * f64::from(piece) / 8.0;
    (0..8).map(|piece| integral(p, at(piece), at(piece + 1), 60)).sum()
}

/// ∫ from `from` to the border of the support, in intervals that halve: p may grow without bound there. With it, the
/// mass between the last two numbers, if p is still large there.
fn towards(p: &dyn Fn(f64) -> f64, from: f64, border: f64) -> (f64, f64) {
    let (mut mass, mut at, mut empty) = (Sum::default(), from, 0);
    while empty < 3 {
        let next = at + 0.5 * (border - at);
        if next == at || next == border {
            return (mass.value(), p(at) * (border - at).abs());
        }
        let part = integral(p, at.min(next), at.max(next), 40);
        mass.add(part);
        // What vanishes on the way may rise again at the border, as an angle's density does half a turn away.
        let rises = p(border) * (border - next).abs() > 1e-14;
        empty = if part < 1e-14 && !rises { empty + 1 } else { 0 };
        at = next;
    }
    (mass.value(), 0.0)
}

/// ∫ from `from` outwards, in intervals that double.
fn tail(p: &dyn Fn(f64) -> f64, from: f64, step: f64) -> f64 {
    let (mut mass, mut at, mut step, mut empty) = (Sum::default(), from, step, 0);
    while empty < 3 && (at + step).is_finite() && mass.value() <= TOO_MUCH {
        let part = integral(p, at.min(at + step), at.max(at + step), 40);
        mass.add(part);
        empty = if part < 1e-14 { empty + 1 } else { 0 };
        (at, step) = (at + step, 2.0 * step);
    }
    mass.value()
}

/// Nodes of the 15-point Kronrod rule on [0, 1], its weights, and those of the 7-point Gauss rule (Piessens et al. 1983).
const NODES: [f64; 8] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_2,
    0.207_784_955_007_898_47,
    0.0,
];
const KRONROD: [f64; 8] = [
    0.022_935_322_010_529_224,
    0.063_092_092_629_978_55,
    0.104_790_010_322_250_18,
    0.140_653_259_715_525_92,
    0.169_004_726_639_267_9,
    0.190_350_578_064_785_4,
    0.204_432_940_075_298_9,
    0.209_482_141_084_727_83,
];
const GAUSS: [f64; 4] =
    [0.129_484_966_168_869_7, 0.279_705_391_489_276_64, 0.381_830_050_505_118_94, 0.417_959_183_673_469_4];

/// ∫_a^b p, bisecting until the two rules agree or `depth` is spent.
pub(crate) fn integral(p: &dyn Fn(f64) -> f64, a: f64, b: f64, depth: usize) -> f64 {
    let (centre, half) = (0.5 * a + 0.5 * b, 0.5 * (b - a));
    let (mut kronrod, mut gauss) = (0.0, 0.0);
    for (i, (node, weight)) in NODES.iter().zip(KRONROD).enumerate() {
        let at = if *node == 0.0 { p(centre) } else { p(centre - half * node) + p(centre + half * node) };
        kronrod += weight * at;
        if i % 2 == 1 {
            gauss += GAUSS[i / 2] * at;
        }
    }
    if depth == 0 || (half * (kronrod - gauss)).abs() <= 1e-11 || centre <= a || centre >= b {
        return half * kronrod;
    }
    integral(p, a, centre, depth - 1) + integral(p, centre, b, depth - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_of_degree_13_are_exact_and_kinks_are_found() {
        let exact = |n: i32| 1.0 / f64::from(n + 1);
        for n in 0..=13 {
            assert!((integral(&|x| x.powi(n), 0.0, 1.0, 0) - exact(n)).abs() < 1e-15, "degree {n}");
        }
        assert!((integral(&|x| f64::from(u8::from(x > 0.3)), 0.0, 1.0, 60) - 0.7).abs() < 1e-9);
        assert!((integral(&|x: f64| x.powf(-0.5), 0.0, 1.0, 60) - 2.0).abs() < 1e-7);
    }

    #[test]
    fn long_tails_and_narrow_peaks_have_mass_one() {
        let cauchy = |x: &f64| -(std::f64::consts::PI * (1.0 + x * x)).ln();
        let spike = |x: &f64| -0.5 * ((x - 5.0) / 1e-6).powi(2) - (1e-6 * std::f64::consts::TAU.sqrt()).ln();
        for (log_density, from) in [(&cauchy as &dyn Fn(&f64) -> f64, 3.0), (&spike, 5.0 + 3e-6)] {
            assert!((total_mass(log_density, None, &[Parts::of(&from)]).unwrap() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn what_rises_again_at_the_border_is_not_cut_off() {
        // Von Mises about −2.46 with concentration 46: e^−81 at 0, but e^−10 at π.
        let (direction, concentration) = (-2.46, 46.0);
        let log_density = |x: &f64| concentration * ((x - direction).cos() - 1.0);
        let mass = total_mass(&log_density, Some(std::f64::consts::TAU), &[Parts::of(&-2.5)]).unwrap();
        let turned =
            total_mass(&|x: &f64| log_density(&(x + direction)), Some(std::f64::consts::TAU), &[Parts::of(&0.0)]);
        assert!((mass / turned.unwrap() - 1.0).abs() < 1e-10, "{mass}");
    }

    #[test]
    fn a_hill_narrower_than_numbers_resolve_is_refused() {
        let spike = |x: &f64| -0.5 * ((x - 0.7) / 2e-14).powi(2) - (2e-14 * std::f64::consts::TAU.sqrt()).ln();
        assert!(matches!(total_mass(&spike, None, &[Parts::of(&0.7)]), Err(Verdict::DoesNotApply(_))));
    }

    #[test]
    fn counts_are_summed_and_numbers_beside_them_integrated() {
        let geometric = |k: &u64| (*k as f64 + 1.0) * 0.5f64.ln();
        let normal = |x: f64| -0.5 * (x * x + std::f64::consts::TAU.ln());
        assert!((total_mass(&geometric, None, &[Parts::of(&3u64)]).unwrap() - 1.0).abs() < 1e-12);
        let both = |x: &(f64, u64)| normal(x.0) + geometric(&x.1);
        assert!((total_mass(&both, None, &[Parts::of(&(0.5, 3u64))]).unwrap() - 1.0).abs() < 1e-9);
        let written = |x: &f64| if x.fract() == 0.0 && *x >= 0.0 { geometric(&(*x as u64)) } else { f64::NEG_INFINITY };
        assert!((total_mass(&written, None, &[Parts::of(&3.0)]).unwrap() - 1.0).abs() < 1e-12);
        let coin = |x: &bool| if *x { 0.25f64.ln() } else { 0.75f64.ln() };
        assert!((total_mass(&coin, None, &[Parts::of(&true)]).unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_singularity_is_followed_as_far_as_numbers_reach() {
        let root = |x: &f64| if *x > 0.0 && *x < 1.0 { -0.5 * x.ln() - 2f64.ln() } else { f64::NEG_INFINITY };
        assert!((total_mass(&root, None, &[Parts::of(&0.5)]).unwrap() - 1.0).abs() < 1e-9);
        let mirrored = |x: &f64| root(&(1.0 - x));
        assert!(total_mass(&mirrored, None, &[Parts::of(&0.5)]).is_err());
    }
}
