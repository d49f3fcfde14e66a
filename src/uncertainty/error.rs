//! Why nothing can be said of how sure a fit is.

use crate::error::{Error, counted};

/// What keeps a standard error, a bootstrap or a cross-validation from having a meaning.
///
/// `?` turns it into an [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UncertaintyError {
    /// What the fit climbed is no likelihood.
    #[error("the {objective} is no likelihood: it has no observed information, and no standard errors")]
    NoLikelihood {
        /// What it climbed.
        objective: &'static str,
    },
    /// A coordinate that is not finite: a probability of 0, say.
    #[error(
        "coordinate {coordinate} of θ is {value}: the estimate lies at a bound (a probability of 0), where the \
         likelihood has no quadratic approximation: merge or drop what is empty, or give it a prior"
    )]
    AtBound {
        /// The coordinate.
        coordinate: usize,
        /// Its value.
        value: f64,
    },
    /// θ has more coordinates than the model has free parameters.
    #[error(
        "θ has {coordinates} coordinates, but only {free} of them are free in this model (others are tied or fixed): \
         the bootstrap keeps ties"
    )]
    Constrained {
        /// The coordinates.
        coordinates: usize,
        /// The free parameters.
        free: usize,
    },
    /// A derivative that does not settle as its step shrinks.
    #[error(
        "the derivative of {what} along {along} does not settle: {change:e} of its scale at the best step: the \
         likelihood has a kink or a jump there, or too few digits; use the bootstrap"
    )]
    NotSettled {
        /// Of what.
        what: &'static str,
        /// Which parameters move.
        along: String,
        /// How far the last two approximations are apart, in units of the information.
        change: f64,
    },
    /// A direction along which the likelihood is flat.
    #[error(
        "the information is singular: along {along} the likelihood keeps {share:e} of the complete data's curvature, \
         which is none: these parameters are not determined together; fewer components, or a prior"
    )]
    Flat {
        /// The parameters that change most along the direction.
        along: String,
        /// The curvature of ℓ over that of Q.
        share: f64,
    },
    /// A direction along which the likelihood curves upwards.
    #[error(
        "θ is no maximum: along {along} the objective curves upwards ({share:e} of the complete data's curvature): \
         fit further, or from another start"
    )]
    Saddle {
        /// The parameters that change most along the direction.
        along: String,
        /// The curvature of ℓ over that of Q, below 0.
        share: f64,
    },
    /// A θ that the fit has not brought to a maximum.
    #[error(
        "θ is {distance:.3} standard errors from the maximum, most along {along}: fit further (a smaller tolerance, more \
         iterations); if it stays, the estimate lies at a bound such as a floor on variances"
    )]
    NotConverged {
        /// √(gᵀ I⁻¹ g) for the slope g of the objective.
        distance: f64,
        /// The parameters that change most towards the maximum.
        along: String,
    },
    /// Two ways to the same number disagree: the model's E-step, its Q and its likelihood do not belong together.
    #[error(
        "{what}: {left:e} by Oakes' identity and {right:e} by differences of the log-likelihood: the E-step, its \
         evidence and Q do not belong together; run the fit with verify(true)"
    )]
    Inconsistent {
        /// What was computed twice.
        what: String,
        /// From Q and the E-step.
        left: f64,
        /// From ℓ.
        right: f64,
    },
    /// Too few observations for the question.
    #[error("{} cannot be {what}: {advice}", counted(*observations, "observation"))]
    TooFewObservations {
        /// How many there are.
        observations: usize,
        /// What was asked.
        what: &'static str,
        /// What to do instead.
        advice: &'static str,
    },
    /// Replicates none, or all but one, of which could be fitted.
    #[error("{failed} of {} failed, too many to tell a spread; the first because: {first}", counted(*replicates, "replicate"))]
    ReplicatesFailed {
        /// How many failed.
        failed: usize,
        /// Of how many.
        replicates: usize,
        /// Why the first did.
        first: String,
    },
    /// The richer model fits worse than the simpler one, which it contains.
    #[error(
        "the alternative reached {alternative}, less than the {null} of the null model that it contains: more starts"
    )]
    AlternativeBelowNull {
        /// ln L of the null model.
        null: f64,
        /// ln L of the alternative.
        alternative: f64,
    },
    /// What the model or the data refuse.
    #[error("{0}")]
    Model(#[from] Error),
}

impl From<UncertaintyError> for Error {
    fn from(error: UncertaintyError) -> Self {
        match error {
            UncertaintyError::Model(error) => error,
            other => Self::Model(Box::new(other)),
        }
    }
}
