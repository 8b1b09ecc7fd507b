//! The query language: it never fails, and says what it did not understand. Numbers, regions, stars.

use super::stock::{holding, search, titles};
use serde_json::{Value, json};

async fn courses() -> crate::support::TestApp {
    let row = |id: &str, title: &str, more: Value| {
        let mut row = json!({"id": id, "title": title, "kind": "video", "category": "community"});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let rows = [
        row("phone-13", "智能手机第十三讲：拍照", json!({"region": ["430104"]})),
        row("phone-14", "智能手机第14讲：视频通话", json!({"region": ["433130"]})),
        row("brocade", "土家织锦入门", json!({"region": ["433130"], "keywords": ["织锦"]})),
        row("embroidery", "湘西苗绣", json!({"region": ["433101"], "kind": "document"})),
        row("english", "Learning English with songs", json!({"region": ["430102"]})),
        row("english-2", "He learned to speak", json!({"region": ["430102"]})),
    ];
    holding(&rows).await.0
}

fn notes(found: &Value) -> Vec<(String, String)> {
    let one = |note: &Value| (note["code"].as_str().unwrap().to_owned(), note["text"].as_str().unwrap().to_owned());
    found["notes"].as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn numbers_are_found_however_they_are_written() {
    let app = courses().await;
    for (query, title) in [
        ("第13讲", "智能手机第十三讲：拍照"),
        ("第十三讲", "智能手机第十三讲：拍照"),
        ("第１３讲", "智能手机第十三讲：拍照"),
        ("第拾叁讲", "智能手机第十三讲：拍照"),
        ("第十四讲", "智能手机第14讲：视频通话"),
        ("智能手机第13讲", "智能手机第十三讲：拍照"),
        ("智能手机 第十四讲", "智能手机第14讲：视频通话"),
        ("\"第13讲\"", "智能手机第十三讲：拍照"),
        ("智能手机第13讲：拍照", "智能手机第十三讲：拍照"),
    ] {
        let found = search(&app, query).await;
        assert_eq!(titles(&found).first().map(String::as_str), Some(title), "{query}: {found}");
    }
    let found = search(&app, "第13讲").await;
    assert_eq!(found["hits"][0]["snippets"][0]["html"], "智能手机<mark>第十三讲</mark>：拍照");
    assert_eq!(search(&app, "\"第13讲\"").await["total"]["value"], 1);
    app.close().await;
}

#[tokio::test]
async fn syntax_is_heeded_and_what_is_none_is_named() {
    let app = courses().await;
    for (query, mut wanted) in [
        ("\"土家织锦\" OR \"苗绣\"", vec!["土家织锦入门", "湘西苗绣"]),
        ("title:织锦 OR title:苗绣", vec!["土家织锦入门", "湘西苗绣"]),
        ("地区:湘西", vec!["智能手机第14讲：视频通话", "土家织锦入门", "湘西苗绣"]),
        ("地区:长沙 kind:video 智能手机", vec!["智能手机第十三讲：拍照"]),
        ("智能手机 -拍照", vec!["智能手机第14讲：视频通话"]),
        ("类型:文档", vec!["湘西苗绣"]),
        ("learn*", vec!["Learning English with songs", "He learned to speak"]),
        ("learns", vec!["Learning English with songs", "He learned to speak"]),
    ] {
        let found = search(&app, query).await;
        let mut found_titles = titles(&found);
        found_titles.sort();
        wanted.sort_unstable();
        assert_eq!((found_titles.iter().map(String::as_str).collect::<Vec<_>>(), notes(&found)), (wanted, Vec::new()), "{query}");
    }
    for (query, code, text) in [
        ("colour:red 织锦", "field", "colour:red"),
        ("kind:gramophone 织锦", "value", "kind:gramophone"),
        ("\"织锦", "quotation", "\"织锦"),
        ("*锦", "wildcard", "*锦"),
        ("织锦 OR", "or", "OR"),
        ("织锦 -kind:video", "exclusion", "-kind:video"),
    ] {
        let found = search(&app, query).await;
        assert_eq!(notes(&found), [(code.to_owned(), text.to_owned())], "{query}");
        assert!(found["notes"][0]["zh"].as_str().unwrap().ends_with('。'));
        if code != "value" {
            assert_eq!(titles(&found).first().map(String::as_str), Some("土家织锦入门"), "{query}");
        }
    }
    app.close().await;
}
