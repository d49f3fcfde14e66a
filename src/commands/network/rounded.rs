//! What is said of the numbers in the file of a network.

use std::path::Path;

use clap::Args;
use marginal::error::NetworkError;
use marginal::io::NetworkOptions;
use marginal::network::Network;

/// What is said of the numbers in a network's file.
#[derive(Debug, Args)]
pub(super) struct Rounded {
    /// Divide rows of probabilities by their sums where these miss 1 by at most this, such as 0.01 (at most 0.1; without
    /// it, rows that miss 1 by more than 0.001 are refused)
    #[arg(id = "rounded", long = "rounded", value_name = "SHARE", allow_negative_numbers = true, value_parser = rounding)]
    share: Option<f64>,
}

impl Rounded {
    pub(super) fn read(&self, file: &Path) -> Result<Network, NetworkError> {
        self.share.map_or_else(NetworkOptions::default, |share| NetworkOptions::default().rounding(share)).read(file)
    }
}

fn rounding(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if (0.0..=0.1).contains(&x) => Ok(x),
        _ => Err("a number in [0, 0.1] is needed: rows further from 1 were not rounded".into()),
    }
}
