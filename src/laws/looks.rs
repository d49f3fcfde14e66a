//! How many draws are looked at, first and again.

/// How many draws, their seed, and ln(2/α).
pub(super) struct Look {
    pub(super) draws: usize,
    pub(super) seed: u64,
    pub(super) log_odds: f64,
}

/// The first look and the second.
pub(super) const LOOKS: [Look; 2] =
    [Look { draws: 1_000, seed: 5, log_odds: 3.0 }, Look { draws: 16_000, seed: 6, log_odds: 21.4 }];

/// The first draws choose what is compared; the others decide.
pub(super) const PILOT: usize = 500;
