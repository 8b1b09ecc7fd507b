//! `/search`: everything that is published and that its reader may see, found by words, narrowed by facets, a page at a time; and
//! the searches that somebody keeps.
//!
//! [`asked`] holds what was asked for and writes every address that leads on, [`narrow`] lays out facets, [`hit`] a hit. A page asks
//! the service once, with its reader's own eyes, and holds nothing that the service did not answer.

mod asked;
mod hit;
mod narrow;
mod saved;

use crate::discover::answer::Results;
use crate::discover::request::SearchQuery;
use crate::domain::address::escaped;
use crate::domain::problem::{Problem, ProblemKind};
use crate::edge::actor::Apart;
use crate::edge::params::Query;
use crate::portal::Rooms;
use crate::portal::form::Form;
use crate::portal::frame::{Anybody, Frame, refused, shown};
use askama::Template;
use asked::{Asked, all_facets};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use hit::HitShown;
use narrow::{Chip, Group};

/// Popular queries that are shown.
const POPULAR: usize = 8;
/// Single words that are offered where all of them together found nothing.
const SINGLE: usize = 4;
/// Characters of a query in headings.
const HEADED: usize = 40;
/// By what the catalogue is entered where nothing is asked.
const ENTRANCES: &str = "kind,category";

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/search", get(read))
        .route("/search/saved", get(saved::list).post(saved::save))
        .route("/search/saved/{search}/remove", post(saved::remove))
}

/// A search to go on with.
pub(super) struct Way {
    /// Its words.
    pub words: String,
    /// Its page.
    pub address: String,
}

impl Way {
    fn to(words: &str) -> Self {
        Self { words: words.to_owned(), address: Asked::for_words(words).address() }
    }
}

