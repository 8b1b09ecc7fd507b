//! Effective hours, and the certificates made of them.

use super::report;
use crate::support::{TestApp, request};
use axum::http::Method;
use serde_json::{Value, json};

const ME: &str = "/api/v1/learners/me";

/// Reports of a player every thirty seconds, from this instant (seconds since 1970) on.
fn played(resource: &str, begin: i64, seconds: i64) -> Vec<Value> {
    (0..=seconds / 30).map(|step| told(resource, begin + step * 30, step * 30)).collect()
}

/// One report.
fn told(resource: &str, at: i64, position: i64) -> Value {
    let id = format!("{resource}-{at}");
    json!({"id": id, "learner": "me", "resource": resource, "verb": "progressed", "at": instant(at), "position": position})
}

fn instant(at: i64) -> String {
    yuelu::domain::time::Timestamp::from_millis(at * 1000).to_string()
}

/// Noon in Shanghai of the day before yesterday: none of the tests' hours crosses a midnight.
fn noon() -> i64 {
    let now = yuelu::clock::Clock::system().now().millis() / 1000;
    now - (now + 8 * 3600) % 86_400 - 36 * 3600
}

#[tokio::test]
async fn what_was_played_counts_once_and_idle_hours_do_not() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let noon = noon();
    report(&app, &li, &played("film", noon, 2_700)).await.expect(200);
    // Played beside it, and left open for hours.
    report(&app, &li, &played("other", noon, 2_700)).await.expect(200);
    report(&app, &li, &[told("film", noon + 3 * 3600, 9_000)]).await.expect(200);
    let hours = app.get(&li, &format!("{ME}/hours")).await.expect(200).json();
    assert_eq!((&hours["seconds"], &hours["hours_tenths"]), (&json!(2_700), &json!(10)), "{hours}");
    assert!(hours["rule"]["most_minutes_a_day"]["basis"].as_str().unwrap().starts_with("建议值"), "{hours}");
    assert_eq!(app.get(&li, ME).await.json()["hours_tenths"], 10);
    // Sent twice, and late from another device: still once.
    report(&app, &li, &played("film", noon, 2_700)).await.expect(200);
    report(&app, &li, &played("late", noon - 600, 1_200)).await.expect(200);
    let day = hours["days"][0]["date"].as_str().unwrap();
    let hours = app.get(&li, &format!("{ME}/hours?from={day}&to={day}")).await.expect(200).json();
    assert_eq!(hours["seconds"], 3_300, "ten minutes before the film, the rest side by side with it");
    let after = app.get(&li, &format!("{ME}/hours?from=2999-01-01")).await.expect(200).json();
    assert_eq!((&after["seconds"], &after["days"]), (&json!(0), &json!([])));
    assert_eq!(app.get(&li, &format!("{ME}/hours?from=yesterday")).await.expect(400).code(), "bad-day");
    app.close().await;
}

#[tokio::test]
async fn a_day_counts_as_much_as_the_rule_in_force_says() {
    let dir = tempfile::tempdir().unwrap();
    let number = |name: &str, value: u32| format!("[{name}]\nvalue = {value}\nbasis = \"test\"\nmark = \"K\"\n");
    let rule = [number("minutes_per_hour", 10), number("longest_step_seconds", 60), number("most_minutes_a_day", 20)].concat();
    std::fs::write(dir.path().join("hours.toml"), format!("version = \"own\"\n{rule}")).unwrap();
    let app = TestApp::with(|config| config.learning_rules_dir = Some(dir.path().to_owned())).await;
    let li = app.account("li", "learner", "/hunan").await;
    report(&app, &li, &played("film", noon(), 2_700)).await.expect(200);
    let hours = app.get(&li, &format!("{ME}/hours")).await.expect(200).json();
    assert_eq!((&hours["seconds"], &hours["hours_tenths"], &hours["days"][0]["beyond"]), (&json!(1_200), &json!(20), &json!(1_500)));
    app.close().await;
}

