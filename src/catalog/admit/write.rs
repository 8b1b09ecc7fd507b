//! Writing batches of rows: first as if all were new, and only when one is there already by reading what is there.

use super::row::{Row, can_stay};
use super::{Admitted, Run};
use crate::catalog::Catalog;
use crate::catalog::resolve::{ADDRESS, IMPORTED};
use crate::domain::access::grants;
use crate::domain::admitted::AdmittedBatch;
use crate::domain::change::{ChangeSet, Topic};
use crate::domain::job::{JobKind, NewJob};
use crate::domain::problem::{FieldProblem, Problem};
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Alias, Body, Provenance, Resource, ResourceState, Revision};
use crate::domain::time::{DAY_MS, Timestamp};
use crate::store::StoreError;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Times a batch is read again when others write at the same moment.
const TRIES: usize = 5;
/// Days over which the first looks at links are spread.
const SPREAD_DAYS: i64 = 7;

/// A row with the place it goes to.
struct Placed {
    row: Row,
    id: String,
    old: Option<Stored<Resource>>,
    /// The source's id, where the resource could not keep it.
    alias: Option<Alias>,
}

impl Catalog {
    /// Writes a batch and counts what became of it.
    pub(super) async fn write_batch(&self, run: &Run, rows: Vec<Row>, total: &mut Admitted) -> Result<(), Problem> {
        let rows = distinct(run, rows, total);
        if rows.is_empty() {
            return Ok(());
        }
        // A first import finds nothing: saying so in the guards costs less than asking first.
        if total.unchanged + total.updated == 0 && rows.iter().all(|row| row.id.as_deref().is_none_or(can_stay)) {
            let fresh = rows.iter().cloned().map(|row| Placed { id: natural_id(run, &row), row, old: None, alias: None }).collect();
            match self.commit_batch(run, fresh, total).await {
                Err(StoreError::Conflict { .. }) => {}
                other => return Ok(other?),
            }
        }
        for _ in 0..TRIES {
            let (placed, refused) = self.place(run, rows.clone()).await?;
            match self.commit_batch(run, placed, total).await {
                Err(StoreError::Conflict { .. }) => {}
                other => {
                    total.refuse(refused);
                    return Ok(other?);
                }
            }
        }
        Err(StoreError::Conflict { table: "resources", key: Key::default() }.into())
    }

    /// Finds out for each row whether it is there already, and under which id; rows that would change what belongs to an
    /// organisation outside of the run's are refused.
    async fn place(&self, run: &Run, rows: Vec<Row>) -> Result<(Vec<Placed>, Vec<FieldProblem>), Problem> {
        let wanted: Vec<String> = rows.iter().map(|row| natural_id(run, row)).collect();
        let keys: Vec<Key> = wanted.iter().map(|id| Key::from(id.as_str())).collect();
        let found = self.store.get_many::<Resource>(&keys).await?;
        let mut placed = Vec::with_capacity(rows.len());
        let mut refused = Vec::new();
        for ((row, id), old) in rows.into_iter().zip(wanted).zip(found) {
            let ours = old.as_ref().is_none_or(|old| is_of(run, &old.value));
            let stays = row.id.as_deref().is_none_or(can_stay);
            if ours && stays {
                placed.push(Placed { row, id, old, alias: None });
                continue;
            }
            let name = row.id.clone().unwrap_or_default();
            let alias = self.store.get::<Alias>(&Alias::key_of(IMPORTED, &run.source, &name)).await?;
            let at = match &alias {
                Some(alias) => self.store.get::<Resource>(&Key::from(alias.value.resource.as_str())).await?,
                None => None,
            };
            if at.as_ref().is_some_and(|at| !run.reader.is_for(&at.value.owner)) {
                refused.push(number_taken(row.line, &name));
                continue;
            }
            if at.as_ref().is_some_and(|at| matches!(at.value.provenance, Provenance::Vetted { .. })) {
                refused.push(vetted_here(row.line, &name));
                continue;
            }
            let id = alias.as_ref().map_or_else(|| self.clock.fresh_id(), |alias| alias.value.resource.clone());
            let new_alias = Alias { space: IMPORTED.to_owned(), scope: run.source.clone(), name, resource: id.clone() };
            placed.push(Placed { row, id, old: at, alias: alias.is_none().then_some(new_alias) });
        }
        Ok((placed, refused))
    }

