//! The service as a whole, over a real log.

use super::learners::Deed;
use super::*;
use crate::clock::Clock;
use crate::domain::access::{Actor, Assignment, OrgPath, PUBLIC, Role};
use crate::domain::event::{Event, Verb};
use crate::domain::time::{DAY_MS, Timestamp};
use crate::store::events::{Consumer, EventLog, EventLogOptions, SiteKey};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

struct Site {
    recommender: Recommender,
    log: EventLog,
    clock: Clock,
    next: u128,
}

impl Site {
    fn open(dir: &Path) -> Self {
        let clock = Clock::fixed(Timestamp::parse("2026-11-22T08:00:00Z").unwrap());
        let key = SiteKey::open(&dir.join("events")).unwrap();
        let options = RecommenderOptions { snapshot: Some(dir.join("recommend/state")), ..RecommenderOptions::plain(key, clock.clone()) };
        let recommender = Recommender::new(options);
        let consumer: Arc<dyn Consumer> = Arc::new(recommender.clone());
        let log = EventLog::open(EventLogOptions { dir: dir.join("events"), clock: clock.clone() }, consumer).unwrap();
        Self { recommender, log, clock, next: 1 }
    }

    fn did(&mut self, learner: &str, verb: Verb, resource: &str) {
        self.valued(learner, verb, 0, resource);
    }

    fn valued(&mut self, learner: &str, verb: Verb, value: i32, resource: &str) {
        self.next += 1;
        self.clock.advance(1000);
        let learner = self.log.key().learner(learner);
        let event = Event {
            key: self.next,
            learner,
            resource: resource.to_owned(),
            verb,
            at: self.clock.now(),
            value,
            position: None,
            list: None,
            region: None,
            marked: false,
        };
        assert_eq!(run(self.log.append(vec![event])).unwrap().accepted, 1);
    }

    /// Two groups of learners with tastes of their own: a0–a5 and b0–b5.
    fn fill(&mut self) {
        for taste in ["a", "b"] {
            for place in 0..6 {
                self.recommender.put(item(&format!("{taste}{place}"), &format!("{taste}-college"), &[PUBLIC]));
            }
            for learner in 0..8 {
                for place in (0..6).filter(|place| (learner + place) % 4 != 0) {
                    self.did(&format!("{taste}-learner{learner}"), Verb::Completed, &format!("{taste}{place}"));
                }
            }
        }
    }

    /// Solves all columns that are due; answers how many.
    fn solve(&self) -> usize {
        self.recommender.inner.solve(&mut ridge::Solver::default(), usize::MAX)
    }

    /// All that is kept of columns, by number of the resource.
    fn columns(&self) -> Vec<ridge::Kept> {
        let resources = self.recommender.counts().1;
        self.recommender.inner.read(|joined| joined.ridge.kept(resources).map(|(touches, column)| (touches, column.cloned())).collect())
    }

    fn ids(&self, learner: &str) -> Vec<String> {
        let list = self.recommender.list(&who(learner), "me", 10).unwrap();
        list.items.into_iter().map(|item| item.id).collect()
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn who(name: &str) -> Actor {
    let assignments = vec![Assignment { role: Role::Learner, scope: OrgPath::parse("/hunan/changsha").unwrap() }];
    Actor { account: Some(format!("id-{name}")), name: Some(name.to_owned()), assignments, ..Actor::default() }
}

fn item(id: &str, provider: &str, grants: &[&str]) -> CatalogueItem {
    CatalogueItem {
        id: id.to_owned(),
        title: format!("资源{id}"),
        provider: provider.to_owned(),
        category: id.chars().take(1).collect(),
        grants: grants.iter().map(|grant| (*grant).to_owned()).collect(),
        features: BTreeSet::from([format!("subject:{}", id.chars().next().unwrap())]),
        published: 0,
        ..CatalogueItem::default()
    }
}

#[test]
fn an_acknowledged_event_changes_the_next_list() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::open(dir.path());
    site.fill();
    let before = site.ids("new");
    site.did("new", Verb::Viewed, "b2");
    let after = site.recommender.list(&who("new"), "me", 10).unwrap();
    assert_ne!(before, site.ids("new"));
    let first = after.items.first().unwrap();
    assert!(first.id.starts_with('b') && first.id != "b2", "what goes with b2 comes first: {first:?}");
    assert_eq!(first.reason.code, "because-you-learned");
    assert_eq!((first.reason.resource.as_deref(), first.reason.text.as_str()), (Some("b2"), "因为您学过《资源b2》"));
    assert!(after.items.iter().all(|item| item.id != "b2"), "what was met is left out");
}

#[test]
fn what_was_dismissed_retired_or_is_closed_to_the_viewer_is_in_no_list() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::open(dir.path());
    site.fill();
    site.recommender.put(item("a1", "a-college", &["org:/hunan/zhuzhou", "staff:/"]));
    site.did("new", Verb::Viewed, "a2");
    assert!(!site.ids("new").contains(&"a1".to_owned()), "not for outsiders");
    assert!(site.recommender.related(&who("new"), "a1", 5).is_err(), "no trace of it");
    let related = site.recommender.related(&who("new"), "a2", 9).unwrap();
    assert!(related.items.iter().all(|item| item.id != "a1" && item.id != "a2") && !related.items.is_empty());
    assert!(site.ids("new").contains(&"a3".to_owned()));
    site.did("new", Verb::Dismissed, "a3");
    assert!(!site.ids("new").contains(&"a3".to_owned()), "dismissed");
    site.recommender.remove("a4");
    assert!(!site.ids("new").contains(&"a4".to_owned()), "retired");
    site.recommender.remove("a2");
    let list = site.recommender.list(&who("new"), "me", 10).unwrap();
    assert!(list.items.iter().all(|item| item.reason.resource.as_deref() != Some("a2")), "nor is it a reason");
    site.recommender.put(item("a4", "a-college", &[PUBLIC]));
    assert!(site.ids("new").contains(&"a4".to_owned()), "and back");
    let other = site.recommender.list(&Actor::system(), "new", 10).unwrap();
    assert!(other.items.iter().all(|item| item.id != "a1"), "acting for another shows no more than the other sees");
}

