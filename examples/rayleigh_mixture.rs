//! A distribution of one's own: wave heights from two weather regimes, as a mixture of Rayleigh distributions.

use marginal::data::Statistics;
use marginal::distributions::Estimate;
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;

/// p(x) = x / σ² · exp(−x² / 2σ²), x > 0.
#[derive(Clone, Debug)]
struct Rayleigh {
    scale: f64,
}

impl Distribution for Rayleigh {
    type Value = f64;
    fn log_density(&self, x: &f64) -> f64 {
        if *x > 0.0 && x.is_finite() {
            x.ln() - 2.0 * self.scale.ln() - 0.5 * (x / self.scale).powi(2)
        } else {
            f64::NEG_INFINITY
        }
    }
    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        self.scale * (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt()
    }
}

impl Estimate for Rayleigh {
    type Statistics = [f64; 3]; // Σw, Σw x², Σw ln x
    fn statistics(&self) -> [f64; 3] {
        [0.0; 3]
    }
    fn observe(&self, s: &mut [f64; 3], x: &f64, weight: f64) {
        s.merge(&[weight, weight * x * x, weight * x.ln()]);
    }
    fn estimate(&self, s: &[f64; 3]) -> Result<Self, Error> {
        if s[0] > 0.0 { Ok(Self { scale: (s[1] / s[0] / 2.0).sqrt() }) } else { Err(Error::NoWeight { weight: s[0] }) }
    }
    fn expected_log_density(&self, s: &[f64; 3]) -> f64 {
        s[2] - 2.0 * s[0] * self.scale.ln() - 0.5 * s[1] / self.scale.powi(2)
    }
}

fn main() -> Result<(), Error> {
    let weather = Mixture::new(vec![0.7, 0.3], vec![Rayleigh { scale: 0.8 }, Rayleigh { scale: 3.0 }])?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let heights: Vec<f64> = (0..5000).map(|_| weather.sample(&mut rng)).collect();

    let model = Mixture::of(vec![Rayleigh { scale: 1.0 }, Rayleigh { scale: 4.0 }])?;
    let fit = Em::default().verify(true).fit(&model, &heights)?;
    let found = &fit.parameters;
    println!(
        "proportions {:.3?}, scales {:.3} and {:.3}",
        found.proportions(),
        found.components()[0].scale,
        found.components()[1].scale
    );

    // The maximum cannot lie below the truth, nor (Wilks) far above it: 2 (ℓ − ℓ_true) is χ² with 3 degrees of freedom.
    let truth: f64 = weather.log_densities_of(&heights)?.iter().sum();
    let gain = 2.0 * (fit.log_likelihood - truth);
    assert!((0.0..25.0).contains(&gain), "{gain}");
    Ok(())
}

/// Is it right? `cargo test --features laws --example rayleigh_mixture` puts it to every law that applies.
#[cfg(all(test, feature = "laws"))]
mod verified {
    use marginal::laws::proptest::prelude::*;
    use marginal::laws::strategies::{mixture_cases, positive};

    use super::Rayleigh;

    fn any_rayleigh() -> impl Strategy<Value = Rayleigh> + Clone {
        positive().prop_map(|scale| Rayleigh { scale })
    }

    marginal::laws! {
        rayleigh: distribution(any_rayleigh());
        rayleigh_fits: estimate(any_rayleigh());
        weather: finite_latent(mixture_cases(any_rayleigh()));
    }
}
