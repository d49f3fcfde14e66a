//! The alleles behind the blood groups A, B, AB, O, written as a user would: most posteriors have a single state.

use marginal::Error;
use marginal::data::Statistics;
use marginal::latent::FiniteLatent;
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{simplex, weight};
use marginal::laws::{LatentCase, Observations};

#[derive(Debug)]
pub(crate) struct BloodGroups;

/// How many alleles a, b, o: by group, then by genotype.
const ALLELES: [[Option<[f64; 3]>; 2]; 4] = [
    [Some([2.0, 0.0, 0.0]), Some([1.0, 0.0, 1.0])],
    [Some([0.0, 2.0, 0.0]), Some([0.0, 1.0, 1.0])],
    [Some([1.0, 1.0, 0.0]), None],
    [Some([0.0, 0.0, 2.0]), None],
];

impl FiniteLatent for BloodGroups {
    type Observation = u8; // A, B, AB, O
    type Parameters = [f64; 3]; // the frequencies of a, b, o
    type Statistics = [f64; 3]; // the expected numbers of alleles

    fn states(&self) -> usize {
        2
    }
    fn statistics(&self, _: &[f64; 3]) -> [f64; 3] {
        [0.0; 3]
    }
    fn log_joint(&self, theta: &[f64; 3], group: &u8, z: usize) -> f64 {
        let genotypes = ALLELES.get(usize::from(*group));
        let Some(count) = genotypes.and_then(|of_group| of_group[z]) else { return f64::NEG_INFINITY };
        let ways: f64 = if count.contains(&2.0) { 1.0 } else { 2.0 };
        ways.ln() + (0..3).filter(|&i| count[i] > 0.0).map(|i| count[i] * theta[i].ln()).sum::<f64>()
    }
    fn observe(&self, s: &mut [f64; 3], group: &u8, z: usize, weight: f64) {
        s.merge(&ALLELES[usize::from(*group)][z].unwrap().map(|count| weight * count));
    }
    fn estimate(&self, s: &[f64; 3]) -> Result<[f64; 3], Error> {
        let total: f64 = s.iter().sum();
        if total > 0.0 { Ok(s.map(|count| count / total)) } else { Err(Error::NoWeight { weight: total }) }
    }
    fn complete_log_likelihood(&self, theta: &[f64; 3], s: &[f64; 3]) -> f64 {
        (0..3).filter(|&i| s[i] > 0.0).map(|i| s[i] * theta[i].ln()).sum()
    }
}

/// Patients of these groups.
pub(crate) fn any_case(groups: &'static [u8]) -> impl Strategy<Value = LatentCase<BloodGroups>> {
    let patients = vec((prop::sample::select(groups), weight()), 4..20);
    (simplex(3), simplex(3), patients).prop_map(|(theta, rival, patients)| {
        let frequencies = |p: Vec<f64>| [p[0], p[1], p[2]];
        LatentCase::new(BloodGroups, frequencies(theta), Observations::new(patients)).beside(frequencies(rival))
    })
}
