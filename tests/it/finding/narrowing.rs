//! Results are narrowed by how long things take.

use super::stock::{escaped, holding, titles};
use serde_json::{Value, json};

#[tokio::test]
async fn how_long_it_takes_is_a_filter_and_a_facet() {
    let row = |id: &str, minutes: Value| json!({"id": id, "title": format!("太极拳{id}"), "minutes": minutes});
    let rows = [row("short", json!(8)), row("half", json!(30)), row("hour", json!(60)), row("long", json!(90)), row("open", Value::Null)];
    let (app, _) = holding(&rows).await;
    let ask =
        async |more: &str| app.get("", &format!("/api/v1/search?q={}&facets=duration{more}", escaped("太极拳"))).await.expect(200).json();
    let counts = |found: &Value| -> Vec<(String, u64)> {
        let one = |count: &Value| (count["label"].as_str().unwrap().to_owned(), count["count"].as_u64().unwrap());
        found["facets"]["duration"].as_array().unwrap().iter().map(one).collect()
    };
    let all = ask("").await;
    assert_eq!(all["total"]["value"], 5);
    assert_eq!(counts(&all).len(), 4, "{all}");
    assert!(counts(&all).contains(&("10–30 分钟".to_owned(), 1)), "{all}");
    let mut brief = titles(&ask("&duration=up_to_10,up_to_30").await);
    brief.sort();
    assert_eq!(brief, ["太极拳half", "太极拳short"]);
    let labelled = ask(&format!("&duration={}", escaped("1 小时以上"))).await;
    assert_eq!((titles(&labelled), counts(&labelled).len()), (vec!["太极拳long".to_owned()], 4), "its own filter narrows no counts");
    let named = app.get("", &format!("/api/v1/search?q={}", escaped("时长:over_60 太极拳"))).await.expect(200).json();
    assert_eq!(titles(&named), ["太极拳long"]);
    app.close().await;
}
