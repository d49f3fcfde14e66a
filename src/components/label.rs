//! What is known of a hidden state: which states it may be.

use crate::error::Error;

/// What is known of the component or state z that a value comes from.
///
/// Fields call such labels partial: a row of component 2, a row that is not of component 3.
/// ```
/// use marginal::components::Label;
/// assert!(Label::Is(2).allows(2) && !Label::Is(2).allows(0));
/// assert!(Label::NoneOf(vec![3]).allows(2) && Label::Unknown.allows(3));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Label {
    /// Nothing.
    #[default]
    Unknown,
    /// z is this state.
    Is(usize),
    /// z is one of these.
    OneOf(Vec<usize>),
    /// z is any state but these.
    NoneOf(Vec<usize>),
}

impl Label {
    /// Whether z may be this state.
    pub fn allows(&self, z: usize) -> bool {
        match self {
            Self::Unknown => true,
            Self::Is(state) => *state == z,
            Self::OneOf(states) => states.contains(&z),
            Self::NoneOf(states) => !states.contains(&z),
        }
    }

    /// Whether it names states that there are, of K, and leaves one; else what is wrong with it at this row.
    ///
    /// # Errors
    /// [`Error::Label`].
    pub fn check(&self, states: usize, row: usize) -> Result<(), Error> {
        let named = match self {
            Self::Unknown => &[],
            Self::Is(state) => std::slice::from_ref(state),
            Self::OneOf(named) | Self::NoneOf(named) => &named[..],
        };
        if let Some(&label) = named.iter().find(|z| **z >= states) {
            return Err(Error::Label { row, label: Some(label), states });
        }
        if (0..states).any(|z| self.allows(z)) { Ok(()) } else { Err(Error::Label { row, label: None, states }) }
    }
}
