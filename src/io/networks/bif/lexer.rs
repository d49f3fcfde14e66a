//! Text to tokens: words, names in quotation marks, and marks such as `{`.
//!
//! What a word holds depends on what is expected. Where a keyword or a number stands, a mark or a comment ends it. A name
//! without quotation marks, such as `[0_25]`, `f(x)` or `http://x`, ends at a blank, `,`, `;`, `|`, `{`, `}` or `"`, and
//! at a comment: at `/*`, and at `//` before a blank. In a list in parentheses the last `)` before the next `;`, `{` or
//! `}` ends the list, and any other is part of a name. Words of properties hold all marks but `;` and `}`.

use std::borrow::Cow;

use crate::io::networks::text::Fault;

/// A piece of the text that means one thing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token<'a> {
    /// The byte at which it begins.
    pub(crate) at: usize,
    pub(crate) kind: Kind<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind<'a> {
    Word(&'a str),
    Quoted(Cow<'a, str>),
    Mark(char),
    End,
}

impl Kind<'_> {
    /// As an error shows it.
    pub(crate) fn shown(&self) -> String {
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
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the last token ended.
    pub(crate) fn end(&self) -> usize {
        self.at
    }

    /// The text between two places.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &'a str {
        &self.text[from..to]
    }

    pub(crate) fn next(&mut self) -> Result<Token<'a>, Fault> {
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

    /// Goes back to a place where a token began.
    pub(crate) fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    /// The name or the word of a property that begins here, not in quotation marks; `closing` is where the list ends that
    /// it stands in. Empty if there is none.
    pub(crate) fn bare(&mut self, within: Within) -> &'a str {
        let start = self.at;
        let rest = &self.text[start..];
        let mut end = rest.len();
        for (place, letter) in rest.char_indices() {
            let ends = match letter {
                ';' | '}' | '"' => true,
                ',' | '|' | '{' => within != Within::Property,
                ')' => within == Within::List(Some(start + place)) || within == Within::List(None),
                '/' => is_comment(&rest[place..], place == 0),
                _ => letter.is_whitespace(),
            };
            if ends {
                end = place;
                break;
            }
        }
        self.at += end;
        &rest[..end]
    }

    /// Where the list in parentheses ends that begins here: at the last `)` before the next `;`, `{` or `}`.
    pub(crate) fn closing(&self) -> Option<usize> {
        let mut ahead = Self { text: self.text, at: self.at };
        let mut last = None;
        loop {
            let at = ahead.next().ok()?.at;
            match self.text[at..].chars().next() {
                Some(';' | '{' | '}') | None => return last,
                Some('"') => {}
                Some(letter) => {
                    // A name may hold `)`, and `//`, which is no comment there.
                    ahead.at = at;
                    let word = ahead.bare(Within::Braces);
                    last = word.rfind(')').map(|place| at + place).or(last);
                    if word.is_empty() {
                        ahead.at += letter.len_utf8();
                    }
                }
            }
        }
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

/// What surrounds a name without quotation marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Within {
    /// Braces, or nothing.
    Braces,
    /// A list in parentheses, and where it ends.
    List(Option<usize>),
    /// A property.
    Property,
}

/// Whether a comment begins here, at the start of a word or within it.
fn is_comment(text: &str, at_start: bool) -> bool {
    match text.strip_prefix("//") {
        Some(rest) => at_start || rest.chars().next().is_none_or(char::is_whitespace),
        None => text.starts_with("/*"),
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
pub(crate) fn is_mark(letter: char) -> bool {
    matches!(letter, '{' | '}' | '(' | ')' | '[' | ']' | ';' | ',' | '|')
}
