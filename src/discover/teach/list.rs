//! The entries: seen, added, removed.

use super::super::Discover;
use super::learn::entries;
use super::{may_look, may_teach};
use crate::domain::access::Actor;
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Key;
use crate::domain::search_word::{MOST, SearchWord, WordKind};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Characters of a note.
const LONGEST_NOTE: usize = 200;

/// An entry to add.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWord {
    /// What it teaches.
    pub kind: WordKind,
    /// Two to eight words, or one for `word`.
    pub words: Vec<String>,
    /// Why, for other editors.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

/// An entry as editors see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WordView {
    /// Id.
    pub id: String,
    /// What it teaches.
    pub kind: WordKind,
    /// The words.
    pub words: Vec<String>,
    /// Why.
    pub note: String,
    /// Account that made it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Position of the commit that wrote it: search knows it once it has got so far (`after`).
    pub position: Position,
}

/// All entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WordList {
    /// Oldest first.
    pub items: Vec<WordView>,
}

impl Discover {
    /// The entries of the site.
    ///
    /// # Errors
    /// Forbidden but for editors, administrators and auditors of the whole site.
    pub async fn words(&self, actor: &Actor) -> Result<WordList, Problem> {
        may_look(actor)?;
        let all = entries(&self.store).await?;
        let keys: Vec<Key> = all.iter().map(|entry| Key::from(entry.id.as_str())).collect();
        let stored = self.store.get_many::<SearchWord>(&keys).await?;
        Ok(WordList { items: stored.into_iter().flatten().map(|stored| view(stored.value, stored.version)).collect() })
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// Forbidden but for editors and administrators of the whole site; words that are none; `too-many-words`.
    pub async fn add_word(&self, actor: &Actor, new: NewWord) -> Result<WordView, Problem> {
        may_teach(actor)?;
        if new.note.chars().count() > LONGEST_NOTE {
            return Err(Problem::field("note", "note", "说明最多 200 个字。", "A note has 200 characters at most."));
        }
        let words = SearchWord::checked(new.kind, &new.words)?;
        if entries(&self.store).await?.len() >= MOST {
            let (zh, en) = ("词条已达上限，请先删除不用的。", "There are as many entries as there can be; remove some first.");
            return Err(Problem::new(ProblemKind::Conflict, "too-many-words", zh, en));
        }
        let by = actor.account.clone().unwrap_or_default();
        let entry = SearchWord { id: self.clock.fresh_id(), kind: new.kind, words, note: new.note, by, at: self.clock.now() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(&entry)?.tell(Topic::SearchWord, entry.id.clone());
        let position = self.store.commit(change).await?;
        Ok(view(entry, position))
    }

    /// Removes an entry.
    ///
    /// # Errors
    /// As [`Discover::add_word`]; not found.
    pub async fn remove_word(&self, actor: &Actor, id: &str) -> Result<(), Problem> {
        may_teach(actor)?;
        let Some(entry) = self.store.get::<SearchWord>(&Key::from(id)).await? else { return Err(Problem::not_found("词条", "entry")) };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.remove(&entry).tell(Topic::SearchWord, id);
        self.store.commit(change).await?;
        Ok(())
    }
}

fn view(entry: SearchWord, position: Position) -> WordView {
    let SearchWord { id, kind, words, note, by, at } = entry;
    WordView { id, kind, words, note, by, at, position }
}
