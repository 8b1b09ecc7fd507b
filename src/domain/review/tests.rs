//! Tests of the arithmetic of opinions.

use super::{Criterion, FULL_MARK, FULL_WEIGHT, Given, Verdict, mean, outcome, spread, weighted_mark};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn form(weights: &[u32]) -> Vec<Criterion> {
    let criterion = |(place, weight): (usize, &u32)| Criterion {
        code: format!("c{place}"),
        label: format!("指标{place}"),
        weight: *weight,
        guide: String::new(),
        anchors: BTreeMap::new(),
    };
    weights.iter().enumerate().map(criterion).collect()
}

fn scores(marks: &[u32]) -> BTreeMap<String, u32> {
    marks.iter().enumerate().map(|(place, mark)| (format!("c{place}"), *mark)).collect()
}

#[test]
fn a_mark_can_be_reckoned_by_hand() {
    // 86.5 × 60 % + 73.3 × 40 % = 81.22
    assert_eq!(weighted_mark(&form(&[6000, 4000]), &scores(&[8650, 7330])), Ok(8122));
    // 33.33 × 50 % + 33.34 × 50 % = 33.335, half up
    assert_eq!(weighted_mark(&form(&[5000, 5000]), &scores(&[3333, 3334])), Ok(3334));
}

#[test]
fn a_form_is_filled_in_as_a_whole() {
    let form = form(&[6000, 4000]);
    for wrong in [scores(&[9000]), scores(&[9000, 10_001]), scores(&[9000, 9000, 9000]), BTreeMap::new()] {
        assert!(weighted_mark(&form, &wrong).is_err(), "{wrong:?}");
    }
}

fn given(verdict: Verdict, mark: u32) -> Given {
    Given { opinion: String::new(), verdict, mark: Some(mark), scores: BTreeMap::new(), vetoes: Vec::new() }
}

#[test]
fn the_middle_verdict_counts_and_the_severer_of_two() {
    let of = |verdicts: &[Verdict]| outcome(&verdicts.iter().map(|one| given(*one, 8000)).collect::<Vec<_>>(), 6000).unwrap().verdict;
    assert_eq!(of(&[Verdict::Pass, Verdict::Reject, Verdict::Pass]), Verdict::Pass);
    assert_eq!(of(&[Verdict::Pass, Verdict::ReviewAgain]), Verdict::ReviewAgain);
    assert_eq!(outcome(&[given(Verdict::Pass, 5999)], 6000).unwrap().verdict, Verdict::ReviewAgain);
    assert_eq!(outcome(&[], 6000), None);
}

proptest! {
    #[test]
    fn a_mark_lies_between_its_scores(raw in prop::collection::vec((1_u32..1000, 0_u32..=FULL_MARK), 1..12)) {
        let total: u32 = raw.iter().map(|one| one.0).sum();
        let mut weights: Vec<u32> = raw.iter().map(|one| one.0 * FULL_WEIGHT / total).collect();
        weights[0] += FULL_WEIGHT - weights.iter().sum::<u32>();
        let marks: Vec<u32> = raw.iter().map(|one| one.1).collect();
        let mark = weighted_mark(&form(&weights), &scores(&marks)).unwrap();
        prop_assert!(mark >= *marks.iter().min().unwrap() && mark <= *marks.iter().max().unwrap());
    }

    #[test]
    fn raising_a_score_never_lowers_the_mark(low in 0_u32..FULL_MARK, by in 1_u32..500, other in 0_u32..=FULL_MARK, weight in 0_u32..=FULL_WEIGHT) {
        let form = form(&[weight, FULL_WEIGHT - weight]);
        let before = weighted_mark(&form, &scores(&[low, other])).unwrap();
        let after = weighted_mark(&form, &scores(&[(low + by).min(FULL_MARK), other])).unwrap();
        prop_assert!(after >= before);
    }

    #[test]
    fn the_order_of_reviewers_means_nothing(mut marks in prop::collection::vec(0_u32..=FULL_MARK, 1..9)) {
        let (first, wide) = (mean(&marks), spread(&marks));
        marks.reverse();
        prop_assert_eq!(mean(&marks), first);
        prop_assert_eq!(spread(&marks), wide);
    }
}
