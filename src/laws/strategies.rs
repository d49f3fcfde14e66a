//! Strategies that shrink to short numbers: grids of powers of two, data of a distribution's own sampler.

use std::borrow::Borrow;
use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use crate::distributions::{Distribution, Estimate};
use crate::models::Mixture;

use super::{Coordinates, EstimateCase, LatentCase, Observations, Parts};
use crate::laws::Labelled;

/// Eighths in [−8, 8] and, now and then, thirds, which lie on no grid to which a model may round; shrinks to 0.
pub fn real() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![7 => (-64i32..=64).prop_map(|k| f64::from(k) / 8.0), 1 => (-23i32..=23).prop_map(|k| f64::from(k) / 3.0)]
}

/// Eighths in (0, 8] and, now and then, thirds, shrinking to 1.
pub fn positive() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![
        6 => (0u32..=56).prop_map(|k| 1.0 + f64::from(k) / 8.0),
        2 => (1u32..8).prop_map(|k| f64::from(k) / 8.0),
        1 => (1u32..24).prop_map(|k| f64::from(k) / 3.0),
    ]
}

/// Sixteenths in (0, 1) and, now and then, a third, two, 2⁻¹⁰ and 1 − 2⁻¹⁰, shrinking to ½.
pub fn unit() -> impl Strategy<Value = f64> + Clone {
    let others = [1.0 / 3.0, 2.0 / 3.0, 2f64.powi(-10), 1.0 - 2f64.powi(-10)];
    let others = (0usize..4).prop_map(move |k| others[k]);
    let sixteenths = |range: std::ops::Range<u32>| range.prop_map(|k| f64::from(k) / 16.0);
    prop_oneof![6 => sixteenths(8..16), 5 => sixteenths(1..8), 2 => others]
}

/// K positive proportions, shrinking to equal ones.
pub fn simplex(k: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    vec(1u32..=15, k).prop_map(|shares| {
        let total: u32 = shares.iter().sum();
        shares.iter().map(|share| f64::from(*share) / f64::from(total)).collect()
    })
}

/// Weights of all kinds, among them 0, tiny ones and huge ones; shrinking to 1.
pub fn weight() -> impl Strategy<Value = f64> + Clone {
    let light_and_heavy = prop_oneof![Just(2f64.powi(-20)), Just(1024.0)];
    prop_oneof![8 => Just(1.0), 2 => Just(2.0), 2 => Just(0.5), 1 => Just(0.0), 1 => light_and_heavy]
}

/// Two to 24 weights, half the time all 1.
fn weights() -> impl Strategy<Value = Vec<f64>> + Clone {
    prop_oneof![vec(Just(1.0), 2..=24), vec(weight(), 2..=24)]
}

/// As many draws as weights; every fifth repeats the one before it, and numbers keep six digits where the density
/// allows, so that they print short.
fn draw<D: Distribution>(d: &D, seed: u64, count: usize) -> Vec<<D::Value as ToOwned>::Owned>
where
    D::Value: Coordinates,
{
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut rows: Vec<<D::Value as ToOwned>::Owned> = Vec::with_capacity(count);
    for n in 0..count {
        let x = match rows.last() {
            Some(last) if n % 5 == 4 => last.borrow().to_owned(),
            _ => d.sample(&mut rng),
        };
        let Parts { reals, counts } = Parts::of(x.borrow());
        let short = Parts { reals: reals.into_iter().map(shortened).collect(), counts }.assemble::<D::Value>();
        rows.push(short.filter(|short| d.log_density(short.borrow()).is_finite()).unwrap_or(x));
    }
    rows
}

/// x with its last 32 bits cleared.
fn shortened(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & !0xFFFF_FFFF)
}

/// Distributions, each with weighted observations of its own sampler.
pub fn observed<D: Estimate + Debug>(distributions: impl Strategy<Value = D>) -> impl Strategy<Value = EstimateCase<D>>
where
    D::Value: Coordinates,
{
    (distributions, 0u64..1000, weights()).prop_map(|(d, seed, weights)| {
        let rows = draw(&d, seed, weights.len());
        EstimateCase::of(d, Observations::new(rows.into_iter().zip(weights)))
    })
}

/// Banks, as distributions of complete data.
pub fn labelled<C: Debug>(banks: impl Strategy<Value = C>) -> impl Strategy<Value = Labelled<C>> {
    banks.prop_map(Labelled)
}

/// Mixtures of two, each with weighted observations of a rival: those to which both give a density.
pub fn mixture_cases<D: Estimate + Debug + 'static>(
    components: impl Strategy<Value = D> + Clone + 'static,
) -> impl Strategy<Value = LatentCase<Mixture<Vec<D>>>>
where
    D::Value: Coordinates,
{
    // Equal components are where a posterior of far observations is most easily lost.
    let pairs = prop_oneof![7 => vec(components.clone(), 2), 1 => components.prop_map(|d| vec![d.clone(), d])];
    let mixtures = (simplex(2), pairs)
        .prop_map(|(proportions, components)| Mixture::new(proportions, components).expect("they sum to 1"));
    let mixtures = mixtures.boxed();
    (mixtures.clone(), mixtures, 0u64..1000, weights()).prop_map(|(theta, truth, seed, weights)| {
        let rows = draw(&truth, seed, weights.len()).into_iter().zip(weights);
        let possible = rows.filter(|(x, _)| theta.log_density(x.borrow()).is_finite());
        let observations = Observations::new(possible.collect::<Vec<_>>());
        LatentCase::new(theta.clone(), theta, observations).beside(truth)
    })
}
