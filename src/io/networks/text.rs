//! Networks as text: files read and written, and errors told with their line and column.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{GraphError, NetworkError};
use crate::network::Network;

use crate::io::file_kind::not_text;
use crate::io::replace_file;

/// The byte order mark.
const MARK: char = '\u{feff}';

/// An error and the byte of the text at which it stands.
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) error: NetworkError,
}

impl Fault {
    /// Something else was expected.
    pub(crate) fn expected(at: usize, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { at, error: NetworkError::Syntax { expected: expected.into(), found: found.into() } }
    }

    /// The error with its line and column.
    pub(crate) fn placed(self, text: &str) -> NetworkError {
        // A cycle is not at one place.
        if matches!(self.error, NetworkError::Graph(GraphError::Cycle { .. })) {
            return self.error;
        }
        let before = &text[..self.at.min(text.len())];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        self.error.at(1 + before.matches('\n').count(), 1 + before[line_start..].chars().count())
    }
}

/// No text may be longer than 1 GiB.
const LONGEST: u64 = 1 << 30;

/// The network in a file.
pub(crate) fn read(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<Network, NetworkError>,
) -> Result<Network, NetworkError> {
    let bytes = bytes(path).map_err(|reason| NetworkError::File { path: path.display().to_string(), reason })?;
    let network = decoded(bytes).and_then(|text| parse(&text));
    network.map_err(|source| NetworkError::InFile { path: path.display().to_string(), source: Box::new(source) })
}

pub(crate) fn write(path: &Path, text: &str) -> Result<(), NetworkError> {
    replace_file(path, text.as_bytes())
        .map_err(|e| NetworkError::File { path: path.display().to_string(), reason: format!("cannot be written: {e}") })
}

/// The bytes of a file that may be text.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    const START: u64 = 1024;
    let unread = |e: std::io::Error| format!("cannot be read: {e}");
    let mut file = File::open(path).map_err(unread)?;
    let mut bytes = Vec::new();
    file.by_ref().take(START).read_to_end(&mut bytes).map_err(unread)?;
    if let Some(what) = not_text(&bytes) {
        return Err(what.into());
    }
    if bytes.len() as u64 == START && bytes.iter().all(|b| *b == 0) {
        return Err("the file holds zeros, not text".into());
    }
    file.take(LONGEST).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > LONGEST { Err("the file is longer than 1 GiB".into()) } else { Ok(bytes) }
}

/// The bytes as text without a byte order mark, whose lines end in line feeds; or where they are no text.
pub(crate) fn decoded(bytes: Vec<u8>) -> Result<String, NetworkError> {
    let mut text = String::from_utf8(bytes).map_err(|e| {
        let (at, bytes) = (e.utf8_error().valid_up_to(), e.as_bytes());
        let before = String::from_utf8_lossy(&bytes[..at]).into_owned();
        let found = format!("the byte 0x{:02X}", bytes[at]);
        Fault::expected(before.len(), "text in UTF-8", found).placed(&before)
    })?;
    if text.starts_with(MARK) {
        text.drain(..MARK.len_utf8());
    }
    // Carriage returns alone end the lines of old files.
    let old = text.contains('\r') && !text.contains('\n');
    Ok(if old { text.replace('\r', "\n") } else { text })
}

/// The text without a byte order mark.
pub(crate) fn unmarked(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}
