//! `marginal verify`: a fitted model put to every law that applies, on rows of a file.

use std::io::Write;

use marginal::data::{Dataset, InMemory, Table};
use marginal::distributions::Estimate;
use marginal::io::{ModelFile, SavedModel};
use marginal::latent::{Evidence, LatentModel};
use marginal::laws::{self, LatentCase, Law, Observations, Report, each};
use marginal::models::{HiddenMarkovModel, KMeans};

use super::failure::Failure;
use super::fitted::RowChain;
use crate::commands::arguments::uses::Verify;
use crate::commands::reading::beside::Beside;
use crate::commands::reading::input::Input;

/// Steps of a stretch of a sequence, at most.
const STRETCH: usize = 10;

pub(super) fn run(arguments: &Verify, out: &mut dyn Write) -> Result<(), Failure> {
    let file = ModelFile::load(&arguments.model)?;
    let (weights, sequence) = (arguments.weights.column.as_deref(), arguments.sequence.column.as_deref());
    let header = arguments.header.is_there;
    let mut input =
        Input::for_model(&arguments.file, &file, Beside { weights, sequence, header, ..Beside::default() })?;
    if arguments.weights.weights_are.is_some() {
        input.weigh(arguments.weights.weights_are)?;
    }
    let report = match file.model {
        SavedModel::KMeans(centroids) => {
            let model: KMeans = KMeans::new(centroids.centres().len());
            report(&laws::latent_model(), model, centroids, arguments, &input)
        }
        SavedModel::GaussianMixture(mixture) => {
            report(&laws::finite_latent(), mixture.clone(), mixture, arguments, &input)
        }
        SavedModel::FactorMixture(mixture) => {
            report(&laws::finite_latent(), mixture.clone(), mixture, arguments, &input)
        }
        SavedModel::ColumnMixture(mixture) => {
            report(&laws::finite_latent(), mixture.clone(), mixture, arguments, &input)
        }
        SavedModel::GaussianHiddenMarkovModel(chain) => report_chain(chain, arguments, &input),
        SavedModel::ColumnHiddenMarkovModel(chain) => report_chain(chain, arguments, &input),
        _ => Err(Failure::because("this kind of model is not known here: fit it with this version")),
    }?;
    write!(out, "{report}")?;
    let suspects: Vec<String> = report.suspects().iter().map(|part| format!("the {part}")).collect();
    match report.broken().count() {
        0 if report.holds() => Ok(()),
        0 => Err(Failure::because("too few laws could tell: give it rows that the model can be fitted to")),
        broken => {
            let laws = if broken == 1 { "1 law is".to_owned() } else { format!("{broken} laws are") };
            Err(Failure::because(format!("{laws} broken; suspect {}", suspects.join(", or "))))
        }
    }
}

/// The laws on at most so many of the rows: each looks at every row many times.
fn report<M>(
    suite: &[Law<LatentCase<M>>],
    model: M,
    theta: M::Parameters,
    arguments: &Verify,
    input: &Input,
) -> Result<Report, Failure>
where
    M: LatentModel<Observation = [f64]>,
{
    // A row of density 0 would keep most laws silent.
    let all = &(Evidence::default(), model.statistics(&theta));
    let seen = Dataset::<[f64]>::fold(input, all, &|batch, (_, s)| model.e_step(&theta, batch, s).map(|_| ()));
    seen.map_err(|e| input.explain(&e))?;
    let sample = Dataset::<[f64]>::subsample(input, arguments.rows, arguments.seed).map_err(|e| input.explain(&e))?;
    let weights = InMemory::<[f64]>::weights(&sample).unwrap_or_default();
    let rows = InMemory::<[f64]>::block(&sample);
    let observations = Observations::new((0..rows.len()).map(|n| (rows.row(n), weights[n])));
    Ok(laws::check(suite, &LatentCase::new(model, theta, observations)))
}

/// The laws on stretches of the sequences, of at most so many rows together.
fn report_chain<D>(chain: HiddenMarkovModel<Vec<D>>, arguments: &Verify, input: &Input) -> Result<Report, Failure>
where
    D: Estimate<Value = [f64], Statistics: 'static> + 'static,
{
    RowChain::log_densities(&chain, input).map_err(|e| input.explain(&e))?;
    let (columns, length) = (input.table.columns(), STRETCH.min(arguments.rows));
    let stretch = |rows: &[f64]| Table::from_values(rows.to_vec(), columns).expect("these are whole rows");
    let of_sequence = |sequence: &Table| sequence.rows().values().chunks(length * columns).map(stretch).collect();
    let mut stretches = input.tables().iter().map(of_sequence).collect::<Vec<Vec<Table>>>().concat();
    // In the middle of a sequence may stand what cannot come first.
    stretches.retain(|stretch| chain.log_density(stretch).is_ok());
    let most = arguments.rows / length;
    let sample = Dataset::<Table>::subsample(&stretches, most, arguments.seed).map_err(|e| input.explain(&e))?;
    let observations = Observations::new(InMemory::<Table>::block(&sample).iter().map(|stretch| (stretch, 1.0)));
    let mut report = laws::check(&laws::latent_model(), &LatentCase::new(chain.clone(), chain.clone(), observations));
    // What products lose shows in long sequences.
    let sequences = Observations::new(input.tables().iter().map(|sequence| (sequence, 1.0)));
    let whole = laws::check(
        &[each::logarithms_give_the_same_log_likelihood()],
        &LatentCase::new(chain.clone(), chain, sequences),
    );
    for line in whole.broken() {
        report.lines.iter_mut().filter(|other| other.law == line.law).for_each(|other| *other = line.clone());
    }
    Ok(report)
}
