//! Mistakes are understood, told as what they are, and searched for by nobody but who asks.

use super::stock::{ask, holding, holding_names, names, search, titles};
use serde_json::{Value, json};

/// Queries that are right, of which the catalogue holds nothing or little.
const RIGHT: [&str; 28] = [
    "智能手机怎么用",
    "如何预防电信诈骗",
    "太极拳教学",
    "老年人心理健康",
    "学习普通话",
    "民法典继承",
    "家常菜做法",
    "电子商务运营",
    "古琴入门",
    "书法课程",
    "高血压饮食",
    "养老护理员培训",
    "社区垃圾分类",
    "短视频剪辑",
    "果树栽培技术",
    "心肺复苏",
    "合唱指挥",
    "广场舞教程",
    "python",
    "excel",
    "mooc",
    "土家族的历史",
    "苗族服饰的制作",
    "长沙的老街",
    "毛古斯在哪里看",
    "湘绣每年展出多少件",
    "maogusi",
    "changshaxian",
];

fn corrections(found: &Value) -> Vec<(String, String)> {
    let one = |made: &Value| (made["query"].as_str().unwrap().to_owned(), made["mistake"].as_str().unwrap().to_owned());
    found["did_you_mean"].as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn mistakes_are_told_and_what_is_right_is_left_alone() {
    let (app, _) = holding_names().await;
    let lines = include_str!("mistakes.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut missed = Vec::new();
    let mut all = 0;
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let told = corrections(&search(&app, cells[0]).await);
        all += 1;
        if told.first() != Some(&(cells[1].to_owned(), cells[2].to_owned())) {
            missed.push(format!("{line}: {told:?}"));
        }
    }
    let mut wrong = Vec::new();
    let named = names();
    let right = RIGHT.into_iter().chain(named.iter().map(|name| name.name)).chain(named.iter().filter_map(|name| name.part));
    for query in right {
        let told = corrections(&search(&app, query).await);
        if !told.is_empty() {
            wrong.push(format!("{query}: {told:?}"));
        }
    }
    println!("corrections: {} of {all} mistakes understood, {} right queries corrected", all - missed.len(), wrong.len());
    assert!(missed.len() * 20 <= all, "{} of {all} missed:\n{}", missed.len(), missed.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.close().await;
}

#[tokio::test]
async fn a_correction_keeps_the_rest_and_is_not_mixed_in() {
    let (app, _) = holding_names().await;
    let found = search(&app, "学跳毛姑丝 -侗族").await;
    assert_eq!(found["total"]["value"], 0, "{found}");
    let made = &found["did_you_mean"][0];
    assert_eq!((&made["query"], &made["from"], &made["to"]), (&"学跳毛古斯 -侗族".into(), &"毛姑丝".into(), &"毛古斯".into()), "{found}");
    let traditional = search(&app, "江永女叔").await;
    assert_eq!(titles(&traditional).first().map(String::as_str), Some("江永女书"), "its other pairs are found: {traditional}");
    app.close().await;
}

#[tokio::test]
async fn a_word_that_may_not_be_seen_corrects_nothing() {
    let rows = [
        json!({"id": "open", "title": "侗族大歌公开课"}),
        json!({"id": "closed", "title": "毛古斯内部资料", "keywords": ["毛古斯"], "owner": "/hunan/huaihua", "visibility": "organisation"}),
    ];
    let (app, admin) = holding(&rows).await;
    for query in ["毛姑丝", "古毛斯", "毛斯", "毛古古斯", "maogsui"] {
        assert_eq!(corrections(&search(&app, query).await), [], "{query}");
        assert_eq!(corrections(&ask(&app, &admin, query).await.json()).len(), 1, "{query}");
    }
    app.close().await;
}

#[tokio::test]
async fn a_word_that_stands_somewhere_gives_way_only_to_one_far_more_frequent() {
    let row = |place: usize, title: &str| json!({"id": format!("r{place}"), "title": title});
    let mut rows: Vec<Value> = (0..30).map(|place| row(place, &format!("湘绣第{place}课"))).collect();
    rows.push(row(90, "香绣团扇"));
    rows.push(row(91, "湘剧名段"));
    rows.push(row(92, "香剧笔误"));
    let (app, _) = holding(&rows).await;
    assert_eq!(corrections(&search(&app, "香绣").await), [("湘绣".to_owned(), "same_sound".to_owned())]);
    assert_eq!(corrections(&search(&app, "香剧").await), []);
    app.close().await;
}
