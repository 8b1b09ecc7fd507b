//! Gathering the record of a resource from where its parts are kept.

use super::{
    Dossier, DossierChain, DossierComment, DossierFile, DossierOpinion, DossierPetition, DossierPledge, DossierRound, DossierSeal,
    DossierStep, DossierSubmission,
};
use crate::domain::access::{Actor, Role};
use crate::domain::account::Account;
use crate::domain::inspection::Locator;
use crate::domain::ledger::{LedgerEntry, LedgerHead, LedgerText, ResourceChain, surrogate};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Record, Stored};
use crate::domain::resource::{Resource, ResourceState};
use crate::domain::spot_check::SpotCheck;
use crate::domain::stamped_pledge::StampedPledge;
use crate::domain::submission::published::{RESOURCE_STATES, RESOURCE_TABLE, state_code, state_label};
use crate::domain::submission::table::{Action, StateCode};
use crate::domain::submission::{Round, Submission};
use crate::store::PageRequest;
use crate::vetting::Vetting;
use crate::vetting::act::unauthorized;
use crate::vetting::complaints::ListComplaints;
use crate::vetting::mask;
use crate::vetting::objections::ListObjections;
use crate::vetting::panel::{Sight, sight};
use crate::vetting::petitions::{Served as _, Standing};
use crate::vetting::show::{outcome_for, state_view};
use crate::vetting::views::{CommentView, Named, OpinionView};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of one kind that a record holds at most.
const MOST: usize = 1_000;
/// Who reads the record of a resource.
const READERS: [Role; 3] = [Role::Editor, Role::Auditor, Role::Administrator];

/// Names of people by their surrogates in one chain.
type Names = BTreeMap<String, String>;

