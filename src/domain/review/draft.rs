//! A reviewer's opinion while it is being written, saved again and again.

use super::{Verdict, Veto};
use crate::domain::change::ChangeSet;
use crate::domain::record::{Key, Record};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An opinion as far as it is written. It is judged by nobody until it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OpinionDraft {
    /// Submission.
    pub submission: String,
    /// Account of the reviewer.
    pub account: String,
    /// Round it is written in.
    pub round: u32,
    /// When it was saved.
    pub at: Timestamp,
    /// Verdict, where there is one yet.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// Written so far.
    #[serde(default)]
    pub text: String,
    /// Marks given so far, hundredths of a point.
    #[serde(default)]
    pub scores: BTreeMap<String, u32>,
    /// Vetoes written so far.
    #[serde(default)]
    pub vetoes: Vec<Veto>,
}

impl OpinionDraft {
    /// Key of the draft of an account.
    pub fn key_of(submission: &str, account: &str) -> Key {
        Key::of(&[submission, account])
    }

    /// Drops the draft of an account in a change, whatever was saved last: a draft keeps no opinion from being given.
    pub fn forget(submission: &str, account: &str, changes: &mut ChangeSet) {
        changes.forget(&Self { submission: submission.to_owned(), account: account.to_owned(), ..Self::default() });
    }
}

impl Record for OpinionDraft {
    const TABLE: &'static str = "opinion_drafts";
    fn key(&self) -> Key {
        Self::key_of(&self.submission, &self.account)
    }
}
