//! What is written of each bank of components; a [`Vec`] is written as the list of its members.

use crate::distributions::{LowRankNormal, MultivariateNormal};
use crate::error::saved;

use super::{
    Components, Covariance, CovarianceEstimate, Gaussians, Grouped, InverseWishart, LowRankNormals, PartlyLabelled,
    Shared,
};

saved!([] [F] Gaussians<F>, |bank| {
    components: Vec<MultivariateNormal> = bank.iter().map(|normal| normal.clone().over()).collect(),
    #[serde(default)] covariance: Covariance = bank.covariances.shape,
    #[serde(default)] floor: f64 = bank.covariances.floor,
    #[serde(default)] prior: Option<InverseWishart> = bank.covariances.prior.clone(),
    #[serde(default)] missing: bool = bank.covariances.missing,
}
=> Gaussians::new(components.into_iter().map(MultivariateNormal::over).collect()).and_then(|mut bank| {
    let covariances = CovarianceEstimate { shape: covariance, floor, prior, missing };
    covariances.check(bank[0].dimension())?;
        bank.covariances = covariances;
        Ok(bank)
}));
saved!([] [] LowRankNormals, |bank| {
        components: Vec<LowRankNormal> = bank.to_vec(),
        #[serde(default)] shared_loadings: bool = bank.shared()[0],
        #[serde(default)] shared_noise: bool = bank.shared()[1],
    }
    => LowRankNormals::new(components).map(|bank| bank.share_loadings(shared_loadings).share_noise(shared_noise)));
saved!([C: Components] [] Shared<C>, |bank| { components: C = bank.members().clone(), of_state: Vec<usize> = bank.of_state().to_vec() }
    => Shared::new(components, &of_state));
saved!([C: Components] [] PartlyLabelled<C>, |bank| { members: C = bank.members().clone() } => Ok::<_, crate::Error>(PartlyLabelled::new(members)));
saved!([C: Components] [] Grouped<C>, |bank| { members: C = bank.members().clone() } => Ok::<_, crate::Error>(Grouped::new(members)));
