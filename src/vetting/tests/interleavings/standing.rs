//! Where a round begins: a submission brought there by real transitions, in memory.

use super::{Stand, WAIVABLE};
use crate::domain::access::{OrgPath, Role};
use crate::domain::calendar::Calendar;
use crate::domain::finding::{Finding, Severity};
use crate::domain::problem::Problem;
use crate::domain::review::{Opinion, Verdict};
use crate::domain::submission::intake::{CheckResult, NewSubmission};
use crate::domain::submission::opinions::Judge;
use crate::domain::submission::table::Party;
use crate::domain::submission::{CountersignTerms, Decider, Moved, Panel, Plan, Step, Submission};
use crate::domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

fn plan(stand: Stand, votes: u32) -> Plan {
    let notice_days = u32::from(matches!(stand, Stand::Notice | Stand::Objected));
    Plan {
        track: "regular".into(),
        approval: false,
        reviewers: 2,
        most_reviewers: 2,
        scored: false,
        pass_mark: 6000,
        spread: 1500,
        decides: if matches!(stand, Stand::Committee) { Decider::Committee } else { Decider::Final },
        votes,
        flagged_votes: 0,
        countersign: matches!(stand, Stand::Countersign).then(terms),
        notice_days,
        panel: Panel::default(),
        notice_working_days: 0,
        sample_percent: 100,
    }
}

fn terms() -> CountersignTerms {
    CountersignTerms {
        flags: BTreeSet::from(["ethnic".to_owned()]),
        answer_days: 10,
        office: "ethnic_affairs".into(),
        ..Default::default()
    }
}

/// A submission on its way, by real transitions.
struct Walk {
    now: Timestamp,
    moved: Moved,
}

impl Walk {
    fn step(self, next: impl FnOnce(Submission) -> Result<Moved, Problem>) -> Self {
        Self { now: self.now, moved: self.moved.then(next).unwrap() }
    }

    fn opined(self, account: &'static str, verdict: Verdict) -> Self {
        let (now, judge) = (self.now, judge(account));
        let step = Step::person(account, Party::Role(Role::Reviewer), now);
        self.seated(account).step(|submission| {
            let opinion = Opinion {
                id: format!("o-{account}"),
                submission: submission.id.clone(),
                round: submission.round,
                reviewer: account.to_owned(),
                at: now,
                scores: BTreeMap::new(),
                mark: None,
                verdict,
                text: "可以".to_owned(),
                salt: "salt".to_owned(),
                vetoes: Vec::new(),
                rule_set: String::new(),
            };
            submission.opine(&opinion, &judge, &step)
        })
    }

    fn seated(self, account: &'static str) -> Self {
        let until = self.now.plus_millis(3_600_000);
        let step = Step::person(account, Party::Role(Role::Reviewer), self.now);
        self.step(|submission| submission.claim(&judge(account), until, &step))
    }

    fn decided(self, verdict: Verdict, at: Timestamp) -> Self {
        let step = Step::person("c1", Party::Role(Role::Committee), at);
        self.step(|submission| submission.decide(verdict, "理由", &Calendar::default(), &judge("c1"), &step))
    }
}

fn judge(account: &str) -> Judge<'_> {
    Judge { account, institution: None, assignments: &[], profile: None }
}

fn begun(id: &str, now: Timestamp) -> Walk {
    let mut metadata = super::super::metadata();
    metadata.source_id = None;
    let new = NewSubmission {
        id: id.to_owned(),
        deposit: format!("d-{id}"),
        row: None,
        owner: OrgPath::parse("/hunan/a").unwrap(),
        institution: "甲学院".to_owned(),
        resource: format!("r-{id}"),
        revision_of: None,
        metadata,
        files: Vec::new(),
        track: "selected".to_owned(),
        submitter: "submitter".to_owned(),
        fingerprint: "f".to_owned(),
    };
    let moved = Submission::submit(new, &Step::person("submitter", Party::Role(Role::Contributor), now)).unwrap();
    Walk { now, moved }
}

fn must() -> Finding {
    let finding = serde_json::json!({ "rule": WAIVABLE, "severity": "must", "message": "缺项" });
    let finding: Finding = serde_json::from_value(finding).unwrap();
    assert_eq!(finding.severity, Severity::Must);
    finding
}

/// A submission that stands so, in memory.
pub(super) fn standing(id: &str, stand: Stand, votes: u32, now: Timestamp) -> Moved {
    let findings = if matches!(stand, Stand::MachineReturned) { vec![must()] } else { Vec::new() };
    let approval = matches!(stand, Stand::Approval);
    let flags = if matches!(stand, Stand::Countersign) { BTreeSet::from(["ethnic".to_owned()]) } else { BTreeSet::new() };
    let checks = CheckResult { files: Vec::new(), findings, flags, rule_set: "r".to_owned(), approval };
    let walk = begun(id, now).step(|submission| submission.record_checks(checks, &Step::program(now)));
    if matches!(stand, Stand::MachineReturned | Stand::Approval | Stand::Screening) {
        return walk.moved;
    }
    let walk = walk.step(|submission| submission.assign(plan(stand, votes), &Step::program(now)));
    // A notice of one day ends tonight: the calendar moves the clock over it.
    let yesterday = now.plus_millis(-crate::domain::time::DAY_MS);
    let walk = match stand {
        Stand::Review => walk,
        Stand::LastSeat => walk.seated("a"),
        Stand::Seated => walk.seated("a").seated("b"),
        Stand::Rejected | Stand::Appealed => walk.opined("a", Verdict::Reject).opined("b", Verdict::Reject).decided(Verdict::Reject, now),
        Stand::Notice | Stand::Objected => walk.opined("a", Verdict::Pass).opined("b", Verdict::Pass).decided(Verdict::Pass, yesterday),
        _ => walk.opined("a", Verdict::Pass).opined("b", Verdict::Pass),
    };
    let step = Step::person("submitter", Party::Role(Role::Contributor), now);
    match stand {
        Stand::Appealed => walk.step(|submission| submission.appeal("不服", &step)).moved,
        _ => walk.moved,
    }
}
