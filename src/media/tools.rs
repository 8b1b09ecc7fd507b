//! Programs of others that help where they are installed: found once at start-up, run with limits of time and output.

use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Which programs are there. Without one, what it does is left out or done by a weaker reader of our own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tools {
    /// Covers of videos.
    pub ffmpeg: Option<PathBuf>,
    /// Text of PDF files; without it `lopdf` reads what it can.
    pub pdftotext: Option<PathBuf>,
    /// Pictures of the first page of PDF files.
    pub pdftoppm: Option<PathBuf>,
}

/// What a program gave.
pub(super) struct Output {
    pub success: bool,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

/// Why a program gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ToolFault {
    /// It could not be started.
    Start,
    /// It took too long and was killed.
    Time,
}

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// Most bytes of a program's complaints that are kept.
const MOST_STDERR: u64 = 16 << 10;

impl Tools {
    /// Looks for the programs on `PATH`.
    pub fn find() -> Self {
        Self { ffmpeg: on_path("ffmpeg"), pdftotext: on_path("pdftotext"), pdftoppm: on_path("pdftoppm") }
    }

    /// What is there and what is missing, with what that costs, for the start-up report: (name, path, what it is for).
    pub fn report(&self) -> [(&'static str, Option<String>, &'static str); 3] {
        let shown = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        [
            ("ffmpeg", shown(&self.ffmpeg), "视频封面截图"),
            ("pdftotext", shown(&self.pdftotext), "PDF 全文提取（缺少时使用内置的简易提取；另需中文字符表，如 Debian 的 poppler-data）"),
            ("pdftoppm", shown(&self.pdftoppm), "PDF 首页缩略图"),
        ]
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Runs a program without input; its output is cut at `most` bytes, and it is killed after `limit`.
pub(super) fn run(mut command: Command, limit: Duration, most: u64) -> Result<Output, ToolFault> {
    let started = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).env("LC_ALL", "C.UTF-8");
    let mut child = command.spawn().map_err(|_| ToolFault::Start)?;
    let stdout = child.stdout.take().map(|pipe| std::thread::spawn(move || drain(pipe, most)));
    let stderr = child.stderr.take().map(|pipe| std::thread::spawn(move || drain(pipe, MOST_STDERR)));
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() < limit => std::thread::sleep(LOOK),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(ToolFault::Time);
            }
        }
    };
    let collect = |thread: Option<std::thread::JoinHandle<Vec<u8>>>| thread.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let stderr = String::from_utf8_lossy(&collect(stderr)).into_owned();
    Ok(Output { success: status.success(), stdout: collect(stdout), stderr })
}

/// Keeps the first `most` bytes and reads the rest away, so that the program does not stand still on a full pipe.
fn drain(mut pipe: impl Read, most: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    let _ = pipe.by_ref().take(most).read_to_end(&mut kept);
    let _ = std::io::copy(&mut pipe, &mut std::io::sink());
    kept
}
