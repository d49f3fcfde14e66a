//! M-steps without a closed form: parts of θ in turn (ECM), and ascent along the gradient of Q with a line search.

use crate::distributions::Parametric;
use crate::error::Error;
use crate::numeric::halved_until;

/// What one evaluation of Q is off by at least, in units of 1 + |Q|.
const ROUND_OFF: f64 = 16.0 * f64::EPSILON;
/// What it is off by at most, where large terms cancel: half of the digits.
const MOST_ROUND_OFF: f64 = 1.5e-8;
/// The share of what the slope promises that a step must gain (Armijo 1966).
const SUFFICIENT: f64 = 1e-4;

/// A conditional maximisation: what it maximises over, and θ with that part at its best given the others.
pub type Conditional<'a, P> = (&'static str, &'a dyn Fn(&P) -> Result<P, Error>);

/// ECM (Meng & Rubin 1993): each part of θ is maximised given the others, one after the other. For an M-step that promises
/// [`Generalised`](crate::distributions::Guarantee::Generalised): Q never falls, since a part is left as it is where
/// round-off lets Q fall.
///
/// A straight line y = a + b x, one coefficient at a time:
/// ```
/// use marginal::latent::maximise_in_turn;
/// let (x, y) = ([0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]);
/// let rest = |[a, b]: [f64; 2]| (0..4).map(move |n| y[n] - a - b * x[n]);
/// let q = |line: &[f64; 2]| -0.5 * rest(*line).map(|r| r * r).sum::<f64>();
/// let intercept = |line: &[f64; 2]| Ok([line[0] + rest(*line).sum::<f64>() / 4.0, line[1]]);
/// let slope = |line: &[f64; 2]| Ok([line[0], line[1] + rest(*line).zip(x).map(|(r, x)| r * x).sum::<f64>() / 14.0]);
/// let mut line = [0.0, 0.0];
/// for _ in 0..60 {
///     line = maximise_in_turn(&line, q, &[("the intercept", &intercept), ("the slope", &slope)])?;
/// }
/// assert!((line[1] - 1.98).abs() < 1e-6);
/// # Ok::<(), marginal::Error>(())
/// ```
///
/// # Errors
/// [`Error::LawBroken`] for a maximisation in which Q falls, with the name of its part; those of the maximisations.
pub fn maximise_in_turn<P: Clone>(
    theta_old: &P,
    q: impl Fn(&P) -> f64,
    conditionals: &[Conditional<'_, P>],
) -> Result<P, Error> {
    let (mut theta, mut reached) = (theta_old.clone(), q(theta_old));
    for (suspect, maximise) in conditionals {
        let next = maximise(&theta)?;
        let (left, right) = (q(&next), reached);
        let tolerance = MOST_ROUND_OFF * (1.0 + left.abs() + right.abs());
        if left >= right {
            (theta, reached) = (next, left);
        } else if !(left >= right - tolerance) {
            // Negated so that NaN fails.
            let law = "Q rises in each conditional maximisation";
            return Err(Error::LawBroken { law, left, right, tolerance, suspect });
        }
    }
    Ok(theta)
}

/// θ after at most so many steps along the gradient of Q, each of which gains: for an M-step that promises
/// [`Generalised`](crate::distributions::Guarantee::Generalised).
///
/// Q is a function of θ; its gradient is that in the [coordinates](Parametric) of θ. A step is as long as the last two
/// gradients suggest (Barzilai & Borwein 1988), and is halved until it gains 10⁻⁴ of what the slope promises. Where round-off
/// hides any gain, θ is returned as it is. The first step is at most 1 long, which says nothing where coordinates are of
/// another size than about 1: scale them. Where the model has a prior, `q` is Q + ln prior.
/// ```
/// use marginal::latent::ascend;
/// // The location of a Cauchy distribution; the maximum lies between the sample's middle values.
/// let x = [-1.2, 0.1, 0.4, 0.9, 14.0];
/// let q = |m: &f64| x.iter().map(|x| -(1.0 + (x - m).powi(2)).ln()).sum::<f64>();
/// let slope = |m: &f64| vec![x.iter().map(|x| 2.0 * (x - m) / (1.0 + (x - m).powi(2))).sum::<f64>()];
/// let m = ascend(&5.0, 50, q, slope)?;
/// assert!(slope(&m)[0].abs() < 1e-6 && m > 0.0 && m < 1.0);
/// # Ok::<(), marginal::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotANumber`] if Q or the gradient is not finite at `theta_old` (or the gradient later on);
/// [`Error::Dimension`] for a gradient of another length than the coordinates; [`Error::LawBroken`] if no step gains
/// because Q does not rise along what is said to be its gradient.
pub fn ascend<P: Parametric + Clone>(
    theta_old: &P,
    steps: usize,
    q: impl Fn(&P) -> f64,
    gradient: impl Fn(&P) -> Vec<f64>,
) -> Result<P, Error> {
    let (mut theta, mut reached) = (theta_old.clone(), q(theta_old));
    if !reached.is_finite() {
        return Err(Error::NotANumber { objective: "value of Q", before: f64::NAN, after: reached });
    }
    let mut last: Option<(Vec<f64>, Vec<f64>)> = None;
    for _ in 0..steps {
        let (at, slope) = (theta.to_vector(), gradient(&theta));
        if slope.len() != at.len() {
            return Err(Error::Dimension { what: "the gradient", expected: at.len(), found: slope.len() });
        }
        if let Some(&after) = slope.iter().find(|g| !g.is_finite()) {
            return Err(Error::NotANumber { objective: "gradient of Q", before: reached, after });
        }
        let length = last.as_ref().and_then(|(before, old)| of_two_gradients([before, &at], [old, &slope]));
        let squared = dot(&slope, &slope);
        let length = length.unwrap_or_else(|| squared.sqrt().recip().min(1.0));
        let mut step: Vec<f64> = slope.iter().map(|g| g * length).collect();
        let search = Search { theta: &theta, at: &at, slope: &slope, reached };
        match search.along(&mut step, &q)? {
            None => return Ok(theta),
            Some((next, value)) => {
                last = Some((at, slope));
                (theta, reached) = (next, value);
            }
        }
    }
    Ok(theta)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// ‖Δx‖² / |Δx · Δg|, if it is a length.
fn of_two_gradients([before, at]: [&[f64]; 2], [old, new]: [&[f64]; 2]) -> Option<f64> {
    let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f64>>();
    let (moved, changed) = (minus(at, before), minus(new, old));
    let length = dot(&moved, &moved) / dot(&moved, &changed).abs();
    (length.is_finite() && length > 0.0).then_some(length)
}

/// A line search from θ along the gradient.
struct Search<'a, P> {
    theta: &'a P,
    at: &'a [f64],
    slope: &'a [f64],
    reached: f64,
}

impl<P: Parametric> Search<'_, P> {
    /// The first θ that gains enough and its Q; `None` if round-off hides any gain.
    fn along(&self, step: &mut [f64], q: impl Fn(&P) -> f64) -> Result<Option<(P, f64)>, Error> {
        let noise = ROUND_OFF * (1.0 + self.reached.abs());
        // What was gained of what was promised by the last two steps.
        let mut shares = [f64::NAN; 2];
        let found = halved_until(step, |step| {
            let promised = dot(step, self.slope);
            if !(promised > 16.0 * noise) {
                return Some(None);
            }
            let moved: Vec<f64> = self.at.iter().zip(step).map(|(x, d)| x + d).collect();
            // What is no θ is too far.
            let there = self.theta.from_vector(&moved).ok().map(|theta| (q(&theta), theta));
            let gained = there.as_ref().map_or(f64::NAN, |(value, _)| value - self.reached);
            if promised > MOST_ROUND_OFF * (1.0 + self.reached.abs()) {
                shares = [shares[1], gained / promised];
            }
            there.filter(|_| gained >= SUFFICIENT * promised).map(|(value, theta)| Some((theta, value)))
        });
        // Extrapolated to steps of length 0, where all of the promise must be kept.
        let kept = 2.0 * shares[1] - shares[0];
        match found.flatten() {
            None if kept < 0.5 => {
                let (law, suspect) = ("the slope of Q along its gradient g is ‖g‖²", "gradient");
                let right = dot(self.slope, self.slope);
                Err(Error::LawBroken { law, left: kept * right, right, tolerance: 0.5 * right, suspect })
            }
            found => Ok(found),
        }
    }
}
