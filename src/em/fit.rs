//! What a fit returns, and what a failed one still hands back.

use std::fmt;

use crate::error::{Error, counted};
use crate::latent::{Climbs, Doubt};
use crate::numeric::decimals;

use super::restart::{Restart, reached, summary};
use super::{Step, Stopped};

/// Fitted parameters and what belongs to them.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fit<P> {
    /// θ.
    pub parameters: P,
    /// The objective of exactly these parameters: the last value of `history`.
    pub objective: f64,
    /// Which objective it is.
    pub climbs: Climbs,
    /// Σ w ln p(x | θ) (or what the E-step returned) of exactly these parameters, in nats.
    pub log_likelihood: f64,
    /// The objective after each E-step whose θ was kept, from the start to `parameters`.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "of_an_e_step"))]
    pub history: Vec<f64>,
    /// How each θ of `history` was reached.
    pub steps: Vec<Step>,
    /// How many E-steps were made at a θ that was not kept: [jumps](super::Acceleration::Extrapolation) that gained less
    /// than a plain step promised.
    pub discarded: usize,
    /// Why the fit ended.
    pub stopped: Stopped,
    /// How many observations have positive weight.
    pub observations: usize,
    /// Σ w.
    pub weight: f64,
    /// Σ w, an observation that is several draws, as a sequence is, counted as so many: the N of [`bic`](Self::bic).
    pub draws: f64,
    /// How many free parameters θ has, if the model says.
    pub free_parameters: Option<usize>,
    /// What is doubtful about these parameters: components that may describe single rows.
    pub doubts: Vec<Doubt>,
    /// Every run that was made, and what became of it.
    pub restarts: Vec<Restart>,
}

impl<P> Fit<P> {
    /// How many E-steps were made after the one at the start, those counted that were [`discarded`](Self::discarded).
    pub fn iterations(&self) -> usize {
        self.history.len() - 1 + self.discarded
    }

    /// How many runs reached the best objective: ended within 10⁻⁷ (Σw + |objective|) of it, or joined one that did.
    ///
    /// If few of many did, there may be a better optimum that none has found.
    pub fn reached(&self) -> usize {
        reached(|run| self.restarts.get(run), 0..self.restarts.len(), self.objective, self.weight)
    }

    /// What came of the runs, in words: "best of 10 starts, reached by 2 (7 screened out, 1 failed)".
    pub fn summary_of_restarts(&self) -> String {
        summary(&self.restarts, self.reached())
    }

    /// −2 ℓ + 2 p for p free parameters: smaller is better. `None` where ℓ is no likelihood or p is not known.
    pub fn aic(&self) -> Option<f64> {
        self.deviance().zip(self.free_parameters).map(|(deviance, p)| deviance + 2.0 * p as f64)
    }

    /// AIC + 2 p (p + 1) / (N − p − 1) for p free parameters and N [`draws`](Self::draws) (Hurvich & Tsai 1989): what AIC
    /// lacks where parameters are many beside N. `None` also unless N > p + 1.
    pub fn aicc(&self) -> Option<f64> {
        self.aic().zip(self.free_parameters).and_then(|(aic, p)| {
            let (p, left) = (p as f64, self.draws - p as f64 - 1.0);
            (left > 0.0).then(|| aic + 2.0 * p * (p + 1.0) / left)
        })
    }

    /// −2 ℓ + p ln N for p free parameters and N [`draws`](Self::draws) (Schwarz 1978): smaller is better, the negative
    /// of mclust's. `None` also where N < 1: then ln N < 0 would reward parameters. Weights that sum to less than 1 are
    /// no counts: [`Weighted::importance`](crate::data::Weighted::importance) takes them.
    pub fn bic(&self) -> Option<f64> {
        self.deviance()
            .zip(self.free_parameters)
            .filter(|_| self.draws >= 1.0)
            .map(|(deviance, p)| deviance + p as f64 * self.draws.ln())
    }

