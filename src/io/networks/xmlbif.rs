//! XMLBIF 0.3, the XML form of [`bif`](super::bif) (Cozman 1998); with the feature `xml`.
//!
//! ```text
//! <BIF VERSION="0.3"><NETWORK>
//!   <NAME>rain</NAME>
//!   <VARIABLE TYPE="nature"><NAME>rain</NAME><OUTCOME>no</OUTCOME><OUTCOME>yes</OUTCOME></VARIABLE>
//!   <VARIABLE TYPE="nature"><NAME>wet</NAME><OUTCOME>no</OUTCOME><OUTCOME>yes</OUTCOME></VARIABLE>
//!   <DEFINITION><FOR>rain</FOR><TABLE>0.8 0.2</TABLE></DEFINITION>
//!   <DEFINITION><FOR>wet</FOR><GIVEN>rain</GIVEN><TABLE>0.9 0.1 0.05 0.95</TABLE></DEFINITION>
//! </NETWORK></BIF>
//! ```
//! A table has the first parent the slowest and the variable's own state the fastest. Properties of the network and of
//! its variables are kept. Blanks around a name are not part of it; names of elements are read in either case, `VALUE`
//! for `OUTCOME` and `PROBABILITY` for `DEFINITION`. Decisions and utilities are refused, and so is what stands where
//! nothing belongs: text between elements, elements within names, a second name or table. Rows that were rounded are read
//! as those of [`bif`](super::bif).

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use roxmltree::{Document as Xml, Node, ParsingOptions};

use crate::error::NetworkError;
use crate::network::Network;

use super::text::{self, Fault};
use crate::io::networks::bif::check;
use crate::io::networks::bif::parser::{Document, Entries, Name, Of, ProbabilityBlock, VariableBlock};

impl Network {
    /// Reads a network from an XMLBIF file.
    ///
    /// # Errors
    /// [`NetworkError::InFile`] with line and column; [`NetworkError::File`] if it cannot be read.
    pub fn read_xmlbif(path: impl AsRef<Path>) -> Result<Self, NetworkError> {
        text::read(path.as_ref(), Self::from_xmlbif)
    }

    /// Reads a network from the text of an XMLBIF file.
    ///
    /// ```
    /// use marginal::network::Network;
    /// let asia = Network::read_bif("data/networks/asia.bif")?;
    /// assert!(Network::from_xmlbif(&asia.to_xmlbif()?)? == asia);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NetworkError::AtPlace`] with line and column; [`NetworkError::Graph`] if the arrows form a cycle.
    pub fn from_xmlbif(text: &str) -> Result<Self, NetworkError> {
        parse(text, 0.0)
    }

    /// The network as XMLBIF: read again, it is the same to the last bit.
    ///
    /// # Errors
    /// [`NetworkError::Unwritable`] for a name or a property that XML cannot hold: one with a control character, or with
    /// blanks around it.
    pub fn to_xmlbif(&self) -> Result<String, NetworkError> {
        written(self)
    }

    /// Writes the network to an XMLBIF file.
    ///
    /// # Errors
    /// [`NetworkError::File`]; those of [`to_xmlbif`](Self::to_xmlbif).
    pub fn write_xmlbif(&self, path: impl AsRef<Path>) -> Result<(), NetworkError> {
        text::write(path.as_ref(), &self.to_xmlbif()?)
    }
}

/// The network of a text whose rows may miss one by this much and are then divided by their sums.
pub(crate) fn parse(text: &str, rounding: f64) -> Result<Network, NetworkError> {
    // Strictly, nothing may stand before `<?xml`.
    let text = text::unmarked(text);
    let blanks = text.len() - text.trim_start().len();
    let (before, text) = text.split_at(blanks);
    // A short entity that is used often makes a text that no memory holds.
    if let Some(at) = text.find("<!ENTITY") {
        let entity = Fault::expected(at, "XML without entities of its own", "`<!ENTITY`");
        return Err(below(before, entity.placed(text)));
    }
    // Many files bring the grammar along.
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let xml = Xml::parse_with_options(text, options).map_err(|error| malformed(&error));
    let network = xml.and_then(|xml| {
        let document = Reader { text }.document(&xml);
        document.and_then(|document| check::network(&document, rounding)).map_err(|fault| fault.placed(text))
    });
    network.map_err(|error| below(before, error))
}

/// The same error, said of the whole text, of which this part stands before.
fn below(before: &str, error: NetworkError) -> NetworkError {
    let NetworkError::AtPlace { line, column, source } = error else { return error };
    let indent = before[before.rfind('\n').map_or(0, |end| end + 1)..].chars().count();
    let column = if line == 1 { column + indent } else { column };
    source.at(line + before.matches('\n').count(), column)
}

/// What is no XML, at its place.
fn malformed(error: &roxmltree::Error) -> NetworkError {
    let (place, message) = (error.pos(), error.to_string());
    // The place is told in our own way.
    let found = message.strip_suffix(&format!(" at {place}")).unwrap_or(&message);
    let found = format!("that {found}");
    NetworkError::Syntax { expected: "well-formed XML".into(), found }.at(place.row as usize, place.col as usize)
}

