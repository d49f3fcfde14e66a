//! The sampler of rows against their density: E[g(x) / p(x)] = ∫ g = 1 for a density g that lies where p is large.
//!
//! Where some numbers are whole in every draw they are atoms: g is then 0 but in one cell, the most frequent; and where
//! all rows sum to one, the last number follows from the others.

use std::collections::HashMap;

use crate::numeric::{Cholesky, LN_2_PI};

use super::looks::{Look, PILOT};
use crate::laws::law::Worst;
use crate::laws::{Parts, Verdict};

/// Numbers above this have no fractions to speak of.
const WHOLE: f64 = 1e12;
/// Rows of a simplex sum to one up to round-off.
const SUM: f64 = 1e-9;
/// The variance of g, as a share of that of the draws: the largest that stays inside the support.
const SHRINK: [f64; 5] = [0.5, 0.125, 0.03125, 0.004, 0.0005];

/// Which numbers of a row are free to move.
pub(crate) struct Layout {
    /// Their places among the real numbers.
    pub(crate) free: Vec<usize>,
    /// The last number is what the others leave of one.
    simplex: bool,
}

impl Layout {
    /// `None` where the rows have no numbers, or not all as many.
    pub(crate) fn of(drawn: &[Parts]) -> Option<Self> {
        let first = drawn.first()?;
        let alike = |x: &Parts| (x.reals.len(), x.counts.len()) == (first.reals.len(), first.counts.len());
        if !drawn.iter().all(alike) || first.reals.len() + first.counts.len() == 0 {
            return None;
        }
        let whole = |d: usize| drawn.iter().all(|x| x.reals[d].fract() == 0.0 && x.reals[d].abs() < WHOLE);
        let mut free: Vec<usize> = (0..first.reals.len()).filter(|&d| !whole(d)).collect();
        let to_one = |x: &Parts| (x.reals.iter().sum::<f64>() - 1.0).abs() < SUM;
        let simplex = free.len() > 1 && free.len() == first.reals.len() && drawn.iter().all(to_one);
        if simplex {
            free.pop();
        }
        Some(Self { free, simplex })
    }

    /// The row with other free numbers.
    fn moved(&self, row: &Parts, free: &[f64]) -> Parts {
        let mut moved = row.clone();
        self.free.iter().zip(free).for_each(|(&d, x)| moved.reals[d] = *x);
        if self.simplex {
            moved.reals[self.free.len()] = 1.0 - free.iter().sum::<f64>();
        }
        moved
    }

    fn free(&self, row: &Parts) -> Vec<f64> {
        self.free.iter().map(|&d| row.reals[d]).collect()
    }

    /// What two rows must share to differ by their free numbers alone.
    fn cell(&self, row: &Parts) -> (Vec<u64>, Vec<u64>) {
        let last = row.reals.len() - usize::from(self.simplex);
        let fixed = (0..last).filter(|d| !self.free.contains(d)).map(|d| row.reals[d].to_bits());
        (fixed.collect(), row.counts.clone())
    }
}

/// E[g(x) / p(x)] = 1 over the draws that did not choose g.
pub(crate) fn of_rows(log_density: &dyn Fn(&Parts) -> f64, layout: &Layout, look: &Look, drawn: &[Parts]) -> Verdict {
    let mut cells: HashMap<_, usize> = HashMap::new();
    drawn[..PILOT].iter().for_each(|x| *cells.entry(layout.cell(x)).or_default() += 1);
    let most = cells.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    let Some((cell, _)) = most else { return Verdict::DoesNotApply("there are no draws".into()) };
    let pilot: Vec<&Parts> = drawn[..PILOT].iter().filter(|x| layout.cell(x) == cell).collect();
    let Some((centre, g)) = proposal(log_density, layout, &pilot) else {
        return Verdict::DoesNotApply("no normal fits into the support".into());
    };
    let (width, middle) = (layout.free.len(), layout.free(centre));
    let ratio = |x: &Parts| {
        if layout.cell(x) != cell {
            return 0.0;
        }
        let offset: Vec<f64> = layout.free(x).iter().zip(&middle).map(|(x, c)| x - c).collect();
        let log_g = -0.5 * (g.squared_norm(&offset) + g.log_determinant() + width as f64 * LN_2_PI);
        (log_g - log_density(x)).exp()
    };
    let ratios: Vec<f64> = drawn[PILOT..].iter().map(ratio).collect();
    let n = ratios.len() as f64;
    let mean = ratios.iter().sum::<f64>() / n;
    let variance = ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
    let largest = ratios.iter().fold(0.0, |m: f64, r| m.max(*r));
    let tolerance = (2.0 * variance * look.log_odds / n).sqrt() + 3.0 * largest * look.log_odds / n;
    if tolerance > 0.5 {
        return Verdict::DoesNotApply("the draws are too few to tell".into());
    }
    let mut worst = Worst::of("the empirical Bernstein bound");
    worst.equal(mean, 1.0, tolerance, format_args!("E[g(x) / p(x)] over {n} draws, and 1"));
    worst.verdict()
}

/// A normal density about a draw, shaped like the draws next to it, four of whose standard deviations along each column
/// of its factor lie inside the support: about the densest draw, or else about the one in the middle.
fn proposal<'a>(
    log_density: &dyn Fn(&Parts) -> f64,
    layout: &Layout,
    pilot: &[&'a Parts],
) -> Option<(&'a Parts, Cholesky)> {
    let width = layout.free.len();
    let free: Vec<Vec<f64>> = pilot.iter().map(|x| layout.free(x)).collect();
    let offset = |x: &[f64], c: &[f64]| -> Vec<f64> { x.iter().zip(c).map(|(x, c)| x - c).collect() };
    let square = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>();
    let mean: Vec<f64> = (0..width).map(|d| free.iter().map(|x| x[d]).sum::<f64>() / free.len() as f64).collect();
    let to_mean = |n: &usize| square(&offset(&free[*n], &mean));
    let densest = (0..pilot.len()).max_by(|a, b| log_density(pilot[*a]).total_cmp(&log_density(pilot[*b])))?;
    let middle = (0..pilot.len()).min_by(|a, b| to_mean(a).total_cmp(&to_mean(b)))?;
    for centre in [densest, middle] {
        let mut near: Vec<Vec<f64>> = free.iter().map(|x| offset(x, &free[centre])).collect();
        near.sort_by(|a, b| square(a).total_cmp(&square(b)));
        near.truncate(near.len().div_ceil(2).max(20 * width));
        let mut covariance = vec![0.0; width * width];
        for v in &near {
            for i in 0..width {
                (0..width).for_each(|j| covariance[i * width + j] += v[i] * v[j] / near.len() as f64);
            }
        }
        for shrink in SHRINK {
            let scaled: Vec<f64> = covariance.iter().map(|c| shrink * c).collect();
            let Ok(g) = Cholesky::new(&scaled) else { break };
            let corner = |j: usize, s: f64| -> Vec<f64> {
                (0..width).map(|i| free[centre][i] + s * if i >= j { g.factor()[i * width + j] } else { 0.0 }).collect()
            };
            let inside = |j, s| log_density(&layout.moved(pilot[centre], &corner(j, s))) > f64::NEG_INFINITY;
            if (0..width).all(|j| inside(j, 4.0) && inside(j, -4.0)) {
                return Some((pilot[centre], g));
            }
        }
    }
    None
}
