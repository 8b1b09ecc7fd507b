//! Lists by kind, and the first page that shows several of them.

use super::{event, report};
use crate::program::{all_followed, eventually};
use crate::support::{Answer, TestApp, request};
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Kinds of lists.
pub const KINDS: [&str; 9] = [
    "for-you",
    "continue",
    "next-in-course",
    "because-you-finished",
    "like-this",
    "learners-also-took",
    "new-in-your-subjects",
    "trending-nearby",
    "for-your-circle",
];

/// Takes works over and waits until everything knows of them.
pub async fn import(app: &TestApp, admin: &str, rows: &[Value]) {
    let text = rows.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let import = Request::post("/api/v1/imports?vetted_by=Board&source=lib").header(header::AUTHORIZATION, format!("Bearer {admin}"));
    let import = import.header(header::CONTENT_TYPE, "application/x-ndjson").body(Body::from(text)).unwrap();
    let done = app.send(import).await.expect(200).json();
    assert_eq!(done["refused"], 0, "{done}");
    reached(app, &done["position"]).await;
}

/// Waits until every follower is at a change.
async fn reached(app: &TestApp, position: &Value) {
    let ready = async || all_followed(&app.get("", "/readyz").await.json(), position);
    eventually("followers at the last change", Duration::from_secs(60), ready).await;
}

/// A list of a kind.
pub async fn list(app: &TestApp, token: &str, kind: &str, query: &str) -> Value {
    app.get(token, &format!("/api/v1/learners/me/recommendations/{kind}?{query}")).await.expect(200).json()
}

/// Ids of a list.
pub fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn lesson(course: &str, number: usize, title: &str) -> Value {
    json!({"id": format!("{course}{number}"), "title": title, "series": format!("系列{course}"), "institution": format!("{course}学院"),
        "subjects": ["书法"], "published": "2020-01-01"})
}

#[tokio::test]
async fn what_was_begun_goes_on_and_what_was_finished_is_followed_by_the_next_lesson() {
    let app = TestApp::new().await;
    let admin = app.account("importer", "administrator", "/").await;
    let titles = ["第十讲 结业", "第二讲 运笔", "第一讲 握笔", "第三讲 临帖"];
    let mut rows: Vec<Value> = titles.iter().zip([10, 2, 1, 3]).map(|(title, number)| lesson("c", number, title)).collect();
    // Another institution's series of the same name is another course.
    rows.push(json!({"id": "other", "title": "第四讲", "series": "系列c", "institution": "别家", "published": "2020-01-01"}));
    rows.push(json!({"id": "film", "title": "剪纸", "institution": "文化馆", "published": "2020-01-01"}));
    import(&app, &admin, &rows).await;
    let li = app.account("li", "learner", "/hunan").await;
    let finish = |resource: &str, seconds: i64| event(&format!("f-{resource}"), resource, "completed", seconds, json!({}));
    report(&app, &li, &[finish("c1", -9000), finish("c2", -8000)]).await.expect(200);
    let next = list(&app, &li, "next-in-course", "").await;
    assert_eq!(ids(&next), ["c3"], "第三讲 comes before 第十讲: {next}");
    assert_eq!(
        next["items"][0]["reason"],
        json!({"code": "next-in-course", "resource": "c2", "text": "已学完《第二讲 运笔》，接着学下一讲"})
    );
    report(&app, &li, &[event("p1", "film", "progressed", -7000, json!({"value": 0.3, "position": 750}))]).await.expect(200);
    let going = list(&app, &li, "continue", "").await;
    assert_eq!(ids(&going), ["film", "c3"], "the latest first: {going}");
    assert_eq!(going["items"][0]["resume"], json!({"position": 750, "progress": 300}));
    assert_eq!(going["items"][0]["reason"]["text"], "上次学到12分30秒，接着学");
    // Another device reports late: it had gone on with the third lesson before the film.
    report(&app, &li, &[event("p2", "c3", "progressed", -7500, json!({"value": 0.5}))]).await.expect(200);
    let going = list(&app, &li, "continue", "").await;
    assert_eq!(ids(&going), ["film", "c3"], "{going}");
    assert_eq!(going["items"][1]["reason"]["code"], "continue", "what was begun is no next lesson: {going}");
    assert_eq!(ids(&list(&app, &li, "next-in-course", "").await), [""; 0]);
    // The last one was finished before the third: the course goes on with what is left of it.
    report(&app, &li, &[finish("c10", -6000)]).await.expect(200);
    report(&app, &li, &[finish("c3", -5000)]).await.expect(200);
    assert_eq!(ids(&list(&app, &li, "continue", "").await), ["film"], "the course is done");
    // It is the learner's own record, with personalisation switched off, too.
    app.call(Method::PUT, &li, "/api/v1/learners/me/personalisation", json!({"on": false})).await.expect(200);
    assert_eq!(ids(&list(&app, &li, "continue", "").await), ["film"]);
    assert_eq!(ids(&list(&app, &li, "because-you-finished", "").await), [""; 0]);
    app.close().await;
}

