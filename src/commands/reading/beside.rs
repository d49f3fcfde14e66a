//! The columns of a file that are no data of the model.

use clap::Args;

use crate::commands::failure::Failure;

/// That cells may be missing, and how that may be written beside the usual spellings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Missing {
    pub(crate) spellings: Vec<String>,
}

/// The columns that stand beside the data: what each row weighs, which sequence, component and group it is of; and what is
/// said of missing cells and of the first row of the file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beside<'a> {
    pub(crate) weights: Option<&'a str>,
    pub(crate) sequence: Option<&'a str>,
    pub(crate) labels: Option<&'a str>,
    pub(crate) groups: Option<&'a str>,
    pub(crate) missing: Option<&'a Missing>,
    pub(crate) header: Option<bool>,
}

impl Beside<'_> {
    /// Refuses a column that is given two meanings.
    pub(crate) fn check(self, columns: Option<&[String]>) -> Result<(), Failure> {
        let options = [
            ("--weights", self.weights),
            ("--sequence", self.sequence),
            ("--labels", self.labels),
            ("--groups", self.groups),
        ];
        for (option, name) in options.into_iter().filter_map(|(option, name)| Some((option, name?))) {
            if columns.unwrap_or_default().iter().any(|column| column == name) {
                return Err(Failure::Because(format!(
                    "column `{name}` is given to {option} and is among the data too"
                )));
            }
        }
        Ok(())
    }

    pub(crate) fn names(self) -> impl Iterator<Item = String> {
        [self.weights, self.sequence, self.labels, self.groups].into_iter().flatten().map(str::to_owned)
    }
}

/// What is said of the first row of a CSV file.
#[derive(Debug, Args)]
pub(crate) struct Header {
    /// Whether the first row of the CSV file names its columns (default: as its cells show)
    #[arg(id = "header", long = "header", value_name = "yes|no", value_parser = yes_or_no)]
    pub(crate) is_there: Option<bool>,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("yes or no is needed".into()),
    }
}
