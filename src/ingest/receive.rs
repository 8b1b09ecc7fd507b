//! Receiving a package: bytes first, then the deposit and its job in one change.

use super::Ingest;
use super::fingerprint::digest_of;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::account::Account;
use crate::domain::blob_ref::{self, BlobClaim};
use crate::domain::change::ChangeSet;
use crate::domain::deposit::{Deposit, DepositCounts, DepositKey, DepositState, PLEDGE_VERSION, Pledge};
use crate::domain::digest::Digest;
use crate::domain::job::{JobKind, NewJob};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Key;
use crate::store::StoreError;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest as _, Sha256};

/// Roles that may deposit, in the order in which they are taken to act.
const DEPOSITORS: [Role; 4] = [Role::Contributor, Role::Manager, Role::Editor, Role::Administrator];
/// Longest Idempotency-Key.
const MOST_KEY: usize = 200;
/// How often a commit that missed a guard is tried again.
const ATTEMPTS: u32 = 5;

/// What comes with the bytes of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// Owning organisation; left out, the actor's only scope as a depositor.
    pub owner: Option<OrgPath>,
    /// Name of the institution, where the account does not belong to one.
    pub institution: Option<String>,
    /// Track asked for.
    pub track: Option<String>,
    /// File name, for people.
    pub file_name: Option<String>,
    /// Version of the pledge's wording that the depositor accepted; required.
    pub pledge: Option<String>,
    /// Idempotency-Key, where one was sent.
    pub idempotency_key: Option<String>,
}

impl Ingest {
    /// Receives a package. `true` with a new deposit, `false` with the one that the same Idempotency-Key made before.
    ///
    /// # Errors
    /// `forbidden` without a depositing role over the owner; `pledge-required`; `package-too-large`; `package-not-zip`;
    /// `idempotency-key-reused` when the key came with other content before; those of the stream, of store and blobs.
    pub async fn receive<S>(&self, actor: &Actor, incoming: Incoming, bytes: S) -> Result<(Deposit, bool), Problem>
    where
        S: Stream<Item = Result<Bytes, Problem>> + Send,
    {
        let (account, owner, capacity) = depositor(actor, incoming.owner.as_ref())?;
        check(&incoming)?;
        let institution = self.institution(actor, &account, &owner, &incoming).await?;
        let (package, size) = self.take_in(bytes).await?;
        let mut deposit = Deposit {
            id: self.clock.fresh_id(),
            owner,
            institution,
            by: account.clone(),
            capacity,
            at: self.clock.now(),
            pledge: Pledge { text_version: PLEDGE_VERSION.to_owned(), by: account, at: self.clock.now() },
            track: incoming.track,
            package,
            size,
            file_name: incoming.file_name.map(|name| name.chars().filter(|sign| !sign.is_control()).take(255).collect()),
            manifest: None,
            state: DepositState::Received,
            counts: DepositCounts::default(),
            findings: Vec::new(),
        };
        for attempt in 1.. {
            if let Some(known) = self.known(&deposit, incoming.idempotency_key.as_deref()).await? {
                return Ok((known, false));
            }
            match self.record(&deposit, incoming.idempotency_key.as_deref()).await {
                Err(StoreError::Conflict { .. }) if attempt < ATTEMPTS => deposit.id = self.clock.fresh_id(),
                Err(error) => return Err(error.into()),
                Ok(()) => break,
            }
        }
        tracing::info!(deposit = deposit.id, size, owner = %deposit.owner, "a package was received");
        Ok((deposit, true))
    }

    /// Name of the institution: the account's own, unless an administrator deposits for another.
    async fn institution(&self, actor: &Actor, account: &str, owner: &OrgPath, incoming: &Incoming) -> Result<String, Problem> {
        let named = incoming.institution.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        let own = self.store.get::<Account>(&Key::from(account)).await?.and_then(|stored| stored.value.institution);
        let for_others = actor.has(&[Role::Administrator, Role::Editor], owner);
        let name = if for_others { named.or(own) } else { own.or(named) };
        Ok(name.unwrap_or_else(|| owner.to_string()).chars().take(200).collect())
    }

    async fn take_in<S>(&self, bytes: S) -> Result<(Digest, u64), Problem>
    where
        S: Stream<Item = Result<Bytes, Problem>> + Send,
    {
        let mut bytes = std::pin::pin!(bytes);
        let mut writer = self.blobs.writer();
        let mut head: Vec<u8> = Vec::new();
        while let Some(chunk) = bytes.next().await {
            // Why it ended is the stream's to say: over the limit, or broken off.
            let chunk = chunk.inspect_err(|problem| tracing::info!(%problem, "an upload ended early"))?;
            // What is no ZIP file is refused by its first bytes, before the rest of it was sent.
            if head.len() < 4 {
                head.extend(chunk.iter().take(4 - head.len()));
                if head.len() == 4 && !head.starts_with(b"PK") {
                    return Err(not_zip());
                }
            }
            writer.write(&chunk).await?;
            if writer.length() > self.limits.total {
                return Err(too_large(self.limits.total));
            }
        }
        if head.len() < 4 {
            return Err(not_zip());
        }
        Ok(writer.finish().await?)
    }

