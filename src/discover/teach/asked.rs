//! Queries, counted so that nobody can be made out: those that found little are for editors, others are suggested.
//!
//! Who asked is known as a hash under a secret that is never stored and lasts until the program ends, and only until enough
//! different people asked the same within a week. Before that a query is in memory alone; from then on the store holds its
//! text, a step of how many asked, and nothing else. Queries with long numbers are never taken.

use super::super::{Discover, index_fault};
use super::{may_look, may_teach};
use crate::domain::access::Actor;
use crate::domain::change::ChangeSet;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::search_word::AskedQuery;
use crate::domain::time::Timestamp;
use crate::store::PageRequest;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::collections::BTreeSet;
use std::hash::Hasher;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Queries that wait for enough people, in memory.
const WAITING: u64 = 20_000;
/// How long they wait.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
/// Weeks that the store keeps.
const KEPT_WEEKS: i64 = 8;
/// Queries of one week that the store keeps, of those that found enough and of the others.
const OF_A_WEEK: usize = 2_000;
/// Characters of the longest query that is taken.
const LONGEST: usize = 40;
/// Digits in a row that could be a person's number.
const DIGITS: usize = 5;
/// Digits that could be one where spaces, dashes and the like stand between them, or where they are written in Chinese.
const PARTED_DIGITS: usize = 7;
/// What stands between the digits of a number.
const BETWEEN: [char; 9] = [' ', '-', '.', '·', '/', '_', '(', ')', '—'];
/// Digits as they are written in Chinese.
const CHINESE_DIGITS: [char; 12] = ['零', '〇', '一', '二', '三', '四', '五', '六', '七', '八', '九', '幺'];
/// What only addresses of mail and of pages hold.
const OF_ADDRESSES: [&str; 6] = ["@", ".com", ".cn", ".net", ".org", "://"];
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Queries that wait.
#[derive(Clone)]
pub struct Asked {
    waiting: Cache<(String, String), Arc<Mutex<BTreeSet<u64>>>>,
    secret: (u64, u64),
}

impl Default for Asked {
    fn default() -> Self {
        let mut bytes = [0; 16];
        // Without randomness nothing is told apart, and nothing is ever listed: the safe side.
        let secret = getrandom::fill(&mut bytes).map_or(0, |()| u128::from_le_bytes(bytes));
        Self { waiting: Cache::builder().max_capacity(WAITING).time_to_live(WEEK).build(), secret: ((secret >> 64) as u64, secret as u64) }
    }
}

impl Asked {
    /// Counts somebody who asked; the step that is reached with this person, where one is.
    fn count(&self, week: &str, query: &str, who: &str) -> Option<u32> {
        if self.secret == (0, 0) {
            return None;
        }
        let mut hash = SipHasher13::new_with_keys(self.secret.0, self.secret.1);
        hash.write(who.as_bytes());
        let person = hash.finish();
        let people = self.waiting.get_with((week.to_owned(), query.to_owned()), Arc::default);
        let mut people = people.lock().unwrap_or_else(PoisonError::into_inner);
        let most = AskedQuery::STEPS.last().copied().unwrap_or(0) as usize;
        let new = people.len() < most && people.insert(person);
        AskedQuery::STEPS.into_iter().find(|step| new && *step as usize == people.len())
    }
}

/// Which queries are wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct ListAsked {
    /// Those that found enough and are suggested while typing, in place of those that found little.
    pub popular: bool,
    /// Only those that found nothing.
    pub nothing: bool,
}

/// A query that several people asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AskedView {
    /// The query, folded.
    pub query: String,
    /// Monday of the week.
    pub week: String,
    /// At least so many people asked it.
    pub people: u32,
    /// Resources that visitors found by it when it was last counted.
    pub found: u64,
    /// Not suggested while typing, since it is hidden or holds a word that is kept out.
    pub hidden: bool,
}

/// Queries that several people asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AskedPage {
    /// Most asked first.
    pub items: Vec<AskedView>,
}

