//! What is written of each conditional distribution. Finite parents are written as their numbers of states.

use std::marker::PhantomData;

use crate::components::Components;
use crate::error::{Error, saved};

use super::regression::held::Held;
use super::regression::linear_gaussian::check_deviation;
use super::regression::regressors::Linear;
use super::{
    ConditionalGaussian, ConditionalTable, Finite, FiniteParents, LinearGaussian, LogisticRegression,
    PoissonRegression, Regressions, Regressors, SoftmaxRegression, Switch,
};

saved!([] [G: FiniteParents + ?Sized, X: Finite] ConditionalTable<G, X>, |table| {
        parents: Vec<usize> = table.configurations.states().to_vec(),
        rows: Vec<Vec<f64>> = table.rows().map(<[f64]>::to_vec).collect(),
    }
    => ConditionalTable::over(&parents, rows));
saved!([C: Components] [G: FiniteParents + ?Sized] Switch<C, G>, |switch| {
        parents: Vec<usize> = switch.configurations.states().to_vec(),
        components: C = switch.components.clone(),
    }
    => Switch::over(&parents, components));
saved!([] [G: Regressors + ?Sized] LogisticRegression<G>, |regression| { line: Linear = regression.linear.clone() }
    => line.of_type::<G>().map(|linear| LogisticRegression { linear, types: PhantomData }));
saved!([] [G: Regressors + ?Sized] PoissonRegression<G>, |regression| { line: Linear = regression.linear.clone() }
    => line.of_type::<G>().map(|linear| PoissonRegression { linear, types: PhantomData }));
saved!([] [G: Regressors + ?Sized] SoftmaxRegression<G>, |regression| { lines: Vec<Linear> = regression.lines.clone() }
    => classes::<G>(lines));
saved!([] [G: Regressors + ?Sized] LinearGaussian<G>, |line| {
        line: Linear = line.linear.clone(),
        standard_deviation: f64 = line.standard_deviation,
        #[serde(default)] held: Held = line.held.clone(),
    }
    => gaussian_line(line, standard_deviation, held));
saved!([] [F: FiniteParents, R: Regressors] ConditionalGaussian<F, R>, |lines| {
        parents: Vec<usize> = lines.configurations.states().to_vec(),
        lines: Vec<Linear> = lines.lines.iter().map(|line| line.linear.clone()).collect(),
        standard_deviations: Vec<f64> = lines.lines.iter().map(LinearGaussian::standard_deviation).collect(),
        held: Vec<Held> = lines.lines.iter().map(|line| line.held.clone()).collect(),
        /// Whether the standard deviation is one for all.
        common: bool = lines.common,
    }
    => gaussian_lines(&parents, lines, &standard_deviations, held, common));
saved!([C: Clone] [] Regressions<C>, |bank| { components: Vec<C> = bank.to_vec(), response: Option<usize> = bank.response }
    => Regressions::new(components).map(|bank| match response { Some(column) => bank.response(column), None => bank }));

fn expect_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Dimension { what, expected, found }) }
}

fn gaussian_line<G: Regressors + ?Sized>(
    line: Linear,
    standard_deviation: f64,
    held: Held,
) -> Result<LinearGaussian<G>, Error> {
    check_deviation(standard_deviation)?;
    let linear = line.of_type::<G>()?;
    if !held.slopes.is_empty() {
        expect_length("the list of held slopes", linear.slopes.len(), held.slopes.len())?;
    }
    let line = LinearGaussian { linear, standard_deviation, held, types: PhantomData };
    Ok(if line.held.intercept { line.hold_intercept() } else { line })
}

fn gaussian_lines<F: FiniteParents, R: Regressors>(
    parents: &[usize],
    lines: Vec<Linear>,
    standard_deviations: &[f64],
    held: Vec<Held>,
    common: bool,
) -> Result<ConditionalGaussian<F, R>, Error> {
    expect_length("the standard deviations", lines.len(), standard_deviations.len())?;
    expect_length("what is held of the lines", lines.len(), held.len())?;
    if let Some(&other) = standard_deviations.iter().find(|other| common && **other != standard_deviations[0]) {
        Error::check(false, "one of the common standard deviations", other, "the first of them")?;
    }
    let lines = lines.into_iter().zip(standard_deviations).zip(held);
    let lines =
        lines.map(|((line, &deviation), held)| gaussian_line(line, deviation, held)).collect::<Result<_, _>>()?;
    let mut lines = ConditionalGaussian::over(parents, lines)?;
    lines.common = common;
    Ok(lines)
}

fn classes<G: Regressors + ?Sized>(lines: Vec<Linear>) -> Result<SoftmaxRegression<G>, Error> {
    Error::check(lines.len() >= 2, "number of classes", lines.len() as f64, "{2, 3, …}")?;
    let lines: Vec<Linear> = lines.into_iter().map(Linear::of_type::<G>).collect::<Result<_, _>>()?;
    for line in &lines {
        expect_length("the list of slopes", lines[0].slopes.len(), line.slopes.len())?;
    }
    for &coefficient in lines[0].slopes.iter().chain([&lines[0].level]) {
        Error::check(coefficient == 0.0, "coefficient of class 0", coefficient, "{0}")?;
    }
    Ok(SoftmaxRegression { lines, types: PhantomData })
}
