//! What every answer has in common, whatever the route.

use crate::support::{TestApp, request};
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

#[tokio::test]
async fn every_answer_is_protected_and_numbered() {
    let app = TestApp::new().await;
    for path in ["/", "/healthz", "/nowhere", "/api/v1/accounts", "/api/docs"] {
        let answer = app.get("", path).await;
        for name in ["content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy", "x-request-id"] {
            assert!(!answer.header(name).is_empty(), "{path} has no {name}");
        }
    }
    let mut named = request(Method::GET, "", "/nowhere", None);
    named.headers_mut().insert("x-request-id", "my-id-1".parse().unwrap());
    let answer = app.send(named).await.expect(404);
    assert_eq!(answer.header("x-request-id"), "my-id-1");
    assert_eq!(answer.json()["instance"], "urn:yuelu:request:my-id-1");
    app.close().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_with_its_place() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    let post = |kind: &str, body: &str| {
        let request = Request::post("/api/v1/accounts").header(header::AUTHORIZATION, format!("Bearer {admin}"));
        request.header(header::CONTENT_TYPE, kind).body(Body::from(body.to_owned())).unwrap()
    };
    assert_eq!(app.send(post("text/plain", "{}")).await.expect(415).code(), "not-json");
    assert_eq!(app.send(post("application/json", "{")).await.expect(400).code(), "not-json");
    let wrong = app.send(post("application/json", r#"{"name":"x","assignments":[{"role":"king","scope":"/"}]}"#)).await.expect(422);
    assert_eq!(wrong.json()["fields"][0]["path"], "assignments[0].role");
    let scope = app.send(post("application/json", r#"{"name":"x","assignments":[{"role":"editor","scope":"湖南"}]}"#)).await.expect(422);
    assert_eq!(scope.json()["fields"][0]["path"], "assignments[0].scope");
    let limit = app.get(&admin, "/api/v1/accounts?limit=many").await.expect(400);
    assert_eq!(limit.json()["fields"][0]["path"], "limit");
    assert_eq!(app.get(&admin, "/api/v1/accounts?cursor=!!").await.expect(400).code(), "bad-cursor");
    assert_eq!(app.call(Method::PUT, "", "/healthz", json!({})).await.expect(405).code(), "method-not-allowed");
    app.close().await;
}

#[tokio::test]
async fn a_caller_over_the_limit_is_told_when_to_come_back() {
    let app = TestApp::with(|config| config.limits.requests_per_minute = 3).await;
    for _ in 0..3 {
        app.get("", "/healthz").await.expect(200);
    }
    let refused = app.get("", "/healthz").await.expect(429);
    assert_eq!(refused.code(), "too-many-requests");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    app.send_inside(request(Method::GET, "", "/healthz", None)).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let app = TestApp::with(|config| config.limits.body_bytes = 2048).await;
    let large = json!({"name": "a".repeat(4096)});
    assert_eq!(app.send_inside(request(Method::POST, "", "/api/v1/accounts", Some(large))).await.expect(413).code(), "too-large");
    app.close().await;
}

#[tokio::test]
async fn the_document_describes_every_failure() {
    let app = TestApp::new().await;
    let document = app.get("", "/api/v1/openapi.json").await.expect(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let mut operations = 0;
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(responses) = operation["responses"].as_object() else { continue };
            operations += 1;
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path} shares its id");
            for status in ["400", "401", "403", "404", "429", "500", "503"] {
                assert!(responses.contains_key(status), "{method} {path} does not document {status}");
            }
            if method != "get" {
                for status in ["409", "413", "415", "422"] {
                    assert!(responses.contains_key(status), "{method} {path} does not document {status}");
                }
            }
        }
    }
    assert!(operations > 10);
    let not_ready = &document["paths"]["/readyz"]["get"]["responses"]["503"]["content"];
    assert!(not_ready.as_object().unwrap().contains_key("application/json"), "{not_ready}");
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    let page = String::from_utf8(app.get("", "/api/docs").await.expect(200).body).unwrap();
    assert!(page.contains("/api/v1/accounts") && !page.contains("<script"));
    app.close().await;
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_site_shows_its_own_name() {
    let app = TestApp::with(|config| config.site.name = "湘西 <学习> 网".to_owned()).await;
    let page = String::from_utf8(app.get("", "/").await.expect(200).body).unwrap();
    assert!(page.contains("湘西 &#60;学习&#62; 网"), "{page}");
    assert_eq!(app.get("", "/logo").await.expect(200).header("content-type"), "image/svg+xml");
    app.close().await;
}
