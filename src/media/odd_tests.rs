//! What files of institutions are like: odd, but readable. Each case stands for real files that were once refused or misnamed.

use super::*;

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap();
    [length.to_be_bytes().as_slice(), kind, content].concat()
}

/// Numbers of four bytes after one another.
fn longs(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// A track of this coding: one chunk at `chunk`, `samples` samples of 4 bytes in ten seconds.
fn track(handler: &[u8; 4], codec: &[u8; 4], samples: u32, chunk: u32) -> Vec<u8> {
    let head = boxed(b"tkhd", &[vec![0; 76], longs(&[320 << 16, 240 << 16])].concat());
    let time = boxed(b"mdhd", &longs(&[0, 0, 0, 600, 6_000, 0]));
    let handler = boxed(b"hdlr", &[b"\0\0\0\0mhlr", handler.as_slice(), &[0; 13]].concat());
    let coding = boxed(b"stsd", &[longs(&[0, 1]), boxed(codec, &[0; 78])].concat());
    let table = [coding, boxed(b"stsz", &longs(&[0, 4, samples])), boxed(b"stco", &longs(&[0, 1, chunk]))].concat();
    let media = boxed(b"mdia", &[time, handler, boxed(b"minf", &boxed(b"stbl", &table))].concat());
    boxed(b"trak", &[head, media].concat())
}

/// A QuickTime film as cameras wrote it: no `ftyp`, one track.
fn quicktime(codec: &[u8; 4], chunk: u32) -> Vec<u8> {
    [boxed(b"moov", &track(b"vide", codec, 250, chunk)), boxed(b"mdat", &[0; 1_000])].concat()
}

#[test]
fn pictures_of_chapters_make_no_film_of_a_podcast() {
    let with = |frames: u32| {
        let tracks = [track(b"vide", b"jpeg", frames, 600), track(b"soun", b"mp4a", 430, 600)].concat();
        facts(&[boxed(b"moov", &tracks), boxed(b"mdat", &[0; 1_000])].concat(), "a.m4a")
    };
    let podcast = with(3);
    assert!(podcast.opens && podcast.video.is_none() && podcast.audio.is_some(), "{podcast:?}");
    assert!(with(250).video.is_some(), "pictures that move");
}

#[test]
fn what_no_program_can_decode_is_told_and_never_converted() {
    let dir = tempfile::tempdir().unwrap();
    let with = |lines: &str| {
        let path = dir.path().join("ffmpeg");
        std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let tools = Tools { ffmpeg: Some(path), ..Tools::default() };
        let facts = look_with(&sample("small.webm"), "a.webm", &tools).facts;
        let need = crate::domain::rendition::Source { path: "a.webm", role: FileRole::Master, facts: &facts }.need();
        (facts, need.is_some())
    };
    let (locked, needed) = with("exit 1");
    assert!(locked.opens && !needed && locked.undecoded.as_ref().is_some_and(|why| why.contains("画面：")), "{locked:?}");
    // Without a key frame in the parts that are looked at nothing is measured, but nothing is wrong either.
    let (dark, needed) = with(
        "case \"$*\" in *pcm_f32be*) printf '.snd\\0\\0\\0\\030\\377\\377\\377\\377\\0\\0\\0\\006\\0\\0\\273\\200\\0\\0\\0\\001\\0\\0\\0\\0';; esac",
    );
    assert!(dark.undecoded.is_none() && needed && dark.unmeasured.is_some(), "{dark:?}");
}

#[test]
fn films_that_one_reader_gives_up_are_measured_by_another() {
    let found = facts(&quicktime(b"jpeg", 600), "a.mov");
    assert!(found.opens && found.type_agrees, "{found:?}");
    let video = found.video.unwrap();
    assert_eq!((video.codec.as_str(), video.width, video.height, video.duration_ms), ("jpeg", 320, 240, 10_000));
    assert_eq!((video.millifps, video.bitrate), (25_000, 800));
    let cut = facts(&quicktime(b"jpeg", 60_000), "a.mov");
    assert!(!cut.opens && cut.fault.unwrap().contains("不完整"));
}

#[test]
fn names_inside_of_files_hold_nothing_that_no_record_keeps() {
    let video = facts(&quicktime(b"\0\0\0\0", 600), "a.mov").video.unwrap();
    assert_eq!(video.codec, "unknown");
    let mut collector = reading::Collector::default();
    collector.part(crate::domain::inspection::Locator::Sheet { name: "名\0单".into() }, "甲");
    let named = collector.into_reading(None).extracted.unwrap().parts.remove(0);
    assert_eq!(named.locator, crate::domain::inspection::Locator::Sheet { name: "名单".into() });
    let fault = Reading::fault("第\0一章").cleaned().fault.unwrap();
    assert_eq!(fault, "第一章");
}

/// A storage whose directory, in the second sector, holds this name.
fn storage(name: &str) -> Vec<u8> {
    let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    bytes.resize(2_048, 0);
    bytes[30..32].copy_from_slice(&9_u16.to_le_bytes());
    bytes[48..52].copy_from_slice(&1_u32.to_le_bytes());
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes[1_024..1_024 + name.len()].copy_from_slice(&name);
    bytes
}

#[test]
fn documents_with_a_password_are_called_so() {
    for name in ["a.docx", "a.pptx", "a.xlsx", "a.docm"] {
        let locked = facts(&storage("EncryptedPackage"), name);
        assert!(locked.encrypted && locked.type_agrees, "{name}: {locked:?}");
        assert!(locked.fault.unwrap().contains("密码"));
        assert!(!facts(&storage("WordDocument"), name).type_agrees, "{name}");
    }
    let cut = facts(&storage("WordDocument"), "a.wps");
    assert!(cut.type_agrees && cut.fault.unwrap().contains("不完整"));
}

#[test]
fn a_locked_pdf_is_called_locked_by_the_tool() {
    for (told, locked) in [
        ("Command Line Error: Incorrect password", true),
        ("Couldn't find the 'Adobe.PubSec' security handler", true),
        ("Syntax Error", false),
    ] {
        let tool = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::write(&tool, format!("#!/bin/sh\n[ \"$1\" = -q ] || echo \"{told}\" >&2\nexit 1\n")).unwrap();
        std::fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let tools = Tools { pdftotext: Some(tool.to_path_buf()), ..Tools::default() };
        let found = look_with(b"%PDF-1.7\n1 0 obj\n%%EOF", "a.pdf", &tools).facts;
        assert_eq!((found.opens, found.encrypted), (false, locked), "{told}");
    }
}

#[test]
fn what_office_programs_write_under_other_endings_agrees() {
    let body = "<w:document><w:t>甲</w:t></w:document>";
    for (name, agreed) in [("a.docx", true), ("a.dotx", true), ("a.docm", true), ("a.pptx", false), ("a.pdf", false)] {
        assert_eq!(facts(&document(body), name).type_agrees, agreed, "{name}");
    }
}

#[test]
fn a_book_without_its_mimetype_is_a_book() {
    let container = "<container><rootfiles><rootfile full-path='a.opf'/></rootfiles></container>";
    let package = "<package><manifest><item id='a' href='a.xhtml'/></manifest><spine><itemref idref='a'/></spine></package>";
    let parts = [("META-INF/container.xml", container), ("a.opf", package), ("a.xhtml", "<html><p>甲</p></html>")];
    let found = look(&zipped(&parts), "a.epub");
    assert!(found.facts.opens && found.facts.type_agrees, "{:?}", found.facts);
    assert_eq!(found.text.unwrap().parts[0].text, "甲");
}

#[test]
fn short_entities_are_no_bomb_and_are_still_not_expanded() {
    let drawing = |declared: &str| {
        format!("<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x.dtd' [{declared}]><svg xmlns='&ns;'><text>&ns;</text></svg>")
    };
    assert!(facts(drawing("<!ENTITY ns 'http://www.w3.org/2000/svg'>").as_bytes(), "a.svg").opens);
    let long = format!("<!ENTITY ns '{}'>", "x".repeat(5_000));
    for harmful in ["<!ENTITY ns SYSTEM 'file:///etc/passwd'>", "<!ENTITY a 'a'><!ENTITY ns '&a;&a;'>", "<!ENTITY % p 'x'>", &long] {
        assert!(facts(drawing(harmful).as_bytes(), "a.svg").fault.unwrap().contains("实体"), "{harmful}");
    }
}

#[test]
fn a_tag_before_a_sound_does_not_say_which_sound_it_is() {
    let tag = b"ID3\x03\0\0\0\0\0\x04\0\0\0\0";
    for (sound, name, media_type) in
        [(b"fLaC", "a.flac", "audio/flac"), (b"\xff\xf1\x50\x80", "a.aac", "audio/aac"), (b"\xff\xfb\x90\x64", "a.mp3", "audio/mpeg")]
    {
        let found = facts(&[tag.as_slice(), sound].concat(), name);
        assert_eq!((found.sniffed.as_str(), found.type_agrees), (media_type, true), "{name}");
    }
}

#[test]
fn a_picture_in_the_order_of_a_book_is_not_read_as_words() {
    let container = "<container><rootfiles><rootfile full-path='a.opf'/></rootfiles></container>";
    let package = "<package><manifest><item id='a' href='a.jpg' media-type='image/jpeg'/><item id='b' href='b.jpg' media-type='image/jpeg' \
                   fallback='c'/><item id='c' href='c.xhtml' media-type='application/xhtml+xml'/></manifest>\
                   <spine><itemref idref='a'/><itemref idref='b'/></spine></package>";
    let parts = [
        ("META-INF/container.xml", container),
        ("a.opf", package),
        ("a.jpg", "Photoshop"),
        ("b.jpg", "Photoshop"),
        ("c.xhtml", "<p>甲</p>"),
    ];
    let found = look(&zipped(&parts), "a.epub");
    let words: Vec<String> = found.text.unwrap().parts.into_iter().map(|part| part.text).collect();
    assert_eq!((found.facts.text.unwrap().parts, words), (2, vec!["甲".to_owned()]));
}

/// A page whose font is one of China's own sets, which readers know by tables of their own.
fn chinese_pdf(text: &str) -> Vec<u8> {
    use lopdf::{Stream, dictionary};
    let mut document = lopdf::Document::with_version("1.5");
    let system = dictionary! { "Registry" => lopdf::Object::string_literal("Adobe"), "Ordering" => lopdf::Object::string_literal("GB1"), "Supplement" => 4 };
    let glyphs = document
        .add_object(dictionary! { "Type" => "Font", "Subtype" => "CIDFontType0", "BaseFont" => "STSong-Light", "CIDSystemInfo" => system });
    let font = dictionary! { "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "STSong-Light-UniGB-UCS2-H", "Encoding" => "UniGB-UCS2-H",
    "DescendantFonts" => vec![glyphs.into()] };
    let font = document.add_object(font);
    let codes: String = text.encode_utf16().map(|code| format!("{code:04X}")).collect();
    let content = document.add_object(Stream::new(dictionary! {}, format!("BT /F1 24 Tf 50 100 Td <{codes}> Tj ET").into_bytes()));
    let tree = document.new_object_id();
    let resources = dictionary! { "Font" => dictionary! { "F1" => font } };
    let page = document.add_object(dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content, "Resources" => resources,
    "MediaBox" => vec![0.into(), 0.into(), 300.into(), 200.into()] });
    document.objects.insert(tree, lopdf::Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn chinese_is_read_also_where_the_tool_lacks_its_tables() {
    let bytes = chinese_pdf("岳麓书院讲学");
    let tool = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    let said = "#!/bin/sh\necho 'Syntax Error: Unknown font tag' >&2\necho 'Syntax Error (1): No font in show' >&2\nprintf '1 \\f'\n";
    std::fs::write(&tool, said).unwrap();
    std::fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let poor = Tools { pdftotext: Some(tool.to_path_buf()), ..Tools::default() };
    for tools in [Tools::default(), Tools::find(), poor] {
        let found = look_with(&bytes, "a.pdf", &tools);
        assert_eq!(found.text.unwrap().parts[0].text, "岳麓书院讲学", "{tools:?}");
    }
}

#[test]
fn numbers_of_glyphs_are_no_words() {
    let tool = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    let tools = Tools { pdftotext: Some(tool.to_path_buf()), ..Tools::default() };
    for (words, kept) in [
        (r"êÆ‰ÆÆ 5óœU6Ï •ÁÁò 2013c6", false),
        (r"\036\035-&\041*\031\041\032\027\034$\033\030/", false),
        ("Le théâtre répété à l'école où il était né", true),
        (r"第一讲 \002 手机的使用", true),
    ] {
        std::fs::write(&tool, format!("#!/bin/sh\nprintf \"{words}\\f\"\n")).unwrap();
        std::fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let found = look_with(b"%PDF-1.7\n1 0 obj\n%%EOF", "a.pdf", &tools);
        assert!(found.facts.opens);
        let text = found.text.map(|text| text.parts[0].text.clone());
        assert_eq!(text.is_some(), kept, "{words}: {text:?}");
        assert!(text.is_none_or(|text| !text.contains('\u{2}')), "no text holds control characters");
    }
}

#[test]
fn photos_of_newer_phones_are_known_and_told_to_be_seen_by_few() {
    let heic = facts(&boxed(b"ftyp", b"heic\0\0\0\0mif1MiHBheic"), "a.heic");
    assert!(heic.opens && heic.type_agrees && heic.undecoded.as_ref().is_some_and(|why| why.contains("JPEG")), "{heic:?}");
}

#[test]
fn sound_that_our_own_reader_gives_up_is_asked_of_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ffprobe");
    let told = r#"{"streams":[{"codec_type":"audio","codec_name":"pcm_s16le","sample_rate":"48000","channels":1,"duration":"9.5"}]}"#;
    std::fs::write(&path, format!("#!/bin/sh\ncat <<'END'\n{told}\nEND\n")).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let tape = b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0";
    assert!(facts(tape, "a.wav").fault.is_some());
    let found = look_with(tape, "a.wav", &Tools { ffprobe: Some(path), ..Tools::default() }).facts;
    assert!(found.opens && found.audio.is_some_and(|audio| audio.codec == "pcm" && audio.duration_ms == 9_500), "{:?}", found.fault);
}

#[test]
fn documents_of_word_on_the_web_number_their_main_part() {
    let body = "<w:document><w:body><w:p><w:r><w:t>第一讲</w:t></w:r></w:p></w:body></w:document>";
    let found = look(&zipped(&[("[Content_Types].xml", "<Types/>"), ("word/document2.xml", body), ("word/documents.txt", "")]), "a.docx");
    assert!(found.facts.opens && found.facts.type_agrees, "{:?}", found.facts);
    assert_eq!(found.text.unwrap().parts[0].text, "第一讲");
}