/// The states of each variable.
type States<'a> = HashMap<String, Vec<Name<'a>>>;

struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn document(&self, xml: &'a Xml<'a>) -> Result<Document<'a>, Fault> {
        let root = xml.root_element();
        Self::named(root, &["BIF"])?;
        let networks = elements(root)?;
        let network = *networks.first().ok_or_else(|| expected(root, "<NETWORK>", "nothing"))?;
        Self::named(network, &["NETWORK"])?;
        if let Some(other) = networks.get(1) {
            return Err(Self::unexpected(*other, "one network"));
        }
        let mut document =
            Document { name: "unknown".into(), properties: Vec::new(), variables: Vec::new(), tables: Vec::new() };
        let (mut called, mut definitions) = (None, Vec::new());
        for child in elements(network)? {
            match Self::named(child, &["NAME", "PROPERTY", "VARIABLE", "DEFINITION", "PROBABILITY"])? {
                0 => once(&mut called, child, name(child)?)?,
                1 => document.properties.push(name(child)?.text.into_owned()),
                2 => document.variables.push(Self::variable(child)?),
                _ => definitions.push(child),
            }
        }
        if let Some(called) = called {
            document.name = called.text;
        }
        let states = document.variables.iter().map(|block| (block.name.text.to_string(), block.states.clone()));
        let states: States<'a> = states.collect();
        document.tables = definitions.into_iter().map(|of| self.definition(of, &states)).collect::<Result<_, _>>()?;
        Ok(document)
    }

    fn variable(node: Node<'a, 'a>) -> Result<VariableBlock<'a>, Fault> {
        if let Some(kind) = node.attribute("TYPE").filter(|kind| !kind.eq_ignore_ascii_case("nature")) {
            return Err(expected(node, "the TYPE `nature`", format!("`{kind}`")));
        }
        let (mut of, mut states, mut properties) = (None, Vec::new(), Vec::new());
        for child in elements(node)? {
            match Self::named(child, &["NAME", "PROPERTY", "OUTCOME", "VALUE"])? {
                0 => once(&mut of, child, name(child)?)?,
                1 => properties.push(name(child)?.text.into_owned()),
                _ => states.push(name(child)?),
            }
        }
        let of = of.ok_or_else(|| expected(node, "a <NAME> in the variable", "none"))?;
        Ok(VariableBlock { name: of, said: states.len(), states, properties })
    }

    /// A table is cut into rows by the states of the variables.
    fn definition(&self, node: Node<'a, 'a>, states: &States<'a>) -> Result<ProbabilityBlock<'a>, Fault> {
        let (mut child, mut parents, mut table) = (None, Vec::new(), None);
        for part in elements(node)? {
            match Self::named(part, &["FOR", "GIVEN", "TABLE", "PROPERTY"])? {
                0 => once(&mut child, part, name(part)?)?,
                1 => parents.push(name(part)?),
                2 => once(&mut table, part, (part.range().start, self.numbers(part)?))?,
                _ => (),
            }
        }
        let child = child.ok_or_else(|| expected(node, "a <FOR> in the definition", "none"))?;
        let (at, values) = table.ok_or_else(|| expected(node, "a <TABLE> in the definition", "none"))?;
        let entries = rows(at, values, &child, &parents, states);
        Ok(ProbabilityBlock { child, parents, entries })
    }

    /// The numbers of a table, each with its place; comments stand between them.
    fn numbers(&self, node: Node<'a, 'a>) -> Result<Vec<(usize, f64)>, Fault> {
        let mut numbers = Vec::new();
        for part in node.children().filter(|part| !part.is_comment()) {
            if !part.is_text() {
                return Err(Self::unexpected(part, "a probability"));
            }
            // As it stands in the file, so that the places are right.
            let range = part.range();
            for word in self.text[range.clone()].split_whitespace() {
                let at = word.as_ptr() as usize - self.text.as_ptr() as usize;
                match word.parse::<f64>() {
                    Ok(p) if p.is_finite() => numbers.push((at, p)),
                    _ => return Err(Fault::expected(at, "a probability", format!("`{word}`"))),
                }
            }
        }
        Ok(numbers)
    }

    /// Which of these names an element has.
    fn named(node: Node<'_, '_>, names: &[&str]) -> Result<usize, Fault> {
        let known = names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(", ");
        let place = names.iter().position(|name| node.tag_name().name().eq_ignore_ascii_case(name));
        place.ok_or_else(|| Self::unexpected(node, &known))
    }

    fn unexpected(node: Node<'_, '_>, wanted: &str) -> Fault {
        expected(node, wanted, format!("<{}>", node.tag_name().name()))
    }
}

fn expected(node: Node<'_, '_>, expected: &str, found: impl Into<String>) -> Fault {
    Fault::expected(node.range().start, expected, found)
}

