//! Model files: fitted parameters as JSON, read back to the last bit.
//!
//! What a file holds goes through the constructors of the types, so a file that was changed by hand is checked like
//! any other parameters.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::components::LowRankNormals;
use crate::data::Table;
use crate::distributions::{Column, CovarianceRoot, Independent, LowRankNormal, MultivariateNormal};
use crate::error::Error;
use crate::models::{Centroids, HiddenMarkovModel, Mixture};

use super::duplicates::twice;
use super::replace_file;
use super::unique_keys::UniqueKeys;
use crate::io::networks::text;

/// The name by which a file says what it is.
const FORMAT: &str = "marginal";
/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

/// Fitted parameters and the names of the columns that they were fitted to: θ alone. What is held, priors, and whether cells may
/// be missing are settings of a fit; [`save_parameters`](crate::io::save_parameters) keeps them too.
/// ```
/// # use marginal::{distributions::MultivariateNormal, io::{ModelFile, SavedModel}, models::Mixture};
/// let mixture = Mixture::of(vec![MultivariateNormal::standard(2), MultivariateNormal::spherical(vec![3.0, 0.1], 0.3)?])?;
/// let columns = vec!["a".into(), "b".into()];
/// let file = ModelFile { columns, sequence: None, model: SavedModel::GaussianMixture(mixture) };
/// assert_eq!(ModelFile::from_json(&file.to_json()?)?, file);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    /// The names of the D columns.
    pub columns: Vec<String>,
    /// The name of the column that told the sequences apart, if one did.
    pub sequence: Option<String>,
    /// θ.
    pub model: SavedModel,
}

/// The parameters that a file can hold.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SavedModel {
    /// Of K-means.
    KMeans(Centroids),
    /// Of a Gaussian mixture.
    GaussianMixture(Mixture<Vec<MultivariateNormal>>),
    /// Of a factor analysis, probabilistic principal components, or a mixture of such.
    FactorMixture(Mixture<Vec<LowRankNormal>>),
    /// Of a mixture whose columns are independent within a component, each of its own family.
    ColumnMixture(Mixture<Vec<Independent<Column>>>),
    /// Of a hidden Markov model whose states have normal emissions.
    GaussianHiddenMarkovModel(HiddenMarkovModel<Vec<MultivariateNormal>>),
    /// Of a hidden Markov model whose columns are independent given the state, each of its own family.
    ColumnHiddenMarkovModel(HiddenMarkovModel<Vec<Independent<Column>>>),
}

impl SavedModel {
    /// K.
    pub fn components(&self) -> usize {
        match self {
            Self::KMeans(centroids) => centroids.centres().len(),
            Self::GaussianMixture(mixture) => mixture.components().len(),
            Self::FactorMixture(mixture) => mixture.components().len(),
            Self::ColumnMixture(mixture) => mixture.components().len(),
            Self::GaussianHiddenMarkovModel(chain) => chain.emissions().len(),
            Self::ColumnHiddenMarkovModel(chain) => chain.emissions().len(),
        }
    }

    /// D.
    pub fn dimension(&self) -> usize {
        match self {
            Self::KMeans(centroids) => centroids.centres().columns(),
            Self::GaussianMixture(mixture) => mixture.components()[0].dimension(),
            Self::FactorMixture(mixture) => mixture.components()[0].dimension(),
            Self::ColumnMixture(mixture) => mixture.components()[0].parts().len(),
            Self::GaussianHiddenMarkovModel(chain) => chain.emissions()[0].dimension(),
            Self::ColumnHiddenMarkovModel(chain) => chain.emissions()[0].parts().len(),
        }
    }
}

