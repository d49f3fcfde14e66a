//! A joint state chosen clique by clique, from the roots down: each clique is given what was chosen above it.

use super::calibration::Calibration;
use super::clique_logarithms::relative;

impl Calibration {
    /// A state for each variable that the first so many cliques sum out, from the last of them down; `choose` gets the
    /// cells that agree with what is chosen above, up to a factor.
    pub(crate) fn descend(&self, cliques: usize, row: &mut [usize], mut choose: impl FnMut(&[f64]) -> usize) {
        let mut agreeing = Vec::new();
        for number in (0..cliques).rev() {
            self.agreeing(number, row, &mut agreeing);
            if self.in_logarithms {
                relative(&mut agreeing);
            }
            let chosen = choose(&agreeing);
            self.choose(number, row, chosen);
        }
    }

    /// The cells of a clique that agree with what the row has above it; logarithms, if the calibration is in logarithms.
    pub(crate) fn agreeing(&self, number: usize, row: &[usize], agreeing: &mut Vec<f64>) {
        let (clique, at) = (&self.tree.cliques[number], self.of_row(number, row));
        let cells = &self.cells[clique.cells.clone()];
        let (first, step, count) = clique.of_separator(at);
        agreeing.clear();
        agreeing.extend((0..count).map(|number| cells[first + number * step]));
    }

    /// Sets in the row the variables that a clique sums out to the states of one of the agreeing cells.
    pub(crate) fn choose(&self, number: usize, row: &mut [usize], agreeing: usize) {
        let clique = &self.tree.cliques[number];
        let (first, step, _) = clique.of_separator(self.of_row(number, row));
        let mut chosen = clique.number(first + agreeing * step);
        for &v in clique.own().iter().rev() {
            let states = self.states(v);
            row[v] = chosen % states;
            chosen /= states;
        }
    }

    /// Which of the agreeing cells the row has.
    pub(crate) fn chosen(&self, number: usize, row: &[usize]) -> usize {
        let clique = &self.tree.cliques[number];
        let (first, step, count) = clique.of_separator(self.of_row(number, row));
        let own = clique.own().iter().fold(0, |own, &v| own * self.states(v) + row[v]);
        // A list need not have all.
        (0..count).position(|number| clique.number(first + number * step) == own).unwrap_or_default()
    }

    /// The entry of the separator that the row has.
    fn of_row(&self, number: usize, row: &[usize]) -> usize {
        self.tree.cliques[number].shared().iter().fold(0, |at, &v| at * self.states(v) + row[v])
    }
}
