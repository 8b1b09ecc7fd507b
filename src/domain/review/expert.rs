//! Which experts to propose for a work: points for what they know of it, less for what they already have to do.
//!
//! Points are whole numbers in hundredths, reckoned from the weights of the policy, so that a rank can be reckoned again by hand.

use crate::domain::metadata::Metadata;
use crate::domain::reviewer::ReviewerProfile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What counts how much, in points. (Policy data; the values shipped are proposed.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// The work's subjects, for the part of them that the expert knows.
    pub subjects: u32,
    /// The work's category.
    pub category: u32,
    /// The work's ethnic groups, for the part of them that the expert knows.
    pub ethnic_groups: u32,
    /// The work's languages, for the part of them that the expert reads.
    pub languages: u32,
    /// Past agreement with others, for the part of the shared rounds in which the expert agreed with at least half of them.
    pub agreement: u32,
    /// Shared rounds before past agreement is told; an expert with fewer gets half of its points.
    pub fewest_shared: u32,
    /// Taken off for each open review.
    pub open: u32,
    /// Time since the last review, in full after `idle_days`.
    pub idle: u32,
    /// Days after which `idle` counts in full.
    pub idle_days: u32,
}

/// What an expert did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Past {
    /// Reviews claimed or offered, without an opinion yet.
    pub open: u32,
    /// Opinions beside which somebody else's stands.
    pub shared: u32,
    /// Of these, how many have the verdict that at least half of the others gave.
    pub with_others: u32,
    /// Days since the last opinion; none: there is none.
    pub days_since: Option<u32>,
}

/// Why an expert is proposed, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reasons {
    /// Codes of subjects of the work that the expert knows.
    pub subjects: Vec<String>,
    /// The expert knows the category.
    pub category: bool,
    /// Codes of ethnic groups of the work that the expert knows.
    pub ethnic_groups: Vec<String>,
    /// Languages of the work that the expert reads.
    pub languages: Vec<String>,
    /// What the expert did so far.
    pub past: Past,
    /// The sum, hundredths of a point.
    pub points: i64,
}

/// What speaks for one expert.
pub fn reasons(work: &Metadata, profile: &ReviewerProfile, past: Past, weights: &Weights) -> Reasons {
    let groups = work.culture.as_ref().map_or(&[][..], |culture| &culture.ethnic_groups);
    let (subjects, of_subjects) = shared(&work.subjects, &profile.subjects, weights.subjects);
    let (ethnic_groups, of_groups) = shared(groups, &profile.ethnic_groups, weights.ethnic_groups);
    let (languages, of_languages) = shared(&work.language, &profile.languages, weights.languages);
    let category = profile.categories.contains(&work.category);
    let for_category = if category { i64::from(weights.category) * 100 } else { 0 };
    let agreement = if past.shared < weights.fewest_shared.max(1) {
        i64::from(weights.agreement) * 50
    } else {
        part(past.with_others, past.shared, weights.agreement)
    };
    let idle = match past.days_since {
        Some(days) if days < weights.idle_days => part(days, weights.idle_days, weights.idle),
        _ => i64::from(weights.idle) * 100,
    };
    let open = i64::from(past.open) * i64::from(weights.open) * 100;
    let points = of_subjects + for_category + of_groups + of_languages + agreement + idle - open;
    Reasons { subjects, category, ethnic_groups, languages, past, points }
}

/// The best first; of equal ones whoever has less to do, then the account's id, so that the order is always the same.
pub fn rank<T>(experts: &mut [T], key: impl Fn(&T) -> (&Reasons, &str)) {
    experts.sort_by(|left, right| {
        let ((left, left_id), (right, right_id)) = (key(left), key(right));
        right.points.cmp(&left.points).then(left.past.open.cmp(&right.past.open)).then(left_id.cmp(right_id))
    });
}

/// What both name, and the points for that part of the work's codes.
fn shared(work: &[String], known: &BTreeSet<String>, weight: u32) -> (Vec<String>, i64) {
    let asked: BTreeSet<&String> = work.iter().collect();
    let both: Vec<String> = asked.iter().filter(|code| known.contains(**code)).map(|code| (*code).clone()).collect();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let points = part(count(both.len()), count(asked.len()), weight);
    (both, points)
}

/// `weight` points times `some / all`, in hundredths; 0 of none.
fn part(some: u32, all: u32, weight: u32) -> i64 {
    if all == 0 { 0 } else { i64::from(weight) * 100 * i64::from(some) / i64::from(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHTS: Weights = Weights {
        subjects: 40,
        category: 15,
        ethnic_groups: 20,
        languages: 10,
        agreement: 20,
        fewest_shared: 5,
        open: 5,
        idle: 5,
        idle_days: 50,
    };

    fn work() -> Metadata {
        let json = serde_json::json!({
            "title": "苗绣", "kind": "video", "category": "community", "subjects": ["crafts", "art"], "language": ["zh-CN", "mmr"],
            "culture": {"ethnic_groups": ["06"]},
        });
        serde_json::from_value(json).unwrap()
    }

    fn profile(subjects: &[&str]) -> ReviewerProfile {
        ReviewerProfile { subjects: subjects.iter().map(|code| (*code).to_owned()).collect(), ..ReviewerProfile::default() }
    }

    #[test]
    fn every_reason_counts_as_its_weight_says() {
        let past = Past { open: 1, shared: 10, with_others: 8, days_since: Some(10) };
        let nothing = reasons(&work(), &profile(&[]), past, &WEIGHTS);
        assert_eq!(nothing.points, 1_600 + 100 - 500);
        let half = reasons(&work(), &profile(&["art", "law"]), past, &WEIGHTS);
        assert_eq!((half.subjects.as_slice(), half.points - nothing.points), (["art".to_owned()].as_slice(), 2_000));
        let set = |code: &str| BTreeSet::from([code.to_owned()]);
        let whole = ReviewerProfile { categories: set("community"), ethnic_groups: set("06"), languages: set("mmr"), ..profile(&[]) };
        let known = reasons(&work(), &whole, past, &WEIGHTS);
        assert_eq!(known.points - nothing.points, 1_500 + 2_000 + 500);
        assert!(known.category && known.ethnic_groups == ["06"] && known.languages == ["mmr"]);
        let fresh = reasons(&work(), &profile(&[]), Past::default(), &WEIGHTS);
        assert_eq!(fresh.points, 1_000 + 500, "who is new gets half of the agreement and all of the rest");
    }

    #[test]
    fn the_best_come_first_and_equals_stand_by_load_and_id() {
        let of = |id: &'static str, subjects: &[&str], open| {
            (id, reasons(&work(), &profile(subjects), Past { open, ..Past::default() }, &Weights { open: 0, ..WEIGHTS }))
        };
        let mut experts =
            vec![of("d", &[], 0), of("c", &["art"], 1), of("b", &["art"], 0), of("a", &["art"], 1), of("e", &["art", "crafts"], 9)];
        rank(&mut experts, |one| (&one.1, one.0));
        assert_eq!(experts.iter().map(|one| one.0).collect::<Vec<_>>(), ["e", "b", "a", "c", "d"]);
    }

    #[test]
    fn weights_of_nothing_and_works_that_say_nothing_give_no_points() {
        let bare = serde_json::from_value(serde_json::json!({"title": "甲", "kind": "document"})).unwrap();
        assert_eq!(reasons(&bare, &profile(&["art"]), Past { open: 3, ..Past::default() }, &Weights::default()).points, 0);
    }
}
