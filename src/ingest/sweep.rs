//! Bytes that nothing needs any more are condemned, wait a day, are looked at again, and go.
//!
//! The rules and why they are sound are in `domain::blob_ref`; here they are carried out. A crash anywhere is met by the next
//! sweep: a row marked as going stays until its bytes are gone.

use super::Ingest;
use crate::blob::{BlobEntry, Blobs};
use crate::clock::Clock;
use crate::domain::blob_ref::{BlobClaim, BlobRef, ClaimState, GRACE_MS, Sweep, judge, release};
use crate::domain::change::ChangeSet;
use crate::domain::digest::Digest;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Record as _, Stored};
use crate::domain::rendition::Rendition;
use crate::store::{PageRequest, Store, StoreError};
use futures::TryStreamExt as _;
use serde::Serialize;

/// Rows looked at together.
const PAGE: usize = 500;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SweepReport {
    /// Digests looked at.
    pub seen: u64,
    /// Digests found without a need, to be looked at again in a day.
    pub condemned: u64,
    /// Condemned digests that are needed again.
    pub spared: u64,
    /// Digests whose bytes are gone.
    pub removed: u64,
}

impl Ingest {
    /// Sweeps the bytes that nothing needs. For a job: it has no actor.
    pub async fn sweep(&self) -> Result<SweepReport, Problem> {
        sweep_blobs(&self.store, &self.blobs, &self.clock).await
    }
}

/// Sweeps the bytes that nothing needs.
pub async fn sweep_blobs(store: &Store, blobs: &Blobs, clock: &Clock) -> Result<SweepReport, Problem> {
    let mut broom = Broom { store, blobs, clock, report: SweepReport::default() };
    let mut request = PageRequest::first(PAGE);
    loop {
        let page = store.list::<BlobClaim>(&Key::default(), request.clone()).await?;
        for claim in page.items {
            broom.look(claim).await?;
        }
        if page.next.is_none() {
            break;
        }
        request.cursor = page.next;
    }
    broom.strangers().await?;
    Ok(broom.report)
}

struct Broom<'a> {
    store: &'a Store,
    blobs: &'a Blobs,
    clock: &'a Clock,
    report: SweepReport,
}

