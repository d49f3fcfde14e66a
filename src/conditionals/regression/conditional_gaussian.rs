//! Conditional Gaussian: x = a_z + b_z·y + ε, ε ~ N(0, σ_z²): a line in real parents y for each joint state of finite
//! parents z.

use std::fmt;
use std::marker::PhantomData;

use rand::Rng;

use crate::distributions::{Guarantee, ImaginedSpread, InverseGamma, Parametric};
use crate::error::Error;

use super::joint_moments::JointMoments;
use super::linear_gaussian::LinearGaussian;
use super::regression_line::RegressionLine;
use super::regressors::Regressors;
use crate::components::chosen;
use crate::conditionals::estimate_conditional::{log_densities_state_by_state, observe_state_by_state};
use crate::conditionals::finite_parents::configuration_rows::ConfigurationRows;
use crate::conditionals::finite_parents::configurations::Configurations;
use crate::conditionals::{
    CaseRows, ConditionalDistribution, Domain, EstimateConditional, FamilyRows, FiniteParents, Value,
};

/// p(x | z, y) = N(x; a_z + b_z·y, σ_z²): one [`LinearGaussian`] for each joint state of the finite parents, the first
/// of these the slowest.
///
/// The parents of a node are `(z, y)`; of several on either side `((z1, z2), (y1, y2))`.
/// ```
/// use marginal::conditionals::{ConditionalGaussian, ConditionalTable, LinearGaussian, Root};
/// use marginal::{distributions::Normal, graph::{Graph, Node}};
/// let mut g = Graph::builder();
/// let open: Node<bool> = g.node("open", (), ConditionalTable::new([[0.75, 0.25]])?);
/// let outside = g.node("outside", (), Normal::new(5.0, 8.0)?);
/// // Behind a closed window a tenth of the cold comes through, behind an open one half of it.
/// let lines = vec![LinearGaussian::new(18.0, &[0.1], 0.5)?, LinearGaussian::new(9.0, &[0.5], 1.0)?];
/// let inside = g.node("inside", (open, outside), ConditionalGaussian::new(lines)?);
/// let joint = g.build()?;
///
/// let cold = joint.evidence().with(inside, 9.0);
/// assert!(joint.posterior(open, &cold)?.probability(&true) > 0.999);
/// assert!((joint.posterior(outside, &cold)?.mean() - 0.294).abs() < 0.001);
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct ConditionalGaussian<F, R: ?Sized> {
    pub(crate) configurations: Configurations,
    pub(crate) lines: Vec<LinearGaussian<R>>,
    /// One σ for all lines.
    pub(crate) common: bool,
    types: PhantomData<fn(&F)>,
}

impl<F: FiniteParents, R: Regressors> ConditionalGaussian<F, R> {
    /// # Errors
    /// [`Error::Dimension`] if the number of lines does not belong to the finite parents (or leaves open how many
    /// states each has: then use [`over`](Self::over)), or if they have different numbers of slopes.
    pub fn new(lines: Vec<LinearGaussian<R>>) -> Result<Self, Error> {
        let configurations = Configurations::inferred::<F>(lines.len())?;
        Self::of(configurations, lines)
    }