#[test]
fn reasons_name_what_gave_most() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::open(dir.path());
    site.fill();
    site.did("new", Verb::Viewed, "a2");
    site.did("new", Verb::Viewed, "b2");
    let list = site.recommender.list(&who("new"), "me", 8).unwrap();
    let named: Vec<_> = list.items.iter().filter(|item| item.reason.code == "because-you-learned").collect();
    assert!(named.len() >= 4);
    assert!(named.iter().all(|item| item.reason.resource.as_deref() == Some(if item.id.starts_with('a') { "a2" } else { "b2" })));
}

/// Whatever was learned, the resource that a reason names gave more of the score than any other of the profile.
#[test]
fn the_resource_named_gave_the_largest_part() {
    let mut random = fastrand::Rng::with_seed(11);
    let mut state = state::State::new(Shape::default());
    let numbers: Vec<u32> = (0..60).map(|place| state.number(&format!("r{place}"))).collect();
    for at in 0..6_000 {
        let learner = random.u64(1..150);
        let number = numbers[((learner as usize * 7) % 5 * 12 + random.usize(0..16)) % 60];
        state.tell(learner, number, &Deed::of(at * 3_600, Verb::Viewed, 0));
    }
    let weights = Weights { trend: 0.0, ..Weights::default() };
    let mut joined = joined::Joined::new(state, &weights);
    (0..60).for_each(|place| joined.put(CatalogueItem { provider: format!("p{place}"), ..item(&format!("r{place}"), "", &[PUBLIC]) }));
    let (hot, rows) = (hot::Hot::find(&joined), likeness::ContentRows::default());
    let sources = list::Sources { joined: &joined, hot: &hot, rows: &rows, weights: &weights };
    let viewer = score::Viewer::new(BTreeSet::from([PUBLIC.to_owned()]));
    let mut named = 0;
    for learner in 1..150 {
        let voices = score::voices(&joined, joined.state.learners.entries(learner), &weights);
        let list = sources.list(&mut score::Scratch::default(), &viewer, Some(learner), 0, 10);
        for shown in list.items.iter().filter(|shown| shown.reason.code == "because-you-learned") {
            let number = joined.state.find(&shown.id).unwrap();
            let part = |voice: &score::Voice| joined.state.row(voice.number).unwrap().mass(number) as f32 * voice.weight;
            let own = joined.state.find(shown.reason.resource.as_deref().unwrap()).unwrap();
            let given = voices.iter().filter(|voice| voice.number == own).map(part).sum::<f32>();
            assert!(given > 0.0 && voices.iter().all(|voice| part(voice) <= given), "{shown:?}");
            named += 1;
        }
    }
    assert!(named > 300, "{named}");
}

