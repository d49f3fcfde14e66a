//! The parameters of conditional distributions.

use super::{Bounds, NamedParameter, NamedParameters, Naming};
use crate::conditionals::{
    ConditionalGaussian, ConditionalTable, Finite, FiniteParents, LinearGaussian, LogisticRegression,
    PoissonRegression, Regressors, Root, SoftmaxRegression, Switch,
};

fn predictor(intercept: f64, slopes: &[f64]) -> impl Iterator<Item = NamedParameter> {
    let slope = |(j, slope): (usize, &f64)| NamedParameter::new(format!("slope {j}"), *slope, Bounds::None);
    let intercept = NamedParameter::new("intercept", intercept, Bounds::None);
    std::iter::once(intercept).chain(slopes.iter().enumerate().map(slope))
}

/// Intercept, slopes, standard deviation.
impl<G: Regressors + ?Sized> NamedParameters for LinearGaussian<G> {
    fn named_parameters(&self, _: Naming<'_>) -> Vec<NamedParameter> {
        let deviation = NamedParameter::new("standard deviation", self.standard_deviation(), Bounds::Positive);
        predictor(self.intercept(), self.slopes()).chain([deviation]).collect()
    }
}

impl<G: Regressors + ?Sized> NamedParameters for LogisticRegression<G> {
    fn named_parameters(&self, _: Naming<'_>) -> Vec<NamedParameter> {
        predictor(self.intercept(), self.slopes()).collect()
    }
}

impl<G: Regressors + ?Sized> NamedParameters for PoissonRegression<G> {
    fn named_parameters(&self, _: Naming<'_>) -> Vec<NamedParameter> {
        predictor(self.intercept(), self.slopes()).collect()
    }
}

/// Of each class its log-odds against class 0.
impl<G: Regressors + ?Sized> NamedParameters for SoftmaxRegression<G> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        let naming = Naming { part: "class", ..naming };
        let lines = self.intercepts().into_iter().zip(self.slopes()).enumerate().skip(1);
        lines.flat_map(|(k, (intercept, slopes))| naming.of_part(k, predictor(intercept, slopes).collect())).collect()
    }
}

impl<D: NamedParameters> NamedParameters for Root<D> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        self.0.named_parameters(naming)
    }
}

/// Those of the bank, by the number of the parents' joint state.
impl<C: NamedParameters, G: ?Sized> NamedParameters for Switch<C, G> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        self.components().named_parameters(Naming { part: "state", ..naming })
    }
}

/// Those of each line, by the number of the finite parents' joint state.
impl<F, R: Regressors + ?Sized> NamedParameters for ConditionalGaussian<F, R> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        self.lines().to_vec().named_parameters(Naming { part: "state", ..naming })
    }
}

/// p(state | row), rows by the number of the parents' joint state.
impl<G: FiniteParents + ?Sized, X: Finite> NamedParameters for ConditionalTable<G, X> {
    fn named_parameters(&self, _: Naming<'_>) -> Vec<NamedParameter> {
        let of_row = |(row, probabilities): (usize, &[f64])| {
            let named = move |(x, p): (usize, &f64)| {
                NamedParameter::new(format!("p({x} | row {row})"), *p, Bounds::Probability)
            };
            probabilities.iter().enumerate().map(named).collect::<Vec<_>>()
        };
        self.rows().enumerate().flat_map(of_row).collect()
    }
}
