//! Signing in with name and password, and out again.

use super::authenticate::{digest, fresh_secret};
use super::list::AccountView;
use super::{Accounts, Known};
use crate::domain::access::Actor;
use crate::domain::account::{AccountAct, Credential, CredentialKind};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a session lasts, in seconds: a working day.
pub const SECONDS: i64 = 12 * 3_600;
/// Sessions of one account; the oldest ends when another begins.
const MOST: usize = 20;

/// Name and password.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Sign-in name.
    pub name: String,
    /// Password.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SignIn").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A session just begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The secret of the cookie.
    pub secret: String,
    /// Who signed in.
    pub account: AccountView,
    /// When it ends.
    pub expires: Timestamp,
}

impl Accounts {
    /// Begins a session.
    ///
    /// # Errors
    /// `wrong-name-or-password`, never telling which; `locked`, `demo-account`, `busy`.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Begun, Problem> {
        let found = self.by_name(&sign_in.name).await?;
        let phc = found.as_ref().and_then(|account| account.value.password.clone());
        let good = self.passwords.verify(sign_in.password, phc).await?;
        let Some(account) = found.filter(|_| good) else {
            let (zh, en) = ("登录名或密码不正确。", "The name or the password is not right.");
            return Err(Problem::new(ProblemKind::Unauthorized, "wrong-name-or-password", zh, en));
        };
        self.require_usable(account.value.locked, account.value.demo)?;
        let secret = fresh_secret("")?;
        let now = self.clock.now();
        let expires = now.plus_millis(SECONDS * 1_000);
        let id = account.value.id.clone();
        let session = Credential {
            digest: digest(&secret),
            id: self.clock.fresh_id(),
            account: id.clone(),
            label: String::new(),
            kind: CredentialKind::Session,
            limit: None,
            created: now,
            expires: Some(expires),
        };
        let actor = Actor { account: Some(id.clone()), ..Actor::default() };
        let mut change = self.change(&actor, &id, AccountAct::SignedIn, &session.id)?;
        // A password changed or an account locked meanwhile makes this a conflict.
        change.guard(&account);
        change.insert(&session)?;
        let held = self.credentials_of(&id).await?;
        let mut sessions: Vec<_> = held.into_iter().filter(|held| held.value.kind == CredentialKind::Session).collect();
        sessions.sort_by_key(|held| std::cmp::Reverse(held.value.created));
        let outdated = |place: usize, end: Option<Timestamp>| place + 1 >= MOST || end.is_some_and(|end| end <= now);
        for (place, held) in sessions.iter().enumerate() {
            if outdated(place, held.value.expires) {
                change.remove(held);
            }
        }
        self.store.commit(change).await?;
        Ok(Begun { secret, account: account.into(), expires })
    }

    /// Ends the session that the caller came with.
    ///
    /// # Errors
    /// Only the store's; a session that is gone already is no error.
    pub async fn sign_out(&self, known: &Known) -> Result<(), Problem> {
        let own = known.actor.account.clone().unwrap_or_default();
        match self.revoke(&known.actor, &own, &known.credential).await {
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok(()),
            other => other,
        }
    }
}
