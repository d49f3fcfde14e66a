//! A user's bank: normals of one variance, σ² with p(σ²) ∝ σ^(−weight) exp(−sum / 2σ²); and faults to plant in it.
#![allow(dead_code, reason = "each test takes what it needs")]

use marginal::components::{Components, SampleGiven};
use marginal::distributions::{Distribution, Normal};
use marginal::error::Error;
use marginal::rand::Rng;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prior {
    pub(crate) weight: f64,
    pub(crate) sum: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tied {
    pub(crate) means: Vec<f64>,
    pub(crate) variance: f64,
    pub(crate) prior: Option<Prior>,
}

/// Of each member Σ w, the mean, Σ w (x − mean)².
#[derive(Clone, Debug)]
pub(crate) struct Sums(pub(crate) Vec<[f64; 3]>);

impl marginal::data::Statistics for Sums {
    fn merge(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0).filter(|(_, b)| b[0] > 0.0) {
            let (weight, difference) = (a[0] + b[0], b[1] - a[1]);
            *a = [
                weight,
                a[1] + difference * b[0] / weight,
                a[2] + b[2] + difference * difference * a[0] * b[0] / weight,
            ];
        }
    }
    fn scale(&mut self, factor: f64) {
        self.0.iter_mut().for_each(|[weight, _, squares]| {
            *weight *= factor;
            *squares *= factor;
        });
    }
}

impl Tied {
    fn normal(&self, z: usize) -> Normal {
        Normal::new(self.means[z], self.variance.sqrt()).unwrap()
    }
}

impl Components for Tied {
    type Value = f64;
    type Statistics = Sums;

    fn count(&self) -> usize {
        self.means.len()
    }

    fn log_density_given(&self, x: &f64, z: usize) -> f64 {
        self.normal(z).log_density(x)
    }

    fn empty_statistics(&self) -> Sums {
        Sums(vec![[0.0; 3]; self.means.len()])
    }

    fn observe_given(&self, s: &mut Sums, x: &f64, z: usize, weight: f64) {
        let mut one = self.empty_statistics();
        one.0[z] = [weight, *x, 0.0];
        marginal::data::Statistics::merge(s, &one);
    }

    fn estimate_together(&self, s: &Sums, seen: &[bool]) -> Result<Self, Error> {
        let Prior { weight, sum } = self.prior.unwrap_or(Prior { weight: 0.0, sum: 0.0 });
        let mut means = self.means.clone();
        for (z, [weight, mean, _]) in s.0.iter().enumerate().filter(|(z, _)| seen[*z]) {
            if !(*weight > 0.0) {
                return Err(Error::NoWeight { weight: *weight }.of_component(z));
            }
            means[z] = *mean;
        }
        let squares: f64 = s.0.iter().map(|s| s[2]).sum();
        let variance = (squares + sum) / (s.0.iter().map(|s| s[0]).sum::<f64>() + weight);
        if !(variance > 1e-20) {
            return Err(Error::Singular { column: 0, pivot: variance });
        }
        Ok(Self { means, variance, prior: self.prior })
    }

    fn expected_log_densities(&self, s: &Sums) -> f64 {
        let of_member = |([weight, mean, squares], own): (&[f64; 3], &f64)| {
            let square = squares + weight * (mean - own).powi(2);
            -0.5 * (square / self.variance + weight * (std::f64::consts::TAU * self.variance).ln())
        };
        s.0.iter().zip(&self.means).map(of_member).sum()
    }

    fn log_prior_density(&self) -> Option<f64> {
        self.prior.map(|Prior { weight, sum }| -0.5 * (weight * self.variance.ln() + sum / self.variance))
    }

    fn degrees_of_freedom(&self) -> Option<usize> {
        Some(self.means.len() + 1)
    }
}

impl SampleGiven for Tied {
    fn sample_given(&self, z: usize, rng: &mut dyn Rng) -> f64 {
        self.normal(z).sample(rng)
    }
}
