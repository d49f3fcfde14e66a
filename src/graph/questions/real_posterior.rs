//! p(node | evidence) of a real node: Σ_s p(s | evidence) N(x; μ_s, σ_s²), s the joint states of finite nodes around it.

use crate::distributions::{Cumulative, Distribution, Normal};
use crate::error::Error;

use super::posteriors::Posteriors;

/// The posterior of a real node, a mixture of normal distributions; one alone where no finite node around it is hidden.
///
/// ```
/// use marginal::{conditionals::LinearGaussian, distributions::Normal, graph::Graph};
/// let mut g = Graph::builder();
/// let x = g.node("x", (), Normal::new(0.0, 2.0)?);
/// let y = g.node("y", x, LinearGaussian::new(1.0, &[1.0], 1.0)?);
/// let joint = g.build()?;
///
/// // The precisions 1/4 and 1 add up.
/// let posterior = joint.posterior(x, &joint.evidence().with(y, 6.0))?;
/// assert!((posterior.mean() - 4.0).abs() < 1e-14 && (posterior.variance() - 0.8).abs() < 1e-14);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RealPosterior {
    weights: Vec<f64>,
    means: Vec<f64>,
    standard_deviations: Vec<f64>,
    log_evidence: f64,
}

impl RealPosterior {
    pub(crate) fn of(posteriors: &Posteriors<'_>, node: usize) -> Result<Self, Error> {
        let seen = [(1.0, posteriors.seen(node), 0.0)];
        let components = posteriors.components(node)?.unwrap_or(&seen);
        Ok(Self {
            weights: components.iter().map(|(weight, _, _)| *weight).collect(),
            means: components.iter().map(|(_, mean, _)| *mean).collect(),
            standard_deviations: components.iter().map(|(_, _, deviation)| *deviation).collect(),
            log_evidence: posteriors.log_evidence(),
        })
    }

    /// E[x | evidence].
    pub fn mean(&self) -> f64 {
        self.weights.iter().zip(&self.means).map(|(weight, mean)| weight * mean).sum()
    }

    /// E[(x − mean)² | evidence]; 0 for a node that is observed.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.each().map(|(weight, m, s)| weight * (s * s + (m - mean).powi(2))).sum()
    }

    /// The probability of each component; they sum to one.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The components' means.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// The components' standard deviations; 0 for a node that is observed.
    pub fn standard_deviations(&self) -> &[f64] {
        &self.standard_deviations
    }

    /// p(x | evidence); at the value of a node that is observed ∞, elsewhere 0.
    pub fn density(&self, x: f64) -> f64 {
        let of_component = |(weight, mean, deviation)| match Normal::new(mean, deviation) {
            Ok(normal) => weight * normal.density(&x),
            Err(_) => {
                if x == mean {
                    f64::INFINITY
                } else {
                    0.0
                }
            }
        };
        self.each().map(of_component).sum()
    }

    /// P(node ≤ x | evidence).
    pub fn cdf(&self, x: f64) -> f64 {
        let of_component = |(weight, mean, deviation)| match Normal::new(mean, deviation) {
            Ok(normal) => weight * normal.cdf(&x),
            Err(_) => {
                if x >= mean {
                    weight
                } else {
                    0.0
                }
            }
        };
        self.each().map(of_component).sum()
    }

    /// ln p(evidence) in nats.
    pub fn log_evidence(&self) -> f64 {
        self.log_evidence
    }

    fn each(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let components = self.weights.iter().zip(&self.means).zip(&self.standard_deviations);
        components.map(|((weight, mean), deviation)| (*weight, *mean, *deviation))
    }
}