#[test]
fn strangers_see_the_trend_and_new_work_has_its_places() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::open(dir.path());
    site.fill();
    let now = site.clock.now().millis();
    for place in 0..4 {
        site.recommender.put(CatalogueItem { published: now - DAY_MS, ..item(&format!("a-new{place}"), "c-college", &[PUBLIC]) });
    }
    let list = site.recommender.list(&Actor::visitor(), "me", 10).unwrap();
    assert_eq!(list.items.len(), 10);
    let codes: Vec<&str> = list.items.iter().map(|item| item.reason.code.as_str()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "new").count(), 2, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == "trending").count(), 8);
    site.did("new", Verb::Viewed, "a2");
    let list = site.recommender.list(&who("new"), "me", 10).unwrap();
    let new: Vec<_> = list.items.iter().filter(|item| item.id.starts_with("a-new")).collect();
    assert_eq!(new.len(), 1, "one of ten");
    assert_eq!((new[0].reason.code.as_str(), new[0].reason.resource.as_deref()), ("similar-content", Some("a2")));
    assert!(site.recommender.list(&who("new"), "somebody", 10).is_err(), "nobody else's list");
}

#[test]
fn state_is_the_same_live_from_a_snapshot_and_from_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::open(dir.path());
    site.fill();
    site.valued("early", Verb::Rated, 3_500, "a1");
    run(site.log.checkpoint()).unwrap();
    site.valued("early", Verb::Rated, 4_500, "a1");
    site.did("early", Verb::Completed, "a1");
    site.did("late", Verb::Rated, "a1");
    site.did("late", Verb::Viewed, "b1");
    let live = site.recommender.digest();
    let state = dir.path().join("recommend/state");
    let early = std::fs::read(&state).unwrap();
    drop(site);
    assert_eq!(Site::open(dir.path()).recommender.digest(), live, "from the snapshot made at the end");
    std::fs::write(&state, &early).unwrap();
    assert_eq!(Site::open(dir.path()).recommender.digest(), live, "from an early snapshot and the tail");
    let mut broken = early.clone();
    broken[early.len() / 2] ^= 4;
    std::fs::write(&state, &broken).unwrap();
    assert_eq!(Site::open(dir.path()).recommender.digest(), live, "from the log, past a damaged snapshot");
    std::fs::remove_file(&state).unwrap();
    assert_eq!(Site::open(dir.path()).recommender.digest(), live, "from the log alone");
}

#[test]
fn a_forgotten_learner_is_gone_at_once_and_an_erased_one_was_never_there() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir_all(other.path().join("events")).unwrap();
    let mut site = Site::open(dir.path());
    std::fs::copy(dir.path().join("events/key"), other.path().join("events/key")).unwrap();
    let mut without = Site::open(other.path());
    for turn in 0..40 {
        let (learner, resource) = (format!("learner{}", turn % 5), format!("r{}", turn % 7));
        site.did(&learner, Verb::Viewed, &resource);
        without.clock.advance(1000);
        if turn % 5 != 3 {
            without.clock.advance(-1000);
            without.did(&learner, Verb::Viewed, &resource);
        }
    }
    let surrogate = site.log.key().learner("learner3");
    assert!(!crate::store::events::Records::standings(&site.recommender, surrogate).is_empty());
    run(site.log.forget(surrogate)).unwrap();
    assert!(crate::store::events::Records::standings(&site.recommender, surrogate).is_empty());
    assert_ne!(site.recommender.digest(), without.recommender.digest(), "models learn anew at night");
    run(site.log.erase(vec![surrogate])).unwrap();
    run(site.log.rebuild()).unwrap();
    assert_eq!(site.recommender.digest(), without.recommender.digest());
}

#[test]
fn columns_are_there_again_after_a_restart_and_their_damage_costs_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::open(dir.path());
    site.fill();
    site.did("new", Verb::Viewed, "b2");
    assert!(site.solve() > 10);
    // Comes after the columns that are kept, and is in the tail of the log.
    run(site.log.checkpoint()).unwrap();
    site.did("new", Verb::Viewed, "b4");
    let (columns, digest) = (site.columns(), site.recommender.digest());
    let lists = |site: &Site| {
        let place = |id: usize| item(&format!("{}{}", ["a", "b"][id / 6], id % 6), &format!("college{}", id / 6), &[PUBLIC]);
        (0..12).for_each(|id| site.recommender.put(place(id)));
        site.recommender.list(&who("new"), "me", 10).unwrap().items
    };
    let listed = lists(&site);
    let state = dir.path().join("recommend/state");
    let early = std::fs::read(&state).unwrap();
    drop(site);
    std::fs::write(&state, &early).unwrap();
    let site = Site::open(dir.path());
    assert_eq!((site.columns(), site.recommender.digest()), (columns, digest));
    assert_eq!(lists(&site), listed);
    drop(site);
    // The checksum of the columns, which the frame ends with but for its own end mark.
    let mut broken = early.clone();
    let place = early.len() - 6;
    broken[place] ^= 1;
    std::fs::write(&state, &broken).unwrap();
    let site = Site::open(dir.path());
    assert!(site.columns().iter().all(|(_, column)| column.is_none()), "solved anew");
    assert_eq!(site.recommender.digest(), digest);
    assert!(site.recommender.due() > 10);
}