/// Learners of a county: some go together through works a0 to a5, others through b0 to b5.
async fn filled(app: &TestApp) -> (String, Vec<String>) {
    let admin = app.account("importer", "administrator", "/").await;
    let mut rows = Vec::new();
    for taste in ["a", "b"] {
        for place in 0..6 {
            rows.push(json!({"id": format!("{taste}{place}"), "title": format!("{taste} 作品 {place}"), "institution": format!("学院{}", place % 3),
                "subjects": [if taste == "a" { "书法" } else { "舞蹈" }], "published": "2020-01-01"}));
        }
    }
    rows.extend((0..3).map(
        |place| json!({"id": format!("new{place}"), "title": format!("新作 {place}"), "institution": "新学院", "subjects": ["书法"]}),
    ));
    import(app, &admin, &rows).await;
    let mut tokens = Vec::new();
    for learner in 0..7 {
        let token = app.account(&format!("learner{learner}"), "learner", "/hunan").await;
        let taste = if learner < 6 { "a" } else { "b" };
        let of = |place: &i64| (learner + place) % 5 != 0;
        let did = |place: i64| {
            let more = json!({"region": if learner < 6 { "430104" } else { "岳阳市" }});
            event(&format!("{place}"), &format!("{taste}{place}"), "completed", place * 60 - 90_000, more)
        };
        let events: Vec<Value> = (0..6).filter(of).map(did).collect();
        report(app, &token, &events).await.expect(200);
        tokens.push(token);
    }
    (admin, tokens)
}

#[tokio::test]
async fn a_page_of_lists_shows_no_work_twice_and_says_why_for_each() {
    let app = TestApp::new().await;
    let (_, tokens) = filled(&app).await;
    let li = app.account("li", "learner", "/hunan").await;
    report(&app, &li, &[event("1", "a1", "completed", -600, json!({})), event("2", "a2", "viewed", -300, json!({}))]).await.expect(200);
    let home = app.get(&li, "/api/v1/learners/me/home?region=430104&limit=2").await.expect(200).json();
    let lists = home["lists"].as_array().unwrap();
    let kinds: Vec<&str> = lists.iter().map(|list| list["kind"].as_str().unwrap()).collect();
    assert!(kinds.starts_with(&["for-you"]) && kinds.contains(&"new-in-your-subjects"), "{kinds:?}");
    let all: Vec<String> = lists.iter().flat_map(ids).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{home}");
    for item in lists.iter().flat_map(|list| list["items"].as_array().unwrap()) {
        assert!(item["reason"]["text"].as_str().is_some_and(|text| !text.is_empty()) && item["id"] != item["reason"]["resource"], "{item}");
    }
    assert!(lists.iter().all(|list| list["heading"].as_str().is_some_and(|heading| !heading.is_empty()) && list["list"].is_string()));

    let finished = list(&app, &li, "because-you-finished", "").await;
    assert!(!ids(&finished).is_empty(), "{finished}");
    for item in finished["items"].as_array().unwrap() {
        assert!(item["id"].as_str().unwrap().starts_with('a') && item["reason"]["resource"] == "a1", "{item}");
    }
    let also = list(&app, &li, "learners-also-took", "resource=b1").await;
    assert!(ids(&also).iter().all(|id| id.starts_with('b')) && !ids(&also).is_empty(), "{also}");
    app.get(&li, "/api/v1/learners/me/recommendations/learners-also-took?resource=nothing").await.expect(404);
    let new = list(&app, &li, "new-in-your-subjects", "").await;
    let (newest, hot) = (ids(&new)[..3].to_vec(), ids(&new)[3..].to_vec());
    assert_eq!(newest.into_iter().collect::<BTreeSet<_>>(), ["new0", "new1", "new2"].map(str::to_owned).into(), "{new}");
    assert!(["a1", "a2"].contains(&new["items"][0]["reason"]["resource"].as_str().unwrap()), "{new}");
    assert_eq!(
        hot.into_iter().collect::<BTreeSet<_>>(),
        ["a3", "a4"].map(str::to_owned).into(),
        "what five learners and more took up: {new}"
    );
    let reason = &new["items"][4]["reason"];
    assert_eq!(
        (&reason["code"], &reason["text"]),
        (&json!("trending-in-your-subjects"), &json!("近期很多人在学，与您学过的《a 作品 2》属同一学科"))
    );
    let only_new = list(&app, &li, "new-in-your-subjects", "limit=3").await;
    assert!(ids(&only_new).iter().all(|id| id.starts_with("new")), "new work first: {only_new}");
    let other = list(&app, &tokens[6], "new-in-your-subjects", "").await;
    assert_eq!(ids(&other), [""; 0], "nothing new of dance: {other}");
    app.get(&li, "/api/v1/learners/me/recommendations/nonsense").await.expect(404);
    app.close().await;
}

