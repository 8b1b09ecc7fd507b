//! Results are narrowed by how long things take, by when they came, by what they are; and what is left is counted exactly.

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

/// A work of minority culture: group, class, licence, feature of accessibility, minutes, first publication.
fn work(id: &str, facts: (&str, &str, &str, &str, u32, &str)) -> Value {
    let (group, class, licence, feature, minutes, published) = facts;
    json!({
        "id": id, "title": format!("山歌{id}"), "minutes": minutes, "published": published, "accessibility": [feature],
        "rights": {"licence": licence}, "culture": {"ethnic_groups": [group], "heritage_class": class},
    })
}

fn works() -> [Value; 5] {
    [
        work("a", ("15", "craft", "CC-BY-4.0", "captions", 10, "2025-01-31")),
        work("b", ("15", "craft", "CC0-1.0", "captions", 20, "2025-02-01")),
        work("c", ("06", "craft", "CC-BY-4.0", "transcript", 30, "2025-02-28")),
        work("d", ("06", "music", "CC-BY-4.0", "captions", 40, "2025-03-01")),
        work("e", ("12", "music", "all-rights-reserved", "transcript", 50, "2026-01-01")),
    ]
}

#[tokio::test]
async fn each_facet_counts_what_the_filters_of_the_others_leave() {
    let (app, _) = holding(&works()).await;
    let facets = "ethnic_group,heritage_class,licence,accessibility,offline";
    let ask = async |more: &str| app.get("", &format!("/api/v1/search?q=&facets={facets}{more}")).await.expect(200).json();
    let counts = |found: &Value, facet: &str| -> Vec<(String, u64)> {
        let one = |count: &Value| (count["value"].as_str().unwrap().to_owned(), count["count"].as_u64().unwrap());
        let mut all: Vec<_> = found["facets"][facet].as_array().unwrap().iter().map(one).collect();
        all.sort();
        all
    };
    let of = |values: &[(&str, u64)]| values.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect::<Vec<_>>();
    let two = ask("&ethnic_group=15,06&heritage_class=craft").await;
    assert_eq!(two["total"]["value"], 3, "{two}");
    assert_eq!(counts(&two, "ethnic_group"), of(&[("06", 1), ("15", 2)]), "12 has no craft");
    assert_eq!(counts(&two, "heritage_class"), of(&[("craft", 3), ("music", 1)]), "its own filter does not narrow it");
    assert_eq!(counts(&two, "licence"), of(&[("CC-BY-4.0", 2), ("CC0-1.0", 1)]));
    assert_eq!(counts(&two, "accessibility"), of(&[("captions", 2), ("transcript", 1)]));
    assert_eq!(counts(&two, "offline"), of(&[("online_only", 3)]), "what was taken over has no files here");
    let four = ask("&ethnic_group=15,06&licence=CC-BY-4.0&accessibility=captions&offline=online_only&minutes=..40").await;
    assert_eq!(four["total"]["value"], 2, "{four}");
    assert_eq!(counts(&four, "licence"), of(&[("CC-BY-4.0", 2), ("CC0-1.0", 1)]));
    assert_eq!(counts(&four, "accessibility"), of(&[("captions", 2), ("transcript", 1)]));
    assert_eq!(ask("&offline=downloadable").await["total"]["value"], 0);
    app.close().await;
}

#[tokio::test]
async fn dates_and_numbers_are_ranges() {
    let (app, _) = holding(&works()).await;
    let ids = async |more: &str| -> Vec<String> {
        let found = app.get("", &format!("/api/v1/search?q=&sort=title{more}")).await.expect(200).json();
        let mut ids: Vec<String> = found["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found["total"]["value"], ids.len());
        ids.sort();
        ids
    };
    assert_eq!(ids("&published=2025-02-01..2025-02-28").await, ["b", "c"], "both ends belong to it");
    assert_eq!(ids("&published=..2025-01-31").await, ["a"]);
    assert_eq!(ids("&minutes=20..30&published=2025-02-02..").await, ["c"]);
    let today = yuelu::clock::Clock::system().now().shanghai_date();
    assert_eq!(ids(&format!("&added={today}..")).await.len(), 5, "they came today, whenever they were published");
    assert_eq!(ids("&added=..2026-01-01").await.len(), 0);
    let first = app.get("", "/api/v1/search?q=&limit=1&minutes=10..30").await.expect(200).json();
    let next = first["next"].as_str().unwrap();
    app.get("", &format!("/api/v1/search?q=&limit=1&minutes=10..30&cursor={next}")).await.expect(200);
    app.get("", &format!("/api/v1/search?q=&limit=1&minutes=10..40&cursor={next}")).await.expect(400);
    for wrong in ["minutes=abc", "published=2025..2026", "added=2026-05-02..2026-05-01"] {
        let told = app.get("", &format!("/api/v1/search?{wrong}")).await.expect(400);
        assert_eq!(told.code(), "range", "{wrong}: {told:?}");
    }
    app.close().await;
}
