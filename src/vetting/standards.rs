//! The standards in force, for whoever wants to read them, and a submission's checks explained.

use super::Vetting;
use super::mask::Mask;
use super::panel::sight;
use super::views::Named;
use crate::domain::access::Actor;
use crate::domain::finding::Severity;
use crate::domain::inspection::ExtractedText;
use crate::domain::metadata::Metadata;
use crate::domain::problem::Problem;
use crate::domain::review::{Verdict, VetoItem};
use crate::domain::submission::SubmittedFile;
use crate::domain::submission::table::{StateCode, TABLE};
use crate::rules::policy::Policy;
use crate::rules::rule::{Applies, Evidence};
use crate::rules::{Explanation, Subject};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A rule as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RuleView {
    /// Id.
    pub id: String,
    /// The set it stands in.
    pub set: String,
    /// Chinese title.
    pub title: String,
    /// What it rests on.
    pub basis: String,
    /// How far that can be trusted.
    pub evidence: Evidence,
    /// Severity.
    pub severity: Severity,
    /// What it is for: all of these must match.
    pub applies: Vec<Applies>,
    /// Name of the measure.
    pub measure: String,
    /// The measure in Chinese.
    pub about: String,
    /// Message, with its placeholders.
    pub message: String,
    /// Role that may waive it.
    pub waiver: Option<String>,
    /// First day in force.
    pub valid_from: String,
}

/// The standards in force.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct StandardsView {
    /// Digest of the rule set.
    pub rule_set: String,
    /// Rules.
    pub rules: Vec<RuleView>,
    /// Policy.
    pub policy: Policy,
    /// Veto list.
    pub vetoes: Vec<VetoItem>,
    /// States.
    pub states: Vec<Named>,
    /// Verdicts.
    pub verdicts: Vec<Named>,
    /// The table of the submission's machine.
    pub transitions: Vec<TransitionView>,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TransitionView {
    /// State before; none when there is no submission yet.
    pub from: Option<Named>,
    /// Action.
    pub action: Named,
    /// Codes of the capacities that may.
    pub parties: Vec<String>,
    /// States after.
    pub to: Vec<Named>,
}

impl Vetting {
    /// The rule set in force.
    pub fn rules(&self) -> &crate::rules::RuleSet {
        &self.rules
    }

    /// The standards in force: public.
    pub fn standards(&self) -> StandardsView {
        let state = |code: StateCode| Named::new(code.code(), code.label());
        let rules = self.rules.rules().iter().map(|rule| RuleView {
            id: rule.id.clone(),
            set: rule.set.clone(),
            title: rule.title.clone(),
            basis: rule.basis.clone(),
            evidence: rule.evidence,
            severity: rule.severity,
            applies: rule.applies.iter().filter(|applies| **applies != Applies::default()).cloned().collect(),
            measure: rule.test.measure.name.to_owned(),
            about: rule.test.measure.about.to_owned(),
            message: rule.message.clone(),
            waiver: rule.waiver.clone(),
            valid_from: rule.valid_from.clone(),
        });
        let lines = TABLE.iter().map(|line| TransitionView {
            from: line.from.map(state),
            action: Named::new(line.action.code(), line.action.label()),
            parties: line.parties.iter().map(|party| party.code().to_owned()).collect(),
            to: line.to.iter().copied().map(state).collect(),
        });
        StandardsView {
            rule_set: self.rules.digest().to_owned(),
            rules: rules.collect(),
            policy: self.rules.policy().clone(),
            vetoes: self.rules.vetoes().to_vec(),
            states: StateCode::ALL.into_iter().map(|row| Named::new(row.1, row.2)).collect(),
            verdicts: Verdict::ALL.into_iter().map(|row| row.0.into()).collect(),
            transitions: lines.collect(),
        }
    }

    /// Applies the standards in force to a submission again and tells what became of each rule; changes nothing.
    pub async fn explain(&self, actor: &Actor, id: &str) -> Result<Explanation, Problem> {
        let submission = self.load(id).await?.value;
        let sight = sight(actor, &submission).ok_or_else(|| Problem::not_found("提交", "submission"))?;
        let mask = Mask::of(sight, &submission);
        let rules = Arc::clone(&self.rules);
        // The rules see the whole work; what they say of it is masked.
        let mut explained =
            self.ask_rules(submission.metadata, submission.files, submission.row, move |subject| rules.explain(subject)).await?;
        if let Some(mask) = mask {
            explained.rules.iter_mut().for_each(|taken| {
                taken.file = taken.file.as_deref().map(|file| mask.path(file));
                taken.measured = taken.measured.as_deref().map(|measured| mask.measured(&taken.measure, measured));
                taken.why = taken.why.as_deref().map(|why| mask.text(why));
            });
        }
        Ok(explained)
    }

    /// Asks rules about a work, off the async threads: they read whole texts.
    pub(super) async fn ask_rules<T: Send + 'static>(
        &self,
        metadata: Metadata,
        files: Vec<SubmittedFile>,
        row: Option<u32>,
        ask: impl FnOnce(&Subject<'_>) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let mut texts: BTreeMap<String, ExtractedText> = BTreeMap::new();
        for file in &files {
            if let Some(digest) = &file.text {
                texts.extend(ExtractedText::unpack(&self.blobs.read(digest).await?).map(|text| (file.entry.path.clone(), text)));
            }
        }
        let at = self.clock.now();
        let work = move || {
            let text = |file: &SubmittedFile| texts.get(&file.entry.path).cloned();
            ask(&Subject { metadata: &metadata, files: &files, row, at, neighbours: None, text: &text })
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "the rules panicked");
            Problem::internal()
        })
    }
}
