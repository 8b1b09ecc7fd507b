//! Cost of learning and of asking at the size of the province: the program itself, as people run it.
//!
//! `cargo bench --bench recommend -- [--smoke] [--learners N] [--resources N] [--events N] [--requests N]
//! [--program FILE]`; the full size is
//! 1,000,000 learners, 66,000 resources and 10,000,000 events. The program imports a catalogue and a file of events into a
//! data directory (`yuelu import`, `yuelu events import`; a folder in `BENCH_DIR` keeps it for the next time), is then served (`yuelu serve`) and asked over loopback HTTP by one
//! and by two clients that keep their connections. Costs are CPU of the program's process, all its threads, from start to
//! exit for the imports and, once the program is quiet after its start, between the first and the last request for the lists; the clients live in this process and are
//! not counted. Events are synthetic and the same in every run: learners come in sessions, stay with a few topics in each,
//! and take what is popular there (Zipf), so that what is taken up together is no accident.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measuring program prints, and stops at what does not hold")]

use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use yuelu::domain::time::{DAY_MS, Timestamp};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yuelu");
/// Topics; each resource belongs to one.
const TOPICS: usize = 400;
/// Sessions that go on at once, so that events of many learners lie side by side in the log.
const SESSIONS: usize = 2_000;
/// The log spans so many days.
const DAYS: i64 = 400;
/// Times that lists are asked by one and by two clients in turn; figures are medians of these.
const RUNS: usize = 3;
/// Most memory at full size, in MB, and longest start, in seconds.
const ROOM: (u64, f64) = (1_500, 10.0);
/// Demands at full size: µs CPU an event, µs CPU a request, ms at the 99th percentile.
const DEMANDS: (f64, f64, f64) = (15.0, 400.0, 10.0);

#[derive(Clone, Copy)]
struct Size {
    learners: usize,
    resources: usize,
    events: usize,
    requests: usize,
}

impl Size {
    fn from_arguments() -> Self {
        let words: Vec<String> = std::env::args().collect();
        let is_small = words.iter().any(|word| word == "--smoke");
        let full = Self { learners: 1_000_000, resources: 66_000, events: 10_000_000, requests: 20_000 };
        let small = Self { learners: 2_000, resources: 500, events: 20_000, requests: 500 };
        let usual = if is_small { small } else { full };
        let given = |name: &str, usual: usize| {
            let place = words.iter().position(|word| word == name);
            place.and_then(|place| words.get(place + 1)).map_or(usual, |word| word.parse().expect("a number"))
        };
        Self {
            learners: given("--learners", usual.learners),
            resources: given("--resources", usual.resources).max(TOPICS),
            events: given("--events", usual.events),
            requests: given("--requests", usual.requests),
        }
    }
}

