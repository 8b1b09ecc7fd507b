//! Editors teach search while it runs: they see what finds little, try an entry, save it, take it away.

use super::stock::{ask, holding, search, titles};
use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};

const WORDS: &str = "/api/v1/search-words";

async fn house() -> (TestApp, String) {
    let rows = [
        json!({"id": "iron", "title": "铁水花表演入门"}),
        json!({"id": "dance", "title": "健身舞分步教学"}),
        json!({"id": "square", "title": "广场舞编排"}),
    ];
    let (app, _) = holding(&rows).await;
    let editor = app.account("desk", "editor", "/").await;
    (app, editor)
}

async fn add(app: &TestApp, editor: &str, entry: Value) -> Value {
    let made = app.call(Method::POST, editor, WORDS, entry).await.expect(201).json();
    app.get("", &format!("/api/v1/search?limit=1&after={}", made["position"])).await.expect(200);
    made
}

#[tokio::test]
async fn an_entry_is_tried_saved_and_taken_away() {
    let (app, editor) = house().await;
    let entry = json!({"kind": "synonyms", "words": ["打铁花", "铁水花"]});
    assert_eq!(titles(&search(&app, "打铁花").await).len(), 0);
    let tried = app.call(Method::POST, &editor, &format!("{WORDS}/trial"), entry.clone()).await.expect(200).json();
    let effect = &tried["queries"][0];
    assert_eq!((&effect["query"], &effect["total_before"], &effect["total_after"]), (&json!("打铁花"), &json!(0), &json!(1)), "{tried}");
    assert_eq!(effect["after"], json!([{"id": "iron", "title": "铁水花表演入门"}]));
    assert_eq!(titles(&search(&app, "打铁花").await).len(), 0, "a trial saves nothing");
    let made = add(&app, &editor, entry).await;
    assert_eq!(titles(&search(&app, "打铁花").await), ["铁水花表演入门"]);
    let listed = app.get(&editor, WORDS).await.expect(200).json();
    assert_eq!((listed["items"][0]["id"].clone(), listed["items"].as_array().unwrap().len()), (made["id"].clone(), 1));
    let path = format!("{WORDS}/{}", made["id"].as_str().unwrap());
    app.call(Method::DELETE, &editor, &path, json!({})).await.expect(204);
    app.call(Method::DELETE, &editor, &path, json!({})).await.expect(404);
    let again = add(&app, &editor, json!({"kind": "one_way", "words": ["广场舞", "健身舞"]})).await;
    assert!(again["position"].as_u64() > made["position"].as_u64());
    assert_eq!(titles(&search(&app, "打铁花").await).len(), 0);
    assert_eq!(titles(&search(&app, "广场舞").await), ["广场舞编排", "健身舞分步教学"]);
    assert_eq!(titles(&search(&app, "健身舞").await), ["健身舞分步教学"]);
    app.close().await;
}

#[tokio::test]
async fn a_dictionary_word_holds_from_the_next_index_on() {
    let (app, editor) = house().await;
    add(&app, &editor, json!({"kind": "word", "words": ["铁水花表演"]})).await;
    let tried = json!({"kind": "word", "words": ["铁水花表演"]});
    app.call(Method::POST, &editor, &format!("{WORDS}/trial"), tried).await.expect(400);
    let admin = app.account("root-admin", "administrator", "/").await;
    app.call(Method::POST, &admin, "/api/v1/index/rebuild", json!({})).await.expect(204);
    assert_eq!(titles(&search(&app, "铁水花").await), ["铁水花表演入门"]);
    let verified = app.call(Method::POST, &admin, "/api/v1/verification", json!({"blobs": false})).await.expect(200).json();
    assert_eq!(verified["clean"], true, "{verified}");
    app.close().await;
}

#[tokio::test]
async fn only_the_desk_of_the_whole_site_teaches() {
    let (app, editor) = house().await;
    let local = app.account("local", "editor", "/hunan").await;
    let entry = json!({"kind": "synonyms", "words": ["打铁花", "铁水花"]});
    app.call(Method::POST, &local, WORDS, entry.clone()).await.expect(403);
    app.get(&local, WORDS).await.expect(403);
    for (entry, path) in [
        (json!({"kind": "synonyms", "words": ["打铁花"]}), "words"),
        (json!({"kind": "word", "words": ["", ""]}), "words"),
        (json!({"kind": "synonyms", "words": ["甲", "乙"], "note": "长".repeat(201)}), "note"),
    ] {
        let told = app.call(Method::POST, &editor, WORDS, entry).await.expect(400).json();
        assert_eq!(told["fields"][0]["path"], path, "{told}");
    }
    app.close().await;
}

#[tokio::test]
async fn what_five_people_missed_is_listed_and_what_four_missed_is_not() {
    let (app, editor) = house().await;
    let mut people = Vec::new();
    for number in 0..5 {
        people.push(app.account(&format!("learner-{number}"), "learner", "/hunan").await);
    }
    for (place, person) in people.iter().enumerate() {
        for _ in 0..3 {
            ask(&app, person, "打铁花").await.expect(200);
            ask(&app, person, "电话 13812345678").await.expect(200);
            if place < 4 {
                ask(&app, person, "吹糖人").await.expect(200);
            }
        }
    }
    let listed = app.get(&editor, "/api/v1/search-queries?nothing=true").await.expect(200).json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{listed}");
    assert_eq!((&items[0]["query"], &items[0]["people"], &items[0]["found"]), (&json!("打铁花"), &json!(5), &json!(0)));
    let tried = app.call(Method::POST, &editor, &format!("{WORDS}/trial"), json!({"kind": "synonyms", "words": ["铁花", "铁水花"]})).await;
    let tried = tried.expect(200).json();
    assert!(tried["queries"].as_array().unwrap().iter().any(|effect| effect["query"] == "打铁花" && effect["total_after"] == 1), "{tried}");
    let week = items[0]["week"].as_str().unwrap();
    let path = format!("/api/v1/search-queries?week={week}&query=%E6%89%93%E9%93%81%E8%8A%B1");
    app.call(Method::DELETE, &editor, &path, json!({})).await.expect(204);
    assert_eq!(app.get(&editor, "/api/v1/search-queries").await.expect(200).json()["items"], json!([]));
    app.close().await;
}
