//! Keeps what resources mean at the store's truth, in a pace of its own: neither the index nor anybody's search waits for it.
//!
//! A resource whose text did not change is not sent again, whatever else of it did; nor is one that was looked at before a
//! restart. While the service is away the position stays, and everything since is taken in when it is back.

use super::Meaning;
use crate::discover::bodies::Bodies;
use crate::discover::index_fault;
use crate::domain::access::PUBLIC;
use crate::domain::change::{Position, Topic};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::resource::Resource;
use crate::gateway::embed::EmbedFault;
use crate::search::document::tie_of;
use crate::search::meaning::{Packed, Row, Vectors};
use crate::store::{PageRequest, Store, Told};
use siphasher::sip128::{Hasher128 as _, SipHasher13};
use std::collections::{BTreeSet, HashSet};
use std::hash::Hasher as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Resources read at once.
const CHUNK: usize = 200;
/// Characters of a resource that are sent: its title, its description and the beginning of its text. Usual models read about
/// 512 tokens.
const LONGEST: usize = 800;
/// How long the service may take for one request.
const PATIENCE: Duration = Duration::from_secs(60);

/// The one who keeps the vectors.
pub struct MeaningKeeper {
    meaning: Meaning,
    store: Store,
    bodies: Bodies,
}

/// A text whose vector is wanted.
struct Wanted {
    row: Row,
    text: String,
}

impl MeaningKeeper {
    pub(super) fn new(meaning: Meaning, store: Store, bodies: Bodies) -> Self {
        Self { meaning, store, bodies }
    }

    /// The position that the vectors cover; `None` when all resources must be looked through.
    pub fn position(&self) -> Option<Position> {
        let (of, position) = self.meaning.vectors.mark()?;
        (of == self.of() && position <= self.store.head()).then_some(position)
    }

    /// Of which history of the store the vectors are, and of which of its resources.
    fn of(&self) -> String {
        let which = if self.meaning.options.restricted { "" } else { " public" };
        format!("{}{which}", self.store.epoch())
    }

    /// Whether what a resource means is to be kept, for which its text is sent.
    fn wants(&self, resource: &Resource) -> bool {
        resource.is_served() && (self.meaning.options.restricted || resource.grants.contains(PUBLIC))
    }

    /// Looks through all resources, has made what is missing, and forgets what is not to be kept; answers the position noted
    /// before reading began.
    ///
    /// # Errors
    /// When store, disk or service fail; what was made until then is kept.
    pub async fn rebuild(&mut self) -> Result<Position, Problem> {
        let start = self.store.head();
        let mut served = HashSet::new();
        let mut cursor = None;
        loop {
            let page = self.store.list::<Resource>(&Key::default(), PageRequest::first(CHUNK).after(cursor)).await?;
            let found: Vec<Stored<Resource>> = page.items.into_iter().filter(|stored| self.wants(&stored.value)).collect();
            served.extend(found.iter().map(|stored| tie_of(&stored.value.id)));
            self.take(found).await?;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        self.kept(move |vectors| vectors.keep_only(&served)).await?;
        self.reach(start).await?;
        Ok(start)
    }

    /// Takes in facts.
    ///
    /// # Errors
    /// As [`MeaningKeeper::rebuild`]; the facts are then to be taken in again.
    pub async fn apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem> {
        let facts = told.iter().flat_map(|told| &told.facts).filter(|fact| fact.topic == Topic::Resource);
        let ids: BTreeSet<&str> = facts.map(|fact| fact.id.as_str()).collect();
        if ids.is_empty() {
            // Looking at the same facts once more after a restart costs less than a write each time.
            return Ok(());
        }
        for chunk in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            let keys: Vec<Key> = chunk.iter().map(|id| Key::from(*id)).collect();
            let found = self.store.get_many::<Resource>(&keys).await?;
            let (mut served, mut gone) = (Vec::new(), Vec::new());
            for (id, stored) in chunk.iter().zip(found) {
                match stored.filter(|stored| self.wants(&stored.value)) {
                    Some(stored) => served.push(stored),
                    None => gone.push(tie_of(id)),
                }
            }
            // What is taken back goes first: it waits for no service.
            self.kept(move |vectors| vectors.remove(&gone)).await?;
            self.take(served).await?;
        }
        self.reach(through).await
    }

