//! What may not be seen leaves no trace: not its page, not a hit, a total, a facet, a suggestion, a reason, an old address.

use super::cast::{FOREIGN, OWN};
use super::stage::person;
use crate::program::{Answer, Api, Server, all_followed, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// A resource: id, the word that stands only in it, and its visibility.
const WORKS: [(&str, &str, &str); 7] = [
    ("t-open", "云霄", "public"),
    ("t-registered", "雨巷", "registered"),
    ("t-members", "风廊", "organisation"),
    ("t-any", "雪径", "any"),
    ("t-all", "霜桥", "all"),
    ("t-held", "雾岭", "public"),
    ("t-gone", "雷池", "public"),
];

/// The words with a slip, and as they sound.
const SLIPS: [&str; 14] =
    ["云宵", "宇巷", "风郎", "雪镜", "霜乔", "雾领", "雷迟", "yunxiao", "yuxiang", "fenglang", "xuejing", "shuangqiao", "wuling", "leichi"];

/// Every facet there is.
const ALL_FACETS: &str =
    "category,kind,subject,ethnic_group,heritage_class,region,language,institution,licence,audience,accessibility,duration,offline";

/// What all titles begin with.
const SHARED: &str = "岩洞歌队";

fn row(id: &str, word: &str, visibility: &str) -> String {
    let access = match visibility {
        "any" => json!({"visibility": "protocol", "any": ["elders"]}),
        "all" => json!({"visibility": "protocol", "all": ["bearers", "elders"]}),
        plain => json!({"visibility": plain}),
    };
    let (title, institution, address) = (format!("{SHARED}{word}"), format!("{word}书院"), format!("http://old.example/{id}"));
    json!({"id": id, "title": title, "description": format!("{word}的唱法与来历。"), "keywords": [word, "侗族大歌"], "kind": "document",
        "category": "community", "institution": institution, "access": access, "owner": OWN, "old_urls": [address], "series": SHARED})
    .to_string()
}

struct Viewer {
    name: &'static str,
    api: Api,
    /// The words of what this viewer finds.
    finds: Vec<&'static str>,
    /// Ids of what is not found and yet known: suspended for staff, removed for all.
    knows: Vec<&'static str>,
}

async fn viewers(server: &Server, admin: &Api) -> Vec<Viewer> {
    let over = |role: &str, scope: &str| json!([{"role": role, "scope": scope}]);
    let groups = |names: &[&str]| [("groups", json!(names))];
    let stranger = person(server, admin, "stranger", &over("learner", FOREIGN), &[]).await;
    let member = person(server, admin, "member", &over("learner", OWN), &[]).await;
    let elder = person(server, admin, "elder", &over("learner", FOREIGN), &groups(&["elders"])).await;
    let bearer = person(server, admin, "bearer", &over("learner", FOREIGN), &groups(&["bearers", "elders", "others"])).await;
    let editor = person(server, admin, "editor", &over("editor", OWN), &[]).await;
    let far = person(server, admin, "far-editor", &over("editor", FOREIGN), &[]).await;
    let viewer =
        |name, api, finds: &[&'static str], knows: &[&'static str]| Viewer { name, api, finds: finds.to_vec(), knows: knows.to_vec() };
    vec![
        viewer("visitor", server.visitor(), &["云霄"], &["t-gone"]),
        viewer("stranger", stranger, &["云霄", "雨巷"], &["t-gone"]),
        viewer("far editor", far, &["云霄", "雨巷"], &["t-gone"]),
        viewer("member", member, &["云霄", "雨巷", "风廊"], &["t-gone"]),
        viewer("elder", elder, &["云霄", "雨巷", "雪径"], &["t-gone"]),
        viewer("bearer", bearer, &["云霄", "雨巷", "雪径", "霜桥"], &["t-gone"]),
        viewer("editor", editor, &["云霄", "雨巷", "风廊", "雪径", "霜桥"], &["t-gone", "t-held"]),
        viewer("administrator", admin.clone(), &["云霄", "雨巷", "风廊", "雪径", "霜桥"], &["t-gone", "t-held"]),
    ]
}

/// What was answered, without what differs from request to request.
fn told(answer: &Answer) -> Value {
    let mut body = answer.value();
    if let Some(body) = body.as_object_mut() {
        body.remove("instance");
    }
    json!([answer.status.as_u16(), body])
}

async fn position_reached(server: &Server, position: &Value) {
    let ready = async || all_followed(&server.visitor().get("/readyz").await.json(), position);
    eventually("followers at the last change", Duration::from_secs(20), ready).await;
}

#[tokio::test]
async fn what_may_not_be_seen_leaves_no_trace_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let admin = server.api(&server.add_user("root-admin", "administrator", "/", &[]));
    let rows = WORKS.map(|(id, word, visibility)| row(id, word, visibility)).join("\n");
    let kind = [("content-type", "application/x-ndjson")];
    let done = admin.send(Method::POST, "/api/v1/imports?vetted_by=Board&source=lib", &kind, rows.into_bytes()).await.ok();
    assert_eq!(done["created"], 7, "{done}");
    position_reached(&server, &done["position"]).await;
    let all = server.visitor().get(&format!("/api/v1/search?q={SHARED}")).await.ok();
    assert_eq!(all["total"]["value"], 3, "{all}");
    let mut last = Value::Null;
    for (id, action) in [("t-held", "suspend"), ("t-gone", "retire")] {
        let change = json!({"action": action, "reason": "有投诉"});
        last = admin.post(&format!("/api/v1/resources/{id}/state"), &change).await.ok()["position"].clone();
    }
    let viewers = viewers(&server, &admin).await;
    position_reached(&server, &last).await;
    let class = admin.post("/api/v1/classes", &json!({"name": "歌队", "resources": ["t-open"]})).await.ok();
    for viewer in &viewers {
        everybody_learns_from_everything(viewer).await;
        viewer.api.post("/api/v1/learners/me/classes", &json!({"code": class["code"]})).await;
    }
    for viewer in &viewers {
        pages_of_what_is_hidden_are_as_if_it_were_not(viewer).await;
        search_counts_only_what_is_found(viewer).await;
        no_word_of_what_is_hidden_is_said(viewer).await;
    }
}

