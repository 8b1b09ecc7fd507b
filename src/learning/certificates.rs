//! 学习证明: effective hours put on paper under a number, which anybody can verify by the code.

use super::Learning;
use super::hours::Days;
use crate::domain::access::Actor;
use crate::domain::account::Account;
use crate::domain::change::ChangeSet;
use crate::domain::event::learner_of;
use crate::domain::learner::certificate::{BY_LEARNER, Certificate, CertificateCount, code_of, printed_code, read_code};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::time::Timestamp;
use crate::store::{MAX_PAGE, PageRequest, StoreError};
use serde::{Deserialize, Serialize};

/// Tries for a number while others take theirs.
const TRIES: u32 = 20;
/// Longest name on a certificate, in characters.
const LONGEST_NAME: usize = 64;

/// What is to be certified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateRequest {
    /// First day, `YYYY-MM-DD`; the first of all where it is missing.
    #[serde(default)]
    pub from: Option<String>,
    /// Last day; today where it is missing.
    #[serde(default)]
    pub to: Option<String>,
    /// Name of the learner on the paper; only who certifies for somebody else gives it, an account has its own.
    #[serde(default)]
    pub name: Option<String>,
}

/// A certificate as everybody sees it who has its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CertificateView {
    /// By which it is verified.
    #[schema(examples("7KQM-2FZR-9WAB-C4DE"))]
    pub code: String,
    /// Number.
    #[schema(examples("2026-000012"))]
    pub number: String,
    /// Name of the learner.
    pub name: String,
    /// First day that is counted; missing: from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day that is counted.
    pub to: String,
    /// Effective seconds.
    pub seconds: u64,
    /// Tenths of 学时: 125 is 12.5.
    pub hours_tenths: u32,
    /// Minutes of one 学时.
    pub minutes_per_hour: u32,
    /// Days on which something was learned.
    pub days: u32,
    /// Version of the rule of counting.
    pub rule: String,
    /// When it was issued.
    pub issued: Timestamp,
}

impl From<Certificate> for CertificateView {
    fn from(paper: Certificate) -> Self {
        let Certificate { code, number, name, from, to, seconds, hours_tenths, minutes_per_hour, rule, days, issued, .. } = paper;
        Self { code: printed_code(&code), number, name, from, to, seconds, hours_tenths, minutes_per_hour, days, rule, issued }
    }
}

impl Learning {
    /// Issues a certificate. Asked again with nothing learned since, it answers the one there is.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; `bad-day`, `bad-name`; `no-hours` for less than a tenth of an hour.
    pub async fn certify(&self, actor: &Actor, learner: &str, request: CertificateRequest) -> Result<CertificateView, Problem> {
        let (key, surrogate) = self.own_to_keep(actor, learner)?;
        let now = self.clock.now();
        let to = request.to.unwrap_or_else(|| now.shanghai_date());
        let days = Days { from: request.from, to: Some(to.clone()) };
        days.check()?;
        let name = self.name_on_paper(actor, learner, request.name).await?;
        let hours = self.hours_of(surrogate, &days);
        if hours.hours_tenths == 0 {
            let (zh, en) = ("这段时间还没有可证明的有效学时。", "There are no effective hours in these days.");
            return Err(Problem::new(ProblemKind::Unprocessable, "no-hours", zh, en));
        }
        let paper = Certificate {
            code: fresh_code()?,
            number: String::new(),
            learner: key.clone(),
            name,
            from: days.from,
            to,
            seconds: hours.seconds,
            hours_tenths: hours.hours_tenths,
            minutes_per_hour: hours.rule.minutes_per_hour.value,
            rule: hours.rule.version,
            days: u32::try_from(hours.days.len()).unwrap_or(u32::MAX),
            issued: now,
        };
        let same = |old: &Certificate| {
            let figures =
                |paper: &Certificate| (paper.from.clone(), paper.to.clone(), paper.seconds, paper.rule.clone(), paper.name.clone());
            figures(old) == figures(&paper)
        };
        let held = self.certificates_of(&key).await?;
        match held.into_iter().map(|stored| stored.value).find(same) {
            Some(old) => Ok(old.into()),
            None => self.number(paper).await.map(CertificateView::from),
        }
    }

    /// The certificates of a learner, in the order of their numbers.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner.
    pub async fn certificates(&self, actor: &Actor, learner: &str) -> Result<Vec<CertificateView>, Problem> {
        let (key, _) = self.own(actor, learner)?;
        self.note_access(actor, learner, "certificates").await?;
        Ok(self.certificates_of(&key).await?.into_iter().map(|stored| stored.value.into()).collect())
    }

    /// The certificate of a code, for whoever has it.
    ///
    /// # Errors
    /// 404 for a code that was never given, and for one whose learner had everything deleted.
    pub async fn verify_certificate(&self, code: &str) -> Result<CertificateView, Problem> {
        let unknown = || Problem::not_found("学习证明", "certificate");
        let code = read_code(code).ok_or_else(unknown)?;
        let found = self.store.get::<Certificate>(&Key::from(code.as_str())).await?;
        found.map(|stored| stored.value.into()).ok_or_else(unknown)
    }

    pub(super) async fn certificates_of(&self, key: &str) -> Result<Vec<Stored<Certificate>>, Problem> {
        Ok(self.store.list_by::<Certificate>(BY_LEARNER, &Key::prefix(&[key]), PageRequest::first(MAX_PAGE)).await?.items)
    }

    /// Gives the next number of the year, and keeps the paper under it.
    async fn number(&self, mut paper: Certificate) -> Result<Certificate, Problem> {
        let year: String = paper.issued.shanghai_date().chars().take(4).collect();
        for turn in 0.. {
            let old = self.store.get::<CertificateCount>(&Key::from(year.as_str())).await?;
            let count = old.as_ref().map_or_else(|| CertificateCount { year: year.clone(), last: 1 }, |old| old.value.next());
            paper.number = count.number();
            let mut change = ChangeSet::new(self.clock.fresh_id());
            change.upsert(old.as_ref(), &count)?;
            change.insert(&paper)?;
            match self.store.commit(change).await {
                Err(StoreError::Conflict { .. }) if turn < TRIES => {}
                Err(error) => return Err(error.into()),
                Ok(_) => break,
            }
        }
        Ok(paper)
    }

    pub(super) async fn name_on_paper(&self, actor: &Actor, learner: &str, given: Option<String>) -> Result<String, Problem> {
        let own = learner_of(actor, "me").is_some() && learner_of(actor, learner) == learner_of(actor, "me");
        let wrong = |zh: &str, en: &str| Problem { kind: ProblemKind::Unprocessable, ..Problem::field("bad-name", "name", zh, en) };
        match (own, given, actor.account.as_deref()) {
            (true, None, Some(account)) => {
                let account = self.store.get::<Account>(&Key::from(account)).await?.ok_or_else(Problem::internal)?;
                Ok(account.value.display)
            }
            (true, ..) => Err(wrong("本人的证明用账号姓名，不能另填。", "One's own certificate bears the account's name.")),
            (false, Some(name), _) if !name.trim().is_empty() && name.chars().count() <= LONGEST_NAME => Ok(name.trim().to_owned()),
            (false, ..) => Err(wrong("请填写学习者姓名，1 至 64 个字符。", "Give the learner's name, 1 to 64 characters.")),
        }
    }
}

pub(super) fn fresh_code() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no randomness");
        Problem::internal()
    })?;
    Ok(code_of(bytes))
}
