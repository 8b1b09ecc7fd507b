//! What the machine checks say of resources that another body vetted (`admitted`): they stand in the catalogue already, so that
//! nothing is returned; the desk reads what was found and decides.

use super::access::OrgPath;
use super::finding::{Finding, Severity};
use super::record::{IndexRow, Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Resources of one batch of an import that wait for their checks. It goes with the job that does them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmittedBatch {
    /// UUIDv7.
    pub id: String,
    /// Ids of the resources.
    pub resources: Vec<String>,
}

impl Record for AdmittedBatch {
    const TABLE: &'static str = "admitted_batches";
    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }
}

/// What was found in one of them. There is none for a resource in which nothing was found that weighs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmittedFindings {
    /// Resource.
    pub resource: String,
    /// The revision that was checked.
    pub revision: u32,
    /// Its owner.
    pub owner: OrgPath,
    /// Digest of the rule set.
    pub rule_set: String,
    /// What would have returned a submission, or sent it to the committee.
    pub findings: Vec<Finding>,
    /// When it was checked.
    pub at: Timestamp,
}

impl AdmittedFindings {
    /// Prefix of the index `severity`: those of this severity at worst.
    pub fn severity_key(severity: Severity) -> Key {
        Key::prefix(&[code(severity)])
    }

    fn worst(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    }
}

fn code(severity: Severity) -> &'static str {
    match severity {
        Severity::Must => "must",
        Severity::Should => "should",
        Severity::Info => "info",
    }
}

impl Record for AdmittedFindings {
    const TABLE: &'static str = "admitted_findings";
    fn key(&self) -> Key {
        Key::from(self.resource.as_str())
    }
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: "severity", key: Key::of(&[code(self.worst()), &self.resource]) }]
    }
}
