//! The machine that complaints, objections and spot checks share: each is a record that is moved by its own table alone, and the
//! root row of its own ledger chain.

use crate::domain::access::OrgPath;
use crate::domain::ledger::{LedgerEntry, LedgerHead};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::submission::step::{Deed, Step};
use crate::domain::submission::table::Party;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Stable codes with their Chinese names.
pub trait Coded: Copy + PartialEq + Send + Sync + 'static {
    /// All of them.
    const ALL: &'static [(Self, &'static str, &'static str)];

    /// The stable code and the Chinese name.
    fn names(self) -> (&'static str, &'static str) {
        Self::ALL.iter().find(|row| row.0 == self).map_or(("", ""), |row| (row.1, row.2))
    }

    /// The stable code.
    fn code(self) -> &'static str {
        self.names().0
    }

    /// The Chinese name.
    fn label(self) -> &'static str {
        self.names().1
    }
}

/// What a step means for the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// The petition holds it back.
    Hold,
    /// The petition lets it go.
    Release,
    /// It is retired.
    Retire,
}

/// One line of a table.
#[derive(Clone, Copy, Debug)]
pub struct Line<S: 'static, A: 'static> {
    /// State before; none when it is made.
    pub from: Option<S>,
    /// Action.
    pub action: A,
    /// Stable code of the action, Chinese name.
    pub names: (&'static str, &'static str),
    /// Who may.
    pub parties: &'static [Party],
    /// State after.
    pub to: S,
    /// What it means for the resource.
    pub effect: Effect,
}

/// A line.
pub(in crate::domain) const fn line<S: Copy, A: Copy>(
    from: Option<S>,
    action: A,
    names: (&'static str, &'static str),
    parties: &'static [Party],
    to: S,
    effect: Effect,
) -> Line<S, A> {
    Line { from, action, names, parties, to, effect }
}

/// What every petition has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root<S> {
    /// UUIDv7; of a spot check that of the submission.
    pub id: String,
    /// Owner of what it is about.
    pub owner: OrgPath,
    /// Its institution.
    pub institution: String,
    /// Where it stands.
    pub state: S,
    /// Why it was answered so, in words for whoever made it.
    #[serde(default)]
    pub reason: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
    /// End of its chain.
    pub ledger: LedgerHead,
}

impl<S> Root<S> {
    /// One that is about to be made.
    pub fn new(id: impl Into<String>, owner: OrgPath, institution: impl Into<String>, state: S, at: Timestamp) -> Self {
        let (id, institution, ledger) = (id.into(), institution.into(), LedgerHead::default());
        Self { id, owner, institution, state, reason: String::new(), created: at, updated: at, ledger }
    }
}

impl<S: Coded> Root<S> {
    /// A row of an index in which petitions lie by this value.
    pub(in crate::domain) fn row(&self, index: &'static str, value: &str) -> IndexRow {
        IndexRow { index, key: Key::of(&[value, &self.id]) }
    }
}

/// A petition after a step, with the new entry and what it means for the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a transition holds once it is written"]
pub struct Taken<P> {
    /// The petition.
    pub petition: P,
    /// The entry.
    pub entry: LedgerEntry,
    /// What it means for the resource.
    pub effect: Effect,
}

/// A record that is moved by this machine.
pub trait Petition: Record {
    /// Where it stands.
    type State: Coded;
    /// What is done about it.
    type Action: Copy + PartialEq + Send + Sync + 'static;

    /// Its Chinese and its English name.
    const NAMES: (&'static str, &'static str);
    /// Before the id in the name of its chain.
    const CHAIN: &'static str;
    /// Its table.
    const LINES: &'static [Line<Self::State, Self::Action>];

    /// What it has in common with the others.
    fn root(&self) -> &Root<Self::State>;

    /// The same, to be changed by the machine.
    fn root_mut(&mut self) -> &mut Root<Self::State>;

    /// Name of its chain.
    fn chain(&self) -> String {
        format!("{}:{}", Self::CHAIN, self.root().id)
    }

    /// What some parties may do now, with stable code and Chinese name.
    fn allowed(&self, parties: &[Party]) -> Vec<(&'static str, &'static str)> {
        let open = |line: &&Line<Self::State, Self::Action>| {
            line.from == Some(self.root().state) && line.parties.iter().any(|party| parties.contains(party))
        };
        Self::LINES.iter().filter(open).map(|line| line.names).collect()
    }

    /// Who may ever take this action.
    fn parties(action: Self::Action) -> impl Iterator<Item = Party> {
        Self::LINES.iter().filter(move |line| line.action == action).flat_map(|line| line.parties).copied()
    }

    /// Makes it. `facts`: codes and ids for the ledger.
    ///
    /// # Errors
    /// Those of the table: `state` (409), `forbidden` (403).
    fn made(mut self, action: Self::Action, facts: &[(&str, &str)], step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        let root = self.root_mut();
        (root.ledger, root.created) = (LedgerHead::default(), step.at);
        moved(self, None, action, facts, step)
    }

    /// Moves it on.
    ///
    /// # Errors
    /// Those of the table: `state` (409), `forbidden` (403).
    fn take(self, action: Self::Action, facts: &[(&str, &str)], step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        let from = Some(self.root().state);
        moved(self, from, action, facts, step)
    }

    /// The line by which this party may take an action.
    ///
    /// # Errors
    /// `state` (409) where no line has the state and the action, `forbidden` (403) where it names other parties.
    fn line(from: Option<Self::State>, action: Self::Action, party: Party) -> Result<&'static Line<Self::State, Self::Action>, Problem> {
        let Some(line) = Self::LINES.iter().find(|line| line.from == from && line.action == action) else {
            let (code, label) = from.map_or(("none", "尚未提交"), Coded::names);
            let (zh, en) = Self::NAMES;
            let zh = format!("{zh}当前状态为“{label}”，不能进行此操作。");
            return Err(Problem::new(ProblemKind::Conflict, "state", zh, format!("The {en} is {code}, which does not allow this.")));
        };
        if line.parties.contains(&party) { Ok(line) } else { Err(Problem::forbidden()) }
    }
}

fn moved<P: Petition>(
    mut petition: P,
    from: Option<P::State>,
    action: P::Action,
    facts: &[(&str, &str)],
    step: &Step<'_>,
) -> Result<Taken<P>, Problem> {
    let line = P::line(from, action, step.party)?;
    let chain = petition.chain();
    let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let deed = Deed { chain: &chain, action: line.names.0, from: from.map_or("", Coded::code), to: line.to.code(), facts };
    let (ledger, entry) = step.seal(&petition.root().ledger, deed)?;
    let root = petition.root_mut();
    (root.ledger, root.state, root.updated) = (ledger, line.to, step.at);
    Ok(Taken { petition, entry, effect: line.effect })
}
