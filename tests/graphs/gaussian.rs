//! Hidden real nodes are integrated exactly: random mixed graphs against the sum over finite states of dense Gaussians.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{ConditionalGaussian, ConditionalTable, FixedConditional, LinearGaussian, Switch};
use marginal::distributions::Normal;
use marginal::graph::{Assignment, Graph, Node};
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::proptest::test_runner::Config;

/// What one node is drawn from: its kind, its parents, its numbers, and whether it is observed.
type Drawn = (u8, Vec<usize>, Vec<f64>, bool);

/// A node as the plain sum knows it: numbers for each joint state of its finite parents, the first the slowest.
struct Plain {
    finite: Vec<usize>,
    real: Vec<usize>,
    /// P(true).
    probabilities: Option<Vec<f64>>,
    /// (a, b, σ).
    lines: Vec<(f64, Vec<f64>, f64)>,
}

#[derive(Clone, Copy)]
enum Handle {
    Finite(Node<bool>),
    Real(Node<f64>),
}

struct Mixed {
    graph: Graph,
    handles: Vec<Handle>,
    plain: Vec<Plain>,
    /// The value of each node that is observed.
    seen: Vec<Option<f64>>,
}

fn line<R: marginal::conditionals::Regressors + ?Sized>(line: &(f64, Vec<f64>, f64)) -> LinearGaussian<R> {
    LinearGaussian::new(line.0, &line.1, line.2).unwrap()
}

fn mixed(drawn: &[Drawn]) -> Mixed {
    let mut g = Graph::builder();
    let (mut handles, mut plain, mut seen): (Vec<Handle>, Vec<Plain>, Vec<Option<f64>>) = Default::default();
    for (v, (kind, parents, numbers, observed)) in drawn.iter().enumerate() {
        let (mut z, mut y, mut finite, mut real) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for u in parents.iter().map(|p| p % v.max(1)).filter(|&u| u < v) {
            match handles[u] {
                Handle::Finite(node) if finite.len() < 2 && !finite.contains(&u) => (z.push(node), finite.push(u)).1,
                Handle::Real(node) if real.len() < 2 && !real.contains(&u) => (y.push(node), real.push(u)).1,
                _ => (),
            }
        }
        // What the kind has no use for.
        match kind {
            0 | 2 => (y.clear(), real.clear()).1,
            1 => (z.clear(), finite.clear(), y.clear(), real.clear()).3,
            3 => (z.clear(), finite.clear()).1,
            5 if z.len() == 1 && y.len() == 1 => (),
            _ if y.is_empty() => (),
            _ if z.is_empty() => (),
            _ => (z.truncate(1), finite.truncate(1)).1,
        }
        let configurations = 1 << z.len();
        let number = |n: usize| numbers[n % numbers.len()];
        let p: Vec<f64> = (0..configurations).map(|c| 0.1 + 0.08 * number(c).abs()).collect();
        let mut lines: Vec<(f64, Vec<f64>, f64)> = (0..configurations)
            .map(|c| {
                let slopes = (0..y.len()).map(|j| 0.3 * number(5 * c + j + 1)).collect();
                (number(5 * c), slopes, 0.3 + 0.2 * number(5 * c + 4).abs())
            })
            .collect();
        let name = format!("x{v}");
        let normal = |l: &(f64, Vec<f64>, f64)| Normal::new(l.0, l.2).unwrap();
        let table = || p.iter().map(|p| [1.0 - p, *p]);
        let handle = match (kind, &z[..], &y[..]) {
            (0, [], _) => Handle::Finite(g.node(name, (), ConditionalTable::new(table()).unwrap())),
            (0, &[a], _) => Handle::Finite(g.node(name, a, ConditionalTable::new(table()).unwrap())),
            (0, &[a, b], _) => Handle::Finite(g.node(name, (a, b), ConditionalTable::new(table()).unwrap())),
            // A bool that counts as a number.
            (5, &[a], &[x]) => {
                let (first, step) = (lines[0].clone(), number(9));
                lines[1] = (first.0 + step, first.1.clone(), first.2);
                let plane: LinearGaussian<(f64, bool)> =
                    LinearGaussian::new(first.0, &[first.1[0], step], first.2).unwrap();
                Handle::Real(g.node(name, (x, a), plane))
            }
            (_, [], []) => Handle::Real(g.node(name, (), normal(&lines[0]))),
            (_, [], &[x]) => Handle::Real(g.node(name, x, FixedConditional(line(&lines[0])))),
            (_, [], _) => Handle::Real(g.node(name, &y[..], line(&lines[0]))),
            (_, &[a], []) => {
                Handle::Real(g.node(name, a, Switch::new(lines.iter().map(normal).collect::<Vec<_>>()).unwrap()))
            }
            (_, &[a, b], []) => {
                Handle::Real(g.node(name, (a, b), Switch::new(lines.iter().map(normal).collect::<Vec<_>>()).unwrap()))
            }
            (_, &[a], &[x]) => {
                let lines = lines.iter().map(line).collect();
                Handle::Real(g.node(name, (a, x), ConditionalGaussian::new(lines).unwrap()))
            }
            (_, &[a], &[x, w]) => {
                let lines = lines.iter().map(line).collect();
                Handle::Real(g.node(name, (a, (x, w)), ConditionalGaussian::new(lines).unwrap()))
            }
            _ => unreachable!(),
        };
        let is_finite = matches!(handle, Handle::Finite(_));
        let value = if is_finite { f64::from(u8::from(number(3) > 0.0)) } else { number(7) };
        seen.push(observed.then_some(value));
        handles.push(handle);
        plain.push(Plain { finite, real, probabilities: is_finite.then_some(p), lines });
    }
    Mixed { graph: g.build().unwrap(), handles, plain, seen }
}

