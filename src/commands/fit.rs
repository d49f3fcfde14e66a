//! `marginal fit`: one model for each number of components, the best of them printed, saved and drawn.

use std::io::Write;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use marginal::Error;
use marginal::components::Gaussians;
use marginal::data::Table;
use marginal::distributions::Column;
use marginal::em::{Em, Fit};
use marginal::io::{ModelFile, SavedModel, plot};
use marginal::latent::StartKind;
use marginal::models::{Centroids, KMeans, Mixture};

use super::candidate::{Attempt, Candidate, centres, compare, in_order, mean};
use super::chains;
use super::ending::{self, Ending};
use super::ending::{Driver, beside};
use super::failure::Failure;
use super::known;
use super::normals::factor_analysis::{dense, fit_factors};
use super::uncertainty::{self, Question};
use super::under_priors::{
    self, ImaginedColumns, column_mixture, gaussian_mixture, gaussians, imagined, mixture, without_prior,
};
use crate::commands::arguments::families;
use crate::commands::arguments::options::{Gmm, Model};
use crate::commands::arguments::prior::Priors;
use crate::commands::reading::angles;
use crate::commands::reading::beside::Beside;
use crate::commands::reading::input::Input;
use crate::commands::reading::remedies::Remedies;
use crate::commands::writing::grid::shortest;
use crate::commands::writing::progress::Bar;
use crate::commands::writing::summary;

/// Starts, unless a number is asked for: no more than these, and no more rounds of them once enough have reached the best.
const MOST_STARTS: usize = 32;
const ENOUGH: usize = 7;

pub(super) fn run(model: &Model, out: &mut dyn Write) -> Result<(), Failure> {
    uncertainty::check(model)?;
    let priors = under_priors::priors(model).map_err(Failure::Because)?;
    let common = model.common();
    let missing = model.missing();
    let beside = Beside { missing: missing.as_ref(), ..model.beside() };
    let mut input = Input::read(&common.file, model.columns().as_deref(), beside)?;
    input.part = model.part();
    // K-means has the same centres whatever the scale of the weights.
    if model.weights_are().is_some() || !matches!(model, Model::Kmeans(_)) {
        input.weigh(model.weights_are())?;
    }
    let families = match &model.families()[..] {
        [] => Vec::new(),
        some => families::resolve(some, input.table.names()).map_err(Failure::Because)?,
    };
    let told = angles::check(&families, (&input.shown(), &input.table), model.radians())?;
    input.remedies = remedies(model, &priors);
    let ending = Ending::begin(&model.common().limits)?;
    let attempts = fit_each((model, &priors), &families, &input, &ending)?;
    let several = attempts.len() > 1;
    let candidates = attempts.iter().filter_map(|(_, outcome)| outcome.as_ref().ok());
    let Some(best) = candidates.min_by(|a, b| a.bic().total_cmp(&b.bic())) else {
        let reasons = attempts.iter().filter_map(|(k, outcome)| Some((k, outcome.as_ref().err()?)));
        let reasons: Vec<String> =
            reasons.map(|(k, reason)| if several { format!("K = {k}: {reason}") } else { reason.clone() }).collect();
        return Err(Failure::because(reasons.join("; ")));
    };
    if several && best.fit.bic().is_none() {
        let n = shortest(best.fit.draws);
        return Err(Failure::Because(format!(
            "N = {n} is below 1, where the BIC rewards parameters and cannot choose: name one K, or say --weights-are \
             importance"
        )));
    }
    if several {
        summary::write_candidates(out, &attempts, best)?;
    }
    if let Some(first) = model.counts().nth(attempts.len()) {
        writeln!(out, "{}\n", untried(first..=*model.counts().end()))?;
    }
    summary::write_fit(out, (model, &priors), &input, best)?;
    for sentence in told {
        writeln!(out, "\n{sentence}")?;
    }
    // What has no answer is told when everything else is written.
    write_files(model, &input, &attempts, best, out)?;
    if ending::was_interrupted() {
        return Ok(());
    }
    let em = ending.of_all(driver(model));
    Question { model, priors: &priors, families: &families, input: &input, em: &em }.answer(&best.fit.parameters, out)
}

