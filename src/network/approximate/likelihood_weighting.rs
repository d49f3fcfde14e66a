//! Likelihood weighting (Fung & Chang 1990, Shachter & Peot 1990): posteriors from weighted draws, for networks whose
//! exact answer does not fit.
//!
//! Each variable is drawn after its parents from q(x) = p(x | parents) L(x) / Σ p L, where L is the likelihood of what
//! is known of it, and the draw's weight is w = Π Σ p L. So p̂(x = s) = Σ w 1[x = s] / Σ w, with the variance
//! Σ w² (1[x = s] − p̂)² / (Σ w)², and p̂(evidence) is the mean weight.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};

use crate::data::{Statistics, fold_in_runs};
use crate::distributions::draw_index;
use crate::error::{NetworkError, counted};
use crate::numeric::log_sum_exp;

use crate::network::model::findings::{Density, Finding, Likelihood};
use crate::network::{Findings, Key, Network};

/// A sum of products below e to this may be that of products that underflowed.
const LEAST: f64 = -600.0;

/// Posteriors estimated from weighted draws, each with its standard error.
#[derive(Clone, Debug)]
pub struct WeightedPosteriors {
    network: Network,
    weights: Weights,
    probabilities: Vec<Vec<f64>>,
    log_evidence: f64,
}

/// Sums of weights, relative to e^`peak`.
#[derive(Clone, Debug)]
struct Weights {
    peak: f64,
    draws: f64,
    sum: f64,
    of_squares: f64,
    /// For each variable and state Σ w and Σ w² of the draws that have it.
    of_states: Vec<Vec<[f64; 2]>>,
}

impl Statistics for Weights {
    fn merge(&mut self, other: &Self) {
        let peak = self.peak.max(other.peak);
        let scale = |from: f64| if from == peak { 1.0 } else { (from - peak).exp() };
        let (ours, theirs) = (scale(self.peak), scale(other.peak));
        let add = |a: &mut f64, b: f64, power: i32| *a = *a * ours.powi(power) + b * theirs.powi(power);
        self.peak = peak;
        self.draws += other.draws;
        add(&mut self.sum, other.sum, 1);
        add(&mut self.of_squares, other.of_squares, 2);
        for ([a, aa], [b, bb]) in self.of_states.iter_mut().flatten().zip(other.of_states.iter().flatten()) {
            add(a, *b, 1);
            add(aa, *bb, 2);
        }
    }

    fn scale(&mut self, factor: f64) {
        self.draws *= factor;
        self.sum *= factor;
        self.of_squares *= factor;
        self.of_states.iter_mut().flatten().flatten().for_each(|sum| *sum *= factor);
    }
}

impl Weights {
    fn new(network: &Network) -> Self {
        let of_states = network.variables().iter().map(|variable| vec![[0.0; 2]; variable.states.len()]).collect();
        Self { peak: f64::NEG_INFINITY, draws: 0.0, sum: 0.0, of_squares: 0.0, of_states }
    }

    fn observe(&mut self, row: &[usize], log_weight: f64) {
        self.draws += 1.0;
        if log_weight == f64::NEG_INFINITY {
            return;
        }
        if log_weight > self.peak {
            let scale = (self.peak - log_weight).exp();
            self.sum *= scale;
            self.of_squares *= scale * scale;
            for [w, ww] in self.of_states.iter_mut().flatten() {
                *w *= scale;
                *ww *= scale * scale;
            }
            self.peak = log_weight;
        }
        let w = (log_weight - self.peak).exp();
        self.sum += w;
        self.of_squares += w * w;
        for (of_variable, &state) in self.of_states.iter_mut().zip(row) {
            of_variable[state][0] += w;
            of_variable[state][1] += w * w;
        }
    }
}