    /// The same, with the number of states of each finite parent.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn over(parents: &[usize], lines: Vec<LinearGaussian<R>>) -> Result<Self, Error> {
        let configurations = Configurations::new::<F>(parents, lines.len())?;
        Self::of(configurations, lines)
    }

    fn of(configurations: Configurations, lines: Vec<LinearGaussian<R>>) -> Result<Self, Error> {
        let expected = lines[0].slopes().len();
        match lines.iter().map(|line| line.slopes().len()).find(|&found| found != expected) {
            Some(found) => Err(Error::Dimension { what: "the list of slopes", expected, found }),
            None => Ok(Self { configurations, lines, common: false, types: PhantomData }),
        }
    }

    /// The same, one σ for all lines: it is estimated from all residuals together, each line's coefficients from its own.
    /// If a line holds its standard deviation, so do all.
    ///
    /// Below a [constant](crate::graph::GraphBuilder::constant) this is one σ for several nodes:
    /// ```
    /// use marginal::conditionals::{ConditionalGaussian, LinearGaussian};
    /// use marginal::{distributions::Normal, graph::Graph};
    /// let mut g = Graph::builder();
    /// let level = g.node("level", (), Normal::new(10.0, 2.0)?);
    /// let line = || LinearGaussian::<f64>::new(0.0, &[1.0], 1.0);
    /// let sensors = ConditionalGaussian::<usize, f64>::new(vec![line()?, line()?])?.common_standard_deviation(0.5)?;
    /// let (first, second) = (g.constant("first", 0, 2), g.constant("second", 1, 2));
    /// let a = g.node("a", (first, level), sensors);
    /// let b = g.tied("b", (second, level), a);
    /// # let _ = (b, g.build()?);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Parameter`] unless σ ∈ (0, ∞).
    pub fn common_standard_deviation(self, standard_deviation: f64) -> Result<Self, Error> {
        let held = self.lines.iter().any(LinearGaussian::holds_standard_deviation);
        let of_line = |line: &LinearGaussian<R>| {
            let line = line.with_standard_deviation(standard_deviation)?;
            Ok(if held { line.hold_standard_deviation() } else { line })
        };
        let lines = self.lines.iter().map(of_line).collect::<Result<_, Error>>()?;
        Ok(Self { lines, common: true, ..self })
    }

    /// argmax of Σ w ln p(x | z, y) + ln prior(σ) over what is not held, the prior that of each σ.
    pub(crate) fn maximum(&self, s: &[JointMoments], prior: &ImaginedSpread) -> Result<Self, Error> {
        let common = self.common && !self.lines[0].holds_standard_deviation();
        let of_state = |(row, (line, s)): (usize, (&LinearGaussian<R>, &JointMoments))| {
            let estimated = match (s.weight() > 0.0, common) {
                (true, true) => line.fitted(s, false),
                (true, false) => line.maximum(s, prior).map(|line| (line, 0.0)),
                (false, false) if prior.weight > 0.0 => line.maximum(s, prior).map(|line| (line, 0.0)),
                (false, _) => Ok((line.clone(), 0.0)),
            };
            estimated.map_err(|e| e.of_component(row))
        };
        let fitted: Vec<(LinearGaussian<R>, f64)> =
            self.lines.iter().zip(s).enumerate().map(of_state).collect::<Result<_, _>>()?;
        let lines = if common {
            let left: f64 = fitted.iter().map(|(_, left)| left.powi(2)).sum();
            let (weight, rounding): (f64, f64) = s
                .iter()
                .fold((0.0, 0.0), |(weight, rounding), s| (weight + s.weight(), rounding + s.rounding_of_squares()));
            if !(left > rounding || prior.squares > 0.0) {
                return Err(Error::Singular { column: self.lines[0].slopes().len(), pivot: left / weight });
            }
            let sigma = ((left + prior.squares) / (weight + prior.weight)).sqrt();
            fitted.iter().map(|(line, _)| line.with_standard_deviation(sigma)).collect::<Result<_, _>>()?
        } else {
            fitted.into_iter().map(|(line, _)| line).collect()
        };
        Ok(Self { lines, configurations: self.configurations.clone(), common: self.common, types: PhantomData })
    }

    /// The prior of each σ, of a common one once.
    pub(crate) fn log_density_of_prior(&self, prior: &InverseGamma) -> f64 {
        let own = if self.common { &self.lines[..1] } else { &self.lines[..] };
        own.iter().map(|line| prior.log_density_at_deviation(line.standard_deviation())).sum()
    }

    fn line(&self, z: &F) -> Option<&LinearGaussian<R>> {
        self.configurations.row(z).map(|row| &self.lines[row])
    }
}

