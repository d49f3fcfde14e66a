//! What people see: no character of a name moves the cursor, changes colours or turns the line around.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::commands::reading::readable::as_named;

/// A text in which each character that commands a terminal is written as an escape, line breaks and tabulators too.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if text.chars().any(commands) { Cow::Owned(escape(text, |_| false)) } else { Cow::Borrowed(text) }
}

/// Control characters, and those that change the direction of what follows them.
fn commands(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn escape(text: &str, kept: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            _ if !commands(letter) || kept(letter) => escaped.push(letter),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => escaped.push_str("\\r"),
            // As JSON writes it, so that JSON stays JSON.
            _ => _ = write!(escaped, "\\u{:04x}", u32::from(letter)),
        }
    }
    escaped
}

/// A failure on stderr, in one line.
pub(crate) fn error(text: &str) {
    line(&format!("error: {}", escaped(&as_named(text))));
}

/// A note on stderr, in one line.
pub(crate) fn note(text: &str) {
    line(&format!("note: {}", escaped(&as_named(text))));
}

/// Where stderr cannot be written to, the exit code tells.
fn line(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// What is wrong with the arguments, in one line.
pub(crate) fn usage(text: &str) {
    line(&format!("{} (see --help)", escaped(text)));
}

/// An output whose lines reach people as they are, but for characters that command a terminal.
pub(crate) struct Plain<W> {
    out: W,
    /// The beginning of a character of which the rest has not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Plain<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, begun: Vec::new() }
    }
}

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.begun) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Ok(_) | Err(_) => self.begun.len(),
        };
        let rest = self.begun.split_off(whole);
        let text = std::mem::replace(&mut self.begun, rest);
        let text = String::from_utf8_lossy(&text);
        self.out.write_all(escape(&as_named(&text), |letter| letter == '\n').as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_that_commands_passes() {
        assert_eq!(escaped("a\u{1b}[31m\u{9b}b\n\t\u{202e}c"), "a\\u001b[31m\\u009bb\\n\\t\\u202ec");
        assert!(matches!(escaped("Größe ≥ 1"), Cow::Borrowed(_)));
        let mut out = Plain::new(Vec::new());
        // In pieces that cut characters in two.
        "≥\u{1b}\u{9b}é\n".bytes().for_each(|byte| out.write_all(&[byte]).unwrap());
        assert_eq!(String::from_utf8(out.out).unwrap(), "≥\\u001b\\u009bé\n");
    }
}
