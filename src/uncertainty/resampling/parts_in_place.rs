//! Label switching: the components of a replicate, brought into the order of those of the estimate.

use crate::uncertainty::named::{NamedParameters, Naming};

fn values<P: NamedParameters>(theta: &P) -> Vec<f64> {
    theta.named_parameters(Naming::default()).into_iter().map(|p| p.value).collect()
}

/// Changes the places of parts until no change brings the parameters nearer to those of the estimate. Distances are in
/// units of each parameter's median distance among the replicates. Returns how many replicates were changed.
pub(super) fn put_in_place<P: NamedParameters>(estimate: &P, replicates: &mut [P]) -> usize {
    let (parts, at) = (estimate.exchangeable(), values(estimate));
    if parts < 2 || replicates.is_empty() {
        return 0;
    }
    let all: Vec<Vec<f64>> = replicates.iter().map(values).collect();
    let scales: Vec<f64> = (0..at.len())
        .map(|p| {
            let mut distances: Vec<f64> = all.iter().map(|values| (values[p] - at[p]).abs()).collect();
            distances.sort_by(f64::total_cmp);
            distances[distances.len() / 2]
        })
        .collect();
    let far = |theta: &P| {
        let each = values(theta).into_iter().zip(&at).zip(&scales).filter(|(_, scale)| **scale > 0.0);
        each.map(|((value, at), scale)| ((value - at) / scale).powi(2)).sum::<f64>()
    };
    let mut changed = 0;
    for replicate in replicates {
        let (before, mut distance) = (far(replicate), far(replicate));
        loop {
            let pairs = (0..parts).flat_map(|a| (0..a).map(move |b| (a, b)));
            let tried = pairs.map(|(a, b)| replicate.exchanged(a, b)).map(|theta| (far(&theta), theta));
            match tried.min_by(|a, b| a.0.total_cmp(&b.0)) {
                Some((nearer, theta)) if nearer < distance => (*replicate, distance) = (theta, nearer),
                _ => break,
            }
        }
        changed += usize::from(distance < before);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::Poisson;
    use crate::models::Mixture;

    #[test]
    fn components_that_changed_places_come_back() {
        let mixture = |rates: [f64; 3], shares: [f64; 3]| {
            Mixture::new(shares.to_vec(), rates.map(|rate| Poisson::new(rate).unwrap()).to_vec()).unwrap()
        };
        let estimate = mixture([1.0, 5.0, 20.0], [0.2, 0.5, 0.3]);
        let shares = [0.25, 0.45, 0.3];
        let mut replicates = vec![mixture([1.1, 5.2, 19.0], shares); 4];
        replicates.push(mixture([19.5, 1.2, 5.5], [0.3, 0.25, 0.45]));
        assert_eq!(put_in_place(&estimate, &mut replicates), 1);
        let rates: Vec<f64> = replicates[4].components().iter().map(Poisson::rate).collect();
        assert_eq!((rates, replicates[4].proportions()), (vec![1.2, 5.5, 19.5], &shares[..]));
    }
}
