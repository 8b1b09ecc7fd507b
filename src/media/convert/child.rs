//! Conversions in a child process of this program, which watches over the programs of others.
//!
//! The child leads a process group of its own. Its standard input stays open as long as somebody waits for the result: when it
//! closes, because the server gave the job up or was killed, the child ends its whole group. So no ffmpeg outlives the server by
//! more than a moment, whatever ended it.

use super::{Fault, Made, Task, convert, length};
use crate::domain::rendition::Purpose;
use crate::media::child::Media;
use crate::media::tools::Tools;
use rustix::process::{Pid, Signal, kill_current_process_group, kill_process_group, nice};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The hidden subcommand; `main` hands it to [`run_child`] before anything else is set up.
pub const SUBCOMMAND: &str = "__convert";

/// Address space of each process in KiB: LibreOffice maps two to three gigabytes, far more than it uses.
const MOST_MEMORY_KIB: u64 = 4 << 20;
/// Largest file that may be written, in blocks of 512 bytes: 8 GiB.
const MOST_BLOCKS: u64 = 16 << 20;
/// Most bytes of an answer.
const MOST_ANSWER: u64 = 4 << 20;
/// Added to the niceness: conversions take the time that nobody else wants.
const PATIENCE: i32 = 15;
/// Time for what has no length; beside [`PER_LENGTH`] times the length of what has one.
const BASE: Duration = Duration::from_secs(300);
/// The presets need a third of the length on two slow cores; a busy machine may take far longer.
const PER_LENGTH: u32 = 20;
/// What the child may take beyond the limit, to end by itself and say why.
const GRACE: Duration = Duration::from_secs(30);

#[derive(Serialize, Deserialize)]
struct Question {
    task: Task,
    tools: Tools,
    limit: Duration,
}

type Outcome = Result<Made, Fault>;

impl Media {
    /// Makes a rendition.
    ///
    /// # Errors
    /// Why there is none: the file's fault or the program's, never ours to hide.
    pub async fn convert(&self, task: Task) -> Outcome {
        let limit = limit(&task, self.longest_conversion());
        let question = Question { task, tools: self.tools().clone(), limit };
        match self.program() {
            Some(program) => ask(program, &question).await,
            None => {
                let work = tokio::task::spawn_blocking(move || convert(&question.task, &question.tools, limit));
                work.await.unwrap_or_else(|error| Err(ended(error.to_string())))
            }
        }
    }
}

/// The time for a task: films and recordings by their length, where that is known.
fn limit(task: &Task, longest: Duration) -> Duration {
    let wanted = match task.purpose {
        Purpose::Play | Purpose::Listen => {
            length(&task.facts).map_or(longest, |millis| BASE.saturating_add(Duration::from_millis(millis).saturating_mul(PER_LENGTH)))
        }
        Purpose::View | Purpose::Read | Purpose::Captions | Purpose::Text => BASE,
    };
    wanted.min(longest)
}

/// Ends a process group when nobody waits for it any more.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        // That nobody is left of it is the usual case.
        let _gone = self.0.map(|leader| kill_process_group(leader, Signal::KILL));
    }
}

async fn ask(program: &Path, question: &Question) -> Outcome {
    let failed = |error: std::io::Error| ended(error.to_string());
    let asked = serde_json::to_vec(question).map_err(|error| ended(error.to_string()))?;
    // Limits that the system refuses to set are no reason not to convert; the others still hold.
    let script = format!("ulimit -v {MOST_MEMORY_KIB}; ulimit -f {MOST_BLOCKS}; ulimit -c 0; exec \"$0\" {SUBCOMMAND}");
    let mut command = std::process::Command::new("/bin/sh");
    command.arg("-c").arg(script).arg(program).process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = tokio::process::Command::from(command).spawn().map_err(failed)?;
    let group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let (Some(mut input), Some(output)) = (input, output) else { return Err(ended("no pipes".to_owned())) };
    let answering = async {
        input.write_all(&asked).await?;
        input.write_all(b"\n").await?;
        let mut answer = Vec::new();
        output.take(MOST_ANSWER).read_to_end(&mut answer).await?;
        Ok(answer)
    };
    let answer = tokio::time::timeout(question.limit + GRACE, answering).await;
    // Before its leader is waited for: until then its number is nobody else's.
    drop(group);
    let _ended = child.wait().await;
    drop(input);
    let answer = answer.map_err(|_| ended("the child did not end in time".to_owned()))?.map_err(failed)?;
    serde_json::from_slice(&answer).map_err(|_| ended("no answer: out of memory, or killed".to_owned()))?
}

fn ended(detail: String) -> Fault {
    Fault::new("转换程序异常中止。", detail)
}

/// The child's side: reads what is to be made, makes it, answers.
pub fn run_child() -> ExitCode {
    // Panics are faults of the file and are answered as such; their words belong on nobody's terminal.
    std::panic::set_hook(Box::new(|_| {}));
    let _as_it_was = nice(PATIENCE);
    let mut input = BufReader::new(std::io::stdin());
    let mut line = String::new();
    if input.read_line(&mut line).is_err() {
        return ExitCode::FAILURE;
    }
    let Ok(Question { task, tools, limit }) = serde_json::from_str(&line) else { return ExitCode::FAILURE };
    std::thread::spawn(move || {
        let _closed = std::io::copy(&mut input, &mut std::io::sink());
        let _ends_here = kill_current_process_group(Signal::KILL);
    });
    let Ok(answer) = serde_json::to_vec(&convert(&task, &tools, limit)) else { return ExitCode::FAILURE };
    let mut out = std::io::stdout().lock();
    if out.write_all(&answer).and_then(|()| out.flush()).is_err() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
