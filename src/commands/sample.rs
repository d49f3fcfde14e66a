//! `marginal sample`: rows drawn from a fitted model.

use std::io::Write;

use marginal::io::ModelFile;
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

use super::failure::Failure;
use super::fitted::Fitted;
use crate::commands::arguments::uses::Sample;
use crate::commands::writing::grid::shortest;

pub(super) fn run(arguments: &Sample, out: &mut dyn Write) -> Result<(), Failure> {
    let file = ModelFile::load(&arguments.model)?;
    let fitted = Fitted::of(&file.model)?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(arguments.seed);
    let Some(draws) = fitted.draws(&mut rng) else {
        return Err(Failure::because(
            "K-means is not a distribution: nothing to draw from; fit a mixture with `fit gmm` or `fit mixture`",
        ));
    };
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(&file.columns)?;
    for (_, row) in (0..arguments.rows).zip(draws) {
        csv.write_record(row.iter().map(|x| shortest(*x)))?;
    }
    Ok(csv.flush()?)
}
