//! API tokens: made, listed, revoked. The secret is shown once and kept only as its digest.

use super::authenticate::{digest, fresh_secret};
use super::{Accounts, grant};
use crate::domain::access::{Actor, Assignment};
use crate::domain::account::{AccountAct, Credential, CredentialKind};
use crate::domain::change::ChangeSet;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::time::{DAY_MS, Timestamp};
use crate::store::PageRequest;
use serde::{Deserialize, Serialize};

/// Prefix of tokens, by which secret scanners find leaked ones.
pub const PREFIX: &str = "yuelu_";
/// Most live credentials of one account.
const MOST: usize = 200;

/// What a new token is to be.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, at most 100 characters.
    #[serde(default)]
    pub label: String,
    /// The assignments it is limited to; missing: all that its maker may pass on.
    #[serde(default)]
    pub limit: Option<Vec<Assignment>>,
    /// Days until it ends; missing: never.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    pub days: Option<u32>,
}

/// A credential as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CredentialView {
    /// Id by which it is revoked.
    pub id: String,
    /// Token or session.
    pub kind: CredentialKind,
    /// What it is for.
    pub label: String,
    /// What it is limited to.
    pub limit: Option<Vec<Assignment>>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

impl From<Credential> for CredentialView {
    fn from(credential: Credential) -> Self {
        let Credential { id, kind, label, limit, created, expires, .. } = credential;
        Self { id, kind, label, limit, created, expires }
    }
}

/// A token just made: the only time its secret is seen.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MadeToken {
    /// The secret, for `Authorization: Bearer`.
    pub token: String,
    /// What it is.
    #[serde(flatten)]
    pub credential: CredentialView,
}

impl Accounts {
    /// Makes a token for an account that the actor manages or is.
    ///
    /// # Errors
    /// Not found; forbidden for an account in protocol groups that are not the actor's; `forbidden-limit` for a limit beyond
    /// what account and actor hold; `too-many-tokens`.
    pub async fn make_token(&self, actor: &Actor, id_or_name: &str, new: NewToken) -> Result<MadeToken, Problem> {
        let account = self.managed(actor, id_or_name).await?;
        if new.label.chars().count() > 100 || new.label.contains('\0') || new.days.is_some_and(|days| !(1..=3650).contains(&days)) {
            return Err(Problem::field(
                "bad-token",
                "label",
                "令牌名称或有效期不合要求。",
                "The token's label or lifetime is not well formed.",
            ));
        }
        if !grant::may_act_as(actor, &account.value) {
            return Err(Problem::forbidden());
        }
        let own = actor.account.as_ref() == Some(&account.value.id);
        // Who acts through a limited token cannot make a wider one.
        let narrowed = own && actor.assignments != account.value.assignments;
        let limit = if narrowed { Some(new.limit.unwrap_or_else(|| actor.assignments.clone())) } else { new.limit };
        let within = |wanted: &Assignment| {
            grant::contains(&account.value.assignments, wanted) && (!own || grant::contains(&actor.assignments, wanted))
        };
        if !limit.iter().flatten().all(within) {
            let (zh, en) = ("令牌的范围不能超过账户自身的权限。", "A token cannot hold more than its account.");
            return Err(Problem { kind: ProblemKind::Forbidden, ..Problem::field("forbidden-limit", "limit", zh, en) });
        }
        if self.credentials_of(&account.value.id).await?.len() >= MOST {
            let (zh, en) = ("令牌过多，请先撤销不用的。", "Too many tokens; revoke some first.");
            return Err(Problem::new(ProblemKind::Conflict, "too-many-tokens", zh, en));
        }
        let secret = fresh_secret(PREFIX)?;
        let now = self.clock.now();
        let credential = Credential {
            digest: digest(&secret),
            id: self.clock.fresh_id(),
            account: account.value.id.clone(),
            label: new.label,
            kind: CredentialKind::Token,
            limit,
            created: now,
            expires: new.days.map(|days| now.plus_millis(i64::from(days) * DAY_MS)),
        };
        let mut change = self.change(actor, &account.value.id, AccountAct::TokenMade, &credential.id)?;
        change.guard(&account);
        change.insert(&credential)?;
        self.store.commit(change).await?;
        Ok(MadeToken { token: secret, credential: credential.into() })
    }

    /// The live tokens and sessions of an account, oldest first.
    ///
    /// # Errors
    /// Not found.
    pub async fn tokens(&self, actor: &Actor, id_or_name: &str) -> Result<Vec<CredentialView>, Problem> {
        let account = self.managed(actor, id_or_name).await?;
        let now = self.clock.now();
        let all = self.credentials_of(&account.value.id).await?;
        let live = all.into_iter().filter(|held| held.value.expires.is_none_or(|end| end > now));
        Ok(live.map(|held| held.value.into()).collect())
    }

    /// Revokes a token or session at once.
    ///
    /// # Errors
    /// Not found.
    pub async fn revoke(&self, actor: &Actor, id_or_name: &str, credential: &str) -> Result<(), Problem> {
        let account = self.managed(actor, id_or_name).await?;
        let all = self.credentials_of(&account.value.id).await?;
        let found = all.into_iter().find(|held| held.value.id == credential).ok_or_else(|| Problem::not_found("令牌", "token"))?;
        let mut change = self.change(actor, &account.value.id, AccountAct::CredentialRevoked, credential)?;
        change.remove(&found);
        self.store.commit(change).await?;
        self.cache.forget();
        Ok(())
    }

    pub(super) async fn credentials_of(&self, account: &str) -> Result<Vec<Stored<Credential>>, Problem> {
        let request = PageRequest { limit: 2 * MOST, cursor: None, reverse: false };
        Ok(self.store.list_by::<Credential>("account", &Key::prefix(&[account]), request).await?.items)
    }

    /// Adds the end of all sessions of an account to a change.
    pub(super) async fn end_sessions(&self, account: &str, change: &mut ChangeSet) -> Result<(), Problem> {
        let all = self.credentials_of(account).await?;
        all.iter().filter(|held| held.value.kind == CredentialKind::Session).for_each(|session| {
            change.remove(session);
        });
        Ok(())
    }
}
