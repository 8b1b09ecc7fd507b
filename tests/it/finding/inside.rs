//! Hits inside of tables and pictures: the row and the part of the picture that was found, and what may be kept for offline use.

use super::stock::escaped;
use crate::program::{Server, Vetters, packages};
use serde_json::{Value, json};

/// The package of one document with a table, a workbook, a picture and notes about the picture beside.
pub fn package() -> Vec<u8> {
    let mut files = packages::document("in-1", "西兰卡普图案资料", "西兰卡普");
    let mut manifest = String::from_utf8(files[0].1.clone()).unwrap();
    for path in ["tables/patterns.csv", "tables/makers.xlsx", "images/cloth.png", "images/cloth.json"] {
        manifest.push_str(&format!("\n[[files]]\npath = \"{path}\"\nrole = \"attachment\"\n"));
    }
    files[0].1 = manifest.into_bytes();
    let mut rows = vec!["编号,图案,说明".to_owned()];
    rows.extend((1..=20).map(|row| format!("{row},图案{row},普通说明")));
    rows[11] = "11,四十八勾,民间传说里的太阳".to_owned();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("传承人").unwrap();
    sheet.write_string(0, 0, "姓名").unwrap().write_string(4, 0, "叶水云").unwrap().write_string(4, 1, "国家级传承人").unwrap();
    let selector = json!({"type": "FragmentSelector", "conformsTo": "http://www.w3.org/TR/media-frags/", "value": "xywh=160,50,80,100"});
    let note = |text: &str, target: Value| json!({"type": "Annotation", "body": {"type": "TextualBody", "value": text}, "target": target});
    let notes = json!({"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationPage", "items": [
        note("台台花纹样", json!({"source": "cloth.png", "selector": selector})),
        note("椅子花纹样", json!("images/cloth.png#xywh=percent:0,50,25,50")),
        note("别处的画", json!("elsewhere.png#xywh=0,0,1,1")),
    ]});
    files.push(("tables/patterns.csv".to_owned(), rows.join("\r\n").into_bytes()));
    files.push(("tables/makers.xlsx".to_owned(), book.save_to_buffer().unwrap()));
    files.push(("images/cloth.png".to_owned(), packages::picture(320, 200)));
    files.push(("images/cloth.json".to_owned(), notes.to_string().into_bytes()));
    packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

#[tokio::test]
async fn rows_and_parts_of_pictures_are_found_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let vetters = Vetters::register(&server, "岳麓示范社区学院");
    let id = vetters.publish(package()).await;
    let visitor = server.visitor();
    let found = async |words: &str| -> (Value, Vec<Value>) {
        let found = visitor.get(&format!("/api/v1/search?facets=offline&q={}", escaped(words))).await.ok();
        assert_eq!((&found["total"]["value"], &found["hits"][0]["id"]), (&json!(1), &json!(id)), "{words}: {found}");
        let body = found["hits"][0]["snippets"].as_array().unwrap().iter().filter(|one| one["field"] == "body").cloned().collect();
        (found, body)
    };
    let (whole, body) = found("四十八勾").await;
    assert_eq!(body[0]["locator"], json!({"file": "tables/patterns.csv", "at": "row", "row": 12}), "{body:?}");
    assert_eq!(body[0]["html"], "11 <mark>四十八勾</mark> 民间传说里的太阳");
    assert_eq!(whole["facets"]["offline"], json!([{"value": "downloadable", "label": "可下载离线使用", "count": 1}]));
    let (_, body) = found("叶水云").await;
    assert_eq!(body[0]["locator"], json!({"file": "tables/makers.xlsx", "at": "row", "sheet": "传承人", "row": 5}));
    let (_, body) = found("台台花").await;
    let place = json!({"file": "images/cloth.png", "at": "region", "left": 5_000, "top": 2_500, "width": 2_500, "height": 5_000});
    assert_eq!((&body[0]["locator"], body[0]["html"].as_str()), (&place, Some("<mark>台台花</mark>纹样")));
    let (_, body) = found("椅子花").await;
    let place = json!({"file": "images/cloth.png", "at": "region", "left": 0, "top": 5_000, "width": 2_500, "height": 5_000});
    assert_eq!(body[0]["locator"], place);
    let (_, body) = found("别处的画").await;
    assert_eq!(body[0]["locator"], json!({"file": "images/cloth.json", "at": "whole"}), "no picture of the package");
    let (_, body) = found("纹样").await;
    assert_eq!(body.len(), 2, "the best two of all: {body:?}");
    let told = server.run(["search", "四十八勾", "--filter", "offline=可下载离线使用"]);
    assert!(told.contains("（tables/patterns.csv 第 12 行）"), "{told}");
    assert!(server.run(["search", "四十八勾", "--filter", "offline=online_only"]).starts_with("共 0 条"));
}

#[tokio::test]
async fn an_editor_hides_a_query_at_the_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    assert!(server.run(["words", "hide", "某条检索"]).contains("不再提示“某条检索”"));
    assert!(server.run(["words", "list"]).contains("隐藏"));
    assert!(server.run(["words", "unhide", "某条检索"]).contains("恢复提示"));
    assert!(!server.run(["words", "list"]).contains("某条检索"));
}
