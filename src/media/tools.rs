//! Programs of others that help where they are installed: found once at start-up, run with limits of time and output.

use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// Which programs are there. Without one, what it does is left out or done by a weaker reader of our own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tools {
    /// Covers of videos, and what only decoding tells of sound and pictures.
    pub ffmpeg: Option<PathBuf>,
    /// Facts of recordings in formats that no reader of our own knows.
    #[serde(default)]
    pub ffprobe: Option<PathBuf>,
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
/// Bytes of a program's output that are handed on at once.
const CHUNK: usize = 64 << 10;
/// Most bytes of a program's complaints that are kept.
const MOST_STDERR: u64 = 16 << 10;

impl Tools {
    /// Looks for the programs on `PATH`.
    pub fn find() -> Self {
        let [ffmpeg, ffprobe, pdftotext, pdftoppm] = ["ffmpeg", "ffprobe", "pdftotext", "pdftoppm"].map(on_path);
        Self { ffmpeg, ffprobe, pdftotext, pdftoppm }
    }

    /// What is there and what is missing, with what that costs, for the start-up report: (name, path, what it is for).
    pub fn report(&self) -> [(&'static str, Option<String>, &'static str); 4] {
        let shown = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        [
            ("ffmpeg", shown(&self.ffmpeg), "视频封面截图，声音响度、静音与画面黑场等测量"),
            ("ffprobe", shown(&self.ffprobe), "AVI、WMV、FLV、MPEG 等格式的识读"),
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

/// How a program came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It had nothing more to give.
    Itself,
    /// It took too long and was killed.
    Killed,
}

/// Runs a program without input and hands its output on as it comes; it is killed after `limit`.
pub(super) fn stream(mut command: Command, limit: Duration, mut take: impl FnMut(&[u8])) -> Result<Ended, ToolFault> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).env("LC_ALL", "C.UTF-8");
    let mut child = command.spawn().map_err(|_| ToolFault::Start)?;
    let mut pipe = child.stdout.take().ok_or(ToolFault::Start)?;
    let (done, ends) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let late = ends.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
        // One that closed its output has nothing more to do.
        let _ = child.kill();
        let _ = child.wait();
        late
    });
    let mut buffer = vec![0_u8; CHUNK];
    while let Ok(read) = pipe.read(&mut buffer)
        && read > 0
    {
        take(buffer.get(..read).unwrap_or_default());
    }
    drop(done);
    Ok(if watch.join().unwrap_or(true) { Ended::Killed } else { Ended::Itself })
}

/// Keeps the first `most` bytes and reads the rest away, so that the program does not stand still on a full pipe.
fn drain(mut pipe: impl Read, most: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    let _ = pipe.by_ref().take(most).read_to_end(&mut kept);
    let _ = std::io::copy(&mut pipe, &mut std::io::sink());
    kept
}
