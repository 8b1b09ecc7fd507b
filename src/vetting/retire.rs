//! Retirement (出库) by date, what ends soon, and many resources taken down by one call.

use super::Vetting;
use super::act::unauthorized;
use super::answered::Answered;
use super::views::Named;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::change::{ChangeSet, Position};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Resource, RetireCause};
use crate::domain::submission::Step;
use crate::domain::submission::published::{ResourceAction, Turn, state_code, state_label};
use crate::domain::time::{DAY_MS, Timestamp};
use crate::store::PageRequest;
use serde::{Deserialize, Serialize};

/// Resources that one call takes down at most.
const MOST_AT_ONCE: usize = 200;

/// A resource that ends soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ExpiringView {
    /// Resource.
    pub id: String,
    /// Title.
    pub title: String,
    /// Owner.
    pub owner: OrgPath,
    /// Name of the institution.
    pub institution: String,
    /// Where it stands.
    pub state: Named,
    /// It is retired then.
    pub ends: Timestamp,
    /// Why: `expired` or `licence_ended`.
    pub cause: RetireCause,
    /// The same in Chinese.
    pub label: String,
}

/// A page of what ends soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ExpiringPage {
    /// The first to end first.
    pub items: Vec<ExpiringView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// Many resources to take down.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeDown {
    /// `suspend` or `retire`.
    pub action: TakeDownAction,
    /// Why.
    pub reason: String,
    /// The ground of a retirement: `decision`, or `retest` for what does not meet new standards.
    #[serde(default)]
    pub ground: Ground,
    /// Ids of resources, 1 to 200.
    pub ids: Vec<String>,
}

/// How resources are taken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TakeDownAction {
    /// Held back.
    Suspend,
    /// Removed for good; a tombstone stays.
    Retire,
}

/// Grounds that people name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// A decision.
    #[default]
    Decision,
    /// A failed re-test.
    Retest,
}

/// When a resource was taken down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TakenDown {
    /// Where the change stands in the order of all changes.
    pub position: Option<Position>,
}

impl Vetting {
    /// Retires every resource whose own last day or whose licence's has passed; called from time to time by the program. One
    /// change each. Answers how many.
    pub async fn retire_due(&self) -> Result<usize, Problem> {
        let now = self.clock.now();
        let mut retired = 0;
        let mut page = PageRequest::first(100);
        loop {
            let found = self.store.list_by::<Resource>("ends", &Key::default(), page).await?;
            for stored in &found.items {
                match stored.value.ends() {
                    Some((end, cause)) if end <= now => match self.retire_one(stored, cause).await {
                        Ok(taken) => retired += usize::from(taken),
                        // One that cannot be retired must not keep the others.
                        Err(problem) => tracing::warn!(resource = %stored.value.id, %problem, "a resource ended and was not retired"),
                    },
                    _ => return Ok(retired),
                }
            }
            let Some(next) = found.next else { return Ok(retired) };
            page = PageRequest::first(100).after(Some(next));
        }
    }

    /// Whether it was retired; somebody who was faster leaves it to the next look.
    async fn retire_one(&self, old: &Stored<Resource>, cause: RetireCause) -> Result<bool, Problem> {
        let day = match cause {
            RetireCause::LicenceEnded => old.value.metadata.rights.licence_until.as_deref(),
            _ => old.value.metadata.valid_until.as_deref(),
        };
        let reason = format!("至{}止", day.unwrap_or_default());
        let turn = Turn { cause, ..Turn::desk(ResourceAction::Retire, &reason) };
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        self.turn_resource(old, old.value.clone(), turn, &Step::program(self.clock.now()), &mut changes).await?;
        Ok(self.try_commit(changes).await?.is_some())
    }

    /// A page of what ends within the days of the policy: of the own institution for its managers, of their scope for editors,
    /// auditors and administrators.
    pub async fn expiring(&self, actor: &Actor, limit: usize, cursor: Option<String>) -> Result<ExpiringPage, Problem> {
        let roles = [Role::Manager, Role::Editor, Role::Auditor, Role::Administrator];
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        if !actor.has_anywhere(&roles) {
            return Err(Problem::forbidden());
        }
        let days = i64::from(self.rules.policy().after.expiring_days);
        let horizon = self.clock.now().plus_millis(days.saturating_mul(DAY_MS));
        let limit = limit.clamp(1, 100);
        let mut items = Vec::new();
        let mut cursor = cursor;
        loop {
            let request = PageRequest { limit: limit - items.len(), cursor, reverse: false };
            let found = self.store.list_by::<Resource>("ends", &Key::default(), request).await?;
            for resource in found.items.into_iter().map(|stored| stored.value) {
                let Some((ends, cause)) = resource.ends().filter(|end| end.0 <= horizon) else {
                    return Ok(ExpiringPage { items, next: None });
                };
                if actor.has(&roles, &resource.owner) {
                    items.push(expiring(resource, ends, cause));
                }
            }
            cursor = found.next;
            if cursor.is_none() || items.len() >= limit {
                return Ok(ExpiringPage { items, next: cursor });
            }
        }
    }

    /// Suspends or retires many resources, each by itself; an answer for each, in their order.
    ///
    /// # Errors
    /// Forbidden to all but editors and administrators; `ids` for none or too many.
    pub async fn take_down(&self, actor: &Actor, ask: &TakeDown) -> Result<Vec<Answered<TakenDown>>, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        if !actor.has_anywhere(&[Role::Editor, Role::Administrator]) {
            return Err(Problem::forbidden());
        }
        if ask.ids.is_empty() || ask.ids.len() > MOST_AT_ONCE {
            return Err(Problem::field("ids", "ids", "一次处理 1 至 200 件资源。", "1 to 200 resources at a time."));
        }
        let action = match ask.action {
            TakeDownAction::Suspend => ResourceAction::Suspend,
            TakeDownAction::Retire => ResourceAction::Retire,
        };
        let cause = match ask.ground {
            Ground::Decision => RetireCause::Decision,
            Ground::Retest => RetireCause::Retest,
        };
        let mut answers = Vec::with_capacity(ask.ids.len());
        for id in &ask.ids {
            let turn = Turn { cause, ..Turn::desk(action, &ask.reason) };
            let taken = self.turn_by_desk(actor, id, turn, None).await.map(|position| TakenDown { position: Some(position) });
            answers.push(Answered::of(id, taken));
        }
        Ok(answers)
    }
}

fn expiring(resource: Resource, ends: Timestamp, cause: RetireCause) -> ExpiringView {
    ExpiringView {
        title: resource.metadata.title.main().to_owned(),
        state: Named::new(state_code(&resource.state), state_label(&resource.state)),
        id: resource.id,
        owner: resource.owner,
        institution: resource.institution,
        ends,
        cause,
        label: cause.label().0.to_owned(),
    }
}
