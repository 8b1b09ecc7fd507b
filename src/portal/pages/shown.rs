//! Parts of a submission as several pages show them.

use crate::domain::finding::Finding;
use crate::domain::inspection::Locator;
use crate::domain::ledger;
use crate::domain::problem::Problem;
use crate::domain::submission::table::StateCode;
use crate::portal::frame::Person;
use crate::portal::{Labels, Rooms, address, place, words};
use crate::vetting::show::ListSubmissions;
use crate::vetting::views::{CommentView, SubmissionLine};

/// Submissions of a list of what waits.
const WAITING: usize = 100;

/// A line of a list of submissions.
pub struct Line {
    pub id: String,
    /// Version that was read, for decisions.
    pub version: String,
    pub address: String,
    pub title: String,
    /// Kind, category, institution, round.
    pub about: String,
    pub state: String,
    /// Where a term ends that runs in this state; empty where none does.
    pub until: String,
    pub must: usize,
    pub should: usize,
    pub updated: String,
}

impl Line {
    pub fn new(labels: &Labels, line: SubmissionLine) -> Self {
        let round = (line.round > 1).then(|| format!("第 {} 轮", line.round));
        let category = labels.of("categories", &line.category).to_owned();
        let parts = [Some(line.kind.label), Some(category), Some(line.institution), round];
        Self {
            address: address::submission(&line.id),
            version: line.version.to_string(),
            id: line.id,
            title: line.title,
            about: parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
            until: line.state.until.map(words::until).unwrap_or_default(),
            state: line.state.label,
            must: line.must,
            should: line.should,
            updated: words::at(line.updated),
        }
    }
}

/// What waits in a state and is for this person to see.
pub async fn lines(rooms: &Rooms, person: &Person, state: StateCode) -> Result<Vec<Line>, Problem> {
    let ask = ListSubmissions { state: Some(state), limit: Some(WAITING), ..ListSubmissions::default() };
    let found = rooms.vetting.list(&person.actor, &ask).await?.items;
    Ok(found.into_iter().map(|line| Line::new(&rooms.labels, line)).collect())
}

/// What a check found.
pub struct FindingShown {
    pub severity: &'static str,
    pub message: String,
    /// File, place, field and row.
    pub place: String,
    pub measured: String,
    pub rule: String,
    pub waived: bool,
}

impl FindingShown {
    pub fn new(finding: &Finding) -> Self {
        let field = finding.field.as_deref().map(|name| format!("著录项“{}”", words::field(name)));
        let row = finding.row.map(|row| format!("第 {row} 行"));
        let locator = finding.locator.as_ref().map(Locator::label).filter(|label| !label.is_empty());
        Self {
            severity: words::severity(finding.severity),
            message: finding.message.clone(),
            place: [finding.file.clone(), locator, field, row].into_iter().flatten().collect::<Vec<_>>().join(" · "),
            measured: finding.measured.clone().unwrap_or_default(),
            rule: finding.rule.clone(),
            waived: finding.waived,
        }
    }
}

/// A comment.
pub struct CommentShown {
    /// Its number among all of the submission that the reader sees.
    pub number: usize,
    pub id: String,
    pub who: &'static str,
    pub own: bool,
    /// Whether its author has recognised a blind work, for the desk.
    pub recognised: bool,
    pub internal: bool,
    pub at: String,
    pub round: u32,
    pub text: String,
    pub place: String,
    /// The page that shows the place; empty where it is about the whole.
    pub address: String,
    /// When it was marked as done; empty where it was not.
    pub resolved: String,
    pub may_resolve: bool,
    pub file: Option<String>,
    pub frame: Option<place::Frame>,
    /// Seconds into the recording, for the player.
    pub second: Option<u64>,
}

/// All comments, numbered. `resolves`: whether the reader may mark those of others.
pub fn comments(submission: &str, comments: Vec<CommentView>, resolves: bool) -> Vec<CommentShown> {
    comments.into_iter().zip(1..).map(|(comment, number)| shown(submission, comment, number, resolves)).collect()
}

fn shown(submission: &str, comment: CommentView, number: usize, resolves: bool) -> CommentShown {
    let second = match &comment.locator {
        Some(Locator::Second { start_ms }) => Some(start_ms / 1_000),
        _ => None,
    };
    CommentShown {
        place: place::told(&comment),
        address: comment.file.as_deref().map(|file| leads_to(submission, file, comment.locator.as_ref())).unwrap_or_default(),
        frame: place::frame(number, comment.locator.as_ref()),
        who: ledger::capacity(&comment.party),
        internal: comment.audience == crate::domain::review::Audience::Internal,
        at: words::at(comment.at),
        resolved: comment.resolved.map(words::at).unwrap_or_default(),
        may_resolve: comment.own || resolves,
        own: comment.own,
        recognised: comment.recognised,
        round: comment.round,
        id: comment.id,
        text: comment.text,
        file: comment.file,
        number,
        second,
    }
}

fn leads_to(submission: &str, file: &str, locator: Option<&Locator>) -> String {
    let page = address::look(submission, file);
    match locator {
        Some(Locator::Page { page: number } | Locator::Slide { slide: number }) => format!("{page}?page={number}#text"),
        Some(Locator::Second { start_ms }) => format!("{page}?t={}#player", start_ms / 1_000),
        _ => page,
    }
}
