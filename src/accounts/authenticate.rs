//! From a secret to an actor, with a small cache that changes empty at once.

use super::{Accounts, grant};
use crate::domain::access::Actor;
use crate::domain::account::{Credential, CredentialKind};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Key;
use crate::domain::time::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Credentials kept in memory.
const CACHED: u64 = 20_000;
/// How long another node's change can go unseen; changes of this node are seen at once.
const CACHED_FOR: Duration = Duration::from_secs(5);

/// Somebody whose secret was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who acts, with what the credential allows.
    pub actor: Actor,
    /// Id of the credential, by which it is revoked.
    pub credential: String,
    /// Token or session.
    pub kind: CredentialKind,
    /// When it ends, where it does.
    pub expires: Option<Timestamp>,
}

/// Known credentials by digest.
pub struct Cache {
    known: moka::sync::Cache<String, Known>,
    generation: AtomicU64,
}

impl Default for Cache {
    fn default() -> Self {
        let known = moka::sync::Cache::builder().max_capacity(CACHED).time_to_live(CACHED_FOR).build();
        Self { known, generation: AtomicU64::new(0) }
    }
}

impl Cache {
    /// Forgets everything; what is being looked up at this moment is not remembered either.
    pub fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate_all();
    }
}

/// SHA-256 of a secret in hex: the only form in which it is kept.
pub fn digest(secret: &str) -> String {
    crate::domain::digest::Digest::from_bytes(&Sha256::digest(secret.as_bytes()).into()).as_str().to_owned()
}

/// A fresh secret of 256 random bits, in base64url behind a prefix that secret scanners can look for.
pub(super) fn fresh_secret(prefix: &str) -> Result<String, Problem> {
    use base64::Engine as _;
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| Problem::internal())?;
    Ok(format!("{prefix}{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)))
}

impl Accounts {
    /// Who carries this secret.
    ///
    /// # Errors
    /// `unauthorized` for an unknown, ended or revoked secret, `locked` for a locked account, `demo-account` for one that
    /// only the demonstration may use.
    pub async fn authenticate(&self, secret: &str, kind: CredentialKind) -> Result<Known, Problem> {
        let digest = digest(secret);
        let known = match self.cache.known.get(&digest) {
            Some(known) => known,
            None => self.load(&digest).await?,
        };
        let ended = known.expires.is_some_and(|end| end <= self.clock.now());
        if ended || known.kind != kind {
            return Err(unknown());
        }
        Ok(known)
    }

    async fn load(&self, digest: &str) -> Result<Known, Problem> {
        let generation = self.cache.generation.load(Ordering::SeqCst);
        let credential = self.store.get::<Credential>(&Key::from(digest)).await?.ok_or_else(unknown)?.value;
        let account = self.lookup(&credential.account).await?.ok_or_else(unknown)?.value;
        self.require_usable(account.locked, account.demo)?;
        let actor = Actor {
            account: Some(account.id),
            name: Some(account.name),
            assignments: grant::in_force(&account.assignments, credential.limit.as_deref()),
            groups: account.groups,
        };
        let known = Known { actor, credential: credential.id, kind: credential.kind, expires: credential.expires };
        self.cache.known.insert(digest.to_owned(), known.clone());
        if self.cache.generation.load(Ordering::SeqCst) != generation {
            self.cache.known.invalidate(digest);
        }
        Ok(known)
    }

    pub(super) fn require_usable(&self, locked: bool, demo: bool) -> Result<(), Problem> {
        if locked {
            let (zh, en) = ("该账户已被锁定，请联系管理员。", "This account is locked; ask an administrator.");
            return Err(Problem::new(ProblemKind::Unauthorized, "locked", zh, en));
        }
        if demo && !self.demo_allowed {
            let (zh, en) = ("演示账户只能在 yuelu demo 中使用。", "Accounts of the demonstration act only under yuelu demo.");
            return Err(Problem::new(ProblemKind::Unauthorized, "demo-account", zh, en));
        }
        Ok(())
    }
}

fn unknown() -> Problem {
    let (zh, en) = ("令牌或会话无效或已过期。", "The token or session is not valid or has ended.");
    Problem::new(ProblemKind::Unauthorized, "unauthorized", zh, en)
}
