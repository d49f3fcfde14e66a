//! The do-operator (Pearl 2009): p(x | do(x_v = s)) is the product without p(x_v | x_pa(v)), at x_v = s.

use crate::error::NetworkError;

use super::network::Network;
use super::row::Key;
use super::variable::Variable;

impl Network {
    /// The network after `variable` was set to `state` from outside: its arrows from its parents are cut.
    ///
    /// ```
    /// use marginal::network::Network;
    /// let network = Network::builder()
    ///     .root("rain", &["no", "yes"], [0.8, 0.2])
    ///     .variable("wet", &["no", "yes"], &["rain"], [0.9, 0.1, 0.05, 0.95])
    ///     .build()?;
    /// let hosed = network.intervene("wet", "yes")?;
    /// assert_eq!(hosed.to_string(), "p(rain) p(wet)"); // wet grass made by hand tells nothing of rain
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], [`NetworkError::UnknownState`].
    pub fn intervene(&self, variable: impl Key, state: impl Key) -> Result<Self, NetworkError> {
        let number = variable.variable(self)?;
        let before = &self.variables()[number];
        let state = state.state(before)?;
        let mut certain = vec![0.0; before.states.len()];
        certain[state] = 1.0;
        let cut = Variable { parents: Vec::new(), entries: certain.clone(), probabilities: certain, ..before.clone() };
        Ok(self.with(number, cut))
    }
}
