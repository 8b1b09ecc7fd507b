//! Webhooks: registered by those who manage an institution, for it and what lies below it.

use super::Notices;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::change::ChangeSet;
use crate::domain::job::{Job, JobState};
use crate::domain::notice::delivery::{Delivery, Target};
use crate::domain::notice::webhook::{Webhook, events};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::time::Timestamp;
use crate::store::{MAX_PAGE, PageRequest};
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Roles that register webhooks.
const ROLES: [Role; 2] = [Role::Manager, Role::Administrator];
/// Webhooks of one organisation at most (proposed).
const MOST: usize = 20;
/// Before the secret, so that scanners of secrets find it.
const PREFIX: &str = "yuelu_hook_";

/// A webhook that is to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Organisation whose things are told, with all below it.
    pub scope: OrgPath,
    /// Address, HTTPS.
    pub url: String,
    /// Events wanted (`submission.returned`, `resource.suspended`, …); none: all.
    #[serde(default)]
    pub events: BTreeSet<String>,
}

/// What of a webhook is to be: all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    /// Address, HTTPS.
    pub url: String,
    /// Events wanted; none: all.
    #[serde(default)]
    pub events: BTreeSet<String>,
    /// Nothing is sent while it is not.
    pub active: bool,
}

/// A webhook as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WebhookView {
    /// UUIDv7.
    pub id: String,
    /// Organisation.
    pub scope: OrgPath,
    /// Address.
    pub url: String,
    /// Events wanted; none: all.
    pub events: BTreeSet<String>,
    /// Nothing is sent while it is not.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl From<Webhook> for WebhookView {
    fn from(hook: Webhook) -> Self {
        let Webhook { id, scope, url, secret: _, events, active, created } = hook;
        Self { id, scope, url, events, active, created }
    }
}

/// A webhook that was just registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MadeWebhook {
    /// Key of the signatures: shown this once.
    pub secret: String,
    /// The webhook.
    #[serde(flatten)]
    pub webhook: WebhookView,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its first or its next attempt.
    Waiting,
    /// It arrived.
    Delivered,
    /// Given up after too many attempts.
    GivenUp,
}

/// A delivery as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeliveryView {
    /// Id, as in the header `Yuelu-Delivery`.
    pub id: String,
    /// Event; `ping` for a test.
    pub event: String,
    /// Submission, where it is about one.
    pub submission: Option<String>,
    /// Resource.
    pub resource: Option<String>,
    /// When it was asked for.
    pub at: Timestamp,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts begun so far, while it waits or when it was given up.
    pub attempts: u32,
    /// What the last failed attempt met, while it waits or when it was given up.
    pub last_error: Option<String>,
    /// HTTP status of the answer that took it.
    pub status: Option<u16>,
    /// When it arrived.
    pub delivered: Option<Timestamp>,
}

impl Notices {
    /// Registers a webhook.
    ///
    /// # Errors
    /// Forbidden; `bad-url`, `no-such-event`, `too-many-webhooks`.
    pub async fn register_webhook(&self, actor: &Actor, new: NewWebhook) -> Result<MadeWebhook, Problem> {
        if !actor.has(&ROLES, &new.scope) {
            return Err(Problem::forbidden());
        }
        self.check(&new.url, &new.events)?;
        let held = self.store.list_by::<Webhook>("scope", &Key::prefix(&[new.scope.as_str()]), PageRequest::first(MOST)).await?;
        if held.items.len() >= MOST {
            let (zh, en) = ("该机构的回调地址过多，请先删除不用的。", "Too many webhooks; remove some first.");
            return Err(Problem::new(ProblemKind::Conflict, "too-many-webhooks", zh, en));
        }
        let secret = fresh_secret()?;
        let hook = Webhook {
            id: self.clock.fresh_id(),
            scope: new.scope,
            url: new.url,
            secret: secret.clone(),
            events: new.events,
            active: true,
            created: self.clock.now(),
        };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(&hook)?;
        self.store.commit(change).await?;
        Ok(MadeWebhook { secret, webhook: hook.into() })
    }

    /// The webhooks of the organisations that the actor manages.
    ///
    /// # Errors
    /// Forbidden for who manages none.
    pub async fn webhooks(&self, actor: &Actor) -> Result<Vec<WebhookView>, Problem> {
        if !actor.has_anywhere(&ROLES) {
            return Err(Problem::forbidden());
        }
        let all = self.all_hooks().await?;
        Ok(all.into_iter().filter(|hook| actor.has(&ROLES, &hook.scope)).map(WebhookView::from).collect())
    }

    /// One webhook.
    ///
    /// # Errors
    /// Not found, also for who does not manage its organisation.
    pub async fn webhook(&self, actor: &Actor, id: &str) -> Result<WebhookView, Problem> {
        self.managed(actor, id).await.map(|hook| hook.value.into())
    }

