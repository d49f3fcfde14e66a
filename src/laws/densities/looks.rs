//! How many draws are looked at, first and again.

/// How many draws, their seed, and ln(2/α).
pub(crate) struct Look {
    pub(crate) draws: usize,
    pub(crate) seed: u64,
    pub(crate) log_odds: f64,
}

/// The first look and the second.
pub(crate) const LOOKS: [Look; 2] =
    [Look { draws: 1_000, seed: 5, log_odds: 3.0 }, Look { draws: 16_000, seed: 6, log_odds: 21.4 }];

/// The first draws choose what is compared; the others decide.
pub(crate) const PILOT: usize = 500;
