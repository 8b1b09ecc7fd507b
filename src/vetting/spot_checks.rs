//! Spot checks after publication: drawn with the publication, recorded by an editor or a member of the committee who took no part.

use super::Vetting;
use super::act::{TRIES, unauthorized};
use super::petitions::stale;
use super::scan::Scan;
use super::views::Named;
use crate::domain::access::{Actor, Role};
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::ledger::{LedgerHead, LedgerText};
use crate::domain::petition::check_uninvolved;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Provenance, Resource, ResourceState};
use crate::domain::spot_check::{DrawSalt, SPOT_TABLE, SpotCheck, SpotState, drawn};
use crate::domain::submission::published::Turn;
use crate::domain::submission::table::Party;
use crate::domain::submission::{Step, Submission};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a spot check found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSpotCheck {
    /// `pass`, or `fail`, which suspends the resource.
    pub result: SpotResult,
    /// What was found.
    pub reason: String,
}

/// Results of a spot check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpotResult {
    /// Well vetted.
    Pass,
    /// Not well vetted.
    Fail,
}

/// Which spot checks.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListSpotChecks {
    /// Only those in this state.
    pub state: Option<SpotState>,
    /// Items at most, up to 100.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A spot check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SpotCheckView {
    /// Id: that of the submission.
    pub id: String,
    /// Version, as in the `ETag`.
    pub version: Position,
    /// The resource that it became.
    pub resource: String,
    /// Title.
    pub title: String,
    /// Institution.
    pub institution: String,
    /// Where it stands.
    pub state: Named,
    /// What was found.
    pub reason: String,
    /// When it was drawn.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
}

/// A page of spot checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SpotCheckPage {
    /// Spot checks, the newest first.
    pub items: Vec<SpotCheckView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// Those who judge and audit see spot checks, but not of what they submitted or their institution did.
pub(super) fn sees(actor: &Actor, check: &SpotCheck) -> bool {
    let roles = [Role::Editor, Role::Committee, Role::Auditor, Role::Administrator];
    actor.has(&roles, &check.owner) && actor.account.as_deref() != Some(check.submitter.as_str())
}

fn shown(stored: Stored<SpotCheck>) -> SpotCheckView {
    let check = stored.value;
    SpotCheckView {
        version: stored.version,
        state: Named::new(check.state.code(), check.state.label()),
        id: check.id,
        resource: check.resource,
        title: check.title,
        institution: check.institution,
        reason: check.reason,
        created: check.created,
        updated: check.updated,
    }
}

fn party(actor: &Actor, check: &SpotCheck) -> Result<Party, Problem> {
    let parties = SPOT_TABLE.iter().filter(|line| line.from.is_some()).flat_map(|line| line.parties);
    let held = |party: &&Party| matches!(party, Party::Role(role) if actor.has(&[*role], &check.owner));
    parties.copied().find(|party| held(&party)).ok_or_else(Problem::forbidden)
}

impl Vetting {
    /// Draws a lot for what a submission publishes, in the same change.
    pub(super) async fn draw_lot(&self, submission: &Submission, at: Timestamp, changes: &mut ChangeSet) -> Result<(), Problem> {
        let percent = submission.plan.as_ref().map_or(0, |plan| plan.sample_percent);
        if percent == 0 {
            return Ok(());
        }
        let name = DrawSalt::SPOT_CHECKS;
        let salt = match self.store.get::<DrawSalt>(&Key::from(name)).await? {
            Some(found) => found.value.salt,
            None => {
                let made = DrawSalt { name: name.to_owned(), salt: self.clock.secret()? };
                changes.insert(&made)?;
                made.salt
            }
        };
        if !drawn(&submission.id, &salt, percent) {
            return Ok(());
        }
        let check = SpotCheck {
            id: submission.id.clone(),
            resource: submission.resource.clone(),
            owner: submission.owner.clone(),
            institution: submission.institution.clone(),
            title: submission.metadata.title.main().to_owned(),
            submitter: submission.submitter.clone(),
            state: SpotState::Open,
            reason: String::new(),
            created: at,
            updated: at,
            ledger: LedgerHead::default(),
        };
        let (check, entry) = check.draw(&Step::program(at))?;
        changes.insert(&check)?.insert(&entry)?.tell(Topic::Petition, check.chain());
        Ok(())
    }

