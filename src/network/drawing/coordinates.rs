//! Free coordinates of a network's tables: ln(p_k / p_r) for the states k < r of each row.

use crate::distributions::Parametric;
use crate::error::Error;
use crate::numeric::log_sum_exp;

use crate::network::Network;

impl Parametric for Network {
    fn to_vector(&self) -> Vec<f64> {
        let mut coordinates = Vec::with_capacity(self.free_parameters());
        for variable in self.variables() {
            for row in variable.probabilities.chunks_exact(variable.states.len()) {
                let last = row[row.len() - 1];
                coordinates.extend(row[..row.len() - 1].iter().map(|p| p.ln() - last.ln()));
            }
        }
        coordinates
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let (expected, found) = (self.free_parameters(), coordinates.len());
        if expected != found {
            return Err(Error::Dimension { what: "the coordinates of the tables", expected, found });
        }
        let mut rest = coordinates;
        let mut tables = Vec::with_capacity(self.variables().len());
        for variable in self.variables() {
            let mut table = Vec::with_capacity(variable.probabilities.len());
            for _ in 0..variable.probabilities.len() / variable.states.len() {
                let (own, others) = rest.split_at(variable.states.len() - 1);
                let logs: Vec<f64> = own.iter().copied().chain([0.0]).collect();
                let all = log_sum_exp(&logs);
                table.extend(logs.iter().map(|l| (l - all).exp()));
                rest = others;
            }
            tables.push(table);
        }
        Ok(self.with_tables(tables))
    }
}
