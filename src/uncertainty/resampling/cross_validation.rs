//! `CrossValidation`: the log-likelihood of observations that a fit has not seen.

use std::fmt;

use rand::seq::SliceRandom;

use crate::data::{Dataset, InMemory, Weighted};
use crate::em::{Em, e_step};
use crate::error::Error;
use crate::latent::{Climbs, Start};
use crate::numeric::decimals;

use super::bootstrap::finished;
use super::drawn_rows::{observations, stream, weights};
use crate::uncertainty::error::UncertaintyError;
use crate::uncertainty::side_by_side::side_by_side;

/// Copies of rows that are dealt one by one; of more, whole rows are dealt.
const MOST_COPIES: f64 = 67_108_864.0;

/// The mean log-density of held-out draws, in nats: each fold is scored by a fit to all others. Larger is better.
///
/// A draw is a row, or a step of a sequence; sequences are held out whole. Whole weights are counts, and the copies of a
/// row are dealt to the folds one by one; rows of other weights are dealt whole.
/// ```
/// use marginal::prelude::*;
/// use marginal::uncertainty::{CrossValidation, one_standard_error_rule};
/// let eruptions = Table::read_csv("data/faithful.csv")?;
/// let em = Em::default().restarts(4);
/// let score = |k| CrossValidation::of(&em, &GaussianMixture::new(k), &eruptions, 5, 1);
/// let scores = [score(1)?, score(2)?, score(3)?];
/// println!("{}", scores[1]); // -4.22 ± 0.05 nats a draw in 5 folds
/// assert_eq!(one_standard_error_rule(&scores), Some(1)); // two components, at place 1
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// Σ ln p(x | θ of the other folds) and the number of draws of each fold.
    folds: Vec<[f64; 2]>,
}

impl CrossValidation {
    /// Deals the observations to so many folds, by this seed alone, and fits the model as often, each time with the starts
    /// of `em`.
    ///
    /// # Errors
    /// [`UncertaintyError::TooFewObservations`] for fewer observations than folds, or fewer than two folds;
    /// [`UncertaintyError::NoLikelihood`]; what a fit refuses; [`Error::Impossible`] for a held-out row of density 0 under
    /// the fit to the others; [`Error::NoParametersYet`] once the token of [`Em::cancel`] has ended a fit.
    pub fn of<M, D>(em: &Em, model: &M, data: &D, folds: usize, seed: u64) -> Result<Self, UncertaintyError>
    where
        M: Start,
        D: InMemory<M::Observation> + Sync + ?Sized,
    {
        let climbs = model.climbs();
        if !matches!(climbs, Climbs::LogLikelihood | Climbs::Penalised) {
            return Err(UncertaintyError::NoLikelihood { objective: climbs.name() });
        }
        let all = weights::<M::Observation, D>(data);
        Dataset::<M::Observation>::totals(data)?;
        let deck = Deck::new(&all, folds, seed);
        let observations = observations(&all).min(deck.fold_of_card.len());
        if folds < 2 || observations < folds {
            let (what, advice) = ("dealt to so many folds", "two folds are the least, and each needs one");
            return Err(UncertaintyError::TooFewObservations { observations, what, advice });
        }
        let scored = side_by_side(folds, |fold| {
            let held = deck.held(&all, fold);
            let rest: Vec<f64> = all.iter().zip(&held).map(|(w, held)| w - held).collect();
            let fit = em
                .fit(model, &Weighted::new::<M::Observation>(data, &rest)?)
                .map_err(Error::from)
                .and_then(finished)?;
            let held_out = Weighted::new::<M::Observation>(data, &held)?;
            let (evidence, _) = e_step(model, &held_out, &fit.parameters)?;
            let draws = held.iter().sum::<f64>() + evidence.further_draws();
            Ok::<_, Error>([evidence.value(), draws])
        });
        Ok(Self { folds: scored.into_iter().collect::<Result<_, _>>()? })
    }

