//! Programs as children of the measuring one: their processor time and memory from `/proc`, and asking them over HTTP.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Ticks of processor time in a second: the kernel gives `/proc/<pid>/stat` in hundredths on every architecture we run on.
const TICKS: f64 = 100.0;

/// A program that runs until it is dropped or waited for.
pub struct Program {
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// What a program took from its start to its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// Seconds on the processor, of all its threads, system calls included.
    pub cpu: f64,
    /// Seconds by the clock.
    pub wall: f64,
    /// Most resident memory, in megabytes, as last seen before its end.
    pub memory: u64,
    /// Most of it that is the program's own, without pages of mapped files, which the system takes back when it needs them.
    pub own: u64,
}

impl Program {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, lines }
    }

    /// The next line it prints.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("its output");
        line
    }

    /// Seconds on the processor so far.
    pub fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("a running program");
        ticks(&stat, 14) + ticks(&stat, 15)
    }

    /// Waits until it does nothing of its own accord: what it learns at its start is not what is measured.
    pub fn settle(&self) {
        loop {
            let before = self.cpu();
            std::thread::sleep(Duration::from_secs(2));
            if self.cpu() - before < 0.04 {
                return;
            }
        }
    }

    /// A line of its status (`VmHWM`, `VmRSS`), in megabytes.
    pub fn memory(&self, line: &str) -> u64 {
        memory_of(self.child.id(), line)
    }

    /// Waits until it ends by itself; the lines it printed, and what it took.
    pub fn finish(mut self, began: Instant) -> (String, Taken) {
        let (id, before) = (self.child.id(), waited_for());
        let watcher = std::thread::spawn(move || {
            let (mut memory, mut own) = (0, 0);
            // A program that has ended and is not yet waited for has a status without figures.
            while let Some(now) = find_memory(id, "VmHWM") {
                memory = memory.max(now);
                own = own.max(memory_of(id, "RssAnon"));
                std::thread::sleep(Duration::from_millis(20));
            }
            (memory, own)
        });
        let mut printed = String::new();
        std::io::Read::read_to_string(&mut self.lines, &mut printed).expect("its output");
        let status = self.child.wait().expect("its end");
        let wall = began.elapsed().as_secs_f64();
        assert!(status.success(), "it ended with {status}");
        let (memory, own) = watcher.join().expect("the watcher ends");
        (printed, Taken { cpu: waited_for() - before, wall, memory, own })
    }
}

/// Asks it to end and waits until it has, also where the measuring program stops at what does not hold.
impl Drop for Program {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
            let _ = self.child.wait();
        }
    }
}

/// Seconds on the processor of all children that were waited for.
fn waited_for() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    ticks(&stat, 16) + ticks(&stat, 17)
}

/// A field of a `stat` line (numbered as in proc(5)), in seconds.
fn ticks(stat: &str, field: usize) -> f64 {
    // The second field is a name in parentheses, which may hold spaces.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    rest.split_whitespace().nth(field - 3).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0) / TICKS
}

fn memory_of(process: u32, line: &str) -> u64 {
    find_memory(process, line).unwrap_or(0)
}

fn find_memory(process: u32, line: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let found = text.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'))?;
    Some(found.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

/// How busy the machine is besides.
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(1).collect()
}

/// Asks all addresses over so many connections and gives the seconds that each answer took. Every answer must be a success.
pub async fn ask_all(addresses: &Arc<Vec<String>>, connections: usize) -> Vec<f64> {
    // A second installation changes nothing: the first one is the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().pool_max_idle_per_host(connections).build().expect("a client");
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let (addresses, next, http) = (Arc::clone(addresses), Arc::clone(&next), http.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                while let Some(address) = addresses.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = Instant::now();
                    let answer = http.get(address).send().await.expect("an answer");
                    assert!(answer.status().is_success(), "{address}: {}", answer.status());
                    answer.bytes().await.expect("a whole answer");
                    times.push(began.elapsed().as_secs_f64());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::with_capacity(addresses.len());
    for task in tasks {
        times.extend(task.await.expect("no panic"));
    }
    times
}
