//! Experts proposed for a submission, ranked with their reasons in numbers; who cannot be asked is told with why.

use super::Vetting;
use super::act::{placed, unauthorized};
use super::panel::{Known, sight};
use super::show::is_desk;
use crate::domain::access::Actor;
use crate::domain::account::{Account, AccountName};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::review::agreement::is_with_others;
use crate::domain::review::expert::{Past, Reasons, rank, reasons};
use crate::domain::review::figures::OpinionFigures;
use crate::domain::reviewer::ReviewerProfile;
use crate::domain::submission::Submission;
use crate::domain::submission::table::StateCode;
use crate::domain::time::{DAY_MS, Timestamp};
use crate::store::{MAX_PAGE, PageRequest};
use serde::Serialize;

/// The last opinions of an expert from which past agreement is told.
const LAST_OPINIONS: usize = 30;

/// An expert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Expert {
    /// Account.
    pub account: String,
    /// Name shown to people.
    pub name: String,
    /// Why.
    pub reasons: Reasons,
    /// Why this expert cannot be invited, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barred: Option<Barred>,
}

/// Why somebody cannot be invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Barred {
    /// Stable code: `recused`, `away`, `full`, `seated`, `stood-down`.
    pub code: String,
    /// A sentence in Chinese.
    pub zh: String,
}

/// Experts for a submission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Experts {
    /// Seats that nobody holds.
    pub free: usize,
    /// Who may be invited, the best first.
    pub experts: Vec<Expert>,
    /// Who may not, and why.
    pub barred: Vec<Expert>,
}

