//! Recordings that ffmpeg makes where it is installed: what decoding tells of them, and formats that no reader of our own knows.

use super::*;
use crate::domain::inspection::{AudioFacts, VideoFacts};
use std::process::Command;

/// A file that ffmpeg makes of these arguments; `None` where there is no ffmpeg.
fn made(name: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let program = Tools::find().ffmpeg?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let status = Command::new(program).args(["-v", "error", "-nostdin", "-y"]).args(arguments).arg(&path).status().unwrap();
    assert!(status.success(), "{name}");
    Some(std::fs::read(path).unwrap())
}

const PICTURE: &str = "color=black:s=160x90:r=10:d=12[a];testsrc=s=160x90:r=10:d=4[b];[a][b]concat";
/// Two seconds of tone, eleven of nothing, three cut off at full scale; the right channel carries nothing.
const SOUND: &str = "aevalsrc='if(lt(t,2),0.1*sin(6283*t),if(lt(t,13),0,clip(4*sin(6283*t),-1,1)))|0':s=44100:d=16";

#[test]
fn levels_silence_and_black_pictures_are_measured() {
    let arguments = ["-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", SOUND, "-c:v", "mpeg4", "-g", "10", "-c:a", "pcm_s16le"];
    let Some(bytes) = made("a.mkv", &arguments) else { return };
    let found = look_with(&bytes, "a.mkv", &Tools::find()).facts;
    let (sound, picture) = (found.sound.clone().unwrap(), found.picture.clone().unwrap());
    assert_eq!((found.unmeasured, sound.sampled, sound.silent, sound.dead_channel), (None, false, false, Some(2)), "{sound:?}");
    assert!(
        sound.measured_ms.abs_diff(16_000) <= 200 && sound.silence_ms.abs_diff(11_000) <= 200 && sound.silence_at_ms.abs_diff(2_000) <= 200
    );
    assert!(sound.clipped_ms.abs_diff(3_000) <= 200 && sound.clipped_at_ms.abs_diff(13_000) <= 200, "{sound:?}");
    assert!((10_000..=12_000).contains(&picture.black_ms) && picture.black_at_ms == 0 && picture.frames >= 14, "{picture:?}");
    let without = look(&bytes, "a.mkv").facts;
    assert_eq!((without.sound, without.picture, without.unmeasured.as_deref()), (None, None, Some("没有安装 ffmpeg")));
    assert_eq!(without.audio, found.audio);
}

#[test]
fn full_range_pictures_are_told_only_where_they_are_not_marked_as_such() {
    let source = "color=white:s=160x90:r=10:d=2,format=yuvj420p";
    let of = |range: &str| {
        let arguments = ["-f", "lavfi", "-i", source, "-c:v", "libx264", "-color_range", range, "-bsf:v"];
        let marked = format!("h264_metadata=video_full_range_flag={}", u8::from(range == "pc"));
        let bytes = made("a.mp4", &[&arguments[..], &[&marked]].concat())?;
        look_with(&bytes, "a.mp4", &Tools::find()).facts.picture.unwrap().luma_high
    };
    let (Some(marked), Some(unmarked)) = (of("pc"), of("tv")) else { return };
    assert!(marked <= 237 && unmarked >= 250, "{marked} {unmarked}");
}

#[test]
fn formats_without_a_reader_of_ours_are_read_by_another() {
    let source = ["-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2:r=48000"];
    for (name, codec, container) in
        [("a.avi", "mpeg4", "avi"), ("a.wmv", "wmv2", "wmv"), ("a.flv", "flv1", "flv"), ("a.ts", "mpeg2video", "mpeg-ts")]
    {
        let coding =
            ["-c:v", if codec == "flv1" { "flv" } else { codec }, "-c:a", if codec == "flv1" { "adpcm_swf" } else { "mp2" }, "-ar"];
        let rate = if codec == "flv1" { "44100" } else { "48000" };
        let Some(bytes) = made(name, &[&source[..], &coding, &[rate]].concat()) else { return };
        let tools = Tools::find();
        let found = look_with(&bytes, name, &tools);
        assert!(found.facts.opens && found.facts.type_agrees, "{name}: {:?}", found.facts);
        let VideoFacts { container: packed, codec: coded, width, duration_ms, .. } = found.facts.video.unwrap();
        assert_eq!((packed.as_str(), coded.as_str(), width), (container, codec, 160), "{name}");
        assert!(duration_ms.abs_diff(2_000) <= 200 && found.thumbnail.is_some(), "{name}: {duration_ms}");
        assert!(found.facts.audio.is_some() && found.facts.sound.is_some() && found.facts.picture.is_some(), "{name}");
        let without = look(&bytes, name).facts;
        assert!(without.opens && without.video.is_none() && without.unmeasured.is_some(), "{name}");
        if name == "a.avi" {
            assert!(look_with(&bytes[..bytes.len() / 2], name, &tools).facts.fault.unwrap().contains("不完整"));
        }
    }
}

#[test]
fn ogg_is_read_whatever_is_in_it() {
    let source = ["-f", "lavfi", "-i", "testsrc=s=160x96:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2:r=48000"];
    for (name, coding, codec) in [("a.opus", "libopus", "opus"), ("a.oga", "flac", "flac"), ("a.ogg", "libvorbis", "vorbis")] {
        let Some(bytes) = made(name, &[&source[..], &["-map", "1:a", "-c:a", coding]].concat()) else { return };
        let found = look(&bytes, name).facts;
        assert!(found.opens && found.type_agrees, "{name}: {found:?}");
        let AudioFacts { codec: coded, duration_ms, sample_rate, .. } = found.audio.unwrap();
        assert_eq!((coded.as_str(), sample_rate), (codec, 48_000), "{name}");
        assert!(duration_ms.abs_diff(2_000) <= 50, "{name}: {duration_ms}");
    }
    let Some(bytes) = made("a.ogv", &[&source[..], &["-c:v", "libtheora", "-c:a", "libvorbis"]].concat()) else { return };
    let found = look(&bytes, "a.ogv").facts;
    let video = found.video.unwrap();
    assert!(found.type_agrees && video.duration_ms.abs_diff(2_000) <= 50, "{video:?}");
    assert_eq!((video.codec.as_str(), video.width, video.height, video.millifps), ("theora", 160, 96, 25_000));
}

#[test]
fn sound_that_begins_late_is_told() {
    let source = ["-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=2", "-itsoffset", "0.5", "-f", "lavfi", "-i", "sine=d=2:r=48000"];
    let Some(bytes) = made("a.mp4", &[&source[..], &["-c:v", "libx264", "-c:a", "aac"]].concat()) else { return };
    let found = facts(&bytes, "a.mp4");
    let (video, audio) = (found.video.unwrap(), found.audio.unwrap());
    assert!(video.start_ms < 100 && audio.start_ms.abs_diff(500) < 50, "{} {}", video.start_ms, audio.start_ms);
    assert_eq!((video.pixel_aspect, video.chroma.is_some()), (Some(1000), true));
}
