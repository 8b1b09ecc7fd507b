//! Measures a sound as its samples come: 48,000 a second, a tenth of a second at a time.

use super::Stretch;
use super::gate::{Weighting, integrated};
use super::peak::Peak;
use crate::domain::inspection::SoundFacts;

/// Samples of a channel in a second.
pub(super) const RATE: u32 = 48_000;
/// Samples of a channel in a block.
const BLOCK: usize = 4_800;
/// Milliseconds of a block.
const BLOCK_MS: u64 = 100;
/// A tenth of a second below this (dBFS, RMS) is silent: rooms are louder, what a recorder makes by itself is not.
const SILENT: f64 = -50.0;
/// A channel that never reaches this (dBFS, RMS) carries nothing.
const DEAD: f64 = -60.0;
/// So many samples in a row at full scale are a wave that was cut off.
const CUT_OFF: u32 = 3;
/// Full scale, but for what rounding takes.
const FULL: f32 = 0.999_9;
/// So far below the speech (dB) a tenth of a second is a pause.
const PAUSE: f64 = 15.0;
/// Below this (dBFS, RMS) a pause was made by an editor and says nothing of the room.
const MADE: f64 = -90.0;
/// Fewest pauses, as one part of all blocks, from which a level in pauses is told.
const FEWEST_PAUSES: usize = 50;

/// What a tenth of a second came to.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// RMS of the loudest channel in dBFS.
    level: f64,
    /// Highest sample of any channel.
    top: f32,
    /// It holds a wave that was cut off.
    clipped: bool,
}

#[derive(Clone, Debug, Default)]
struct Channel {
    weighting: Weighting,
    peak: Peak,
    /// Samples at full scale in a row.
    full: u32,
    /// Loudest block in dBFS.
    loudest: Option<f64>,
}

/// The meter.
pub(super) struct Meter {
    channels: Vec<Channel>,
    weights: Vec<f64>,
    waiting: Vec<f32>,
    blocks: Vec<Block>,
    weighted: Vec<f64>,
    /// Where each stretch begins: its first block, and its time.
    runs: Vec<(usize, u64)>,
    frames: u64,
}

impl Meter {
    /// For so many channels, in the order of their usual layout.
    pub fn new(channels: usize) -> Self {
        // BS.1770-4, table 3: of 5.1 the fourth is for low effects and does not count, those behind count more.
        let weights = if channels == 6 { vec![1.0, 1.0, 1.0, 0.0, 1.41, 1.41] } else { vec![1.0; channels] };
        Self {
            channels: vec![Channel::default(); channels],
            weights,
            waiting: Vec::new(),
            blocks: Vec::new(),
            weighted: Vec::new(),
            runs: Vec::new(),
            frames: 0,
        }
    }

    /// Whether it is for so many channels.
    pub fn is_for(&self, channels: usize) -> bool {
        self.channels.len() == channels
    }

    /// What comes now is this stretch.
    pub fn begin(&mut self, stretch: Stretch) {
        self.waiting.clear();
        self.runs.push((self.blocks.len(), stretch.from));
    }

    /// Takes samples of all channels, interleaved.
    pub fn push(&mut self, mut samples: impl Iterator<Item = f32>) {
        let whole = BLOCK * self.channels.len();
        loop {
            let wanted = whole - self.waiting.len();
            // Files of numbers may hold anything.
            let sound = |sample: f32| if sample.is_finite() { sample.clamp(-8.0, 8.0) } else { 0.0 };
            self.waiting.extend(samples.by_ref().take(wanted).map(sound));
            if self.waiting.len() < whole {
                return;
            }
            let mut block = std::mem::take(&mut self.waiting);
            self.take(&block);
            block.clear();
            self.waiting = block;
        }
    }

    fn take(&mut self, samples: &[f32]) {
        let count = self.channels.len();
        let mut block = Block { level: f64::NEG_INFINITY, top: 0.0, clipped: false };
        let mut weighted = 0.0;
        for (place, (channel, weight)) in self.channels.iter_mut().zip(&self.weights).enumerate() {
            let mine: Vec<f32> = samples.iter().skip(place).step_by(count).copied().collect();
            let (top, level, loud, clipped) = channel.take(&mine);
            block.top = block.top.max(top);
            block.level = block.level.max(level);
            block.clipped |= clipped;
            weighted += weight * loud;
        }
        self.frames += BLOCK as u64;
        self.blocks.push(block);
        self.weighted.push(weighted);
    }

    /// Milliseconds that were measured.
    pub fn measured_ms(&self) -> u64 {
        self.frames * 1000 / u64::from(RATE)
    }

