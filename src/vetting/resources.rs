//! After publication: suspend, restore, retire.

use super::Vetting;
use super::act::unauthorized;
use crate::domain::access::{Actor, Role};
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::ledger::ResourceChain;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Record as _, Stored};
use crate::domain::resource::Resource;
use crate::domain::submission::Step;
use crate::domain::submission::published::{RESOURCE_TABLE, ResourceAction, Turn, move_resource, state_code, state_label};
use crate::domain::submission::table::Party;
use serde::Deserialize;

/// What is done to a published resource.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ChangeResource {
    /// Hold it back while a complaint is looked into.
    Suspend {
        /// Why.
        reason: String,
    },
    /// Serve it again.
    Restore {
        /// Why.
        reason: String,
    },
    /// Remove it; a tombstone stays.
    Retire {
        /// Why.
        reason: String,
    },
}

impl Vetting {
    /// Suspends, restores or retires a resource. Answers the commit's position, from which search tells the truth.
    pub async fn change_resource(
        &self,
        actor: &Actor,
        id: &str,
        change: &ChangeResource,
        expected: Option<Position>,
    ) -> Result<Position, Problem> {
        let (action, reason) = match change {
            ChangeResource::Suspend { reason } => (ResourceAction::Suspend, reason),
            ChangeResource::Restore { reason } => (ResourceAction::Restore, reason),
            ChangeResource::Retire { reason } => (ResourceAction::Retire, reason),
        };
        self.turn_by_desk(actor, id, Turn::desk(action, reason), expected).await
    }

    /// A turn of a resource that the desk takes, with a reason.
    pub(super) async fn turn_by_desk(
        &self,
        actor: &Actor,
        id: &str,
        turn: Turn<'_>,
        expected: Option<Position>,
    ) -> Result<Position, Problem> {
        let old = self.resource(actor, id, turn.action, expected).await?;
        let resource = old.value.clone();
        self.move_resource(actor, &old, resource, turn).await
    }

    pub(super) async fn resource(
        &self,
        actor: &Actor,
        id: &str,
        action: ResourceAction,
        expected: Option<Position>,
    ) -> Result<Stored<Resource>, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let missing = || Problem::not_found("资源", "resource");
        let found = if id.contains('\0') { None } else { self.store.get::<Resource>(&Key::from(id)).await? };
        let old = found.filter(|found| found.value.is_known_to(actor)).ok_or_else(missing)?;
        resource_party(actor, &old.value, action)?;
        if expected.is_some_and(|expected| expected != old.version) {
            return Err(stale(ProblemKind::Precondition, &old));
        }
        Ok(old)
    }

    pub(super) async fn move_resource(
        &self,
        actor: &Actor,
        old: &Stored<Resource>,
        resource: Resource,
        turn: Turn<'_>,
    ) -> Result<Position, Problem> {
        let account = actor.account.clone().ok_or_else(unauthorized)?;
        let reason = turn.reason.trim();
        if reason.is_empty() || reason.contains('\0') {
            return Err(Problem::field("reason-required", "reason", "请写明理由。", "A reason is required."));
        }
        let party = resource_party(actor, &old.value, turn.action)?;
        let salt = self.clock.fresh_id();
        let step = Step::person(&account, party, self.clock.now()).with_note(reason, &salt);
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        let turned = self.turn_resource(old, resource, Turn { reason, ..turn }, &step, &mut changes).await;
        turned.map_err(|problem| placed(problem, old))?;
        if let Some(position) = self.try_commit(changes).await? {
            return Ok(position);
        }
        let now = self.store.get::<Resource>(&old.value.key()).await?;
        Err(stale(ProblemKind::Conflict, now.as_ref().unwrap_or(old)))
    }

    /// Adds a step of the resource's machine to a change: `resource` is what becomes of `old` beside its state.
    pub(super) async fn turn_resource(
        &self,
        old: &Stored<Resource>,
        resource: Resource,
        turn: Turn<'_>,
        step: &Step<'_>,
        changes: &mut ChangeSet,
    ) -> Result<(), Problem> {
        let chain = self.store.get::<ResourceChain>(&Key::from(old.value.id.as_str())).await?;
        let moved = move_resource(resource, chain.as_ref().map(|chain| &chain.value.ledger), turn, step)?;
        if let Some(text) = step.text_of(&moved.entry) {
            changes.insert(&text)?;
        }
        changes.update(old, &moved.resource)?;
        changes.upsert(chain.as_ref(), &moved.chain)?;
        changes.insert(&moved.entry)?.tell(Topic::Resource, old.value.id.clone());
        Ok(())
    }
}

/// Somebody was faster: says where the resource stands now.
pub(super) fn stale(kind: ProblemKind, now: &Stored<Resource>) -> Problem {
    let code = if kind == ProblemKind::Precondition { "precondition-failed" } else { "conflict" };
    let (zh, en) = ("资源刚被他人修改，请刷新后重试。", "Somebody else changed the resource.");
    placed(Problem::new(kind, code, zh, en), now)
}

/// The same problem, saying where the resource stands.
pub(super) fn placed(problem: Problem, now: &Stored<Resource>) -> Problem {
    problem.at_state(state_code(&now.value.state), state_label(&now.value.state), Some(now.version.0))
}

fn resource_party(actor: &Actor, resource: &Resource, action: ResourceAction) -> Result<Party, Problem> {
    let parties = RESOURCE_TABLE.iter().filter(|line| line.action == action).flat_map(|line| line.parties);
    let held = |party: &&Party| matches!(party, Party::Role(role) if *role != Role::Learner && actor.has(&[*role], &resource.owner));
    parties.copied().find(|party| held(&party)).ok_or_else(Problem::forbidden)
}
