//! Conditional Gaussian: x = a_z + b_z·y + ε, ε ~ N(0, σ_z²): a line in real parents y for each joint state of finite
//! parents z.

use std::fmt;
use std::marker::PhantomData;

use rand::Rng;

use crate::distributions::{Guarantee, log_prior_of_all};
use crate::error::Error;

use super::configurations::Configurations;
use super::{
    ConditionalDistribution, Domain, EstimateConditional, FiniteParents, JointMoments, LinearGaussian, RegressionLine,
    Regressors,
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
    configurations: Configurations,
    lines: Vec<LinearGaussian<R>>,
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
            None => Ok(Self { configurations, lines, types: PhantomData }),
        }
    }

    fn line(&self, z: &F) -> Option<&LinearGaussian<R>> {
        self.configurations.row(z).map(|row| &self.lines[row])
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
        let of_state = |(row, (line, s)): (usize, (&LinearGaussian<R>, &JointMoments))| {
            if s.weight() > 0.0 { line.estimate(s).map_err(|e| e.of_component(row)) } else { Ok(line.clone()) }
        };
        let lines: Result<_, _> = self.lines.iter().zip(s).enumerate().map(of_state).collect();
        Ok(Self { configurations: self.configurations.clone(), lines: lines?, types: PhantomData })
    }

    fn expected_log_density(&self, s: &Vec<JointMoments>) -> f64 {
        self.lines.iter().zip(s).map(|(line, s)| line.expected_log_density(s)).sum()
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

    fn log_prior(&self) -> Option<f64> {
        log_prior_of_all(self.lines.iter().map(EstimateConditional::log_prior))
    }

    fn free_parameters(&self) -> Option<usize> {
        self.lines.iter().map(EstimateConditional::free_parameters).sum()
    }
}

// Derived, these would ask the parents' types for the same.
impl<F, R: ?Sized> Clone for ConditionalGaussian<F, R> {
    fn clone(&self) -> Self {
        Self { configurations: self.configurations.clone(), lines: self.lines.clone(), types: PhantomData }
    }
}

impl<F, R: ?Sized> PartialEq for ConditionalGaussian<F, R> {
    fn eq(&self, other: &Self) -> bool {
        self.configurations == other.configurations && self.lines == other.lines
    }
}

impl<F, R: ?Sized> fmt::Debug for ConditionalGaussian<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |line: &LinearGaussian<R>| (line.intercept(), line.slopes().to_vec(), line.standard_deviation());
        f.debug_tuple("ConditionalGaussian").field(&self.lines.iter().map(line).collect::<Vec<_>>()).finish()
    }
}