#[tokio::test]
async fn of_a_county_nothing_is_told_that_fewer_than_five_took() {
    let app = TestApp::new().await;
    let (_, _) = filled(&app).await;
    let taken = |place: i64| (0..6_i64).filter(|learner| (learner + place) % 5 != 0).count();
    let told: BTreeSet<String> = (0..6).filter(|place| taken(*place) >= 5).map(|place| format!("a{place}")).collect();
    assert!((1..6).contains(&told.len()), "{told:?}");
    let near = list(&app, "", "trending-nearby", "region=430104").await;
    assert_eq!(ids(&near).into_iter().collect::<BTreeSet<_>>(), told, "{near}");
    assert!(near["items"][0]["reason"]["text"].as_str().unwrap().starts_with("近期在岳麓区"), "{near}");
    // One learner of Yueyang tells nothing of it: what is told there is of the province.
    let far = list(&app, "", "trending-nearby", "region=430600").await;
    assert_eq!(ids(&far).into_iter().collect::<BTreeSet<_>>(), told, "{far}");
    assert!(far["items"].as_array().unwrap().iter().all(|item| item["reason"]["text"] == "近期在湖南省有不少人在学"), "{far}");
    assert_eq!(ids(&list(&app, "", "trending-nearby", "").await), [""; 0], "nobody said where");
    assert_eq!(app.get("", "/api/v1/learners/me/recommendations/trending-nearby?region=nowhere").await.expect(400).code(), "bad-region");
    let li = app.account("li", "learner", "/hunan").await;
    let wrong = report(&app, &li, &[event("1", "a1", "viewed", -60, json!({"region": "999999"}))]).await.expect(422).json();
    assert_eq!((&wrong["fields"][0]["path"], &wrong["fields"][0]["code"]), (&json!("[0].region"), &json!("bad-region")), "{wrong}");
    app.close().await;
}

#[tokio::test]
async fn of_a_class_it_is_told_what_several_of_enough_others_did() {
    let app = TestApp::new().await;
    let (_, tokens) = filled(&app).await;
    let teacher = app.account("teacher", "learner", "/hunan").await;
    let class =
        app.call(Method::POST, &teacher, "/api/v1/classes", json!({"name": "书法班", "resources": ["a0"]})).await.expect(201).json();
    let join = async |token: &str| {
        app.call(Method::POST, token, "/api/v1/learners/me/classes", json!({"code": class["code"]})).await.expect(200);
    };
    let li = app.account("li", "learner", "/hunan").await;
    join(&li).await;
    for token in &tokens[..4] {
        join(token).await;
    }
    assert_eq!(ids(&list(&app, &li, "for-your-circle", "").await), [""; 0], "four others are too few");
    join(&tokens[4]).await;
    let circle = list(&app, &li, "for-your-circle", "").await;
    let taken = |place: i64| (0..5_i64).filter(|learner| (learner + place) % 5 != 0).count();
    assert!((0..6).all(|place| taken(place) == 4));
    assert_eq!(ids(&circle).len(), 6, "{circle}");
    assert_eq!(circle["items"][0]["reason"], json!({"code": "for-your-circle", "resource": null, "text": "“书法班”有几位同学近期在学"}));
    // Two of them want to be met as strangers: three others are left, and nothing is told.
    for token in &tokens[..2] {
        app.call(Method::PUT, token, "/api/v1/learners/me/personalisation", json!({"on": false})).await.expect(200);
    }
    assert_eq!(ids(&list(&app, &li, "for-your-circle", "").await), [""; 0]);
    assert_eq!(ids(&list(&app, "", "for-your-circle", "").await), [""; 0], "a visitor is in no class");
    app.close().await;
}

