//! Cost of learning and of asking at the size of the province, over the real log and the real service.
//!
//! `YUELU_LEARNERS`, `YUELU_RESOURCES`, `YUELU_EVENTS` (full size: 1000000, 66000, 10000000) and `YUELU_REQUESTS` set the
//! size; the defaults are a tenth of it. Events are synthetic: each learner has two of 200 tastes, each taste its resources
//! with Zipf weights. Times are CPU of the whole process (reading, log, keys, model), from the scheduler's counters; making
//! the events is not counted.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measuring program prints, and stops at what does not hold"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use yuelu::clock::Clock;
use yuelu::domain::access::{Actor, PUBLIC};
use yuelu::domain::time::Timestamp;
use yuelu::learning::Learning;
use yuelu::recommend::{CatalogueItem, NoLikeness, Recommender, RecommenderOptions, Shape, Weights};
use yuelu::store::events::{Consumer, EventLog, EventLogOptions, SiteKey};

const BODY: usize = 10_000;
const TASTES: usize = 200;

struct Size {
    learners: usize,
    resources: usize,
    events: usize,
    requests: usize,
}

fn main() {
    let number = |name: &str, default: usize| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let size = Size {
        learners: number("YUELU_LEARNERS", 100_000),
        resources: number("YUELU_RESOURCES", 10_000),
        events: number("YUELU_EVENTS", 1_000_000),
        requests: number("YUELU_REQUESTS", 5_000),
    };
    println!("{} learners, {} resources, {} events", size.learners, size.resources, size.events);
    let dir = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (recommender, learning) = open(dir.path());
    let base = memory("VmRSS");
    for resource in 0..size.resources {
        recommender.put(item(resource, &size));
    }
    println!("catalogue: {} MB beside {base} MB", memory("VmRSS") - base);
    let mut maker = Maker::new(&size);
    let cost = runtime.block_on(import(&learning, &mut maker, size.events));
    println!("import: {:.2} µs CPU an event, {:.0} events/s by the clock; {} MB", cost.0, cost.1, memory("VmRSS"));
    ask(&recommender, &size, "quiet");
    let stop = Arc::new(AtomicBool::new(false));
    let feeder = {
        let (learning, stop, handle) = (learning.clone(), Arc::clone(&stop), runtime.handle().clone());
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                handle.block_on(learning.record_body(&Actor::system(), "bench", &maker.body(100))).expect("recorded");
                std::thread::sleep(Duration::from_millis(50));
            }
        })
    };
    ask(&recommender, &size, "while 2,000 events/s arrive");
    stop.store(true, Ordering::Relaxed);
    feeder.join().expect("the feeder ends");
    let digest = recommender.digest();
    let began = Instant::now();
    drop((learning, recommender, runtime));
    println!("closing with a snapshot: {:.2} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let (again, _learning) = open(dir.path());
    println!("opening: {:.2} s; same state: {}", began.elapsed().as_secs_f64(), again.digest() == digest);
    println!("most memory: {} MB", memory("VmHWM"));
}

fn open(dir: &std::path::Path) -> (Recommender, Learning) {
    let events = dir.join("events");
    let options = RecommenderOptions {
        snapshot: Some(dir.join("recommend/state")),
        key: SiteKey::open(&events).expect("a key"),
        clock: Clock::system(),
        likeness: Arc::new(NoLikeness),
        shape: Shape::default(),
        weights: Weights::default(),
    };
    let recommender = Recommender::new(options);
    let consumer: Arc<dyn Consumer> = Arc::new(recommender.clone());
    let log = EventLog::open(EventLogOptions { dir: events, clock: Clock::system() }, consumer).expect("the log opens");
    (recommender.clone(), Learning::new(log, Arc::new(recommender)))
}

fn item(resource: usize, size: &Size) -> CatalogueItem {
    CatalogueItem {
        id: format!("resource-{resource:06}"),
        title: format!("学习资源第{resource}号"),
        provider: format!("institution {}", resource % 300),
        category: format!("category {}", resource % 7),
        series: resource.is_multiple_of(3).then(|| format!("series {}", resource / 9)),
        features: (0..6).map(|place| format!("feature {}", (resource * 31 + place * place * 977) % 4_000)).collect(),
        grants: [PUBLIC.to_owned(), format!("staff:/hunan/{}", resource % 300)].into(),
        published: Clock::system().now().millis() - (size.resources - resource) as i64 * 600_000,
    }
}