/// Keeps what an element says that may stand only once.
fn once<T>(kept: &mut Option<T>, node: Node<'_, '_>, said: T) -> Result<(), Fault> {
    let tag = node.tag_name().name();
    let again = || expected(node, &format!("one <{tag}>"), format!("a second <{tag}>"));
    if kept.replace(said).is_some() { Err(again()) } else { Ok(()) }
}

/// The elements within an element that holds nothing else.
fn elements<'a>(node: Node<'a, 'a>) -> Result<Vec<Node<'a, 'a>>, Fault> {
    let stray = |part: &Node<'_, '_>| part.is_text() && part.text().is_some_and(|text| !text.trim().is_empty());
    match node.children().find(stray) {
        Some(text) => Err(expected(text, &format!("an element of <{}>", node.tag_name().name()), "text")),
        None => Ok(node.children().filter(Node::is_element).collect()),
    }
}

/// The text of an element that holds nothing else, without blanks around it.
fn name<'a>(node: Node<'a, 'a>) -> Result<Name<'a>, Fault> {
    if let Some(other) = node.children().find(Node::is_element) {
        return Err(Reader::unexpected(other, &format!("text in <{}>", node.tag_name().name())));
    }
    let text = match node.text() {
        Some(text) if node.children().count() == 1 => Cow::Borrowed(text.trim()),
        _ => {
            let all: String = node.children().filter(Node::is_text).filter_map(|part| part.text()).collect();
            Cow::Owned(all.trim().to_owned())
        }
    };
    Ok(Name { at: node.range().start, text })
}

/// The entries row by row; all as one table if there are too few or too many, or if a parent is not known yet.
fn rows<'a>(
    at: usize,
    values: Vec<(usize, f64)>,
    child: &Name<'a>,
    parents: &[Name<'a>],
    states: &States<'a>,
) -> Vec<Entries<'a>> {
    let of = |name: &Name<'_>| states.get(name.text.as_ref());
    let of_parents: Option<Vec<_>> = parents.iter().map(of).collect();
    let (Some(own), Some(of_parents)) = (of(child), of_parents) else {
        return vec![Entries { at, of: Of::Table, values }];
    };
    let rows = of_parents.iter().fold(1usize, |rows, states| rows.saturating_mul(states.len()));
    if parents.is_empty() || values.len() != own.len().saturating_mul(rows) {
        return vec![Entries { at, of: Of::Table, values }];
    }
    let row = |(row, values): (usize, &[(usize, f64)])| {
        let mut rest = row;
        let mut given: Vec<Name<'a>> = Vec::new();
        for states in of_parents.iter().rev() {
            let state = &states[rest % states.len()];
            given.push(Name { at: values[0].0, text: state.text.clone() });
            rest /= states.len();
        }
        given.reverse();
        Entries { at: values[0].0, of: Of::Row(given), values: values.to_vec() }
    };
    values.chunks_exact(own.len().max(1)).enumerate().map(row).collect()
}

fn written(network: &Network) -> Result<String, NetworkError> {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BIF VERSION=\"0.3\">\n<NETWORK>\n");
    element(&mut text, "", "NAME", network.label())?;
    network.properties().iter().try_for_each(|property| element(&mut text, "", "PROPERTY", property))?;
    for variable in network.variables() {
        text.push_str("<VARIABLE TYPE=\"nature\">\n");
        element(&mut text, "  ", "NAME", variable.name())?;
        variable.states().iter().try_for_each(|state| element(&mut text, "  ", "OUTCOME", state))?;
        variable.properties().iter().try_for_each(|property| element(&mut text, "  ", "PROPERTY", property))?;
        text.push_str("</VARIABLE>\n");
    }
    for variable in network.variables() {
        text.push_str("<DEFINITION>\n");
        element(&mut text, "  ", "FOR", variable.name())?;
        for &parent in variable.parents() {
            element(&mut text, "  ", "GIVEN", network.variables()[parent].name())?;
        }
        text.push_str("  <TABLE>\n");
        for row in variable.entries().chunks_exact(variable.states().len()) {
            let row: Vec<String> = row.iter().map(|p| format!("{p:?}")).collect();
            let _ = writeln!(text, "    {}", row.join(" "));
        }
        text.push_str("  </TABLE>\n</DEFINITION>\n");
    }
    text.push_str("</NETWORK>\n</BIF>\n");
    Ok(text)
}

fn element(text: &mut String, indent: &str, tag: &str, content: &str) -> Result<(), NetworkError> {
    let refused = |because| NetworkError::Unwritable { format: "XMLBIF", text: content.to_owned(), because };
    // XML 1.0 has no way to write these, not even as references.
    let unknown = |c: char| {
        c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r' | '\x7F') || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    if content.contains(unknown) {
        return Err(refused("which has a letter that XML does not know"));
    }
    if content.trim() != content {
        return Err(refused("which has blanks around it"));
    }
    let _ = writeln!(text, "{indent}<{tag}>{}</{tag}>", escaped(content));
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}