    /// The deposit that this key made before, if the request was the same.
    async fn known(&self, deposit: &Deposit, key: Option<&str>) -> Result<Option<Deposit>, Problem> {
        let Some(key) = key else { return Ok(None) };
        let Some(used) = self.store.get::<DepositKey>(&DepositKey::key_of(&deposit.by, key)).await? else { return Ok(None) };
        if used.value.request != request_digest(deposit) {
            return Err(Problem::new(
                ProblemKind::Unprocessable,
                "idempotency-key-reused",
                "该 Idempotency-Key 已用于另一份内容不同的提交，请换一个。",
                "This Idempotency-Key was used for a deposit with other content; use another.",
            ));
        }
        let known = self.store.get::<Deposit>(&Key::from(used.value.deposit.as_str())).await?;
        known.map(|stored| Some(stored.value)).ok_or_else(Problem::internal)
    }

    async fn record(&self, deposit: &Deposit, key: Option<&str>) -> Result<(), StoreError> {
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(deposit)?;
        if let Some(key) = key {
            change.insert(&DepositKey {
                account: deposit.by.clone(),
                key: key.to_owned(),
                deposit: deposit.id.clone(),
                request: request_digest(deposit),
            })?;
        }
        let found = self.store.get::<BlobClaim>(&BlobClaim::key_of(&deposit.package)).await?;
        blob_ref::refer(&mut change, found.as_ref(), &deposit.package, &blob_ref::owner::<Deposit>(&deposit.id)).map_err(refused)?;
        let (id, now) = (self.clock.fresh_id(), self.clock.now());
        change.queue(NewJob { id, kind: JobKind::Unpack, subject: deposit.id.clone(), due: now }, now)?;
        self.store.commit(change).await.map(drop)
    }
}

/// A reference that could not be made: bytes that are being deleted are put again at the next attempt.
pub(super) fn refused(error: blob_ref::RefError) -> StoreError {
    match error {
        blob_ref::RefError::Going(digest) => StoreError::Conflict { table: "blob_claims", key: BlobClaim::key_of(&digest) },
        blob_ref::RefError::Record(error) => error.into(),
    }
}

/// Who deposits, for whom, in what role.
fn depositor(actor: &Actor, owner: Option<&OrgPath>) -> Result<(String, OrgPath, Role), Problem> {
    let account =
        actor.account.clone().ok_or_else(|| Problem::new(ProblemKind::Unauthorized, "sign-in", "请先登录。", "Please sign in first."))?;
    let role_over = |scope: &OrgPath| DEPOSITORS.into_iter().find(|role| actor.has(&[*role], scope));
    if let Some(owner) = owner {
        return role_over(owner).map(|role| (account, owner.clone(), role)).ok_or_else(Problem::forbidden);
    }
    let mut scopes: Vec<&OrgPath> =
        actor.assignments.iter().filter(|held| DEPOSITORS.contains(&held.role)).map(|held| &held.scope).collect();
    scopes.sort();
    scopes.dedup();
    match scopes.as_slice() {
        [] => Err(Problem::forbidden()),
        [only] => role_over(only).map(|role| (account, (*only).clone(), role)).ok_or_else(Problem::forbidden),
        _ => Err(Problem::field(
            "owner-required",
            "owner",
            "您可以为多个机构提交，请用 owner 指明机构路径。",
            "You may deposit for several organisations; name one with `owner`.",
        )),
    }
}

fn check(incoming: &Incoming) -> Result<(), Problem> {
    match incoming.pledge.as_deref() {
        Some(PLEDGE_VERSION) => {}
        Some(_) => {
            return Err(Problem::field(
                "pledge-version",
                "pledge",
                format!("承诺书版本不是现行版本，现行版本为 {PLEDGE_VERSION}。"),
                format!("This is not the version of the pledge in force, which is {PLEDGE_VERSION}."),
            ));
        }
        None => {
            return Err(Problem::field(
                "pledge-required",
                "pledge",
                format!("提交前须完成自审并确认内容安全承诺书（版本 {PLEDGE_VERSION}）。"),
                format!("A deposit needs the self-review and safety pledge (version {PLEDGE_VERSION})."),
            ));
        }
    }
    let good = |key: &str| !key.is_empty() && key.len() <= MOST_KEY && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if incoming.idempotency_key.as_deref().is_some_and(|key| !good(key)) {
        return Err(Problem::field(
            "idempotency-key",
            "Idempotency-Key",
            "Idempotency-Key 应为 1 至 200 个可见 ASCII 字符。",
            "An Idempotency-Key is 1 to 200 visible ASCII characters.",
        ));
    }
    Ok(())
}

/// SHA-256 of everything that makes two requests the same.
fn request_digest(deposit: &Deposit) -> Digest {
    let mut hasher = Sha256::new();
    let track = deposit.track.as_deref().unwrap_or_default();
    for part in [deposit.package.as_str(), deposit.owner.as_str(), track, &deposit.institution] {
        hasher.update(part);
        hasher.update([0]);
    }
    digest_of(hasher)
}

fn not_zip() -> Problem {
    Problem::new(ProblemKind::Unsupported, "package-not-zip", "上传的内容不是 ZIP 压缩包。", "The upload is not a ZIP file.")
}

fn too_large(most: u64) -> Problem {
    Problem::new(
        ProblemKind::TooLarge,
        "package-too-large",
        format!("资源包超过 {most} 字节的上限，请分批提交。"),
        format!("The package is larger than {most} bytes; send it in several parts."),
    )
}
