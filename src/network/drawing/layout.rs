//! Where boxes stand and arrows run: parents above their children, neighbours near one another (Sugiyama et al. 1981).
//!
//! Every node has a row. An arrow that passes rows on its way has a bend in each, which keeps its place there among the
//! boxes; so no arrow runs through a box.

use crate::graph::DirectedGraph;

/// So often each row is sorted by where the rows beside it stand.
const SWEEPS: usize = 32;
/// What an arrow takes of a row that it passes, in widths of a box.
const LANE: f64 = 0.12;
/// An arrow that passes more rows than this has no bends.
const MOST_BENDS: usize = 48;
/// A bend that leaves its line is seen more than a box out of the middle.
const STRAIGHTNESS: f64 = 4.0;

/// All x in widths of a box from the left.
pub(crate) struct Layout {
    /// The row of each node, from above, and where its middle stands.
    pub(crate) places: Vec<(usize, f64)>,
    /// For each node and each of its parents where their arrow runs in the rows between the two, from above.
    pub(crate) bends: Vec<Vec<Vec<f64>>>,
}

/// A box or a bend.
struct Item {
    width: f64,
    x: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

/// `order` has every node after its parents.
pub(crate) fn layout<G: DirectedGraph>(graph: &G, order: &[usize]) -> Layout {
    let rows = rows(graph, order);
    let mut of_row: Vec<Vec<usize>> = vec![Vec::new(); rows.iter().max().map_or(0, |last| last + 1)];
    order.iter().for_each(|&v| of_row[rows[v]].push(v));
    let empty = |width| Item { width, x: 0.0, above: Vec::new(), below: Vec::new() };
    let mut items: Vec<Item> = (0..graph.len()).map(|_| empty(1.0)).collect();
    let mut bends: Vec<Vec<Vec<usize>>> = vec![Vec::new(); graph.len()];
    for v in 0..graph.len() {
        for &parent in graph.parents(v) {
            let passed = rows[parent] + 1..rows[v];
            let mut chain = Vec::new();
            let mut last = parent;
            for row in if passed.len() > MOST_BENDS { 0..0 } else { passed } {
                let bend = items.len();
                items.push(empty(LANE));
                of_row[row].push(bend);
                chain.push(bend);
                join(&mut items, last, bend);
                last = bend;
            }
            join(&mut items, last, v);
            bends[v].push(chain);
        }
    }
    place(&mut items, &mut of_row);
    let left = items.iter().map(|item| item.x - item.width / 2.0).fold(f64::INFINITY, f64::min);
    let x = |item: usize| items[item].x - left;
    let of_arrow = |chain: &Vec<usize>| chain.iter().map(|&bend| x(bend)).collect();
    Layout {
        places: rows.iter().enumerate().map(|(v, &row)| (row, x(v))).collect(),
        bends: bends.iter().map(|of_node| of_node.iter().map(of_arrow).collect()).collect(),
    }
}

fn join(items: &mut [Item], above: usize, below: usize) {
    items[above].below.push(below);
    items[below].above.push(above);
}

/// The longest path from a root; a root stands just above its uppermost child.
fn rows<G: DirectedGraph>(graph: &G, order: &[usize]) -> Vec<usize> {
    let mut rows = vec![0; graph.len()];
    for &v in order {
        rows[v] = graph.parents(v).iter().map(|&parent| rows[parent] + 1).max().unwrap_or(0);
    }
    let mut uppermost = vec![usize::MAX; graph.len()];
    order.iter().for_each(|&v| {
        graph.parents(v).iter().for_each(|&parent| uppermost[parent] = uppermost[parent].min(rows[v]));
    });
    let is_root = |v: usize| graph.parents(v).is_empty() && uppermost[v] != usize::MAX;
    (0..graph.len()).map(|v| if is_root(v) { uppermost[v] - 1 } else { rows[v] }).collect()
}

/// Goes through the rows down and up: each is sorted by the means of what stands beside it and takes these places, as
/// far as there is room. Of all sweeps the one with the shortest arrows is kept.
fn place(items: &mut [Item], of_row: &mut [Vec<usize>]) {
    for row in &*of_row {
        let mut x = -row.iter().map(|&item| items[item].width).sum::<f64>() / 2.0;
        for &item in row {
            items[item].x = x + items[item].width / 2.0;
            x += items[item].width;
        }
    }
    let mut best: Option<(f64, Vec<f64>)> = None;
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        let height = of_row.len();
        let next = |step: usize| if downwards { step } else { height - 1 - step };
        for row in (0..height).map(next) {
            // In the last sweeps both sides count, and no arrow is longer than it need be.
            let both = sweep >= SWEEPS / 2;
            let wish = |&item: &usize| wish(items, item, downwards, both);
            let mut wishes: Vec<(f64, usize)> = of_row[row].iter().map(|item| (wish(item), *item)).collect();
            if !both {
                wishes.sort_by(|a, b| a.0.total_cmp(&b.0));
            }
            spread(&wishes, items);
            of_row[row] = wishes.into_iter().map(|(_, item)| item).collect();
        }
        let length = length(items);
        if best.as_ref().is_none_or(|(least, _)| length < *least) {
            best = Some((length, items.iter().map(|item| item.x).collect()));
        }
    }
    if let Some((_, x)) = best {
        items.iter_mut().zip(x).for_each(|(item, x)| item.x = x);
    }
}