fn main() {
    let size = Size::from_arguments();
    println!("{} learners, {} resources, {} events; load of the machine {}", size.learners, size.resources, size.events, load());
    let temporary = tempfile::tempdir().expect("a folder");
    let dir = std::env::var_os("BENCH_DIR").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let data = dir.join(format!("recommend-{}", size.events));
    let is_new = !data.exists();
    let token = token(&data);
    let mut table = Vec::new();
    let mut row = |what: &str, figure: String, demand: String| table.push((what.to_owned(), figure, demand));
    if is_new {
        let (imported, learned) = fill(&dir, &data, size);
        let per = |cost: &Cost, count: usize| cost.cpu.as_secs_f64() * 1e6 / count.max(1) as f64;
        row("catalogue: CPU a resource", format!("{:.0} µs", per(&imported, size.resources)), String::new());
        row("events: CPU an event", format!("{:.2} µs", per(&learned, size.events)), format!("<= {} µs", DEMANDS.0));
        row("events: by the clock", format!("{:.0} a second", size.events as f64 / learned.wall.as_secs_f64()), String::new());
        row("events: most memory", format!("{} MB", learned.memory), format!("< {} MB", ROOM.0));
    }
    let (server, address, start) = serve(&data);
    row("start: by the clock", format!("{:.2} s", start.as_secs_f64()), format!("< {} s", ROOM.1));
    row("served: memory at the start", format!("{} MB", memory(server.id(), "VmRSS")), String::new());
    let asker = Asker { address: &address, token: &token, size };
    asker.ask(1, size.requests / 20 + 1, server.id());
    row("after the start: CPU until quiet", format!("{:.2} s", until_quiet(server.id()).as_secs_f64()), String::new());
    let (stolen, mut runs) = (Stolen::so_far(), [Vec::new(), Vec::new()]);
    for _ in 0..RUNS {
        for (clients, runs) in (1..).zip(&mut runs) {
            runs.push(asker.ask(clients, size.requests, server.id()));
        }
    }
    for (clients, runs) in (1..).zip(&runs) {
        let middle = |figure: fn(&Asked) -> f64| median(runs.iter().map(figure));
        let demand = |demand: String| if clients == 1 { demand } else { String::new() };
        let (least, most) = runs.iter().fold((f64::MAX, 0.0_f64), |(least, most), run| (least.min(run.0), most.max(run.0)));
        let cpu = format!("{:.0} µs ({least:.0} to {most:.0})", middle(|run| run.0));
        row(&format!("lists, {clients} at once: CPU a request"), cpu, demand(format!("<= {} µs", DEMANDS.1)));
        row(
            &format!("lists, {clients} at once: median, p99, most"),
            format!("{:.2} {:.2} {:.2} ms", middle(|run| run.1), middle(|run| run.2), middle(|run| run.3)),
            demand(format!("p99 < {} ms", DEMANDS.2)),
        );
    }
    row("lists: processor time taken by other machines", format!("{:.0} %", stolen.share_since() * 100.0), String::new());
    let stop = AtomicBool::new(false);
    let ((_, median, p99, most), ack) = std::thread::scope(|scope| {
        let feeder = scope.spawn(|| asker.feed(&stop));
        let asked = asker.ask(1, size.requests / 2, server.id());
        stop.store(true, Ordering::Relaxed);
        (asked, feeder.join().expect("the feeder ends"))
    });
    let demand = format!("p99 < {} ms", DEMANDS.2);
    row("lists while 2,000 events/s arrive: median, p99, most", format!("{median:.2} {p99:.2} {most:.2} ms"), demand);
    row("acknowledgements of 100 events then: p99, most", format!("{:.2} {:.2} ms", ack.0, ack.1), String::new());
    row("served: most memory", format!("{} MB", memory(server.id(), "VmHWM")), format!("< {} MB", ROOM.0));
    let stopped = stop_server(server);
    row("stop with a snapshot: by the clock", format!("{:.2} s", stopped.as_secs_f64()), String::new());
    for (what, figure, demand) in table {
        println!("{what:54} {figure:>24}   {demand}");
    }
    println!("load of the machine at the end {}", load());
}

/// Takes in the catalogue and the events; answers what each took.
fn fill(dir: &Path, data: &Path, size: Size) -> (Cost, Cost) {
    let catalogue = dir.join("catalogue.jsonl");
    write_catalogue(&catalogue, size);
    let imported = run(data, &["import".as_ref(), catalogue.as_ref(), "--vetted-by".as_ref(), "bench".as_ref()]);
    let events = dir.join("events.jsonl");
    write_events(&events, size);
    let learned = run(data, &["events".as_ref(), "import".as_ref(), events.as_ref()]);
    std::fs::remove_file(&events).expect("removed");
    (imported, learned)
}

/// What a run of the program took.
struct Cost {
    cpu: Duration,
    wall: Duration,
    memory: u64,
}

