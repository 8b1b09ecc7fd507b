//! Tests of the vetting service on a store in memory.

mod after;
mod agreement;
mod blind;
mod claims;
mod correct;
mod countersign;
mod interleavings;
mod mask;
mod panels;
mod ways;

use super::Vetting;
use super::invite::Invite;
use super::opine::GiveOpinion;
use super::screen::Screening;
use crate::blob::Blobs;
use crate::clock::Clock;
use crate::domain::access::{Actor, Assignment, OrgPath, Role};
use crate::domain::account::Account;
use crate::domain::change::ChangeSet;
use crate::domain::metadata::{FileEntry, FileRole, Metadata};
use crate::domain::record::Key;
use crate::domain::review::Verdict;
use crate::domain::submission::intake::{CheckResult, NewSubmission, Resubmission};
use crate::domain::submission::table::Party;
use crate::domain::submission::{Moved, Step, Submission, SubmittedFile};
use crate::domain::time::Timestamp;
use crate::rules::RuleSet;
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A site with a contributor of one institution and staff of the province.
pub(super) struct Site {
    pub vetting: Vetting,
    pub store: Store,
    pub clock: Clock,
    _folder: tempfile::TempDir,
}

impl Site {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::memory();
        let clock = Clock::fixed(Timestamp::parse("2026-11-22T08:00:00Z").unwrap());
        let rules = Arc::new(RuleSet::builtin().unwrap());
        let vetting = Vetting::new(store.clone(), Blobs::open(folder.path()).unwrap(), clock.clone(), rules, Arc::default());
        let site = Self { vetting, store, clock, _folder: folder };
        site.account("colleague", "甲学院").await;
        site
    }

    async fn account(&self, id: &str, institution: &str) {
        self.holding(id, Some(institution), Vec::new()).await;
    }

    /// An account that may review works of the province.
    pub async fn reviewing(&self, id: &str) {
        self.holding(id, None, reviewer(id).assignments).await;
    }

    /// Assigns to the selected track and invites these, who are given accounts.
    pub async fn assign_to(&self, id: &str, experts: &[&str]) {
        self.vetting.screen(&editor(), id, &Screening::Assign { track: None }, None).await.unwrap();
        self.invite(id, experts).await;
    }

    /// Invites these, who are given accounts.
    pub async fn invite(&self, id: &str, experts: &[&str]) {
        for name in experts {
            if self.store.get::<Account>(&Key::from(*name)).await.unwrap().is_none() {
                self.reviewing(name).await;
            }
            self.vetting.invite(&editor(), id, &Invite { account: (*name).to_owned() }, None).await.unwrap();
        }
    }

    async fn holding(&self, id: &str, institution: Option<&str>, assignments: Vec<Assignment>) {
        let account = Account {
            id: id.to_owned(),
            name: id.to_owned(),
            display: id.to_owned(),
            institution: institution.map(str::to_owned),
            assignments,
            groups: BTreeSet::new(),
            password: None,
            demo: false,
            locked: false,
            created: self.clock.now(),
        };
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        changes.insert(&account).unwrap();
        self.store.commit(changes).await.unwrap();
    }

    /// A checked submission as ingest leaves it, by `submitter` of `/hunan/a`.
    pub async fn submit(&self, id: &str, change: impl FnOnce(&mut NewSubmission)) {
        let mut new = NewSubmission {
            id: id.to_owned(),
            deposit: "d1".to_owned(),
            row: None,
            owner: OrgPath::parse("/hunan/a").unwrap(),
            institution: "甲学院".to_owned(),
            resource: format!("r-{id}"),
            revision_of: None,
            metadata: metadata(),
            files: vec![file("读本.pdf", FileRole::Master), file("授权书.pdf", FileRole::Evidence)],
            track: String::new(),
            submitter: "submitter".to_owned(),
            fingerprint: "f".to_owned(),
        };
        change(&mut new);
        let step = Step::person("submitter", Party::Role(Role::Contributor), self.clock.now());
        let moved = Submission::submit(new, &step).unwrap();
        let moved = moved.then(|submission| {
            let result = self.result(&submission);
            submission.record_checks(result, &Step::program(self.clock.now()))
        });
        let moved = self.approved(moved.unwrap());
        let moved = self.vetting.rules().after_checks(moved, self.clock.now()).unwrap();
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        moved.write(&mut changes, None).unwrap();
        self.store.commit(changes).await.unwrap();
    }

    /// Sends a returned submission in again, checked.
    pub async fn resubmit(&self, id: &str) {
        let old = self.store.get::<Submission>(&Key::from(id)).await.unwrap().unwrap();
        let again = Resubmission {
            deposit: "d2".to_owned(),
            row: None,
            revision_of: old.value.revision_of,
            metadata: old.value.metadata.clone(),
            files: old.value.files.clone(),
            fingerprint: "g".to_owned(),
        };
        let step = Step::person("submitter", Party::Role(Role::Contributor), self.clock.now());
        let (round, moved) = old.value.clone().resubmit(again, &step).unwrap();
        let moved = moved.then(|submission| {
            let result = self.result(&submission);
            submission.record_checks(result, &Step::program(self.clock.now()))
        });
        let moved = self.approved(moved.unwrap());
        let moved = self.vetting.rules().after_checks(moved, self.clock.now()).unwrap();
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        changes.insert(&round).unwrap();
        moved.write(&mut changes, Some(&old)).unwrap();
        self.store.commit(changes).await.unwrap();
    }

    /// As a second person of the institution leaves it.
    fn approved(&self, checked: Moved) -> Moved {
        let step = Step::person("second", Party::Role(Role::Manager), self.clock.now());
        checked.then(|submission| submission.approve("pledge", &step)).unwrap()
    }

    fn result(&self, submission: &Submission) -> CheckResult {
        let flags = submission.metadata.culture.iter().map(|_| "ethnic".to_owned()).collect();
        let rule_set = self.vetting.rules().digest().to_owned();
        CheckResult { files: submission.files.clone(), findings: Vec::new(), flags, rule_set, approval: true }
    }
}

