//! From the deposit to the desk: drafts, submitting, checks, sending in again, withdrawing.

use super::opinions::recused;
use super::step::permit;
use super::table::{Action, Party, StateCode};
use super::{Hand, Moved, Round, State, Step, Submission, SubmittedFile};
use crate::domain::access::OrgPath;
use crate::domain::finding::{Finding, Severity};
use crate::domain::ledger::LedgerHead;
use crate::domain::metadata::Metadata;
use crate::domain::problem::Problem;
use std::collections::BTreeSet;

/// What a new submission begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSubmission {
    /// UUIDv7.
    pub id: String,
    /// Deposit.
    pub deposit: String,
    /// Row of the catalogue, 1 is the header.
    pub row: Option<u32>,
    /// Owning organisation.
    pub owner: OrgPath,
    /// Name of the owning institution.
    pub institution: String,
    /// Id of the resource it will become.
    pub resource: String,
    /// Head revision it is to follow.
    pub revision_of: Option<u32>,
    /// Description.
    pub metadata: Metadata,
    /// Files.
    pub files: Vec<SubmittedFile>,
    /// Code of the track asked for (`regular`, `selected`); empty leaves it to the policy.
    pub track: String,
    /// Account that submits.
    pub submitter: String,
    /// Digest of the row as it was sent.
    pub fingerprint: String,
}

/// What a submission that was returned is sent in again with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resubmission {
    /// Deposit.
    pub deposit: String,
    /// Row of the catalogue.
    pub row: Option<u32>,
    /// Head revision it is to follow now.
    pub revision_of: Option<u32>,
    /// Description.
    pub metadata: Metadata,
    /// Files.
    pub files: Vec<SubmittedFile>,
    /// Digest of the row as it was sent.
    pub fingerprint: String,
}

/// What the machine checks of one round came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The files with facts, texts and thumbnails.
    pub files: Vec<SubmittedFile>,
    /// Findings.
    pub findings: Vec<Finding>,
    /// Why the committee must see it.
    pub flags: BTreeSet<String>,
    /// Digest of the rule set.
    pub rule_set: String,
    /// Whether its track asks for the institution's approval.
    pub approval: bool,
}

impl Submission {
    /// A new submission, deposited with its pledge. `step` names the depositor and a capacity that may deposit.
    pub fn submit(new: NewSubmission, step: &Step<'_>) -> Result<Moved, Problem> {
        permit(None, Action::Deposit, step.party)?;
        Self::begin(new, step).moved(None, Action::Deposit, State::Submitted, step, &[])
    }

    /// A new draft.
    pub fn draft(new: NewSubmission, step: &Step<'_>) -> Result<Moved, Problem> {
        permit(None, Action::Draft, step.party)?;
        Self::begin(new, step).moved(None, Action::Draft, State::Draft, step, &[])
    }

    fn begin(new: NewSubmission, step: &Step<'_>) -> Self {
        let mut begun = Self {
            id: new.id,
            deposit: new.deposit,
            row: new.row,
            owner: new.owner,
            institution: new.institution,
            resource: new.resource,
            revision_of: new.revision_of,
            metadata: new.metadata,
            files: new.files,
            track: new.track,
            plan: None,
            state: State::Draft,
            round: 1,
            findings: Vec::new(),
            waivers: Vec::new(),
            flags: BTreeSet::new(),
            marks: BTreeSet::new(),
            rule_set: String::new(),
            submitter: new.submitter,
            approved: None,
            countersigned: None,
            seats: Vec::new(),
            outcome: None,
            confirmable: None,
            hands: BTreeSet::new(),
            stood_down: BTreeSet::new(),
            blind: super::Blind::None,
            fresh_eyes: false,
            fresh_from: 0,
            fingerprint: new.fingerprint,
            created: step.at,
            updated: step.at,
            ledger: LedgerHead::default(),
        };
        begun.add_author(step);
        begun
    }

    /// Remembers whose content it is: nobody judges the own work, in this round or a later one.
    fn add_author(&mut self, step: &Step<'_>) {
        self.hands.insert(Hand { account: step.account.to_owned(), stage: StateCode::Submitted, round: self.round });
    }

    /// Whether an account had a hand in the content, in any round.
    pub fn is_author(&self, account: &str) -> bool {
        account == self.submitter || self.hands.iter().any(|hand| hand.account == account && hand.stage == StateCode::Submitted)
    }

