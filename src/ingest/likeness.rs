//! Works that are nearly or partly the same as a submission, among those being vetted and those published: by their text, by
//! the bytes of their files. Two that are checked at the same instant may miss one another.

use super::Ingest;
use crate::domain::access::{OrgPath, Visibility};
use crate::domain::blob_ref::{BlobRef, owner};
use crate::domain::inspection::ExtractedText;
use crate::domain::likeness::{Likeness, Signature, Sketcher};
use crate::domain::metadata::FileRole;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Resource, ResourceState};
use crate::domain::submission::table::StateCode;
use crate::domain::submission::{Submission, SubmittedFile};
use crate::rules::Neighbour;
use crate::store::PageRequest;
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
    /// The sketch that the store has of a submission.
    pub(super) async fn known_likeness(&self, submission: &str) -> Result<Option<Stored<Likeness>>, Problem> {
        Ok(self.store.get::<Likeness>(&Key::from(submission)).await?)
    }

    /// The works nearest to a submission, none below `least` per cent.
    pub(super) async fn neighbours(&self, of: &Submission, signature: &Signature, least: u32) -> Result<Vec<Neighbour>, Problem> {
        let mut alike: BTreeMap<String, (u32, Likeness)> = BTreeMap::new();
        for band in signature.bands() {
            let page = PageRequest { limit: MOST_OF_A_BAND, cursor: None, reverse: true };
            let found = self.store.list_by::<Likeness>("band", &Likeness::band_key(&band), page).await?;
            for other in found.items.into_iter().map(|stored| stored.value) {
                let percent = signature.percent(&other.signature);
                if percent >= least && other.resource != of.resource && other.submission != of.id {
                    alike.insert(other.submission.clone(), (percent, other));
                }
            }
        }
        let mut alike: Vec<(u32, Likeness)> = alike.into_values().collect();
        alike.sort_by(|one, two| (two.0, &one.1.submission).cmp(&(one.0, &two.1.submission)));
        let mut named = Vec::new();
        for (percent, other) in alike {
            if named.len() < MOST_NAMED {
                named.extend(self.neighbour(&of.owner, percent, &other.submission).await?);
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
                    let twin = self.neighbour(&of.owner, 100, &other.value.id).await?;
                    twins.extend(twin.map(|twin| Neighbour { file: Some(file.entry.path.clone()), ..twin }));
                }
            }
        }
        Ok(twins)
    }

    /// The other work as the submitter may know it; `None` when it is neither published nor under way any more.
    async fn neighbour(&self, owner: &OrgPath, percent: u32, other: &str) -> Result<Option<Neighbour>, Problem> {
        let Some(submission) = self.store.get::<Submission>(&Key::from(other)).await? else { return Ok(None) };
        let submission = submission.value;
        let own = *owner == submission.owner;
        if let Some(resource) = self.store.get::<Resource>(&Key::from(submission.resource.as_str())).await? {
            let resource = resource.value;
            let public = resource.metadata.access == Visibility::Public && resource.state == ResourceState::Published;
            let title = (own || public).then(|| resource.metadata.title.main().to_owned());
            let there = !matches!(resource.state, ResourceState::Retired { .. });
            return Ok(there.then_some(Neighbour { title, published: true, percent, file: None }));
        }
        let title = own.then(|| submission.metadata.title.main().to_owned());
        let under_way = submission.is_open() && submission.state.code() != StateCode::Draft;
        Ok(under_way.then_some(Neighbour { title, published: false, percent, file: None }))
    }
}
