//! The parameters of banks, mixtures, chains and networks: those of their parts, each under its part's name.

use super::of_rows::{covariances, loadings_of, means, noise_of};
use super::{Bounds, NamedParameter, NamedParameters, Naming};
use crate::components::{Components, Covariance, Gaussians, LowRankNormals, Shared};
use crate::conditionals::Regressions;
use crate::distributions::{LowRankNormal, MultivariateNormal};
use crate::graph::DirectedGraph;
use crate::models::{HiddenMarkovModel, Mixture};
use crate::network::Network;
use crate::numeric::Scalar;

impl<D: NamedParameters> NamedParameters for Vec<D> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        let of_member = |(k, member): (usize, &D)| naming.of_part(k, member.named_parameters(naming));
        self.iter().enumerate().flat_map(of_member).collect()
    }

    fn exchangeable(&self) -> usize {
        self.len()
    }

    fn exchanged(&self, one: usize, other: usize) -> Self {
        let mut members = self.clone();
        members.swap(one, other);
        members
    }
}

/// A covariance that all share stands once, after the means.
impl<F: Scalar> NamedParameters for Gaussians<F> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        if self.shape() != Covariance::Tied {
            return self.to_vec().named_parameters(naming);
        }
        let of_member =
            |(k, normal): (usize, &MultivariateNormal<F>)| naming.of_part(k, means(normal.mean(), naming).collect());
        let mut all: Vec<_> = self.iter().enumerate().flat_map(of_member).collect();
        all.extend(covariances(&self[0], naming));
        all
    }

    fn exchangeable(&self) -> usize {
        self.len()
    }

    fn exchanged(&self, one: usize, other: usize) -> Self {
        self.with_members(self.to_vec().exchanged(one, other))
    }
}

/// What all share stands once, after the members.
impl NamedParameters for LowRankNormals {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        let (noise, loadings) = (|n: &LowRankNormal| noise_of(n, naming), |n: &LowRankNormal| loadings_of(n, naming));
        let part = |shared: bool,
                    wanted: bool,
                    of: &dyn Fn(&LowRankNormal) -> Vec<NamedParameter>,
                    n: &LowRankNormal| { if shared == wanted { of(n) } else { Vec::new() } };
        let both = |wanted: bool, n: &LowRankNormal| {
            let of_noise = part(self.shared()[1], wanted, &noise, n);
            of_noise.into_iter().chain(part(self.shared()[0], wanted, &loadings, n))
        };
        let of_member = |(k, normal): (usize, &LowRankNormal)| {
            naming.of_part(k, means(normal.mean(), naming).chain(both(false, normal)).collect())
        };
        self.iter().enumerate().flat_map(of_member).chain(both(true, &self[0])).collect()
    }

    fn exchangeable(&self) -> usize {
        self.len()
    }

    fn exchanged(&self, one: usize, other: usize) -> Self {
        self.with_members(self.to_vec().exchanged(one, other))
    }
}

impl<C: NamedParameters> NamedParameters for Regressions<C> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        self.to_vec().named_parameters(naming)
    }

    fn exchangeable(&self) -> usize {
        self.len()
    }

    fn exchanged(&self, one: usize, other: usize) -> Self {
        self.with_members(self.to_vec().exchanged(one, other))
    }
}

/// Those of the members, under the members' numbers; states that share members do not change places.
impl<C: Components + NamedParameters> NamedParameters for Shared<C> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        self.members().named_parameters(Naming { part: "member", ..naming })
    }
}

/// The proportions, then the components.
impl<C: Components + NamedParameters> NamedParameters for Mixture<C> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        let proportion = |(k, p): (usize, &f64)| {
            NamedParameter::new(format!("{} {k}: proportion", naming.part), *p, Bounds::Probability)
        };
        let proportions = self.proportions().iter().enumerate().map(proportion);
        proportions.chain(self.components().named_parameters(naming)).collect()
    }

    fn exchangeable(&self) -> usize {
        let (of_proportions, proportions) = self.estimate_of_proportions();
        if of_proportions.is_symmetric(proportions) { self.components().exchangeable() } else { 0 }
    }

    fn exchanged(&self, one: usize, other: usize) -> Self {
        let mut proportions = self.proportions().to_vec();
        proportions.swap(one, other);
        let mixture = Self::new(proportions, self.components().exchanged(one, other));
        let mixture = mixture.expect("the same proportions in another order");
        mixture.proportions_by(self.of_proportions.clone()).expect("as many proportions")
    }
}

/// First probabilities, transitions, emissions.
impl<C: Components + NamedParameters> NamedParameters for HiddenMarkovModel<C> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        let naming = Naming { part: "state", ..naming };
        let probability = |name: String, p: f64| NamedParameter::new(name, p, Bounds::Probability);
        let first = self.initial().iter().enumerate().map(|(k, p)| probability(format!("state {k}: first"), *p));
        let transitions = self.transitions();
        let of_row = |(from, row): (usize, &[f64])| {
            let named = |(to, p): (usize, &f64)| probability(format!("transition {from} → {to}"), *p);
            row.iter().enumerate().map(named).collect::<Vec<_>>()
        };
        let rows = transitions.iter().enumerate().flat_map(of_row);
        first.chain(rows).chain(self.emissions().named_parameters(naming)).collect()
    }

    fn exchangeable(&self) -> usize {
        if self.is_symmetric() { self.emissions().exchangeable() } else { 0 }
    }

    fn exchanged(&self, one: usize, other: usize) -> Self {
        let place = |z: usize| {
            if z == one {
                other
            } else if z == other {
                one
            } else {
                z
            }
        };
        let pick = |row: &[f64]| (0..row.len()).map(|z| row[place(z)]).collect::<Vec<f64>>();
        let rows: Vec<Vec<f64>> =
            (0..self.initial().len()).map(|from| pick(self.transitions().row(place(from)))).collect();
        Self::new(&pick(self.initial()), &rows, self.emissions().exchanged(one, other))
            .and_then(|chain| chain.with_rows(self.rows.clone()))
            .expect("the same probabilities in another order")
    }
}

/// p(state | states of the parents) of every row of every table.
impl NamedParameters for Network {
    fn named_parameters(&self, _: Naming<'_>) -> Vec<NamedParameter> {
        let mut all = Vec::new();
        for (v, variable) in self.variables().iter().enumerate() {
            let states = variable.states();
            for (row, probabilities) in variable.probabilities().chunks_exact(states.len()).enumerate() {
                let given = self.conditions(v, row);
                let named = |(state, p): (&String, &f64)| {
                    NamedParameter::new(format!("p({} = {state}{given})", variable.name()), *p, Bounds::Probability)
                };
                all.extend(states.iter().zip(probabilities).map(named));
            }
        }
        all
    }
}

impl Network {
    /// ` | a = yes, b = no`: what row of a table is about, the last parent's states changing fastest.
    fn conditions(&self, variable: usize, mut row: usize) -> String {
        let mut conditions: Vec<String> = Vec::new();
        for &parent in self.parents(variable).iter().rev() {
            let parent = &self.variables()[parent];
            let states = parent.states();
            conditions.push(format!("{} = {}", parent.name(), states[row % states.len()]));
            row /= states.len();
        }
        conditions.reverse();
        if conditions.is_empty() { String::new() } else { format!(" | {}", conditions.join(", ")) }
    }
}
