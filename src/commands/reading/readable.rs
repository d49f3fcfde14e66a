//! File arguments that can be read only once, such as pipes and standard input: they are copied, so that commands can
//! open them as often as they like.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use marginal::io::is_same_file;

use crate::commands::failure::Failure;

/// A text whose first line is longer is none.
const LINE: u64 = 64 << 20;
/// More is not copied.
const MOST: u64 = 16 << 30;
const PIECE: usize = 1 << 16;

/// What a file holds, which tells how a copy is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Table,
    Model,
    Network,
}

/// What was named on the command line, and the copy that was made of it.
static MADE: Mutex<Vec<(PathBuf, PathBuf)>> = Mutex::new(Vec::new());

fn made() -> MutexGuard<'static, Vec<(PathBuf, PathBuf)>> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A text with what was named on the command line in place of the copy of it.
pub(crate) fn as_named(text: &str) -> Cow<'_, str> {
    made().iter().fold(text.into(), |text, (named, copy)| {
        let copy = copy.display().to_string();
        let named = if named == Path::new("-") { "standard input".into() } else { named.display().to_string() };
        if text.contains(&copy) { text.replace(&copy, &named).into() } else { text }
    })
}

/// The copies that were made; they go when this goes.
#[derive(Debug, Default)]
pub(crate) struct Copies;

impl Copies {
    /// Puts in place of a path one that can be opened again and again.
    pub(crate) fn make_readable(path: &mut PathBuf, content: Content) -> Result<(), Failure> {
        let failed = |path: &Path, reason: String| Failure::Because(format!("{}: {reason}", path.display()));
        let is_input = *path == Path::new("-");
        if !is_input {
            // What is not there is told by whoever reads it.
            let Ok(of) = std::fs::metadata(&*path) else { return Ok(()) };
            if of.is_dir() {
                return Err(failed(path, "it is a folder, not a file".into()));
            }
            if of.is_file() {
                return check_first_line(path, of.len(), content).map_err(|reason| failed(path, reason));
            }
        }
        if made().iter().any(|(named, _)| named == path || is_same_file(named, &*path)) {
            return Err(failed(path, "it can be read only once, and is named twice".into()));
        }
        let input: Box<dyn Read> = if is_input {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(&*path).map_err(|e| failed(path, format!("cannot be read: {e}")))?)
        };
        let copy = copy(path, input, content).map_err(|reason| failed(path, reason))?;
        *path = copy;
        Ok(())
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        made().iter().for_each(|(_, copy)| drop(std::fs::remove_file(copy)));
    }
}

fn copy(named: &Path, mut input: Box<dyn Read>, content: Content) -> Result<PathBuf, String> {
    let mut piece = vec![0; PIECE];
    let mut length = fill(&mut input, &mut piece)?;
    let folder = std::env::temp_dir();
    let path =
        folder.join(format!("marginal-{}-{}.{}", std::process::id(), made().len(), ending(&piece[..length], content)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |e: io::Error| format!("cannot be copied to {}: {e}", folder.display());
    let mut file = options.open(&path).map_err(failed)?;
    made().push((named.to_owned(), path.clone()));
    let is_text = path.extension().is_none_or(|ending| ending != "parquet");
    let (mut total, mut since_break) = (0u64, 0u64);
    while length > 0 {
        file.write_all(&piece[..length]).map_err(failed)?;
        total += length as u64;
        since_break = match piece[..length].iter().rposition(|b| matches!(b, b'\n' | b'\r')) {
            Some(at) => (length - at) as u64,
            None => since_break + length as u64,
        };
        if is_text && since_break > LINE {
            return Err(too_long(content));
        }
        if total > MOST {
            return Err(format!("more than {} GiB: write them to a file first", MOST >> 30));
        }
        length = fill(&mut input, &mut piece)?;
    }
    Ok(path)
}

/// As much as fits into the piece.
fn fill(input: &mut dyn Read, piece: &mut [u8]) -> Result<usize, String> {
    let mut length = 0;
    while length < piece.len() {
        match input.read(&mut piece[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(format!("cannot be read: {error}")),
        }
    }
    Ok(length)
}

/// The ending that tells the format, as the first bytes show it.
fn ending(start: &[u8], content: Content) -> &'static str {
    let first = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    match content {
        Content::Model => "json",
        Content::Table if start.starts_with(b"PAR1") => "parquet",
        Content::Table => "csv",
        Content::Network if first.starts_with(b"<") => "xml",
        Content::Network if first.starts_with(b"BAYES") || first.starts_with(b"MARKOV") => "uai",
        Content::Network => "bif",
    }
}

fn check_first_line(path: &Path, bytes: u64, content: Content) -> Result<(), String> {
    let is_binary = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
    if bytes <= LINE || is_binary {
        return Ok(());
    }
    let Ok(mut file) = File::open(path) else { return Ok(()) };
    let mut piece = vec![0; PIECE];
    let mut read = 0;
    while read <= LINE {
        let length = fill(&mut file, &mut piece)?;
        if length == 0 || piece[..length].iter().any(|b| matches!(b, b'\n' | b'\r')) || piece.starts_with(b"\x1F\x8B") {
            return Ok(());
        }
        read += length as u64;
    }
    Err(too_long(content))
}

fn too_long(content: Content) -> String {
    let what = match content {
        Content::Table => "table",
        Content::Model => "model file",
        Content::Network => "network",
    };
    format!("a line of more than {} MiB: this is no {what}", LINE >> 20)
}
