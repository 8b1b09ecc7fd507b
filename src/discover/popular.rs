//! Queries that many people asked within the last weeks, as suggestions.
//!
//! They come from what the store keeps (see `teach`): a query that fewer than five people asked is not among them. One is
//! suggested only as long as visitors find something by it, so what is taken down takes its query along; and none that holds
//! a word which editors keep out.

use super::Discover;
use super::teach::{entries, first_week};
use crate::domain::access::Actor;
use crate::domain::change::Position;
use crate::domain::problem::Problem;
use crate::domain::search_word::{AskedQuery, WordKind};
use crate::search::analysis::lexicon::Lexicon;
use crate::search::execute::run::{Request, run};
use crate::search::query::parse::parse;
use crate::search::suggest::{Source, Suggestion, keys_of, typed_key};
use moka::sync::Cache;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Weeks that count.
const WEEKS: i64 = 4;
/// Queries that are suggested.
const MOST: usize = 1_000;
/// Queries among the suggestions of one answer.
const GIVEN: usize = 3;
/// Queries that one request asks of the index: after a change each of them is a search, on the thread that serves.
const ASKED: usize = 4;

/// The queries that are suggested.
#[derive(Clone)]
pub struct Popular {
    listed: Arc<RwLock<Arc<Vec<Listed>>>>,
    /// Whether visitors found something, and where the index was then.
    found: Cache<String, (Position, bool)>,
}

/// A query with what may be typed for it, most asked first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    query: String,
    keys: Vec<String>,
}

impl Default for Popular {
    fn default() -> Self {
        Self { listed: Arc::default(), found: Cache::new(MOST as u64) }
    }
}

impl Discover {
    /// Reads anew which queries are suggested.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn learn_popular(&self) -> Result<(), Problem> {
        let entries = entries(&self.store).await?;
        let lexicon = self.index.lexicon();
        let kept_out = entries.iter().filter(|entry| entry.kind == WordKind::KeptOut).flat_map(|entry| &entry.words);
        let kept_out: Vec<String> = kept_out.map(|word| lexicon.fold(word).text).collect();
        let oldest = first_week(self.clock.now(), WEEKS);
        let recent = self.asked_queries().await?.into_iter().filter(|asked| asked.week >= oldest && asked.found_enough());
        let listed = list(recent, &kept_out, &lexicon);
        *self.popular.listed.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(listed);
        Ok(())
    }

    /// Queries that begin as what was typed, most asked first.
    pub(in crate::discover) fn popular(&self, typed: &str) -> tantivy::Result<Vec<Suggestion>> {
        let key = typed_key(&self.index.lexicon(), typed);
        let listed = Arc::clone(&self.popular.listed.read().unwrap_or_else(PoisonError::into_inner));
        let mut given = Vec::new();
        let begin_so = listed.iter().filter(|one| !key.is_empty() && one.keys.iter().any(|known| known.starts_with(&key)));
        for one in begin_so.take(ASKED) {
            if self.found_by_visitors(&one.query)? {
                given.push(Suggestion { text: one.query.clone(), source: Source::Query });
            }
            if given.len() == GIVEN {
                break;
            }
        }
        Ok(given)
    }

    /// Asked of the index once for each state of it.
    fn found_by_visitors(&self, query: &str) -> tantivy::Result<bool> {
        let position = self.index.applied().position;
        if let Some((_, found)) = self.popular.found.get(query).filter(|(known, _)| *known == position) {
            return Ok(found);
        }
        let found = self.count_for_visitors(query)? > 0;
        self.popular.found.insert(query.to_owned(), (position, found));
        Ok(found)
    }

    /// How many resources visitors find.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::discover) fn count_for_visitors(&self, query: &str) -> tantivy::Result<u64> {
        let (query, tokens, tuning) = (parse(query), Actor::visitor().viewer_tokens(), Some(self.tuning()));
        Ok(run(&self.index.generation(), &Request { query, tokens, tuning, ..Request::default() })?.total)
    }
}

/// The queries of all weeks together, most asked first.
fn list(asked: impl Iterator<Item = AskedQuery>, kept_out: &[String], lexicon: &Lexicon) -> Vec<Listed> {
    let mut people: BTreeMap<String, u32> = BTreeMap::new();
    for asked in asked.filter(|asked| !kept_out.iter().any(|word| asked.query.contains(word))) {
        let sum = people.entry(asked.query).or_default();
        *sum = sum.saturating_add(asked.people);
    }
    let mut ranked: Vec<(String, u32)> = people.into_iter().collect();
    ranked.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    ranked.truncate(MOST);
    ranked.into_iter().map(|(query, _)| Listed { keys: keys_of(&query, lexicon), query }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_add_up_and_what_is_kept_out_is_not_listed() {
        let asked = |week: &str, query: &str, people| AskedQuery { week: week.to_owned(), query: query.to_owned(), people, found: 9 };
        let all = [asked("1", "土家织锦", 5), asked("1", "女书", 10), asked("2", "土家织锦", 10), asked("2", "某某骗局", 200)];
        let listed = list(all.into_iter(), &["骗局".to_owned()], &Lexicon::load(None).unwrap());
        assert_eq!(listed.iter().map(|one| one.query.as_str()).collect::<Vec<_>>(), ["土家织锦", "女书"]);
        assert_eq!(listed[1].keys, ["女书", "nvshu", "ns", "nushu"]);
    }
}
