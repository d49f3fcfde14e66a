//! Laws of mean, variance and entropy, for values that are one number.
//!
//! Moments are taken about the median of some draws, so that no large number is subtracted from another.

use std::f64::consts::LN_2;

use crate::distributions::{Distribution, Summary};
use crate::numeric::Sum;

use crate::laws::integrals::line::Line;
use crate::laws::integrals::line::{COUNTS, number};
use crate::laws::integrals::quadrature::{QUADRATURE, masses};
use crate::laws::law::{Failure, Worst};
use crate::laws::view::ROUND_OFF;
use crate::laws::{Coordinates, Law, Part, Verdict};

const QUADRATURES: &str = "1e-7 for each quadrature, in units of up to eight times its value";
const TERMS: &str = "16 ε (1 + |ln p|) of every term of the sum";

/// A number and by how much it may be off.
type Known = (f64, f64);

/// E\[X\] = ∫ x p(x) dx, or Σ_k k p(k), and the integral has an end.
pub fn the_mean_is_the_first_moment<D: Summary<Value: Coordinates>>() -> Law<D> {
    let statement = "E[X] = ∫ x p(x) dx, or Σ k p(k)";
    Law::new("the_mean_is_the_first_moment", statement, Part::Summary, |d: &D| {
        let Some(claimed) = d.mean() else { return Ok(unknown("mean")) };
        let verdict = Line::of(d).and_then(|line| Ok(compare("the mean", claimed, first_moment(&line)?, &line)));
        Ok(verdict.unwrap_or_else(|unknown| unknown))
    })
    .cost(4)
}

/// Var\[X\] = ∫ (x − E\[X\])² p(x) dx, or Σ_k (k − E\[X\])² p(k); ∞ where the integral has no end.
pub fn the_variance_is_the_second_moment_about_the_mean<D: Summary<Value: Coordinates>>() -> Law<D> {
    let statement = "Var[X] = ∫ (x − E[X])² p(x) dx, or Σ (k − E[X])² p(k)";
    Law::new("the_variance_is_the_second_moment_about_the_mean", statement, Part::Summary, |d: &D| {
        let Some(claimed) = d.variance() else { return Ok(unknown("variance")) };
        let verdict = Line::of(d).and_then(|line| {
            if claimed == f64::INFINITY && !line.counts {
                return Ok(no_end(&line));
            }
            Ok(compare("the variance", claimed, second_moment(&line)?, &line))
        });
        Ok(verdict.unwrap_or_else(|unknown| unknown))
    })
    .cost(4)
}

/// H = −∫ p(x) ln p(x) dx, or −Σ_k p(k) ln p(k).
pub fn the_entropy_is_minus_the_mean_log_density<D: Summary<Value: Coordinates>>() -> Law<D> {
    let statement = "H = −∫ p(x) ln p(x) dx, or −Σ p(k) ln p(k)";
    Law::new("the_entropy_is_minus_the_mean_log_density", statement, Part::Summary, |d: &D| {
        let Some(claimed) = d.entropy() else { return Ok(unknown("entropy")) };
        let verdict = Line::of(d).and_then(|line| Ok(compare("the entropy", claimed, entropy(&line)?, &line)));
        Ok(verdict.unwrap_or_else(|unknown| unknown))
    })
    .cost(4)
}

fn unknown(what: &str) -> Verdict {
    Verdict::NotPromised(format!("no {what} is claimed"))
}

fn compare<D>(what: &str, claimed: f64, (value, off): Known, line: &Line<'_, D>) -> Verdict {
    let mut worst = Worst::of(if line.counts { TERMS } else { QUADRATURES });
    worst.equal(claimed, value, off, format_args!("{what}, and what the density makes of it"));
    worst.verdict()
}

fn first_moment<D: Distribution<Value: Coordinates>>(line: &Line<'_, D>) -> Result<Known, Verdict> {
    if line.counts {
        return of_counts(line, &|k, _| k);
    }
    ends(line, 1)?;
    let (centre, spread) = middle(line);
    let (mean, off) = expected(line, &|x, _| (x - centre) / spread)?;
    Ok((centre + spread * mean, spread * off + ROUND_OFF * centre.abs()))
}

fn second_moment<D: Distribution<Value: Coordinates>>(line: &Line<'_, D>) -> Result<Known, Verdict> {
    let (mean, off_mean) = first_moment(line)?;
    if line.counts {
        return of_counts(line, &|k, _| (k - mean).powi(2));
    }
    ends(line, 2)?;
    let (centre, spread) = middle(line);
    let (square, off) = integral(line, spread * spread, &|x, _| (x - centre).powi(2))?;
    Ok((square - (mean - centre).powi(2), off + 2.0 * (mean - centre).abs() * off_mean))
}

fn entropy<D: Distribution<Value: Coordinates>>(line: &Line<'_, D>) -> Result<Known, Verdict> {
    if line.counts {
        return of_counts(line, &|_, log| -log);
    }
    // About ln p where it is typical, so that no large number is subtracted from another.
    let typical = line.drawn.get(line.drawn.len() / 2).map_or(0.0, |x| line.log_density(x));
    let (above, off) = expected(line, &|_, log| log - typical)?;
    Ok((-above - typical, off + ROUND_OFF * typical.abs()))
}