impl Vetting {
    /// Experts proposed for a submission that the actor's desk has to do with.
    ///
    /// # Errors
    /// Not found, also for who may not see it; forbidden to all but the desk.
    pub async fn experts(&self, actor: &Actor, id: &str) -> Result<Experts, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let stored = self.load(id).await?;
        sight(actor, &stored.value).ok_or_else(|| Problem::not_found("提交", "submission"))?;
        if !is_desk(actor, &stored.value.owner) {
            return Err(Problem::forbidden());
        }
        self.proposed(&stored.value).await
    }

    /// Everybody with a profile who may review works of the submission's owner.
    pub(super) async fn proposed(&self, submission: &Submission) -> Result<Experts, Problem> {
        let now = self.clock.now();
        let (mut experts, mut barred) = (Vec::new(), Vec::new());
        let mut page = PageRequest::first(MAX_PAGE);
        loop {
            let found = self.store.list::<ReviewerProfile>(&Key::default(), page.clone()).await?;
            for profile in found.items.into_iter().map(|stored| stored.value) {
                let Some(known) = self.known_reviewer(&profile.account, &submission.owner).await? else { continue };
                let expert = self.expert(submission, &known, &profile, now).await?;
                if expert.barred.is_none() { experts.push(expert) } else { barred.push(expert) }
            }
            let Some(next) = found.next else { break };
            page = page.after(Some(next));
        }
        rank(&mut experts, |expert| (&expert.reasons, &expert.account));
        rank(&mut barred, |expert| (&expert.reasons, &expert.account));
        Ok(Experts { free: submission.free_seats(now), experts, barred })
    }

    async fn expert(&self, submission: &Submission, known: &Known, profile: &ReviewerProfile, now: Timestamp) -> Result<Expert, Problem> {
        let past = self.past(&profile.account, now).await?;
        let barred = match self.bar(submission, known, past.open, now) {
            None if submission.passed_over().contains(profile.account.as_str()) => {
                Some(Barred::new("stood-down", "本轮已谢绝、退还或逾期。"))
            }
            barred => barred,
        };
        let account = self.store.get::<Account>(&Key::from(profile.account.as_str())).await?;
        Ok(Expert {
            account: profile.account.clone(),
            name: account.map_or_else(String::new, |stored| stored.value.display),
            reasons: reasons(&submission.metadata, profile, past, &self.rules.policy().experts),
            barred,
        })
    }

    /// Why somebody cannot be given a seat now, if so.
    pub(super) fn bar(&self, submission: &Submission, known: &Known, open: u32, now: Timestamp) -> Option<Barred> {
        let judge = known.judge();
        if let Err(problem) = submission.check_judge(&judge) {
            return Some(Barred::new("recused", &problem.zh));
        }
        if submission.seat_of(judge.account).is_some_and(|seat| submission.is_taken(seat, now)) {
            return Some(Barred::new("seated", "已在评审名单中。"));
        }
        let profile = known.profile.as_ref()?;
        if profile.is_away(now) {
            return Some(Barred::new("away", "正在请假。"));
        }
        let full = profile.is_full(usize::try_from(open).unwrap_or(usize::MAX));
        full.then(|| Barred::new("full", "在审件数已达本人上限。"))
    }

    /// What an expert did so far.
    async fn past(&self, account: &str, now: Timestamp) -> Result<Past, Problem> {
        let open = u32::try_from(self.open_reviews(account, now).await?).unwrap_or(u32::MAX);
        let last = OpinionFigures::reviewer_key(account, None);
        let last = self.store.list_by::<OpinionFigures>("reviewer", &last, PageRequest::last(LAST_OPINIONS)).await?;
        let mut past = Past { open, ..Past::default() };
        for own in last.items.into_iter().map(|stored| stored.value) {
            let days = (now.millis() - own.at.millis()).max(0) / DAY_MS;
            let days = u32::try_from(days).unwrap_or(u32::MAX);
            past.days_since = Some(past.days_since.map_or(days, |since| since.min(days)));
            let round = OpinionFigures::round_key(&own.submission, own.round);
            let round = self.store.list::<OpinionFigures>(&round, PageRequest::first(MAX_PAGE)).await?;
            let others = round.items.iter().filter(|other| other.value.opinion != own.opinion).map(|other| other.value.verdict);
            let others: Vec<_> = others.collect();
            past.shared += u32::from(!others.is_empty());
            past.with_others += u32::from(!others.is_empty() && is_with_others(own.verdict, &others));
        }
        Ok(past)
    }

    /// Reviews that an account has claimed or is offered, without an opinion yet.
    pub(super) async fn open_reviews(&self, account: &str, now: Timestamp) -> Result<usize, Problem> {
        let mut open = 0;
        let mut page = PageRequest::first(MAX_PAGE);
        loop {
            let found = self.store.list_by::<Submission>("seat", &Submission::seat_key(account), page.clone()).await?;
            open += found.items.iter().filter(|stored| is_open(&stored.value, account, now)).count();
            let Some(next) = found.next else { return Ok(open) };
            page = page.after(Some(next));
        }
    }

    /// Refuses a fresh seat to somebody on leave or with as much work as the person takes.
    pub(super) async fn check_room(&self, known: &Known, submission: &Stored<Submission>) -> Result<(), Problem> {
        let (account, now) = (known.judge().account, self.clock.now());
        if is_open(&submission.value, account, now) || known.profile.is_none() {
            return Ok(());
        }
        let open = u32::try_from(self.open_reviews(account, now).await?).unwrap_or(u32::MAX);
        match self.bar(&submission.value, known, open, now) {
            Some(barred) => Err(placed(barred.problem(), submission)),
            None => Ok(()),
        }
    }

    /// The account of this id or sign-in name.
    pub(super) async fn account(&self, id_or_name: &str) -> Result<Option<Account>, Problem> {
        if id_or_name.contains('\0') {
            return Ok(None);
        }
        if let Some(found) = self.store.get::<Account>(&Key::from(id_or_name)).await? {
            return Ok(Some(found.value));
        }
        let Some(named) = self.store.get::<AccountName>(&Key::from(id_or_name.trim().to_lowercase().as_str())).await? else {
            return Ok(None);
        };
        Ok(self.store.get::<Account>(&Key::from(named.value.account.as_str())).await?.map(|stored| stored.value))
    }
}

impl Barred {
    fn new(code: &str, zh: &str) -> Self {
        Self { code: code.to_owned(), zh: zh.to_owned() }
    }

    pub(super) fn problem(&self) -> Problem {
        let en = "This person cannot be given a seat now: recused, away, at the own limit or seated already.";
        match self.code.as_str() {
            "recused" => Problem::new(ProblemKind::Forbidden, "recused", self.zh.clone(), en),
            _ => Problem::new(ProblemKind::Conflict, "unavailable", self.zh.clone(), en),
        }
    }
}

fn is_open(submission: &Submission, account: &str, now: Timestamp) -> bool {
    let judging = matches!(submission.state.code(), StateCode::Review | StateCode::Panel);
    judging && submission.seat_of(account).is_some_and(|seat| seat.given.is_none() && seat.until > now)
}