/// The numbers of components to which a fit that was ended early did not come.
fn untried(counts: RangeInclusive<usize>) -> String {
    let (first, last) = counts.into_inner();
    if first == last { format!("not tried: K = {first}") } else { format!("not tried: K = {first} to {last}") }
}

/// The model and the pictures that were asked for.
fn write_files(
    model: &Model,
    input: &Input,
    attempts: &[Attempt],
    best: &Candidate,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let common = model.common();
    let mut written: Vec<PathBuf> = Vec::new();
    out.flush()?;
    if let Some(path) = &common.save {
        let columns = input.table.names().to_vec();
        let sequence = model.beside().sequence.map(str::to_owned);
        ModelFile { columns, sequence, model: best.fit.parameters.clone() }.save(path)?;
        written.push(path.clone());
    }
    if let Some(path) = &common.plot {
        draw(input, &best.fit.parameters)?.save(path)?;
        written.push(path.clone());
        if attempts.len() > 1 {
            let path = beside(path, "-bic");
            let values = attempts.iter().filter_map(|(k, outcome)| Some((*k, outcome.as_ref().ok()?.fit.bic()?)));
            plot::criterion_curve("BIC", input.part.name(), &values.collect::<Vec<_>>()).save(&path)?;
            written.push(path);
        }
    }
    if !written.is_empty() {
        let names: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        writeln!(out, "\nwrote {}", names.join(", "))?;
    }
    Ok(())
}

/// Fits every number of components; one that the data cannot carry is no reason to give up the others.
fn fit_each(
    (model, priors): (&Model, &Priors),
    families: &[Column],
    input: &Input,
    ending: &Ending,
) -> Result<Vec<Attempt>, Failure> {
    let mut bar = Bar::new(model.counts().count(), model.common().restarts.unwrap_or(MOST_STARTS));
    let mut attempts = Vec::new();
    for k in model.counts() {
        let fewer = attempts.last().and_then(|(_, outcome): &Attempt| Some(&outcome.as_ref().ok()?.fit.parameters));
        if ending.is_due() && !attempts.is_empty() {
            break;
        }
        let em = ending.of(bar.watch(driver(model), k));
        let em = Driver::new(em, &model.common().checkpoints, &suffix(model, k), about((model, priors), families, k));
        let outcome = match model {
            _ if k > input.table.len() => Err(input.too_few_rows(k)),
            Model::Kmeans(_) => fit_k_means(&em, k, input),
            Model::Gmm(gmm) => fit_gaussian_mixture((gmm, priors), (k, fewer), &em, input),
            Model::Factors(factors) => fit_factors(factors, k, &em, input),
            Model::Mixture(mixture) => {
                let start = &mixture.common.start;
                fit_column_mixture((families, priors), (k, fewer), (&em, start), input)
            }
            Model::Hmm(hmm) if hmm.family.is_empty() => chains::fit_normals((hmm, priors), &em, k, input),
            Model::Hmm(hmm) => chains::fit_columns((hmm, priors), families, &em, k, input),
        };
        let outcome = match outcome {
            Ok(candidate) => Ok(candidate),
            Err(error)
                if error.is_degenerate()
                    || matches!(error, Error::TooFewRows { .. } | Error::NoParametersYet { .. }) =>
            {
                Err(input.describe(&error))
            }
            Err(error) => {
                bar.clear();
                return Err(input.explain(&error));
            }
        };
        attempts.push((k, outcome));
        bar.next();
    }
    bar.clear();
    Ok(attempts)
}

