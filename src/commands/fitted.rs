//! What a command can do with a fitted model, whatever its components or emissions are.

use std::iter;
use std::path::Path;

use marginal::Error;
use marginal::components::{Gaussians, SampleGiven};
use marginal::data::{Rows, Table};
use marginal::distributions::{Distribution, MultivariateNormal};
use marginal::io::{ModelFile, SavedModel};
use marginal::models::{Centroids, HiddenMarkovModel, Mixture};
use marginal::rand::Rng;

use super::failure::Failure;
use crate::commands::reading::angles;
use crate::commands::reading::beside::Beside;
use crate::commands::reading::input::Input;
use crate::commands::reading::remedies::Part;
use crate::commands::writing::terminal::note;

/// A fitted model by what it can answer.
pub(super) enum Fitted<'a> {
    /// Centres, to which rows are near or far.
    Clusters(&'a Centroids),
    /// A density with components.
    Mixture(Box<dyn RowMixture + 'a>),
    /// A density of sequences, with states.
    Chain(Box<dyn RowChain + 'a>),
}

impl<'a> Fitted<'a> {
    pub(super) fn of(model: &'a SavedModel) -> Result<Self, Failure> {
        match model {
            SavedModel::KMeans(centroids) => Ok(Self::Clusters(centroids)),
            SavedModel::GaussianMixture(mixture) => {
                let normals = holed(mixture.components())?;
                Ok(Self::Mixture(Box::new(Mixture::new(mixture.proportions().to_vec(), normals)?)))
            }
            SavedModel::FactorMixture(mixture) => Ok(Self::Mixture(Box::new(mixture.clone()))),
            SavedModel::ColumnMixture(mixture) => Ok(Self::Mixture(Box::new(mixture.clone().missing_cells(true)))),
            SavedModel::GaussianHiddenMarkovModel(chain) => {
                let rows: Vec<&[f64]> = chain.transitions().iter().collect();
                let normals = holed(chain.emissions())?;
                Ok(Self::Chain(Box::new(HiddenMarkovModel::new(chain.initial(), &rows, normals)?)))
            }
            SavedModel::ColumnHiddenMarkovModel(chain) => {
                let rows: Vec<&[f64]> = chain.transitions().iter().collect();
                let states =
                    chain.emissions().iter().map(|state| state.clone().missing_cells(true)).collect::<Vec<_>>();
                Ok(Self::Chain(Box::new(HiddenMarkovModel::new(chain.initial(), &rows, states)?)))
            }
            _ => Err(Failure::because("this kind of model is not known here: fit it with this version")),
        }
    }

    /// What it has K of.
    pub(super) fn part(&self) -> Part {
        match self {
            Self::Clusters(_) => Part::Cluster,
            Self::Mixture(_) => Part::Component,
            Self::Chain(_) => Part::State,
        }
    }

    /// The most probable component of each row, its nearest centre, or the most probable states of all rows together.
    pub(super) fn labels(&self, input: &Input) -> Result<Vec<usize>, Error> {
        match self {
            Self::Clusters(centroids) => centroids.labels(input),
            Self::Mixture(mixture) => mixture.labels(input),
            Self::Chain(chain) => chain.path(input),
        }
    }

    /// p(z = k | x_n), given all rows of its sequence if it is of one, N × K; nothing of centres.
    pub(super) fn responsibilities(&self, input: &Input) -> Result<Option<Table>, Error> {
        match self {
            Self::Clusters(_) => Ok(None),
            Self::Mixture(mixture) => mixture.responsibilities(input).map(Some),
            Self::Chain(chain) => chain.responsibilities(input).map(Some),
        }
    }

    /// Rows without end, drawn from the model; nothing from centres.
    pub(super) fn draws<'r>(&'r self, rng: &'r mut dyn Rng) -> Option<Box<dyn Iterator<Item = Vec<f64>> + 'r>> {
        match self {
            Self::Clusters(_) => None,
            Self::Mixture(mixture) => Some(Box::new(iter::repeat_with(|| mixture.draw(rng)))),
            Self::Chain(chain) => Some(chain.draws(rng)),
        }
    }
}

/// Normals of rows in which NaN is a missing cell: there is none unless the file was read so.
fn holed(normals: &[MultivariateNormal]) -> Result<Gaussians, Error> {
    Ok(Gaussians::new(normals.to_vec())?.missing_cells(true))
}

impl Input {
    /// The columns of a file that a model was fitted to, and those beside that have a meaning for it.
    pub(super) fn for_model(path: &Path, model: &ModelFile, beside: Beside<'_>) -> Result<Self, Failure> {
        let fitted = Fitted::of(&model.model)?;
        match fitted {
            Fitted::Chain(_) if beside.weights.is_some() => {
                return Err(Failure::because("a hidden Markov model knows no weights of rows: leave --weights out"));
            }
            Fitted::Mixture(_) | Fitted::Clusters(_) if beside.sequence.is_some() => {
                return Err(Failure::because("only a hidden Markov model knows sequences: leave --sequence out"));
            }
            _ => {}
        }
        // Without a word about sequences they are those of the fit.
        let sequence = beside.sequence.or(model.sequence.as_deref());
        let mut input = Self::read(path, Some(&model.columns), Beside { sequence, ..beside })?;
        input.part = fitted.part();
        if beside.missing.is_some() && matches!(fitted, Fitted::Clusters(_)) {
            return Err(Failure::because("K-means knows no missing cells: leave --missing out"));
        }
        let families = match &model.model {
            SavedModel::ColumnMixture(mixture) => mixture.components().first(),
            SavedModel::ColumnHiddenMarkovModel(chain) => chain.emissions().first(),
            _ => None,
        };
        let allowed = families.map(|families| families.clone().missing_cells(beside.missing.is_some()));
        allowed.map_or(Ok(()), |families| families.check_support(&input)).map_err(|e| input.explain(&e))?;
        if let Some(families) = families {
            angles::beyond_a_turn(families.parts(), &input.table).iter().for_each(|sentence| note(sentence));
        }
        Ok(input)
    }
}

/// A mixture over rows of numbers.
pub(super) trait RowMixture {
    /// π.
    fn proportions(&self) -> &[f64];
    /// argmax_k p(z = k | x_n).
    fn labels(&self, input: &Input) -> Result<Vec<usize>, Error>;
    /// p(z = k | x_n), N × K.
    fn responsibilities(&self, input: &Input) -> Result<Table, Error>;
    /// ln p(x_n).
    fn log_densities(&self, input: &Input) -> Result<Vec<f64>, Error>;
    /// A row drawn from the mixture.
    fn draw(&self, rng: &mut dyn Rng) -> Vec<f64>;
}

impl<C: SampleGiven<Value = [f64]>> RowMixture for Mixture<C> {
    fn proportions(&self) -> &[f64] {
        Mixture::proportions(self)
    }
    fn labels(&self, input: &Input) -> Result<Vec<usize>, Error> {
        Mixture::labels(self, input)
    }
    fn responsibilities(&self, input: &Input) -> Result<Table, Error> {
        Mixture::responsibilities(self, input)
    }
    fn log_densities(&self, input: &Input) -> Result<Vec<f64>, Error> {
        self.log_densities_of(input)
    }
    fn draw(&self, rng: &mut dyn Rng) -> Vec<f64> {
        self.sample(rng)
    }
}

/// A hidden Markov model over sequences of rows of numbers.
pub(super) trait RowChain {
    /// p(z_1).
    fn initial(&self) -> &[f64];
    /// p(z_t | z_{t−1}).
    fn transitions(&self) -> Rows<'_, f64>;
    /// The most probable states of each sequence together, one sequence after the other.
    fn path(&self, input: &Input) -> Result<Vec<usize>, Error>;
    /// p(z_t = k | x_1 … x_T) of each row.
    fn responsibilities(&self, input: &Input) -> Result<Table, Error>;
    /// ln p(x_1 … x_T) of each sequence.
    fn log_densities(&self, input: &Input) -> Result<Vec<f64>, Error>;
    /// One sequence without end.
    fn draws<'a>(&'a self, rng: &'a mut dyn Rng) -> Box<dyn Iterator<Item = Vec<f64>> + 'a>;
}

impl<C: SampleGiven<Value = [f64]>> RowChain for HiddenMarkovModel<C> {
    fn initial(&self) -> &[f64] {
        HiddenMarkovModel::initial(self)
    }
    fn transitions(&self) -> Rows<'_, f64> {
        HiddenMarkovModel::transitions(self)
    }
    fn path(&self, input: &Input) -> Result<Vec<usize>, Error> {
        Ok(of_each(input, |sequence| Ok(self.most_probable(sequence)?.states))?.concat())
    }
    fn responsibilities(&self, input: &Input) -> Result<Table, Error> {
        let shares = of_each(input, |sequence| HiddenMarkovModel::responsibilities(self, sequence))?;
        let names = shares[0].names().to_vec();
        Table::new(names, shares.into_iter().flat_map(Table::into_values).collect())
    }
    fn log_densities(&self, input: &Input) -> Result<Vec<f64>, Error> {
        of_each(input, |sequence| self.log_density(sequence))
    }
    fn draws<'a>(&'a self, rng: &'a mut dyn Rng) -> Box<dyn Iterator<Item = Vec<f64>> + 'a> {
        Box::new(self.steps(rng).map(|(_, x)| x))
    }
}

/// What there is to say of each sequence of a file.
fn of_each<T>(input: &Input, say: impl Fn(&Table) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let at = |(row, sequence): (usize, &Table)| {
        say(sequence).map_err(|source| Error::AtRow { row, source: Box::new(source) })
    };
    input.tables().iter().enumerate().map(at).collect()
}
