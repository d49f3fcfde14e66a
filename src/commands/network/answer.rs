//! The posteriors that a query prints, by the engine that was asked for.

use marginal::network::BeliefPropagation;
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
use serde_json::{Value, json};

use super::arguments::{Engine, Query};
use crate::commands::failure::Failure;

const DRAWS: usize = 100_000;

pub(super) struct Answer {
    pub(super) log_evidence: f64,
    pub(super) log_evidence_error: Option<f64>,
    pub(super) posteriors: Vec<Vec<f64>>,
    pub(super) errors: Option<Vec<Vec<f64>>>,
    /// Unless it is exact: what it is, in words and in JSON.
    pub(super) said: Option<String>,
    pub(super) approximation: Option<Value>,
}

impl Answer {
    pub(super) fn of(arguments: &Query, targets: &[usize]) -> Result<Self, Failure> {
        match arguments.engine {
            Engine::Exact => Self::exact(arguments, targets),
            Engine::LikelihoodWeighting => Self::weighted(arguments, targets),
            Engine::BeliefPropagation => Self::believed(arguments, targets),
        }
    }

    fn exact(arguments: &Query, targets: &[usize]) -> Result<Self, Failure> {
        let mut tree = arguments.asked.tree()?;
        let posteriors = tree.posteriors()?;
        let of = targets.iter().map(|&v| Ok(posteriors.of(v)?.to_vec())).collect::<Result<_, Failure>>()?;
        Ok(Self {
            log_evidence: posteriors.log_evidence(),
            log_evidence_error: None,
            posteriors: of,
            errors: None,
            said: None,
            approximation: None,
        })
    }

    fn weighted(arguments: &Query, targets: &[usize]) -> Result<Self, Failure> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(arguments.seed.unwrap_or(0));
        let draws = arguments.draws.unwrap_or(DRAWS);
        let posteriors = arguments.asked.findings()?.likelihood_weighting(draws, &mut rng)?;
        let of = targets.iter().map(|&v| Ok(posteriors.of(v)?.to_vec())).collect::<Result<_, Failure>>()?;
        let errors = targets.iter().map(|&v| Ok(posteriors.standard_errors(v)?)).collect::<Result<_, Failure>>()?;
        let approximation = json!({
            "engine": "likelihood-weighting",
            "draws": draws,
            "effective_sample_size": posteriors.effective_sample_size(),
            "log_evidence_error": posteriors.log_evidence_error(),
        });
        Ok(Self {
            log_evidence: posteriors.log_evidence(),
            log_evidence_error: Some(posteriors.log_evidence_error()),
            posteriors: of,
            errors: Some(errors),
            said: Some(posteriors.to_string()),
            approximation: Some(approximation),
        })
    }

    fn believed(arguments: &Query, targets: &[usize]) -> Result<Self, Failure> {
        let settings = BeliefPropagation::default();
        let settings = arguments.iterations.map_or(settings, |iterations| settings.iterations(iterations));
        let beliefs = settings.beliefs(&arguments.asked.findings()?)?;
        let of = targets.iter().map(|&v| Ok(beliefs.of(v)?.to_vec())).collect::<Result<_, Failure>>()?;
        let approximation = json!({
            "engine": "belief-propagation",
            "iterations": beliefs.iterations(),
            "change": beliefs.change(),
            "converged": beliefs.converged(),
        });
        Ok(Self {
            log_evidence: beliefs.log_evidence(),
            log_evidence_error: None,
            posteriors: of,
            errors: None,
            said: Some(beliefs.to_string()),
            approximation: Some(approximation),
        })
    }
}
