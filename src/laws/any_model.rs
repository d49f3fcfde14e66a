//! A latent model whose types are not known: what a law says of every model is then compiled once, not for each.

use std::any::Any;
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use crate::data::{AnyStatistics, Batch, Observation};
use crate::distributions::{Doubt, Guarantee};
use crate::error::Error;
use crate::latent::{Climbs, Evidence, LatentModel};

use super::{Coordinates, LatentCase, Observations, Parts, Rest};

/// A latent model that can be examined as one of unknown types: every model whose types own what they hold.
pub trait Examinable:
    LatentModel<Observation: Coordinates + 'static, Parameters: Send + 'static, Statistics: 'static>
{
}
impl<M> Examinable for M where
    M: LatentModel<Observation: Coordinates + 'static, Parameters: Send + 'static, Statistics: 'static>
{
}

/// A case of a model of unknown types.
pub(super) type AnyCase<'a> = LatentCase<AnyModel<'a>>;

impl<M: Examinable> LatentCase<M> {
    /// The same case, its types forgotten.
    pub(super) fn of_any(&self) -> AnyCase<'_> {
        let rows = (0..self.observations.len()).map(|n| {
            let row = Row(Arc::new(Alone::<M::Observation>::of(self.observations.row(n))));
            (row, self.observations.weight(n))
        });
        let theta = |theta: &M::Parameters| Theta(Arc::new(theta.clone()));
        LatentCase {
            model: AnyModel(&self.model),
            theta: theta(&self.theta),
            observations: Observations::new(rows),
            rivals: self.rivals.iter().map(theta).collect(),
        }
    }
}

/// A model, behind the methods that need no types.
pub(super) struct AnyModel<'a>(&'a dyn Erased);

/// θ.
#[derive(Clone)]
pub(super) struct Theta(Arc<dyn Any + Send + Sync>);

/// One observation, with what knows its type.
#[derive(Clone)]
pub(super) struct Row(Arc<dyn AnyRow>);

fn known<T: 'static>(any: &dyn Any) -> &T {
    any.downcast_ref().expect("one case has one model, and so one type of each")
}

/// What `LatentModel` asks of a model.
trait Erased: Sync {
    fn statistics(&self, theta: &Theta) -> AnyStatistics;
    fn e_step(&self, theta: &Theta, batch: Batch<'_, Row>, s: &mut AnyStatistics) -> Result<Evidence, Error>;
    fn m_step(&self, theta_old: &Theta, s: &AnyStatistics) -> Result<Theta, Error>;
    fn expected_log_joint(&self, theta: &Theta, s: &AnyStatistics) -> f64;
    fn summed_in_logarithms(&self, theta: &Theta, x: &Row) -> Option<f64>;
    fn log_prior(&self, theta: &Theta) -> f64;
    fn check(&self, theta: &Theta) -> Result<(), Error>;
    fn resolution(&self, theta: &Theta) -> f64;
    fn guarantee(&self) -> Guarantee;
    fn climbs(&self) -> Climbs;
    fn doubts(&self, theta: &Theta, s: &AnyStatistics, draws: f64) -> Vec<Doubt>;
    fn free_parameters(&self, theta: &Theta) -> Option<usize>;
}

impl<M: Examinable> Erased for M {
    fn statistics(&self, theta: &Theta) -> AnyStatistics {
        AnyStatistics::new(self.statistics(known(&*theta.0)))
    }
    fn e_step(&self, theta: &Theta, batch: Batch<'_, Row>, s: &mut AnyStatistics) -> Result<Evidence, Error> {
        let mut together = <M::Observation as Observation>::Buffer::default();
        let rows = match batch.block() {
            // Most E-steps of the laws are those of one row.
            [row] => row.alone::<M::Observation>(),
            rows => {
                rows.iter().for_each(|row| M::Observation::push(&mut together, row.known::<M::Observation>()));
                &together
            }
        };
        self.e_step(
            known(&*theta.0),
            Batch::new(M::Observation::block(rows), batch.weights(), batch.row(0)),
            s.of_mut(),
        )
    }
    fn m_step(&self, theta_old: &Theta, s: &AnyStatistics) -> Result<Theta, Error> {
        Ok(Theta(Arc::new(self.m_step(known(&*theta_old.0), s.of())?)))
    }
    fn expected_log_joint(&self, theta: &Theta, s: &AnyStatistics) -> f64 {
        self.expected_log_joint(known(&*theta.0), s.of())
    }
    fn summed_in_logarithms(&self, theta: &Theta, x: &Row) -> Option<f64> {
        self.summed_in_logarithms(known(&*theta.0), x.known::<M::Observation>())
    }
    fn log_prior(&self, theta: &Theta) -> f64 {
        self.log_prior(known(&*theta.0))
    }
    fn check(&self, theta: &Theta) -> Result<(), Error> {
        self.check(known(&*theta.0))
    }
    fn resolution(&self, theta: &Theta) -> f64 {
        self.resolution(known(&*theta.0))
    }
    fn guarantee(&self) -> Guarantee {
        self.guarantee()
    }
    fn climbs(&self) -> Climbs {
        self.climbs()
    }
    fn doubts(&self, theta: &Theta, s: &AnyStatistics, draws: f64) -> Vec<Doubt> {
        self.doubts(known(&*theta.0), s.of(), draws)
    }
    fn free_parameters(&self, theta: &Theta) -> Option<usize> {
        self.free_parameters(known(&*theta.0))
    }
}

impl LatentModel for AnyModel<'_> {
    type Observation = Row;
    type Parameters = Theta;
    type Statistics = AnyStatistics;

