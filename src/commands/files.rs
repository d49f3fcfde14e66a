//! The files that a command line names: what it reads and what it writes.

use std::path::PathBuf;

use super::fit;
use crate::commands::Command;
use crate::commands::arguments::options::Model;
use crate::commands::reading::readable::Content;

impl Command {
    /// The files that are read, and what they hold.
    pub(super) fn inputs(&mut self) -> Vec<(&mut PathBuf, Content)> {
        match self {
            Self::Fit(Model::Kmeans(kmeans)) => vec![(&mut kmeans.common.file, Content::Table)],
            Self::Fit(Model::Gmm(gmm)) => vec![(&mut gmm.common.file, Content::Table)],
            Self::Fit(Model::Factors(factors)) => vec![(&mut factors.common.file, Content::Table)],
            Self::Fit(Model::Mixture(mixture)) => vec![(&mut mixture.common.file, Content::Table)],
            Self::Fit(Model::Hmm(hmm)) => vec![(&mut hmm.common.file, Content::Table)],
            Self::Predict(of) => vec![(&mut of.model, Content::Model), (&mut of.file, Content::Table)],
            Self::Score(of) => vec![(&mut of.model, Content::Model), (&mut of.file, Content::Table)],
            Self::Verify(of) => vec![(&mut of.model, Content::Model), (&mut of.file, Content::Table)],
            Self::Sample(of) => vec![(&mut of.model, Content::Model)],
            Self::Network(question) => question.inputs(),
        }
    }

    /// The files that are written.
    pub(super) fn outputs(&self) -> Vec<PathBuf> {
        match self {
            Self::Fit(model) => fit::outputs(model),
            Self::Network(question) => question.outputs(),
            Self::Predict(_) | Self::Sample(_) | Self::Score(_) | Self::Verify(_) => Vec::new(),
        }
    }

    /// Whether standard output gets data for programs, not tables for people.
    pub(super) fn prints_data(&self) -> bool {
        match self {
            Self::Predict(_) | Self::Sample(_) | Self::Score(_) => true,
            Self::Network(question) => question.prints_data(),
            Self::Fit(_) | Self::Verify(_) => false,
        }
    }
}
