//! The figures of an opinion, without its words: what reports on reviewers read, month by month, instead of every opinion, its
//! submission and its ledger. Written in the change that gives the opinion, and never changed.

use super::{Opinion, Verdict};
use crate::domain::access::OrgPath;
use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::submission::Submission;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The figures of one opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpinionFigures {
    /// The opinion.
    pub opinion: String,
    /// Its submission.
    pub submission: String,
    /// The round it was given in.
    pub round: u32,
    /// Account of the reviewer.
    pub reviewer: String,
    /// When.
    pub at: Timestamp,
    /// Organisation that owns the submission.
    pub owner: OrgPath,
    /// Category of the submission.
    pub category: String,
    /// It belongs to the ethnic-culture zone.
    pub culture: bool,
    /// Verdict.
    pub verdict: Verdict,
    /// Weighted mark in hundredths of a point.
    pub mark: Option<u32>,
    /// Marks by criterion.
    pub scores: BTreeMap<String, u32>,
    /// Minutes from the reviewer's first claim since an earlier opinion, where there was one.
    pub minutes: Option<i64>,
}

impl OpinionFigures {
    /// Of an opinion on this submission, which the reviewer claimed at `claimed`.
    pub fn of(opinion: &Opinion, submission: &Submission, claimed: Option<Timestamp>) -> Self {
        Self {
            opinion: opinion.id.clone(),
            submission: opinion.submission.clone(),
            round: opinion.round,
            reviewer: opinion.reviewer.clone(),
            at: opinion.at,
            owner: submission.owner.clone(),
            category: submission.metadata.category.clone(),
            culture: submission.metadata.culture.is_some(),
            verdict: opinion.verdict,
            mark: opinion.mark,
            scores: opinion.scores.clone(),
            minutes: claimed.map(|claimed| (opinion.at.millis() - claimed.millis()) / 60_000),
        }
    }

    /// The key of an opinion's figures.
    pub fn key_of(opinion: &Opinion) -> Key {
        opinion.key()
    }

    /// Prefix of the keys of one round's figures.
    pub fn round_key(submission: &str, round: u32) -> Key {
        Key::prefix(&[submission, &format!("{round:06}")])
    }

    /// Prefix of the index `month`.
    pub fn month_key(month: &str) -> Key {
        Key::prefix(&[month])
    }

    /// Prefix of the index `reviewer`: what an account gave, in the order of time; of one month (`YYYY-MM` in Asia/Shanghai) alone.
    pub fn reviewer_key(account: &str, month: Option<&str>) -> Key {
        month.map_or_else(|| Key::prefix(&[account]), |month| Key::prefix(&[account, month]))
    }
}

impl Record for OpinionFigures {
    const TABLE: &'static str = "opinion_figures";

    fn key(&self) -> Key {
        Key::of(&[&self.submission, &format!("{:06}", self.round), &self.opinion])
    }

    fn indexes(&self) -> Vec<IndexRow> {
        let month = self.at.shanghai_month();
        vec![
            IndexRow { index: "month", key: Key::of(&[&month, &self.submission, &self.opinion]) },
            IndexRow { index: "reviewer", key: Key::of(&[&self.reviewer, &month, &self.opinion]) },
        ]
    }
}

/// That derived records were written for everything that was there before the program knew of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// What was derived.
    pub what: String,
    /// When.
    pub at: Timestamp,
}

impl Record for Filled {
    const TABLE: &'static str = "filled";
    fn key(&self) -> Key {
        Key::from(self.what.as_str())
    }
}
