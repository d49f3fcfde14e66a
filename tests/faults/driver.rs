//! Puts a suite of laws to the cases of a fault: which laws break, and whom the first of them blames.

use std::fmt::Debug;

use marginal::laws::proptest::prelude::*;
use marginal::laws::proptest::strategy::ValueTree;
use marginal::laws::proptest::test_runner::TestRunner;
use marginal::laws::{Law, Part, Verdict};

/// The same cases at every run.
pub(crate) fn cases<S: Strategy>(strategy: S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// A law that does not hold for a fault.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) law: &'static str,
    /// Whom it blames on most cases: one part, or the likeliest first of those that it cannot tell apart.
    pub(crate) suspects: Vec<Part>,
    /// On which share of the cases that it saw; 0 if it could tell of too few.
    pub(crate) share: f64,
}

/// The laws that fail on some case, or can tell of too few, in the order of the suite; dear laws see fewer cases.
pub(crate) fn broken<C: Debug>(suite: &[Law<C>], cases: &[C]) -> Vec<Broken> {
    let of_law = |law: &Law<C>| {
        let seen = &cases[..cases.len().div_ceil(law.cost as usize)];
        let verdicts: Vec<Verdict> = seen.iter().map(|case| law.check(case)).collect();
        let silent = verdicts.iter().filter(|v| matches!(v, Verdict::DoesNotApply(_))).count();
        let failures =
            verdicts.iter().filter_map(|v| if let Verdict::Fails(failure) = v { Some(failure) } else { None });
        let own = || vec![law.suspect];
        let suspects = failures.map(|f| if f.suspects.is_empty() { own() } else { f.suspects.clone() });
        let suspects: Vec<Vec<Part>> = suspects.collect();
        let share = suspects.len() as f64 / seen.len() as f64;
        let suspects = most_often(&suspects).unwrap_or_else(own);
        (share > 0.0 || 5 * silent > 4 * seen.len()).then_some(Broken { law: law.name, suspects, share })
    };
    suite.iter().filter_map(of_law).collect()
}

/// Those that are named on most cases.
fn most_often(suspects: &[Vec<Part>]) -> Option<Vec<Part>> {
    let count = |parts: &&Vec<Part>| suspects.iter().filter(|other| other == parts).count();
    suspects.iter().max_by_key(count).cloned()
}

/// The names of the laws that do not hold.
pub(crate) fn names<C: Debug>(suite: &[Law<C>], cases: &[C]) -> Vec<&'static str> {
    broken(suite, cases).iter().map(|broken| broken.law).collect()
}

/// What came of one fault.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) subject: &'static str,
    pub(crate) fault: String,
    /// The part that the first broken law must blame.
    pub(crate) part: Part,
    pub(crate) broken: Vec<Broken>,
}

impl Row {
    pub(crate) fn of<C: Debug>(
        subject: &'static str,
        fault: &dyn Debug,
        part: Part,
        suite: &[Law<C>],
        cases: &[C],
    ) -> Self {
        Self { subject, fault: format!("{fault:?}"), part, broken: broken(suite, cases) }
    }

    /// Whether the first broken law names the broken part: alone, or as one that it cannot tell from another.
    fn right(&self) -> bool {
        self.broken.first().is_some_and(|broken| broken.suspects.contains(&self.part))
    }

    /// What is asked of the catalogue: the fault, the first law that it breaks, and the part that this law blames.
    pub(crate) fn head(&self) -> String {
        let first = self.broken.first();
        let named = |suspects: &[Part]| match suspects.first() {
            Some(part) if *part == self.part || !self.right() => short(*part),
            Some(part) => format!("{}, or {}", short(*part), short(self.part)),
            None => "–".to_owned(),
        };
        let (law, part) = first.map_or(("not caught", "–".to_owned()), |first| (first.law, named(&first.suspects)));
        let right = if self.right() { "" } else { " (wrongly)" };
        format!("| {} | {} | `{law}` | {part}{right} |", self.subject, in_words(&self.fault))
    }

    /// One line of the matrix: the head, the share of cases on which the first law fails, how many more laws fail, and
    /// whether a falling objective shows it.
    fn line(&self) -> String {
        let first = match self.broken.first() {
            Some(first) if first.share > 0.0 => format!("{:.0} %", 100.0 * first.share),
            _ => "silent".to_owned(), // It could tell of too few cases, which is a failure too.
        };
        let more = self.broken.len().saturating_sub(1);
        let falls = self.broken.iter().any(|broken| broken.law == "the_objective_never_falls");
        format!("{} {first} | {more} | {} |", self.head(), if falls { "yes" } else { "" })
    }
}

/// The name of a part without its methods.
fn short(part: Part) -> String {
    part.to_string().split(" (").next().unwrap_or_default().to_owned()
}

/// `DividesByOneLess` as "divides by one less".
fn in_words(name: &str) -> String {
    let spaced = name.chars().flat_map(|c| if c.is_uppercase() { vec![' ', c.to_ascii_lowercase()] } else { vec![c] });
    spaced.collect::<String>().trim().replace("q ", "Q ")
}

/// Every fault is caught, and the right part blamed.
pub(crate) fn settle(rows: &[Row]) {
    let wrong: Vec<String> = rows.iter().filter(|row| !row.right()).map(Row::line).collect();
    assert!(wrong.is_empty() && !rows.is_empty(), "{}", wrong.join("\n"));
}

/// All rows as a Markdown table, above it the counts.
pub(crate) fn matrix(rows: &[&Row]) -> String {
    let head = "| subject | fault | first broken law | part blamed | cases | more laws | objective falls |";
    let lines: Vec<String> = rows.iter().map(|row| row.line()).collect();
    let count = |of: fn(&Row) -> bool| rows.iter().filter(|row| of(row)).count();
    let (caught, right) = (count(|row| !row.broken.is_empty()), count(Row::right));
    let (falls, all) = (count(|row| row.line().ends_with("yes |")), rows.len());
    let (rule, lines) = ("| --- | --- | --- | --- | --- | --- | --- |", lines.join("\n"));
    format!(
        "{all} faults: {caught} caught, {right} rightly blamed; {falls} make the objective fall.\n\n{head}\n{rule}\n{lines}\n"
    )
}

/// Every law of a suite is broken by some fault: one that no fault has broken has not shown that it can fail.
pub(crate) fn none_idle<C>(rows: &[Row], suite: &[Law<C>]) {
    let fails = |law: &Law<C>| rows.iter().any(|row| row.broken.iter().any(|broken| broken.law == law.name));
    let idle: Vec<&str> = suite.iter().filter(|law| !fails(law)).map(|law| law.name).collect();
    assert!(idle.is_empty(), "never broken: {idle:?}");
}
