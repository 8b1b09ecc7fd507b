//! From the feed to notices: each ledger entry is looked at once, and looking again makes no second notice.
//!
//! A fact names a submission, a resource or the chain of a petition; its entries of that commit are known by their version, which is the commit's
//! position. A notice's key is made of account, chain and sequence, so that a feed read twice (after a crash, a restored backup)
//! finds it there.

use super::Notices;
use super::audience::Directory;
use super::digest::Gathered;
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::job::{JobKind, NewJob};
use crate::domain::ledger::{LedgerEntry, ResourceChain};
use crate::domain::notice::delivery::{Delivery, Target};
use crate::domain::notice::settings::NoticeSettings;
use crate::domain::notice::webhook::Webhook;
use crate::domain::notice::{Channel, Notice, NoticeCursor, day_key, id_of};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::time::{DAY_MS, Timestamp};
use crate::store::{MAX_PAGE, PageRequest, Told};
use std::collections::BTreeSet;

/// Notices written in one commit, about.
const AT_ONCE: usize = 200;
/// Commits after which the cursor is written even when there was nothing to tell.
const CURSOR_EVERY: u64 = 512;
/// Entries read at once from the end of a chain.
const ENTRIES: usize = 8;

/// Makes notices from the feed. One per process.
pub struct Teller {
    notices: Notices,
    directory: Option<Directory>,
    cursor: Option<Stored<NoticeCursor>>,
    hooks: Vec<Webhook>,
    drafts: Drafts,
}

/// What is to be written.
#[derive(Default)]
struct Drafts {
    notices: Vec<Notice>,
    deliveries: Vec<Delivery>,
}

impl Teller {
    pub(super) fn new(notices: Notices) -> Self {
        Self { notices, directory: None, cursor: None, hooks: Vec::new(), drafts: Drafts::default() }
    }

    /// The position up to which everything was told; `None` when there is none in this history.
    ///
    /// # Errors
    /// The store's.
    pub async fn position(&mut self) -> Result<Option<Position>, Problem> {
        self.drafts = Drafts::default();
        self.directory = Some(self.notices.directory().await?);
        self.cursor = self.notices.store.get(&NoticeCursor::only_key()).await?;
        let here = self.cursor.as_ref().filter(|cursor| cursor.value.epoch == self.notices.store.epoch());
        Ok(here.map(|cursor| cursor.value.position))
    }

    /// Begins anew: where nothing was ever told, from now on; else with the ledger's entries since the day before the cursor was
    /// written, most of which have been told.
    ///
    /// # Errors
    /// The store's.
    pub async fn rebuild(&mut self) -> Result<Position, Problem> {
        let store = self.notices.store.clone();
        let (head, now) = (store.head(), self.notices.clock.now());
        self.hooks = self.notices.all_hooks().await?;
        let mut day = self.cursor.as_ref().map_or(now, |cursor| cursor.value.at).plus_millis(-DAY_MS);
        while self.cursor.is_some() && day.day() <= now.day() {
            let mut page = PageRequest::first(MAX_PAGE);
            loop {
                let found = store.list_by::<LedgerEntry>("day", &day_key(day), page.clone()).await?;
                for entry in &found.items {
                    self.look_at(&entry.value).await?;
                }
                let Some(next) = found.next else { break };
                page = page.after(Some(next));
            }
            day = day.plus_millis(DAY_MS);
        }
        self.write(Some(head)).await?;
        Ok(head)
    }

    /// Tells of what these facts led to; afterwards everything up to `through` has been told.
    ///
    /// # Errors
    /// The store's; then nothing, or a part that is found again, was written.
    pub async fn apply(&mut self, told: &[Told], through: Position) -> Result<(), Problem> {
        self.drafts = Drafts::default();
        self.hooks = self.notices.all_hooks().await?;
        let since = told.first().map_or(through, |first| first.position);
        let of =
            |topic: Topic| told.iter().flat_map(|told| &told.facts).filter(move |fact| fact.topic == topic).map(|fact| fact.id.as_str());
        let accounts: BTreeSet<&str> = of(Topic::Account).collect();
        if let Some(directory) = self.directory.as_mut().filter(|_| !accounts.is_empty()) {
            self.notices.mend(directory, &accounts).await?;
        }
        let mut chains: BTreeSet<String> = of(Topic::Submission).map(str::to_owned).collect();
        let resources: BTreeSet<&str> = of(Topic::Resource).collect();
        chains.extend(self.notices.moved_resources(&resources, since).await?);
        chains.extend(of(Topic::Petition).map(str::to_owned));
        for chain in chains {
            for entry in self.notices.entries_since(&chain, since).await? {
                self.look_at(&entry).await?;
            }
        }
        let saved = self.cursor.as_ref().map_or(Position(0), |cursor| cursor.value.position);
        let late = through.0.saturating_sub(saved.0) >= CURSOR_EVERY;
        let something = !self.drafts.notices.is_empty() || !self.drafts.deliveries.is_empty();
        if late || something { self.write(Some(through)).await } else { Ok(()) }
    }

