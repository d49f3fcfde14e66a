//! Every law of a suite on one case, as a table.

use std::fmt;

use super::{Law, Part, Verdict};

/// Of the cases of a law, or the laws of a case, that could have told, this share must.
pub(super) const LEAST_SHARE: f64 = 0.2;

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

impl Line {
    /// Who is wrong if it failed, the likeliest first: mostly one part, more where this case cannot tell them apart.
    pub fn suspects(&self) -> &[Part] {
        match &self.verdict {
            Verdict::Fails(failure) if !failure.suspects.is_empty() => &failure.suspects,
            _ => std::slice::from_ref(&self.suspect),
        }
    }
}

impl Report {
    /// Whether no law failed, and the case was good for something: of the laws that are promised, at least a fifth
    /// applied.
    pub fn holds(&self) -> bool {
        let count = |of: fn(&Verdict) -> bool| self.lines.iter().filter(|line| of(&line.verdict)).count() as f64;
        let held = count(|verdict| matches!(verdict, Verdict::Holds { .. }));
        let silent = count(|verdict| matches!(verdict, Verdict::DoesNotApply(_)));
        self.broken().next().is_none() && held > 0.0 && held >= LEAST_SHARE * (held + silent)
    }

    /// The laws that failed, in the order of the suite.
    pub fn broken(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|l| matches!(l.verdict, Verdict::Fails(_)))
    }

    /// Whom the first broken law blames: the laws above it hold, so what they vouch for is not the cause.
    pub fn suspect(&self) -> Option<Part> {
        self.suspects().first().copied()
    }

    /// As [`suspect`](Self::suspect), the likeliest first, where the first broken law cannot tell two parts apart; empty
    /// if none is broken.
    pub fn suspects(&self) -> &[Part] {
        self.broken().next().map_or(&[], Line::suspects)
    }
}

/// Suspects in a sentence: `the density, or the M-step`.
pub(super) fn accused(suspects: &[Part]) -> String {
    suspects.iter().map(|part| format!("the {part}")).collect::<Vec<_>>().join(", or ")
}

/// The laws in their order; of those that fail the first alone is shown in full, since each relies on those above it.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.lines.iter().map(|l| l.law.len()).max().unwrap_or(0);
        let mut broken = self.broken().skip(1).map(|line| line.law);
        let mut first = true;
        for line in &self.lines {
            let Line { law, statement, verdict, .. } = line;
            match verdict {
                Verdict::Holds { slack } => writeln!(f, "{law:width$}  holds, {slack:.1e} of the tolerance")?,
                Verdict::DoesNotApply(reason) => writeln!(f, "{law:width$}  does not apply: {reason}")?,
                Verdict::NotPromised(reason) => writeln!(f, "{law:width$}  not promised: {reason}")?,
                Verdict::Fails(failure) if first => {
                    first = false;
                    let suspects = accused(line.suspects());
                    writeln!(f, "{law:width$}  FAILS: {statement}\n  suspect    {suspects}\n  because    {failure}")?;
                    if let Some(names) = folded(broken.by_ref()) {
                        writeln!(f, "  and        {names}")?;
                    }
                }
                Verdict::Fails(_) => (),
            }
        }
        Ok(())
    }
}

/// `14 more that follow from it: a, b, …`, if there are any.
pub(super) fn folded<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    match names.len() {
        0 => None,
        1 => Some(format!("1 more that follows from it: {}", names[0])),
        n => Some(format!("{n} more that follow from it: {}", names.join(", "))),
    }
}
