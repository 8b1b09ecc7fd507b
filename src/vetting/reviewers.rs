//! Profiles of those who judge: everybody's own, and for the desk those of the reviewers of its scope; and everybody's own phrases.

use super::Vetting;
use super::act::unauthorized;
use crate::domain::access::{Actor, Role};
use crate::domain::account::Account;
use crate::domain::change::{ChangeSet, Position};
use crate::domain::codes::CodeList;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::reviewer::{Leave, ReviewerPhrases, ReviewerProfile};
use crate::store::PageRequest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Entries of one list of a profile at most, and phrases.
const MOST: usize = 200;
/// Longest name in a profile, characters.
const LONGEST_NAME: usize = 200;
/// Longest phrase, characters.
const LONGEST_PHRASE: usize = 1_000;
/// Who judges works, and so keeps away from some: what the own profile declares holds for a vote or a countersign as for a review.
const JUDGES: [Role; 3] = [Role::Reviewer, Role::Committee, Role::EthnicAffairs];
/// Who runs a desk.
const DESK: [Role; 2] = [Role::Editor, Role::Administrator];

/// What a reviewer knows, must keep away from, and when there is time. Codes are those of `/api/v1/codes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct WriteProfile {
    /// Codes of subjects.
    pub subjects: BTreeSet<String>,
    /// Codes of categories.
    pub categories: BTreeSet<String>,
    /// GB/T 3304 codes of ethnic groups.
    pub ethnic_groups: BTreeSet<String>,
    /// Languages read, BCP 47.
    pub languages: BTreeSet<String>,
    /// Names under which the person publishes: works with one of these among their people are not judged.
    pub names: BTreeSet<String>,
    /// Institutions to keep away from, by name or organisation path.
    pub institutions: BTreeSet<String>,
    /// People and works to keep away from: a name, a title, a series, an id or an institution's own number.
    pub conflicts: BTreeSet<String>,
    /// Most open reviews at once, 1 to 1,000; none: no limit of the person's own.
    pub most_open: Option<u32>,
    /// Days of leave.
    pub leave: Vec<Leave>,
}

/// A reviewer's profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProfileView {
    /// Account.
    pub account: String,
    /// Name shown to people.
    pub name: String,
    /// Reviews claimed or offered, without an opinion yet.
    pub open: usize,
    /// On leave now.
    pub away: bool,
    /// Version, as in the `ETag`; 0: nothing was said yet.
    pub version: Position,
    /// What it says.
    #[serde(flatten)]
    pub profile: WriteProfile,
}

/// A page of profiles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProfilePage {
    /// Profiles.
    pub items: Vec<ProfileView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// A reviewer's saved phrases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// Up to 200 phrases of 1 to 1,000 characters, in the reviewer's own order.
    pub phrases: Vec<String>,
}

impl Vetting {
    /// A profile: one's own, or one of the desk's scope.
    ///
    /// # Errors
    /// Not found, also for who may not see it; forbidden where the caller asks for the own one and judges nothing.
    pub async fn profile(&self, actor: &Actor, account: Option<&str>) -> Result<ProfileView, Problem> {
        let account = self.profiled(actor, account).await?;
        let stored = self.store.get::<ReviewerProfile>(&Key::from(account.id.as_str())).await?;
        self.profile_view(account, stored).await
    }

    /// Replaces a profile.
    ///
    /// # Errors
    /// As [`Vetting::profile`]; a code that no list has, texts too long; 412 when `expected` is another version.
    pub async fn write_profile(
        &self,
        actor: &Actor,
        account: Option<&str>,
        write: WriteProfile,
        expected: Option<Position>,
    ) -> Result<ProfileView, Problem> {
        let account = self.profiled(actor, account).await?;
        self.check_profile(&write)?;
        let old = self.store.get::<ReviewerProfile>(&Key::from(account.id.as_str())).await?;
        if expected.is_some_and(|expected| expected != old.as_ref().map_or(Position(0), |old| old.version)) {
            let (zh, en) = ("专家档案已被修改，请刷新后再试。", "The profile has been changed meanwhile.");
            return Err(Problem::new(ProblemKind::Precondition, "precondition-failed", zh, en));
        }
        let value = record(&account.id, write);
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        changes.upsert(old.as_ref(), &value)?;
        let version = self.store.commit(changes).await?;
        self.profile_view(account, Some(Stored { value, version })).await
    }

