//! Where a density of several numbers lies: its mode, and axes along which it falls alike, from ln p alone.

use nalgebra::{Cholesky, DMatrix, DVector};

/// A mode, and the square root L of the covariance that the curvature there suggests, Σ = L Lᵀ = (−∇² ln p)⁻¹.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) mode: DVector<f64>,
    pub(crate) axes: DMatrix<f64>,
    /// ln p at the mode.
    pub(crate) peak: f64,
}

/// By how much ln p changes over the steps of the differences: large against its round-off, small against what is not
/// quadratic in it.
const FALL: f64 = 0.1;
/// Beyond this ratio of the axes' lengths the differences have no digits left.
const LONGEST: f64 = 1e6;

impl Frame {
    /// Newton's method from a point of positive density; `None` if ln p is not smooth and concave about its mode.
    pub(crate) fn about(log_density: &dyn Fn(&[f64]) -> f64, start: &[f64]) -> Option<Self> {
        let mut at = DVector::from_column_slice(start);
        let mut here = finite(log_density(at.as_slice()))?;
        for _ in 0..60 {
            let (slope, curvature) = derivatives(log_density, &at, here)?;
            let Some(root) = Cholesky::new(-curvature) else {
                (at, here) = uphill(log_density, &at, here, &slope)?;
                continue;
            };
            let step = root.solve(&slope);
            if slope.dot(&step) < 1e-6 {
                let axes = root.l().try_inverse()?.transpose();
                let lengths = axes.column_iter().map(|axis| axis.norm());
                let (short, long) = lengths.fold((f64::INFINITY, 0.0f64), |(a, b), l| (a.min(l), b.max(l)));
                return (long <= LONGEST * short).then_some(Self { mode: at, axes, peak: here });
            }
            // Half the step, and half of that, until it leads upwards.
            let shorter = (0..40).map(|k| &at + &step * 0.5f64.powi(k));
            let better =
                shorter.map(|to| (log_density(to.as_slice()), to)).find(|(l, _)| *l > here && l.is_finite())?;
            (here, at) = better;
        }
        None
    }

    /// mode + L t.
    pub(crate) fn point(&self, t: &[f64]) -> DVector<f64> {
        &self.mode + &self.axes * DVector::from_column_slice(t)
    }

    /// How far another mode lies from this one, in lengths of the axes.
    pub(crate) fn distance(&self, other: &Self) -> f64 {
        let away = self.axes.clone().try_inverse().map(|inverse| inverse * (&other.mode - &self.mode));
        away.map_or(f64::INFINITY, |away| away.norm())
    }

    /// ln |det L|.
    pub(crate) fn log_volume(&self) -> f64 {
        self.axes.diagonal().iter().map(|a| a.abs().ln()).sum()
    }
}

fn finite(l: f64) -> Option<f64> {
    l.is_finite().then_some(l)
}

/// ∇ ln p and ∇² ln p by central differences, each coordinate by the step over which ln p changes by [`FALL`].
fn derivatives(
    log_density: &dyn Fn(&[f64]) -> f64,
    at: &DVector<f64>,
    here: f64,
) -> Option<(DVector<f64>, DMatrix<f64>)> {
    let moved = |steps: &[(usize, f64)]| {
        let mut to = at.clone();
        steps.iter().for_each(|&(j, h)| to[j] += h);
        finite(log_density(to.as_slice()))
    };
    let d = at.len();
    let mut steps = Vec::with_capacity(d);
    for j in 0..d {
        let scale = (at[j].abs() + 1.0) * 1e-12;
        let candidates = (0..160).map(|k| scale * 2f64.powi(k));
        let fall = |h: f64| Some((moved(&[(j, h)])? - here).abs().max((moved(&[(j, -h)])? - here).abs()));
        let step = candidates.map(|h| (h, fall(h))).find(|(_, fall)| fall.is_none_or(|fall| fall >= FALL));
        match step {
            Some((h, Some(_))) => steps.push(h),
            _ => return None,
        }
    }
    let (mut slope, mut curvature) = (DVector::zeros(d), DMatrix::zeros(d, d));
    for j in 0..d {
        let h = steps[j];
        let (up, down) = (moved(&[(j, h)])?, moved(&[(j, -h)])?);
        slope[j] = (up - down) / (2.0 * h);
        curvature[(j, j)] = ((up - here) + (down - here)) / (h * h);
        for i in 0..j {
            let g = steps[i];
            let corner = |a: f64, b: f64| moved(&[(i, a * g), (j, b * h)]);
            let mixed = (corner(1.0, 1.0)? - corner(1.0, -1.0)?) - (corner(-1.0, 1.0)? - corner(-1.0, -1.0)?);
            curvature[(i, j)] = mixed / (4.0 * g * h);
            curvature[(j, i)] = curvature[(i, j)];
        }
    }
    Some((slope, curvature))
}

/// A step along the slope, as long as it gains: where ln p is not concave.
fn uphill(
    log_density: &dyn Fn(&[f64]) -> f64,
    at: &DVector<f64>,
    here: f64,
    slope: &DVector<f64>,
) -> Option<(DVector<f64>, f64)> {
    let steep = slope.norm_squared();
    let step = slope * (FALL / finite(steep).filter(|s| *s > 0.0)?);
    let (mut best, mut top) = (at.clone(), here);
    for k in 0..60 {
        let to = at + &step * 2f64.powi(k);
        match log_density(to.as_slice()) {
            l if l > top && l.is_finite() => (best, top) = (to, l),
            _ => break,
        }
    }
    (top > here).then_some((best, top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normal_is_found_from_afar_in_its_own_axes() {
        // Σ = [[4, 1], [1, 1/2]] about (1e6, −3): Σ⁻¹ = [[1/2, −1], [−1, 4]].
        let log_density = |x: &[f64]| {
            let (a, b) = (x[0] - 1e6, x[1] + 3.0);
            -0.5 * (0.5 * a * a - 2.0 * a * b + 4.0 * b * b)
        };
        let frame = Frame::about(&log_density, &[1e6 + 40.0, 20.0]).unwrap();
        let covariance = &frame.axes * frame.axes.transpose();
        for (found, expected) in covariance.iter().zip([4.0, 1.0, 1.0, 0.5]) {
            assert!((found - expected).abs() < 1e-4, "{covariance}");
        }
        assert!((frame.mode[0] - 1e6).abs() < 1e-3 && (frame.mode[1] + 3.0).abs() < 1e-3, "{}", frame.mode);
        assert!((frame.log_volume() - 0.0).abs() < 1e-4);
    }

    #[test]
    fn what_has_an_edge_has_no_frame() {
        let exponentials = |x: &[f64]| if x.iter().all(|x| *x > 0.0) { -x[0] - x[1] } else { f64::NEG_INFINITY };
        assert!(Frame::about(&exponentials, &[0.5, 2.0]).is_none());
        let simplex = |x: &[f64]| if x[0] + x[1] == 1.0 { 0.0 } else { f64::NEG_INFINITY };
        assert!(Frame::about(&simplex, &[0.25, 0.75]).is_none());
    }
}
