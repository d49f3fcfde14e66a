//! A latent model of one's own: which genotypes hide behind the blood groups A, B, AB and O?
//!
//! The gene has alleles a, b, o with frequencies p, q, r. Group A is aa or ao, B is bb or bo, AB is ab and O is oo.
//! Data: 521 patients with duodenal ulcer (Clarke et al. 1959, British Medical Journal 1).

use marginal::data::Statistics;
use marginal::latent::FiniteLatent;
use marginal::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Group {
    A,
    B,
    AB,
    O,
}

/// The genotype z is 0 (two equal alleles, or AB) or 1 (one of them o).
#[derive(Debug)]
struct BloodGroups;

/// How many alleles a, b, o the genotype z has; `None` where the group has no such genotype.
fn alleles(group: Group, z: usize) -> Option<[f64; 3]> {
    match (group, z) {
        (Group::A, 0) => Some([2.0, 0.0, 0.0]),
        (Group::A, _) => Some([1.0, 0.0, 1.0]),
        (Group::B, 0) => Some([0.0, 2.0, 0.0]),
        (Group::B, _) => Some([0.0, 1.0, 1.0]),
        (Group::AB, 0) => Some([1.0, 1.0, 0.0]),
        (Group::O, 0) => Some([0.0, 0.0, 2.0]),
        _ => None,
    }
}

impl FiniteLatent for BloodGroups {
    type Observation = Group;
    type Parameters = [f64; 3]; // p, q, r
    type Statistics = [f64; 3]; // expected numbers of alleles

    fn states(&self) -> usize {
        2
    }
    fn statistics(&self, _: &[f64; 3]) -> [f64; 3] {
        [0.0; 3]
    }
    fn log_joint(&self, theta: &[f64; 3], group: &Group, z: usize) -> f64 {
        let Some(count) = alleles(*group, z) else { return f64::NEG_INFINITY };
        let ways: f64 = if count.contains(&2.0) { 1.0 } else { 2.0 };
        ways.ln() + (0..3).filter(|&i| count[i] > 0.0).map(|i| count[i] * theta[i].ln()).sum::<f64>()
    }
    fn observe(&self, s: &mut [f64; 3], group: &Group, z: usize, weight: f64) {
        let count = alleles(*group, z).expect("a genotype of probability 0 has no weight");
        s.merge(&count.map(|c| weight * c));
    }
    fn estimate(&self, s: &[f64; 3]) -> Result<[f64; 3], Error> {
        let total: f64 = s.iter().sum();
        if total > 0.0 { Ok(s.map(|count| count / total)) } else { Err(Error::NoWeight { weight: total }) }
    }
    fn complete_log_likelihood(&self, theta: &[f64; 3], s: &[f64; 3]) -> f64 {
        (0..3).filter(|&i| s[i] > 0.0).map(|i| s[i] * theta[i].ln()).sum()
    }
}

fn main() -> Result<(), Error> {
    let groups = [Group::A, Group::B, Group::AB, Group::O];
    let patients = Weighted::new(&groups, &[186.0, 38.0, 13.0, 284.0])?;
    let fit = Em::default().tolerance(0.0).verify(true).fit_from(&BloodGroups, &patients, [0.3, 0.2, 0.5])?;
    println!("allele frequencies {:.10?} after {} iterations", fit.parameters, fit.iterations());
    for (found, reference) in fit.parameters.iter().zip([0.213_590_939_1, 0.050_145_328_9, 0.736_263_732_0]) {
        assert!((found - reference).abs() < 1e-9);
    }
    Ok(())
}

/// Is it right? `cargo test --features laws --example blood_groups` puts it to every law that applies.
#[cfg(all(test, feature = "laws"))]
mod verified {
    use marginal::laws::proptest::collection::vec;
    use marginal::laws::proptest::prelude::*;
    use marginal::laws::strategies::{simplex, weight};
    use marginal::laws::{Coordinates, LatentCase, Observations, Parts, Rest};

    use super::{BloodGroups, Group};

    const GROUPS: [Group; 4] = [Group::A, Group::B, Group::AB, Group::O];

    /// A group is a count: with that, the kit can sum over all of them.
    impl Coordinates for Group {
        fn give(&self, parts: &mut Parts) {
            (*self as u8).give(parts);
        }
        fn take(rest: &mut Rest<'_>) -> Option<Self> {
            GROUPS.get(usize::take(rest)?).copied()
        }
    }

    fn any_case() -> impl Strategy<Value = LatentCase<BloodGroups>> {
        let patients = vec((prop::sample::select(&GROUPS[..]), weight()), 4..20);
        (simplex(3), simplex(3), patients).prop_map(|(theta, rival, patients)| {
            let frequencies = |p: Vec<f64>| [p[0], p[1], p[2]];
            LatentCase::new(BloodGroups, frequencies(theta), Observations::new(patients)).beside(frequencies(rival))
        })
    }

    marginal::laws! { blood_groups: finite_latent(any_case()); }
}
