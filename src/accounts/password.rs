//! Passwords: argon2id, off the async threads, few at a time.

use crate::domain::problem::{Problem, ProblemKind};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Memory of one hash in KiB, passes and lanes: OWASP's password storage cheat sheet (2025), first argon2id row.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Hashes at once: each takes 19 MiB and a core for some 20 ms.
const AT_ONCE: usize = 2;
/// How long a caller waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// Fewest characters of a password.
const SHORTEST: usize = 10;
/// Most bytes of a password: longer ones only keep the hash busy.
const LONGEST_BYTES: usize = 256;

/// Hashes and verifies.
pub struct Passwords {
    turns: Arc<Semaphore>,
    decoy: Arc<OnceLock<String>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), decoy: Arc::default() }
    }
}

impl Passwords {
    /// The PHC string of a password.
    ///
    /// # Errors
    /// `busy` when too many others wait, internal when the system gives no randomness.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        self.in_turn(move || hash(&password)).await?
    }

    /// Whether the password is the one of `phc`. Without a `phc` (unknown name, account without password) the same work is
    /// done on a decoy, so that the time tells nothing.
    ///
    /// # Errors
    /// As [`Passwords::hash`].
    pub async fn verify(&self, password: String, phc: Option<String>) -> Result<bool, Problem> {
        let decoy = Arc::clone(&self.decoy);
        self.in_turn(move || {
            // Made before looking whether it is needed: the first call pays for it whatever the name was.
            let decoy = match decoy.get() {
                Some(decoy) => decoy,
                None => {
                    let made = hash("no password is this one")?;
                    decoy.get_or_init(|| made)
                }
            };
            let known = phc.is_some();
            let good = matches(&password, phc.as_ref().unwrap_or(decoy));
            Ok(known && good)
        })
        .await?
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            let (zh, en) = ("登录的人较多，请稍后再试。", "Many people are signing in; please try again shortly.");
            return Err(Problem::new(ProblemKind::Unavailable, "busy", zh, en));
        };
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Problem::internal())
    }
}

fn argon2id() -> Result<Argon2<'static>, Problem> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|_| Problem::internal())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, Problem> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|_| Problem::internal())?;
    argon2id()?.hash_password_with_salt(password.as_bytes(), &salt).map(|phc| phc.to_string()).map_err(|_| Problem::internal())
}

fn matches(password: &str, phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|phc| argon2id().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &phc).is_ok()))
}

/// Checks a new password: long enough, not the name, not one character.
///
/// # Errors
/// `weak-password` with the field `password`.
pub fn check(password: &str, name: &str) -> Result<(), Problem> {
    let letters = password.chars().count();
    let distinct = password.chars().collect::<std::collections::BTreeSet<_>>().len();
    let holds_name = super::name::fold(password).contains(&super::name::fold(name));
    if letters >= SHORTEST && password.len() <= LONGEST_BYTES && distinct >= 5 && !holds_name {
        return Ok(());
    }
    let zh = format!("密码至少 {SHORTEST} 个字符、至多 {LONGEST_BYTES} 字节，至少五种不同字符，且不含登录名。");
    let en =
        format!("A password has at least {SHORTEST} characters, at most {LONGEST_BYTES} bytes, five different ones, and not the name.");
    Err(Problem::field("weak-password", "password", zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let passwords = Passwords::default();
        let phc = passwords.hash("一条很长的口令 2026".to_owned()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(passwords.verify("一条很长的口令 2026".to_owned(), Some(phc.clone())).await.unwrap());
        assert!(!passwords.verify("一条很长的口令 2027".to_owned(), Some(phc)).await.unwrap());
        assert!(!passwords.verify("no password is this one".to_owned(), None).await.unwrap());
    }

    #[test]
    fn weak_passwords_are_told() {
        for weak in ["short", "aaaaaaaaaaaaaa", "zhangsan-12345"] {
            assert!(check(weak, "ZhangSan").is_err(), "{weak}");
        }
        assert!(check("湘江北去橘子洲头万山红遍", "ZhangSan").is_ok());
    }
}
