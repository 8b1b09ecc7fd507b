//! What is sent in about complaints, and what is shown of them.

use crate::domain::access::OrgPath;
use crate::domain::petition::Person;
use crate::domain::petition::complaint::{Complaint, ComplaintAction, ComplaintKind, ComplaintState, Counter};
use crate::domain::petition::machine::Coded as _;
use crate::domain::time::Timestamp;
use crate::vetting::petitions::Standing;
use crate::vetting::views::Named;
use serde::{Deserialize, Serialize};

/// A complaint as it is made. A copyright notice needs everything but `text`, every other one `text` alone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileComplaint {
    /// Id of the resource.
    pub resource: String,
    /// What is complained about.
    pub kind: ComplaintKind,
    /// Name of the claimant.
    #[serde(default)]
    pub name: String,
    /// Telephone or e-mail.
    #[serde(default)]
    pub contact: String,
    /// Postal address.
    #[serde(default)]
    pub address: String,
    /// The work that is infringed.
    #[serde(default)]
    pub work: String,
    /// First proof of the infringement.
    #[serde(default)]
    pub proof: String,
    /// The complaint in words, up to 5,000 characters.
    #[serde(default)]
    pub text: String,
    /// The claimant answers for the truth of the notice.
    #[serde(default)]
    pub truthful: bool,
}

/// The institution's counter-statement; all of it is needed and forwarded to the claimant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CounterStatement {
    /// Name of the institution.
    #[serde(default)]
    pub name: String,
    /// Telephone or e-mail.
    #[serde(default)]
    pub contact: String,
    /// Postal address.
    #[serde(default)]
    pub address: String,
    /// Why it does not infringe, and what shows it.
    #[serde(default)]
    pub proof: String,
    /// The institution answers for its truth.
    #[serde(default)]
    pub truthful: bool,
}

/// What the desk decides.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideComplaint {
    /// `dismiss`, `suspend`, `restore` or `retire`.
    pub decision: Decision,
    /// Why, in words for the claimant.
    pub reason: String,
}

/// Decisions of the desk on a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ComplaintDecision)]
pub enum Decision {
    /// There is nothing in it.
    Dismiss,
    /// The resource is held back.
    Suspend,
    /// The resource is let go.
    Restore,
    /// The resource is retired.
    Retire,
}

impl Decision {
    pub(super) const fn action(self) -> ComplaintAction {
        match self {
            Self::Dismiss => ComplaintAction::Dismiss,
            Self::Suspend => ComplaintAction::Suspend,
            Self::Restore => ComplaintAction::Restore,
            Self::Retire => ComplaintAction::Retire,
        }
    }
}

/// Which complaints.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListComplaints {
    /// Only those in this state.
    pub state: Option<ComplaintState>,
    /// Only those about this resource.
    pub resource: Option<String>,
    /// Items at most, up to 100.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A complaint as one actor sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ComplaintView {
    /// What is shown of every petition.
    #[serde(flatten)]
    pub standing: Standing,
    /// Resource.
    pub resource: String,
    /// Owner of the resource.
    pub owner: OrgPath,
    /// What is complained about.
    pub kind: Named,
    /// Who complains.
    pub claimant: Person,
    /// The work that is infringed.
    pub work: String,
    /// First proof of the infringement.
    pub proof: String,
    /// The complaint in words.
    pub text: String,
    /// The institution's counter-statement.
    pub counter: Option<Counter>,
    /// It should be answered by then (working days of the policy).
    pub answer_by: Timestamp,
}

/// A page of complaints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ComplaintPage {
    /// Complaints, the newest first.
    pub items: Vec<ComplaintView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

pub(super) fn view(standing: Standing, complaint: Complaint) -> ComplaintView {
    let (kind, label) = complaint.kind.names();
    ComplaintView {
        standing,
        resource: complaint.resource,
        owner: complaint.root.owner,
        kind: Named::new(kind, label),
        claimant: complaint.claimant,
        work: complaint.work,
        proof: complaint.proof,
        text: complaint.text,
        counter: complaint.counter,
        answer_by: complaint.answer_by,
    }
}
