//! A network in a file whose name tells the format: .bif; .uai; .xml, .xmlbif or .bifxml.

use std::path::Path;

use crate::error::NetworkError;
use crate::network::Network;

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
        let path = path.as_ref();
        match ending(path).as_str() {
            "bif" => Self::read_bif(path),
            "uai" => Self::read_uai(path),
            #[cfg(feature = "xml")]
            "xml" | "xmlbif" | "bifxml" => Self::read_xmlbif(path),
            _ => Err(unknown(path)),
        }
    }

    /// Writes the network to a BIF, UAI or XMLBIF file, as the ending of its name says. UAI keeps no names.
    ///
    /// # Errors
    /// [`NetworkError::File`] for another ending, or a file that cannot be written.
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
    let reason = format!("the name of a network's file ends in {known}: rename it, or convert it with another program");
    NetworkError::File { path: path.display().to_string(), reason }
}
