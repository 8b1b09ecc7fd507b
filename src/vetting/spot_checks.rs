//! Spot checks after publication: drawn with the publication, recorded by an editor or a member of the committee who took no part.

use super::Vetting;
use super::panel::Known;
use super::petitions::{Listed, Moves, Served, Standing, Wanted, add_entry, check_judge};
use crate::domain::access::{Actor, Role};
use crate::domain::change::{ChangeSet, Position};
use crate::domain::petition::machine::{Effect, Root, Taken};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Provenance, Resource, ResourceState};
use crate::domain::spot_check::{DrawSalt, SpotAction, SpotCheck, SpotState, drawn};
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
    /// What is shown of every petition.
    #[serde(flatten)]
    pub standing: Standing,
    /// The resource that it became.
    pub resource: String,
    /// Title.
    pub title: String,
}

/// A page of spot checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SpotCheckPage {
    /// Spot checks, the newest first.
    pub items: Vec<SpotCheckView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl Served for SpotCheck {
    type View = SpotCheckView;

    /// The lot.
    fn maker(&self) -> Option<&str> {
        None
    }

    /// Those who judge and audit see spot checks, but not of what they submitted or their institution did.
    fn is_seen_by(&self, actor: &Actor) -> bool {
        let roles = [Role::Editor, Role::Committee, Role::Auditor, Role::Administrator];
        actor.has(&roles, &self.root.owner) && actor.account.as_deref() != Some(self.submitter.as_str())
    }

    fn shown(actor: &Actor, stored: Stored<Self>) -> SpotCheckView {
        let standing = Standing::of(actor, &stored);
        SpotCheckView { standing, resource: stored.value.resource, title: stored.value.title }
    }
}

/// What somebody who took no part found.
#[async_trait::async_trait]
impl Moves<SpotCheck> for Known {
    async fn take(
        &self,
        vetting: &Vetting,
        old: &Stored<SpotCheck>,
        wanted: Wanted<'_, SpotAction>,
        step: &Step<'_>,
        changes: &mut ChangeSet,
    ) -> Result<Taken<SpotCheck>, Problem> {
        let submission = vetting.load(&old.value.root.id).await?.value;
        check_judge(self, &old.value, Some(&submission), None)?;
        // The check does not keep who made it: it keeps what others may read of a member of the committee, the ledger the rest.
        let author = (step.party == Party::Role(Role::Committee)).then_some(step.account);
        let reason = vetting.voices_of(author.into_iter().collect()).await?.text(step.account, wanted.words);
        let taken = old.value.clone().record(wanted.action, &reason, step)?;
        if taken.effect == Effect::Hold {
            vetting.hold_back(&taken.petition, step.at, changes).await?;
        }
        Ok(taken)
    }
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
        let Submission { id, owner, institution, resource, metadata, submitter, .. } = submission.clone();
        let root = Root::new(id, owner, institution, SpotState::Open, at);
        let step = Step::program(at);
        let taken = SpotCheck { root, resource, title: metadata.title.main().to_owned(), submitter }.draw(&step)?;
        changes.insert(&taken.petition)?;
        add_entry(&taken, &step, changes)
    }

    /// A page of the spot checks that the actor may see.
    ///
    /// # Errors
    /// Unauthorized for visitors.
    pub async fn spot_checks(&self, actor: &Actor, ask: &ListSpotChecks) -> Result<SpotCheckPage, Problem> {
        let listed = Listed { about: None, state: ask.state, limit: ask.limit, cursor: ask.cursor.as_deref() };
        let page = self.petitions::<SpotCheck>(actor, listed).await?;
        Ok(SpotCheckPage { items: page.items, next: page.next })
    }

    /// Records what a spot check found; a failed one suspends the resource in the same change.
    ///
    /// # Errors
    /// `recused` for who took part; `reason-required`; `state`, `conflict` and `precondition-failed` with where it stands.
    pub async fn record_spot_check(
        &self,
        actor: &Actor,
        id: &str,
        record: &RecordSpotCheck,
        expected: Option<Position>,
    ) -> Result<SpotCheckView, Problem> {
        let action = match record.result {
            SpotResult::Pass => SpotAction::Pass,
            SpotResult::Fail => SpotAction::Fail,
        };
        let wanted = Wanted { action, words: record.reason.trim() };
        self.step_on::<SpotCheck>(actor, id, expected, wanted, &self.known(actor).await?).await
    }

    /// Suspends what the checked submission published; a later revision or a retired resource is left as it is.
    async fn hold_back(&self, check: &SpotCheck, at: Timestamp, changes: &mut ChangeSet) -> Result<(), Problem> {
        let Some(resource) = self.store.get::<Resource>(&Key::from(check.resource.as_str())).await? else { return Ok(()) };
        let same = matches!(&resource.value.provenance, Provenance::Vetted { submission, .. } if *submission == check.root.id);
        if !same || matches!(resource.value.state, ResourceState::Retired { .. }) {
            changes.guard(&resource);
            return Ok(());
        }
        let mut turn = Turn::hold(&resource.value, crate::domain::resource::DESK, "抽检不合格");
        turn.facts = BTreeMap::from([("spot_check".to_owned(), check.root.id.clone())]);
        self.turn_resource(&resource, resource.value.clone(), turn, &Step::program(at), changes).await
    }
}
