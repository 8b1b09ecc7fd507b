//! Archives as they come, good and hostile.

use super::*;
use std::io::Write as _;
use zip::write::SimpleFileOptions;

fn archive(entries: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = zip::ZipWriter::new(file.reopen().unwrap());
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
    file
}

/// A ZIP with stored entries of raw names, written by hand: the crate would not write these.
fn raw_archive(entries: &[(&[u8], &[u8])], mode: u32) -> tempfile::NamedTempFile {
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let at = u32::try_from(body.len()).unwrap();
        let crc = crc32fast::hash(bytes).to_le_bytes();
        let size = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let name_size = u16::try_from(name.len()).unwrap().to_le_bytes();
        let middle = [&[0; 8][..], &crc, &size, &size, &name_size, &[0, 0]].concat();
        body.extend([b"PK\x03\x04\x14\0".as_slice(), &middle, name, bytes].concat());
        let attributes = (mode << 16).to_le_bytes();
        directory.extend([b"PK\x01\x02\x14\x03\x14\0".as_slice(), &middle, &[0; 6], &attributes, &at.to_le_bytes(), name].concat());
    }
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let (size, at) = (u32::try_from(directory.len()).unwrap().to_le_bytes(), u32::try_from(body.len()).unwrap().to_le_bytes());
    let end = [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size, &at, &[0, 0]].concat();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&[body, directory, end].concat()).unwrap();
    file
}

fn faults(file: &tempfile::NamedTempFile, limits: Limits) -> Vec<PackageFault> {
    Package::open(file.path(), limits).map(|_| ()).unwrap_err()
}

fn rules(file: &tempfile::NamedTempFile) -> Vec<(&'static str, Option<String>)> {
    faults(file, Limits::default()).into_iter().map(|fault| (fault.rule, fault.file)).collect()
}

#[test]
fn a_single_folder_and_litter_are_left_out() {
    let file = archive(&[("包/yuelu.toml", b"x"), ("包/video/01.mp4", b"yy"), ("包/.DS_Store", b""), ("__MACOSX/包/._a", b"")]);
    let mut package = Package::open(file.path(), Limits::default()).unwrap();
    let paths: Vec<_> = package.entries().iter().map(|entry| (entry.path.as_str(), entry.size)).collect();
    assert_eq!(paths, [("video/01.mp4", 2), ("yuelu.toml", 1)]);
    assert_eq!(package.read("video/01.mp4", 10).unwrap(), b"yy");
    assert_eq!(package.read("video/01.mp4", 1).unwrap_err().rule, "PKG-LIMIT");
    assert_eq!(package.read("none", 1).unwrap_err().rule, "PKG-FILE");
}

#[test]
fn names_in_gbk_are_read() {
    let name = encoding_rs::GB18030.encode("課程\\第一讲 誠.mp4").0.into_owned();
    let file = raw_archive(&[(&name, b"1"), (b"b.txt", b"2")], 0o100_644);
    let package = Package::open(file.path(), Limits::default()).unwrap();
    assert_eq!(package.entries().iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), ["b.txt", "課程/第一讲 誠.mp4"]);
}

#[test]
fn names_that_would_leave_the_package_are_refused_by_name() {
    let file = raw_archive(&[(b"../../etc/passwd", b"1"), (b"/root/x", b"2"), (b"C:\\x", b"3"), (b"ok.txt", b"4")], 0o100_644);
    let names: Vec<_> = rules(&file).into_iter().map(|(rule, name)| (rule, name.unwrap())).collect();
    let expected = [("PKG-NAME", "../../etc/passwd"), ("PKG-NAME", "/root/x"), ("PKG-NAME", "C:\\x")];
    assert_eq!(names, expected.map(|(rule, name)| (rule, name.to_owned())));
}

#[test]
fn links_and_duplicates_are_refused() {
    assert_eq!(rules(&raw_archive(&[(b"a", b"/etc/passwd")], 0o120_777)), [("PKG-LINK", Some("a".to_owned()))]);
    let twice = raw_archive(&[("é".as_bytes(), b"1"), ("e\u{301}".as_bytes(), b"2")], 0o100_644);
    assert_eq!(rules(&twice), [("PKG-DUPLICATE", Some("é".to_owned()))]);
    assert_eq!(rules(&raw_archive(&[(b"a", b"1"), (b"a", b"2")], 0o100_644)).first().unwrap().0, "PKG-DUPLICATE");
}

#[test]
fn bombs_are_refused_before_they_unpack() {
    let zeros = vec![0_u8; 30 << 20];
    let file = archive(&[("bomb.bin", &zeros), ("ok.txt", b"1")]);
    assert_eq!(rules(&file), [("PKG-LIMIT", Some("bomb.bin".to_owned()))]);
    let limits = Limits { entries: 1, ..Limits::default() };
    assert_eq!(faults(&file, limits).first().unwrap().rule, "PKG-LIMIT");
    let limits = Limits { total: 100, ratio: u64::MAX, ..Limits::default() };
    assert_eq!(faults(&file, limits).first().unwrap().rule, "PKG-LIMIT");
}

#[test]
fn broken_archives_get_a_fault() {
    let whole = std::fs::read(archive(&[("a.txt", b"some text"), ("b.txt", b"more text")]).path()).unwrap();
    for end in 0..whole.len() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(whole.get(..end).unwrap()).unwrap();
        assert_eq!(faults(&file, Limits::default()).first().unwrap().rule, "PKG-OPEN", "cut at {end}");
    }
}

#[test]
fn a_folder_is_read_without_following_links() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("video")).unwrap();
    std::fs::write(folder.path().join("yuelu.toml"), "x").unwrap();
    std::fs::write(folder.path().join("video/01.mp4"), "yy").unwrap();
    let mut package = Package::open(folder.path(), Limits::default()).unwrap();
    assert_eq!(package.read("video/01.mp4", 10).unwrap(), b"yy");
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
    let faults = Package::open(folder.path(), Limits::default()).map(|_| ()).unwrap_err();
    assert_eq!(faults.first().map(|fault| (fault.rule, fault.file.as_deref())), Some(("PKG-LINK", Some("link"))));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>, patch in 0_usize..400, value: u8) {
        let mut whole = std::fs::read(archive(&[("a.txt", b"some text"), ("b.txt", b"more text")]).path()).unwrap();
        if let Some(byte) = whole.get_mut(patch) {
            *byte = value;
        }
        for content in [bytes, whole] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&content).unwrap();
            if let Ok(mut package) = Package::open(file.path(), Limits::default()) {
                let paths: Vec<String> = package.entries().iter().map(|entry| entry.path.clone()).collect();
                for path in paths {
                    let _ = package.read(&path, 1000);
                }
            }
        }
    }
}
