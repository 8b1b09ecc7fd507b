//! Asking for lists: one of a kind, or a page of several on which no work stands twice.

use super::Recommender;
use super::asking::Asking;
use super::hot::Hot;
use super::joined::Joined;
use super::learners::Entry;
use super::likeness::ContentRows;
use super::list::{Recommendations, Sources};
use super::lists::{Around, Circle, Division, ListKind, PAGE, Shelf};
use super::score::{Scratch, Viewer};
use super::served::Served;
use super::service::{MOST_ITEMS, tokens_for_another};
use super::shares::Due;
use super::state::seconds;
use super::weights::Weights;
use crate::domain::access::Actor;
use crate::domain::event::{learner_of, require_learner};
use crate::domain::problem::Problem;
use crate::domain::time::DAY_MS;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::PoisonError;

/// Of what was just looked at, so many of the latest are heard.
pub const MOST_VIEWED: usize = 50;

/// What is asked for, and what is told with it.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Items of a list, at most [`MOST_ITEMS`].
    pub n: usize,
    /// Ids of what was just looked at on this device, the latest last; nothing of it is kept.
    pub viewed: Vec<String>,
    /// The resource that the list is to be about.
    pub about: Option<String>,
    /// Where the learner is, the smallest division first.
    pub divisions: Vec<Division>,
    /// The learner's classes.
    pub circles: Vec<Circle>,
}

/// A page of lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Home {
    /// In the order in which to show them; none is empty, and no work stands in two.
    pub lists: Vec<Recommendations>,
}

/// Who asks.
struct Who {
    viewer: Viewer,
    /// Whose record it is.
    learner: Option<u64>,
    /// The same, unless the learner wants to be met as a stranger.
    known: Option<u64>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Recommender {
    /// A list of a kind. A visitor asking for `me` gets what is made of what was just looked at and what anybody gets, and so does
    /// a learner who switched personalisation off, but for the lists that are the learner's own record.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; 404 when the resource to be about is none that may be seen.
    pub fn shelf(&self, actor: &Actor, learner: &str, kind: ListKind, wish: Wish) -> Result<Recommendations, Problem> {
        let who = self.who(actor, learner)?;
        let around = self.around(&who, &wish, kind == ListKind::LikeThis)?;
        let mut page = self.page(&who, &wish, &around, &[kind]);
        Ok(page.pop().unwrap_or_default())
    }

    /// Several lists at once, for a first page.
    ///
    /// # Errors
    /// As [`Recommender::shelf`].
    pub fn home(&self, actor: &Actor, learner: &str, wish: Wish) -> Result<Home, Problem> {
        let who = self.who(actor, learner)?;
        let around = self.around(&who, &wish, true)?;
        let mut lists = self.page(&who, &wish, &around, &PAGE);
        lists.retain(|list| !list.items.is_empty());
        Ok(Home { lists })
    }

    fn who(&self, actor: &Actor, learner: &str) -> Result<Who, Problem> {
        let visitor = actor.account.is_none() && learner == "me";
        let name = if visitor { None } else { Some(require_learner(actor, learner)?) };
        let own = visitor || learner_of(actor, "me") == name;
        let viewer = Viewer::new(if own { actor.viewer_tokens() } else { tokens_for_another(actor) });
        let learner = name.map(|name| self.inner.key.learner(&name));
        Ok(Who { viewer, learner, known: learner.filter(|learner| !self.inner.is_stranger(*learner)) })
    }

    /// What the lists are about, and what the index, asked outside of the lock, finds like it.
    fn around(&self, who: &Who, wish: &Wish, with_like: bool) -> Result<Around, Problem> {
        let found = self.inner.read(|joined| {
            let sees = |id: &str| joined.catalogue.find(id).filter(|slot| seen(joined, &who.viewer, *slot));
            if let Some(id) = &wish.about {
                return sees(id).map(Some).ok_or_else(|| Problem::not_found("资源", "resource"));
            }
            let entries = who.known.map_or(&[] as &[Entry], |known| joined.state.learners.entries(known));
            let met = entries.iter().rev().filter(|entry| entry.is_positive()).map(|entry| joined.slot(entry.resource));
            let looked_at = wish.viewed.iter().rev().find_map(|id| sees(id));
            Ok(looked_at.or_else(|| met.into_iter().find(|slot| seen(joined, &who.viewer, *slot))))
        });
        let about = found?;
        let id = about.filter(|_| with_like).and_then(|slot| self.inner.read(|joined| Some(joined.catalogue.get(slot)?.id.to_string())));
        let like = id.map_or_else(Vec::new, |id| self.inner.likeness.like(&id, who.viewer.tokens(), wish.n.clamp(1, MOST_ITEMS) * 2));
        let mut circles = wish.circles.clone();
        let strangers = self.inner.strangers.read().unwrap_or_else(PoisonError::into_inner);
        // Who is met as a stranger does not speak for others either.
        circles.iter_mut().for_each(|circle| circle.others.retain(|other| !strangers.contains(other)));
        Ok(Around { divisions: wish.divisions.clone(), circles, about, like })
    }

    /// Lists of these kinds, in order; no work stands in two of them.
    fn page(&self, who: &Who, wish: &Wish, around: &Around, kinds: &[ListKind]) -> Vec<Recommendations> {
        let (now, n) = (self.inner.clock.now().millis(), wish.n.clamp(1, MOST_ITEMS));
        let rows = self.inner.rows.read().unwrap_or_else(PoisonError::into_inner);
        let draw = self.inner.key.learner(&format!("draw {} {:x}", now / DAY_MS, who.known.unwrap_or_default()));
        let due = if kinds.contains(&ListKind::ForYou) { self.inner.shares.due(n) } else { Due::default() };
        let (weights, variant) = self.inner.experiments.weights(&self.inner.key, who.known);
        let lists: Vec<Recommendations> = self.inner.read(|joined| {
            let hot = self.inner.hot(joined, now);
            let making = Making { joined, hot: &hot, rows: &rows, weights, who, wish, around, due, now, n, draw };
            let lists = making.lists(kinds);
            for list in lists.iter().filter(|list| list.kind == ListKind::ForYou.code()) {
                let slots = list.items.iter().filter_map(|item| joined.catalogue.find(&item.id));
                self.inner.shares.enter(slots.filter_map(|slot| joined.catalogue.get(slot)));
            }
            lists.into_iter().map(|list| Recommendations { list: self.inner.clock.fresh_id(), ..list }).collect()
        });
        let variant = variant.map(|(experiment, arm)| format!("{experiment}:{}", arm.code()));
        for list in lists.iter().filter(|list| !list.items.is_empty()) {
            self.inner.served.keep(Served::of(list, now, variant.clone()));
        }
        lists
    }
}

/// All that a page is made from.
struct Making<'a> {
    joined: &'a Joined,
    hot: &'a Hot,
    rows: &'a ContentRows,
    weights: &'a Weights,
    who: &'a Who,
    wish: &'a Wish,
    around: &'a Around,
    due: Due,
    now: i64,
    n: usize,
    draw: u64,
}

