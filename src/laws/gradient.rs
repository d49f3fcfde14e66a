//! Laws of the free coordinates of θ: they come back; ℓ and Q have one slope at θ; Q has none where the M-step ends.

use crate::distributions::Parametric;
use crate::error::Error;
use crate::latent::{Climbs, Guarantee, LatentModel};
use crate::numeric::Sum;

use super::law::Worst;
use super::view::{ROUND_OFF, View};
use super::{Coordinates, LatentCase, Law, Part, Verdict};

/// `from_vector(to_vector(θ))` is θ: it gives every observation the same density.
pub fn coordinates_come_back<M>() -> Law<LatentCase<M>>
where
    M: LatentModel<Parameters: Parametric, Observation: Coordinates>,
{
    Law::new("coordinates_come_back", "from_vector(to_vector(θ)) = θ", Part::Coordinates, |case: &LatentCase<M>| {
        let (view, mut worst) = (View::of(case)?, Worst::of("64 ε (1 + |ℓ| + B) (1 + max |coordinate|)"));
        let vector = case.theta.to_vector();
        let back = case.theta.from_vector(&vector)?;
        let largest = vector.iter().fold(0.0f64, |m, c| m.max(c.abs()));
        let normaliser = view.normaliser();
        let rows = view.log_densities.iter().zip(view.log_densities_at(&back)?);
        for (n, (&left, right)) in rows.enumerate() {
            let tolerance = 4.0 * ROUND_OFF * (1.0 + left.abs() + normaliser) * (1.0 + largest);
            worst.equal(left, right, tolerance, || format!("ln p of row {n} before and after"));
        }
        Ok(worst.verdict())
    })
}

/// By how much ln p and Q of a row may move over the steps of the next law.
const MOVE: f64 = 1e-5;

/// ln p(x_n | θ′) and Q(θ′, S_n) of each row.
struct Rows {
    log_densities: Vec<f64>,
    q: Vec<f64>,
}

