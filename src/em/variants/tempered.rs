//! `Tempered`: a model whose posterior is taken to a power β; at β = ∞ it is hard (classification) EM.

use rand::Rng;

use crate::data::{Batch, Dataset};
use crate::distributions::{Doubt, Guarantee};
use crate::error::Error;
use crate::latent::{Climbs, Evidence, LatentModel, Start, StartKind, Temper};

/// The same model with q ∝ p(z | x, θ)^β, which [`Em`](crate::em::Em) fits as it fits any other.
///
/// What must not fall is Σ w (1/β) ln Σ_z p(x, z | θ)^β (+ ln prior), and at β = ∞ the classification objective
/// Σ w max_z ln p(x, z | θ); the log-likelihood may fall. At β = 1 it is the model itself.
///
/// Hard EM puts each of these lengths into one component alone, so the two are cut apart where soft EM lets them overlap:
/// ```
/// use marginal::em::Tempered;
/// use marginal::latent::Climbs;
/// use marginal::prelude::*;
/// let lengths = [1.0, 1.4, 1.9, 2.2, 2.6, 3.1, 3.3, 4.0, 4.4, 5.0];
/// let model = Mixture::of(vec![Normal::new(1.0, 1.0)?, Normal::new(5.0, 1.0)?])?;
/// let soft = Em::default().fit(&model, &lengths)?;
/// let hard = Em::default().verify(true).fit(&Tempered::hard(model), &lengths)?;
/// assert_eq!(hard.climbs, Climbs::Classification);
/// let first = (1.0 + 1.4 + 1.9 + 2.2 + 2.6) / 5.0; // the mean of five lengths, and of no share of the others
/// assert!((hard.parameters.components()[0].mean() - first).abs() < 1e-12);
/// assert!(hard.objective < soft.objective); // max_z is one term of Σ_z
/// # Ok::<(), Error>(())
/// ```
/// Celeux & Govaert, "A classification EM algorithm for clustering and two stochastic versions", CSDA 14 (1992).
#[derive(Clone, Debug)]
pub struct Tempered<M> {
    model: M,
    power: f64,
}

impl<M> Tempered<M> {
    /// The model at the power β ∈ (0, ∞] of its posterior.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless β > 0.
    pub fn new(model: M, power: f64) -> Result<Self, Error> {
        Error::check(power > 0.0, "the power of the posterior", power, "(0, ∞]")?;
        Ok(Self { model, power })
    }

    /// At β = ∞: each z is the most probable one, the first of equals.
    pub fn hard(model: M) -> Self {
        Self { model, power: f64::INFINITY }
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// β.
    pub fn power(&self) -> f64 {
        self.power
    }
}

impl<M: Temper> LatentModel for Tempered<M> {
    type Observation = M::Observation;
    type Parameters = M::Parameters;
    type Statistics = M::Statistics;

    fn statistics(&self, theta: &M::Parameters) -> M::Statistics {
        self.model.statistics(theta)
    }

    fn e_step(
        &self,
        theta: &M::Parameters,
        batch: Batch<'_, M::Observation>,
        s: &mut M::Statistics,
    ) -> Result<Evidence, Error> {
        self.model.tempered_e_step(theta, batch, s, self.power)
    }

    fn m_step(&self, theta_old: &M::Parameters, s: &M::Statistics) -> Result<M::Parameters, Error> {
        self.model.m_step(theta_old, s)
    }

    fn expected_log_joint(&self, theta: &M::Parameters, s: &M::Statistics) -> f64 {
        self.model.expected_log_joint(theta, s)
    }

    fn summed_in_logarithms(&self, theta: &M::Parameters, x: &M::Observation) -> Option<f64> {
        if self.power == 1.0 { self.model.summed_in_logarithms(theta, x) } else { None }
    }

    fn log_prior(&self, theta: &M::Parameters) -> f64 {
        self.model.log_prior(theta)
    }

    fn check(&self, theta: &M::Parameters) -> Result<(), Error> {
        self.model.check(theta)
    }

    fn resolution(&self, theta: &M::Parameters) -> f64 {
        self.model.resolution(theta)
    }

    fn guarantee(&self) -> Guarantee {
        self.model.guarantee()
    }

    fn climbs(&self) -> Climbs {
        if self.power == 1.0 {
            self.model.climbs()
        } else if self.power == f64::INFINITY {
            Climbs::Classification
        } else {
            Climbs::FreeEnergy
        }
    }

    fn doubts(&self, theta: &M::Parameters, s: &M::Statistics, draws: f64) -> Vec<Doubt> {
        self.model.doubts(theta, s, draws)
    }

    fn free_parameters(&self, theta: &M::Parameters) -> Option<usize> {
        self.model.free_parameters(theta)
    }
}

impl<M: Temper + Start> Start for Tempered<M> {
    fn start<D: Dataset<M::Observation> + ?Sized>(
        &self,
        data: &D,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<M::Parameters, Error> {
        self.model.start(data, restart, rng)
    }

    fn known_starts(&self) -> &'static [StartKind] {
        self.model.known_starts()
    }

    fn default_starts(&self) -> &'static [StartKind] {
        self.model.default_starts()
    }

    fn start_of_kind<D: Dataset<M::Observation> + ?Sized>(
        &self,
        kind: StartKind,
        data: &D,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<M::Parameters, Error> {
        self.model.start_of_kind(kind, data, restart, rng)
    }
}