/// Monday of the week of an instant.
fn week_of(at: Timestamp) -> String {
    // 1970-01-01 was a Thursday; days are those of Asia/Shanghai.
    let day = (at.millis() + 8 * 3_600_000).div_euclid(DAY);
    let monday = day - (day + 3).rem_euclid(7);
    Timestamp::from_millis(monday * DAY).shanghai_date()
}

/// The first of so many weeks, this one included.
pub fn first_week(now: Timestamp, weeks: i64) -> String {
    week_of(Timestamp::from_millis(now.millis() - (weeks - 1) * 7 * DAY))
}

/// Whether a folded query names nobody: it holds no long number, however it is parted, and no address.
pub fn may_be_counted(query: &str) -> bool {
    let (mut run, mut parted) = (0, 0);
    let names_nobody = query.chars().all(|letter| {
        let is_digit = letter.is_ascii_digit() || CHINESE_DIGITS.contains(&letter);
        run = if letter.is_ascii_digit() { run + 1 } else { 0 };
        parted = if is_digit || BETWEEN.contains(&letter) { parted + usize::from(is_digit) } else { 0 };
        run < DIGITS && parted < PARTED_DIGITS
    });
    names_nobody && !OF_ADDRESSES.iter().any(|part| query.contains(part)) && (2..=LONGEST).contains(&query.chars().count())
}

impl Discover {
    /// Counts a query; `who` tells this person from others. A failure to keep it is logged and no more.
    pub(in crate::discover) async fn count_query(&self, typed: &str, who: &str) {
        let query = self.index.lexicon().fold(typed).text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !may_be_counted(&query) {
            return;
        }
        let week = week_of(self.clock.now());
        let Some(people) = self.asked.count(&week, &query, who) else { return };
        if let Err(problem) = self.keep_query(week, query, people).await {
            tracing::warn!(%problem, "a query that several people asked could not be kept");
        }
    }

    async fn keep_query(&self, week: String, query: String, people: u32) -> Result<(), Problem> {
        let (counting, asked) = (self.clone(), query.clone());
        let found = tokio::task::spawn_blocking(move || counting.count_for_visitors(&asked));
        let found = found.await.map_err(|error| index_fault(&error))?.map_err(|error| index_fault(&error))?;
        let asked = AskedQuery { week, query, people, found };
        let old = self.store.get::<AskedQuery>(&Key::of(&[&asked.week, &asked.query])).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        if old.is_none() {
            let prefix = Key::prefix(&[&asked.week]);
            let known = self.store.list::<AskedQuery>(&prefix, PageRequest::first(1)).await?.items.len();
            if known == 0 {
                self.forget_old_weeks().await?;
            }
            if self.count_of_week(&asked).await? >= OF_A_WEEK {
                return Ok(());
            }
        }
        let people = old.as_ref().map_or(0, |old| old.value.people).max(asked.people);
        change.upsert(old.as_ref(), &AskedQuery { people, ..asked })?;
        self.store.commit(change).await?;
        self.learn_popular().await
    }

    /// Kept queries of the same week that found enough, or little, as this one did: neither kind crowds out the other.
    async fn count_of_week(&self, asked: &AskedQuery) -> Result<usize, Problem> {
        let (mut count, mut cursor) = (0, None);
        loop {
            let page = self.store.list::<AskedQuery>(&Key::prefix(&[&asked.week]), PageRequest::first(1_000).after(cursor)).await?;
            count += page.items.iter().filter(|stored| stored.value.found_enough() == asked.found_enough()).count();
            cursor = page.next;
            if cursor.is_none() || count >= OF_A_WEEK {
                return Ok(count);
            }
        }
    }

    async fn forget_old_weeks(&self) -> Result<(), Problem> {
        let oldest = week_of(Timestamp::from_millis(self.clock.now().millis() - KEPT_WEEKS * 7 * DAY));
        loop {
            let page = self.store.list::<AskedQuery>(&Key::default(), PageRequest::first(200)).await?;
            let old: Vec<_> = page.items.into_iter().filter(|stored| stored.value.week < oldest).collect();
            if old.is_empty() {
                return Ok(());
            }
            let mut change = ChangeSet::new(self.clock.fresh_id());
            old.iter().for_each(|stored| {
                change.remove(stored);
            });
            self.store.commit(change).await?;
        }
    }

