//! Laws of statistics, E-steps, M-steps and Q.

pub(crate) mod calls;
pub(crate) mod complete;
pub(crate) mod em;
pub(crate) mod equivariance;
pub(crate) mod expected;
pub(crate) mod finite;
pub(crate) mod gradient;
pub(crate) mod labelled;
pub(crate) mod m_step;
pub(crate) mod mass;
pub(crate) mod recovery;
pub(crate) mod statistics;
pub(crate) mod underflow;
