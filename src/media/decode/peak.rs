//! True peak: the highest value between the samples, by a windowed sinc that makes four of each (ITU-R BS.1770, annex 2).

use std::sync::LazyLock;

/// Samples that one value in between is made of.
const TAPS: usize = 16;
/// Values in between, a quarter of a sample apart.
const PHASES: usize = 3;

/// Places that are worked out at once.
const LANES: usize = 16;

type Kernel = [[f32; TAPS]; PHASES];

static KERNEL: LazyLock<Kernel> = LazyLock::new(kernel);
/// How much higher than the samples a value in between can be at most.
static MOST: LazyLock<f32> = LazyLock::new(|| KERNEL.iter().map(|phase| phase.iter().map(|tap| tap.abs()).sum()).fold(1.0, f32::max));

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small counts, and taps below 2")]
fn kernel() -> Kernel {
    let mut phases = [[0.0; TAPS]; PHASES];
    for (number, phase) in phases.iter_mut().enumerate() {
        let between = (number + 1) as f64 / (PHASES + 1) as f64;
        for (place, tap) in phase.iter_mut().enumerate() {
            // From the value in between to this sample.
            let far = place as f64 - (TAPS / 2 - 1) as f64 - between;
            let angle = std::f64::consts::PI * far;
            let window = 0.5 + 0.5 * (angle / (TAPS / 2) as f64).cos();
            *tap = (window * angle.sin() / angle) as f32;
        }
    }
    phases
}

/// The peak of one channel.
#[derive(Clone, Debug, Default)]
pub(super) struct Peak {
    /// The highest so far, 1 is full scale.
    pub highest: f32,
    /// The last samples of the block before.
    before: Vec<f32>,
}

impl Peak {
    /// Takes the next samples, the highest of which is `top`. What cannot be higher than what was is not looked at.
    pub fn push(&mut self, samples: &[f32], top: f32) {
        self.highest = self.highest.max(top);
        let mut all = std::mem::take(&mut self.before);
        all.extend_from_slice(samples);
        if top * *MOST > self.highest {
            self.highest = self.highest.max(highest_between(&all));
        }
        self.before = all.split_off(all.len().saturating_sub(TAPS - 1));
    }
}

/// The highest of the values between these samples, so many places at a time that the processor does them at once.
fn highest_between(samples: &[f32]) -> f32 {
    let places = (samples.len() + 1).saturating_sub(TAPS);
    let mut highest = 0.0_f32;
    for from in (0..places).step_by(LANES) {
        for phase in KERNEL.iter() {
            let mut sums = [0.0_f32; LANES];
            for (place, tap) in phase.iter().enumerate() {
                let here = samples.get(from + place..).unwrap_or_default();
                sums.iter_mut().zip(here).for_each(|(sum, sample)| *sum += tap * sample);
            }
            // At the end there are fewer places than are done at once.
            highest = sums.iter().take(places - from).fold(highest, |highest, sum| highest.max(sum.abs()));
        }
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_between_samples_is_found() {
        // A quarter of the rate, between its samples at 45°: they reach 0.707, the wave 1 (EBU Tech 3341, test 15).
        let wave: Vec<f32> =
            (0..4_800).map(|at| (std::f32::consts::FRAC_PI_2 * at as f32 + std::f32::consts::FRAC_PI_4).sin() * 0.5).collect();
        let mut peak = Peak::default();
        peak.push(&wave, 0.5 * std::f32::consts::FRAC_1_SQRT_2);
        assert!((peak.highest - 0.5).abs() < 0.01, "{}", peak.highest);
        peak.push(&[0.9], 0.9);
        assert!(peak.highest >= 0.9);
    }
}
