//! Angles are radians: what a von Mises column holds that does not look so.

use std::f64::consts::{PI, TAU};

use marginal::data::Table;
use marginal::distributions::Column;

use crate::commands::failure::Failure;
use crate::commands::writing::grid::shortest;

/// What rounding to one digit behind the point may add.
const ROUNDING: f64 = 0.02;

/// The range of a von Mises column.
struct Angles<'a> {
    name: &'a str,
    least: f64,
    greatest: f64,
}

impl Angles<'_> {
    fn within(&self, low: f64, high: f64) -> bool {
        self.least >= low - ROUNDING && self.greatest <= high + ROUNDING
    }

    fn over_a_turn(&self) -> bool {
        self.greatest - self.least > TAU + ROUNDING
    }

    /// `column `wind` runs from 0 to 359`.
    fn range(&self) -> String {
        format!("column `{}` runs from {} to {}", self.name, shortest(self.least), shortest(self.greatest))
    }
}

fn angles<'a>(families: &'a [Column], table: &'a Table) -> impl Iterator<Item = Angles<'a>> {
    let of_column = |d: usize| {
        let values = table.rows().iter().map(|row| row[d]);
        let (least, greatest) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, g), x| (l.min(x), g.max(x)));
        Angles { name: &table.names()[d], least, greatest }
    };
    (0..families.len()).filter(|&d| families[d].name() == "VonMises").map(of_column)
}

/// A sentence for each von Mises column with angles beyond [−π, π] and [0, 2π].
///
/// # Errors
/// A question where angles lie more than a turn apart, unless it was said that they are radians.
pub(crate) fn check(families: &[Column], (file, table): (&str, &Table), radians: bool) -> Result<Vec<String>, Failure> {
    if radians && angles(families, table).next().is_none() {
        return Err(Failure::because("--radians is for columns of the family von-mises: leave it out"));
    }
    if let Some(column) = angles(families, table).find(Angles::over_a_turn).filter(|_| !radians) {
        return Err(Failure::Because(format!(
            "{}: {}, over more than a turn of 2π, and von-mises takes radians: are these degrees? multiply degrees by \
             π/180 = {}; if they are radians, say --radians",
            file,
            column.range(),
            PI / 180.0
        )));
    }
    let beyond = |column: &Angles<'_>| !column.within(-PI, PI) && !column.within(0.0, TAU);
    let told = |column: Angles<'_>| {
        format!(
            "{}, beyond [−π, π] and [0, 2π]: it is taken for radians; degrees must be multiplied by π/180",
            column.range()
        )
    };
    Ok(angles(families, table).filter(beyond).map(told).collect())
}

/// A sentence for each von Mises column that runs over more than a turn, for a model that is there already.
pub(crate) fn beyond_a_turn(families: &[Column], table: &Table) -> Vec<String> {
    let told = |column: Angles<'_>| format!("{}, over more than a turn of 2π: it is taken for radians", column.range());
    angles(families, table).filter(Angles::over_a_turn).map(told).collect()
}