impl<F: FiniteParents, R: Regressors> ConditionalGaussian<F, R> {
    /// Shows the rows whose shown finite parents have the same states, with the lines of all states of the hidden ones.
    /// False, and nothing is shown, if a real is hidden or some finite parent has no known state.
    fn each_group(
        &self,
        rows: FamilyRows<'_>,
        mut see: impl FnMut(&ConfigurationRows, &[&LinearGaussian<R>], CaseRows<'_>),
    ) -> bool {
        let Some(groups) = self.configurations.groups(rows) else { return false };
        let seen = rows.with_cases(self.configurations.parents(), |cases| {
            for group in &groups {
                let lines: Vec<_> = group.configurations.iter().map(|&row| &self.lines[row]).collect();
                match group.rows.as_deref() {
                    None => see(group, &lines, cases),
                    Some(numbers) => cases.of_rows(numbers, |cases| see(group, &lines, cases)),
                }
            }
        });
        seen.is_some()
    }
}

impl<F, R: ?Sized> ConditionalGaussian<F, R> {
    /// The lines, one for each joint state of the finite parents.
    pub fn lines(&self) -> &[LinearGaussian<R>] {
        &self.lines
    }
}

impl<F: FiniteParents + Clone, R: Regressors + Clone> ConditionalDistribution for ConditionalGaussian<F, R> {
    type Given = (F, R);
    type Value = f64;

    fn log_density(&self, x: &f64, (z, y): &(F, R)) -> f64 {
        self.line(z).map_or(f64::NEG_INFINITY, |line| line.log_density(x, y))
    }

    /// Finite parents that it does not know are taken for their first state.
    fn sample(&self, (z, y): &(F, R), rng: &mut dyn Rng) -> f64 {
        self.line(z).unwrap_or(&self.lines[0]).sample(y, rng)
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        let (finite, real) = parents.split_at(self.configurations.parents().min(parents.len()));
        self.configurations.admits(finite)?;
        self.lines[0].admits(real)
    }

    fn linear_gaussian(&self, (z, y): &(F, R)) -> Option<RegressionLine> {
        let mut line = self.line(z)?.linear_gaussian(y)?;
        line.slopes.splice(..0, vec![0.0; self.configurations.parents()]);
        Some(line)
    }
}

/// The statistics are those of the line, for each state. A state without weight keeps its line.
impl<F: FiniteParents + Clone, R: Regressors + Clone> EstimateConditional for ConditionalGaussian<F, R> {
    type Statistics = Vec<JointMoments>;

    fn statistics(&self) -> Vec<JointMoments> {
        self.lines.iter().map(EstimateConditional::statistics).collect()
    }

    fn observe(&self, s: &mut Vec<JointMoments>, x: &f64, (z, y): &(F, R), weight: f64) {
        if let Some(row) = self.configurations.row(z) {
            self.lines[row].observe(&mut s[row], x, y, weight);
        }
    }

    /// Weighted least squares in each state.
    ///
    /// # Errors
    /// [`Error::NoWeight`] if no state has any; as [`Error::Component`], with the number of the state, what
    /// [`LinearGaussian`]'s refuses.
    fn estimate(&self, s: &Vec<JointMoments>) -> Result<Self, Error> {
        let weight: f64 = s.iter().map(JointMoments::weight).sum();
        if !(weight > 0.0) {
            return Err(Error::NoWeight { weight });
        }
        self.maximum(s, &ImaginedSpread::default())
    }

    fn expected_log_density(&self, s: &Vec<JointMoments>) -> f64 {
        self.lines.iter().zip(s).map(|(line, s)| line.expected_log_density(s)).sum()
    }

