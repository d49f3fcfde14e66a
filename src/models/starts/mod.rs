//! Members of a bank from which EM starts, for each kind of start.

pub(crate) mod equal_components;
pub(crate) mod members;
pub(crate) mod positions;
pub(crate) mod split;
