//! A depositor, a reviewer and an approver, who get a package published.

use super::{Answer, Api, Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// The three of them.
pub struct Vetters {
    /// Deposits for [`Vetters::OWNER`].
    pub contributor: Api,
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
            reviewer: server.api(&server.add_user("reviewer", "reviewer", "/", &[])),
            approver: server.api(&server.add_user("approver", "committee", "/", &[])),
        }
    }

    /// Sends a package.
    pub async fn deposit(&self, package: Vec<u8>) -> Answer {
        let headers = [("content-type", "application/zip")];
        self.contributor.send(Method::POST, "/api/v1/deposits?pledge=2026-1", &headers, package).await
    }

    /// Waits until the deposit has been unpacked and all that came of it is checked; gives its submissions in full.
    pub async fn checked(&self, deposit: &str) -> Vec<Value> {
        let looking = async || {
            let receipt = self.contributor.get(&format!("/api/v1/deposits/{deposit}")).await.ok();
            let state = receipt["state"]["code"].as_str().unwrap().to_owned();
            let page = self.contributor.get(&format!("/api/v1/submissions?deposit={deposit}&limit=100")).await.ok();
            let items = page["items"].as_array().unwrap().clone();
            let busy = |item: &Value| ["submitted", "checking"].contains(&item["state"]["code"].as_str().unwrap());
            (state != "received" && !items.iter().any(busy)).then_some(items)
        };
        let lines = eventually("a checked deposit", Duration::from_secs(90), looking).await;
        let mut whole = Vec::new();
        for line in lines {
            whole.push(self.contributor.get(&format!("/api/v1/submissions/{}", line["id"].as_str().unwrap())).await.ok());
        }
        whole
    }

    /// Has a package of one work published, until search finds it; gives the resource's id.
    pub async fn publish(&self, package: Vec<u8>) -> String {
        let deposit = self.deposit(package).await.ok();
        let submissions = self.checked(deposit["id"].as_str().unwrap()).await;
        let [submission] = submissions.as_slice() else { panic!("not one submission: {submissions:?}") };
        assert_eq!(submission["state"]["code"], "review", "{submission}");
        let id = submission["id"].as_str().unwrap();
        self.reviewer.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await.ok();
        let opinion = json!({"verdict": "pass", "text": "内容完整，同意。"});
        self.reviewer.post(&format!("/api/v1/reviews/{id}/opinion"), &opinion).await.ok();
        let decided = self.approver.post(&format!("/api/v1/reviews/{id}/decision"), &json!({"verdict": "pass", "reason": ""})).await.ok();
        assert_eq!(decided["state"]["code"], "published", "{decided}");
        let position = decided["version"].as_u64().unwrap();
        self.approver.get(&format!("/api/v1/search?limit=1&after={position}")).await.ok();
        submission["resource"].as_str().unwrap().to_owned()
    }
}
