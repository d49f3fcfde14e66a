//! A network as a picture: where its nodes stand, and how they look.

pub(crate) mod coordinates;
pub(crate) mod layout;
pub(crate) mod picture;