impl Vetting {
    /// All that was recorded of the vetting of a resource: for editors, auditors and administrators of its owner.
    ///
    /// # Errors
    /// Not found, also for who may not see it; forbidden to everybody else.
    pub async fn dossier(&self, actor: &Actor, id: &str) -> Result<Dossier, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let missing = || Problem::not_found("资源", "resource");
        let found = if id.contains('\0') { None } else { self.store.get::<Resource>(&Key::from(id)).await? };
        let resource = found.map(|stored| stored.value).filter(|resource| resource.is_known_to(actor)).ok_or_else(missing)?;
        if !actor.has(&READERS, &resource.owner) {
            return Err(Problem::forbidden());
        }
        let mut chains = Vec::new();
        let mut submissions = Vec::new();
        for stored in self.all::<Submission>("resource", &Key::prefix(&[id])).await? {
            if let Some(sight) = sight(actor, &stored.value) {
                chains.push(chain(&stored.value.id, &stored.value.ledger));
                submissions.push(self.in_dossier(actor, sight, stored.value).await?);
            }
        }
        let own = self.store.get::<ResourceChain>(&Key::from(id)).await?;
        chains.extend(own.map(|own| chain(&ResourceChain::name_of(id), &own.value.ledger)));
        let sealed = self.last_checkpoint().await?.map(|last| DossierSeal { sequence: last.sequence, at: last.at, hash: last.hash });
        let (state, reason) = standing(&resource.state);
        Ok(Dossier {
            title: resource.metadata.title.main().to_owned(),
            files: resource
                .assets
                .iter()
                .map(|asset| DossierFile { path: asset.path.clone(), sha256: asset.facts.sha256.clone(), size: asset.facts.size })
                .collect(),
            steps: self.steps(&ResourceChain::name_of(id), &Names::default(), true).await?,
            complaints: self.complaints_in(actor, id).await?,
            made: self.clock.now(),
            owner: resource.owner,
            institution: resource.institution,
            revision: resource.revision,
            provenance: resource.provenance,
            published: resource.published,
            updated: resource.updated,
            metadata: resource.metadata,
            resource: resource.id,
            state,
            reason,
            submissions,
            chains,
            sealed,
        })
    }

    async fn in_dossier(&self, actor: &Actor, sight: Sight, mut submission: Submission) -> Result<DossierSubmission, Problem> {
        let names = if sight == Sight::Staff { self.names(&submission).await? } else { Names::default() };
        let opinions = self.opinions_for(actor, sight, &submission).await?;
        let comments = self.comments_for(actor, sight, &submission).await?;
        let mut rounds = Vec::new();
        for mut earlier in self.earlier(&submission.id).await? {
            self.hush(actor, vec![(sight, &mut earlier)]).await?;
            rounds.push(round(sight, &mask::shown(sight, &earlier), &names, &opinions, &comments));
        }
        self.hush(actor, vec![(sight, &mut submission)]).await?;
        rounds.push(round(sight, &mask::shown(sight, &submission), &names, &opinions, &comments));
        let track = self.rules.policy().track(&submission.track);
        let reads_ledger = sight != Sight::Reviewer;
        Ok(DossierSubmission {
            state: Named::new(submission.state.code().code(), submission.state.code().label()),
            track: track.map_or_else(|| Named::new(&submission.track, &submission.track), |track| Named::new(&track.code, &track.label)),
            pledges: if reads_ledger { self.pledges(&submission, &names).await? } else { Vec::new() },
            objections: self.objections_in(actor, &submission.id).await?,
            spot_check: self.spot_check_in(actor, &submission.id).await?,
            steps: if reads_ledger { self.steps(&submission.id, &names, sight == Sight::Staff).await? } else { Vec::new() },
            created: submission.created,
            rule_set: submission.rule_set,
            id: submission.id,
            rounds,
        })
    }

    /// Every row of an index under a prefix, up to what a record holds.
    async fn all<R: Record>(&self, index: &'static str, prefix: &Key) -> Result<Vec<Stored<R>>, Problem> {
        Ok(self.store.list_by::<R>(index, prefix, PageRequest::first(MOST)).await?.items)
    }

    async fn earlier(&self, submission: &str) -> Result<Vec<Submission>, Problem> {
        let page = self.store.list::<Round>(&Key::prefix(&[submission]), PageRequest::first(MOST)).await?;
        Ok(page.items.into_iter().map(|stored| stored.value.submission).collect())
    }

    /// Names of everybody whom a submission tells of.
    async fn names(&self, submission: &Submission) -> Result<Names, Problem> {
        let mut accounts: BTreeSet<&str> = BTreeSet::from([submission.submitter.as_str()]);
        accounts.extend(submission.hands.iter().map(|hand| hand.account.as_str()));
        accounts.extend(submission.seats.iter().map(|seat| seat.account.as_str()));
        accounts.extend(submission.stood_down.iter().map(|one| one.account.as_str()));
        accounts.extend(submission.approved.iter().map(|approval| approval.by.as_str()));
        let keys: Vec<Key> = accounts.iter().map(|account| Key::from(*account)).collect();
        let found = self.store.get_many::<Account>(&keys).await?.into_iter().flatten().map(|stored| stored.value);
        Ok(found.map(|account| (surrogate(&submission.id, &account.id), shown_name(account))).collect())
    }

    async fn pledges(&self, submission: &Submission, names: &Names) -> Result<Vec<DossierPledge>, Problem> {
        let found = self.all::<StampedPledge>("deposit", &StampedPledge::deposit_key(&submission.deposit)).await?;
        let covering = found.into_iter().map(|stored| stored.value).filter(|pledge| pledge.submissions.contains(&submission.id));
        let shown = covering.map(|pledge| DossierPledge {
            name: names.get(&surrogate(&submission.id, &pledge.by)).cloned(),
            works: pledge.submissions.len(),
            scan: pledge.scan.as_str().to_owned(),
            list: pledge.list,
            at: pledge.at,
        });
        Ok(shown.collect())
    }

    /// The entries of a chain. `texts`: with the texts that went with them.
    async fn steps(&self, chain: &str, names: &Names, texts: bool) -> Result<Vec<DossierStep>, Problem> {
        let entries = self.store.list::<LedgerEntry>(&LedgerEntry::prefix_of(chain), PageRequest::first(MOST)).await?;
        let mut said: BTreeMap<u64, String> = BTreeMap::new();
        if texts {
            let found = self.store.list::<LedgerText>(&Key::prefix(&[chain]), PageRequest::first(MOST)).await?;
            said.extend(found.items.into_iter().map(|stored| (stored.value.sequence, stored.value.text)));
        }
        let steps = entries.items.into_iter().map(|stored| step(stored.value, names, &mut said));
        Ok(steps.collect())
    }

    async fn complaints_in(&self, actor: &Actor, resource: &str) -> Result<Vec<DossierPetition>, Problem> {
        let ask = ListComplaints { resource: Some(resource.to_owned()), limit: Some(100), ..ListComplaints::default() };
        let found = self.complaints(actor, &ask).await?.items.into_iter();
        Ok(found.map(|one| petition(one.kind, one.standing, one.text)).collect())
    }

    async fn objections_in(&self, actor: &Actor, submission: &str) -> Result<Vec<DossierPetition>, Problem> {
        let ask = ListObjections { submission: Some(submission.to_owned()), limit: Some(100), ..ListObjections::default() };
        let found = self.objections(actor, &ask).await?.items.into_iter();
        Ok(found.map(|one| petition(Named::new("objection", "公示异议"), one.standing, one.text)).collect())
    }

    async fn spot_check_in(&self, actor: &Actor, submission: &str) -> Result<Option<DossierPetition>, Problem> {
        let found = self.store.get::<SpotCheck>(&Key::from(submission)).await?.filter(|check| check.value.is_seen_by(actor));
        let kind = Named::new("spot_check", "入库后抽检");
        Ok(found.map(|check| petition(kind, Standing::of(actor, &check), String::new())))
    }
}

