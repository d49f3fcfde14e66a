//! The root of an increasing function on (0, ∞): Newton's steps, kept inside a bracket.

/// x > 0 with f(x) = 0, from `start` > 0; `f` returns its value and its derivative.
pub(crate) fn of_increasing(start: f64, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high, mut x) = (0.0, f64::INFINITY, start);
    // Bisection alone needs about 1100 halvings from one end of f64 to the other; Newton needs five or so.
    for _ in 0..1200 {
        let (value, slope) = f(x);
        if value == 0.0 {
            break;
        }
        if value < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / slope;
        let next = if newton > low && newton < high {
            newton
        } else if high.is_infinite() {
            2.0 * x
        } else {
            0.5 * (low + high)
        };
        let done = (next - x).abs() <= f64::EPSILON * x;
        x = next;
        if done {
            break;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_root_is_found_from_far_away() {
        for start in [1e-8, 1.0, 1e8] {
            // Newton alone overshoots on ln x − 1 from the right, and crawls on x³ − 8.
            let e = super::of_increasing(start, |x| (x.ln() - 1.0, 1.0 / x));
            assert!((e / std::f64::consts::E - 1.0).abs() < 1e-15);
            let two = super::of_increasing(start, |x| (x.powi(3) - 8.0, 3.0 * x * x));
            assert!((two / 2.0 - 1.0).abs() < 1e-15);
        }
    }
}
