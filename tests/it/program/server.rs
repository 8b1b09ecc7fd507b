//! The real program, started on a free port over a data directory, and a client of its API.

use super::here::Here;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;
use yuelu::clock::Clock;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_yuelu");

/// `yuelu` with these arguments, none of the caller's variables of the program, no limits of rate.
pub fn yuelu(data_dir: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("YUELU_")) {
        command.env_remove(name);
    }
    command.env("YUELU_LIMITS__REQUESTS_PER_MINUTE", "0").env("YUELU_LIMITS__SIGN_INS_PER_MINUTE", "0");
    command.env("XDG_STATE_HOME", data_dir.join("test-state"));
    command.arg("--data-dir").arg(data_dir).stdin(Stdio::null());
    command
}

/// What serves.
enum Serving {
    /// A process of its own, as it is run.
    Child(Child),
    /// This process, where the test holds the clock.
    Here(Here),
}

/// A served data directory. It is killed when dropped; its directory lives as long as whoever made it says.
pub struct Server {
    serving: Serving,
    /// The data directory.
    pub dir: PathBuf,
    /// `http://address`.
    pub base: String,
    http: reqwest::Client,
}

impl Server {
    /// Starts `yuelu serve` on this data directory and waits for the address it prints.
    pub fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    /// The same with further variables.
    pub fn start_with(dir: &Path, variables: &[(&str, &OsStr)]) -> Self {
        let mut child = Self::spawn(dir, variables);
        let Some(base) = address(&mut child) else {
            let _ = child.kill();
            let mut told = String::new();
            child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            panic!("the server does not start: {told}");
        };
        drain(child.stderr.take().unwrap());
        Self::new(Serving::Child(child), dir, base)
    }

    /// The same, with the lines of its log as they come; after the last one it has ended.
    pub fn start_told(dir: &Path, variables: &[(&str, &OsStr)]) -> (Self, Receiver<String>) {
        let mut child = Self::spawn(dir, variables);
        let (tell, told) = std::sync::mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // Read to the end whether anybody listens or not, so that the child never waits for a reader.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(tell.send(line))));
        let Some(base) = address(&mut child) else {
            let _ = child.kill();
            panic!("the server does not start: {}", told.into_iter().collect::<Vec<_>>().join("\n"));
        };
        (Self::new(Serving::Child(child), dir, base), told)
    }

    fn spawn(dir: &Path, variables: &[(&str, &OsStr)]) -> Child {
        let mut command = yuelu(dir);
        command.envs(variables.iter().copied());
        command.args(["serve", "--listen", "127.0.0.1:0", "--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }

    /// The same composition in this process, by a clock that the test moves; see [`Here`].
    pub fn start_by(dir: &Path, clock: &Clock) -> Self {
        let here = Here::start(dir, clock.clone());
        let base = here.base.clone();
        Self::new(Serving::Here(here), dir, base)
    }

    fn new(serving: Serving, dir: &Path, base: String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60));
        // Where an answer leads on to is for the test to follow.
        let http = http.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { serving, dir: dir.to_owned(), base, http }
    }

    /// Starts it and ends it again after `life`, whether it has said that it is ready or not.
    pub fn kill_while_starting(dir: &Path, life: Duration) {
        let mut command = yuelu(dir);
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        std::thread::sleep(life);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// A client with a token.
    pub fn api(&self, token: &str) -> Api {
        Api { base: self.base.clone(), token: Some(token.to_owned()), http: self.http.clone() }
    }

    /// A client without a token.
    pub fn visitor(&self) -> Api {
        Api { base: self.base.clone(), token: None, http: self.http.clone() }
    }

    /// Makes an account by the command line and gives its token. `more`: further flags of `user add`.
    pub fn add_user(&self, name: &str, role: &str, scope: &str, more: &[&str]) -> String {
        let done = self.run([&["--json", "user", "add", name, "--role", role, "--scope", scope], more].concat());
        let made: Value = serde_json::from_str(&done).unwrap();
        made["token"].as_str().unwrap().to_owned()
    }

    /// Runs a command on the served directory, requires that it succeeds, gives what it printed.
    pub fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
        succeeded(yuelu(&self.dir).args(arguments).output().unwrap())
    }

    /// Asks it to stop and waits until it has; gives whether it ended well.
    pub fn stop(mut self) -> bool {
        match &mut self.serving {
            Serving::Child(child) => {
                let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
                asked.success() && child.wait().unwrap().success()
            }
            Serving::Here(here) => here.stop(),
        }
    }

    /// Ends it at once, as a power cut would end the process.
    pub fn kill(mut self) {
        let Serving::Child(child) = &mut self.serving else { panic!("only a process of its own can be killed") };
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Serving::Child(child) = &mut self.serving {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The address that a child prints once it serves; `None` when it says something else.
fn address(child: &mut Child) -> Option<String> {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).ok()?;
    Some(ready["address"].as_str()?.to_owned())
}

/// Reads a stream of the child to its end, so that the child never waits for a reader.
fn drain(mut stream: impl std::io::Read + Send + 'static) {
    std::thread::spawn(move || std::io::copy(&mut stream, &mut std::io::stderr()));
}

/// The standard output of a command that must have succeeded.
pub fn succeeded(output: Output) -> String {
    let (told, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{told}{failed}", output.status);
    told.into_owned()
}

/// A client of the API.
#[derive(Clone)]
pub struct Api {
    base: String,
    token: Option<String>,
    http: reqwest::Client,
}

/// What the API answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// Body.
    pub body: bytes::Bytes,
}

impl Answer {
    /// A header as text, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The body as JSON; null where there is none.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as JSON of an answer that must be a success.
    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{self}");
        self.json()
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.status, String::from_utf8_lossy(&self.body))
    }
}

impl Api {
    /// The same caller at another server.
    pub fn at(&self, server: &Server) -> Self {
        Self { base: server.base.clone(), ..self.clone() }
    }

    /// Sends a request; fails when no whole answer comes.
    pub async fn try_send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).body(body);
        for (name, value) in headers {
            request = request.header(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await?;
        Ok(Answer { status: answer.status(), headers: answer.headers().clone(), body: answer.bytes().await? })
    }

    /// Sends a request.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    /// `GET`; fails when no whole answer comes.
    pub async fn try_get(&self, path: &str) -> Result<Answer, reqwest::Error> {
        self.try_send(Method::GET, path, &[], Vec::new()).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).await.unwrap()
    }

    /// `POST` of JSON; fails when no whole answer comes.
    pub async fn try_post(&self, path: &str, body: &Value) -> Result<Answer, reqwest::Error> {
        self.try_send(Method::POST, path, &[("content-type", "application/json")], serde_json::to_vec(body).unwrap()).await
    }
}
