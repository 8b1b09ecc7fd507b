//! Many learners over courses, on several devices, whose lists are compared with what was really done.
//!
//! What is right was laid down before anything was measured. Of a learner we know what was done when; what the program is told is
//! what devices told: each learner has up to three, whose clocks are wrong by up to two minutes, of one learner in fifty one's by a
//! day; one report in three hundred never comes, the others weeks late, in any order, some twice, and phones are shared.
//!
//! * *Going on* is right when the first entry of `continue` is what the learner did last: the lesson that was begun, with the
//!   position that was reached last, or, where a lesson was finished last, the next lesson of that course that is not finished
//!   (after it, else before it); where that one was begun, or none is left, what was done before that.
//! * *The next lesson* is right when `next-in-course` holds, of each course of which the learner finished a lesson, the lesson
//!   after the one finished last by the same rule, and nothing else.
//! * A *reason* is true when the learner did with the work it names what it says, and the work is of the series it says.
//! * *Caps*: in lists of ten at most four of a provider and three of a series. *Shares*: one place in ten for new work, and the
//!   declared group's share of all places, each within two in a hundred; a little-seen work in every list.

use super::lists::{ids, import};
use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use yuelu::clock::Clock;
use yuelu::config::recommendation::{GroupSection, RecommendationSection};

const COURSES: usize = 60;
const SINGLES: usize = 600;
const NEW: usize = 60;
/// Of a hundred places, those of the declared group.
const SHARE: f64 = 10.0;
/// Seconds in a day.
const DAY: i64 = 86_400;

const NUMERALS: [&str; 13] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];

/// What is in the catalogue.
#[derive(Clone, Default)]
struct Work {
    provider: String,
    series: String,
    is_new: bool,
    is_of_group: bool,
}

struct Site {
    works: HashMap<String, Work>,
    /// Lessons of each course, in order.
    courses: Vec<Vec<String>>,
    singles: Vec<String>,
}

fn catalogue(random: &mut fastrand::Rng) -> (Site, Vec<Value>) {
    let (mut works, mut courses, mut singles, mut rows) = (HashMap::new(), Vec::new(), Vec::new(), Vec::new());
    let mut add = |rows: &mut Vec<Value>, id: &str, title: String, work: Work| {
        let mut row = json!({"id": id, "title": title, "institution": work.provider, "category": "community"});
        if !work.series.is_empty() {
            row["series"] = json!(work.series);
        }
        if !work.is_new {
            row["published"] = json!("2020-01-01");
        }
        row["ethnic_groups"] = json!([if work.is_of_group { "苗族" } else { "汉族" }]);
        works.insert(id.to_owned(), work);
        rows.push(row);
    };
    for course in 0..COURSES {
        let lessons: Vec<String> =
            (1..=random.usize(8..=12)).map(|number| format!("c{course}-{}", random.u32(..) ^ number as u32)).collect();
        for (lesson, number) in lessons.iter().zip(1..) {
            let title = if course % 3 == 0 { format!("第{number}课") } else { format!("第{}讲", NUMERALS[number]) };
            let work = Work { provider: format!("学院{}", course % 40), series: format!("课程{course}"), ..Work::default() };
            add(&mut rows, lesson, title, work);
        }
        courses.push(lessons);
    }
    for single in 0..SINGLES + NEW {
        let id = format!("s{single}");
        let (is_new, is_of_group) = (single >= SINGLES, single % 12 == 5);
        let work = Work { provider: format!("馆{}", single % 50), series: String::new(), is_new, is_of_group };
        add(&mut rows, &id, format!("作品{}", random.u32(..)), work);
        if !is_new {
            singles.push(id);
        }
    }
    // The order of coming in says nothing.
    random.shuffle(&mut rows);
    (Site { works, courses, singles }, rows)
}

/// A learner as it really was.
struct Learner {
    name: String,
    /// What was done, in order: resource, second, progress per mille, position.
    deeds: Vec<(String, i64, u32, u32)>,
    courses: Vec<usize>,
    /// By how many seconds the clock of each device is wrong.
    clocks: Vec<i64>,
}