    async fn commit_batch(&self, run: &Run, placed: Vec<Placed>, total: &mut Admitted) -> Result<(), StoreError> {
        let now = self.clock.now();
        let bodies = self.bodies_of(&placed).await?;
        let addresses = self.addresses_of(&placed).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        let (mut created, mut updated, mut unchanged) = (0, 0, 0);
        let mut errors = Vec::new();
        let mut claimed = BTreeSet::new();
        let mut batch = AdmittedBatch { id: self.clock.fresh_id(), resources: Vec::new() };
        for Placed { row, id, old, alias } in placed {
            let old_body = bodies.get(&id).map_or("", String::as_str);
            let new_addresses: Vec<_> = row.old_urls.iter().filter(|name| claimed.insert((*name).clone())).cloned().collect();
            for name in new_addresses {
                match addresses.get(&name) {
                    Some(owner) if *owner == id => {}
                    Some(_) => errors.push(address_taken(row.line, &name)),
                    None => {
                        let alias = Alias { space: ADDRESS.to_owned(), scope: String::new(), name, resource: id.clone() };
                        change.insert(&alias)?;
                    }
                }
            }
            if let Some(alias) = alias {
                change.insert(&alias)?;
            }
            let (line_body, is_link) = (row.body.clone(), row.metadata.link.is_some());
            let Some(resource) = admitted(run, row, &id, old.as_ref(), old_body, now) else {
                unchanged += 1;
                continue;
            };
            match &old {
                Some(old) => {
                    change.update(old, &resource)?.insert(&Revision { resource: old.value.clone() })?;
                    updated += 1;
                }
                None => {
                    change.insert(&resource)?;
                    created += 1;
                }
            }
            if !line_body.is_empty() || !old_body.is_empty() {
                // An emptied body is written empty: its row belongs to the resource for good.
                change.put_under(None, &Body { resource: id.clone(), text: line_body })?;
            }
            if is_link && old.is_none() {
                let spread = i64::from(u32::from_le_bytes(first_bytes(id.as_bytes()))) % (SPREAD_DAYS * DAY_MS);
                let job =
                    NewJob { id: self.clock.fresh_id(), kind: JobKind::LinkHealth, subject: id.clone(), due: now.plus_millis(spread) };
                change.queue(job, now)?;
            }
            batch.resources.push(id.clone());
            change.tell(Topic::Resource, id);
        }
        if !batch.resources.is_empty() {
            // Whoever vetted them, what our own checks say of them is for the desk to know.
            let job = NewJob { id: self.clock.fresh_id(), kind: JobKind::CheckAdmitted, subject: batch.id.clone(), due: now };
            change.insert(&batch)?.queue(job, now)?;
        }
        if !change.puts.is_empty() {
            total.position = self.store.commit(change).await?;
        }
        total.created += created;
        total.updated += updated;
        total.unchanged += unchanged;
        let room = super::MOST_ERRORS.saturating_sub(total.errors.len());
        total.errors.extend(errors.into_iter().take(room));
        Ok(())
    }

    /// The bodies of the resources that are there already.
    async fn bodies_of(&self, placed: &[Placed]) -> Result<BTreeMap<String, String>, StoreError> {
        let keys: Vec<Key> = placed.iter().filter(|placed| placed.old.is_some()).map(|placed| Key::from(placed.id.as_str())).collect();
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.store.get_many::<Body>(&keys).await?;
        Ok(found.into_iter().flatten().map(|body| (body.value.resource, body.value.text)).collect())
    }

    /// Which resources the former addresses of these rows lead to already.
    async fn addresses_of(&self, placed: &[Placed]) -> Result<BTreeMap<String, String>, StoreError> {
        let names = placed.iter().flat_map(|placed| &placed.row.old_urls);
        let keys: Vec<Key> = names.map(|name| Alias::key_of(ADDRESS, "", name)).collect();
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.store.get_many::<Alias>(&keys).await?;
        Ok(found.into_iter().flatten().map(|alias| (alias.value.name, alias.value.resource)).collect())
    }
}