    /// The mean log-density of a held-out draw.
    pub fn mean(&self) -> f64 {
        let [sum, draws] = self.folds.iter().fold([0.0; 2], |[l, n], fold| [l + fold[0], n + fold[1]]);
        sum / draws
    }

    /// The standard error of the mean: that of the folds' own means.
    pub fn standard_error(&self) -> f64 {
        let means: Vec<f64> = self.folds.iter().map(|[l, n]| l / n).collect();
        let (k, mean) = (means.len() as f64, means.iter().sum::<f64>() / means.len() as f64);
        (means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (k - 1.0) / k).sqrt()
    }

    /// Σ ln p over all held-out draws.
    pub fn log_likelihood(&self) -> f64 {
        self.folds.iter().map(|[l, _]| l).sum()
    }

    /// Of each fold, Σ ln p and the number of draws.
    pub fn folds(&self) -> &[[f64; 2]] {
        &self.folds
    }
}

/// The place of the first, that is the simplest, whose mean is no more than a standard error of the best below the best
/// (Breiman, Friedman, Olshen & Stone 1984). `scores` stand in the order of rising complexity.
pub fn one_standard_error_rule(scores: &[CrossValidation]) -> Option<usize> {
    let best = scores.iter().max_by(|a, b| a.mean().total_cmp(&b.mean()))?;
    scores.iter().position(|score| score.mean() >= best.mean() - best.standard_error())
}

impl fmt::Display for CrossValidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean, error) = (decimals(self.mean(), 6), decimals(self.standard_error(), 6));
        write!(f, "{mean} ± {error} nats a draw in {} folds", self.folds.len())
    }
}

/// The copies of all observations, one after the other, and the fold that each is dealt to: as nearly equal numbers as
/// can be.
struct Deck {
    fold_of_card: Vec<u32>,
    /// Whether the weights are counts of copies; else each observation is one card.
    counts: bool,
}

impl Deck {
    fn new(weights: &[f64], folds: usize, seed: u64) -> Self {
        let counts = weights.iter().sum::<f64>() <= MOST_COPIES && weights.iter().all(|w| w.fract() == 0.0);
        let cards: usize = weights.iter().map(|w| Self::copies(*w, counts)).sum();
        let mut fold_of_card: Vec<u32> = (0..cards).map(|card| (card % folds.max(1)) as u32).collect();
        fold_of_card.shuffle(&mut stream(seed, 0));
        Self { fold_of_card, counts }
    }

    fn copies(weight: f64, counts: bool) -> usize {
        if counts { weight as usize } else { usize::from(weight > 0.0) }
    }

    /// What a fold holds of each observation's weight.
    fn held(&self, weights: &[f64], fold: usize) -> Vec<f64> {
        let mut cards = self.fold_of_card.iter();
        let of_observation = |&weight: &f64| {
            let copies = cards.by_ref().take(Self::copies(weight, self.counts));
            let held = copies.filter(|card| **card as usize == fold).count() as f64;
            if self.counts { held } else { held * weight }
        };
        weights.iter().map(of_observation).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dealt(weights: &[f64]) -> Vec<Vec<f64>> {
        let deck = Deck::new(weights, 3, 5);
        (0..3).map(|fold| deck.held(weights, fold)).collect()
    }

    #[test]
    fn every_copy_is_held_out_once_and_the_folds_are_even() {
        let weights = [1.0, 3.0, 0.0, 2.0, 1.0, 4.0];
        let held = dealt(&weights);
        for (n, weight) in weights.iter().enumerate() {
            assert_eq!(held.iter().map(|fold| fold[n]).sum::<f64>(), *weight);
        }
        let sizes: Vec<f64> = held.iter().map(|fold| fold.iter().sum()).collect();
        assert!(sizes.iter().all(|size| (size - 11.0 / 3.0).abs() < 1.0), "{sizes:?}");
        let held = dealt(&[0.5, 1.5, 2.5]);
        assert!(held.iter().all(|fold| fold.iter().filter(|w| **w > 0.0).count() == 1));
    }
}
