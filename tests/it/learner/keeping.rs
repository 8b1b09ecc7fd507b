//! What learners keep: resume points across devices, lists, notes; all of it to be taken along, and to be deleted.

use super::{at, event, report, resources};
use crate::support::{TestApp, request};
use axum::http::Method;
use serde_json::{Value, json};

const ME: &str = "/api/v1/learners/me";

#[tokio::test]
async fn one_goes_on_where_one_stopped_on_whatever_device() {
    let app = TestApp::new().await;
    let account = json!({"name": "li", "assignments": [{"role": "learner", "scope": "/hunan"}]});
    let id = app.send_inside(request(Method::POST, "", "/api/v1/accounts", Some(account))).await.expect(201).json()["id"].clone();
    let phone = app.token(id.as_str().unwrap(), json!({})).await;
    let tablet = app.token(id.as_str().unwrap(), json!({})).await;
    let played = |id: &str, seconds, position| event(id, "film", "progressed", seconds, json!({"position": position}));
    report(&app, &phone, &[played("p1", -300, 40), played("p2", -200, 140)]).await.expect(200);
    report(&app, &tablet, &[played("t1", -100, 700)]).await.expect(200);
    // What the phone played before comes late: the tablet is still where one stopped.
    report(&app, &phone, &[played("p3", -150, 190)]).await.expect(200);
    for token in [&phone, &tablet] {
        let record = app.get(token, ME).await.expect(200).json();
        assert_eq!((&record["unfinished"][0]["resource"], &record["unfinished"][0]["position"]), (&json!("film"), &json!(700)));
    }
    report(&app, &tablet, &[event("t2", "film", "completed", -10, json!({}))]).await.expect(200);
    assert_eq!(app.get(&phone, ME).await.json()["unfinished"], json!([]));
    app.close().await;
}

#[tokio::test]
async fn the_history_has_pages() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let batch: Vec<Value> = (0..25).map(|at| event(&at.to_string(), &format!("r{at}"), "viewed", at - 900, json!({}))).collect();
    report(&app, &li, &batch).await.expect(200);
    let (mut found, mut path) = (Vec::new(), format!("{ME}/history?limit=10"));
    let mut pages = 0;
    loop {
        let page = app.get(&li, &path).await.expect(200);
        found.extend(resources(&page.json()["items"]).into_iter().map(str::to_owned));
        pages += 1;
        // One learns on meanwhile: nothing is left out of the rest.
        report(&app, &li, &[event(&format!("more{pages}"), "r24", "viewed", 0, json!({}))]).await.expect(200);
        let body = page.json();
        assert_eq!(page.header("link").is_empty(), body["next"].is_null());
        let Some(next) = body["next"].as_str() else { break };
        path = format!("{ME}/history?limit=10&cursor={next}");
    }
    let want: Vec<String> = (0..25).rev().map(|at| format!("r{at}")).collect();
    assert_eq!((pages, found), (3, want));
    assert_eq!(app.get(&li, &format!("{ME}/history?cursor=nonsense")).await.expect(400).code(), "bad-cursor");
    app.close().await;
}

#[tokio::test]
async fn favourites_lie_in_lists() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let lists = format!("{ME}/lists");
    assert_eq!(app.call(Method::POST, &li, &lists, json!({"name": "  "})).await.expect(422).code(), "bad-length");
    let make = async |name: &str| app.call(Method::POST, &li, &lists, json!({"name": name})).await.expect(201).json()["id"].clone();
    let (songs, later) = (make("山歌").await, make("以后看").await);
    let path = |list: &Value, resource: &str| format!("{lists}/{}/resources/{resource}", list.as_str().unwrap());
    for (list, resource) in [(&songs, "a"), (&songs, "b"), (&later, "b"), (&later, "b")] {
        app.call(Method::PUT, &li, &path(list, resource), json!(null)).await.expect(200);
    }
    let favourites = async || {
        let record = app.get(&li, ME).await.expect(200).json();
        let mut found: Vec<String> = resources(&record["favourites"]).into_iter().map(str::to_owned).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(favourites().await, ["a", "b"]);
    app.call(Method::DELETE, &li, &path(&songs, "b"), json!(null)).await.expect(204);
    app.call(Method::DELETE, &li, &path(&songs, "b"), json!(null)).await.expect(404);
    assert_eq!(favourites().await, ["a", "b"], "b is in another list still");
    app.call(Method::PATCH, &li, &format!("{lists}/{}", songs.as_str().unwrap()), json!({"name": "侗族大歌"})).await.expect(200);
    let record = app.get(&li, ME).await.expect(200).json();
    assert_eq!((&record["lists"][0]["name"], resources(&record["lists"][1]["items"])), (&json!("侗族大歌"), vec!["b"]));
    app.call(Method::DELETE, &li, &format!("{lists}/{}", later.as_str().unwrap()), json!(null)).await.expect(204);
    assert_eq!(favourites().await, ["a"]);
    app.close().await;
}

