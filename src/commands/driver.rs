//! The driver of one fit, with its checkpoint if one is kept.

use std::path::{Path, PathBuf};

use marginal::data::Dataset;
use marginal::em::{Em, Fit, FitError};
use marginal::latent::{Start, StartKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::commands::arguments::limits::Checkpoints;

/// Fits with the settings of the command, from where the checkpoint is.
#[derive(Clone, Debug)]
pub(super) struct Driver {
    em: Em,
    /// The file, and how many iterations lie between two checkpoints.
    checkpoint: Option<(PathBuf, usize)>,
    /// What the checkpoint belongs to besides.
    about: String,
}

impl Driver {
    /// `suffix` tells the checkpoints of several fits apart; `about` says what the settings of the model are.
    pub(super) fn new(em: Em, checkpoints: &Checkpoints, suffix: &str, about: String) -> Self {
        let file = checkpoints.checkpoint.as_deref().map(|path| beside(path, suffix));
        Self { em, checkpoint: file.map(|file| (file, checkpoints.checkpoint_every.get())), about }
    }

    /// With other kinds of start.
    pub(super) fn starts(&self, kinds: impl IntoIterator<Item = StartKind>) -> Self {
        Self { em: self.em.clone().starts(kinds), ..self.clone() }
    }

    pub(super) fn fit<M, D>(&self, model: &M, data: &D) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: Start<Parameters: Serialize + DeserializeOwned>,
        D: Dataset<M::Observation> + ?Sized,
    {
        match &self.checkpoint {
            Some((file, every)) => self.em.checkpoint(file, *every).about(&self.about).fit(model, data),
            None => self.em.fit(model, data),
        }
    }
}

/// The same name with something before its ending.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or_else(String::new, |ending| format!(".{}", ending.to_string_lossy()));
    if suffix.is_empty() { path.to_owned() } else { path.with_file_name(format!("{stem}{suffix}{ending}")) }
}
