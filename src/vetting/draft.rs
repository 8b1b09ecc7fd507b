//! The own opinion while it is being written: saved as often as one likes, gone when the opinion is given.

use super::Vetting;
use super::act::{placed, unauthorized};
use super::opine::LONGEST;
use super::panel::sight;
use crate::domain::access::{Actor, Role};
use crate::domain::change::ChangeSet;
use crate::domain::problem::Problem;
use crate::domain::record::Stored;
use crate::domain::review::draft::OpinionDraft;
use crate::domain::review::{Verdict, Veto};
use crate::domain::submission::Submission;
use crate::domain::submission::opinions::no_claim;
use crate::domain::submission::table::StateCode;
use crate::store::StoreError;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How often saving is tried again when a step came between.
const TRIES: usize = 5;
/// Marks, and vetoes, of a draft at most.
const MOST: usize = 200;

/// An opinion as far as it is written; nothing of it is checked but its size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SaveDraft {
    /// Verdict, where there is one yet.
    pub verdict: Option<Verdict>,
    /// Written so far, up to 10,000 characters.
    pub text: String,
    /// Marks given so far, hundredths of a point.
    pub scores: BTreeMap<String, u32>,
    /// Vetoes written so far.
    pub vetoes: Vec<Veto>,
}

impl Vetting {
    /// The own draft, of whichever round.
    ///
    /// # Errors
    /// Not found, also for who may not see the submission; forbidden to all but reviewers.
    pub async fn draft(&self, actor: &Actor, id: &str) -> Result<OpinionDraft, Problem> {
        let (account, _) = self.writing(actor, id).await?;
        let found = self.store.get::<OpinionDraft>(&OpinionDraft::key_of(id, &account)).await?;
        found.map(|stored| stored.value).ok_or_else(|| Problem::not_found("草稿", "draft"))
    }

    /// Saves the own draft over the one before.
    ///
    /// # Errors
    /// As [`Vetting::draft`]; `no-claim` without an own claim; `draft` for one that is too big.
    pub async fn save_draft(&self, actor: &Actor, id: &str, save: &SaveDraft) -> Result<OpinionDraft, Problem> {
        let mut tried = 0;
        loop {
            let (account, stored) = self.writing(actor, id).await?;
            let submission = &stored.value;
            let open = matches!(submission.state.code(), StateCode::Review | StateCode::Panel);
            if !open || !submission.seat_of(&account).is_some_and(|seat| seat.given.is_none() && !seat.invited) {
                return Err(placed(no_claim(), &stored));
            }
            check(save)?;
            let draft = OpinionDraft {
                submission: id.to_owned(),
                account,
                round: submission.round,
                at: self.clock.now(),
                verdict: save.verdict,
                text: save.text.clone(),
                scores: save.scores.clone(),
                vetoes: save.vetoes.clone(),
            };
            let mut changes = ChangeSet::new(self.clock.fresh_id());
            // Guarded by the submission, so that none is saved after the opinion was given.
            changes.guard(&stored).put_under(None, &draft)?;
            match self.store.commit(changes).await {
                Ok(_) => return Ok(draft),
                Err(StoreError::Conflict { .. }) if tried < TRIES => tried += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn writing(&self, actor: &Actor, id: &str) -> Result<(String, Stored<Submission>), Problem> {
        let account = actor.account.clone().ok_or_else(unauthorized)?;
        let stored = self.load(id).await?;
        sight(actor, &stored.value).ok_or_else(|| Problem::not_found("提交", "submission"))?;
        if actor.has(&[Role::Reviewer], &stored.value.owner) { Ok((account, stored)) } else { Err(Problem::forbidden()) }
    }
}

fn check(save: &SaveDraft) -> Result<(), Problem> {
    let vetoes = save.vetoes.iter().flat_map(|veto| [&veto.item, &veto.fact, &veto.place]);
    let mut texts = vetoes.chain([&save.text]).chain(save.scores.keys());
    let fits = save.vetoes.len() <= MOST && save.scores.len() <= MOST;
    if fits && texts.all(|text| text.chars().count() <= LONGEST && !text.contains('\0')) {
        return Ok(());
    }
    let (zh, en) = ("草稿过长，或含有不能使用的字符。", "The draft is too long, or holds a character that is not taken.");
    Err(Problem::field("draft", "text", zh, en))
}
