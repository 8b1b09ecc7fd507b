//! Queries that many people asked within the last weeks, as suggestions.
//!
//! They come from what the store keeps (see `teach`): a query that fewer than five people asked is not among them. One is
//! suggested only as long as visitors find something by it, so what is taken down takes its query along; none that holds a word
//! of abuse or one that editors keep out, none that editors hide, and none that could name a person (see `kept_out`).

use super::kept_out::KeptOut;
use super::teach::{entries, first_week, may_be_counted};
use super::{Discover, index_fault};
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
    kept_out: Arc<RwLock<Arc<KeptOut>>>,
}

/// A query with what may be typed for it, most asked first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    query: String,
    keys: Vec<String>,
}

impl Default for Popular {
    fn default() -> Self {
        Self { listed: Arc::default(), found: Cache::new(MOST as u64), kept_out: Arc::default() }
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
        let of = |kind: WordKind| entries.iter().filter(move |entry| entry.kind == kind).flat_map(|entry| &entry.words).map(String::as_str);
        let words = lexicon.blocked.iter().map(String::as_str).chain(of(WordKind::KeptOut));
        let kept_out = KeptOut::of(words, of(WordKind::HiddenQuery), &lexicon);
        let oldest = first_week(self.clock.now(), WEEKS);
        let recent = self.asked_queries().await?.into_iter().filter(|asked| asked.week >= oldest && asked.found_enough());
        let listed = list(recent, &kept_out, &lexicon);
        *self.popular.listed.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(listed);
        *self.popular.kept_out.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(kept_out);
        Ok(())
    }

    /// What keeps queries from being suggested.
    pub(in crate::discover) fn kept_out(&self) -> Arc<KeptOut> {
        Arc::clone(&self.popular.kept_out.read().unwrap_or_else(PoisonError::into_inner))
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

    /// The queries that most people asked, by which visitors find something.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub async fn most_asked(&self, limit: usize) -> Result<Vec<String>, Problem> {
        let discover = self.clone();
        // After a change of the index each of them is a search.
        let asking = move || {
            let listed = Arc::clone(&discover.popular.listed.read().unwrap_or_else(PoisonError::into_inner));
            let mut found = Vec::new();
            for one in listed.iter().take(limit * 2) {
                if found.len() < limit && discover.found_by_visitors(&one.query)? {
                    found.push(one.query.clone());
                }
            }
            tantivy::Result::Ok(found)
        };
        tokio::task::spawn_blocking(asking).await.map_err(|error| index_fault(&error))?.map_err(|error| index_fault(&error))
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
fn list(asked: impl Iterator<Item = AskedQuery>, kept_out: &KeptOut, lexicon: &Lexicon) -> Vec<Listed> {
    let mut people: BTreeMap<String, u32> = BTreeMap::new();
    for asked in asked.filter(|asked| may_be_counted(&asked.query)) {
        let sum = people.entry(asked.query).or_default();
        *sum = sum.saturating_add(asked.people);
    }
    let mut ranked: Vec<(String, u32)> = people.into_iter().filter(|(query, _)| !kept_out.holds(query, lexicon)).collect();
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
        let all = [
            asked("1", "土家织锦", 5),
            asked("1", "女书", 10),
            asked("2", "土家织锦", 10),
            asked("2", "某某骗局", 200),
            asked("2", "138 1234 5678", 50),
        ];
        let lexicon = Lexicon::load(None).unwrap();
        let listed = list(all.into_iter(), &KeptOut::of(["骗局"].into_iter(), std::iter::empty(), &lexicon), &lexicon);
        assert_eq!(listed.iter().map(|one| one.query.as_str()).collect::<Vec<_>>(), ["土家织锦", "女书"]);
        assert_eq!(listed[1].keys, ["女书", "nvshu", "ns", "nushu"]);
    }
}