fn live(site: &Site, number: usize, random: &mut fastrand::Rng, now: i64) -> Learner {
    let mut clocks: Vec<i64> = (0..random.usize(1..=3)).map(|_| random.i64(-120..=120)).collect();
    if number % 50 == 7 {
        clocks.push(DAY);
    }
    let mut learner = Learner { name: format!("学员{number}"), deeds: Vec::new(), courses: Vec::new(), clocks };
    let mut at = now - random.i64(30..60) * DAY;
    let taste = number % 12;
    for turn in 0..random.usize(2..=5) {
        at += random.i64(1..=3) * DAY;
        if turn < 3 {
            let course = (taste * 5 + random.usize(0..5)) % COURSES;
            if !learner.courses.contains(&course) {
                learner.courses.push(course);
            }
            take_course(site, course, random, &mut at, &mut learner.deeds);
        }
        for _ in 0..random.usize(1..=3) {
            at += random.i64(3_600..7_200);
            // Some works are met by many, some by hardly anybody.
            let place = (taste * 50 + (random.f64().powi(2) * 50.0) as usize) % site.singles.len();
            learner.deeds.push((site.singles[place].clone(), at, if random.bool() { 1000 } else { 0 }, 0));
        }
    }
    learner
}

/// Some lessons of a course: most in order, some left out, the last perhaps left half way.
fn take_course(site: &Site, course: usize, random: &mut fastrand::Rng, at: &mut i64, deeds: &mut Vec<(String, i64, u32, u32)>) {
    let lessons = &site.courses[course];
    let first = lessons.iter().position(|lesson| deeds.iter().all(|deed| deed.0 != *lesson)).unwrap_or(0);
    for lesson in lessons.iter().skip(first).take(random.usize(1..=4)) {
        if random.u8(..10) == 0 {
            continue;
        }
        *at += random.i64(3_600..20_000);
        let mut position = 0;
        for _ in 0..random.usize(1..=3) {
            // Another sitting, perhaps on another device.
            *at += random.i64(600..3_600);
            position += random.u32(60..900);
            deeds.push((lesson.clone(), *at, random.u32(50..900), position));
        }
        if random.u8(..10) < 7 {
            *at += 600;
            deeds.push((lesson.clone(), *at, 1000, 0));
        }
    }
}

fn events(learner: &Learner, random: &mut fastrand::Rng, now: i64) -> Vec<Value> {
    let mut events = Vec::with_capacity(learner.deeds.len());
    for (turn, (resource, at, progress, position)) in learner.deeds.iter().enumerate() {
        let clock = learner.clocks[random.usize(..learner.clocks.len())];
        let at = yuelu::domain::time::Timestamp::from_millis((at + clock).min(now) * 1000).to_string();
        let mut event = json!({"id": format!("{}-{turn}", learner.name), "learner": learner.name, "resource": resource, "at": at});
        match (progress, position) {
            (1000, _) => event["verb"] = json!("completed"),
            (0, 0) => event["verb"] = json!("viewed"),
            _ => {
                event["verb"] = json!("progressed");
                event["value"] = json!(f64::from(*progress) / 1000.0);
                event["position"] = json!(position);
            }
        }
        if random.u16(..300) > 0 {
            events.push(event);
        }
    }
    events
}

/// What is right, by the true order of deeds.
struct Truth {
    finished: BTreeSet<String>,
    first: Option<(String, u32)>,
    next: BTreeSet<String>,
}