    /// Changes a webhook; its secret stays.
    ///
    /// # Errors
    /// Not found; `bad-url`, `no-such-event`.
    pub async fn change_webhook(&self, actor: &Actor, id: &str, wanted: WebhookChange) -> Result<WebhookView, Problem> {
        let old = self.managed(actor, id).await?;
        self.check(&wanted.url, &wanted.events)?;
        let WebhookChange { url, events, active } = wanted;
        let hook = Webhook { url, events, active, ..old.value.clone() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(&old, &hook)?;
        self.store.commit(change).await?;
        Ok(hook.into())
    }

    /// Removes a webhook. What was still to be sent to it is not sent.
    ///
    /// # Errors
    /// Not found.
    pub async fn remove_webhook(&self, actor: &Actor, id: &str) -> Result<(), Problem> {
        let old = self.managed(actor, id).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.remove(&old);
        self.store.commit(change).await?;
        Ok(())
    }

    /// Queues a test call.
    ///
    /// # Errors
    /// Not found; `webhook-off` for one that is not active.
    pub async fn ping_webhook(&self, actor: &Actor, id: &str) -> Result<DeliveryView, Problem> {
        let hook = self.managed(actor, id).await?;
        if !hook.value.active {
            let (zh, en) = ("该回调地址已停用。", "This webhook is switched off.");
            return Err(Problem::new(ProblemKind::Conflict, "webhook-off", zh, en));
        }
        let target = Target::Ping { webhook: hook.value.id.clone() };
        let now = self.clock.now();
        let delivery = Delivery::new(self.clock.fresh_id(), target, now);
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.guard(&hook);
        self.queue(&mut change, &delivery, now)?;
        self.store.commit(change).await?;
        self.delivery_view(delivery, None).await
    }

    /// The latest deliveries of a webhook, newest first.
    ///
    /// # Errors
    /// Not found.
    pub async fn webhook_deliveries(&self, actor: &Actor, id: &str, limit: usize) -> Result<Vec<DeliveryView>, Problem> {
        let hook = self.managed(actor, id).await?;
        let key = Delivery::webhook_key(&hook.value);
        let found = self.store.list_by::<Delivery>("webhook", &key, PageRequest::last(limit)).await?;
        let keys: Vec<Key> = found.items.iter().map(|delivery| Key::from(delivery.value.id.as_str())).collect();
        let jobs = self.store.get_many::<Job>(&keys).await?;
        let mut shown = Vec::new();
        for (delivery, job) in found.items.into_iter().zip(jobs) {
            shown.push(self.delivery_view(delivery.value, job.map(|job| job.value)).await?);
        }
        Ok(shown)
    }

    /// All webhooks of the site.
    pub(super) async fn all_hooks(&self) -> Result<Vec<Webhook>, Problem> {
        let mut all = Vec::new();
        let mut page = PageRequest::first(MAX_PAGE);
        loop {
            let found = self.store.list::<Webhook>(&Key::default(), page.clone()).await?;
            all.extend(found.items.into_iter().map(|hook| hook.value));
            let Some(next) = found.next else { return Ok(all) };
            page = page.after(Some(next));
        }
    }

    async fn delivery_view(&self, delivery: Delivery, job: Option<Job>) -> Result<DeliveryView, Problem> {
        let payload = self.payload(&delivery).await?;
        let given_up = job.as_ref().is_some_and(|job| matches!(job.state, JobState::Parked { .. }));
        let state = match delivery.done {
            Some(_) => DeliveryState::Delivered,
            None if given_up => DeliveryState::GivenUp,
            None => DeliveryState::Waiting,
        };
        let Delivery { id, at, done, status, .. } = delivery;
        let (attempts, last_error) = job.map_or((0, None), |job| (job.attempts, job.last_error));
        let (event, submission, resource) =
            payload.map(|payload| (payload.event, payload.submission, payload.resource)).unwrap_or_default();
        Ok(DeliveryView { id, event, submission, resource, at, state, attempts, last_error, status, delivered: done })
    }

    async fn managed(&self, actor: &Actor, id: &str) -> Result<Stored<Webhook>, Problem> {
        let found = if id.contains('\0') { None } else { self.store.get::<Webhook>(&Key::from(id)).await? };
        let managed = found.filter(|hook| actor.has(&ROLES, &hook.value.scope));
        managed.ok_or_else(|| Problem::not_found("回调地址", "webhook"))
    }

    fn check(&self, url: &str, wanted: &BTreeSet<String>) -> Result<(), Problem> {
        if !self.hooks.takes(url) {
            let (zh, en) = ("请给出公网上的 https 地址。", "Give an https address on the public network.");
            return Err(Problem { kind: ProblemKind::Unprocessable, ..Problem::field("bad-url", "url", zh, en) });
        }
        let known = events();
        if let Some(stranger) = wanted.iter().find(|event| !known.contains(*event)) {
            let (zh, en) = (format!("没有“{stranger}”这一事件。"), format!("There is no event {stranger}."));
            return Err(Problem { kind: ProblemKind::Unprocessable, ..Problem::field("no-such-event", "events", zh, en) });
        }
        Ok(())
    }
}

/// 256 random bits in base64url.
fn fresh_secret() -> Result<String, Problem> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no randomness");
        Problem::internal()
    })?;
    Ok(format!("{PREFIX}{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)))
}