    /// Drafts what one entry calls for.
    async fn look_at(&mut self, entry: &LedgerEntry) -> Result<(), Problem> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let Some(about) = self.notices.about(entry).await? else { return Ok(()) };
        self.drafts.notices.extend(about.notices(directory, entry));
        let calls = about.calls(&self.hooks, entry).into_iter().map(|(id, target)| Delivery::new(id, target, self.notices.clock.now()));
        self.drafts.deliveries.extend(calls);
        if self.drafts.notices.len() + self.drafts.deliveries.len() >= AT_ONCE { self.write(None).await } else { Ok(()) }
    }

    /// Writes the drafts that are not there yet, with the deliveries that accounts chose, and the cursor where one is given.
    async fn write(&mut self, through: Option<Position>) -> Result<(), Problem> {
        let drafts = std::mem::take(&mut self.drafts);
        let (service, now) = (&self.notices, self.notices.clock.now());
        let mut change = ChangeSet::new(service.clock.fresh_id());
        service.draft(drafts, &mut change).await?;
        if let Some(position) = through {
            let cursor = NoticeCursor { epoch: service.store.epoch().to_owned(), position, at: now };
            change.upsert(self.cursor.as_ref(), &cursor)?;
            let version = service.store.commit(change).await?;
            self.cursor = Some(Stored { value: cursor, version });
        } else if !change.puts.is_empty() {
            service.store.commit(change).await?;
        }
        Ok(())
    }
}

impl Notices {
    /// Tells of something that no ledger entry tells of, in one commit with the change that remembers it; a notice that is there
    /// already is not told again.
    ///
    /// # Errors
    /// The store's; a conflict when what was read for it has changed.
    pub async fn tell(&self, notice: Notice, mut change: ChangeSet) -> Result<(), Problem> {
        self.draft(Drafts { notices: vec![notice], deliveries: Vec::new() }, &mut change).await?;
        self.store.commit(change).await?;
        Ok(())
    }

    /// Adds to a change the drafts that are not there yet, with the deliveries that accounts chose.
    async fn draft(&self, drafts: Drafts, change: &mut ChangeSet) -> Result<(), Problem> {
        let Drafts { notices, mut deliveries } = drafts;
        let now = self.clock.now();
        let keys: Vec<Key> = notices.iter().map(|notice| Notice::key_of(&notice.account, &notice.id)).collect();
        let there = self.store.get_many::<Notice>(&keys).await?;
        let mut ids = BTreeSet::new();
        let fresh = notices.iter().zip(&there).filter(|(notice, old)| old.is_none() && ids.insert(&notice.id));
        let fresh: Vec<&Notice> = fresh.map(|(notice, _)| notice).collect();
        let keys: Vec<Key> = fresh.iter().map(|notice| NoticeSettings::key_of(&notice.account)).collect();
        let settings = self.store.get_many::<NoticeSettings>(&keys).await?;
        let mut gathered = Gathered::new();
        for (notice, settings) in fresh.iter().zip(&settings) {
            change.insert(*notice)?;
            let Some(Stored { value: settings, .. }) = settings else { continue };
            for channel in self.ways(notice, settings) {
                if settings.daily.contains(&channel) {
                    gathered.entry((notice.account.clone(), channel)).or_default().push(notice.id.clone());
                } else {
                    let target = Target::Notice { account: notice.account.clone(), notice: notice.id.clone(), channel };
                    deliveries.push(Delivery::new(id_of(&[&notice.id, channel.code()]), target, now));
                }
            }
        }
        self.gather(gathered, change).await?;
        let keys: Vec<Key> = deliveries.iter().map(|delivery| Key::from(delivery.id.as_str())).collect();
        let there = self.store.get_many::<Delivery>(&keys).await?;
        for (delivery, _) in deliveries.iter().zip(&there).filter(|(_, old)| old.is_none()) {
            self.queue(change, delivery, now)?;
        }
        Ok(())
    }

    /// Chains of the resources whose chain grew since a commit.
    async fn moved_resources(&self, resources: &BTreeSet<&str>, since: Position) -> Result<Vec<String>, Problem> {
        let keys: Vec<Key> = resources.iter().map(|id| Key::from(*id)).collect();
        let found = self.store.get_many::<ResourceChain>(&keys).await?;
        let moved = found.into_iter().flatten().filter(|chain| chain.version >= since);
        Ok(moved.map(|chain| ResourceChain::name_of(&chain.value.resource)).collect())
    }

    /// The entries of a chain that commits since this one wrote, in order.
    async fn entries_since(&self, chain: &str, since: Position) -> Result<Vec<LedgerEntry>, Problem> {
        let prefix = LedgerEntry::prefix_of(chain);
        let mut entries = Vec::new();
        let mut page = PageRequest::last(ENTRIES);
        loop {
            let found = self.store.list::<LedgerEntry>(&prefix, page.clone()).await?;
            let read = found.items.len();
            entries.extend(found.items.into_iter().take_while(|entry| entry.version >= since).map(|entry| entry.value));
            let all_new = entries.len().is_multiple_of(ENTRIES) && read > 0;
            let Some(next) = found.next.filter(|_| all_new) else { break };
            page = page.after(Some(next));
        }
        entries.reverse();
        Ok(entries)
    }

    /// The channels by which a notice leaves the house: those that its account chose and this site has.
    fn ways(&self, notice: &Notice, settings: &NoticeSettings) -> Vec<Channel> {
        let wanted = settings.wanted(notice.group);
        self.gateways.channels().filter(|channel| wanted.contains(channel) && settings.addresses.contains_key(channel)).collect()
    }

    /// Writes a delivery with its job, which is not done before `due`.
    pub(super) fn queue(&self, change: &mut ChangeSet, delivery: &Delivery, due: Timestamp) -> Result<(), Problem> {
        change.insert(delivery)?;
        let job = NewJob { id: delivery.id.clone(), kind: JobKind::Deliver, subject: delivery.id.clone(), due };
        change.queue(job, self.clock.now())?;
        Ok(())
    }
}
