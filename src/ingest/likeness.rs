//! Works that are nearly or partly the same as a submission, among those being vetted and those published: by their text, by
//! the bytes of their files.

use super::Ingest;
use crate::domain::access::{OrgPath, Visibility};
use crate::domain::blob_ref::{BlobRef, owner};
use crate::domain::change::ChangeSet;
use crate::domain::inspection::ExtractedText;
use crate::domain::likeness::{Likeness, Signature, Sketcher};
use crate::domain::metadata::FileRole;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Resource, ResourceState};
use crate::domain::submission::table::StateCode;
use crate::domain::submission::{Submission, SubmittedFile};
use crate::rules::Neighbour;
use crate::store::{PageRequest, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// The newest works of each band that are compared: with 20 bands at most 240 sketches of 1 KB are read for one check.
const MOST_OF_A_BAND: usize = 12;
/// Files of a submission that are looked for in other works, and the newest works asked for each.
const MOST_FILES: usize = 50;
const MOST_OWNERS: usize = 8;
/// Works that findings name.
const MOST_NAMED: usize = 5;

/// The sketch of what learners read: not of evidence, nor of subtitles that say once more what a recording says.
pub(super) fn signature(files: &[SubmittedFile], text: impl Fn(&SubmittedFile) -> Option<ExtractedText>) -> Option<Signature> {
    let mut sketcher = Sketcher::default();
    let read = files.iter().filter(|file| !matches!(file.entry.role, FileRole::Evidence | FileRole::Subtitle));
    for file in read {
        let Some(words) = text(file) else { continue };
        if !words.parts.iter().all(|part| sketcher.add(&part.text)) {
            break;
        }
    }
    sketcher.finish()
}

impl Ingest {
    /// Keeps the sketch of a submission. Written before others are looked for: of two works that are checked at the same
    /// instant, at least the one whose sketch is written last finds the other.
    pub(super) async fn keep_likeness(&self, of: &Submission, signature: Option<&Signature>) -> Result<(), Problem> {
        let known = self.store.get::<Likeness>(&Key::from(of.id.as_str())).await?;
        let (submission, resource, owner) = (of.id.clone(), of.resource.clone(), of.owner.clone());
        let new = signature.cloned().map(|signature| Likeness { submission, resource, owner, signature });
        let mut change = ChangeSet::new(self.clock.fresh_id());
        if put_likeness(&mut change, known.as_ref(), new.as_ref())? {
            self.store.commit(change).await?;
        }
        Ok(())
    }

    /// The works nearest to a submission, none below `least` per cent.
    pub(super) async fn neighbours(&self, of: &Submission, signature: &Signature, least: u32) -> Result<Vec<Neighbour>, Problem> {
        let mut named = Vec::new();
        for (percent, other) in nearest(&self.store, signature, least).await? {
            if named.len() < MOST_NAMED && other.resource != of.resource {
                named.extend(self.neighbour(&of.owner, percent, &other.submission, &other.resource).await?);
            }
        }
        Ok(named)
    }

    /// Works that hold the same bytes as a work of this submission, each once.
    pub(super) async fn twins(&self, of: &Submission, files: &[SubmittedFile]) -> Result<Vec<Neighbour>, Problem> {
        let mut seen = BTreeSet::from([of.resource.clone()]);
        let mut twins = Vec::new();
        let owners = owner::<Submission>("");
        for file in files.iter().filter(|file| file.entry.role == FileRole::Master && file.size > 0).take(MOST_FILES) {
            let page = self.store.list::<BlobRef>(&BlobRef::prefix_of(&file.digest), PageRequest::last(MOST_OWNERS)).await?;
            for other in page.items.iter().filter_map(|stored| stored.value.owner.strip_prefix(&owners)) {
                let Some(other) = self.store.get::<Submission>(&Key::from(other)).await? else { continue };
                if twins.len() < MOST_NAMED && seen.insert(other.value.resource.clone()) {
                    let twin = self.neighbour(&of.owner, 100, &other.value.id, &other.value.resource).await?;
                    twins.extend(twin.map(|twin| Neighbour { file: Some(file.entry.path.clone()), ..twin }));
                }
            }
        }
        Ok(twins)
    }

    /// The other work as the submitter may know it; `None` when it is neither published nor under way any more.
    async fn neighbour(&self, owner: &OrgPath, percent: u32, submission: &str, resource: &str) -> Result<Option<Neighbour>, Problem> {
        if let Some(resource) = self.store.get::<Resource>(&Key::from(resource)).await? {
            let resource = resource.value;
            let public = resource.metadata.access == Visibility::Public && resource.state == ResourceState::Published;
            let title = (*owner == resource.owner || public).then(|| resource.metadata.title.main().to_owned());
            let there = !matches!(resource.state, ResourceState::Retired { .. });
            return Ok(there.then_some(Neighbour { title, published: true, percent, file: None }));
        }
        let Some(submission) = self.store.get::<Submission>(&Key::from(submission)).await? else { return Ok(None) };
        let submission = submission.value;
        let title = (*owner == submission.owner).then(|| submission.metadata.title.main().to_owned());
        let under_way = submission.is_open() && submission.state.code() != StateCode::Draft;
        Ok(under_way.then_some(Neighbour { title, published: false, percent, file: None }))
    }
}

/// The sketches nearest to one, with their likeness in per cent, none below `least`, the nearest first; of those that are alike
/// the newest first.
///
/// # Errors
/// The store's.
pub async fn nearest(store: &Store, to: &Signature, least: u32) -> Result<Vec<(u32, Likeness)>, StoreError> {
    let mut alike: BTreeMap<String, (u32, Likeness)> = BTreeMap::new();
    for band in to.bands() {
        let page = PageRequest { limit: MOST_OF_A_BAND, cursor: None, reverse: true };
        let found = store.list_by::<Likeness>("band", &Likeness::band_key(&band), page).await?;
        for other in found.items.into_iter().map(|stored| stored.value) {
            let percent = to.percent(&other.signature);
            if percent >= least {
                alike.insert(other.submission.clone(), (percent, other));
            }
        }
    }
    let mut alike: Vec<(u32, Likeness)> = alike.into_values().collect();
    alike.sort_by(|one, two| (two.0, &two.1.submission).cmp(&(one.0, &one.1.submission)));
    Ok(alike)
}

/// Makes `new` the sketch kept in place of `known`; answers whether that changes anything.
pub(super) fn put_likeness(change: &mut ChangeSet, known: Option<&Stored<Likeness>>, new: Option<&Likeness>) -> Result<bool, Problem> {
    match (known, new) {
        (Some(known), Some(new)) if known.value == *new => return Ok(false),
        (_, Some(new)) => change.upsert(known, new)?,
        (Some(known), None) => change.remove(known),
        (None, None) => return Ok(false),
    };
    Ok(true)
}
