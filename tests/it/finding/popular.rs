//! What many people ask is suggested to everybody, as long as it finds something and editors let it be.

use super::stock::{ask, escaped, holding};
use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};

async fn suggested(app: &TestApp, typed: &str) -> Vec<(String, String)> {
    let told = app.get("", &format!("/api/v1/suggest?q={}", escaped(typed))).await.expect(200).json();
    let one = |item: &Value| (item["text"].as_str().unwrap().to_owned(), item["source"].as_str().unwrap().to_owned());
    told["suggestions"].as_array().unwrap().iter().map(one).collect()
}

/// So many different people ask something.
async fn asked(app: &TestApp, people: &[String], query: &str) {
    for person in people {
        ask(app, person, query).await.expect(200);
    }
}

#[tokio::test]
async fn what_five_people_ask_is_suggested_until_an_editor_or_the_catalogue_says_otherwise() {
    let mut rows: Vec<Value> = (0..5).map(|place| json!({"id": format!("r{place}"), "title": format!("广场舞第{place}套")})).collect();
    rows.push(json!({"id": "closed", "title": "广场舞内部资料", "owner": "/hunan/huaihua", "visibility": "organisation"}));
    let (app, admin) = holding(&rows).await;
    let editor = app.account("desk", "editor", "/").await;
    let mut people = Vec::new();
    for number in 0..5 {
        people.push(app.account(&format!("learner-{number}"), "learner", "/hunan").await);
    }
    asked(&app, &people[..4], "广场舞 教程").await;
    assert!(suggested(&app, "广场").await.iter().all(|(_, source)| source != "query"), "four people are not enough");
    asked(&app, &people[4..], "广场舞 教程").await;
    asked(&app, &people, "内部资料").await;
    let query = ("广场舞 教程".to_owned(), "query".to_owned());
    for typed in ["广场", "廣場舞教", "guangchangwu", "gcwj"] {
        assert_eq!(suggested(&app, typed).await.first(), Some(&query), "{typed}");
    }
    assert!(suggested(&app, "内部").await.iter().all(|(_, source)| source != "query"), "visitors find next to nothing by it");
    let listed = app.get(&editor, "/api/v1/search-queries?popular=true").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!((&listed["items"][0]["query"], &listed["items"][0]["people"]), (&json!("广场舞 教程"), &json!(5)));
    let entry = json!({"kind": "kept_out", "words": ["教程"]});
    let made = app.call(Method::POST, &editor, "/api/v1/search-words", entry).await.expect(201).json();
    app.get("", &format!("/api/v1/search?limit=1&after={}", made["position"])).await.expect(200);
    assert!(!suggested(&app, "广场").await.contains(&query), "an editor keeps it out");
    let path = format!("/api/v1/search-words/{}", made["id"].as_str().unwrap());
    app.call(Method::DELETE, &editor, &path, json!({})).await.expect(204);
    let back =
        app.call(Method::POST, &editor, "/api/v1/search-words", json!({"kind": "kept_out", "words": ["别的"]})).await.expect(201).json();
    app.get("", &format!("/api/v1/search?limit=1&after={}", back["position"])).await.expect(200);
    assert!(suggested(&app, "广场").await.contains(&query));
    for place in 0..5 {
        let change = json!({"action": "retire", "reason": "到期"});
        let done = app.call(Method::POST, &admin, &format!("/api/v1/resources/r{place}/state"), change).await.expect(200).json();
        app.get("", &format!("/api/v1/search?limit=1&after={}", done["position"])).await.expect(200);
    }
    assert!(!suggested(&app, "广场").await.contains(&query), "what is taken down takes its query along");
    app.close().await;
}

#[tokio::test]
async fn abuse_personal_data_and_what_an_editor_hides_are_never_suggested() {
    let rows: Vec<Value> = (0..5).map(|place| json!({"id": format!("r{place}"), "title": format!("广场舞第{place}套")})).collect();
    let (app, _) = holding(&rows).await;
    let editor = app.account("desk", "editor", "/").await;
    let mut people = Vec::new();
    for number in 0..5 {
        people.push(app.account(&format!("learner-{number}"), "learner", "/hunan").await);
    }
    for query in ["广场舞 赌球", "广场舞 賭 球", "广场舞 duqiu", "广场舞 138 1234 5678", "广场舞 li@a.cn", "广场舞 教学", "廣場舞教学"]
    {
        asked(&app, &people, query).await;
    }
    let queries = async |typed: &str| -> Vec<String> {
        suggested(&app, typed).await.into_iter().filter(|(_, source)| source == "query").map(|(text, _)| text).collect()
    };
    assert_eq!(queries("广场舞").await, ["广场舞 教学", "广场舞教学"]);
    let listed = async || -> Vec<(String, bool)> {
        let told = app.get(&editor, "/api/v1/search-queries?popular=true").await.expect(200).json();
        let one = |item: &Value| (item["query"].as_str().unwrap().to_owned(), item["hidden"].as_bool().unwrap());
        told["items"].as_array().unwrap().iter().map(one).collect()
    };
    let before = listed().await;
    assert!(before.contains(&("广场舞 赌球".to_owned(), true)) && before.contains(&("广场舞 教学".to_owned(), false)), "{before:?}");
    assert!(!before.iter().any(|(query, _)| query.contains("1234") || query.contains('@')), "nobody is told of these: {before:?}");
    let entry = json!({"kind": "hidden_query", "words": ["广场舞教学"]});
    let made = app.call(Method::POST, &editor, "/api/v1/search-words", entry.clone()).await.expect(201).json();
    app.get("", &format!("/api/v1/search?limit=1&after={}", made["position"])).await.expect(200);
    for typed in ["广场舞", "廣場舞教", "guangchangwu", "gcw"] {
        assert!(queries(typed).await.is_empty(), "hidden in every writing: {typed}");
    }
    assert!(listed().await.contains(&("广场舞 教学".to_owned(), true)));
    app.call(Method::POST, &editor, "/api/v1/search-words/trial", entry).await.expect(400);
    app.call(Method::DELETE, &editor, &format!("/api/v1/search-words/{}", made["id"].as_str().unwrap()), json!({})).await.expect(204);
    let shown = async || (!queries("广场舞").await.is_empty()).then_some(());
    crate::program::eventually("what is hidden no more", std::time::Duration::from_secs(20), shown).await;
    app.close().await;
}
