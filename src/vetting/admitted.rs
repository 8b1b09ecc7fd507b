//! Machine checks of what was taken over from another body: its description and its text, as far as they are here. Files stay
//! where they are. What is found is listed for the desk, which has the usual ways to act: holding back, retiring, a new vetting.

use super::Vetting;
use super::act::unauthorized;
use super::scan::Scan;
use super::views::Named;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::admitted::{AdmittedBatch, AdmittedFindings};
use crate::domain::change::ChangeSet;
use crate::domain::digest::Digest;
use crate::domain::finding::{Finding, Severity};
use crate::domain::inspection::{ExtractedText, Locator, TextPart};
use crate::domain::job::Job;
use crate::domain::metadata::{FileEntry, FileRole};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Body, Provenance, Resource, ResourceState};
use crate::domain::submission::SubmittedFile;
use crate::domain::submission::published::{state_code, state_label};
use crate::domain::time::Timestamp;
use crate::rules::{RuleSet, Subject};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who reads what was found.
const READERS: [Role; 3] = [Role::Editor, Role::Auditor, Role::Administrator];
/// What findings call the text that came with a row.
const TEXT: &str = "正文";

/// Which findings.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAdmitted {
    /// `must`: only resources that would have been returned; `should`: only those that people would have had to look at.
    pub severity: Option<Severity>,
    /// Items at most, up to 100.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A resource that another body vetted, and what the checks say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AdmittedView {
    /// Resource.
    pub resource: String,
    /// Title.
    pub title: String,
    /// Institution.
    pub institution: String,
    /// Owner.
    pub owner: OrgPath,
    /// The body that vetted it.
    pub vetted_by: String,
    /// Where it stands.
    pub state: Named,
    /// Digest of the rule set.
    pub rule_set: String,
    /// What was found.
    pub findings: Vec<Finding>,
    /// When it was checked.
    pub at: Timestamp,
}

/// A page of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AdmittedPage {
    /// In the order of their ids.
    pub items: Vec<AdmittedView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// A resource to check, with its text and what was found before.
type Waiting = (Resource, String, Option<Stored<AdmittedFindings>>);

impl Vetting {
    /// Does a [`crate::domain::job::JobKind::CheckAdmitted`] job: checks the resources of a batch as they are now.
    ///
    /// # Errors
    /// The store's.
    pub async fn check_admitted(&self, job: &Job) -> Result<ChangeSet, Problem> {
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        let Some(batch) = self.store.get::<AdmittedBatch>(&Key::from(job.subject.as_str())).await? else { return Ok(changes) };
        let keys: Vec<Key> = batch.value.resources.iter().map(|id| Key::from(id.as_str())).collect();
        let resources = self.store.get_many::<Resource>(&keys).await?;
        let bodies = self.store.get_many::<Body>(&keys).await?;
        let known = self.store.get_many::<AdmittedFindings>(&keys).await?;
        let each = resources.into_iter().zip(bodies).zip(known);
        let text = |body: Option<Stored<Body>>| body.map(|body| body.value.text).unwrap_or_default();
        let waiting: Vec<Waiting> = each.filter_map(|((resource, body), known)| Some((resource?.value, text(body), known))).collect();
        let (rules, at) = (Arc::clone(&self.rules), self.clock.now());
        let checked = tokio::task::spawn_blocking(move || {
            waiting.into_iter().map(|(resource, text, known)| (checked(&rules, resource, &text, at), known)).collect::<Vec<_>>()
        });
        let checked = checked.await.map_err(|error| {
            tracing::error!(%error, "the rules panicked");
            Problem::internal()
        })?;
        for (found, known) in checked {
            match (found, known) {
                (Some(found), known) => {
                    changes.upsert(known.as_ref(), &found)?;
                }
                (None, Some(known)) => {
                    changes.remove(&known);
                }
                (None, None) => {}
            }
        }
        changes.remove(&batch);
        Ok(changes)
    }

    /// A page of what the checks found in the catalogues that were taken over, for the desk of their owners.
    ///
    /// # Errors
    /// Unauthorized; forbidden to all but editors, auditors and administrators.
    pub async fn admitted(&self, actor: &Actor, ask: &ListAdmitted) -> Result<AdmittedPage, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        if !actor.has_anywhere(&READERS) {
            return Err(Problem::forbidden());
        }
        let by = ask.severity.map(|severity| ("severity", AdmittedFindings::severity_key(severity)));
        let scan = Scan { by, limit: ask.limit.unwrap_or(20), cursor: ask.cursor.clone(), reverse: false };
        let page = self.page_of::<AdmittedFindings>(scan, |found| actor.has(&READERS, &found.owner)).await?;
        let keys: Vec<Key> = page.items.iter().map(|found| Key::from(found.value.resource.as_str())).collect();
        let resources = self.store.get_many::<Resource>(&keys).await?.into_iter();
        let items = resources.zip(page.items).filter_map(|(resource, found)| view(resource?.value, found.value)).collect();
        Ok(AdmittedPage { items, next: page.next })
    }
}

/// What weighs in a resource that is served and was vetted by another body.
fn checked(rules: &RuleSet, resource: Resource, text: &str, at: Timestamp) -> Option<AdmittedFindings> {
    let admitted = matches!(resource.provenance, Provenance::Admitted { .. }) && !matches!(resource.state, ResourceState::Retired { .. });
    if !admitted {
        return None;
    }
    let files: Vec<SubmittedFile> = (!text.is_empty()).then(written).into_iter().collect();
    let told = |_: &SubmittedFile| Some(ExtractedText { parts: vec![TextPart { locator: Locator::Whole, text: text.to_owned() }] });
    let metadata = &resource.metadata;
    let report = rules.check_described(&Subject { metadata, files: &files, row: None, at, neighbours: None, text: &told });
    (!report.findings.is_empty()).then_some(AdmittedFindings {
        findings: report.findings,
        rule_set: report.rule_set,
        resource: resource.id,
        revision: resource.revision,
        owner: resource.owner,
        at,
    })
}

/// The text that came with a row, as if it were a file.
fn written() -> SubmittedFile {
    let entry = FileEntry { path: TEXT.to_owned(), role: FileRole::Master, ..FileEntry::default() };
    SubmittedFile { entry, digest: Digest::from_bytes(&[0; 32]), size: 0, facts: None, text: None, thumbnail: None }
}

fn view(resource: Resource, found: AdmittedFindings) -> Option<AdmittedView> {
    let Provenance::Admitted { vetted_by, .. } = resource.provenance else { return None };
    Some(AdmittedView {
        state: Named::new(state_code(&resource.state), state_label(&resource.state)),
        title: resource.metadata.title.main().to_owned(),
        institution: resource.institution,
        owner: resource.owner,
        resource: resource.id,
        vetted_by,
        rule_set: found.rule_set,
        findings: found.findings,
        at: found.at,
    })
}
