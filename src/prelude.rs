//! The names that a program which *fits* models needs: `use marginal::prelude::*;`.
//!
//! The traits that a distribution, a bank, a graph's node or a model of your own implements are not here: import them
//! where you implement them, from [`distributions`](crate::distributions), [`components`](crate::components),
//! [`conditionals`](crate::conditionals) and [`latent`](crate::latent). Several of them, such as `Estimate` and
//! `FiniteLatent`, have methods of the same name; a mixture, which is a distribution and a model, has both.

pub use crate::Error;
pub use crate::components::Covariance;
pub use crate::conditionals::{ConditionalTable, LinearGaussian, Switch};
pub use crate::data::{Table, Weighted};
pub use crate::distributions::{
    Bernoulli, Categorical, Distribution, MultivariateNormal, Normal, Poisson, StudentT, Summary,
};
pub use crate::em::{Em, Fit};
pub use crate::graph::{DirectedGraph, Graph};
pub use crate::latent::{Posterior, StartKind};
pub use crate::models::{GaussianMixture, HiddenMarkovModel, KMeans, Mixture};
pub use crate::network::Network;
pub use rand::{Rng, RngExt, SeedableRng};
