//! The known name that is nearest to one that is not known: fewest letters inserted, removed, changed or swapped.

/// What a letter costs; in the other case it costs 1.
const LETTER: usize = 4;

/// Names of more bytes are not compared.
const LONGEST: usize = 256;

/// The nearest of the names, if about a third of its letters or fewer differ.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let wanted: Vec<char> = name.chars().take(LONGEST + 1).collect();
    let known = known.filter(|known| known.len() <= LONGEST && wanted.len() <= LONGEST);
    let with_distance = known.map(|known| (distance(&wanted, &known.chars().collect::<Vec<_>>()), known));
    let (distance, best) = with_distance.min_by_key(|(distance, _)| *distance)?;
    let longest = wanted.len().max(best.chars().count());
    (distance <= LETTER * longest.div_ceil(3)).then(|| best.to_owned())
}

/// What an error adds to a name that is not known.
pub(super) fn did_you_mean(nearest: Option<&String>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

/// The optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let differ = |x: char, y: char| match x == y {
        true => 0,
        false if x.to_lowercase().eq(y.to_lowercase()) => 1,
        false => LETTER,
    };
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).map(|j| LETTER * j).collect();
    for i in 1..=a.len() {
        let mut row = vec![LETTER * i];
        for j in 1..=b.len() {
            let mut least = (last[j - 1] + differ(a[i - 1], b[j - 1])).min(last[j] + LETTER).min(row[j - 1] + LETTER);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + LETTER);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_mended_and_another_word_is_not() {
        let of = |name: &str| nearest(name, ["HRBP", "HREKG", "CVP", "lung", "bronc"].into_iter());
        assert_eq!(of("HRPB").as_deref(), Some("HRBP"));
        assert_eq!(of("cvp").as_deref(), Some("CVP"));
        assert_eq!(of("lungs").as_deref(), Some("lung"));
        assert_eq!(of("weather"), None);
        assert_eq!(of(""), None);
    }
}