    /// A page of the profiles of the desk's scope. A page may hold fewer than `limit` and still go on.
    ///
    /// # Errors
    /// Forbidden to all but editors and administrators.
    pub async fn profiles(&self, actor: &Actor, limit: usize, cursor: Option<String>) -> Result<ProfilePage, Problem> {
        if !actor.has_anywhere(&DESK) {
            return Err(Problem::forbidden());
        }
        let page = PageRequest { limit, cursor, reverse: false };
        let page = self.store.list::<ReviewerProfile>(&Key::default(), page).await?;
        let mut items = Vec::new();
        for stored in page.items {
            let account = self.store.get::<Account>(&Key::from(stored.value.account.as_str())).await?;
            if let Some(account) = account.map(|account| account.value).filter(|account| runs_desk_of(actor, account)) {
                items.push(self.profile_view(account, Some(stored)).await?);
            }
        }
        Ok(ProfilePage { items, next: page.next })
    }

    /// The own phrases.
    ///
    /// # Errors
    /// Forbidden to whoever judges nothing.
    pub async fn phrases(&self, actor: &Actor) -> Result<Phrases, Problem> {
        let account = self.profiled(actor, None).await?;
        let found = self.store.get::<ReviewerPhrases>(&Key::from(account.id.as_str())).await?;
        Ok(Phrases { phrases: found.map(|stored| stored.value.phrases).unwrap_or_default() })
    }

    /// Replaces the own phrases.
    ///
    /// # Errors
    /// As [`Vetting::phrases`]; too many, empty or too long ones.
    pub async fn write_phrases(&self, actor: &Actor, write: Phrases) -> Result<Phrases, Problem> {
        let account = self.profiled(actor, None).await?.id;
        if write.phrases.len() > MOST || !write.phrases.iter().all(|phrase| is_text(phrase, LONGEST_PHRASE)) {
            let (zh, en) = ("常用语最多 200 条，每条 1 至 1000 字。", "There are at most 200 phrases of 1 to 1,000 characters.");
            return Err(Problem::field("phrases", "phrases", zh, en));
        }
        let old = self.store.get::<ReviewerPhrases>(&Key::from(account.as_str())).await?;
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        changes.upsert(old.as_ref(), &ReviewerPhrases { account, phrases: write.phrases.clone() })?;
        self.store.commit(changes).await?;
        Ok(write)
    }

    /// Whose profile it is: the caller's own, or that of a reviewer of the caller's desk.
    async fn profiled(&self, actor: &Actor, account: Option<&str>) -> Result<Account, Problem> {
        let own = actor.account.clone().ok_or_else(unauthorized)?;
        if account.is_none() && !actor.has_anywhere(&JUDGES) {
            return Err(Problem::forbidden());
        }
        let missing = || Problem::not_found("专家", "reviewer");
        let found = self.account(account.unwrap_or(&own)).await?.ok_or_else(missing)?;
        if account.is_some() && !runs_desk_of(actor, &found) {
            return Err(missing());
        }
        Ok(found)
    }

    async fn profile_view(&self, account: Account, stored: Option<Stored<ReviewerProfile>>) -> Result<ProfileView, Problem> {
        let now = self.clock.now();
        let open = self.open_reviews(&account.id, now).await?;
        let version = stored.as_ref().map_or(Position(0), |stored| stored.version);
        let profile = stored.map(|stored| stored.value).unwrap_or_default();
        let away = profile.is_away(now);
        Ok(ProfileView { account: account.id, name: account.display, open, away, version, profile: written(profile) })
    }

