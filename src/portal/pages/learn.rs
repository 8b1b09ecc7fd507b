//! `/learn`: a learner's own page: where to go on, what to learn next, what was learned, and whose it all is.

use crate::domain::access::{Actor, Role};
use crate::domain::address::{self, escaped};
use crate::domain::event::Standing;
use crate::domain::learner::protection::Treatment;
use crate::domain::problem::Problem;
use crate::learning::certificates::{CertificateRequest, CertificateView};
use crate::learning::personal::Personalisation;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::portal::{Rooms, words};
use crate::recommend::{Circle, Home, Recommendations, RecommendedItem, Wish};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

/// Works of one list.
const SHOWN: usize = 8;
/// Works of each list of recommendations: several lists stand on one page of a phone.
const LISTED: usize = 4;
/// What is typed before everything is deleted.
const CONFIRMED: &str = "删除";

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/learn", get(read))
        .route("/learn/personalisation", post(personalise))
        .route("/learn/certificates", post(certify))
        .route("/learn/forget", post(forget))
}

#[derive(Template)]
#[template(path = "learn.html")]
struct LearnPage {
    frame: Frame,
    faults: Faults,
    lists: Vec<Shelf>,
    favourites: Vec<Work>,
    history: Vec<Work>,
    hours: String,
    certificates: Vec<CertificateView>,
    personalised: bool,
    /// What is special about this account, in a sentence; empty for most.
    notice: &'static str,
}

/// A list of recommendations.
struct Shelf {
    heading: String,
    works: Vec<Work>,
}

struct Work {
    title: String,
    about: String,
    address: String,
}

/// The works of standings that can still be opened, in their order.
async fn works(rooms: &Rooms, actor: &Actor, standings: &[Standing]) -> Vec<Work> {
    let mut found = Vec::new();
    for standing in standings {
        // What was retired or closed since is in the record, and has no page any more.
        let Ok(page) = rooms.catalog.page(actor, &standing.resource).await else { continue };
        found.push(Work {
            title: page.title,
            about: about(standing),
            address: going_on(&standing.resource, standing.position.filter(|_| !standing.completed)),
        });
    }
    found
}

/// Where to go on and what to learn next: no work stands in two lists.
async fn shelves(rooms: &Rooms, actor: &Actor) -> Result<Vec<Shelf>, Problem> {
    let circle = |(name, others)| Circle { name, others };
    let circles = rooms.learning.classmates(actor, "me").await?.into_iter().map(circle).collect();
    let (recommender, actor, who) = (rooms.recommender.clone(), actor.clone(), actor.clone());
    // It may ask the index, which reads from disk.
    let asking = move || recommender.home(&actor, "me", Wish { n: LISTED, circles, ..Wish::default() });
    let home = tokio::task::spawn_blocking(asking).await.map_err(|_| Problem::internal())??;
    tell_shown(rooms, &who, &home);
    let work = |item: RecommendedItem| {
        let position = item.resume.and_then(|resume| resume.position);
        Work { title: item.title, about: item.reason.text, address: going_on(&item.id, position) }
    };
    let shelf = |list: Recommendations| Shelf { heading: list.heading, works: list.items.into_iter().map(work).collect() };
    Ok(home.lists.into_iter().map(shelf).collect())
}

/// Tells the record what the page shows, as other clients do. The page does not wait for it. Who is no learner has no record.
fn tell_shown(rooms: &Rooms, actor: &Actor, home: &Home) {
    if !actor.has_anywhere(&[Role::Learner]) {
        return;
    }
    let shown = |list: &Recommendations| (list.list.clone(), list.items.iter().map(|item| item.id.clone()).collect());
    let lists = home.lists.iter().map(shown).collect();
    let (learning, actor) = (rooms.learning.clone(), actor.clone());
    tokio::spawn(async move {
        if let Err(problem) = learning.shown(&actor, lists).await {
            tracing::warn!(code = problem.code, "what a page showed was not recorded");
        }
    });
}

fn about(standing: &Standing) -> String {
    let how = match (standing.completed, standing.position, standing.progress) {
        (true, ..) => "已学完".to_owned(),
        (false, Some(seconds), _) if seconds > 0 => format!("学到 {}", words::clock(seconds)),
        (false, _, progress) if progress > 0 => format!("已学 {}%", progress / 10),
        _ => "打开过".to_owned(),
    };
    format!("{how} · {}", words::at(standing.at))
}

/// The page of a work, at the place to go on from.
fn going_on(id: &str, position: Option<u32>) -> String {
    let page = address::page(id);
    position.filter(|seconds| *seconds > 0).map_or_else(|| page.clone(), |seconds| format!("{page}?t={seconds}#player"))
}

async fn page(rooms: &Rooms, person: &Person, faults: Faults) -> Result<LearnPage, Problem> {
    let actor = &person.actor;
    let record = rooms.learning.record_of(actor, "me", SHOWN).await?;
    let protection = rooms.learning.protection(actor, "me").await?;
    Ok(LearnPage {
        frame: person.frame("我的学习"),
        faults,
        lists: shelves(rooms, actor).await?,
        favourites: works(rooms, actor, &record.favourites).await,
        history: works(rooms, actor, &record.history).await,
        hours: format!("{}.{}", record.hours_tenths / 10, record.hours_tenths % 10),
        certificates: rooms.learning.certificates(actor, "me").await?,
        personalised: record.personalised,
        notice: match protection.treatment {
            Treatment::Usual => "",
            Treatment::Minor => "未成年人账号：个性化推荐默认关闭，他人查看您的档案会留下记录。",
            Treatment::Child => "儿童账号：监护人已同意保存学习记录，可随时撤回。",
            Treatment::ChildWithoutConsent => "儿童账号：监护人尚未同意，系统不保存学习记录。请监护人通过学校或学习点办理。",
            Treatment::Shared => "多人共用账号：不做个性化推荐，不计个人学时。",
        },
    })
}

async fn read(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    Ok(shown(&page(&rooms, &person, Faults::default()).await?))
}

async fn personalise(State(rooms): State<Rooms>, person: Person, form: Form) -> Result<Response, Problem> {
    let wanted = Personalisation { on: form.one("on") == "true" };
    rooms.learning.personalise(&person.actor, "me", wanted).await?;
    Ok(onward("/learn?done=settings-saved"))
}

async fn certify(State(rooms): State<Rooms>, person: Person, form: Form) -> Result<Response, Problem> {
    let day = |name: &str| form.some(name).map(str::to_owned);
    let request = CertificateRequest { from: day("from"), to: day("to"), name: None };
    match rooms.learning.certify(&person.actor, "me", request).await {
        Ok(paper) => Ok(onward(&format!("/api/v1/certificates/{}/page.html", escaped(&paper.code)))),
        Err(problem) => Ok(refused(&page(&rooms, &person, Faults::of(&problem)).await?, &problem)),
    }
}

async fn forget(State(rooms): State<Rooms>, person: Person, form: Form) -> Result<Response, Problem> {
    if form.one("confirm") != CONFIRMED {
        let problem = Problem::field("confirm", "confirm", "请输入“删除”二字再提交。", "Type 删除 to confirm.");
        return Ok(refused(&page(&rooms, &person, Faults::of(&problem)).await?, &problem));
    }
    rooms.learning.forget(&person.actor, "me").await?;
    Ok(onward("/learn?done=forgotten"))
}
