//! Taking resources in: a deposit is received, unpacked into submissions, and each submission is checked by machine.
//!
//! [`receive`] keeps the bytes of a package and promises to unpack it; [`unpack`] turns its rows into submissions, each row for
//! itself; [`check`] looks into the files and applies the rules; [`convert`] makes of them what any phone opens, when there is time. Effects of a job are one ChangeSet with its end, except that
//! unpacking writes its rows in stretches: a second run goes on where the first one stopped. What this room must never do:
//! judge (rules and people do), show a deposit to strangers, keep bytes that no record names.
//!
//! To add a form of package: its reader in `package`. To add a step to the checks: in [`check`], before the rules.

mod check;
mod convert;
mod fingerprint;
mod likeness;
mod outcome;
mod receive;
mod renew;
mod report;
mod show;
mod sketches;
mod sweep;
mod trial;
mod unpack;
mod unpacked;

pub use likeness::nearest;
pub use receive::Incoming;
pub use report::{Download, ReportFormat};
pub use show::Receipt;
pub use sweep::{SweepReport, sweep_blobs};
pub use trial::Tried;

use crate::blob::Blobs;
use crate::clock::Clock;
use crate::domain::codes::CodeLists;
use crate::media::Media;
use crate::package::Limits;
use crate::rules::RuleSet;
use crate::store::Store;
use std::sync::Arc;

/// The service. Clones share everything.
#[derive(Clone)]
pub struct Ingest {
    store: Store,
    blobs: Blobs,
    clock: Clock,
    media: Media,
    rules: Arc<RuleSet>,
    codes: Arc<CodeLists>,
    limits: Limits,
}

impl Ingest {
    /// The service over its parts.
    pub fn new(store: Store, blobs: Blobs, clock: Clock, media: Media, rules: Arc<RuleSet>, codes: Arc<CodeLists>) -> Self {
        Self { store, blobs, clock, media, rules, codes, limits: Limits::default() }
    }

    /// With other limits for packages.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The empty workbook that institutions fill in (see `package::template`).
    ///
    /// # Errors
    /// Only a fault of ours.
    pub fn template(&self) -> Result<Download, crate::domain::problem::Problem> {
        report::template(&self.codes)
    }
}

#[cfg(test)]
mod tests;
