//! The law of `linear_gaussian`: exact inference takes the line for the density, so they must be one.

use std::borrow::Borrow;

use crate::conditionals::{ConditionalDistribution, RegressionLine, Value};
use crate::numeric::LN_2_PI;

use super::conditional::Slice;
use crate::laws::law::Worst;
use crate::laws::view::ROUND_OFF;
use crate::laws::{Law, Part};

/// Where the density is looked at, in standard deviations from the line.
const PLACES: [f64; 6] = [-4.0, -1.5, -0.25, 0.0, 0.5, 3.0];
/// How far real parents are moved: by what takes whole numbers elsewhere, so finite ones stay.
const MOVES: [f64; 3] = [0.0, 0.5, -2.25];

/// A line is of the density, ln p(x | y) = ln N(x; a + b·y, σ²), and the same for all values of the real parents. Where there is no line, there is nothing to compare.
pub fn the_line_is_the_density<C: ConditionalDistribution>() -> Law<Slice<C>>
where
    C::Given: Value,
    C::Value: Value,
{
    let (name, statement) = ("the_line_is_the_density", "ln p(x | y) = ln N(x; a + b·y, σ²)");
    Law::new(name, statement, Part::Coordinates, |slice: &Slice<C>| {
        let mut worst = Worst::of("16 ε × the terms' sizes");
        worst.equal(0.0, 0.0, 0.0, format_args!(""));
        let given: &C::Given = slice.given.borrow();
        let Some(line) = slice.conditional.linear_gaussian(given) else { return Ok(worst.verdict()) };
        let cells = given.with_cells(<[f64]>::to_vec);
        if !line.is_valid(cells.len()) {
            worst.equal(1.0, 0.0, 0.0, format_args!("whether {line:?} lacks a slope, or a finite number, or σ > 0"));
            return Ok(worst.verdict());
        }
        for by in MOVES {
            let mut moved = cells.clone();
            for place in 0..cells.len() {
                moved[place] += by;
                if C::Given::from_cells(&moved, |_| ()).is_none() {
                    moved[place] = cells[place];
                }
            }
            let there = C::Given::from_cells(&moved, |y| slice.conditional.linear_gaussian(y)).flatten();
            let differs = f64::from(u8::from(there.as_ref() != Some(&line)));
            worst.equal(differs, 0.0, 0.0, format_args!("whether the lines at {cells:?} and {moved:?} differ"));
            for place in PLACES {
                let x = line.at(&moved) + place * line.standard_deviation;
                let density = |x: &C::Value| C::Given::from_cells(&moved, |y| slice.conditional.log_density(x, y));
                let found = C::Value::from_cells(&[x], density).flatten().unwrap_or(f64::NEG_INFINITY);
                let (expected, tolerance) = normal(&line, &moved, x);
                worst.equal(found, expected, tolerance, format_args!("ln p({x} | {moved:?}), and by {line:?}"));
            }
        }
        Ok(worst.verdict())
    })
}

/// ln N(x; a + b·y, σ²), and what round-off does to it.
fn normal(line: &RegressionLine, y: &[f64], x: f64) -> (f64, f64) {
    let sigma = line.standard_deviation;
    let z = (x - line.at(y)) / sigma;
    let log_density = -0.5 * z * z - sigma.ln() - 0.5 * LN_2_PI;
    let terms: f64 = line.slopes.iter().zip(y).filter(|(b, _)| **b != 0.0).map(|(b, y)| (b * y).abs()).sum();
    let cancelled = z.abs() * (x.abs() + line.intercept.abs() + terms) / sigma;
    (log_density, ROUND_OFF * (1.0 + z * z + sigma.ln().abs() + cancelled))
}
