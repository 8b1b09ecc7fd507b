//! What is asked about: in each of three organisations an account, deposits, and submissions and resources in several states.

use super::cast::{ACTORS, FOREIGN, OFFICE, OWN, SIBLING};
use crate::program::vetters::approve;
use crate::program::{Answer, Api, Server, eventually, packages};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tempfile::TempDir;

/// What one organisation has.
pub struct Place {
    /// `own`, `sibling` or `foreign`.
    pub word: &'static str,
    /// Its path.
    pub path: &'static str,
    /// Sign-in name of its contributor.
    pub person: String,
    /// Sign-in name of its own reviewer, who is no column.
    pub judge: String,
    /// A deposit.
    pub deposit: String,
    /// A submission under review.
    pub review: String,
    /// A comment on it.
    pub comment: String,
    /// One before final approval.
    pub last: String,
    /// One that waits for the office.
    pub office: String,
    /// One that was refused.
    pub rejected: String,
    /// One whose refusal was appealed against.
    pub appealed: String,
    /// One that was published.
    pub published: String,
    /// The resource it became, for the organisation's members only.
    pub resource: String,
    /// A complaint about it.
    pub complaint: String,
}

/// A served data directory with all of it.
pub struct Stage {
    /// Clients of the columns' actors, in order.
    pub actors: Vec<Api>,
    /// A client of who acts for an office over the own institution.
    pub office: Api,
    /// A client of the site's administrator, who is no column.
    pub admin: Api,
    /// The three organisations.
    pub places: Vec<Place>,
    /// The webhook last made for each organisation.
    pub webhooks: Mutex<HashMap<String, String>>,
    _server: Server,
    _dir: TempDir,
}

/// Sends JSON.
pub async fn send(api: &Api, method: Method, path: &str, body: &Value) -> Answer {
    api.send(method, path, &[("content-type", "application/json")], body.to_string().into_bytes()).await
}

/// Makes an account and gives a client with its token.
pub async fn person(server: &Server, admin: &Api, name: &str, assignments: &Value, more: &[(&str, Value)]) -> Api {
    let mut new = json!({"name": name, "assignments": assignments});
    more.iter().for_each(|(key, value)| new[*key] = value.clone());
    admin.post("/api/v1/accounts", &new).await.ok();
    let made = admin.post(&format!("/api/v1/accounts/{name}/tokens"), &json!({})).await.ok();
    server.api(made["token"].as_str().unwrap())
}

