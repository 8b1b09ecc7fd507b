//! Experiments: two arms, their lists and what became of what they showed.

use super::lists::{ids, import, list};
use super::{event, report};
use crate::support::TestApp;
use serde_json::{Value, json};
use yuelu::config::recommendation::{ExperimentSection, RecommendationSection};

#[tokio::test]
async fn an_experiment_tells_what_its_arms_led_to() {
    let experiment = ExperimentSection { name: "less-trend".to_owned(), share_percent: 100.0, ..ExperimentSection::default() };
    let section = RecommendationSection { experiments: vec![experiment], ..RecommendationSection::default() };
    let app = TestApp::with(|config| config.recommendation = section).await;
    let admin = app.account("importer", "administrator", "/").await;
    let rows: Vec<Value> = (0..12).map(|at| json!({"id": format!("r{at}"), "title": format!("作品{at}")})).collect();
    import(&app, &admin, &rows).await;
    for learner in 0..24 {
        let token = app.account(&format!("learner{learner}"), "learner", "/hunan").await;
        let shown = list(&app, &token, "for-you", "limit=3").await;
        let (items, id) = (ids(&shown), shown["list"].as_str().unwrap());
        let seen = |(slot, resource): (usize, &String)| {
            event(&format!("i{slot}"), resource, "impression", -600, json!({"list": id, "slot": slot + 1}))
        };
        let mut events: Vec<Value> = items.iter().enumerate().map(seen).collect();
        events.push(event("click", &items[0], "viewed", -300, json!({})));
        events.push(event("before", &items[1], "completed", -900, json!({})));
        events.push(event("done", &items[0], "completed", -100, json!({})));
        report(&app, &token, &events).await.expect(200);
    }
    let path = "/api/v1/evaluations/experiments/less-trend";
    let told = app.get(&admin, path).await.expect(200).json();
    let sum = |figure: &str| told["arms"].as_array().unwrap().iter().map(|arm| arm[figure].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("lists"), sum("learners"), sum("showings")), (24, 24, 72), "{told}");
    for arm in told["arms"].as_array().unwrap() {
        assert!(arm["learners"].as_u64().unwrap() >= 4, "{told}");
        for figure in ["clicks", "completions"] {
            assert!(
                (arm[figure]["rate"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-9,
                "what was done before it was shown is no effect: {told}"
            );
        }
    }
    assert_eq!(told["clicks"]["difference"].as_f64(), Some(0.0), "{told}");
    app.get(&admin, "/api/v1/evaluations/experiments/nothing").await.expect(404);
    let li = app.account("li", "learner", "/hunan").await;
    app.get(&li, path).await.expect(403);
    app.get("", path).await.expect(401);
    app.close().await;
}