/// The mean of what stands beside an item on one side, or on both.
fn wish(items: &[Item], item: usize, downwards: bool, both: bool) -> f64 {
    let Item { above, below, x, .. } = &items[item];
    let (first, second) = if downwards { (above, below) } else { (below, above) };
    let second = if both || first.is_empty() { &second[..] } else { &[] };
    let (mut sum, mut weight) = (0.0, 0.0);
    for &other in first.iter().chain(second) {
        let w = if items[other].width < 1.0 && items[item].width < 1.0 { STRAIGHTNESS } else { 1.0 };
        sum += w * items[other].x;
        weight += w;
    }
    if weight > 0.0 { sum / weight } else { *x }
}

fn length(items: &[Item]) -> f64 {
    items.iter().flat_map(|item| item.below.iter().map(|&other| (items[other].x - item.x).abs())).sum()
}

/// Items as near their wishes, given in order, as their widths allow: those that would overlap share the distance.
fn spread(wishes: &[(f64, usize)], items: &mut [Item]) {
    // Runs of touching items: the mean of where they would have the run begin, how much they count, its length, and
    // how many they are.
    let mut runs: Vec<(f64, f64, f64, usize)> = Vec::new();
    for &(wish, item) in wishes {
        let width = items[item].width;
        let weight = if width < 1.0 { STRAIGHTNESS } else { 1.0 };
        let (mut start, mut weight, mut length, mut count) = (wish - width / 2.0, weight, width, 1);
        while let Some(&(before, heavy, long, many)) = runs.last()
            && before + long > start
        {
            runs.pop();
            start = (before * heavy + (start - long) * weight) / (heavy + weight);
            (weight, length, count) = (heavy + weight, long + length, many + count);
        }
        runs.push((start, weight, length, count));
    }
    let mut next = wishes.iter();
    for (mut x, _, _, count) in runs {
        for &(_, item) in next.by_ref().take(count) {
            items[item].x = x + items[item].width / 2.0;
            x += items[item].width;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LANE, layout};
    use crate::graph::DirectedGraph;

    struct Arrows(Vec<Vec<usize>>);

    impl DirectedGraph for Arrows {
        fn len(&self) -> usize {
            self.0.len()
        }
        fn parents(&self, node: usize) -> &[usize] {
            &self.0[node]
        }
    }

    #[test]
    fn boxes_do_not_overlap_arrows_point_down_and_none_runs_through_a_box() {
        let parents = vec![vec![], vec![], vec![0, 1], vec![0], vec![2, 3], vec![2, 0], vec![], vec![4, 6, 0, 1]];
        let layout = layout(&Arrows(parents.clone()), &[0, 1, 2, 3, 4, 5, 6, 7]);
        let places = &layout.places;
        let mut bends = 0;
        for (v, of_v) in parents.iter().enumerate() {
            assert!(of_v.iter().all(|&parent| places[parent].0 < places[v].0));
            let apart = |u: usize| places[u].0 != places[v].0 || (places[u].1 - places[v].1).abs() > 1.0 - 1e-9;
            assert!((0..v).all(apart), "{places:?}");
            for (&parent, of_arrow) in of_v.iter().zip(&layout.bends[v]) {
                assert_eq!(of_arrow.len(), places[v].0 - places[parent].0 - 1);
                for (row, x) in (places[parent].0 + 1..).zip(of_arrow) {
                    bends += 1;
                    let free = |u: &(usize, f64)| u.0 != row || (u.1 - x).abs() > f64::midpoint(1.0, LANE) - 1e-9;
                    assert!(places.iter().all(free), "{places:?}");
                }
            }
        }
        assert!(bends >= 4);
    }
}