/// What can be changed on the command line where a fit collapses.
fn remedies(model: &Model, priors: &Priors) -> Remedies {
    let counts = model.counts();
    let fewer = *counts.end() > 1;
    match model {
        Model::Gmm(gmm) => Remedies { fewer, floor: gmm.floor == 0.0, prior: !priors.covariance },
        Model::Kmeans(_) | Model::Factors(_) => Remedies { fewer, floor: false, prior: false },
        Model::Mixture(_) | Model::Hmm(_) => {
            Remedies { fewer, floor: false, prior: !priors.covariance && priors.rows.is_none() }
        }
    }
}

fn driver(model: &Model) -> Em {
    let common = model.common();
    let em = Em::default()
        .starts(common.start.iter().copied())
        .seed(common.seed)
        .tolerance(common.tolerance)
        .max_iterations(common.max_iterations.get())
        .acceleration(common.acceleration.into())
        .verify(common.verify);
    // K-means needs about ten iterations.
    let em = if matches!(model, Model::Kmeans(_)) { em.screen(8) } else { em };
    match common.restarts {
        Some(restarts) => em.restarts(restarts),
        None => em.restarts(MOST_STARTS).enough(ENOUGH),
    }
}

fn fit_k_means(em: &Driver, k: usize, input: &Input) -> Result<Candidate, Error> {
    let fit = em.fit(&KMeans::new(k), input)?;
    let mut centres: Vec<&[f64]> = fit.parameters.centres().iter().collect();
    centres.sort_by(|a, b| compare(a, b));
    let centroids = Centroids::new(Table::new(input.table.names().to_vec(), centres.concat())?)?;
    Ok(Candidate { fit: fit.map(|_| SavedModel::KMeans(centroids)), icl: None, labels: None })
}

/// K components, and the fit of fewer, if there is one.
type Wanted<'a> = (usize, Option<&'a SavedModel>);

fn fit_gaussian_mixture(
    (gmm, priors): (&Gmm, &Priors),
    (k, fewer): Wanted<'_>,
    em: &Driver,
    input: &Input,
) -> Result<Candidate, Error> {
    if known::something(input) {
        let bank = gaussians(gmm, priors, k, input)?;
        return in_order(
            known::fit(em, &gmm.common.start, (bank, priors), input)?,
            mean,
            SavedModel::GaussianMixture,
            input,
        );
    }
    let mut model = gaussian_mixture(gmm, priors, k, input)?;
    if let Some(SavedModel::GaussianMixture(fewer)) = fewer {
        let normals = Gaussians::new(fewer.components().clone())?.missing_cells(input.missing.is_some());
        model = model.after(Mixture::new(fewer.proportions().to_vec(), normals)?);
    }
    in_order(em.fit(&model, input)?, mean, SavedModel::GaussianMixture, input)
}

fn fit_column_mixture(
    (families, priors): (&[Column], &Priors),
    (k, fewer): Wanted<'_>,
    (em, start): (&Driver, &[StartKind]),
    input: &Input,
) -> Result<Candidate, Error> {
    let mut model = column_mixture(families, priors, k, input)?;
    let plain = |fit: Fit<Mixture<Vec<ImaginedColumns>>>| {
        fit.map(|theta| {
            let members = theta.components().iter().map(|columns| without_prior(columns, input)).collect();
            Mixture::new(theta.proportions().to_vec(), members).expect("as many components")
        })
    };
    let fit = match (known::something(input), priors.rows) {
        (false, None) => {
            if let Some(SavedModel::ColumnMixture(fewer)) = fewer {
                model = model.after(fewer.clone().missing_cells(input.missing.is_some()));
            }
            em.fit(&model, input)?
        }
        (is_known, rows) => {
            model.families().check_support(input)?;
            match rows {
                None => known::fit(em, start, (vec![model.families().clone(); k], priors), input)?,
                Some(rows) => {
                    let bank = vec![imagined(model.families(), rows, input)?; k];
                    plain(if is_known {
                        known::fit(em, start, (bank, priors), input)?
                    } else {
                        known::starts(em, start).fit(&mixture(bank, priors)?, input)?
                    })
                }
            }
        }
    };
    in_order(fit, centres, SavedModel::ColumnMixture, input)
}

