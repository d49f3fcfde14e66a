//! p and 1 − p, both to full relative precision: a p that rounds to 1 keeps its 1 − p.

use crate::error::Error;

/// p ∈ [0, 1] and q = 1 − p.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chance {
    pub p: f64,
    pub q: f64,
}

impl Chance {
    pub(crate) fn new(p: f64) -> Result<Self, Error> {
        Error::check((0.0..=1.0).contains(&p), "probability", p, "[0, 1]")?;
        Ok(Self { p, q: 1.0 - p })
    }

    /// p and q themselves, as an estimate has left them.
    pub(crate) fn of_both(p: f64, q: f64) -> Result<Self, Error> {
        Self::new(p)?;
        let valid = (0.0..=1.0).contains(&q) && (p + q - 1.0).abs() <= 1e-9;
        Error::check(valid, "1 − probability", q, "{1 − p}")?;
        Ok(Self { p, q })
    }

    /// p = a / (a + b), q = b / (a + b).
    pub(crate) fn of_counts(a: f64, b: f64) -> Result<Self, Error> {
        let chance = Self { p: a / (a + b), q: b / (a + b) };
        let valid = (0.0..=1.0).contains(&chance.p) && (0.0..=1.0).contains(&chance.q);
        Error::check(valid, "probability", chance.p, "[0, 1]")?;
        Ok(chance)
    }

    /// p = 1 / (1 + e^(−logit)).
    pub(crate) fn of_logit(logit: f64) -> Result<Self, Error> {
        Error::check(logit.is_finite(), "logit", logit, "(−∞, ∞)")?;
        Ok(Self { p: 1.0 / (1.0 + (-logit).exp()), q: 1.0 / (1.0 + logit.exp()) })
    }

    pub(crate) fn logit(self) -> f64 {
        self.ln_p() - self.ln_q()
    }

    pub(crate) fn ln_p(self) -> f64 {
        if self.q < 0.5 { (-self.q).ln_1p() } else { self.p.ln() }
    }

    pub(crate) fn ln_q(self) -> f64 {
        if self.p < 0.5 { (-self.p).ln_1p() } else { self.q.ln() }
    }

    /// −p ln p − q ln q, in nats.
    pub(crate) fn entropy(self) -> f64 {
        -times(self.p, self.ln_p()) - times(self.q, self.ln_q())
    }
}

/// count × log, where a count of 0 makes 0 even against −∞.
pub(crate) fn times(count: f64, log: f64) -> f64 {
    if count == 0.0 { 0.0 } else { count * log }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_side_survives_where_the_large_one_rounds_to_1() {
        let chance = Chance::of_counts(1e20, 1.0).unwrap();
        assert_eq!(chance.p, 1.0);
        assert!((chance.ln_q() - 1e-20f64.ln()).abs() < 1e-13);
        assert!((chance.ln_p() + 1e-20).abs() < 1e-35);
        assert_eq!(Chance::of_logit(chance.logit()).unwrap().p, 1.0);
    }
}
