//! Whether the index says what the store says.

use super::{Discover, index_fault};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::Resource;
use crate::search::generation::Generation;
use crate::store::PageRequest;
use serde::Serialize;
use std::collections::BTreeMap;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED};

/// Records read at once.
const PAGE: usize = 1_000;
/// Ids that are named of each fault.
const NAMED: usize = 20;

/// How index and store differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct IndexReport {
    /// Resources that the store serves.
    pub served: u64,
    /// Documents in the index.
    pub indexed: u64,
    /// Served and not indexed.
    pub missing: Vec<String>,
    /// Indexed and not served, or indexed twice.
    pub extra: Vec<String>,
    /// Indexed as they were before.
    pub stale: Vec<String>,
}

impl IndexReport {
    /// Whether index and store agree.
    pub fn is_clean(&self) -> bool {
        self.served == self.indexed && self.missing.is_empty() && self.extra.is_empty() && self.stale.is_empty()
    }
}

impl Discover {
    /// Compares ids and versions of all documents with all served resources. Meaningful while nothing is published.
    ///
    /// # Errors
    /// When store or index cannot be read.
    pub async fn verify(&self) -> Result<IndexReport, Problem> {
        let generation = self.index.generation();
        let mut report = IndexReport::default();
        let mut indexed = versions(&generation, &mut report).map_err(|error| index_fault(&error))?;
        let mut cursor = None;
        loop {
            let page = self.store.list::<Resource>(&Key::default(), PageRequest::first(PAGE).after(cursor)).await?;
            for stored in page.items.iter().filter(|stored| stored.value.is_served()) {
                report.served += 1;
                match indexed.remove(&stored.value.id) {
                    None => name(&mut report.missing, &stored.value.id),
                    Some(version) if version != stored.version.0 => name(&mut report.stale, &stored.value.id),
                    Some(_) => {}
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        indexed.keys().for_each(|id| name(&mut report.extra, id));
        Ok(report)
    }
}

fn name(list: &mut Vec<String>, id: &str) {
    if list.len() < NAMED {
        list.push(id.to_owned());
    }
}

/// Ids of all living documents with the versions they were made from.
fn versions(generation: &Generation, report: &mut IndexReport) -> tantivy::Result<BTreeMap<String, u64>> {
    let view = generation.view();
    let mut found = BTreeMap::new();
    for segment in view.searcher().segment_readers() {
        let inverted = segment.inverted_index(generation.fields().id)?;
        let column = segment.fast_fields().u64("version")?;
        let mut ids = inverted.terms().stream()?;
        while let Some((id, info)) = ids.next() {
            let mut postings = inverted.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
            while postings.doc() != TERMINATED {
                if !segment.is_deleted(postings.doc()) {
                    report.indexed += 1;
                    let id = String::from_utf8_lossy(id).into_owned();
                    if found.insert(id.clone(), column.first(postings.doc()).unwrap_or(0)).is_some() {
                        name(&mut report.extra, &id);
                    }
                }
                postings.advance();
            }
        }
    }
    Ok(found)
}
