//! What is made of real files, and what stands in the way.

use super::*;
use crate::domain::rendition::Source;
use crate::media::inspect;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

fn task(folder: &Path, name: &str, bytes: &[u8]) -> Task {
    let source = folder.join(name);
    std::fs::write(&source, bytes).unwrap();
    let facts = inspect(&source, name, FileRole::Master, &Tools::default());
    let purpose = Source { path: name, role: FileRole::Master, facts: &facts }.need().unwrap_or_else(|| panic!("{facts:?}"));
    let folder = folder.join("work");
    std::fs::create_dir_all(&folder).unwrap();
    Task { source, facts, purpose, folder }
}

fn made(folder: &Path, name: &str, bytes: &[u8]) -> (Vec<u8>, FileFacts) {
    let made = convert(&task(folder, name, bytes), &Tools::default(), Duration::from_secs(60)).unwrap();
    assert!(made.tool.starts_with("yuelu "), "{made:?}");
    (std::fs::read(&made.path).unwrap(), made.facts)
}

fn encoded(picture: &::image::DynamicImage, format: ::image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn pictures_become_jpeg_of_a_sane_size_on_white() {
    let dir = tempfile::tempdir().unwrap();
    let clear = ::image::DynamicImage::new_rgba8(30, 20);
    for (name, format) in [("a.tif", ::image::ImageFormat::Tiff), ("a.bmp", ::image::ImageFormat::Bmp)] {
        let (bytes, facts) = made(dir.path(), name, &encoded(&clear, format));
        assert_eq!((facts.sniffed.as_str(), facts.size), ("image/jpeg", bytes.len() as u64), "{name}");
        let picture = ::image::load_from_memory(&bytes).unwrap().to_rgb8();
        assert_eq!((picture.dimensions(), picture.get_pixel(15, 10).0), ((30, 20), [255, 255, 255]), "{name}");
    }
    let (_, facts) = made(dir.path(), "b.png", &encoded(&::image::DynamicImage::new_rgb8(5_000, 100), ::image::ImageFormat::Png));
    assert_eq!(facts.image.map(|image| (image.width, image.height)), Some((2_560, 51)));
}

#[test]
fn what_was_broken_off_is_told_from_what_is_a_little_shorter() {
    use crate::domain::inspection::VideoFacts;
    let film = |millis: u64| FileFacts {
        video: Some(VideoFacts { codec: "h264".to_owned(), duration_ms: millis, ..VideoFacts::default() }),
        ..FileFacts::default()
    };
    let ends = |before: u64, after: u64| {
        let task = Task { source: "/none".into(), facts: film(before), purpose: Purpose::Play, folder: "/none".into() };
        check(&task, &film(after))
    };
    assert_eq!((ends(1_234, 100), ends(60_000, 55_000)), (Ok(()), Ok(())));
    assert!(ends(60_000, 50_000).unwrap_err().detail.contains("50000 ms"));
}

#[test]
fn texts_and_subtitles_of_gb18030_become_utf_8() {
    let dir = tempfile::tempdir().unwrap();
    let text = "湘西土家族织锦的历史与技艺，供社区学员学习。\n".repeat(3);
    let (bytes, _) = made(dir.path(), "a.txt", &encoding_rs::GB18030.encode(&text).0);
    assert_eq!(String::from_utf8(bytes).unwrap(), text);
    let srt = "1\r\n00:00:01,000 --> 00:00:03,500\r\n大家好，欢迎来到智能手机课堂\r\n";
    let (bytes, facts) = made(dir.path(), "a.srt", &encoding_rs::GB18030.encode(srt).0);
    assert_eq!(String::from_utf8(bytes).unwrap(), "WEBVTT\n\n00:00:01.000 --> 00:00:03.500\n大家好，欢迎来到智能手机课堂\n");
    assert_eq!(facts.subtitle.map(|cues| cues.cues), Some(1));
}

/// A program of these lines of shell.
fn script(folder: &Path, name: &str, lines: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn avi(folder: &Path) -> Task {
    task(folder, "a.avi", b"RIFF\x14\0\0\0AVI LIST\x14\0\0\0hdrlavih")
}

#[test]
fn programs_that_hang_fail_or_lie_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let try_with = |lines: &str, limit: Duration| {
        let tools = Tools { ffmpeg: Some(script(dir.path(), "ffmpeg", lines)), ..Tools::default() };
        convert(&avi(dir.path()), &tools, limit).unwrap_err()
    };
    let began = Instant::now();
    let hung = try_with("exec sleep 1000", Duration::from_secs(1));
    assert!(hung.reason.contains("已中止") && hung.detail.contains("stopped"), "{hung}");
    assert!(began.elapsed() < Duration::from_secs(500), "it was not waited for");
    let long = Duration::from_secs(60);
    let failed = try_with("echo /secret/path: Invalid data >&2; exit 1", long);
    assert!(failed.detail.contains("Invalid data") && !failed.reason.contains("secret"), "{failed}");
    assert!(try_with("exit 0", long).detail.contains("does not open"), "nothing was made");
    let lied = try_with("for out; do :; done; echo no film > \"$out\"", long);
    assert!(lied.reason.contains("不完整"), "{lied}");
    assert_eq!(convert(&avi(dir.path()), &Tools::default(), long).unwrap_err(), Fault::missing("ffmpeg"));
}

#[test]
fn a_program_of_others_sees_nothing_of_our_environment_and_a_format_decided_before() {
    let dir = tempfile::tempdir().unwrap();
    let said = dir.path().join("said");
    let lines = format!("env > '{0}'; for one; do echo \"$one\" >> '{0}'; done; exit 1", said.display());
    let tools = Tools { ffmpeg: Some(script(dir.path(), "ffmpeg", &lines)), ..Tools::default() };
    convert(&avi(dir.path()), &tools, Duration::from_secs(60)).unwrap_err();
    let said = std::fs::read_to_string(said).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    let after = |flag: &str| lines.iter().position(|line| *line == flag).and_then(|at| lines.get(at + 1)).copied();
    assert_eq!((after("-protocol_whitelist"), after("-f"), after("-format_whitelist")), (Some("file,pipe"), Some("avi"), Some("avi")));
    assert!(!said.contains("CARGO"), "{said}");
}
