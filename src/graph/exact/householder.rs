//! Householder's reflections: rows turned so that their first columns form a triangle, their Gram matrix unchanged.

/// Makes the first `columns` columns of a row-major matrix upper triangular by reflections of its rows.
///
/// Of the rows that are left the one with the largest entry in the column is put first: then rows of very different
/// sizes, such as those of precise and of vague observations, keep their own digits (Cox & Higham 1998).
pub(crate) fn triangularise(matrix: &mut [f64], width: usize, columns: usize) {
    let rows = matrix.len() / width;
    for column in 0..columns.min(rows) {
        let entry = |row: usize| matrix[row * width + column].abs();
        let largest = (column..rows).fold(column, |best, row| if entry(row) > entry(best) { row } else { best });
        let scale = entry(largest);
        if scale > 0.0 {
            if largest != column {
                let (above, below) = matrix.split_at_mut(largest * width);
                above[column * width..][..width].swap_with_slice(&mut below[..width]);
            }
            reflect(&mut matrix[column * width..], width, column, scale);
        }
    }
}

/// Clears a column below the first row. `scale` is its largest entry: their squares neither overflow nor vanish.
fn reflect(rows: &mut [f64], width: usize, column: usize, scale: f64) {
    let (first, rest) = rows.split_at_mut(width);
    let squares: f64 = rest.chunks_exact(width).map(|row| (row[column] / scale).powi(2)).sum();
    if squares == 0.0 {
        return;
    }
    let head = first[column];
    let norm = -(scale * ((head / scale).powi(2) + squares).sqrt()).copysign(head);
    // The reflection is I − τ v vᵀ with v = (1, rest / (head − norm)); no digits cancel in head − norm.
    let share = (norm - head) / norm;
    rest.chunks_exact_mut(width).for_each(|row| row[column] /= head - norm);
    for other in column + 1..width {
        let along: f64 = rest.chunks_exact(width).map(|row| row[column] * row[other]).sum();
        let moved = share * (first[other] + along);
        if moved != 0.0 {
            first[other] -= moved;
            rest.chunks_exact_mut(width).for_each(|row| row[other] -= moved * row[column]);
        }
    }
    first[column] = norm;
    rest.chunks_exact_mut(width).for_each(|row| row[column] = 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gram_matrix_stays_and_the_triangle_is_clear() {
        let rows = [[2.0, -1.0, 0.5], [0.0, 3.0, 1.0], [1e3, 4.0, -2.0], [-7.0, 0.25, 1.0]];
        let mut turned = rows.concat();
        triangularise(&mut turned, 3, 2);
        let gram = |m: &[f64], i: usize, j: usize| m.chunks_exact(3).map(|row| row[i] * row[j]).sum::<f64>();
        for i in 0..3 {
            for j in 0..3 {
                let (before, after) = (gram(&rows.concat(), i, j), gram(&turned, i, j));
                assert!((before - after).abs() <= 1e-15 * 1e6, "{i} {j}: {before} {after}");
            }
        }
        let below: Vec<f64> =
            (0..2).flat_map(|j| (j + 1..4).map(move |i| (i, j))).map(|(i, j)| turned[3 * i + j]).collect();
        assert_eq!(below, [0.0; 5]);
    }

    #[test]
    fn a_precise_row_leaves_a_vague_one_its_digits() {
        // x₂ = x₁ ± 1e-9 beside x₁ = 0 ± 1: without x₂ the vague row is left as it was.
        let mut rows = [0.0, 1.0, 1e9, -1e9];
        triangularise(&mut rows, 2, 1);
        assert_eq!((rows[0].abs(), rows[0] + rows[1], rows[2], rows[3]), (1e9, 0.0, 0.0, 1.0));
        // Entries whose squares are no numbers.
        let mut far = [3e200, 4e200];
        triangularise(&mut far, 1, 1);
        assert!((far[0].abs() / 5e200 - 1.0).abs() < 1e-15 && far[1] == 0.0);
    }
}
