//! What observations are summed into, and estimates that go over them again.

pub(crate) mod count_block;
pub(crate) mod jensen;
pub(crate) mod kept;
pub(crate) mod resultant;
pub(crate) mod scatter;
pub(crate) mod student_t_fit;
