//! Tokens to blocks, each name and number with its place; nothing is looked up yet.

use std::borrow::Cow;

use super::lexer::{Kind, Lexer, Token, Within};
use crate::io::networks::text::Fault;

/// What a file says, block by block.
pub(crate) struct Document<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) properties: Vec<String>,
    pub(crate) variables: Vec<VariableBlock<'a>>,
    pub(crate) tables: Vec<ProbabilityBlock<'a>>,
}

/// A name and where it stands.
#[derive(Clone)]
pub(crate) struct Name<'a> {
    pub(crate) at: usize,
    pub(crate) text: Cow<'a, str>,
}

/// `variable name { type discrete [ n ] { s, … }; }`
pub(crate) struct VariableBlock<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) said: usize,
    pub(crate) states: Vec<Name<'a>>,
    pub(crate) properties: Vec<String>,
}

/// `probability ( child | parent, … ) { … }`
pub(crate) struct ProbabilityBlock<'a> {
    pub(crate) child: Name<'a>,
    pub(crate) parents: Vec<Name<'a>>,
    pub(crate) entries: Vec<Entries<'a>>,
}

/// One statement of a probability block.
pub(crate) struct Entries<'a> {
    pub(crate) at: usize,
    pub(crate) of: Of<'a>,
    pub(crate) values: Vec<(usize, f64)>,
}

pub(crate) enum Of<'a> {
    /// `table …;`
    Table,
    /// `default …;`
    Default,
    /// `(a, b) …;`
    Row(Vec<Name<'a>>),
}

pub(crate) fn document(text: &str) -> Result<Document<'_>, Fault> {
    let mut lexer = Lexer::new(text);
    let next = lexer.next()?;
    let mut parser = Parser { lexer, next };
    parser.document()
}

