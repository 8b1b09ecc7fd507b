//! Search by meaning: what means the same is found whatever characters it is written in, by the rules of all search; and nothing
//! of search depends on the service that knows meanings.

use super::meanings::{KEY, Meanings, Mood};
use super::stock::escaped;
use crate::program::{Server, eventually};
use crate::support::TestApp;
use axum::body::Body;
use axum::http::{Request, header};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use yuelu::config::embedding::EmbeddingSection;

const PATIENCE: Duration = Duration::from_secs(60);
/// Shares no character with what it means.
const PENSION: &str = "退休金怎么拿";

fn rows() -> Vec<Value> {
    let row = |id: &str, title: &str, kind: &str| json!({"id": id, "title": title, "kind": kind, "category": "elderly"});
    vec![
        row("pension", "城乡居民养老保险待遇领取", "document"),
        row("pension-film", "养老保险待遇三分钟", "video"),
        json!({"id": "pension-closed", "title": "养老保险待遇内部问答", "kind": "audio", "owner": "/hunan/huaihua", "visibility": "organisation"}),
        row("boxing", "太极拳二十四式", "video"),
        row("brocade", "土家织锦入门", "document"),
        row("phone", "智能手机挂号", "document"),
    ]
}

async fn import(app: &TestApp, admin: &str, rows: &[Value]) -> u64 {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let request = Request::post("/api/v1/imports?vetted_by=Board&source=lib").header(header::AUTHORIZATION, format!("Bearer {admin}"));
    let request = request.header(header::CONTENT_TYPE, "application/x-ndjson").body(Body::from(lines.join("\n"))).unwrap();
    let position = app.send(request).await.expect(200).json()["position"].as_u64().unwrap();
    app.get("", &format!("/api/v1/search?limit=1&after={position}")).await.expect(200);
    position
}

/// A house that asks the service, with the token of its administrator and the position of the rows.
async fn asking(service: &Meanings, rows: &[Value], restricted: bool) -> (TestApp, String, u64) {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), format!("{KEY}\n")).unwrap();
    let (url, key_file) = (service.url.clone(), Some(key.path().to_owned()));
    let section = EmbeddingSection { url, model: "themes".to_owned(), key_file, batch: 4, restricted, ..EmbeddingSection::default() };
    let app = TestApp::with(|config| config.embedding = Some(section)).await;
    let admin = app.account("admin", "administrator", "/").await;
    let position = import(&app, &admin, rows).await;
    (app, admin, position)
}

async fn house(service: &Meanings, restricted: bool) -> (TestApp, String) {
    let (app, admin, position) = asking(service, &rows(), restricted).await;
    kept(&app, position).await;
    (app, admin)
}

/// Waits until all meanings up to a position are kept.
async fn kept(app: &TestApp, position: u64) {
    eventually("the meanings are kept", PATIENCE, async || {
        let state = app.get("", "/readyz").await.json()["followers"]["meaning"].clone();
        (state["position"].as_u64() >= Some(position) && state["failing"] == false).then_some(())
    })
    .await;
}

async fn asked(app: &TestApp, token: &str, rest: &str) -> Value {
    app.get(token, &format!("/api/v1/search?q={rest}")).await.expect(200).json()
}

