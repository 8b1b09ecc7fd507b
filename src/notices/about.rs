//! What a ledger entry is about, as it stands now: who is told of it, by which words, and which webhooks are called.

use super::Notices;
use super::audience::Directory;
use crate::domain::access::OrgPath;
use crate::domain::ledger::{LedgerEntry, ResourceChain, surrogate};
use crate::domain::notice::delivery::Target;
use crate::domain::notice::table::{self, Audience, Line};
use crate::domain::notice::webhook::{Webhook, event_of};
use crate::domain::notice::{Notice, Subject, id_of};
use crate::domain::petition::complaint::{Complaint, ComplaintState};
use crate::domain::petition::machine::{Coded as _, Petition};
use crate::domain::petition::objection::Objection;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Provenance, Resource};
use crate::domain::submission::Submission;
use crate::domain::submission::published::state_code;
use std::collections::BTreeSet;

/// What a ledger entry is about.
pub(super) enum About {
    Submission(Box<Submission>),
    Resource(Box<Resource>, Option<String>),
    Petition(Box<Pleaded>),
}

/// What an outsider asked.
pub(super) struct Pleaded {
    subject: Subject,
    id: String,
    owner: OrgPath,
    /// Of the outsider, where signed in.
    account: Option<String>,
    /// Of the work that it is about.
    title: String,
    state: &'static str,
}

impl About {
    pub fn notices(&self, directory: &Directory, entry: &LedgerEntry) -> Vec<Notice> {
        let (subject, id, state) = match self {
            Self::Submission(submission) => (Subject::Submission, &submission.id, submission.state.code().code()),
            Self::Resource(resource, _) => (Subject::Resource, &resource.id, state_code(&resource.state)),
            Self::Petition(pleaded) => (pleaded.subject, &pleaded.id, pleaded.state),
        };
        let mut drafts = Vec::new();
        let mut told = BTreeSet::new();
        for line in table::lines(subject, entry, state) {
            let (title, text) = line.words(&self.title_for(line.audience));
            // Who wears two hats is told once, and who made the entry knows.
            let others = self.audience(directory, line.audience, entry).into_iter();
            let others = others.filter(|account| surrogate(&entry.chain, account) != entry.actor);
            for account in others.filter(|account| told.insert(account.clone())) {
                drafts.push(Notice {
                    id: self.id_for(line, &account, entry),
                    account,
                    code: line.code.to_owned(),
                    group: line.audience.group(),
                    subject,
                    subject_id: id.clone(),
                    title: title.clone(),
                    text: text.clone(),
                    at: entry.at,
                    read: None,
                    link: None,
                });
            }
        }
        drafts
    }

    /// The calls of webhooks that an entry causes, and the forwarding of a counter-statement, with their ids.
    pub fn calls(&self, hooks: &[Webhook], entry: &LedgerEntry) -> Vec<(String, Target)> {
        let (subject, owner) = match self {
            Self::Submission(submission) => (Subject::Submission, &submission.owner),
            Self::Resource(resource, _) => (Subject::Resource, &resource.owner),
            Self::Petition(pleaded) => return pleaded.forwarded(entry).into_iter().collect(),
        };
        let Some(event) = event_of(subject, entry) else { return Vec::new() };
        let call = |hook: &Webhook| {
            let target = Target::Event { webhook: hook.id.clone(), chain: entry.chain.clone(), sequence: entry.sequence };
            (id_of(&[&hook.id, &entry.chain, &entry.sequence.to_string()]), target)
        };
        hooks.iter().filter(|hook| hook.wants(&event, owner)).map(call).collect()
    }

    fn id_for(&self, line: &Line, account: &str, entry: &LedgerEntry) -> String {
        match self {
            Self::Submission(submission) if line.once_a_deposit => id_of(&[account, "deposit", &submission.deposit, line.code]),
            _ => id_of(&[account, &entry.chain, &entry.sequence.to_string()]),
        }
    }

    fn title_for(&self, audience: Audience) -> String {
        match self {
            Self::Submission(submission) => table::title_for(submission, audience),
            Self::Resource(resource, _) => table::shortened(resource.metadata.title.main()),
            Self::Petition(pleaded) => table::shortened(&pleaded.title),
        }
    }

    fn audience(&self, directory: &Directory, audience: Audience, entry: &LedgerEntry) -> BTreeSet<String> {
        match self {
            Self::Submission(submission) => directory.of(audience, submission, entry),
            Self::Resource(resource, submitter) => directory.submitting(&resource.owner, submitter.as_deref()),
            Self::Petition(pleaded) => directory.of_petition(audience, &pleaded.owner, pleaded.account.as_deref()),
        }
    }
}

impl Pleaded {
    fn of<P: Petition>(subject: Subject, petition: &P, account: Option<String>, title: String) -> Self {
        let root = petition.root();
        Self { subject, id: root.id.clone(), owner: root.owner.clone(), account, title, state: root.state.code() }
    }

    /// Article 17: a counter-statement goes to the claimant. Who has an account gets a notice.
    fn forwarded(&self, entry: &LedgerEntry) -> Option<(String, Target)> {
        let outsider = self.subject == Subject::Complaint && self.account.is_none() && entry.to == ComplaintState::Countered.code();
        let id = id_of(&["claimant", &entry.chain, &entry.sequence.to_string()]);
        outsider.then(|| (id, Target::Claimant { complaint: self.id.clone() }))
    }
}

impl Notices {
    /// What an entry is about, as it stands now.
    pub(super) async fn about(&self, entry: &LedgerEntry) -> Result<Option<About>, Problem> {
        let (kind, id) = entry.chain.split_once(':').unwrap_or(("", &entry.chain));
        match kind {
            ResourceChain::KIND => self.about_resource(id).await,
            Complaint::CHAIN => Ok(self.about_complaint(id).await?.map(|pleaded| About::Petition(Box::new(pleaded)))),
            Objection::CHAIN => Ok(self.about_objection(id).await?.map(|pleaded| About::Petition(Box::new(pleaded)))),
            "" => {
                let found = self.store.get::<Submission>(&Key::from(id)).await?;
                Ok(found.map(|found| About::Submission(Box::new(found.value))))
            }
            _ => Ok(None),
        }
    }

    async fn about_complaint(&self, id: &str) -> Result<Option<Pleaded>, Problem> {
        let Some(Stored { value: complaint, .. }) = self.store.get::<Complaint>(&Key::from(id)).await? else { return Ok(None) };
        let resource = self.store.get::<Resource>(&Key::from(complaint.resource.as_str())).await?;
        let title = resource.map(|found| found.value.metadata.title.main().to_owned()).unwrap_or_default();
        Ok(Some(Pleaded::of(Subject::Complaint, &complaint, complaint.account.clone(), title)))
    }

    async fn about_objection(&self, id: &str) -> Result<Option<Pleaded>, Problem> {
        let found = self.store.get::<Objection>(&Key::from(id)).await?.map(|found| found.value);
        Ok(found.map(|one| Pleaded::of(Subject::Objection, &one, one.account.clone(), one.title.clone())))
    }

    async fn about_resource(&self, id: &str) -> Result<Option<About>, Problem> {
        let Some(resource) = self.store.get::<Resource>(&Key::from(id)).await? else { return Ok(None) };
        let submitter = match &resource.value.provenance {
            Provenance::Vetted { submission, .. } => self.store.get::<Submission>(&Key::from(submission.as_str())).await?,
            Provenance::Admitted { .. } => None,
        };
        Ok(Some(About::Resource(Box::new(resource.value), submitter.map(|found| found.value.submitter))))
    }
}
