//! Seals the ends of the ledger chains into checkpoints, and writes both out for whoever verifies them elsewhere.

use super::Vetting;
use super::chains::{Roots, root};
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::checkpoint::{Checkpoint, ExportLine};
use crate::domain::ledger::{LedgerEntry, LedgerHead, ResourceChain};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::submission::Submission;
use crate::store::{MAX_PAGE, PageRequest, StoreError, Told};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use std::collections::{BTreeMap, BTreeSet};

/// Commits that one checkpoint looks at.
const COMMITS: usize = 500;

/// Ends that one checkpoint seals at most.
const HEADS: usize = 1_000;

/// Lines of an export that are made in one go.
type Lines = Vec<ExportLine>;

impl Vetting {
    /// Seals what was committed since the last checkpoint; answers how many ends were sealed. Of two nodes that seal at the
    /// same moment one wins, and the other has nothing to do.
    ///
    /// # Errors
    /// The store's.
    pub async fn seal(&self) -> Result<usize, Problem> {
        let mut last = self.last_checkpoint().await?;
        let mut since = last.as_ref().map(|last| last.through);
        let mut sealed = 0;
        loop {
            let (heads, through) = match since {
                None => self.all_heads().await?,
                Some(position) => match self.store.facts_after(position, COMMITS).await {
                    Ok(told) if told.is_empty() => return Ok(sealed),
                    Ok(told) => self.heads_told(&told).await?,
                    Err(StoreError::FactsGone) => self.all_heads().await?,
                    Err(error) => return Err(error.into()),
                },
            };
            let mut heads = heads.into_iter().peekable();
            while heads.peek().is_some() {
                let part: BTreeMap<String, LedgerHead> = heads.by_ref().take(HEADS).collect();
                let count = part.len();
                // Only with the last part is everything up to there sealed.
                let reached = if heads.peek().is_none() { through } else { last.as_ref().map_or(Position(0), |last| last.through) };
                let next = Checkpoint::after(last.as_ref(), self.clock.now(), reached, part).map_err(|_| Problem::internal())?;
                let mut changes = ChangeSet::new(self.clock.fresh_id());
                changes.insert(&next)?;
                match self.store.commit(changes).await {
                    Ok(_) => sealed += count,
                    Err(StoreError::Conflict { .. }) => return Ok(sealed),
                    Err(error) => return Err(error.into()),
                }
                last = Some(next);
            }
            since = Some(through);
        }
    }

    /// The last checkpoint.
    ///
    /// # Errors
    /// The store's.
    pub async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, Problem> {
        let found = self.store.list::<Checkpoint>(&Key::default(), PageRequest::last(1)).await?;
        Ok(found.items.into_iter().next().map(|stored| stored.value))
    }

    /// Ends of the chains that these commits tell of.
    async fn heads_told(&self, told: &[Told]) -> Result<(BTreeMap<String, LedgerHead>, Position), Problem> {
        let ids = |topic: Topic| {
            let facts = told.iter().flat_map(|told| &told.facts).filter(move |fact| fact.topic == topic);
            facts.map(|fact| Key::from(fact.id.as_str())).collect::<BTreeSet<Key>>().into_iter().collect::<Vec<Key>>()
        };
        let mut heads = BTreeMap::new();
        for stored in self.store.get_many::<Submission>(&ids(Topic::Submission)).await?.into_iter().flatten() {
            heads.insert(stored.value.id, stored.value.ledger);
        }
        for stored in self.store.get_many::<ResourceChain>(&ids(Topic::Resource)).await?.into_iter().flatten() {
            heads.insert(ResourceChain::name_of(&stored.value.resource), stored.value.ledger);
        }
        for fact in told.iter().flat_map(|told| &told.facts).filter(|fact| fact.topic == Topic::Petition) {
            heads.extend(root(&self.store, &fact.id).await?.map(|head| (fact.id.clone(), head)));
        }
        Ok((heads, told.last().map_or(Position(0), |told| told.position)))
    }

