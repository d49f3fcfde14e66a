//! Laws of p(x): the density is one, and draws have it.

use std::borrow::Borrow;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use crate::data::Observation;
use crate::distributions::Distribution;

use crate::laws::integrals::quadrature::{ALLOWED, allowed, total_mass};
use crate::laws::law::Worst;
use crate::laws::view::ROUND_OFF;
use crate::laws::{Coordinates, Law, Part, Parts, Verdict};

/// `count` draws from the stream of `seed`.
pub(crate) fn draws<D: Distribution>(d: &D, count: usize, seed: u64) -> Vec<<D::Value as ToOwned>::Owned> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..count).map(|_| d.sample(&mut rng)).collect()
}

/// ∫ p(x) dx = 1 over numbers, Σ_x p(x) = 1 over counts.
pub fn the_density_is_normalised<D: Distribution>() -> Law<D>
where
    D::Value: Coordinates,
{
    Law::new("the_density_is_normalised", "∫ p(x) dx = 1, or Σ_x p(x) = 1", Part::Density, |d: &D| {
        let mut worst = Worst::of(ALLOWED);
        let drawn = draws(d, 500, 1);
        let seen: Vec<Parts> = drawn.iter().map(|x| Parts::of(Borrow::<D::Value>::borrow(x))).collect();
        let mass = match d.states() {
            Some(states) if seen[0].reals.is_empty() && seen[0].counts.len() == 1 => {
                let of_state = |k| Parts { reals: Vec::new(), counts: vec![k] }.assemble::<D::Value>();
                Ok((0..states as u64).filter_map(of_state).map(|x| d.density(x.borrow())).sum::<f64>())
            }
            _ => total_mass(&|x| d.log_density(x), d.period(), &seen),
        };
        match mass {
            Ok(mass) => worst.equal(mass, 1.0, allowed::<D::Value>(&seen), format_args!("the mass of the density")),
            Err(unknown) => return Ok(unknown),
        }
        Ok(worst.verdict())
    })
    .cost(4)
}

/// ln p(x) is never NaN, whatever the bits of x; −∞ for NaN, and not +∞ at an infinity.
pub fn the_log_density_is_never_nan<D: Distribution>() -> Law<D>
where
    D::Value: Coordinates,
{
    Law::new(
        "the_log_density_is_never_nan",
        "ln p(x) ∈ [−∞, ∞] for all x, −∞ for NaN",
        Part::Density,
        |d| {
            const NASTY: [f64; 20] = [
                0.0,
                -0.0,
                1.0,
                -1.0,
                0.5,
                2.0,
                5e-324,
                -5e-324,
                2.3e-308,
                1e-300,
                -1e-300,
                1e300,
                -1e300,
                f64::MAX,
                f64::MIN,
                f64::EPSILON,
                1.0 + f64::EPSILON,
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::NAN,
            ];
            const COUNTS: [u64; 8] = [0, 1, 2, 3, 1000, 1 << 32, 1 << 53, u64::MAX];
            let mut worst = Worst::of("none");
            let Some(drawn) = draws(d, 1, 1).pop() else { return Ok(worst.verdict()) };
            let drawn = Parts::of(drawn.borrow());
            if drawn == Parts::default() {
                return Ok(Verdict::NotPromised("the kit does not know the numbers in values of this type".into()));
            }
            let mut check = |point: &Parts, most: f64| {
                let Some(x) = point.assemble::<D::Value>() else { return };
                let because = format_args!("the most that ln p({:?}) may be, and what it is", x.borrow());
                worst.at_least(most, d.log_density(x.borrow()), 0.0, because);
            };
            for (place, x) in (0..drawn.reals.len()).flat_map(|place| NASTY.map(|x| (place, x))) {
                let most = match x {
                    x if x.is_nan() => f64::NEG_INFINITY,
                    x if x.is_infinite() => f64::MAX,
                    _ => f64::INFINITY,
                };
                for around in [&drawn.reals, &vec![x; drawn.reals.len()]] {
                    let mut point = Parts { reals: around.clone(), counts: drawn.counts.clone() };
                    point.reals[place] = x;
                    check(&point, most);
                }
            }
            let states = d.states().map(|k| k as u64).filter(|_| drawn.counts.len() == 1);
            for (place, k) in (0..drawn.counts.len()).flat_map(|place| COUNTS.map(|k| (place, k))) {
                let most = match states {
                    Some(states) if k >= states => f64::NEG_INFINITY,
                    _ if drawn.reals.is_empty() => ROUND_OFF,
                    _ => f64::INFINITY,
                };
                let mut point = drawn.clone();
                point.counts[place] = k;
                check(&point, most);
            }
            Ok(worst.verdict())
        },
    )
}

