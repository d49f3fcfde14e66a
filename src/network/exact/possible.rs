//! Which cells of the cliques can be positive at all: those that no zero of a table forbids, in their own clique or in
//! another. Two passes along the tree, as for sums, but of yes and no.

use std::sync::Arc;

use crate::graph::{TreeClique, Triangulation};

use super::problem::Problem;
use super::support::{Offsets, Support};

/// When possible cells are looked for and listed.
pub(crate) struct Worth {
    /// All cliques together have at least so many cells: fewer are summed sooner than looked through.
    fewest: f64,
    /// And at most so many: more take seconds to look through.
    most: f64,
    /// At most this share of the cells of a clique is possible: a list is walked more slowly than all cells are.
    share: f64,
}

impl Default for Worth {
    fn default() -> Self {
        Self { fewest: 1e6, most: 2e9, share: 0.34 }
    }
}

/// The possible cells of each clique that is worth a list.
pub(crate) fn supports(problem: &Problem, triangulation: &Triangulation, worth: &Worth) -> Vec<Option<Arc<Support>>> {
    let has_zeros = problem.tables.iter().any(|table| table.contains(&0.0));
    if !has_zeros || !(worth.fewest..=worth.most).contains(&triangulation.cells()) {
        return vec![None; triangulation.cliques().len()];
    }
    let tree = triangulation.tree();
    // The separator first.
    let scopes: Vec<Vec<usize>> = tree.iter().map(|clique| [clique.separator(), clique.residual()].concat()).collect();
    let shapes: Vec<Vec<usize>> =
        scopes.iter().map(|scope| scope.iter().map(|&v| problem.states[v]).collect()).collect();
    let mut tables = vec![Vec::new(); tree.len()];
    let mut children = vec![Vec::new(); tree.len()];
    let mut eliminated_in = vec![0; problem.states.len()];
    for (number, clique) in tree.iter().enumerate() {
        clique.residual().iter().for_each(|&v| eliminated_in[v] = number);
        clique.parent.iter().for_each(|&parent| children[parent].push(number));
    }
    for (number, scope) in problem.scopes.iter().enumerate() {
        // The clique that eliminates the first of them comes first.
        scope.iter().map(|&v| eliminated_in[v]).min().iter().for_each(|&clique| tables[clique].push(number));
    }
    let offsets = |clique: usize, scope: &[usize]| {
        let mut stride: usize = scope.iter().map(|&v| problem.states[v]).product();
        let mut strides = vec![0; shapes[clique].len()];
        for v in scope {
            stride /= problem.states[*v];
            let place = scopes[clique].iter().position(|u| u == v);
            place.iter().for_each(|&place| strides[place] = stride);
        }
        Offsets::new(&shapes[clique], &strides)
    };
    let separator = |clique: usize| tree[clique].separator();
    let mut messages: Vec<Vec<bool>> = Vec::with_capacity(tree.len());
    let mut supports: Vec<Support> = Vec::with_capacity(tree.len());
    for clique in 0..tree.len() {
        let flags: Vec<Vec<bool>> = tables[clique].iter().map(|&table| problem.possible(table)).collect();
        let of_tables = tables[clique].iter().zip(&flags).map(|(&t, flags)| (&problem.scopes[t][..], &flags[..]));
        let of_children = children[clique].iter().map(|&child| (separator(child), &messages[child][..]));
        let all: Vec<(Offsets, &[bool])> =
            of_tables.chain(of_children).map(|(scope, flags)| (offsets(clique, scope), flags)).collect();
        let support = Support::of(&shapes[clique], &all);
        let mut message = vec![false; shapes[clique][..tree[clique].separator].iter().product()];
        support.mark(&offsets(clique, separator(clique)), &mut message);
        supports.push(support);
        messages.push(message);
    }
    for clique in (0..tree.len()).rev() {
        if messages[clique].contains(&false) {
            supports[clique].retain(&offsets(clique, separator(clique)), &messages[clique]);
        }
        for &child in &children[clique] {
            messages[child].fill(false);
            supports[clique].mark(&offsets(clique, separator(child)), &mut messages[child]);
        }
    }
    let listed = |(support, clique): (Support, &TreeClique)| {
        (support.len() as f64 <= worth.share * clique.cells).then(|| Arc::new(support))
    };
    supports.into_iter().zip(tree).map(listed).collect()
}

#[cfg(test)]
mod tests {
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    use super::super::junction_tree::JunctionTree;
    use super::super::problem::Problem;
    use super::{Worth, supports};
    use crate::distributions::Distribution;
    use crate::network::Network;

    /// Every clique of a network that has a zero is listed.
    fn tree(network: &Network) -> JunctionTree {
        let plan = network.plan().listing(&Worth { fewest: 0.0, most: f64::INFINITY, share: 1.0 });
        plan.compile().expect("it is small")
    }

    /// Each row is mostly zeros.
    fn random(nodes: usize, rng: &mut Xoshiro256PlusPlus) -> Network {
        let mut builder = Network::builder();
        let states: Vec<usize> = (0..nodes).map(|_| rng.random_range(1..4)).collect();
        for v in 0..nodes {
            let parents: Vec<usize> = (0..v).filter(|_| rng.random_bool(0.5)).take(3).collect();
            let mut table = Vec::new();
            for _ in 0..parents.iter().map(|&p| states[p]).product::<usize>() {
                let mut row: Vec<f64> = (0..states[v]).map(|_| f64::from(rng.random_range(0..3u8) / 2)).collect();
                row[rng.random_range(0..states[v])] = 3.0;
                let sum: f64 = row.iter().sum();
                table.extend(row.iter().map(|p| p / sum));
            }
            let names: Vec<String> = (0..states[v]).map(|state| state.to_string()).collect();
            let parents: Vec<String> = parents.iter().map(|p| format!("x{p}")).collect();
            builder.variable(&format!("x{v}"), &names, &parents, table);
        }
        builder.build().expect("rows that sum to one")
    }

