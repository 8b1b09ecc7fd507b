//! Looking into files in a child process of this program: hostile bytes can at worst kill the child.
//!
//! The program starts itself again with the hidden subcommand [`SUBCOMMAND`]; the request goes in as JSON on standard input,
//! the examination comes out as JSON on standard output. Memory and processor time are bounded by `ulimit` in a shell that
//! replaces itself with the child, the time by killing it.

use super::examine::{Examination, Request, basic, examine};
use super::tools::Tools;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

/// The hidden subcommand; `main` hands it to [`run_child`] before anything else is set up.
pub const SUBCOMMAND: &str = "__inspect";

/// Time for one file: what decoding may take of a long recording (see `decode`: 150 seconds), and what all else may.
const LIMIT: Duration = Duration::from_secs(240);
/// Time for one conversion where nothing else is said.
const LONGEST_CONVERSION: Duration = Duration::from_secs(4 * 3600);
/// Address space of the child in KiB: the largest picture that is opened takes 400 MB, its programs map more than they use.
const MOST_MEMORY_KIB: u64 = 3 << 20;
/// Most bytes of an answer: 20 MB of text, escaped.
const MOST_ANSWER: u64 = 96 << 20;

/// This executable, once it has said that it is the program.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Says that this executable is the program, by whatever name it was installed: started anew with [`SUBCOMMAND`] it looks into files.
/// Test programs do not.
pub fn is_program() {
    // Where the system does not tell, files are looked into in this process.
    let _set_once = std::env::current_exe().map(|path| PROGRAM.set(path));
}

#[derive(Serialize, Deserialize)]
struct Question {
    request: Request,
    tools: Tools,
}

/// Looks into files, as many at a time as there are processors.
#[derive(Clone, Debug)]
pub struct Media {
    tools: Arc<Tools>,
    program: Option<PathBuf>,
    limit: Duration,
    longest_conversion: Duration,
    places: Arc<Semaphore>,
}

impl Media {
    /// With child processes of this executable where it has said that it is the program ([`is_program`]), else without them.
    pub fn here(tools: Tools) -> Self {
        match PROGRAM.get() {
            Some(program) => Self::isolated(program.clone(), tools),
            None => Self::in_process(tools),
        }
    }

    /// With child processes of `program` (this executable).
    pub fn isolated(program: PathBuf, tools: Tools) -> Self {
        Self { program: Some(program), ..Self::in_process(tools) }
    }

    /// Without child processes: for tests and where the system forbids them. A file that hangs costs a thread.
    pub fn in_process(tools: Tools) -> Self {
        let places = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let places = Arc::new(Semaphore::new(places));
        Self { tools: Arc::new(tools), program: None, limit: LIMIT, longest_conversion: LONGEST_CONVERSION, places }
    }

    /// With another time for one file.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// With another longest time for one conversion.
    #[must_use]
    pub fn with_longest_conversion(mut self, longest: Duration) -> Self {
        self.longest_conversion = longest;
        self
    }

    /// Longest time for one conversion.
    pub fn longest_conversion(&self) -> Duration {
        self.longest_conversion
    }

    /// This executable, where child processes are to be made of it.
    pub(super) fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// The programs of others that were found.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Looks into a file. Never fails: what goes wrong is a fault in the facts.
    pub async fn examine(&self, request: Request) -> Examination {
        let _place = self.places.acquire().await;
        let outcome = match &self.program {
            Some(program) => tokio::time::timeout(self.limit, self.ask(program, &request)).await.map_err(|_| self.too_slow()),
            None => self.in_thread(&request).await.map(Ok),
        };
        match outcome {
            Ok(Ok(examination)) => examination,
            Ok(Err(fault)) | Err(fault) => {
                tracing::warn!(file = %request.name, sha256 = ?request.sha256, fault, "a file could not be examined");
                let facts = tokio::task::spawn_blocking(move || basic(&request)).await.unwrap_or_default();
                let fault = facts.fault.clone().unwrap_or(fault);
                let facts = crate::domain::inspection::FileFacts { opens: false, fault: Some(fault), ..facts };
                Examination { facts, ..Examination::default() }
            }
        }
    }

    fn too_slow(&self) -> String {
        format!("文件处理超过 {} 秒，已中止；文件可能过于复杂或已损坏。", self.limit.as_secs())
    }

    async fn in_thread(&self, request: &Request) -> Result<Examination, String> {
        let (request, tools) = (request.clone(), self.tools.clone());
        let work = tokio::task::spawn_blocking(move || examine(&request, &tools));
        match tokio::time::timeout(self.limit, work).await {
            Ok(Ok(examination)) => Ok(examination),
            Ok(Err(_)) => Err(crashed()),
            Err(_) => Err(self.too_slow()),
        }
    }

    async fn ask(&self, program: &Path, request: &Request) -> Result<Examination, String> {
        let question = Question { request: request.clone(), tools: (*self.tools).clone() };
        let question = serde_json::to_vec(&question).map_err(|_| crashed())?;
        let seconds = self.limit.as_secs().max(1);
        // A limit that the system refuses to set is no reason not to look; the others still hold.
        let script = format!("ulimit -v {MOST_MEMORY_KIB}; ulimit -t {seconds}; ulimit -c 0; exec \"$0\" {SUBCOMMAND}");
        let mut child = tokio::process::Command::new("/bin/sh")
            .arg("-c")
            .arg(script)
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| crashed())?;
        let mut input = child.stdin.take().ok_or_else(crashed)?;
        input.write_all(&question).await.map_err(|_| crashed())?;
        drop(input);
        let mut answer = Vec::new();
        let output = child.stdout.take().ok_or_else(crashed)?;
        output.take(MOST_ANSWER).read_to_end(&mut answer).await.map_err(|_| crashed())?;
        let status = child.wait().await.map_err(|_| crashed())?;
        if !status.success() {
            return Err(crashed());
        }
        serde_json::from_slice(&answer).map_err(|_| crashed())
    }
}

fn crashed() -> String {
    "文件内容异常，解析程序已中止；文件可能已损坏，或解压、解码所需内存超过上限。".to_owned()
}

/// The child's side: reads the question, looks, answers.
pub fn run_child() -> ExitCode {
    // Panics are faults of the file and are answered as such; their words belong on nobody's terminal.
    std::panic::set_hook(Box::new(|_| {}));
    let mut question = Vec::new();
    if std::io::stdin().read_to_end(&mut question).is_err() {
        return ExitCode::FAILURE;
    }
    let Ok(Question { request, tools }) = serde_json::from_slice(&question) else { return ExitCode::FAILURE };
    let Ok(answer) = serde_json::to_vec(&examine(&request, &tools)) else { return ExitCode::FAILURE };
    let mut out = std::io::stdout().lock();
    if out.write_all(&answer).and_then(|()| out.flush()).is_err() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
