//! A search that somebody keeps, to be told of what is new in it.
//!
//! What is new is what came into the catalogue after an instant that moves on with each telling: a work is told once, whatever
//! happens to the index, and what came while nobody looked is told when somebody does.

use super::address;
use super::notice::table::shortened;
use super::notice::{Group, Notice, Subject, id_of};
use super::problem::{Problem, ProblemKind};
use super::record::{IndexRow, Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Saved searches of one account, at most (proposed): whoever has more is told every day by each.
pub const MOST: usize = 50;
/// Longest name, in characters.
const LONGEST_NAME: usize = 60;
/// Longest parameter of a search, in characters.
const LONGEST_PARAMETER: usize = 400;
/// Titles that a notice names.
pub const NAMED: usize = 3;
/// Index of saved searches by the name under which the learner record of their account is kept.
pub const BY_LEARNER: &str = "learner";

/// A saved search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// Account whose it is.
    pub account: String,
    /// Name under which the learner record of the account is kept: who deletes that deletes this.
    pub learner: String,
    /// UUIDv7.
    pub id: String,
    /// Name.
    pub name: String,
    /// Parameters of the search that say what is looked for, by their names in the API.
    pub query: BTreeMap<String, String>,
    /// Nothing is told while it is.
    pub paused: bool,
    /// When it was made.
    pub made: Timestamp,
    /// What came after this has not been told.
    pub since: Timestamp,
    /// When something was told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
}

/// A saved search as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SavedSearchView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Parameters of the search, by their names in `GET /api/v1/search`.
    pub query: BTreeMap<String, String>,
    /// Nothing is told while it is.
    pub paused: bool,
    /// When it was made.
    pub made: Timestamp,
    /// When something was told last.
    pub told: Option<Timestamp>,
    /// The search itself, newest first: its address on this site.
    pub address: String,
    /// The same as a page for people.
    pub page: String,
}

impl From<SavedSearch> for SavedSearchView {
    fn from(saved: SavedSearch) -> Self {
        let (address, page) = (saved.address(), saved.page());
        let SavedSearch { id, name, query, paused, made, told, .. } = saved;
        Self { id, name, query, paused, made, told, address, page }
    }
}

/// What somebody wants to keep: the name and the parameters that say what is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Name.
    pub name: String,
    /// Parameters.
    pub query: BTreeMap<String, String>,
}

impl SavedSearch {
    /// A new one; what came before `now` is not told.
    ///
    /// # Errors
    /// `bad-length` for a name that is empty or too long, or a parameter that is too long.
    pub fn new(account: &str, learner: &str, id: String, wanted: Wanted, now: Timestamp) -> Result<Self, Problem> {
        let long = wanted.query.iter().find(|(_, value)| value.chars().count() > LONGEST_PARAMETER);
        if let Some((name, _)) = long {
            let (zh, en) =
                (format!("{name} 最多 {LONGEST_PARAMETER} 个字。"), format!("{name} has {LONGEST_PARAMETER} characters at most."));
            return Err(Problem::field("bad-length", format!("query.{name}"), zh, en));
        }
        let mut saved = Self {
            account: account.to_owned(),
            learner: learner.to_owned(),
            id,
            name: String::new(),
            query: wanted.query,
            paused: false,
            made: now,
            since: now,
            told: None,
        };
        saved.rename(&wanted.name)?;
        Ok(saved)
    }

    /// Gives it another name.
    ///
    /// # Errors
    /// `bad-length`.
    pub fn rename(&mut self, name: &str) -> Result<(), Problem> {
        super::learner::check_text("name", "名称", name, LONGEST_NAME)?;
        name.trim().clone_into(&mut self.name);
        Ok(())
    }

    /// Pauses it, or lets it go on: what came meanwhile is not told then.
    pub fn pause(&mut self, paused: bool, now: Timestamp) {
        if self.paused && !paused {
            self.since = self.since.max(now);
        }
        self.paused = paused;
    }

    /// Whether something may be told of it on the day of `now`: once a day, by the clock of Shanghai.
    pub fn may_tell(&self, now: Timestamp) -> bool {
        !self.paused && self.told.is_none_or(|told| told.shanghai_date() != now.shanghai_date())
    }

    /// The search in the API, newest first.
    pub fn address(&self) -> String {
        format!("/api/v1/search?{}", self.parameters_with(&[]))
    }

