//! One decision form for many like submissions; each is decided singly, with an entry and an answer of its own.

use super::Vetting;
use super::act::unauthorized;
use super::decide::Decide;
use super::views::{StateView, SubmissionView};
use crate::domain::access::{Actor, Role};
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::review::Verdict;
use futures::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Submissions that one form decides at most.
const MOST: usize = 500;
/// Decided at once: their commits share a sync.
const AT_ONCE: usize = 16;

/// One decision for many submissions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
pub struct DecideMany {
    /// The decision.
    pub verdict: Verdict,
    /// Why, in words for the submitters; needed unless it passes.
    #[serde(default)]
    pub reason: String,
    /// 1 to 500 submissions, none twice.
    pub items: Vec<Ballot>,
}

/// A submission on the form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
pub struct Ballot {
    /// Submission.
    pub id: String,
    /// The version that was read; another one now is not decided.
    #[serde(default)]
    pub version: Option<Position>,
}

/// What became of one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Decided {
    /// Submission.
    pub id: String,
    /// Whether the decision, or the vote, was taken.
    pub done: bool,
    /// Where it stands now, where the actor may know.
    pub state: Option<StateView>,
    /// Its version now.
    pub version: Option<Position>,
    /// Code of the problem, where it was not done.
    pub code: Option<String>,
    /// The problem in Chinese.
    pub zh: Option<String>,
    /// The problem in English.
    pub en: Option<String>,
}

impl Vetting {
    /// Decides each of many submissions as [`Vetting::decide`] would, in their order; one that cannot be decided keeps no other
    /// waiting.
    ///
    /// # Errors
    /// `forbidden` for who is on no committee; `items` when there are none, too many, or one twice.
    pub async fn decide_many(&self, actor: &Actor, ask: &DecideMany) -> Result<Vec<Decided>, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        if !actor.has_anywhere(&[Role::Committee]) {
            return Err(Problem::forbidden());
        }
        let ids: BTreeSet<&str> = ask.items.iter().map(|item| item.id.as_str()).collect();
        if ids.is_empty() || ids.len() > MOST || ids.len() < ask.items.len() {
            let (zh, en) = ("一次决定 1 至 500 件提交，同一件不可重复。", "1 to 500 submissions at a time, none twice.");
            return Err(Problem::field("items", "items", zh, en));
        }
        let decide = Decide { verdict: ask.verdict, reason: ask.reason.clone() };
        let steps = ask.items.iter().map(|item| self.decide_one(actor, item, &decide).boxed());
        let steps: Vec<_> = steps.collect();
        Ok(futures::stream::iter(steps).buffered(AT_ONCE).collect().await)
    }

    async fn decide_one(&self, actor: &Actor, item: &Ballot, decide: &Decide) -> Decided {
        decided(&item.id, self.decide(actor, &item.id, decide, item.version).await)
    }
}

fn decided(id: &str, done: Result<SubmissionView, Problem>) -> Decided {
    let id = id.to_owned();
    match done {
        Ok(view) => {
            let (state, version) = (Some(view.line.state), Some(view.line.version));
            Decided { id, done: true, state, version, code: None, zh: None, en: None }
        }
        Err(problem) => {
            let version = problem.state.as_ref().and_then(|state| state.version).map(Position);
            let state = problem.state.map(|state| StateView::bare(&state.code, &state.label));
            let (code, zh, en) = (Some(problem.code.to_owned()), Some(problem.zh), Some(problem.en));
            Decided { id, done: false, state, version, code, zh, en }
        }
    }
}