    /// All rows of positive probability.
    fn rows(network: &Network) -> Vec<(Vec<usize>, f64)> {
        let states: Vec<usize> = network.variables().iter().map(|variable| variable.states().len()).collect();
        let row = |mut number: usize| {
            let digit = |&states: &usize| (number % states, number /= states).0;
            states.iter().map(digit).collect::<Vec<usize>>()
        };
        let all = (0..states.iter().product()).map(row).map(|row| (network.log_density(&row).exp(), row));
        all.filter(|(p, _)| *p > 0.0).map(|(p, row)| (row, p)).collect()
    }

    /// Seen in its first possible state is the last variable.
    fn check(network: &Network) {
        let rows = rows(network);
        let (mut listed, last) = (tree(network), network.variables().len() - 1);
        let seen = rows[0].0[last];
        for evidence in [None, Some(seen)] {
            evidence.iter().for_each(|state| listed.observe(last, *state).expect("it is there"));
            let rows: Vec<_> = rows.iter().filter(|(row, _)| evidence.is_none_or(|state| row[last] == state)).collect();
            let p_evidence: f64 = rows.iter().map(|(_, p)| p).sum();
            assert!((listed.log_evidence() - p_evidence.ln()).abs() < 1e-12);
            let p =
                |v: usize, state: usize| rows.iter().filter(|(row, _)| row[v] == state).map(|(_, p)| p).sum::<f64>();
            let posteriors = listed.posteriors().expect("it is possible");
            for (v, found) in posteriors.iter().enumerate() {
                for (state, found) in found.iter().enumerate() {
                    assert!((found - p(v, state) / p_evidence).abs() < 1e-12, "{network}: x{v} = {state}");
                }
            }
            let best = rows.iter().map(|(_, p)| *p).fold(0.0, f64::max);
            let explanation = listed.most_probable().expect("it is possible");
            assert!((explanation.log_joint - best.ln()).abs() < 1e-12);
            assert!((network.log_density(&explanation.states) - best.ln()).abs() < 1e-12);
            let both = listed.joint(&[last, 0]).expect("it is small");
            let states = network.variables()[0].states().len();
            for (cell, found) in both.probabilities().iter().enumerate() {
                let agree = |(row, _): &&&(Vec<usize>, f64)| row[last] == cell / states && row[0] == cell % states;
                let expected: f64 = rows.iter().filter(agree).map(|(_, p)| p).sum();
                assert!((found - expected / p_evidence).abs() < 1e-12);
            }
            let drawn = listed.sample(&mut Xoshiro256PlusPlus::seed_from_u64(1)).expect("it is possible");
            assert!(rows.iter().any(|(row, _)| *row == drawn));
        }
    }

    #[test]
    fn lists_of_possible_cells_give_the_plain_sums() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(0);
        for _ in 0..400 {
            let nodes = rng.random_range(1..7);
            check(&random(nodes, &mut rng));
        }
    }

    #[test]
    fn a_clique_of_many_blocks_gives_the_plain_sums() {
        // Thirteen coins and their parity, which is seen through a child.
        let mut builder = Network::builder();
        let coins: Vec<String> = (0..13).map(|v| format!("x{v}")).collect();
        coins.iter().enumerate().for_each(|(v, coin)| {
            builder.root(coin, &["0", "1"], [0.25 + v as f64 / 32.0, 0.75 - v as f64 / 32.0]);
        });
        let parity = |row: u32| if row.count_ones().is_multiple_of(2) { [1.0, 0.0] } else { [0.0, 1.0] };
        builder.variable("parity", &["0", "1"], &coins, (0..1 << 13).flat_map(parity).collect::<Vec<f64>>());
        builder.variable("seen", &["0", "1"], &["parity"], [0.75, 0.25, 0.0, 1.0]);
        check(&builder.build().expect("rows that sum to one"));
    }

    #[test]
    fn a_cell_is_listed_if_and_only_if_a_possible_row_passes_through_it() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut left_out = 0;
        for _ in 0..400 {
            let network = random(6, &mut rng);
            let problem = Problem::whole(&network);
            let triangulation = crate::graph::Triangulation::of(&problem.neighbours(&[]), &problem.states);
            let all = Worth { fewest: 0.0, most: f64::INFINITY, share: 1.0 };
            let rows = rows(&network);
            for (clique, support) in triangulation.tree().iter().zip(supports(&problem, &triangulation, &all)) {
                let scope = [clique.separator(), clique.residual()].concat();
                let at = |row: &[usize]| scope.iter().fold(0, |at, &v| at * problem.states[v] + row[v]);
                let possible: std::collections::BTreeSet<usize> = rows.iter().map(|(row, _)| at(row)).collect();
                let Some(support) = support else { continue };
                let listed: Vec<usize> = (0..support.len()).map(|number| support.cell(number)).collect();
                assert_eq!(listed, possible.into_iter().collect::<Vec<_>>(), "{network}");
                left_out += clique.cells as usize - listed.len();
            }
        }
        assert!(left_out > 1000);
    }
}
