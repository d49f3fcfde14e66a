//! Derivatives by symmetric differences, extrapolated to step 0 (Richardson 1911; Ridders 1982).

/// Rows of the extrapolation: the last step is 2⁻⁷ of the first.
const ROWS: usize = 8;

/// What symmetric differences at steps 1, ½, ¼ of the first say at step 0, and what the second of them misses of it:
/// the errors of such differences are even in the step.
pub(in crate::uncertainty) fn extrapolated([first, second, third]: [f64; 3]) -> (f64, f64) {
    let (a, b) = ((4.0 * second - first) / 3.0, (4.0 * third - second) / 3.0);
    let best = (16.0 * b - a) / 15.0;
    (best, (best - b).abs())
}

/// Extrapolated values, and how far the best two approximations are apart.
pub(super) struct Settled {
    pub(super) values: Vec<f64>,
    pub(super) error: f64,
}

/// Halves the step until the extrapolated values change by no more than `enough` (each in its own `scale`), or get no
/// better. `differences` gives the symmetric differences at a step, `None` where it leads out of the model.
pub(super) fn settle<E>(
    first: f64,
    scales: &[f64],
    enough: f64,
    mut differences: impl FnMut(f64) -> Result<Option<Vec<f64>>, E>,
) -> Result<Settled, E> {
    let mut best = Settled { values: vec![f64::NAN; scales.len()], error: f64::INFINITY };
    let mut above: Vec<Vec<f64>> = Vec::new();
    let mut step = first;
    for _ in 0..ROWS {
        let Some(differences) = differences(step)? else {
            above.clear();
            step /= 2.0;
            continue;
        };
        let mut row = vec![differences];
        let mut power = 1.0;
        for (j, before) in above.iter().enumerate() {
            power *= 4.0;
            let better = |(new, old): (&f64, &f64)| (power * new - old) / (power - 1.0);
            let next: Vec<f64> = row[j].iter().zip(before).map(better).collect();
            let error = distance(&next, &row[j], scales).max(distance(&next, before, scales));
            if error < best.error {
                best = Settled { values: next.clone(), error };
            }
            row.push(next);
        }
        if best.error <= enough {
            break;
        }
        above = row;
        step /= 2.0;
    }
    Ok(best)
}

fn distance(a: &[f64], b: &[f64], scales: &[f64]) -> f64 {
    let each = a.iter().zip(b).zip(scales).map(|((a, b), scale)| (a - b).abs() * scale);
    each.fold(0.0, |largest, d| if d.is_nan() { f64::INFINITY } else { f64::max(largest, d) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_settle_to_ten_digits() {
        let slope = |h: f64| Ok::<_, ()>(Some(vec![((1.0 + h).sin() - (1.0 - h).sin()) / (2.0 * h)]));
        let found = settle(0.5, &[1.0], 1e-11, slope).unwrap();
        assert!((found.values[0] - 1f64.cos()).abs() < 1e-11, "{}", found.values[0]);
        let slope = |h: f64| Ok::<_, ()>((h < 0.2).then(|| vec![((1.0 + h).ln() - (1.0 - h).ln()) / (2.0 * h)]));
        assert!((settle(0.5, &[1.0], 1e-11, slope).unwrap().values[0] - 1.0).abs() < 1e-11);
    }

    #[test]
    fn a_kink_does_not_settle() {
        let second = |h: f64| Ok::<_, ()>(Some(vec![2.0 * h / (h * h)]));
        assert!(settle(0.5, &[1.0], 1e-8, second).unwrap().error > 1.0);
        let nowhere = settle(0.5, &[1.0], 1e-8, |_| Ok::<_, ()>(None)).unwrap();
        assert_eq!(nowhere.error, f64::INFINITY);
    }
}
