//! One decision form for many like submissions; each is decided singly, with an entry and an answer of its own.

use super::Vetting;
use super::act::unauthorized;
use super::answered::Answered;
use super::decide::Decide;
use super::views::StateView;
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

/// Where a submission stands that was decided, or could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Decided {
    /// Where it stands now, where the actor may know.
    pub state: Option<StateView>,
    /// Its version now.
    pub version: Option<Position>,
}

impl Vetting {
    /// Decides each of many submissions as [`Vetting::decide`] would, in their order; one that cannot be decided keeps no other
    /// waiting.
    ///
    /// # Errors
    /// `forbidden` for who is on no committee; `items` when there are none, too many, or one twice.
    pub async fn decide_many(&self, actor: &Actor, ask: &DecideMany) -> Result<Vec<Answered<Decided>>, Problem> {
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

    async fn decide_one(&self, actor: &Actor, item: &Ballot, decide: &Decide) -> Answered<Decided> {
        let decided = self.decide(actor, &item.id, decide, item.version).await;
        let refused_at = decided.as_ref().err().and_then(|problem| problem.state.clone());
        let standing = decided.map(|view| Decided { state: Some(view.line.state), version: Some(view.line.version) });
        let mut answer = Answered::of(&item.id, standing);
        if let Some(place) = refused_at {
            let state = Some(StateView::bare(&place.code, &place.label));
            answer.outcome = Decided { state, version: place.version.map(Position) };
        }
        answer
    }
}
