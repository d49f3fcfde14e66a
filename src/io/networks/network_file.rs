//! A network in a file whose name tells the format: .bif; .uai; .xml, .xmlbif or .bifxml.

use std::path::Path;

use crate::error::NetworkError;
use crate::network::Network;

use super::rounded_rows::GREATEST;
use super::{bif, text, uai};

/// How a network's file is read.
/// ```
/// use marginal::{io::NetworkOptions, network::Network};
/// # let path = std::env::temp_dir().join(format!("marginal-thirds-{}.bif", std::process::id()));
/// let thirds = "network n { } variable x { type discrete [ 3 ] { a, b, c }; } probability ( x ) { table .33 .33 .33; }";
/// std::fs::write(&path, thirds).unwrap();
/// assert!(Network::read(&path).is_err()); // sums to 0.99
/// let network = NetworkOptions::default().rounding(0.01).read(&path)?;
/// assert!((network.variables()[0].entries()[0] - 1.0 / 3.0).abs() < 1e-15);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetworkOptions {
    rounding: f64,
}

impl NetworkOptions {
    /// Divide a row of probabilities by its sum if that misses 1 by at most this share, at most 0.1 (default 0: rows that
    /// miss 1 by more than 10⁻³ are refused). The network holds the quotients.
    #[must_use]
    pub fn rounding(mut self, share: f64) -> Self {
        self.rounding = share.clamp(0.0, GREATEST);
        self
    }

    /// Reads a network from a BIF, UAI or XMLBIF file, as the ending of its name says.
    ///
    /// # Errors
    /// As [`Network::read`].
    pub fn read(self, path: impl AsRef<Path>) -> Result<Network, NetworkError> {
        let path = path.as_ref();
        let parse = match ending(path).as_str() {
            "bif" => bif::parse,
            "uai" => uai::parse,
            #[cfg(feature = "xml")]
            "xml" | "xmlbif" | "bifxml" => super::xmlbif::parse,
            _ => return Err(unknown(path)),
        };
        text::read(path, |text| parse(text, self.rounding))
    }
}

/// With the feature `xml`, XMLBIF too.
impl Network {
    /// Reads a network from a BIF, UAI or XMLBIF file, as the ending of its name says.
    ///
    /// ```
    /// use marginal::network::Network;
    /// let asia = Network::read("data/networks/asia.bif")?;
    /// assert_eq!(asia.variables().len(), 8);
    /// let refused = Network::read("asia.net").unwrap_err().to_string();
    /// assert!(refused.starts_with("asia.net: the name of a network's file ends in .bif, .uai"));
    /// # Ok::<(), marginal::Error>(())
    /// ```
    /// # Errors
    /// [`NetworkError::File`] for another ending, or a file that cannot be read; [`NetworkError::InFile`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, NetworkError> {
        NetworkOptions::default().read(path)
    }

    /// Writes the network to a BIF, UAI or XMLBIF file, as the ending of its name says. UAI keeps no names.
    ///
    /// # Errors
    /// [`NetworkError::File`] for another ending, or a file that cannot be written; [`NetworkError::Unwritable`] for a name
    /// that XMLBIF cannot hold.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), NetworkError> {
        let path = path.as_ref();
        match ending(path).as_str() {
            "bif" => self.write_bif(path),
            "uai" => self.write_uai(path),
            #[cfg(feature = "xml")]
            "xml" | "xmlbif" | "bifxml" => self.write_xmlbif(path),
            _ => Err(unknown(path)),
        }
    }
}

fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

fn unknown(path: &Path) -> NetworkError {
    let known = if cfg!(feature = "xml") {
        ".bif, .uai, .xml, .xmlbif or .bifxml"
    } else {
        ".bif, .uai or, with the feature xml, .xml, .xmlbif or .bifxml"
    };
    let remedy = match ending(path).as_str() {
        "gz" => "unpack it first, with gunzip",
        _ => "rename it, or convert it with another program",
    };
    let reason = format!("the name of a network's file ends in {known}: {remedy}");
    NetworkError::File { path: path.display().to_string(), reason }
}
