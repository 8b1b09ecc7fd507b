//! What the public asks: objections against what is under notice, complaints about what is published, and what became of them.
//!
//! These pages are for everybody, signed in or not. A code is shown once, on the page that answers the form: by it the matter is
//! followed, and nobody else holds it.

use super::petitions::{Part, Rows, complaint_rows, objection_rows};
use crate::domain::address::escaped;
use crate::domain::petition::complaint::ComplaintKind;
use crate::domain::petition::machine::Coded as _;
use crate::domain::problem::{Problem, ProblemKind};
use crate::edge::params::{Path, Query};
use crate::portal::faults::Faults;
use crate::portal::form::Form;
use crate::portal::frame::{Anybody, Frame, answered, refused, shown};
use crate::portal::{Rooms, words};
use crate::vetting::complaints::FileComplaint;
use crate::vetting::objections::FileObjection;
use crate::vetting::petitions::{Filed, Follow};
use crate::vetting::public_notices::PublicNoticeView;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

/// Works of one page.
const SHOWN: usize = 30;

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/public-notices", get(notices))
        .route("/public-notices/{id}/objection", get(objection).post(object))
        .route("/complaints/new", get(complaint).post(complain))
        .route("/petitions/followed", get(follow).post(followed))
}

#[derive(Template)]
#[template(path = "public_notices.html")]
struct NoticesPage {
    frame: Frame,
    works: Vec<WorkShown>,
    next: String,
}

struct WorkShown {
    id: String,
    title: String,
    about: String,
    until: String,
    objected: bool,
}

#[derive(Template)]
#[template(path = "objection.html")]
struct ObjectionPage {
    frame: Frame,
    faults: Faults,
    written: Form,
    work: WorkShown,
    visitor: bool,
}

#[derive(Template)]
#[template(path = "complaint.html")]
struct ComplaintPage {
    frame: Frame,
    faults: Faults,
    written: Form,
    resource: String,
    title: String,
    institution: String,
    /// The statutory notice; else a complaint of another kind.
    copyright: bool,
    kinds: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "filed.html")]
struct FiledPage {
    frame: Frame,
    state: String,
    code: String,
}

#[derive(Template)]
#[template(path = "followed.html")]
struct FollowedPage {
    frame: Frame,
    faults: Faults,
    rows: Rows,
}

impl ComplaintPage {
    /// The resource as a part of an address.
    fn escaped(&self) -> String {
        escaped(&self.resource)
    }
}

fn work(rooms: &Rooms, notice: PublicNoticeView) -> WorkShown {
    let category = rooms.labels.of("categories", &notice.category).to_owned();
    WorkShown {
        about: [notice.institution, notice.kind.label, category].join(" · "),
        until: words::until(notice.until),
        id: notice.id,
        title: notice.title,
        objected: notice.objected,
    }
}

async fn notices(State(rooms): State<Rooms>, anybody: Anybody, Query(part): Query<Part>) -> Result<Response, Problem> {
    let page = rooms.vetting.notices(&anybody.actor, SHOWN, part.cursor).await?;
    let next = page.next.map(|cursor| format!("/public-notices?cursor={}", escaped(&cursor))).unwrap_or_default();
    let works = page.items.into_iter().map(|notice| work(&rooms, notice)).collect();
    Ok(shown(&NoticesPage { frame: anybody.frame("入库公示"), works, next }))
}

async fn objection_page(rooms: &Rooms, anybody: &Anybody, id: &str, written: Form, faults: Faults) -> Result<ObjectionPage, Problem> {
    let work = work(rooms, rooms.vetting.notice(&anybody.actor, id).await?);
    let visitor = anybody.actor.account.is_none();
    Ok(ObjectionPage { frame: anybody.frame("对公示提出异议"), faults, written, work, visitor })
}

async fn objection(State(rooms): State<Rooms>, anybody: Anybody, Path(id): Path<String>) -> Result<Response, Problem> {
    objection_page(&rooms, &anybody, &id, Form::default(), Faults::default()).await.map(|page| shown(&page))
}

