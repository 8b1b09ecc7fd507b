//! After publication: suspend, restore, retire, and correct the few fields that the policy lists.

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
use std::collections::BTreeMap;

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

/// A correction without a new vetting. Only fields that the policy lists may be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
pub struct Correction {
    /// Why.
    pub reason: String,
    /// Keywords.
    #[serde(default)]
    pub keywords: Option<Vec<String>>,
    /// Codes of audiences.
    #[serde(default)]
    pub audience: Option<Vec<String>>,
    /// Codes of subjects.
    #[serde(default)]
    pub subjects: Option<Vec<String>>,
    /// Codes of regions.
    #[serde(default)]
    pub region: Option<Vec<String>>,
    /// Accessibility features.
    #[serde(default)]
    pub accessibility: Option<Vec<String>>,
    /// Series; an empty text takes it away.
    #[serde(default)]
    pub series: Option<String>,
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

    /// Corrects fields of a published resource; the ledger keeps which.
    pub async fn correct(&self, actor: &Actor, id: &str, correction: &Correction, expected: Option<Position>) -> Result<Position, Problem> {
        let old = self.resource(actor, id, ResourceAction::Correct, expected).await?;
        let mut resource = old.value.clone();
        let mut fields = Vec::new();
        let meta = &mut resource.metadata;
        let lists = [
            ("keywords", &correction.keywords, &mut meta.keywords),
            ("audience", &correction.audience, &mut meta.audience),
            ("subjects", &correction.subjects, &mut meta.subjects),
            ("region", &correction.region, &mut meta.region),
            ("accessibility", &correction.accessibility, &mut meta.accessibility),
        ];
        for (name, new, field) in lists {
            if let Some(new) = new {
                field.clone_from(new);
                fields.push(name);
            }
        }
        if let Some(series) = &correction.series {
            meta.series = Some(series.trim().to_owned()).filter(|text| !text.is_empty());
            fields.push("series");
        }
        let listed = &self.rules.policy().correctable;
        if let Some(field) = fields.iter().find(|field| !listed.iter().any(|name| name == *field)) {
            return Err(Problem::field("not-correctable", *field, "该著录项须重新送审。", "This field needs a new vetting."));
        }
        if fields.is_empty() {
            return Err(Problem::field("nothing", "keywords", "没有要更正的内容。", "There is nothing to correct."));
        }
        resource.updated = self.clock.now();
        let facts = BTreeMap::from([("fields".to_owned(), fields.join(" "))]);
        self.move_resource(actor, &old, resource, Turn { facts, ..Turn::desk(ResourceAction::Correct, &correction.reason) }).await
    }

    async fn resource(
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

    async fn move_resource(&self, actor: &Actor, old: &Stored<Resource>, resource: Resource, turn: Turn<'_>) -> Result<Position, Problem> {
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
        turned.map_err(|problem| problem.with_current(names(old), old.version))?;
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
fn stale(kind: ProblemKind, now: &Stored<Resource>) -> Problem {
    let code = if kind == ProblemKind::Precondition { "precondition-failed" } else { "conflict" };
    let (zh, en) = ("资源刚被他人修改，请刷新后重试。", "Somebody else changed the resource.");
    Problem::new(kind, code, zh, en).with_current(names(now), now.version)
}

/// Code and Chinese name of the state.
fn names(stored: &Stored<Resource>) -> (&'static str, &'static str) {
    (state_code(&stored.value.state), state_label(&stored.value.state))
}

fn resource_party(actor: &Actor, resource: &Resource, action: ResourceAction) -> Result<Party, Problem> {
    let parties = RESOURCE_TABLE.iter().filter(|line| line.action == action).flat_map(|line| line.parties);
    let held = |party: &&Party| matches!(party, Party::Role(role) if *role != Role::Learner && actor.has(&[*role], &resource.owner));
    parties.copied().find(|party| held(&party)).ok_or_else(Problem::forbidden)
}
