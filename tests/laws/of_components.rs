//! Banks of components obey the laws of complete data, those of a user too; and what is wrong with one is told.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::banks_of_banks::{any_two_normals, grouped_cases, holed_cases, holed_column_cases, labelled_cases};
use crate::families::{any_factor, any_plane_factor};
use crate::tied_normals::{Prior, Sums, Tied};
use marginal::components::{
    Components, Gaussians, Grouped, InverseWishart, LowRankNormals, PartlyLabelled, SampleGiven, Shared,
};
use marginal::distributions::LowRankNormal;
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{mixture_cases, positive, real, simplex};
use marginal::laws::{self, EstimateCase, Labelled, Observations};
use marginal::prelude::*;

fn any_tied() -> impl Strategy<Value = Tied> + Clone {
    let prior = prop_oneof![Just(None), positive().prop_map(|sum| Some(Prior { weight: 3.0, sum }))];
    (vec(real(), 2), positive(), prior).prop_map(|(means, variance, prior)| Tied { means, variance, prior })
}

fn any_normal() -> impl Strategy<Value = Normal> + Clone {
    (real(), positive()).prop_map(|(mean, deviation)| Normal::new(mean, deviation).unwrap())
}

fn any_pair() -> impl Strategy<Value = Mixture<Vec<Normal>>> + Clone {
    (simplex(2), vec(any_normal(), 2)).prop_map(|(p, normals)| Mixture::new(p, normals).unwrap())
}

/// Two normals in the plane under one covariance.
fn any_gaussians(shape: Covariance) -> impl Strategy<Value = Gaussians> + Clone {
    (vec([real(), real()], 2), positive(), positive()).prop_map(move |(means, a, b)| {
        let normal = |mean: &[f64; 2]| match shape {
            Covariance::Full | Covariance::Tied => MultivariateNormal::new(mean.to_vec(), &[a, 0.0, 0.0, b]).unwrap(),
            Covariance::Diagonal => MultivariateNormal::diagonal(mean.to_vec(), &[a, b]).unwrap(),
            Covariance::Spherical => MultivariateNormal::spherical(mean.to_vec(), a).unwrap(),
        };
        Gaussians::new(means.iter().map(normal).collect()).unwrap().covariance(shape)
    })
}

fn with_prior() -> impl Strategy<Value = Gaussians> + Clone {
    let prior = InverseWishart::new(4.0, vec![1.0, 0.25, 0.25, 0.5]).unwrap();
    any_gaussians(Covariance::Tied).prop_map(move |bank| bank.prior(prior.clone()))
}

fn any_shared() -> impl Strategy<Value = Shared<Vec<Poisson>>> + Clone {
    vec(positive(), 2).prop_map(|rates| {
        let members = rates.into_iter().map(|rate| Poisson::new(rate).unwrap()).collect();
        Shared::new(members, &[0, 1, 1]).unwrap()
    })
}

/// Two of them, which share what is said.
fn sharing(
    members: impl Strategy<Value = LowRankNormal> + Clone,
    [loadings, noise]: [bool; 2],
) -> impl Strategy<Value = LowRankNormals> + Clone {
    vec(members, 2).prop_map(move |members| {
        let first = members[0].clone();
        let second = &members[1];
        let bank = if loadings { vec![first.clone(), first] } else { vec![first, second.clone()] };
        LowRankNormals::new(bank).unwrap().share_loadings(loadings).share_noise(noise)
    })
}

marginal::laws! {
    factors: components(sharing(any_factor(), [false, false]));
    factors_of_one_noise: components(sharing(any_factor(), [false, true]));
    factors_of_the_same_loadings: components(sharing(any_factor(), [true, false]));
    plane_factors_that_share_all: components(sharing(any_plane_factor(), [true, true]));
    each_its_own: components(vec(any_normal(), 2));
    full: components(any_gaussians(Covariance::Full));
    tied: components(any_gaussians(Covariance::Tied));
    diagonal: components(any_gaussians(Covariance::Diagonal));
    spherical: components(any_gaussians(Covariance::Spherical));
    tied_with_prior: components(with_prior());
    shared: components(any_shared());
    of_a_user: components(any_tied());
    rows_with_missing_cells: latent_model(holed_cases(Covariance::Full));
    rows_with_missing_cells_tied: latent_model(holed_cases(Covariance::Tied));
    rows_with_missing_cells_diagonal: latent_model(holed_cases(Covariance::Diagonal));
    rows_with_missing_cells_spherical: latent_model(holed_cases(Covariance::Spherical));
    columns_with_missing_cells: latent_model(holed_column_cases());
    rows_labelled_in_part: latent_model(labelled_cases());
    groups_of_rows: finite_latent(grouped_cases());
    members_of_groups: components(any_two_normals().prop_map(Grouped::new));
    members_of_labelled_rows: components(any_two_normals().prop_map(PartlyLabelled::new));
    mixture_of_mixtures: latent_model(mixture_cases(any_pair()));
}

