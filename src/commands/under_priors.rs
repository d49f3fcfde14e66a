//! The models that are asked for, under the priors that are asked for.

use marginal::Error;
use marginal::components::{Components, Gaussians, InverseWishart};
use marginal::data::InMemory;
use marginal::distributions::{Column, Dirichlet, Imagined, Independent, MultivariateNormal, Scatter, WithPrior};
use marginal::em::Em;
use marginal::models::{ColumnMixture, GaussianMixture, HiddenMarkovModel, Mixture};

use crate::commands::arguments::options::{Gmm, Model};
use crate::commands::arguments::prior::Priors;
use crate::commands::reading::input::Input;

/// The values by which a column is spread.
const VALUES: usize = 256;

/// Columns under the prior of imagined rows.
pub(super) type ImaginedColumns = Independent<WithPrior<Column, Imagined<f64>>>;

/// The priors that are asked for, of parameters that the model has.
pub(super) fn priors(model: &Model) -> Result<Priors, String> {
    let (what, known): (_, &[&str]) = match model {
        Model::Kmeans(_) => ("K-means", &[]),
        Model::Gmm(_) => ("a Gaussian mixture", &["weak", "covariance", "proportions"]),
        Model::Factors(_) => ("factor analysis", &[]),
        Model::Mixture(_) => ("a mixture of families", &["weak", "rows", "proportions"]),
        Model::Hmm(hmm) if hmm.family.is_empty() => {
            ("a chain with normal emissions", &["weak", "covariance", "initial", "transitions"])
        }
        Model::Hmm(_) => ("a chain with emissions of families", &["weak", "rows", "initial", "transitions"]),
    };
    model.common().prior.of(what, known)
}

pub(super) fn gaussian_mixture(gmm: &Gmm, priors: &Priors, k: usize, data: &Input) -> Result<GaussianMixture, Error> {
    let mut model = GaussianMixture::new(k).covariance(gmm.covariance.into()).floor(gmm.floor);
    model = model.missing_cells(data.missing.is_some());
    if let Some(prior) = dirichlet(priors.proportions, k)? {
        model = model.proportions_prior(prior);
    }
    Ok(if priors.covariance { model.prior(weak(k, data)?) } else { model })
}

/// The same as a bank, from which fits with labels or groups start.
pub(super) fn gaussians(gmm: &Gmm, priors: &Priors, k: usize, data: &Input) -> Result<Gaussians, Error> {
    let bank = Gaussians::new(vec![MultivariateNormal::standard(data.table.columns()); k])?;
    let bank = bank.covariance(gmm.covariance.into()).floor(gmm.floor).missing_cells(data.missing.is_some());
    Ok(if priors.covariance { bank.prior(weak(k, data)?) } else { bank })
}

pub(super) fn column_mixture(
    families: &[Column],
    priors: &Priors,
    k: usize,
    data: &Input,
) -> Result<ColumnMixture, Error> {
    let model = ColumnMixture::new(k, families.to_vec())?.missing_cells(data.missing.is_some());
    if let Some(prior) = dirichlet(priors.proportions, k)? { model.proportions_prior(prior) } else { Ok(model) }
}

/// A mixture of this bank, under the prior of its proportions.
pub(super) fn mixture<C: Components>(bank: C, priors: &Priors) -> Result<Mixture<C>, Error> {
    let model = Mixture::of(bank)?;
    let prior = dirichlet(priors.proportions, model.proportions().len())?;
    if let Some(prior) = prior { model.proportions_prior(prior) } else { Ok(model) }
}

/// A chain under the priors of its first probabilities and its transitions.
pub(super) fn chain<C: Components>(bank: C, priors: &Priors) -> Result<HiddenMarkovModel<C>, Error> {
    let k = bank.count();
    let mut model = HiddenMarkovModel::of(bank)?;
    if let Some(prior) = dirichlet(priors.initial, k)? {
        model = model.initial_prior(prior)?;
    }
    match dirichlet(priors.transitions, k)? {
        Some(prior) => model.transition_priors(vec![prior; k]),
        None => Ok(model),
    }
}

/// A more of each; of a single one there is nothing to say.
fn dirichlet(a: Option<f64>, k: usize) -> Result<Option<Dirichlet>, Error> {
    a.filter(|_| k > 1).map(|a| Dirichlet::new(vec![1.0 + a; k])).transpose()
}

