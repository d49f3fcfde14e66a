//! The Gaussian mixture that is asked for: its covariances, floor and prior.

use marginal::Error;
use marginal::components::InverseWishart;
use marginal::data::InMemory;
use marginal::distributions::Scatter;
use marginal::models::GaussianMixture;

use crate::commands::arguments::options::Gmm;
use crate::commands::reading::input::Input;

pub(super) fn gaussian_mixture(gmm: &Gmm, k: usize, data: &Input) -> Result<GaussianMixture, Error> {
    let model = GaussianMixture::new(k).covariance(gmm.covariance.into()).floor(gmm.floor);
    if !gmm.prior {
        return Ok(model);
    }
    let block = data.block();
    let mut all = Scatter::full(block.columns());
    let ones = if data.weights().is_none() { vec![1.0; block.len()] } else { Vec::new() };
    all.add(block.values(), data.weights().unwrap_or(&ones));
    Ok(model.prior(InverseWishart::weak(&all, k)?))
}
