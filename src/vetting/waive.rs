//! Waivers: the role that a rule names takes the weight off a finding, with a reason.

use super::Vetting;
use super::act::Request;
use super::views::SubmissionView;
use crate::domain::access::{Actor, Role};
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::rendition;
use crate::domain::submission::table::Action;
use crate::domain::submission::waivers::Waived;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Most findings that one request waives.
const MOST_WAIVED: usize = 100;

/// What is waived and why.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantWaivers {
    /// Rules, each with the file it is waived for; all of them name the same role as who may waive.
    pub waived: BTreeSet<Waived>,
    /// Why, in words for the record; the submitter reads it too.
    pub reason: String,
}

impl Vetting {
    /// Waives findings. When no `must` finding is left, the submission goes to its institution, the desk or, where its track needs neither, to its
    /// reviewers, in the same change.
    ///
    /// # Errors
    /// `waiver` for a rule that nobody may waive; forbidden to whoever does not hold the role that the rule names; `conflict`
    /// and `not-machine` where the machine did not return it.
    pub async fn waive(
        &self,
        actor: &Actor,
        id: &str,
        grant: &GrantWaivers,
        expected: Option<Position>,
    ) -> Result<SubmissionView, Problem> {
        if grant.waived.is_empty() || grant.waived.len() > MOST_WAIVED {
            return Err(Problem::field("waived", "waived", "请选定 1 至 100 条检测意见。", "Name 1 to 100 findings."));
        }
        let role = self.waiving_role(&grant.waived)?;
        let request = Request::new(id, expected, Action::Waive).with_note(&grant.reason).in_role(role);
        self.act(actor, request, |submission, step, changes| {
            let approval = self.rules.needs_approval(&submission);
            let waived = submission.waive(&grant.waived, &grant.reason, approval, step)?;
            let moved = self.rules.after_checks(waived, step.at)?;
            rendition::queue(changes, &moved.submission, || self.clock.fresh_id(), step.at)?;
            Ok(moved)
        })
        .await
    }

    /// The role that all these rules name; read from the rules in force, since a province may have closed a waiver meanwhile.
    fn waiving_role(&self, waived: &BTreeSet<Waived>) -> Result<Role, Problem> {
        let mut roles = BTreeSet::new();
        for one in waived {
            let rule = self.rules.rules().iter().find(|rule| rule.id == one.rule);
            let Some(role) = rule.and_then(|rule| rule.waiver.as_deref()).and_then(Role::parse) else {
                return Err(Problem::field("waiver", "waived", "该规则不能豁免。", "This rule cannot be waived."));
            };
            roles.insert(role);
        }
        match (roles.pop_first(), roles.is_empty()) {
            (Some(role), true) => Ok(role),
            _ => Err(Problem::field(
                "waived",
                "waived",
                "这些规则须由不同角色分别豁免。",
                "These rules are waived by different roles, one by one.",
            )),
        }
    }
}