/// The weak inverse-Wishart prior of Fraley and Raftery, from all rows.
pub(super) fn weak(k: usize, data: &Input) -> Result<InverseWishart, Error> {
    if data.missing.is_some_and(|cells| cells > 0) {
        let one = GaussianMixture::new(1).missing_cells(true);
        let all = Em::default().fit(&one, data)?.parameters;
        let (d, covariance) = (data.table.columns() as f64, all.components()[0].covariance());
        let shrink = (k.max(1) as f64).powf(-2.0 / d);
        return InverseWishart::new(d + 2.0, covariance.iter().map(|s| s * shrink).collect());
    }
    InverseWishart::weak(&scatter(data), k)
}

/// The statistics of all rows.
pub(super) fn scatter(data: &Input) -> Scatter {
    let block = data.block();
    let mut all = Scatter::full(block.columns());
    let ones = if data.weights().is_none() { vec![1.0; block.len()] } else { Vec::new() };
    all.add(block.values(), data.weights().unwrap_or(&ones));
    all
}

/// These columns, each under so many rows that are spread as the file is.
pub(super) fn imagined(columns: &Independent<Column>, rows: f64, data: &Input) -> Result<ImaginedColumns, Error> {
    let of_column = |(d, column): (usize, &Column)| {
        let (values, weights) = spread(data.table.column(d), data.weights(), rows);
        let prior = Imagined::weighted(values, weights);
        let under_prior = prior.and_then(|prior| WithPrior::new(column.clone(), prior));
        under_prior.map_err(|error| Error::AtColumn { column: d, source: Box::new(error) })
    };
    let parts = columns.parts().iter().enumerate().map(of_column).collect::<Result<_, _>>()?;
    Ok(Independent::new(parts)?.missing_cells(data.missing.is_some()))
}

/// The same columns without their priors.
pub(super) fn without_prior(columns: &ImaginedColumns, data: &Input) -> Independent<Column> {
    let parts = columns.parts().iter().map(|column| column.likelihood().clone()).collect();
    Independent::new(parts).expect("there are columns").missing_cells(data.missing.is_some())
}

/// Different values and what they weigh, `rows` together: all of them, or those at the middles of 256 equal shares.
fn spread(values: Vec<f64>, weights: Option<&[f64]>, rows: f64) -> (Vec<f64>, Vec<f64>) {
    let weight = |n: usize| weights.map_or(1.0, |w| w[n]);
    let mut sorted: Vec<(f64, f64)> = values.into_iter().enumerate().map(|(n, x)| (x, weight(n))).collect();
    sorted.retain(|(x, weight)| *weight > 0.0 && !x.is_nan());
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = sorted.iter().map(|(_, weight)| weight).sum();
    let mut different: Vec<(f64, f64)> = Vec::new();
    for (x, weight) in sorted {
        match different.last_mut() {
            Some((last, sum)) if *last == x => *sum += weight,
            _ => different.push((x, weight)),
        }
    }
    if different.len() <= VALUES {
        return different.into_iter().map(|(x, weight)| (x, rows * weight / total)).unzip();
    }
    let (mut below, mut of_shares) = (0.0, Vec::new());
    for (x, weight) in different {
        below += weight;
        while of_shares.len() < VALUES && below >= (of_shares.len() as f64 + 0.5) / VALUES as f64 * total {
            of_shares.push(x);
        }
    }
    let weights = vec![rows / of_shares.len() as f64; of_shares.len()];
    (of_shares, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imagined_rows_are_spread_as_those_of_the_file() {
        let (values, weights) = spread(vec![2.0, 1.0, 2.0, 5.0], Some(&[1.0, 2.0, 3.0, 0.0]), 3.0);
        assert_eq!((values, weights), (vec![1.0, 2.0], vec![1.0, 2.0]));
        let (values, weights) = spread((0..1024).map(|n| f64::from(1023 - n)).collect(), None, 2.0);
        assert_eq!((values.len(), values[0], values[255]), (256, 1.0, 1021.0));
        assert!((weights.iter().sum::<f64>() - 2.0).abs() < 1e-12);
    }
}