/// The rows of a batch, the last of several with one id alone.
fn distinct(run: &Run, rows: Vec<Row>, total: &mut Admitted) -> Vec<Row> {
    let before = rows.len();
    let mut seen = BTreeSet::new();
    let mut kept: Vec<Row> = rows.into_iter().rev().filter(|row| seen.insert(natural_id(run, row))).collect();
    kept.reverse();
    total.unchanged += (before - kept.len()) as u64;
    kept
}

/// The id a row has by itself: the source's, or for one without id a name made of its content.
fn natural_id(run: &Run, row: &Row) -> String {
    if let Some(id) = &row.id {
        return id.clone();
    }
    let mut hash = Sha256::new();
    for part in
        [run.source.as_str(), row.metadata.title.main(), row.institution.as_str(), row.metadata.description.main(), row.body.as_str()]
    {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = crate::domain::digest::Digest::from_bytes(&hash.finalize().into());
    format!("imp-{}", digest.as_str().chars().take(32).collect::<String>())
}

fn is_of(run: &Run, resource: &Resource) -> bool {
    // A name of a source is anybody's to give: it opens nothing that belongs to others.
    let from_there = matches!(&resource.provenance, Provenance::Admitted { source, .. } if *source == run.source);
    from_there && run.reader.is_for(&resource.owner)
}

/// The resource that a row makes; `None` when it is there already just so, or was removed here since.
fn admitted(run: &Run, row: Row, id: &str, old: Option<&Stored<Resource>>, old_body: &str, now: Timestamp) -> Option<Resource> {
    let provenance = Provenance::Admitted { vetted_by: run.vetted_by.clone(), source: run.source.clone() };
    let resource = Resource {
        id: id.to_owned(),
        grants: grants(&row.owner, &row.metadata.access),
        owner: row.owner,
        institution: row.institution,
        revision: 1,
        metadata: row.metadata,
        assets: Vec::new(),
        state: ResourceState::Published,
        provenance,
        published: row.published.unwrap_or(now),
        updated: now,
        added: row.published.map(|_| now),
    };
    let Some(Stored { value: old, .. }) = old else { return Some(resource) };
    let published = row.published.unwrap_or(old.published);
    // A row that only now says when it was first published came when it came.
    let added = old.added.or_else(|| (published != old.published).then_some(old.published));
    let resource = Resource { published, added, ..resource };
    let same = Resource { revision: old.revision, state: old.state.clone(), updated: old.updated, ..resource.clone() };
    let withdrawn = !matches!(old.state, ResourceState::Published);
    if withdrawn || (same == *old && row.body == old_body) {
        return None;
    }
    Some(Resource { revision: old.revision + 1, ..resource })
}

fn first_bytes(id: &[u8]) -> [u8; 4] {
    let digest: [u8; 32] = Sha256::digest(id).into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

fn number_taken(line: u64, name: &str) -> FieldProblem {
    FieldProblem {
        path: "id".to_owned(),
        row: u32::try_from(line).ok(),
        code: "number-taken".to_owned(),
        zh: format!("第 {line} 行：该来源的编号 {name} 已由其他机构使用，请换一个来源名称（source）。"),
        en: format!("Line {line}: the number {name} of this source is another organisation's; name another source."),
    }
}

/// What was revised through this site's own vetting is updated by no other way.
fn vetted_here(line: u64, name: &str) -> FieldProblem {
    FieldProblem {
        path: "id".to_owned(),
        row: u32::try_from(line).ok(),
        code: "vetted-here".to_owned(),
        zh: format!("第 {line} 行：编号 {name} 的资源已在本平台送审修订，更新须重新提交审核。"),
        en: format!("Line {line}: the resource of the number {name} was revised through vetting here; an update is a new submission."),
    }
}

fn address_taken(line: u64, name: &str) -> FieldProblem {
    FieldProblem {
        path: "old_urls".to_owned(),
        row: u32::try_from(line).ok(),
        code: "address-taken".to_owned(),
        zh: format!("第 {line} 行：旧地址 {name} 已指向另一资源，未改动；其余内容已导入。"),
        en: format!("Line {line}: the former address {name} leads to another resource already; the rest of the row went in."),
    }
}
