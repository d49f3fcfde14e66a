//! Laws of the free coordinates of θ: they come back; the M-step moves nothing else; ℓ and Q have one slope at θ; Q has
//! none where the M-step ends.

use crate::distributions::Parametric;
use crate::error::Error;
use crate::latent::{Climbs, Guarantee, LatentModel};
use crate::numeric::Sum;

use crate::laws::law::Worst;
use crate::laws::view::{ROUND_OFF, View};
use crate::laws::{Coordinates, LatentCase, Law, Part, Verdict};

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
            worst.equal(left, right, tolerance, format_args!("ln p of row {n} before and after"));
        }
        Ok(worst.verdict())
    })
}

/// θ with the free coordinates of θ′ is θ′: the M-step leaves alone what is held, and what makes no coordinate.
pub fn the_m_step_moves_free_coordinates_alone<M>() -> Law<LatentCase<M>>
where
    M: LatentModel<Parameters: Parametric, Observation: Coordinates>,
{
    let (name, statement) = ("the_m_step_moves_free_coordinates_alone", "θ.from_vector(to_vector(θ′)) = θ′");
    Law::new(name, statement, Part::MStep, |case: &LatentCase<M>| {
        let scale = "64 ε (1 + |ℓ| + B) (1 + max |coordinate|), and what 64 ε of each coordinate moves";
        let (view, mut worst) = (View::of(case)?, Worst::of(scale));
        let theta = case.model.m_step(&case.theta, &view.statistics)?;
        let vector = theta.to_vector();
        // A coordinate at the border is infinite, and has no way back.
        let Ok(moved) = case.theta.from_vector(&vector) else {
            return Ok(Verdict::DoesNotApply("the M-step ends at the border".into()));
        };
        let largest = vector.iter().fold(0.0f64, |m, c| m.max(c.abs()));
        let (normaliser, rounding) = (view.normaliser(), rounding_of(&view, &case.theta, &vector)?);
        let rows = view.log_densities_at(&theta)?.into_iter().zip(view.log_densities_at(&moved)?);
        for (n, (left, right)) in rows.enumerate() {
            let tolerance = 4.0 * ROUND_OFF * (1.0 + left.abs() + normaliser) * (1.0 + largest) + rounding[n];
            worst.equal(
                left,
                right,
                tolerance,
                format_args!("ln p of row {n} after an M-step, and at its coordinates"),
            );
        }
        Ok(worst.verdict())
    })
}

/// By how much ln p of each row moves, to first order, if every coordinate is off by 64 ε of itself.
fn rounding_of<M>(view: &View<'_, M>, theta: &M::Parameters, vector: &[f64]) -> Result<Vec<f64>, Error>
where
    M: LatentModel<Parameters: Parametric, Observation: Coordinates>,
{
    const STEP: f64 = 1e-6;
    let here = view.log_densities_at(&theta.from_vector(vector)?)?;
    let mut rounding = vec![0.0; here.len()];
    for j in 0..vector.len() {
        let mut beside = vector.to_vec();
        beside[j] *= 1.0 + STEP;
        let Ok(beside) = theta.from_vector(&beside) else { continue };
        let moved = view.log_densities_at(&beside)?.into_iter().zip(&here).map(|(beside, here)| (beside - here).abs());
        let finite = rounding.iter_mut().zip(moved).filter(|(_, moved)| moved.is_finite());
        finite.for_each(|(sum, moved)| *sum += 64.0 * f64::EPSILON / STEP * moved);
    }
    Ok(rounding)
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
        let tolerance = 4.0 * view.round_off_of_q(&case.theta) + 2.0 * weight * MOVE.powi(3);
        for j in 0..vector.len() {
            let beside = |step: f64| {
                let mut moved = vector.clone();
                moved[j] += step;
                Rows::at(&view, &case.theta.from_vector(&moved)?)
            };
            let both = |h: f64| Ok::<_, Error>([beside(h)?, beside(-h)?]);
            let steps = (10..60).map(|k| 0.5f64.powi(k));
            let found = steps.filter_map(|h| Some((both(h).ok()?, both(0.5 * h).ok()?)));
            let Some(([up, down], [near_up, near_down])) = found.into_iter().find(|(far, _)| here.move_little(far))
            else {
                continue;
            };
            // (8 f(h/2) − f(h)) / 3 is free of the third derivative, in which ℓ and Q differ.
            let rise = |of: fn(&Rows) -> &[f64]| {
                let far = of(&up).iter().zip(of(&down)).zip(&view.weights);
                let near = of(&near_up).iter().zip(of(&near_down)).zip(&view.weights);
                let far = far.flat_map(|((a, b), w)| [-w * a, w * b]);
                let near = near.flat_map(|((a, b), w)| [8.0 * w * a, -8.0 * w * b]);
                near.chain(far).collect::<Sum>().value() / 6.0
            };
            worst.equal(
                rise(|rows| &rows.log_densities),
                rise(|rows| &rows.q),
                tolerance,
                format_args!("by how much ℓ and Q rise over one small step along free coordinate {j}"),
            );
        }
        Ok(worst.verdict())
    })
}

/// Where the M-step ends, no step along one free coordinate gains in Q + ln prior. The steps are 4⁻¹ … 4⁻²⁰ to both
/// sides: of a parabola, one of them would win at least 0.6 of what there is to win.
pub fn the_estimate_is_stationary<M>() -> Law<LatentCase<M>>
where
    M: LatentModel<Parameters: Parametric, Observation: Coordinates>,
{
    let (name, statement) = ("the_estimate_is_stationary", "Q(θ′ + h e_j) ≤ Q(θ′) where the M-step ends");
    Law::new(name, statement, Part::MStep, |case: &LatentCase<M>| {
        if case.model.guarantee() != Guarantee::Exact {
            return Ok(Verdict::NotPromised("the M-step does not promise a maximum".into()));
        }
        let (view, mut worst) = (View::of(case)?, Worst::of("the round-off of Q at both"));
        let s = &view.statistics;
        let theta = case.model.m_step(&case.theta, s)?;
        let (vector, here) = (theta.to_vector(), case.penalised(&theta, s));
        let noise = view.round_off_of_penalised(&theta);
        let steps = (1..=20).map(|k| 0.25f64.powi(k)).flat_map(|h| [h, -h]);
        for (j, h) in (0..vector.len()).flat_map(|j| steps.clone().map(move |h| (j, h))) {
            let mut moved = vector.clone();
            moved[j] += h;
            let Ok(beside) = theta.from_vector(&moved) else { continue };
            let gain = case.penalised(&beside, s);
            let tolerance = if gain <= here + noise { noise } else { noise + view.round_off_of_penalised(&beside) };
            worst.at_least(
                here,
                gain,
                tolerance,
                format_args!("Q where the M-step ends, and {h:e} from there along free coordinate {j}"),
            );
        }
        Ok(worst.verdict())
    })
}
