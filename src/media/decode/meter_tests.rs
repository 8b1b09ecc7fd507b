//! The meter against signals whose measures are known.

use super::*;

/// A sine of a thousand hertz, at a peak level in dBFS.
fn tone(seconds: f64, decibel: f64) -> Vec<f32> {
    let height = 10_f64.powf(decibel / 20.0);
    let frames = (seconds * f64::from(RATE)) as u32;
    (0..frames).map(|at| (height * (std::f64::consts::TAU * 1000.0 * f64::from(at) / f64::from(RATE)).sin()) as f32).collect()
}

fn measured(channels: &[&[f32]]) -> SoundFacts {
    let mut meter = Meter::new(channels.len());
    meter.begin(Stretch { from: 0, length: 60_000 });
    meter.push((0..channels[0].len()).flat_map(|at| channels.iter().map(move |channel| channel[at])));
    meter.finish(false)
}

#[test]
fn loudness_is_that_of_the_norm() {
    // EBU Tech 3341, tests 1 and 2: a stereo tone of 1 kHz at -23 and -33 dBFS.
    for decibel in [-23.0, -33.0] {
        let wave = tone(5.0, decibel);
        let facts = measured(&[&wave, &wave]);
        assert!((f64::from(facts.loudness.unwrap()) / 100.0 - decibel).abs() <= 0.1, "{facts:?}");
        assert!((f64::from(facts.true_peak.unwrap()) / 100.0 - decibel).abs() <= 0.1, "{facts:?}");
    }
    // Test 3: what is 13 LU quieter than the rest is gated out.
    let wave = [tone(2.0, -36.0), tone(12.0, -23.0), tone(2.0, -36.0)].concat();
    let facts = measured(&[&wave, &wave]);
    assert!((facts.loudness.unwrap() + 2300).abs() <= 10, "{facts:?}");
    assert_eq!((facts.measured_ms, facts.silence_ms, facts.dead_channel, facts.silent), (16_000, 0, None, false));
}

#[test]
fn silence_and_dead_channels_are_found() {
    let quiet = vec![0.0; RATE as usize * 3];
    let wave = [tone(1.0, -20.0), quiet.clone(), tone(2.0, -20.0)].concat();
    let dead = vec![0.0; wave.len()];
    let facts = measured(&[&wave, &dead]);
    assert_eq!((facts.silence_ms, facts.silence_at_ms, facts.dead_channel), (3_000, 1_000, Some(2)));
    let nothing = measured(&[&quiet, &quiet]);
    assert!(nothing.silent && nothing.loudness.is_none() && nothing.true_peak.is_none() && nothing.dead_channel.is_none(), "{nothing:?}");
    assert_eq!(measured(&[&[], &[]]).measured_ms, 0);
}

#[test]
fn waves_cut_off_at_full_scale_are_clipped_and_loud_ones_are_not() {
    let loud = tone(1.0, -0.1);
    assert_eq!(measured(&[&loud]).clipped_ms, 0);
    let cut: Vec<f32> = tone(1.0, 6.0).into_iter().map(|sample| sample.clamp(-1.0, 1.0)).collect();
    let wave = [loud, cut].concat();
    let facts = measured(&[&wave]);
    assert_eq!((facts.clipped_ms, facts.clipped_at_ms), (1_000, 1_000));
    assert!(facts.true_peak.unwrap() > 0);
}

#[test]
fn pauses_tell_the_noise_of_the_room_and_music_without_pauses_tells_nothing() {
    let speech = |pause: f64| [tone(1.0, -12.0), tone(0.3, pause)].concat().repeat(4);
    let facts = measured(&[&speech(-52.0)]);
    assert!((facts.pause_gap.unwrap() - 4000).abs() < 100, "{facts:?}");
    assert!((facts.level.unwrap() + 1200).abs() < 20, "{facts:?}");
    assert_eq!(measured(&[&tone(4.0, -12.0)]).pause_gap, None);
    assert_eq!(measured(&[&speech(-200.0)]).pause_gap, None, "an editor's silence");
}

#[test]
fn stretches_are_not_joined() {
    let mut meter = Meter::new(1);
    for from in [0, 600_000] {
        meter.begin(Stretch { from, length: 2_000 });
        let wave = [tone(1.0, -20.0), vec![0.0; RATE as usize * 2]].concat();
        meter.push(if from == 0 { wave.into_iter() } else { wave.into_iter().rev().collect::<Vec<_>>().into_iter() });
    }
    let facts = meter.finish(true);
    assert_eq!((facts.silence_ms, facts.silence_at_ms, facts.measured_ms, facts.sampled), (2_000, 1_000, 6_000, true));
}

proptest::proptest! {
    #[test]
    fn any_numbers_are_measured(samples: Vec<f32>, channels in 1_usize..8) {
        let mut meter = Meter::new(channels);
        meter.begin(Stretch { from: 5, length: 9 });
        meter.push(samples.iter().copied().cycle().take(if samples.is_empty() { 0 } else { 20_000 }));
        let facts = meter.finish(false);
        proptest::prop_assert!(facts.silence_ms <= facts.measured_ms && facts.clipped_ms <= facts.measured_ms);
    }
}
