//! θ whose labels, origin or unit can be changed: what the laws of symmetry ask for.

use crate::distributions::{Exponential, Gamma, Laplace, MultivariateNormal, Normal, StudentT};
use crate::error::Error;
use crate::models::{Centroids, ConditionalMixture, Mixture};

/// θ whose labels can be renamed. It unlocks the laws of [`exchangeable`](super::exchangeable).
pub trait Relabel {
    /// The same parameters, each component under the label of the one before it.
    fn relabelled(&self) -> Self;
}

impl<D: Clone> Relabel for Mixture<D> {
    fn relabelled(&self) -> Self {
        let (mut proportions, mut components) = (self.proportions().to_vec(), self.components().to_vec());
        proportions.rotate_left(1);
        components.rotate_left(1);
        Self::new(proportions, components).expect("the same proportions in another order")
    }
}

impl<C: Clone> Relabel for ConditionalMixture<C> {
    fn relabelled(&self) -> Self {
        let (mut proportions, mut components) = (self.proportions().to_vec(), self.components().to_vec());
        proportions.rotate_left(1);
        components.rotate_left(1);
        Self::new(proportions, components).expect("the same proportions in another order")
    }
}

/// θ whose location can be moved. It unlocks the laws of [`location_family`](super::location_family).
pub trait Shift: Sized {
    /// θ for data of which every coordinate is larger by `by`.
    ///
    /// # Errors
    /// If the parameters overflow.
    fn shifted(&self, by: f64) -> Result<Self, Error>;
}

impl Shift for Normal {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        Self::new(self.mean() + by, self.standard_deviation())
    }
}

impl Shift for MultivariateNormal {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        Self::new(self.mean().iter().map(|m| m + by).collect(), &self.covariance())
    }
}

impl Shift for Centroids {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        let moved = self.centres().values().iter().map(|c| c + by).collect();
        Self::new(crate::data::Table::from_values(moved, self.centres().columns())?)
    }
}

impl<D: Shift> Shift for Mixture<D> {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        let components = self.components().iter().map(|d| d.shifted(by)).collect::<Result<_, _>>()?;
        Self::new(self.proportions().to_vec(), components)
    }
}

/// θ whose unit can be changed. It unlocks the laws of [`scale_family`](super::scale_family).
pub trait Scale: Sized {
    /// θ for data of which every coordinate is `factor` times as large, `factor` > 0.
    ///
    /// # Errors
    /// If the parameters overflow.
    fn scaled(&self, factor: f64) -> Result<Self, Error>;
}

impl Scale for Normal {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        Self::new(factor * self.mean(), factor * self.standard_deviation())
    }
}

impl Scale for MultivariateNormal {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        let mean = self.mean().iter().map(|m| factor * m).collect();
        Self::new(mean, &self.covariance().iter().map(|v| factor * factor * v).collect::<Vec<_>>())
    }
}

impl Scale for Laplace {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        Self::new(factor * self.location(), factor * self.scale())
    }
}

impl Scale for StudentT {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        Self::new(factor * self.location(), factor * self.scale(), self.degrees_of_freedom())
    }
}

impl Scale for Exponential {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        Self::new(self.rate() / factor)
    }
}

impl Scale for Gamma {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        Self::new(self.shape(), self.rate() / factor)
    }
}

impl<D: Scale> Scale for Mixture<D> {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        let components = self.components().iter().map(|d| d.scaled(factor)).collect::<Result<_, _>>()?;
        Self::new(self.proportions().to_vec(), components)
    }
}