impl ModelFile {
    /// Writes the file, or replaces it as a whole: see [`replace_file`].
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let failed = |reason: String| Error::File { path: path.display().to_string(), reason };
        let json = self.to_json().map_err(|e| failed(e.to_string()))?;
        replace_file(path, json.as_bytes()).map_err(|e| failed(format!("cannot be written: {e}")))
    }

    /// Reads a file that [`save`](Self::save) has written: the same parameters to the last bit.
    ///
    /// # Errors
    /// [`Error::File`] if the file is cut short, of another version, or holds parameters that are not valid.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |reason: String| Error::File { path: path.display().to_string(), reason };
        let json = text::bytes(path).map_err(failed)?;
        let json = text::decoded(json).map_err(|e| failed(format!("cannot be read: {e}")))?;
        Self::from_json(&json).map_err(|e| failed(e.to_string()))
    }

    /// The content of the file.
    ///
    /// # Errors
    /// [`Error::Model`] if it cannot be written as JSON, or if two columns have one name; [`Error::Dimension`] if there
    /// are not as many names as the model has columns.
    pub fn to_json(&self) -> Result<String, Error> {
        expect_length("the columns", self.model.dimension(), self.columns.len())?;
        check_names(&self.columns)?;
        let model = match &self.model {
            SavedModel::KMeans(centroids) => {
                Parameters::KMeans { centres: centroids.centres().iter().map(<[f64]>::to_vec).collect() }
            }
            SavedModel::GaussianMixture(mixture) => Parameters::GaussianMixture {
                proportions: mixture.proportions().to_vec(),
                components: mixture.components().iter().map(Gaussian::from).collect(),
            },
            SavedModel::FactorMixture(mixture) => Parameters::FactorMixture {
                proportions: mixture.proportions().to_vec(),
                components: mixture.components().clone(),
            },
            SavedModel::ColumnMixture(mixture) => Parameters::ColumnMixture {
                families: mixture.components()[0].parts().iter().map(Column::family).collect(),
                proportions: mixture.proportions().to_vec(),
                components: mixture.components().iter().map(by_name).collect(),
            },
            SavedModel::GaussianHiddenMarkovModel(chain) => Parameters::GaussianHiddenMarkovModel {
                initial: chain.initial().to_vec(),
                transitions: chain.transitions().iter().map(<[f64]>::to_vec).collect(),
                emissions: chain.emissions().iter().map(Gaussian::from).collect(),
            },
            SavedModel::ColumnHiddenMarkovModel(chain) => Parameters::ColumnHiddenMarkovModel {
                families: chain.emissions()[0].parts().iter().map(Column::family).collect(),
                initial: chain.initial().to_vec(),
                transitions: chain.transitions().iter().map(<[f64]>::to_vec).collect(),
                emissions: chain.emissions().iter().map(by_name).collect(),
            },
        };
        let (columns, sequence) = (self.columns.clone(), self.sequence.clone());
        let document = Document { format: FORMAT.into(), version: VERSION, columns, sequence, model };
        serde_json::to_string_pretty(&document).map(|json| json + "\n").map_err(|e| Error::Model(Box::new(e)))
    }

    /// The parameters in the content of a file.
    ///
    /// # Errors
    /// [`Error::Model`] if it is no such content, or the error of the constructor that refused a parameter.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let json = text::unmarked(json);
        let header: Header = serde_json::from_str(json).map_err(|e| refused(json, &e))?;
        if header.format != FORMAT {
            return Err(Error::Model("not a model file of marginal: `format` differs".into()));
        }
        if let Some(kind) = header.kind {
            let reason = format!(
                "a file of {kind}, which programs read: the command line needs a `ModelFile`, which names the columns"
            );
            return Err(Error::Model(reason.into()));
        }
        if header.version != VERSION {
            let found = header.version;
            let reason =
                format!("a model file of version {found}, but version {VERSION} is read: fit and save it again");
            return Err(Error::Model(reason.into()));
        }
        let document: Document = serde_json::from_str(json).map_err(|e| refused(json, &e))?;
        check_names(&document.columns)?;
        let model = match document.model {
            Parameters::KMeans { centres } => {
                let names = document.columns.clone();
                let same = |row: &Vec<f64>| expect_length("a centre", document.columns.len(), row.len());
                centres.iter().try_for_each(same)?;
                SavedModel::KMeans(Centroids::new(Table::new(names, centres.concat())?)?)
            }
            Parameters::GaussianMixture { proportions, components } => {
                SavedModel::GaussianMixture(Mixture::new(proportions, normals(components, &document.columns)?)?)
            }
            Parameters::FactorMixture { proportions, components } => {
                let same = |d: &LowRankNormal| expect_length("a mean", document.columns.len(), d.dimension());
                components.iter().try_for_each(same)?;
                SavedModel::FactorMixture(Mixture::new(proportions, LowRankNormals::new(components)?.to_vec())?)
            }
            Parameters::ColumnMixture { families, proportions, components } => {
                let components = products(&families, &components, &document.columns)?;
                SavedModel::ColumnMixture(Mixture::new(proportions, components)?)
            }
            Parameters::GaussianHiddenMarkovModel { initial, transitions, emissions } => {
                let emissions = normals(emissions, &document.columns)?;
                SavedModel::GaussianHiddenMarkovModel(HiddenMarkovModel::new(&initial, &transitions, emissions)?)
            }
            Parameters::ColumnHiddenMarkovModel { families, initial, transitions, emissions } => {
                let emissions = products(&families, &emissions, &document.columns)?;
                SavedModel::ColumnHiddenMarkovModel(HiddenMarkovModel::new(&initial, &transitions, emissions)?)
            }
        };
        Ok(Self { columns: document.columns, sequence: document.sequence, model })
    }
}

