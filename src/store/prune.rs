//! Forgetting old feed rows, change rows and change ids.
//!
//! Kept are those of the last seven days and, for up to thirty days, of the last [`KEEP_COMMITS`] commits. A follower that was away
//! for longer rebuilds; an id of a change is recognised as long as its commit's rows are kept. The keys in change rows outlive the
//! records that lay there: what was deleted leaves no name behind for longer than these thirty days, however quiet a site is.

use super::change_row::ChangeRow;
use super::engine::{Engine, EngineError, RANGE_BYTES, Span};
use super::keyspace::{self, CHANGES, CHANGES_PRUNED, FACTS, FACTS_PRUNED};
use crate::domain::change::Position;
use crate::domain::time::{DAY_MS, Timestamp};

/// How long rows are kept, in milliseconds.
pub(super) const KEEP_MS: i64 = 7 * DAY_MS;
/// How many commits' rows are kept longer than that.
pub(super) const KEEP_COMMITS: u64 = 10_000;
/// After so long none are kept, in milliseconds: as long as backups are to be.
pub(super) const KEEP_NONE_MS: i64 = 30 * DAY_MS;
/// Commits forgotten in one transaction.
const SLICE: usize = 512;

/// Forgets one slice; whether there may be more.
pub(super) async fn slice(engine: &dyn Engine, head: Position, keep_after: Timestamp, keep_commits: u64) -> Result<bool, EngineError> {
    let end = Position(head.0.saturating_sub(keep_commits).saturating_add(1));
    let span = Span { from: vec![CHANGES], to: Some(keyspace::at(CHANGES, end)), reverse: false, limit: SLICE, max_bytes: RANGE_BYTES };
    let found = engine.range(span).await?;
    let mut writes = Vec::new();
    let (mut last, mut forgotten) = (None, 0usize);
    for (key, value) in &found.rows {
        let (Some(position), Some(row)) = (keyspace::position_of(key), ChangeRow::decode(value)) else {
            return Err(EngineError::Damaged("a change row".to_owned()));
        };
        if row.at >= keep_after {
            break;
        }
        writes.push((key.clone(), None));
        writes.push((keyspace::at(FACTS, position), None));
        if !row.id.is_empty() {
            writes.push((keyspace::change_id(&row.id), None));
        }
        last = Some(position);
        forgotten += 1;
    }
    let Some(last) = last else { return Ok(false) };
    writes.push((CHANGES_PRUNED.to_vec(), Some(last.0.to_be_bytes().to_vec())));
    if let Some(told) = last_fact(engine, last).await? {
        writes.push((FACTS_PRUNED.to_vec(), Some(told.0.to_be_bytes().to_vec())));
    }
    engine.write(writes).await?;
    Ok(found.more && forgotten == found.rows.len())
}

/// The highest position up to `last` that has facts.
async fn last_fact(engine: &dyn Engine, last: Position) -> Result<Option<Position>, EngineError> {
    let to = Some(keyspace::at(FACTS, Position(last.0.saturating_add(1))));
    let span = Span { from: vec![FACTS], to, reverse: true, limit: 1, max_bytes: RANGE_BYTES };
    Ok(engine.range(span).await?.rows.first().and_then(|(key, _)| keyspace::position_of(key)))
}
