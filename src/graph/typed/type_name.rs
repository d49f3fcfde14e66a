//! A type told apart and named at run time, once handles or factors have forgotten theirs.

use std::any::{TypeId, type_name};

/// A type; two are equal if they are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TypeName {
    id: TypeId,
    name: &'static str,
}

impl TypeName {
    pub(crate) fn of<T: ?Sized + 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }

    /// As it is written in a program.
    pub(crate) fn name(self) -> &'static str {
        self.name
    }
}