/// A draw lies in the support: −∞ < ln p(x) < ∞.
pub fn draws_lie_in_the_support<D: Distribution>() -> Law<D>
where
    D::Value: Coordinates,
{
    Law::new("draws_lie_in_the_support", "x ~ p ⇒ −∞ < ln p(x) < ∞", Part::Sampler, |d| {
        let mut worst = Worst::of("none");
        for x in draws(d, 200, 2) {
            let log = d.log_density(x.borrow());
            let because = format_args!("ln p of the draw {:?}, and the least number", x.borrow());
            worst.at_least(log, f64::MIN, 0.0, because);
            worst.at_least(
                f64::MAX,
                log,
                0.0,
                format_args!("the greatest number, and ln p of the draw {:?}", x.borrow()),
            );
        }
        Ok(worst.verdict())
    })
}

/// The same generator gives the same draws.
pub fn draws_depend_on_the_generator_alone<D: Distribution>() -> Law<D>
where
    D::Value: Coordinates,
{
    Law::new("draws_depend_on_the_generator_alone", "same seed ⇒ same draws", Part::State, |d| {
        let mut worst = Worst::of("none");
        let text = |seed| draws(d, 20, seed).iter().map(|x| format!("{:?}", x.borrow())).collect::<Vec<_>>();
        let differ = text(3).iter().zip(&text(3)).filter(|(a, b)| a != b).count();
        worst.equal(differ as f64, 0.0, 0.0, format_args!("how many of 20 draws differ"));
        Ok(worst.verdict())
    })
}

/// The kernel of a whole block, `log_densities`, is `log_density` row by row; and p = exp ln p.
pub fn the_kernel_of_a_block_is_the_density<D: Distribution>() -> Law<D>
where
    D::Value: Coordinates,
{
    Law::new("the_kernel_of_a_block_is_the_density", "log_densities[n] = log_density(x_n)", Part::Kernel, |d| {
        let mut worst = Worst::of("16 ε (1 + max |ln p|)");
        let mut buffer = <D::Value as Observation>::Buffer::default();
        let drawn = draws(d, 65, 4);
        drawn.iter().for_each(|x| D::Value::push(&mut buffer, x.borrow()));
        let mut block = vec![f64::NAN; drawn.len()];
        d.log_densities(D::Value::block(&buffer), &mut block);
        let logs: Vec<f64> = drawn.iter().map(|x| d.log_density(x.borrow())).collect();
        let largest = logs.iter().filter(|l| l.is_finite()).fold(0.0, |m: f64, l| m.max(l.abs()));
        for (n, (&left, &right)) in block.iter().zip(&logs).enumerate() {
            let tolerance = ROUND_OFF * (1.0 + largest);
            worst.equal(left, right, tolerance, format_args!("ln p of draw {n}, in a block and alone"));
            let (density, p) = (d.density(drawn[n].borrow()), right.exp());
            worst.equal(density, p, tolerance * p, format_args!("p of draw {n}, and exp ln p"));
        }
        Ok(worst.verdict())
    })
}
