//! Parameters of any type in a file, as serde writes them, read back to the last bit.

use std::any::type_name;
use std::path::Path;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use crate::error::Error;

use super::networks::text;
use super::replace_file;

/// As a [`ModelFile`](super::ModelFile) begins.
const FORMAT: &str = "marginal";
/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;
/// By what it is told from a model of the command line.
const KIND: &str = "parameters";

/// Writes parameters to a file, or replaces it as a whole: a distribution, a model, a [`Fit`](crate::em::Fit), with
/// components of your own too, whatever is `Serialize`.
///
/// The file is JSON: `{"format": "marginal", "version": 1, "kind": "parameters", "type": …, "parameters": …}`. Each type
/// of this library is written as an object of what its constructor takes, and read through the constructor: a file
/// cannot hold parameters that are not valid. A normal is `{"mean": 1.5, "standard_deviation": 2.0, "held": [false, false]}`,
/// a list of components an array, a member of an enum such as [`Column`](crate::distributions::Column)
/// `{"poisson": {"rate": 3.0}}`, a mixture `{"proportions": […], "components": …}`, a chain
/// `{"initial": […], "transitions": [[…], …], "emissions": …}`, and so on by the names of the arguments. The type is the one
/// that the compiler names. JSON has no ∞ and no NaN: a type of your own that holds them must write them as something
/// else. A [`ModelFile`](super::ModelFile) has the names of the columns besides, and is what the command line reads.
/// ```
/// use marginal::{distributions::Normal, em::{Em, Fit}, io, models::Mixture};
/// let model = Mixture::of(vec![Normal::new(0.0, 1.0)?, Normal::new(5.0, 1.0)?])?;
/// let fit = Em::default().fit(&model, &[-0.5, 0.1, 0.7, 4.2, 5.1, 5.9])?;
/// # let path = std::env::temp_dir().join(format!("marginal-parameters-{}.json", std::process::id()));
/// io::save_parameters(&path, &fit)?;
/// let read: Fit<Mixture<Vec<Normal>>> = io::load_parameters(&path)?;
/// assert_eq!((read.parameters, read.objective), (fit.parameters, fit.objective));
/// assert!(io::load_parameters::<Normal>(&path).unwrap_err().to_string().contains("not of a marginal::"));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::File`] if they cannot be written.
pub fn save_parameters<P: Serialize>(path: impl AsRef<Path>, parameters: &P) -> Result<(), Error> {
    let path = path.as_ref();
    let document = Document { about: About::of::<P>(), parameters };
    let mut json = serde_json::to_vec_pretty(&document).map_err(|e| failed(path, format!("cannot be written: {e}")))?;
    json.push(b'\n');
    replace_file(path, &json).map_err(|e| failed(path, format!("cannot be written: {e}")))
}

/// Reads what [`save_parameters`] has written of the same type: the same parameters to the last bit.
///
/// # Errors
/// [`Error::File`] if the file is none of these, of another version or type, cut short, or holds parameters that their
/// constructor refuses: then with its error.
pub fn load_parameters<P: DeserializeOwned>(path: impl AsRef<Path>) -> Result<P, Error> {
    let path = path.as_ref();
    let json = text::bytes(path).and_then(|bytes| text::decoded(bytes).map_err(|e| format!("cannot be read: {e}")));
    json.and_then(|json| read(text::unmarked(&json))).map_err(|reason| failed(path, reason))
}

fn read<P: DeserializeOwned>(json: &str) -> Result<P, String> {
    let not_one = |e: serde_json::Error| format!("no parameters that marginal has written: {e}");
    let Document { about, .. } = serde_json::from_str::<Document<IgnoredAny>>(json).map_err(not_one)?;
    let expected = About::of::<P>();
    if (&about.format, &about.kind) != (&expected.format, &expected.kind) {
        return Err("no parameters that marginal has written: `format` or `kind` differs".into());
    }
    if about.version != VERSION {
        return Err(format!("of version {}, but version {VERSION} is read: save it again", about.version));
    }
    if about.name != expected.name {
        return Err(format!("these are parameters of a {}, not of a {}", about.name, expected.name));
    }
    serde_json::from_str::<Document<P>>(json).map(|document| document.parameters).map_err(|e| e.to_string())
}

fn failed(path: &Path, reason: String) -> Error {
    Error::File { path: path.display().to_string(), reason }
}

#[derive(Serialize, Deserialize)]
struct About {
    format: String,
    version: u32,
    kind: String,
    #[serde(rename = "type")]
    name: String,
}

impl About {
    fn of<P>() -> Self {
        Self { format: FORMAT.into(), version: VERSION, kind: KIND.into(), name: type_name::<P>().into() }
    }
}

#[derive(Serialize, Deserialize)]
struct Document<P> {
    #[serde(flatten)]
    about: About,
    parameters: P,
}
