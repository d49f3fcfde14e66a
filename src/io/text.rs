//! Networks as text: files read and written, and errors told with their line and column.

use std::path::Path;

use crate::error::{GraphError, NetworkError};
use crate::network::Network;

/// An error and the byte of the text at which it stands.
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) error: NetworkError,
}

impl Fault {
    /// Something else was expected.
    pub(super) fn expected(at: usize, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { at, error: NetworkError::Syntax { expected: expected.into(), found: found.into() } }
    }

    /// The error with its line and column.
    pub(super) fn placed(self, text: &str) -> NetworkError {
        // A cycle is not at one place.
        if matches!(self.error, NetworkError::Graph(GraphError::Cycle { .. })) {
            return self.error;
        }
        let before = &text[..self.at.min(text.len())];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        self.error.at(1 + before.matches('\n').count(), 1 + before[line_start..].chars().count())
    }
}

/// The network in a file.
pub(super) fn read(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<Network, NetworkError>,
) -> Result<Network, NetworkError> {
    let path = path.display().to_string();
    let bytes = std::fs::read(&path)
        .map_err(|e| NetworkError::File { path: path.clone(), reason: format!("cannot be read: {e}") })?;
    let network = decoded(&bytes).and_then(parse);
    network.map_err(|source| NetworkError::InFile { path, source: Box::new(source) })
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), NetworkError> {
    super::replace_file(path, text.as_bytes())
        .map_err(|e| NetworkError::File { path: path.display().to_string(), reason: format!("cannot be written: {e}") })
}

/// The bytes as text, or where they are none.
fn decoded(bytes: &[u8]) -> Result<&str, NetworkError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|e| {
        let before = String::from_utf8_lossy(&bytes[..e.valid_up_to()]).into_owned();
        let found = format!("the byte 0x{:02X}", bytes[e.valid_up_to()]);
        Fault::expected(before.len(), "text in UTF-8", found).placed(&before)
    })
}
