//! Learning events: what learners do, as it is reported and as it is kept, and whose events an actor may report.

use super::access::{Actor, OrgPath, Role};
use super::problem::{Problem, ProblemKind};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest event id, learner name or resource id, in characters.
pub const LONGEST_NAME: usize = 128;

/// Lowest rating, in thousandths, that counts as liking (3 of 5).
pub const LIKED_FROM: i32 = 3_000;

/// What a learner did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Verb {
    /// Opened it.
    Viewed = 0,
    /// Got on with it; the value is per mille of the whole.
    Progressed = 1,
    /// Finished it.
    Completed = 2,
    /// Marked it as a favourite.
    Favourited = 3,
    /// Rated it; the value is 1 to 5.
    Rated = 4,
    /// Searched and chose it.
    Searched = 5,
    /// Does not want to see it (不感兴趣).
    Dismissed = 6,
    /// Answered its questions; the value is the score, per mille of the highest.
    Answered = 7,
    /// Passed it on to somebody.
    Shared = 8,
    /// Was shown it in a list; the value is its slot there. Says nothing of what the learner likes.
    Impression = 9,
    /// Took the mark of a favourite off it.
    Unfavourited = 10,
}

impl Verb {
    /// All verbs, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Viewed,
        Self::Progressed,
        Self::Completed,
        Self::Favourited,
        Self::Rated,
        Self::Searched,
        Self::Dismissed,
        Self::Answered,
        Self::Shared,
        Self::Impression,
        Self::Unfavourited,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Viewed => "viewed",
            Self::Progressed => "progressed",
            Self::Completed => "completed",
            Self::Favourited => "favourited",
            Self::Rated => "rated",
            Self::Searched => "searched",
            Self::Dismissed => "dismissed",
            Self::Answered => "answered",
            Self::Shared => "shared",
            Self::Impression => "impression",
            Self::Unfavourited => "unfavourited",
        }
    }

    /// Reads a stable code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.code() == code)
    }

    /// Whether it says that the learner likes the resource (`false`: turns away from it) or, `None`, neither. `value` as in
    /// [`Event`].
    pub const fn liking(self, value: i32) -> Option<bool> {
        match self {
            Self::Viewed | Self::Progressed | Self::Completed | Self::Favourited | Self::Searched | Self::Answered | Self::Shared => {
                Some(true)
            }
            Self::Rated => Some(value >= LIKED_FROM),
            Self::Dismissed => Some(false),
            Self::Impression | Self::Unfavourited => None,
        }
    }

    /// The verb of a number, as the log keeps it.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// An event as a platform or a learner reports it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, utoipa::ToSchema)]
pub struct EventInput {
    /// Unique within its source: sent twice, counted once. 1 to 128 characters.
    pub id: String,
    /// Learner, as the source names it; `me` for one's own. 1 to 128 characters.
    pub learner: String,
    /// Resource id. One that is not published (yet) is kept but never recommended.
    pub resource: String,
    /// What was done.
    pub verb: Verb,
    /// When, by the learner's clock: weeks ago, where it comes late; a time after the receipt counts as the time of receipt.
    pub at: Timestamp,
    /// Progress or score in 0 to 1, or a rating in 1 to 5; for other verbs it means nothing.
    #[serde(default)]
    pub value: Option<f64>,
    /// How far a `progressed` got, in seconds of the recording, where it has one; stands for the value where that is missing.
    #[serde(default)]
    pub position: Option<f64>,
    /// Of an `impression`: the list it stood in, by the id the list was given with. 1 to 128 characters.
    #[serde(default)]
    pub list: Option<String>,
    /// Of an `impression`: its place there, 1 for the first, at most 1,000.
    #[serde(default)]
    pub slot: Option<u32>,
    /// Where the learner is: a GB/T 2260 code of the site's list, or a name of it. Counted for what is taken up there.
    #[serde(default)]
    pub region: Option<String>,
}

/// An event as it is kept: the learner by surrogate, the value as a whole number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// 128-bit hash of (source, id).
    pub key: u128,
    /// Surrogate of the learner: a keyed hash, which says nothing without the site's key.
    pub learner: u64,
    /// Resource id.
    pub resource: String,
    /// What was done.
    pub verb: Verb,
    /// When, by the learner's clock.
    pub at: Timestamp,
    /// Per mille for progress and scores, thousandths for ratings, the slot of an impression, 0 elsewhere.
    pub value: i32,
    /// How far, in seconds.
    pub position: Option<u32>,
    /// The list of an impression.
    pub list: Option<String>,
    /// Where the learner was, GB/T 2260.
    pub region: Option<u32>,
    /// It came as no person learns: kept in the learner's record, learned by no model, counted in no hours.
    pub marked: bool,
}