fn ids(found: &Value) -> Vec<&str> {
    found["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap()).collect()
}

fn counts(found: &Value, facet: &str) -> Vec<(String, u64)> {
    let counts = found["facets"][facet].as_array().unwrap().iter();
    let mut counts: Vec<_> = counts.map(|count| (count["value"].as_str().unwrap().to_owned(), count["count"].as_u64().unwrap())).collect();
    counts.sort();
    counts
}

#[tokio::test]
async fn what_means_the_same_is_found_and_says_so() {
    let service = Meanings::start(Mood::Well).await;
    let (app, _) = house(&service, false).await;
    let found = asked(&app, "", &format!("{}&explain=true&facets=kind", escaped(PENSION))).await;
    assert_eq!(found["total"]["value"], 2, "{found}");
    assert_eq!((found["notes"].clone(), counts(&found, "kind")), (json!([]), vec![("document".to_owned(), 1), ("video".to_owned(), 1)]));
    for hit in found["hits"].as_array().unwrap() {
        assert_eq!((&hit["matched"], &hit["snippets"]), (&json!(["meaning"]), &json!([])));
        let [part] = hit["why"].as_array().unwrap().as_slice() else { panic!("{hit}") };
        assert_eq!((&part["origin"], &part["label"], &part["score"]), (&json!("meaning"), &json!("语义相近"), &hit["score"]));
    }
    // By both: first, and each part of the score is told.
    let both = asked(&app, "", &format!("{}&explain=true", escaped("土家织锦入门"))).await;
    assert_eq!((ids(&both), &both["hits"][0]["matched"]), (vec!["brocade"], &json!(["title"])));
    let why = both["hits"][0]["why"].as_array().unwrap();
    let origins: Vec<&str> = why.iter().map(|part| part["origin"].as_str().unwrap()).collect();
    assert!(origins.contains(&"meaning") && origins.contains(&"whole_title") && origins.contains(&"typed"), "{origins:?}");
    let sum: f64 = why.iter().map(|part| part["score"].as_f64().unwrap()).sum();
    assert!((sum - both["hits"][0]["score"].as_f64().unwrap()).abs() < 1e-5, "{both}");
    // Where the order is another one, and where nothing is asked for, meaning is not.
    for plain in [format!("{}&sort=newest", escaped(PENSION)), String::new()] {
        let found = asked(&app, "", &plain).await;
        assert!(!found.to_string().contains("\"meaning\""), "{found}");
    }
    app.close().await;
}

#[tokio::test]
async fn filters_facets_and_grants_hold_for_what_is_found_by_meaning() {
    let service = Meanings::start(Mood::Well).await;
    let (app, admin) = house(&service, true).await;
    let query = escaped(PENSION);
    let films = asked(&app, "", &format!("{query}&kind=video&facets=kind,category")).await;
    assert_eq!((ids(&films), &films["total"]["value"]), (vec!["pension-film"], &json!(1)));
    assert_eq!(counts(&films, "kind"), [("document".to_owned(), 1), ("video".to_owned(), 1)], "not narrowed by its own filter");
    assert_eq!(counts(&films, "category"), [("elderly".to_owned(), 1)]);
    assert_eq!(asked(&app, "", &format!("{query}%20-%22{}%22", escaped("三分钟"))).await["total"]["value"], 1);
    // What the visitor may not see is in no answer; who may see it finds it.
    assert!(!asked(&app, "", &format!("{query}&facets=kind&explain=true")).await.to_string().contains("closed"));
    let whole = asked(&app, &admin, &format!("{query}&facets=kind")).await;
    assert_eq!((whole["total"]["value"].as_u64(), counts(&whole, "kind").len()), (Some(3), 3), "{whole}");
    // What is taken back is gone with its hit by text.
    let retire = json!({"action": "retire", "ground": "retest", "reason": "停用", "ids": ["pension"]});
    let done = app.call(axum::http::Method::POST, &admin, "/api/v1/resources/take-downs", retire).await.expect(200).json();
    assert_eq!(done[0]["done"], true, "{done}");
    eventually("it is gone", PATIENCE, async || (ids(&asked(&app, "", &query).await) == ["pension-film"]).then_some(())).await;
    app.close().await;
}

#[tokio::test]
async fn what_not_everybody_may_see_stays_in_the_house() {
    let service = Meanings::start(Mood::Well).await;
    let (app, admin) = house(&service, false).await;
    let sent = |word: &str| service.texts().iter().filter(|text| text.contains(word)).count();
    let query = escaped(PENSION);
    assert_eq!((sent("内部问答"), sent("三分钟")), (0, 1));
    assert_eq!(asked(&app, &admin, &query).await["total"]["value"], 2, "who may see it finds it by its text alone");
    let film = |visibility: &str| json!({"id": "pension-film", "title": "养老保险待遇三分钟", "kind": "video", "category": "elderly", "owner": "/hunan/huaihua", "visibility": visibility});
    // Closed, it is forgotten; open again, it is sent again.
    kept(&app, import(&app, &admin, &[film("organisation")]).await).await;
    assert_eq!(asked(&app, &admin, &query).await["total"]["value"], 1);
    kept(&app, import(&app, &admin, &[film("public")]).await).await;
    assert_eq!((asked(&app, &admin, &query).await["total"]["value"].as_u64(), sent("三分钟")), (Some(2), 2));
    app.close().await;
}

#[tokio::test]
async fn pages_hold_all_that_one_page_holds_in_its_order() {
    let service = Meanings::start(Mood::Well).await;
    let mut rows = rows();
    rows.extend((0..12).map(|place| json!({"id": format!("text-{place}"), "title": format!("退休生活{place}"), "kind": "document"})));
    let (app, _, position) = asking(&service, &rows, false).await;
    kept(&app, position).await;
    let whole = asked(&app, "", &escaped(PENSION)).await;
    assert_eq!(whole["total"]["value"], 14, "{whole}");
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = asked(&app, "", &format!("{}&limit=3&cursor={cursor}", escaped(PENSION))).await;
        assert_eq!(page["total"], whole["total"]);
        paged.extend(ids(&page).into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(paged, ids(&whole));
    let scores: Vec<f64> = whole["hits"].as_array().unwrap().iter().map(|hit| hit["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|left, right| left >= right), "{scores:?}");
    app.close().await;
}

#[tokio::test]
async fn pages_hold_together_while_the_catalogue_changes() {
    let service = Meanings::start(Mood::Well).await;
    let other = ["手续", "查询", "发放", "计算", "政策"];
    // Longer ones lie further off in meaning, and hold the words more often or less.
    let text = |place: usize| format!("退休金{}", other[place % 5].repeat(place % 9)) + &"退休金".repeat(place % 4);
    let row = |name: &str, place: usize| json!({"id": format!("{name}-{place}"), "title": text(place), "kind": "document"});
    let mut rows: Vec<Value> = (0..170).map(|place| row("typed", place)).collect();
    rows.extend((0..30).map(|place| json!({"id": format!("meant-{place}"), "title": format!("养老保险待遇{place}"), "kind": "document"})));
    let (app, admin, position) = asking(&service, &rows, false).await;
    kept(&app, position).await;
    let (mut seen, mut gone, mut cursor): (Vec<String>, Vec<String>, String) = Default::default();
    for turn in 0.. {
        let page = asked(&app, "", &format!("{}&limit=12&cursor={cursor}", escaped("退休金"))).await;
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.to_owned();
        let position = import(&app, &admin, &(turn * 4..turn * 4 + 4).map(|place| row("new", place)).collect::<Vec<_>>()).await;
        kept(&app, position).await;
        if let Some(id) = (0..170).map(|place| format!("typed-{place}")).find(|id| !seen.contains(id) && !gone.contains(id)) {
            let retire = json!({"action": "retire", "reason": "停用"});
            let done = app.call(Method::POST, &admin, &format!("/api/v1/resources/{id}/state"), retire).await.expect(200).json();
            app.get("", &format!("/api/v1/search?limit=1&after={}", done["position"])).await.expect(200);
            gone.push(id);
        }
    }
    let once: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert_eq!(once.len(), seen.len(), "none comes twice");
    let missed: Vec<String> =
        (0..170).map(|place| format!("typed-{place}")).filter(|id| !once.contains(id) && !gone.contains(id)).collect();
    assert!(missed.is_empty() && gone.len() > 5, "{missed:?} left out, {gone:?} taken down");
    assert!(seen.iter().any(|id| id.starts_with("meant")), "meaning is asked");
    app.close().await;
}

#[tokio::test]
async fn without_the_service_the_answer_is_the_one_by_text_and_says_so() {
    let service = Meanings::start(Mood::Well).await;
    let (app, admin) = house(&service, false).await;
    let plain = {
        let app = TestApp::new().await;
        let admin = app.account("admin", "administrator", "/").await;
        import(&app, &admin, &rows()).await;
        let found = asked(&app, "", &escaped("手机挂号养老")).await;
        app.close().await;
        found
    };
    let moods = [Mood::Refusing(500), Mood::Hanging, Mood::Short, Mood::Garbled, Mood::Refusing(429)];
    for (place, mood) in moods.into_iter().enumerate() {
        service.set(mood);
        // A query that nobody asked before, so that nothing is known of it; the service is left alone for a while after a failure.
        let query = escaped(&format!("手机挂号养老{}", ["，", "；", "。", "！", "？"][place]));
        let found = eventually("the service is asked", PATIENCE, async || {
            let before = service.requests();
            let found = asked(&app, "", &query).await;
            (service.requests() > before).then_some(found)
        })
        .await;
        assert_eq!(found["notes"][0]["code"], "meaning", "{mood:?}: {found}");
        assert_eq!((ids(&found), &found["total"]), (ids(&plain), &plain["total"]), "{mood:?}");
        // A fused score is far below 1.
        assert!(found["hits"][0]["score"].as_f64() > Some(1.0), "{mood:?}: {found}");
    }
    let rank = json!({"queries": [PENSION]});
    let evaluate = async |ask: Value| app.call(axum::http::Method::POST, &admin, "/api/v1/evaluations/search", ask).await;
    assert_eq!(evaluate(rank.clone()).await.expect(503).code(), "meaning-away");
    let lexical = include_str!("../../../index/weights.toml").replace("meaning = 1.0", "meaning = 0.0");
    assert_eq!(evaluate(json!({"queries": [PENSION], "weights": lexical})).await.expect(200).json()["rankings"], json!([[]]));
    // What comes in meanwhile is taken up when the service is back.
    let position = import(&app, &admin, &[json!({"id": "later", "title": "八段锦与强身健体", "kind": "video"})]).await;
    service.set(Mood::Well);
    kept(&app, position).await;
    let found = eventually("meaning is asked again", PATIENCE, async || {
        let found = asked(&app, "", &escaped("锻炼")).await;
        (found["notes"] == json!([])).then_some(found)
    })
    .await;
    assert_eq!(ids(&found).len(), 2, "{found}");
    assert_eq!(evaluate(rank).await.expect(200).json()["rankings"][0].as_array().unwrap().len(), 2);
    app.close().await;
}

#[tokio::test]
async fn a_service_that_is_away_at_the_start_or_refuses_a_text_stops_nobody() {
    let service = Meanings::start(Mood::Refusing(503)).await;
    let mut rows = rows();
    rows.insert(1, json!({"id": "odd", "title": "不可向量化的题名", "kind": "document"}));
    let (app, _, position) = asking(&service, &rows, false).await;
    let found = asked(&app, "", &escaped("智能手机挂号")).await;
    assert_eq!((ids(&found), &found["notes"]), (vec!["phone"], &json!([])), "nothing is kept, so nothing is asked");
    let state = eventually("the failure is seen", PATIENCE, async || {
        let state = app.get("", "/readyz").await.json();
        (state["followers"]["meaning"]["failing"] == true).then_some(state)
    })
    .await;
    assert_eq!(state["ready"], true, "search does not wait for it: {state}");
    service.set(Mood::Well);
    kept(&app, position).await;
    assert_eq!(asked(&app, "", &escaped(PENSION)).await["total"]["value"], 2);
    assert_eq!(ids(&asked(&app, "", &escaped("不可向量化")).await), ["odd"], "found by its text");
    assert!(service.texts().iter().all(|text| !text.contains("不可")));
    app.close().await;
}

fn write_config(dir: &Path, service: &Meanings, model: &str) {
    let text = format!("[embedding]\nurl = \"{}\"\nmodel = \"{model}\"\nkey_variable = \"THEMES_KEY\"\n", service.url);
    std::fs::write(dir.join("yuelu.toml"), text).unwrap();
}

#[tokio::test]
async fn a_vector_is_paid_for_once_whatever_restarts_and_made_anew_for_another_model() {
    let service = Meanings::start(Mood::Well).await;
    let dir = tempfile::tempdir().unwrap();
    write_config(dir.path(), &service, "themes");
    let start = || Server::start_with(dir.path(), &[("THEMES_KEY", KEY.as_ref())]);
    let server = start();
    let admin = server.api(&server.add_user("root-admin", "administrator", "/", &[]));
    let lines: Vec<String> = rows().iter().map(Value::to_string).collect();
    let kind = [("content-type", "application/x-ndjson")];
    let path = "/api/v1/imports?vetted_by=Board&source=lib";
    let position = admin.send(Method::POST, path, &kind, lines.join("\n").into_bytes()).await.ok()["position"].as_u64().unwrap();
    eventually("all are kept", PATIENCE, async || {
        let state = server.visitor().get("/readyz").await.value()["followers"]["meaning"].clone();
        (state["position"].as_u64() >= Some(position)).then_some(())
    })
    .await;
    let found = async |server: &Server| {
        let visitor = server.visitor();
        eventually("it is found by its meaning", PATIENCE, async || {
            let found = visitor.get(&format!("/api/v1/search?q={}", escaped(PENSION))).await;
            (found.status == 200 && found.json()["total"]["value"] == 2).then_some(())
        })
        .await;
    };
    found(&server).await;
    let works = |from: usize| service.texts().into_iter().skip(from).filter(|text| text != PENSION).count();
    assert_eq!(works(0), 5);
    server.kill();
    let server = start();
    found(&server).await;
    let admin = admin.at(&server);
    // A new one is sent, the old ones are not.
    let row = json!({"id": "more", "title": "太极拳与呼吸", "kind": "video"}).to_string();
    admin.send(Method::POST, path, &kind, row.into_bytes()).await.ok();
    eventually("the new one is sent", PATIENCE, async || (works(0) >= 6).then_some(())).await;
    assert_eq!(works(0), 6, "{:?}", service.texts());
    let told = server.run(["config"]);
    assert!(told.contains("THEMES_KEY") && !told.contains(KEY), "{told}");
    assert!(server.stop());
    let before = service.texts().len();
    write_config(dir.path(), &service, "themes-2");
    let server = start();
    found(&server).await;
    eventually("all are made anew", PATIENCE, async || (works(before) == 6).then_some(())).await;
    assert!(server.stop());
}
