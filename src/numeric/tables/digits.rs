//! Joint states by number: a row-major table has one cell for each, the last variable the fastest.

/// The state of each variable in the joint state of that number.
pub(crate) fn digits(mut number: usize, states: &[usize], digits: &mut Vec<usize>) {
    digits.clear();
    digits.resize(states.len(), 0);
    for (digit, states) in digits.iter_mut().zip(states).rev() {
        *digit = number % states;
        number /= states;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_variable_is_the_fastest() {
        let mut found = Vec::new();
        let of = |number| {
            digits(number, &[2, 3], &mut found);
            found.clone()
        };
        let joint_states: Vec<Vec<usize>> = (0..6).map(of).collect();
        assert_eq!(joint_states, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
        digits(0, &[], &mut found);
        assert!(found.is_empty());
    }
}