/// Events about what the viewer does not see must not bring it into anybody's list.
async fn everybody_learns_from_everything(viewer: &Viewer) {
    let event = |(place, (id, ..)): (usize, &(&str, &str, &str))| {
        let verb = if place % 2 == 0 { "completed" } else { "favourited" };
        json!({"id": format!("{}-{id}", viewer.name), "learner": "me", "resource": id, "verb": verb, "at": "2026-11-20T08:00:00Z",
            "region": "430104"})
    };
    let events: Vec<Value> = WORKS.iter().enumerate().map(event).collect();
    let answer = viewer.api.post("/api/v1/events", &json!(events)).await;
    assert_eq!(answer.status, if viewer.name == "visitor" { 401 } else { 200 }, "{answer}");
}

async fn pages_of_what_is_hidden_are_as_if_it_were_not(viewer: &Viewer) {
    for (id, word, _) in WORKS {
        let (found, known) = (viewer.finds.contains(&word), viewer.knows.contains(&id));
        for kind in ["like-this", "learners-also-took"] {
            let about = async |id: &str| viewer.api.get(&format!("/api/v1/learners/me/recommendations/{kind}?resource={id}")).await;
            let (answer, nothing) = (about(id).await, about("t-nothing").await);
            if found {
                assert_eq!(answer.status, 200, "{}: {kind} of {id}: {answer}", viewer.name);
            } else {
                assert_eq!(told(&answer), told(&nothing), "{}: {kind} of {id}", viewer.name);
            }
        }
        for page in ["", "/revisions", "/review", "/related", "/cover", "/link", "/files/text.txt", "/thumbnail?path=text.txt"] {
            let path = |id: &str| format!("/api/v1/resources/{id}{page}");
            let answer = viewer.api.get(&path(id)).await;
            let nothing = viewer.api.get(&path("t-nothing")).await;
            let place = format!("{}: {}: {answer}", viewer.name, path(id));
            if !found && !known {
                assert_eq!(told(&answer), told(&nothing), "{place}");
            } else if found && ["", "/revisions", "/review", "/related"].contains(&page) {
                assert_eq!(answer.status, 200, "{place}");
            } else if page.is_empty() {
                assert_eq!(answer.status, if id == "t-gone" { 410 } else { 200 }, "{place}");
            }
        }
        let by_number = async |id: &str| viewer.api.get(&format!("/api/v1/resources/by-source-id?source=lib&id={id}")).await;
        let former = async |id: &str| viewer.api.send(Method::GET, &format!("/{id}"), &[("host", "old.example")], Vec::new()).await;
        if found || known {
            assert_eq!((former(id).await.status.as_u16(), viewer.name), (308, viewer.name), "{id}");
        } else {
            assert_eq!(told(&by_number(id).await), told(&by_number("t-nothing").await), "{}: {id}", viewer.name);
            assert_eq!(told(&former(id).await), told(&former("t-nothing").await), "{}: {id}", viewer.name);
        }
        for (method, page, body) in [
            (Method::PATCH, "", json!({"reason": "更正", "keywords": ["甲"]})),
            (Method::POST, "/state", json!({"action": "suspend", "reason": "有投诉"})),
        ] {
            if !found && !known {
                let change =
                    async |id: &str| super::stage::send(&viewer.api, method.clone(), &format!("/api/v1/resources/{id}{page}"), &body).await;
                assert_eq!(told(&change(id).await), told(&change("t-nothing").await), "{}: {method} {id}{page}", viewer.name);
            }
        }
    }
}

