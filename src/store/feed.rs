//! Reading the feed: what everyone may need to know, in the order of commits.

use super::engine::Span;
use super::error::StoreError;
use super::keyspace;
use super::{Store, engine};
use crate::domain::change::{Fact, Position, Topic};

/// The facts of one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which commit.
    pub position: Position,
    /// What it told, in its order.
    pub facts: Vec<Fact>,
}

/// Facts as bytes: a JSON list of (topic, id).
pub(super) fn encode(facts: &[Fact]) -> Vec<u8> {
    let pairs: Vec<(Topic, &str)> = facts.iter().map(|fact| (fact.topic, fact.id.as_str())).collect();
    serde_json::to_vec(&pairs).unwrap_or_default()
}

/// Facts from bytes.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<Fact>> {
    let pairs: Vec<(Topic, String)> = serde_json::from_slice(bytes).ok()?;
    Some(pairs.into_iter().map(|(topic, id)| Fact { topic, id }).collect())
}

impl Store {
    /// The facts of the commits after `position`, at most `limit` commits, acknowledged ones only.
    ///
    /// # Errors
    /// [`StoreError::FactsGone`] when `position` lies before the oldest facts kept or beyond the head: the follower rebuilds
    /// by noting [`Store::head`], listing all records, and going on from the position it noted.
    pub async fn facts_after(&self, position: Position, limit: usize) -> Result<Vec<Told>, StoreError> {
        let head = self.head();
        if position > head {
            return Err(StoreError::FactsGone);
        }
        let span = Span {
            from: keyspace::at(keyspace::FACTS, Position(position.0.saturating_add(1))),
            to: Some(keyspace::at(keyspace::FACTS, Position(head.0.saturating_add(1)))),
            reverse: false,
            limit: limit.max(1),
            max_bytes: engine::RANGE_BYTES,
        };
        let rows = self.engine().range(span).await?.rows;
        // Read after the rows: what pruning took away meanwhile is noticed.
        let pruned = self.engine().get(vec![keyspace::FACTS_PRUNED.to_vec()]).await?.into_iter().flatten().next();
        if pruned.as_deref().and_then(keyspace::position).is_some_and(|pruned| position < pruned) {
            return Err(StoreError::FactsGone);
        }
        rows.iter()
            .map(|(key, value)| {
                let told = keyspace::position_of(key).zip(decode(value)).map(|(position, facts)| Told { position, facts });
                told.ok_or_else(|| StoreError::Damaged { table: "facts", key: format!("{key:02x?}") })
            })
            .collect()
    }
}
