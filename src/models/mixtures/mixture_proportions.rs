//! The proportions of a mixture, which may have a prior or be held.

use crate::components::Components;
use crate::distributions::{Dirichlet, RowEstimate, log_prior_of_all};
use crate::error::Error;

use super::mixture::Mixture;

impl<C: Components> Mixture<C> {
    /// A Dirichlet prior of the proportions: π_k = (N_k + α_k − 1) / Σ_j (N_j + α_j − 1), as if α_k − 1 more rows of each
    /// component had been seen. EM then climbs ℓ + ln prior. A proportion of 0 stays 0, and has no part in the prior.
    /// ```
    /// use marginal::distributions::{Dirichlet, Fixed, Normal};
    /// use marginal::{em::Em, models::Mixture};
    /// let known = vec![Fixed(Normal::new(0.0, 1.0)?), Fixed(Normal::new(100.0, 1.0)?)]; // each row belongs to one of them
    /// let model = Mixture::of(known)?.proportions_prior(Dirichlet::new(vec![3.0, 3.0])?)?;
    /// let fit = Em::default().verify(true).fit(&model, &[0.1, -0.3, 0.2, 99.0])?;
    /// assert!((fit.parameters.proportions()[0] - 5.0 / 8.0).abs() < 1e-12); // 3 + 2 of 4 + 4
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dimension`] unless there are K concentrations; [`Error::Parameter`] for one below 1, with which the density
    /// has no maximum.
    pub fn proportions_prior(self, prior: Dirichlet) -> Result<Self, Error> {
        self.proportions_by(RowEstimate::Prior(prior))
    }

    /// The same, its proportions known: an estimate keeps them.
    /// ```
    /// use marginal::{distributions::Poisson, em::Em, models::Mixture};
    /// let components = vec![Poisson::new(1.0)?, Poisson::new(9.0)?];
    /// let model = Mixture::new(vec![0.75, 0.25], components)?.hold_proportions();
    /// let fit = Em::default().fit(&model, &[0, 2, 1, 8, 11, 1, 0, 9])?;
    /// assert_eq!((fit.parameters.proportions(), fit.free_parameters), (&[0.75, 0.25][..], Some(2)));
    /// # Ok::<(), marginal::Error>(())
    /// ```
    #[must_use]
    pub fn hold_proportions(mut self) -> Self {
        self.of_proportions = RowEstimate::Held;
        self
    }

    /// The same, its proportions estimated in this way.
    pub(crate) fn proportions_by(mut self, of_proportions: RowEstimate) -> Result<Self, Error> {
        of_proportions.check(self.components().count())?;
        self.of_proportions = of_proportions;
        Ok(self)
    }

    /// How proportions are estimated, and from which.
    pub(crate) fn estimate_of_proportions(&self) -> (&RowEstimate, &[f64]) {
        (&self.of_proportions, self.proportions())
    }

    /// How many proportions are free: K − 1, or none.
    pub(crate) fn free_proportions(&self) -> usize {
        if self.of_proportions.is_held() { 0 } else { self.components().count() - 1 }
    }

    /// ln prior(θ) under the prior of these proportions and those of θ's components.
    pub(crate) fn log_prior_at(&self, theta: &Self) -> Option<f64> {
        let of_proportions = self.of_proportions.log_prior(theta.proportions());
        log_prior_of_all([of_proportions, theta.components().log_prior_density()])
    }
}
