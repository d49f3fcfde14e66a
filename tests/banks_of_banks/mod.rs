//! Cases of mixtures in which more is known, or less is seen, than a row each: missing cells, labels in part, groups.
#![allow(dead_code, reason = "no test binary uses all of them")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::components::{Components, Gaussians, Grouped, Label, PartlyLabelled};
use marginal::distributions::Independent;
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{positive, real, simplex, weight};
use marginal::laws::{Coordinates, LatentCase, Observations};
use marginal::prelude::*;

/// Mixtures of two with a rival, and observations under weights.
pub(crate) fn cases_of<C, X>(
    banks: impl Strategy<Value = C> + Clone,
    rows: impl Strategy<Value = Vec<X>>,
) -> impl Strategy<Value = LatentCase<Mixture<C>>>
where
    C: Components + std::fmt::Debug,
    C::Value: Coordinates,
    X: std::borrow::Borrow<C::Value> + std::fmt::Debug,
{
    (simplex(2), banks.clone(), simplex(2), banks, rows, vec(weight(), 24)).prop_map(|(p, own, q, other, rows, w)| {
        let (theta, rival) = (Mixture::new(p, own).unwrap(), Mixture::new(q, other).unwrap());
        LatentCase::new(theta.clone(), theta, Observations::new(rows.into_iter().zip(w))).beside(rival)
    })
}

/// Two normals in the plane with correlations, whose rows may miss cells.
pub(crate) fn any_holed(shape: Covariance) -> impl Strategy<Value = Gaussians> + Clone {
    vec(([real(), real()], positive(), positive(), -3i32..=3), 2).prop_map(move |members| {
        let normal = |(mean, a, b, r): &([f64; 2], f64, f64, i32)| {
            let c = f64::from(*r) / 4.0 * (a * b).sqrt();
            match shape {
                Covariance::Full | Covariance::Tied => MultivariateNormal::new(mean.to_vec(), &[*a, c, c, *b]).unwrap(),
                Covariance::Diagonal => MultivariateNormal::diagonal(mean.to_vec(), &[*a, *b]).unwrap(),
                Covariance::Spherical => MultivariateNormal::spherical(mean.to_vec(), *a).unwrap(),
            }
        };
        let mut normals: Vec<_> = members.iter().map(normal).collect();
        if shape == Covariance::Tied {
            let common = normals[0].covariance();
            normals[1] = MultivariateNormal::new(normals[1].mean().to_vec(), &common).unwrap();
        }
        Gaussians::new(normals).unwrap().covariance(shape).missing_cells(true)
    })
}

/// Rows of the plane of which a third misses a cell, and some both.
pub(crate) fn rows_with_holes() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let holes =
        prop_oneof![8 => Just([false; 2]), 2 => Just([true, false]), 2 => Just([false, true]), 1 => Just([true; 2])];
    let row = ([real(), real()], holes)
        .prop_map(|(x, holes)| x.iter().zip(holes).map(|(x, hole)| if hole { f64::NAN } else { *x }).collect());
    vec(row, 6..=24)
}

pub(crate) fn holed_cases(shape: Covariance) -> impl Strategy<Value = LatentCase<Mixture<Gaussians>>> {
    cases_of(any_holed(shape), rows_with_holes())
}

pub(crate) fn any_two_normals() -> impl Strategy<Value = Vec<Normal>> + Clone {
    vec((real(), positive()), 2)
        .prop_map(|both| both.into_iter().map(|(mean, deviation)| Normal::new(mean, deviation).unwrap()).collect())
}

/// Independent columns, of rows that may miss cells; so wide that each component has some of each column's cells.
pub(crate) fn holed_column_cases() -> impl Strategy<Value = LatentCase<Mixture<Vec<Independent<Normal>>>>> {
    let wide = |normal: Normal| Normal::new(normal.mean() / 4.0, 8.0 + normal.standard_deviation()).unwrap();
    let member = move |columns: Vec<Normal>| {
        Independent::new(columns.into_iter().map(wide).collect()).unwrap().missing_cells(true)
    };
    let members = move |members: Vec<Vec<Normal>>| members.into_iter().map(member).collect::<Vec<_>>();
    cases_of(vec(any_two_normals(), 2).prop_map(members), rows_with_holes())
}

pub(crate) fn any_label() -> impl Strategy<Value = Label> {
    prop_oneof![
        3 => Just(Label::Unknown),
        2 => (0usize..2).prop_map(Label::Is),
        1 => (0usize..2).prop_map(|z| Label::NoneOf(vec![z])),
        1 => Just(Label::OneOf(vec![0, 1])),
    ]
}

pub(crate) fn labelled_cases() -> impl Strategy<Value = LatentCase<Mixture<PartlyLabelled<Vec<Normal>>>>> {
    cases_of(any_two_normals().prop_map(PartlyLabelled::new), vec((real(), any_label()), 6..=24))
}

/// Groups of two values: the kit integrates over one length at a time.
pub(crate) fn grouped_cases() -> impl Strategy<Value = LatentCase<Mixture<Grouped<Vec<Normal>>>>> {
    cases_of(any_two_normals().prop_map(Grouped::new), vec(vec(real(), 2), 6..=16))
}
