//! What stands around every page: the site's name, who is signed in, where one can go; and the page as an answer.

use super::assets;
use super::{Rooms, address, words};
use crate::domain::access::{Actor, Role};
use crate::domain::problem::Problem;
use crate::edge::actor::{Caller, SignedIn};
use crate::edge::cookies;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_SECURITY_POLICY, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use std::convert::Infallible;

/// What a page may load and where its forms may go: nothing but this site, no script and no style in the page itself.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Where everybody searches.
pub const SEARCH: &str = "/search";

/// What the cookie of large text says, and a form that asks for it.
pub const LARGE: &str = "large";

/// What a request tells of the page it asks for.
#[derive(Clone, Debug)]
pub struct View {
    uri: Uri,
    again: String,
    is_large: bool,
}

impl View {
    /// Of a request.
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let again = Some(address::of(uri)).filter(|_| *method == Method::GET).filter(|again| again.starts_with(uri.path()));
        let is_large = cookies::read(headers, cookies::TEXT) == Some(LARGE);
        Self { uri: uri.clone(), again: again.unwrap_or_default().to_owned(), is_large }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for View {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.method, &parts.uri, &parts.headers))
    }
}

/// What stands around a page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Title of the page.
    pub title: String,
    /// Name of the site.
    pub site: String,
    /// Name of who is signed in.
    pub who: Option<String>,
    /// Where one can go.
    pub links: Vec<NavLink>,
    /// What was just done, in a sentence.
    pub done: &'static str,
    /// Whether text is large, and all that is touched (长辈版).
    pub is_large: bool,
    /// Where the page can be asked for again, in the other size of text; empty for one that answers a form or tells of a problem.
    pub again: String,
    /// Address of the stylesheet.
    pub style: &'static str,
    /// Address of the script.
    pub script: &'static str,
    /// Address of the script of the search box.
    pub suggest: &'static str,
}

/// A place to go.
#[derive(Clone, Debug)]
pub struct NavLink {
    /// Address.
    pub address: &'static str,
    /// What it is called.
    pub label: String,
    /// One is there already.
    pub here: bool,
}

/// Somebody who is signed in and asks for a page.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who acts.
    pub actor: Actor,
    frame: Frame,
}

impl Person {
    /// The frame of a page of this title.
    pub fn frame(&self, title: impl Into<String>) -> Frame {
        Frame { title: title.into(), ..self.frame.clone() }
    }

    /// Whether one of these roles is held anywhere.
    pub fn is(&self, roles: &[Role]) -> bool {
        self.actor.has_anywhere(roles)
    }
}

impl FromRequestParts<Rooms> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, rooms: &Rooms) -> Result<Self, Problem> {
        let SignedIn(actor) = SignedIn::from_request_parts(parts, rooms).await?;
        let frame = of(rooms, &actor, &View::of(&parts.method, &parts.uri, &parts.headers)).await?;
        Ok(Self { actor, frame })
    }
}

/// Whoever asks for a page that is for everybody, signed in or not.
#[derive(Clone, Debug)]
pub struct Anybody {
    /// Who asks.
    pub actor: Actor,
    frame: Frame,
}

impl Anybody {
    /// The frame of a page of this title.
    pub fn frame(&self, title: impl Into<String>) -> Frame {
        Frame { title: title.into(), ..self.frame.clone() }
    }
}

impl FromRequestParts<Rooms> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, rooms: &Rooms) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, rooms).await?;
        let frame = for_caller(rooms, Some(&caller), &View::of(&parts.method, &parts.uri, &parts.headers)).await;
        Ok(Self { actor: caller.0, frame })
    }
}

/// The frame for whoever calls, a visitor too.
pub async fn for_caller(rooms: &Rooms, caller: Option<&Caller>, view: &View) -> Frame {
    match caller {
        Some(Caller(actor)) if actor.account.is_some() => of(rooms, actor, view).await.unwrap_or_else(|_| visitor(rooms, view)),
        _ => visitor(rooms, view),
    }
}

fn visitor(rooms: &Rooms, view: &View) -> Frame {
    Frame {
        site: rooms.face.name.clone(),
        links: vec![to_search(view.uri.path())],
        is_large: view.is_large,
        again: view.again.clone(),
        style: &assets::STYLE_ADDRESS,
        script: &assets::SCRIPT_ADDRESS,
        suggest: &assets::SUGGEST_ADDRESS,
        ..Frame::default()
    }
}

async fn of(rooms: &Rooms, actor: &Actor, view: &View) -> Result<Frame, Problem> {
    let unread = rooms.notices.inbox(actor, true, 1, None).await?.unread;
    let own = rooms.accounts.read(actor, actor.account.as_deref().unwrap_or_default()).await.ok();
    let named = own.map(|account| account.display).filter(|name| !name.is_empty());
    let done = form_urlencoded::parse(view.uri.query().unwrap_or_default().as_bytes()).find(|pair| pair.0 == "done");
    Ok(Frame {
        who: Some(named.or_else(|| actor.name.clone()).unwrap_or_default()),
        links: links(actor, view.uri.path(), unread),
        done: done.map_or("", |pair| words::done(&pair.1)),
        ..visitor(rooms, view)
    })
}

fn links(actor: &Actor, path: &str, unread: u32) -> Vec<NavLink> {
    use Role as R;
    let inbox = if unread == 0 { "通知".to_owned() } else { format!("通知（{unread} 条未读）") };
    let all: [(&str, String, &[Role]); 10] = [
        ("/learn", "我的学习".to_owned(), &[R::Learner]),
        ("/reviews", "评审台".to_owned(), &[R::Reviewer]),
        ("/screening", "编辑台".to_owned(), &[R::Editor, R::Administrator]),
        ("/decisions", "终审".to_owned(), &[R::Committee]),
        ("/countersigns", "会签".to_owned(), &[R::EthnicAffairs]),
        ("/petitions", "异议与投诉".to_owned(), &[R::Manager, R::Editor, R::Administrator, R::Auditor]),
        ("/spot-checks", "抽检".to_owned(), &[R::Committee, R::Editor, R::Administrator, R::Auditor]),
        ("/submissions", "送审资源".to_owned(), &[R::Contributor, R::Manager, R::Editor, R::Administrator, R::Auditor]),
        ("/deposits", "提交批次".to_owned(), &[R::Contributor, R::Manager]),
        ("/notices", inbox, &R::ALL),
    ];
    let open = all.into_iter().filter(|(address, _, roles)| *address == "/notices" || actor.has_anywhere(roles));
    let open = open.map(|(address, label, _)| NavLink { address, label, here: path == address });
    std::iter::once(to_search(path)).chain(open).collect()
}

/// Search is open to everybody.
fn to_search(path: &str) -> NavLink {
    NavLink { address: SEARCH, label: "检索".to_owned(), here: path == SEARCH }
}

/// The page as an answer.
pub fn shown<T: Template>(page: &T) -> Response {
    answered(page, StatusCode::OK)
}

/// The page as an answer of this status.
pub fn answered<T: Template>(page: &T, status: StatusCode) -> Response {
    match page.render() {
        Ok(html) => (status, [(CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            Problem::internal().into_response()
        }
    }
}

/// The page of a question or form that was not taken, under the status of its problem.
pub fn refused<T: Template>(page: &T, problem: &Problem) -> Response {
    let mut response = answered(page, StatusCode::from_u16(problem.kind.status()).unwrap_or(StatusCode::BAD_REQUEST));
    let later = problem.clone().into_response().headers().get(RETRY_AFTER).cloned();
    response.headers_mut().extend(later.map(|seconds| (RETRY_AFTER, seconds)));
    response
}
