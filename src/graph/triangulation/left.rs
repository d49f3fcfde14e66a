//! The variables that are left while others are eliminated: who is whose neighbour, and what eliminating each would cost.
//!
//! Costs are carried from step to step: a new edge changes those of its ends and of whoever has both as neighbours,
//! O(d) with d neighbours. All of them are whole numbers, so what is carried is what would be counted anew.

pub(crate) struct Left {
    /// With some that are gone, never more than are left: a variable of many neighbours is not searched for each.
    neighbours: Vec<Vec<usize>>,
    gone: Vec<bool>,
    /// How many of the neighbours are gone.
    stale: Vec<usize>,
    /// How many of those that are left have more than one state.
    branching: Vec<usize>,
    states: Vec<usize>,
    /// Of the table over each and its neighbours.
    cells: Vec<f64>,
    /// How many neighbours are left.
    degrees: Vec<usize>,
    /// How many pairs of neighbours are not joined yet.
    fill: Vec<usize>,
    /// Who bears the last mark, and of whom it is known that the cost may have changed.
    marks: Marks,
    changed: Marks,
}

/// A set that is emptied in no time.
struct Marks {
    of: Vec<u32>,
    last: u32,
}

impl Marks {
    fn new(count: usize) -> Self {
        Self { of: vec![0; count], last: 0 }
    }

    fn clear(&mut self) {
        self.last += 1;
    }

    /// Whether it was not in yet.
    fn insert(&mut self, v: usize) -> bool {
        std::mem::replace(&mut self.of[v], self.last) != self.last
    }

    fn contains(&self, v: usize) -> bool {
        self.of[v] == self.last
    }
}

impl Left {
    pub(crate) fn new(neighbours: Vec<Vec<usize>>, states: &[usize]) -> Self {
        let count = states.len();
        let mut left = Self {
            gone: vec![false; count],
            stale: vec![0; count],
            branching: neighbours.iter().map(|of| of.iter().filter(|&&u| states[u] > 1).count()).collect(),
            cells: vec![0.0; count],
            degrees: neighbours.iter().map(Vec::len).collect(),
            fill: vec![0; count],
            marks: Marks::new(count),
            changed: Marks::new(count),
            neighbours,
            states: states.to_vec(),
        };
        for v in 0..count {
            left.cells[v] = left.count_cells(v);
            left.fill[v] = left.count_fill(v);
        }
        left
    }

    /// What eliminating `v` costs, as numbers in order: new edges, then cells, which are ordered as their bits are.
    pub(crate) fn cost(&self, v: usize) -> (usize, u64) {
        (self.fill[v], self.cells[v].to_bits())
    }

    /// The cells of the table over `v` and its neighbours.
    pub(crate) fn cells(&self, v: usize) -> f64 {
        self.cells[v]
    }

    /// Who is left.
    pub(crate) fn variables(&self) -> impl Iterator<Item = usize> {
        (0..self.gone.len()).filter(|&v| !self.gone[v])
    }

    pub(crate) fn states(&self, v: usize) -> usize {
        self.states[v]
    }

    /// How many there were at first.
    pub(crate) fn len(&self) -> usize {
        self.gone.len()
    }

    pub(crate) fn is_gone(&self, v: usize) -> bool {
        self.gone[v]
    }

    /// The neighbours that are left, in any order.
    pub(crate) fn neighbours(&self, v: usize) -> impl Iterator<Item = usize> {
        self.neighbours[v].iter().copied().filter(|&u| !self.gone[u])
    }

    fn count_cells(&self, v: usize) -> f64 {
        // 2¹⁰²⁴ is no number any more: a long list is not gone through to learn that.
        if self.branching[v] >= 1024 {
            return f64::INFINITY;
        }
        self.neighbours(v).fold(self.states[v] as f64, |cells, u| cells * self.states[u] as f64)
    }

    fn count_fill(&mut self, v: usize) -> usize {
        self.mark_neighbours(v);
        // An edge is found from its end of fewer neighbours: those of a hub are not gone through for each of them.
        let rank = |u: usize| (self.degrees[u], u);
        let last = self.neighbours[v].iter().copied().max_by_key(|&u| rank(u));
        let joined =
            |a: usize| self.neighbours[a].iter().filter(|&&b| self.marks.contains(b) && rank(b) > rank(a)).count();
        let edges: usize = self.neighbours[v].iter().filter(|&&a| Some(a) != last).map(|&a| joined(a)).sum();
        self.degrees[v] * self.degrees[v].saturating_sub(1) / 2 - edges
    }

    fn mark_neighbours(&mut self, v: usize) {
        self.marks.clear();
        for &u in self.neighbours[v].iter().filter(|&&u| !self.gone[u]) {
            self.marks.insert(u);
        }
    }

    /// Joins the neighbours of `next`, takes it from their lists and returns them; `changed` are those whose cost may
    /// differ now.
    pub(crate) fn eliminate(&mut self, next: usize, changed: &mut Vec<usize>) -> Vec<usize> {
        let mut around = std::mem::take(&mut self.neighbours[next]);
        around.retain(|&v| !self.gone[v]);
        changed.clone_from(&around);
        if self.fill[next] > 0 {
            self.changed.clear();
            for &v in around.iter().chain([&next]) {
                self.changed.insert(v);
            }
            around.sort_unstable_by_key(|&v| (self.neighbours[v].len(), v));
            // The last, of the most neighbours, has been asked by all others.
            for (place, &a) in around.iter().enumerate().take(around.len() - 1) {
                self.mark_neighbours(a);
                for &b in &around[place + 1..] {
                    if !self.marks.contains(b) {
                        self.join(a, b, changed);
                    }
                }
            }
        }
        self.gone[next] = true;
        let weighs = usize::from(self.states[next] > 1);
        for &u in &around {
            self.branching[u] -= weighs;
            // As many pairs as u has neighbours that are not next's.
            self.fill[u] -= self.degrees[u] - self.degrees[next];
            self.degrees[u] -= 1;
            self.stale[u] += 1;
            if 2 * self.stale[u] > self.neighbours[u].len() {
                self.stale[u] = 0;
                self.neighbours[u].retain(|&v| !self.gone[v]);
            }
            self.cells[u] = self.count_cells(u);
        }
        around
    }

    /// Adds the edge a – b; the neighbours of `a` bear the mark, and `b` does afterwards.
    fn join(&mut self, a: usize, b: usize, changed: &mut Vec<usize>) {
        let mut common = 0;
        for &u in &self.neighbours[b] {
            if self.marks.contains(u) {
                // Whoever has both as neighbours has one pair less to join.
                self.fill[u] -= 1;
                common += 1;
                if self.changed.insert(u) {
                    changed.push(u);
                }
            }
        }
        for (v, u) in [(a, b), (b, a)] {
            self.fill[v] += self.degrees[v] - common;
            self.degrees[v] += 1;
            self.neighbours[v].push(u);
            self.branching[v] += usize::from(self.states[u] > 1);
        }
        self.marks.insert(b);
    }
}