fn draw(input: &Input, model: &SavedModel) -> Result<plot::Picture, Failure> {
    let names = input.table.names();
    let picture = match model {
        SavedModel::KMeans(centroids) => plot::k_means(names, input, centroids),
        SavedModel::GaussianMixture(mixture) if input.missing.is_some_and(|cells| cells > 0) => {
            let bank = Gaussians::new(mixture.components().clone())?.missing_cells(true);
            let completed = Mixture::new(mixture.proportions().to_vec(), bank)?.completed(input);
            plot::gaussian_mixture(names, &completed.map_err(|e| input.explain(&e))?, mixture)
        }
        SavedModel::GaussianHiddenMarkovModel(_) if input.missing.is_some_and(|cells| cells > 0) => {
            return Err(Failure::because("there is no picture of sequences with missing cells: leave --plot out"));
        }
        SavedModel::ColumnMixture(_) | SavedModel::ColumnHiddenMarkovModel(_)
            if input.missing.is_some_and(|cells| cells > 0) =>
        {
            return Err(Failure::because("a picture of missing cells needs normals: leave --plot out"));
        }
        SavedModel::GaussianMixture(mixture) => plot::gaussian_mixture(names, input, mixture),
        SavedModel::FactorMixture(mixture) => plot::gaussian_mixture(names, input, &dense(mixture)?),
        SavedModel::ColumnMixture(mixture) => plot::column_mixture(names, input, mixture),
        SavedModel::GaussianHiddenMarkovModel(chain) => plot::states(names, &input.tables(), chain, mean),
        SavedModel::ColumnHiddenMarkovModel(chain) => plot::states(names, &input.tables(), chain, centres),
        _ => return Err(Failure::because("there is no picture of this kind of model")),
    };
    picture.map_err(|e| input.explain(&e))
}

/// The files that a fit writes.
pub(super) fn outputs(model: &Model) -> Vec<PathBuf> {
    let common = model.common();
    let of_range = common.plot.iter().filter(|_| model.counts().count() > 1).map(|path| beside(path, "-bic"));
    let of_uncertainty = common.uncertainty.uncertainty.iter();
    let checkpoint = common.checkpoints.checkpoint.iter();
    let checkpoints = checkpoint.flat_map(|path| model.counts().map(|k| beside(path, &suffix(model, k))));
    let named = common.save.iter().chain(&common.plot).chain(of_uncertainty).cloned();
    named.chain(of_range).chain(checkpoints).collect()
}

/// The settings of a model, to which its checkpoint belongs.
fn about((model, priors): (&Model, &Priors), families: &[Column], k: usize) -> String {
    let families: Vec<String> = families.iter().map(Column::family).collect();
    let of_normals = match model {
        Model::Gmm(gmm) => format!("{:?} covariances, floor {}", gmm.covariance, gmm.floor),
        Model::Hmm(hmm) => format!("{:?} covariances", hmm.covariance),
        Model::Factors(f) => {
            format!("{} factors, {:?} noise, {:?} shared, floor {}", f.factors, f.noise, f.share, f.floor)
        }
        Model::Kmeans(_) | Model::Mixture(_) => String::new(),
    };
    let beside = model.beside();
    let known = [("labels", beside.labels), ("groups", beside.groups)];
    let known = known.iter().filter_map(|(what, column)| Some(format!("; {what} {}", (*column)?)));
    let missing = model.missing().map(|missing| format!("; missing cells, also {:?}", missing.spellings));
    let known: String = known.chain(missing).collect();
    let priors = if priors.any() { format!("; prior {priors}") } else { String::new() };
    format!("{k} {}s; {of_normals}{}{known}{priors}", model.part(), families.join(", "))
}

/// By what the checkpoint of K components is told from those of others, if there are others.
fn suffix(model: &Model, k: usize) -> String {
    if model.counts().count() > 1 { format!("-{k}") } else { String::new() }
}
