//! How each operation is asked, so that an answer tells whether it would be done, and what is asked about stays as it is.
//!
//! Steps that take `If-Match` are asked with a version that never was: 412 means "you may, but not now".

use super::stage::{Place, Stage};
use crate::program::{Answer, Api};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

/// Makes names that were not used before.
static TURN: AtomicU32 = AtomicU32::new(0);

/// Sends what an actor asks.
pub async fn send(stage: &Stage, api: &Api, operation: &str, object: &str) -> Answer {
    let (method, path) = operation.split_once(' ').unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let subject = Subject { stage, object };
    let address = format!("{}{}", subject.filled(path).await, subject.query(operation));
    let Some(body) = subject.body(operation) else {
        return api.send(method, &address, &headers(operation, None), Vec::new()).await;
    };
    api.send(method, &address, &headers(operation, Some(body.0)), body.1).await
}

fn headers(operation: &str, kind: Option<&'static str>) -> Vec<(&'static str, &'static str)> {
    let guarded = [
        "/state",
        "/withdrawal",
        "/waivers",
        "/appeal",
        "/claim",
        "/opinion",
        "/countersign",
        "/flags",
        "/screening",
        "/decision",
        "/publication",
        "/appeal-answer",
        "/invitations",
        "/decline",
        "/recuse",
        "/counter-statement",
    ];
    let guarded = operation.starts_with("PATCH ") || (operation.starts_with("POST ") && guarded.iter().any(|end| operation.ends_with(end)));
    let tag = guarded.then_some(("if-match", "\"v0\""));
    tag.into_iter().chain(kind.map(|kind| ("content-type", kind))).collect()
}

/// What is asked about.
struct Subject<'a> {
    stage: &'a Stage,
    object: &'a str,
}

