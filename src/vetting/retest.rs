//! Other standards tried on the published catalogue, before anybody puts them in force.

use super::Vetting;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::digest::Digest;
use crate::domain::finding::{Finding, Severity};
use crate::domain::metadata::FileEntry;
use crate::domain::problem::{FieldProblem, Problem};
use crate::domain::record::Key;
use crate::domain::resource::{Asset, Provenance, Resource, ResourceState};
use crate::domain::submission::{Submission, SubmittedFile};
use crate::rules::{Files, RuleSet, StandardsDiff, Subject};
use crate::store::PageRequest;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Resources that one page tests.
const MOST_TESTED: usize = 200;

/// A published resource that the other standards would return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Fall {
    /// Resource.
    pub id: String,
    /// Title.
    pub title: String,
    /// Institution.
    pub institution: String,
    /// Head revision.
    pub revision: u32,
    /// What would have to be mended, and would not by the standards in force.
    pub findings: Vec<Finding>,
}

/// A page of the catalogue, tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Retest {
    /// Digest of the standards that were tried.
    pub rule_set: String,
    /// Published resources that this page tested.
    pub tested: usize,
    /// Those that would fall.
    pub falls: Vec<Fall>,
    /// Where the next page begins; none at the end of the catalogue.
    pub next: Option<String>,
}

impl Vetting {
    /// What changes from the standards in force to those of `files`, by name.
    ///
    /// # Errors
    /// Forbidden to all but editors and administrators of the site; `rules` with every problem of the files.
    pub fn diff(&self, actor: &Actor, files: &Files) -> Result<StandardsDiff, Problem> {
        Ok(self.rules.diff(&other(actor, files, &self.rules)?))
    }

    /// Tries the standards of `files` on a page of the published catalogue.
    ///
    /// # Errors
    /// As [`Vetting::diff`]; those of the store.
    pub async fn retest(&self, actor: &Actor, files: &Files, cursor: Option<String>) -> Result<Retest, Problem> {
        let other = Arc::new(other(actor, files, &self.rules)?);
        let page = PageRequest { limit: MOST_TESTED, cursor, reverse: false };
        let page = self.store.list::<Resource>(&Key::default(), page).await?;
        let mut retest = Retest { rule_set: other.digest().to_owned(), tested: 0, falls: Vec::new(), next: page.next };
        for resource in page.items.into_iter().map(|stored| stored.value) {
            if resource.state == ResourceState::Published {
                retest.tested += 1;
                retest.falls.extend(self.fall(&other, resource).await?);
            }
        }
        Ok(retest)
    }

    async fn fall(&self, other: &Arc<RuleSet>, resource: Resource) -> Result<Option<Fall>, Problem> {
        let files = self.files_of(&resource).await?;
        let (present, other) = (Arc::clone(&self.rules), Arc::clone(other));
        let compare = move |subject: &Subject<'_>| {
            let due = |rules: &RuleSet| rules.check(subject).findings.into_iter().filter(|finding| finding.severity == Severity::Must);
            let known: BTreeSet<_> = due(&present).map(|finding| (finding.rule, finding.file)).collect();
            due(&other).filter(|finding| !known.contains(&(finding.rule.clone(), finding.file.clone()))).collect::<Vec<Finding>>()
        };
        let findings = self.ask_rules(resource.metadata.clone(), files, None, compare).await?;
        Ok((!findings.is_empty()).then(|| Fall {
            title: resource.metadata.title.main().to_owned(),
            id: resource.id,
            institution: resource.institution,
            revision: resource.revision,
            findings,
        }))
    }

    /// The files as they were judged: those of its submission, evidence among them; else what is published.
    async fn files_of(&self, resource: &Resource) -> Result<Vec<SubmittedFile>, Problem> {
        if let Provenance::Vetted { submission, .. } = &resource.provenance
            && let Some(found) = self.store.get::<Submission>(&Key::from(submission.as_str())).await?
        {
            return Ok(found.value.files);
        }
        Ok(resource.assets.iter().filter_map(|asset| published(resource, asset)).collect())
    }
}

fn published(resource: &Resource, asset: &Asset) -> Option<SubmittedFile> {
    let known = resource.metadata.files.iter().find(|entry| entry.path == asset.path).cloned();
    let entry = known.unwrap_or_else(|| FileEntry { path: asset.path.clone(), role: asset.role, ..FileEntry::default() });
    let digest = Digest::parse(&asset.facts.sha256)?;
    let text = asset.text.as_deref().and_then(Digest::parse);
    Some(SubmittedFile { entry, digest, size: asset.facts.size, facts: Some(asset.facts.clone()), text, thumbnail: None })
}

/// The other standards, for who may ask, where the same is converted.
fn other(actor: &Actor, files: &Files, present: &RuleSet) -> Result<RuleSet, Problem> {
    if !actor.has(&[Role::Editor, Role::Administrator], &OrgPath::root()) {
        return Err(Problem::forbidden());
    }
    let read = RuleSet::from_files(files).map(|set| set.converting(present.converts().clone()));
    read.map_err(|problems| {
        let told = problems.into_iter().map(|problem| FieldProblem {
            path: problem.file,
            row: u32::try_from(problem.line).ok().filter(|line| *line > 0),
            code: problem.code,
            zh: problem.zh,
            en: problem.en,
        });
        Problem::field("rules", "files", "审核规则有误，请逐条改正。", "The rule files are not sound.").with_fields(told.collect())
    })
}
