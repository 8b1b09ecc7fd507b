//! Loudness by ITU-R BS.1770: the K-weighting for 48 kHz, and the mean over blocks that two gates let pass.

/// Blocks of a tenth of a second that make one gating block (400 ms, each a quarter further than the last).
const QUARTERS: usize = 4;
/// Below this nothing counts (LUFS).
const ABSOLUTE: f64 = -70.0;
/// So far below the mean of what passed the first gate nothing counts (LU).
const RELATIVE: f64 = 10.0;

/// The loudness of a mean square of K-weighted sound, in LUFS.
pub(super) fn loudness(mean: f64) -> f64 {
    -0.691 + 10.0 * mean.log10()
}

/// Integrated loudness in LUFS of weighted mean squares of tenths of seconds, run by run: a block reaches over no gap between
/// runs. `None` where nothing passes the gates.
pub(super) fn integrated<'a>(runs: impl Iterator<Item = &'a [f64]>) -> Option<f64> {
    let blocks: Vec<f64> = runs.flat_map(|run| run.windows(QUARTERS)).map(mean).collect();
    let first = gated(&blocks, ABSOLUTE)?;
    gated(&blocks, ABSOLUTE.max(loudness(first) - RELATIVE)).map(loudness)
}

/// The mean of the blocks louder than a gate.
fn gated(blocks: &[f64], gate: f64) -> Option<f64> {
    let passed: Vec<f64> = blocks.iter().copied().filter(|block| loudness(*block) > gate).collect();
    (!passed.is_empty()).then(|| mean(&passed))
}

#[expect(clippy::cast_precision_loss, reason = "counts of blocks are far below 2^52")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The K-weighting of one channel: two filters of the second order, their coefficients from tables 1 and 2 of BS.1770-4.
#[derive(Clone, Debug, Default)]
pub(super) struct Weighting {
    head: [f64; 2],
    low: [f64; 2],
}

impl Weighting {
    /// The weighted sample.
    pub fn next(&mut self, sample: f64) -> f64 {
        let shelf = step(
            &mut self.head,
            sample,
            [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85],
            [-1.690_659_293_182_41, 0.732_480_774_215_85],
        );
        step(&mut self.low, shelf, [1.0, -2.0, 1.0], [-1.990_047_454_833_98, 0.990_072_250_366_21])
    }
}

/// One step of a filter, in the transposed direct form II.
fn step(state: &mut [f64; 2], sample: f64, forward: [f64; 3], back: [f64; 2]) -> f64 {
    let [first, second] = *state;
    let out = forward[0] * sample + first;
    *state = [forward[1] * sample - back[0] * out + second, forward[2] * sample - back[1] * out];
    out
}