/// Solves A X = B by Gauss–Jordan elimination with pivots, and gives ln |det A|.
fn solved(mut a: Vec<Vec<f64>>, mut b: Vec<Vec<f64>>) -> (Vec<Vec<f64>>, f64) {
    let mut log_determinant = 0.0;
    for k in 0..a.len() {
        let pivot = (k..a.len()).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap();
        a.swap(k, pivot);
        b.swap(k, pivot);
        log_determinant += a[k][k].abs().ln();
        for i in (0..a.len()).filter(|&i| i != k) {
            let f = a[i][k] / a[k][k];
            let (of_a, of_b) = (a[k].clone(), b[k].clone());
            a[i].iter_mut().zip(of_a).for_each(|(x, y)| *x -= f * y);
            b[i].iter_mut().zip(of_b).for_each(|(x, y)| *x -= f * y);
        }
    }
    for k in 0..a.len() {
        let pivot = a[k][k];
        b[k].iter_mut().for_each(|x| *x /= pivot);
    }
    (b, log_determinant)
}

/// ln p(evidence), P(true) of each finite node, mean and variance of each real one: all states, all covariances.
fn by_enumeration(m: &Mixed) -> (f64, Vec<(f64, f64)>) {
    let n = m.plain.len();
    let is_finite = |v: usize| m.plain[v].probabilities.is_some();
    let hidden: Vec<usize> = (0..n).filter(|&v| is_finite(v) && m.seen[v].is_none()).collect();
    let mut terms: Vec<(f64, Vec<(f64, f64)>)> = Vec::new();
    for state in 0..1usize << hidden.len() {
        let mut value: Vec<f64> = m.seen.iter().map(|x| x.unwrap_or(0.0)).collect();
        hidden.iter().enumerate().for_each(|(bit, &v)| value[v] = (state >> bit & 1) as f64);
        let (mut log_p, mut mean, mut covariance) = (0.0, vec![0.0; n], vec![vec![0.0; n]; n]);
        for v in 0..n {
            let row = m.plain[v].finite.iter().fold(0, |row, &u| 2 * row + value[u] as usize);
            if let Some(p) = &m.plain[v].probabilities {
                log_p += if value[v] == 1.0 { p[row].ln() } else { (1.0 - p[row]).ln() };
                continue;
            }
            let (a, b, sigma) = &m.plain[v].lines[row];
            let parents: Vec<(f64, usize)> = b.iter().copied().zip(m.plain[v].real.iter().copied()).collect();
            mean[v] = a + parents.iter().map(|(b, u)| b * mean[*u]).sum::<f64>();
            let across = |w: usize| parents.iter().map(|(b, u)| b * covariance[*u][w]).sum();
            let with_earlier: Vec<f64> = (0..v).map(across).collect();
            for (w, c) in with_earlier.into_iter().enumerate() {
                (covariance[v][w], covariance[w][v]) = (c, c);
            }
            covariance[v][v] = sigma * sigma + parents.iter().map(|(b, u)| b * covariance[*u][v]).sum::<f64>();
        }
        let seen: Vec<usize> = (0..n).filter(|&v| !is_finite(v) && m.seen[v].is_some()).collect();
        let of_seen = seen.iter().map(|&i| seen.iter().map(|&j| covariance[i][j]).collect()).collect();
        // Columns: the residual, then the covariances with each node.
        let right = seen.iter().map(|&i| [vec![value[i] - mean[i]], covariance[i].clone()].concat()).collect();
        let (x, log_determinant) = solved(of_seen, right);
        let squares: f64 = seen.iter().zip(&x).map(|(&i, x)| (value[i] - mean[i]) * x[0]).sum();
        log_p -= 0.5 * (squares + log_determinant + seen.len() as f64 * std::f64::consts::TAU.ln());
        let of_node = |v: usize| {
            if is_finite(v) || m.seen[v].is_some() {
                return (value[v], 0.0);
            }
            let moved: f64 = seen.iter().zip(&x).map(|(&i, x)| covariance[v][i] * x[0]).sum();
            let known: f64 = seen.iter().zip(&x).map(|(&i, x)| covariance[v][i] * x[v + 1]).sum();
            (mean[v] + moved, covariance[v][v] - known)
        };
        terms.push((log_p, (0..n).map(of_node).collect()));
    }
    let largest = terms.iter().map(|t| t.0).fold(f64::NEG_INFINITY, f64::max);
    let log_evidence = largest + terms.iter().map(|t| (t.0 - largest).exp()).sum::<f64>().ln();
    let over = |f: &dyn Fn(&(f64, f64)) -> f64, v: usize| -> f64 {
        terms.iter().map(|t| (t.0 - log_evidence).exp() * f(&t.1[v])).sum()
    };
    let of_node = |v: usize| {
        let mean = over(&|t| t.0, v);
        (mean, over(&|t| t.1 + (t.0 - mean).powi(2), v))
    };
    (log_evidence, (0..n).map(of_node).collect())
}