/// Normals over rows of these columns.
fn normals(normals: Vec<Gaussian>, columns: &[String]) -> Result<Vec<MultivariateNormal>, Error> {
    let normals = normals.into_iter().map(MultivariateNormal::try_from).collect::<Result<Vec<_>, Error>>()?;
    normals.iter().try_for_each(|normal| expect_length("a mean", columns.len(), normal.dimension()))?;
    Ok(normals)
}

/// Products of a member of each column's family.
fn products(
    families: &[String],
    members: &[Vec<ByName>],
    columns: &[String],
) -> Result<Vec<Independent<Column>>, Error> {
    expect_length("the families", columns.len(), families.len())?;
    // A family of many states is not made before there is a number for each.
    for (family, parts) in members.iter().flat_map(|parts| families.iter().zip(parts)) {
        if let Some(states) = family.strip_prefix("categorical:").and_then(|states| states.parse().ok()) {
            expect_length("a family's parameters", states, parts.0.len())?;
        }
    }
    members.iter().try_for_each(|parts| expect_length("a component", families.len(), parts.len()))?;
    if members.is_empty() {
        return Err(Error::Model("the model has no component".into()));
    }
    let families = families.iter().map(|name| name.parse()).collect::<Result<Vec<Column>, Error>>()?;
    members.iter().map(|parts| from_names(&families, parts)).collect()
}

/// The parameters of each column.
fn by_name(component: &Independent<Column>) -> Vec<ByName> {
    component.parts().iter().map(|part| UniqueKeys(part.parameters().into_iter().collect())).collect()
}

fn from_names(families: &[Column], parts: &[ByName]) -> Result<Independent<Column>, Error> {
    let part = |(family, UniqueKeys(values)): (&Column, &ByName)| {
        let names = family.parameters();
        expect_length("a family's parameters", names.len(), values.len())?;
        let missing = |name: &str| Error::Model(format!("the {} of {} is missing", name, family.family()).into());
        let value = |(name, _): &(String, f64)| values.get(name).copied().ok_or_else(|| missing(name));
        let values = names.iter().map(value).collect::<Result<Vec<_>, _>>()?;
        family.with_parameters(&values)
    };
    Independent::new(families.iter().zip(parts).map(part).collect::<Result<_, _>>()?)
}

/// Columns are found by their names.
fn check_names(columns: &[String]) -> Result<(), Error> {
    let twice = twice(columns).map(|name| Error::Model(format!("two columns are called `{name}`: rename one").into()));
    twice.map_or(Ok(()), Err)
}

fn expect_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Dimension { what, expected, found }) }
}

fn refused(json: &str, error: &serde_json::Error) -> Error {
    if json.trim().is_empty() {
        return Error::Model("the model file is cut short, it is empty: save the model again".into());
    }
    // A cut within a number is a syntax error, not an end of file.
    let more = error.to_string().starts_with("trailing characters");
    let cut = error.is_eof() || (json.starts_with('{') && !json.trim_end().ends_with('}') && !more);
    if cut {
        Error::Model(format!("the model file is cut short ({error}): save the model again").into())
    } else {
        Error::Model(format!("not a model file: {error}").into())
    }
}

/// What every version of the format begins with.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
    /// What is in a file that is no model file.
    kind: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u32,
    columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sequence: Option<String>,
    model: Parameters,
}

/// The parameters of one column's distribution.
type ByName = UniqueKeys<f64>;

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Parameters {
    KMeans {
        centres: Vec<Vec<f64>>,
    },
    GaussianMixture {
        proportions: Vec<f64>,
        components: Vec<Gaussian>,
    },
    FactorMixture {
        proportions: Vec<f64>,
        components: Vec<LowRankNormal>,
    },
    ColumnMixture {
        families: Vec<String>,
        proportions: Vec<f64>,
        components: Vec<Vec<ByName>>,
    },
    GaussianHiddenMarkovModel {
        initial: Vec<f64>,
        transitions: Vec<Vec<f64>>,
        emissions: Vec<Gaussian>,
    },
    ColumnHiddenMarkovModel {
        families: Vec<String>,
        initial: Vec<f64>,
        transitions: Vec<Vec<f64>>,
        emissions: Vec<Vec<ByName>>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gaussian {
    mean: Vec<f64>,
    root: CovarianceRoot,
}

impl From<&MultivariateNormal> for Gaussian {
    fn from(normal: &MultivariateNormal) -> Self {
        Self { mean: normal.mean().to_vec(), root: normal.root() }
    }
}

impl TryFrom<Gaussian> for MultivariateNormal {
    type Error = Error;

    fn try_from(Gaussian { mean, root }: Gaussian) -> Result<Self, Error> {
        Self::from_root(mean, root)
    }
}
