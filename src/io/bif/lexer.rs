//! Text to tokens: words, names in quotation marks, and marks such as `{`.

use std::borrow::Cow;

use crate::io::text::Fault;

/// A piece of the text that means one thing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    /// The byte at which it begins.
    pub(super) at: usize,
    pub(super) kind: Kind<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    Word(&'a str),
    Quoted(Cow<'a, str>),
    Mark(char),
    End,
}

impl Kind<'_> {
    /// As an error shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(word) => format!("`{}`", shortened(word)),
            Self::Quoted(name) => format!("\"{}\"", shortened(name)),
            Self::Mark(mark) => format!("`{mark}`"),
            Self::End => "the end of the text".into(),
        }
    }
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let start: String = text.chars().take(SHOWN).map(|c| if c.is_control() { '�' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() { start + "…" } else { start }
}

/// Yields one token after the other, and at last `End` for ever.
#[derive(Clone)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the last token ended.
    pub(super) fn end(&self) -> usize {
        self.at
    }

    /// The text between two places.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        &self.text[from..to]
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>, Fault> {
        self.skip()?;
        let (at, rest) = (self.at, &self.text[self.at..]);
        let kind = match rest.chars().next() {
            None => Kind::End,
            Some('"') => self.quoted()?,
            Some(mark) if is_mark(mark) => {
                self.at += mark.len_utf8();
                Kind::Mark(mark)
            }
            Some(_) => {
                let ends = |c: char| c.is_whitespace() || is_mark(c) || c == '"';
                let mut end = rest.find(ends).unwrap_or(rest.len());
                // A comment ends a word.
                end = ["//", "/*"].iter().filter_map(|mark| rest[..end].find(mark)).fold(end, usize::min);
                self.at += end;
                Kind::Word(&rest[..end])
            }
        };
        Ok(Token { at, kind })
    }

    /// Blanks and comments.
    fn skip(&mut self) -> Result<(), Fault> {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start().len();
            if blank > 0 {
                self.at += blank;
            } else if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let Some(end) = comment.find("*/") else {
                    return Err(Fault::expected(self.at, "`*/` after this `/*`", Kind::End.shown()));
                };
                self.at += 2 + end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn quoted(&mut self) -> Result<Kind<'a>, Fault> {
        let inside = &self.text[self.at + 1..];
        let mut letters = inside.char_indices();
        let mut escaped = false;
        while let Some((place, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at += 1 + place + 1;
                    let name = &inside[..place];
                    return Ok(Kind::Quoted(if escaped { unescaped(name).into() } else { name.into() }));
                }
                '\\' if inside[place + 1..].starts_with(['"', '\\']) => {
                    escaped = true;
                    letters.next();
                }
                _ => (),
            }
        }
        Err(Fault::expected(self.at, "a closing `\"` after this one", Kind::End.shown()))
    }
}

/// `\"` and `\\` without their backslash; any other backslash stands for itself.
fn unescaped(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(&next @ ('"' | '\\')) if letter == '\\' => {
                plain.push(next);
                letters.next();
            }
            _ => plain.push(letter),
        }
    }
    plain
}

/// Whether the letter is a token by itself.
pub(super) fn is_mark(letter: char) -> bool {
    matches!(letter, '{' | '}' | '(' | ')' | '[' | ']' | ';' | ',' | '|')
}
