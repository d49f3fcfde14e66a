//! How good an estimate is.

/// What an estimate or an M-step promises about its objective, Q(θ, θ_old) + ln prior(θ), against the θ_old that it is
/// given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guarantee {
    /// Nothing: the objective may fall (Monte Carlo, unguarded gradient steps).
    None,
    /// It does not fall (ECM, one guarded Newton step).
    Generalised,
    /// It is maximal.
    #[default]
    Exact,
}
