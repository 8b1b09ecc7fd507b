//! The institution's approval of a batch: the sheet to print, the stamped pledge that comes back, and what it lets pass.

use super::Vetting;
use super::act::{Written, placed, unauthorized};
use crate::blob::OpenFile;
use crate::domain::access::{Actor, Role};
use crate::domain::blob_ref::{self, BlobClaim};
use crate::domain::change::ChangeSet;
use crate::domain::deposit::{Deposit, DepositState, PLEDGE_TEXT, PLEDGE_VERSION};
use crate::domain::digest::Digest;
use crate::domain::job::{Job, JobKind, NewJob};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::stamped_pledge::{SelfReviewItem, StampedPledge, list_code};
use crate::domain::submission::table::{Party, StateCode};
use crate::domain::submission::{Moved, Step, Submission};
use crate::store::PageRequest;
use bytes::Bytes;
use futures::{FutureExt, Stream, StreamExt, TryStreamExt};
use serde::Serialize;

/// What a scan may be: media type and the bytes it begins with.
const SCANS: [(&str, &[u8]); 3] = [("application/pdf", b"%PDF-"), ("image/jpeg", &[0xff, 0xd8, 0xff]), ("image/png", b"\x89PNG")];
/// Bytes of the longest mark of [`SCANS`].
const HEAD: usize = 5;
/// Submissions approved at once: their commits share a sync.
const AT_ONCE: usize = 32;
/// How often an approval is tried again when another step came between.
const TRIES: usize = 5;

/// A line of the list that is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ListedWork {
    /// Submission.
    pub submission: String,
    /// The institution's own number.
    pub source_id: Option<String>,
    /// Title.
    pub title: String,
    /// Chinese name of its kind.
    pub kind: String,
    /// Notices of the machine checks that need no change.
    pub should: usize,
}

/// What of a deposit waits for its institution's approval, to be printed, signed, stamped and sent back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PledgeSheet {
    /// Deposit.
    pub deposit: String,
    /// Institution.
    pub institution: String,
    /// Day of the deposit in Shanghai, `YYYY-MM-DD`.
    pub deposited: String,
    /// Version of the pledge's wording.
    pub text_version: String,
    /// The pledge.
    pub text: String,
    /// The self-review form; each code is confirmed with the stamped pledge.
    pub self_review: Vec<SelfReviewItem>,
    /// Works still being checked: nothing can be approved before they are.
    pub checking: usize,
    /// Code of the list below; it is named when the stamped pledge is sent back.
    pub list: String,
    /// What waits for approval.
    pub works: Vec<ListedWork>,
    /// Stamped pledges so far.
    pub stamped: Vec<StampedPledge>,
}

/// What comes with the scan of a stamped pledge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Code of the list that was signed.
    pub list: String,
    /// Codes of the self-review form that were confirmed.
    pub confirmed: Vec<String>,
    /// Most bytes of the scan.
    pub most_bytes: u64,
}

impl Vetting {
    /// What of a deposit waits for approval. For all who may see the deposit.
    ///
    /// # Errors
    /// Not found, also for who may not see it.
    pub async fn pledge_sheet(&self, actor: &Actor, deposit: &str) -> Result<PledgeSheet, Problem> {
        let deposit = self.deposit_for(actor, deposit).await?;
        let submissions = self.submissions_of(&deposit.id).await?;
        let waiting = waiting(&submissions);
        let page = self.store.list_by("deposit", &StampedPledge::deposit_key(&deposit.id), PageRequest::last(100)).await?;
        Ok(PledgeSheet {
            deposited: deposit.at.shanghai_date(),
            institution: deposit.institution,
            text_version: PLEDGE_VERSION.to_owned(),
            text: PLEDGE_TEXT.to_owned(),
            self_review: self.rules.policy().self_review.clone(),
            checking: submissions.iter().filter(|one| is_checking(&one.value)).count(),
            list: list_code(waiting.iter().copied()),
            works: waiting.iter().copied().map(listed).collect(),
            stamped: page.items.into_iter().map(|stored: Stored<StampedPledge>| stored.value).collect(),
            deposit: deposit.id,
        })
    }

