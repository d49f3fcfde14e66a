//! How sure a fit is, for `marginal fit`: standard errors, the bootstrap, and the scores of held-out rows.

use std::io::Write;

use marginal::Error;
use marginal::data::{InMemory, Table};
use marginal::distributions::{Column, Estimate};
use marginal::em::Em;
use marginal::io::SavedModel;
use marginal::latent::Start;
use marginal::models::{ColumnMixture, HiddenMarkovModel, Mixture};
use marginal::uncertainty::{
    CrossValidation, NamedParameters, Resample, Simulate, StandardErrors, UncertaintyError, one_standard_error_rule,
};
use serde_json::{Value, json};

use super::chains;
use super::failure::Failure;
use super::normals::gaussian_mixture::gaussian_mixture;
use crate::commands::arguments::options::Model;
use crate::commands::arguments::uncertainty::Uncertainty;
use crate::commands::reading::input::Input;
use crate::commands::writing::outputs;
use crate::commands::writing::progress::Bar;
use crate::commands::writing::uncertainty::{Estimates, write_estimates, write_scores};

/// What was asked, and of what.
pub(super) struct Question<'a> {
    pub(super) model: &'a Model,
    pub(super) families: &'a [Column],
    pub(super) input: &'a Input,
    pub(super) em: &'a Em,
}

/// Refuses what has no answer, before the fit.
pub(super) fn check(model: &Model) -> Result<(), Failure> {
    let asked = &model.common().uncertainty;
    match (model, asked.asked()) {
        (Model::Kmeans(_), Some(option)) => {
            Err(Failure::Because(format!("K-means has no likelihood: leave {option} out, or use `fit gmm`")))
        }
        (_, None) if asked.uncertainty.is_some() => Err(Failure::because(
            "--uncertainty has nothing to write: ask for --standard-errors, --bootstrap or --cross-validate",
        )),
        (_, Some(_)) if asked.cross_validate == Some(1) => {
            Err(Failure::because("--cross-validate needs two folds at least: one would leave no rows to fit"))
        }
        _ => Ok(()),
    }
}

