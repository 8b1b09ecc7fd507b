//! Opinions of reviewers: criteria, marks, vetoes, and what a panel's opinions come to.
//!
//! All marks are whole numbers in hundredths of a point (8,650 = 86.50 of 100) and all weights in hundredths of a per cent of
//! the whole (2,000 = 20 %), so that a mark is the same on every machine and can be recomputed by hand.

pub mod agreement;
pub mod draft;
pub mod expert;
pub mod figures;

use super::problem::Problem;
use super::record::{Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Highest mark: 100 points in hundredths.
pub const FULL_MARK: u32 = 10_000;
/// What the weights of a set of criteria add up to.
pub const FULL_WEIGHT: u32 = 10_000;

/// What a reviewer or a decision says of a submission, from mild to severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// May be published as it is.
    Pass,
    /// May be published after the changes asked for; an editor confirms them.
    PassAfterChanges,
    /// Must be changed and reviewed again.
    ReviewAgain,
    /// Does not belong in the repository.
    Reject,
}

impl Verdict {
    /// All verdicts with stable code and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Pass, "pass", "通过"),
        (Self::PassAfterChanges, "pass_after_changes", "修改后通过"),
        (Self::ReviewAgain, "review_again", "修改后再审"),
        (Self::Reject, "reject", "不予入库"),
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The Chinese name.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// Reads a code or a Chinese name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == text || row.2 == text).map(|row| row.0)
    }
}

/// One scored criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Criterion {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub label: String,
    /// Weight in hundredths of a per cent; a set adds up to 10,000.
    pub weight: u32,
    /// What is looked at.
    pub guide: String,
    /// What marks mean, by the lowest mark in points (`90` → …).
    #[serde(default)]
    pub anchors: BTreeMap<String, String>,
}

/// One item of the veto list (一票否决).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VetoItem {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub label: String,
    /// What it rests on.
    pub basis: String,
}

/// A veto raised: the fact and its place must be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Veto {
    /// Code of the veto item.
    pub item: String,
    /// What was found.
    pub fact: String,
    /// Where: file, page, second.
    pub place: String,
}

/// A reviewer's opinion on one round of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// UUIDv7.
    pub id: String,
    /// Submission.
    pub submission: String,
    /// Round it was given in.
    pub round: u32,
    /// Account of the reviewer; never shown to the submitter or to other reviewers.
    pub reviewer: String,
    /// When.
    pub at: Timestamp,
    /// Marks by criterion, hundredths of a point; empty where the track asks for none.
    pub scores: BTreeMap<String, u32>,
    /// Weighted mark in hundredths of a point, where criteria were scored.
    pub mark: Option<u32>,
    /// Verdict.
    pub verdict: Verdict,
    /// Written opinion.
    pub text: String,
    /// Salt of the digest that stands in the ledger for `text`.
    pub salt: String,
    /// Vetoes.
    #[serde(default)]
    pub vetoes: Vec<Veto>,
    /// Digest of the rule set it was given under.
    pub rule_set: String,
}

impl Opinion {
    /// Prefix of the keys of a submission's opinions.
    pub fn prefix_of(submission: &str) -> Key {
        Key::prefix(&[submission])
    }
}

impl Record for Opinion {
    const TABLE: &'static str = "opinions";
    fn key(&self) -> Key {
        Key::of(&[&self.submission, &format!("{:06}", self.round), &self.id])
    }
}

/// What an opinion comes to, kept in the reviewer's seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Opinion id.
    pub opinion: String,
    /// Verdict.
    pub verdict: Verdict,
    /// Weighted mark in hundredths of a point.
    pub mark: Option<u32>,
    /// Marks by criterion.
    pub scores: BTreeMap<String, u32>,
    /// Codes of the vetoes raised.
    pub vetoes: Vec<String>,
}

/// The weighted mark of a set of scores in hundredths of a point, rounded half up.
///
/// Every criterion must be scored with 0 to [`FULL_MARK`] and nothing else may be; weights must add up to [`FULL_WEIGHT`].
pub fn weighted_mark(criteria: &[Criterion], scores: &BTreeMap<String, u32>) -> Result<u32, Problem> {
    let known = |code: &String| criteria.iter().any(|criterion| criterion.code == *code);
    if let Some(code) = scores.keys().find(|code| !known(code)) {
        return Err(score_problem(code, "评分表中没有这一指标", "is not a criterion of this form"));
    }
    let mut sum = 0_u64;
    let mut weights = 0_u64;
    for criterion in criteria {
        let code = &criterion.code;
        let Some(score) = scores.get(code) else {
            return Err(score_problem(code, &format!("“{}”尚未评分", criterion.label), "has no score"));
        };
        if *score > FULL_MARK {
            return Err(score_problem(code, &format!("“{}”的分数应在 0 至 100 之间", criterion.label), "must lie in 0 to 100"));
        }
        sum += u64::from(criterion.weight) * u64::from(*score);
        weights += u64::from(criterion.weight);
    }
    if weights != u64::from(FULL_WEIGHT) {
        return Err(Problem::internal());
    }
    Ok(divide(sum, weights))
}

