//! Documents of other makers: OpenDocument, RTF, the old formats of Microsoft, and archives that were cut off.

use super::*;
use crate::media::{doc, ole, ppt};
use std::io::Cursor;

/// A container of the old formats with these streams.
pub fn container(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, bytes) in streams {
        file.create_stream(name).unwrap().write_all(bytes).unwrap();
    }
    file.into_inner().into_inner()
}

pub fn word() -> Vec<u8> {
    let (main, table) = doc::tests::streams("土家族织锦\r", "brocade");
    container(&[("/WordDocument", &main), ("/1Table", &table)])
}

pub fn presentation() -> Vec<u8> {
    let (main, user) = ppt::tests::streams();
    container(&[("/PowerPoint Document", &main), ("/Current User", &user)])
}

/// An OpenDocument of this kind and content.
pub fn open_document(kind: &str, body: &str) -> Vec<u8> {
    let kind = format!("application/vnd.oasis.opendocument.{kind}");
    zipped(&[("mimetype", &kind), ("content.xml", &format!("<office:document-content>{body}</office:document-content>"))])
}

fn parts(bytes: &[u8], name: &str) -> Vec<(Locator, String)> {
    let found = look(bytes, name);
    assert!(found.facts.opens && found.facts.type_agrees, "{name}: {:?}", found.facts);
    found.text.unwrap().parts.into_iter().map(|part| (part.locator, part.text)).collect()
}

#[test]
fn open_documents_are_read_in_parts() {
    let text = "<text:tracked-changes><text:p>删去的</text:p></text:tracked-changes><text:h>女书</text:h>\
                <text:p>第一<text:s/>段<office:annotation><text:p>批注</text:p></office:annotation>续</text:p>\
                <table:table table:name='T'><table:table-cell><text:p>格</text:p></table:table-cell></table:table>";
    assert_eq!(parts(&open_document("text", text), "a.odt"), [(Locator::Whole, "女书\n第一 段续\n格".to_owned())]);
    let slides = "<draw:page><draw:frame><text:p>一</text:p></draw:frame><presentation:notes><text:p>备注</text:p></presentation:notes></draw:page>\
                  <draw:page><text:p>二</text:p></draw:page>";
    let slide = |slide: u32, text: &str| (Locator::Slide { slide }, text.to_owned());
    assert_eq!(parts(&open_document("presentation", slides), "a.odp"), [slide(1, "一"), slide(1, "备注"), slide(2, "二")]);
    let row = "<table:table-row><table:table-cell><text:p>姓名</text:p></table:table-cell><table:table-cell><text:p>3</text:p></table:table-cell></table:table-row>";
    let sheets = format!("<office:spreadsheet><table:table table:name='名单'>{row}{row}</table:table></office:spreadsheet>");
    assert_eq!(
        parts(&open_document("spreadsheet", &sheets), "a.ods"),
        [(Locator::Sheet { name: "名单".into() }, "姓名 3\n姓名 3".to_owned())]
    );
    let locked = zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("content.xml", "noise"),
        ("META-INF/manifest.xml", "<manifest:encryption-data/>"),
    ]);
    assert!(facts(&locked, "a.odt").encrypted);
    assert!(facts(&open_document("text", "<w:p>&lt;"), "a.odt").opens);
}