pub(super) fn metadata() -> Metadata {
    let json = serde_json::json!({
        "source_id": "A-1", "title": "防诈骗读本", "kind": "document", "category": "community",
        "description": "给社区居民的防诈骗读本。", "keywords": ["防诈骗", "反诈", "社区"], "language": ["zh-CN"],
        "rights": { "licence": "CC-BY-4.0", "holder": "甲学院" },
    });
    serde_json::from_value(json).unwrap()
}

fn file(path: &str, role: FileRole) -> SubmittedFile {
    let entry = FileEntry { path: path.to_owned(), role, title: None, language: None, rights: None };
    let digest = crate::domain::digest::Digest::from_bytes(&[7; 32]);
    SubmittedFile { entry, digest, size: 10, facts: None, text: None, thumbnail: None }
}

pub(super) fn actor(account: &str, role: Role, scope: &str) -> Actor {
    let assignments = vec![Assignment { role, scope: OrgPath::parse(scope).unwrap() }];
    Actor { account: Some(account.to_owned()), name: Some(account.to_owned()), assignments, groups: BTreeSet::new() }
}

pub(super) fn submitter() -> Actor {
    actor("submitter", Role::Contributor, "/hunan/a")
}

pub(super) fn reviewer(account: &str) -> Actor {
    actor(account, Role::Reviewer, "/hunan")
}

pub(super) fn committee(account: &str) -> Actor {
    actor(account, Role::Committee, "/hunan")
}

pub(super) fn office(account: &str) -> Actor {
    actor(account, Role::EthnicAffairs, "/hunan")
}

pub(super) fn editor() -> Actor {
    actor("editor", Role::Editor, "/")
}

pub(super) fn says(verdict: Verdict) -> GiveOpinion {
    GiveOpinion { verdict, text: "意见：内容准确，适合居民学习。".to_owned(), scores: BTreeMap::new(), vetoes: Vec::new() }
}
