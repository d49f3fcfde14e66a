//! Tuples: p(a, b) = p(a) p(b), and so for three and four independent parts of any type.

use rand::Rng;

use crate::error::Error;

use crate::distributions::estimate::log_prior_of_all;
use crate::distributions::{Distribution, Estimate, Guarantee, Parametric};

macro_rules! products {
    ($($name:ident $index:tt),+) => {
        /// Independent parts, each with a distribution of its own.
        impl<$($name),+> Distribution for ($($name,)+)
        where
            $($name: Distribution, $name::Value: Clone + ToOwned<Owned = $name::Value>),+
        {
            type Value = ($($name::Value,)+);

            fn log_density(&self, x: &Self::Value) -> f64 {
                0.0 $(+ self.$index.log_density(&x.$index))+
            }

            fn sample(&self, rng: &mut dyn Rng) -> Self::Value {
                ($(self.$index.sample(rng),)+)
            }

            /// The product of the numbers of states, if all parts are finite.
            fn states(&self) -> Option<usize> {
                1usize $(.checked_mul(self.$index.states()?)?)+.into()
            }
        }

        /// Each part by itself.
        impl<$($name),+> Estimate for ($($name,)+)
        where
            $($name: Estimate, $name::Value: Clone + ToOwned<Owned = $name::Value>),+
        {
            type Statistics = ($($name::Statistics,)+);

            fn statistics(&self) -> Self::Statistics {
                ($(self.$index.statistics(),)+)
            }

            fn observe(&self, s: &mut Self::Statistics, x: &Self::Value, weight: f64) {
                $(self.$index.observe(&mut s.$index, &x.$index, weight);)+
            }

            fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
                Ok(($(self.$index.estimate(&s.$index)?,)+))
            }

            fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
                0.0 $(+ self.$index.expected_log_density(&s.$index))+
            }

            fn same_statistics(&self, other: &Self) -> bool {
                true $(&& self.$index.same_statistics(&other.$index))+
            }

            fn guarantee(&self) -> Guarantee {
                Guarantee::Exact $(.min(self.$index.guarantee()))+
            }

            fn resolution(&self) -> f64 {
                0.0 $(+ self.$index.resolution())+
            }

            fn log_prior(&self) -> Option<f64> {
                log_prior_of_all([$(self.$index.log_prior()),+])
            }

            fn determining_rows(&self) -> usize {
                0 $(.max(self.$index.determining_rows()))+
            }

            fn least_variance_ratio(&self, all: &Self) -> Option<f64> {
                [$(self.$index.least_variance_ratio(&all.$index)),+].into_iter().flatten().reduce(f64::min)
            }

            fn free_parameters(&self) -> Option<usize> {
                Some(0 $(+ self.$index.free_parameters()?)+)
            }
        }

        /// The coordinates of each part, one after the other.
        impl<$($name: Parametric),+> Parametric for ($($name,)+) {
            fn to_vector(&self) -> Vec<f64> {
                let mut coordinates = Vec::new();
                $(coordinates.extend(self.$index.to_vector());)+
                coordinates
            }

            fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
                let mut rest = coordinates.iter().copied();
                let mut next = |length: usize| rest.by_ref().take(length).collect::<Vec<f64>>();
                Ok(($(self.$index.from_vector(&next(self.$index.to_vector().len()))?,)+))
            }
        }
    };
}
products!(A 0, B 1);
products!(A 0, B 1, C 2);
products!(A 0, B 1, C 2, D 3);