    async fn reach(&self, position: Position) -> Result<(), Problem> {
        let of = self.of();
        self.kept(move |vectors| vectors.set_mark((of, position))).await
    }

    /// Has made the vectors that are missing of these.
    async fn take(&self, served: Vec<Stored<Resource>>) -> Result<(), Problem> {
        let (mut wanted, mut same) = (Vec::new(), Vec::new());
        for stored in &served {
            let (tie, version) = (tie_of(&stored.value.id), stored.version.0);
            let known = self.meaning.vectors.known(tie);
            if known.is_some_and(|known| known.version == version) {
                continue;
            }
            let text = self.text_of(&stored.value).await?;
            let digest = digest_of(&text);
            match known.filter(|known| known.digest == digest) {
                Some(_) => same.push((tie, version)),
                None => wanted.push(Wanted { row: Row { tie, version, digest, vector: None }, text }),
            }
        }
        self.kept(move |vectors| vectors.renew(&same)).await?;
        for batch in wanted.chunks(self.meaning.options.batch) {
            let rows = self.embedded(batch).await?;
            if !self.kept(move |vectors| vectors.put(&rows)).await? {
                return Err(fault(
                    "the service answers vectors of another length than before; after a change of the model change its name",
                ));
            }
        }
        Ok(())
    }

    /// The rows of a batch with their vectors; a text that the service refuses for itself has none and stops nobody.
    async fn embedded(&self, batch: &[Wanted]) -> Result<Vec<Row>, Problem> {
        let texts: Vec<&str> = batch.iter().map(|wanted| wanted.text.as_str()).collect();
        let vectors = match self.meaning.embedder.embed(&texts, PATIENCE).await {
            Ok(vectors) => vectors.iter().map(|vector| Packed::of(vector)).collect(),
            Err(fault) if fault.is_of_the_text() => self.one_by_one(&texts).await?,
            Err(fault) => return Err(told(fault)),
        };
        Ok(batch.iter().zip(vectors).map(|(wanted, vector)| Row { vector, ..wanted.row.clone() }).collect())
    }

    async fn one_by_one(&self, texts: &[&str]) -> Result<Vec<Option<Packed>>, Problem> {
        let mut all = Vec::with_capacity(texts.len());
        for text in texts {
            match self.meaning.embedder.embed(&[text], PATIENCE).await {
                Ok(vectors) => all.push(vectors.first().and_then(|vector| Packed::of(vector))),
                Err(fault) if fault.is_of_the_text() => {
                    tracing::warn!(%fault, "the embedding service refuses the text of a resource, which is found by text alone");
                    all.push(None);
                }
                Err(fault) => return Err(told(fault)),
            }
        }
        Ok(all)
    }

    async fn text_of(&self, resource: &Resource) -> Result<String, Problem> {
        let metadata = &resource.metadata;
        let mut text = format!("{}\n{}", metadata.title.main(), metadata.description.main());
        for part in self.bodies.parts(resource).await? {
            if text.len() >= LONGEST * 4 {
                break;
            }
            text.push('\n');
            text.extend(part.text.chars().take(LONGEST));
        }
        Ok(text.trim().chars().take(LONGEST).collect())
    }

    /// The file waits for the disk: never on the threads that serve connections.
    async fn kept<T: Send + 'static>(&self, work: impl FnOnce(&Vectors) -> io::Result<T> + Send + 'static) -> Result<T, Problem> {
        let vectors = Arc::clone(&self.meaning.vectors);
        let done = tokio::task::spawn_blocking(move || work(&vectors)).await.map_err(|error| index_fault(&error))?;
        done.map_err(|error| fault(&format!("the vectors could not be kept: {error}")))
    }
}

fn digest_of(text: &str) -> u128 {
    let mut hash = SipHasher13::new();
    hash.write(text.as_bytes());
    hash.finish128().as_u128()
}

fn told(of: EmbedFault) -> Problem {
    fault(&format!("the embedding service: {of}"))
}

fn fault(en: &str) -> Problem {
    Problem::new(ProblemKind::Unavailable, "meaning-away", "向量服务暂时不可用，资源只能按文字找到，恢复后自动补齐。", en.to_owned())
}