impl Subject<'_> {
    fn place(&self) -> &Place {
        self.stage.place(self.object)
    }

    async fn filled(&self, path: &str) -> String {
        let part = |name: &str, value: &str| path.replace(&format!("{{{name}}}"), value);
        if path.starts_with("/api/v1/resources/{id}") {
            let known = ["open", "held", "gone", "nothing"].contains(&self.object);
            let id = if known { self.object.to_owned() } else { self.place().resource.clone() };
            return part("id", &id).replace("{path}", if path.ends_with("/files/{path}") { "text.txt" } else { "" });
        }
        if path.starts_with("/api/v1/submissions/{id}") {
            let id = if path.ends_with("/appeal") { &self.place().rejected } else { &self.place().review };
            return part("id", id).replace("{comment}", &self.place().comment).replace("{path}", "text.txt");
        }
        if path.starts_with("/api/v1/reviews/{id}") {
            let place = self.place();
            let id = match path.rsplit('/').next() {
                Some("decision" | "publication") => &place.last,
                Some("countersign") => &place.office,
                Some("appeal-answer") => &place.appealed,
                _ => &place.review,
            };
            return part("id", id);
        }
        if path.starts_with("/api/v1/complaints/{id}") {
            return part("id", &self.place().complaint);
        }
        if path.starts_with("/api/v1/deposits/{id}") {
            return part("id", &self.place().deposit).replace("{pledge}", "no-such-pledge");
        }
        if path.starts_with("/api/v1/reviewers/{account}") {
            return part("account", &self.place().judge);
        }
        if path.starts_with("/api/v1/accounts/{account}") {
            let token = if path.contains("{token}") { self.fresh_token().await } else { String::new() };
            return part("account", &self.place().person).replace("{token}", &token);
        }
        if path.starts_with("/api/v1/webhooks/{webhook}") {
            return part("webhook", &self.fresh_webhook().await);
        }
        if path.starts_with("/api/v1/learners/{learner}") {
            let path = part("learner", &self.learner().replace('/', "%2F").replace('#', "%23"));
            return path
                .replace("{list}", "nothing")
                .replace("{kind}", "continue")
                .replace("{note}", "nothing")
                .replace("{resource}", "open")
                .replace("{class}", "nothing");
        }
        if path.starts_with("/api/v1/spot-checks/{id}")
            || path.starts_with("/api/v1/objections/{id}")
            || path.starts_with("/api/v1/public-notices/{id}")
        {
            return part("id", "nothing");
        }
        path.replace("{class}", "nothing")
            .replace("{list}", "kinds")
            .replace("{job}", "no-such-job")
            .replace("{notice}", "no-such-notice")
            .replace("{word}", "no-such-word")
            .replace("{search}", "no-such-search")
            .replace("{code}", "2222222222222222")
    }

    /// A learner: oneself, somebody by name, or one of an organisation's platform.
    fn learner(&self) -> String {
        match self.object {
            "me" => "me".to_owned(),
            "named" => self.stage.place("own").person.clone(),
            _ => format!("{}#li", self.place().path),
        }
    }

    async fn fresh_webhook(&self) -> String {
        let made = self.stage.admin.post("/api/v1/webhooks", &self.webhook()).await.ok();
        let id = made["id"].as_str().unwrap().to_owned();
        // The organisation takes a limited number: the one before goes.
        let before = self.stage.webhooks.lock().unwrap().insert(self.object.to_owned(), id.clone());
        if let Some(before) = before {
            self.stage.admin.send(Method::DELETE, &format!("/api/v1/webhooks/{before}"), &[], Vec::new()).await;
        }
        id
    }

    fn webhook(&self) -> Value {
        json!({"scope": self.place().path, "url": "https://college.example/hook", "events": ["submission.notice"]})
    }

    async fn fresh_token(&self) -> String {
        let path = format!("/api/v1/accounts/{}/tokens", self.place().person);
        self.stage.admin.post(&path, &json!({"label": "to be revoked"})).await.ok()["id"].as_str().unwrap().to_owned()
    }

    fn query(&self, operation: &str) -> String {
        match operation {
            "POST /api/v1/deposits" => format!("?pledge=2026-1&owner={}", self.place().path),
            "GET /api/v1/deposits" | "GET /api/v1/submissions" if self.object != "-" => format!("?owner={}", self.place().path),
            "POST /api/v1/imports" => format!("?vetted_by=Board&source=walk&owner={}", self.place().path),
            "GET /api/v1/resources/by-source-id" if self.object == "nothing" => "?source=lib&id=nothing".to_owned(),
            "GET /api/v1/resources/by-source-id" => format!("?source={}&id={}-published", self.place().path, self.object),
            "DELETE /api/v1/search-queries" => "?week=2026-11-23&query=nothing".to_owned(),
            "GET /api/v1/reviews/sheet" => "?month=2026-11".to_owned(),
            "GET /api/v1/resources/{id}/thumbnail" => "?path=cover.png".to_owned(),
            "POST /api/v1/deposits/{id}/stamped-pledges" => "?list=nothing&confirmed=political".to_owned(),
            "PUT /api/v1/xapi/statements" => "?statementId=7c1ec8f4-2d3c-4f31-9a53-1f0a1b2c3d4e".to_owned(),
            "POST /api/v1/events" if self.object == "others" => "?source=others".to_owned(),
            _ => String::new(),
        }
    }

    fn body(&self, operation: &str) -> Option<(&'static str, Vec<u8>)> {
        let json = |value: Value| Some(("application/json", value.to_string().into_bytes()));
        let reason = "理由";
        match operation {
            // Who may deposit is told that this is no ZIP file.
            "POST /api/v1/deposits" => Some(("application/zip", b"no zip".to_vec())),
            "POST /api/v1/imports" => Some(("application/x-ndjson", Vec::new())),
            "POST /api/v1/accounts" => {
                let name = format!("made-{}", TURN.fetch_add(1, Ordering::Relaxed));
                json(json!({"name": name, "assignments": [{"role": "contributor", "scope": self.place().path}]}))
            }
            "PATCH /api/v1/accounts/{account}" => json(json!({"display": "甲"})),
            "PUT /api/v1/accounts/{account}/lock" => json(json!({"locked": false})),
            "POST /api/v1/accounts/{account}/tokens" => json(json!({})),
            "POST /api/v1/sessions" => json(json!({"name": "nobody", "password": "nothing at all"})),
            "POST /api/v1/backups" => json(json!({"target": "relative"})),
            "POST /api/v1/verification" => json(json!({"blobs": false})),
            "POST /api/v1/rules/diff" | "POST /api/v1/rules/test" => json(json!({"files": {}})),
            "POST /api/v1/evaluations" => json(json!({"lists": 1})),
            "POST /api/v1/search-words" => {
                let word = format!("词{}", TURN.fetch_add(1, Ordering::Relaxed));
                json(json!({"kind": "synonyms", "words": [word, "另一个词"]}))
            }
            "POST /api/v1/saved-searches" => json(json!({"name": "山歌", "query": {"q": "山歌"}})),
            "PATCH /api/v1/saved-searches/{search}" => json(json!({"paused": true})),
            "POST /api/v1/search-words/trial" => json(json!({"kind": "synonyms", "words": ["甲词", "乙词"]})),
            "POST /api/v1/evaluations/search" => json(json!({"queries": ["歌"]})),
            "POST /api/v1/events" => {
                let id = format!("walk-{}", TURN.fetch_add(1, Ordering::Relaxed));
                let learner = if self.object == "others" { "me".to_owned() } else { self.learner() };
                json(json!([{"id": id, "learner": learner, "resource": "open", "verb": "viewed", "at": "2026-11-20T08:00:00Z"}]))
            }
            "POST /api/v1/xapi/statements" | "PUT /api/v1/xapi/statements" => {
                let actor = json!({"account": {"homePage": "https://school.example", "name": self.learner()}});
                let (verb, object) = (json!({"id": "http://adlnet.gov/expapi/verbs/experienced"}), json!({"id": "https://a.example/open"}));
                json(json!({"actor": actor, "verb": verb, "object": object}))
            }
            "POST /api/v1/classes" | "PUT /api/v1/classes/{class}" => json(json!({"name": "一班", "resources": ["open"]})),
            "POST /api/v1/learners/{learner}/classes" => json(json!({"code": "2222222222222222"})),
            "POST /api/v1/gatherings" => json(json!({
                "id": "walk", "resource": "open", "began": "2026-11-20T08:00:00Z", "minutes": 5, "learners": [self.learner()]
            })),
            "POST /api/v1/learners/{learner}/lists" | "PATCH /api/v1/learners/{learner}/lists/{list}" => json(json!({"name": "山歌"})),
            "POST /api/v1/learners/{learner}/notes" | "PUT /api/v1/learners/{learner}/notes/{note}" => {
                json(json!({"resource": "open", "text": "一条笔记"}))
            }
            // Who may certify is told that nothing was learned.
            "POST /api/v1/learners/{learner}/certificates" if self.object == "me" => json(json!({})),
            "POST /api/v1/learners/{learner}/certificates" => json(json!({"name": "张三"})),
            "PUT /api/v1/learners/{learner}/personalisation" => json(json!({"on": true})),
            "PUT /api/v1/learners/{learner}/protection" => json(json!({"kind": "adult"})),
            "POST /api/v1/learners/{learner}/protection/consent" => json(json!({"relation": "母亲", "text": "2026-1"})),
            "PUT /api/v1/notices/settings" => json(json!({"channels": {"desk": []}})),
            "POST /api/v1/notices/settings/confirmation" => json(json!({"channel": "email", "code": "000000"})),
            "POST /api/v1/webhooks" => json(self.webhook()),
            "PUT /api/v1/webhooks/{webhook}" => json(json!({"url": "https://college.example/hook", "active": true})),
            "PATCH /api/v1/resources/{id}" => json(json!({"reason": reason, "keywords": ["甲"]})),
            "POST /api/v1/resources/{id}/state" => json(json!({"action": "suspend", "reason": reason})),
            // Who may complain is told what is missing.
            "POST /api/v1/complaints" => json(json!({"resource": self.object, "kind": "copyright"})),
            "POST /api/v1/resources/take-downs" => json(json!({"action": "suspend", "reason": reason, "ids": []})),
            "POST /api/v1/spot-checks/{id}/result" => json(json!({"result": "pass", "reason": reason})),
            "POST /api/v1/public-notices/{id}/objections" => json(json!({"text": "不妥"})),
            "POST /api/v1/objections/{id}/answer" => json(json!({"answer": "accept"})),
            "POST /api/v1/complaints/followed" | "POST /api/v1/objections/followed" => json(json!({"code": "nobody's"})),
            "POST /api/v1/complaints/{id}/decision" => json(json!({"decision": "dismiss", "reason": reason})),
            "POST /api/v1/complaints/{id}/counter-statement" => json(json!({"name": "某机构"})),
            "POST /api/v1/submissions/{id}/appeal" => json(json!({"reason": reason})),
            "POST /api/v1/submissions/{id}/waivers" => json(json!({"waived": [{"rule": "PRIVACY-ID"}], "reason": reason})),
            "POST /api/v1/submissions/{id}/comments" => json(json!({"text": "一条意见", "audience": "internal"})),
            "PUT /api/v1/submissions/{id}/comments/{comment}/done" => json(json!({"done": true})),
            "POST /api/v1/reviews/{id}/opinion" => json(json!({"verdict": "pass", "text": "同意"})),
            "PUT /api/v1/reviewers/me" | "PUT /api/v1/reviewers/{account}" => json(json!({})),
            "PUT /api/v1/reviewers/me/phrases" => json(json!({"phrases": []})),
            "PUT /api/v1/reviews/{id}/draft" => json(json!({"text": "草稿"})),
            "POST /api/v1/reviews/{id}/invitations" => json(json!({"account": self.place().judge})),
            "POST /api/v1/reviews/{id}/decline" | "POST /api/v1/reviews/{id}/recuse" => json(json!({"reason": reason})),
            "POST /api/v1/reviews/{id}/countersign" => json(json!({"answer": "object", "text": reason})),
            "POST /api/v1/reviews/{id}/flags" => json(json!({"flag": "religious", "reason": reason})),
            "POST /api/v1/reviews/decisions" => json(json!({"verdict": "pass", "items": []})),
            "POST /api/v1/reviews/{id}/screening" => json(json!({"decision": "return", "reason": reason})),
            "POST /api/v1/reviews/{id}/decision" => json(json!({"verdict": "pass", "reason": ""})),
            "POST /api/v1/reviews/{id}/appeal-answer" => json(json!({"answer": "uphold", "reason": reason})),
            _ => None,
        }
    }
}
