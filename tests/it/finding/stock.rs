//! A catalogue of names, and questions to it.

use crate::support::{Answer, TestApp};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

/// A name with how it is read and a part that is searched for.
pub struct Name {
    pub name: &'static str,
    pub syllables: Vec<&'static str>,
    pub part: Option<&'static str>,
}

/// All names of `names.tsv`.
pub fn names() -> Vec<Name> {
    let lines = include_str!("names.tsv").lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let part = Some(cells[2]).filter(|part| *part != "-");
        Name { name: cells[0], syllables: cells[1].split(' ').collect(), part }
    };
    lines.map(read).collect()
}

/// A house that holds these rows, with the token of its administrator.
pub async fn holding(rows: &[Value]) -> (TestApp, String) {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let request = Request::post("/api/v1/imports?vetted_by=Board&source=lib").header(header::AUTHORIZATION, format!("Bearer {admin}"));
    let request = request.header(header::CONTENT_TYPE, "application/x-ndjson").body(Body::from(lines.join("\n"))).unwrap();
    let done = app.send(request).await.expect(200).json();
    assert_eq!(done["created"], rows.len(), "{done}");
    app.get("", &format!("/api/v1/search?limit=1&after={}", done["position"])).await.expect(200);
    (app, admin)
}

/// A house that holds a resource for each name.
pub async fn holding_names() -> (TestApp, String) {
    let row =
        |(place, name): (usize, &Name)| json!({"id": format!("n{place}"), "title": name.name, "kind": "document", "category": "community"});
    holding(&names().iter().enumerate().map(row).collect::<Vec<_>>()).await
}

/// Searches as a visitor.
pub async fn search(app: &TestApp, query: &str) -> Value {
    ask(app, "", query).await.expect(200).json()
}

/// Searches with a token.
pub async fn ask(app: &TestApp, token: &str, query: &str) -> Answer {
    app.get(token, &format!("/api/v1/search?limit=20&q={}", escaped(query))).await
}

/// A text as a part of an address.
pub fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Titles of hits.
pub fn titles(found: &Value) -> Vec<String> {
    found["hits"].as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
}
