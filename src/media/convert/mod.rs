//! Making renditions: one file in, one file out, by a program of others or by readers of our own.
//!
//! Everything here works on what strangers sent in: it runs in a child process of this program ([`child`]) at the lowest urgency,
//! under limits of time, memory and size of output; programs of others get no network, no environment of ours, and a format that
//! was decided before. What comes out is opened by our own readers before it counts.
//!
//! To add a way: a file beside these with a function from [`Task`] to the bytes at a path, and its arm in [`convert`].

mod captions;
mod child;
mod film;
mod office;
mod picture;

pub use child::{SUBCOMMAND, run_child};

use super::examine::inspect;
use super::tools::{Output, ToolFault, Tools, run};
use crate::domain::encoding::decode_text;
use crate::domain::inspection::FileFacts;
use crate::domain::metadata::FileRole;
use crate::domain::rendition::Purpose;
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Most bytes of a text or subtitle file that are converted.
const MOST_TEXT: u64 = 64 << 20;
/// Most characters of a program's complaint that are passed on.
const MOST_COMPLAINT: usize = 300;
/// Least part of the source's length that a film or recording must have, per cent: less was broken off.
const LEAST_LENGTH: u64 = 90;
/// By how many milliseconds it may be shorter in any case: what packs a short film tells the length of its longest track.
const SHORTER_MS: u64 = 2_000;

/// What is to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// Where the bytes of the source are.
    pub source: PathBuf,
    /// What inspection measured of the source.
    pub facts: FileFacts,
    /// What for.
    pub purpose: Purpose,
    /// A folder of its own, for the result and everything on the way to it.
    pub folder: PathBuf,
}

/// What was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// Where its bytes are, in the folder of the task.
    pub path: PathBuf,
    /// What inspection measured of it.
    pub facts: FileFacts,
    /// Program and version that made it.
    pub tool: String,
}

/// Why nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason} ({detail})")]
pub struct Fault {
    /// In Chinese, for whoever sent the file in.
    pub reason: String,
    /// What the program said, for whoever runs the site.
    pub detail: String,
}

impl Fault {
    fn new(reason: &str, detail: impl Into<String>) -> Self {
        Self { reason: reason.to_owned(), detail: detail.into() }
    }

    fn missing(program: &str) -> Self {
        Self::new("平台没有安装转换所需的程序。", format!("{program} is not installed"))
    }
}

/// Makes a rendition in this process, within `limit`.
pub(super) fn convert(task: &Task, tools: &Tools, limit: Duration) -> Result<Made, Fault> {
    let path = task.folder.join(Purpose::name_of(task.purpose, "rendition"));
    let tool = match task.purpose {
        Purpose::Play => film::play(task, tools, &path, limit)?,
        Purpose::Listen => film::listen(task, tools, &path, limit)?,
        Purpose::Read => office::read(task, tools, &path, limit)?,
        Purpose::View => own(&path, || picture::shrink(&task.source))?,
        Purpose::Captions => own(&path, || captions::of_file(&text_of(&task.source)?))?,
        Purpose::Text => own(&path, || text_of(&task.source).map(String::into_bytes))?,
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let facts = inspect(&path, &name, FileRole::Master, &Tools::default());
    check(task, &facts)?;
    Ok(Made { path, facts, tool })
}

/// What our own readers make. They may panic on hostile bytes; that is a fault of the file.
fn own(path: &Path, make: impl FnOnce() -> Result<Vec<u8>, Fault>) -> Result<String, Fault> {
    let broken = |_| Fault::new("文件内容异常，转换时出错；文件可能已损坏。", "the reader panicked");
    let bytes = catch_unwind(AssertUnwindSafe(make)).map_err(broken)??;
    std::fs::write(path, bytes).map_err(unwritten)?;
    Ok(concat!("yuelu ", env!("CARGO_PKG_VERSION")).to_owned())
}

fn unwritten(error: std::io::Error) -> Fault {
    Fault::new("转换结果无法写入。", error.to_string())
}

fn text_of(source: &Path) -> Result<String, Fault> {
    let unread = |error: std::io::Error| Fault::new("文件无法读取。", error.to_string());
    if std::fs::metadata(source).map_err(unread)?.len() > MOST_TEXT {
        return Err(Fault::new("文本文件过大，没有转换。", format!("more than {MOST_TEXT} bytes")));
    }
    Ok(decode_text(&std::fs::read(source).map_err(unread)?).text)
}

/// Whether what came out is what was asked for, to its end.
fn check(task: &Task, made: &FileFacts) -> Result<(), Fault> {
    let wrong = |detail: String| Err(Fault::new("转换结果不完整，文件可能已损坏。", detail));
    if let Some(fault) = &made.fault {
        return wrong(format!("the result does not open: {fault}"));
    }
    let sound = match task.purpose {
        Purpose::Play => made.video.as_ref().is_some_and(|video| video.codec == "h264"),
        Purpose::Listen => made.audio.as_ref().is_some_and(|audio| audio.codec == "aac"),
        Purpose::View => made.image.is_some(),
        Purpose::Read => made.sniffed == "application/pdf",
        Purpose::Captions => made.subtitle.is_some(),
        Purpose::Text => true,
    };
    if !sound {
        return wrong(format!("the result is no {}: {}", task.purpose.media_type(), made.sniffed));
    }
    match (length(&task.facts), length(made)) {
        (Some(before), Some(after))
            if after.saturating_mul(100) < before.saturating_mul(LEAST_LENGTH) && before.saturating_sub(after) > SHORTER_MS =>
        {
            wrong(format!("the result ends after {after} ms of {before}"))
        }
        _ => Ok(()),
    }
}

/// Milliseconds of a film or recording.
pub(super) fn length(facts: &FileFacts) -> Option<u64> {
    let video = facts.video.as_ref().map(|video| video.duration_ms);
    video.or(facts.audio.as_ref().map(|audio| audio.duration_ms)).filter(|length| *length > 0)
}

/// A program of others in a folder of its own: nothing of our environment is its business but where programs are.
fn program(path: &Path, folder: &Path) -> Command {
    let mut command = Command::new(path);
    command.env_clear().current_dir(folder).env("HOME", folder).env("TMPDIR", folder);
    command.envs(std::env::var_os("PATH").map(|paths| ("PATH", paths)));
    command
}

/// Runs a program that must succeed.
fn succeed(command: Command, limit: Duration) -> Result<Output, Fault> {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let output = run(command, limit, MOST_TEXT).map_err(|fault| match fault {
        ToolFault::Start => Fault::new("转换程序无法启动。", format!("{name} does not start")),
        ToolFault::Time => {
            let seconds = limit.as_secs();
            Fault::new(&format!("转换超过 {seconds} 秒，已中止。"), format!("{name} was stopped after {seconds} s"))
        }
    })?;
    if output.success {
        return Ok(output);
    }
    let said: String = output.stderr.lines().last().unwrap_or_default().chars().take(MOST_COMPLAINT).collect();
    Err(Fault::new("文件转换失败，可能已损坏或编码方式不受支持。", format!("{name}: {said}")))
}

/// The first words of what a program says of its version.
fn version(command: Command, words: usize) -> String {
    let output = run(command, Duration::from_secs(30), 4 << 10).ok();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    said.split_whitespace().filter(|word| *word != "version").take(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
