//! Checkpoints: a fit that is killed goes on where it was, and ends with the same bits.

use std::any::type_name;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data::{Dataset, Totals};
use crate::em::{Em, Fit, FitError, Keeping, Snapshot};
use crate::error::Error;
use crate::latent::{LatentModel, Start};

use super::networks::text;
use super::replace_file;

/// By what a file says that it is a checkpoint.
const FORMAT: &str = "marginal checkpoint";
/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;
/// What to do about a file that is none.
const ADVICE: &str = "remove the file to begin anew, or name another";

/// A driver that keeps checkpoints, made by [`Em::checkpoint`].
#[derive(Clone, Debug)]
pub struct Checkpointed {
    em: Em,
    path: PathBuf,
    every: usize,
    about: String,
}

impl Em {
    /// The same driver, which writes down where it is after so many iterations, those of all runs counted together, and
    /// goes on from there if the file is there already.
    ///
    /// A fit that was killed at any moment and goes on has the bits of one that was not interrupted, with the same
    /// checkpoints. At a checkpoint every run forgets the last steps, from which [jumps](crate::em::Acceleration) are
    /// made, so a fit with checkpoints may take other steps than one without, and more of them. The file is replaced as
    /// a whole ([`replace_file`]). A fit that is done stays in its file: the same call returns it again, after one E-step.
    /// What ends a fit early, a [time limit](Self::time_limit) or a [token](crate::em::Cancel), writes nothing: the fit goes
    /// on from its last checkpoint.
    ///
    /// A checkpoint belongs to its model, data, settings of the driver and version of this library. For the data it is
    /// checked that they have as many observations, as much weight, and at the parameters of the checkpoint the same
    /// objective up to round-off; of the model, that it is of the same type and has the same prior.
    /// [`about`](Checkpointed::about) says of other settings of the model what they are. A
    /// processor with another [instruction set](crate::numeric::InstructionSet) may go on with other last bits.
    /// ```
    /// use std::ops::ControlFlow;
    /// use marginal::{distributions::Normal, em::{Cancel, Em, Stopped}, models::Mixture};
    /// let path = std::env::temp_dir().join(format!("marginal-checkpoint-{}.json", std::process::id()));
    /// let model = Mixture::of(vec![Normal::new(0.0, 1.0)?, Normal::new(1.0, 1.0)?])?;
    /// let data = [-0.5, 0.1, 0.7, 1.9, 2.2, 3.1, 3.6];
    ///
    /// // A fit that is cut off in its 30th iteration …
    /// let (cancel, token) = (Cancel::new(), Cancel::new());
    /// let cut_off = token.clone();
    /// let em = Em::default().tolerance(0.0).cancel(&token).observer(move |at| {
    ///     if at.iteration == 30 { cut_off.cancel() }
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!(em.checkpoint(&path, 20).fit(&model, &data)?.stopped, Stopped::Cancelled);
    ///
    /// // … goes on from its 20th.
    /// let fit = Em::default().tolerance(0.0).cancel(&cancel).checkpoint(&path, 20).fit(&model, &data)?;
    /// assert_eq!(fit.stopped, Stopped::Converged);
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn checkpoint(&self, path: impl Into<PathBuf>, every: usize) -> Checkpointed {
        Checkpointed { em: self.clone(), path: path.into(), every: every.max(1), about: String::new() }
    }
}

impl Checkpointed {
    /// Says what the checkpoint belongs to besides: settings of the model that its log-likelihood and prior do not show,
    /// such as a floor or what is held. Another description is an [`Error::Checkpoint`].
    #[must_use]
    pub fn about(mut self, description: impl Into<String>) -> Self {
        self.about = description.into();
        self
    }

    /// As [`Em::fit`], and goes on from the checkpoint.
    ///
    /// # Errors
    /// As [`Em::fit`]; [`Error::Checkpoint`] if the file belongs to another fit, [`Error::File`] if it is no whole
    /// checkpoint, or cannot be read or written.
    pub fn fit<M, D>(&self, model: &M, data: &D) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: Start<Parameters: Serialize + DeserializeOwned>,
        D: Dataset<M::Observation> + ?Sized,
    {
        let about = About::new::<M>(self, data.totals()?, None)?;
        let from = about.read(&self.path)?;
        let save = &|snapshot: &Snapshot<M::Parameters>| about.write(&self.path, snapshot);
        self.em.fit_kept(model, data, Keeping { every: self.every, from, save })
    }

    /// As [`Em::fit_from`], and goes on from the checkpoint, which must have begun at the same parameters.
    ///
    /// # Errors
    /// As [`fit`](Self::fit) and [`Em::fit_from`].
    pub fn fit_from<M, D>(
        &self,
        model: &M,
        data: &D,
        start: M::Parameters,
    ) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: LatentModel<Parameters: Serialize + DeserializeOwned>,
        D: Dataset<M::Observation> + ?Sized,
    {
        let begun = serde_json::to_value(&start).map_err(|e| self.unwritable(&e))?;
        let about = About::new::<M>(self, data.totals()?, Some(begun))?;
        let from = about.read(&self.path)?;
        let save = &|snapshot: &Snapshot<M::Parameters>| about.write(&self.path, snapshot);
        self.em.fit_from_kept(model, data, start, Keeping { every: self.every, from, save })
    }

