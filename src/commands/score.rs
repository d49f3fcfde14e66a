//! `marginal score`: ln p of a file under a fitted model, or of each of its rows.

use std::io::Write;

use marginal::data::InMemory;
use marginal::io::ModelFile;
use marginal::numeric::Sum;

use super::arguments::Score;
use super::failure::Failure;
use super::grid::shortest;
use super::input::Input;
use super::mixture::Fitted;

pub(super) fn run(arguments: &Score, out: &mut dyn Write) -> Result<(), Failure> {
    let file = ModelFile::load(&arguments.model)?;
    let input = Input::for_model(&arguments.file, &file, arguments.weights.as_ref())?;
    let mut csv = csv::Writer::from_writer(out);
    let rows = input.table.len();
    match Fitted::of(&file.model)? {
        Fitted::Clusters(_) if arguments.per_row => {
            return Err(Failure::because("K-means has no density: leave --per-row out to get the sum of squares"));
        }
        Fitted::Clusters(centroids) => {
            let inertia = centroids.inertia(&input).map_err(|e| input.explain(&e))?;
            csv.write_record(["rows", "sum_of_squares"])?;
            csv.write_record([rows.to_string(), shortest(inertia)])?;
        }
        Fitted::Mixture(mixture) => {
            let log_densities = mixture.log_densities(&input).map_err(|e| input.explain(&e))?;
            if arguments.per_row {
                csv.write_record(["log_density"])?;
                log_densities.iter().try_for_each(|l| csv.write_record([shortest(*l)]))?;
            } else {
                let weights: Option<&[f64]> = input.weights();
                let weight = |n: usize| weights.map_or(1.0, |w| w[n]);
                let terms = log_densities.iter().enumerate().filter(|(n, _)| weight(*n) > 0.0);
                let total = terms.map(|(n, l)| weight(n) * l).collect::<Sum>().value();
                let mass = weights.map_or(rows as f64, |w| w.iter().sum());
                csv.write_record(["rows", "log_likelihood", "mean_log_density"])?;
                csv.write_record([rows.to_string(), shortest(total), shortest(total / mass)])?;
            }
        }
    }
    Ok(csv.flush()?)
}
