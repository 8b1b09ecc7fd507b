//! `/notices`: everybody's own notices.

use crate::domain::notice::Subject;
use crate::domain::problem::Problem;
use crate::edge::params::{Path, Query};
use crate::notices::inbox::NoticeView;
use crate::portal::form::onward;
use crate::portal::frame::{Frame, Person, shown};
use crate::portal::{Rooms, address, words};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

/// Notices of one page.
const SHOWN: usize = 20;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/notices", get(read)).route("/notices/read", post(read_all)).route("/notices/{notice}/read", post(read_one))
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    frame: Frame,
    notices: Vec<NoticeShown>,
    unread: u32,
    next: String,
}

struct NoticeShown {
    id: String,
    group: &'static str,
    title: String,
    text: String,
    at: String,
    read: bool,
    /// The page of what it is about; empty where there is none.
    address: String,
}

/// Which part of the inbox.
#[derive(Deserialize)]
struct Part {
    cursor: Option<String>,
}

async fn read(State(rooms): State<Rooms>, person: Person, Query(part): Query<Part>) -> Result<Response, Problem> {
    let page = rooms.notices.inbox(&person.actor, false, SHOWN, part.cursor).await?;
    let next = page.next.map(|cursor| format!("/notices?cursor={}", crate::domain::address::escaped(&cursor))).unwrap_or_default();
    let notices = page.items.into_iter().map(notice).collect();
    Ok(shown(&InboxPage { frame: person.frame("通知"), notices, unread: page.unread, next }))
}

fn notice(notice: NoticeView) -> NoticeShown {
    let subject = crate::domain::address::escaped(&notice.subject_id);
    NoticeShown {
        address: match notice.subject {
            Subject::Submission => address::submission(&notice.subject_id),
            Subject::Complaint => format!("/complaints/{subject}"),
            Subject::Objection => format!("/objections/{subject}"),
            Subject::Resource => crate::domain::address::page(&notice.subject_id),
            Subject::SavedSearch => notice.link.clone().unwrap_or_default(),
        },
        group: notice.group.label(),
        at: words::at(notice.at),
        read: notice.read.is_some(),
        id: notice.id,
        title: notice.title,
        text: notice.text,
    }
}

async fn read_one(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    rooms.notices.read(&person.actor, &id).await?;
    Ok(onward("/notices?done=read"))
}

async fn read_all(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    rooms.notices.read_all(&person.actor).await?;
    Ok(onward("/notices?done=read"))
}
