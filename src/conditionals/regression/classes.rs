//! Outcomes of K classes: P(x = k) = e^η_k / Σ_j e^η_j with linear predictors η, η₀ = 0, and their log-likelihood.

use crate::error::Error;

use super::cases::{Case, Cases};
use super::newton::{Concave, maximise};
use super::regressors::Linear;

/// ln P(x) from the predictors of all classes, without overflow; −∞ if one is NaN.
pub(crate) fn log_probability(x: usize, predictors: &[f64]) -> f64 {
    let Some(own) = predictors.get(x) else { return f64::NEG_INFINITY };
    // −ln Σ_j exp(η_j − η_x): the largest term goes before the logarithm, the others, however small, beside the 1.
    let against = |(class, predictor): (usize, &f64)| if class == x { 0.0 } else { predictor - own };
    let (mut largest, mut at) = (0.0, x);
    for (class, predictor) in predictors.iter().enumerate() {
        let value = against((class, predictor));
        if value.is_nan() {
            return f64::NEG_INFINITY;
        }
        if value > largest {
            (largest, at) = (value, class);
        }
    }
    let others = predictors.iter().enumerate().filter(|(class, _)| *class != at);
    -(largest + others.map(|other| (against(other) - largest).exp()).sum::<f64>().ln_1p())
}

/// Observations of K classes; the coefficients are those of the classes 1 … K−1, one after the other.
pub(crate) struct Classes {
    cases: Cases<usize>,
    classes: usize,
    no_maximum: fn() -> Error,
}

impl Classes {
    pub(crate) fn new(cases: Cases<usize>, classes: usize, no_maximum: fn() -> Error) -> Self {
        Self { cases, classes, no_maximum }
    }

    /// The linear predictors of each class but the first, whose is 0.
    ///
    /// # Errors
    /// `no_maximum`; [`Error::Singular`] with the number of a regressor that is constant or a combination of others.
    pub(crate) fn maximise(&self) -> Result<Vec<Linear>, Error> {
        let d = self.cases.coefficients();
        let found = maximise(self, vec![0.0; (self.classes - 1) * d]).map_err(|e| self.cases.of_regressor(e))?;
        found.chunks_exact(d).map(|of_class| self.cases.linear(of_class).checked()).collect()
    }

    fn predictors(&self, case: &Case<usize>, coefficients: &[f64]) -> Vec<f64> {
        let others = coefficients.chunks_exact(self.cases.coefficients()).map(|of_class| case.predictor(of_class));
        std::iter::once(0.0).chain(others).collect()
    }
}

impl Concave for Classes {
    fn log_likelihood(&self, coefficients: &[f64]) -> f64 {
        let of_case =
            |case: &Case<usize>| case.weight * log_probability(case.outcome, &self.predictors(case, coefficients));
        self.cases.iter().map(of_case).sum()
    }

    /// Σ w (1{x = k} − P_k) r, and Σ w P_k (1{k = l} − P_l) r rᵀ.
    fn derivatives(&self, coefficients: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (d, width) = (self.cases.coefficients(), coefficients.len());
        let (mut gradient, mut information) = (vec![0.0; width], vec![0.0; width * width]);
        for case in self.cases.iter() {
            let (predictors, r) = (self.predictors(case, coefficients), case.regressors());
            let p: Vec<f64> = (0..self.classes).map(|k| log_probability(k, &predictors).exp()).collect();
            // 1 − P_k as the sum of the others keeps its digits where P_k is nearly 1.
            let rest = |k: usize| (0..self.classes).filter(|&j| j != k).map(|j| p[j]).sum::<f64>();
            for k in 1..self.classes {
                let residual = case.weight * if case.outcome == k { rest(k) } else { -p[k] };
                gradient[(k - 1) * d..k * d].iter_mut().zip(r).for_each(|(g, r)| *g += residual * r);
                for l in 1..=k {
                    let curvature = case.weight * if k == l { p[k] * rest(k) } else { -p[k] * p[l] };
                    for i in 0..d {
                        let row = &mut information[((k - 1) * d + i) * width + (l - 1) * d..][..d];
                        row.iter_mut().zip(r).for_each(|(h, other)| *h += curvature * r[i] * other);
                    }
                }
            }
        }
        (gradient, information)
    }

    fn largest_move(&self, step: &[f64]) -> f64 {
        let moves = self.cases.iter().flat_map(|case| self.predictors(case, step));
        moves.map(f64::abs).fold(0.0, f64::max)
    }

    /// Each case has the largest predictor for its own class.
    fn is_separated(&self, coefficients: &[f64]) -> bool {
        self.cases.iter().all(|case| {
            let predictors = self.predictors(case, coefficients);
            let own = predictors[case.outcome];
            predictors.iter().enumerate().all(|(class, &other)| class == case.outcome || own > other)
        })
    }

    fn no_maximum(&self) -> Error {
        (self.no_maximum)()
    }
}