    /// Ends of all chains: the first time, and after a pause so long that the feed has forgotten.
    async fn all_heads(&self) -> Result<(BTreeMap<String, LedgerHead>, Position), Problem> {
        // What is committed while this reads is sealed by the next checkpoint.
        let (head, mut heads) = (self.store.head(), BTreeMap::new());
        for kind in Roots::ALL {
            let mut page = PageRequest::first(MAX_PAGE);
            loop {
                let (ends, next) = kind.page(&self.store, page.clone()).await?;
                heads.extend(ends);
                let Some(next) = next else { break };
                page = page.after(Some(next));
            }
        }
        Ok((heads, head))
    }

    /// All checkpoints and the entries that they seal, as JSON lines, after sealing what is new. Entries hold no names.
    ///
    /// # Errors
    /// Forbidden to all but auditors and administrators of the site; the store's, also in the middle.
    pub async fn export_ledger(&self, actor: &Actor) -> Result<impl Stream<Item = Result<Bytes, Problem>> + Send + use<>, Problem> {
        if !actor.has(&[Role::Auditor, Role::Administrator], &OrgPath::root()) {
            return Err(Problem::forbidden());
        }
        self.seal().await?;
        let last = self.last_checkpoint().await?.map_or(0, |last| last.sequence);
        let begin =
            Export { vetting: self.clone(), last, lengths: BTreeMap::new(), part: Part::Checkpoints, page: PageRequest::first(500) };
        let pages = stream::try_unfold(begin, |export| async move { export.next().await });
        Ok(pages.map(|lines| lines.and_then(|lines| to_bytes(&lines))))
    }
}

/// How far an export has come.
struct Export {
    vetting: Vetting,
    /// Later checkpoints are left to the next export.
    last: u64,
    /// Sealed length of each chain.
    lengths: BTreeMap<String, u64>,
    part: Part,
    page: PageRequest,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Checkpoints,
    Entries,
    Done,
}

impl Export {
    async fn next(mut self) -> Result<Option<(Lines, Self)>, Problem> {
        let (lines, next) = match self.part {
            Part::Checkpoints => self.checkpoints().await?,
            Part::Entries => self.entries().await?,
            Part::Done => return Ok(None),
        };
        match next {
            Some(next) => self.page = PageRequest::first(500).after(Some(next)),
            None => {
                self.part = if self.part == Part::Checkpoints { Part::Entries } else { Part::Done };
                self.page = PageRequest::first(500);
            }
        }
        Ok(Some((lines, self)))
    }

    async fn checkpoints(&mut self) -> Result<(Lines, Option<String>), Problem> {
        let found = self.vetting.store.list::<Checkpoint>(&Key::default(), self.page.clone()).await?;
        let mut lines = Vec::with_capacity(found.items.len());
        for checkpoint in found.items.into_iter().map(|stored| stored.value).filter(|checkpoint| checkpoint.sequence <= self.last) {
            for (chain, head) in &checkpoint.heads {
                self.lengths.insert(chain.clone(), head.length);
            }
            lines.push(ExportLine::Checkpoint(checkpoint));
        }
        Ok((lines, found.next))
    }

    async fn entries(&mut self) -> Result<(Lines, Option<String>), Problem> {
        let found = self.vetting.store.list::<LedgerEntry>(&Key::default(), self.page.clone()).await?;
        let entries = found.items.into_iter().map(|stored| stored.value);
        let is_sealed = |entry: &LedgerEntry| self.lengths.get(&entry.chain).is_some_and(|length| entry.sequence <= *length);
        Ok((entries.filter(is_sealed).map(ExportLine::Entry).collect(), found.next))
    }
}

fn to_bytes(lines: &[ExportLine]) -> Result<Bytes, Problem> {
    let mut out = Vec::with_capacity(lines.len() * 700);
    for line in lines {
        serde_json::to_writer(&mut out, line).map_err(|_| Problem::internal())?;
        out.push(b'\n');
    }
    Ok(Bytes::from(out))
}
