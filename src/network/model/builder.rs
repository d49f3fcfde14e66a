//! A network from names: variables in any order, each with its states, its parents and its table.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{GraphError, NetworkError, nearest};

use super::network::Network;
use super::rules::Rule;
use super::table;
use super::variable::Variable;

/// Collects variables; [`build`](Self::build) checks them together.
#[derive(Clone, Debug)]
pub struct NetworkBuilder {
    name: String,
    properties: Vec<String>,
    declared: Vec<Declared>,
}

#[derive(Clone, Debug)]
struct Declared {
    name: String,
    states: Vec<String>,
    parents: Vec<String>,
    rule: Rule,
    properties: Vec<String>,
}

impl Network {
    /// An empty network, to which variables are added.
    pub fn builder() -> NetworkBuilder {
        NetworkBuilder::default()
    }
}

impl Default for NetworkBuilder {
    /// A network without variables, called `unknown`.
    fn default() -> Self {
        Self { name: "unknown".into(), properties: Vec::new(), declared: Vec::new() }
    }
}

impl NetworkBuilder {
    /// Names the network.
    pub fn name(&mut self, name: &str) -> &mut Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Adds what a file says of the network besides.
    pub(crate) fn property(&mut self, property: &str) -> &mut Self {
        self.properties.push(property.to_owned());
        self
    }

    /// Adds a variable without parents: one row of probabilities over its states.
    pub fn root<S: AsRef<str>>(&mut self, name: &str, states: &[S], probabilities: impl Into<Vec<f64>>) -> &mut Self {
        self.variable::<S, &str>(name, states, &[], probabilities)
    }

    /// Adds a variable; its parents may be added later.
    ///
    /// `probabilities` has a row over the states for each joint state of the parents, the first parent the slowest.
    pub fn variable<S: AsRef<str>, P: AsRef<str>>(
        &mut self,
        name: &str,
        states: &[S],
        parents: &[P],
        probabilities: impl Into<Vec<f64>>,
    ) -> &mut Self {
        self.by_rule(name, states, parents, Rule::Entries(probabilities.into()))
    }

    pub(crate) fn by_rule<S: AsRef<str>, P: AsRef<str>>(
        &mut self,
        name: &str,
        states: &[S],
        parents: &[P],
        rule: Rule,
    ) -> &mut Self {
        self.declared.push(Declared {
            name: name.to_owned(),
            states: states.iter().map(|state| state.as_ref().to_owned()).collect(),
            parents: parents.iter().map(|parent| parent.as_ref().to_owned()).collect(),
            rule,
            properties: Vec::new(),
        });
        self
    }

    /// Adds what a file says besides of the variable that was added last.
    pub(crate) fn variable_property(&mut self, property: &str) -> &mut Self {
        if let Some(variable) = self.declared.last_mut() {
            variable.properties.push(property.to_owned());
        }
        self
    }

    /// The network of what was added; the builder is empty afterwards.
    ///
    /// # Errors
    /// [`NetworkError`] with the name, the row or the number that is wrong; [`GraphError::Cycle`] with its path.
    pub fn build(&mut self) -> Result<Network, NetworkError> {
        let Self { name, properties, declared } = std::mem::take(self);
        let mut numbers = HashMap::with_capacity(declared.len());
        for (number, variable) in declared.iter().enumerate() {
            check_states(&variable.name, &variable.states)?;
            if numbers.insert(variable.name.clone(), number).is_some() {
                return Err(GraphError::DuplicateName { name: variable.name.clone() }.into());
            }
        }
        let mut variables = Vec::with_capacity(declared.len());
        for variable in &declared {
            let mut parents = Vec::with_capacity(variable.parents.len());
            for parent in &variable.parents {
                let number = *numbers.get(parent).ok_or_else(|| unknown_parent(variable, parent, &declared))?;
                if parents.contains(&number) {
                    let (variable, parent) = (variable.name.clone(), parent.clone());
                    return Err(NetworkError::ParentTwice { variable, parent });
                }
                parents.push(number);
            }
            let of_parents: Vec<(&str, &[String])> =
                parents.iter().map(|&p| (declared[p].name.as_str(), declared[p].states.as_slice())).collect();
            let entries = variable.rule.clone().entries(&variable.name, &variable.states, &of_parents)?;
            let probabilities = table::normalised(&variable.name, &variable.states, &of_parents, &entries)?;
            variables.push((parents, entries, probabilities));
        }
        let complete = |(declared, (parents, entries, probabilities)): (Declared, (Vec<usize>, _, _))| Variable {
            name: declared.name,
            states: declared.states,
            parents,
            entries,
            probabilities,
            properties: declared.properties,
        };
        Network::new(name, properties, declared.into_iter().zip(variables).map(complete).collect(), numbers)
    }
}