#[test]
fn the_old_formats_are_read_and_what_cannot_be_is_said() {
    assert_eq!(parts(&word(), "a.doc"), [(Locator::Whole, "土家族织锦\nbrocade".to_owned())]);
    assert_eq!(parts(&word(), "a.wps")[0].1, "土家族织锦\nbrocade");
    let slides = parts(&presentation(), "a.ppt");
    assert_eq!(facts(&presentation(), "a.dps").sniffed, "application/vnd.ms-powerpoint");
    assert_eq!(slides[1], (Locator::Slide { slide: 2 }, "abc\n第二张\n图".to_owned()));
    let (mut main, table) = doc::tests::streams("甲", "a");
    main[11] |= 1;
    let locked = facts(&container(&[("/WordDocument", &main), ("/1Table", &table)]), "a.doc");
    assert!(locked.encrypted && locked.fault.unwrap().contains("密码"));
    for strange in
        [container(&[("/WordDocument", b"older than Word 97")]), container(&[("/Contents", b"?")]), container(&[("/Workbook", b"?")])]
    {
        let found = look(&strange, "a.doc").facts;
        assert!(found.type_agrees, "{found:?}");
        assert!(found.opens && found.text.is_none(), "{found:?}");
        assert_eq!(found.unread.as_deref(), Some(ole::UNREAD));
    }
    let hidden = facts(&container(&[("/a", b""), ("/b", b""), ("/c", b""), ("/d", b""), ("/EncryptedPackage", b"?")]), "a.docx");
    assert!(hidden.encrypted && hidden.type_agrees, "{hidden:?}");
    let cut = facts(&word()[..1500], "a.doc");
    assert!(cut.type_agrees && cut.fault.unwrap().contains("不完整"));
}

#[test]
fn rich_text_is_read() {
    let source = br"{\rtf1\ansi\ansicpg936 \'c5\'ae\'ca\'e9\par}";
    assert_eq!(parts(source, "a.rtf"), [(Locator::Whole, "女书".to_owned())]);
}

#[test]
fn what_was_cut_off_is_called_so_and_not_something_else() {
    let workbook = rust_xlsxwriter::Workbook::new().save_to_buffer().unwrap();
    let document = document("<w:document><w:t>甲</w:t></w:document>");
    let files = [("a.docx", &document), ("a.pptx", &slides()), ("a.xlsx", &workbook), ("a.epub", &book("<p>甲</p>")), ("a.zip", &document)];
    for (name, whole) in files {
        for end in [whole.len() / 2, whole.len() - 10] {
            let cut = facts(&whole[..end], name);
            assert!(cut.type_agrees && !cut.opens, "{name}: {cut:?}");
            assert!(cut.fault.unwrap().contains("不完整"), "{name}");
        }
        let mut spoilt = whole.clone();
        let directory = memchr::memmem::rfind(&spoilt, b"PK\x01\x02").unwrap();
        spoilt[directory] = 0;
        let broken = facts(&spoilt, name);
        assert!(broken.type_agrees && broken.fault.unwrap().contains("损坏"), "{name}");
    }
    assert!(!facts(&document[..document.len() / 2], "a.mp4").type_agrees);
}

#[test]
fn pages_of_tiff_are_measured_where_they_cannot_be_decoded() {
    // A fax and a page in JPEG 2000, which nobody here decodes.
    let fax: &[(u16, u32)] = &[(256, 1728), (257, 2200), (258, 1), (259, 34712), (262, 0), (273, 8), (278, 2200), (279, 4)];
    let page: &[(u16, u32)] = &[(256, 2480), (257, 3508), (258, 8), (259, 34712), (262, 1), (273, 8), (278, 3508), (279, 4)];
    let file = crate::media::tiff::tests::written(&[fax, page]);
    let found = facts(&file, "a.tif");
    let image = found.image.clone().unwrap();
    assert!(found.opens && found.type_agrees && found.undecoded.as_deref().is_some_and(|why| why.contains("编码方式")), "{found:?}");
    let source = crate::domain::rendition::Source { path: "a.tif", role: FileRole::Master, facts: &found };
    assert_eq!(source.need(), None, "a conversion could only fail");
    assert_eq!((image.width, image.height, image.bits_per_pixel, image.pages), (2480, 3508, 8, Some(2)));
    let beyond: &[(u16, u32)] = &[(256, 90), (257, 90), (273, 8), (279, 9_000)];
    assert!(facts(&crate::media::tiff::tests::written(&[beyond]), "a.tif").fault.unwrap().contains("不完整"));
}