    fn check_profile(&self, write: &WriteProfile) -> Result<(), Problem> {
        let lists: [(&str, &BTreeSet<String>, &CodeList); 3] = [
            ("subjects", &write.subjects, &self.codes.subjects),
            ("categories", &write.categories, &self.codes.categories),
            ("ethnic_groups", &write.ethnic_groups, &self.codes.ethnic_groups),
        ];
        for (field, codes, list) in lists {
            if let Some(code) = codes.iter().find(|code| list.find(code).is_none_or(|row| row.code != **code)) {
                let shown: String = code.chars().filter(|sign| !sign.is_control()).take(40).collect();
                let (zh, en) = (format!("代码表中没有“{shown}”。"), format!("There is no code {shown} in this list."));
                return Err(Problem::field("unknown-code", field, zh, en));
            }
        }
        let tag = |tag: &String| !tag.is_empty() && tag.len() <= 35 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !write.languages.iter().all(tag) {
            return Err(Problem::field("language", "languages", "语言应写 BCP 47 代码。", "Languages are BCP 47 tags."));
        }
        for (field, names) in [("names", &write.names), ("institutions", &write.institutions), ("conflicts", &write.conflicts)] {
            if names.len() > MOST || !names.iter().all(|name| is_text(name, LONGEST_NAME)) {
                let (zh, en) = ("最多 200 项，每项 1 至 200 字。", "There are at most 200 entries of 1 to 200 characters.");
                return Err(Problem::field("profile-text", field, zh, en));
            }
        }
        if write.most_open.is_some_and(|most| !(1..=1_000).contains(&most)) {
            return Err(Problem::field("most-open", "most_open", "同时在审件数应为 1 至 1000。", "It is 1 to 1,000 reviews at once."));
        }
        let sound = |leave: &Leave| is_day(&leave.from) && is_day(&leave.until) && leave.from <= leave.until;
        if write.leave.len() > MOST || !write.leave.iter().all(sound) {
            let (zh, en) = ("请假日期应为 YYYY-MM-DD，起日不晚于止日。", "Leave is from one YYYY-MM-DD to the same day or a later one.");
            return Err(Problem::field("leave", "leave", zh, en));
        }
        Ok(())
    }
}

impl Vetting {
    /// Whether an account reviews within the scope of a desk that the actor runs.
    pub(super) async fn is_reviewer_of(&self, actor: &Actor, account: &str) -> Result<bool, Problem> {
        let found = self.store.get::<Account>(&Key::from(account)).await?;
        Ok(found.is_some_and(|stored| runs_desk_of(actor, &stored.value)))
    }
}

/// Whether the account reviews within the scope of a desk that the actor runs.
fn runs_desk_of(actor: &Actor, account: &Account) -> bool {
    account.assignments.iter().any(|held| held.role == Role::Reviewer && actor.has(&DESK, &held.scope))
}

fn is_text(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && !text.contains('\0') && text.chars().count() <= longest
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && crate::domain::time::Timestamp::parse(&format!("{text}T00:00:00Z")).is_some()
}

fn record(account: &str, write: WriteProfile) -> ReviewerProfile {
    let WriteProfile { subjects, categories, ethnic_groups, languages, names, institutions, conflicts, most_open, leave } = write;
    let account = account.to_owned();
    ReviewerProfile { account, subjects, categories, ethnic_groups, languages, names, institutions, conflicts, most_open, leave }
}

fn written(profile: ReviewerProfile) -> WriteProfile {
    let ReviewerProfile { account: _, subjects, categories, ethnic_groups, languages, names, institutions, conflicts, most_open, leave } =
        profile;
    WriteProfile { subjects, categories, ethnic_groups, languages, names, institutions, conflicts, most_open, leave }
}