    /// Takes the scan of a stamped pledge; every work on its list is approved soon after.
    ///
    /// # Errors
    /// `forbidden` for who is no manager of the institution; `recused` for who made the deposit; `checks-running` and
    /// `nothing-to-approve` (409); `list-changed` (412); `self-review` naming what was not confirmed; `scan-type` and `too-large`.
    pub async fn stamp<S>(&self, actor: &Actor, deposit: &str, stamp: Stamp, scan: S) -> Result<StampedPledge, Problem>
    where
        S: Stream<Item = Result<Bytes, Problem>> + Send,
    {
        let by = actor.account.clone().ok_or_else(unauthorized)?;
        let deposit = self.deposit_for(actor, deposit).await?;
        if !actor.has(&[Role::Manager], &deposit.owner) {
            return Err(Problem::forbidden());
        }
        if by == deposit.by {
            let (zh, en) = ("机构审核应由提交人以外的人员进行。", "The institution's approval is given by a second person.");
            return Err(Problem::new(ProblemKind::Forbidden, "recused", zh, en));
        }
        self.check_confirmed(&stamp.confirmed)?;
        let submissions = self.submissions_of(&deposit.id).await?;
        let waiting = waiting(&submissions);
        check_list(&deposit, &submissions, &waiting, &stamp.list)?;
        if waiting.iter().any(|one| one.is_author(&by)) {
            let (zh, en) =
                ("清单中有您提交或修改过的资源，应由其他人员审核。", "The list holds work of your own; somebody else approves it.");
            return Err(Problem::new(ProblemKind::Forbidden, "recused", zh, en));
        }
        let (scan, size, media_type) = self.take_scan(scan, stamp.most_bytes).await?;
        let pledge = StampedPledge {
            id: self.clock.fresh_id(),
            deposit: deposit.id,
            list: stamp.list,
            submissions: waiting.iter().map(|one| one.id.clone()).collect(),
            text_version: PLEDGE_VERSION.to_owned(),
            confirmed: stamp.confirmed,
            scan,
            media_type: media_type.to_owned(),
            size,
            by,
            at: self.clock.now(),
        };
        self.keep(&pledge).await?;
        Ok(pledge)
    }

    /// The scan of a stamped pledge, for who may see the deposit.
    ///
    /// # Errors
    /// Not found, also for who may not see it.
    pub async fn stamped_scan(&self, actor: &Actor, deposit: &str, pledge: &str) -> Result<OpenFile, Problem> {
        let deposit = self.deposit_for(actor, deposit).await?;
        let missing = || Problem::not_found("承诺书", "stamped pledge");
        let found = if pledge.contains('\0') { None } else { self.store.get::<StampedPledge>(&Key::from(pledge)).await? };
        let pledge = found.map(|stored| stored.value).filter(|pledge| pledge.deposit == deposit.id).ok_or_else(missing)?;
        let end = pledge.media_type.rsplit('/').next().unwrap_or_default();
        let name = format!("承诺书-{}.{end}", pledge.list);
        Ok(self.blobs.open_file(&pledge.scan, &name, pledge.media_type).await?)
    }

    /// Does a [`JobKind::Approve`] job: every work on the pledge's list that still waits is approved, each in a change of its own.
    pub async fn approve_listed(&self, job: &Job) -> Result<ChangeSet, Problem> {
        let done = ChangeSet::new(self.clock.fresh_id());
        let Some(pledge) = self.store.get::<StampedPledge>(&Key::from(job.subject.as_str())).await? else { return Ok(done) };
        let pledge = &pledge.value;
        let approvals: Vec<_> = pledge.submissions.iter().map(|id| self.approve_one(pledge, id).boxed()).collect();
        let approved: Vec<bool> = futures::stream::iter(approvals).buffer_unordered(AT_ONCE).try_collect().await?;
        tracing::info!(deposit = pledge.deposit, approved = approved.iter().filter(|done| **done).count(), "a batch was approved");
        Ok(done)
    }