/// The bank of a user with a mistake in it.
#[derive(Clone, Debug)]
struct Faulty {
    bank: Tied,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Nothing,
    TileOfTheFirst,
    TileOfOneMemberIsThatOfTheFirst,
    TileWithoutTheLastRow,
    VarianceOfTheFirst,
    ForgetsThePrior,
}

impl Components for Faulty {
    type Value = f64;
    type Statistics = Sums;
    fn count(&self) -> usize {
        self.bank.count()
    }
    fn log_density_given(&self, x: &f64, z: usize) -> f64 {
        self.bank.log_density_given(x, z)
    }
    fn empty_statistics(&self) -> Sums {
        self.bank.empty_statistics()
    }
    fn observe_given(&self, s: &mut Sums, x: &f64, z: usize, weight: f64) {
        self.bank.observe_given(s, x, z, weight);
    }
    fn log_density_tile(&self, block: &[f64], tile: &mut [f64]) {
        for (z, row) in tile.chunks_exact_mut(block.len()).enumerate() {
            let z = if self.fault == Fault::TileOfTheFirst { 0 } else { z };
            row.iter_mut().zip(block).for_each(|(l, x)| *l = self.bank.log_density_given(x, z));
        }
    }
    fn log_density_tile_of(&self, members: &[usize], block: &[f64], tile: &mut [f64]) {
        for (&z, row) in members.iter().zip(tile.chunks_exact_mut(block.len())) {
            let z = if self.fault == Fault::TileOfOneMemberIsThatOfTheFirst { 0 } else { z };
            row.iter_mut().zip(block).for_each(|(l, x)| *l = self.bank.log_density_given(x, z));
        }
    }
    fn observe_tile(&self, s: &mut Sums, block: &[f64], weights: &[f64]) {
        let last = if self.fault == Fault::TileWithoutTheLastRow { block.len() - 1 } else { block.len() };
        for (z, row) in weights.chunks_exact(block.len()).enumerate() {
            let counted = block.iter().zip(row).take(last).filter(|(_, weight)| **weight > 0.0);
            counted.for_each(|(x, weight)| self.bank.observe_given(s, x, z, *weight));
        }
    }
    fn estimate_together(&self, s: &Sums, seen: &[bool]) -> Result<Self, Error> {
        let mut bank = match self.fault {
            Fault::ForgetsThePrior => Tied { prior: None, ..self.bank.clone() }.estimate_together(s, seen)?,
            _ => self.bank.estimate_together(s, seen)?,
        };
        bank.prior = self.bank.prior;
        if self.fault == Fault::VarianceOfTheFirst && s.0[0][2] > 0.0 {
            bank.variance = s.0[0][2] / s.0[0][0];
        }
        Ok(Self { bank, fault: self.fault })
    }
    fn expected_log_densities(&self, s: &Sums) -> f64 {
        self.bank.expected_log_densities(s)
    }
    fn log_prior_density(&self) -> Option<f64> {
        self.bank.log_prior_density()
    }
}

impl SampleGiven for Faulty {
    fn sample_given(&self, z: usize, rng: &mut dyn Rng) -> f64 {
        self.bank.sample_given(z, rng)
    }
}

#[test]
fn what_is_wrong_with_a_bank_is_named() {
    let first_broken = |fault: Fault, prior: Option<Prior>| {
        let bank = Faulty { bank: Tied { means: vec![0.0, 4.0], variance: 2.0, prior }, fault };
        let rows = [(0, -1.25), (1, 4.5), (0, 0.5), (1, 2.0), (1, 7.25), (0, 0.25), (1, 3.0)].map(|row| (row, 1.0));
        let report = laws::check(&laws::components(), &EstimateCase::of(Labelled(bank), Observations::new(rows)));
        report.broken().next().map(|line| line.law)
    };
    let prior = Some(Prior { weight: 30.0, sum: 4.0 });
    assert_eq!(first_broken(Fault::Nothing, prior), None);
    assert_eq!(first_broken(Fault::Nothing, None), None);
    assert_eq!(first_broken(Fault::TileOfTheFirst, None), Some("members_at_once_are_each_alone"));
    assert_eq!(first_broken(Fault::TileOfOneMemberIsThatOfTheFirst, None), Some("members_at_once_are_each_alone"));
    assert_eq!(first_broken(Fault::TileWithoutTheLastRow, None), Some("observing_a_block_is_observing_its_rows"));
    assert_eq!(first_broken(Fault::VarianceOfTheFirst, None), Some("no_other_theta_beats_the_m_step"));
    assert_eq!(first_broken(Fault::ForgetsThePrior, prior), Some("no_other_theta_beats_the_m_step"));
}