fn truth(site: &Site, learner: &Learner) -> Truth {
    let done = |progress: u32| progress == 1000;
    let finished: BTreeSet<String> = learner.deeds.iter().filter(|deed| done(deed.2)).map(|deed| deed.0.clone()).collect();
    let mut begun: BTreeMap<String, u32> = BTreeMap::new();
    for (resource, _, _, position) in learner.deeds.iter().filter(|deed| deed.3 > 0 && !finished.contains(&deed.0)) {
        begun.insert(resource.clone(), *position);
    }
    let next_of = |lesson: &str| {
        let course = site.courses.iter().find(|course| course.iter().any(|other| other == lesson))?;
        let own = course.iter().position(|other| other == lesson)?;
        course.iter().skip(own + 1).chain(course.iter().take(own)).find(|other| !finished.contains(*other)).cloned()
    };
    let (mut next, mut first, mut known, mut courses) = (BTreeSet::new(), None, BTreeSet::new(), BTreeSet::new());
    for (resource, ..) in learner.deeds.iter().rev() {
        if !known.insert(resource.clone()) {
            continue;
        }
        if let Some(position) = begun.get(resource) {
            first = first.or_else(|| Some((resource.clone(), *position)));
        } else if finished.contains(resource)
            && courses.insert(site.works[resource].series.clone())
            && let Some(lesson) = next_of(resource).filter(|lesson| !begun.contains_key(lesson))
        {
            first = first.or_else(|| Some((lesson.clone(), 0)));
            next.insert(lesson);
        }
    }
    Truth { finished, first, next }
}

#[derive(Debug, Default)]
struct Tally {
    learners: usize,
    going_on: usize,
    next: usize,
    reasons: usize,
    true_reasons: usize,
    lists: usize,
    within_caps: usize,
    places: usize,
    new: usize,
    of_group: usize,
    with_little_seen: usize,
}

impl Tally {
    fn part(of: usize, all: usize) -> f64 {
        of as f64 / all.max(1) as f64
    }
}

async fn simulate(count: usize) -> Tally {
    let section = RecommendationSection {
        groups: vec![GroupSection {
            name: "minorities".to_owned(),
            share_percent: SHARE,
            ethnic_groups: vec!["*".to_owned()],
            ..GroupSection::default()
        }],
        ..RecommendationSection::default()
    };
    let app = TestApp::with(|config| config.recommendation = section).await;
    let admin = app.account("importer", "administrator", "/").await;
    let platform = app.account("platform", "platform", "/").await;
    let mut random = fastrand::Rng::with_seed(20_261_128);
    let (site, rows) = catalogue(&mut random);
    import(&app, &admin, &rows).await;
    let now = Clock::system().now().millis() / 1000 - 3_600;
    let learners: Vec<Learner> = (0..count).map(|number| live(&site, number, &mut random, now)).collect();
    let mut all: Vec<Value> = learners.iter().flat_map(|learner| events(learner, &mut random, now)).collect();
    let twice: Vec<Value> = all.iter().filter(|_| random.u8(..20) == 0).cloned().collect();
    all.extend(twice);
    // Devices send what they kept in any order.
    random.shuffle(&mut all);
    for part in all.chunks(5_000) {
        app.call(Method::POST, &platform, "/api/v1/events", json!(part)).await.expect(200);
    }
    let mut takers: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for (learner, deed) in learners.iter().flat_map(|learner| learner.deeds.iter().map(move |deed| (learner, deed))) {
        takers.entry(&deed.0).or_default().insert(&learner.name);
    }
    let mean = takers.values().map(BTreeSet::len).sum::<usize>() as f64 / takers.len() as f64;
    let is_little_seen = |id: &str| (takers.get(id).map_or(0, BTreeSet::len) as f64) * 4.0 < mean;
    let mut tally = Tally::default();
    for learner in &learners {
        let path = |rest: &str| format!("/api/v1/learners/{}/{rest}", urlencoded(&learner.name));
        let ask = async |rest: &str| app.get(&platform, &path(rest)).await.expect(200).json();
        let (going, next) = (ask("recommendations/continue?limit=5").await, ask("recommendations/next-in-course?limit=20").await);
        let list = ask("recommendations?limit=10").await;
        judge(&site, learner, [&going, &next, &list], &is_little_seen, &mut tally);
    }
    app.close().await;
    tally
}