/// What a property is read as that is written so; nothing if it does not end where its text does.
pub(crate) fn property_text(written: &str) -> Option<String> {
    let statement = format!("property {written};");
    let mut lexer = Lexer::new(&statement);
    let next = lexer.next().ok()?;
    let mut parser = Parser { lexer, next };
    let text = parser.property("").ok()?;
    (parser.next.kind == Kind::End && parser.lexer.end() == statement.len()).then_some(text)
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    next: Token<'a>,
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<Document<'a>, Fault> {
        let mut document =
            Document { name: "".into(), properties: Vec::new(), variables: Vec::new(), tables: Vec::new() };
        self.keyword("network")?;
        if self.next.kind != Kind::Mark('{') {
            document.name = self.name("the network's name or `{`", Within::Braces)?.text;
        }
        self.mark('{')?;
        while self.next.kind != Kind::Mark('}') {
            document.properties.push(self.property("`property` or `}`")?);
        }
        self.mark('}')?;
        loop {
            match self.next.kind {
                Kind::End => return Ok(document),
                Kind::Word("variable") => document.variables.push(self.variable()?),
                Kind::Word("probability") => document.tables.push(self.probability()?),
                _ => return Err(self.expected("`variable`, `probability` or the end of the text")),
            }
        }
    }

    fn variable(&mut self) -> Result<VariableBlock<'a>, Fault> {
        self.keyword("variable")?;
        let name = self.name("the variable's name", Within::Braces)?;
        let (mut said, mut states, mut properties) = (None, Vec::new(), Vec::new());
        self.mark('{')?;
        while self.next.kind != Kind::Mark('}') {
            if self.next.kind != Kind::Word("type") || said.is_some() {
                let or = if said.is_some() { "`property` or `}`" } else { "`type` or `property`" };
                properties.push(self.property(or)?);
                continue;
            }
            self.advance()?;
            self.keyword("discrete")?;
            self.mark('[')?;
            said = Some(self.count()?);
            self.mark(']')?;
            self.mark('{')?;
            states = self.names("a state or `}`", '}', Within::Braces)?;
            self.mark(';')?;
        }
        let said = said.ok_or_else(|| self.expected("`type discrete [ n ] { … };` before the end of the variable"))?;
        self.mark('}')?;
        Ok(VariableBlock { name, said, states, properties })
    }

    fn probability(&mut self) -> Result<ProbabilityBlock<'a>, Fault> {
        self.keyword("probability")?;
        let list = self.list();
        self.mark('(')?;
        let child = self.name("the variable whose probabilities follow", list)?;
        let parents = self.names("a parent or `)`", ')', list)?;
        let mut entries = Vec::new();
        self.mark('{')?;
        while self.next.kind != Kind::Mark('}') {
            let at = self.next.at;
            let of = match self.next.kind {
                Kind::Word("property") => {
                    self.property("")?;
                    continue;
                }
                Kind::Word("table") => Of::Table,
                Kind::Word("default") => Of::Default,
                Kind::Mark('(') => Of::Row(Vec::new()),
                _ => return Err(self.expected("`table`, `default`, `(states)` or `}`")),
            };
            let list = self.list();
            self.advance()?;
            let of = if let Of::Row(_) = of { Of::Row(self.names("a state or `)`", ')', list)?) } else { of };
            entries.push(Entries { at, of, values: self.numbers()? });
        }
        self.mark('}')?;
        Ok(ProbabilityBlock { child, parents, entries })
    }

    /// Names up to a closing mark; commas and bars between them mean no more than blanks.
    fn names(&mut self, expected: &str, end: char, within: Within) -> Result<Vec<Name<'a>>, Fault> {
        let mut names = Vec::new();
        loop {
            match self.next.kind {
                Kind::Mark(mark) if mark == end => {
                    self.advance()?;
                    return Ok(names);
                }
                Kind::Mark(',' | '|') => self.advance()?,
                _ => names.push(self.name(expected, within)?),
            }
        }
    }

    /// Probabilities up to a semicolon.
    fn numbers(&mut self) -> Result<Vec<(usize, f64)>, Fault> {
        let mut numbers = Vec::new();
        loop {
            match self.next.kind {
                Kind::Mark(';') => {
                    self.advance()?;
                    return Ok(numbers);
                }
                Kind::Mark(',' | '|') => self.advance()?,
                Kind::Word(word) => match word.parse::<f64>() {
                    Ok(p) if p.is_finite() => {
                        numbers.push((self.next.at, p));
                        self.advance()?;
                    }
                    _ => return Err(self.expected("a probability or `;`")),
                },
                _ => return Err(self.expected("a probability or `;`")),
            }
        }
    }

    /// All that stands before the next `;`, which the last statement of a block may lack; of one name in quotation marks
    /// that could not stand without them, the name.
    fn property(&mut self, expected: &str) -> Result<String, Fault> {
        if self.next.kind != Kind::Word("property") {
            return Err(self.expected(expected));
        }
        self.advance()?;
        let (from, mut to, mut words) = (self.next.at, self.next.at, Vec::new());
        while !matches!(self.next.kind, Kind::Mark(';' | '}')) {
            if self.next.kind == Kind::End {
                return Err(self.expected("`;` after the property"));
            }
            if !matches!(self.next.kind, Kind::Quoted(_)) {
                self.lexer.back_to(self.next.at);
                self.lexer.bare(Within::Property);
            }
            to = self.lexer.end();
            let next = self.lexer.next()?;
            words.push(std::mem::replace(&mut self.next, next).kind);
        }
        let mut text = self.lexer.slice(from, to).to_owned();
        if let [Kind::Quoted(name)] = &words[..]
            && property_text(name).as_deref() != Some(name.as_ref())
        {
            text = name.clone().into_owned();
        }
        if self.next.kind == Kind::Mark(';') {
            self.advance()?;
        }
        Ok(text)
    }

    /// The list in parentheses that the next token begins.
    fn list(&self) -> Within {
        Within::List(self.lexer.closing())
    }

    fn name(&mut self, expected: &str, within: Within) -> Result<Name<'a>, Fault> {
        let at = self.next.at;
        let text = if let Kind::Quoted(name) = &mut self.next.kind {
            std::mem::take(name)
        } else {
            let after = self.lexer.end();
            self.lexer.back_to(at);
            let word = self.lexer.bare(within);
            if word.is_empty() {
                self.lexer.back_to(after);
                return Err(self.expected(expected));
            }
            Cow::Borrowed(word)
        };
        self.advance()?;
        Ok(Name { at, text })
    }

    fn count(&mut self) -> Result<usize, Fault> {
        let Kind::Word(word) = self.next.kind else { return Err(self.expected("the number of states")) };
        let count = word.parse().map_err(|_| self.expected("the number of states"))?;
        self.advance()?;
        Ok(count)
    }

    fn keyword(&mut self, word: &'static str) -> Result<(), Fault> {
        if self.next.kind == Kind::Word(word) { self.advance() } else { Err(self.expected(&format!("`{word}`"))) }
    }

    fn mark(&mut self, mark: char) -> Result<(), Fault> {
        if self.next.kind == Kind::Mark(mark) { self.advance() } else { Err(self.expected(&format!("`{mark}`"))) }
    }

    fn advance(&mut self) -> Result<(), Fault> {
        self.next = self.lexer.next()?;
        Ok(())
    }

    fn expected(&self, expected: &str) -> Fault {
        Fault::expected(self.next.at, expected, self.next.kind.shown())
    }
}