    /// BIC + 2 E for the entropy E of the classification, as [`Posterior`](crate::latent::Posterior) computes it: smaller
    /// is better, and states that overlap are paid for (Biernacki, Celeux & Govaert 2000).
    pub fn icl(&self, classification_entropy: f64) -> Option<f64> {
        self.bic().map(|bic| bic + 2.0 * classification_entropy)
    }

    /// The same fit, its parameters mapped.
    pub fn map<T>(self, f: impl FnOnce(P) -> T) -> Fit<T> {
        Fit {
            parameters: f(self.parameters),
            objective: self.objective,
            climbs: self.climbs,
            log_likelihood: self.log_likelihood,
            history: self.history,
            steps: self.steps,
            discarded: self.discarded,
            stopped: self.stopped,
            observations: self.observations,
            weight: self.weight,
            draws: self.draws,
            free_parameters: self.free_parameters,
            doubts: self.doubts,
            restarts: self.restarts,
        }
    }

    fn deviance(&self) -> Option<f64> {
        matches!(self.climbs, Climbs::LogLikelihood | Climbs::Penalised).then_some(-2.0 * self.log_likelihood)
    }
}

impl<P: fmt::Display> fmt::Display for Fit<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In the long form, where there are two: a graph then shows its parameters.
        writeln!(f, "{:#}", self.parameters)?;
        write!(f, "{} {}", self.climbs.name(), decimals(self.objective, 6))?;
        if let (Some(p), Some(aic)) = (self.free_parameters, self.aic()) {
            write!(f, "   free parameters {p}   AIC {}", decimals(aic, 3))?;
            match self.bic() {
                Some(bic) => write!(f, "   BIC {}", decimals(bic, 3))?,
                None => write!(f, "   no BIC: N = {} is below 1", self.draws)?,
            }
        }
        write!(f, "\n{}", counted(self.observations, "observation"))?;
        if self.weight != self.observations as f64 {
            write!(f, " of total weight {}", self.weight)?;
        }
        write!(f, ", {}, {}", counted(self.iterations(), "iteration"), self.stopped)?;
        match self.restarts.len() {
            0 | 1 => (),
            _ => write!(f, "; {}", self.summary_of_restarts())?,
        }
        self.doubts.iter().try_for_each(|doubt| write!(f, "\ndoubtful: {doubt}"))
    }
}

/// A history that is read has the objective of the start at least.
#[cfg(feature = "serde")]
fn of_an_e_step<'de, R: serde::Deserializer<'de>>(reader: R) -> Result<Vec<f64>, R::Error> {
    let history: Vec<f64> = serde::Deserialize::deserialize(reader)?;
    let empty =
        || serde::de::Error::invalid_length(0, &"the objective after each E-step, of which there is at least one");
    if history.is_empty() { Err(empty()) } else { Ok(history) }
}

/// Why a fit failed, and the last parameters before it did.
///
/// `?` turns it into an [`Error`] where only the reason matters.
pub struct FitError<P> {
    /// What went wrong.
    pub cause: Error,
    /// In which run.
    pub restart: usize,
    /// In which [iteration](Fit::iterations); 0 before the first E-step.
    pub iteration: usize,
    /// The best fit before it went wrong, if a first E-step succeeded.
    pub last_good: Option<Box<Fit<P>>>,
}

impl<P> fmt::Display for FitError<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.iteration > 0 {
            write!(f, "iteration {}: ", self.iteration)?;
        }
        write!(f, "{}", self.cause)
    }
}

impl<P> fmt::Debug for FitError<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FitError")
            .field("cause", &self.cause)
            .field("restart", &self.restart)
            .field("iteration", &self.iteration)
            .field("last_good", &self.last_good.as_ref().map(|fit| fit.objective))
            .finish()
    }
}

impl<P> std::error::Error for FitError<P> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl<P> From<FitError<P>> for Error {
    fn from(failed: FitError<P>) -> Self {
        match failed.iteration {
            0 => failed.cause,
            iteration => Self::AtIteration { iteration, source: Box::new(failed.cause) },
        }
    }
}

impl<P> From<Error> for FitError<P> {
    fn from(cause: Error) -> Self {
        Self { cause, restart: 0, iteration: 0, last_good: None }
    }
}
