//! Free coordinates of a hidden Markov model.

use crate::components::Components;
use crate::distributions::{Parametric, RowEstimate};
use crate::error::Error;

use super::hidden_markov_model::HiddenMarkovModel;

/// A probability below this is held: it is 0 in the model, or EM is on its way there.
const HELD: f64 = 1e-9;

/// ln(p_k / p_r) of the first probabilities and of each row of transitions, r the most probable; then the coordinates of the
/// emissions. Rows that are held, and probabilities below 10⁻⁹, keep their value and have no coordinate: a transition that is 0
/// stays 0.
impl<C: Components + Parametric> Parametric for HiddenMarkovModel<C> {
    fn to_vector(&self) -> Vec<f64> {
        let of_row = |(row, _): (&[f64], &RowEstimate)| {
            let (largest, free) = free(row);
            free.into_iter().map(|k| (row[k] / row[largest]).ln()).collect::<Vec<_>>()
        };
        self.rows_to_estimate()
            .filter(|(_, estimate)| !estimate.is_held())
            .flat_map(of_row)
            .chain(self.emissions.to_vector())
            .collect()
    }

    fn from_vector(&self, mut coordinates: &[f64]) -> Result<Self, Error> {
        let mut next = |(row, estimate): (&[f64], &RowEstimate)| {
            if estimate.is_held() {
                return Ok(row.to_vec());
            }
            let (own, others) = coordinates.split_at(free(row).1.len());
            coordinates = others;
            moved(row, own)
        };
        let mut rows = self.rows_to_estimate().map(&mut next).collect::<Result<Vec<_>, _>>()?;
        let initial = rows.remove(0);
        let transitions = rows.concat();
        Ok(Self { initial, transitions, emissions: self.emissions.from_vector(coordinates)?, rows: self.rows.clone() })
    }
}

impl<C> HiddenMarkovModel<C> {
    /// The first probabilities, then the rows of transitions, and how each is estimated.
    fn rows_to_estimate(&self) -> impl Iterator<Item = (&[f64], &RowEstimate)> {
        let rows = self.transitions.chunks_exact(self.states()).enumerate();
        let of_transitions = rows.map(|(from, row)| (row, self.rows.from_state(from)));
        std::iter::once((&self.initial[..], &self.rows.initial)).chain(of_transitions)
    }
}

/// The first of the most probable states, and those that are free beside it.
fn free(row: &[f64]) -> (usize, Vec<usize>) {
    let largest = (1..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best });
    (largest, (0..row.len()).filter(|k| *k != largest && row[*k] >= HELD).collect())
}

/// The row in which the free probabilities have these log-ratios to the most probable.
fn moved(row: &[f64], ratios: &[f64]) -> Result<Vec<f64>, Error> {
    let (largest, free) = free(row);
    if free.is_empty() {
        return Ok(row.to_vec());
    }
    for &ratio in ratios {
        Error::check(ratio.is_finite(), "log-ratio", ratio, "(−∞, ∞)")?;
    }
    let greatest = ratios.iter().fold(0.0, |greatest: f64, r| greatest.max(*r));
    let relative = |ratio: f64| (ratio - greatest).exp();
    let together: f64 = row[largest] + free.iter().map(|&k| row[k]).sum::<f64>();
    let sum = relative(0.0) + ratios.iter().map(|r| relative(*r)).sum::<f64>();
    let mut moved = row.to_vec();
    moved[largest] = together * relative(0.0) / sum;
    free.iter().zip(ratios).for_each(|(&k, &ratio)| moved[k] = together * relative(ratio) / sum);
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::Poisson;

    #[test]
    fn coordinates_come_back_and_what_is_0_stays_0() {
        let calls = [1.0, 4.0, 9.0].map(|rate| Poisson::new(rate).unwrap()).to_vec();
        let rows = [[0.5, 0.5, 0.0], [0.1, 0.2, 0.7], [0.0, 0.0, 1.0]];
        let chain = HiddenMarkovModel::new(&[1.0 - 1e-12, 1e-12, 0.0], &rows, calls).unwrap();
        let vector = chain.to_vector();
        assert_eq!(vector.len(), 1 + 2 + 3);
        let back = chain.from_vector(&vector).unwrap();
        for (a, b) in chain.transitions().iter().flatten().zip(back.transitions().iter().flatten()) {
            assert!((a - b).abs() < 1e-15);
        }
        let moved = chain.from_vector(&vector.iter().map(|c| c + 0.3).collect::<Vec<_>>()).unwrap();
        assert_eq!(moved.initial(), chain.initial());
        assert_eq!((moved.transitions().row(0)[2], moved.transitions().row(2)[0]), (0.0, 0.0));
        assert!(moved.transitions().iter().all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-15));
    }
}
