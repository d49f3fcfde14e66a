//! Q about θ: the information −∂²Q/∂θ′² in complete data, and the slope of Q under the statistics of any E-step.
//!
//! Both are differences of Q, which costs no pass over the data. The step along each coordinate is found from Q itself: Q
//! falls there by some 0.005 N nats, and the differences of three steps agree.

use crate::distributions::Parametric;
use crate::em::penalised;
use crate::latent::LatentModel;

use super::differences::extrapolated;
use crate::uncertainty::error::UncertaintyError;
use crate::uncertainty::side_by_side::side_by_side;

/// The steps beside which a derivative is taken: all, half, and a quarter of the first.
const LEVELS: [f64; 3] = [1.0, 0.5, 0.25];
/// By how much Q is to fall at the first step, for each draw.
const FALL: f64 = 0.005;
/// How far differences of Q may be apart, as a share of the curvature.
const AGREE: f64 = 1e-9;
/// Beyond this they tell nothing.
const APART: f64 = 1e-4;
/// Steps that are tried.
const TRIALS: usize = 60;

/// Names what moves along a direction in the coordinates.
pub(super) type Describe<'a> = &'a (dyn Fn(&[f64]) -> String + Sync);

/// Q(θ′, S) + ln prior(θ′) for θ′ near θ.
pub(super) struct Complete<'a, M: LatentModel> {
    model: &'a M,
    theta: &'a M::Parameters,
    pub(super) coordinates: Vec<f64>,
    /// The first step along each coordinate.
    pub(super) steps: Vec<f64>,
    /// −∂²Q/∂θ′², p × p.
    pub(super) information: Vec<f64>,
    /// 1 / √ of its diagonal: the standard errors that complete data would give each coordinate alone.
    pub(super) scales: Vec<f64>,
    /// The largest error of the information, in these scales.
    pub(super) error: f64,
    /// θ beside θ: along each coordinate ahead and back by each of the levels.
    beside: Vec<[[M::Parameters; 2]; 3]>,
}

impl<'a, M: LatentModel<Parameters: Parametric + Send>> Complete<'a, M> {
    /// The information in complete data of these statistics, which are those of θ, from so many draws.
    pub(super) fn new(
        model: &'a M,
        theta: &'a M::Parameters,
        s: &M::Statistics,
        draws: f64,
        describe: Describe<'_>,
    ) -> Result<Self, UncertaintyError> {
        let coordinates = theta.to_vector();
        if let Some((coordinate, &value)) = coordinates.iter().enumerate().find(|(_, c)| !c.is_finite()) {
            return Err(UncertaintyError::AtBound { coordinate, value });
        }
        let p = coordinates.len();
        let near = Near { model, theta, coordinates: &coordinates, s };
        let here = near.q(&[]).unwrap_or(f64::NAN);
        let found = side_by_side(p, |k| near.curvature(k, here, draws, describe));
        let found = found.into_iter().collect::<Result<Vec<_>, _>>()?;
        let steps: Vec<f64> = found.iter().map(|(step, ..)| *step).collect();
        let scales: Vec<f64> = found.iter().map(|(_, curvature, _)| 1.0 / curvature.sqrt()).collect();
        let rows = side_by_side(p, |j| (0..j).map(|k| near.mixed([j, k], &steps)).collect::<Vec<_>>());
        let mut information = vec![0.0; p * p];
        let mut error = found.iter().map(|(.., error)| *error).fold(0.0, f64::max);
        for (j, row) in rows.iter().enumerate() {
            information[j * (p + 1)] = found[j].1;
            for (k, (value, apart)) in row.iter().enumerate() {
                information[j * p + k] = -value;
                information[k * p + j] = -value;
                error = worse(error, apart * scales[j] * scales[k]);
                if error > APART {
                    let along = describe(&unit(p, j, steps[j]));
                    return Err(UncertaintyError::NotSettled { what: "Q", along, change: error });
                }
            }
        }
        let beside = (0..p).map(|k| near.beside(k, steps[k])).collect::<Result<_, _>>()?;
        Ok(Self { model, theta, coordinates, steps, information, scales, error, beside })
    }

    /// θ moved along one coordinate.
    pub(super) fn moved(&self, coordinate: usize, by: f64) -> Option<M::Parameters> {
        let mut vector = self.coordinates.clone();
        vector[coordinate] += by;
        self.theta.from_vector(&vector).ok()
    }

    /// ∂(Q(θ′, S) + ln prior)/∂θ′ at θ.
    pub(super) fn slope(&self, s: &M::Statistics) -> Vec<f64> {
        let q = |theta: &M::Parameters| penalised(self.model, theta, s);
        side_by_side(self.steps.len(), |k| {
            let level = |l: usize| {
                let [ahead, back] = &self.beside[k][l];
                (q(ahead) - q(back)) / (2.0 * self.steps[k] * LEVELS[l])
            };
            extrapolated([level(0), level(1), level(2)]).0
        })
    }
}

