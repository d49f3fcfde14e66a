//! A prior of imagined observations, for any family: ln prior(θ) = Σ_i v_i ln p(y_i | θ).

use std::borrow::Borrow;

use crate::error::Error;

use super::prior::ConjugatePrior;
use crate::distributions::{Estimate, may_produce};

/// Observations y_i of weights v_i as if they had been made before the data: ln prior(θ) = Σ v_i ln p(y_i | θ).
///
/// Of an exponential family this is the conjugate prior; those without a name (of a [`Gamma`](crate::distributions::Gamma),
/// a [`Beta`](crate::distributions::Beta), a [`VonMises`](crate::distributions::VonMises)) have no other. It serves any
/// family that can be estimated, one of yours too.
/// ```
/// use marginal::distributions::{Estimate, Gamma, Imagined, WithPrior};
/// let waits = WithPrior::new(Gamma::new(1.0, 1.0)?, Imagined::new(vec![2.0, 4.0, 9.0], 0.5)?)?;
/// let fitted = waits.fit(&[3.0, 5.0])?;
/// let mean = fitted.likelihood().shape() / fitted.likelihood().rate();
/// assert!((mean - (8.0 + 7.5) / (2.0 + 1.5)).abs() < 1e-12); // of the seen and the imagined together
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Imagined<V> {
    values: Vec<V>,
    weights: Vec<f64>,
}

impl<V> Imagined<V> {
    /// These observations, each of this weight.
    ///
    /// # Errors
    /// As [`weighted`](Self::weighted).
    pub fn new(values: Vec<V>, weight: f64) -> Result<Self, Error> {
        let weights = vec![weight; values.len()];
        Self::weighted(values, weights)
    }

    /// These observations, each of its own weight.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is none, or not as many weights; [`Error::Parameter`] unless each weight is in (0, ∞).
    pub fn weighted(values: Vec<V>, weights: Vec<f64>) -> Result<Self, Error> {
        let (expected, found) = (values.len().max(1), weights.len());
        if expected != found {
            return Err(Error::Dimension { what: "the weights of the imagined observations", expected, found });
        }
        let check = |w: &f64| {
            let positive = *w > 0.0 && w.is_finite();
            Error::check(positive, "the weight of an imagined observation", *w, "(0, ∞)")
        };
        weights.iter().try_for_each(check)?;
        Ok(Self { values, weights })
    }

    /// The y_i.
    pub fn values(&self) -> &[V] {
        &self.values
    }

    /// The v_i.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }
}

/// Observations from which the family has an estimate: without one the prior has no mode.
impl<D: Estimate, V: Borrow<D::Value> + Clone + Send + Sync> ConjugatePrior<D> for Imagined<V> {
    fn imagined(&self, d: &D) -> D::Statistics {
        let mut s = d.statistics();
        self.values.iter().zip(&self.weights).for_each(|(x, weight)| d.observe(&mut s, x.borrow(), *weight));
        s
    }

    fn check_conjugate(&self, d: &D) -> Result<(), Error> {
        if let Some(row) = self.values.iter().position(|x| !may_produce(d, x.borrow())) {
            let value: &D::Value = self.values[row].borrow();
            return Err(Error::Impossible { row, value: format!("{value:?}") });
        }
        d.estimate(&self.imagined(d)).map(|_| ())
    }
}
