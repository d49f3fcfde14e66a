//! `marginal fit`: one model for each number of components, the best of them printed, saved and drawn.

use std::io::Write;
use std::path::{Path, PathBuf};

use marginal::Error;
use marginal::data::{InMemory, Table, Weighted};
use marginal::distributions::Scatter;
use marginal::em::{Em, Fit};
use marginal::io::{ModelFile, SavedModel, plot};
use marginal::models::{Centroids, Covariance, GaussianMixture, InverseWishart, KMeans, Mixture};

use super::arguments::{Common, Gmm, Model, Shape};
use super::failure::Failure;
use super::input::Input;
use super::progress::Bar;
use super::summary;

/// A fit and what the criteria need besides.
#[derive(Debug)]
pub(super) struct Fitted {
    pub(super) fit: Fit<SavedModel>,
    /// The most probable component, or the nearest centre, of each row.
    pub(super) labels: Vec<usize>,
    /// BIC + 2 × the entropy of the classification.
    pub(super) icl: Option<f64>,
}

/// A number of components and what came of it: a fit, or why there is none.
pub(super) type Candidate = (usize, Result<Fitted, String>);

pub(super) fn run(model: &Model, out: &mut dyn Write) -> Result<(), Failure> {
    let common = model.common();
    for path in [&common.save, &common.plot].into_iter().flatten() {
        check_folder(path)?;
    }
    let input = Input::read(&common.file, common.columns.as_deref(), common.weights.as_ref())?;
    match &input.weights {
        None => fit_and_report(model, &input, &input.table, out),
        Some(weights) => {
            let weighted = Weighted::new(&input.table, weights).map_err(|e| input.explain(&e))?;
            fit_and_report(model, &input, &weighted, out)
        }
    }
}

