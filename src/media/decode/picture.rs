//! Has some key frames of a video decoded and looks at how light and dark they are.

use super::{Fault, Source, Stretch};
use crate::domain::inspection::PictureFacts;
use crate::media::tools::run;
use std::time::{Duration, Instant};

/// Most stretches of a video that are looked at.
const MOST_STRETCHES: u64 = 12;
/// Longest stretch in milliseconds.
const STRETCH_MS: u64 = 60_000;
/// Most key frames of a stretch.
const MOST_FRAMES: &str = "30";
/// Time for all of them.
const LIMIT: Duration = Duration::from_secs(20);
/// Most bytes that may be told of a stretch: some 700 a frame.
const MOST_BYTES: u64 = 256 << 10;
/// A frame without anything lighter than this (of 255) is black; black itself is 16.
const BLACK: u16 = 40;
/// Shrunk without mixing neighbours, told in the range of television whatever the file's own is, then measured.
const FILTERS: &str = "scale=640:360:flags=neighbor:out_range=tv,format=yuv420p,signalstats,metadata=print:file=-";

/// What was told of one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Frame {
    at_ms: u64,
    /// A tenth of the picture is darker.
    low: u16,
    /// A tenth of the picture is lighter.
    high: u16,
    /// The lightest point.
    top: u16,
}

/// Looks at the first video track of a file; the fault says why not.
pub(super) fn measure(source: &Source<'_>, duration_ms: u64) -> Result<PictureFacts, Fault> {
    let stretches = stretches(duration_ms);
    let covered = stretches.iter().map(|stretch| stretch.length).sum::<u64>();
    let until = Instant::now() + LIMIT;
    let (mut runs, mut failed) = (Vec::new(), 0);
    for stretch in &stretches {
        let mut command = source.command(*stretch, &["-noaccurate_seek", "-skip_frame", "nokey"]);
        command.args(["-map", "0:v:0", "-an", "-sn", "-dn", "-vf", FILTERS, "-frames:v", MOST_FRAMES, "-f", "null", "-"]);
        let Ok(output) = run(command, until.saturating_duration_since(Instant::now()), MOST_BYTES) else { break };
        failed += usize::from(!output.success);
        runs.push(frames(&String::from_utf8_lossy(&output.stdout), stretch.from));
    }
    let sampled = covered < duration_ms || runs.len() < stretches.len();
    // A part without key frames ends well and gives none.
    facts_of(&runs, sampled).ok_or(if failed == stretches.len() {
        Fault::lasting("没有可以解码的内容，可能已损坏、加密或编码方式不受支持")
    } else {
        Fault::passing("没有关键帧，或解码超时")
    })
}

fn stretches(duration_ms: u64) -> Vec<Stretch> {
    let count = duration_ms.div_ceil(STRETCH_MS).clamp(1, MOST_STRETCHES);
    (0..count).map(|place| Stretch { from: duration_ms / count * place, length: STRETCH_MS }).collect()
}

/// Reads what the filter prints: a line with the time of a frame, then a line for each of its measures.
fn frames(told: &str, from: u64) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in told.lines() {
        if let Some((_, time)) = line.split_once("pts_time:") {
            frames.push(Frame { at_ms: from + millis(time), ..Frame::default() });
        }
        let Some((name, value)) = line.strip_prefix("lavfi.signalstats.").and_then(|line| line.split_once('=')) else { continue };
        let (Some(frame), Ok(value)) = (frames.last_mut(), value.trim().parse::<u16>()) else { continue };
        match name {
            "YLOW" => frame.low = value,
            "YHIGH" => frame.high = value,
            "YMAX" => frame.top = value,
            _ => {}
        }
    }
    frames
}

/// `12.48` seconds as milliseconds; nothing before the beginning.
fn millis(seconds: &str) -> u64 {
    let (whole, part) = seconds.trim().split_once('.').unwrap_or((seconds.trim(), ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().unwrap_or(0).saturating_mul(1000).saturating_add(part.parse().unwrap_or(0))
}

fn facts_of(runs: &[Vec<Frame>], sampled: bool) -> Option<PictureFacts> {
    let all: Vec<&Frame> = runs.iter().flatten().collect();
    let frames = u32::try_from(all.len()).ok().filter(|count| *count > 0)?;
    // Of the frames that show something; single odd ones (a flash, a blend) are passed over.
    let shown = || all.iter().filter(|frame| frame.top > BLACK);
    let at = |mut values: Vec<u16>, tenths: usize| {
        values.sort_unstable();
        values.get(values.len() * tenths / 10).copied()
    };
    let mut black = (0, 0);
    for run in runs {
        for stretch in run.chunk_by(|one, two| (one.top > BLACK) == (two.top > BLACK)) {
            if let (Some(first), Some(last)) = (stretch.first().filter(|frame| frame.top <= BLACK), stretch.last()) {
                black = black.max((last.at_ms.saturating_sub(first.at_ms), first.at_ms));
            }
        }
    }
    Some(PictureFacts {
        frames,
        sampled,
        black_frames: frames - u32::try_from(shown().count()).unwrap_or(frames),
        luma_low: at(shown().map(|frame| frame.low).collect(), 1),
        luma_high: at(shown().map(|frame| frame.high).collect(), 9),
        black_ms: black.0,
        black_at_ms: black.1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read() {
        let told = "frame:0    pts:0       pts_time:0\nlavfi.signalstats.YLOW=16\nlavfi.signalstats.YHIGH=235\nlavfi.signalstats.YMAX=240\n\
                    lavfi.signalstats.YAVG=99.5\nframe:1    pts:500     pts_time:12.5\nlavfi.signalstats.YMAX=16\n";
        let read = frames(told, 60_000);
        assert_eq!(read[0], Frame { at_ms: 60_000, low: 16, high: 235, top: 240 });
        assert_eq!((read[1].at_ms, read[1].top), (72_500, 16));
        assert_eq!(frames("pts_time:-0.04\nlavfi.signalstats.YMAX=-nan\nlavfi.signalstats.\n", 7).len(), 1);
    }

    #[test]
    fn black_stretches_and_ranges_come_of_the_frames() {
        let frame = |second: u64, low, high, top| Frame { at_ms: second * 1000, low, high, top };
        let light = |second| frame(second, 20, 230, 240);
        let dark = |second| frame(second, 16, 16, 17);
        let run = vec![dark(0), light(1), dark(2), dark(7), dark(14), light(15)];
        let facts = facts_of(&[run, vec![dark(60)]], false).unwrap();
        assert_eq!((facts.frames, facts.black_frames, facts.black_ms, facts.black_at_ms), (7, 5, 12_000, 2_000));
        assert_eq!((facts.luma_low, facts.luma_high), (Some(20), Some(230)));
        assert_eq!(facts_of(&[vec![dark(0)]], false).unwrap().luma_low, None);
        assert!(facts_of(&[Vec::new()], false).is_none());
    }

    #[test]
    fn an_hour_is_looked_at_in_places() {
        assert_eq!(stretches(0).len(), 1);
        assert_eq!(stretches(600_000).len(), 10);
        let hour = stretches(3_600_000);
        assert_eq!((hour.len(), hour[11].from), (12, 3_300_000));
    }

    proptest::proptest! {
        #[test]
        fn any_words_are_read(told in "(frame:|pts_time:|lavfi.signalstats.|YMAX=|[0-9.\n-]){0,60}") {
            let _ = facts_of(&[frames(&told, 0)], true);
        }
    }
}
