//! A search as a feed: the newest first, and nothing of what the caller may not see.

use super::stock::{escaped, holding};
use crate::support::Answer;
use serde_json::json;

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[tokio::test]
async fn a_search_is_a_feed() {
    let row =
        |id: &str, title: &str, published: &str| json!({"id": id, "title": title, "published": published, "description": "一二三 <b>"});
    let mut secret = row("secret", "织锦内部资料", "2026-06-01");
    secret
        .as_object_mut()
        .unwrap()
        .extend([("owner".to_owned(), json!("/hunan/huaihua")), ("visibility".to_owned(), json!("organisation"))]);
    let rows =
        [row("old", "土家织锦 & 湘绣", "2020-03-01"), row("new", "织锦公开课", "2026-05-01"), row("other", "太极拳", "2026-07-01"), secret];
    let (app, admin) = holding(&rows).await;
    let path = format!("/api/v1/search/feed?q={}&limit=50", escaped("织锦"));
    let answer = app.get("", &path).await.expect(200);
    assert!(answer.header("content-type").starts_with("application/atom+xml"));
    let feed = text(&answer);
    let places: Vec<Option<usize>> = ["织锦公开课", "土家织锦 &amp; 湘绣"].iter().map(|title| feed.find(title)).collect();
    assert!(places.iter().all(Option::is_some) && places[0] < places[1], "{feed}");
    assert!(!feed.contains("太极拳") && !feed.contains("内部资料") && !feed.contains("<b>"), "{feed}");
    assert_eq!(feed.matches("<entry>").count(), 2, "{feed}");
    assert!(feed.contains("<updated>2026-04-30T16:00:00"), "{feed}");
    assert!(text(&app.get(&admin, &path).await.expect(200)).contains("内部资料"));
    let narrowed = text(&app.get("", &format!("{path}&kind=nothing")).await.expect(200));
    assert!(!narrowed.contains("<entry>") && narrowed.contains("</feed>"), "{narrowed}");
    app.get("", "/api/v1/search/feed?limit=0").await.expect(400);
    app.close().await;
}
