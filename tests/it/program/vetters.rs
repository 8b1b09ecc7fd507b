//! A depositor, a reviewer and an approver, who get a package published.

use super::{Answer, Api, Server, eventually, packages};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// The three of them.
pub struct Vetters {
    /// Deposits for [`Vetters::OWNER`].
    pub contributor: Api,
    /// Approves for the institution.
    pub second: Api,
    /// Reviews.
    pub reviewer: Api,
    /// Decides.
    pub approver: Api,
}

impl Vetters {
    /// Organisation that deposits.
    pub const OWNER: &str = "/hunan/changsha/yuelu-college";

    /// Makes the accounts; `institution` is the depositor's.
    pub fn register(server: &Server, institution: &str) -> Self {
        Self {
            contributor: server.api(&server.add_user("contributor", "contributor", Self::OWNER, &["--institution", institution])),
            second: server.api(&server.add_user("second", "manager", Self::OWNER, &["--institution", institution])),
            reviewer: server.api(&server.add_user("reviewer", "reviewer", "/", &[])),
            approver: server.api(&server.add_user("approver", "committee", "/", &[])),
        }
    }

    /// Sends a package.
    pub async fn deposit(&self, package: Vec<u8>) -> Answer {
        let headers = [("content-type", "application/zip")];
        self.contributor.send(Method::POST, "/api/v1/deposits?pledge=2026-1", &headers, package).await
    }

    /// Waits until all that came of a deposit is checked and, where it passed, approved by its institution; gives its submissions
    /// in full.
    pub async fn checked(&self, deposit: &str) -> Vec<Value> {
        let lines = self.examined(deposit).await;
        approve(&self.second, deposit).await;
        let mut whole = Vec::new();
        for line in lines {
            whole.push(self.contributor.get(&format!("/api/v1/submissions/{}", line["id"].as_str().unwrap())).await.ok());
        }
        whole
    }

    /// Waits until the deposit has been unpacked and all that came of it is checked; gives a line for each submission.
    pub async fn examined(&self, deposit: &str) -> Vec<Value> {
        let looking = async || {
            let receipt = self.contributor.get(&format!("/api/v1/deposits/{deposit}")).await.ok();
            let state = receipt["state"]["code"].as_str().unwrap().to_owned();
            let page = self.contributor.get(&format!("/api/v1/submissions?deposit={deposit}&limit=100")).await.ok();
            let items = page["items"].as_array().unwrap().clone();
            let busy = |item: &Value| ["submitted", "checking"].contains(&item["state"]["code"].as_str().unwrap());
            (state != "received" && !items.iter().any(busy)).then_some(items)
        };
        eventually("a checked deposit", Duration::from_secs(90), looking).await
    }

    /// Has a package of one work published, until search finds it; gives the resource's id.
    pub async fn publish(&self, package: Vec<u8>) -> String {
        let decided = self.decide(package).await;
        assert_eq!(decided["state"]["code"], "published", "{decided}");
        let position = decided["version"].as_u64().unwrap();
        self.approver.get(&format!("/api/v1/search?limit=1&after={position}")).await.ok();
        decided["resource"].as_str().unwrap().to_owned()
    }

    /// Has a package of one work passed by all stages; gives the submission after the decision.
    pub async fn decide(&self, package: Vec<u8>) -> Value {
        let deposit = self.deposit(package).await.ok();
        let submissions = self.checked(deposit["id"].as_str().unwrap()).await;
        let [submission] = submissions.as_slice() else { panic!("not one submission: {submissions:?}") };
        assert_eq!(submission["state"]["code"], "review", "{submission}");
        let id = submission["id"].as_str().unwrap();
        self.reviewer.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await.ok();
        let opinion = json!({"verdict": "pass", "text": "内容完整，同意。"});
        self.reviewer.post(&format!("/api/v1/reviews/{id}/opinion"), &opinion).await.ok();
        self.approver.post(&format!("/api/v1/reviews/{id}/decision"), &json!({"verdict": "pass", "reason": ""})).await.ok()
    }
}

/// Sends the stamped pledge for what of a deposit waits for its institution, as far as something does, and waits until it is approved.
pub async fn approve(second: &Api, deposit: &str) {
    let sheet = second.get(&format!("/api/v1/deposits/{deposit}/pledge")).await.ok();
    if sheet["works"].as_array().unwrap().is_empty() {
        return;
    }
    let answer = stamp(second, &sheet).await;
    assert_eq!(answer.status, 202, "{answer}");
    let path = format!("/api/v1/submissions?deposit={deposit}&state=approval&limit=1");
    let looking = async || second.get(&path).await.ok()["items"].as_array().unwrap().is_empty().then_some(());
    eventually("an approved deposit", Duration::from_secs(60), looking).await;
}

/// Sends a stamped pledge for what a sheet lists.
pub async fn stamp(second: &Api, sheet: &Value) -> Answer {
    second.send(Method::POST, &stamp_request(sheet), &[("content-type", "image/png")], packages::picture(320, 200)).await
}

/// Where the scan for a sheet is sent, with what must be said with it.
pub fn stamp_request(sheet: &Value) -> String {
    let deposit = sheet["deposit"].as_str().unwrap();
    let confirmed: Vec<&str> = sheet["self_review"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect();
    let (list, confirmed) = (sheet["list"].as_str().unwrap(), confirmed.join(","));
    format!("/api/v1/deposits/{deposit}/stamped-pledges?list={list}&confirmed={confirmed}")
}
