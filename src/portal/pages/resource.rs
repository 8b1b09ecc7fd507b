//! `/resources/{id}`: a published work for whoever may see it: what it is, its files to play or open, and what goes with it.
//!
//! Where a learner is signed in, opening the page is told to the own record, once a day; the player tells how far it came.

use crate::catalog::page::{ResourceFile, ResourcePage};
use crate::domain::access::{Actor, Role};
use crate::domain::address::{self, escaped};
use crate::domain::event::{Standing, Verb};
use crate::domain::metadata::FileRole;
use crate::domain::problem::Problem;
use crate::domain::rendition::Purpose;
use crate::edge::params::{Path, Query};
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Anybody, Frame, Person, shown};
use crate::portal::{Rooms, words};
use crate::recommend::RecommendedItem;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

/// Works shown that go with this one.
const RELATED: usize = 6;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/resources/{id}", get(read)).route("/resources/{id}/marks", post(mark))
}

#[derive(Template)]
#[template(path = "resource.html")]
struct WorkPage {
    frame: Frame,
    id: String,
    title: String,
    about: String,
    description: String,
    rows: Vec<(&'static str, String)>,
    link: Option<String>,
    player: Option<Player>,
    files: Vec<FileShown>,
    related: Vec<RecommendedItem>,
    /// Whether a learner is signed in, and what the learner said of it.
    mine: Option<Mine>,
}

/// The recording that is played on the page.
struct Player {
    is_video: bool,
    address: String,
    captions: String,
    /// Where to begin, in seconds.
    from: u32,
}

struct FileShown {
    name: String,
    about: String,
    address: String,
    /// Another form of it, for phones that cannot open the file as it came: what it is called, and where it is.
    other: Option<(String, String)>,
}

struct Mine {
    favourite: bool,
    completed: bool,
}

/// Where to begin.
#[derive(Deserialize)]
struct Begin {
    t: Option<u32>,
}

async fn read(
    State(rooms): State<Rooms>,
    anybody: Anybody,
    Path(id): Path<String>,
    Query(begin): Query<Begin>,
) -> Result<Response, Problem> {
    let page = rooms.catalog.page(&anybody.actor, &id).await?;
    let mine = opened(&rooms, &anybody.actor, &id).await?;
    // A work that is shown to staff alone is in nobody's lists.
    let related = rooms.recommender.related(&anybody.actor, &id, RELATED).map(|list| list.items).unwrap_or_default();
    let frame = anybody.frame(page.title.clone());
    Ok(shown(&WorkPage { related, mine, ..work(&rooms, frame, page, begin.t.unwrap_or(0)) }))
}

/// Tells the learner's record that the page was opened; answers what the learner said of the work. Nobody's page stays away
/// because the record could not be written.
async fn opened(rooms: &Rooms, actor: &Actor, id: &str) -> Result<Option<Mine>, Problem> {
    if !actor.has_anywhere(&[Role::Learner]) {
        return Ok(None);
    }
    if let Err(problem) = rooms.learning.opened(actor, id).await {
        tracing::warn!(code = problem.code, "an opened page was not told to the learner's record");
    }
    let standing = rooms.learning.standing(actor, "me", id)?;
    let said = |what: fn(&Standing) -> bool| standing.as_ref().is_some_and(what);
    Ok(Some(Mine { favourite: said(|standing| standing.favourite), completed: said(|standing| standing.completed) }))
}

async fn mark(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let (verb, done) = match form.one("mark") {
        "favourited" => (Verb::Favourited, "favourited"),
        "unfavourited" => (Verb::Unfavourited, "unfavourited"),
        "completed" => (Verb::Completed, "completed"),
        "dismissed" => (Verb::Dismissed, "dismissed"),
        _ => return Err(Problem::field("mark", "mark", "请选择要做的标记。", "Choose a mark.")),
    };
    rooms.catalog.page(&person.actor, &id).await?;
    rooms.learning.mark(&person.actor, &id, verb).await?;
    let back = if verb == Verb::Dismissed { "/learn".to_owned() } else { address::page(&id) };
    Ok(onward(&format!("{back}?done={done}")))
}

fn work(rooms: &Rooms, frame: Frame, page: ResourcePage, from: u32) -> WorkPage {
    let (labels, metadata) = (&rooms.labels, &page.metadata);
    let creators = metadata.creators.iter().map(|creator| creator.name.as_str()).collect::<Vec<_>>().join("、");
    let ethnic = metadata.culture.as_ref().map(|culture| labels.all("ethnic_groups", &culture.ethnic_groups)).unwrap_or_default();
    let rows = [
        ("责任者", creators),
        ("学科", labels.all("subjects", &metadata.subjects)),
        ("民族", ethnic),
        ("适用对象", labels.all("audiences", &metadata.audience)),
        ("系列", metadata.series.clone().unwrap_or_default()),
        ("许可", labels.of("licences", &metadata.rights.licence).to_owned()),
    ];
    let category = labels.of("categories", &metadata.category).to_owned();
    let about = [page.institution.clone(), category, words::day(page.published)].into_iter().filter(|part| !part.is_empty());
    let open = |file: &&ResourceFile| matches!(file.role, FileRole::Master | FileRole::Transcript | FileRole::Attachment);
    WorkPage {
        frame,
        about: about.collect::<Vec<_>>().join(" · "),
        description: metadata.description.main().to_owned(),
        rows: rows.into_iter().filter(|(_, text)| !text.is_empty()).collect(),
        link: metadata.link.as_ref().map(|link| link.url.clone()),
        player: player(&page.files, from),
        files: page.files.iter().filter(open).map(file).collect(),
        title: page.title,
        id: page.id,
        related: Vec::new(),
        mine: None,
    }
}

/// The first film or sound, in the form that any phone plays, with its captions.
fn player(files: &[ResourceFile], from: u32) -> Option<Player> {
    let is = |file: &ResourceFile, kind: &str| file.media_type.starts_with(kind);
    let played = files.iter().find(|file| file.role == FileRole::Master && (is(file, "video/") || is(file, "audio/")))?;
    let made = |file: &ResourceFile, purposes: &[Purpose]| {
        file.renditions.iter().find(|rendition| purposes.contains(&rendition.purpose)).map(|rendition| rendition.url.clone())
    };
    let captions = files
        .iter()
        .filter(|file| file.role == FileRole::Subtitle)
        .find_map(|file| made(file, &[Purpose::Captions]).or_else(|| is(file, "text/vtt").then(|| file.url.clone())));
    Some(Player {
        is_video: is(played, "video/"),
        address: made(played, &[Purpose::Play, Purpose::Listen]).unwrap_or_else(|| played.url.clone()),
        captions: captions.unwrap_or_default(),
        from,
    })
}

fn file(file: &ResourceFile) -> FileShown {
    let parts = file.parts.map(|parts| format!("{parts} 页"));
    let minutes = file.duration_ms.map(|length| format!("{} 分钟", length.div_ceil(60_000)));
    let about = [parts, minutes, Some(words::size(file.size))].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let other = file.renditions.first().map(|made| (format!("{}（{}）", made.label, words::size(made.size)), made.url.clone()));
    FileShown { name: file.title.clone().unwrap_or_else(|| file.path.clone()), about, address: file.url.clone(), other }
}

impl WorkPage {
    /// The work as a part of an address.
    fn escaped(&self) -> String {
        escaped(&self.id)
    }
}
