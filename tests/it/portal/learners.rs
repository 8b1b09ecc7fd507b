//! What learners do in a browser: open a work, mark it, go on where they stopped, and rule over their own record.

use super::Site;
use super::tab::Tab;
use crate::program::{eventually, packages};
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_learner_opens_a_work_marks_it_and_goes_on_where_it_stopped() {
    let site = Site::open().await;
    let id = site.vetters.publish(packages::document_zip("L-1", "山歌入门", "山歌")).await;
    let path = format!("/resources/{id}");
    let visitor = Tab::visitor(&site.server);
    let open = visitor.page(&path).await;
    assert!(open.contains("山歌入门") && open.contains("下载") && open.contains("岳麓示范社区学院"), "{open}");
    assert!(!open.contains("收藏"), "a visitor has no record: {open}");
    assert_eq!(visitor.get("/resources/none").await.status, 404);
    assert_eq!(visitor.get("/learn").await.status, 303);

    let learner = site.tab("learner").await;
    assert_eq!(learner.get("/desk").await.header("location"), "/learn");
    assert!(learner.page("/learn").await.contains("还没有学习记录"));
    assert!(learner.page(&path).await.contains("我学完了"));
    let mine = learner.page("/learn").await;
    assert!(mine.contains("山歌入门") && mine.contains("打开过"), "{mine}");
    let marks = format!("{path}/marks");
    assert_eq!(learner.posted(&marks, &[("mark", "favourited")]).await, format!("{path}?done=favourited"));
    assert!(learner.page(&path).await.contains("取消收藏"));
    assert!(learner.page("/learn").await.contains("我的收藏"));
    learner.posted(&marks, &[("mark", "unfavourited")]).await;
    assert!(!learner.page("/learn").await.contains("我的收藏"));
    assert_eq!(learner.post(&marks, &[("mark", "nothing")]).await.status, 400);
    assert_eq!(learner.post("/resources/none/marks", &[("mark", "completed")]).await.status, 404);

    let played = |seconds: u32| {
        let minute = seconds / 60;
        json!({"id": format!("p{seconds}"), "learner": "learner", "resource": id, "verb": "progressed",
            "at": format!("2026-11-20T08:{minute:02}:00Z"), "position": seconds})
    };
    let batch: Vec<Value> = (0..=45).map(|minute| played(minute * 60)).collect();
    site.admin
        .send(reqwest::Method::POST, "/api/v1/events", &[("content-type", "application/json")], json!(batch).to_string().into_bytes())
        .await
        .ok();
    let mine = learner.page("/learn").await;
    assert!(mine.contains("继续学习") && mine.contains("学到 45:00") && mine.contains(&format!("{path}?t=2700#player")), "{mine}");
    let paper = learner.posted("/learn/certificates", &[("from", "2026-11-20"), ("to", "2026-11-20")]).await;
    assert!(learner.page(&paper).await.contains("1.0"), "{paper}");
    let none = learner.post("/learn/certificates", &[("from", "2020-01-01"), ("to", "2020-01-02")]).await;
    assert!(none.status == 422 && none.to_string().contains("有效学时"), "{none}");
    learner.posted(&marks, &[("mark", "completed")]).await;
    let mine = learner.page("/learn").await;
    assert!(mine.contains("已学完") && !mine.contains("继续学习"), "{mine}");
}

#[tokio::test]
async fn a_learner_rules_over_the_own_record() {
    let site = Site::open().await;
    let id = site.vetters.publish(packages::document_zip("L-2", "社区防火常识", "社区防火")).await;
    let learner = site.tab("learner").await;
    let listed = async || learner.page("/learn").await.contains("社区防火常识").then_some(());
    eventually("a list with the work", PATIENCE, listed).await;
    // What the page shows is told to the record, by list and place, as an app tells it.
    let told = async || {
        let export = site.admin.get("/api/v1/learners/learner/export").await.ok();
        let events = export["events"].as_array().unwrap().clone();
        events.into_iter().find(|event| event["verb"] == "impression" && event["resource"] == id.as_str())
    };
    let shown = eventually("the page's impressions", PATIENCE, told).await;
    assert!(shown["slot"] == 1 && shown["list"].as_str().is_some_and(|list| !list.is_empty()), "{shown}");
    learner.page(&format!("/resources/{id}")).await;
    assert!(learner.page("/learn").await.contains("已打开"));
    learner.posted("/learn/personalisation", &[("on", "false")]).await;
    assert!(learner.page("/learn").await.contains("已关闭"));
    let refused = learner.post("/learn/forget", &[("confirm", "不")]).await;
    assert!(refused.status == 400 && refused.to_string().contains("请输入“删除”二字"), "{refused}");
    assert!(learner.page("/learn").await.contains("社区防火常识"));
    assert_eq!(learner.posted("/learn/forget", &[("confirm", "删除")]).await, "/learn?done=forgotten");
    let mine = learner.page("/learn").await;
    assert!(mine.contains("还没有学习记录") && mine.contains("已关闭"), "the wish stays: {mine}");
    // A reviewer who looks at a work is no learner.
    let reviewer = site.tab("reviewer").await;
    assert!(!reviewer.page(&format!("/resources/{id}")).await.contains("收藏"));
    // A child without a guardian's consent is told, and nothing is kept.
    let born = json!({"kind": "minor", "born": "2018-01"}).to_string().into_bytes();
    let kind = [("content-type", "application/json")];
    site.admin.send(reqwest::Method::PUT, "/api/v1/learners/learner/protection", &kind, born).await.ok();
    learner.page(&format!("/resources/{id}")).await;
    let mine = learner.page("/learn").await;
    assert!(mine.contains("监护人尚未同意") && mine.contains("还没有学习记录"), "{mine}");
    let refused = learner.post(&format!("/resources/{id}/marks"), &[("mark", "favourited")]).await;
    assert!(refused.status == 403 && refused.to_string().contains("监护人"), "{refused}");
    let refused = learner.post("/learn/personalisation", &[("on", "true")]).await;
    assert!(refused.status == 403 && refused.to_string().contains("监护人"), "{refused}");
    let refused = learner.post("/search/saved", &[("search", "q=%E5%B1%B1%E6%AD%8C"), ("name", "山歌")]).await;
    assert!(refused.status == 403 && refused.to_string().contains("监护人"), "{refused}");
    assert!(learner.page("/search/saved").await.contains("还没有保存的检索"));
}