#[tokio::test]
async fn a_visitor_gets_lists_from_the_first_click_and_nothing_of_it_is_kept() {
    let app = TestApp::new().await;
    filled(&app).await;
    let before = list(&app, "", "for-you", "limit=5").await;
    let clicked = list(&app, "", "for-you", "limit=5&viewed=b2").await;
    let personal = clicked["items"].as_array().unwrap().iter().find(|item| item["reason"]["resource"] == "b2");
    assert!(personal.is_some_and(|item| item["id"].as_str().unwrap().starts_with('b')), "{clicked}");
    assert!(!ids(&clicked).contains(&"b2".to_owned()) && clicked["personalised"] == false);
    // Two learners of one phone, each with what was looked at in their turn.
    let other = list(&app, "", "for-you", "limit=5&viewed=a2").await;
    assert_ne!(ids(&other), ids(&clicked));
    let home = app.get("", "/api/v1/learners/me/home?viewed=b2,nothing,b3").await.expect(200).json();
    let kinds: Vec<&str> = home["lists"].as_array().unwrap().iter().map(|list| list["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"for-you") && !kinds.contains(&"continue"), "{kinds:?}");
    assert_eq!(ids(&list(&app, "", "for-you", "limit=5").await), ids(&before), "nothing was kept");
    // What nobody took up yet has something like it from the first click on, too.
    let like = list(&app, "", "like-this", "viewed=new0").await;
    assert!(!ids(&like).is_empty() && like["items"][0]["reason"]["resource"] == "new0", "{like}");
    app.get("", "/api/v1/learners/li/home").await.expect(401);
    app.close().await;
}

async fn everything(app: &TestApp, token: &str) -> String {
    let mut told = String::new();
    for kind in KINDS {
        for query in
            ["limit=100&region=430104", "limit=100&region=430104&viewed=a3", "limit=100&viewed=a4,a5&region=%E9%95%BF%E6%B2%99%E5%B8%82"]
        {
            told += &list(app, token, kind, query).await.to_string();
        }
    }
    for path in ["/api/v1/learners/me/home?limit=100&region=430104", "/api/v1/learners/me/recommendations?limit=100"] {
        told += &String::from_utf8(app.get(token, path).await.expect(200).body).unwrap();
    }
    told + &String::from_utf8(app.get(token, "/api/v1/resources/a3/related?limit=100").await.body).unwrap()
}

async fn change(app: &TestApp, admin: &str, id: &str, action: &str) -> Answer {
    let path = format!("/api/v1/resources/{id}/state");
    let changed = app.send(request(Method::POST, admin, &path, Some(json!({"action": action, "reason": "有投诉"})))).await.expect(200);
    reached(app, &changed.json()["position"]).await;
    changed
}

/// In the list of any kind, as an item or as a reason, is what is published from the moment on that the recommender follows it, and
/// what is not from that moment on no more.
#[tokio::test]
async fn what_is_taken_down_is_in_no_list_of_any_kind_and_no_reason() {
    let app = TestApp::new().await;
    let (admin, tokens) = filled(&app).await;
    let li = &tokens[0];
    let teacher = app.account("teacher", "learner", "/hunan").await;
    let class =
        app.call(Method::POST, &teacher, "/api/v1/classes", json!({"name": "书法班", "resources": ["a0"]})).await.expect(201).json();
    for token in &tokens {
        app.call(Method::POST, token, "/api/v1/learners/me/classes", json!({"code": class["code"]})).await.expect(200);
    }
    let fresh = app.account("fresh", "learner", "/hunan").await;
    app.call(Method::POST, &fresh, "/api/v1/learners/me/classes", json!({"code": class["code"]})).await.expect(200);
    let begun = event("b", "a2", "progressed", -30, json!({"value": 0.4}));
    report(&app, &fresh, &[event("f", "a1", "completed", -60, json!({})), begun]).await.expect(200);
    let viewers = ["", li.as_str(), fresh.as_str()];
    let named = |told: &str, id: &str| told.contains(&format!("\"{id}\""));
    for id in ["a1", "a2", "new0"] {
        let mut before = String::new();
        for viewer in viewers {
            before += &everything(&app, viewer).await;
        }
        assert!(named(&before, id), "{id} is somewhere before");
        change(&app, &admin, id, "suspend").await;
        for viewer in viewers {
            assert!(!named(&everything(&app, viewer).await, id), "{id} is suspended");
        }
        change(&app, &admin, id, "restore").await;
        let mut again = String::new();
        for viewer in viewers {
            again += &everything(&app, viewer).await;
        }
        assert!(named(&again, id), "{id} is back");
        change(&app, &admin, id, "retire").await;
        for viewer in viewers {
            assert!(!named(&everything(&app, viewer).await, id), "{id} is retired");
        }
    }
    import(&app, &admin, &[json!({"id": "late", "title": "刚刚入库", "institution": "新学院", "subjects": ["书法"]})]).await;
    assert!(ids(&list(&app, &fresh, "for-you", "limit=100").await).contains(&"late".to_owned()));
    app.close().await;
}
