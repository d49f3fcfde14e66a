//! The parameters of one number's distribution, by the names that [`Column::parameters`] gives them.

use super::{Bounds, NamedParameter, NamedParameters, Naming};
use crate::distributions::each_column_family;
use crate::distributions::{
    Bernoulli, Beta, Binomial, Categorical, Column, Exponential, Gamma, Geometric, Laplace, LogNormal, MaybeFixed,
    Normal, Poisson, Prior, StudentT, Uniform, VonMises, WithPrior,
};

impl NamedParameters for Column {
    fn named_parameters(&self, _: Naming<'_>) -> Vec<NamedParameter> {
        // The complement of a probability is no parameter of its own.
        let own = self.parameters().into_iter().filter(|(name, _)| !name.starts_with("1 − "));
        own.map(|(name, value)| NamedParameter::new(&*name, value, bounds(&name))).collect()
    }
}

/// The bounds of a parameter, which its name tells in every family.
fn bounds(name: &str) -> Bounds {
    match name {
        "mean" | "mean of logarithm" | "mean direction" | "location" | "lower" | "upper" => Bounds::None,
        _ if name.starts_with("probability") => Bounds::Probability,
        _ => Bounds::Positive,
    }
}

macro_rules! as_columns {
    ($($family:ident),+) => {$(
        impl NamedParameters for $family {
            fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
                Column::from(self.clone()).named_parameters(naming)
            }
        }
    )+};
}
each_column_family!(as_columns);

/// Those of the family.
impl<D: NamedParameters, P: Prior<D>> NamedParameters for WithPrior<D, P> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        self.likelihood().named_parameters(naming)
    }
}

/// Those of the distribution, also where they are fixed.
impl<D: NamedParameters> NamedParameters for MaybeFixed<D> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        self.distribution().named_parameters(naming)
    }
}

/// θ alone.
impl NamedParameters for f64 {
    fn named_parameters(&self, _: Naming<'_>) -> Vec<NamedParameter> {
        vec![NamedParameter::new("θ", *self, Bounds::None)]
    }
}