fn fit_and_report<D>(model: &Model, input: &Input, data: &D, out: &mut dyn Write) -> Result<(), Failure>
where
    D: InMemory<[f64]> + Sync,
{
    let common = model.common();
    let candidates = fit_each(model, input, data)?;
    let several = candidates.len() > 1;
    let bic = |fitted: &Fitted| fitted.fit.bic().unwrap_or(f64::INFINITY);
    let fitted = candidates.iter().filter_map(|(_, outcome)| outcome.as_ref().ok());
    let Some(best) = fitted.min_by(|a, b| bic(a).total_cmp(&bic(b))) else {
        let reasons = candidates.iter().filter_map(|(k, outcome)| Some((k, outcome.as_ref().err()?)));
        let reasons: Vec<String> =
            reasons.map(|(k, reason)| if several { format!("K = {k}: {reason}") } else { reason.clone() }).collect();
        return Err(Failure::because(reasons.join("; ")));
    };
    if several {
        summary::write_candidates(out, &candidates, best)?;
    }
    summary::write_fit(out, model, input, data, best)?;
    let mut written: Vec<PathBuf> = Vec::new();
    if let Some(path) = &common.save {
        let columns = input.table.names().to_vec();
        ModelFile { columns, model: best.fit.parameters.clone() }.save(path)?;
        written.push(path.clone());
    }
    if let Some(path) = &common.plot {
        draw(input, data, &best.fit.parameters)?.save(path)?;
        written.push(path.clone());
        if several {
            let path = beside(path, "-bic");
            let values = candidates.iter().filter_map(|(k, outcome)| Some((*k, outcome.as_ref().ok()?.fit.bic()?)));
            plot::criterion_curve("BIC", &values.collect::<Vec<_>>()).save(&path)?;
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
fn fit_each<D: InMemory<[f64]> + Sync>(model: &Model, input: &Input, data: &D) -> Result<Vec<Candidate>, Failure> {
    let common = model.common();
    let mut bar = Bar::new(model.counts().count(), common.restarts.get());
    let mut candidates = Vec::new();
    for k in model.counts() {
        let em = bar.watch(driver(common), k);
        let outcome = match fit_one(model, &em, k, input, data) {
            Ok(fitted) => Ok(fitted),
            Err(error) if error.is_degenerate() || matches!(error, Error::TooFewRows { .. }) => {
                Err(input.describe(&error))
            }
            Err(error) => {
                bar.clear();
                return Err(input.explain(&error));
            }
        };
        candidates.push((k, outcome));
        bar.next();
    }
    bar.clear();
    Ok(candidates)
}

fn driver(common: &Common) -> Em {
    Em::default()
        .restarts(common.restarts.get())
        .seed(common.seed)
        .tolerance(common.tolerance)
        .max_iterations(common.max_iterations.get())
        .verify(common.verify)
}

fn fit_one<D>(model: &Model, em: &Em, k: usize, input: &Input, data: &D) -> Result<Fitted, Error>
where
    D: InMemory<[f64]> + Sync,
{
    match model {
        Model::Kmeans(_) => {
            let fit = em.fit(&KMeans::new(k), data)?;
            let centroids = sorted_centres(&fit.parameters, input.table.names())?;
            let labels = centroids.labels(data)?;
            Ok(Fitted { fit: fit.map(|_| SavedModel::KMeans(centroids)), labels, icl: None })
        }
        Model::Gmm(gmm) => {
            let fit = em.fit(&gaussian_mixture(gmm, k, data)?, data)?;
            let mixture = sorted_components(&fit.parameters, |normal| normal.mean())?;
            let labels = mixture.labels(data)?;
            let entropy = mixture.classification_entropy(data)?;
            let icl = fit.bic().map(|bic| bic + 2.0 * entropy);
            Ok(Fitted { fit: fit.map(|_| SavedModel::GaussianMixture(mixture)), labels, icl })
        }
    }
}

fn gaussian_mixture<D: InMemory<[f64]>>(gmm: &Gmm, k: usize, data: &D) -> Result<GaussianMixture, Error> {
    let covariance = match gmm.covariance {
        Shape::Full => Covariance::Full,
        Shape::Tied => Covariance::Tied,
        Shape::Diagonal => Covariance::Diagonal,
        Shape::Spherical => Covariance::Spherical,
    };
    let model = GaussianMixture::new(k).covariance(covariance).floor(gmm.floor);
    if !gmm.prior {
        return Ok(model);
    }
    let block = data.block();
    let mut all = Scatter::full(block.columns());
    let ones = if data.weights().is_none() { vec![1.0; block.len()] } else { Vec::new() };
    all.add(block.values(), data.weights().unwrap_or(&ones));
    Ok(model.prior(InverseWishart::weak(&all, k)?))
}

/// The components in the order of their means (first column first): which start won shall not decide their numbers.
fn sorted_components<C: Clone>(mixture: &Mixture<C>, mean: impl Fn(&C) -> &[f64]) -> Result<Mixture<C>, Error> {
    let mut parts: Vec<(f64, &C)> = mixture.proportions().iter().copied().zip(mixture.components()).collect();
    parts.sort_by(|(_, a), (_, b)| compare(mean(a), mean(b)));
    let (proportions, components) = parts.into_iter().map(|(p, c)| (p, c.clone())).unzip();
    Mixture::new(proportions, components)
}

fn sorted_centres(centroids: &Centroids, names: &[String]) -> Result<Centroids, Error> {
    let mut centres: Vec<&[f64]> = centroids.centres().iter().collect();
    centres.sort_by(|a, b| compare(a, b));
    Centroids::new(Table::new(names.to_vec(), centres.concat())?)
}

fn compare(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    let differing = a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|order| order.is_ne());
    differing.unwrap_or(std::cmp::Ordering::Equal)
}

fn draw<D>(input: &Input, data: &D, model: &SavedModel) -> Result<plot::Picture, Failure>
where
    D: InMemory<[f64]> + Sync,
{
    let names = input.table.names();
    let picture = match model {
        SavedModel::KMeans(centroids) => plot::k_means(names, data, centroids),
        SavedModel::GaussianMixture(mixture) => plot::gaussian_mixture(names, data, mixture),
        _ => return Err(Failure::because("there is no picture of this kind of model")),
    };
    picture.map_err(|e| input.explain(&e))
}

/// Refuses, before a long fit, a file in a folder that is not there.
fn check_folder(path: &Path) -> Result<(), Failure> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            let (path, folder) = (path.display(), folder.display());
            Err(Failure::because(format!("{path}: there is no folder {folder}: make it first")))
        }
        _ => Ok(()),
    }
}

/// The same name with something before its ending.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!("{}{suffix}.{}", part(path.file_stem()), part(path.extension())))
}
