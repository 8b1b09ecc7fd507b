//! The job runner: what happens when a worker dies, a lease runs out, an attempt fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use yuelu::clock::Clock;
use yuelu::domain::access::Actor;
use yuelu::domain::account::AccountName;
use yuelu::domain::change::ChangeSet;
use yuelu::domain::event::{Event, Standing, Verb};
use yuelu::domain::job::{Job, JobKind, JobState, NewJob};
use yuelu::domain::problem::{Problem, ProblemKind};
use yuelu::domain::record::{Key, Stored};
use yuelu::domain::study::Report;
use yuelu::domain::time::{DAY_MS, Timestamp};
use yuelu::learning::{Learning, LearningRules};
use yuelu::operations::jobs::Queue;
use yuelu::operations::{Operations, Pulse, Upkeep};
use yuelu::store::events::{EventLog, EventLogOptions, Nobody, Records};
use yuelu::store::{PageRequest, Store};
use yuelu::worker::runner::Settings;
use yuelu::worker::tidy_events::TidyEvents;
use yuelu::worker::{Handler, Runner};

/// Writes one record as its effect; fails or panics the first times.
struct Writes {
    runs: Arc<AtomicU32>,
    failures: u32,
    panics: bool,
}

#[async_trait::async_trait]
impl Handler for Writes {
    fn kind(&self) -> JobKind {
        JobKind::SweepBlobs
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, Problem> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        assert!(!(self.panics && run <= self.failures), "as the test wants it");
        if run <= self.failures {
            return Err(Problem::new(ProblemKind::Unavailable, "not-yet", "还不行。", "Not yet."));
        }
        let mut change = ChangeSet::new(Clock::system().fresh_id());
        change.insert(&AccountName { name: job.subject.clone(), account: job.id.clone() })?;
        Ok(change)
    }
}

fn settings() -> Settings {
    Settings { lease: Duration::from_millis(150), pause: Duration::from_millis(5), attempts: 3, ..Settings::default() }
}

async fn queue(store: &Store, clock: &Clock) -> Stored<Job> {
    let id = clock.fresh_id();
    let mut change = ChangeSet::new(clock.fresh_id());
    let new = NewJob { id: id.clone(), kind: JobKind::SweepBlobs, subject: "effect".to_owned(), due: clock.now() };
    change.queue(new, clock.now()).unwrap();
    store.commit(change).await.unwrap();
    store.get::<Job>(&Key::from(id.as_str())).await.unwrap().unwrap()
}

/// Runs until `done` says so, then stops; fails after five seconds.
async fn run_until(store: &Store, handler: Writes, done: impl AsyncFn(&Store) -> bool) {
    let stop = CancellationToken::new();
    let runner = Runner::new(store.clone(), Clock::system(), settings(), vec![Arc::new(handler)]);
    let running = tokio::spawn(runner.run(stop.clone()));
    let waiting = async {
        while !done(store).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), waiting).await.expect("the job comes to its end");
    stop.cancel();
    running.await.unwrap();
}

/// The service over a store; its event log lies in a folder that goes with the process's temporary files.
fn operations(store: &Store) -> Operations {
    let dir = tempfile::tempdir().unwrap().keep();
    let options = EventLogOptions { dir: dir.join("events"), clock: Clock::system() };
    let events = EventLog::open(options, Arc::new(Nobody)).unwrap();
    let upkeep = Upkeep { data_dir: dir, events, audit: |_| Box::pin(async { Ok(Vec::new()) }) };
    Operations::new(store.clone(), Clock::system(), Pulse::default(), Arc::default(), upkeep)
}

#[tokio::test]
async fn at_night_those_who_were_forgotten_leave_the_log() {
    let (store, clock, dir) =
        (Store::memory(), Clock::fixed(Timestamp::parse("2026-11-22T08:00:00Z").unwrap()), tempfile::tempdir().unwrap());
    let log = EventLog::open(EventLogOptions { dir: dir.path().join("events"), clock: clock.clone() }, Arc::new(Nobody)).unwrap();
    let upkeep = Upkeep { data_dir: dir.path().to_owned(), events: log.clone(), audit: |_| Box::pin(async { Ok(Vec::new()) }) };
    let operations = Operations::new(store.clone(), clock.clone(), Pulse::default(), Arc::default(), upkeep);
    let one = |learner| Event {
        key: u128::from(learner),
        learner,
        resource: "r".to_owned(),
        verb: Verb::Viewed,
        at: clock.now(),
        value: 0,
        position: None,
        list: None,
        region: None,
        marked: false,
    };
    log.append(vec![one(1), one(2)]).await.unwrap();
    log.forget(1).await.unwrap();
    clock.advance(DAY_MS / 2);
    operations.queue_daily().await.unwrap();
    operations.queue_daily().await.unwrap();
    let queued = operations.jobs(&Actor::system(), Queue::House, 10, None).await.unwrap().items;
    let night: Vec<&Job> = queued.iter().filter(|job| job.kind == JobKind::TidyEvents).collect();
    assert_eq!((queued.len(), night.len()), (4, 1), "each once a day");
    let morning = queued.iter().find(|job| job.kind == JobKind::TellSearches).unwrap();
    assert_eq!(morning.due.to_string(), "2026-11-22T23:00:00Z", "seven in Hunan");
    assert_eq!(night[0].due.to_string(), "2026-11-22T19:30:00Z", "half past three in Hunan");
    let handler =
        TidyEvents(Learning::new(log.clone(), Arc::new(NoRecords), store, clock, LearningRules::load(None).unwrap(), Arc::default()));
    handler.run(night[0]).await.unwrap();
    let rows: Vec<u64> = log.read(0).flat_map(|batch| batch.unwrap().rows).map(|row| row.learner).collect();
    assert_eq!(rows, [2, 1], "the forgetting goes when another row stands behind it");
}

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

