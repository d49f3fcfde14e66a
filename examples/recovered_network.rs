//! How much of a network comes back from rows with holes, when one variable is never seen at all?
//!
//! Rows are drawn from a network that is known. A tenth of the cells is blanked, one variable entirely, and EM learns all
//! tables from what is left, knowing the arrows alone. The states of a variable that nobody sees have no names, so they
//! are matched to the true ones afterwards. With a file name (.svg or .png) as argument it draws alarm.
use marginal::models::HiddenNetwork;
use marginal::network::{FamilyCounts, MISSING, Network, StateTable};
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;

/// The share of cells that is blanked.
const BLANK: f64 = 0.1;
/// An entry is looked at if p (1 − p) times the rows that show it is at least this: rarer ones have no normal error.
const ENOUGH: f64 = 5.0;

/// The entries of some tables: the true one, what was learned, and how many standard errors lie between.
#[derive(Default)]
struct Entries(Vec<(f64, f64, f64)>);

impl Entries {
    /// √ of the mean square of the standardised errors: 1 if chance alone is at work.
    fn spread(&self) -> f64 {
        (self.0.iter().map(|(_, _, z)| z * z).sum::<f64>() / self.0.len() as f64).sqrt()
    }
    fn largest(&self) -> f64 {
        self.0.iter().map(|(_, _, z)| z.abs()).fold(0.0, f64::max)
    }
    fn error(&self) -> f64 {
        self.0.iter().map(|(p, q, _)| (p - q).abs()).sum::<f64>() / self.0.len() as f64
    }
}

fn main() -> Result<(), Error> {
    println!(
        "{:<8}{:<12}{:<24}{:>8}{:>10}{:>14}{:>10}",
        "", "hidden", "tables", "entries", "|error|", "spread of z", "max |z|"
    );
    let asia = recover("asia", "either", 20_000)?;
    let alarm = recover("alarm", "LVEDVOLUME", 4_000)?;
    for [elsewhere, beside] in [&asia, &alarm] {
        // The standard errors are those of the rows that show the whole family: incomplete rows tell something too.
        assert!((0.7..1.2).contains(&elsewhere.spread()) && elsewhere.largest() < 5.0);
        // What is never seen is known less well, but it is known.
        assert!(beside.spread() < 5.0 && beside.error() < 0.05);
    }
    if let Some(path) = std::env::args().nth(1) {
        draw(&alarm, &path)?;
    }
    Ok(())
}

/// Draws, blanks, learns and compares: tables without the hidden variable, and those of it and its children.
fn recover(name: &str, hidden: &str, rows: usize) -> Result<[Entries; 2], Error> {
    let truth = Network::read_bif(format!("data/networks/{name}.bif"))?;
    let h = truth.variable(hidden)?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let (mut whole, mut holed) = (StateTable::new(&truth), StateTable::new(&truth));
    for _ in 0..rows {
        let mut row = truth.sample(&mut rng);
        whole.push(&row, 1.0)?;
        for (v, state) in row.iter_mut().enumerate() {
            if v == h || rng.random::<f64>() < BLANK {
                *state = MISSING;
            }
        }
        holed.push(&row, 1.0)?;
    }
    let model = HiddenNetwork::new(&without_numbers(&truth)?);
    let fit = Em::default().restarts(3).seed(1).tolerance(1e-8).fit(&model, &holed)?;
    let learned = matched(&truth, &fit.parameters, h);
    let counts = FamilyCounts::of(&truth, &whole)?;
    let mut entries = [Entries::default(), Entries::default()];
    for (v, variable) in truth.variables().iter().enumerate() {
        let members = truth.parents(v).iter().chain([&v]);
        let shown = members.clone().filter(|&&u| u != h).count();
        let group = &mut entries[usize::from(members.clone().any(|&u| u == h))];
        let states = variable.states().len();
        for (cell, &p) in variable.probabilities().iter().enumerate() {
            let row = &counts.of_variable(&truth, v)?[cell / states * states..][..states];
            let information = row.iter().sum::<f64>() * (1.0 - BLANK).powf(shown as f64) / (p * (1.0 - p));
            if information.is_finite() && information * (p * (1.0 - p)).powi(2) >= ENOUGH {
                let found = learned[v][cell];
                group.0.push((p, found, (found - p) * information.sqrt()));
            }
        }
    }
    for (entries, tables) in entries.iter().zip(["seen", "hidden, or below it"]) {
        let (count, error) = (entries.0.len(), entries.error());
        let (spread, largest) = (entries.spread(), entries.largest());
        println!("{name:<8}{hidden:<12}{tables:<24}{count:>8}{error:>10.4}{spread:>14.2}{largest:>10.2}");
    }
    Ok(entries)
}

