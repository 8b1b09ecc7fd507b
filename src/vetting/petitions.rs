//! What complaints, objections and spot checks share: who sees one, the code that follows it, a step on it, and the answer to
//! whoever was slower.

use super::Vetting;
use super::act::{TRIES, unauthorized};
use super::panel::Known;
use super::scan::Scan;
use super::views::Named;
use crate::domain::access::{Actor, Role};
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::petition::machine::{Coded as _, Petition, Taken};
use crate::domain::petition::{check_uninvolved, code_digest};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::submission::table::{Party, StateCode};
use crate::domain::submission::{Step, Submission};
use crate::domain::time::Timestamp;
use crate::store::{Page, PageRequest, StoreError};
use serde::{Deserialize, Serialize};

/// A petition was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Filed {
    /// Id.
    pub id: String,
    /// The code by which its maker follows it. It is shown this once.
    pub code: String,
    /// Where it stands.
    pub state: Named,
}

impl Filed {
    pub(super) fn of<P: Petition>(petition: &P, code: String) -> Self {
        let (state, label) = petition.root().state.names();
        Self { id: petition.root().id.clone(), code, state: Named::new(state, label) }
    }
}

/// The code of a petition.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// As it was given when the petition was made.
    pub code: String,
}

/// What is shown of every petition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Standing {
    /// Id; of a spot check that of the submission.
    pub id: String,
    /// Version, as in the `ETag`.
    pub version: Position,
    /// Institution of what it is about.
    pub institution: String,
    /// Where it stands.
    pub state: Named,
    /// Why it was answered so.
    pub reason: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
    /// What the actor may do now.
    pub actions: Vec<Named>,
}

impl Standing {
    pub(super) fn of<P: Petition>(actor: &Actor, stored: &Stored<P>) -> Self {
        let root = stored.value.root();
        let held: Vec<Party> = Role::ALL.into_iter().filter(|role| actor.has(&[*role], &root.owner)).map(Party::Role).collect();
        let (state, label) = root.state.names();
        Self {
            id: root.id.clone(),
            version: stored.version,
            institution: root.institution.clone(),
            state: Named::new(state, label),
            reason: root.reason.clone(),
            created: root.created,
            updated: root.updated,
            actions: stored.value.allowed(&held).into_iter().map(|(code, label)| Named::new(code, label)).collect(),
        }
    }
}

/// A petition as this service serves it.
pub(super) trait Served: Petition {
    /// What an actor is shown of it.
    type View: Send;

    /// Account of whoever made it, where signed in.
    fn maker(&self) -> Option<&str>;

    /// Whether this actor is told that it is there.
    fn is_seen_by(&self, actor: &Actor) -> bool;

    /// As this actor sees it.
    fn shown(actor: &Actor, stored: Stored<Self>) -> Self::View;
}

/// What somebody wants done about a petition.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a, A> {
    pub action: A,
    /// The words that go with it; the ledger keeps their digest.
    pub words: &'a str,
}

/// Who, or what, moves a petition of this kind.
#[async_trait::async_trait]
pub(super) trait Moves<P: Served>: Send + Sync {
    /// Whether this step may be taken, what becomes of the petition, and in `changes` what else follows.
    async fn take(
        &self,
        vetting: &Vetting,
        old: &Stored<P>,
        wanted: Wanted<'_, P::Action>,
        step: &Step<'_>,
        changes: &mut ChangeSet,
    ) -> Result<Taken<P>, Problem>;
}

/// Which petitions are listed.
pub(super) struct Listed<'a, S> {
    /// Index and id of what they are about.
    pub about: Option<(&'static str, &'a str)>,
    pub state: Option<S>,
    pub limit: Option<usize>,
    pub cursor: Option<&'a str>,
}