impl Making<'_> {
    fn lists(&self, kinds: &[ListKind]) -> Vec<Recommendations> {
        let Self { joined, hot, rows, weights, around, .. } = *self;
        let sources = Sources { joined, hot, rows, weights };
        let entries = |learner: Option<u64>| learner.map_or(&[] as &[Entry], |learner| joined.state.learners.entries(learner));
        let session = session(joined, entries(self.who.known), &self.wish.viewed, self.now);
        let mut asking = Asking { draw: self.draw, ..Asking::new(joined, weights, &self.who.viewer, &session, self.now) };
        asking.taken = self.wish.viewed.iter().filter_map(|id| joined.catalogue.find(id)).collect();
        let figures = self.who.learner.map_or(&[] as &[_], |learner| joined.state.learners.figures(learner));
        let mut record = Asking { figures, ..Asking::new(joined, weights, &self.who.viewer, entries(self.who.learner), self.now) };
        let mut lists: Vec<Recommendations> = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let (who, learner) = if kind.is_record() { (&record, self.who.learner) } else { (&asking, self.who.known) };
            let shelf = Shelf { sources: &sources, asking: who, around, n: self.n };
            let list = SCRATCH.with_borrow_mut(|scratch| shelf.list(*kind, scratch, &self.due));
            // One list about one resource is enough.
            if lists.iter().any(|other| about(other).is_some() && about(other) == about(&list)) {
                continue;
            }
            for slot in list.items.iter().filter(|_| kinds.len() > 1).filter_map(|item| joined.catalogue.find(&item.id)) {
                asking.taken.insert(slot);
                record.taken.insert(slot);
            }
            lists.push(Recommendations { personalised: learner.is_some(), ..list });
        }
        lists
    }
}

/// The resource that all of a list is about, where there is one.
fn about(list: &Recommendations) -> Option<&str> {
    let named = list.kind == ListKind::LearnersAlsoTook.code() || list.kind == ListKind::BecauseYouFinished.code();
    list.items.first().filter(|_| named)?.reason.resource.as_deref()
}

fn seen(joined: &Joined, viewer: &Viewer, slot: u32) -> bool {
    joined.catalogue.get(slot).is_some_and(|item| viewer.sees(joined, item.gate))
}

/// What is known of somebody, with what was just looked at behind it.
fn session<'a>(joined: &Joined, entries: &'a [Entry], viewed: &[String], now: i64) -> Cow<'a, [Entry]> {
    if viewed.is_empty() {
        return Cow::Borrowed(entries);
    }
    let mut all = entries.to_vec();
    for number in viewed.iter().rev().take(MOST_VIEWED).rev().filter_map(|id| joined.state.find(id)) {
        match all.iter().position(|entry| entry.resource == number) {
            // What was met before keeps what is known of it and is the latest now.
            Some(place) => {
                let entry = all.remove(place);
                all.push(entry);
            }
            None => all.push(Entry::looked_at(number, seconds(now))),
        }
    }
    Cow::Owned(all)
}
