//! The tables from rows: counts of complete ones, expected counts of incomplete ones.

pub(crate) mod expectation;
pub(crate) mod families;
pub(crate) mod family_counts;
pub(crate) mod part;
pub(crate) mod part_sums;
pub(crate) mod table_prior;
