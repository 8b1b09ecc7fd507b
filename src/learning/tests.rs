//! The service over a real log.

use super::protection::ConsentRequest;
use super::*;
use crate::clock::Clock;
use crate::domain::access::{Actor, Assignment, OrgPath, Role};
use crate::domain::event::{EventInput, Standing, Verb};
use crate::domain::learner::protection::{BirthMonth, Holder};
use crate::domain::problem::ProblemKind;
use crate::domain::study::Report;
use crate::domain::time::DAY_MS;
use crate::store::events::{EventLogOptions, Nobody};

struct NoRecords;

impl Records for NoRecords {
    fn standings(&self, _learner: u64) -> Vec<Standing> {
        Vec::new()
    }

    fn reports(&self, _learner: u64) -> Vec<Report> {
        Vec::new()
    }

    fn personalise(&self, _learner: u64, _on: bool) {}
}

fn service(dir: &std::path::Path) -> Learning {
    service_at(dir, Clock::system())
}

fn service_at(dir: &std::path::Path, clock: Clock) -> Learning {
    let dir = dir.to_owned();
    let log = EventLog::open(EventLogOptions { dir, clock: clock.clone() }, Arc::new(Nobody)).unwrap();
    Learning::new(log, Arc::new(NoRecords), Store::memory(), clock, LearningRules::load(None).unwrap(), Arc::default())
}

fn actor(name: &str, role: Role, scope: &str) -> Actor {
    let assignments = vec![Assignment { role, scope: OrgPath::parse(scope).unwrap() }];
    Actor { account: Some(name.to_owned()), name: Some(name.to_owned()), assignments, ..Actor::default() }
}

fn event(id: &str, learner: &str, verb: Verb, value: Option<f64>) -> EventInput {
    let at = Clock::system().now();
    EventInput {
        id: id.to_owned(),
        learner: learner.to_owned(),
        resource: "r".to_owned(),
        verb,
        at,
        value,
        position: None,
        list: None,
        slot: None,
        region: None,
    }
}

#[tokio::test]
async fn events_are_recorded_once_and_for_whom_one_may_speak() {
    let dir = tempfile::tempdir().unwrap();
    let learning = service(dir.path());
    let li = actor("li", Role::Learner, "/");
    let batch = || vec![event("1", "me", Verb::Viewed, None), event("2", "li", Verb::Rated, Some(4.5))];
    assert_eq!(learning.record(&li, "li", batch()).await.unwrap(), Recorded { accepted: 2, ..Recorded::default() });
    assert_eq!(learning.record(&li, "li", batch()).await.unwrap(), Recorded { duplicates: 2, ..Recorded::default() });
    assert_eq!(learning.record(&li, "another source", batch()).await.unwrap().accepted, 2);
    let foreign = learning.record(&li, "li", vec![event("3", "wang", Verb::Viewed, None)]).await.unwrap_err();
    assert_eq!(foreign.kind, ProblemKind::Forbidden);
    let visitor = learning.record(&Actor::visitor(), "x", batch()).await.unwrap_err();
    assert_eq!(visitor.kind, ProblemKind::Unauthorized);
    assert_eq!(learning.record_of(&li, "wang", 10).await.unwrap_err().kind, ProblemKind::Forbidden);
    assert!(learning.erase(&li, &["li".to_owned()]).await.is_err());
    assert_eq!(learning.erase(&Actor::system(), &["li".to_owned()]).await.unwrap(), 6, "duplicates lie in the log too");
}

#[tokio::test]
async fn a_batch_with_a_wrong_row_is_refused_whole() {
    let dir = tempfile::tempdir().unwrap();
    let learning = service(dir.path());
    let platform = actor("p", Role::Platform, "/hunan");
    let batch = vec![
        event("1", "a", Verb::Viewed, None),
        event("", "a", Verb::Viewed, None),
        event("3", "a", Verb::Rated, Some(9.0)),
        event("4", "a", Verb::Progressed, None),
    ];
    let problem = learning.record(&platform, "p", batch).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Unprocessable);
    let paths: Vec<&str> = problem.fields.iter().map(|field| field.path.as_str()).collect();
    assert_eq!(paths, ["[1].id", "[2].value", "[3].value"]);
    assert_eq!(learning.record(&platform, "p", vec![event("1", "a", Verb::Viewed, None)]).await.unwrap().accepted, 1, "nothing was kept");
}

#[tokio::test]
async fn the_night_erases_who_was_forgotten_and_keeps_who_came_back() {
    let dir = tempfile::tempdir().unwrap();
    let learning = service(dir.path());
    let (li, wang) = (actor("li", Role::Learner, "/"), actor("wang", Role::Learner, "/"));
    let rows = || learning.replay(&Actor::system()).unwrap().map(|batch| batch.unwrap().rows.len()).sum::<usize>();
    learning.record(&li, "li", vec![event("1", "me", Verb::Viewed, None), event("2", "me", Verb::Completed, None)]).await.unwrap();
    learning.record(&wang, "wang", vec![event("1", "me", Verb::Viewed, None)]).await.unwrap();
    assert_eq!(learning.tidy().await.unwrap(), 0);
    learning.forget(&li, "me").await.unwrap();
    learning.record(&li, "li", vec![event("3", "me", Verb::Viewed, None)]).await.unwrap();
    assert_eq!((learning.tidy().await.unwrap(), learning.tidy().await.unwrap()), (3, 0));
    assert_eq!(rows(), 2, "what came after it, and what others did: the forgetting itself is gone too");
}

#[tokio::test]
async fn what_was_shown_goes_after_its_days_and_the_rest_stays() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Clock::system().now());
    let learning = service_at(dir.path(), clock.clone());
    let li = actor("li", Role::Learner, "/");
    let shown = |id: &str| EventInput { list: Some("l".to_owned()), slot: Some(1), ..event(id, "me", Verb::Impression, None) };
    learning.record(&li, "li", vec![shown("1"), event("2", "me", Verb::Viewed, None)]).await.unwrap();
    clock.advance(100 * DAY_MS);
    learning.record(&li, "li", vec![shown("3")]).await.unwrap();
    clock.advance(80 * DAY_MS);
    assert_eq!(learning.tidy().await.unwrap(), 0, "a hundred and eighty days, not one more");
    clock.advance(1_000);
    assert_eq!(learning.tidy().await.unwrap(), 1);
    let events = learning.export(&li, "me").await.unwrap().events;
    assert_eq!(events.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::Viewed, Verb::Impression]);
}

#[tokio::test]
async fn proofs_of_consent_go_three_years_after_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Clock::system().now());
    let learning = service_at(dir.path(), clock.clone());
    let school = actor("school", Role::Platform, "/");
    let born = BirthMonth::try_from(clock.now().plus_millis(-5 * 365 * DAY_MS).shanghai_month()).unwrap();
    for child in ["a", "b"] {
        learning.protect(&school, child, Holder::Minor { born: born.clone() }).await.unwrap();
        let consent = ConsentRequest { relation: "母亲".to_owned(), text: "1".to_owned() };
        learning.consent(&school, child, consent).await.unwrap();
    }
    learning.withdraw_consent(&school, "a").await.unwrap();
    let proofs = async |child| learning.consents_of(&key_of(learning.log.key().learner(child))).await.unwrap().len();
    clock.advance(1_095 * DAY_MS);
    learning.tidy().await.unwrap();
    assert_eq!((proofs("a").await, proofs("b").await), (2, 1));
    clock.advance(1_000);
    learning.tidy().await.unwrap();
    assert_eq!((proofs("a").await, proofs("b").await), (0, 1), "what is in force stays proven");
}
