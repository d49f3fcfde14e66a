//! Laws of F(x) and of its quantiles, for values that are one number.
//!
//! F is the mass of a density, and rounds as a density does: by 16 ε (1 + |ln F| + max |ln p|) of itself.

use std::borrow::Borrow;

use crate::distributions::Cumulative;
use crate::numeric::Sum;

use crate::laws::integrals::line::Line;
use crate::laws::integrals::line::{COUNTS, number};
use crate::laws::integrals::quadrature::{QUADRATURE, masses};
use crate::laws::law::Worst;
use crate::laws::view::ROUND_OFF;
use crate::laws::{Coordinates, Law, Part, Parts, Verdict};

/// Where [`Line::rounding`] comes from.
const ROUNDING: &str = "16 ε (1 + |ln F| + max |ln p|) F, and two ulps of x";

impl<D: Cumulative<Value: Coordinates>> Line<'_, D> {
    fn cdf(&self, parts: &Parts) -> Option<f64> {
        parts.assemble::<D::Value>().map(|x| self.d.cdf(x.borrow()))
    }

    /// By how much F(x) may be off.
    fn rounding(&self, parts: &Parts, cdf: f64) -> f64 {
        let terms = if cdf > 0.0 { (1.0 + cdf.ln().abs() + self.size) * cdf } else { 0.0 };
        let density = self.log_density(parts).exp();
        let ulps = if parts.counts.is_empty() && density > 0.0 { 2.0 * number(parts).abs() * density } else { 0.0 };
        ROUND_OFF * terms + f64::EPSILON * ulps
    }
}

/// x ≤ y ⇒ 0 ≤ F(x) ≤ F(y) ≤ 1, never NaN; F(−∞) = 0 and F(∞) = 1 where x may be infinite.
pub fn the_cdf_rises_from_zero_to_one<D: Cumulative<Value: Coordinates>>() -> Law<D> {
    let statement = "x ≤ y ⇒ 0 ≤ F(x) ≤ F(y) ≤ 1, F(−∞) = 0, F(∞) = 1";
    Law::new("the_cdf_rises_from_zero_to_one", statement, Part::Cumulative, |d: &D| {
        const FAR: [f64; 12] = [
            f64::NEG_INFINITY,
            f64::MIN,
            -1e300,
            -1.0,
            -5e-324,
            0.0,
            5e-324,
            1e-300,
            1.0,
            1e300,
            f64::MAX,
            f64::INFINITY,
        ];
        let line = match Line::of(d) {
            Ok(line) => line,
            Err(unknown) => return Ok(unknown),
        };
        let reals = line.at(0.0).counts.is_empty();
        let far = FAR.iter().filter(|x| reals || **x >= 0.0).map(|x| line.at(*x));
        let mut points: Vec<Parts> = line.some(64).cloned().chain(far).collect();
        points.sort_by(|a, b| number(a).total_cmp(&number(b)));
        let known = |parts: &Parts| Some((number(parts), line.cdf(parts)?, parts.clone()));
        let known: Vec<(f64, f64, Parts)> = points.iter().filter_map(known).collect();
        let mut worst = Worst::of(ROUNDING);
        for (x, cdf, _) in &known {
            worst.at_least(*cdf, 0.0, 0.0, format_args!("F({x:?}) and 0"));
            worst.at_least(1.0, *cdf, 0.0, format_args!("1 and F({x:?})"));
            if x.is_infinite() {
                let limit = if *x < 0.0 { 0.0 } else { 1.0 };
                worst.equal(*cdf, limit, ROUND_OFF, format_args!("F({x:?}) and {limit}"));
            }
        }
        for pair in known.windows(2) {
            let ((x, below, at), (y, above, _)) = (&pair[0], &pair[1]);
            let tolerance = line.rounding(at, *below);
            worst.at_least(*above, *below, tolerance, format_args!("F({y:?}) and F({x:?})"));
        }
        Ok(worst.verdict())
    })
}

/// F(y) − F(x) = ∫_x^y p, or Σ p(k) over x < k ≤ y; from −∞ on, and up to ∞.
pub fn the_cdf_is_the_mass_below<D: Cumulative<Value: Coordinates>>() -> Law<D> {
    let statement = "F(x) = ∫_(−∞)^x p, or Σ_(k ≤ x) p(k)";
    Law::new("the_cdf_is_the_mass_below", statement, Part::Cumulative, |d: &D| {
        let line = match Line::of(d) {
            Ok(line) => line,
            Err(unknown) => return Ok(unknown),
        };
        if line.counts {
            return Ok(mass_of_counts(&line));
        }
        let points: Vec<f64> = line.drawn.iter().map(number).collect();
        let (breaks, masses) = match masses(&|x| line.log_density(&line.at(x)), d.period(), &points) {
            Ok(known) => known,
            Err(unknown) => return Ok(unknown),
        };
        let mut worst = Worst::of("1e-7 for the quadrature");
        let (mut from, mut below) = (f64::NEG_INFINITY, 0.0);
        let ends = breaks.iter().map(|x| (*x, line.cdf(&line.at(*x)))).chain([(f64::INFINITY, Some(1.0))]);
        for ((to, cdf), mass) in ends.zip(masses) {
            let Some(cdf) = cdf else { continue };
            worst.equal(cdf - below, mass, QUADRATURE, format_args!("F({to:?}) − F({from:?}), and the mass between"));
            (from, below) = (to, cdf);
        }
        Ok(worst.verdict())
    })
    .cost(4)
}

