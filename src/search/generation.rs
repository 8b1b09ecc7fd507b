//! One index on disk. A rebuild makes the next generation beside the present one; then they are swapped.

use super::analysis::lexicon::Lexicon;
use super::directory::IndexFolder;
use super::schema::{Fields, tokenizers};
use super::suggest::Offer;
use super::view::View;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tantivy::index::SegmentId;
use tantivy::{BitSet, Index, IndexReader, IndexSettings, ReloadPolicy};

use crate::domain::change::Position;

/// Bytes of one block of stored documents: what a hit shows is read block by block, so blocks are small.
const STORE_BLOCK: usize = 4_096;
/// Bytes of filters that are kept.
const FILTER_CACHE: u64 = 16_000_000;
/// Bytes of suggestions that are kept.
const OFFER_CACHE: u64 = 24_000_000;

/// How far an index has got, kept in its own commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Epoch of the store it follows.
    pub epoch: String,
    /// Position up to which the store's facts are in it.
    pub position: Position,
    /// Version of the schema.
    pub schema: u32,
    /// Digest of the language data it was made with.
    pub lexicon: String,
}

/// A set of documents of a segment that a filter lets through; `None` lets all through.
pub type Passing = Option<Arc<BitSet>>;

/// Segment, field and values of a filter.
pub type FilterKey = (SegmentId, u32, String);

/// Segment, and what was typed by whom.
pub type OfferKey = (SegmentId, String);

/// An index that can be searched.
pub struct Generation {
    name: String,
    dir: PathBuf,
    index: Index,
    reader: IndexReader,
    fields: Fields,
    lexicon: Arc<Lexicon>,
    made_with: String,
    filters: Cache<FilterKey, Passing>,
    offers: Cache<OfferKey, Arc<Vec<Offer>>>,
    view: RwLock<Arc<View>>,
}

impl Generation {
    /// Opens the generation of this name below `root`; `None` when it is not there or was made by another schema.
    ///
    /// # Errors
    /// When files are there but cannot be opened.
    pub fn open(root: &Path, name: &str, lexicon: &Arc<Lexicon>) -> tantivy::Result<Option<Self>> {
        let dir = root.join(name);
        if !dir.join("meta.json").exists() {
            return Ok(None);
        }
        let mut index = Index::open(IndexFolder::open(&dir)?)?;
        let fields = Fields::declare();
        if index.schema() != fields.schema {
            return Ok(None);
        }
        index.set_tokenizers(tokenizers(lexicon));
        Self::of(dir, name, index, fields, lexicon).map(Some)
    }

    /// Makes an empty generation of this name below `root`, in place of whatever lies there.
    ///
    /// # Errors
    /// When files cannot be removed or made.
    pub fn create(root: &Path, name: &str, lexicon: &Arc<Lexicon>) -> tantivy::Result<Self> {
        let dir = root.join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir)?;
        }
        std::fs::create_dir_all(&dir)?;
        let fields = Fields::declare();
        let settings = IndexSettings { docstore_blocksize: STORE_BLOCK, ..IndexSettings::default() };
        let builder = Index::builder().schema(fields.schema.clone()).settings(settings).tokenizers(tokenizers(lexicon));
        let index = builder.open_or_create(IndexFolder::open(&dir)?)?;
        Self::of(dir, name, index, fields, lexicon)
    }

    fn of(dir: PathBuf, name: &str, index: Index, fields: Fields, lexicon: &Arc<Lexicon>) -> tantivy::Result<Self> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let weigh = |key: &FilterKey, passing: &Passing| {
            let set = passing.as_ref().map_or(0, |set| set.max_value() / 8);
            set + key.2.len() as u32 + 64
        };
        let filters = Cache::builder().weigher(weigh).max_capacity(FILTER_CACHE).build();
        let view = RwLock::new(Arc::new(View::of(reader.searcher(), fields.spelling, None)?));
        let weigh = |key: &OfferKey, offers: &Arc<Vec<Offer>>| {
            let bytes: usize = offers.iter().map(Offer::bytes).sum();
            u32::try_from(bytes + key.1.len() + 64).unwrap_or(u32::MAX)
        };
        let offers = Cache::builder().weigher(weigh).max_capacity(OFFER_CACHE).build();
        let made_with = mark_of(&index)?.map_or_else(|| lexicon.digest().to_owned(), |mark| mark.lexicon);
        Ok(Self { name: name.to_owned(), dir, index, reader, fields, lexicon: Arc::clone(lexicon), made_with, filters, offers, view })
    }

    /// Name, which is also its folder's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The index.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The language data it is searched with: those it was made with, unless they changed while the program was not running.
    pub fn lexicon(&self) -> &Arc<Lexicon> {
        &self.lexicon
    }

    /// Digest of the language data it was made with.
    pub fn made_with(&self) -> &str {
        &self.made_with
    }

    /// What was committed before the last reload.
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes what has been committed visible.
    ///
    /// # Errors
    /// When new segments cannot be opened.
    pub fn reload(&self) -> tantivy::Result<()> {
        self.reader.reload()?;
        let view = Arc::new(View::of(self.reader.searcher(), self.fields.spelling, Some(&self.view()))?);
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = view;
        Ok(())
    }

    /// Filters of segments, which never change once made.
    pub fn filters(&self) -> &Cache<FilterKey, Passing> {
        &self.filters
    }

    /// Suggestions of segments, which never change but for what is deleted.
    pub fn offers(&self) -> &Cache<OfferKey, Arc<Vec<Offer>>> {
        &self.offers
    }

    /// How far it has got; `None` before its first commit.
    ///
    /// # Errors
    /// When the index's own description cannot be read.
    pub fn mark(&self) -> tantivy::Result<Option<Mark>> {
        mark_of(&self.index)
    }
}

fn mark_of(index: &Index) -> tantivy::Result<Option<Mark>> {
    Ok(index.load_metas()?.payload.and_then(|payload| serde_json::from_str(&payload).ok()))
}
