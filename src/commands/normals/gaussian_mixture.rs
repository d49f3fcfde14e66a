//! The Gaussian mixture that is asked for: its covariances, floor and prior.

use marginal::Error;
use marginal::components::{Gaussians, InverseWishart};
use marginal::data::InMemory;
use marginal::distributions::{MultivariateNormal, Scatter};
use marginal::em::Em;
use marginal::models::GaussianMixture;

use crate::commands::arguments::options::Gmm;
use crate::commands::reading::input::Input;

pub(crate) fn gaussian_mixture(gmm: &Gmm, k: usize, data: &Input) -> Result<GaussianMixture, Error> {
    let model = GaussianMixture::new(k).covariance(gmm.covariance.into()).floor(gmm.floor);
    let model = model.missing_cells(data.missing.is_some());
    Ok(if let Some(prior) = prior(gmm, k, data)? { model.prior(prior) } else { model })
}

/// The same as a bank, from which fits with labels or groups start.
pub(crate) fn gaussians(gmm: &Gmm, k: usize, data: &Input) -> Result<Gaussians, Error> {
    let bank = Gaussians::new(vec![MultivariateNormal::standard(data.table.columns()); k])?;
    let bank = bank.covariance(gmm.covariance.into()).floor(gmm.floor).missing_cells(data.missing.is_some());
    Ok(if let Some(prior) = prior(gmm, k, data)? { bank.prior(prior) } else { bank })
}

fn prior(gmm: &Gmm, k: usize, data: &Input) -> Result<Option<InverseWishart>, Error> {
    if !gmm.prior {
        return Ok(None);
    }
    if data.missing.is_some_and(|cells| cells > 0) {
        let one = GaussianMixture::new(1).missing_cells(true);
        let all = Em::default().fit(&one, data)?.parameters;
        let (d, covariance) = (data.table.columns() as f64, all.components()[0].covariance());
        let shrink = (k.max(1) as f64).powf(-2.0 / d);
        return InverseWishart::new(d + 2.0, covariance.iter().map(|s| s * shrink).collect()).map(Some);
    }
    InverseWishart::weak(&scatter(data), k).map(Some)
}

/// The statistics of all rows.
pub(crate) fn scatter(data: &Input) -> Scatter {
    let block = data.block();
    let mut all = Scatter::full(block.columns());
    let ones = if data.weights().is_none() { vec![1.0; block.len()] } else { Vec::new() };
    all.add(block.values(), data.weights().unwrap_or(&ones));
    all
}