/// Where one learner stands with one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Standing {
    /// Resource id.
    pub resource: String,
    /// The latest event about it.
    pub at: Timestamp,
    /// Furthest progress reported, per mille.
    pub progress: u16,
    /// Whether it was finished.
    pub completed: bool,
    /// Whether it is a favourite.
    pub favourite: bool,
    /// Whether the learner does not want to see it.
    pub dismissed: bool,
    /// Rating in thousandths (4,500 = 4.5), where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u16>,
    /// Where to go on: the latest position by the learner's clocks, on whatever device, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The latest score, per mille.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u16>,
}

/// Who a reported learner is on this site: the name the surrogate is made of. `None` when the actor may not speak for them.
///
/// * Anybody signed in may speak for themselves: `me`, the account's name or its id all mean the account's name.
/// * An administrator of the whole site and a platform of the whole site may name anybody.
/// * A platform of a smaller scope names learners of its own: they live in the space of that scope, `/scope#name`, so that two
///   platforms' learners of one name stay two people. It may write the space out for organisations below its own.
pub fn learner_of(actor: &Actor, learner: &str) -> Option<String> {
    let own = actor.name.as_deref().or(actor.account.as_deref());
    if learner == "me" || own == Some(learner) || actor.account.as_deref() == Some(learner) {
        return own.map(str::to_owned);
    }
    if actor.has(&[Role::Administrator, Role::Platform], &OrgPath::root()) {
        return Some(learner.to_owned());
    }
    let scope = actor.assignments.iter().find(|held| held.role == Role::Platform).map(|held| &held.scope)?;
    match learner.split_once('#') {
        None => Some(format!("{scope}#{learner}")),
        Some((space, _)) => actor.has(&[Role::Platform], &OrgPath::parse(space)?).then(|| learner.to_owned()),
    }
}

/// As [`learner_of`], answering with the problem that fits: a visitor is asked to sign in, everybody else is refused.
pub fn require_learner(actor: &Actor, learner: &str) -> Result<String, Problem> {
    learner_of(actor, learner).ok_or_else(|| if actor.account.is_none() { unauthorized() } else { Problem::forbidden() })
}

fn unauthorized() -> Problem {
    Problem::new(ProblemKind::Unauthorized, "unauthorized", "请先登录。", "Sign in first.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Assignment;

    fn actor(name: &str, role: Role, scope: &str) -> Actor {
        let assignments = vec![Assignment { role, scope: OrgPath::parse(scope).unwrap() }];
        Actor { account: Some(format!("id-{name}")), name: Some(name.to_owned()), assignments, ..Actor::default() }
    }

    #[test]
    fn a_learner_speaks_only_for_itself() {
        let li = actor("li", Role::Learner, "/");
        for own in ["me", "li", "id-li"] {
            assert_eq!(learner_of(&li, own).as_deref(), Some("li"));
        }
        assert_eq!(learner_of(&li, "wang"), None);
        assert_eq!(learner_of(&Actor::visitor(), "me"), None);
    }

    #[test]
    fn platforms_keep_their_learners_apart() {
        let changsha = actor("cs", Role::Platform, "/hunan/changsha");
        assert_eq!(learner_of(&changsha, "li").as_deref(), Some("/hunan/changsha#li"));
        assert_eq!(learner_of(&changsha, "/hunan/changsha/yuelu#li").as_deref(), Some("/hunan/changsha/yuelu#li"));
        assert_eq!(learner_of(&changsha, "/hunan/zhuzhou#li"), None);
        assert_eq!(learner_of(&actor("p", Role::Platform, "/"), "li").as_deref(), Some("li"));
        assert_eq!(learner_of(&actor("a", Role::Administrator, "/"), "/hunan#li").as_deref(), Some("/hunan#li"));
        assert_eq!(learner_of(&actor("a", Role::Administrator, "/hunan"), "li"), None);
    }

    #[test]
    fn verbs_read_back() {
        for (number, verb) in Verb::ALL.into_iter().enumerate() {
            assert_eq!(Verb::parse(verb.code()), Some(verb));
            assert_eq!(Verb::from_number(number as u8), Some(verb));
        }
    }
}
