//! What is asked about how sure a fit is.

use std::path::PathBuf;

use clap::Args;

use super::numbers::{REPLICATES, ROWS, up_to};

#[derive(Debug, Args)]
pub(crate) struct Uncertainty {
    /// Print standard errors and confidence intervals, by the observed information
    #[arg(long)]
    pub(crate) standard_errors: bool,
    /// Print them by N fits to rows (of several sequences, whole ones) that are drawn again with replacement
    #[arg(long, value_name = "N", value_parser = up_to(REPLICATES))]
    pub(crate) bootstrap: Option<usize>,
    /// Draw the data of the bootstrap from the fitted model
    #[arg(long, requires = "bootstrap")]
    pub(crate) simulate: bool,
    /// Test K components against K + 1: the likelihood ratio, and that of N data sets drawn from the fit of K
    #[arg(long, value_name = "N", value_parser = up_to(REPLICATES))]
    pub(crate) likelihood_ratio: Option<usize>,
    /// Score each number of components on held-out rows (of several sequences, whole ones), in this many folds
    #[arg(long, value_name = "FOLDS", value_parser = up_to(ROWS as usize))]
    pub(crate) cross_validate: Option<usize>,
    /// The confidence of the intervals
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    pub(crate) confidence: f64,
    /// Write standard errors, bootstrap, likelihood ratio and cross-validation to this file too (JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) uncertainty: Option<PathBuf>,
}

impl Uncertainty {
    /// The first option that asks for a likelihood, if any does.
    pub(crate) fn asked(&self) -> Option<&'static str> {
        match self {
            Self { standard_errors: true, .. } => Some("--standard-errors"),
            Self { bootstrap: Some(_), .. } => Some("--bootstrap"),
            Self { likelihood_ratio: Some(_), .. } => Some("--likelihood-ratio"),
            Self { cross_validate: Some(_), .. } => Some("--cross-validate"),
            _ => None,
        }
    }
}

fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("a number in (0, 1), such as 0.95, is needed".into()),
    }
}