    /// The kernels of the lines, for all states of the hidden finite parents at once.
    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64])
    where
        (F, R): Value,
    {
        let seen = self.each_group(rows, |group, lines, cases| {
            group.fill(tile, |tile| LinearGaussian::log_densities_each(lines, cases, tile));
        });
        if !seen {
            log_densities_state_by_state(self, rows, tile);
        }
    }

    fn observe_by_state(&self, s: &mut Vec<JointMoments>, rows: FamilyRows<'_>, weights: &[f64])
    where
        (F, R): Value,
    {
        let seen = self.each_group(rows, |group, lines, cases| {
            LinearGaussian::observe_each(lines, &mut chosen(s, &group.configurations), cases, &group.of_tile(weights));
        });
        if !seen {
            observe_state_by_state(self, s, rows, weights);
        }
    }

    fn same_statistics(&self, other: &Self) -> bool {
        let mut pairs = self.lines.iter().zip(&other.lines);
        self.configurations == other.configurations && pairs.all(|(line, other)| line.same_statistics(other))
    }

    /// The largest of the states.
    fn resolution(&self) -> f64 {
        self.lines.iter().map(EstimateConditional::resolution).fold(0.0, f64::max)
    }

    fn guarantee(&self) -> Guarantee {
        self.lines.iter().map(EstimateConditional::guarantee).min().unwrap_or_default()
    }

    fn free_parameters(&self) -> Option<usize> {
        let all: Option<usize> = self.lines.iter().map(EstimateConditional::free_parameters).sum();
        let shared = self.common && !self.lines[0].holds_standard_deviation();
        all.map(|all| if shared { all + 1 - self.lines.len() } else { all })
    }
}

// Derived, these would ask the parents' types for the same.
impl<F, R: ?Sized> Clone for ConditionalGaussian<F, R> {
    fn clone(&self) -> Self {
        let (configurations, lines) = (self.configurations.clone(), self.lines.clone());
        Self { configurations, lines, common: self.common, types: PhantomData }
    }
}

impl<F, R: ?Sized> PartialEq for ConditionalGaussian<F, R> {
    fn eq(&self, other: &Self) -> bool {
        self.common == other.common && self.configurations == other.configurations && self.lines == other.lines
    }
}

impl<F, R: ?Sized> fmt::Debug for ConditionalGaussian<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |line: &LinearGaussian<R>| (line.intercept(), line.slopes().to_vec(), line.standard_deviation());
        f.debug_tuple("ConditionalGaussian").field(&self.lines.iter().map(line).collect::<Vec<_>>()).finish()
    }
}

/// The coordinates of each line; of a common σ once, with the first.
impl<F, R: Regressors + ?Sized> Parametric for ConditionalGaussian<F, R> {
    fn to_vector(&self) -> Vec<f64> {
        let shared = usize::from(self.common && !self.lines[0].holds_standard_deviation());
        let of_line = |(k, line): (usize, &LinearGaussian<R>)| {
            let mut own = line.to_vector();
            own.truncate(own.len() - if k > 0 { shared } else { 0 });
            own
        };
        self.lines.iter().enumerate().flat_map(of_line).collect()
    }

    fn from_vector(&self, mut coordinates: &[f64]) -> Result<Self, Error> {
        let shared = usize::from(self.common && !self.lines[0].holds_standard_deviation());
        let logarithm = coordinates[..self.lines[0].to_vector().len()].last().copied();
        let of_line = |(k, line): (usize, &LinearGaussian<R>)| {
            let common = if k > 0 { shared } else { 0 };
            let (own, rest) = coordinates.split_at(line.to_vector().len() - common);
            coordinates = rest;
            let own: Vec<f64> = own.iter().copied().chain(logarithm.filter(|_| common > 0)).collect();
            line.from_vector(&own)
        };
        let lines = self.lines.iter().enumerate().map(of_line).collect::<Result<_, _>>()?;
        Ok(Self { configurations: self.configurations.clone(), lines, common: self.common, types: PhantomData })
    }
}
