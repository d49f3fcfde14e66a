//! How sure a fit is, for `marginal fit`: standard errors, the bootstrap, and the scores of held-out rows.

use std::io::Write;

use marginal::Error;
use marginal::components::{Components, SampleGiven};
use marginal::data::{InMemory, Table};
use marginal::distributions::{Column, Estimate, Independent};
use marginal::em::Em;
use marginal::io::SavedModel;
use marginal::latent::{Start, StartKind};
use marginal::models::{ColumnMixture, HiddenMarkovModel, Mixture};
use marginal::uncertainty::{
    CrossValidation, LikelihoodRatio, NamedParameters, Resample, Simulate, StandardErrors, UncertaintyError,
    one_standard_error_rule,
};
use serde_json::{Value, json};

use super::failure::Failure;
use super::kinds::chains;
use super::kinds::under_priors::{chain, column_mixture, gaussian_mixture, imagined, mixture};
use super::known;
use crate::commands::arguments::options::Model;
use crate::commands::arguments::prior::Priors;
use crate::commands::arguments::uncertainty::Uncertainty;
use crate::commands::reading::input::Input;
use crate::commands::writing::outputs;
use crate::commands::writing::progress::Bar;
use crate::commands::writing::uncertainty::{Estimates, write_estimates, write_scores};