async fn search_counts_only_what_is_found(viewer: &Viewer) {
    for query in [format!("q={SHARED}"), "q=".to_owned(), "q=ydgd".to_owned(), "q=&sort=newest".to_owned()] {
        let path = format!("/api/v1/search?{query}&limit=100&facets=institution,kind,category,offline");
        let found = viewer.api.get(&path).await.ok();
        let place = format!("{}: {query}: {found}", viewer.name);
        let wanted: BTreeSet<String> = viewer.finds.iter().map(|word| format!("{word}书院")).collect();
        if query != "q=ydgd" {
            assert_eq!(found["total"]["value"].as_u64(), Some(wanted.len() as u64), "{place}");
        }
        let values = |facet: &str| found["facets"][facet].as_array().unwrap().clone();
        let institutions: BTreeSet<String> =
            values("institution").iter().map(|count| count["value"].as_str().unwrap().to_owned()).collect();
        assert!(institutions.is_subset(&wanted), "{place}");
        for facet in ["institution", "kind", "category", "offline"] {
            let sum: u64 = values(facet).iter().map(|count| count["count"].as_u64().unwrap()).sum();
            assert_eq!(Some(sum), found["total"]["value"].as_u64(), "{facet}: {place}");
        }
    }
    for (_, word, _) in WORKS {
        let wanted = u64::from(viewer.finds.contains(&word));
        for query in [format!("q={word}"), format!("q=&institution={word}书院")] {
            let found = viewer.api.get(&format!("/api/v1/search?{query}")).await.ok();
            assert_eq!(found["total"]["value"].as_u64(), Some(wanted), "{}: {query}: {found}", viewer.name);
        }
    }
}

async fn no_word_of_what_is_hidden_is_said(viewer: &Viewer) {
    let mut paths = vec![
        format!("/api/v1/search?q={SHARED}&limit=100&facets=institution,kind,category,subject"),
        "/api/v1/search?q=侗族大歌&limit=100".to_owned(),
        format!("/api/v1/suggest?q={SHARED}&limit=20"),
        "/api/v1/suggest?q=岩&limit=20".to_owned(),
        "/api/v1/suggest?q=yandong&limit=20".to_owned(),
        "/api/v1/suggest?q=y&limit=20".to_owned(),
        "/api/v1/learners/me/recommendations?limit=100".to_owned(),
        "/api/v1/learners/me/home?limit=100&region=430104".to_owned(),
    ];
    let viewed = WORKS.map(|(id, ..)| id).join(",");
    for kind in crate::learner::KINDS {
        paths.push(format!("/api/v1/learners/me/recommendations/{kind}?limit=100&region=430104"));
        paths.push(format!("/api/v1/learners/me/recommendations/{kind}?limit=100&region=430104&viewed={viewed}"));
    }
    for (id, ..) in WORKS {
        for kind in ["like-this", "learners-also-took"] {
            paths.push(format!("/api/v1/learners/me/recommendations/{kind}?limit=100&resource={id}"));
        }
    }
    paths.extend(WORKS.iter().map(|(id, ..)| format!("/api/v1/resources/{id}/related?limit=100")));
    // A slip in the word that stands only in the hidden work, its sound, the newest as feeds, and every facet.
    paths.extend(SLIPS.iter().map(|slip| format!("/api/v1/search?q={slip}")));
    for form in ["atom", "rss"] {
        paths.push(format!("/api/v1/search/feed?q={SHARED}&limit=100&format={form}"));
        paths.push(format!("/api/v1/search/feed?limit=100&format={form}"));
    }
    paths.push(format!("/api/v1/search?q={SHARED}&limit=100&added=2020-01-01..&published=2020-01-01..&facets={ALL_FACETS}"));
    // The beginning of the word that stands only in the hidden work.
    paths.extend(WORKS.iter().map(|(_, word, _)| format!("/api/v1/suggest?q={}&limit=20", word.chars().next().unwrap())));
    // The pages that people search on.
    paths.extend(["/".to_owned(), "/search".to_owned(), "/search?sort=title".to_owned(), format!("/search?q={SHARED}&sort=newest")]);
    paths.extend(SLIPS.iter().chain(&[SHARED]).map(|words| format!("/search?q={words}")));
    for path in paths {
        let answer = viewer.api.get(&path).await;
        assert_ne!(answer.status.as_u16() / 100, 5, "{}: {path}: {answer}", viewer.name);
        let text = String::from_utf8_lossy(&answer.body);
        for (id, word, _) in WORKS.iter().filter(|(_, word, _)| !viewer.finds.contains(word)) {
            assert!(!text.contains(word), "{}: {path} tells of {word}: {text}", viewer.name);
            assert!(!text.contains(&format!("\"{id}\"")), "{}: {path} tells of {id}: {text}", viewer.name);
            assert!(!text.contains(&format!("\"/resources/{id}\"")), "{}: {path} leads to {id}: {text}", viewer.name);
        }
    }
}
