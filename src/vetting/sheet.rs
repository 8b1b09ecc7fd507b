//! The sheet of a month: what a reviewer did, for fees. It names no title and nobody: works of blind tracks stand in it, too.

use super::Vetting;
use super::act::unauthorized;
use super::views::Named;
use crate::domain::access::{Actor, Role};
use crate::domain::inspection::FileFacts;
use crate::domain::metadata::FileRole;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::review::figures::OpinionFigures;
use crate::domain::submission::{Round, Submission};
use crate::domain::time::Timestamp;
use crate::store::{MAX_PAGE, PageRequest};
use serde::Serialize;

/// Who may read the sheets of others.
const READERS: [Role; 3] = [Role::Editor, Role::Administrator, Role::Auditor];

/// One opinion given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SheetRow {
    /// Submission.
    pub submission: String,
    /// Round.
    pub round: u32,
    /// Track.
    pub track: Named,
    /// Kind of the work.
    pub kind: Named,
    /// Minutes of the work: its recordings, else what its description says.
    pub minutes: Option<u64>,
    /// Bytes of the work, without evidence.
    pub bytes: u64,
    /// Files of the work, without evidence.
    pub files: usize,
    /// When the opinion was given.
    pub at: Timestamp,
}

/// What a reviewer did in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Sheet {
    /// Account.
    pub account: String,
    /// `YYYY-MM`, in Asia/Shanghai.
    pub month: String,
    /// Opinions given.
    pub count: usize,
    /// Minutes of all works together, where they are known.
    pub minutes: u64,
    /// Opinions in order of time.
    pub rows: Vec<SheetRow>,
}

impl Vetting {
    /// The sheet of a month: one's own, or of opinions on works that the actor's desk oversees.
    ///
    /// # Errors
    /// `month` for what is no month; forbidden to who is neither reviewer nor desk; not found for a reviewer there is not.
    pub async fn sheet(&self, actor: &Actor, month: &str, account: Option<&str>) -> Result<Sheet, Problem> {
        let own = actor.account.clone().ok_or_else(unauthorized)?;
        if Timestamp::parse(&format!("{month}-01T00:00:00Z")).is_none() || month.len() != 7 {
            return Err(Problem::field("month", "month", "月份应为 YYYY-MM。", "A month is written YYYY-MM."));
        }
        let overseen = account.is_some();
        if !actor.has_anywhere(if overseen { &READERS } else { &[Role::Reviewer] }) {
            return Err(Problem::forbidden());
        }
        let missing = || Problem::not_found("专家", "reviewer");
        let account = match account {
            Some(account) => self.account(account).await?.map(|found| found.id).ok_or_else(missing)?,
            None => own,
        };
        let mut rows = Vec::new();
        let mut page = PageRequest::first(MAX_PAGE);
        loop {
            let given = OpinionFigures::reviewer_key(&account, Some(month));
            let found = self.store.list_by::<OpinionFigures>("reviewer", &given, page.clone()).await?;
            for opinion in found.items.into_iter().map(|stored| stored.value) {
                rows.extend(self.sheet_row(actor, overseen, &opinion).await?);
            }
            let Some(next) = found.next else { break };
            page = page.after(Some(next));
        }
        // Whom the desk has nothing to do with is not there for it.
        if overseen && rows.is_empty() && !self.is_reviewer_of(actor, &account).await? {
            return Err(missing());
        }
        let minutes = rows.iter().filter_map(|row| row.minutes).sum();
        Ok(Sheet { account, month: month.to_owned(), count: rows.len(), minutes, rows })
    }

    /// A row, where it is one's own or the actor oversees the work.
    async fn sheet_row(&self, actor: &Actor, overseen: bool, opinion: &OpinionFigures) -> Result<Option<SheetRow>, Problem> {
        if overseen && !actor.has(&READERS, &opinion.owner) {
            return Ok(None);
        }
        let Some(now) = self.store.get::<Submission>(&Key::from(opinion.submission.as_str())).await? else { return Ok(None) };
        let round = Key::of(&[&opinion.submission, &format!("{:06}", opinion.round)]);
        let judged = match self.store.get::<Round>(&round).await? {
            Some(round) if opinion.round < now.value.round => round.value.submission,
            _ => now.value,
        };
        let work: Vec<_> = judged.files.iter().filter(|file| file.entry.role != FileRole::Evidence).collect();
        let played: u64 = work.iter().filter_map(|file| file.facts.as_ref()).map(duration_ms).sum();
        let minutes = Some(played.div_ceil(60_000)).filter(|minutes| *minutes > 0).or(judged.metadata.minutes.map(u64::from));
        let track = self.rules.policy().track(&judged.track);
        Ok(Some(SheetRow {
            submission: opinion.submission.clone(),
            round: opinion.round,
            track: track.map_or_else(|| Named::new(&judged.track, &judged.track), |track| Named::new(&track.code, &track.label)),
            kind: Named::new(judged.metadata.kind.code(), judged.metadata.kind.label()),
            minutes,
            bytes: work.iter().map(|file| file.size).sum(),
            files: work.len(),
            at: opinion.at,
        }))
    }
}

impl Sheet {
    /// The sheet as CSV with a byte order mark, as spreadsheets read it. All cells are codes, labels of ours and numbers.
    pub fn csv(&self) -> String {
        let mut text = "\u{feff}提交编号,轮次,通道,类型,时长（分钟）,大小（字节）,文件数,提交意见时间\r\n".to_owned();
        for row in &self.rows {
            let minutes = row.minutes.map_or_else(String::new, |minutes| minutes.to_string());
            let cells = [
                row.submission.clone(),
                row.round.to_string(),
                row.track.label.replace([',', '"', '\r', '\n'], " "),
                row.kind.label.clone(),
                minutes,
                row.bytes.to_string(),
                row.files.to_string(),
                row.at.to_string(),
            ];
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        text
    }
}

fn duration_ms(facts: &FileFacts) -> u64 {
    let video = facts.video.as_ref().map(|video| video.duration_ms);
    video.or(facts.audio.as_ref().map(|audio| audio.duration_ms)).unwrap_or_default()
}
