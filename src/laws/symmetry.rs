//! θ whose labels, origin or unit can be changed: what the laws of symmetry ask for.

use crate::components::{Components, Gaussians};
use crate::conditionals::Regressions;
use crate::distributions::{Exponential, Gamma, Laplace, MultivariateNormal, Normal, StudentT};
use crate::error::Error;
use crate::models::{Centroids, Mixture};

/// θ whose labels can be renamed. It unlocks the laws of [`exchangeable`](super::exchangeable).
pub trait Relabel {
    /// The same parameters, each component under the label of the one before it.
    fn relabelled(&self) -> Self;
}

impl<D: Clone> Relabel for Vec<D> {
    fn relabelled(&self) -> Self {
        let mut all = self.clone();
        all.rotate_left(1);
        all
    }
}

impl<C: Clone> Relabel for Regressions<C> {
    fn relabelled(&self) -> Self {
        self.with_members(self.to_vec().relabelled())
    }
}

impl Relabel for Gaussians {
    fn relabelled(&self) -> Self {
        self.with_members(self.to_vec().relabelled())
    }
}

impl<C: Components + Relabel> Relabel for Mixture<C> {
    fn relabelled(&self) -> Self {
        let (proportions, components) = (self.proportions().to_vec().relabelled(), self.components().relabelled());
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

impl<D: Shift> Shift for Vec<D> {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        self.iter().map(|d| d.shifted(by)).collect()
    }
}

impl Shift for Gaussians {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        Ok(self.with_members(self.to_vec().shifted(by)?))
    }
}

impl<C: Components + Shift> Shift for Mixture<C> {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        Self::new(self.proportions().to_vec(), self.components().shifted(by)?)
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

impl<D: Scale> Scale for Vec<D> {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        self.iter().map(|d| d.scaled(factor)).collect()
    }
}

impl Scale for Gaussians {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        Ok(self.with_members(self.to_vec().scaled(factor)?))
    }
}

impl<C: Components + Scale> Scale for Mixture<C> {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        Self::new(self.proportions().to_vec(), self.components().scaled(factor)?)
    }
}
