//! A reviewer's opinion.

use super::Vetting;
use super::act::Request;
use super::views::SubmissionView;
use crate::domain::access::Actor;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::review::draft::OpinionDraft;
use crate::domain::review::figures::OpinionFigures;
use crate::domain::review::{Opinion, Verdict, Veto, weighted_mark};
use crate::domain::submission::Submission;
use crate::domain::submission::table::Action;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest written opinion in characters.
pub(super) const LONGEST: usize = 10_000;

/// An opinion as a reviewer gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
pub struct GiveOpinion {
    /// Verdict.
    pub verdict: Verdict,
    /// Written opinion, for the submitter to read; 1 to 10,000 characters.
    pub text: String,
    /// Marks by criterion in hundredths of a point (8,650 = 86.5). All or none; a track that scores needs all.
    #[serde(default)]
    pub scores: BTreeMap<String, u32>,
    /// Vetoes, with fact and place; a veto goes with 不予入库.
    #[serde(default)]
    pub vetoes: Vec<Veto>,
}

impl Vetting {
    /// Gives an opinion on a claimed submission. The mark is reckoned here from the scores and the weights of the category.
    pub async fn opine(&self, actor: &Actor, id: &str, give: &GiveOpinion, expected: Option<Position>) -> Result<SubmissionView, Problem> {
        let known = self.reviewer(actor).await?;
        self.check_words(give)?;
        let opinion_id = self.clock.fresh_id();
        let claimed = self.claimed_at(id, known.judge().account, None).await?;
        let request = Request::new(id, expected, Action::Opine);
        self.act(actor, request, |submission, step, changes| {
            let opinion = Opinion {
                id: opinion_id.clone(),
                submission: submission.id.clone(),
                round: submission.round,
                reviewer: step.account.to_owned(),
                at: step.at,
                scores: give.scores.clone(),
                mark: self.mark(&submission, give)?,
                verdict: give.verdict,
                text: give.text.trim().to_owned(),
                salt: self.clock.fresh_id(),
                vetoes: give.vetoes.clone(),
                rule_set: self.rules.digest().to_owned(),
            };
            changes.insert(&opinion)?;
            changes.insert(&OpinionFigures::of(&opinion, &submission, claimed))?;
            OpinionDraft::forget(&submission.id, step.account, changes);
            // The salt lies in the opinion itself, beside its text.
            let step = step.with_note(&opinion.text, &opinion.salt);
            submission.opine(&opinion, &known.judge(), &step)
        })
        .await
    }

    fn mark(&self, submission: &Submission, give: &GiveOpinion) -> Result<Option<u32>, Problem> {
        let scored = submission.plan.as_ref().is_some_and(|plan| plan.scored);
        // A veto ends the matter: nothing is scored then.
        if give.scores.is_empty() && (!scored || !give.vetoes.is_empty()) {
            return Ok(None);
        }
        let criteria = self.rules.criteria(&submission.metadata.category, submission.metadata.culture.is_some());
        weighted_mark(criteria, &give.scores).map(Some)
    }

    fn check_words(&self, give: &GiveOpinion) -> Result<(), Problem> {
        let length = give.text.trim().chars().count();
        if length == 0 || length > LONGEST || give.text.contains('\0') {
            return Err(Problem::field(
                "opinion-text",
                "text",
                "请填写评审意见（1 至 10000 字）。",
                "A written opinion of 1 to 10,000 characters is needed.",
            ));
        }
        for (place, veto) in give.vetoes.iter().enumerate() {
            let path = |field: &str| format!("vetoes[{place}].{field}");
            if !self.rules.vetoes().iter().any(|item| item.code == veto.item) {
                return Err(Problem::field("veto-item", path("item"), "没有这一否决项。", "There is no such veto item."));
            }
            let blank = |text: &str| text.trim().is_empty() || text.contains('\0');
            if blank(&veto.fact) || blank(&veto.place) {
                let (zh, en) = ("否决须写明事实及其所在位置。", "A veto needs the fact and its place.");
                return Err(Problem::field("veto-fact", path("fact"), zh, en));
            }
        }
        if !give.vetoes.is_empty() && give.verdict != Verdict::Reject {
            let (zh, en) = ("提出一票否决时，结论应为“不予入库”。", "With a veto the verdict is reject.");
            return Err(Problem::field("veto-verdict", "verdict", zh, en));
        }
        Ok(())
    }
}
