//! Categorical: p(x = k) = p_k, k ∈ {0, …, K−1}.

use rand::Rng;

use crate::data::Statistics;
use crate::error::Error;
use crate::numeric::{add_by_state, log_sum_exp, look_up};

use crate::distributions::special::chance::times;
use crate::distributions::{Distribution, Expectations, ExponentialFamily, Parametric, check_simplex, draw_index};

/// The categorical distribution over K states, p_k ∈ [0, 1], Σ p_k = 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Categorical {
    probabilities: Vec<f64>,
    log_probabilities: Vec<f64>,
}

impl Categorical {
    /// # Errors
    /// [`Error::Dimension`] if there is no state, [`Error::Parameter`] unless each p_k ∈ [0, 1],
    /// [`Error::NotNormalised`] if Σ p_k differs from 1 by more than 1e-9.
    pub fn new(probabilities: Vec<f64>) -> Result<Self, Error> {
        check_simplex(&probabilities, "probability", || "the probabilities".into())?;
        let log_probabilities = probabilities.iter().map(|p| p.ln()).collect();
        Ok(Self { probabilities, log_probabilities })
    }

    /// p_k = 1/K; [`new`](Self::new) is for a K that is not known to be positive.
    ///
    /// # Panics
    /// If K = 0, at the line of the caller: there is no distribution over no states. If K > 2²⁸: it would fill memories.
    #[track_caller]
    pub fn uniform(states: usize) -> Self {
        assert!(states > 0, "a categorical distribution needs a state");
        assert!(states <= 1 << 28, "a categorical distribution over {states} states: at most 2²⁸ are possible");
        Self::new(vec![1.0 / states as f64; states]).expect("K times 1/K is 1")
    }

    /// The p_k.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The k of the largest p_k, the first of equals.
    pub fn mode(&self) -> usize {
        let larger = |best: usize, k: usize| if self.probabilities[k] > self.probabilities[best] { k } else { best };
        (0..self.probabilities.len()).fold(0, larger)
    }

    /// −Σ p_k ln p_k, in nats.
    pub fn entropy(&self) -> f64 {
        -self.probabilities.iter().zip(&self.log_probabilities).map(|(p, l)| times(*p, *l)).sum::<f64>()
    }
}

/// m_k / Σ m: probabilities whatever rounding has done to the sum.
pub(crate) fn normalised(mean: &[f64]) -> Vec<f64> {
    let total: f64 = mean.iter().sum();
    mean.iter().map(|m| m / total).collect()
}

/// ln(p_k / p_K), k < K.
pub(crate) fn log_ratios(log_probabilities: &[f64]) -> Vec<f64> {
    let (last, rest) = log_probabilities.split_last().expect("the constructor has seen a probability");
    rest.iter().map(|l| l - last).collect()
}

/// The p with the given ln(p_k / p_K).
pub(crate) fn from_log_ratios(ratios: &[f64]) -> Result<Vec<f64>, Error> {
    for &ratio in ratios {
        Error::check(ratio.is_finite(), "log-ratio", ratio, "(−∞, ∞)")?;
    }
    let logs: Vec<f64> = ratios.iter().copied().chain([0.0]).collect();
    let total = log_sum_exp(&logs);
    Ok(logs.iter().map(|l| (l - total).exp()).collect())
}

impl Distribution for Categorical {
    type Value = usize;

    fn log_density(&self, x: &usize) -> f64 {
        self.log_probabilities.get(*x).copied().unwrap_or(f64::NEG_INFINITY)
    }

    fn density(&self, x: &usize) -> f64 {
        self.probabilities.get(*x).copied().unwrap_or(0.0)
    }

    fn sample(&self, rng: &mut dyn Rng) -> usize {
        draw_index(&self.probabilities, rng)
    }

    fn log_densities(&self, block: &[usize], out: &mut [f64]) {
        look_up(&self.log_probabilities, block, out);
    }

    fn states(&self) -> Option<usize> {
        Some(self.probabilities.len())
    }
}

crate::sample_with_rand!(Categorical => usize);

/// η_k = ln p_k, T_k = \[x = k\], A = ln Σ e^η_k = 0: one parameter more than needed, and no ∞ − ∞ where a p_k is 0.
impl ExponentialFamily for Categorical {
    fn natural_parameters(&self) -> Vec<f64> {
        self.log_probabilities.clone()
    }

    fn log_partition(&self) -> f64 {
        0.0
    }

    fn log_base_measure(&self, x: &usize) -> f64 {
        if *x < self.probabilities.len() { 0.0 } else { f64::NEG_INFINITY }
    }

    fn add_statistics(&self, x: &usize, weight: f64, sum: &mut [f64]) {
        sum[*x] += weight;
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        Self::new(normalised(mean))
    }

    fn free_dimension(&self) -> usize {
        self.probabilities.len() - 1
    }
}

crate::estimate_from_expectations!(Categorical {
    fn observe_block(&self, s: &mut Expectations, block: &[usize], weights: &[f64]) {
        let (mut sums, mut known) = (vec![0.0; self.probabilities.len()], true);
        add_by_state(block, weights, &mut sums, &mut known);
        if known {
            s.weight += sums.iter().sum::<f64>();
            s.sum.merge(&sums);
        } else {
            let rows = block.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
            rows.for_each(|(x, weight)| self.observe(s, x, *weight));
        }
    }
});

/// ln(p_k / p_K), k < K; infinite where a p_k is 0.
impl Parametric for Categorical {
    fn to_vector(&self) -> Vec<f64> {
        log_ratios(&self.log_probabilities)
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(from_log_ratios(coordinates)?)
    }
}

impl std::fmt::Display for Categorical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Categorical(probabilities {:?})", self.probabilities)
    }
}