#[test]
fn no_column_of_a_forgotten_learner_outlives_the_night() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::open(dir.path());
    site.fill();
    site.solve();
    let with = site.columns();
    run(site.log.checkpoint()).unwrap();
    let early = std::fs::read(dir.path().join("recommend/state")).unwrap();
    run(site.log.forget(site.log.key().learner("a-learner3"))).unwrap();
    run(site.log.erase_forgotten()).unwrap();
    run(site.log.freshen()).unwrap();
    assert!(site.columns().iter().all(|(_, column)| column.is_none()));
    site.solve();
    let without = site.columns();
    assert_ne!(without, with);
    drop(site);
    std::fs::write(dir.path().join("recommend/state"), &early).unwrap();
    let site = Site::open(dir.path());
    assert!(site.columns().iter().all(|(_, column)| column.is_none()), "what was kept before is of another log");
    site.solve();
    assert_eq!(site.columns(), without);
}

#[test]
fn events_are_acknowledged_while_a_snapshot_is_being_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::open(dir.path());
    site.fill();
    std::fs::create_dir_all(dir.path().join("recommend")).unwrap();
    // Writing into a pipe that nobody reads takes as long as the test wants it to.
    let pipe = dir.path().join("recommend/state.new");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let keeping = std::thread::spawn({
        let log = site.log.clone();
        move || run(log.checkpoint())
    });
    let before = site.ids("new");
    site.did("new", Verb::Viewed, "b2");
    assert_ne!(site.ids("new"), before);
    site.did("new", Verb::Viewed, "a2");
    assert!(!keeping.is_finished(), "it is still being written");
    std::fs::read(&pipe).unwrap();
    keeping.join().unwrap().unwrap();
    std::fs::remove_file(&pipe).ok();
    let live = site.recommender.digest();
    drop(site);
    assert_eq!(Site::open(dir.path()).recommender.digest(), live);
}

#[test]
fn a_picture_of_the_state_does_not_change_with_it() {
    let mut state = state::State::new(Shape::default());
    let mut random = fastrand::Rng::with_seed(4);
    let tell = |state: &mut state::State, random: &mut fastrand::Rng| {
        let resource = state.number(&format!("r{}", random.u8(..40)));
        state.tell(random.u64(..60) << 32, resource, &Deed::of(random.u32(1..90_000_000), Verb::Viewed, 0));
    };
    (0..500).for_each(|_| tell(&mut state, &mut random));
    let (picture, digest) = (state.clone(), state.digest());
    (0..500).for_each(|_| tell(&mut state, &mut random));
    state.learners.forget(3 << 32);
    assert_eq!(picture.digest(), digest);
    assert_ne!(state.digest(), digest);
}

#[test]
fn evaluation_finds_tastes_better_than_popularity_does() {
    let mut sample = evaluate::Sample::default();
    let mut random = fastrand::Rng::with_seed(1);
    for at in 0..4_000_u32 {
        let learner = random.u64(0..200);
        sample.add(learner, &format!("{}-{}", learner % 4, random.u32(0..30)), at * 60);
    }
    sample.sort();
    for protocol in evaluate::Protocol::ALL {
        let report = evaluate::evaluate(&sample, &[], protocol, Shape::default(), &Weights::default(), 500);
        assert!(report.lists > 50, "{report:?}");
        assert!(report.model.recall_at_20 > 2.0 * report.popularity.recall_at_20, "{report:?}");
        assert!(report.model.coverage_at_10 > report.recent_popularity.coverage_at_10);
    }
}

#[test]
fn columns_are_solved_beside_everything_and_end_with_the_service() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::open(dir.path());
    site.fill();
    site.did("new", Verb::Viewed, "b2");
    assert!(site.recommender.due() > 0);
    let digest = site.recommender.digest();
    site.recommender.solve_in_background();
    site.recommender.solve_in_background();
    while site.recommender.due() > 0 {
        std::thread::yield_now();
    }
    assert_eq!(site.recommender.digest(), digest, "columns are no part of what was learned");
    let list = site.recommender.list(&who("new"), "me", 5).unwrap();
    assert!(list.items.first().unwrap().id.starts_with('b'), "{list:?}");
    let inner = Arc::downgrade(&site.recommender.inner);
    drop(site);
    while inner.upgrade().is_some() {
        std::thread::yield_now();
    }
}