async fn object(State(rooms): State<Rooms>, anybody: Anybody, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let text = |name: &str| form.one(name).to_owned();
    let ask = FileObjection { name: text("name"), contact: text("contact"), text: text("text"), evidence: text("evidence") };
    match rooms.vetting.object(&anybody.actor, &id, &ask).await {
        Ok(filed) => Ok(filed_page(&anybody, filed)),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => {
            let page = objection_page(&rooms, &anybody, &id, form, Faults::of(&problem)).await?;
            Ok(refused(&page, &problem))
        }
    }
}

/// What was made, with the code that is shown this once.
fn filed_page(anybody: &Anybody, filed: Filed) -> Response {
    let page = FiledPage { frame: anybody.frame("已收到"), state: filed.state.label, code: filed.code };
    answered(&page, StatusCode::CREATED)
}

/// About which resource, and whether a copyright notice is to be given.
#[derive(Deserialize)]
struct About {
    resource: Option<String>,
    kind: Option<String>,
}

async fn complaint_page(rooms: &Rooms, anybody: &Anybody, written: Form, faults: Faults) -> Result<ComplaintPage, Problem> {
    let resource = written.one("resource").to_owned();
    let (title, institution) = match resource.as_str() {
        "" => Default::default(),
        id => rooms.vetting.complained_about(&anybody.actor, id).await?,
    };
    let copyright = written.one("kind") == ComplaintKind::Copyright.code();
    let others = ComplaintKind::ALL.iter().filter(|row| row.0 != ComplaintKind::Copyright);
    Ok(ComplaintPage {
        frame: anybody.frame(if copyright { "著作权通知书" } else { "投诉资源" }),
        kinds: others.map(|row| (row.1, row.2)).collect(),
        faults,
        written,
        resource,
        title,
        institution,
        copyright,
    })
}

async fn complaint(State(rooms): State<Rooms>, anybody: Anybody, Query(about): Query<About>) -> Result<Response, Problem> {
    let given = [("resource", about.resource), ("kind", about.kind)];
    let written = Form::of(given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect());
    complaint_page(&rooms, &anybody, written, Faults::default()).await.map(|page| shown(&page))
}

async fn complain(State(rooms): State<Rooms>, anybody: Anybody, form: Form) -> Result<Response, Problem> {
    let text = |name: &str| form.one(name).to_owned();
    let kind = ComplaintKind::ALL.iter().find(|row| row.1 == form.one("kind")).map(|row| row.0);
    let told = match kind {
        None => Err(Problem::field("kind", "kind", "请选择投诉的事项。", "Choose what the complaint is about.")),
        Some(kind) => {
            let ask = FileComplaint {
                resource: text("resource"),
                kind,
                name: text("name"),
                contact: text("contact"),
                address: text("address"),
                work: text("work"),
                proof: text("proof"),
                text: text("text"),
                truthful: form.one("truthful") == "true",
            };
            rooms.vetting.complain(&anybody.actor, &ask).await
        }
    };
    match told {
        Ok(filed) => Ok(filed_page(&anybody, filed)),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => {
            let page = complaint_page(&rooms, &anybody, form, Faults::of(&problem)).await?;
            Ok(refused(&page, &problem))
        }
    }
}

async fn follow(anybody: Anybody) -> Response {
    shown(&FollowedPage { frame: anybody.frame("查询异议与投诉"), faults: Faults::default(), rows: Vec::new() })
}

async fn followed(State(rooms): State<Rooms>, anybody: Anybody, form: Form) -> Result<Response, Problem> {
    let follow = Follow { code: form.one("code").to_owned() };
    let frame = anybody.frame("查询异议与投诉");
    let found = match rooms.vetting.followed_complaint(&follow).await {
        Ok(complaint) => Ok(complaint_rows(&complaint)),
        Err(problem) if problem.kind == ProblemKind::NotFound => {
            rooms.vetting.followed_objection(&follow).await.map(|objection| objection_rows(&objection))
        }
        Err(problem) => Err(problem),
    };
    match found {
        Ok(rows) => Ok(shown(&FollowedPage { frame, faults: Faults::default(), rows })),
        Err(problem) if problem.kind == ProblemKind::NotFound => {
            let mut faults = Faults::default();
            faults.add("code", "没有这个查询码对应的异议或投诉，请核对后重新填写。");
            Ok(refused(&FollowedPage { frame, faults, rows: Vec::new() }, &problem))
        }
        Err(problem) => Err(problem),
    }
}