    fn statistics(&self, theta: &Theta) -> AnyStatistics {
        self.0.statistics(theta)
    }
    fn e_step(&self, theta: &Theta, batch: Batch<'_, Row>, s: &mut AnyStatistics) -> Result<Evidence, Error> {
        self.0.e_step(theta, batch, s)
    }
    fn m_step(&self, theta_old: &Theta, s: &AnyStatistics) -> Result<Theta, Error> {
        self.0.m_step(theta_old, s)
    }
    fn expected_log_joint(&self, theta: &Theta, s: &AnyStatistics) -> f64 {
        self.0.expected_log_joint(theta, s)
    }
    fn summed_in_logarithms(&self, theta: &Theta, x: &Row) -> Option<f64> {
        self.0.summed_in_logarithms(theta, x)
    }
    fn log_prior(&self, theta: &Theta) -> f64 {
        self.0.log_prior(theta)
    }
    fn check(&self, theta: &Theta) -> Result<(), Error> {
        self.0.check(theta)
    }
    fn resolution(&self, theta: &Theta) -> f64 {
        self.0.resolution(theta)
    }
    fn guarantee(&self) -> Guarantee {
        self.0.guarantee()
    }
    fn climbs(&self) -> Climbs {
        self.0.climbs()
    }
    fn doubts(&self, theta: &Theta, s: &AnyStatistics, draws: f64) -> Vec<Doubt> {
        self.0.doubts(theta, s, draws)
    }
    fn free_parameters(&self, theta: &Theta) -> Option<usize> {
        self.0.free_parameters(theta)
    }
}

/// What a law does to one observation.
trait AnyRow: fmt::Debug + Send + Sync {
    fn any(&self) -> &dyn Any;
    fn give(&self, parts: &mut Parts);
    fn like(&self, rest: &mut Rest<'_>) -> Option<Row>;
}

/// One observation by itself: a buffer, since that is owned whatever the observation is.
struct Alone<O: Observation + ?Sized>(O::Buffer);

impl<O: Observation + ?Sized> Alone<O> {
    fn of(x: &O) -> Self {
        let mut buffer = O::Buffer::default();
        O::push(&mut buffer, x);
        Self(buffer)
    }

    fn row(&self) -> &O {
        O::get(O::block(&self.0), 0)
    }
}

impl<O: Observation + ?Sized> fmt::Debug for Alone<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row().fmt(f)
    }
}

impl<O: Coordinates + ?Sized + 'static> AnyRow for Alone<O> {
    fn any(&self) -> &dyn Any {
        self
    }
    fn give(&self, parts: &mut Parts) {
        self.row().give(parts);
    }
    fn like(&self, rest: &mut Rest<'_>) -> Option<Row> {
        let moved = self.row().like(rest)?;
        Some(Row(Arc::new(Self::of(moved.borrow()))))
    }
}

impl Row {
    fn known<O: Observation + ?Sized + 'static>(&self) -> &O {
        O::get(O::block(self.alone::<O>()), 0)
    }

    fn alone<O: Observation + ?Sized + 'static>(&self) -> &O::Buffer {
        &known::<Alone<O>>(self.0.any()).0
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Coordinates for Row {
    fn give(&self, parts: &mut Parts) {
        self.0.give(parts);
    }
    fn like(&self, rest: &mut Rest<'_>) -> Option<Self> {
        self.0.like(rest)
    }
}