fn mass_of_counts<D: Cumulative<Value: Coordinates>>(line: &Line<'_, D>) -> Verdict {
    let largest = line.drawn.last().map_or(0.0, number);
    if largest > COUNTS as f64 {
        return Verdict::DoesNotApply("the counts are too large to be summed".into());
    }
    let mut worst = Worst::of("16 ε (1 + |ln F| + max |ln p|) F + 16 ε Σ p (1 + |ln p|)");
    let (mut mass, mut rounding) = (Sum::default(), Sum::default());
    for k in 0..=largest as u64 {
        let parts = line.at(k as f64);
        let log = line.log_density(&parts);
        if log > f64::NEG_INFINITY {
            mass.add(log.exp());
            rounding.add(ROUND_OFF * log.exp() * (1.0 + log.abs()));
        }
        if let Some(cdf) = line.cdf(&parts) {
            let tolerance = line.rounding(&parts, cdf) + rounding.value();
            worst.equal(cdf, mass.value(), tolerance, format_args!("F({k}), and the sum of p up to it"));
        }
    }
    worst.verdict()
}

/// q(p) is the least x with F(x) ≥ p: q(p) ≤ x where p ≤ F(x), and nowhere else.
pub fn the_quantile_is_the_least_that_reaches_p<D: Cumulative<Value: Coordinates>>() -> Law<D> {
    let statement = "q(p) ≤ x ⇔ p ≤ F(x)";
    Law::new("the_quantile_is_the_least_that_reaches_p", statement, Part::Quantile, |d: &D| {
        const LEVELS: [f64; 12] = [0.0, 1e-300, 1e-12, 1e-3, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1.0 - 1e-12, 1.0];
        let line = match Line::of(d) {
            Ok(line) => line,
            Err(unknown) => return Ok(unknown),
        };
        let mut worst = Worst::of(ROUNDING);
        for p in LEVELS {
            let quantile = d.quantile(p)?;
            let at = Parts::of(&quantile);
            let before = match number(&at) {
                k if !at.counts.is_empty() || line.counts => (k >= 1.0).then(|| line.at(k - 1.0)),
                x => Some(line.at(x.next_down())),
            };
            for point in line.some(24).chain([&at]).chain(&before) {
                let Some((x, cdf)) = point.assemble::<D::Value>().zip(line.cdf(point)) else { continue };
                let (x, tolerance): (&D::Value, f64) = (x.borrow(), line.rounding(point, cdf));
                if quantile <= *x {
                    worst.at_least(cdf, p, tolerance, format_args!("F({x:?}) and p, as q({p:?}) = {quantile:?} ≤ x"));
                } else {
                    worst.at_least(p, cdf, tolerance, format_args!("p and F({x:?}), as q({p:?}) = {quantile:?} > x"));
                }
            }
        }
        Ok(worst.verdict())
    })
    .cost(4)
}

/// q(F(x)) = x where p(x) > 0: exactly for counts whose p(x) the rounding of F does not cover, for numbers within that
/// rounding over p(x), unless p halves within it.
pub fn the_quantile_undoes_the_cdf<D: Cumulative<Value: Coordinates>>() -> Law<D> {
    let statement = "p(x) > 0 ⇒ q(F(x)) = x";
    Law::new("the_quantile_undoes_the_cdf", statement, Part::Quantile, |d: &D| {
        let line = match Line::of(d) {
            Ok(line) => line,
            Err(unknown) => return Ok(unknown),
        };
        let mut worst = Worst::of("twice the rounding of F over p, and two ulps of x");
        for point in line.some(16) {
            let (Some(cdf), log_density) = (line.cdf(point), line.log_density(point)) else { continue };
            let (x, rounding) = (number(point), line.rounding(point, cdf));
            let reach =
                if line.counts { 0.0 } else { 2.0 * rounding / log_density.exp() + 2.0 * f64::EPSILON * x.abs() };
            let lasts = |x: f64| line.log_density(&line.at(x)) >= log_density - std::f64::consts::LN_2;
            let clear =
                if line.counts { log_density.exp() > 2.0 * rounding } else { lasts(x - reach) && lasts(x + reach) };
            if clear {
                let back = number(&Parts::of(&d.quantile(cdf)?));
                worst.equal(back, x, reach, format_args!("q(F({x:?})) = q({cdf:?}), and {x:?}"));
            }
        }
        Ok(worst.verdict())
    })
    .cost(4)
}

/// Of what is no probability there is no quantile, but an error.
pub fn only_probabilities_have_quantiles<D: Cumulative<Value: Coordinates>>() -> Law<D> {
    let statement = "p ∉ [0, 1] ⇒ q(p) is an error";
    Law::new("only_probabilities_have_quantiles", statement, Part::Quantile, |d: &D| {
        let mut worst = Worst::of("none");
        for p in [-5e-324, -0.1, 1.0 + f64::EPSILON, 2.0, f64::NEG_INFINITY, f64::INFINITY, f64::NAN] {
            let answered = d.quantile(p).ok();
            let answers = f64::from(u8::from(answered.is_some()));
            worst.equal(answers, 0.0, 0.0, format_args!("how many quantiles of p = {p:?}: {answered:?}"));
        }
        Ok(worst.verdict())
    })
}