fn program(data: &Path) -> Command {
    let given = std::env::args().skip_while(|word| word != "--program").nth(1);
    let mut command = Command::new(given.as_deref().unwrap_or(PROGRAM));
    // The bench asks faster than any account may.
    command.arg("--data-dir").arg(data).env("YUELU_LIMITS__REQUESTS_PER_MINUTE", "0");
    command.env("XDG_STATE_HOME", data);
    command
}

/// A new administrator's token: a folder that is kept has those of former runs too.
fn token(data: &Path) -> String {
    let name = format!("bench-{}", std::process::id());
    let made = program(data).args(["user", "add", name.as_str(), "--role", "administrator", "--json"]).output().expect("the program runs");
    let made: Value = serde_json::from_slice(&made.stdout).expect("an account as JSON");
    made.pointer("/token").and_then(Value::as_str).expect("a token").to_owned()
}

/// Runs the program to its end.
fn run(data: &Path, arguments: &[&std::ffi::OsStr]) -> Cost {
    let (before, began) = (children_cpu(), Instant::now());
    let mut child = program(data).args(arguments).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().expect("the program runs");
    let mut most = 0;
    let status = loop {
        match child.try_wait().expect("a child") {
            Some(status) => break status,
            None => {
                most = most.max(memory(child.id(), "VmHWM"));
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    };
    assert!(status.success(), "the program failed");
    Cost { cpu: children_cpu() - before, wall: began.elapsed(), memory: most }
}

fn serve(data: &Path) -> (Child, String, Duration) {
    let began = Instant::now();
    let mut child =
        program(data).args(["serve", "--listen", "127.0.0.1:0", "--json"]).stdout(Stdio::piped()).spawn().expect("the program runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let ready: Value = serde_json::from_str(&line).expect("the address as JSON");
    let address =
        ready.pointer("/address").and_then(Value::as_str).and_then(|url| url.strip_prefix("http://")).expect("an address").to_owned();
    let mut connection = Connection::open(&address);
    while connection.exchange("GET", "/readyz", "", b"").0 != 200 {
        std::thread::sleep(Duration::from_millis(20));
    }
    (child, address, began.elapsed())
}

fn stop_server(mut server: Child) -> Duration {
    let began = Instant::now();
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().expect("kill");
    assert!(told.success() && server.wait().expect("a child").success(), "it stops cleanly");
    began.elapsed()
}

/// Waits until the program does nothing more by itself (after a start it reads the content of new resources); answers the CPU
/// it took so far.
fn until_quiet(server: u32) -> Duration {
    let mut before = Duration::ZERO;
    loop {
        let now = process_cpu(server);
        if now - before <= Duration::from_millis(10) {
            return now;
        }
        before = now;
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// A connection that is kept.
struct Connection {
    address: String,
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self { address: address.to_owned(), stream: BufReader::new(stream), body: Vec::new() }
    }

    /// Sends a request; answers the status and the body.
    fn exchange(&mut self, method: &str, path: &str, token: &str, body: &[u8]) -> (u16, &[u8]) {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n", self.address, body.len());
        if !token.is_empty() {
            request += &format!("authorization: Bearer {token}\r\ncontent-type: application/x-ndjson\r\n");
        }
        request += "\r\n";
        let stream = self.stream.get_mut();
        stream.write_all(&[request.as_bytes(), body].concat()).expect("sent");
        let (mut line, mut status, mut length) = (String::new(), 0, 0);
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("an answer");
            let text = line.trim_end();
            if let Some(rest) = text.strip_prefix("HTTP/1.1 ") {
                status = rest.split(' ').next().and_then(|code| code.parse().ok()).expect("a status");
            } else if let Some(count) = text.strip_prefix("content-length: ") {
                length = count.parse().expect("a length");
            } else if text.is_empty() {
                break;
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).expect("a body");
        (status, &self.body)
    }
}

/// µs CPU of the server a request; median, 99th percentile and most of the latency in milliseconds.
type Asked = (f64, f64, f64, f64);

/// Asks a served program.
#[derive(Clone, Copy)]
struct Asker<'a> {
    address: &'a str,
    token: &'a str,
    size: Size,
}

impl Asker<'_> {
    /// Lists of 20 for learners as they come, the busy ones more often.
    fn ask(self, clients: usize, requests: usize, server: u32) -> Asked {
        let before = process_cpu(server);
        let each = requests.div_ceil(clients);
        let mut times: Vec<f64> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..clients as u64).map(|client| scope.spawn(move || self.one_client(each, client))).collect();
            asking.into_iter().flat_map(|client| client.join().expect("a client ends")).collect()
        });
        let cpu = (process_cpu(server) - before).as_secs_f64() * 1e6 / times.len() as f64;
        times.sort_by(f64::total_cmp);
        (cpu, at(&times, 0.5), at(&times, 0.99), at(&times, 1.0))
    }

    fn one_client(self, requests: usize, seed: u64) -> Vec<f64> {
        let (mut random, mut connection) = (fastrand::Rng::with_seed(500 + seed), Connection::open(self.address));
        let one = |_| {
            let path = format!("/api/v1/learners/learner-{}/recommendations?limit=20", busy(&mut random, self.size.learners));
            let began = Instant::now();
            let (status, body) = connection.exchange("GET", &path, self.token, b"");
            let time = began.elapsed().as_secs_f64() * 1e3;
            assert!(status == 200 && body.len() > 500, "a full list: {status}");
            time
        };
        (0..requests).map(one).collect()
    }

    /// Sends 2,000 events a second until told to stop; answers the 99th percentile and the most of the acknowledgements in ms.
    fn feed(self, stop: &AtomicBool) -> (f64, f64) {
        let mut maker = Maker::new(self.size, 12);
        let (mut connection, mut times) = (Connection::open(self.address), Vec::new());
        while !stop.load(Ordering::Relaxed) {
            let mut body = Vec::new();
            (0..100).for_each(|_| maker.write(&mut body, "live"));
            let began = Instant::now();
            let (status, _) = connection.exchange("POST", "/api/v1/events", self.token, &body);
            times.push(began.elapsed().as_secs_f64() * 1e3);
            assert_eq!(status, 200, "events are taken");
            std::thread::sleep(Duration::from_millis(50).saturating_sub(began.elapsed()));
        }
        times.sort_by(f64::total_cmp);
        (at(&times, 0.99), at(&times, 1.0))
    }
}

