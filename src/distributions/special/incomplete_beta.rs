//! The regularised incomplete beta function I_x(a, b) = ∫₀ˣ tᵃ⁻¹ (1 − t)ᵇ⁻¹ dt / B(a, b).
//!
//! statrs stops its continued fraction early where a or b is large (−1.1 instead of ½ at a = b = 1e8). Here the
//! absolute error is a few ε; the relative error is below 1e-12 (1e-13 for values above 1e-30) where a, b ≥ ½, and
//! for smaller ones too wherever x ≤ a / (a + b).

use super::deviance::{deviance_apart, deviance_of_share};
use super::tail::{beyond, decay_above_linear, growth_above_linear};

/// Below, the power series needs no more than a hundred terms or so.
const SMALL: f64 = 20.0;

/// I_x(a, b) of a, b > 0, x ∈ [0, 1] and y = 1 − x, which is passed as it may be known better than by subtraction;
/// 1 − I is `lower(b, a, y, x, peak)`; `peak` is [`peak(&[a, b])`](crate::distributions::rows::dirichlet::peak).
pub(crate) fn lower(a: f64, b: f64, x: f64, y: f64, peak: f64) -> f64 {
    if x == 0.0 || y == 0.0 {
        return if x == 0.0 { 0.0 } else { 1.0 };
    }
    let (total, slope) = (a + b, above_by(a, b, x, y));
    // ln(xᵃ yᵇ / B(a, b)): the density of the logit.
    let log_density = peak - deviance_of_share(a, total, x, slope) - deviance_of_share(b, total, y, -slope);
    let short = |a: f64, x: f64| a <= SMALL && x <= 0.6 && total * x <= SMALL;
    // Divided by a in logarithms, as a small one would overflow.
    let value = if short(a, x) {
        (log_density - a.ln()).exp() * series(a, b, x)
    } else if short(b, y) && (total * y <= 1.5 || slope < 0.0) {
        1.0 - (log_density - b.ln()).exp() * series(b, a, y)
    } else if slope >= 0.0 {
        log_density.exp() * below_mean(a, b, x, y)
    } else {
        1.0 - log_density.exp() * below_mean(b, a, y, x)
    };
    value.clamp(0.0, 1.0)
}

/// a − (a + b) x = a y − b x, exact up to one rounding: what is left of two large products decides the tail.
fn above_by(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let product = b * x;
    let of_product = b.mul_add(x, -product);
    // Of x and y the smaller is exact; the larger lacks what rounding took from it.
    let rounded_away = if x < y { a * ((1.0 - y) - x) } else { b * (y - (1.0 - x)) };
    a.mul_add(y, -product) - of_product + rounded_away
}

/// Σ_k xᵏ Π_(j ≤ k) (a + b + j − 1) / (a + j) = I over xᵃ yᵇ / a B(a, b): all terms are positive.
fn series(a: f64, b: f64, x: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, 0.0);
    while term > 1e-17 * sum {
        term *= (a + b + k) / (a + 1.0 + k) * x;
        sum += term;
        k += 1.0;
    }
    sum
}