/// What was asked, and of what.
pub(super) struct Question<'a> {
    pub(super) model: &'a Model,
    pub(super) priors: &'a Priors,
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
            "--uncertainty has nothing to write: ask for --standard-errors, --bootstrap, --likelihood-ratio or --cross-validate",
        )),
        (_, Some(option)) if model.beside().labels.is_some() || model.beside().groups.is_some() => {
            Err(Failure::Because(format!(
                "{option} knows no labels and no groups: leave it out, or leave --labels and --groups out"
            )))
        }
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
        let whole = matches!(self.model, Model::Hmm(_)) || self.priors.rows.is_some();
        if whole
            && self.input.missing.is_some_and(|cells| cells > 0)
            && (asked.simulate || asked.likelihood_ratio.is_some())
        {
            let reason = "rows of this model are drawn whole, and cells of the file are missing";
            return Err(Failure::Because(format!("{reason}: leave --simulate and --likelihood-ratio out")));
        }
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
        if let Some(replicates) = asked.likelihood_ratio {
            out.flush()?;
            let k = fitted.components();
            match self.likelihood_ratio(k, replicates) {
                Ok(test) => {
                    let part = self.input.part;
                    writeln!(out, "\nlikelihood ratio of {} {part}s to {k}: {test}", k + 1)?;
                    let json = json!({
                        "components": k, "statistic": test.statistic, "p_value": test.p_value(),
                        "replicates": test.replicates, "failed": test.failures.len(), "unfinished": test.unfinished,
                    });
                    report.insert("likelihood_ratio".into(), json);
                }
                Err(error) => {
                    let reason = self.input.describe(&error.into());
                    refused.get_or_insert(Failure::Because(format!("no likelihood ratio: {reason}")));
                }
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
            report.insert("penalised".into(), json!(self.priors.any()));
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
                let model = gaussian_mixture(gmm, self.priors, k, self.input)?;
                let theta = Mixture::new(mixture.proportions().to_vec(), model.bank(mixture.components().clone())?)?;
                Ok(self.estimates_of(&model, self.input, &theta))
            }
            (Model::Factors(factors), SavedModel::FactorMixture(mixture)) => {
                let model = factors.model(k);
                let theta = model.start_from(mixture.proportions().to_vec(), mixture.components().clone())?;
                Ok(self.estimates_of(&model, self.input, &theta))
            }
            (Model::Mixture(_), SavedModel::ColumnMixture(theta)) => {
                let Some(rows) = self.priors.rows else {
                    let model = column_mixture(self.families, self.priors, k, self.input)?;
                    return Ok(self.estimates_of(&model, self.input, theta));
                };
                let bank = theta.components().iter().map(|member| imagined(member, rows, self.input));
                let bank = bank.collect::<Result<Vec<_>, _>>()?;
                let theta = Mixture::new(theta.proportions().to_vec(), bank.clone())?;
                Ok(self.estimates_of(&mixture(bank, self.priors)?, self.input, &theta))
            }
            (Model::Hmm(hmm), SavedModel::GaussianHiddenMarkovModel(theta))
                if chains::needs_bank(self.priors, self.input) =>
            {
                let bank = chains::bank_of_normals((hmm, self.priors), theta.emissions().clone(), self.input)?;
                self.estimates_of_chain(theta, bank)
            }
            (Model::Hmm(_), SavedModel::GaussianHiddenMarkovModel(theta)) => {
                self.estimates_of_chain(theta, theta.emissions().clone())
            }
            (Model::Hmm(_), SavedModel::ColumnHiddenMarkovModel(theta)) => match self.priors.rows {
                None => self.estimates_of_chain(theta, theta.emissions().clone()),
                Some(rows) => {
                    let bank = theta.emissions().iter().map(|member| imagined(member, rows, self.input));
                    self.estimates_of_chain(theta, bank.collect::<Result<Vec<_>, _>>()?)
                }
            },
            _ => unreachable!("a command fits the model that it names"),
        }
    }

    /// Of the chain with these emissions, which have the parameters of θ.
    fn estimates_of_chain<C, D>(
        &self,
        theta: &HiddenMarkovModel<Vec<D>>,
        emissions: C,
    ) -> Result<Vec<(&'static str, Asked)>, Error>
    where
        C: SampleGiven<Value = [f64]> + NamedParameters,
        D: Estimate<Value = [f64]>,
    {
        let model = chain(emissions.clone(), self.priors)?;
        let rows: Vec<&[f64]> = theta.transitions().iter().collect();
        let theta = HiddenMarkovModel::new(theta.initial(), &rows, emissions)?;
        Ok(self.estimates_of(&model, &self.input.tables(), &theta))
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

    /// K against K + 1.
    fn likelihood_ratio(&self, k: usize, replicates: usize) -> Result<LikelihoodRatio, UncertaintyError> {
        match self.model {
            Model::Gmm(gmm) => {
                let model = |k| gaussian_mixture(gmm, self.priors, k, self.input);
                self.ratio_of([&model(k)?, &model(k + 1)?], self.em, self.input, replicates)
            }
            Model::Factors(factors) => {
                self.ratio_of([&factors.model(k), &factors.model(k + 1)], self.em, self.input, replicates)
            }
            Model::Mixture(_) => match self.priors.rows {
                None => {
                    let model = |k| column_mixture(self.families, self.priors, k, self.input);
                    self.ratio_of([&model(k)?, &model(k + 1)?], self.em, self.input, replicates)
                }
                Some(rows) => {
                    let any = imagined(&self.columns()?, rows, self.input)?;
                    let model = |k| mixture(vec![any.clone(); k], self.priors);
                    self.ratio_of([&model(k)?, &model(k + 1)?], &self.starting(&known::STARTS), self.input, replicates)
                }
            },
            Model::Hmm(hmm) if hmm.family.is_empty() => {
                let any = |k| Ok::<_, Error>(vec![chains::any_normal(hmm, self.input)?; k]);
                if chains::needs_bank(self.priors, self.input) {
                    let bank = |k| chains::bank_of_normals((hmm, self.priors), any(k)?, self.input);
                    return self.ratio_of_chains(bank(k)?, bank(k + 1)?, replicates);
                }
                self.ratio_of_chains(any(k)?, any(k + 1)?, replicates)
            }
            Model::Hmm(_) => match self.priors.rows {
                None => self.ratio_of_chains(vec![self.columns()?; k], vec![self.columns()?; k + 1], replicates),
                Some(rows) => {
                    let any = imagined(&self.columns()?, rows, self.input)?;
                    self.ratio_of_chains(vec![any.clone(); k], vec![any; k + 1], replicates)
                }
            },
            Model::Kmeans(_) => unreachable!("refused before the fit"),
        }
    }

    fn ratio_of_chains<C>(
        &self,
        null: C,
        alternative: C,
        replicates: usize,
    ) -> Result<LikelihoodRatio, UncertaintyError>
    where
        C: SampleGiven<Value = [f64]>,
    {
        let models = [chain(null, self.priors)?, chain(alternative, self.priors)?];
        self.ratio_of(models.each_ref(), &self.starting(&chains::STARTS), &self.input.tables(), replicates)
    }

    fn ratio_of<M, D>(
        &self,
        [null, alternative]: [&M; 2],
        em: &Em,
        data: &D,
        replicates: usize,
    ) -> Result<LikelihoodRatio, UncertaintyError>
    where
        M: Start + Simulate<Parameters: Send>,
        D: InMemory<M::Observation> + Sync,
    {
        let (bar, done) = Bar::counting("likelihood ratio", replicates);
        let resample = Resample::new(replicates).seed(self.model.common().seed).observer(done);
        let found = LikelihoodRatio::resampled(&resample, em, null, alternative, data);
        bar.clear();
        found
    }

    /// The driver with these starts, unless others are asked for.
    fn starting(&self, kinds: &[StartKind]) -> Em {
        let own = self.model.common().start.is_empty();
        if own { self.em.clone().starts(kinds.iter().copied()) } else { self.em.clone() }
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

    /// The columns of a component, whose parameters do not matter.
    fn columns(&self) -> Result<Independent<Column>, Error> {
        let one = ColumnMixture::new(1, self.families.to_vec())?;
        Ok(one.missing_cells(self.input.missing.is_some()).families().clone())
    }

    fn score(&self, k: usize, folds: usize) -> Result<CrossValidation, UncertaintyError> {
        match self.model {
            Model::Gmm(gmm) => self.score_of(&gaussian_mixture(gmm, self.priors, k, self.input)?, self.input, folds),
            Model::Factors(factors) => self.score_of(&factors.model(k), self.input, folds),
            Model::Mixture(_) => {
                let model = column_mixture(self.families, self.priors, k, self.input)?;
                let Some(rows) = self.priors.rows else { return self.score_of(&model, self.input, folds) };
                let any = imagined(model.families(), rows, self.input)?;
                let em = self.starting(&known::STARTS);
                let model = mixture(vec![any; k], self.priors)?;
                CrossValidation::of(&em, &model, self.input, folds, self.model.common().seed)
            }
            Model::Hmm(hmm) if hmm.family.is_empty() => {
                let any = vec![chains::any_normal(hmm, self.input)?; k];
                if chains::needs_bank(self.priors, self.input) {
                    return self.score_of_chain(chains::bank_of_normals((hmm, self.priors), any, self.input)?, folds);
                }
                self.score_of_chain(any, folds)
            }
            Model::Hmm(_) => {
                let any = self.columns()?;
                match self.priors.rows {
                    None => self.score_of_chain(vec![any; k], folds),
                    Some(rows) => self.score_of_chain(vec![imagined(&any, rows, self.input)?; k], folds),
                }
            }
            Model::Kmeans(_) => unreachable!("refused before the fit"),
        }
    }

    fn score_of_chain<C>(&self, any: C, folds: usize) -> Result<CrossValidation, UncertaintyError>
    where
        C: Components<Value = [f64]>,
    {
        let em = self.starting(&chains::STARTS);
        let (model, tables): (_, Vec<Table>) = (chain(any, self.priors)?, self.input.tables());
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
