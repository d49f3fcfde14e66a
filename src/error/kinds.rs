//! What kind of error an error is, and how it is said of a part.

use super::Error;

impl Error {
    /// Checks lo < value, or names the parameter and its domain.
    pub(crate) fn check(ok: bool, name: &'static str, value: f64, domain: &'static str) -> Result<(), Self> {
        if ok { Ok(()) } else { Err(Self::Parameter { name, value, domain }) }
    }

    /// The same error, said of one component.
    pub fn of_component(self, component: usize) -> Self {
        Self::Component { component, source: Box::new(self) }
    }

    /// Whether it says that an observation has density 0.
    pub(crate) fn is_impossible(&self) -> bool {
        match self {
            Self::AtRow { source, .. } | Self::Component { source, .. } | Self::AtIteration { source, .. } => {
                source.is_impossible()
            }
            Self::Impossible { .. }
            | Self::NotEmitted { .. }
            | Self::NotFinite { .. }
            | Self::Scale { .. }
            | Self::Label { .. } => true,
            _ => false,
        }
    }

    /// Whether the data or the start, not the model's code, brought this about: another start may succeed.
    pub fn is_degenerate(&self) -> bool {
        match self {
            Self::NoWeight { .. }
            | Self::EqualComponents { .. }
            | Self::Singular { .. }
            | Self::Floor { .. }
            | Self::NoEstimate { .. }
            | Self::Range { .. }
            | Self::Scale { .. }
            | Self::LostDigits { .. } => true,
            Self::Earlier { degenerate, .. } => *degenerate,
            Self::Component { source, .. }
            | Self::AtColumn { source, .. }
            | Self::AtRow { source, .. }
            | Self::AtNode { source, .. }
            | Self::AtIteration { source, .. } => source.is_degenerate(),
            _ => false,
        }
    }
}
