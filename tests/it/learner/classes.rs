//! Classes: a teacher sees how far learners are with the resources of the class, and with nothing else.

use super::{event, report};
use crate::support::{TestApp, request};
use axum::http::Method;
use serde_json::{Value, json};

const ME: &str = "/api/v1/learners/me";

async fn learner(app: &TestApp, name: &str, display: &str) -> String {
    let new = json!({"name": name, "display": display, "assignments": [{"role": "learner", "scope": "/hunan"}]});
    let id = app.send_inside(request(Method::POST, "", "/api/v1/accounts", Some(new))).await.expect(201).json()["id"].clone();
    app.token(id.as_str().unwrap(), json!({})).await
}

#[tokio::test]
async fn a_teacher_opens_a_class_and_exports_its_progress() {
    let app = TestApp::new().await;
    let teacher = app.account("teacher", "learner", "/hunan").await;
    let li = learner(&app, "li", "李秀英").await;
    let wang = learner(&app, "wang", "=王某").await;
    let plan = json!({"name": "织锦班", "resources": ["film", "quiz"]});
    assert_eq!(
        app.call(Method::POST, &teacher, "/api/v1/classes", json!({"name": "空", "resources": []})).await.expect(422).code(),
        "bad-resources"
    );
    let class = app.call(Method::POST, &teacher, "/api/v1/classes", plan).await.expect(201).json();
    let (path, code) = (format!("/api/v1/classes/{}", class["id"].as_str().unwrap()), class["code"].clone());
    let joined = format!("{ME}/classes");
    app.call(Method::POST, &li, &joined, json!({"code": "2222-2222-2222-2222"})).await.expect(404);
    for token in [&wang, &li, &li] {
        let mine = app.call(Method::POST, token, &joined, json!({"code": code})).await.expect(200).json();
        assert_eq!((&mine["name"], &mine["resources"]), (&json!("织锦班"), &json!(["film", "quiz"])));
    }
    let batch: Vec<Value> = (0..=20)
        .map(|step| event(&format!("p{step}"), "film", "progressed", step * 30 - 900, json!({"value": 0.5, "position": step * 30})))
        .chain([event("a", "quiz", "answered", -200, json!({"value": 0.9})), event("c", "quiz", "completed", -190, json!({}))])
        .chain((0..=20).map(|step| event(&format!("s{step}"), "secret", "progressed", step * 30 - 90_000, json!({"position": step * 30}))))
        .collect();
    report(&app, &li, &batch).await.expect(200);
    let progress = app.get(&teacher, &format!("{path}/progress")).await.expect(200);
    assert!(!String::from_utf8_lossy(&progress.body).contains("secret"));
    let progress = progress.json();
    let [other, first] = [0, 1].map(|place| &progress["learners"][place]);
    assert_eq!((&first["name"], &first["completed"], &other["standings"]), (&json!("李秀英"), &json!(1), &json!([null, null])));
    let seconds = first["effective_seconds"].as_u64().unwrap();
    assert!((580..=600).contains(&seconds), "ten minutes of the film, none of what the class does not learn: {seconds}");
    let csv = app.get(&teacher, &format!("{path}/progress.csv")).await.expect(200);
    let text = String::from_utf8(csv.body.clone()).unwrap();
    assert!(csv.header("content-disposition").starts_with("attachment"), "{csv:?}");
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "姓名,加入日期,有效学时,已完成,film,quiz");
    assert!(lines[1].starts_with("'=王某,"), "no formula: {}", lines[1]);
    assert!(lines[2].starts_with("李秀英,") && lines[2].ends_with(",1/2,50%,完成，90 分"), "{}", lines[2]);
    let book = app.get(&teacher, &format!("{path}/progress.xlsx")).await.expect(200);
    assert!(book.body.starts_with(b"PK"), "{book:?}");
    // Who is not its teacher does not learn that there is one; who left is not seen any more.
    for (token, status) in [(&li, 404), (&String::new(), 401)] {
        app.get(token, &format!("{path}/progress")).await.expect(status);
    }
    let id = class["id"].as_str().unwrap();
    app.call(Method::DELETE, &wang, &format!("{joined}/{id}"), json!(null)).await.expect(204);
    app.call(Method::DELETE, &wang, &format!("{joined}/{id}"), json!(null)).await.expect(404);
    assert_eq!(app.get(&teacher, &format!("{path}/progress")).await.json()["learners"].as_array().unwrap().len(), 1);
    // Deleting the record leaves all classes.
    app.call(Method::DELETE, &li, ME, json!(null)).await.expect(204);
    assert_eq!(app.get(&teacher, &format!("{path}/progress")).await.json()["learners"], json!([]));
    app.call(Method::PUT, &teacher, &path, json!({"name": "织锦二班", "resources": ["film"]})).await.expect(200);
    assert_eq!(app.get(&teacher, "/api/v1/classes").await.expect(200).json()[0]["name"], "织锦二班");
    app.call(Method::DELETE, &teacher, &path, json!(null)).await.expect(204);
    app.call(Method::POST, &wang, &joined, json!({"code": code})).await.expect(404);
    app.close().await;
}