#[tokio::test]
async fn a_certificate_is_verified_by_anybody_who_has_its_code() {
    let app = TestApp::with(|config| config.site.base_url = "https://yuelu.example".to_owned()).await;
    let new = json!({"name": "li", "display": "李秀英<b>", "assignments": [{"role": "learner", "scope": "/hunan"}]});
    let id = app.send_inside(request(Method::POST, "", "/api/v1/accounts", Some(new))).await.expect(201).json()["id"].clone();
    let li = app.token(id.as_str().unwrap(), json!({})).await;
    let papers = format!("{ME}/certificates");
    assert_eq!(app.call(Method::POST, &li, &papers, json!({})).await.expect(422).code(), "no-hours");
    report(&app, &li, &played("film", noon(), 5_400)).await.expect(200);
    let paper = app.call(Method::POST, &li, &papers, json!({})).await.expect(201).json();
    assert_eq!((&paper["hours_tenths"], &paper["name"], &paper["days"]), (&json!(20), &json!("李秀英<b>"), &json!(1)));
    assert!(paper["number"].as_str().unwrap().ends_with("-000001"), "{paper}");
    assert_eq!(app.call(Method::POST, &li, &papers, json!({})).await.expect(201).json(), paper, "nothing was learned since");
    let code = paper["code"].as_str().unwrap();
    let typed = code.replace('-', "").to_lowercase();
    assert_eq!(app.get("", &format!("/api/v1/certificates/{typed}")).await.expect(200).json(), paper);
    let page = app.get("", &format!("/api/v1/certificates/{code}/page.html")).await.expect(200);
    let text = String::from_utf8(page.body.clone()).unwrap();
    assert!(text.contains("李秀英&lt;b&gt;") && text.contains("<strong>2.0</strong> 学时") && text.contains(code), "{text}");
    assert!(text.contains(&format!("https://yuelu.example/api/v1/certificates/{code}/page.html")), "{text}");
    // The paper stays as it was; what is learned later makes another.
    report(&app, &li, &played("more", noon() + 7_200, 2_700)).await.expect(200);
    assert_eq!(app.get("", &format!("/api/v1/certificates/{code}")).await.json()["hours_tenths"], 20);
    let second = app.call(Method::POST, &li, &papers, json!({})).await.expect(201).json();
    assert_eq!((&second["hours_tenths"], second["number"].as_str().unwrap().ends_with("-000002")), (&json!(30), true));
    assert_eq!(app.get(&li, &papers).await.expect(200).json().as_array().unwrap().len(), 2);
    assert_eq!(app.call(Method::POST, &li, &papers, json!({"name": "王某"})).await.expect(422).code(), "bad-name");
    for unknown in ["2222-2222-2222-2222", "x", "0"] {
        app.get("", &format!("/api/v1/certificates/{unknown}")).await.expect(404);
    }
    app.call(Method::DELETE, &li, ME, json!(null)).await.expect(204);
    app.get("", &format!("/api/v1/certificates/{code}")).await.expect(404);
    app.close().await;
}

#[tokio::test]
async fn a_platform_certifies_its_own_learners_by_name() {
    let app = TestApp::new().await;
    let platform = app.account("changsha", "platform", "/hunan/changsha").await;
    let own: Vec<Value> = played("film", noon(), 2_700)
        .into_iter()
        .map(|mut event| {
            event["learner"] = json!("zhang");
            event
        })
        .collect();
    report(&app, &platform, &own).await.expect(200);
    let papers = "/api/v1/learners/zhang/certificates";
    assert_eq!(app.call(Method::POST, &platform, papers, json!({})).await.expect(422).code(), "bad-name");
    let paper = app.call(Method::POST, &platform, papers, json!({"name": "张三"})).await.expect(201).json();
    assert_eq!((&paper["name"], &paper["hours_tenths"]), (&json!("张三"), &json!(10)));
    let other = app.account("zhuzhou", "platform", "/hunan/zhuzhou").await;
    assert_eq!(app.call(Method::POST, &other, papers, json!({"name": "张三"})).await.expect(422).code(), "no-hours", "its own zhang");
    app.close().await;
}
