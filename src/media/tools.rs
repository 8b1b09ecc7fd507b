//! Programs of others that help where they are installed: found once at start-up, run with limits of time and output.

use crate::domain::rendition::Purpose;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// Which programs are there. Without one, what it does is left out or done by a weaker reader of our own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tools {
    /// Covers of videos, what only decoding tells of sound and pictures, and films and sound for any phone.
    pub ffmpeg: Option<PathBuf>,
    /// Facts of recordings in formats that no reader of our own knows.
    #[serde(default)]
    pub ffprobe: Option<PathBuf>,
    /// Text of PDF files; without it `lopdf` reads what it can.
    pub pdftotext: Option<PathBuf>,
    /// Pictures of the first page of PDF files.
    pub pdftoppm: Option<PathBuf>,
    /// LibreOffice: documents as PDF.
    #[serde(default)]
    pub soffice: Option<PathBuf>,
}

/// A program of others, as it is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolState {
    /// Name.
    pub name: &'static str,
    /// Whether it was found.
    pub found: bool,
    /// What it is used for, in Chinese.
    pub about: &'static str,
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

/// How often a running program is looked at, in its first second and later.
const LOOK: Duration = Duration::from_millis(5);
const LATER_LOOK: Duration = Duration::from_millis(100);
/// Bytes of a program's output that are handed on at once.
const CHUNK: usize = 64 << 10;
/// Most bytes of a program's complaints that are kept.
const MOST_STDERR: u64 = 16 << 10;

impl Tools {
    /// Looks for the programs on `PATH`.
    pub fn find() -> Self {
        let [ffmpeg, ffprobe, pdftotext, pdftoppm, soffice] = ["ffmpeg", "ffprobe", "pdftotext", "pdftoppm", "soffice"].map(on_path);
        Self { ffmpeg, ffprobe, pdftotext, pdftoppm, soffice }
    }

    /// What is there and what is missing, with what that costs.
    pub fn report(&self) -> Vec<ToolState> {
        let state = |name, path: &Option<PathBuf>, about| ToolState { name, found: path.is_some(), about };
        vec![
            state("ffmpeg", &self.ffmpeg, "视频封面截图；声音响度、静音与画面黑场等测量；音视频转换为 MP4、M4A"),
            state("ffprobe", &self.ffprobe, "AVI、WMV、FLV、MPEG 等格式的识读"),
            state("pdftotext", &self.pdftotext, "PDF 全文提取（缺少时使用内置的简易提取；另需中文字符表，如 Debian 的 poppler-data）"),
            state("pdftoppm", &self.pdftoppm, "PDF 首页缩略图"),
            state("soffice", &self.soffice, "Word、PPT 等文档转换为 PDF"),
        ]
    }

    /// The renditions that can be made with them.
    pub fn makeable(&self) -> BTreeSet<Purpose> {
        let makes = |purpose: &Purpose| match purpose {
            Purpose::Play | Purpose::Listen => self.ffmpeg.is_some(),
            Purpose::Read => self.soffice.is_some(),
            Purpose::View | Purpose::Captions | Purpose::Text => true,
        };
        Purpose::ALL.into_iter().filter(makes).collect()
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
            Ok(None) if started.elapsed() < limit => {
                std::thread::sleep(if started.elapsed() < Duration::from_secs(1) { LOOK } else { LATER_LOOK });
            }
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