impl NetworkBuilder {
    /// Adds a two-state variable, first absent, then present, that each of its causes can bring about by itself (Pearl
    /// 1988): p(absent | parents) = (1 − leak) Π (1 − pᵢ) over the parents that are in their causing state.
    ///
    /// A cause is a parent, its causing state, and pᵢ = p(present) if it is the only cause and nothing leaks.
    /// ```
    /// use marginal::network::Network;
    /// let network = Network::builder()
    ///     .root("flu", &["no", "yes"], [0.9, 0.1])
    ///     .root("cold", &["no", "yes"], [0.7, 0.3])
    ///     .noisy_or("fever", ["no", "yes"], &[("flu", "yes", 0.8), ("cold", "yes", 0.4)], 0.01)
    ///     .build()?;
    /// let p = network.variables()[2].probabilities();
    /// assert!((p[7] - (1.0 - 0.2 * 0.6 * 0.99)).abs() < 1e-15); // p(fever | flu, cold)
    /// # Ok::<(), marginal::Error>(())
    /// ```
    /// What is wrong with it is told by [`build`](Self::build): a state that the parent does not have, or a number that
    /// is no probability.
    pub fn noisy_or(&mut self, name: &str, states: [&str; 2], causes: &[(&str, &str, f64)], leak: f64) -> &mut Self {
        let parents: Vec<&str> = causes.iter().map(|cause| cause.0).collect();
        let of_causes = causes.iter().map(|(_, state, p)| ((*state).to_owned(), *p)).collect();
        self.by_rule(name, &states, &parents, Rule::NoisyOr(of_causes, leak))
    }

    /// Adds a variable that is the largest of what its causes and a leak make of it independently, its states in
    /// ascending order (Henrion 1989): p(x ≤ s | parents) = leak(≤ s) Π cᵢ(≤ s | state of parent i).
    ///
    /// A cause is a parent with cᵢ: a row over the variable's states for each state of the parent. With two states each
    /// it is a noisy-or.
    pub fn noisy_max<S: AsRef<str>>(
        &mut self,
        name: &str,
        states: &[S],
        causes: &[(&str, &[f64])],
        leak: impl Into<Vec<f64>>,
    ) -> &mut Self {
        let parents: Vec<&str> = causes.iter().map(|cause| cause.0).collect();
        let rows = causes.iter().map(|cause| cause.1.to_vec()).collect();
        self.by_rule(name, states, &parents, Rule::NoisyMax(rows, leak.into()))
    }

    /// Adds a variable whose state is a function of the states of its parents, all by name.
    /// ```
    /// use marginal::network::Network;
    /// let network = Network::builder()
    ///     .root("a", &["0", "1"], [0.5, 0.5])
    ///     .root("b", &["0", "1"], [0.25, 0.75])
    ///     .function("equal", &["no", "yes"], &["a", "b"], |x| if x[0] == x[1] { "yes" } else { "no" })
    ///     .build()?;
    /// assert_eq!(network.variables()[2].probabilities(), [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    /// A state that the variable does not have is told by [`build`](Self::build).
    pub fn function<S: AsRef<str>, P: AsRef<str>, R: Into<String>>(
        &mut self,
        name: &str,
        states: &[S],
        parents: &[P],
        of: impl Fn(&[&str]) -> R + Send + Sync + 'static,
    ) -> &mut Self {
        self.by_rule(name, states, parents, Rule::Function(Arc::new(move |x| of(x).into())))
    }
}

/// At least one state, and no two of one name.
pub(crate) fn check_states<S: AsRef<str>>(variable: &str, states: &[S]) -> Result<(), NetworkError> {
    if states.is_empty() {
        return Err(NetworkError::NoStates { variable: variable.to_owned() });
    }
    let mut seen = std::collections::HashSet::new();
    for state in states.iter().map(AsRef::as_ref) {
        if !seen.insert(state) {
            return Err(NetworkError::DuplicateState { variable: variable.to_owned(), state: state.to_owned() });
        }
    }
    Ok(())
}

fn unknown_parent(variable: &Declared, parent: &str, declared: &[Declared]) -> NetworkError {
    let nearest = nearest(parent, declared.iter().map(|other| other.name.as_str()));
    NetworkError::UnknownParent { variable: variable.name.clone(), parent: parent.to_owned(), nearest }
}