/// I of x ≤ a / n, n = a + b, over xᵃ yᵇ / B(a, b): with logit t = logit x − s, the integrand falls as e^(−φ(s)), where
/// φ = a s + n ln(1 − x (1 − e^(−s))) = −b s + n ln(1 + y (e^s − 1)).
fn below_mean(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let (total, slope) = (a + b, above_by(a, b, x, y).max(0.0));
    let scale = (slope + (total * x * y).sqrt()).recip();
    // w − ln(1 + w) ≥ 0.
    let above_log = |w: f64| deviance_apart(1.0, 1.0 + w, -w);
    // Up to s = 1 the slope is split off and what is left is of second order; beyond, nothing cancels that matters.
    if y <= 0.5 {
        beyond(scale, |s| {
            if s < 1.0 {
                slope * s + total * (y * growth_above_linear(s) - above_log(y * s.exp_m1()))
            } else if s < 700.0 {
                total * (y * s.exp_m1()).ln_1p() - b * s
            } else {
                total * y.ln() + a * s
            }
        })
    } else {
        beyond(scale, |s| {
            if s < 1.0 {
                slope * s + total * (x * decay_above_linear(s) - above_log(x * (-s).exp_m1()))
            } else {
                a * s + total * (x * (-s).exp_m1()).ln_1p()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::rows::dirichlet::peak;

    #[test]
    fn the_smaller_tail_keeps_its_digits_for_tiny_and_for_huge_parameters() {
        // a, b, x, I, 1 − I by arithmetic of 40 digits.
        let known = [
            (1e-300, 1e-300, 5e-05, 0.5, 0.5),
            (1e-300, 1e-300, 0.7, 0.5, 0.5),
            (0.05, 0.02, 0.3, 0.2739386582012827, 0.7260613417987173),
            (0.05, 0.02, 0.7, 0.2969899128239198, 0.7030100871760803),
            (0.05, 0.02, 0.9999990463256836, 0.45782464983644894, 0.542175350163551),
            (0.5, 0.5, 0.3, 0.36901011956554536, 0.6309898804344546),
            (0.5, 0.5, 0.7, 0.6309898804344546, 0.3690101195655454),
            (1.0, 1.0, 0.29792740578363097, 0.29792740578363097, 0.702072594216369),
            (1.0, 1.0, 0.5577350269189626, 0.5577350269189626, 0.4422649730810374),
            (2.0, 0.5, 8e-05, 2.400064002880154e-09, 0.999999997599936),
            (2.0, 0.5, 0.5, 0.11611652351681559, 0.8838834764831844),
            (2.0, 0.5, 0.8, 0.3739009663000589, 0.626099033699941),
            (0.5, 1000000.0, 4.99999750000125e-11, 0.007978709637446494, 0.9920212903625535),
            (0.5, 1000000.0, 6.414209294609469e-07, 0.7426287091390456, 0.2573712908609544),
            (0.5, 5000000000.0, 9.999999999e-15, 0.007978712628664845, 0.9920212873713352),
            (0.5, 5000000000.0, 1.2828427123039083e-10, 0.7426288505899157, 0.2573711494100843),
            (3.0, 40.0, 6.976744186046512e-06, 3.897729171547312e-12, 0.9999999999961022),
            (3.0, 40.0, 0.07744858440785833, 0.6413565643467491, 0.3586434356532509),
            (3.0, 40.0, 0.3002017182822615, 0.9999453020101514, 5.4697989848573355e-05),
            (3.0, 40.0, 0.9999990463256836, 1.0, 1.2912365539917359e-238),
            (25.0, 0.3, 0.5, 1.6501506172200887e-09, 0.9999999983498494),
            (25.0, 0.3, 0.924820457602963, 0.024167825550970422, 0.9758321744490296),
            (25.0, 0.3, 0.9923637481492622, 0.35204540979209004, 0.64795459020791),
            (30.0, 30.0, 0.3, 0.0006384379147396791, 0.9993615620852603),
            (30.0, 30.0, 0.5, 0.5, 0.5),
            (30.0, 30.0, 0.7, 0.9993615620852603, 0.0006384379147396813),
            (900.0, 6.0, 0.5, 1.8600423702558943e-260, 1.0),
            (900.0, 6.0, 0.9852979498054829, 0.008437621862851722, 0.9915623781371483),
            (900.0, 6.0, 0.9939161190195903, 0.5276412590017429, 0.4723587409982571),
            (100000000.0, 100000000.0, 0.49968180194926154, 1.1285793854834146e-19, 1.0),
            (100000000.0, 100000000.0, 0.5, 0.5, 0.5),
            (100000000.0, 100000000.0, 0.5002121320338256, 0.9999999990134139, 9.865861412565756e-10),
            (100000.0, 10000000000.0, 9.977764389414923e-06, 0.2421313972255967, 0.7578686027744033),
            (100000.0, 10000000000.0, 1.0063144605528757e-05, 0.9770794067773804, 0.02292059322261962),
            (19.0, 1000000000000.0, 5.923303169396202e-12, 1.480255143574013e-05, 0.9999851974485643),
            (19.0, 1000000000000.0, 1.9871779788321853e-11, 0.6076887721493754, 0.3923112278506246),
            (1000000000000000.0, 2000000000000000.0, 0.3333332558736664, 1.1285848703064428e-19, 1.0),
            (1000000000000000.0, 2000000000000000.0, 0.3333333333333333, 0.5000000008590733, 0.4999999991409268),
            (1000000000000000.0, 2000000000000000.0, 0.33333338497311127, 0.9999999990134114, 9.86588570178451e-10),
        ];
        for (a, b, x, p, q) in known {
            let (below, above) = {
                let peak = peak(&[a, b]);
                (lower(a, b, x, 1.0 - x, peak), lower(b, a, 1.0 - x, x, peak))
            };
            assert!((below - p).abs() < 1e-12 * p, "I({x}; {a}, {b}) = {below} is not {p}");
            assert!((above - q).abs() < 1e-12 * q, "1 − I({x}; {a}, {b}) = {above} is not {q}");
        }
    }
}
