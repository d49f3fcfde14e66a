//! `marginal predict`: the most probable component of each row, or its nearest centre.

use std::io::Write;

use marginal::io::ModelFile;

use super::arguments::Predict;
use super::failure::Failure;
use super::grid::shortest;
use super::input::Input;
use super::mixture::Fitted;

pub(super) fn run(arguments: &Predict, out: &mut dyn Write) -> Result<(), Failure> {
    let file = ModelFile::load(&arguments.model)?;
    let input = Input::for_model(&arguments.file, &file, None)?;
    let mut csv = csv::Writer::from_writer(out);
    match (Fitted::of(&file.model)?, arguments.responsibilities) {
        (Fitted::Clusters(_), true) => {
            return Err(Failure::because("K-means has no responsibilities: leave --responsibilities out"));
        }
        (Fitted::Mixture(mixture), true) => {
            let shares = mixture.responsibilities(&input).map_err(|e| input.explain(&e))?;
            let labels = mixture.labels(&input).map_err(|e| input.explain(&e))?;
            let header = (0..shares.columns()).map(|k| format!("p{k}"));
            csv.write_record(std::iter::once("component".to_owned()).chain(header))?;
            for (label, shares) in labels.iter().zip(shares.rows().iter()) {
                csv.write_record(std::iter::once(label.to_string()).chain(shares.iter().map(|p| shortest(*p))))?;
            }
        }
        (fitted, false) => {
            let labels = fitted.labels(&input).map_err(|e| input.explain(&e))?;
            csv.write_record([if matches!(fitted, Fitted::Clusters(_)) { "cluster" } else { "component" }])?;
            labels.iter().try_for_each(|label| csv.write_record([label.to_string()]))?;
        }
    }
    Ok(csv.flush()?)
}
