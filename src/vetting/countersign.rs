//! The office's countersign: what it says, who marks a work for it, and how it is kept to time without ever being passed over.

use super::Vetting;
use super::act::Request;
use super::views::SubmissionView;
use crate::domain::access::Actor;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::record::Stored;
use crate::domain::submission::countersign::Word;
use crate::domain::submission::table::Action;
use crate::domain::submission::{State, Step, Submission};
use crate::domain::time::Timestamp;
use serde::Deserialize;

/// Longest text of an office, or reason of a mark, in characters.
const LONGEST: usize = 10_000;
/// Longest number of a letter, in characters.
const LONGEST_LETTER: usize = 100;

/// What the office says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveCountersign {
    /// `agree`, or `object`, which needs reasons.
    pub answer: OfficeAnswer,
    /// In words, up to 10,000 characters; the submitting side, the desk and the committee read it.
    #[serde(default)]
    pub text: String,
    /// Number of the office's letter, up to 100 characters.
    #[serde(default)]
    pub letter: String,
}

/// An office agrees or objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfficeAnswer {
    /// It may be passed.
    Agree,
    /// Only the committee may pass it, by two votes at least that answer the objection.
    Object,
}

/// A mark by which a work needs the office's countersign.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkContent {
    /// One of the flags that the policy names: `ethnic`, `religious`, `rites`.
    pub flag: String,
    /// Why.
    pub reason: String,
}

impl Vetting {
    /// Agrees or objects for the office; then the work goes to whoever decides it.
    ///
    /// # Errors
    /// Those of every step; `recused`, `reason-required`; `text` for words that are too long.
    pub async fn countersign(
        &self,
        actor: &Actor,
        id: &str,
        give: &GiveCountersign,
        expected: Option<Position>,
    ) -> Result<SubmissionView, Problem> {
        check_length("text", &give.text, LONGEST)?;
        check_length("letter", &give.letter, LONGEST_LETTER)?;
        let agrees = give.answer == OfficeAnswer::Agree;
        let action = if agrees { Action::Countersign } else { Action::Dissent };
        let request = Request::new(id, expected, action);
        let known = self.judging(actor, &request).await?;
        // The letter's number is part of what was said.
        let note = [give.text.trim(), give.letter.trim()].join("\n");
        let word = Word { agrees, text: &give.text, letter: &give.letter };
        self.act(actor, request.with_note(&note), |submission, step, _| submission.countersign(&word, &known.judge(), step)).await
    }

    /// Marks a work as content that the office must countersign.
    ///
    /// # Errors
    /// Those of every step; `flag` for one that the policy does not know, `flagged`, `no-claim`, `reason-required`.
    pub async fn mark_content(
        &self,
        actor: &Actor,
        id: &str,
        mark: &MarkContent,
        expected: Option<Position>,
    ) -> Result<SubmissionView, Problem> {
        check_length("reason", &mark.reason, LONGEST)?;
        let known = self.rules.policy().countersign.as_ref().is_some_and(|terms| terms.flags.contains(&mark.flag));
        if !known {
            return Err(Problem::field("flag", "flag", "没有这一标记。", "The policy knows no such flag."));
        }
        let request = Request::new(id, expected, Action::Flag).with_note(&mark.reason);
        self.act(actor, request, |submission, step, _| submission.flag(&mark.flag, &mark.reason, step)).await
    }

    /// Where the office's term to answer ends, while it is asked.
    pub(super) fn office_due(&self, submission: &Submission) -> Option<Timestamp> {
        let State::Countersign { since, .. } = submission.state else { return None };
        let days = submission.countersign_terms().map_or(0, |terms| terms.answer_days);
        Some(self.rules.calendar().after_working_days(since, days))
    }

    /// Reminds the office before its term ends, and tells the desk once it has. Answers how many steps that were.
    pub(super) async fn keep_office_to_time(&self, stored: &Stored<Submission>) -> Result<usize, Problem> {
        let State::Countersign { reminded, overdue, .. } = stored.value.state else { return Ok(0) };
        let Some(due) = self.office_due(&stored.value) else { return Ok(0) };
        let now = self.clock.now();
        let (submission, step) = (stored.value.clone(), Step::program(now));
        let days = submission.countersign_terms().map_or(0, |terms| terms.remind_days);
        let moved = if due <= now && !overdue {
            submission.note_overdue(due, &step)?
        } else if days > 0 && !reminded && due > now && self.rules.calendar().working_days_left(now, due) <= days {
            submission.remind_office(&step)?
        } else {
            return Ok(0);
        };
        Ok(usize::from(self.by_program(stored, moved).await?.is_some()))
    }
}

fn check_length(field: &str, text: &str, most: usize) -> Result<(), Problem> {
    if text.chars().count() <= most {
        return Ok(());
    }
    Err(Problem::field("text", field, format!("不超过 {most} 字。"), format!("{most} characters at most.")))
}