/// The mean of marks, rounded half up; `None` of none.
pub fn mean(marks: &[u32]) -> Option<u32> {
    let count = u64::try_from(marks.len()).ok().filter(|count| *count > 0)?;
    Some(divide(marks.iter().map(|mark| u64::from(*mark)).sum(), count))
}

/// Highest minus lowest mark; 0 of none.
pub fn spread(marks: &[u32]) -> u32 {
    let highest = marks.iter().max().copied().unwrap_or_default();
    highest - marks.iter().min().copied().unwrap_or_default()
}

fn divide(sum: u64, by: u64) -> u32 {
    u32::try_from((sum + by / 2) / by).unwrap_or(u32::MAX)
}

fn score_problem(code: &str, zh: &str, en: &str) -> Problem {
    Problem::field("score", format!("scores.{code}"), format!("{zh}。"), format!("The criterion {code} {en}."))
}

/// What the opinions of a round come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Outcome {
    /// What the reviewers recommend: the middle verdict, the severer of two; at least 修改后再审 below the pass mark and
    /// 不予入库 on a veto.
    pub verdict: Verdict,
    /// Verdicts given, from mild to severe, without names.
    pub verdicts: Vec<Verdict>,
    /// Number of opinions.
    pub reviewers: u32,
    /// Mean of the weighted marks, hundredths of a point.
    pub mean: Option<u32>,
    /// Highest minus lowest mark.
    pub spread: u32,
    /// Mean per criterion.
    pub criteria: BTreeMap<String, u32>,
    /// Codes of vetoes raised by anybody.
    pub vetoes: Vec<String>,
    /// Some raised a veto and others did not: the committee must look.
    pub split_veto: bool,
}

/// Adds up the opinions of a round under a pass mark (hundredths of a point). `None` of none.
pub fn outcome(given: &[Given], pass_mark: u32) -> Option<Outcome> {
    let mut verdicts: Vec<Verdict> = given.iter().map(|one| one.verdict).collect();
    verdicts.sort_unstable();
    let middle = *verdicts.get(verdicts.len() / 2)?;
    let marks: Vec<u32> = given.iter().filter_map(|one| one.mark).collect();
    let mean_mark = mean(&marks);
    let mut vetoes: Vec<String> = given.iter().flat_map(|one| one.vetoes.iter().cloned()).collect();
    vetoes.sort_unstable();
    vetoes.dedup();
    let with_veto = given.iter().filter(|one| !one.vetoes.is_empty()).count();
    let verdict = if with_veto > 0 {
        Verdict::Reject
    } else if mean_mark.is_some_and(|mark| mark < pass_mark) {
        middle.max(Verdict::ReviewAgain)
    } else {
        middle
    };
    Some(Outcome {
        verdict,
        verdicts,
        reviewers: u32::try_from(given.len()).unwrap_or(u32::MAX),
        mean: mean_mark,
        spread: spread(&marks),
        criteria: criterion_means(given),
        vetoes,
        split_veto: with_veto > 0 && with_veto < given.len(),
    })
}

fn criterion_means(given: &[Given]) -> BTreeMap<String, u32> {
    let mut by_criterion: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (code, score) in given.iter().flat_map(|one| &one.scores) {
        by_criterion.entry(code.clone()).or_default().push(*score);
    }
    by_criterion.into_iter().filter_map(|(code, scores)| Some((code, mean(&scores)?))).collect()
}

/// Who reads a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The submitter too.
    Submitter,
    /// Reviewers and staff only.
    Internal,
}

/// A comment on a submission, at a place of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// UUIDv7.
    pub id: String,
    /// Submission.
    pub submission: String,
    /// Round it was made in.
    pub round: u32,
    /// Account of the author.
    pub author: String,
    /// In what capacity (`editor`, `reviewer`, `submitter`, …): this is what others see.
    pub party: String,
    /// Who reads it.
    pub audience: Audience,
    /// When.
    pub at: Timestamp,
    /// The text.
    pub text: String,
    /// File it is about.
    #[serde(default)]
    pub file: Option<String>,
    /// Field it is about.
    #[serde(default)]
    pub field: Option<String>,
    /// Row of the catalogue it is about, 1 is the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Place in the file.
    #[serde(default)]
    pub locator: Option<super::inspection::Locator>,
    /// When the submitter or the desk marked it as done.
    #[serde(default)]
    pub resolved: Option<Timestamp>,
}

impl Comment {
    /// Key of a comment.
    pub fn key_of(submission: &str, id: &str) -> Key {
        Key::of(&[submission, id])
    }
}

impl Record for Comment {
    const TABLE: &'static str = "comments";
    fn key(&self) -> Key {
        Self::key_of(&self.submission, &self.id)
    }
}

#[cfg(test)]
mod tests;
