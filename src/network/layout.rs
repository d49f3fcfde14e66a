//! Where the nodes of a drawing stand: parents above their children, neighbours near one another (Sugiyama et al. 1981).

use crate::graph::DirectedGraph;

/// So often each row is sorted by where the rows beside it stand.
const SWEEPS: usize = 24;

/// The place of each node: its row from above, and where its middle stands, in widths of a box from the left.
pub(super) fn layout<G: DirectedGraph>(graph: &G, order: &[usize]) -> Vec<(usize, f64)> {
    let rows = rows(graph, order);
    let height = rows.iter().max().map_or(0, |last| last + 1);
    let mut of_row: Vec<Vec<usize>> = vec![Vec::new(); height];
    order.iter().for_each(|&v| of_row[rows[v]].push(v));
    let mut x = vec![0.0; graph.len()];
    for row in &of_row {
        row.iter().enumerate().for_each(|(place, &v)| x[v] = place as f64 - row.len() as f64 / 2.0);
    }
    let mut children = vec![Vec::new(); graph.len()];
    order.iter().for_each(|&v| graph.parents(v).iter().for_each(|&parent| children[parent].push(v)));
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        let next = |step: usize| if downwards { step } else { height - 1 - step };
        for row in (0..height).map(next) {
            let wish = |&v: &usize| {
                let beside = if downwards { graph.parents(v) } else { &children[v] };
                let other = if downwards { &children[v] } else { graph.parents(v) };
                let beside = if beside.is_empty() { other } else { beside };
                if beside.is_empty() { x[v] } else { beside.iter().map(|&u| x[u]).sum::<f64>() / beside.len() as f64 }
            };
            let mut wishes: Vec<(f64, usize)> = of_row[row].iter().map(|v| (wish(v), *v)).collect();
            wishes.sort_by(|a, b| a.0.total_cmp(&b.0));
            spread(&wishes, &mut x);
            of_row[row] = wishes.into_iter().map(|(_, v)| v).collect();
        }
    }
    let left = x.iter().copied().fold(f64::INFINITY, f64::min);
    rows.into_iter().zip(x).map(|(row, x)| (row, x - left + 0.5)).collect()
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

/// Boxes as near their wishes, given in order, as their widths allow: those that would overlap share the distance.
fn spread(wishes: &[(f64, usize)], x: &mut [f64]) {
    // Runs of touching boxes: where the first stands, how many there are. A run stands where its mean wish is.
    let mut runs: Vec<(f64, usize)> = Vec::new();
    for &(wish, _) in wishes {
        let (mut start, mut count) = (wish, 1);
        while let Some(&(before, length)) = runs.last() {
            if before + length as f64 <= start {
                break;
            }
            runs.pop();
            let both = (length + count) as f64;
            start = (before * length as f64 + (start - length as f64) * count as f64) / both;
            count += length;
        }
        runs.push((start, count));
    }
    let places = runs.iter().flat_map(|&(start, count)| (0..count).map(move |step| start + step as f64));
    wishes.iter().zip(places).for_each(|((_, v), place)| x[*v] = place);
}

#[cfg(test)]
mod tests {
    use super::layout;
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
    fn boxes_do_not_overlap_and_arrows_point_down() {
        let parents = vec![vec![], vec![], vec![0, 1], vec![0], vec![2, 3], vec![2], vec![], vec![4, 6]];
        let places = layout(&Arrows(parents.clone()), &[0, 1, 2, 3, 4, 5, 6, 7]);
        for (v, of_v) in parents.iter().enumerate() {
            assert!(of_v.iter().all(|&parent| places[parent].0 < places[v].0));
            let apart = |u: usize| places[u].0 != places[v].0 || (places[u].1 - places[v].1).abs() > 1.0 - 1e-9;
            assert!((0..v).all(apart), "{places:?}");
        }
    }
}