    fn unwritable(&self, error: &serde_json::Error) -> Error {
        of_file(&self.path, format!("the parameters cannot be written as JSON: {error}"))
    }
}

/// The first line of the file.
#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    /// Of the bytes of the second line.
    length: usize,
    checksum: u64,
}

/// The second line.
#[derive(Serialize, Deserialize)]
struct Content<A, S> {
    about: A,
    snapshot: S,
}

/// What a checkpoint belongs to, by name.
struct About(serde_json::Map<String, Value>);

impl About {
    fn new<M: LatentModel>(driver: &Checkpointed, totals: Totals, start: Option<Value>) -> Result<Self, Error> {
        let settings = serde_json::to_value(driver.em.settings()).map_err(|e| driver.unwritable(&e))?;
        let Value::Object(mut about) = settings else { unreachable!("the settings have names") };
        about.insert("checkpoint every".into(), driver.every.into());
        about.insert("version of marginal".into(), env!("CARGO_PKG_VERSION").into());
        about.insert("model".into(), type_name::<M>().into());
        about.insert("description".into(), driver.about.clone().into());
        about.insert("number of observations".into(), totals.observations.into());
        about.insert("total weight".into(), totals.weight.into());
        about.insert("start".into(), start.unwrap_or(Value::Null));
        Ok(Self(about))
    }

    /// Refuses a checkpoint of another fit, and names what is not the same.
    fn check(&self, saved: &serde_json::Map<String, Value>) -> Result<(), Error> {
        for (name, now) in &self.0 {
            let was = saved.get(name).unwrap_or(&Value::Null);
            if was != now {
                let [saved, now] = [was, now].map(Value::to_string);
                return Err(Error::Checkpoint { what: name.clone(), saved, now });
            }
        }
        Ok(())
    }

    /// The checkpoint in the file; `None` if there is no file.
    fn read<P: DeserializeOwned>(&self, path: &Path) -> Result<Option<Snapshot<P>>, Error> {
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            // A file that somebody has made, but not written to.
            Ok(of) if of.is_file() && of.len() == 0 => return Ok(None),
            Err(error) => return Err(of_file(path, format!("cannot be read: {error}"))),
            Ok(_) => {}
        }
        let bytes = text::bytes(path).map_err(|reason| of_file(path, reason))?;
        let (header, content) = parts(&bytes).map_err(|reason| of_file(path, format!("{reason}: {ADVICE}")))?;
        if header.version != VERSION {
            let (saved, now) = (header.version.to_string(), VERSION.to_string());
            return Err(Error::Checkpoint { what: "version of the format".into(), saved, now });
        }
        let refused = |e: serde_json::Error| of_file(path, format!("not a checkpoint of this fit: {e}: {ADVICE}"));
        // What it belongs to comes first: parameters of another model would only be unreadable.
        let about: Content<serde_json::Map<String, Value>, serde::de::IgnoredAny> =
            serde_json::from_slice(content).map_err(refused)?;
        self.check(&about.about)?;
        let content: Content<serde::de::IgnoredAny, Snapshot<P>> = serde_json::from_slice(content).map_err(refused)?;
        Ok(Some(content.snapshot))
    }

    fn write<P: Serialize>(&self, path: &Path, snapshot: &Snapshot<P>) -> Result<(), Error> {
        let unwritable = |e: serde_json::Error| of_file(path, format!("the parameters cannot be written as JSON: {e}"));
        let content = serde_json::to_vec(&Content { about: &self.0, snapshot }).map_err(unwritable)?;
        let (length, checksum) = (content.len(), checksum(&content));
        let header = Header { format: FORMAT.into(), version: VERSION, length, checksum };
        let mut file = serde_json::to_vec(&header).map_err(unwritable)?;
        file.push(b'\n');
        file.extend_from_slice(&content);
        file.push(b'\n');
        replace_file(path, &file).map_err(|e| of_file(path, format!("the checkpoint cannot be written: {e}")))
    }
}

/// The header, and the bytes of the content, which are all there.
fn parts(bytes: &[u8]) -> Result<(Header, &[u8]), String> {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let header: Header = serde_json::from_slice(&bytes[..end]).map_err(|e| format!("not a checkpoint: {e}"))?;
    if header.format != FORMAT {
        return Err("not a checkpoint of marginal: `format` differs".into());
    }
    let content = bytes.get(end + 1..).unwrap_or_default();
    let Some(content) = content.get(..header.length) else {
        let (found, expected) = (content.len(), header.length);
        return Err(format!("the checkpoint is cut short: {found} bytes of {expected}"));
    };
    let found = checksum(content);
    if found != header.checksum {
        return Err(format!("the checkpoint was changed: its checksum is {found}, not {}", header.checksum));
    }
    Ok((header, content))
}

/// FNV-1a (Fowler, Noll & Vo 1991).
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn of_file(path: &Path, reason: String) -> Error {
    Error::File { path: path.display().to_string(), reason }
}
