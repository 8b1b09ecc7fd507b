//! Takes what editors taught into force.

use super::super::{Discover, index_fault};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::search_word::{MOST, SearchWord, WordKind};
use crate::search::synonyms::Tuning;
use crate::store::{PageRequest, Store};
use std::sync::{Arc, PoisonError};

/// Entries read at once.
const PAGE: usize = 500;

/// All entries of a site.
///
/// # Errors
/// When the store cannot be read.
pub async fn entries(store: &Store) -> Result<Vec<SearchWord>, Problem> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list::<SearchWord>(&Key::default(), PageRequest::first(PAGE).after(cursor)).await?;
        all.extend(page.items.into_iter().map(|stored| stored.value));
        cursor = page.next;
        if cursor.is_none() || all.len() >= MOST {
            return Ok(all);
        }
    }
}

impl Discover {
    /// Numbers of ranking and synonyms in force.
    pub(in crate::discover) fn tuning(&self) -> Arc<Tuning> {
        Arc::clone(&self.tuning.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the entries anew: synonyms are in force at once, words of segmentation when the index is next built.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn learn_words(&self) -> Result<(), Problem> {
        let entries = entries(&self.store).await?;
        let tuning = self.tuned_with(&entries);
        *self.tuning.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tuning);
        self.learn_popular().await
    }

    /// The numbers and synonyms of the language data with these entries.
    pub(in crate::discover) fn tuned_with(&self, entries: &[SearchWord]) -> Tuning {
        let lexicon = self.index.lexicon();
        let mut tuning = lexicon.tuning.clone();
        for entry in entries.iter().filter(|entry| matches!(entry.kind, WordKind::Synonyms | WordKind::OneWay)) {
            tuning.synonyms.add(&entry.words, entry.kind == WordKind::OneWay, &lexicon.folds);
        }
        tuning
    }

    /// Lets the next building of the index know the words that editors added to its dictionary.
    ///
    /// # Errors
    /// When the store or the language data cannot be read.
    pub(in crate::discover) async fn learn_dictionary(&self) -> Result<(), Problem> {
        let words = super::dictionary_words(&entries(&self.store).await?);
        let index = self.index.clone();
        let learning = tokio::task::spawn_blocking(move || index.learn(&words));
        learning.await.map_err(|error| index_fault(&error))?.map_err(|error| index_fault(&error))
    }
}
