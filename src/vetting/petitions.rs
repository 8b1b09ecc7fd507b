//! What complaints, objections and spot checks share: the code that follows a petition, and the answer to whoever was slower.

use super::Vetting;
use super::views::Named;
use crate::domain::change::{ChangeSet, Position};
use crate::domain::problem::{Problem, ProblemKind};
use crate::store::StoreError;
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

/// The code of a petition.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// As it was given when the petition was made.
    pub code: String,
}

/// Somebody was faster: says where the petition stands now.
pub(super) fn stale(kind: ProblemKind, label: &str, code: &str) -> Problem {
    let zh = format!("刚被他人处理，当前状态为“{label}”，请刷新后再操作。");
    let name = if kind == ProblemKind::Precondition { "precondition-failed" } else { "conflict" };
    Problem::new(kind, name, zh, format!("Somebody else acted on this; it is now {code}.")).at_state(code, label, None)
}

impl Vetting {
    /// Commits; `None` when somebody else was faster.
    pub(super) async fn try_commit(&self, changes: ChangeSet) -> Result<Option<Position>, Problem> {
        match self.store.commit(changes).await {
            Ok(position) => Ok(Some(position)),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }
}