/// The middle one.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    at(&sorted, 0.5)
}

/// Processor time that the host of a virtual machine gave to others, and all of it, in ticks.
struct Stolen(u64, u64);

impl Stolen {
    fn so_far() -> Self {
        let text = std::fs::read_to_string("/proc/stat").expect("Linux");
        let line = text.lines().next().unwrap_or_default();
        let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
        Self(ticks.get(7).copied().unwrap_or(0), ticks.iter().take(8).sum())
    }

    /// The share since then, of all processors.
    fn share_since(&self) -> f64 {
        let now = Self::so_far();
        (now.0 - self.0) as f64 / (now.1 - self.1).max(1) as f64
    }
}

/// The value below which this share lies.
fn at(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share) as usize).copied().unwrap_or(0.0)
}

fn write_catalogue(path: &Path, size: Size) {
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    let now = 1_790_000_000_000;
    for resource in 0..size.resources {
        let topic = resource % TOPICS;
        let category = ["vocational", "elderly", "community", "continuing", "farmers"].get(topic % 5);
        let row = json!({
            "id": format!("resource-{resource:06}"), "title": format!("第{topic}类学习资源之{resource}"),
            "description": format!("供学习者使用的第{resource}号资源，属于第{topic}类。"),
            "kind": "course", "category": category,
            "keywords": [format!("主题{topic}"), format!("方法{}", resource * 31 % 997), format!("对象{}", resource * 17 % 41)],
            "language": ["zh-CN"], "institution": format!("学院{}", resource % 300),
            "series": resource.is_multiple_of(3).then(|| format!("系列{}", resource / 9)),
            "created": Timestamp::from_millis(now - resource as i64 * DAY_MS / 100).to_string().chars().take(10).collect::<String>(),
        });
        serde_json::to_writer(&mut out, &row).expect("written");
        out.write_all(b"\n").expect("written");
    }
    out.flush().expect("written");
}

