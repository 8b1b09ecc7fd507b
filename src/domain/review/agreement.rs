//! How far judges agree: Krippendorff's alpha over what each said of the same things.
//!
//! (Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.) Alpha is 1 where all who judged the same thing said
//! the same, 0 where they differ as much as if each had judged another thing, and below 0 where they differ more. Things
//! with one judge say nothing of agreement and are left out; judges need not have judged the same things.

use super::Verdict;
use std::collections::BTreeMap;

/// Alpha with the metric of intervals over the values given to each thing: how far marks lie apart is how far they differ.
/// `None` where no thing has two values, or where all values are the same: then there is nothing to differ in.
pub fn alpha(things: &[Vec<u32>]) -> Option<f64> {
    let paired: Vec<&Vec<u32>> = things.iter().filter(|values| values.len() > 1).collect();
    let all: Vec<u32> = paired.iter().flat_map(|values| values.iter().copied()).collect();
    let expected = differences(&all);
    if expected == 0 {
        return None;
    }
    let observed: f64 = paired.iter().map(|values| differences(values) as f64 / (values.len() - 1) as f64).sum();
    Some(1.0 - (all.len() - 1) as f64 * observed / expected as f64)
}

/// Alpha of verdicts with the metric of ranks: two verdicts differ by how many of those given lie between them. This is the
/// metric of intervals over the middle rank of each verdict.
pub fn alpha_of_verdicts(things: &[Vec<Verdict>]) -> Option<f64> {
    let mut counts: BTreeMap<Verdict, u32> = BTreeMap::new();
    for verdict in things.iter().filter(|verdicts| verdicts.len() > 1).flatten() {
        *counts.entry(*verdict).or_default() += 1;
    }
    // Twice the middle rank, so that it is a whole number.
    let mut below = 0;
    let ranks: BTreeMap<Verdict, u32> = counts
        .into_iter()
        .map(|(verdict, count)| {
            let rank = 2 * below + count;
            below += count;
            (verdict, rank)
        })
        .collect();
    let ranked = things.iter().map(|verdicts| verdicts.iter().filter_map(|verdict| ranks.get(verdict).copied()).collect());
    alpha(&ranked.collect::<Vec<_>>())
}

/// Whether a verdict is that of at least half of the others.
pub fn is_with_others(own: Verdict, others: &[Verdict]) -> bool {
    others.iter().filter(|other| **other == own).count() * 2 >= others.len()
}

/// The sum of the squared differences of all ordered pairs: 2 (n Σx² − (Σx)²).
fn differences(values: &[u32]) -> u128 {
    let (sum, squares) = values.iter().fold((0_u128, 0_u128), |(sum, squares), value| {
        let value = u128::from(*value);
        (sum + value, squares + value * value)
    });
    2 * (values.len() as u128 * squares - sum * sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Krippendorff's paper (section C): four observers, twelve things, values missing; read by thing.
    const EXAMPLE: [&[u32]; 12] = [
        &[1, 1, 1],
        &[2, 2, 3, 2],
        &[3, 3, 3, 3],
        &[3, 3, 3, 3],
        &[2, 2, 2, 2],
        &[1, 2, 3, 4],
        &[4, 4, 4, 4],
        &[1, 1, 2, 1],
        &[2, 2, 2, 2],
        &[5, 5, 5],
        &[1, 1],
        &[3],
    ];

    #[test]
    fn the_published_example_comes_out() {
        let things: Vec<Vec<u32>> = EXAMPLE.iter().map(|values| values.to_vec()).collect();
        assert!((alpha(&things).unwrap() - 0.849).abs() < 0.0005, "interval: {:?}", alpha(&things));
        // Verdicts have four steps and the example five values: ranks of the example by hand, as `alpha_of_verdicts` takes them.
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        things.iter().filter(|values| values.len() > 1).flatten().for_each(|value| *counts.entry(*value).or_default() += 1);
        let rank = |value: u32| 2 * counts.range(..value).map(|(_, count)| count).sum::<u32>() + counts.get(&value).copied().unwrap_or(0);
        let ranked: Vec<Vec<u32>> = things.iter().map(|values| values.iter().map(|value| rank(*value)).collect()).collect();
        assert!((alpha(&ranked).unwrap() - 0.815).abs() < 0.0005, "ordinal: {:?}", alpha(&ranked));
    }

    #[test]
    fn verdicts_agree_wholly_not_at_all_or_say_nothing() {
        use Verdict::{Pass, Reject, ReviewAgain};
        assert_eq!(alpha_of_verdicts(&[vec![Pass, Pass], vec![Reject, Reject], vec![ReviewAgain]]), Some(1.0));
        assert!(alpha_of_verdicts(&[vec![Pass, Reject], vec![Reject, Pass]]).unwrap() < 0.0);
        let mild = alpha_of_verdicts(&[vec![Pass, ReviewAgain], vec![Reject, Reject], vec![Pass, Pass]]).unwrap();
        let grave =
            alpha_of_verdicts(&[vec![Pass, Reject], vec![Reject, Reject], vec![Pass, Pass], vec![ReviewAgain, ReviewAgain]]).unwrap();
        assert!(mild > grave, "{mild} {grave}");
        assert_eq!(alpha_of_verdicts(&[vec![Pass, Pass], vec![Pass]]), None, "nothing to differ in");
        assert_eq!(alpha(&[]), None);
    }
}
