//! `StandardErrors`: how well the data determine each parameter.

use std::fmt;

use crate::data::Dataset;
use crate::error::{Error, counted};
use crate::latent::LatentModel;
use crate::numeric::decimals;

use super::error::UncertaintyError;
use super::information::differences::extrapolated;
use super::information::observed::ObservedInformation;
use super::interval::Interval;
use super::named::{Bounds, NamedParameter, NamedParameters, Naming};
use super::side_by_side::side_by_side;

/// Of the parameters that move along a direction, these many are named.
const NAMED: usize = 3;

/// Standard errors of the parameters of a fit, by the [observed information](ObservedInformation).
///
/// The inverse of the information is the covariance of the coordinates of θ; what people read, such as proportions and
/// covariances, follows by the delta method: the standard error of f(θ) is √(∇fᵀ I⁻¹ ∇f). Weights are counts: a row of
/// weight 2 tells as much as two rows. With a prior these are the standard deviations of the posterior density about its mode.
///
/// They hold for data large enough that ℓ is quadratic within a few standard errors of θ; where that is in doubt,
/// compare with a [`Bootstrap`](super::Bootstrap).
/// ```
/// use marginal::prelude::*;
/// use marginal::uncertainty::StandardErrors;
/// let table = Table::read_csv("data/faithful.csv")?;
/// let model = GaussianMixture::new(2).covariance(Covariance::Tied);
/// let fit = Em::default().restarts(10).seed(1).fit(&model, &table)?;
/// let errors = StandardErrors::named(&model, &table, &fit.parameters, table.names())?;
/// println!("{errors}"); // each parameter ± its standard error
/// let mean = errors.parameter("component 0: mean of eruptions").expect("a parameter of that name");
/// let interval = mean.interval(0.95)?.expect("it is not held");
/// assert!(interval.lower < mean.value && mean.value < interval.upper);
/// assert!(errors.information().fractions_missing()[0] < 0.5); // the components hardly overlap
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StandardErrors<P> {
    theta: P,
    information: ObservedInformation,
    parameters: Vec<Uncertain>,
}

/// A parameter and how well it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertain {
    /// Its name.
    pub name: String,
    /// The estimate.
    pub value: f64,
    /// Its standard error; `None` if it is held or lies at a bound: then the data have no say in it.
    pub standard_error: Option<f64>,
    /// Where it can lie.
    pub bounds: Bounds,
}

impl Uncertain {
    /// The interval that holds the parameter with this confidence, by the normal approximation of its logarithm if it is
    /// positive, of its logit if it is a probability; `None` if there is no standard error.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the confidence is in (0, 1).
    pub fn interval(&self, confidence: f64) -> Result<Option<Interval>, Error> {
        let of = |error| Interval::normal(self.value, error, self.bounds, confidence);
        self.standard_error.map(of).transpose()
    }
}

impl<P: NamedParameters + Send + Sync> StandardErrors<P> {
    /// Those of θ, the parameters of a fit to the data; columns are called by their numbers.
    ///
    /// # Errors
    /// Those of [`ObservedInformation::of`].
    pub fn of<M, D>(model: &M, data: &D, theta: &P) -> Result<Self, UncertaintyError>
    where
        M: LatentModel<Parameters = P>,
        D: Dataset<M::Observation> + ?Sized,
    {
        Self::named(model, data, theta, &[])
    }

    /// The same, with the names of the columns.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn named<M, D>(model: &M, data: &D, theta: &P, columns: &[String]) -> Result<Self, UncertaintyError>
    where
        M: LatentModel<Parameters = P>,
        D: Dataset<M::Observation> + ?Sized,
    {
        let naming = Naming::of_columns(columns);
        let describe = |direction: &[f64]| along(theta, naming, direction);
        let information = ObservedInformation::described(model, data, theta, &describe)?;
        let parameters = theta.named_parameters(naming);
        let read = |theta: &P| theta.named_parameters(naming).into_iter().map(|p| p.value).collect();
        let errors = delta(theta, &information, &read)?;
        let uncertain = |(p, standard_error): (NamedParameter, Option<f64>)| {
            let NamedParameter { name, value, bounds } = p;
            Uncertain { name, value, standard_error, bounds }
        };
        let parameters = parameters.into_iter().zip(errors).map(uncertain).collect();
        Ok(Self { theta: theta.clone(), information, parameters })
    }

    /// The standard errors of any numbers that are read from θ, by the delta method; `None` of a number that no
    /// coordinate moves.
    /// ```
    /// use marginal::prelude::*;
    /// use marginal::uncertainty::StandardErrors;
    /// let x = [51.0, 54.0, 56.0, 59.0, 79.0, 80.0, 82.0, 85.0];
    /// let model = Mixture::of(vec![Normal::new(50.0, 5.0)?, Normal::new(80.0, 5.0)?])?;
    /// let fit = Em::default().tolerance(1e-14).fit(&model, &x)?;
    /// let errors = StandardErrors::of(&model, &x, &fit.parameters)?;
    /// let gap = errors.of_function(|m| vec![m.components()[1].mean() - m.components()[0].mean()])?[0];
    /// assert!((gap.unwrap() - 1.854).abs() < 0.01);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`UncertaintyError::NotSettled`] where the numbers are not smooth in θ.
    pub fn of_function(&self, read: impl Fn(&P) -> Vec<f64> + Sync) -> Result<Vec<Option<f64>>, UncertaintyError> {
        delta(&self.theta, &self.information, &read)
    }
}