impl Broom<'_> {
    async fn look(&mut self, claim: Stored<BlobClaim>) -> Result<(), Problem> {
        self.report.seen += 1;
        // After the row, as `judge` asks.
        let references = self.store.list::<BlobRef>(&BlobRef::prefix_of(&claim.value.digest), PageRequest::first(1)).await?;
        match judge(claim.value.state, !references.items.is_empty(), self.clock.now()) {
            Sweep::Keep => {}
            Sweep::Become(ClaimState::Going) => {
                if let Some(going) = self.write(&claim, ClaimState::Going).await? {
                    self.remove(going).await?;
                }
            }
            Sweep::Become(state) => {
                if self.write(&claim, state).await?.is_some() {
                    match state {
                        ClaimState::Condemned { .. } => self.report.condemned += 1,
                        _ => self.report.spared += 1,
                    }
                }
            }
            Sweep::Delete => self.remove(claim).await?,
        }
        Ok(())
    }

    /// Writes a state; `None` when somebody was faster: the next sweep sees what came of it.
    async fn write(&self, claim: &Stored<BlobClaim>, state: ClaimState) -> Result<Option<Stored<BlobClaim>>, Problem> {
        let next = BlobClaim { state, ..claim.value.clone() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(claim, &next)?;
        match self.store.commit(change).await {
            Ok(version) => Ok(Some(Stored { value: next, version })),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn remove(&mut self, going: Stored<BlobClaim>) -> Result<(), Problem> {
        let now = self.clock.now();
        if !self.blobs.remove_older(&going.value.digest, now.plus_millis(-GRACE_MS)).await? {
            // Put again meanwhile: whoever did so has a day to refer to them.
            let held = ClaimState::Claimed { until: now.plus_millis(GRACE_MS) };
            self.report.spared += u64::from(self.write(&going, held).await?.is_some());
            return Ok(());
        }
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.remove(&going);
        self.let_go_of_renditions(&going.value.digest, &mut change).await?;
        match self.store.commit(change).await {
            Ok(_) => self.report.removed += 1,
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// What was made of bytes that are gone is needed no more; later sweeps find its bytes without a need.
    async fn let_go_of_renditions(&self, source: &Digest, change: &mut ChangeSet) -> Result<(), Problem> {
        let made = self.store.list::<Rendition>(&Rendition::prefix_of(source), PageRequest::first(PAGE)).await?;
        for rendition in made.items {
            if let Some(digest) = rendition.value.made() {
                release(change, digest, &rendition.value.owner());
            }
            change.remove(&rendition);
        }
        Ok(())
    }

    /// Condemns old bytes that no row knows: what was put and never referred to.
    async fn strangers(&mut self) -> Result<(), Problem> {
        let cutoff = self.clock.now().plus_millis(-GRACE_MS);
        let mut old = std::pin::pin!(self.blobs.list());
        let mut some = Vec::new();
        while let Some(BlobEntry { digest, put, .. }) = old.try_next().await? {
            if put < cutoff {
                some.push(digest);
            }
            if some.len() >= PAGE {
                self.condemn_unknown(std::mem::take(&mut some)).await?;
            }
        }
        self.condemn_unknown(some).await
    }

    async fn condemn_unknown(&mut self, digests: Vec<Digest>) -> Result<(), Problem> {
        let keys: Vec<Key> = digests.iter().map(BlobClaim::key_of).collect();
        let known = self.store.get_many::<BlobClaim>(&keys).await?;
        let unknown = digests.into_iter().zip(known).filter(|(_, known)| known.is_none());
        for (digest, _) in unknown {
            let claim = BlobClaim { digest, state: ClaimState::Condemned { since: self.clock.now() } };
            let mut change = ChangeSet::new(self.clock.fresh_id());
            change.insert(&claim)?;
            match self.store.commit(change).await {
                Ok(_) => self.report.condemned += 1,
                Err(StoreError::Conflict { .. }) => tracing::debug!(key = ?claim.key(), "claimed meanwhile"),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::blob_ref::refer;
    use crate::domain::inspection::FileFacts;
    use crate::domain::rendition::{Outcome, Purpose};
    use crate::domain::time::Timestamp;
    use bytes::Bytes;
    use std::time::{Duration, SystemTime};

    struct Site {
        _dir: tempfile::TempDir,
        store: Store,
        blobs: Blobs,
        clock: Clock,
    }

    impl Site {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let blobs = Blobs::open(dir.path()).unwrap();
            let clock = Clock::fixed(Timestamp::from_millis(1_800_000_000_000));
            Self { _dir: dir, store: Store::memory(), blobs, clock }
        }

        /// Puts bytes at the present instant of the site's clock.
        async fn put(&self, text: &'static str) -> Digest {
            let digest = self.blobs.put_bytes(Bytes::from_static(text.as_bytes())).await.unwrap();
            let at = SystemTime::UNIX_EPOCH + Duration::from_millis(self.clock.now().millis().unsigned_abs());
            let file = std::fs::File::options().write(true).open(self.blobs.local_path(&digest).unwrap()).unwrap();
            file.set_modified(at).unwrap();
            digest
        }

        async fn refer(&self, digest: &Digest, owner: &str) {
            let claim = self.store.get::<BlobClaim>(&BlobClaim::key_of(digest)).await.unwrap();
            let mut change = ChangeSet::new(self.clock.fresh_id());
            refer(&mut change, claim.as_ref(), digest, owner).unwrap();
            self.store.commit(change).await.unwrap();
        }

        async fn release(&self, digest: &Digest, owner: &str) {
            let mut change = ChangeSet::new(self.clock.fresh_id());
            release(&mut change, digest, owner);
            self.store.commit(change).await.unwrap();
        }

        /// A sweep after so many hours: (condemned, spared, removed).
        async fn sweep_after(&self, hours: i64) -> (u64, u64, u64) {
            self.clock.advance(hours * 3_600_000);
            let report = sweep_blobs(&self.store, &self.blobs, &self.clock).await.unwrap();
            (report.condemned, report.spared, report.removed)
        }

        async fn is_there(&self, digest: &Digest) -> bool {
            self.blobs.size(digest).await.unwrap().is_some()
        }
    }

    #[tokio::test]
    async fn bytes_that_nothing_needs_go_after_a_day_and_a_second_look() {
        let site = Site::new();
        let (stranger, needed) = (site.put("stranger").await, site.put("needed").await);
        site.refer(&needed, "submissions/1").await;
        assert_eq!(site.sweep_after(1).await, (0, 0, 0), "just put");
        assert_eq!(site.sweep_after(24).await, (1, 0, 0));
        assert_eq!(site.sweep_after(23).await, (0, 0, 0));
        assert_eq!(site.sweep_after(2).await, (0, 0, 1));
        assert!(!site.is_there(&stranger).await && site.is_there(&needed).await);
        assert!(site.store.get::<BlobClaim>(&BlobClaim::key_of(&stranger)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn the_last_release_lets_bytes_go_and_a_new_reference_spares_them() {
        let site = Site::new();
        let digest = site.put("shared").await;
        site.refer(&digest, "submissions/1").await;
        site.refer(&digest, "submissions/2").await;
        site.release(&digest, "submissions/1").await;
        assert_eq!(site.sweep_after(48).await, (0, 0, 0));
        site.release(&digest, "submissions/2").await;
        assert_eq!(site.sweep_after(1).await, (1, 0, 0));
        site.refer(&digest, "resources/1").await;
        assert_eq!(site.sweep_after(48).await, (0, 0, 0), "the reference rewrote the row");
        site.release(&digest, "resources/1").await;
        assert_eq!(site.sweep_after(1).await, (1, 0, 0));
        assert_eq!(site.sweep_after(24).await, (0, 0, 1));
        assert!(!site.is_there(&digest).await);
    }

    #[tokio::test]
    async fn bytes_put_again_at_the_last_moment_stay() {
        let site = Site::new();
        let digest = site.put("again").await;
        assert_eq!(site.sweep_after(25).await, (1, 0, 0));
        site.clock.advance(25 * 3_600_000);
        site.put("again").await;
        assert_eq!(site.sweep_after(0).await, (0, 1, 0));
        assert!(site.is_there(&digest).await);
        site.refer(&digest, "submissions/1").await;
        assert_eq!(site.sweep_after(100).await, (0, 0, 0));
        assert!(site.is_there(&digest).await);
    }

    #[tokio::test]
    async fn a_rendition_goes_with_its_source_and_not_before() {
        let site = Site::new();
        let (source, made) = (site.put("master").await, site.put("rendition").await);
        site.refer(&source, "submissions/1").await;
        let outcome = Outcome::Made { digest: made.clone(), facts: Box::new(FileFacts::default()) };
        let (recipe, tool, at) = (String::new(), String::new(), site.clock.now());
        let rendition = Rendition { source: source.clone(), purpose: Purpose::View, recipe, tool, at, outcome };
        let mut change = ChangeSet::new(site.clock.fresh_id());
        change.insert(&rendition).unwrap();
        site.store.commit(change).await.unwrap();
        site.refer(&made, &rendition.owner()).await;
        assert_eq!(site.sweep_after(48).await, (0, 0, 0));
        site.release(&source, "submissions/1").await;
        assert_eq!(site.sweep_after(1).await, (1, 0, 0));
        assert_eq!(site.sweep_after(25).await, (0, 0, 1), "the source");
        assert!(site.store.get::<Rendition>(&rendition.key()).await.unwrap().is_none());
        assert_eq!(site.sweep_after(1).await, (1, 0, 0));
        assert_eq!(site.sweep_after(25).await, (0, 0, 1), "what was made of it");
        assert!(!site.is_there(&source).await && !site.is_there(&made).await);
    }
}