    /// All that are kept.
    pub(in crate::discover) async fn asked_queries(&self) -> Result<Vec<AskedQuery>, Problem> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.store.list::<AskedQuery>(&Key::default(), PageRequest::first(1_000).after(cursor)).await?;
            all.extend(page.items.into_iter().map(|stored| stored.value));
            cursor = page.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// Queries of the last weeks that found little, or those that found enough, most asked first.
    ///
    /// # Errors
    /// Forbidden but for editors, administrators and auditors of the whole site.
    pub async fn poor_queries(&self, actor: &Actor, ask: ListAsked) -> Result<AskedPage, Problem> {
        may_look(actor)?;
        let wanted = |asked: &AskedQuery| asked.found_enough() == ask.popular && (!ask.nothing || asked.found == 0);
        let (kept_out, lexicon) = (self.kept_out(), self.index.lexicon());
        let view = |asked: AskedQuery| AskedView { hidden: kept_out.holds(&asked.query, &lexicon), ..view(asked) };
        let mut items: Vec<AskedView> = self.asked_queries().await?.into_iter().filter(wanted).map(view).collect();
        items.sort_by(|left, right| (right.people, &right.week, &left.query).cmp(&(left.people, &left.week, &right.query)));
        Ok(AskedPage { items })
    }

    /// Takes a query off the list.
    ///
    /// # Errors
    /// Forbidden but for editors and administrators of the whole site; not found.
    pub async fn dismiss_query(&self, actor: &Actor, week: &str, query: &str) -> Result<(), Problem> {
        may_teach(actor)?;
        let stored = self.store.get::<AskedQuery>(&Key::of(&[week, query])).await?.ok_or_else(|| Problem::not_found("检索词", "query"))?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.remove(&stored);
        self.store.commit(change).await?;
        self.learn_popular().await
    }
}

fn view(asked: AskedQuery) -> AskedView {
    let AskedQuery { week, query, people, found } = asked;
    AskedView { query, week, people, found, hidden: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_reached_by_different_people_only() {
        let asked = Asked::default();
        let count = |who: usize| asked.count("2026-11-23", "打铁花", &format!("address:{who}"));
        assert!((0..100).all(|_| count(0).is_none()), "one person is one");
        assert_eq!((1..5).filter_map(count).collect::<Vec<_>>(), [5]);
        assert_eq!((5..400).filter_map(count).collect::<Vec<_>>(), [10, 20, 50, 100, 200]);
        assert_eq!(asked.count("2026-11-30", "打铁花", "address:1"), None, "another week begins anew");
    }

    #[test]
    fn weeks_begin_on_monday_in_shanghai() {
        // 2026-11-29 is a Sunday; 16:00 UTC is Monday there.
        let sunday = 1_795_910_400_000_i64;
        assert_eq!(week_of(Timestamp::from_millis(sunday + 15 * 3_600_000)), "2026-11-23");
        assert_eq!(week_of(Timestamp::from_millis(sunday + 16 * 3_600_000)), "2026-11-30");
    }

    #[test]
    fn what_could_be_a_person_is_not_counted() {
        let parted = ["138 1234 5678", "138-1234-5678", "一三八一二三四五六七八", "幺三八 1234 5678", "zhangsan.qq.com", "https://x"];
        for query in ["13812345678", "430104199001011234", "张三 12345", "a@b.cn", "茶", &"长".repeat(41)].into_iter().chain(parted) {
            assert!(!may_be_counted(query), "{query}");
        }
        assert!(may_be_counted("打铁花") && may_be_counted("1+x 2024") && may_be_counted("第一讲 第二讲") && may_be_counted("2026 05"));
    }
}
