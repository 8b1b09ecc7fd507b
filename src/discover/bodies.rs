//! The text of a resource where it lies: extracted texts in blobs, the body row of imported ones in the store.

use super::places::place_of;
use crate::blob::Blobs;
use crate::domain::digest::Digest;
use crate::domain::inspection::{ExtractedText, Locator};
use crate::domain::metadata::FileRole;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::{Body, Resource};
use crate::search::document::BodyPart;
use crate::store::Store;
use futures::StreamExt as _;
use moka::sync::Cache;
use std::sync::Arc;

/// Bytes of opened texts that are kept for the next request.
const KEPT: u64 = 32_000_000;
/// Resources whose texts are read at once: each text passes through the threads that wait for disks, where it queues behind
/// whatever else the program does, so that one after the other 500 of them take seconds while much is decided.
const AT_ONCE: usize = 16;

/// Opens texts.
#[derive(Clone)]
pub struct Bodies {
    store: Store,
    blobs: Blobs,
    opened: Cache<(String, u64), Arc<Vec<BodyPart>>>,
}

impl Bodies {
    /// From the store and the blobs.
    pub fn new(store: Store, blobs: Blobs) -> Self {
        let weigh = |_: &(String, u64), parts: &Arc<Vec<BodyPart>>| {
            let bytes: usize = parts.iter().map(|part| part.text.len() + 100).sum();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self { store, blobs, opened: Cache::builder().weigher(weigh).max_capacity(KEPT).build() }
    }

    /// The parts of a resource's text: titles of lessons, then what its files say, or its body row where they say nothing.
    /// A blob that is gone or broken is logged and left out: `verify` reports it, and the rest stays findable.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn parts(&self, resource: &Resource) -> Result<Vec<BodyPart>, Problem> {
        let mut parts = self.files_of(resource).await;
        if !has_files_with_text(resource) {
            let body = self.store.get::<Body>(&Key::from(resource.id.as_str())).await?;
            parts.extend(body.map(|stored| of_row(stored.value)));
        }
        Ok(parts)
    }

    async fn add_files(&self, resource: &Resource, parts: &mut Vec<BodyPart>) {
        for asset in resource.assets.iter().filter(|asset| asset.role != FileRole::Evidence) {
            let Some(digest) = asset.text.as_deref().and_then(Digest::parse) else { continue };
            let text = match self.blobs.read(&digest).await {
                Ok(bytes) => ExtractedText::unpack(&bytes),
                Err(error) => {
                    tracing::error!(resource = resource.id, %digest, %error, "an extracted text could not be read");
                    continue;
                }
            };
            let Some(text) = text else {
                tracing::error!(resource = resource.id, %digest, "an extracted text is not one");
                continue;
            };
            parts.extend(text.parts.into_iter().map(|part| {
                let (file, locator) = place_of(resource, asset, part.locator);
                BodyPart { file: Some(file), locator, text: part.text }
            }));
        }
    }

    /// The parts of a resource's text as it was when the index took it in at `version`; none when it has changed since.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(&self, id: &str, version: u64) -> Result<Arc<Vec<BodyPart>>, Problem> {
        let key = (id.to_owned(), version);
        if let Some(known) = self.opened.get(&key) {
            return Ok(known);
        }
        let found = self.store.get::<Resource>(&Key::from(id)).await?;
        let parts = match found.filter(|stored| stored.version.0 == version) {
            Some(stored) => Arc::new(self.parts(&stored.value).await?),
            None => Arc::default(),
        };
        self.opened.insert(key, Arc::clone(&parts));
        Ok(parts)
    }

    /// The texts of many resources, in their order; body rows are read together.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn parts_of_many(&self, resources: &[&Resource]) -> Result<Vec<Vec<BodyPart>>, Problem> {
        let bare: Vec<Key> = resources.iter().filter(|one| !has_files_with_text(one)).map(|one| Key::from(one.id.as_str())).collect();
        let mut rows = self.store.get_many::<Body>(&bare).await?.into_iter();
        let reading: Vec<_> = resources.iter().map(|resource| self.files_of(resource)).collect();
        let mut all: Vec<Vec<BodyPart>> = futures::stream::iter(reading).buffered(AT_ONCE).collect().await;
        for (parts, _) in all.iter_mut().zip(resources).filter(|(_, resource)| !has_files_with_text(resource)) {
            parts.extend(rows.next().flatten().map(|stored| of_row(stored.value)));
        }
        Ok(all)
    }

    /// Titles of lessons, then what the files say, where they say anything.
    async fn files_of(&self, resource: &Resource) -> Vec<BodyPart> {
        let mut parts = lessons(resource);
        if has_files_with_text(resource) {
            self.add_files(resource, &mut parts).await;
        }
        parts
    }
}

/// Titles of lessons, each at its first file.
fn lessons(resource: &Resource) -> Vec<BodyPart> {
    let titled = resource.metadata.lessons.iter().filter(|lesson| !lesson.title.is_empty());
    titled.map(|lesson| BodyPart { file: lesson.files.first().cloned(), locator: Locator::Whole, text: lesson.title.clone() }).collect()
}

fn has_files_with_text(resource: &Resource) -> bool {
    resource.assets.iter().any(|asset| asset.text.is_some() && asset.role != FileRole::Evidence)
}

fn of_row(body: Body) -> BodyPart {
    BodyPart { file: None, locator: Locator::Whole, text: body.text }
}
