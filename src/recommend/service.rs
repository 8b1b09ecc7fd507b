//! The service: one state behind one lock, which the applier holds for moments only.

use super::catalogue::CatalogueItem;
use super::experiments::{Experiment, Experiments};
use super::hot::Hot;
use super::joined::Joined;
use super::keeper::Keeper;
use super::likeness::{ContentRows, Likeness, NoLikeness};
use super::list::Recommendations;
use super::lists::ListKind;
use super::score::Viewer;
use super::served::{Keeping, ServedLog};
use super::shares::{Group, Shares};
use super::shelves::Wish;
use super::state::{Shape, State};
use super::weights::Weights;
use crate::clock::Clock;
use crate::domain::access::{Actor, Role};
use crate::domain::problem::Problem;
use crate::store::events::SiteKey;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockWriteGuard, TryLockError};
use std::time::Duration;

/// Most items in one list.
pub const MOST_ITEMS: usize = 100;
/// The trend is found anew at most so often, in milliseconds, once the site is large.
const HOT_EVERY: i64 = 1_000;
/// Up to so many resources the trend is found anew whenever anything changed.
const SMALL: usize = 2_000;
/// Items whose content rows are made in one go.
const ROWS_AT_ONCE: usize = 32;
/// Length of a content row.
const ROW: usize = 20;

/// How to make the service.
pub struct RecommenderOptions {
    /// Where what was learned is kept; `None` to keep nothing.
    pub snapshot: Option<PathBuf>,
    /// The site's key, the same that the log uses.
    pub key: SiteKey,
    /// Now.
    pub clock: Clock,
    /// Likeness of content.
    pub likeness: Arc<dyn Likeness>,
    /// What shapes the state.
    pub shape: Shape,
    /// The blend.
    pub weights: Weights,
    /// Groups of works with the share each is to have.
    pub groups: Vec<Group>,
    /// Experiments.
    pub experiments: Vec<Experiment>,
    /// Where served lists are kept; `None` to keep none.
    pub served: Option<Keeping>,
}

impl RecommenderOptions {
    /// A service that keeps nothing, with the usual shape and weights.
    pub fn plain(key: SiteKey, clock: Clock) -> Self {
        Self {
            snapshot: None,
            key,
            clock,
            likeness: Arc::new(NoLikeness),
            shape: Shape::default(),
            weights: Weights::default(),
            groups: Vec::new(),
            experiments: Vec::new(),
            served: None,
        }
    }
}

/// The service. Clones share it. It is also the log's consumer: `Arc::new(recommender.clone())`.
#[derive(Clone)]
pub struct Recommender {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) joined: RwLock<Joined>,
    pub(super) keeper: Keeper,
    pub(super) shape: Shape,
    hot: Mutex<Kept>,
    finding: AtomicBool,
    pub(super) rows: RwLock<ContentRows>,
    pub(super) solving: AtomicBool,
    /// Learners who want to be met as strangers: no list is made from what they did.
    pub(super) strangers: RwLock<HashSet<u64>>,
    waiting: AtomicUsize,
    pub(super) key: SiteKey,
    pub(super) clock: Clock,
    pub(super) likeness: Arc<dyn Likeness>,
    pub(super) weights: Weights,
    pub(super) shares: Shares,
    pub(super) experiments: Experiments,
    pub(super) served: ServedLog,
}

#[derive(Default)]
struct Kept {
    hot: Arc<Hot>,
    of: (u64, u64),
    at: i64,
}