fn urlencoded(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn judge(site: &Site, learner: &Learner, [going, next, list]: [&Value; 3], is_little_seen: &dyn Fn(&str) -> bool, tally: &mut Tally) {
    let truth = truth(site, learner);
    tally.learners += 1;
    let shown = going["items"].as_array().unwrap().first();
    let shown = shown.map(|item| (item["id"].as_str().unwrap().to_owned(), item["resume"]["position"].as_u64().unwrap_or(0) as u32));
    tally.going_on += usize::from(shown == truth.first);
    tally.next += usize::from(ids(next).into_iter().collect::<BTreeSet<_>>() == truth.next);
    for item in [going, next, list].into_iter().flat_map(|list| list["items"].as_array().unwrap()) {
        tally.reasons += 1;
        tally.true_reasons += usize::from(is_true(site, learner, &truth, item));
    }
    tally.lists += 1;
    let works: Vec<&Work> = ids(list).iter().map(|id| &site.works[id]).collect();
    let most = |of: &dyn Fn(&Work) -> String| {
        let mut counts: HashMap<String, usize> = HashMap::new();
        works.iter().map(|work| of(work)).filter(|name| !name.is_empty()).for_each(|name| *counts.entry(name).or_default() += 1);
        counts.into_values().max().unwrap_or(0)
    };
    tally.within_caps += usize::from(most(&|work| work.provider.clone()) <= 4 && most(&|work| work.series.clone()) <= 3);
    tally.places += works.len();
    tally.new += works.iter().filter(|work| work.is_new).count();
    tally.of_group += works.iter().filter(|work| work.is_of_group).count();
    tally.with_little_seen += usize::from(ids(list).iter().any(|id| !site.works[id].is_new && is_little_seen(id)));
}

fn is_true(site: &Site, learner: &Learner, truth: &Truth, item: &Value) -> bool {
    let (id, named) = (item["id"].as_str().unwrap(), item["reason"]["resource"].as_str());
    let met = |id: &str| learner.deeds.iter().any(|deed| deed.0 == id);
    let series = |id: &str| site.works[id].series.as_str();
    match item["reason"]["code"].as_str().unwrap() {
        "continue" => learner.deeds.iter().any(|deed| deed.0 == id && deed.3 > 0) && named == Some(id),
        "next-in-course" => named.is_some_and(|named| truth.finished.contains(named) && series(named) == series(id)),
        "because-you-learned" => named.is_some_and(met),
        "same-series" => named.is_some_and(|named| met(named) && series(named) == series(id)),
        "similar-content" => named.is_some_and(met) && site.works[id].is_new,
        "new" | "trending" => named.is_none(),
        _ => false,
    }
}

fn hold(tally: &Tally) {
    let part = Tally::part;
    println!("{tally:?}");
    println!(
        "going on {:.4}, next {:.4}, reasons {:.4}, within caps {:.4}, new {:.4}, group {:.4}, with little-seen {:.4}",
        part(tally.going_on, tally.learners),
        part(tally.next, tally.learners),
        part(tally.true_reasons, tally.reasons),
        part(tally.within_caps, tally.lists),
        part(tally.new, tally.places),
        part(tally.of_group, tally.places),
        part(tally.with_little_seen, tally.lists)
    );
    assert!(part(tally.going_on, tally.learners) >= 0.95, "{tally:?}");
    assert!(part(tally.next, tally.learners) >= 0.95, "{tally:?}");
    assert_eq!(tally.true_reasons, tally.reasons, "{tally:?}");
    assert!(part(tally.within_caps, tally.lists) >= 0.98, "{tally:?}");
    assert!((part(tally.new, tally.places) - 0.1).abs() <= 0.02, "{tally:?}");
    assert!((part(tally.of_group, tally.places) - SHARE / 100.0).abs() <= 0.02, "{tally:?}");
    assert!(part(tally.with_little_seen, tally.lists) >= 0.98, "{tally:?}");
}

#[tokio::test]
async fn lists_are_right_true_and_fair_for_some_hundred_learners() {
    hold(&simulate(300).await);
}

/// The full size: `tests/long/lists.sh`.
#[tokio::test]
#[ignore = "takes minutes"]
async fn lists_are_right_true_and_fair_for_ten_thousand_learners() {
    hold(&simulate(10_000).await);
}
