//! Backtracking: a step is halved until it serves.

/// Halvings after which no step is told from none.
const HALVINGS: usize = 60;

/// What `serves` makes of the first of step, step / 2, step / 4, … of which it makes something; `None` if 60 do not serve.
pub(crate) fn halved_until<T>(step: &mut [f64], mut serves: impl FnMut(&[f64]) -> Option<T>) -> Option<T> {
    for _ in 0..HALVINGS {
        let found = serves(step);
        if found.is_some() {
            return found;
        }
        step.iter_mut().for_each(|d| *d *= 0.5);
    }
    None
}
