//! `marginal predict`: the most probable component of each row, or its nearest centre.

use std::io::Write;

use marginal::io::{ModelFile, SavedModel};

use super::arguments::Predict;
use super::failure::Failure;
use super::input::Input;

pub(super) fn run(arguments: &Predict, out: &mut dyn Write) -> Result<(), Failure> {
    let file = ModelFile::load(&arguments.model)?;
    let input = Input::for_model(&arguments.file, &file)?;
    let mut csv = csv::Writer::from_writer(out);
    match (&file.model, arguments.responsibilities) {
        (SavedModel::KMeans(_), true) => {
            return Err(Failure::because("K-means has no responsibilities: leave --responsibilities out"));
        }
        (SavedModel::KMeans(centroids), false) => {
            let labels = centroids.labels(&input.table).map_err(|e| input.explain(&e))?;
            csv.write_record(["cluster"])?;
            labels.iter().try_for_each(|label| csv.write_record([label.to_string()]))?;
        }
        (SavedModel::GaussianMixture(mixture), responsibilities) => {
            let labels = mixture.labels(&input.table).map_err(|e| input.explain(&e))?;
            if responsibilities {
                let shares = mixture.responsibilities(&input.table).map_err(|e| input.explain(&e))?;
                let header = (0..shares.columns()).map(|k| format!("p{k}"));
                csv.write_record(std::iter::once("component".to_owned()).chain(header))?;
                for (label, shares) in labels.iter().zip(shares.rows().iter()) {
                    csv.write_record(std::iter::once(label.to_string()).chain(shares.iter().map(f64::to_string)))?;
                }
            } else {
                csv.write_record(["component"])?;
                labels.iter().try_for_each(|label| csv.write_record([label.to_string()]))?;
            }
        }
        _ => return Err(Failure::because("this kind of model assigns no labels")),
    }
    Ok(csv.flush()?)
}
