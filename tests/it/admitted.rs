//! What is taken over from another body is checked afterwards, and what was found is listed for its desk; nothing is returned.

use crate::program::{Api, Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

fn row(id: &str, change: &Value) -> String {
    let mut row = json!({
        "id": id, "title": format!("家庭防火常识{id}"), "description": "讲解家庭防火与逃生的常识。", "kind": "document", "category": "community",
        "keywords": ["防火", "消防", "家庭"], "language": ["zh-CN"], "licence": "CC-BY-4.0", "holder": "某消防馆", "body": "灭火毯放在厨房。",
    });
    row.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    row.to_string()
}

async fn import(admin: &Api, owner: &str, rows: &[String]) -> Value {
    let path = format!("/api/v1/imports?vetted_by=Board&source=lib&owner={owner}");
    admin.send(Method::POST, &path, &[("content-type", "application/x-ndjson")], rows.join("\n").into_bytes()).await.ok()
}

/// The rules that each resource breaks, once this holds of them.
async fn found(api: &Api, query: &str, holds: impl Fn(&BTreeMap<String, Vec<String>>) -> bool) -> BTreeMap<String, Vec<String>> {
    eventually("findings", Duration::from_secs(60), async || {
        let page = api.get(&format!("/api/v1/imports/findings?limit=100{query}")).await.ok();
        let rules = |one: &Value| one["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap().to_owned()).collect();
        let all = page["items"].as_array().unwrap().iter().map(|one| (one["resource"].as_str().unwrap().to_owned(), rules(one))).collect();
        holds(&all).then_some(all)
    })
    .await
}

#[tokio::test]
async fn what_was_taken_over_is_checked_and_listed_for_its_desk() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let admin = server.api(&server.add_user("root-admin", "administrator", "/", &[]));
    let editor = server.api(&server.add_user("editor", "editor", "/hunan", &[]));
    let elsewhere = server.api(&server.add_user("elsewhere", "editor", "/hubei", &[]));
    let contributor = server.api(&server.add_user("contributor", "contributor", "/hunan", &[]));
    let rows = [
        row("a-good", &json!({})),
        row("a-bare", &json!({"licence": "", "keywords": []})),
        row("a-told", &json!({"body": "登记人证号11010519491231002X，住长沙。"})),
        row("a-words", &json!({"body": "夜里招魂，天亮送神。"})),
        row("a-link", &json!({"kind": "link", "body": ""})),
    ];
    let done = import(&admin, "/hunan", &rows).await;
    assert_eq!(done["created"], 5, "{done}");
    let all = found(&editor, "", |all| all.len() == 4).await;
    assert_eq!(all["a-bare"], ["META-REQUIRED", "RIGHTS-LICENCE"], "{all:?}");
    assert_eq!((&all["a-told"], &all["a-words"]), (&vec!["PRIVACY-ID".to_owned()], &vec!["WORDS-SENSITIVE".to_owned()]), "{all:?}");
    assert!(all["a-link"].iter().all(|rule| rule.starts_with("LINK")), "{all:?}");
    let heavy = found(&editor, "&severity=must", |_| true).await;
    assert!(heavy.contains_key("a-bare") && heavy.contains_key("a-told") && !heavy.contains_key("a-words"), "{heavy:?}");
    let page = editor.get("/api/v1/imports/findings?limit=1").await.ok();
    assert_eq!((&page["items"][0]["resource"], &page["items"][0]["vetted_by"]), (&json!("a-bare"), &json!("Board")), "{page}");
    assert!(page["next"].is_string() && !page.to_string().contains("11010519491231002X"), "{page}");

    // Nothing was returned: it stands in the catalogue. Who runs another desk learns nothing of it.
    assert_eq!(server.visitor().get("/api/v1/resources/a-told").await.status, 200);
    assert_eq!(found(&elsewhere, "", |_| true).await.len(), 0);
    assert_eq!(contributor.get("/api/v1/imports/findings").await.status, 403);
    assert_eq!(server.visitor().get("/api/v1/imports/findings").await.status, 401);

    // What was mended is found no more, what was broken is.
    let again = [row("a-good", &json!({"holder": ""})), row("a-told", &json!({"body": "登记人住长沙。"}))];
    assert_eq!(import(&admin, "/hunan", &again).await["updated"], 2);
    let all = found(&editor, "", |all| all.contains_key("a-good") && !all.contains_key("a-told")).await;
    assert_eq!((all.len(), &all["a-good"]), (4, &vec!["RIGHTS-LICENCE".to_owned()]), "{all:?}");
    let report: Value = serde_json::from_str(&server.run(["--json", "verify"])).unwrap();
    assert_eq!(report["clean"], true, "{report}");
}
