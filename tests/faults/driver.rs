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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken {
    pub(crate) law: &'static str,
    pub(crate) suspect: Part,
    /// On which share of the cases that it saw; 0 if it could tell of too few.
    pub(crate) share: f64,
}

/// The laws that fail on some case, or can tell of too few, in the order of the suite; dear laws see fewer cases.
pub(crate) fn broken<C: Debug>(suite: &[Law<C>], cases: &[C]) -> Vec<Broken> {
    let of_law = |law: &Law<C>| {
        let seen = &cases[..cases.len().div_ceil(law.cost as usize)];
        let verdicts: Vec<Verdict> = seen.iter().map(|case| law.check(case)).collect();
        let silent = verdicts.iter().filter(|v| matches!(v, Verdict::DoesNotApply(_))).count();
        let failed = verdicts.iter().filter(|v| matches!(v, Verdict::Fails(_))).count();
        let share = failed as f64 / seen.len() as f64;
        (failed > 0 || 5 * silent > 4 * seen.len()).then_some(Broken { law: law.name, suspect: law.suspect, share })
    };
    suite.iter().filter_map(of_law).collect()
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

    /// The part that the first broken law blames.
    fn blamed(&self) -> Option<Part> {
        self.broken.first().map(|broken| broken.suspect)
    }

    /// One line of the matrix: the laws that are broken, each with its share of cases.
    fn line(&self) -> String {
        let Self { subject, fault, broken, .. } = self;
        let Some(first) = broken.first() else { return format!("| {subject} | {fault} | – | not caught | | |") };
        let laws: Vec<&str> = broken[1..].iter().map(|broken| broken.law).collect();
        let right = if first.suspect == self.part { "" } else { " (wrongly)" };
        let share = 100.0 * first.share;
        let (law, part, laws) = (first.law, first.suspect, laws.join(", "));
        format!("| {subject} | {fault} | {law} | {part}{right} | {laws} | {share:.0} % |")
    }
}

/// Every fault is caught, and the right part blamed.
pub(crate) fn settle(rows: &[Row]) {
    let wrong: Vec<String> = rows.iter().filter(|row| row.blamed() != Some(row.part)).map(Row::line).collect();
    assert!(wrong.is_empty() && !rows.is_empty(), "{}", wrong.join("\n"));
}

/// All rows as a Markdown table, below it the counts.
pub(crate) fn matrix(rows: &[&Row]) -> String {
    let head = "| subject | fault | first broken law | part blamed | also broken | share of cases (first law) |";
    let lines: Vec<String> = rows.iter().map(|row| row.line()).collect();
    let caught = rows.iter().filter(|row| row.blamed().is_some()).count();
    let right = rows.iter().filter(|row| row.blamed() == Some(row.part)).count();
    let (rule, lines, all) = ("| --- | --- | --- | --- | --- | --- |", lines.join("\n"), rows.len());
    format!("{head}\n{rule}\n{lines}\n\n{all} faults, {caught} caught, {right} rightly blamed.\n")
}

/// Every law of a suite is broken by some fault: one that no fault has broken has not shown that it can fail.
pub(crate) fn none_idle<C>(rows: &[Row], suite: &[Law<C>]) {
    let fails = |law: &Law<C>| rows.iter().any(|row| row.broken.iter().any(|broken| broken.law == law.name));
    let idle: Vec<&str> = suite.iter().filter(|law| !fails(law)).map(|law| law.name).collect();
    assert!(idle.is_empty(), "never broken: {idle:?}");
}
