//! Names on the command line. One that holds a comma, an equals sign or a colon, or begins with a quotation mark,
//! stands in quotation marks, in which a quotation mark is written twice: `"(0,20]"`, `"5"" wide"`.

use std::fmt;

use marginal::Error;
use marginal::latent::StartKind;

/// What `--help` says of names.
pub(crate) const QUOTING: &str = "Names: one that holds a comma, an equals sign or a colon stands in double quotes, \
     which the shell must leave in place, such as -e 'age=\"(0,20]\"' or --columns '\"a,b\",c'; a double quote in it is \
     written twice.";

/// The rest of a text of which names are taken one by one.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// The name up to one of the separators or the end.
    fn name(&mut self, separators: &[char]) -> Result<String, String> {
        let text = self.0.trim_start();
        let Some(mut rest) = text.strip_prefix('"') else {
            let end = text.find(separators).unwrap_or(text.len());
            self.0 = &text[end..];
            return Ok(text[..end].trim_end().to_owned());
        };
        let mut name = String::new();
        loop {
            let Some(end) = rest.find('"') else {
                return Err(format!("the quotation mark before `{name}{rest}` is never closed"));
            };
            name.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    name.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        self.0 = rest.trim_start();
        if self.0.is_empty() || self.0.starts_with(separators) {
            return Ok(name);
        }
        Err(format!("`{}` stands after the quotation mark that ends `{name}`", self.0))
    }

    /// Whether the rest begins with this, which is then taken away.
    fn take(&mut self, separator: char) -> bool {
        let rest = self.0.strip_prefix(separator);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

/// One name.
pub(crate) fn name(text: &str) -> Result<String, String> {
    if text.trim_start().starts_with('"') { Rest(text).name(&[]) } else { Ok(text.to_owned()) }
}

/// A name as it is to be written on the command line.
pub(crate) fn quoted(name: &str) -> String {
    let is_plain = !name.contains([',', '=', ':']) && !name.starts_with('"') && name.trim() == name && !name.is_empty();
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// What one option says, several with commas between.
#[derive(Clone, Debug, Default)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

/// All that several options of one kind say.
pub(crate) fn all<T: Clone>(lists: &[List<T>]) -> Vec<T> {
    lists.iter().flat_map(|list| list.0.iter().cloned()).collect()
}

/// Names with commas between.
pub(crate) fn names(text: &str) -> Result<List<String>, String> {
    let mut rest = Rest(text);
    let mut names = Vec::new();
    loop {
        names.push(rest.name(&[','])?);
        if !rest.take(',') {
            return Ok(List(names));
        }
    }
}

/// NAME=STATE with commas between; `needed` says that it is, and what one looks like.
pub(crate) fn pairs(text: &str, needed: &str) -> Result<List<(String, String)>, String> {
    let mut rest = Rest(text);
    let mut pairs = Vec::new();
    loop {
        let (before, name) = (rest.0, rest.name(&['=', ','])?);
        if name.is_empty() || !rest.take('=') {
            let part = Shown(before);
            return Err(format!("{needed}, not `{part}`; a name with a comma stands in double quotes"));
        }
        pairs.push((name, rest.name(&[','])?));
        if !rest.take(',') {
            return Ok(List(pairs));
        }
    }
}

/// As [`pairs`], the last equals sign of a part before its second half, and the first half optional.
pub(crate) fn assignments(text: &str) -> Result<Vec<(Option<String>, String)>, String> {
    let mut rest = Rest(text);
    let mut found = Vec::new();
    loop {
        if rest.0.trim_start().starts_with('"') {
            let name = rest.name(&['=', ','])?;
            if !rest.take('=') {
                return Err(format!("COLUMN=FAMILY is needed after `{name}`"));
            }
            found.push((Some(name), rest.name(&[','])?));
        } else {
            let part = rest.name(&[','])?;
            found.push(match part.rsplit_once('=') {
                Some((name, value)) => (Some(name.trim().to_owned()), value.trim().to_owned()),
                None => (None, part),
            });
        }
        if !rest.take(',') {
            return Ok(found);
        }
    }
}

/// A part of a text, in its first letters.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.0.split(',').next().unwrap_or_default();
        part.chars().take(40).try_for_each(|letter| write!(f, "{letter}"))
    }
}

/// A kind of start, by name.
pub(crate) fn start(text: &str) -> Result<StartKind, String> {
    text.trim().parse().map_err(|e: Error| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_hide_commas_and_equals_signs() {
        let of = |text| names(text).map(|list| list.0);
        assert_eq!(of("a, b ,c d").unwrap(), ["a", "b", "c d"]);
        assert_eq!(of(r#""a,b", c"#).unwrap(), ["a,b", "c"]);
        assert_eq!(of(r#""say ""no""",5""#).unwrap(), [r#"say "no""#, r#"5""#]);
        assert_eq!(of(r#"" a ""#).unwrap(), [" a "]);
        assert!(of(r#""a,b"#).unwrap_err().contains("never closed"));
        assert!(of(r#""a"b"#).unwrap_err().contains("stands after"));
        let of = |text| pairs(text, "NAME=STATE").map(|list| list.0);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(of(r#"age="(0,20]",a=b=c"#).unwrap(), [pair("age", "(0,20]"), pair("a", "b=c")]);
        assert_eq!(of(r#""x=y,z" = "1,2""#).unwrap(), [pair("x=y,z", "1,2")]);
        assert!(of("age=(0,20]").unwrap_err().contains("not `20]`; a name with a comma stands in double quotes"));
        assert!(of("=yes").is_err() && of("age").is_err() && of("").is_err());
        for name in ["a,b", "say \"no\"", "\"", " a", "x=y", "a:b", "plain", ""] {
            assert_eq!(super::name(&quoted(name)).unwrap(), name);
            assert_eq!(names(&format!("{0},{0}", quoted(name))).unwrap().0, [name, name]);
        }
        let of = |text| assignments(text);
        let both = |a: &str, b: &str| (Some(a.to_owned()), b.to_owned());
        assert_eq!(of(r#"a=b=poisson,"c,d"=gamma"#).unwrap(), [both("a=b", "poisson"), both("c,d", "gamma")]);
        assert_eq!(of("normal").unwrap(), [(None, "normal".to_owned())]);
        assert_eq!((name("a,b").unwrap(), name(r#""a,b""#).unwrap()), ("a,b".to_owned(), "a,b".to_owned()));
    }
}
