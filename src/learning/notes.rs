//! Notes with time codes: what a learner wrote about a second or a page of a resource.

use super::Learning;
use crate::domain::access::Actor;
use crate::domain::change::ChangeSet;
use crate::domain::learner::note::{BY_RESOURCE, LearnerNote, NoteText};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::time::Timestamp;
use crate::store::PageRequest;
use serde::{Deserialize, Serialize};

/// A note as its learner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoteView {
    /// Id.
    pub id: String,
    /// What it says, and about which place.
    #[serde(flatten)]
    pub note: NoteText,
    /// When it was made.
    pub made: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
}

impl From<LearnerNote> for NoteView {
    fn from(note: LearnerNote) -> Self {
        Self { id: note.id, note: note.note, made: note.made, changed: note.changed }
    }
}

/// A part of a learner's notes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NotePage {
    /// The latest first.
    pub items: Vec<NoteView>,
    /// Where to go on; nothing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Learning {
    /// A learner's notes, the latest first; of one resource only where it is named.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; `bad-cursor`.
    pub async fn notes(&self, actor: &Actor, learner: &str, resource: Option<&str>, page: PageRequest) -> Result<NotePage, Problem> {
        let (key, _) = self.own(actor, learner)?;
        self.note_access(actor, learner, "notes").await?;
        let found = match resource {
            Some(resource) => self.store.list_by::<LearnerNote>(BY_RESOURCE, &Key::prefix(&[&key, resource]), page).await?,
            None => self.store.list::<LearnerNote>(&Key::prefix(&[&key]), page).await?,
        };
        Ok(NotePage { items: found.items.into_iter().map(|stored| stored.value.into()).collect(), next: found.next })
    }

    /// Keeps a note.
    ///
    /// # Errors
    /// 403; `bad-length`, `bad-place`.
    pub async fn make_note(&self, actor: &Actor, learner: &str, note: NoteText) -> Result<NoteView, Problem> {
        let (learner, _) = self.own_to_keep(actor, learner)?;
        note.check()?;
        let now = self.clock.now();
        let note = LearnerNote { learner, id: self.clock.fresh_id(), note, made: now, changed: now };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(&note)?;
        self.store.commit(change).await?;
        Ok(note.into())
    }

    /// Writes a note anew.
    ///
    /// # Errors
    /// 403; 404; `bad-length`, `bad-place`.
    pub async fn change_note(&self, actor: &Actor, learner: &str, id: &str, note: NoteText) -> Result<NoteView, Problem> {
        let (key, _) = self.own_to_keep(actor, learner)?;
        note.check()?;
        let old = self.note_of(&key, id).await?;
        let new = LearnerNote { note, changed: self.clock.now(), ..old.value.clone() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(&old, &new)?;
        self.store.commit(change).await?;
        Ok(new.into())
    }

    /// Removes a note.
    ///
    /// # Errors
    /// 403; 404.
    pub async fn remove_note(&self, actor: &Actor, learner: &str, id: &str) -> Result<(), Problem> {
        let (key, _) = self.own(actor, learner)?;
        let old = self.note_of(&key, id).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.remove(&old);
        self.store.commit(change).await?;
        Ok(())
    }

    async fn note_of(&self, key: &str, id: &str) -> Result<Stored<LearnerNote>, Problem> {
        self.store.get::<LearnerNote>(&Key::of(&[key, id])).await?.ok_or_else(|| Problem::not_found("笔记", "note"))
    }
}
