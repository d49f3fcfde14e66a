//! Every law of a suite on one case, as a table.

use std::fmt;

use super::{Law, Part, Verdict};

/// Checks every law of a suite on one case.
///
/// ```
/// use marginal::{distributions::Normal, laws};
/// let report = laws::check(&laws::distribution::<Normal>(), &Normal::standard());
/// assert!(report.holds(), "{report}");
/// ```
pub fn check<C>(suite: &[Law<C>], case: &C) -> Report {
    let line =
        |law: &Law<C>| Line { law: law.name, statement: law.statement, suspect: law.suspect, verdict: law.check(case) };
    Report { lines: suite.iter().map(line).collect() }
}

/// The verdicts of a suite on one case, in the order of the suite: whatever a law relies on stands above it.
#[derive(Clone, Debug)]
pub struct Report {
    /// One line a law.
    pub lines: Vec<Line>,
}

/// One law's verdict.
#[derive(Clone, Debug)]
pub struct Line {
    /// The law's name.
    pub law: &'static str,
    /// Its formula.
    pub statement: &'static str,
    /// Who is wrong if it fails.
    pub suspect: Part,
    /// What came of it.
    pub verdict: Verdict,
}

impl Report {
    /// Whether no law failed and at least one applied.
    pub fn holds(&self) -> bool {
        self.broken().next().is_none() && self.lines.iter().any(|l| matches!(l.verdict, Verdict::Holds { .. }))
    }

    /// The laws that failed, in the order of the suite.
    pub fn broken(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|l| matches!(l.verdict, Verdict::Fails(_)))
    }

    /// Whom the first broken law blames: the laws above it hold, so what they vouch for is not the cause.
    pub fn suspect(&self) -> Option<Part> {
        self.broken().next().map(|l| l.suspect)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.lines.iter().map(|l| l.law.len()).max().unwrap_or(0);
        for Line { law, statement, suspect, verdict } in &self.lines {
            write!(f, "{law:width$}  ")?;
            match verdict {
                Verdict::Holds { slack } => writeln!(f, "holds, {slack:.1e} of the tolerance")?,
                Verdict::DoesNotApply(reason) => writeln!(f, "does not apply: {reason}")?,
                Verdict::NotPromised(reason) => writeln!(f, "not promised: {reason}")?,
                Verdict::Fails(failure) => {
                    writeln!(f, "FAILS: {statement}\n  suspect    the {suspect}\n  because    {failure}")?;
                }
            }
        }
        Ok(())
    }
}
