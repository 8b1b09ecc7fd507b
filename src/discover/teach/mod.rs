//! What editors teach search while it runs: entries in the store, tried before they are saved, in force from the moment that
//! the feed tells of them.
//!
//! This room changes no resource and no document of the index; what a query finds with an entry, it finds by the same code
//! that serves everybody. A new kind of entry is a kind of [`SearchWord`] and a line in [`super::Discover::learn_words`].

mod asked;
mod learn;
mod list;
mod trial;

pub use asked::{Asked, AskedPage, AskedView, ListAsked, first_week, may_be_counted};
pub use learn::entries;
pub use list::{NewWord, WordList, WordView};
pub use trial::{Effect, Effects, Seen, Trial};

use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::problem::Problem;
use crate::domain::search_word::SearchWord;

/// Editors and administrators of the whole site teach; entries hold for everybody who searches.
fn may_teach(actor: &Actor) -> Result<(), Problem> {
    allowed(actor, &[Role::Editor, Role::Administrator])
}

/// Auditors of the whole site may look on.
fn may_look(actor: &Actor) -> Result<(), Problem> {
    allowed(actor, &[Role::Editor, Role::Administrator, Role::Auditor])
}

fn allowed(actor: &Actor, roles: &[Role]) -> Result<(), Problem> {
    if actor.has(roles, &OrgPath::root()) { Ok(()) } else { Err(Problem::forbidden()) }
}

/// The words of entries that segmentation must know.
pub fn dictionary_words(entries: &[SearchWord]) -> Vec<String> {
    use crate::domain::search_word::WordKind;
    entries.iter().filter(|entry| entry.kind == WordKind::Word).flat_map(|entry| entry.words.iter().cloned()).collect()
}
