//! `/resources/{id}`: a published work for whoever may see it: what it is, its files to play or open, and what goes with it.
//!
//! Where a learner is signed in, opening the page is told to the own record, once a day, and that it was chosen among the hits of a
//! search where it was; the player tells how far it came. An address may name a place in one of the files, which is then shown or
//! played.

use crate::catalog::page::{ResourceFile, ResourcePage};
use crate::domain::access::{Actor, Role};
use crate::domain::address::{escaped, page as page_of};
use crate::domain::event::{Standing, Verb};
use crate::domain::inspection::Locator;
use crate::domain::metadata::FileRole;
use crate::domain::problem::Problem;
use crate::domain::rendition::Purpose;
use crate::edge::params::{Path, Query};
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Anybody, Frame, Person, SEARCH, shown};
use crate::portal::spot::{self, Spot};
use crate::portal::{Rooms, address, place, words};
use crate::recommend::RecommendedItem;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};

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
    place: Option<PlaceShown>,
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

/// A place in a file that is not played on the page.
struct PlaceShown {
    /// The file, and where in it.
    told: String,
    /// The file, at the place where browsers can go there.
    address: String,
    /// What opening it is called.
    open: String,
    /// The part of a picture.
    part: Option<place::Frame>,
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

async fn read(
    State(rooms): State<Rooms>,
    anybody: Anybody,
    Path(id): Path<String>,
    Query(spot): Query<Spot>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let page = rooms.catalog.page(&anybody.actor, &id).await?;
    let mine = opened(&rooms, &anybody.actor, &id, address::is_from(&headers, SEARCH)).await?;
    // A work that is shown to staff alone is in nobody's lists.
    let related = rooms.recommender.related(&anybody.actor, &id, RELATED).map(|list| list.items).unwrap_or_default();
    let frame = anybody.frame(page.title.clone());
    Ok(shown(&WorkPage { related, mine, ..work(&rooms, frame, page, &spot) }))
}

/// Tells the learner's record that the page was opened, and whether the work was `found` by a search; answers what the learner said
/// of the work. Nobody's page stays away because the record could not be written.
async fn opened(rooms: &Rooms, actor: &Actor, id: &str, found: bool) -> Result<Option<Mine>, Problem> {
    if !actor.has_anywhere(&[Role::Learner]) {
        return Ok(None);
    }
    if let Err(problem) = rooms.learning.opened(actor, id, found).await {
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
    let back = if verb == Verb::Dismissed { "/learn".to_owned() } else { page_of(&id) };
    Ok(onward(&format!("{back}?done={done}")))
}

fn work(rooms: &Rooms, frame: Frame, page: ResourcePage, spot: &Spot) -> WorkPage {
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
        player: player(&page.files, spot),
        place: place_shown(&page.files, spot),
        files: page.files.iter().filter(open).map(file).collect(),
        title: page.title,
        id: page.id,
        related: Vec::new(),
        mine: None,
    }
}

fn is_recording(file: &ResourceFile) -> bool {
    file.media_type.starts_with("video/") || file.media_type.starts_with("audio/")
}

/// The address of a form of a file that the platform made for one of these purposes.
fn made(file: &ResourceFile, purposes: &[Purpose]) -> Option<String> {
    file.renditions.iter().find(|rendition| purposes.contains(&rendition.purpose)).map(|rendition| rendition.url.clone())
}

/// The film or sound that is asked for, else the first, in the form that any phone plays, with its captions.
fn player(files: &[ResourceFile], spot: &Spot) -> Option<Player> {
    let masters = || files.iter().filter(|file| file.role == FileRole::Master && is_recording(file));
    let asked = files.iter().find(|file| is_recording(file) && spot.file.as_ref() == Some(&file.path));
    let played = asked.or_else(|| masters().next())?;
    let captions =
        |file: &ResourceFile| made(file, &[Purpose::Captions]).or_else(|| (file.media_type == "text/vtt").then(|| file.url.clone()));
    // Where there are several recordings, those of another one would only mislead.
    let own = |file: &&ResourceFile| file.role == FileRole::Subtitle && (masters().count() < 2 || stem(&file.path) == stem(&played.path));
    Some(Player {
        is_video: played.media_type.starts_with("video/"),
        address: made(played, &[Purpose::Play, Purpose::Listen]).unwrap_or_else(|| played.url.clone()),
        captions: files.iter().filter(own).find_map(captions).unwrap_or_default(),
        from: spot.t.unwrap_or(0),
    })
}

/// A file's name without folders and ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// The place that is asked for, where it is in a file that is not played.
fn place_shown(files: &[ResourceFile], spot: &Spot) -> Option<PlaceShown> {
    let file = files.iter().find(|file| spot.file.as_ref() == Some(&file.path) && !is_recording(file))?;
    let (locator, name) = (spot.locator(), file.title.as_ref().unwrap_or(&file.path));
    let is_picture = file.media_type.starts_with("image/");
    let part = place::frame(1, Some(&locator)).filter(|_| is_picture);
    let readable = made(file, &[Purpose::Read]).or_else(|| (file.media_type == "application/pdf").then(|| file.url.clone()));
    let (address, goes_there) = match (&locator, readable) {
        // Browsers open a PDF at a page (RFC 8118); a slide is a page of the PDF that was made of it.
        (Locator::Page { page: number } | Locator::Slide { slide: number }, Some(pdf)) => (format!("{pdf}#page={number}"), true),
        _ if is_picture => (made(file, &[Purpose::View]).unwrap_or_else(|| file.url.clone()), false),
        (_, readable) => (readable.unwrap_or_else(|| file.url.clone()), false),
    };
    let at = spot::told(&locator);
    Some(PlaceShown {
        open: if goes_there { format!("打开{at}") } else { "打开文件".to_owned() },
        told: if at.is_empty() { name.clone() } else { format!("{name}：{at}") },
        address,
        part,
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