impl Rows {
    fn at<M>(view: &View<'_, M>, theta: &M::Parameters) -> Result<Self, Error>
    where
        M: LatentModel<Observation: Coordinates>,
    {
        Ok(Self { log_densities: view.log_densities_at(theta)?, q: view.q_at(theta) })
    }

    /// Whether a step to either side moves no row by more than [`MOVE`]. What moves oppositely in two states shows in
    /// the even part alone.
    fn move_little(&self, [up, down]: &[Self; 2]) -> bool {
        let little = |here: &[f64], up: &[f64], down: &[f64]| {
            here.iter().zip(up).zip(down).all(|((here, up), down)| {
                let (up, down) = (up - here, down - here);
                up.abs().max(down.abs()) <= MOVE && (up + down).abs() <= MOVE * MOVE
            })
        };
        little(&self.log_densities, &up.log_densities, &down.log_densities) && little(&self.q, &up.q, &down.q)
    }
}

/// ∇ℓ(θ) = ∇Q(θ′, θ) at θ′ = θ (Fisher's identity): the E-step's posterior is that of the density.
pub fn the_likelihood_and_q_have_one_slope<M>() -> Law<LatentCase<M>>
where
    M: LatentModel<Parameters: Parametric, Observation: Coordinates>,
{
    let (name, statement) = ("the_likelihood_and_q_have_one_slope", "∂ℓ/∂θ_j = ∂Q(θ′, θ)/∂θ′_j at θ′ = θ");
    Law::new(name, statement, Part::EStep, |case: &LatentCase<M>| {
        if !matches!(case.model.climbs(), Climbs::LogLikelihood | Climbs::Penalised) {
            return Ok(Verdict::NotPromised("the E-step does not return the log-likelihood".into()));
        }
        let (view, mut worst) = (View::of(case)?, Worst::of("the round-off of ℓ and of Q, and 2 Σ w δ³, δ = 1e-5"));
        let (vector, here) = (case.theta.to_vector(), Rows::at(&view, &case.theta)?);
        let weight: f64 = view.weights.iter().sum();
        let tolerance = 2.0 * view.round_off_of_q(&case.theta) + 2.0 * weight * MOVE.powi(3);
        for j in 0..vector.len() {
            let beside = |step: f64| {
                let mut moved = vector.clone();
                moved[j] += step;
                Rows::at(&view, &case.theta.from_vector(&moved)?)
            };
            let both = |h: f64| Ok::<_, Error>([beside(h)?, beside(-h)?]);
            let steps = (10..60).map(|k| 0.5f64.powi(k));
            let Some([up, down]) = steps.filter_map(|h| both(h).ok()).find(|sides| here.move_little(sides)) else {
                continue;
            };
            let rise = |up: &[f64], down: &[f64]| {
                let terms = up.iter().zip(down).zip(&view.weights);
                0.5 * terms.flat_map(|((a, b), w)| [w * a, -w * b]).collect::<Sum>().value()
            };
            worst.equal(rise(&up.log_densities, &down.log_densities), rise(&up.q, &down.q), tolerance, || {
                format!("by how much ℓ and Q rise over one small step along free coordinate {j}")
            });
        }
        Ok(worst.verdict())
    })
}

/// Where the M-step ends no free coordinate has a slope in Q + ln prior: what one Newton step along it would still win, a² / 4|b|, is
/// nothing. Where Q has a kink, as that of a median has, it falls on both sides.
pub fn the_estimate_is_stationary<M>() -> Law<LatentCase<M>>
where
    M: LatentModel<Parameters: Parametric, Observation: Coordinates>,
{
    Law::new(
        "the_estimate_is_stationary",
        "∂Q/∂θ_j = 0 where the M-step ends",
        Part::MStep,
        |case: &LatentCase<M>| {
            if case.model.guarantee() != Guarantee::Exact {
                return Ok(Verdict::NotPromised("the M-step does not promise a maximum".into()));
            }
            let (view, mut worst) =
                (View::of(case)?, Worst::of("the round-off of Q, and of its slope through a² / 4|b|"));
            let s = &view.statistics;
            let theta = case.model.m_step(&case.theta, s)?;
            let (vector, noise) = (theta.to_vector(), view.round_off_of_penalised(&theta));
            let total: f64 = view.weights.iter().sum();
            let here = case.penalised(&theta, s);
            for j in 0..vector.len() {
                let at = |step: f64| {
                    let mut moved = vector.clone();
                    moved[j] += step;
                    theta.from_vector(&moved).map_or(f64::NAN, |t| case.penalised(&t, s))
                };
                // The step at which the curvature shows above round-off, but the third derivative does not yet.
                let parts = |h: f64| (0.5 * (at(h) - at(-h)), 0.5 * (at(h) + at(-h)) - here);
                let visible = (noise * 1e3).max(1e-7 * total);
                let Some(h) = (2..50).map(|k| 0.5f64.powi(k)).find(|&h| parts(h).1.abs() <= visible) else { continue };
                let ((odd, even), (half, half_even)) = (parts(h), parts(0.5 * h));
                // A parabola falls to a quarter at half the step, a kink to a half.
                if even.abs() > 4.0 * noise && even / half_even < 3.0 {
                    for side in [at(h), at(-h)] {
                        worst.at_least(here, side, noise, || {
                            format!("Q at the kink, and beside it along coordinate {j}")
                        });
                    }
                    continue;
                }
                let slope = (8.0 * half - odd) / 3.0;
                let flat = slope.abs() <= 4.0 * noise;
                let gain = if even < 0.0 { slope * slope / (4.0 * even.abs()) } else { slope.abs() };
                // A flat coordinate is one that these data do not determine.
                let tolerance = if flat { f64::INFINITY } else { noise + 64.0 * noise * noise / (4.0 * even.abs()) };
                worst.equal(gain, 0.0, tolerance, || {
                    format!("what a Newton step along free coordinate {j} still gains in Q")
                });
            }
            Ok(worst.verdict())
        },
    )
}
