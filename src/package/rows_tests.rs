//! Packages from their bytes to rows.

use super::*;
use crate::package::Limits;
use crate::package::manifest::tests::lists;

fn package(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Package) {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let at = folder.path().join(path);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, bytes).unwrap();
    }
    let package = Package::open(folder.path(), Limits::default()).unwrap();
    (folder, package)
}

const HEAD: &str = "编号,标题*,简介,类型,类别,学科,关键词,责任者,许可,文件,封面,民族,传承人授权,AI生成,备注\n";

#[test]
fn rows_of_a_catalogue_are_read_each_for_itself() {
    let csv = format!(
        "{HEAD}A-1,土家织锦,简介,视频,社区,民间艺术,织锦；西兰卡普,张三（讲授）；李四（传承人）,CC-BY-4.0,video/01.mp4；video/01.srt（字幕）,cover.jpg,土家族,已当面授权,否,第一批\n\
         A-2,坏行,简介,电影,社区,,,,CC-BY-4.0,video/02.mp4,,,,,\n\
         ,,,,,,,,,,,,,,\n\
         A-1,重复,简介,video,community,,,,CC-BY-4.0,video/01.mp4,,,,,\n"
    );
    for bytes in [csv.as_bytes(), &encoding_rs::GB18030.encode(&csv).0] {
        let files: &[(&str, &[u8])] = &[("catalogue.csv", bytes), ("video/01.mp4", b"1"), ("video/01.srt", b"1"), ("cover.jpg", b"1")];
        let (_folder, mut package) = package(files);
        let rows = read_rows(&mut package, &lists()).unwrap();
        assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 3, 5]);
        let first = rows[0].metadata.as_ref().unwrap_or_else(|| panic!("{:?}", rows[0].findings));
        assert_eq!(first.files.iter().map(|file| file.role).collect::<Vec<_>>(), [FileRole::Master, FileRole::Subtitle, FileRole::Cover]);
        assert_eq!(first.culture.as_ref().map(|culture| culture.ethnic_groups.clone()), Some(vec!["15".to_owned()]));
        assert_eq!(first.creators[1].role, "bearer");
        assert_eq!(first.extra.get("备注").and_then(|value| value.as_str()), Some("第一批"));
        assert_eq!(first.ai.as_ref().map(|ai| ai.generated), Some(false));
        let second: Vec<_> = rows[1].findings.iter().map(|finding| (finding.rule.as_str(), finding.row)).collect();
        assert_eq!(second, [("META-CODE", Some(3))]);
        assert_eq!(rows[2].findings[0].rule, "ROW-DUPLICATE");
    }
}

#[test]
fn a_package_of_one_takes_all_its_files() {
    let toml = "title = \"甲\"\nkind = \"video\"\n[rights]\nlicence = \"CC-BY-4.0\"\nevidence = \"rights/a.txt\"\n[[lessons]]\ntitle = \"一\"\nfiles = [\"V/1.MP4\"]\n";
    let (_folder, mut package) = package(&[("yuelu.toml", toml.as_bytes()), ("v/1.mp4", b"1"), ("rights/a.txt", b"1"), ("s.vtt", b"1")]);
    let rows = read_rows(&mut package, &lists()).unwrap();
    assert_eq!(rows[0].findings.len(), 1, "{:?}", rows[0].findings);
    assert!(rows[0].findings[0].message.contains("是否指“v/1.mp4”？"));
    let right = toml.replace("V/1.MP4", "v/1.mp4");
    let (_folder, mut package) =
        self::package(&[("yuelu.toml", right.as_bytes()), ("v/1.mp4", b"1"), ("rights/a.txt", b"1"), ("s.vtt", b"1")]);
    let rows = read_rows(&mut package, &lists()).unwrap();
    let files = &rows[0].metadata.as_ref().unwrap().files;
    let roles: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.role)).collect();
    assert_eq!(roles, [("v/1.mp4", FileRole::Master), ("rights/a.txt", FileRole::Evidence), ("s.vtt", FileRole::Subtitle)]);
}

#[test]
fn packages_without_one_manifest_are_refused() {
    let (_folder, mut none) = package(&[("a.txt", b"1")]);
    assert_eq!(read_rows(&mut none, &lists()).unwrap_err()[0].rule, "PKG-MANIFEST");
    let (_folder, mut two) = package(&[("yuelu.toml", b""), ("catalogue.csv", b"")]);
    assert_eq!(read_rows(&mut two, &lists()).unwrap_err()[0].rule, "PKG-MANIFEST");
    let (_folder, mut headless) = package(&[("catalogue.csv", b"a,b\n1,2\n")]);
    assert_eq!(read_rows(&mut headless, &lists()).unwrap_err()[0].rule, "PKG-MANIFEST");
    let (_folder, mut broken) = package(&[("catalogue.xlsx", b"PK\x03\x04 not a workbook")]);
    assert_eq!(read_rows(&mut broken, &lists()).unwrap_err()[0].rule, "PKG-MANIFEST");
}