/// Σ_k f(k, ln p(k)) p(k).
fn of_counts<D: Distribution<Value: Coordinates>>(
    line: &Line<'_, D>,
    f: &dyn Fn(f64, f64) -> f64,
) -> Result<Known, Verdict> {
    let largest = line.drawn.last().map_or(0.0, number);
    let (mut sum, mut off) = (Sum::default(), Sum::default());
    for k in 0..COUNTS {
        let k = k as f64;
        let log = line.log_density(&line.at(k));
        let term = if log > f64::NEG_INFINITY { f(k, log) * log.exp() } else { 0.0 };
        sum.add(term);
        off.add(ROUND_OFF * term.abs() * (1.0 + log.abs().min(f64::MAX)));
        // What falls faster than 1/k² leaves less than k times the last term.
        let rest = k * term.abs();
        if k > 2.0 * largest + 64.0 && rest <= f64::EPSILON * sum.value().abs() {
            return Ok((sum.value(), off.value() + rest));
        }
    }
    Err(Verdict::DoesNotApply("the counts have too long a tail to be summed".into()))
}

/// E[f(X, ln p(X))], as the difference of two expectations of what is positive: √(1 + f²) + f and √(1 + f²) − f.
fn expected<D: Distribution<Value: Coordinates>>(
    line: &Line<'_, D>,
    f: &dyn Fn(f64, f64) -> f64,
) -> Result<Known, Verdict> {
    let positive = |f: f64| if f > 0.0 { f.hypot(1.0) + f } else { (f.hypot(1.0) - f).recip() };
    let (above, off_above) = integral(line, 1.0, &|x, log| positive(f(x, log)))?;
    let (below, off_below) = integral(line, 1.0, &|x, log| positive(-f(x, log)))?;
    Ok((0.5 * (above - below), 0.5 * (off_above + off_below)))
}

/// ∫ f(x, ln p(x)) p(x) dx of f ≥ 0, which is of the order of `unit` or larger.
fn integral<D: Distribution<Value: Coordinates>>(
    line: &Line<'_, D>,
    unit: f64,
    f: &dyn Fn(f64, f64) -> f64,
) -> Result<Known, Verdict> {
    let points: Vec<f64> = line.drawn.iter().map(number).collect();
    // The quadrature is made for masses up to 1.
    for unit in (0..20).map(|k| unit * 8f64.powi(k)) {
        let log_share = |x: f64| match line.log_density(&line.at(x)) {
            f64::NEG_INFINITY => f64::NEG_INFINITY,
            log => log + (f(x, log) / unit).ln(),
        };
        let share = masses(&log_share, line.d.period(), &points)?.1.into_iter().collect::<Sum>().value();
        if share <= 1.0 {
            return Ok((unit * share, QUADRATURE * unit));
        }
    }
    Err(Verdict::DoesNotApply("the integral is too large for the kit's quadrature".into()))
}

/// The median of the draws, and the mean distance from it of the half that is nearest.
fn middle<D>(line: &Line<'_, D>) -> (f64, f64) {
    let centre = line.drawn.get(line.drawn.len() / 2).map_or(0.0, number);
    let mut distances: Vec<f64> = line.drawn.iter().map(|x| (number(x) - centre).abs()).collect();
    distances.sort_by(f64::total_cmp);
    let near = &distances[..distances.len().div_ceil(2)];
    (centre, (near.iter().sum::<f64>() / near.len() as f64).max(f64::MIN_POSITIVE))
}

/// ln(x^(k+1) p(x)) at the distances 2⁴⁰⁰ and 2⁸⁰⁰ of the middle, where that is greatest: ∫ x^k p has an end only if it
/// falls.
fn far_out<D: Distribution<Value: Coordinates>>(line: &Line<'_, D>, order: i32) -> [f64; 2] {
    let (centre, spread) = middle(line);
    [400, 800].map(|doublings| {
        let log_distance = f64::from(order + 1) * f64::from(doublings) * LN_2;
        let log = |sign: f64| line.log_density(&line.at(centre + sign * spread * 2f64.powi(doublings)));
        let log_density = log(-1.0).max(log(1.0));
        log_distance + log_density + spread.ln()
    })
}

/// Fails if ∫ |x|^k p has no end; cannot tell if what lies beyond all numbers matters.
fn ends<D: Distribution<Value: Coordinates>>(line: &Line<'_, D>, order: i32) -> Result<(), Verdict> {
    let [near, far] = far_out(line, order);
    if line.d.period().is_some() || far < (0.01 * QUADRATURE).ln() {
        return Ok(());
    }
    if far < near - 1e-6 {
        return Err(Verdict::DoesNotApply("too much of the integral lies beyond all numbers".into()));
    }
    let because = format!("E|X|^{order} is infinite: |x|^{} p(x) does not fall", order + 1);
    Err(Verdict::Fails(Failure { left: far, right: near, tolerance: 0.0, from: "none", because, suspects: Vec::new() }))
}

/// A variance of ∞ is that of an integral without end.
fn no_end<D: Distribution<Value: Coordinates>>(line: &Line<'_, D>) -> Verdict {
    let [near, far] = far_out(line, 2);
    let mut worst = Worst::of("1e-6 for ln p at 2⁸⁰⁰");
    worst.at_least(far, near, 1e-6, format_args!("ln(|x|³ p(x)) at 2⁸⁰⁰ and at 2⁴⁰⁰ spreads, for a variance of ∞"));
    worst.verdict()
}
