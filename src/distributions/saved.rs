//! What is written of each distribution and prior.

use crate::error::saved;

use super::{
    Bernoulli, Beta, Binomial, Categorical, CovarianceRoot, Dirichlet, Exponential, Gamma, Geometric, Imagined,
    Independent, InverseGamma, InverseWishart, Laplace, LogNormal, LowRankNormal, Multinomial, MultivariateNormal,
    Noise, Normal, NormalInverseGamma, NormalInverseWishart, Poisson, Prior, StudentT, Uniform, VonMises, WithPrior,
};

// A probability near 1 keeps the digits of its complement only if that is written too.
saved!([] [] Bernoulli, |d| { probability: f64 = d.chances()[0], #[serde(default)] complement: Option<f64> = Some(d.chances()[1]) }
    => Bernoulli::of_chances(probability, complement.unwrap_or(1.0 - probability)));
saved!([] [] Geometric, |d| { probability: f64 = d.chances()[0], #[serde(default)] complement: Option<f64> = Some(d.chances()[1]) }
    => Geometric::of_chances(probability, complement.unwrap_or(1.0 - probability)));
saved!([] [] Binomial, |d| {
        trials: u64 = d.trials(),
        probability: f64 = d.chances()[0],
        #[serde(default)] complement: Option<f64> = Some(d.chances()[1]),
    }
    => Binomial::of_chances(trials, probability, complement.unwrap_or(1.0 - probability)));
saved!([] [] Categorical, |d| { probabilities: Vec<f64> = d.probabilities().to_vec() } => Categorical::new(probabilities));
saved!([] [] Poisson, |d| { rate: f64 = d.rate() } => Poisson::new(rate));
saved!([] [] Exponential, |d| { rate: f64 = d.rate() } => Exponential::new(rate));
saved!([] [] Gamma, |d| { shape: f64 = d.shape(), rate: f64 = d.rate() } => Gamma::new(shape, rate));
saved!([] [] Beta, |d| { a: f64 = d.a(), b: f64 = d.b() } => Beta::new(a, b));
saved!([] [] Laplace, |d| { location: f64 = d.location(), scale: f64 = d.scale() } => Laplace::new(location, scale));
saved!([] [] Uniform, |d| { lower: f64 = d.lower(), upper: f64 = d.upper() } => Uniform::new(lower, upper));
saved!([] [] StudentT, |d| {
        location: f64 = d.location(),
        scale: f64 = d.scale(),
        degrees_of_freedom: f64 = d.degrees_of_freedom(),
    }
    => StudentT::new(location, scale, degrees_of_freedom));
saved!([] [] VonMises, |d| { mean_direction: f64 = d.mean_direction(), concentration: f64 = d.concentration() }
    => VonMises::new(mean_direction, concentration));
saved!([] [] Normal, |d| {
        mean: f64 = d.mean(),
        standard_deviation: f64 = d.standard_deviation(),
        /// Whether an estimate keeps the mean, and the standard deviation.
        #[serde(default)] held: [bool; 2] = d.held,
    }
    => Normal::new(mean, standard_deviation).map(|mut normal| { normal.held = held; normal }));
saved!([] [] LogNormal, |d| { mean_of_log: f64 = d.logarithm().mean(), deviation_of_log: f64 = d.logarithm().standard_deviation() }
    => LogNormal::new(mean_of_log, deviation_of_log));

saved!([] [] Dirichlet, |d| { concentrations: Vec<f64> = d.concentrations().to_vec() } => Dirichlet::new(concentrations));
saved!([] [] Multinomial, |d| { trials: u64 = d.trials(), probabilities: Vec<f64> = d.probabilities().to_vec() }
    => Multinomial::new(trials, probabilities));
saved!([] [F] MultivariateNormal<F>, |d| { mean: Vec<f64> = d.mean().to_vec(), root: CovarianceRoot = d.root() }
    => MultivariateNormal::from_root(mean, root).map(MultivariateNormal::over));

saved!([] [] LowRankNormal, |d| {
    mean: Vec<f64> = d.mean().to_vec(),
    loadings: Vec<Vec<f64>> = d.loadings().iter().map(<[f64]>::to_vec).collect(),
    noise: Vec<f64> = d.noise().to_vec(),
    #[serde(default)] shape: Noise = d.shape(),
    #[serde(default)] floors: Option<Vec<f64>> = Some(d.floors_of_noise().to_vec()),
}
=> LowRankNormal::from_rows(mean, &loadings, &noise, shape).and_then(|d| match floors {
    Some(floors) => d.floors(floors),
    None => Ok(d),
}));

saved!([D: Clone] [] Independent<D>, |d| {
        columns: Vec<D> = d.parts().to_vec(),
        /// Whether NaN is a missing cell.
        #[serde(default)] missing_cells: bool = d.missing,
    }
    => Independent::new(columns).map(|d| d.missing_cells(missing_cells)));
saved!([D: Clone, P: Prior<D>] [] WithPrior<D, P>, |d| { likelihood: D = d.likelihood().clone(), prior: P = d.prior().clone() }
    => WithPrior::new(likelihood, prior));
saved!([] [] InverseGamma, |d| { shape: f64 = d.shape(), scale: f64 = d.scale() } => InverseGamma::new(shape, scale));
saved!([] [] NormalInverseGamma, |d| { mean: f64 = d.mean(), strength: f64 = d.strength(), variance: InverseGamma = *d.variance() }
    => NormalInverseGamma::new(mean, strength, variance));
saved!([] [] InverseWishart, |prior| {
        degrees_of_freedom: f64 = prior.degrees_of_freedom,
        scale: Vec<f64> = prior.scale.clone(),
    }
    => InverseWishart::new(degrees_of_freedom, scale));
saved!([] [] NormalInverseWishart, |prior| {
        mean: Vec<f64> = prior.mean().to_vec(),
        strength: f64 = prior.strength(),
        covariance: InverseWishart = prior.covariance().clone(),
    }
    => NormalInverseWishart::new(mean, strength, covariance));
saved!([V: Clone] [] Imagined<V>, |prior| { values: Vec<V> = prior.values().to_vec(), weights: Vec<f64> = prior.weights().to_vec() }
    => Imagined::weighted(values, weights));
