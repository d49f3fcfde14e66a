//! The sampler against the density, by bounds that hold for any number of draws.
//!
//! A first look at 1 000 draws; only what looks odd there (1 in 10⁴ does by chance) is looked at again, at 16 000 fresh
//! ones, and reported if chance explains it with probability at most 10⁻⁹.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use crate::distributions::Distribution;
use crate::numeric::{Cholesky, LN_2_PI};

use super::coordinates::{of_count, of_point};
use super::distribution::draws;
use super::law::Worst;
use super::quadrature::{masses, within_period};
use super::{Coordinates, Law, Part, Verdict};

/// How many draws, their seed, and ln(2/α).
struct Look {
    draws: usize,
    seed: u64,
    log_odds: f64,
}

const LOOKS: [Look; 2] =
    [Look { draws: 1_000, seed: 5, log_odds: 9.9 }, Look { draws: 16_000, seed: 6, log_odds: 21.4 }];

/// Draws have the density: the empirical distribution of numbers is the integral of p (Kolmogorov's distance, with the
/// bound of Dvoretzky, Kiefer, Wolfowitz and Massart), counts have their probabilities (Bernstein's bound), and for rows
/// E[g(x) / p(x)] = 1 for a narrow density g.
pub fn draws_have_the_density<D: Distribution>() -> Law<D>
where
    D::Value: Coordinates,
{
    Law::new("draws_have_the_density", "x ~ sample ⇒ x ~ p", Part::Sampler, |d| {
        let mut verdict = Verdict::NotPromised("the kit has no test for values of this type".into());
        for look in &LOOKS {
            let drawn = draws(d, look.draws, look.seed);
            let rows: Vec<Vec<f64>> =
                drawn.iter().filter_map(|x| Borrow::<D::Value>::borrow(x).coordinates()).collect();
            let counts: Vec<u64> = drawn.iter().filter_map(|x| Borrow::<D::Value>::borrow(x).count()).collect();
            verdict = match rows.first().map(Vec::len) {
                Some(1) => of_numbers(d, look, rows.into_iter().flatten().collect()),
                Some(_) => of_rows(d, look, &rows),
                None if !counts.is_empty() => of_counts(d, look, &counts),
                None => return Ok(verdict),
            };
            if matches!(verdict, Verdict::Holds { .. }) {
                return Ok(verdict);
            }
        }
        Ok(verdict)
    })
    .cost(8)
}

fn of_numbers<D: Distribution>(d: &D, look: &Look, mut drawn: Vec<f64>) -> Verdict
where
    D::Value: Coordinates,
{
    if let Some(period) = d.period() {
        drawn.iter_mut().for_each(|x| *x = within_period(*x, period));
    }
    let (breaks, masses) = match masses(&|x| d.log_density(x), d.period(), &drawn[..500]) {
        Ok(known) => known,
        Err(unknown) => return unknown,
    };
    let mut worst = Worst::of("the bound of Dvoretzky, Kiefer, Wolfowitz and Massart");
    let n = drawn.len() as f64;
    let tolerance = (look.log_odds / (2.0 * n)).sqrt();
    drawn.sort_by(f64::total_cmp);
    let mut below = 0.0;
    for (at, mass) in breaks.iter().zip(&masses) {
        below += mass;
        let share = drawn.partition_point(|x| x <= at) as f64 / n;
        worst.equal(share, below, tolerance, || format!("the share of {n} draws below {at}, and its probability"));
    }
    worst.verdict()
}

fn of_counts<D: Distribution>(d: &D, look: &Look, drawn: &[u64]) -> Verdict
where
    D::Value: Coordinates,
{
    let mut worst = Worst::of("Bernstein's bound");
    let mut cells: BTreeMap<u64, f64> = (0..8).map(|k| (k, 0.0)).collect();
    drawn.iter().for_each(|k| *cells.entry(*k).or_default() += 1.0);
    let n = drawn.len() as f64;
    // A union bound over the cells.
    let log_odds = look.log_odds + (cells.len() as f64).ln();
    for (k, seen) in cells {
        let Some(p) = of_count(k, |x| d.density(x)) else { continue };
        let tolerance = (2.0 * p * (1.0 - p).max(0.0) * log_odds / n).sqrt() + log_odds / (3.0 * n);
        worst.equal(seen / n, p, tolerance, || format!("the share of {n} draws that are {k}, and its probability"));
    }
    worst.verdict()
}

/// g is normal about a draw of high density, with half the covariance of the draws next to it, and smaller until no
/// draw of g leaves the support; then E[g(x) / p(x)] = 1 and the ratio is bounded where p is smooth.
fn of_rows<D: Distribution>(d: &D, look: &Look, drawn: &[Vec<f64>]) -> Verdict
where
    D::Value: Coordinates,
{
    let log_density = |x: &[f64]| of_point(x, |x| d.log_density(x)).unwrap_or(f64::NEG_INFINITY);
    let pilot = &drawn[..500];
    let Some(centre) = pilot.iter().max_by(|a, b| log_density(a).total_cmp(&log_density(b))) else {
        return Verdict::DoesNotApply("there are no draws".into());
    };
    let width = centre.len();
    let offset = |x: &[f64]| -> Vec<f64> { x.iter().zip(centre).map(|(x, c)| x - c).collect() };
    let mut near: Vec<Vec<f64>> = pilot.iter().map(|x| offset(x)).collect();
    let square = |v: &Vec<f64>| v.iter().map(|x| x * x).sum::<f64>();
    near.sort_by(|a, b| square(a).total_cmp(&square(b)));
    near.truncate(250.max(20 * width).min(near.len()));
    let mut covariance = vec![0.0; width * width];
    for v in &near {
        for i in 0..width {
            (0..width).for_each(|j| covariance[i * width + j] += v[i] * v[j] / near.len() as f64);
        }
    }
    let mut g = None;
    for shrink in [0.5, 0.125, 0.03125] {
        let scaled: Vec<f64> = covariance.iter().map(|c| shrink * c).collect();
        let Ok(factor) = Cholesky::new(&scaled) else { break };
        // The corners of g: four standard deviations along each column of its factor.
        let corner = |j: usize, s: f64| -> Vec<f64> {
            (0..width).map(|i| centre[i] + s * if i >= j { factor.factor()[i * width + j] } else { 0.0 }).collect()
        };
        if (0..width).all(|j| [-4.0, 4.0].iter().all(|&s| log_density(&corner(j, s)) > f64::NEG_INFINITY)) {
            g = Some(factor);
            break;
        }
    }
    let Some(g) = g else { return Verdict::DoesNotApply("no normal fits into the support".into()) };
    let ratios: Vec<f64> = drawn[500..]
        .iter()
        .map(|x| {
            let log_g = -0.5 * (g.squared_norm(&offset(x)) + g.log_determinant() + width as f64 * LN_2_PI);
            (log_g - log_density(x)).exp()
        })
        .collect();
    let n = ratios.len() as f64;
    let mean = ratios.iter().sum::<f64>() / n;
    let variance = ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
    let largest = ratios.iter().fold(0.0, |m: f64, r| m.max(*r));
    let tolerance = (2.0 * variance * look.log_odds / n).sqrt() + 3.0 * largest * look.log_odds / n;
    if tolerance > 0.5 {
        return Verdict::DoesNotApply("the draws are too few to tell".into());
    }
    let mut worst = Worst::of("the empirical Bernstein bound");
    worst.equal(mean, 1.0, tolerance, || format!("E[g(x) / p(x)] over {n} draws, and 1"));
    worst.verdict()
}
