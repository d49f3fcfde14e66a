//! What a command can do with a fitted model, whatever its components are.

use marginal::Error;
use marginal::data::Table;
use marginal::distributions::{Distribution, Estimate};
use marginal::io::SavedModel;
use marginal::models::{Centroids, Mixture};
use marginal::rand::Rng;

use super::failure::Failure;
use super::input::Input;

/// A fitted model by what it can answer.
pub(super) enum Fitted<'a> {
    /// Centres, to which rows are near or far.
    Clusters(&'a Centroids),
    /// A density with components.
    Mixture(&'a dyn RowMixture),
}

impl<'a> Fitted<'a> {
    pub(super) fn of(model: &'a SavedModel) -> Result<Self, Failure> {
        match model {
            SavedModel::KMeans(centroids) => Ok(Self::Clusters(centroids)),
            SavedModel::GaussianMixture(mixture) => Ok(Self::Mixture(mixture)),
            SavedModel::ColumnMixture(mixture) => Ok(Self::Mixture(mixture)),
            _ => Err(Failure::because("this kind of model is not known here: fit it with this version")),
        }
    }

    /// The most probable component, or the nearest centre, of each row.
    pub(super) fn labels(&self, input: &Input) -> Result<Vec<usize>, Error> {
        match self {
            Self::Clusters(centroids) => centroids.labels(input),
            Self::Mixture(mixture) => mixture.labels(input),
        }
    }
}

/// A mixture over rows of numbers.
pub(super) trait RowMixture {
    /// π.
    fn proportions(&self) -> &[f64];
    /// argmax_k p(z = k | x_n).
    fn labels(&self, input: &Input) -> Result<Vec<usize>, Error>;
    /// p(z = k | x_n), N × K.
    fn responsibilities(&self, input: &Input) -> Result<Table, Error>;
    /// ln p(x_n).
    fn log_densities(&self, input: &Input) -> Result<Vec<f64>, Error>;
    /// A row drawn from the mixture.
    fn draw(&self, rng: &mut dyn Rng) -> Vec<f64>;
}

impl<D: Estimate<Value = [f64]>> RowMixture for Mixture<D> {
    fn proportions(&self) -> &[f64] {
        Mixture::proportions(self)
    }
    fn labels(&self, input: &Input) -> Result<Vec<usize>, Error> {
        Mixture::labels(self, input)
    }
    fn responsibilities(&self, input: &Input) -> Result<Table, Error> {
        Mixture::responsibilities(self, input)
    }
    fn log_densities(&self, input: &Input) -> Result<Vec<f64>, Error> {
        self.log_densities_of(input)
    }
    fn draw(&self, rng: &mut dyn Rng) -> Vec<f64> {
        self.sample(rng)
    }
}
