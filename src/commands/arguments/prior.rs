//! `--prior`: what is imagined before the data, of which parameters.

use std::fmt;

use clap::Args;
use marginal::network::TablePrior;

use super::names::{List, all};
use super::numbers::not_negative;
use crate::commands::writing::grid::shortest;

#[derive(Debug, Args)]
pub(crate) struct Prior {
    /// Imagine rows before the data, and maximise ln L + ln prior: proportions=A rows more of each component; of hidden Markov
    /// models initial=A and transitions=A; covariance, the weak inverse-Wishart prior of Fraley and Raftery (2007), of normals;
    /// rows=A rows of each component, spread as the file is, of families; weak: covariance, or rows=1
    #[arg(long, value_name = "KIND[=A],…", value_parser = kinds)]
    prior: Vec<List<Kind>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Weak,
    Covariance,
    Proportions(f64),
    Initial(f64),
    Transitions(f64),
    Rows(f64),
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Covariance => "covariance",
            Self::Proportions(_) => "proportions",
            Self::Initial(_) => "initial",
            Self::Transitions(_) => "transitions",
            Self::Rows(_) => "rows",
        }
    }
}

/// The priors of a model; numbers are those of imagined rows, sequences or steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Priors {
    pub(crate) covariance: bool,
    pub(crate) rows: Option<f64>,
    pub(crate) proportions: Option<f64>,
    pub(crate) initial: Option<f64>,
    pub(crate) transitions: Option<f64>,
}

impl Priors {
    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// As they are written on the command line.
impl fmt::Display for Priors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let covariance = self.covariance.then(|| "covariance".to_owned());
        let numbers = [
            ("rows", self.rows),
            ("proportions", self.proportions),
            ("initial", self.initial),
            ("transitions", self.transitions),
        ];
        let numbers = numbers.into_iter().filter_map(|(name, a)| Some(format!("{name}={}", shortest(a?))));
        f.write_str(&covariance.into_iter().chain(numbers).collect::<Vec<_>>().join(", "))
    }
}

impl Prior {
    /// What is asked for of `what`, which has priors of the `known` kinds.
    pub(crate) fn of(&self, what: &str, known: &[&str]) -> Result<Priors, String> {
        let (mut priors, mut named) = (Priors::default(), Vec::new());
        for kind in all(&self.prior) {
            let name = kind.name();
            if known.is_empty() {
                return Err(format!("{what} takes no prior: leave --prior out, or use `fit gmm`"));
            }
            if !known.contains(&name) {
                return Err(format!("--prior {name} is of no parameter of {what}: there are {}", known.join(", ")));
            }
            let normal = known.contains(&"covariance");
            let of = match kind {
                Kind::Weak if normal => "covariance",
                Kind::Weak => "rows",
                _ => name,
            };
            if named.contains(&of) {
                return Err(format!("--prior says {of} twice: once is enough"));
            }
            named.push(of);
            match kind {
                Kind::Weak if !normal => priors.rows = Some(1.0),
                Kind::Weak | Kind::Covariance => priors.covariance = true,
                Kind::Proportions(a) => priors.proportions = Some(a),
                Kind::Initial(a) => priors.initial = Some(a),
                Kind::Transitions(a) => priors.transitions = Some(a),
                Kind::Rows(a) => priors.rows = Some(a),
            }
        }
        Ok(priors)
    }
}

fn kinds(text: &str) -> Result<List<Kind>, String> {
    Ok(List(text.split(',').map(|part| kind(part.trim())).collect::<Result<_, _>>()?))
}

fn kind(text: &str) -> Result<Kind, String> {
    let needed = "weak, covariance, rows=A, proportions=A, initial=A or transitions=A is needed";
    match text.split_once('=') {
        None if text == "weak" => Ok(Kind::Weak),
        None if text == "covariance" => Ok(Kind::Covariance),
        None => Err(format!("{needed}, not `{text}`")),
        Some((name, number)) => {
            let of: fn(f64) -> Kind = match name.trim() {
                "proportions" => Kind::Proportions,
                "initial" => Kind::Initial,
                "transitions" => Kind::Transitions,
                "rows" => Kind::Rows,
                _ => return Err(format!("{needed}, not `{text}`")),
            };
            let a = not_negative(number.trim()).map_err(|why| format!("{}: {why}", name.trim()))?;
            if a > 0.0 { Ok(of(a)) } else { Err(format!("{}=0 imagines nothing: leave it out", name.trim())) }
        }
    }
}

/// `count=A` or `bdeu=S`, of the tables of a network.
pub(crate) fn of_tables(text: &str) -> Result<TablePrior, String> {
    let needed = || "count=A or bdeu=S is needed, a number in [0, ∞), such as count=1 or bdeu=10".to_owned();
    let (kind, number) = text.split_once('=').ok_or_else(needed)?;
    let number = not_negative(number.trim()).map_err(|_| needed())?;
    match kind.trim() {
        "count" => Ok(TablePrior::PseudoCount(number)),
        "bdeu" => Ok(TablePrior::EquivalentSampleSize(number)),
        _ => Err(needed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prior_is_a_kind_and_a_positive_number() {
        let of = |text| kinds(text).map(|list| list.0);
        assert_eq!(of("covariance, proportions = 2").unwrap(), [Kind::Covariance, Kind::Proportions(2.0)]);
        assert_eq!(of("weak").unwrap(), [Kind::Weak]);
        assert!(of("proportions=0").unwrap_err().contains("imagines nothing"));
        assert!(of("rows=-1").unwrap_err().contains("rows: a number in [0, ∞) is needed"));
        for text in ["", "proportions", "weak=2", "shape=1", "covariance,"] {
            assert!(of(text).unwrap_err().contains("is needed, not"), "{text}");
        }
        let priors = Priors { covariance: true, proportions: Some(0.5), ..Priors::default() };
        assert_eq!(priors.to_string(), "covariance, proportions=0.5");
    }
}
