//! Fits to data that are drawn again: rows with replacement, data from the model, rows that are held out.

pub(super) mod bootstrap;
pub(super) mod cross_validation;
pub(super) mod drawn_rows;
pub(super) mod likelihood_ratio;
pub(super) mod parts_in_place;
pub(super) mod simulate;