/// NaN is the worst.
fn worse(a: f64, b: f64) -> f64 {
    if b.is_nan() { f64::INFINITY } else { a.max(b) }
}

/// A step along one coordinate.
pub(super) fn unit(p: usize, coordinate: usize, step: f64) -> Vec<f64> {
    let mut direction = vec![0.0; p];
    direction[coordinate] = step;
    direction
}

struct Near<'a, M: LatentModel> {
    model: &'a M,
    theta: &'a M::Parameters,
    coordinates: &'a [f64],
    s: &'a M::Statistics,
}

impl<M: LatentModel<Parameters: Parametric>> Near<'_, M> {
    /// Q at θ moved along some coordinates; `None` where that leads out of the model.
    fn q(&self, moves: &[(usize, f64)]) -> Option<f64> {
        let mut vector = self.coordinates.to_vec();
        moves.iter().for_each(|(k, by)| vector[*k] += by);
        let theta = self.theta.from_vector(&vector).ok()?;
        Some(penalised(self.model, &theta, self.s)).filter(|q| q.is_finite())
    }

    /// (2 Q − Q(ahead) − Q(back)) / step² of one coordinate.
    fn second(&self, k: usize, here: f64, step: f64) -> Option<f64> {
        Some((2.0 * here - self.q(&[(k, step)])? - self.q(&[(k, -step)])?) / (step * step))
    }

    /// The step, the curvature there, and the curvature's error as a share of it.
    fn curvature(
        &self,
        k: usize,
        here: f64,
        draws: f64,
        describe: Describe<'_>,
    ) -> Result<(f64, f64, f64), UncertaintyError> {
        let mut step = 0.1 * self.coordinates[k].abs().max(1.0);
        let mut last = None;
        for _ in 0..TRIALS {
            let fall = self.second(k, here, step).map(|second| 0.5 * second * step * step / draws);
            last = fall;
            match fall {
                Some(fall) if (0.2 * FALL..5.0 * FALL).contains(&fall) => break,
                Some(fall) if fall > 1e-12 => step *= (FALL / fall).sqrt().clamp(1e-3, 1e3),
                Some(_) => step *= 16.0,
                None => step /= 4.0,
            }
        }
        let along = || describe(&unit(self.coordinates.len(), k, step));
        if last.is_some_and(|fall| fall.abs() <= 1e-12) {
            return Err(UncertaintyError::Flat { along: along(), share: 0.0 });
        }
        let (mut best, first) = ((step, f64::NAN, f64::INFINITY), step);
        for halvings in 0..8 {
            let step = first / f64::from(1u32 << halvings);
            let level = |l: usize| self.second(k, here, step * LEVELS[l]).unwrap_or(f64::NAN);
            let (curvature, apart) = extrapolated([level(0), level(1), level(2)]);
            if apart / curvature.abs() < best.2 {
                best = (step, curvature, apart / curvature.abs());
            }
            if best.2 <= AGREE {
                break;
            }
        }
        match best {
            (_, curvature, error) if error <= APART && curvature > 0.0 => Ok(best),
            (_, curvature, error) if error <= APART && curvature <= 0.0 => {
                Err(UncertaintyError::Saddle { along: along(), share: -1.0 })
            }
            (_, _, change) => Err(UncertaintyError::NotSettled { what: "Q", along: along(), change }),
        }
    }

    /// ∂²Q of two coordinates, and its error.
    fn mixed(&self, [j, k]: [usize; 2], steps: &[f64]) -> (f64, f64) {
        let level = |l: usize| {
            let (a, b) = (steps[j] * LEVELS[l], steps[k] * LEVELS[l]);
            let q = |a: f64, b: f64| self.q(&[(j, a), (k, b)]).unwrap_or(f64::NAN);
            ((q(a, b) - q(a, -b)) - (q(-a, b) - q(-a, -b))) / (4.0 * a * b)
        };
        extrapolated([level(0), level(1), level(2)])
    }

    fn beside(&self, k: usize, step: f64) -> Result<[[M::Parameters; 2]; 3], UncertaintyError> {
        let moved = |by: f64| {
            let mut vector = self.coordinates.to_vec();
            vector[k] += by;
            self.theta.from_vector(&vector)
        };
        let level = |l: usize| Ok::<_, UncertaintyError>([moved(step * LEVELS[l])?, moved(-step * LEVELS[l])?]);
        Ok([level(0)?, level(1)?, level(2)?])
    }
}
