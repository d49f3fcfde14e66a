//! `marginal score`: ln p of a file under a fitted model, or of each of its rows.

use std::io::Write;

use marginal::io::ModelFile;

use super::arguments::Score;
use super::failure::Failure;
use super::input::Input;
use super::mixture::Fitted;

pub(super) fn run(arguments: &Score, out: &mut dyn Write) -> Result<(), Failure> {
    let file = ModelFile::load(&arguments.model)?;
    let input = Input::for_model(&arguments.file, &file)?;
    let mut csv = csv::Writer::from_writer(out);
    let rows = input.table.len();
    match Fitted::of(&file.model)? {
        Fitted::Clusters(_) if arguments.per_row => {
            return Err(Failure::because("K-means has no density: leave --per-row out to get the sum of squares"));
        }
        Fitted::Clusters(centroids) => {
            let inertia = centroids.inertia(&input).map_err(|e| input.explain(&e))?;
            csv.write_record(["rows", "sum_of_squares"])?;
            csv.write_record([rows.to_string(), inertia.to_string()])?;
        }
        Fitted::Mixture(mixture) => {
            let log_densities = mixture.log_densities(&input).map_err(|e| input.explain(&e))?;
            if arguments.per_row {
                csv.write_record(["log_density"])?;
                log_densities.iter().try_for_each(|l| csv.write_record([l.to_string()]))?;
            } else {
                let total: f64 = log_densities.iter().sum();
                csv.write_record(["rows", "log_likelihood", "mean_log_density"])?;
                csv.write_record([rows.to_string(), total.to_string(), (total / rows as f64).to_string()])?;
            }
        }
    }
    Ok(csv.flush()?)
}
