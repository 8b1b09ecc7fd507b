//! Searches that people keep, to be told once a day of what is new in them.
//!
//! Publication knows nothing of them: once a day each is asked for what came into the catalogue since its owner was told last
//! ([`Discover::look_for_new`]), with what the owner may see at that moment. This room tells nobody: it answers what is to be told,
//! with the change that remembers it.

mod keep;
mod look;

pub use keep::{ChangedSearch, NewSearch, SavedSearches};
pub use look::{News, Round};

use super::Discover;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::saved_search::{MOST, SavedSearch};
use crate::store::PageRequest;

impl Discover {
    async fn saved_of(&self, account: &str) -> Result<Vec<Stored<SavedSearch>>, Problem> {
        Ok(self.store.list::<SavedSearch>(&Key::prefix(&[account]), PageRequest::first(MOST * 2)).await?.items)
    }
}