#[tokio::test]
async fn notes_know_their_place() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let notes = format!("{ME}/notes");
    let keep = async |note: Value| app.call(Method::POST, &li, &notes, note).await;
    let first = keep(json!({"resource": "film", "text": "这里起调", "second": 95})).await.expect(201).json();
    keep(json!({"resource": "book", "text": "女书字形", "page": 12})).await.expect(201);
    assert_eq!(keep(json!({"resource": "book", "text": "x", "page": 0})).await.expect(422).code(), "bad-place");
    assert_eq!(keep(json!({"resource": "book", "text": ""})).await.expect(422).code(), "bad-length");
    let path = format!("{notes}/{}", first["id"].as_str().unwrap());
    app.call(Method::PUT, &li, &path, json!({"resource": "film", "text": "这里转调", "second": 96})).await.expect(200);
    let of_film = app.get(&li, &format!("{notes}?resource=film")).await.expect(200).json();
    assert_eq!((of_film["items"].as_array().unwrap().len(), &of_film["items"][0]["second"]), (1, &json!(96)));
    let page = app.get(&li, &format!("{notes}?limit=1")).await.expect(200).json();
    assert_eq!((&page["items"][0]["page"], page["next"].is_string()), (&json!(12), true), "the latest first");
    assert_eq!(app.get(&li, ME).await.json()["notes"][1]["text"], "这里转调");
    let wang = app.account("wang", "learner", "/hunan").await;
    app.call(Method::DELETE, &wang, &path, json!(null)).await.expect(404);
    app.call(Method::DELETE, &li, &path, json!(null)).await.expect(204);
    app.call(Method::DELETE, &li, &path, json!(null)).await.expect(404);
    app.close().await;
}

#[tokio::test]
async fn all_of_it_is_taken_along_and_deleted_at_once() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let wang = app.account("wang", "learner", "/hunan").await;
    let batch = [
        event("1", "film", "progressed", -60, json!({"value": 0.25, "position": 300})),
        event("2", "film", "impression", -50, json!({"list": "list-9", "slot": 2})),
        event("3", "song", "rated", -40, json!({"value": 4.5})),
    ];
    report(&app, &li, &batch).await.expect(200);
    report(&app, &li, &batch).await.expect(200);
    report(&app, &wang, &batch).await.expect(200);
    let list = app.call(Method::POST, &li, &format!("{ME}/lists"), json!({"name": "一"})).await.expect(201).json();
    app.call(Method::PUT, &li, &format!("{ME}/lists/{}/resources/song", list["id"].as_str().unwrap()), json!(null)).await.expect(200);
    app.call(Method::POST, &li, &format!("{ME}/notes"), json!({"resource": "film", "text": "记"})).await.expect(201);
    let export = app.get(&li, &format!("{ME}/export")).await.expect(200);
    assert!(export.header("content-disposition").starts_with("attachment"), "{export:?}");
    let export = export.json();
    let verbs: Vec<&str> = export["events"].as_array().unwrap().iter().map(|event| event["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["progressed", "impression", "rated", "favourited"], "what was sent twice is there once");
    let [progressed, shown, rated] = [0, 1, 2].map(|place| &export["events"][place]);
    assert_eq!((&progressed["value"], &progressed["position"]), (&json!(0.25), &json!(300)));
    assert_eq!((&shown["list"], &shown["slot"], &rated["value"]), (&json!("list-9"), &json!(2), &json!(4.5)));
    assert_eq!((&export["learner"], &export["notes"][0]["text"], &export["lists"][0]["name"]), (&json!("li"), &json!("记"), &json!("一")));
    app.call(Method::DELETE, &li, ME, json!(null)).await.expect(204);
    let record = app.get(&li, ME).await.expect(200).json();
    for part in ["history", "unfinished", "favourites", "lists", "notes"] {
        assert_eq!(record[part], json!([]), "{part}");
    }
    let export = app.get(&li, &format!("{ME}/export")).await.expect(200).json();
    assert_eq!((&export["events"], &export["lists"], &export["notes"]), (&json!([]), &json!([]), &json!([])));
    assert_eq!(app.get(&wang, &format!("{ME}/export")).await.json()["events"].as_array().unwrap().len(), 3, "others keep theirs");
    assert!(export["made"].as_str().unwrap() <= at(60).as_str());
    app.close().await;
}