    /// Submits a draft.
    pub fn submit_draft(mut self, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Submit, step)?;
        self.add_author(step);
        self.moved(from, Action::Submit, State::Submitted, step, &[])
    }

    /// Begins the machine checks.
    pub fn begin_checks(self, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::BeginChecks, step)?;
        self.moved(from, Action::BeginChecks, State::Checking, step, &[])
    }

    /// Records what the checks found: a `must` finding returns the submission, else it goes to its institution for approval
    /// where the track asks for that, or to the desk. Begins the checks in the same change where that was not done yet.
    pub fn record_checks(self, mut result: CheckResult, step: &Step<'_>) -> Result<Moved, Problem> {
        if self.state.code() == StateCode::Submitted {
            return self.begin_checks(step)?.then(|checking| checking.record_checks(result, step));
        }
        let from = self.gate(Action::RecordChecks, step)?;
        super::waivers::mark(&mut result.findings, &self.waivers, &result.files);
        let should = result.findings.iter().filter(|finding| finding.severity == Severity::Should).count();
        let must = result.findings.iter().filter(|finding| finding.weighs()).count();
        let reason = format!("机器检测发现{must}个必须修改的问题，请按下列意见修改后重新提交。");
        let to = match (must > 0, result.approval) {
            (true, _) => State::Returned { stage: StateCode::Checking, verdict: None, reason },
            (false, true) => State::Approval,
            (false, false) => State::Screening,
        };
        let mut checked = self;
        checked.files = result.files;
        checked.findings = result.findings;
        checked.flags = result.flags;
        checked.flags.extend(checked.marks.iter().cloned());
        checked.rule_set = result.rule_set;
        checked.moved(from, Action::RecordChecks, to, step, &[("must", must.to_string()), ("should", should.to_string())])
    }

    /// Sends a returned submission in again as a new round; gives the old round to keep.
    pub fn resubmit(self, again: Resubmission, step: &Step<'_>) -> Result<(Round, Moved), Problem> {
        let from = self.gate(Action::Resubmit, step)?;
        let old = Round { submission: self.clone() };
        let earned = match &self.state {
            State::Returned { verdict: Some(crate::domain::review::Verdict::PassAfterChanges), .. } => self.outcome.clone(),
            // The machine returned the changed work: what the reviewers said before still stands.
            State::Returned { stage: StateCode::Checking, .. } => self.confirmable.clone(),
            _ => None,
        };
        // Who judged it and then changes it oneself has it judged anew; what that person waived weighs again.
        let judged = self.hands.iter().any(|hand| hand.account == step.account && hand.stage != StateCode::Submitted);
        let earned = earned.filter(|_| !judged);
        let mut next = self;
        next.waivers.retain(|waiver| waiver.account != step.account);
        next.deposit = again.deposit;
        next.row = again.row;
        next.revision_of = again.revision_of;
        next.metadata = again.metadata;
        next.files = again.files;
        next.fingerprint = again.fingerprint;
        next.round += 1;
        next.findings = Vec::new();
        next.flags = next.marks.clone();
        next.approved = None;
        next.countersigned = None;
        next.seats = Vec::new();
        next.plan = if earned.is_some() { next.plan } else { None };
        next.outcome = None;
        next.confirmable = earned;
        next.add_author(step);
        Ok((old, next.moved(from, Action::Resubmit, State::Submitted, step, &[])?))
    }

    /// Takes the submission back.
    pub fn withdraw(self, step: &Step<'_>) -> Result<Moved, Problem> {
        let from = self.gate(Action::Withdraw, step)?;
        self.moved(from, Action::Withdraw, State::Withdrawn, step, &[])
    }

    /// Checks the table for an action in the present state: whether the party may take it, and whether an author may.
    pub(super) fn gate(&self, action: Action, step: &Step<'_>) -> Result<Option<StateCode>, Problem> {
        let from = Some(self.state.code());
        let line = permit(from, action, step.party)?;
        // The program hands on what the policy says, whoever sent it in: commands on a data directory act by its account.
        if !line.by_authors && step.party != Party::Program && self.is_author(step.account) {
            return Err(recused("不能处理本人提交或修改过的资源。", "Nobody judges the own work, nor what one changed oneself."));
        }
        Ok(from)
    }
}
