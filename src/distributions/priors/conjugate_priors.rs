//! The conjugate priors of chances, proportions and rates, as imagined observations.
//!
//! | prior | θ | imagined |
//! | --- | --- | --- |
//! | Beta(a, b) | chance p | a − 1 successes, b − 1 failures |
//! | Dirichlet(α) | proportions p | α_k − 1 of each outcome k |
//! | Gamma(a, b), Poisson | rate λ | counts of sum a − 1, of weight b |
//! | Gamma(a, b), exponential | rate λ | times of sum b, of weight a − 1 |
//!
//! The densities are with respect to θ itself. Where a, b or α_k is below 1 the density grows without bound at a border,
//! and there is no mode: such a prior is refused.

use crate::error::Error;

use super::prior::ConjugatePrior;
use crate::distributions::{
    Bernoulli, Beta, Binomial, Categorical, CountMoments, Dirichlet, Expectations, Exponential, Gamma, Geometric,
    Multinomial, Poisson,
};

/// From 1 on a density has a mode.
fn check_mode(name: &'static str, value: f64) -> Result<(), Error> {
    Error::check(value >= 1.0, name, value, "[1, ∞), so that the prior has a mode")
}

impl Beta {
    fn check_mode(&self) -> Result<(), Error> {
        check_mode("a of a prior", self.a())?;
        check_mode("b of a prior", self.b())
    }
}

/// Counts that are all equal to their mean, of this weight and sum.
fn counts(weight: f64, sum: f64) -> CountMoments {
    if weight > 0.0 { CountMoments { weight, mean: sum / weight, gap: 0.0 } } else { CountMoments::default() }
}

impl ConjugatePrior<Bernoulli> for Beta {
    fn imagined(&self, _: &Bernoulli) -> Expectations {
        let sum = vec![self.b() - 1.0, self.a() - 1.0];
        Expectations { weight: sum[0] + sum[1], sum, log_base_measure: 0.0 }
    }
    fn check_conjugate(&self, _: &Bernoulli) -> Result<(), Error> {
        self.check_mode()
    }
}

/// As a share of the n trials of an observation.
impl ConjugatePrior<Binomial> for Beta {
    fn imagined(&self, d: &Binomial) -> ([CountMoments; 2], f64) {
        let (successes, failures) = (self.a() - 1.0, self.b() - 1.0);
        let weight = (successes + failures) / d.trials() as f64;
        ([counts(weight, successes), counts(weight, failures)], 0.0)
    }
    fn check_conjugate(&self, d: &Binomial) -> Result<(), Error> {
        Error::check(d.trials() > 0, "the number of trials", 0.0, "{1, 2, …}")?;
        self.check_mode()
    }
}

impl ConjugatePrior<Geometric> for Beta {
    fn imagined(&self, _: &Geometric) -> Expectations {
        Expectations { weight: self.a() - 1.0, sum: vec![self.b() - 1.0], log_base_measure: 0.0 }
    }
    fn check_conjugate(&self, _: &Geometric) -> Result<(), Error> {
        self.check_mode()
    }
}

impl Dirichlet {
    /// Whether it has a mode, and as many outcomes.
    pub(crate) fn check_outcomes(&self, outcomes: usize) -> Result<(), Error> {
        let found = self.concentrations().len();
        if found != outcomes {
            return Err(Error::Dimension { what: "the concentrations of a prior", expected: outcomes, found });
        }
        self.concentrations().iter().try_for_each(|alpha| check_mode("a concentration of a prior", *alpha))
    }
}

impl ConjugatePrior<Categorical> for Dirichlet {
    fn imagined(&self, _: &Categorical) -> Expectations {
        let sum: Vec<f64> = self.concentrations().iter().map(|alpha| alpha - 1.0).collect();
        Expectations { weight: sum.iter().sum(), sum, log_base_measure: 0.0 }
    }
    fn check_conjugate(&self, d: &Categorical) -> Result<(), Error> {
        self.check_outcomes(d.probabilities().len())
    }
}

/// As a share of the n trials of an observation.
impl ConjugatePrior<Multinomial> for Dirichlet {
    fn imagined(&self, d: &Multinomial) -> (Vec<CountMoments>, f64) {
        let alphas = self.concentrations();
        let weight = alphas.iter().map(|alpha| alpha - 1.0).sum::<f64>() / d.trials() as f64;
        (alphas.iter().map(|alpha| counts(weight, alpha - 1.0)).collect(), 0.0)
    }
    fn check_conjugate(&self, d: &Multinomial) -> Result<(), Error> {
        Error::check(d.trials() > 0, "the number of trials", 0.0, "{1, 2, …}")?;
        self.check_outcomes(d.probabilities().len())
    }
}

impl ConjugatePrior<Poisson> for Gamma {
    fn imagined(&self, _: &Poisson) -> (CountMoments, f64) {
        (counts(self.rate(), self.shape() - 1.0), 0.0)
    }
    fn check_conjugate(&self, _: &Poisson) -> Result<(), Error> {
        check_mode("shape of a prior", self.shape())
    }
}

impl ConjugatePrior<Exponential> for Gamma {
    fn imagined(&self, _: &Exponential) -> Expectations {
        Expectations { weight: self.shape() - 1.0, sum: vec![self.rate()], log_base_measure: 0.0 }
    }
    fn check_conjugate(&self, _: &Exponential) -> Result<(), Error> {
        check_mode("shape of a prior", self.shape())
    }
}