impl Vetting {
    /// A petition that the actor may see.
    pub(super) async fn petition<P: Served>(&self, actor: &Actor, id: &str) -> Result<Stored<P>, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let found = if id.contains('\0') { None } else { self.store.get::<P>(&Key::from(id)).await? };
        found.filter(|found| found.value.is_seen_by(actor)).ok_or_else(missing::<P>)
    }

    /// A page of the petitions that the actor may see, the newest first.
    pub(super) async fn petitions<P: Served>(&self, actor: &Actor, listed: Listed<'_, P::State>) -> Result<Page<P::View>, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let Listed { about, state, limit, cursor } = listed;
        let by = match (about, state) {
            (Some((index, id)), _) => Some((index, Key::prefix(&[&id.replace('\0', "")]))),
            (None, Some(state)) => Some(("state", Key::prefix(&[state.code()]))),
            (None, None) => None,
        };
        let scan = Scan { by, limit: limit.unwrap_or(20), cursor: cursor.map(str::to_owned), reverse: true };
        let wanted = |one: &P| one.is_seen_by(actor) && state.is_none_or(|state| state == one.root().state);
        let page = self.page_of::<P>(scan, wanted).await?;
        Ok(Page { items: page.items.into_iter().map(|stored| P::shown(actor, stored)).collect(), next: page.next })
    }

    /// The petition that this code follows, for whoever brings the code.
    pub(super) async fn followed<P: Served>(&self, follow: &Follow) -> Result<P::View, Problem> {
        let prefix = Key::prefix(&[&code_digest(&follow.code)]);
        let found = self.store.list_by::<P>("code", &prefix, PageRequest::first(1)).await?.items.into_iter().next();
        found.map(|stored| P::shown(&Actor::visitor(), stored)).ok_or_else(missing::<P>)
    }

    /// Takes a step on a petition, tried again when somebody was faster.
    pub(super) async fn step_on<P: Served>(
        &self,
        actor: &Actor,
        id: &str,
        expected: Option<Position>,
        wanted: Wanted<'_, P::Action>,
        mover: &impl Moves<P>,
    ) -> Result<P::View, Problem> {
        let account = actor.account.clone().ok_or_else(unauthorized)?;
        if wanted.words.contains('\0') {
            return Err(Problem::field("text", "reason", "文字中含有不能使用的字符。", "The text holds a character that is not taken."));
        }
        for _ in 0..TRIES {
            let old = self.petition::<P>(actor, id).await?;
            let party = party(actor, &old.value, wanted.action)?;
            if expected.is_some_and(|expected| expected != old.version) {
                return Err(stale(ProblemKind::Precondition, &old));
            }
            let salt = self.clock.fresh_id();
            let bare = Step::person(&account, party, self.clock.now());
            let step = if wanted.words.is_empty() { bare } else { bare.with_note(wanted.words, &salt) };
            let mut changes = ChangeSet::new(self.clock.fresh_id());
            let taken = mover.take(self, &old, wanted, &step, &mut changes).await.map_err(|problem| placed(problem, &old))?;
            changes.update(&old, &taken.petition)?;
            add_entry(&taken, &step, &mut changes)?;
            if let Some(version) = self.try_commit(changes).await? {
                return Ok(P::shown(actor, Stored { value: taken.petition, version }));
            }
        }
        let now = self.petition::<P>(actor, id).await?;
        Err(stale(ProblemKind::Conflict, &now))
    }

    /// Commits; `None` when somebody else was faster.
    pub(super) async fn try_commit(&self, changes: ChangeSet) -> Result<Option<Position>, Problem> {
        match self.store.commit(changes).await {
            Ok(position) => Ok(Some(position)),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }
}

/// Adds the entry of a step to a change, with its text.
pub(super) fn add_entry<P: Petition>(taken: &Taken<P>, step: &Step<'_>, changes: &mut ChangeSet) -> Result<(), Problem> {
    if let Some(text) = step.text_of(&taken.entry) {
        changes.insert(&text)?;
    }
    changes.insert(&taken.entry)?.tell(Topic::Petition, taken.petition.chain());
    Ok(())
}

/// Whether somebody may judge a petition: did not make it, and took no part in what it is about. `except`: see
/// [`check_uninvolved`].
pub(super) fn check_judge<P: Served>(
    known: &Known,
    petition: &P,
    submission: Option<&Submission>,
    except: Option<StateCode>,
) -> Result<(), Problem> {
    let judge = known.judge();
    if petition.maker() == Some(judge.account) {
        let (zh, en) = P::NAMES;
        let (zh, en) = (format!("不能处理本人提出的{zh}。"), format!("Nobody answers the own {en}."));
        return Err(Problem::new(ProblemKind::Forbidden, "recused", zh, en));
    }
    check_uninvolved(&judge, &petition.root().owner, &petition.root().institution, submission, except)
}

fn party<P: Petition>(actor: &Actor, petition: &P, action: P::Action) -> Result<Party, Problem> {
    let held = |party: &Party| matches!(party, Party::Role(role) if actor.has(&[*role], &petition.root().owner));
    P::parties(action).find(held).ok_or_else(Problem::forbidden)
}

fn missing<P: Petition>() -> Problem {
    Problem::not_found(P::NAMES.0, P::NAMES.1)
}

/// The same problem, saying where the petition stands that refused the step.
pub(super) fn placed<P: Petition>(problem: Problem, now: &Stored<P>) -> Problem {
    let (code, label) = now.value.root().state.names();
    problem.at_state(code, label, Some(now.version.0))
}

/// Somebody was faster: says where the petition stands now.
fn stale<P: Petition>(kind: ProblemKind, now: &Stored<P>) -> Problem {
    let (code, label) = now.value.root().state.names();
    let zh = format!("刚被他人处理，当前状态为“{label}”，请刷新后再操作。");
    let name = if kind == ProblemKind::Precondition { "precondition-failed" } else { "conflict" };
    placed(Problem::new(kind, name, zh, format!("Somebody else acted on this; it is now {code}.")), now)
}
