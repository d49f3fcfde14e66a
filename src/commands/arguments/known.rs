//! What a file says beside its values: of which component rows are, which rows share one, and which cells are missing.

use clap::Args;

use super::names::{self, List, name, names};
use crate::commands::reading::beside::Missing;

/// What is known of the component or state of a row.
#[derive(Debug, Args)]
pub(crate) struct Labels {
    /// The column that holds the number of each row's component or state, empty (or NA and the like) where it is not known:
    /// components are numbered as it numbers them
    #[arg(id = "labels", long = "labels", value_name = "COLUMN", value_parser = name)]
    pub(crate) column: Option<String>,
}

/// Which rows are of one component.
#[derive(Debug, Args)]
pub(crate) struct Groups {
    /// The column that names the group of each row: all rows of a group are of one component, without saying which
    #[arg(id = "groups", long = "groups", value_name = "COLUMN", value_parser = name, conflicts_with_all = ["labels", "weights"])]
    pub(crate) column: Option<String>,
}

/// Whether cells may be missing.
#[derive(Debug, Args)]
pub(crate) struct Cells {
    /// Cells may be missing: empty, NA, NaN, null, None, ?, . and the like in their usual spellings; what is
    /// missing is summed out of the likelihood
    #[arg(long)]
    pub(crate) missing: bool,
    /// These texts are missing cells too, such as -999,unknown
    #[arg(long, value_name = "TEXTS", value_parser = names, requires = "missing", allow_hyphen_values = true)]
    pub(crate) missing_as: Option<Vec<List<String>>>,
}

impl Cells {
    pub(crate) fn allowed(&self) -> Option<Missing> {
        self.missing.then(|| Missing { spellings: self.missing_as.as_deref().map(names::all).unwrap_or_default() })
    }
}

/// What the angles of a file are.
#[derive(Debug, Args)]
pub(crate) struct Angles {
    /// The angles of von-mises columns are radians, though they run over more than a turn
    #[arg(long)]
    pub(crate) radians: bool,
}
