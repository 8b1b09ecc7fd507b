//! Sketches of what was taken over with a catalogue: it never went through the checks, but a copy of it sent in must be found.

use super::Ingest;
use super::likeness::put_likeness;
use crate::domain::change::{ChangeSet, Position};
use crate::domain::likeness::{Likeness, LikenessCursor, Sketcher};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::{Body, Provenance, Resource, ResourceState};
use crate::store::{PageRequest, StoreError};

/// Resources whose sketches one change writes: twenty rows each, of which a larger change would hold up others.
const AT_ONCE: usize = 50;
/// How often a change is tried again that missed a guard.
const TRIES: usize = 5;
/// Commits after which the position is noted though nothing changed.
const UNNOTED: u64 = 10_000;

impl Ingest {
    /// The position up to which sketches were made; `None` when there is none in this history.
    ///
    /// # Errors
    /// The store's.
    pub async fn sketched_to(&self) -> Result<Option<Position>, Problem> {
        let cursor = self.store.get::<LikenessCursor>(&LikenessCursor::only_key()).await?;
        Ok(cursor.filter(|cursor| cursor.value.epoch == self.store.epoch()).map(|cursor| cursor.value.position))
    }

    /// Looks at every resource there is; answers the position that this covers.
    ///
    /// # Errors
    /// The store's.
    pub async fn sketch_all(&self) -> Result<Position, Problem> {
        let (head, mut page) = (self.store.head(), PageRequest::first(AT_ONCE));
        loop {
            let found = self.store.list::<Resource>(&Key::default(), page.clone()).await?;
            self.sketch(found.items.iter().map(|stored| stored.value.id.as_str()).collect()).await?;
            let Some(next) = found.next else { break };
            page = page.after(Some(next));
        }
        self.note_sketched(head).await?;
        Ok(head)
    }

    /// Looks at resources that changed, up to a position.
    ///
    /// # Errors
    /// The store's.
    pub async fn sketch_changed(&self, ids: &[&str], through: Position) -> Result<(), Problem> {
        let mut changed = 0;
        for ids in ids.chunks(AT_ONCE) {
            changed += self.sketch(ids.to_vec()).await?;
        }
        let noted = self.sketched_to().await?.unwrap_or_default();
        // What changed nothing may be looked at again after a start.
        let far = through.0.saturating_sub(noted.0) > UNNOTED;
        if changed > 0 || far { self.note_sketched(through).await } else { Ok(()) }
    }

    /// Gives each of these resources the sketch it should have; answers how many changed.
    async fn sketch(&self, ids: Vec<&str>) -> Result<usize, Problem> {
        let keys: Vec<Key> = ids.into_iter().map(Key::from).collect();
        for _ in 0..TRIES {
            let resources = self.store.get_many::<Resource>(&keys).await?;
            let bodies = self.store.get_many::<Body>(&keys).await?;
            let known = self.store.get_many::<Likeness>(&keys).await?;
            let drawing = move || {
                let each = resources.into_iter().zip(bodies).zip(known);
                let drawn = each.map(|((resource, body), known)| {
                    let new = resource.zip(body).and_then(|(resource, body)| draw(resource.value, &body.value.text));
                    (known, new)
                });
                drawn.collect::<Vec<_>>()
            };
            let wanted = tokio::task::spawn_blocking(drawing).await.map_err(|error| {
                tracing::error!(%error, "sketches could not be drawn");
                Problem::internal()
            })?;
            let (mut change, mut changed) = (ChangeSet::new(self.clock.fresh_id()), 0);
            for (known, new) in &wanted {
                changed += usize::from(put_likeness(&mut change, known.as_ref(), new.as_ref())?);
            }
            if changed == 0 {
                return Ok(0);
            }
            match self.store.commit(change).await {
                // Another node did the same, or some of it.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => return Ok(changed),
            }
        }
        Err(Problem::internal())
    }

    async fn note_sketched(&self, position: Position) -> Result<(), Problem> {
        let old = self.store.get::<LikenessCursor>(&LikenessCursor::only_key()).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.upsert(old.as_ref(), &LikenessCursor { epoch: self.store.epoch().to_owned(), position })?;
        match self.store.commit(change).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The sketch of what was taken over and is still there. What was deposited here has one by its submission.
fn draw(resource: Resource, text: &str) -> Option<Likeness> {
    let admitted = matches!(resource.provenance, Provenance::Admitted { .. });
    if !admitted || matches!(resource.state, ResourceState::Retired { .. }) {
        return None;
    }
    let mut sketcher = Sketcher::default();
    sketcher.add(text);
    let (id, owner, signature) = (resource.id, resource.owner, sketcher.finish()?);
    Some(Likeness { submission: id.clone(), resource: id, owner, signature })
}
