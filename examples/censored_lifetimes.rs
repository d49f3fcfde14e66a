//! A latent model with a continuous hidden variable: weeks of remission, some of which were still running when the
//! study ended.
//!
//! Data: the 21 patients treated with 6-mercaptopurine (Freireich et al. 1963, Blood 21).

use marginal::data::{Batch, Statistics};
use marginal::latent::{Evidence, LatentModel};
use marginal::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Remission {
    EndedAfter(f64),
    LastedAtLeast(f64),
}
use Remission::{EndedAfter, LastedAtLeast};

/// z is exponential with mean θ; of z ≥ c only c is seen.
#[derive(Debug)]
struct ExponentialLifetime;

impl LatentModel for ExponentialLifetime {
    type Observation = Remission;
    type Parameters = f64;
    type Statistics = [f64; 2]; // Σw, Σw E[z]

    fn statistics(&self, _: &f64) -> [f64; 2] {
        [0.0; 2]
    }
    fn e_step(&self, &mean: &f64, batch: Batch<'_, Remission>, s: &mut [f64; 2]) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        for (x, weight) in batch.iter() {
            let (expected, log_density) = match *x {
                EndedAfter(weeks) => (weeks, -mean.ln() - weeks / mean),
                LastedAtLeast(weeks) => (weeks + mean, -weeks / mean), // the exponential has no memory
            };
            s.merge(&[weight, weight * expected]);
            evidence.add(weight, log_density);
        }
        Ok(evidence)
    }
    fn m_step(&self, _: &f64, s: &[f64; 2]) -> Result<f64, Error> {
        if s[0] > 0.0 { Ok(s[1] / s[0]) } else { Err(Error::NoWeight { weight: s[0] }) }
    }
    fn expected_log_joint(&self, mean: &f64, s: &[f64; 2]) -> f64 {
        -s[0] * mean.ln() - s[1] / mean
    }
}

fn main() -> Result<(), Error> {
    let ended = [6.0, 6.0, 6.0, 7.0, 10.0, 13.0, 16.0, 22.0, 23.0];
    let running = [6.0, 9.0, 10.0, 11.0, 17.0, 19.0, 20.0, 25.0, 32.0, 32.0, 34.0, 35.0];
    let patients: Vec<Remission> = ended.map(EndedAfter).into_iter().chain(running.map(LastedAtLeast)).collect();

    let fit = Em::default().tolerance(0.0).verify(true).fit_from(&ExponentialLifetime, &patients, 10.0)?;
    println!("mean remission {:.4} weeks, log-likelihood {:.6}", fit.parameters, fit.log_likelihood);
    // In closed form: all weeks over all ends, 359 / 9.
    assert!((fit.parameters - 359.0 / 9.0).abs() < 1e-6);
    assert!((fit.log_likelihood - -42.174_880_300_4).abs() < 1e-9);
    Ok(())
}

/// Is it right? `cargo test --features laws --example censored_lifetimes` puts it to every law that applies.
#[cfg(all(test, feature = "laws"))]
mod verified {
    use marginal::laws::proptest::collection::vec;
    use marginal::laws::proptest::prelude::*;
    use marginal::laws::strategies::{positive, weight};
    use marginal::laws::{Coordinates, LatentCase, Observations};

    use super::{EndedAfter, ExponentialLifetime, LastedAtLeast, Remission};

    /// Nothing that the kit could move: the laws that would do not apply.
    impl Coordinates for Remission {}

    fn any_case() -> impl Strategy<Value = LatentCase<ExponentialLifetime>> {
        let patient = prop_oneof![positive().prop_map(EndedAfter), positive().prop_map(LastedAtLeast)];
        (positive(), positive(), vec((patient, weight()), 2..20)).prop_map(|(mean, rival, patients)| {
            LatentCase::new(ExponentialLifetime, mean, Observations::new(patients)).beside(rival)
        })
    }

    marginal::laws! { lifetimes: latent_model(any_case()); }
}