fn any_graph() -> impl Strategy<Value = Vec<Drawn>> {
    let node = (0u8..6, vec(0usize..60, 0..4), vec(-3.0..3.0f64, 11), any::<bool>());
    vec(node, 1..=9)
}

fn evidence(m: &Mixed) -> Assignment<'_> {
    m.handles.iter().zip(&m.seen).fold(m.graph.evidence(), |e, (handle, seen)| match (handle, seen) {
        (Handle::Finite(node), Some(x)) => e.with(*node, *x == 1.0),
        (Handle::Real(node), Some(x)) => e.with(*node, *x),
        _ => e,
    })
}

proptest! {
    #![proptest_config(Config { cases: 600, failure_persistence: None, ..Config::default() })]

    #[test]
    fn random_mixed_graphs_agree_with_the_sum_of_dense_gaussians(drawn in any_graph()) {
        let m = mixed(&drawn);
        let (log_evidence, expected) = by_enumeration(&m);
        let seen = evidence(&m);
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
        let all = m.graph.infer(&seen).unwrap();
        prop_assert!(close(all.log_evidence(), log_evidence), "{} {log_evidence}", all.log_evidence());
        prop_assert!(close(m.graph.log_evidence(&seen).unwrap(), log_evidence));
        for (handle, &(mean, variance)) in m.handles.iter().zip(&expected) {
            match *handle {
                Handle::Finite(node) => {
                    let (one, other) = (m.graph.posterior(node, &seen).unwrap(), all.of(node).unwrap());
                    prop_assert!(close(one.probability(&true), mean) && close(other.probability(&true), mean));
                    prop_assert!(close(one.log_evidence(), log_evidence));
                }
                Handle::Real(node) => {
                    for p in [m.graph.posterior(node, &seen).unwrap(), all.of(node).unwrap()] {
                        prop_assert!(close(p.mean(), mean), "mean {} {mean}", p.mean());
                        prop_assert!(close(p.variance(), variance), "variance {} {variance}", p.variance());
                        prop_assert!(close(p.weights().iter().sum(), 1.0) && close(p.cdf(1e9), 1.0));
                    }
                }
            }
        }
    }
}

