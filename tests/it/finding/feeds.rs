//! A search as a feed: the newest first, and nothing of what the caller may not see.

use super::stock::{escaped, holding};
use crate::support::Answer;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[tokio::test]
async fn readers_of_rss_get_rss() {
    let row = |id: &str, title: &str, published: &str| json!({"id": id, "title": title, "published": published, "institution": "甲 & 乙"});
    let (app, _) = holding(&[row("old", "土家织锦", "2020-03-01"), row("new", "织锦 <新>", "2026-05-01")]).await;
    let path = format!("/api/v1/search/feed?q={}", escaped("织锦"));
    let asked = app.get("", &format!("{path}&format=rss")).await.expect(200);
    assert!(asked.header("content-type").starts_with("application/rss+xml"));
    let feed = text(&asked);
    let mut tree = quick_xml::Reader::from_str(&feed);
    tree.config_mut().check_end_names = true;
    while !matches!(tree.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    assert_eq!((feed.matches("<item>").count(), feed.matches("<channel>").count()), (2, 1), "{feed}");
    assert!(feed.find("织锦 &lt;新&gt;") < feed.find("土家织锦"), "{feed}");
    for part in [
        "<pubDate>Thu, 30 Apr 2026 16:00:00 +0000</pubDate>",
        "<link>/resources/new</link>",
        "<dc:creator>甲 &amp; 乙</dc:creator>",
        "<guid isPermaLink=\"false\">urn:yuelu:/api/v1/resources/new</guid>",
        "<link>/search?q=",
    ] {
        assert!(feed.contains(part), "{part} in {feed}");
    }
    let kind = async |accept: &str| {
        let request = Request::get(&path).header("accept", accept).body(Body::empty()).unwrap();
        app.send(request).await.expect(200).header("content-type").to_owned()
    };
    assert!(kind("application/rss+xml, */*;q=0.1").await.starts_with("application/rss+xml"));
    assert!(kind("application/atom+xml, application/rss+xml").await.starts_with("application/atom+xml"));
    assert!(kind("*/*").await.starts_with("application/atom+xml"));
    app.get("", &format!("{path}&format=json")).await.expect(400);
    app.close().await;
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
