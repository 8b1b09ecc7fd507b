//! `/submissions/{id}/look/{path}`: one file of a submission in place, the text found in it, and comments at places of it.

use super::described::{self, FileShown, Look};
use super::shown::{self, CommentShown};
use crate::domain::access::Role;
use crate::domain::inspection::{ExtractedText, Locator, TextPart};
use crate::domain::problem::{Problem, ProblemKind};
use crate::edge::params::{Path, Query};
use crate::portal::faults::Faults;
use crate::portal::form::Form;
use crate::portal::frame::{Frame, Person, shown};
use crate::portal::{Rooms, address};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

/// Characters of text that one page shows, whole parts of it.
const SHEET: usize = 4_000;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/submissions/{id}/look/{*path}", get(read))
}

/// Where in the file one wants to be.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct At {
    /// Second of a recording.
    t: Option<u64>,
    /// Page or slide.
    page: Option<u32>,
    /// Sheet of the text, 1 is the first.
    sheet: Option<usize>,
}

#[derive(Template)]
#[template(path = "look.html")]
pub(super) struct LookPage {
    frame: Frame,
    faults: Faults,
    written: Form,
    id: String,
    submission: String,
    file: FileShown,
    /// This page without a question.
    here: String,
    bytes: String,
    /// The bytes from the second on that was asked for.
    played: String,
    look: Look,
    text: Option<Sheet>,
    comments: Vec<CommentShown>,
    page: String,
    time: String,
    submits: bool,
}

/// A part of the text found in a file.
struct Sheet {
    number: usize,
    of: usize,
    parts: Vec<Part>,
}

/// A page, slide, chapter or cue.
struct Part {
    place: String,
    page: Option<u32>,
    second: Option<u64>,
    text: String,
}

/// The page of a file, with what somebody wrote and what is wrong with it.
pub(super) async fn page(
    rooms: &Rooms,
    person: &Person,
    (id, path): (&str, &str),
    at: &At,
    written: Form,
    faults: Faults,
) -> Result<LookPage, Problem> {
    let view = rooms.vetting.get(&person.actor, id).await?;
    let file = view.files.iter().find(|file| file.path == path).ok_or_else(|| Problem::not_found("文件", "file"))?;
    let text = match rooms.vetting.text(&person.actor, id, path).await {
        Ok(text) => sheet(&text, at),
        Err(problem) if problem.kind == ProblemKind::NotFound => None,
        Err(problem) => return Err(problem),
    };
    let submits = view.seen_as == "submitter";
    let resolves = submits || person.is(&[Role::Editor, Role::Administrator]);
    let (shown_file, look, bytes) = (described::file(id, file), described::look(file.facts.as_ref()), address::bytes(id, path));
    let mut comments = shown::comments(id, view.comments, resolves);
    comments.retain(|comment| comment.file.as_deref() == Some(path));
    let start = at.t.map(|second| format!("#t={second}")).unwrap_or_default();
    Ok(LookPage {
        frame: person.frame(format!("{path} · {}", view.line.title)),
        submission: view.line.title,
        here: address::look(id, path),
        played: format!("{bytes}{start}"),
        page: at.page.map(|page| page.to_string()).unwrap_or_default(),
        time: at.t.map(|second| format!("{}:{:02}", second / 60, second % 60)).unwrap_or_default(),
        file: shown_file,
        id: id.to_owned(),
        faults,
        written,
        bytes,
        look,
        text,
        comments,
        submits,
    })
}

/// The sheet that was asked for: by its number, or the one that holds a page or a second.
fn sheet(text: &ExtractedText, at: &At) -> Option<Sheet> {
    let mut sheets: Vec<Vec<&TextPart>> = Vec::new();
    let mut filled = SHEET;
    for part in &text.parts {
        let length = part.text.chars().count();
        if filled + length > SHEET || sheets.is_empty() {
            sheets.push(Vec::new());
            filled = 0;
        }
        filled += length;
        sheets.last_mut()?.push(part);
    }
    let holds = |parts: &Vec<&TextPart>| parts.iter().any(|part| at.page.is_some() && number(part) == at.page);
    let asked = at.sheet.unwrap_or_else(|| sheets.iter().position(holds).map_or(1, |place| place + 1));
    let number = asked.clamp(1, sheets.len().max(1));
    let parts = sheets.get(number - 1)?.iter().map(|part| shown_part(part)).collect();
    Some(Sheet { number, of: sheets.len(), parts })
}

fn number(part: &TextPart) -> Option<u32> {
    match part.locator {
        Locator::Page { page } => Some(page),
        Locator::Slide { slide } => Some(slide),
        _ => None,
    }
}

fn shown_part(part: &TextPart) -> Part {
    let second = match part.locator {
        Locator::Second { start_ms } => Some(start_ms / 1_000),
        _ => None,
    };
    Part { place: part.locator.label(), page: number(part), second, text: part.text.clone() }
}

async fn read(
    State(rooms): State<Rooms>,
    person: Person,
    Path((id, path)): Path<(String, String)>,
    Query(at): Query<At>,
) -> Result<Response, Problem> {
    page(&rooms, &person, (&id, &path), &at, Form::default(), Faults::default()).await.map(|page| shown(&page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shown_a_sheet_at_a_time() {
        let part = |page: u32| TextPart { locator: Locator::Page { page }, text: "字".repeat(1_500) };
        let text = ExtractedText { parts: (1..=5).map(part).collect() };
        let shown = |at: At| sheet(&text, &at).map(|sheet| (sheet.number, sheet.of, sheet.parts.len())).unwrap();
        assert_eq!(shown(At::default()), (1, 3, 2));
        assert_eq!(shown(At { page: Some(4), ..At::default() }), (2, 3, 2));
        assert_eq!(shown(At { sheet: Some(99), ..At::default() }), (3, 3, 1));
        assert_eq!(shown(At { sheet: Some(0), ..At::default() }), (1, 3, 2));
        assert!(sheet(&ExtractedText::default(), &At::default()).is_none());
    }
}