#[derive(Template)]
#[template(path = "search.html")]
struct FoundPage {
    frame: Frame,
    words: String,
    /// What is wrong with what was asked; empty where nothing is.
    fault: String,
    /// The same search from its first page on.
    first: String,
    /// It is the first page.
    is_first: bool,
    total: u64,
    corrections: Vec<Way>,
    notes: Vec<(String, &'static str)>,
    hits: Vec<HitShown>,
    groups: Vec<Group>,
    chips: Vec<Chip>,
    /// Hidden fields of the form that narrows.
    carried: Vec<(&'static str, String)>,
    sort: String,
    next: String,
    /// The same words without filters; empty where there are none.
    unnarrowed: String,
    singles: Vec<Way>,
    popular: Vec<Way>,
    feed: String,
    /// What is saved, and the name that is proposed.
    to_save: (String, String),
    /// Where a visitor signs in to come back; empty for who is signed in.
    sign_in: String,
}

#[derive(Template)]
#[template(path = "search_start.html")]
struct EnterPage {
    frame: Frame,
    words: &'static str,
    popular: Vec<Way>,
    entrances: Vec<(&'static str, Vec<Entrance>)>,
    signed_in: bool,
}

/// A part of the catalogue.
struct Entrance {
    label: String,
    count: u64,
    address: String,
}

async fn read(
    State(rooms): State<Rooms>,
    anybody: Anybody,
    Apart(who): Apart,
    Query(fields): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let asked = Asked::read(&Form::of(fields), &rooms.labels);
    if asked.is_empty() {
        return Ok(shown(&enter(&rooms, &anybody).await));
    }
    match find(&rooms, &anybody, &asked.search(&all_facets()), Some(&who)).await {
        Ok(found) => Ok(shown(&page(&rooms, &anybody, &asked, &found).await)),
        Err(problem) if matches!(problem.kind, ProblemKind::Invalid | ProblemKind::Unprocessable | ProblemKind::Unavailable) => {
            Ok(refused(&FoundPage { fault: fault(&problem), ..empty(&rooms, &anybody, &asked, None) }, &problem))
        }
        Err(problem) => Err(problem),
    }
}

async fn find(rooms: &Rooms, anybody: &Anybody, query: &SearchQuery, who: Option<&str>) -> Result<Results, Problem> {
    rooms.operations.require_search()?;
    rooms.discover.search(&anybody.actor, query, who).await
}

/// What is wrong, for whoever knows nothing of cursors.
fn fault(problem: &Problem) -> String {
    let of_page = problem.fields.iter().any(|field| field.path == "cursor");
    if of_page { "这一页已经失效，请从第一页看起。".to_owned() } else { problem.zh.clone() }
}

/// The page of a search without what was found.
fn empty(rooms: &Rooms, anybody: &Anybody, asked: &Asked, found: Option<&Results>) -> FoundPage {
    let words = asked.words();
    let first = asked.first();
    let chips = narrow::chips(found, asked, &rooms.labels);
    let heading: String = words.chars().take(HEADED).collect();
    let name =
        if heading.is_empty() { chips.iter().map(|chip| chip.label.as_str()).collect::<Vec<_>>().join("，") } else { heading.clone() };
    let is_visitor = anybody.actor.account.is_none();
    FoundPage {
        frame: anybody.frame(if heading.is_empty() { "浏览资源".to_owned() } else { format!("{heading} · 检索") }),
        words: words.to_owned(),
        fault: String::new(),
        is_first: first == *asked,
        total: 0,
        corrections: Vec::new(),
        notes: Vec::new(),
        hits: Vec::new(),
        groups: Vec::new(),
        chips,
        carried: asked.carried().cloned().collect(),
        sort: asked.one("sort").to_owned(),
        next: String::new(),
        unnarrowed: if asked.is_narrowed() { Asked::for_words(words).address() } else { String::new() },
        singles: Vec::new(),
        popular: Vec::new(),
        feed: format!("/api/v1/search/feed?{}&format=rss", first.parameters()),
        to_save: (first.parameters(), name.chars().take(HEADED).collect()),
        sign_in: if is_visitor { format!("/sign-in?next={}", escaped(&first.address())) } else { String::new() },
        first: first.address(),
    }
}

/// The page of what was found.
async fn page(rooms: &Rooms, anybody: &Anybody, asked: &Asked, found: &Results) -> FoundPage {
    let nothing = found.hits.is_empty() && found.total.value == 0;
    let corrected = |query: &str| Way { words: query.to_owned(), address: asked.with_words(query).address() };
    let single: Vec<&str> = asked.words().split_whitespace().collect();
    FoundPage {
        total: found.total.value,
        corrections: found.did_you_mean.iter().map(|one| corrected(&one.query)).collect(),
        notes: found.notes.iter().map(|note| (note.text.clone(), note.zh)).collect(),
        hits: found.hits.iter().map(hit::shown).collect(),
        groups: narrow::groups(found, asked, &rooms.labels),
        next: found.next.as_ref().map(|cursor| asked.after(cursor.clone()).address()).unwrap_or_default(),
        singles: if nothing && single.len() > 1 { single.into_iter().take(SINGLE).map(Way::to).collect() } else { Vec::new() },
        popular: if nothing { popular(rooms).await } else { Vec::new() },
        ..empty(rooms, anybody, asked, Some(found))
    }
}

/// What many people look for; nothing while search is not ready.
pub(super) async fn popular(rooms: &Rooms) -> Vec<Way> {
    if rooms.operations.require_search().is_err() {
        return Vec::new();
    }
    rooms.discover.most_asked(POPULAR).await.unwrap_or_default().iter().map(|query| Way::to(query)).collect()
}

/// The page where nothing is asked yet. Whoever comes while search is not ready can still begin to type.
async fn enter(rooms: &Rooms, anybody: &Anybody) -> EnterPage {
    let query = SearchQuery { limit: Some(1), facets: Some(ENTRANCES.to_owned()), ..SearchQuery::default() };
    let found = find(rooms, anybody, &query, None).await.ok();
    let groups = found.iter().flat_map(|found| narrow::groups(found, &Asked::default(), &rooms.labels));
    let entrance = |name: &'static str, row: narrow::Row| Entrance {
        address: Asked::for_value(name, &row.value).address(),
        label: row.label,
        count: row.count.unwrap_or(0),
    };
    let entrances = groups.map(|group| (group.label, group.rows.into_iter().map(|row| entrance(group.name, row)).collect()));
    EnterPage {
        entrances: entrances.collect(),
        frame: anybody.frame("检索"),
        words: "",
        popular: popular(rooms).await,
        signed_in: anybody.actor.account.is_some(),
    }
}