impl Findings {
    /// The posteriors of all variables from so many weighted draws, O(draws · V) whatever the width of the network.
    ///
    /// The same generator in the same state gives the same bits on any number of threads. The less probable the
    /// evidence, the fewer draws have any weight: see
    /// [`effective_sample_size`](WeightedPosteriors::effective_sample_size).
    /// ```
    /// use marginal::network::Network;
    /// use marginal::rand::{SeedableRng, rngs::StdRng};
    /// let asia = Network::read_bif("data/networks/asia.bif")?;
    /// let mut findings = asia.findings();
    /// findings.observe("xray", "yes")?;
    /// let posteriors = findings.likelihood_weighting(100_000, &mut StdRng::seed_from_u64(1))?;
    /// let (p, error) = (posteriors.of("lung")?[0], posteriors.standard_errors("lung")?[0]);
    /// assert!((p - 0.48871).abs() < 5.0 * error && error < 0.01);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NetworkError::NoWeight`] if no draw agrees with the evidence.
    pub fn likelihood_weighting(&self, draws: usize, rng: &mut dyn Rng) -> Result<WeightedPosteriors, NetworkError> {
        let network = self.network();
        let seed = rng.random::<u64>();
        let fold = |row: &mut Vec<usize>, draws: std::ops::Range<usize>, weights: &mut Weights| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(draws.start as u64));
            for _ in draws {
                let log_weight = self.weighted_draw(row, &mut rng);
                weights.observe(row, log_weight);
            }
            Ok(())
        };
        let weights =
            fold_in_runs::<[usize], _, _>(draws, &Weights::new(network), || vec![0; network.variables().len()], fold);
        let weights = weights.unwrap_or_else(|_: crate::Error| Weights::new(network));
        if !(weights.sum > 0.0) {
            return Err(NetworkError::NoWeight { draws, evidence: self.shown() });
        }
        let share = |of_variable: &Vec<[f64; 2]>| of_variable.iter().map(|[w, _]| w / weights.sum).collect();
        let probabilities = weights.of_states.iter().map(share).collect();
        let log_evidence = weights.peak + (weights.sum / weights.draws).ln() + self.log_scale();
        Ok(WeightedPosteriors { network: network.clone(), weights, probabilities, log_evidence })
    }

    /// Draws a row; ln of its weight.
    fn weighted_draw(&self, row: &mut [usize], rng: &mut dyn Rng) -> f64 {
        let network = self.network();
        let mut log_weight = 0.0;
        let mut proposal = Vec::new();
        for &v in network.order() {
            let conditional = network.conditional(&network.variables()[v], row);
            match self.of(v) {
                Finding::Nothing => row[v] = draw_index(conditional, rng),
                Finding::State(seen) => {
                    row[v] = *seen;
                    log_weight += conditional[*seen].ln();
                }
                Finding::Likelihood(Likelihood { relative, logs, .. }) => {
                    proposal.clear();
                    proposal.extend(conditional.iter().zip(relative).map(|(p, l)| p * l));
                    let mut sum = proposal.iter().sum::<f64>().ln();
                    if sum < LEAST {
                        // All products may have underflowed.
                        proposal.clear();
                        proposal.extend(conditional.iter().zip(logs).map(|(p, log)| p.ln() + log));
                        sum = log_sum_exp(&proposal);
                        proposal
                            .iter_mut()
                            .for_each(|log| *log = if sum.is_finite() { (*log - sum).exp() } else { 0.0 });
                    }
                    log_weight += sum;
                    row[v] = draw_index(&proposal, rng);
                }
                Finding::Density(Density { logs, .. }) => {
                    log_weight += logs[network.row_of(&network.variables()[v], row)];
                    row[v] = 0;
                }
            }
            if log_weight == f64::NEG_INFINITY {
                break;
            }
        }
        log_weight
    }
}

impl WeightedPosteriors {
    /// The estimated probability of each state of one variable.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`].
    pub fn of(&self, variable: impl Key) -> Result<&[f64], NetworkError> {
        Ok(&self.probabilities[variable.variable(&self.network)?])
    }

    /// The estimated probability of one state of one variable.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], [`NetworkError::UnknownState`].
    pub fn probability(&self, variable: impl Key, state: impl Key) -> Result<f64, NetworkError> {
        let number = variable.variable(&self.network)?;
        Ok(self.probabilities[number][state.state(&self.network.variables()[number])?])
    }

    /// The standard error of each of these probabilities, as far as the draws tell: where a state was never drawn, or
    /// always, it is 0 and says nothing.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`].
    pub fn standard_errors(&self, variable: impl Key) -> Result<Vec<f64>, NetworkError> {
        let number = variable.variable(&self.network)?;
        let of_state = |([_, ww], p): (&[f64; 2], &f64)| {
            let squares = (1.0 - p).powi(2) * ww + p * p * (self.weights.of_squares - ww).max(0.0);
            squares.sqrt() / self.weights.sum
        };
        Ok(self.weights.of_states[number].iter().zip(&self.probabilities[number]).map(of_state).collect())
    }

    /// (Σ w)² / Σ w²: about so many draws from the posterior itself would tell as much (Kong 1992).
    pub fn effective_sample_size(&self) -> f64 {
        self.weights.sum.powi(2) / self.weights.of_squares
    }

    /// How many rows were drawn.
    pub fn draws(&self) -> f64 {
        self.weights.draws
    }

    /// The logarithm of the mean weight, an estimate of ln p(evidence) in nats.
    pub fn log_evidence(&self) -> f64 {
        self.log_evidence
    }

    /// The standard error of [`log_evidence`](Self::log_evidence): √(1 / effective sample size − 1 / draws).
    pub fn log_evidence_error(&self) -> f64 {
        (1.0 / self.effective_sample_size() - 1.0 / self.draws()).max(0.0).sqrt()
    }
}

impl std::fmt::Display for WeightedPosteriors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (draws, effective) = (counted(self.draws() as usize, "draw"), self.effective_sample_size());
        write!(f, "likelihood weighting, approximate: {draws}, effective sample size {effective:.1}")
    }
}
