//! Has a sound track decoded and measures it as it comes.

use super::meter::{Meter, RATE};
use super::{Fault, Source, Stretch};
use crate::domain::inspection::SoundFacts;
use crate::media::tools::{Ended, ToolFault, stream};
use std::time::{Duration, Instant};

/// Longest sound that is decoded whole, in milliseconds: two hours.
const WHOLE_MS: u64 = 2 * 60 * 60 * 1000;
/// Of a longer one so many pieces are.
const PIECES: u64 = 24;
/// Length of a piece in milliseconds.
const PIECE_MS: u64 = 5 * 60 * 1000;
/// Time that decoding may take beside what its length gives.
const BASE: Duration = Duration::from_secs(10);
/// Time for a stretch of sound, as a part of its length: some five times the processor time it takes.
const SHARE: u32 = 60;
/// Most channels that are measured.
const MOST_CHANNELS: u32 = 16;

/// Measures the first sound track of a file; the fault says why not.
pub(super) fn measure(source: &Source<'_>, duration_ms: u64) -> Result<SoundFacts, Fault> {
    let stretches = stretches(duration_ms);
    let mut sampled = stretches.len() > 1;
    let until = Instant::now() + time_for(&stretches);
    let (mut decoded, mut killed) = (Decoded::default(), false);
    for stretch in stretches {
        decoded.begin(stretch);
        let mut command = source.command(stretch, &[]);
        command.args(["-map", "0:a:0", "-vn", "-sn", "-dn", "-ar", &RATE.to_string(), "-c:a", "pcm_f32be", "-f", "au", "-"]);
        match stream(command, until.saturating_duration_since(Instant::now()), |bytes| decoded.push(bytes)) {
            Ok(Ended::Itself) => {}
            Ok(Ended::Killed) => {
                (sampled, killed) = (true, true);
                break;
            }
            Err(ToolFault::Start | ToolFault::Time) => return Err(Fault::passing("ffmpeg 无法运行")),
        }
    }
    match decoded.meter.filter(|meter| meter.measured_ms() > 0) {
        Some(meter) => Ok(meter.finish(sampled)),
        None if decoded.samples > 0 => Err(Fault::passing("不足十分之一秒")),
        None if killed => Err(Fault::passing("解码超时")),
        None => Err(Fault::lasting("没有可以解码的内容，可能已损坏、加密或编码方式不受支持")),
    }
}

fn stretches(duration_ms: u64) -> Vec<Stretch> {
    if duration_ms <= WHOLE_MS {
        return vec![Stretch { from: 0, length: WHOLE_MS }];
    }
    (0..PIECES).map(|piece| Stretch { from: duration_ms / PIECES * piece, length: PIECE_MS }).collect()
}

fn time_for(stretches: &[Stretch]) -> Duration {
    BASE + Duration::from_millis(stretches.iter().map(|stretch| stretch.length).sum()) / SHARE
}

/// What was decoded so far: a stream of AU (Sun audio), which says its channels in a short head and then gives its samples.
#[derive(Default)]
struct Decoded {
    meter: Option<Meter>,
    now: Option<Stretch>,
    /// Bytes that wait for those they belong to.
    waiting: Vec<u8>,
    /// Bytes of the head that still come.
    head: Option<usize>,
    /// How many samples came.
    samples: usize,
}

impl Decoded {
    fn begin(&mut self, stretch: Stretch) {
        (self.now, self.head) = (Some(stretch), None);
        self.waiting.clear();
    }

    fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        if self.head.is_none() && !self.read_head() {
            return;
        }
        let skipped = self.head.unwrap_or(0).min(self.waiting.len());
        self.head = self.head.map(|left| left - skipped);
        let Some(meter) = &mut self.meter else { return };
        let samples = self.waiting.get(skipped..).unwrap_or_default().as_chunks::<4>();
        self.samples = self.samples.saturating_add(samples.0.len());
        meter.push(samples.0.iter().map(|sample| f32::from_be_bytes(*sample)));
        self.waiting = samples.1.to_vec();
    }

    /// Reads the head once it is there; whether it was.
    fn read_head(&mut self) -> bool {
        let number = |at: usize| self.waiting.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        let (Some(size), Some(channels)) = (number(4), number(20)) else { return false };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if !self.waiting.starts_with(b".snd") || !(1..=MOST_CHANNELS).contains(&channels) || !(24..=4096).contains(&size) {
            // Not what was asked for; nothing of it is measured.
            self.waiting.clear();
            return false;
        }
        let count = usize::try_from(channels).unwrap_or(1);
        let fresh = self.meter.take().filter(|meter| meter.is_for(count)).unwrap_or_else(|| Meter::new(count));
        self.meter = Some(fresh);
        if let (Some(meter), Some(stretch)) = (&mut self.meter, self.now) {
            meter.begin(stretch);
        }
        self.head = Some(size);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream_of(channels: u32, samples: &[f32]) -> Vec<u8> {
        let head =
            [b".snd".to_vec(), [32, u32::MAX, 6, RATE, channels].iter().flat_map(|number| number.to_be_bytes()).collect(), vec![0; 8]];
        [head.concat(), samples.iter().flat_map(|sample| sample.to_be_bytes()).collect()].concat()
    }

    #[test]
    fn a_stream_is_read_however_it_is_cut() {
        let samples: Vec<f32> = (0..19_200).map(|at| if at % 2 == 0 { 0.5 } else { 0.0 }).collect();
        let bytes = stream_of(2, &samples);
        let measured = |size: usize| {
            let mut decoded = Decoded::default();
            decoded.begin(Stretch { from: 0, length: 1000 });
            bytes.chunks(size).for_each(|chunk| decoded.push(chunk));
            decoded.meter.unwrap().finish(false)
        };
        let whole = measured(bytes.len());
        assert_eq!((whole.measured_ms, whole.dead_channel), (200, Some(2)));
        for size in [1, 7, 33, 4096] {
            assert_eq!(measured(size), whole, "{size}");
        }
        let mut decoded = Decoded::default();
        decoded.push(&[7; 400]);
        assert!(decoded.meter.is_none());
    }

    #[test]
    fn long_sounds_are_sampled_and_time_grows_with_length() {
        assert_eq!(stretches(WHOLE_MS).len(), 1);
        let long = stretches(10 * WHOLE_MS);
        assert_eq!((long.len() as u64, long.iter().map(|one| one.length).sum::<u64>()), (PIECES, WHOLE_MS));
        assert!(long.windows(2).all(|pair| pair[0].from + pair[0].length <= pair[1].from));
        assert_eq!(time_for(&long), Duration::from_secs(130));
    }
}
