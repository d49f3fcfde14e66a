//! Angles are radians: what a von Mises column holds that does not look so.

use std::f64::consts::{PI, TAU};

use marginal::distributions::Column;

use super::failure::Failure;
use super::input::Input;

/// What rounding to one digit behind the point may add.
const ROUNDING: f64 = 0.02;

/// A sentence for each von Mises column with angles beyond [−π, π] and [0, 2π].
///
/// # Errors
/// A question where angles lie more than a turn apart, unless it was said that they are radians.
pub(super) fn check(families: &[Column], input: &Input, radians: bool) -> Result<Vec<String>, Failure> {
    let angles: Vec<usize> = (0..families.len()).filter(|&d| families[d].name() == "VonMises").collect();
    if angles.is_empty() && radians {
        return Err(Failure::because("--radians is for columns of the family von-mises: leave it out"));
    }
    let mut told = Vec::new();
    for d in angles {
        let values = input.table.rows().iter().map(|row| row[d]);
        let (least, greatest) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, g), x| (l.min(x), g.max(x)));
        let name = &input.table.names()[d];
        if greatest - least > TAU + ROUNDING && !radians {
            return Err(Failure::Because(format!(
                "{}: column `{name}` runs from {least} to {greatest}, over more than a turn of 2π, and von-mises takes \
                 radians: are these degrees? multiply degrees by π/180 = {}; if they are radians, say --radians",
                input.shown(),
                PI / 180.0
            )));
        }
        let within = |low: f64, high: f64| least >= low - ROUNDING && greatest <= high + ROUNDING;
        if !within(-PI, PI) && !within(0.0, TAU) {
            told.push(format!(
                "column `{name}` runs from {least} to {greatest}, beyond [−π, π] and [0, 2π]: it is taken for radians; \
                 degrees must be multiplied by π/180"
            ));
        }
    }
    Ok(told)
}