impl Question<'_> {
    /// Prints what was asked beside the fit; what has no answer is told after everything else.
    pub(super) fn answer(&self, fitted: &SavedModel, out: &mut dyn Write) -> Result<(), Failure> {
        let asked = self.asked();
        let (mut report, mut refused) = (serde_json::Map::new(), None);
        if let Some(folds) = asked.cross_validate {
            match self.scores(folds) {
                Ok((scores, json)) => {
                    write_scores(out, self.input.part, folds, &scores, simplest(&scores))?;
                    report.insert("cross_validation".into(), json);
                }
                Err(error) => refused = Some(error),
            }
        }
        if asked.standard_errors || asked.bootstrap.is_some() {
            out.flush()?;
            for (name, found) in self.estimates(fitted).map_err(|e| self.input.explain(&e))? {
                match found {
                    Ok(estimates) => {
                        write_estimates(out, name, asked.confidence, &estimates)?;
                        report.insert(name.replace(' ', "_"), estimates.json());
                    }
                    Err(error) => {
                        let reason = self.input.describe(&error.into());
                        refused.get_or_insert(Failure::Because(format!("no {name}: {reason}")));
                    }
                }
            }
        }
        if let Some(path) = &asked.uncertainty {
            report.insert("confidence".into(), json!(asked.confidence));
            let text =
                serde_json::to_string_pretty(&Value::Object(report)).map_err(|e| Failure::because(e.to_string()))?;
            outputs::write(path, text.as_bytes())?;
            writeln!(out, "\nwrote {}", path.display())?;
        }
        refused.map_or(Ok(()), Err)
    }

    fn asked(&self) -> &Uncertainty {
        &self.model.common().uncertainty
    }

    /// Standard errors and bootstrap, as far as they are asked for.
    fn estimates(&self, fitted: &SavedModel) -> Result<Vec<(&'static str, Asked)>, Error> {
        let k = fitted.components();
        match (self.model, fitted) {
            (Model::Gmm(gmm), SavedModel::GaussianMixture(mixture)) => {
                let model = gaussian_mixture(gmm, k, self.input)?;
                let theta = Mixture::new(mixture.proportions().to_vec(), model.bank(mixture.components().clone())?)?;
                Ok(self.estimates_of(&model, self.input, &theta))
            }
            (Model::Factors(factors), SavedModel::FactorMixture(mixture)) => {
                let model = factors.model(k);
                let theta = model.start_from(mixture.proportions().to_vec(), mixture.components().clone())?;
                Ok(self.estimates_of(&model, self.input, &theta))
            }
            (Model::Mixture(_), SavedModel::ColumnMixture(theta)) => {
                let model = ColumnMixture::new(k, self.families.to_vec())?;
                Ok(self.estimates_of(&model, self.input, theta))
            }
            (Model::Hmm(_), SavedModel::GaussianHiddenMarkovModel(theta)) => Ok(self.estimates_of_chain(theta)?),
            (Model::Hmm(_), SavedModel::ColumnHiddenMarkovModel(theta)) => Ok(self.estimates_of_chain(theta)?),
            _ => unreachable!("a command fits the model that it names"),
        }
    }

    fn estimates_of_chain<D>(&self, theta: &HiddenMarkovModel<Vec<D>>) -> Result<Vec<(&'static str, Asked)>, Error>
    where
        D: Estimate<Value = [f64]> + NamedParameters + Send,
    {
        let model = HiddenMarkovModel::of(theta.emissions().clone())?;
        Ok(self.estimates_of(&model, &self.input.tables(), theta))
    }

    fn estimates_of<M, D>(&self, model: &M, data: &D, theta: &M::Parameters) -> Vec<(&'static str, Asked)>
    where
        M: Simulate<Parameters: NamedParameters + Send>,
        D: InMemory<M::Observation> + Sync,
    {
        let (asked, names) = (self.asked(), self.input.table.names());
        let errors = asked.standard_errors.then(|| {
            let found = StandardErrors::named(model, data, theta, names)?;
            Estimates::of_errors(&found, asked.confidence)
        });
        let bootstrap = asked.bootstrap.map(|replicates| {
            let (bar, done) = Bar::counting("replicate", replicates);
            let resample = Resample::new(replicates).seed(self.model.common().seed).columns(names).observer(done);
            let found = if asked.simulate {
                resample.simulated(self.em, model, data, theta)
            } else {
                resample.rows(self.em, model, data, theta)
            };
            bar.clear();
            Estimates::of_bootstrap(&found?, asked.confidence)
        });
        let name = if asked.simulate { "parametric bootstrap" } else { "bootstrap" };
        errors.map(|found| ("standard errors", found)).into_iter().chain(bootstrap.map(|found| (name, found))).collect()
    }

    /// The score of each number of components.
    fn scores(&self, folds: usize) -> Result<(Scores, Value), Failure> {
        let counts = self.model.counts();
        let (bar, done) = Bar::counting("cross-validation", counts.clone().count());
        let mut scores = Vec::new();
        for k in counts {
            let score = match self.score(k, folds) {
                Ok(score) => Ok(score),
                Err(error @ UncertaintyError::TooFewObservations { .. }) => {
                    bar.clear();
                    return Err(Failure::Because(format!("no cross-validation: {error}")));
                }
                Err(error) => Err(self.input.describe(&error.into())),
            };
            scores.push((k, score));
            done();
        }
        bar.clear();
        let of_one = |(k, score): &(usize, Result<CrossValidation, String>)| match score {
            Ok(score) => json!({
                "components": k, "folds": folds, "log_likelihood": score.log_likelihood(),
                "mean_log_density": score.mean(), "standard_error": score.standard_error(),
            }),
            Err(reason) => json!({ "components": k, "folds": folds, "failed": reason }),
        };
        let json = scores.iter().map(of_one).collect();
        Ok((scores, json))
    }

    fn score(&self, k: usize, folds: usize) -> Result<CrossValidation, UncertaintyError> {
        match self.model {
            Model::Gmm(gmm) => self.score_of(&gaussian_mixture(gmm, k, self.input)?, self.input, folds),
            Model::Factors(factors) => self.score_of(&factors.model(k), self.input, folds),
            Model::Mixture(_) => self.score_of(&ColumnMixture::new(k, self.families.to_vec())?, self.input, folds),
            Model::Hmm(hmm) if hmm.family.is_empty() => {
                let any = chains::any_normal(hmm, self.input)?;
                self.score_of_chain(vec![any; k], folds)
            }
            Model::Hmm(_) => {
                let any = ColumnMixture::new(k, self.families.to_vec())?.families().clone();
                self.score_of_chain(vec![any; k], folds)
            }
            Model::Kmeans(_) => unreachable!("refused before the fit"),
        }
    }

    fn score_of_chain<D>(&self, any: Vec<D>, folds: usize) -> Result<CrossValidation, UncertaintyError>
    where
        D: Estimate<Value = [f64]>,
    {
        let own = self.model.common().start.is_empty();
        let em = if own { self.em.clone().starts(chains::STARTS) } else { self.em.clone() };
        let (model, tables): (_, Vec<Table>) = (HiddenMarkovModel::of(any)?, self.input.tables());
        CrossValidation::of(&em, &model, &tables, folds, self.model.common().seed)
    }

    fn score_of<M, D>(&self, model: &M, data: &D, folds: usize) -> Result<CrossValidation, UncertaintyError>
    where
        M: Start,
        D: InMemory<M::Observation> + Sync,
    {
        CrossValidation::of(self.em, model, data, folds, self.model.common().seed)
    }
}

type Asked = Result<Estimates, UncertaintyError>;

/// For each number of components its score, or why there is none.
pub(super) type Scores = Vec<(usize, Result<CrossValidation, String>)>;

/// The fewest components that the one-standard-error rule allows.
fn simplest(scores: &Scores) -> Option<usize> {
    let (counts, known): (Vec<usize>, Vec<CrossValidation>) =
        scores.iter().filter_map(|(k, score)| Some((*k, score.as_ref().ok()?.clone()))).unzip();
    one_standard_error_rule(&known).map(|place| counts[place])
}
