//! The resource's machine, after publication: published ⇄ suspended → retired. It has a table and a chain of its own.
//!
//! Two lines are the named exceptions to "nothing is published without vetting": `admitted` takes over what another body vetted
//! (with source and evidence, checks run), `corrected` changes the few fields that the policy lists.

use super::step::Step;
use super::table::Party;
use crate::domain::access::Role;
use crate::domain::ledger::{LedgerEntry, LedgerHead, NewEntry, ResourceChain, salted_digest};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::resource::{Resource, ResourceState};
use std::collections::BTreeMap;

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceAction {
    /// Taken over from another body that vetted it.
    Admit,
    /// A listed field was corrected.
    Correct,
    /// Held back while a complaint is looked into.
    Suspend,
    /// Served again.
    Restore,
    /// Removed for good (出库); a tombstone stays.
    Retire,
}

/// One line of the resource's table: state before (`""` for none), action, code and Chinese name, who may, state after.
#[derive(Clone, Copy, Debug)]
pub struct ResourceLine {
    /// Code of the state before.
    pub from: &'static str,
    /// Action.
    pub action: ResourceAction,
    /// Stable code of the action.
    pub code: &'static str,
    /// Chinese name of the action.
    pub label: &'static str,
    /// Who may.
    pub parties: &'static [Party],
    /// Code of the state after.
    pub to: &'static str,
}

/// States of a resource with code and Chinese name.
pub const RESOURCE_STATES: [(&str, &str); 3] = [("published", "已入库"), ("suspended", "暂停服务"), ("retired", "已出库")];

const DESK: &[Party] = &[Party::Role(Role::Editor), Party::Role(Role::Administrator)];
const ADMINISTRATOR: &[Party] = &[Party::Role(Role::Administrator)];

const fn line(
    from: &'static str,
    action: ResourceAction,
    code: &'static str,
    label: &'static str,
    parties: &'static [Party],
    to: &'static str,
) -> ResourceLine {
    ResourceLine { from, action, code, label, parties, to }
}

/// The table of the resource's machine.
pub const RESOURCE_TABLE: [ResourceLine; 6] = [
    line("", ResourceAction::Admit, "admitted", "认可入库", ADMINISTRATOR, "published"),
    line("published", ResourceAction::Correct, "corrected", "更正著录", DESK, "published"),
    line("published", ResourceAction::Suspend, "suspended", "暂停服务", DESK, "suspended"),
    line("suspended", ResourceAction::Restore, "restored", "恢复服务", DESK, "published"),
    line("published", ResourceAction::Retire, "retired", "出库", DESK, "retired"),
    line("suspended", ResourceAction::Retire, "retired", "出库", DESK, "retired"),
];

/// Code of a resource's state.
pub fn state_code(state: &ResourceState) -> &'static str {
    match state {
        ResourceState::Published => "published",
        ResourceState::Suspended { .. } => "suspended",
        ResourceState::Retired { .. } => "retired",
    }
}

/// Chinese name of a resource's state.
pub fn state_label(state: &ResourceState) -> &'static str {
    let code = state_code(state);
    RESOURCE_STATES.iter().find(|row| row.0 == code).map_or("", |row| row.1)
}

/// A resource after a step, with its chain and the new entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a transition holds once it is written"]
pub struct ResourceMoved {
    /// The resource.
    pub resource: Resource,
    /// Its chain.
    pub chain: ResourceChain,
    /// The entry.
    pub entry: LedgerEntry,
}

/// Moves a resource. `reason` is kept with the state (suspended, retired) and as a salted digest in the ledger.
pub fn move_resource(
    mut resource: Resource,
    head: Option<&LedgerHead>,
    action: ResourceAction,
    reason: &str,
    facts: BTreeMap<String, String>,
    step: &Step<'_>,
) -> Result<ResourceMoved, Problem> {
    let from = state_code(&resource.state);
    let Some(line) = RESOURCE_TABLE.iter().find(|line| line.from == from && line.action == action) else {
        let label = state_label(&resource.state);
        let zh = format!("资源当前状态为“{label}”，不能进行此操作。");
        return Err(Problem::new(ProblemKind::Conflict, "state", zh, format!("The resource is {from}, which does not allow this.")));
    };
    if !line.parties.contains(&step.party) {
        return Err(Problem::forbidden());
    }
    resource.state = match line.to {
        "suspended" => ResourceState::Suspended { reason: reason.to_owned() },
        "retired" => ResourceState::Retired { reason: reason.to_owned(), at: step.at },
        _ => ResourceState::Published,
    };
    let name = ResourceChain::name_of(&resource.id);
    let texts = step.note.map(|note| ("text".to_owned(), salted_digest(note.salt, note.text)));
    let (ledger, entry) = head.cloned().unwrap_or_default().append(NewEntry {
        chain: &name,
        at: step.at,
        action: line.code,
        account: step.account,
        party: step.party.code(),
        from,
        to: line.to,
        rule_set: "",
        facts,
        texts: texts.into_iter().collect(),
    })?;
    Ok(ResourceMoved { chain: ResourceChain { resource: resource.id.clone(), ledger }, resource, entry })
}
