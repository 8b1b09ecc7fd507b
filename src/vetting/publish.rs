//! The publication that a decision causes: the resource, its earlier revision and its source number, in the decision's change.

use crate::domain::access::grants;
use crate::domain::blob_ref::{BlobClaim, RefError, owner, refer};
use crate::domain::change::{ChangeSet, Topic};
use crate::domain::digest::Digest;
use crate::domain::metadata::FileRole;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Key;
use crate::domain::resource::{Alias, Asset, Provenance, Resource, ResourceState, Revision};
use crate::domain::submission::{Submission, SubmittedFile};
use crate::domain::time::Timestamp;
use crate::store::Store;
use std::collections::BTreeSet;

/// Adds the publication of `submission` to a change. Files of evidence stay with the submission.
pub(super) async fn publish(store: &Store, submission: &Submission, at: Timestamp, changes: &mut ChangeSet) -> Result<(), Problem> {
    let head = store.get::<Resource>(&Key::from(submission.resource.as_str())).await?;
    let mut resource = resource_of(submission, at);
    if head.as_ref().map(|head| head.value.revision) != submission.revision_of {
        let zh = "该资源在送审期间已有新的修订，请退回后以最新修订为基础重新提交。";
        return Err(Problem::new(
            ProblemKind::Conflict,
            "revision",
            zh,
            "The resource has another head revision by now; send this one in again.",
        ));
    }
    if let Some(head) = &head {
        if matches!(head.value.state, ResourceState::Retired { .. }) {
            return Err(Problem::new(ProblemKind::Conflict, "retired", "该资源已出库。", "The resource has been retired."));
        }
        (resource.published, resource.added) = (head.value.published, head.value.added);
        // A complaint that holds the resource back is not answered by a new revision alone.
        resource.state = head.value.state.clone();
        changes.insert(&Revision { resource: head.value.clone() })?;
    }
    changes.upsert(head.as_ref(), &resource)?;
    name(store, submission, changes).await?;
    hold(store, submission, &resource, changes).await?;
    changes.tell(Topic::Resource, resource.id);
    Ok(())
}

/// The institution's own number names the resource from now on.
async fn name(store: &Store, submission: &Submission, changes: &mut ChangeSet) -> Result<(), Problem> {
    let Some(source) = &submission.metadata.source_id else { return Ok(()) };
    let (scope, resource) = (submission.owner.as_str().to_owned(), submission.resource.clone());
    let alias = Alias { space: "source".to_owned(), scope, name: source.clone(), resource };
    let old = store.get::<Alias>(&Alias::key_of(&alias.space, &alias.scope, &alias.name)).await?;
    match &old {
        Some(old) if old.value == alias => changes.guard(old),
        old => changes.upsert(old.as_ref(), &alias)?,
    };
    Ok(())
}

/// The resource needs its bytes, whatever becomes of the submission.
async fn hold(store: &Store, submission: &Submission, resource: &Resource, changes: &mut ChangeSet) -> Result<(), Problem> {
    let shown = submission.files.iter().filter(|file| file.entry.role != FileRole::Evidence);
    let digests: BTreeSet<&Digest> =
        shown.flat_map(|file| [Some(&file.digest), file.text.as_ref(), file.thumbnail.as_ref()]).flatten().collect();
    let keys: Vec<Key> = digests.iter().map(|digest| BlobClaim::key_of(digest)).collect();
    let claims = store.get_many::<BlobClaim>(&keys).await?;
    let owner = owner::<Resource>(&resource.id);
    for (digest, claim) in digests.into_iter().zip(&claims) {
        refer(changes, claim.as_ref(), digest, &owner).map_err(|error| match error {
            RefError::Going(_) => Problem::new(
                ProblemKind::Unavailable,
                "bytes-going",
                "文件正在整理，请稍后再试。",
                "The bytes are being tidied; try again.",
            ),
            RefError::Record(error) => error.into(),
        })?;
    }
    Ok(())
}

fn resource_of(submission: &Submission, at: Timestamp) -> Resource {
    let outcome = submission.outcome.as_ref();
    let shown = submission.files.iter().filter(|file| file.entry.role != FileRole::Evidence);
    Resource {
        id: submission.resource.clone(),
        owner: submission.owner.clone(),
        institution: submission.institution.clone(),
        revision: submission.next_revision(),
        metadata: submission.metadata.clone(),
        assets: shown.map(asset).collect(),
        grants: grants(&submission.owner, &submission.metadata.access),
        state: ResourceState::Published,
        provenance: Provenance::Vetted {
            submission: submission.id.clone(),
            rule_set: submission.rule_set.clone(),
            score: outcome.and_then(|outcome| outcome.mean),
            reviewers: outcome.map_or(0, |outcome| outcome.reviewers),
        },
        published: at,
        updated: at,
        added: None,
    }
}

fn asset(file: &SubmittedFile) -> Asset {
    let facts = file.facts.clone().unwrap_or_default();
    Asset {
        path: file.entry.path.clone(),
        role: file.entry.role,
        media_type: facts.media_type().to_owned(),
        facts,
        text: file.text.as_ref().map(|digest| digest.as_str().to_owned()),
        thumbnail: file.thumbnail.as_ref().map(|digest| digest.as_str().to_owned()),
    }
}
