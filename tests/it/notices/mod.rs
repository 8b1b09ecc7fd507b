//! Who is told what, by which ways, and that nothing else needs it to work.

mod channels;
mod inbox;
mod listener;
mod mail;
mod mail_server;
mod waiting;
mod webhooks;
mod weeks;

use crate::program::{Api, Server, Vetters, eventually, packages};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Longest wait for something that is told: a second attempt comes after five seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// The depositor's institution.
const INSTITUTION: &str = "岳麓示范社区学院";

/// A served data directory with these lines of configuration, its vetters and an editor.
struct House {
    server: Server,
    vetters: Vetters,
    editor: Api,
    admin: Api,
}

impl House {
    fn open(dir: &Path, config: &str) -> Self {
        std::fs::write(dir.join("yuelu.toml"), config).unwrap();
        let server = Server::start(dir);
        let vetters = Vetters::register(&server, INSTITUTION);
        let editor = server.api(&server.add_user("desk", "editor", "/", &[]));
        let admin = server.api(&server.add_user("root-admin", "administrator", "/", &[]));
        Self { server, vetters, editor, admin }
    }

    /// A submission that a reviewer has claimed.
    async fn claimed(&self, id: &str, title: &str) -> String {
        let deposit = self.vetters.deposit(packages::document_zip(id, title, id)).await.ok();
        let submissions = self.vetters.checked(deposit["id"].as_str().unwrap()).await;
        let submission = submissions[0]["id"].as_str().unwrap().to_owned();
        self.vetters.reviewer.post(&format!("/api/v1/reviews/{submission}/claim"), &json!({})).await.ok();
        submission
    }

    /// Has a claimed submission returned by the editor; gives its id.
    async fn returned(&self, id: &str, title: &str) -> String {
        let submission = self.claimed(id, title).await;
        let decision = json!({"decision": "return", "reason": "请补充练习。"});
        self.editor.post(&format!("/api/v1/reviews/{submission}/screening"), &decision).await.ok();
        submission
    }
}

/// `PUT` of JSON.
async fn put(api: &Api, path: &str, body: &Value) -> crate::program::Answer {
    let kind = [("content-type", "application/json")];
    api.send(reqwest::Method::PUT, path, &kind, body.to_string().into_bytes()).await
}

/// Waits for a notice of this code about this submission or resource.
async fn told(api: &Api, code: &str, subject: &str) -> Value {
    let looking = async || {
        let inbox = api.get("/api/v1/notices?limit=100").await.ok();
        inbox["items"].as_array().unwrap().iter().find(|one| one["code"] == code && one["subject_id"] == subject).cloned()
    };
    eventually(&format!("a notice {code}"), PATIENCE, looking).await
}

/// The whole inbox.
async fn inbox(api: &Api) -> Vec<Value> {
    api.get("/api/v1/notices?limit=100").await.ok()["items"].as_array().unwrap().clone()
}

/// Waits until everything that is committed by now has been told.
async fn all_told(server: &Server, admin: &Api) {
    let head = admin.get("/readyz").await.ok()["head"].as_u64().unwrap();
    let looking = async || {
        let ready = server.visitor().get("/readyz").await.json();
        (ready["followers"]["notices"]["position"].as_u64()? >= head).then_some(())
    };
    eventually("the follower of notices", PATIENCE, looking).await;
}

/// Gives an account an address on a channel and confirms it with the code that `code` finds.
async fn confirmed(api: &Api, channel: &str, address: &str, code: impl AsyncFnOnce() -> String) {
    let settings = put(api, "/api/v1/notices/settings", &json!({"addresses": {channel: address}})).await.ok();
    assert_eq!(settings["unconfirmed"][channel], address);
    assert!(settings["addresses"].get(channel).is_none(), "not used before its code came back: {settings}");
    let code = code().await;
    let confirmation = json!({"channel": channel, "code": code});
    let settings = api.post("/api/v1/notices/settings/confirmation", &confirmation).await.ok();
    assert_eq!(settings["addresses"][channel], address, "{settings}");
}