/// The same arrows, every table uniform.
fn without_numbers(network: &Network) -> Result<Network, Error> {
    let mut builder = Network::builder();
    for variable in network.variables() {
        let parents: Vec<&str> = variable.parents().iter().map(|&u| network.variables()[u].name()).collect();
        let uniform = vec![1.0 / variable.states().len() as f64; variable.entries().len()];
        builder.variable(variable.name(), variable.states(), &parents, uniform);
    }
    Ok(builder.build()?)
}

/// The learned tables, the states of `h` in the order in which they come nearest to the true ones.
fn matched(truth: &Network, learned: &Network, h: usize) -> Vec<Vec<f64>> {
    let renamed = |order: &[usize]| -> Vec<Vec<f64>> {
        let table = |(v, variable): (usize, &marginal::network::Variable)| {
            // How far the table moves with the state of `h`, if it has a say.
            let after = variable.parents().iter().chain([&v]).skip_while(|&&u| u != h).skip(1);
            let stride: usize = after.map(|&u| truth.variables()[u].states().len()).product();
            let has_a_say = v == h || variable.parents().contains(&h);
            let cell = |at: usize| match at / stride % order.len() {
                state if has_a_say => at - state * stride + order[state] * stride,
                _ => at,
            };
            (0..variable.entries().len()).map(|at| variable.probabilities()[cell(at)]).collect()
        };
        learned.variables().iter().enumerate().map(table).collect()
    };
    let distance = |tables: &[Vec<f64>]| -> f64 {
        let of_table = |(variable, table): (&marginal::network::Variable, &Vec<f64>)| {
            variable.probabilities().iter().zip(table).map(|(p, q)| (p - q).abs()).sum::<f64>()
        };
        truth.variables().iter().zip(tables).map(of_table).sum()
    };
    let states = truth.variables()[h].states().len();
    let orders = (0..states).fold(vec![Vec::new()], |orders: Vec<Vec<usize>>, _| {
        let longer = |order: &Vec<usize>| {
            let left = (0..states).filter(|state| !order.contains(state)).collect::<Vec<_>>();
            left.into_iter().map(|state| [&order[..], &[state]].concat()).collect::<Vec<_>>()
        };
        orders.iter().flat_map(longer).collect()
    });
    let tables = orders.iter().map(|order| renamed(order));
    tables.min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or_default()
}

#[cfg(feature = "plot")]
fn draw([elsewhere, beside]: &[Entries; 2], path: &str) -> Result<(), Error> {
    let pairs = |entries: &Entries| entries.0.iter().map(|(p, q, _)| (*p, *q)).collect();
    let groups = [("all seen", pairs(elsewhere)), ("LVEDVOLUME hidden", pairs(beside))];
    let title = "alarm learned from 4000 rows, a tenth of the cells missing";
    marginal::io::plot::agreement(title, ["true probability", "learned probability"], &groups).save(path)
}

#[cfg(not(feature = "plot"))]
fn draw(_: &[Entries; 2], _: &str) -> Result<(), Error> {
    println!("no picture: the feature `plot` is off");
    Ok(())
}