    /// Whether it was approved now; what no longer waits is left as it is.
    async fn approve_one(&self, pledge: &StampedPledge, id: &str) -> Result<bool, Problem> {
        for _ in 0..TRIES {
            let old = self.load(id).await?;
            if old.value.state.code() != StateCode::Approval || old.value.deposit != pledge.deposit {
                return Ok(false);
            }
            let at = self.clock.now();
            let step = Step::person(&pledge.by, Party::Role(Role::Manager), at);
            let approved: Moved = match old.value.clone().approve(&pledge.id, &step) {
                Ok(approved) => approved,
                Err(problem) => {
                    // One that may not be approved must not keep the others waiting.
                    tracing::warn!(submission = id, %problem, "a listed work was not approved");
                    return Ok(false);
                }
            };
            let moved = self.rules.after_checks(approved.clone(), at).unwrap_or_else(|problem| {
                // The approval stands all the same: the desk hands it on.
                tracing::warn!(submission = id, %problem, "an approved work waits at the desk");
                approved
            });
            match self.write(&old, &moved, ChangeSet::new(self.clock.fresh_id()), at).await {
                Ok(_) => return Ok(true),
                Err(Written::Conflict) => {}
                Err(Written::Problem(problem)) => return Err(problem),
            }
        }
        let problem =
            Problem::new(ProblemKind::Conflict, "conflict", "该提交正被他人处理。", "Somebody else is acting on this submission.");
        Err(placed(problem, &self.load(id).await?))
    }

    async fn deposit_for(&self, actor: &Actor, id: &str) -> Result<Deposit, Problem> {
        let found = if id.contains('\0') { None } else { self.store.get::<Deposit>(&Key::from(id)).await? };
        let seen = found.map(|stored| stored.value).filter(|deposit| deposit.is_seen_by(actor));
        seen.ok_or_else(|| Problem::not_found("提交", "deposit"))
    }

    async fn submissions_of(&self, deposit: &str) -> Result<Vec<Stored<Submission>>, Problem> {
        let mut all = Vec::new();
        let mut page = PageRequest::first(500);
        loop {
            let found = self.store.list_by::<Submission>("deposit", &Submission::deposit_key(deposit), page).await?;
            all.extend(found.items);
            let Some(next) = found.next else { return Ok(all) };
            page = PageRequest::first(500).after(Some(next));
        }
    }

    fn check_confirmed(&self, confirmed: &[String]) -> Result<(), Problem> {
        let form = &self.rules.policy().self_review;
        if let Some(code) = confirmed.iter().find(|code| !form.iter().any(|item| item.code == **code)) {
            let zh = format!("自审表中没有“{code}”这一项。");
            return Err(Problem::field("self-review", "confirmed", zh, format!("The self-review form has no item {code}.")));
        }
        let open: Vec<&SelfReviewItem> = form.iter().filter(|item| !confirmed.contains(&item.code)).collect();
        if open.is_empty() {
            return Ok(());
        }
        let labels: Vec<&str> = open.iter().map(|item| item.label.as_str()).collect();
        let codes: Vec<&str> = open.iter().map(|item| item.code.as_str()).collect();
        let zh = format!("自审表尚未确认：{}。", labels.join("、"));
        Err(Problem::field("self-review", "confirmed", zh, format!("Not confirmed on the self-review form: {}.", codes.join(", "))))
    }

