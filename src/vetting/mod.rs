//! Vetting: moves submissions from the desk to their decision, and resources between published, suspended and retired; takes
//! objections against notices and complaints after publication, and has a share of what was published checked again. What another
//! body vetted and an administrator took over is checked, too; what is found there is for the desk to act on.
//!
//! Every function takes the actor first and asks the one table (`domain::submission::table`) in what capacity that actor may do
//! it; who may not see a submission is told that there is none. A step, its ledger entry and what follows from it (an opinion,
//! a published resource) are one ChangeSet guarded by the submission's row.
//!
//! What this room must never do: name a reviewer to a submitter, to another reviewer or to the public; decide anything that a
//! rule file or the policy should; write a submission without its ledger entry. A new verb is a new file with an
//! `impl Vetting` block.

mod act;
pub mod admitted;
pub mod agreement;
pub mod answered;
pub mod approve;
mod chains;
pub mod changes;
pub mod comments;
pub mod complaints;
pub mod correct;
pub mod countersign;
pub mod deadlines;
pub mod decide;
pub mod decide_many;
pub mod desk;
pub mod dossier;
pub mod draft;
pub mod experts;
mod figures;
mod files;
pub mod invite;
pub mod mask;
pub mod objections;
pub mod opine;
pub mod panel;
pub mod petitions;
pub mod public_notices;
mod publish;
pub mod record;
pub mod resources;
pub mod retest;
pub mod retire;
pub mod reviewers;
mod scan;
pub mod screen;
pub mod seal;
pub mod sheet;
pub mod show;
pub mod spot_checks;
pub mod standards;
pub mod verify;
pub mod views;
mod voices;
pub mod waive;
pub mod workload;

#[cfg(test)]
mod tests;

pub use crate::rules::{Explanation, Files, RuleProblem, RuleSet, StandardsDiff, check_folder};
pub use verify::{LedgerReport, verify_ledgers};

use crate::blob::Blobs;
use crate::clock::Clock;
use crate::domain::codes::CodeLists;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::submission::Submission;
use crate::store::Store;
use std::sync::Arc;

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Vetting {
    store: Store,
    blobs: Blobs,
    clock: Clock,
    rules: Arc<RuleSet>,
    codes: Arc<CodeLists>,
}

impl Vetting {
    /// Vetting under these standards, with reviewers described by these codes.
    pub fn new(store: Store, blobs: Blobs, clock: Clock, rules: Arc<RuleSet>, codes: Arc<CodeLists>) -> Self {
        Self { store, blobs, clock, rules, codes }
    }

    /// The submission of this id, whoever asks.
    async fn load(&self, id: &str) -> Result<Stored<Submission>, Problem> {
        let found = if id.contains('\0') { None } else { self.store.get::<Submission>(&Key::from(id)).await? };
        found.ok_or_else(|| Problem::not_found("提交", "submission"))
    }
}
