//! `marginal verify`: a fitted model put to every law that applies, on rows of a file.

use std::io::Write;

use marginal::data::{Dataset, InMemory};
use marginal::io::{ModelFile, SavedModel};
use marginal::latent::LatentModel;
use marginal::laws::{self, LatentCase, Law, Observations, Report};
use marginal::models::KMeans;

use super::arguments::Verify;
use super::failure::Failure;
use super::input::Input;

pub(super) fn run(arguments: &Verify, out: &mut dyn Write) -> Result<(), Failure> {
    let file = ModelFile::load(&arguments.model)?;
    let input = Input::for_model(&arguments.file, &file, arguments.weights.as_ref())?;
    let report = match file.model {
        SavedModel::KMeans(centroids) => {
            let model: KMeans = KMeans::new(centroids.centres().len());
            report(&laws::latent_model(), model, centroids, arguments, &input)
        }
        SavedModel::GaussianMixture(mixture) => {
            report(&laws::finite_latent(), mixture.clone(), mixture, arguments, &input)
        }
        SavedModel::ColumnMixture(mixture) => {
            report(&laws::finite_latent(), mixture.clone(), mixture, arguments, &input)
        }
        _ => Err(Failure::because("this kind of model is not known here: fit it with this version")),
    }?;
    write!(out, "{report}")?;
    match report.suspect() {
        None if report.holds() => Ok(()),
        None => Err(Failure::because("no law could tell: give it rows that the model can be fitted to")),
        Some(suspect) => {
            Err(Failure::because(format!("laws broken: {}; suspect the {suspect}", report.broken().count())))
        }
    }
}

/// The laws on at most so many of the rows: each looks at every row many times.
fn report<M>(
    suite: &[Law<LatentCase<M>>],
    model: M,
    theta: M::Parameters,
    arguments: &Verify,
    input: &Input,
) -> Result<Report, Failure>
where
    M: LatentModel<Observation = [f64]>,
{
    let sample =
        Dataset::<[f64]>::subsample(input, arguments.rows.get(), arguments.seed).map_err(|e| input.explain(&e))?;
    let weights = InMemory::<[f64]>::weights(&sample).unwrap_or_default();
    let rows = InMemory::<[f64]>::block(&sample);
    let observations = Observations::new((0..rows.len()).map(|n| (rows.row(n), weights[n])));
    Ok(laws::check(suite, &LatentCase::new(model, theta, observations)))
}
