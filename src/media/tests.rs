//! Real files, made here or small ones of `tests/files`, and broken ones made of them.

use super::*;
use crate::domain::inspection::{FileFacts, Locator};
use crate::domain::metadata::FileRole;
use std::io::Write as _;
use std::path::PathBuf;
use zip::write::SimpleFileOptions;

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)).unwrap()
}

fn look_with(bytes: &[u8], name: &str, tools: &Tools) -> Examination {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    examine(&Request { path: file.path().to_owned(), name: name.to_owned(), role: FileRole::Master, sha256: None }, tools)
}

fn look(bytes: &[u8], name: &str) -> Examination {
    look_with(bytes, name, &Tools::default())
}

fn facts(bytes: &[u8], name: &str) -> FileFacts {
    look(bytes, name).facts
}

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn document(body: &str) -> Vec<u8> {
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", body),
        ("word/footnotes.xml", "<w:footnotes><w:p><w:r><w:t>脚注甲</w:t></w:r></w:p></w:footnotes>"),
        ("word/header1.xml", "<w:hdr><w:p><w:r><w:t>页眉乙</w:t></w:r></w:p></w:hdr>"),
    ])
}

fn slides() -> Vec<u8> {
    let slide = |text: &str| format!("<p:sld><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>");
    zipped(&[
        (
            "ppt/presentation.xml",
            "<p:presentation><p:sldIdLst><p:sldId id='256' r:id='rId2'/><p:sldId id='257' r:id='rId1'/></p:sldIdLst></p:presentation>",
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            "<Relationships><Relationship Id='rId1' Target='slides/slide1.xml'/><Relationship Id='rId2' Target='/ppt/slides/slide2.xml'/></Relationships>",
        ),
        ("ppt/slides/slide1.xml", &slide("先出现在文件里")),
        ("ppt/slides/slide2.xml", &slide("第一页 A&amp;B")),
        (
            "ppt/slides/_rels/slide2.xml.rels",
            "<Relationships><Relationship Id='rId1' Target='../notesSlides/notesSlide1.xml'/></Relationships>",
        ),
        ("ppt/notesSlides/notesSlide1.xml", &slide("备注丙")),
    ])
}

fn book(chapter: &str) -> Vec<u8> {
    zipped(&[
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", "<container><rootfiles><rootfile full-path='OEBPS/book.opf'/></rootfiles></container>"),
        (
            "OEBPS/book.opf",
            "<package><manifest><item id='b' href='%E4%BA%8C.xhtml'/><item id='a' href='one.xhtml'/></manifest><spine><itemref idref='a'/><itemref idref='b'/></spine></package>",
        ),
        ("OEBPS/one.xhtml", chapter),
        ("OEBPS/二.xhtml", "<html><body><h1>第二章</h1><p>乙</p></body></html>"),
    ])
}

