//! The mass of a von Mises distribution between two angles: no closed form exists, and statrs has none.

use std::f64::consts::{PI, TAU};

/// The density e^(peak + κ (cos(x − μ) − 1)), μ ∈ [−π, π).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peak {
    pub(crate) direction: f64,
    pub(crate) concentration: f64,
    pub(crate) log_density: f64,
}

impl Peak {
    /// ∫ p from −π to x ∈ [−π, π]: the sum over the stretches between −π, x, μ and the angle opposite to it.
    pub(crate) fn mass_up_to(self, x: f64) -> f64 {
        let opposite = if self.direction > 0.0 { self.direction - PI } else { self.direction + PI };
        let (first, second) = (self.direction.min(opposite).min(x), self.direction.max(opposite).min(x));
        let distance = |angle: f64| {
            let turned = (angle - self.direction).abs();
            turned.min(TAU - turned)
        };
        let stretch = |from: f64, to: f64| {
            let (near, far) = (distance(from).min(distance(to)), distance(from).max(distance(to)));
            self.mass_at_distances(near, far.min(PI))
        };
        stretch(-PI, first) + stretch(first, second) + stretch(second, x)
    }

    /// ∫ p over the distances from μ between `near` and `far`, 0 ≤ near ≤ far ≤ π, on one side: by the trapezoid rule
    /// after s = L / (1 + e^(−π sinh t)) (Takahasi & Mori 1974), L being far − near, or where e^(−45) of the density is
    /// left.
    fn mass_at_distances(self, near: f64, far: f64) -> f64 {
        // κ (1 − cos θ) = 2κ sin² θ/2 grows by 45 from A² = sin² near/2 to A² + B; the difference of the two angles is
        // taken by its sine.
        let (sine, gained) = ((0.5 * near).sin(), 22.5 / self.concentration);
        let reached = sine * sine + gained;
        let length = if reached < 1.0 {
            let turn = gained / (reached.sqrt() * (0.5 * near).cos() + (1.0 - reached).sqrt() * sine);
            (2.0 * turn.min(1.0).asin()).min(far - near)
        } else {
            far - near
        };
        if !(length > 0.0) {
            return 0.0;
        }
        let step = 1.0 / 16.0;
        let term = |j: i32| {
            let t = step * f64::from(j);
            let (share, rest) = (1.0 / (1.0 + (-PI * t.sinh()).exp()), 1.0 / (1.0 + (PI * t.sinh()).exp()));
            let s = length * share;
            let lost = 2.0 * self.concentration * (0.5 * s).sin() * (near + 0.5 * s).sin();
            PI * t.cosh() * share * rest * (-lost).exp()
        };
        let integral = length * step * (-56..=56).map(term).sum::<f64>();
        (self.log_density - 2.0 * self.concentration * sine * sine).exp() * integral
    }
}
