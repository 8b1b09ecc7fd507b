//! `/search/saved`: the searches that somebody keeps, to be told of what is new in them.

use super::asked::Asked;
use super::narrow;
use crate::discover::saved::NewSearch;
use crate::domain::problem::Problem;
use crate::domain::saved_search::SavedSearchView;
use crate::edge::params::Path;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::portal::{Rooms, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "search_saved.html")]
struct SavedPage {
    frame: Frame,
    faults: Faults,
    /// What was to be saved and could not be.
    written: Form,
    searches: Vec<SavedShown>,
}

struct SavedShown {
    id: String,
    name: String,
    about: String,
    address: String,
}

fn one(rooms: &Rooms, saved: SavedSearchView) -> SavedShown {
    let asked = Asked::read(&Form::of(saved.query.into_iter().collect()), &rooms.labels);
    let looked_for = Some(asked.words().to_owned()).filter(|words| !words.is_empty());
    let narrowed = narrow::chips(None, &asked, &rooms.labels).into_iter().map(|chip| chip.label);
    let told = saved.told.map(|at| format!("{} 通知过", words::day(at)));
    let paused = saved.paused.then(|| "已暂停通知".to_owned());
    SavedShown {
        about: looked_for.into_iter().chain(narrowed).chain(told).chain(paused).collect::<Vec<_>>().join(" · "),
        id: saved.id,
        name: saved.name,
        address: saved.page,
    }
}

async fn page(rooms: &Rooms, person: &Person, written: Form, faults: Faults) -> Result<SavedPage, Problem> {
    let all = rooms.discover.saved_searches(&person.actor).await?;
    let searches = all.items.into_iter().map(|saved| one(rooms, saved)).collect();
    Ok(SavedPage { frame: person.frame("我保存的检索"), faults, written, searches })
}

pub(super) async fn list(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    Ok(shown(&page(&rooms, &person, Form::default(), Faults::default()).await?))
}

pub(super) async fn save(State(rooms): State<Rooms>, person: Person, form: Form) -> Result<Response, Problem> {
    // Saved searches lie under the account, where nobody knows of a child's protection.
    rooms.learning.require_keeping(&person.actor, "me")?;
    let asked = Asked::read(&Form::read(form.one("search").as_bytes()), &rooms.labels);
    let new = NewSearch { name: form.one("name").to_owned(), query: asked.search("") };
    match rooms.discover.save_search(&person.actor, new).await {
        Ok(_) => Ok(onward(&format!("{}&done=search-saved", asked.address()))),
        Err(problem) => Ok(refused(&page(&rooms, &person, form, faults(&problem)).await?, &problem)),
    }
}

/// The form has one field of its own; the rest is about the search.
fn faults(problem: &Problem) -> Faults {
    Faults::by(problem, |path| if path == "name" { path.to_owned() } else { String::new() })
}

pub(super) async fn remove(State(rooms): State<Rooms>, person: Person, Path(search): Path<String>) -> Result<Response, Problem> {
    rooms.discover.delete_search(&person.actor, &search).await?;
    Ok(onward("/search/saved?done=search-removed"))
}
