//! An exponential family of a user's own, in mixtures that see it by blocks, obeys every law that applies; and where
//! products would lose digits, or members differ in more than η, blocks give what rows give.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../families/inverse_gaussian.rs"]
mod inverse_gaussian;

use inverse_gaussian::InverseGaussian;
use marginal::distributions::{Binomial, Estimate, Geometric};
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{mixture_cases, positive};
use marginal::prelude::*;

fn any_inverse_gaussian() -> impl Strategy<Value = InverseGaussian> + Clone {
    (positive(), positive()).prop_map(|(mean, shape)| InverseGaussian::new(mean, shape).unwrap())
}

marginal::laws! {
    densities: distribution(any_inverse_gaussian());
    natural_form: exponential_family(any_inverse_gaussian());
    estimates: estimate(any_inverse_gaussian());
    mixtures: finite_latent(mixture_cases(any_inverse_gaussian()));
}

/// ln p of a block under members together, and of each row under each member.
fn both_ways<V, D>(members: &[D], block: &[V]) -> [Vec<f64>; 2]
where
    V: Clone + std::fmt::Debug + Send + Sync + 'static,
    D: Estimate<Value = V>,
{
    let mut tile = vec![0.0; members.len() * block.len()];
    D::log_densities_each(&members.iter().collect::<Vec<_>>(), block, &mut tile);
    let alone = members.iter().flat_map(|d| block.iter().map(|x| d.log_density(x)));
    [tile, alone.collect()]
}

#[test]
fn a_block_gives_to_the_bit_what_rows_give_where_products_would_lose_digits() {
    let narrow = [1e9, 2e9].map(|shape| InverseGaussian::new(1.0, shape).unwrap());
    let [block, rows] = both_ways(&narrow, &[0.99999, 1.0, 1.00002, 1.0001]);
    assert_eq!(block, rows);
    let wide = [1.0, 2.0].map(|shape| InverseGaussian::new(1.0, shape).unwrap());
    let [block, rows] = both_ways(&wide, &[0.5, 1.0, 2.0]);
    assert!(block.iter().zip(&rows).all(|(a, b)| (a - b).abs() < 1e-14));
}

#[test]
fn rows_off_the_support_and_outcomes_without_probability_keep_their_density() {
    let wide = [1.0, 2.0].map(|shape| InverseGaussian::new(1.0, shape).unwrap());
    for outside in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let [block, rows] = both_ways(&wide, &[0.5, outside, 2.0]);
        assert_eq!(block, rows);
        assert_eq!(block[1], f64::NEG_INFINITY);
    }
    let [block, rows] = both_ways(&[1.0, 0.5].map(|p| Geometric::new(p).unwrap()), &[0, 3, 1]);
    assert_eq!(block[..3], [0.0, f64::NEG_INFINITY, f64::NEG_INFINITY]);
    assert!(block[3..].iter().zip(&rows[3..]).all(|(a, b)| (a - b).abs() < 1e-14));
}

#[test]
fn members_with_other_statistics_are_seen_one_at_a_time() {
    let trials = [3, 5].map(|n| Binomial::new(n, 0.4).unwrap());
    let [block, rows] = both_ways(&trials, &[0, 3, 1]);
    assert!(block.iter().zip(&rows).all(|(a, b)| (a - b).abs() < 1e-14), "{block:?} {rows:?}");
    let mixture = Mixture::of(trials.to_vec()).unwrap();
    let fit = Em::default().fit(&mixture, &[0, 1, 1, 2, 3]).unwrap();
    assert_eq!(fit.parameters.components().iter().map(Binomial::trials).collect::<Vec<_>>(), [3, 5]);
}