/// A package with a text and a cover, for the organisation's members only.
fn package(id: &str, title: &str, word: &str) -> Vec<u8> {
    let mut files = packages::document(id, title, word);
    let manifest = String::from_utf8(files[0].1.clone()).unwrap();
    let access = "[access]\nvisibility = \"organisation\"\n\n[[files]]\npath = \"cover.png\"\nrole = \"cover\"\n\n[[files]]\n";
    files[0].1 = manifest.replacen("[[files]]\n", access, 1).into_bytes();
    files.push(("cover.png".to_owned(), packages::picture(320, 200)));
    packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

impl Stage {
    /// Sets the stage.
    pub async fn set() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path());
        let admin = server.api(&server.add_user("root-admin", "administrator", "/", &[]));
        let over = |role: &str, scope: &str| json!([{"role": role, "scope": scope}]);
        let reviewer = person(&server, &admin, "stage-reviewer", &over("reviewer", "/"), &[]).await;
        let approver = person(&server, &admin, "stage-approver", &over("committee", "/"), &[]).await;
        let mut places = Vec::new();
        for (word, path) in [("own", OWN), ("sibling", SIBLING), ("foreign", FOREIGN)] {
            places.push(furnish(&server, &admin, &reviewer, &approver, word, path).await);
        }
        hold_and_remove(&admin).await;
        let mut actors = Vec::new();
        for actor in &ACTORS {
            actors.push(match actor.role {
                None => server.visitor(),
                Some(role) => person(&server, &admin, &format!("actor-{}", actor.name), &over(role, actor.scope), &[]).await,
            });
        }
        let office = person(&server, &admin, "actor-office", &over(OFFICE.role.unwrap(), OFFICE.scope), &[]).await;
        Self { actors, office, admin, places, webhooks: Mutex::default(), _server: server, _dir: dir }
    }

    /// The organisation of this word.
    pub fn place(&self, word: &str) -> &Place {
        self.places.iter().find(|place| place.word == word).unwrap_or_else(|| panic!("no organisation is called {word}"))
    }

    /// Ids of all submissions.
    pub fn submissions(&self) -> Vec<String> {
        let of = |place: &Place| {
            [&place.review, &place.last, &place.office, &place.rejected, &place.appealed, &place.published].map(Clone::clone)
        };
        self.places.iter().flat_map(of).collect()
    }

    /// Ids of all accounts.
    pub async fn accounts(&self) -> Vec<String> {
        let page = self.admin.get("/api/v1/accounts?limit=100").await.ok();
        page["items"].as_array().unwrap().iter().map(|account| account["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// Public resources of the foreign branch: `open` is served, `held` is suspended, `gone` has been removed.
async fn hold_and_remove(admin: &Api) {
    let row = |id: &str| json!({"id": id, "title": format!("公开资源 {id}"), "owner": FOREIGN}).to_string();
    let rows = ["open", "held", "gone"].map(row).join("\n");
    let kind = [("content-type", "application/x-ndjson")];
    let import = format!("/api/v1/imports?vetted_by=Board&source=lib&owner={FOREIGN}");
    let done = admin.send(Method::POST, &import, &kind, rows.into_bytes()).await.ok();
    assert_eq!(done["created"], 3, "{done}");
    for (id, action) in [("held", "suspend"), ("gone", "retire")] {
        admin.post(&format!("/api/v1/resources/{id}/state"), &json!({"action": action, "reason": "有投诉"})).await.ok();
    }
}

async fn furnish(server: &Server, admin: &Api, reviewer: &Api, approver: &Api, word: &'static str, path: &'static str) -> Place {
    let name = format!("stage-{word}");
    let held = json!([{"role": "contributor", "scope": path}]);
    let contributor = person(server, admin, &name, &held, &[("institution", json!(format!("{word}学院")))]).await;
    let held = json!([{"role": "manager", "scope": path}]);
    let second = person(server, admin, &format!("{name}-second"), &held, &[("institution", json!(format!("{word}学院")))]).await;
    let judge = format!("judge-{word}");
    person(server, admin, &judge, &json!([{"role": "reviewer", "scope": path}]), &[]).await;
    let mut submissions = Vec::new();
    let mut deposit = String::new();
    for part in ["review", "last", "office", "rejected", "appealed", "published"] {
        let bytes = package(&format!("{word}-{part}"), &format!("{word}的{part}材料"), &format!("{word}x{part}"));
        let headers = [("content-type", "application/zip")];
        let receipt = contributor.send(Method::POST, "/api/v1/deposits?pledge=2026-1", &headers, bytes).await.ok();
        deposit = receipt["id"].as_str().unwrap().to_owned();
        submissions.push(under_review(&contributor, &second, &deposit).await);
    }
    let [review, last, office, rejected, appealed, published] = submissions.try_into().unwrap();
    admin.post(&format!("/api/v1/reviews/{office}/flags"), &json!({"flag": "ethnic", "reason": "涉及民族风俗"})).await.ok();
    for (id, verdict) in
        [(&last, None), (&office, None), (&rejected, Some("reject")), (&appealed, Some("reject")), (&published, Some("pass"))]
    {
        reviewer.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await.ok();
        let opinion = json!({"verdict": "pass", "text": "内容完整，同意。"});
        reviewer.post(&format!("/api/v1/reviews/{id}/opinion"), &opinion).await.ok();
        if let Some(verdict) = verdict {
            let decision = json!({"verdict": verdict, "reason": "不合要求"});
            approver.post(&format!("/api/v1/reviews/{id}/decision"), &decision).await.ok();
        }
    }
    contributor.post(&format!("/api/v1/submissions/{appealed}/appeal"), &json!({"reason": "请再看一遍"})).await.ok();
    let comment = json!({"text": "请看第二节。", "audience": "submitter"});
    let comment = contributor.post(&format!("/api/v1/submissions/{review}/comments"), &comment).await.ok();
    let resource = contributor.get(&format!("/api/v1/submissions/{published}")).await.ok();
    let complaint = json!({"resource": resource["resource"], "kind": "content_error", "text": "有一处错误"});
    let complaint = admin.post("/api/v1/complaints", &complaint).await.ok();
    Place {
        word,
        path,
        person: name,
        judge,
        deposit,
        review,
        comment: comment["id"].as_str().unwrap().to_owned(),
        last,
        office,
        rejected,
        appealed,
        published,
        resource: resource["resource"].as_str().unwrap().to_owned(),
        complaint: complaint["id"].as_str().unwrap().to_owned(),
    }
}

async fn under_review(contributor: &Api, second: &Api, deposit: &str) -> String {
    let path = format!("/api/v1/submissions?deposit={deposit}");
    let looking = async || {
        let page = contributor.get(&path).await.ok();
        let submission = page["items"].get(0)?.clone();
        let state = submission["state"]["code"].as_str().unwrap();
        assert_ne!(state, "returned", "{submission}");
        (state == "approval").then(|| submission["id"].as_str().unwrap().to_owned())
    };
    let submission = eventually("a checked submission", Duration::from_secs(60), looking).await;
    approve(second, deposit).await;
    submission
}
