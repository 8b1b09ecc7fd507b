//! The public review record of a resource: how it was vetted, without anybody's name.

use super::Vetting;
use super::views::Named;
use crate::domain::access::Actor;
use crate::domain::ledger::LedgerEntry;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::{Provenance, Resource};
use crate::domain::submission::Submission;
use crate::domain::time::Timestamp;
use crate::store::PageRequest;
use serde::Serialize;

/// The mean of one criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CriterionMean {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub label: String,
    /// Weight in hundredths of a per cent.
    pub weight: u32,
    /// Mean in hundredths of a point.
    pub mean: u32,
}

/// One step of the vetting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RecordStep {
    /// Action.
    pub action: Named,
    /// State after it.
    pub state: Named,
    /// When.
    pub at: Timestamp,
}

/// How a resource was vetted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReviewRecord {
    /// Resource.
    pub resource: String,
    /// Revision.
    pub revision: u32,
    /// `vetted` here or `admitted` from another body.
    pub by: String,
    /// The other body, where it was admitted.
    pub vetted_by: Option<String>,
    /// Where it was taken from, where it was admitted.
    pub source: Option<String>,
    /// Track.
    pub track: Option<Named>,
    /// Number of reviewers.
    pub reviewers: u32,
    /// Verdicts given, from mild to severe.
    pub verdicts: Vec<Named>,
    /// Mean of the weighted marks, hundredths of a point.
    pub mean: Option<u32>,
    /// Means by criterion.
    pub criteria: Vec<CriterionMean>,
    /// Rounds it took.
    pub rounds: u32,
    /// Digest of the rule set of the checks.
    pub rule_set: Option<String>,
    /// The steps, with their dates.
    pub steps: Vec<RecordStep>,
}

impl Vetting {
    /// The review record of a resource that the actor may see.
    pub async fn review_record(&self, actor: &Actor, resource: &str) -> Result<ReviewRecord, Problem> {
        let missing = || Problem::not_found("资源", "resource");
        if resource.contains('\0') {
            return Err(missing());
        }
        let found = self.store.get::<Resource>(&Key::from(resource)).await?.ok_or_else(missing)?.value;
        if !found.is_known_to(actor) || !found.is_served() {
            return Err(missing());
        }
        match &found.provenance {
            Provenance::Admitted { vetted_by, source } => Ok(admitted(&found, vetted_by, source)),
            Provenance::Vetted { submission, .. } => {
                let submission = self.load(submission).await?.value;
                let entries = self.store.list::<LedgerEntry>(&LedgerEntry::prefix_of(&submission.id), PageRequest::first(1000)).await?;
                let steps = entries.items.iter().filter_map(|entry| step(&entry.value)).collect();
                Ok(self.vetted(&found, &submission, steps))
            }
        }
    }

    fn vetted(&self, resource: &Resource, submission: &Submission, steps: Vec<RecordStep>) -> ReviewRecord {
        let outcome = submission.outcome.as_ref();
        let form = self.rules.criteria(&submission.metadata.category, submission.metadata.culture.is_some());
        let criteria = outcome.into_iter().flat_map(|outcome| &outcome.criteria).map(|(code, mean)| {
            let known = form.iter().find(|criterion| criterion.code == *code);
            let label = known.map_or_else(|| code.clone(), |criterion| criterion.label.clone());
            CriterionMean { code: code.clone(), label, weight: known.map_or(0, |criterion| criterion.weight), mean: *mean }
        });
        ReviewRecord {
            resource: resource.id.clone(),
            revision: resource.revision,
            by: "vetted".to_owned(),
            vetted_by: None,
            source: None,
            track: self.rules.policy().track(&submission.track).map(|track| Named::new(&track.code, &track.label)),
            reviewers: outcome.map_or(0, |outcome| outcome.reviewers),
            verdicts: outcome.map_or_else(Vec::new, |outcome| outcome.verdicts.iter().copied().map(Named::from).collect()),
            mean: outcome.and_then(|outcome| outcome.mean),
            criteria: criteria.collect(),
            rounds: submission.round,
            rule_set: Some(submission.rule_set.clone()),
            steps,
        }
    }
}

/// Claims and the like are inner matters; what changed the state is the record.
fn step(entry: &LedgerEntry) -> Option<RecordStep> {
    use crate::domain::submission::table::{Action, StateCode};
    let (_, code, label) = Action::ALL.into_iter().find(|row| row.1 == entry.action)?;
    let state = StateCode::parse(&entry.to)?;
    let (action, state) = (Named::new(code, label), Named::new(state.code(), state.label()));
    (entry.from != entry.to).then_some(RecordStep { action, state, at: entry.at })
}

fn admitted(resource: &Resource, vetted_by: &str, source: &str) -> ReviewRecord {
    ReviewRecord {
        resource: resource.id.clone(),
        revision: resource.revision,
        by: "admitted".to_owned(),
        vetted_by: Some(vetted_by.to_owned()),
        source: Some(source.to_owned()),
        track: None,
        reviewers: 0,
        verdicts: Vec::new(),
        mean: None,
        criteria: Vec::new(),
        rounds: 0,
        rule_set: None,
        steps: vec![RecordStep {
            action: Named::new("admitted", "认可入库"),
            state: Named::new("published", "已入库"),
            at: resource.published,
        }],
    }
}
