//! Which centres may be nearest to some point of a box.
//!
//! A box drops a centre c for the one nearest to its middle, z, when every point of the box is nearer to z
//! (Kanungo, Mount, Netanyahu, Piatko, Silverman & Wu 2002); where the sums of squares could round the other way it keeps
//! it.

/// Where a box begins and ends, along each axis.
pub(crate) type Bounds<const D: usize> = [(f64, f64); D];

/// Appends to the candidates those from `first` on that may be nearest to some point of the box, in the same order.
pub(crate) fn keep_nearest_somewhere<const D: usize>(
    centres: &[[f64; D]],
    bounds: &Bounds<D>,
    candidates: &mut Vec<u32>,
    first: usize,
) {
    let among = first..candidates.len();
    let middle = bounds.map(|(low, high)| 0.5 * (low + high));
    let mut nearest = (f64::INFINITY, candidates[first]);
    for &k in &candidates[first..] {
        let mut square = 0.0;
        for (c, m) in centres[k as usize].iter().zip(&middle) {
            square += (c - m) * (c - m);
        }
        nearest = if square < nearest.0 { (square, k) } else { nearest };
    }
    let z = centres[nearest.1 as usize];
    // Each sum of squares is off by (D + 2) ε/2 of itself.
    let slack = 2.0 * (D + 4) as f64 * f64::EPSILON;
    for at in among {
        let k = candidates[at];
        // ‖x − c‖² − ‖x − z‖² is linear in x: it is least at the corner that lies towards c.
        let (mut least, mut sizes) = (0.0, 0.0);
        for (d, c) in centres[k as usize].iter().enumerate() {
            let (low, high) = bounds[d];
            let (near, far) = if z[d] > *c { (low, high) } else { (high, low) };
            let [of_c, of_z] = [near - c, near - z[d]].map(|difference| difference * difference);
            let [far_from_c, far_from_z] = [far - c, far - z[d]].map(|difference| difference * difference);
            least += of_c - of_z;
            sizes += of_c.max(far_from_c) + of_z.max(far_from_z);
        }
        if !(least > slack * sizes + f64::MIN_POSITIVE) {
            candidates.push(k);
        }
    }
}
