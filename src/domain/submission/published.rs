//! The resource's machine, after publication: published ⇄ suspended → retired. It has a table and a chain of its own.
//!
//! Two lines are the named exceptions to "nothing is published without vetting": `admitted` takes over what another body vetted
//! (with source and evidence, checks run), `corrected` changes the few fields that the policy lists.

use super::step::{Deed, Step};
use super::table::Party;
use crate::domain::access::Role;
use crate::domain::ledger::{LedgerEntry, LedgerHead, ResourceChain};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::resource::{DESK as DESK_HOLD, Resource, ResourceState, RetireCause};
use std::collections::{BTreeMap, BTreeSet};

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceAction {
    /// Taken over from another body that vetted it.
    Admit,
    /// A listed field was corrected.
    Correct,
    /// Held back while a complaint is looked into.
    Suspend,
    /// Held back for one more cause.
    Hold,
    /// One cause fell away, others still hold it back.
    Release,
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
const DESK_OR_PROGRAM: &[Party] = &[Party::Role(Role::Editor), Party::Role(Role::Administrator), Party::Program];
const PROGRAM: &[Party] = &[Party::Program];
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

/// The table of the resource's machine. The program acts for complaints (whose own table says who moved them) and for the calendar.
pub const RESOURCE_TABLE: [ResourceLine; 8] = [
    line("", ResourceAction::Admit, "admitted", "认可入库", ADMINISTRATOR, "published"),
    line("published", ResourceAction::Correct, "corrected", "更正著录", DESK, "published"),
    line("published", ResourceAction::Suspend, "suspended", "暂停服务", DESK_OR_PROGRAM, "suspended"),
    line("suspended", ResourceAction::Hold, "held", "并案暂停", PROGRAM, "suspended"),
    line("suspended", ResourceAction::Release, "released", "解除一项暂停事由", PROGRAM, "suspended"),
    line("suspended", ResourceAction::Restore, "restored", "恢复服务", DESK_OR_PROGRAM, "published"),
    line("published", ResourceAction::Retire, "retired", "出库", DESK_OR_PROGRAM, "retired"),
    line("suspended", ResourceAction::Retire, "retired", "出库", DESK_OR_PROGRAM, "retired"),
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

/// What is to be done to a resource.
#[derive(Clone, Debug)]
pub struct Turn<'a> {
    /// Action.
    pub action: ResourceAction,
    /// Who holds it back or lets go: [`DESK_HOLD`] or the id of a complaint.
    pub hold: &'a str,
    /// Ground of a retirement.
    pub cause: RetireCause,
    /// Kept with the state (suspended, retired).
    pub reason: &'a str,
    /// Codes and ids for the ledger.
    pub facts: BTreeMap<String, String>,
}

impl<'a> Turn<'a> {
    /// An action of the desk.
    pub fn desk(action: ResourceAction, reason: &'a str) -> Self {
        Self { action, hold: DESK_HOLD, cause: RetireCause::Decision, reason, facts: BTreeMap::new() }
    }

    /// A cause begins to hold the resource back, whether it is served or held back already.
    pub fn hold(resource: &Resource, hold: &'a str, reason: &'a str) -> Self {
        let held = matches!(resource.state, ResourceState::Suspended { .. });
        Self { hold, ..Self::desk(if held { ResourceAction::Hold } else { ResourceAction::Suspend }, reason) }
    }

    /// A cause lets the resource go; it is served again when no other one holds it.
    pub fn release(resource: &Resource, hold: &'a str, reason: &'a str) -> Self {
        let last = holds(resource).iter().all(|other| other == hold);
        Self { hold, ..Self::desk(if last { ResourceAction::Restore } else { ResourceAction::Release }, reason) }
    }
}

/// What holds a resource back; empty while it is not suspended.
pub fn holds(resource: &Resource) -> BTreeSet<String> {
    match &resource.state {
        ResourceState::Suspended { holds, .. } if holds.is_empty() => BTreeSet::from([DESK_HOLD.to_owned()]),
        ResourceState::Suspended { holds, .. } => holds.clone(),
        _ => BTreeSet::new(),
    }
}

/// Moves a resource. The text of the step stands in the ledger as a salted digest.
pub fn move_resource(mut resource: Resource, head: Option<&LedgerHead>, turn: Turn<'_>, step: &Step<'_>) -> Result<ResourceMoved, Problem> {
    let from = state_code(&resource.state);
    let Some(line) = RESOURCE_TABLE.iter().find(|line| line.from == from && line.action == turn.action) else {
        let label = state_label(&resource.state);
        let zh = format!("资源当前状态为“{label}”，不能进行此操作。");
        let en = format!("The resource is {from}, which does not allow this.");
        return Err(Problem::new(ProblemKind::Conflict, "state", zh, en).at_state(from, label, None));
    };
    if !line.parties.contains(&step.party) {
        return Err(Problem::forbidden());
    }
    resource.state = state_after(&resource, line, &turn, step)?;
    let chain = ResourceChain::name_of(&resource.id);
    let deed = Deed { chain: &chain, action: line.code, from, to: line.to, facts: turn.facts };
    let (ledger, entry) = step.seal(&head.cloned().unwrap_or_default(), deed)?;
    Ok(ResourceMoved { chain: ResourceChain { resource: resource.id.clone(), ledger }, resource, entry })
}

fn state_after(resource: &Resource, line: &ResourceLine, turn: &Turn<'_>, step: &Step<'_>) -> Result<ResourceState, Problem> {
    let reason = turn.reason.to_owned();
    let mut holds = holds(resource);
    let others = holds.iter().any(|hold| hold != turn.hold);
    Ok(match turn.action {
        ResourceAction::Suspend | ResourceAction::Hold => {
            holds.insert(turn.hold.to_owned());
            ResourceState::Suspended { reason, holds }
        }
        ResourceAction::Release => {
            holds.remove(turn.hold);
            let ResourceState::Suspended { reason, .. } = &resource.state else { return Err(Problem::internal()) };
            ResourceState::Suspended { reason: reason.clone(), holds }
        }
        ResourceAction::Restore if others => {
            let (zh, en) = ("资源因投诉暂停，请先处理相关投诉。", "A complaint holds the resource back; answer that first.");
            return Err(Problem::new(ProblemKind::Conflict, "held", zh, en).at_state(line.from, state_label(&resource.state), None));
        }
        ResourceAction::Retire => ResourceState::Retired { reason, at: step.at, cause: turn.cause },
        ResourceAction::Restore | ResourceAction::Admit | ResourceAction::Correct => {
            debug_assert_eq!(line.to, "published", "these lead to what is served");
            ResourceState::Published
        }
    })
}
