//! Label switching: the components of a replicate, brought into the order of those of the estimate.

use crate::uncertainty::named::{NamedParameters, Naming};

/// The squared distance of what is not as it is in the estimate and in most replicates.
const STAYS: f64 = 1e12;

fn values<P: NamedParameters>(theta: &P) -> Vec<f64> {
    theta.named_parameters(Naming::default()).into_iter().map(|p| p.value).collect()
}

/// Changes the places of parts until no change brings the parameters nearer to those of the estimate. Distances are in
/// units of each parameter's median distance among the replicates; what most replicates have as the estimate has it, such as
/// what is held, stays. Returns how many replicates were changed.
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
        let each = values(theta).into_iter().zip(&at).zip(&scales).filter(|((value, at), _)| value != *at);
        each.map(|((value, at), scale)| if *scale > 0.0 { ((value - at) / scale).powi(2) } else { STAYS }).sum::<f64>()
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
    use crate::distributions::{MaybeFixed, Poisson};
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

    #[test]
    fn components_that_are_known_keep_their_places() {
        let mixture = |share: f64| {
            let known = [2.0, 20.0].map(|rate| MaybeFixed::fixed(Poisson::new(rate).unwrap()));
            Mixture::new(vec![share, 1.0 - share], known.to_vec()).unwrap()
        };
        // The fifth lies nearer to the estimate with its shares exchanged.
        let mut replicates = [0.45, 0.5, 0.4, 0.48, 0.58].map(mixture).to_vec();
        assert_eq!(put_in_place(&mixture(0.44), &mut replicates), 0);
        assert_eq!(replicates[4].proportions()[0], 0.58);
    }
}