fn pdf(pages: &[&str]) -> Vec<u8> {
    use lopdf::{Object, Stream, dictionary};
    let mut document = lopdf::Document::with_version("1.5");
    let tree = document.new_object_id();
    let font = document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let kids: Vec<Object> = pages
        .iter()
        .map(|text| {
            let content = format!("BT /F1 24 Tf 50 100 Td ({text}) Tj ET");
            let content = document.add_object(Stream::new(dictionary! {}, content.into_bytes()));
            let page = dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content, "Resources" => resources,
            "MediaBox" => vec![0.into(), 0.into(), 300.into(), 200.into()] };
            document.add_object(page).into()
        })
        .collect();
    let count = i64::try_from(pages.len()).unwrap();
    document.objects.insert(tree, Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    ::image::RgbImage::from_fn(width, height, |x, y| ::image::Rgb([x as u8, y as u8, 7]))
        .write_to(&mut bytes, ::image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A PNG whose header claims a size, without the pixels.
fn claimed_png(width: u32, height: u32) -> Vec<u8> {
    let mut head = b"IHDR".to_vec();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    let crc = crc32fast::hash(&head).to_be_bytes();
    let data = [b"IDAT".as_slice(), &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]].concat();
    let data_crc = crc32fast::hash(&data).to_be_bytes();
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0d".as_slice(), &head, &crc, &[0, 0, 0, 8], &data, &data_crc, &[0, 0, 0, 0], b"IEND\xaeB`\x82"].concat()
}

#[test]
fn videos_are_measured() {
    for name in ["small.mp4", "fragmented.mp4"] {
        let facts = facts(&sample(name), name);
        assert_eq!(facts.fault, None, "{name}");
        assert!(facts.opens && facts.type_agrees && facts.sniffed == "video/mp4");
        let video = facts.video.unwrap();
        assert_eq!((video.codec.as_str(), video.width, video.height, video.millifps), ("h264", 320, 180, 25_000), "{name}");
        assert!((1_990..=2_050).contains(&video.duration_ms) && video.bitrate > 1000, "{name}: {video:?}");
        let audio = facts.audio.unwrap();
        assert_eq!((audio.codec.as_str(), audio.sample_rate, audio.channels), ("aac", 48_000, 2));
        assert!((10_000..=60_000).contains(&audio.bitrate), "{audio:?}");
    }
    let webm = facts(&sample("small.webm"), "a.webm");
    let (video, audio) = (webm.video.unwrap(), webm.audio.unwrap());
    assert_eq!((video.container.as_str(), video.codec.as_str(), video.width, video.height), ("webm", "vp9", 160, 90));
    assert_eq!((audio.codec.as_str(), audio.sample_rate), ("opus", 48_000));
    assert!(webm.opens && (900..=1100).contains(&video.duration_ms));
}

#[test]
fn sounds_are_measured() {
    let mp3 = facts(&sample("small.mp3"), "a.mp3");
    let audio = mp3.audio.unwrap();
    assert_eq!((audio.codec.as_str(), audio.sample_rate, audio.channels), ("mp3", 44_100, 1));
    assert!(mp3.opens && (990..=1100).contains(&audio.duration_ms));
    let wav = facts(&sample("small.wav"), "a.wav");
    assert_eq!(wav.audio.map(|audio| (audio.codec, audio.sample_rate, audio.duration_ms)), Some(("pcm".to_owned(), 8000, 1000)));
    let cut = sample("small.wav");
    assert!(facts(&cut[..4000], "a.wav").fault.unwrap().contains("不完整"));
}

#[test]
fn a_cut_video_says_where_it_was_cut() {
    let whole = sample("small.mp4");
    let half = facts(&whole[..whole.len() / 2], "a.mp4");
    assert!(!half.opens);
    let fault = half.fault.unwrap();
    assert!(fault.contains("不完整") && fault.contains(&(whole.len() / 2).to_string()), "{fault}");
    // ffmpeg writes the index last: without it there are only the media.
    let index = whole.windows(4).position(|window| window == b"moov").unwrap() - 4;
    assert!(facts(&whole[..index], "a.mp4").fault.unwrap().contains("缺少索引（moov）"));
    let mut renamed = whole.clone();
    renamed[index + 4..index + 8].copy_from_slice(b"free");
    assert!(facts(&renamed, "a.mp4").fault.unwrap().contains("缺少索引（moov）"));
    let webm = sample("small.webm");
    assert!(facts(&webm[..webm.len() / 2], "a.webm").fault.unwrap().contains("不完整"));
}

#[test]
fn a_table_of_four_thousand_million_samples_is_refused() {
    let mut bytes = sample("small.mp4");
    let table = bytes.windows(4).position(|window| window == b"stsz").unwrap();
    bytes[table + 8..table + 12].copy_from_slice(&1_u32.to_be_bytes());
    bytes[table + 12..table + 16].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(facts(&bytes, "a.mp4").fault.unwrap().contains("帧数异常"));
}

#[test]
fn pictures_are_measured_and_made_small() {
    let found = look(&png(1200, 600), "a.png");
    let image = found.facts.image.unwrap();
    assert_eq!((image.width, image.height, image.bits_per_pixel, found.facts.opens), (1200, 600, 24, true));
    let small = ::image::load_from_memory(&found.thumbnail.unwrap()).unwrap();
    assert_eq!((small.width(), small.height()), (480, 240));
    let whole = png(300, 300);
    let cut = facts(&whole[..whole.len() / 2], "a.png");
    assert!(!cut.opens && cut.fault.is_some());
    assert!(!facts(&whole, "a.jpg").type_agrees);
}

#[test]
fn huge_pictures_are_refused_before_they_are_opened() {
    for (width, height) in [(60_000, 60_000), (19_000, 19_000), (u32::MAX >> 1, 1)] {
        let started = std::time::Instant::now();
        let facts = facts(&claimed_png(width, height), "a.png");
        assert!(facts.fault.as_deref().is_some_and(|fault| fault.contains("上限")), "{width}: {:?}", facts.fault);
        assert!(started.elapsed().as_millis() < 500);
    }
    assert!(facts(&claimed_png(60_000, 60_000), "a.png").fault.unwrap().contains("60000×60000"));
}

#[test]
fn documents_are_read_with_headers_and_notes() {
    let body = "<w:document><w:body><w:p><w:r><w:t>第一段</w:t></w:r><w:r><w:t xml:space='preserve'> 续&#65;</w:t></w:r></w:p><w:p><w:del><w:r><w:delText>删</w:delText></w:r></w:del></w:p></w:body></w:document>";
    let found = look(&document(body), "a.docx");
    assert!(found.facts.opens && found.facts.type_agrees, "{:?}", found.facts);
    assert_eq!(found.text.unwrap().parts[0].text, "第一段 续A\n脚注甲\n页眉乙");
    let found = look(&slides(), "a.pptx");
    let parts: Vec<_> = found.text.unwrap().parts.into_iter().map(|part| (part.locator, part.text)).collect();
    let slide = |slide: u32, text: &str| (Locator::Slide { slide }, text.to_owned());
    assert_eq!(parts, [slide(1, "第一页 A&B"), slide(1, "备注丙"), slide(2, "先出现在文件里")]);
    let facts = found.facts.text.unwrap();
    assert_eq!((facts.parts, facts.longest_part), (2, 7));
}

#[test]
fn entities_are_never_expanded() {
    let lol = "<!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]><w:document><w:t>&b;&f;</w:t></w:document>";
    let found = look(&document(lol), "a.docx");
    assert!(found.facts.fault.unwrap().contains("实体"));
    assert!(found.text.is_none());
    let deep = format!("<w:document>{}", "<w:p>".repeat(100_000));
    assert!(look(&document(&deep), "a.docx").facts.fault.unwrap().contains("嵌套"));
}

#[test]
fn workbooks_and_books_are_read() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet().set_name("名单").unwrap();
    sheet.write_string(0, 0, "姓名").unwrap().write_number(0, 1, 3.0).unwrap();
    // A cell in the last corner must not make a table of 17 thousand million places.
    sheet.write_string(1_048_575, 16_383, "末").unwrap();
    let found = look(&workbook.save_to_buffer().unwrap(), "a.xlsx");
    assert!(found.facts.opens, "{:?}", found.facts);
    let row = |row: u32, text: &str| (Locator::Row { sheet: Some("名单".into()), row }, text.to_owned());
    let parts: Vec<_> = found.text.unwrap().parts.into_iter().map(|part| (part.locator, part.text)).collect();
    assert_eq!((parts, found.facts.text.unwrap().parts), (vec![row(1, "姓名 3"), row(1_048_576, "末")], 1));

    let found = look(&book("<html><head><title>书</title></head><body><h2>第一章</h2><p>甲</p></body></html>"), "a.epub");
    assert!(found.facts.opens && found.facts.type_agrees, "{:?}", found.facts);
    let titles: Vec<_> = found.text.unwrap().parts.into_iter().map(|part| part.locator).collect();
    let chapter = |chapter: u32, title: &str| Locator::Chapter { chapter, title: Some(title.into()) };
    assert_eq!(titles, [chapter(1, "第一章"), chapter(2, "第二章")]);
    let bomb = "x".repeat(70 << 20);
    assert!(look(&book(&bomb), "a.epub").facts.fault.unwrap().contains("压缩炸弹"));
}

#[test]
fn pdf_is_read_by_page_with_and_without_tools() {
    let bytes = pdf(&["Hello Yuelu", "Second page"]);
    for tools in [Tools::default(), Tools::find()] {
        let found = look_with(&bytes, "a.pdf", &tools);
        assert!(found.facts.opens, "{:?}", found.facts);
        let parts = found.text.unwrap().parts;
        assert_eq!((&parts[1].locator, parts[1].text.as_str()), (&Locator::Page { page: 2 }, "Second page"));
        assert_eq!(found.facts.text.unwrap().parts, 2);
        assert_eq!(found.thumbnail.is_some(), tools.pdftoppm.is_some());
        let cut = look_with(&bytes[..bytes.len() / 2], "a.pdf", &tools).facts;
        assert!(!cut.opens && cut.fault.unwrap().contains("%%EOF"));
        let noise = [b"%PDF-1.7\n".as_slice(), &[7; 3000], b"%%EOF"].concat();
        assert!(!look_with(&noise, "a.pdf", &tools).facts.opens);
    }
}

#[test]
fn covers_of_videos_are_made_where_ffmpeg_is() {
    let tools = Tools::find();
    let found = look_with(&sample("small.mp4"), "a.mp4", &tools);
    assert_eq!(found.thumbnail.is_some(), tools.ffmpeg.is_some());
}

#[test]
fn texts_and_empty_files() {
    let gbk = look(&encoding_rs::GB18030.encode("江永女书是世界上唯一的女性文字").0, "a.txt");
    assert_eq!(gbk.facts.text.unwrap().encoding.as_deref(), Some("GB18030"));
    assert_eq!(gbk.text.unwrap().parts[0].locator, Locator::Whole);
    for name in ["a.mp4", "a.pdf", "a.txt", "a.docx"] {
        let empty = facts(b"", name);
        assert!(!empty.opens && empty.fault.unwrap().contains("0 字节"));
    }
    let program = facts(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0", "课件.pdf");
    assert!(!program.type_agrees && program.sniffed.contains("executable"));
}

#[test]
fn broken_files_of_every_kind_give_a_fault_or_facts() {
    let workbook = rust_xlsxwriter::Workbook::new().save_to_buffer().unwrap_or_default();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("a.mp4", sample("small.mp4")),
        ("b.mp4", sample("fragmented.mp4")),
        ("a.webm", sample("small.webm")),
        ("a.mp3", sample("small.mp3")),
        ("a.wav", sample("small.wav")),
        ("a.png", png(64, 64)),
        ("a.pdf", pdf(&["x", "y"])),
        ("a.docx", document("<w:document><w:t>甲</w:t></w:document>")),
        ("a.pptx", slides()),
        ("a.epub", book("<html><p>甲</p></html>")),
        ("a.xlsx", workbook),
        ("a.odt", documents::open_document("text", "<text:p>甲</text:p>")),
        ("a.rtf", br"{\rtf1\ansicpg936{\fonttbl{\f0\fcharset134 x;}}\f0\'c5\'ae\u22899?\par}".to_vec()),
        ("a.doc", documents::word()),
        ("a.ppt", documents::presentation()),
        ("a.tif", tiff::tests::written(&[&[(256, 64), (257, 64), (258, 8), (273, 8), (279, 4)]])),
    ];
    let mut random = fastrand::Rng::with_seed(7);
    for (name, whole) in files {
        for _ in 0..40 {
            let mut bytes = whole.clone();
            if random.bool() {
                bytes.truncate(random.usize(0..bytes.len().max(1)));
            }
            for _ in 0..random.usize(0..20) {
                let end = bytes.len().min(2000);
                if let Some(byte) = bytes.get_mut(random.usize(0..end.max(1))) {
                    *byte = random.u8(..);
                }
            }
            let facts = facts(&bytes, name);
            assert_eq!(facts.opens, facts.fault.is_none(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_child_that_dies_or_hangs_costs_only_its_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"%PDF-1.7 ...").unwrap();
    let request = || Request { path: file.path().to_owned(), name: "a.pdf".into(), role: FileRole::Master, sha256: Some("00".into()) };
    let dies = Media::isolated(PathBuf::from("/bin/false"), Tools::default());
    let found = dies.examine(request()).await.facts;
    assert!(!found.opens && found.sniffed == "application/pdf" && found.fault.unwrap().contains("解析程序已中止"));
    let hangs = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    std::fs::write(&hangs, "#!/bin/sh\nsleep 60\n").unwrap();
    std::fs::set_permissions(&hangs, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let media = Media::isolated(hangs.to_path_buf(), Tools::default()).with_limit(std::time::Duration::from_millis(300));
    assert!(media.examine(request()).await.facts.fault.unwrap().contains("已中止"));
}

#[path = "document_tests.rs"]
mod documents;
#[path = "odd_tests.rs"]
mod odd;
#[path = "recording_tests.rs"]
mod recordings;
