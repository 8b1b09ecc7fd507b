//! Catalogues taken over from other bodies: read, found, served, redirected, taken down.

use crate::support::{Answer, TestApp, request};
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

async fn import(app: &TestApp, token: &str, source: &str, rows: &[Value]) -> Answer {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    send(app, token, source, lines.join("\n")).await
}

async fn send(app: &TestApp, token: &str, source: &str, text: String) -> Answer {
    let request = Request::post(format!("/api/v1/imports?vetted_by=Board&source={source}"));
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).header(header::CONTENT_TYPE, "application/x-ndjson");
    app.send(request.body(Body::from(text)).unwrap()).await
}

#[tokio::test]
async fn a_catalogue_is_taken_over_once_and_found_at_once() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    let rows: Vec<Value> =
        (0..1_200).map(|at| json!({"id": format!("n{at}"), "title": format!("土家族织锦第{at}课"), "body": "西兰卡普"})).collect();
    let first = import(&app, &admin, "lib", &rows).await.expect(200).json();
    assert_eq!((first["created"].as_u64(), first["refused"].as_u64()), (Some(1_200), Some(0)));
    let position = first["position"].as_u64().unwrap();
    let found = app.get("", &format!("/api/v1/search?q=%E7%BB%87%E9%94%A6&limit=1&after={position}")).await.expect(200);
    assert_eq!(found.json()["total"]["value"], 1_200);
    assert!(found.header("link").contains("rel=\"next\""), "{}", found.header("link"));
    let again = import(&app, &admin, "lib", &rows).await.expect(200).json();
    assert_eq!((again["created"].as_u64(), again["unchanged"].as_u64()), (Some(0), Some(1_200)));
    let mut changed = rows.clone();
    changed[7]["title"] = json!("苗族银饰");
    changed.push(json!({"id": "new", "title": "新的一课"}));
    let third = import(&app, &admin, "lib", &changed).await.expect(200).json();
    assert_eq!((third["created"].as_u64(), third["updated"].as_u64(), third["unchanged"].as_u64()), (Some(1), Some(1), Some(1_199)));
    let revisions = app.get("", "/api/v1/resources/n7/revisions").await.expect(200).json();
    let titles: Vec<_> = revisions["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles, ["苗族银饰", "土家族织锦第7课"]);
    app.close().await;
}

#[tokio::test]
async fn bad_rows_are_told_by_line_and_good_ones_go_in() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    let text = "{\"id\":\"1\",\"title\":\"一\"}\nnonsense\n\n{\"id\":\"2\"}\n{\"id\":\"3\",\"title\":\"三\"}\n".to_owned();
    let done = send(&app, &admin, "lib", text).await.expect(200).json();
    assert_eq!((done["created"].as_u64(), done["refused"].as_u64()), (Some(2), Some(2)));
    let lines: Vec<_> = done["errors"].as_array().unwrap().iter().map(|error| error["row"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 4]);
    let contributor = app.account("contributor", "contributor", "/").await;
    send(&app, &contributor, "lib", "{}".to_owned()).await.expect(403);
    app.close().await;
}

#[tokio::test]
async fn old_ids_and_addresses_lead_on() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    import(&app, &admin, "one", &[json!({"id": "7", "title": "甲", "old_urls": ["http://old.example/item?id=7"]})]).await.expect(200);
    // The same number at another source, and one that no address could hold.
    let rows = [json!({"id": "7", "title": "乙"}), json!({"id": "编号 8", "title": "丙"})];
    assert_eq!(import(&app, &admin, "two", &rows).await.expect(200).json()["created"], 2);
    assert_eq!(import(&app, &admin, "two", &rows).await.expect(200).json()["unchanged"], 2);
    assert_eq!(app.get("", "/api/v1/resources/7").await.expect(200).json()["title"], "甲");
    for (query, title) in [("source=two&id=7", "乙"), ("source=two&id=%E7%BC%96%E5%8F%B7%208", "丙")] {
        let moved = app.get("", &format!("/api/v1/resources/by-source-id?{query}")).await.expect(308);
        assert_eq!(app.get("", moved.header("location")).await.expect(200).json()["title"], title);
    }
    let old = Request::get("/item?id=7").header(header::HOST, "old.example").body(Body::empty()).unwrap();
    assert_eq!(app.send(old).await.expect(308).header("location"), "/api/v1/resources/7");
    app.get("", "/item?id=8").await.expect(404);
    app.close().await;
}