async fn import(learning: &Learning, maker: &mut Maker, events: usize) -> (f64, f64) {
    let (mut cpu, mut wall, mut done) = (0, Duration::ZERO, 0);
    while done < events {
        let count = BODY.min(events - done);
        let body = maker.body(count);
        let (began, before) = (Instant::now(), cpu_nanos());
        let answer = learning.record_body(&Actor::system(), "bench", &body).await.expect("recorded");
        assert_eq!(answer.accepted, count as u64, "all are new");
        (cpu, wall) = (cpu + cpu_nanos() - before, wall + began.elapsed());
        done += count;
        if done % (events / 5).max(1) == 0 {
            println!("  {done} events: {:.2} µs CPU each, {} MB", cpu as f64 / 1e3 / done as f64, memory("VmRSS"));
        }
    }
    (cpu as f64 / 1e3 / events as f64, events as f64 / wall.as_secs_f64())
}

fn ask(recommender: &Recommender, size: &Size, when: &str) {
    let mut random = fastrand::Rng::with_seed(5);
    let mut times = Vec::with_capacity(size.requests);
    let before = own_nanos();
    for _ in 0..size.requests {
        let learner = format!("learner-{}", random.usize(..size.learners));
        let began = Instant::now();
        let list = recommender.list(&Actor::system(), &learner, 20).expect("a list");
        times.push(began.elapsed());
        assert_eq!(list.items.len(), 20, "full lists");
    }
    let cpu = (own_nanos() - before) as f64 / 1e3 / size.requests as f64;
    times.sort();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!("requests, {when}: {cpu:.0} µs CPU, median {:.3} ms, p99 {:.3} ms, most {:.3} ms", at(0.5), at(0.99), at(0.9999));
}

struct Maker {
    random: fastrand::Rng,
    learners: usize,
    resources: usize,
    zipf: Vec<f64>,
    next: u64,
    at: i64,
    step: i64,
}

impl Maker {
    fn new(size: &Size) -> Self {
        let per_taste = (size.resources / TASTES).max(1);
        let mut sum = 0.0;
        let zipf = (0..per_taste).map(|place| {
            sum += 1.0 / (place as f64 + 3.0).powf(0.8);
            sum
        });
        let at = Clock::system().now().millis() - 400 * 86_400_000;
        Self {
            zipf: zipf.collect(),
            random: fastrand::Rng::with_seed(11),
            learners: size.learners,
            resources: size.resources,
            next: 0,
            at,
            step: 400 * 86_400_000 / size.events.max(1) as i64,
        }
    }

    fn body(&mut self, events: usize) -> Vec<u8> {
        use std::io::Write;
        let mut body = Vec::with_capacity(events * 150);
        for _ in 0..events {
            self.next += 1;
            self.at += self.step;
            // Some learn much more than others.
            let share = self.random.f64();
            let learner = (share * share * self.learners as f64) as usize;
            let taste =
                if self.random.u8(..10) == 0 { self.random.usize(..TASTES) } else { (learner * 7 + self.random.usize(..2) * 13) % TASTES };
            let point = self.random.f64() * self.zipf.last().copied().unwrap_or(1.0);
            let place = self.zipf.partition_point(|sum| *sum < point);
            let resource = (place * TASTES + taste) % self.resources;
            let verb = ["viewed", "completed", "favourited", "searched"][self.random.usize(..4)];
            let at = Timestamp::from_millis(self.at / 1000 * 1000);
            let id = self.next;
            writeln!(
                body,
                r#"{{"id":"event-{id}","learner":"learner-{learner}","resource":"resource-{resource:06}","verb":"{verb}","at":"{at}"}}"#
            )
            .expect("memory");
        }
        body
    }
}

/// Time on the processor of all threads, in nanoseconds.
fn cpu_nanos() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
    tasks.filter_map(Result::ok).map(|task| schedstat(&task.path().join("schedstat"))).sum()
}

/// The same of this thread.
fn own_nanos() -> u64 {
    schedstat(std::path::Path::new("/proc/thread-self/schedstat"))
}

fn schedstat(path: &std::path::Path) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

/// A line of the process's status, in megabytes.
fn memory(line: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = text.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'));
    found.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