/// A random walk seen with noise: ln p, and mean and variance of each state, by Kalman's filter and Rauch, Tung and
/// Striebel's smoother.
fn smoothed(seen: &[f64], step: f64, noise: f64) -> (f64, Vec<(f64, f64)>) {
    let (mut log_evidence, mut filtered): (f64, Vec<(f64, f64)>) = (0.0, Vec::new());
    for y in seen {
        let (mean, variance) = filtered.last().map_or((0.0, 1.0), |(m, v)| (*m, v + step * step));
        let total = variance + noise * noise;
        log_evidence -= 0.5 * ((y - mean).powi(2) / total + (std::f64::consts::TAU * total).ln());
        let gain = variance / total;
        filtered.push((mean + gain * (y - mean), (1.0 - gain) * variance));
    }
    let mut all = filtered.clone();
    for t in (0..seen.len() - 1).rev() {
        let (mean, variance) = filtered[t];
        let ahead = variance + step * step;
        let gain = variance / ahead;
        all[t] = (mean + gain * (all[t + 1].0 - mean), variance + gain * gain * (all[t + 1].1 - ahead));
    }
    (log_evidence, all)
}

#[test]
fn a_chain_of_ten_thousand_reals_is_the_kalman_smoother() {
    let (step, noise, len) = (0.5, 0.75, 10_000);
    let times = (0..len).map(f64::from);
    let seen: Vec<f64> = times.map(|t| 3.0 * (t * 0.01).sin() + (t * 1.7).cos()).collect();
    let mut g = Graph::builder();
    let mut states: Vec<Node<f64>> = Vec::new();
    let mut readings = Vec::new();
    for t in 0..len {
        let state = match states.last() {
            None => g.node("x0", (), Normal::standard()),
            Some(&last) => g.node(format!("x{t}"), last, LinearGaussian::new(0.0, &[1.0], step).unwrap()),
        };
        readings.push(g.node(format!("y{t}"), state, LinearGaussian::<f64>::new(0.0, &[1.0], noise).unwrap()));
        states.push(state);
    }
    let graph = g.build().unwrap();
    let all_seen = readings.iter().zip(&seen).fold(graph.evidence(), |e, (&node, y)| e.with(node, *y));
    let posteriors = graph.infer(&all_seen).unwrap();
    let (log_evidence, expected) = smoothed(&seen, step, noise);
    assert!((posteriors.log_evidence() / log_evidence - 1.0).abs() < 1e-12);
    for (&state, (mean, variance)) in states.iter().zip(&expected) {
        let posterior = posteriors.of(state).unwrap();
        assert!((posterior.mean() - mean).abs() < 1e-11 && (posterior.variance() - variance).abs() < 1e-12);
    }
}

#[test]
fn precise_factors_beside_vague_ones_keep_their_digits() {
    // x₁ ~ N(0, 1), x₂ = x₁ ± 1e-8, y = x₂ ± 1: the precision of (x₁, x₂) has entries of 1e16.
    let mut g = Graph::builder();
    let first = g.node("first", (), Normal::standard());
    let second = g.node("second", first, LinearGaussian::new(0.0, &[1.0], 1e-8).unwrap());
    let seen = g.node("seen", second, LinearGaussian::<f64>::new(0.0, &[1.0], 1.0).unwrap());
    let graph = g.build().unwrap();
    let posteriors = graph.infer(&graph.evidence().with(seen, 3.0)).unwrap();
    for node in [first, second] {
        let posterior = posteriors.of(node).unwrap();
        assert!((posterior.mean() - 1.5).abs() < 1e-14 && (posterior.variance() - 0.5).abs() < 1e-14);
    }
    let expected = -0.5 * (9.0 / 2.0 + (2.0 * std::f64::consts::TAU).ln());
    assert!((posteriors.log_evidence() - expected).abs() < 1e-14);
}
