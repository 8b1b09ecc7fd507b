//! How good rankings are against judged answers, and whether one run is better than another by more than chance.

use std::collections::{BTreeMap, BTreeSet};

/// Judged answers: by query, the ids that answer it with their grade (1 and more).
pub type Qrels = BTreeMap<String, BTreeMap<String, u32>>;
/// A run: by query, ids, best first.
pub type Run = BTreeMap<String, Vec<String>>;

/// Depth to which [`Figures::recall_100`] looks.
pub const DEEP: usize = 100;
/// Random assignments of the test of significance.
const SHUFFLES: u32 = 10_000;

/// Figures of one query, or their means.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Normalised discounted cumulative gain to depth k (Järvelin and Kekäläinen 2002; gain is the grade, as in `trec_eval`).
    pub ndcg: f64,
    /// 1 over the rank of the first answer to depth k; 0 where there is none.
    pub mrr: f64,
    /// Share of the answers to depth k.
    pub recall: f64,
    /// Share of the answers to depth 100.
    pub recall_100: f64,
}

/// The figures of one ranking.
pub fn judge(ranked: &[String], answers: &BTreeMap<String, u32>, k: usize) -> Figures {
    let mut seen = BTreeSet::new();
    let distinct = ranked.iter().filter(|id| seen.insert(id.as_str()));
    let grades: Vec<u32> = distinct.map(|id| answers.get(id).copied().unwrap_or(0)).collect();
    let mut ideal: Vec<u32> = answers.values().copied().collect();
    ideal.sort_unstable_by(|left, right| right.cmp(left));
    let gain = |grades: &[u32]| -> f64 {
        let gains = grades.iter().take(k).zip(2_u32..).map(|(grade, place)| f64::from(*grade) / f64::from(place).log2());
        gains.sum()
    };
    let found = |depth: usize| grades.iter().take(depth).filter(|grade| **grade > 0).count();
    let all = answers.values().filter(|grade| **grade > 0).count().max(1) as f64;
    let best = gain(&ideal);
    let first = grades.iter().take(k).position(|grade| *grade > 0);
    Figures {
        ndcg: if best > 0.0 { gain(&grades) / best } else { 0.0 },
        mrr: first.map_or(0.0, |place| 1.0 / (place + 1) as f64),
        recall: found(k) as f64 / all,
        recall_100: found(DEEP) as f64 / all,
    }
}

/// The figures of every judged query of a run, in the order of their names; a query that the run lacks found nothing.
pub fn judge_run(run: &Run, qrels: &Qrels, k: usize) -> Vec<(String, Figures)> {
    let ranked = |query: &String| run.get(query).map_or(&[][..], Vec::as_slice);
    qrels.iter().map(|(query, answers)| (query.clone(), judge(ranked(query), answers, k))).collect()
}

/// The means.
pub fn mean(all: &[(String, Figures)]) -> Figures {
    let count = all.len().max(1) as f64;
    let of = |figure: fn(&Figures) -> f64| all.iter().map(|(_, figures)| figure(figures)).sum::<f64>() / count;
    Figures {
        ndcg: of(|figures| figures.ndcg),
        mrr: of(|figures| figures.mrr),
        recall: of(|figures| figures.recall),
        recall_100: of(|figures| figures.recall_100),
    }
}

/// The chance to see a mean difference at least as great as that of these pairs if the two runs were the same (Fisher's
/// randomisation test, two-sided, with random signs; Smucker, Allan and Carterette 2007). The same pairs always give the same
/// answer.
pub fn significance(differences: &[f64]) -> f64 {
    let seen = differences.iter().sum::<f64>().abs();
    if seen == 0.0 {
        return 1.0;
    }
    let real: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    // Sums of the same numbers in another order differ in their last digits.
    let least = seen - 1e-9;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut as_great = 1_u32;
    for _ in 0..SHUFFLES {
        let mut sum = 0.0;
        for chunk in real.chunks(64) {
            // xorshift64: more than random enough for signs, and the same everywhere.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            sum += chunk.iter().zip(0_u32..).map(|(value, bit)| if state >> bit & 1 == 1 { *value } else { -value }).sum::<f64>();
        }
        as_great += u32::from(sum.abs() >= least);
    }
    f64::from(as_great) / f64::from(SHUFFLES + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &str) -> Vec<String> {
        names.split_whitespace().map(str::to_owned).collect()
    }

    fn answers(names: &[(&str, u32)]) -> BTreeMap<String, u32> {
        names.iter().map(|(name, grade)| ((*name).to_owned(), *grade)).collect()
    }

    #[test]
    fn figures_are_those_of_the_books() {
        let one = answers(&[("a", 1)]);
        assert_eq!(judge(&ids("a b c"), &one, 10), Figures { ndcg: 1.0, mrr: 1.0, recall: 1.0, recall_100: 1.0 });
        let second = judge(&ids("b a c"), &one, 10);
        assert!((second.ndcg - 1.0 / 3_f64.log2()).abs() < 1e-12 && second.mrr == 0.5);
        assert_eq!(judge(&ids("b c a"), &one, 2), Figures { recall_100: 1.0, ..Figures::default() });
        // Grades 3, 2: found in the wrong order: (2/1 + 3/log2 3) / (3/1 + 2/log2 3).
        let graded = judge(&ids("y x"), &answers(&[("x", 3), ("y", 2)]), 10);
        assert!((graded.ndcg - (2.0 + 3.0 / 3_f64.log2()) / (3.0 + 2.0 / 3_f64.log2())).abs() < 1e-12, "{graded:?}");
        assert_eq!(judge(&ids("b b a"), &one, 10).mrr, 0.5, "a repeated id counts once");
    }

    #[test]
    fn a_missing_query_found_nothing() {
        let qrels = Qrels::from([("q1".to_owned(), answers(&[("a", 1)])), ("q2".to_owned(), answers(&[("b", 1)]))]);
        let run = Run::from([("q1".to_owned(), ids("a"))]);
        assert_eq!(mean(&judge_run(&run, &qrels, 10)).ndcg, 0.5);
    }

    #[test]
    fn chance_is_told_from_difference() {
        assert_eq!(significance(&[0.0; 50]), 1.0);
        assert!(significance(&[0.1; 40]) < 0.001);
        let balanced: Vec<f64> = (0..100).map(|place| if place % 2 == 0 { 0.1 } else { -0.09 }).collect();
        assert!(significance(&balanced) > 0.2);
        // Three of the same sign: 2 of 8 assignments are as great.
        let few = significance(&[0.5, 0.5, 0.5]);
        assert!((few - 0.25).abs() < 0.02, "{few}");
    }
}
