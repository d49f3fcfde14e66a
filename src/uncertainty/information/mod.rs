//! The observed information −∂²ℓ/∂θ², from the E-step and Q alone.

pub(super) mod complete;
pub(super) mod differences;
pub(super) mod observed;
pub(super) mod spectrum;
