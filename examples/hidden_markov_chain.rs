//! When did the Nile fall? A hidden Markov chain of two regimes over a hundred years of its flow at Aswan.
//!
//! Each year has a hidden regime and a flow; all transitions share one table, and all flows one pair of normal
//! distributions. Data: Cobb (1978), Biometrika 65.

use marginal::graph::Node;
use marginal::prelude::*;

const FIRST_YEAR: usize = 1871;

fn main() -> Result<(), Error> {
    let flows = Table::read_csv("data/nile.csv")?.column(0); // 10⁸ m³ a year

    // The first two years declare what all others share.
    let mut g = Graph::builder();
    let mut dry: Vec<Node<bool>> = vec![g.node("dry 1871", (), Bernoulli::new(0.5)?)];
    dry.push(g.node("dry 1872", dry[0], ConditionalTable::new([[0.9, 0.1], [0.1, 0.9]])?));
    let regimes = Switch::new(vec![Normal::new(1000.0, 200.0)?, Normal::new(800.0, 200.0)?])?;
    let mut flow = vec![g.node("flow 1871", dry[0], regimes)];
    flow.push(g.tied("flow 1872", dry[1], flow[0]));
    for year in FIRST_YEAR + 2..FIRST_YEAR + flows.len() {
        let before = dry[dry.len() - 1];
        let now = g.tied(format!("dry {year}"), before, dry[1]);
        flow.push(g.tied(format!("flow {year}"), now, flow[0]));
        dry.push(now);
    }

    // One row: the sequence. EM on it is the algorithm of Baum and Welch.
    let model = g.build()?.hide(&dry)?;
    let fit = Em::default().tolerance(1e-10).verify(true).fit(&model, &Table::new(model.columns(), flows.clone())?)?;
    let chain = &fit.parameters;
    let (transition, regimes) = (
        chain.conditional::<ConditionalTable<bool, bool>>(dry[1]).expect("the type it was built with"),
        chain.conditional::<Switch<Vec<Normal>, bool>>(flow[0]).expect("the type it was built with"),
    );
    let [wet_years, dry_years] = &regimes.components()[..] else { unreachable!("two regimes") };
    println!("ln L = {:.4}, {} parameters", fit.log_likelihood, fit.free_parameters.unwrap_or(0));
    println!("a wet year is followed by a dry one with probability {:.3}", transition.probability(&true, &false));
    println!("wet years {:.1} ± {:.1}", wet_years.mean(), wet_years.standard_deviation());
    println!("dry years {:.1} ± {:.1}", dry_years.mean(), dry_years.standard_deviation());

    assert!((fit.log_likelihood - -629.804_456).abs() < 1e-5);
    assert!((wet_years.mean() - 1097.15).abs() < 0.01 && (dry_years.mean() - 850.76).abs() < 0.01);

    // The most probable regimes of all years together change once.
    let seen = flow.iter().zip(&flows).fold(chain.evidence(), |seen, (&node, &flow)| seen.with(node, flow));
    let findings = chain.findings(&seen)?;
    let best = findings.junction_tree()?.most_probable()?;
    let is_dry = |year: usize| -> Result<bool, Error> {
        let variable = findings.network().variable(&format!("dry {year}"))?;
        Ok(best.states[variable] == 1)
    };
    let mut falls = Vec::new();
    for year in FIRST_YEAR + 1..FIRST_YEAR + flows.len() {
        if is_dry(year)? != is_dry(year - 1)? {
            falls.push(year);
        }
    }
    println!("the regime changes in {falls:?}");
    assert_eq!(falls, [1899]);

    let of_year = |year: usize| chain.posterior(dry[year - FIRST_YEAR], &seen).map(|p| p.probability(&true));
    for year in 1896..=1901 {
        println!("p(dry in {year} | all flows) = {:.4}", of_year(year)?);
    }
    assert!(of_year(1898)? < 0.5 && of_year(1899)? > 0.5);
    Ok(())
}
