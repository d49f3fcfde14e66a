//! θ of a mixture of two normals: it can be renamed, moved, stretched, and written in free coordinates.

use marginal::Error;
use marginal::distributions::Parametric;
use marginal::laws::{Relabel, Scale, Shift};

#[derive(Clone, Debug)]
pub(crate) struct Theta {
    pub(crate) proportions: [f64; 2],
    pub(crate) means: [f64; 2],
    pub(crate) variances: [f64; 2],
}

impl Relabel for Theta {
    fn relabelled(&self) -> Self {
        let turned = |[a, b]: [f64; 2]| [b, a];
        Self { proportions: turned(self.proportions), means: turned(self.means), variances: turned(self.variances) }
    }
}

impl Shift for Theta {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        Ok(Self { means: self.means.map(|m| m + by), ..self.clone() })
    }
}

impl Scale for Theta {
    fn scaled(&self, factor: f64) -> Result<Self, Error> {
        let (means, variances) = (self.means.map(|m| factor * m), self.variances.map(|v| factor * factor * v));
        Ok(Self { means, variances, ..self.clone() })
    }
}

/// The log-odds of the first component, the means, the logarithms of the variances.
impl Parametric for Theta {
    fn to_vector(&self) -> Vec<f64> {
        let [p, q] = self.proportions;
        let [v, w] = self.variances.map(f64::ln);
        vec![(p / q).ln(), self.means[0], self.means[1], v, w]
    }
    fn from_vector(&self, x: &[f64]) -> Result<Self, Error> {
        let [p, q] = [x[0], -x[0]].map(|odds| 1.0 / (1.0 + (-odds).exp()));
        Ok(Self { proportions: [p, q], means: [x[1], x[2]], variances: [x[3].exp(), x[4].exp()] })
    }
}