    /// What it all came to.
    pub fn finish(self, sampled: bool) -> SoundFacts {
        let peak = self.channels.iter().map(|channel| channel.peak.highest).fold(0.0, f32::max);
        let clipped: Vec<usize> = self.blocks.iter().enumerate().filter(|(_, block)| block.clipped).map(|(place, _)| place).collect();
        let silent = peak == 0.0 || self.channels.iter().all(|channel| channel.loudest.is_none_or(|level| level < DEAD));
        let (silence_ms, silence_at_ms) = if silent { (0, 0) } else { self.longest_silence() };
        SoundFacts {
            measured_ms: self.measured_ms(),
            sampled,
            silent,
            loudness: self.loudness().filter(|_| !silent).map(centi),
            true_peak: (!silent).then(|| centi(20.0 * f64::from(peak).log10())),
            level: self.level().filter(|_| !silent).map(centi),
            pause_gap: self.pause_gap().filter(|_| !silent).map(centi),
            clipped_ms: clipped.len() as u64 * BLOCK_MS,
            clipped_at_ms: clipped.first().map_or(0, |place| self.time_of(*place)),
            silence_ms,
            silence_at_ms,
            dead_channel: self.dead_channel(),
        }
    }

    fn spans(&self) -> impl Iterator<Item = (usize, usize)> {
        let ends = self.runs.iter().skip(1).map(|run| run.0).chain([self.blocks.len()]);
        self.runs.iter().map(|run| run.0).zip(ends)
    }

    fn loudness(&self) -> Option<f64> {
        integrated(self.spans().map(|(from, until)| self.weighted.get(from..until).unwrap_or_default()))
    }

    fn time_of(&self, block: usize) -> u64 {
        let run = self.runs.iter().rev().find(|(first, _)| *first <= block).copied().unwrap_or_default();
        run.1 + (block - run.0) as u64 * BLOCK_MS
    }

    /// How long the longest silence is and where it begins; it reaches over no gap between stretches.
    fn longest_silence(&self) -> (u64, u64) {
        let mut longest = (0, 0);
        for (from, until) in self.spans() {
            let mut begun = from;
            for place in from..=until {
                let silent = place < until && self.blocks.get(place).is_some_and(|block| block.level < SILENT);
                if !silent {
                    longest = if place - begun > longest.0 { (place - begun, begun) } else { longest };
                    begun = place + 1;
                }
            }
        }
        (longest.0 as u64 * BLOCK_MS, if longest.0 == 0 { 0 } else { self.time_of(longest.1) })
    }

    /// What a meter of peaks shows for most of the time that there is sound: nine tenths of its tenths of seconds stay below it.
    fn level(&self) -> Option<f64> {
        let mut tops: Vec<f32> = self.blocks.iter().filter(|block| block.level >= SILENT).map(|block| block.top).collect();
        tops.sort_unstable_by(f32::total_cmp);
        tops.get(tops.len() * 9 / 10).map(|top| 20.0 * f64::from(*top).log10())
    }

    /// How far the pauses lie below the speech in dB; `None` where there are too few pauses (music, or steady noise) or an
    /// editor made them all.
    fn pause_gap(&self) -> Option<f64> {
        let mut levels: Vec<f64> = self.blocks.iter().map(|block| block.level).filter(|level| *level >= MADE).collect();
        levels.sort_unstable_by(f64::total_cmp);
        // A tenth of it is louder, as the stressed syllables are.
        let speech = *levels.get(levels.len() * 9 / 10)?;
        let pauses = levels.iter().take_while(|level| **level < speech - PAUSE).count();
        if pauses * FEWEST_PAUSES < levels.len() {
            return None;
        }
        levels.get(pauses / 2).map(|pause| speech - pause)
    }

    /// A channel that carries nothing while another does; 1 is the first.
    fn dead_channel(&self) -> Option<u16> {
        let reaches = |channel: &Channel, level: f64| channel.loudest.is_some_and(|loudest| loudest >= level);
        if !self.channels.iter().any(|channel| reaches(channel, SILENT)) {
            return None;
        }
        let dead = self.channels.iter().zip(&self.weights).position(|(channel, weight)| *weight > 0.0 && !reaches(channel, DEAD))?;
        u16::try_from(dead + 1).ok()
    }
}

impl Channel {
    /// Highest sample, level in dBFS, weighted mean square, and whether a wave was cut off.
    #[expect(clippy::cast_precision_loss, reason = "a block has few samples")]
    fn take(&mut self, samples: &[f32]) -> (f32, f64, f64, bool) {
        let (mut top, mut sum, mut loud, mut clipped) = (0.0_f32, 0.0_f64, 0.0_f64, false);
        for sample in samples {
            let size = sample.abs();
            top = top.max(size);
            self.full = if size >= FULL { self.full + 1 } else { 0 };
            clipped |= self.full >= CUT_OFF;
            sum += f64::from(size) * f64::from(size);
            let weighted = self.weighting.next(f64::from(*sample));
            loud += weighted * weighted;
        }
        self.peak.push(samples, top);
        let level = 10.0 * (sum / samples.len() as f64).log10();
        self.loudest = Some(self.loudest.map_or(level, |loudest| loudest.max(level)));
        (top, level, loud / samples.len() as f64, clipped)
    }
}

/// Hundredths.
#[expect(clippy::cast_possible_truncation, reason = "float casts saturate, and levels are small")]
fn centi(value: f64) -> i32 {
    (value * 100.0).round() as i32
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