    /// A page of the spot checks that the actor may see.
    pub async fn spot_checks(&self, actor: &Actor, ask: &ListSpotChecks) -> Result<SpotCheckPage, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let by = ask.state.map(|state| ("state", Key::prefix(&[state.code()])));
        let scan = Scan { by, limit: ask.limit.unwrap_or(20), cursor: ask.cursor.clone(), reverse: true };
        let page = self.page_of::<SpotCheck>(scan, |check| sees(actor, check)).await?;
        Ok(SpotCheckPage { items: page.items.into_iter().map(shown).collect(), next: page.next })
    }

    /// Records what a spot check found; a failed one suspends the resource in the same change.
    pub async fn record_spot_check(
        &self,
        actor: &Actor,
        id: &str,
        record: &RecordSpotCheck,
        expected: Option<Position>,
    ) -> Result<SpotCheckView, Problem> {
        let account = actor.account.clone().ok_or_else(unauthorized)?;
        let reason = record.reason.trim();
        if reason.contains('\0') {
            return Err(Problem::field("text", "reason", "文字中含有不能使用的字符。", "The text holds a character that is not taken."));
        }
        let known = self.known(actor).await?;
        for _ in 0..TRIES {
            let old = self.load_spot_check(actor, id).await?;
            let party = party(actor, &old.value)?;
            let submission = self.load(&old.value.id).await?.value;
            check_uninvolved(&known.judge(), &old.value.owner, &old.value.institution, Some(&submission), None)?;
            if expected.is_some_and(|expected| expected != old.version) {
                return Err(stale(ProblemKind::Precondition, old.value.state.label(), old.value.state.code()));
            }
            let salt = self.clock.fresh_id();
            let step = Step::person(&account, party, self.clock.now()).with_note(reason, &salt);
            let mut changes = ChangeSet::new(self.clock.fresh_id());
            let check = self.found(&old, record.result, reason, &step, &mut changes).await?;
            if let Some(version) = self.try_commit(changes).await? {
                return Ok(shown(Stored { value: check, version }));
            }
        }
        let now = self.load_spot_check(actor, id).await?.value.state;
        Err(stale(ProblemKind::Conflict, now.label(), now.code()))
    }

    async fn found(
        &self,
        old: &Stored<SpotCheck>,
        result: SpotResult,
        reason: &str,
        step: &Step<'_>,
        changes: &mut ChangeSet,
    ) -> Result<SpotCheck, Problem> {
        let (check, entry) = old.value.clone().record(result == SpotResult::Pass, reason, step)?;
        if let Some(note) = step.note {
            let (salt, text) = (note.salt.to_owned(), note.text.to_owned());
            changes.insert(&LedgerText { chain: entry.chain.clone(), sequence: entry.sequence, salt, text })?;
        }
        changes.update(old, &check)?.insert(&entry)?.tell(Topic::Petition, check.chain());
        if result == SpotResult::Fail {
            self.hold_back(&check, step.at, changes).await?;
        }
        Ok(check)
    }

    /// Suspends what the checked submission published; a later revision or a retired resource is left as it is.
    async fn hold_back(&self, check: &SpotCheck, at: Timestamp, changes: &mut ChangeSet) -> Result<(), Problem> {
        let Some(resource) = self.store.get::<Resource>(&Key::from(check.resource.as_str())).await? else { return Ok(()) };
        let same = matches!(&resource.value.provenance, Provenance::Vetted { submission, .. } if *submission == check.id);
        if !same || matches!(resource.value.state, ResourceState::Retired { .. }) {
            changes.guard(&resource);
            return Ok(());
        }
        let mut turn = Turn::hold(&resource.value, crate::domain::resource::DESK, "抽检不合格");
        turn.facts = BTreeMap::from([("spot_check".to_owned(), check.id.clone())]);
        self.turn_resource(&resource, resource.value.clone(), turn, &Step::program(at), changes).await
    }

    async fn load_spot_check(&self, actor: &Actor, id: &str) -> Result<Stored<SpotCheck>, Problem> {
        let found = if id.contains('\0') { None } else { self.store.get::<SpotCheck>(&Key::from(id)).await? };
        found.filter(|found| sees(actor, &found.value)).ok_or_else(|| Problem::not_found("抽检", "spot check"))
    }
}