#[tokio::test]
async fn a_source_by_another_s_name_changes_nothing_of_theirs() {
    let app = TestApp::new().await;
    let [west, city] = [("west", "/hunan/xiangxi"), ("city", "/hunan/changsha")];
    let west_admin = app.account(west.0, "administrator", west.1).await;
    let city_admin = app.account(city.0, "administrator", city.1).await;
    let send = async |token: &str, owner: &str, title: &str| {
        let request = Request::post(format!("/api/v1/imports?vetted_by=Board&source=lib&owner={owner}"));
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).header(header::CONTENT_TYPE, "application/x-ndjson");
        app.send(request.body(Body::from(json!({"id": "w1", "title": title}).to_string())).unwrap()).await.expect(200).json()
    };
    assert_eq!(send(&west_admin, west.1, "西边的").await["created"], 1);
    // The number is taken by others: the row becomes a resource of its own, and stays that when it is sent again.
    assert_eq!(send(&city_admin, city.1, "城里的").await["created"], 1);
    assert_eq!(send(&city_admin, city.1, "城里的，改").await["updated"], 1);
    let theirs = app.get("", "/api/v1/resources/w1").await.expect(200).json();
    assert_eq!((&theirs["title"], &theirs["revision"], &theirs["owner"]), (&json!("西边的"), &json!(1), &json!(west.1)));
    // A third one finds both taken, and is told.
    let third = app.account("third", "administrator", "/hunan/zhuzhou").await;
    let told = send(&third, "/hunan/zhuzhou", "第三家").await;
    assert_eq!((&told["refused"], &told["errors"][0]["code"]), (&json!(1), &json!("number-taken")), "{told}");
    app.close().await;
}

#[tokio::test]
async fn what_may_not_be_seen_leaves_no_trace() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    let rows = [
        json!({"id": "open", "title": "侗族大歌公开课"}),
        json!({"id": "closed", "title": "侗族大歌内部资料", "owner": "/hunan/huaihua", "visibility": "organisation"}),
    ];
    let position = import(&app, &admin, "lib", &rows).await.expect(200).json()["position"].as_u64().unwrap();
    let inside = app.account("inside", "learner", "/hunan/huaihua").await;
    let outside = app.account("outside", "learner", "/hunan/changsha").await;
    for (token, seen) in [("", 1), (outside.as_str(), 1), (inside.as_str(), 2), (admin.as_str(), 2)] {
        let found =
            app.get(token, &format!("/api/v1/search?q=%E4%BE%97%E6%97%8F&facets=institution&after={position}")).await.expect(200).json();
        assert_eq!(found["total"]["value"], seen);
        app.get(token, "/api/v1/resources/closed").await.expect(if seen == 2 { 200 } else { 404 });
    }
    app.close().await;
}

#[tokio::test]
async fn a_removed_resource_leaves_a_tombstone_and_does_not_come_back() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    let rows = [json!({"id": "r1", "title": "将被移除"})];
    import(&app, &admin, "lib", &rows).await.expect(200);
    let change = json!({"action": "retire", "reason": "权利人要求"});
    let done = app.call(Method::POST, &admin, "/api/v1/resources/r1/state", change).await.expect(200).json();
    let gone = app.get("", "/api/v1/resources/r1").await.expect(410);
    assert_eq!(gone.code(), "retired");
    let position = done["position"].as_u64().unwrap();
    assert_eq!(app.get("", &format!("/api/v1/search?after={position}")).await.expect(200).json()["total"]["value"], 0);
    assert_eq!(import(&app, &admin, "lib", &rows).await.expect(200).json()["unchanged"], 1);
    app.get("", "/api/v1/resources/r1").await.expect(410);
    app.close().await;
}

#[tokio::test]
async fn a_page_that_the_caller_has_is_not_sent_again() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    import(&app, &admin, "lib", &[json!({"id": "r1", "title": "一"})]).await.expect(200);
    let tag = app.get("", "/api/v1/resources/r1").await.expect(200).header("etag").to_owned();
    let again = Request::get("/api/v1/resources/r1").header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
    assert!(app.send(again).await.expect(304).body.is_empty());
    app.close().await;
}

#[tokio::test]
async fn what_is_kept_can_be_verified_backed_up_and_indexed_anew() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    let rows: Vec<Value> = (0..30).map(|at| json!({"id": format!("r{at}"), "title": format!("第{at}课")})).collect();
    let position = import(&app, &admin, "lib", &rows).await.expect(200).json()["position"].as_u64().unwrap();
    app.get("", &format!("/api/v1/search?after={position}")).await.expect(200);
    let found = app.call(Method::POST, &admin, "/api/v1/verification", json!({"blobs": true})).await.expect(200).json();
    assert_eq!((&found["clean"], &found["index"]["indexed"]), (&json!(true), &json!(30)), "{found}");
    app.call(Method::POST, &admin, "/api/v1/index/rebuild", json!({})).await.expect(204);
    assert_eq!(app.get("", "/api/v1/search").await.expect(200).json()["total"]["value"], 30);
    // The folder is named by the caller, so only the house itself may.
    let target = app.scratch().join("backup").display().to_string();
    app.call(Method::POST, &admin, "/api/v1/backups", json!({"target": target})).await.expect(403);
    let inside = request(Method::POST, "", "/api/v1/backups", Some(json!({"target": target})));
    let made = app.send_inside(inside).await.expect(201).json();
    assert!(made["rows"].as_u64().unwrap() > 30, "{made}");
    app.close().await;
}