fn write_events(path: &Path, size: Size) {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).expect("a file"));
    let mut maker = Maker::new(size, 11);
    (0..size.events).for_each(|_| maker.write(&mut out, "event"));
    out.flush().expect("written");
}

/// A learner; some learn much more than others.
fn busy(random: &mut fastrand::Rng, learners: usize) -> usize {
    let share = random.f64();
    (share * share * learners as f64) as usize
}

/// A place below `count`, Zipf with exponent 1 shifted by 3: drawn by inverting the sum's integral.
fn zipf(random: &mut fastrand::Rng, count: usize) -> usize {
    let (low, high) = (3_f64.ln(), (count as f64 + 3.0).ln());
    (((low + random.f64() * (high - low)).exp() - 3.0) as usize).min(count - 1)
}

#[derive(Clone, Copy, Default)]
struct Session {
    learner: usize,
    topic: usize,
    left: u32,
}

/// Makes events, the same for the same seed.
struct Maker {
    random: fastrand::Rng,
    size: Size,
    sessions: Vec<Session>,
    next: usize,
    at: i64,
    step: i64,
}

impl Maker {
    fn new(size: Size, seed: u64) -> Self {
        let span = DAYS * DAY_MS;
        let at = Timestamp::parse("2025-10-01T00:00:00Z").map_or(0, Timestamp::millis);
        let sessions = vec![Session::default(); SESSIONS.min(size.learners / 4 + 1)];
        Self { random: fastrand::Rng::with_seed(seed), size, sessions, next: 0, at, step: span / size.events.max(1) as i64 }
    }

    fn write(&mut self, out: &mut impl Write, kind: &str) {
        self.next += 1;
        self.at += self.step;
        let place = self.random.usize(..self.sessions.len());
        let Some(session) = self.sessions.get_mut(place) else { return };
        if session.left == 0 {
            let learner = busy(&mut self.random, self.size.learners);
            // Each learner has three topics of its own; one session in ten looks elsewhere.
            let own = (learner * 7 + self.random.usize(..3) * 131) % TOPICS;
            let topic = if self.random.u8(..10) == 0 { zipf(&mut self.random, TOPICS) } else { own };
            *session = Session { learner, topic, left: self.random.u32(2..8) };
        }
        session.left -= 1;
        let Session { learner, topic, .. } = *session;
        let rank = zipf(&mut self.random, self.size.resources / TOPICS);
        let resource = rank * TOPICS + topic;
        let verb = self.random.choice(["viewed", "viewed", "completed", "favourited", "searched"]).unwrap_or("viewed");
        let (id, at) = (self.next, Timestamp::from_millis(self.at / 1000 * 1000));
        let written = writeln!(
            out,
            r#"{{"id":"{kind}-{id}","learner":"learner-{learner}","resource":"resource-{resource:06}","verb":"{verb}","at":"{at}"}}"#
        );
        written.expect("written");
    }
}

/// CPU of all children that ended.
fn children_cpu() -> Duration {
    ticks("/proc/self/stat", 13)
}

/// CPU of a process, all its threads.
fn process_cpu(process: u32) -> Duration {
    ticks(&format!("/proc/{process}/stat"), 11)
}

/// Two fields of a process's statistics, counted from the one after its name, in ticks of 10 ms.
fn ticks(path: &str, first: usize) -> Duration {
    let text = std::fs::read_to_string(path).expect("Linux");
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(first).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// A line of a process's status, in megabytes; 0 for one that has ended.
fn memory(process: u32, line: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let found = text.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'));
    found.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
