//! BIF, the Bayesian network interchange format (Cozman 1998), as the programs of the field write it.
//!
//! ```text
//! network rain { }
//! variable rain { type discrete [ 2 ] { no, yes }; }
//! variable wet { type discrete [ 2 ] { no, yes }; }
//! probability ( rain ) { table 0.8, 0.2; }
//! probability ( wet | rain ) { (no) 0.9, 0.1;  default 0.05, 0.95; }
//! ```
//! Read are also: `table` below parents, with the variable's own state the slowest and the last parent the fastest;
//! rows in any order; commas, bars and blanks for one another between names and between numbers; `//` and `/* */`
//! comments; `property …;`, kept as text; names in quotation marks, with `\"` and `\\` inside, and without them names
//! such as `[0_25]`, `f(x)` and `http://x`, in which `//` is no comment unless a blank follows. Blocks stand in any order.
//!
//! A row of probabilities whose sum misses one by 10⁻³ or less is a rounded one: the network keeps its entries as they
//! stand (and writes them so), and computes with each divided by the sum. Other sums are errors, unless
//! [`NetworkOptions::rounding`](super::network_file::NetworkOptions::rounding) lets the reader divide.

pub(crate) mod check;
mod lexer;
pub(crate) mod parser;
mod writer;

use std::path::Path;

use crate::error::NetworkError;
use crate::network::Network;

use super::text;

/// The network of a text whose rows may miss one by this much and are then divided by their sums.
pub(crate) fn parse(text: &str, rounding: f64) -> Result<Network, NetworkError> {
    let text = text::unmarked(text);
    let network = parser::document(text).and_then(|document| check::network(&document, rounding));
    network.map_err(|fault| fault.placed(text))
}

impl Network {
    /// Reads a network from a BIF file.
    ///
    /// # Errors
    /// [`NetworkError::InFile`] with line and column, what was expected there and what was found;
    /// [`NetworkError::File`] if it cannot be read.
    pub fn read_bif(path: impl AsRef<Path>) -> Result<Self, NetworkError> {
        text::read(path.as_ref(), Self::from_bif)
    }

    /// Reads a network from the text of a BIF file.
    ///
    /// ```
    /// use marginal::network::Network;
    /// let error = Network::from_bif("network n { }\nvariable a { type discrete [2] { yes, no } }").unwrap_err();
    /// assert_eq!(error.to_string(), "line 2, column 44: expected `;`, found `}`");
    /// ```
    ///
    /// # Errors
    /// [`NetworkError::AtPlace`]; [`NetworkError::Graph`] if the arrows form a cycle.
    pub fn from_bif(text: &str) -> Result<Self, NetworkError> {
        parse(text, 0.0)
    }

    /// The network as BIF: read again, it is the same to the last bit.
    pub fn to_bif(&self) -> String {
        writer::text(self)
    }

    /// Writes the network to a BIF file.
    ///
    /// # Errors
    /// [`NetworkError::File`].
    pub fn write_bif(&self, path: impl AsRef<Path>) -> Result<(), NetworkError> {
        text::write(path.as_ref(), &self.to_bif())
    }
}
