//! Names to numbers: variables and states are named either way, and a name that is not known meets its nearest.

use crate::error::{NetworkError, nearest};
use crate::graph::DirectedGraph;

use super::network::Network;
use super::variable::{Variable, unknown_state};

/// The name of a variable or of a state (`&str`), or its number (`usize`).
pub trait Key {
    /// The number of the variable.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`].
    fn variable(&self, network: &Network) -> Result<usize, NetworkError>;
    /// The number of the state.
    ///
    /// # Errors
    /// [`NetworkError::UnknownState`].
    fn state(&self, variable: &Variable) -> Result<usize, NetworkError>;
}

impl Key for str {
    fn variable(&self, network: &Network) -> Result<usize, NetworkError> {
        network.number(self).ok_or_else(|| {
            let nearest = nearest(self, network.variables().iter().map(Variable::name));
            NetworkError::UnknownVariable { name: self.to_owned(), nearest }
        })
    }

    fn state(&self, variable: &Variable) -> Result<usize, NetworkError> {
        variable.states().iter().position(|state| state == self).ok_or_else(|| {
            let known: Vec<&str> = variable.states().iter().map(String::as_str).collect();
            unknown_state(variable.name(), self, &known)
        })
    }
}

impl Key for String {
    fn variable(&self, network: &Network) -> Result<usize, NetworkError> {
        self.as_str().variable(network)
    }
    fn state(&self, variable: &Variable) -> Result<usize, NetworkError> {
        self.as_str().state(variable)
    }
}

impl Key for usize {
    fn variable(&self, network: &Network) -> Result<usize, NetworkError> {
        let unknown = || NetworkError::UnknownVariable { name: format!("number {self}"), nearest: None };
        (*self < network.len()).then_some(*self).ok_or_else(unknown)
    }
    fn state(&self, variable: &Variable) -> Result<usize, NetworkError> {
        let known: Vec<&str> = variable.states().iter().map(String::as_str).collect();
        let unknown = || unknown_state(variable.name(), &format!("number {self}"), &known);
        (*self < variable.states().len()).then_some(*self).ok_or_else(unknown)
    }
}

impl<K: Key + ?Sized> Key for &K {
    fn variable(&self, network: &Network) -> Result<usize, NetworkError> {
        (**self).variable(network)
    }
    fn state(&self, variable: &Variable) -> Result<usize, NetworkError> {
        (**self).state(variable)
    }
}

impl Network {
    /// The number of a variable.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], with the nearest name.
    pub fn variable(&self, name: &str) -> Result<usize, NetworkError> {
        name.variable(self)
    }

    /// The row in which each variable has its state, from pairs of names (or numbers) in any order.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], [`NetworkError::UnknownState`]; [`NetworkError::RowLength`] if a variable has
    /// no state or two.
    pub fn row<V: Key, S: Key>(&self, values: &[(V, S)]) -> Result<Vec<usize>, NetworkError> {
        let mut row = vec![None; self.len()];
        for (variable, state) in values {
            let variable = variable.variable(self)?;
            row[variable] = Some(state.state(&self.variables()[variable])?);
        }
        let found = row.iter().flatten().count();
        let wrong = NetworkError::RowLength { found, expected: self.len() };
        row.into_iter().collect::<Option<Vec<usize>>>().filter(|_| values.len() == found).ok_or(wrong)
    }

    /// The names of a row's states.
    ///
    /// # Errors
    /// [`NetworkError::RowLength`], [`NetworkError::UnknownState`].
    pub fn names<'a>(&'a self, row: &[usize]) -> Result<Vec<&'a str>, NetworkError> {
        if row.len() != self.len() {
            return Err(NetworkError::RowLength { found: row.len(), expected: self.len() });
        }
        let name = |(variable, state): (&'a Variable, &usize)| Ok(variable.states()[state.state(variable)?].as_str());
        self.variables().iter().zip(row).map(name).collect()
    }
}