impl<P> StandardErrors<P> {
    /// Each parameter.
    pub fn parameters(&self) -> &[Uncertain] {
        &self.parameters
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Uncertain> {
        self.parameters.iter().find(|p| p.name == name)
    }

    /// The information that they come from, with the fractions that are missing.
    pub fn information(&self) -> &ObservedInformation {
        &self.information
    }

    /// What is to be known beside the numbers, in sentences.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.information.is_penalised() {
            remarks.push("with a prior: the spread of the posterior density about its mode".to_owned());
        }
        if self.information.held() > 0 {
            let held = counted(self.information.held(), "free parameter");
            remarks.push(format!("{held} at a bound (a probability near 0), taken as known"));
        }
        if self.information.distance() > 0.01 {
            let distance = decimals(self.information.distance(), 3);
            remarks.push(format!("the fit is {distance} standard errors from the maximum: a smaller tolerance"));
        }
        remarks
    }
}

/// One line a parameter, then the largest fraction of missing information.
impl<P> fmt::Display for StandardErrors<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for p in &self.parameters {
            match p.standard_error {
                Some(error) => writeln!(f, "{} {} ± {}", p.name, decimals(p.value, 6), decimals(error, 6))?,
                None => writeln!(f, "{} {} (held)", p.name, decimals(p.value, 6))?,
            }
        }
        let missing = self.information.fractions_missing().first().copied().unwrap_or(0.0);
        write!(f, "largest fraction of missing information {}", decimals(missing, 6))?;
        self.remarks().iter().try_for_each(|remark| write!(f, "\n{remark}"))
    }
}

/// √(∇fᵀ I⁻¹ ∇f) of each number that `read` finds in θ.
fn delta<P: NamedParameters + Send + Sync>(
    theta: &P,
    information: &ObservedInformation,
    read: &(dyn Fn(&P) -> Vec<f64> + Sync),
) -> Result<Vec<Option<f64>>, UncertaintyError> {
    let p = information.coordinates.len();
    let columns = side_by_side(p, |j| slopes(theta, information, j, read));
    let columns = columns.into_iter().collect::<Result<Vec<_>, _>>()?;
    let covariance = information.covariance();
    let of_number = |n: usize| {
        let slope: Vec<f64> = columns.iter().map(|column| column[n]).collect();
        let spread = |j: usize| slope[j] * (0..p).map(|k| covariance[j * p + k] * slope[k]).sum::<f64>();
        slope.iter().any(|s| *s != 0.0).then(|| (0..p).map(spread).sum::<f64>().max(0.0).sqrt())
    };
    Ok((0..read(theta).len()).map(of_number).collect())
}

/// ∂f/∂θ_j, by differences at two steps.
fn slopes<P: NamedParameters>(
    theta: &P,
    information: &ObservedInformation,
    j: usize,
    read: &(dyn Fn(&P) -> Vec<f64> + Sync),
) -> Result<Vec<f64>, UncertaintyError> {
    let at = |by: f64| {
        let mut vector = information.coordinates.clone();
        vector[j] += by;
        theta.from_vector(&vector).map(|theta| read(&theta))
    };
    let level = |step: f64| {
        let (ahead, back) = (at(step)?, at(-step)?);
        Ok::<_, Error>(ahead.iter().zip(&back).map(|(a, b)| (a - b) / (2.0 * step)).collect::<Vec<_>>())
    };
    let (step, here) = (information.steps()[j], read(theta));
    let levels = [level(step)?, level(step / 2.0)?, level(step / 4.0)?];
    (0..levels[0].len())
        .map(|n| {
            let (slope, apart) = extrapolated([0, 1, 2].map(|l| levels[l][n]));
            if apart <= 1e-5 * slope.abs() + 1e-9 * here[n].abs() / step {
                return Ok(slope);
            }
            let (what, change) = ("a parameter", apart / slope.abs());
            Err(UncertaintyError::NotSettled { what, along: format!("coordinate {j}"), change })
        })
        .collect()
}

/// The parameters that change most along a direction, each beside its value.
fn along<P: NamedParameters>(theta: &P, naming: Naming<'_>, direction: &[f64]) -> String {
    let coordinates = theta.to_vector();
    let largest = direction.iter().fold(0.0f64, |m, d| m.max(d.abs())).max(f64::MIN_POSITIVE);
    let moved: Vec<f64> = coordinates.iter().zip(direction).map(|(c, d)| c + 1e-4 * d / largest).collect();
    let here = theta.named_parameters(naming);
    let Ok(there) = theta.from_vector(&moved).map(|theta| theta.named_parameters(naming)) else {
        return "a coordinate".to_owned();
    };
    let mut changes: Vec<(f64, &str)> = here
        .iter()
        .zip(&there)
        .map(|(a, b)| ((b.value - a.value).abs() / (1e-4 + a.value.abs()), a.name.as_str()))
        .collect();
    changes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let most = changes.first().map_or(0.0, |(change, _)| *change);
    let named = changes.iter().take(NAMED).filter(|(change, _)| *change > 0.2 * most && *change > 0.0);
    let names: Vec<&str> = named.map(|(_, name)| *name).collect();
    if names.is_empty() { "a coordinate".to_owned() } else { names.join(", ") }
}