fn petition(kind: Named, standing: Standing, text: String) -> DossierPetition {
    let Standing { id, state, reason, created, updated, .. } = standing;
    DossierPetition { id, kind, state, created, updated, text, reason }
}

fn chain(name: &str, head: &LedgerHead) -> DossierChain {
    DossierChain { chain: name.to_owned(), head: head.clone() }
}

fn shown_name(account: Account) -> String {
    if account.display.is_empty() { account.name } else { account.display }
}

fn standing(state: &ResourceState) -> (Named, Option<String>) {
    let reason = match state {
        ResourceState::Published => None,
        ResourceState::Suspended { reason, .. } => Some(reason.clone()),
        ResourceState::Retired { reason, cause, .. } => Some(format!("{}：{reason}", cause.label().0)),
    };
    (Named::new(state_code(state), state_label(state)), reason)
}

fn round(sight: Sight, submission: &Submission, names: &Names, opinions: &[OpinionView], comments: &[CommentView]) -> DossierRound {
    use crate::domain::finding::Severity;
    let state = state_view(&submission.state);
    let opinions = opinions.iter().filter(|opinion| opinion.round == submission.round).map(|opinion| {
        let reviewer = opinion.reviewer.as_deref().map(|account| surrogate(&submission.id, account));
        let name = reviewer.as_ref().and_then(|reviewer| names.get(reviewer)).cloned();
        DossierOpinion { reviewer, name, opinion: opinion.clone() }
    });
    DossierRound {
        round: submission.round,
        must: submission.findings.iter().filter(|finding| finding.weighs()).count(),
        should: submission.findings.iter().filter(|finding| finding.severity == Severity::Should).count(),
        verdict: state.verdict,
        reason: state.reason,
        state: Named::new(&state.code, &state.label),
        outcome: outcome_for(sight, submission).cloned(),
        opinions: opinions.collect(),
        comments: comments.iter().filter(|comment| comment.round == submission.round).map(comment_in).collect(),
    }
}

fn comment_in(comment: &CommentView) -> DossierComment {
    let row = comment.row.map(|row| format!("目录表第 {row} 行"));
    let locator = comment.locator.as_ref().map(Locator::label).filter(|label| !label.is_empty());
    let place = [comment.file.clone(), locator, comment.field.clone(), row];
    DossierComment {
        party: comment.party.clone(),
        audience: comment.audience,
        at: comment.at,
        place: place.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        text: comment.text.clone(),
        resolved: comment.resolved,
    }
}

fn step(entry: LedgerEntry, names: &Names, texts: &mut BTreeMap<u64, String>) -> DossierStep {
    let state = |code: &str| {
        let known = StateCode::parse(code).map(|state| Named::new(code, state.label()));
        known.or_else(|| (!code.is_empty()).then(|| Named::new(code, resource_state(code))))
    };
    DossierStep {
        action: Named::new(&entry.action, action_label(&entry.action)),
        name: names.get(&entry.actor).cloned(),
        from: state(&entry.from),
        to: state(&entry.to),
        text: texts.remove(&entry.sequence),
        sequence: entry.sequence,
        at: entry.at,
        party: entry.party,
        actor: entry.actor,
        hash: entry.hash,
    }
}

fn action_label(code: &str) -> &str {
    let known = Action::ALL.into_iter().find(|row| row.1 == code).map(|row| row.2);
    known.or_else(|| RESOURCE_TABLE.iter().find(|line| line.code == code).map(|line| line.label)).unwrap_or(code)
}

fn resource_state(code: &str) -> &str {
    RESOURCE_STATES.iter().find(|row| row.0 == code).map_or(code, |row| row.1)
}