async fn effect(store: &Store) -> bool {
    store.get::<AccountName>(&Key::from("effect")).await.unwrap().is_some()
}

async fn parked(store: &Store) -> bool {
    !store.list_by::<Job>("parked", &Key::default(), PageRequest::first(1)).await.unwrap().items.is_empty()
}

#[tokio::test]
async fn effects_and_end_come_together_also_after_failures_and_panics() {
    for panics in [false, true] {
        let (store, clock) = (Store::memory(), Clock::system());
        let job = queue(&store, &clock).await;
        let runs = Arc::new(AtomicU32::new(0));
        run_until(&store, Writes { runs: Arc::clone(&runs), failures: 2, panics }, effect).await;
        assert!(store.get::<Job>(&Key::from(job.value.id.as_str())).await.unwrap().is_none());
        assert_eq!(runs.load(Ordering::SeqCst), 3);
    }
}

#[tokio::test]
async fn a_job_that_keeps_failing_is_parked_with_its_words_and_can_go_again() {
    let (store, clock) = (Store::memory(), Clock::system());
    let job = queue(&store, &clock).await.value.id;
    run_until(&store, Writes { runs: Arc::default(), failures: 99, panics: false }, parked).await;
    let operations = operations(&store);
    let shown = operations.jobs(&Actor::system(), Queue::Parked, 10, None).await.unwrap().items;
    assert_eq!((shown[0].attempts, shown[0].last_error.as_deref()), (3, Some("not-yet: 还不行。")));
    assert_eq!(operations.jobs(&Actor::visitor(), Queue::Parked, 10, None).await.unwrap_err().code, "forbidden");
    operations.retry_job(&Actor::system(), &job).await.unwrap();
    run_until(&store, Writes { runs: Arc::default(), failures: 0, panics: false }, effect).await;
}

#[tokio::test]
async fn the_job_of_a_worker_that_died_is_taken_when_its_lease_ends() {
    let (store, clock) = (Store::memory(), Clock::system());
    let old = queue(&store, &clock).await;
    let until = clock.now().plus_millis(100);
    let leased = Job { state: JobState::Leased { worker: "dead".to_owned(), until }, attempts: 1, ..old.value.clone() };
    let mut change = ChangeSet::new(clock.fresh_id());
    change.update(&old, &leased).unwrap();
    store.commit(change).await.unwrap();
    run_until(&store, Writes { runs: Arc::default(), failures: 0, panics: false }, effect).await;
    assert!(clock.now() >= until, "not before the lease ends");
}

#[tokio::test]
async fn a_job_that_kills_its_worker_each_time_is_parked() {
    let (store, clock) = (Store::memory(), Clock::system());
    let old = queue(&store, &clock).await;
    let leased = Job { state: JobState::Leased { worker: "dead".to_owned(), until: clock.now() }, attempts: 3, ..old.value.clone() };
    let mut change = ChangeSet::new(clock.fresh_id());
    change.update(&old, &leased).unwrap();
    store.commit(change).await.unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    run_until(&store, Writes { runs: Arc::clone(&runs), failures: 0, panics: false }, parked).await;
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_long_job_keeps_its_lease() {
    struct Long(Arc<AtomicU32>);
    #[async_trait::async_trait]
    impl Handler for Long {
        fn kind(&self) -> JobKind {
            JobKind::SweepBlobs
        }
        async fn run(&self, _job: &Job) -> Result<ChangeSet, Problem> {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(600)).await;
            Ok(ChangeSet::default())
        }
    }
    let (store, clock) = (Store::memory(), Clock::system());
    let job = queue(&store, &clock).await.value.id;
    let (runs, stop) = (Arc::new(AtomicU32::new(0)), CancellationToken::new());
    let start = || {
        let handler: Arc<dyn Handler> = Arc::new(Long(Arc::clone(&runs)));
        tokio::spawn(Runner::new(store.clone(), clock.clone(), settings(), vec![handler]).run(stop.clone()))
    };
    let workers = [start(), start()];
    tokio::time::timeout(Duration::from_secs(5), async {
        while store.get::<Job>(&Key::from(job.as_str())).await.unwrap().is_some() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("the job ends");
    stop.cancel();
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1, "two workers, one run");
}
