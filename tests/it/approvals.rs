//! The institution's approval: a second person, a stamped pledge, a list that is what was signed.

use crate::program::vetters::{stamp, stamp_request};
use crate::program::{Server, Vetters, eventually, packages};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const INSTITUTION: &str = "岳麓示范社区学院";

/// A deposit of three rows, checked.
async fn three(vetters: &Vetters) -> (String, Vec<Value>) {
    let rows: Vec<_> = (1..=3).map(|row| (format!("BAT-{row}"), format!("第{row}讲 居家防火"))).collect();
    let deposit = vetters.deposit(packages::catalogue(&rows)).await.ok();
    let id = deposit["id"].as_str().unwrap().to_owned();
    let lines = vetters.examined(&id).await;
    assert_eq!(lines.len(), 3, "{}", vetters.contributor.get(&format!("/api/v1/deposits/{id}")).await);
    (id, lines)
}

fn state(line: &Value) -> &str {
    line["state"]["code"].as_str().unwrap()
}

#[tokio::test]
async fn nothing_is_reviewed_before_a_second_person_stamped_what_is_on_the_list() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let vetters = Vetters::register(&server, INSTITUTION);
    let (deposit, lines) = three(&vetters).await;
    assert_eq!(lines.iter().map(state).collect::<Vec<_>>(), ["approval"; 3], "{lines:?}");
    let nothing = vetters.reviewer.post("/api/v1/reviews/next", &json!({})).await;
    assert_eq!(nothing.status, 204, "{nothing}");
    let first = lines[0]["id"].as_str().unwrap();
    let hidden = vetters.reviewer.get(&format!("/api/v1/submissions/{first}")).await;
    assert_eq!(hidden.status, 404, "it is the institution's still");

    let path = format!("/api/v1/deposits/{deposit}/pledge");
    let sheet = vetters.second.get(&path).await.ok();
    assert_eq!((sheet["works"].as_array().unwrap().len(), sheet["self_review"].as_array().unwrap().len()), (3, 7), "{sheet}");
    let page = vetters.second.get(&format!("{path}.html")).await;
    let (list, text) = (sheet["list"].as_str().unwrap(), page.to_string());
    assert!(text.contains(list) && text.contains("第2讲 居家防火") && text.contains(INSTITUTION), "{text}");

    // Not by whoever deposited, not by strangers, not without the whole form, not another list, not any file.
    let send = async |api: &crate::program::Api, path: &str, scan: Vec<u8>| {
        api.send(Method::POST, path, &[("content-type", "application/octet-stream")], scan).await
    };
    let (good, scan) = (stamp_request(&sheet), packages::picture(64, 64));
    let told = send(&vetters.contributor, &good, scan.clone()).await;
    assert_eq!(told.status, 403, "{told}");
    assert_eq!(send(&vetters.reviewer, &good, scan.clone()).await.status, 404);
    let short = good.replace("political,", "");
    let told = send(&vetters.second, &short, scan.clone()).await;
    assert_eq!((told.status.as_u16(), &told.json()["code"]), (400, &json!("self-review")), "{told}");
    assert!(told.to_string().contains("政治性"), "{told}");
    let other = good.replace(list, "0123456789abcdef");
    let told = send(&vetters.second, &other, scan.clone()).await;
    assert_eq!((told.status.as_u16(), &told.json()["code"]), (412, &json!("list-changed")), "{told}");
    let told = send(&vetters.second, &good, b"<html>".to_vec()).await;
    assert_eq!((told.status.as_u16(), &told.json()["code"]), (415, &json!("scan-type")), "{told}");

    // One is taken back meanwhile: what was printed is no longer what is there.
    vetters.contributor.post(&format!("/api/v1/submissions/{first}/withdrawal"), &json!({})).await.ok();
    let told = send(&vetters.second, &good, scan).await;
    assert_eq!((told.status.as_u16(), &told.json()["code"]), (412, &json!("list-changed")), "{told}");

    let sheet = vetters.second.get(&path).await.ok();
    let kept = stamp(&vetters.second, &sheet).await;
    assert_eq!(kept.status, 202, "{kept}");
    let looking = async || {
        let page = vetters.contributor.get(&format!("/api/v1/submissions?deposit={deposit}")).await.ok();
        let mut states: Vec<String> = page["items"].as_array().unwrap().iter().map(|line| state(line).to_owned()).collect();
        states.sort();
        (states == ["review", "review", "withdrawn"]).then_some(())
    };
    eventually("two under review", Duration::from_secs(60), looking).await;

    // The scan is kept, and every approval names it in the ledger.
    let pledge = kept.json()["id"].as_str().unwrap().to_owned();
    let scan = vetters.second.get(&format!("/api/v1/deposits/{deposit}/stamped-pledges/{pledge}")).await;
    assert_eq!((scan.status.as_u16(), scan.header("content-type")), (200, "image/png"));
    assert_eq!(vetters.reviewer.get(&format!("/api/v1/deposits/{deposit}/stamped-pledges/{pledge}")).await.status, 404);
    let second = lines[1]["id"].as_str().unwrap();
    let history = vetters.contributor.get(&format!("/api/v1/submissions/{second}/history")).await.ok();
    let approved = history.as_array().unwrap().iter().find(|entry| entry["action"] == "approve").unwrap();
    assert_eq!((&approved["facts"]["pledge"], &approved["party"]), (&json!(pledge), &json!("manager")), "{approved}");
    let again = stamp(&vetters.second, &sheet).await;
    assert_eq!((again.status.as_u16(), &again.json()["code"]), (409, &json!("nothing-to-approve")), "{again}");
}

#[tokio::test]
async fn the_institution_may_send_one_back_to_its_own_people() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let vetters = Vetters::register(&server, INSTITUTION);
    let deposit = vetters.deposit(packages::document_zip("OWN-1", "居家防火", "灭火毯")).await.ok();
    let lines = vetters.examined(deposit["id"].as_str().unwrap()).await;
    let id = lines[0]["id"].as_str().unwrap();
    let decision = json!({"decision": "return", "reason": "请补充图片来源。"});
    let returned = vetters.second.post(&format!("/api/v1/reviews/{id}/screening"), &decision).await.ok();
    assert_eq!((state(&returned), &returned["state"]["reason"]), ("returned", &json!("请补充图片来源。")), "{returned}");
    // At any later stage an institution decides nothing about its own work.
    let refuse = vetters.second.post(&format!("/api/v1/reviews/{id}/screening"), &json!({"decision": "refuse", "reason": "不"})).await;
    assert_eq!(refuse.status, 403, "{refuse}");
}