    async fn take_scan<S>(&self, scan: S, most: u64) -> Result<(Digest, u64, &'static str), Problem>
    where
        S: Stream<Item = Result<Bytes, Problem>> + Send,
    {
        let mut scan = std::pin::pin!(scan);
        let mut writer = self.blobs.writer();
        let mut head: Vec<u8> = Vec::new();
        while let Some(chunk) = scan.next().await {
            let chunk = chunk?;
            head.extend(chunk.iter().take(HEAD.saturating_sub(head.len())));
            writer.write(&chunk).await?;
            if writer.length() > most {
                let zh = format!("扫描件超过 {most} 字节的上限。");
                return Err(Problem::new(ProblemKind::TooLarge, "too-large", zh, format!("The scan is larger than {most} bytes.")));
            }
        }
        let Some((media_type, _)) = SCANS.into_iter().find(|(_, mark)| head.starts_with(mark)) else {
            let (zh, en) = ("盖章承诺书的扫描件应为 PDF、JPEG 或 PNG。", "The scan of a stamped pledge is a PDF, JPEG or PNG file.");
            return Err(Problem::new(ProblemKind::Unsupported, "scan-type", zh, en));
        };
        let (digest, size) = writer.finish().await?;
        Ok((digest, size, media_type))
    }

    async fn keep(&self, pledge: &StampedPledge) -> Result<(), Problem> {
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        changes.insert(pledge)?;
        let claim = self.store.get::<BlobClaim>(&BlobClaim::key_of(&pledge.scan)).await?;
        blob_ref::refer(&mut changes, claim.as_ref(), &pledge.scan, &blob_ref::owner::<StampedPledge>(&pledge.id)).map_err(going)?;
        let (id, now) = (self.clock.fresh_id(), self.clock.now());
        changes.queue(NewJob { id, kind: JobKind::Approve, subject: pledge.id.clone(), due: now }, now)?;
        self.store.commit(changes).await?;
        Ok(())
    }
}

fn going(error: blob_ref::RefError) -> Problem {
    match error {
        blob_ref::RefError::Going(_) => {
            Problem::new(ProblemKind::Unavailable, "bytes-going", "文件正在整理，请稍后再试。", "The bytes are being tidied; try again.")
        }
        blob_ref::RefError::Record(error) => error.into(),
    }
}

fn waiting(submissions: &[Stored<Submission>]) -> Vec<&Submission> {
    submissions.iter().map(|one| &one.value).filter(|one| one.state.code() == StateCode::Approval).collect()
}

fn is_checking(submission: &Submission) -> bool {
    matches!(submission.state.code(), StateCode::Submitted | StateCode::Checking)
}

/// What is signed must be what is there.
fn check_list(deposit: &Deposit, all: &[Stored<Submission>], waiting: &[&Submission], list: &str) -> Result<(), Problem> {
    let conflict = |code, zh: &str, en: &str| Err(Problem::new(ProblemKind::Conflict, code, zh, en));
    if deposit.state == DepositState::Received || all.iter().any(|one| is_checking(&one.value)) {
        return conflict("checks-running", "本批资源仍在检测，请待检测结束后再审核。", "Works of this deposit are still being checked.");
    }
    if waiting.is_empty() {
        return conflict("nothing-to-approve", "本批没有待机构审核的资源。", "Nothing of this deposit waits for approval.");
    }
    if list_code(waiting.iter().copied()) != list {
        let zh = "待审清单已有变化，请重新打印承诺书并盖章。";
        return Err(Problem::new(ProblemKind::Precondition, "list-changed", zh, "The list has changed since; print and sign it anew."));
    }
    Ok(())
}

fn listed(submission: &Submission) -> ListedWork {
    use crate::domain::finding::Severity;
    ListedWork {
        submission: submission.id.clone(),
        source_id: submission.metadata.source_id.clone(),
        title: submission.metadata.title.main().to_owned(),
        kind: submission.metadata.kind.label().to_owned(),
        should: submission.findings.iter().filter(|finding| finding.severity == Severity::Should).count(),
    }
}