    /// The search as a page, newest first.
    pub fn page(&self) -> String {
        format!("/search?{}", self.parameters_with(&[]))
    }

    /// The page of what came after what was told last, up to an instant.
    fn page_of_new(&self, until: Timestamp) -> String {
        format!("/search?{}", self.parameters_with(&[("added", &added(self.since, until))]))
    }

    fn parameters_with(&self, more: &[(&str, &str)]) -> String {
        let own = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs = own.chain(more.iter().copied()).chain([("sort", "newest")]);
        let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", address::escaped(value))).collect();
        pairs.join("&")
    }

    /// Tells of `found` works that came by `until`: the notice, and the search as it is afterwards. `titles`: those of the newest.
    pub fn tell(&self, found: u64, titles: &[String], until: Timestamp, now: Timestamp) -> (Self, Notice) {
        let named: String = titles.iter().take(NAMED).map(|title| format!("《{}》", shortened(title))).collect();
        let more = if found > titles.len().min(NAMED) as u64 { "等" } else { "" };
        let day = now.shanghai_date();
        let notice = Notice {
            id: id_of(&[&self.account, "saved-search", &self.id, &day]),
            account: self.account.clone(),
            code: "new_hits".to_owned(),
            group: Group::Searches,
            subject: Subject::SavedSearch,
            subject_id: self.id.clone(),
            title: format!("“{}”有 {found} 条新资源", shortened(&self.name)),
            text: format!("您保存的检索“{}”有 {found} 条新资源：{named}{more}。", shortened(&self.name)),
            at: now,
            read: None,
            link: Some(self.page_of_new(until)),
        };
        (Self { since: until, told: Some(now), ..self.clone() }, notice)
    }
}

/// The range of what came after one instant, up to another.
pub fn added(after: Timestamp, until: Timestamp) -> String {
    format!("{}..{until}", after.plus_millis(1))
}

/// There are as many as there may be.
pub fn too_many() -> Problem {
    let (zh, en) = (format!("最多保存 {MOST} 个检索。"), format!("There can be {MOST} saved searches at most."));
    Problem::new(ProblemKind::Conflict, "too-many-searches", zh, en)
}

impl Record for SavedSearch {
    const TABLE: &'static str = "saved_searches";

    fn key(&self) -> Key {
        Key::of(&[&self.account, &self.id])
    }

    /// [`BY_LEARNER`]: by the name of the learner record.
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: BY_LEARNER, key: Key::of(&[&self.learner, &self.id]) }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn saved(name: &str) -> SavedSearch {
        let query = BTreeMap::from([("q".to_owned(), "土家 织锦".to_owned()), ("kind".to_owned(), "video".to_owned())]);
        SavedSearch::new("a1", "li", "s1".to_owned(), Wanted { name: name.to_owned(), query }, NOW).unwrap()
    }

    #[test]
    fn a_notice_counts_names_a_few_and_links_to_what_is_new() {
        let titles: Vec<String> = ["甲", "乙", "丙", "丁"].map(str::to_owned).to_vec();
        let until = NOW.plus_millis(5_000);
        let (after, notice) = saved(" 织锦 ").tell(12, &titles, until, until);
        assert_eq!(notice.title, "“织锦”有 12 条新资源");
        assert_eq!(notice.text, "您保存的检索“织锦”有 12 条新资源：《甲》《乙》《丙》等。");
        let link = notice.link.unwrap();
        assert!(link.starts_with("/search?kind=video&q=%E5%9C%9F") && link.contains("&added=") && !link.contains(' '), "{link}");
        assert_eq!((after.since, after.told, after.may_tell(until)), (until, Some(until), false));
        assert!(after.may_tell(until.plus_millis(super::super::time::DAY_MS)));
        let (_, one) = saved("织锦").tell(1, &titles[..1], until, until);
        assert!(one.text.ends_with("有 1 条新资源：《甲》。"), "{}", one.text);
    }

    #[test]
    fn what_came_during_a_pause_is_not_told() {
        let mut one = saved("织锦");
        one.pause(true, NOW);
        assert!(!one.may_tell(NOW));
        one.pause(false, NOW.plus_millis(9_000));
        assert_eq!((one.since, one.may_tell(NOW)), (NOW.plus_millis(9_000), true));
    }
}