impl Recommender {
    /// An empty service; opening the log with it as consumer fills it.
    pub fn new(options: RecommenderOptions) -> Self {
        let RecommenderOptions { snapshot, key, clock, likeness, shape, weights, groups, experiments, served } = options;
        let joined = RwLock::new(Joined::new(State::new(shape), &weights));
        let inner = Inner {
            joined,
            keeper: Keeper::new(snapshot),
            shape,
            hot: Mutex::default(),
            finding: AtomicBool::new(false),
            solving: AtomicBool::new(false),
            rows: RwLock::default(),
            strangers: RwLock::default(),
            waiting: AtomicUsize::new(0),
            key,
            clock,
            likeness,
            weights,
            shares: Shares::new(groups),
            experiments: Experiments::new(weights, experiments),
            served: ServedLog::open(served),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What a learner may like next: up to `n` items (at most [`MOST_ITEMS`]). A visitor asking for `me` gets what anybody
    /// gets of whom nothing is known, and so does a learner who switched personalisation off.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner.
    pub fn list(&self, actor: &Actor, learner: &str, n: usize) -> Result<Recommendations, Problem> {
        self.shelf(actor, learner, ListKind::ForYou, Wish { n, ..Wish::default() })
    }

    /// What goes with a resource: taken up by the same learners, then alike in content.
    ///
    /// # Errors
    /// 404 for a resource that the actor may not know of.
    pub fn related(&self, actor: &Actor, resource: &str, n: usize) -> Result<Recommendations, Problem> {
        let viewer = Viewer::new(actor.viewer_tokens());
        let n = n.clamp(1, MOST_ITEMS);
        let unknown = || Problem::not_found("资源", "resource");
        self.inner.read(|joined| super::related::seen(joined, &viewer, resource).is_some()).then_some(()).ok_or_else(unknown)?;
        // The index is asked outside of the lock: it may take its time.
        let like = self.inner.likeness.like(resource, viewer.tokens(), n * 2);
        self.inner.read(|joined| super::related::related(joined, &viewer, resource, &like, n)).ok_or_else(unknown)
    }

    /// Puts an item into the catalogue, or changes it: recommended from now on.
    pub fn put(&self, item: CatalogueItem) {
        let mut joined = self.inner.write();
        if let Some(slot) = joined.catalogue.find(&item.id) {
            self.inner.rows.write().unwrap_or_else(PoisonError::into_inner).remove(slot);
        }
        joined.put(CatalogueItem { groups: self.inner.shares.bits(&item), ..item });
    }

    /// Takes an item out of the catalogue: in no list and no reason from now on.
    pub fn remove(&self, id: &str) {
        self.inner.write().remove(id);
    }

    /// Ids of everything in the catalogue: what a rebuild compares with.
    pub fn catalogue_ids(&self) -> Vec<String> {
        self.inner.read(|joined| {
            let slots = 0..joined.catalogue.slots();
            slots.filter_map(|slot| joined.catalogue.get(slot)).map(|item| item.id.to_string()).collect()
        })
    }

    /// Asks the index about some new items that have no row of content yet, outside of any request; answers how many it
    /// asked about. 0 means that all are done.
    pub fn learn_content(&self) -> usize {
        let rows = || self.inner.rows.read().unwrap_or_else(PoisonError::into_inner);
        let todo: Vec<(u32, String)> = self.inner.read(|joined| {
            let rows = rows();
            let bare = joined.catalogue.young().filter(|slot| !rows.holds(*slot));
            bare.take(ROWS_AT_ONCE).filter_map(|slot| joined.catalogue.get(slot).map(|item| (slot, item.id.to_string()))).collect()
        });
        // Rows are made of all content; what a viewer may see is asked where they are used.
        let tokens = Actor::system().viewer_tokens();
        for (slot, id) in &todo {
            let like = self.inner.likeness.like(id, &tokens, ROW);
            let top = like.iter().map(|(_, score)| *score).fold(f32::MIN_POSITIVE, f32::max);
            let row = self.inner.read(|joined| {
                let slots = like.iter().filter_map(|(id, score)| joined.catalogue.find(id).map(|other| (other, score / top)));
                slots.collect::<Box<[(u32, f32)]>>()
            });
            let mut rows = self.inner.rows.write().unwrap_or_else(PoisonError::into_inner);
            if rows.len() > super::catalogue::YOUNG * 4 {
                rows.clear();
            }
            rows.insert(*slot, row);
        }
        todo.len()
    }

    /// A digest of what was learned: equal for equal logs.
    pub fn digest(&self) -> u128 {
        self.inner.read(|joined| joined.state.digest())
    }

    /// Learners, resources and takings known: for metrics.
    pub fn counts(&self) -> (usize, usize, u64) {
        self.inner.read(|joined| (joined.state.learners.count(), joined.state.ids().len(), joined.state.counted))
    }
}

/// For a learner other than the actor: what any registered learner sees, and members of the actor's organisations; never
/// what the actor sees by office or by a culture group of its own.
pub(super) fn tokens_for_another(actor: &Actor) -> std::collections::BTreeSet<String> {
    let is_platform = actor.has_anywhere(&[Role::Platform]);
    let keep = |token: &String| !token.starts_with("staff:") && !token.starts_with("group:") && (is_platform || !token.starts_with("org:"));
    actor.viewer_tokens().into_iter().filter(keep).collect()
}

impl Inner {
    /// Reads; says so first, so that the applier steps aside.
    pub(super) fn read<T>(&self, act: impl FnOnce(&Joined) -> T) -> T {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let joined = self.joined.read().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        act(&joined)
    }

    /// Writes, without queueing before readers: a writer that waits in line would hold up all readers behind it, also
    /// while a snapshot reads for a second.
    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Joined> {
        for turn in 0_u32.. {
            if self.waiting.load(Ordering::SeqCst) == 0 || turn > 1_000 {
                match self.joined.try_write() {
                    Ok(joined) => return joined,
                    Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                    Err(TryLockError::WouldBlock) => {}
                }
            }
            if turn < 100 {
                std::thread::yield_now();
            } else {
                std::thread::sleep(Duration::from_micros(100));
            }
        }
        self.joined.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_stranger(&self, learner: u64) -> bool {
        self.strangers.read().unwrap_or_else(PoisonError::into_inner).contains(&learner)
    }

    /// The trend, found anew when it is old; only one request at a time pays for it.
    pub(super) fn hot(&self, joined: &Joined, now: i64) -> Arc<Hot> {
        let of = (joined.state.counted, joined.changes());
        {
            let kept = self.hot.lock().unwrap_or_else(PoisonError::into_inner);
            let small = joined.state.ids().len() < SMALL;
            if kept.of == of || !small && (now - kept.at).abs() < HOT_EVERY {
                return Arc::clone(&kept.hot);
            }
            if self.finding.swap(true, Ordering::SeqCst) {
                return Arc::clone(&kept.hot);
            }
        }
        let hot = Arc::new(Hot::find(joined));
        *self.hot.lock().unwrap_or_else(PoisonError::into_inner) = Kept { hot: Arc::clone(&hot), of, at: now };
        self.finding.store(false, Ordering::SeqCst);
        hot
    }
}
