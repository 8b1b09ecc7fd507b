//! Complaints after publication: the statutory way of a copyright notice, and what the desk looks into first.

use crate::program::{Answer, Api, Server, Vetters, eventually, packages};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const INSTITUTION: &str = "岳麓示范社区学院";

/// A site with one published resource, its people, a desk that took no part.
struct Site {
    server: Server,
    vetters: Vetters,
    manager: Api,
    editor: Api,
    resource: String,
    _dir: tempfile::TempDir,
}

impl Site {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path());
        let vetters = Vetters::register(&server, INSTITUTION);
        let manager = server.api(&server.add_user("manager", "manager", Vetters::OWNER, &["--institution", INSTITUTION]));
        let editor = server.api(&server.add_user("editor", "editor", "/", &[]));
        let resource = vetters.publish(packages::document_zip("c-1", "防诈骗读本", "防诈骗")).await;
        Self { server, vetters, manager, editor, resource, _dir: dir }
    }

    /// The status a visitor gets for the resource.
    async fn served(&self) -> StatusCode {
        self.server.visitor().get(&format!("/api/v1/resources/{}", self.resource)).await.status
    }

    async fn complain(&self, kind: &str) -> Value {
        let ask = json!({"resource": self.resource, "kind": kind, "text": "第二节的电话号码是真实的。"});
        self.server.visitor().post("/api/v1/complaints", &ask).await.ok()
    }

    async fn decide(&self, complaint: &Value, decision: &str) -> Answer {
        let path = format!("/api/v1/complaints/{}/decision", complaint["id"].as_str().unwrap());
        self.editor.post(&path, &json!({"decision": decision, "reason": "已核实"})).await
    }

    fn close(self) {
        let report: Value = serde_json::from_str(&self.server.run(["--json", "verify"])).unwrap();
        assert_eq!(report["clean"], true, "{report}");
    }
}

fn notice(resource: &str) -> Value {
    json!({
        "resource": resource, "kind": "copyright", "name": "王著作", "contact": "13900001111", "address": "长沙市岳麓区某路1号",
        "work": "《反诈三十讲》", "proof": "附版权登记号湘作登字-2024-A-00000001。", "truthful": true,
    })
}

fn counter() -> Value {
    json!({"name": INSTITUTION, "contact": "0731-80000000", "address": "长沙市某路2号", "proof": "本机构自编，见底稿。", "truthful": true})
}

#[tokio::test]
async fn a_copyright_notice_suspends_and_the_counter_statement_restores() {
    let site = Site::open().await;
    let visitor = site.server.visitor();
    // What article 14 asks for is named one by one.
    let thin = json!({"resource": site.resource, "kind": "copyright", "name": "王著作"});
    let refused = visitor.post("/api/v1/complaints", &thin).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (422, Some("incomplete")), "{refused}");
    let named: Vec<_> = refused.json()["fields"].as_array().unwrap().iter().map(|field| field["path"].clone()).collect();
    assert_eq!(named, ["contact", "address", "work", "proof", "truthful"]);
    assert_eq!(site.served().await, 200, "an incomplete notice changes nothing");

    let filed = visitor.post("/api/v1/complaints", &notice(&site.resource)).await;
    assert_eq!(filed.status, 201, "{filed}");
    let filed = filed.json();
    assert_eq!(site.served().await, 404, "held back at once");
    let complaint = format!("/api/v1/complaints/{}", filed["id"].as_str().unwrap());

    // Forwarded to the institution, with who claims; nobody else sees it.
    let forwarded = site.manager.get(&complaint).await.ok();
    assert_eq!((&forwarded["claimant"]["name"], &forwarded["actions"][0]["code"]), (&json!("王著作"), &json!("counter")));
    for other in [&site.vetters.contributor, &site.vetters.reviewer, &site.vetters.approver] {
        assert_eq!(other.get(&complaint).await.status, 404);
        assert_eq!(other.get("/api/v1/complaints").await.ok()["items"], json!([]));
        assert_eq!(other.post(&format!("{complaint}/counter-statement"), &counter()).await.status, 404);
    }
    assert_eq!(visitor.get(&complaint).await.status, 401);
    let wrong = visitor.post("/api/v1/complaints/followed", &json!({"code": "0".repeat(32)})).await;
    assert_eq!(wrong.status, 404, "{wrong}");

    // The desk cannot go round the law: not by the complaint, not by the resource.
    assert_eq!(site.decide(&filed, "restore").await.json()["code"], "state");
    let state = format!("/api/v1/resources/{}/state", site.resource);
    let round = site.editor.post(&state, &json!({"action": "restore", "reason": "先恢复"})).await;
    assert_eq!((round.status.as_u16(), round.json()["code"].as_str()), (409, Some("held")), "{round}");

    // An incomplete counter-statement is refused, a complete one restores at once and reaches the claimant.
    let thin = site.manager.post(&format!("{complaint}/counter-statement"), &json!({"name": INSTITUTION})).await;
    assert_eq!((thin.status.as_u16(), thin.json()["fields"].as_array().unwrap().len()), (422, 4), "{thin}");
    assert_eq!(site.served().await, 404);
    let countered = site.manager.post(&format!("{complaint}/counter-statement"), &counter()).await.ok();
    assert_eq!(countered["state"]["code"], "countered");
    assert_eq!(site.served().await, 200);
    let seen = visitor.post("/api/v1/complaints/followed", &json!({"code": filed["code"]})).await.ok();
    assert_eq!((&seen["state"]["code"], &seen["counter"]["person"]["name"]), (&json!("countered"), &json!(INSTITUTION)));

    // Article 17: not again by this claimant; another one may.
    let again = visitor.post("/api/v1/complaints", &notice(&site.resource)).await;
    assert_eq!((again.status.as_u16(), again.json()["code"].as_str()), (409, Some("countered")), "{again}");
    let stands = &again.json()["state"];
    assert_eq!(
        (&stands["code"], &stands["label"], &stands["version"]),
        (&json!("countered"), &countered["state"]["label"], &countered["version"])
    );
    assert_eq!(site.served().await, 200);
    let mut other = notice(&site.resource);
    other["name"] = json!("李另一");
    assert_eq!(visitor.post("/api/v1/complaints", &other).await.status, 201);
    assert_eq!(site.served().await, 404);
    site.close();
}

#[tokio::test]
async fn personal_data_of_a_claimant_is_in_no_public_answer() {
    let site = Site::open().await;
    let filed = site.server.visitor().post("/api/v1/complaints", &notice(&site.resource)).await.ok();
    site.manager.post(&format!("/api/v1/complaints/{}/counter-statement", filed["id"].as_str().unwrap()), &counter()).await.ok();
    let paths = [
        format!("/api/v1/resources/{}", site.resource),
        format!("/api/v1/resources/{}/review", site.resource),
        format!("/api/v1/submissions?resource={}", site.resource),
        "/api/v1/search?q=%E9%98%B2%E8%AF%88%E9%AA%97".to_owned(),
    ];
    for path in &paths {
        for api in [&site.server.visitor(), &site.vetters.contributor, &site.vetters.reviewer, &site.vetters.approver] {
            let answer = String::from_utf8_lossy(&api.get(path).await.body).into_owned();
            for private in ["王著作", "13900001111", "某路1号", "0731-80000000", filed["id"].as_str().unwrap()] {
                assert!(!answer.contains(private), "{path}: {answer}");
            }
        }
    }
    site.close();
}

#[tokio::test]
async fn other_complaints_wait_for_the_desk() {
    let site = Site::open().await;
    let visitor = site.server.visitor();
    let empty = visitor.post("/api/v1/complaints", &json!({"resource": site.resource, "kind": "broken", "text": " "})).await;
    assert_eq!((empty.status.as_u16(), empty.json()["fields"][0]["path"].as_str()), (422, Some("text")));
    let missing = visitor.post("/api/v1/complaints", &json!({"resource": "nothing", "kind": "broken", "text": "打不开"})).await;
    assert_eq!(missing.status, 404);

    let first = site.complain("personal_data").await;
    assert_eq!((first["state"]["code"].as_str(), site.served().await.as_u16()), (Some("received"), 200));
    // It is the desk's, not the institution's, until the desk acts.
    assert_eq!(site.manager.get(&format!("/api/v1/complaints/{}", first["id"].as_str().unwrap())).await.status, 404);
    let silent = json!({"decision": "suspend", "reason": " "});
    let path = format!("/api/v1/complaints/{}/decision", first["id"].as_str().unwrap());
    assert_eq!(site.editor.post(&path, &silent).await.json()["code"], "reason-required");
    assert_eq!(site.decide(&first, "suspend").await.ok()["state"]["code"], "suspended");
    assert_eq!(site.served().await, 404);

    // A second one holds it too: the first alone does not let it go.
    let ask = json!({"resource": site.resource, "kind": "content_error", "text": "数字有误"});
    let second = site.editor.post("/api/v1/complaints", &ask).await.ok();
    let own = site.decide(&second, "suspend").await;
    assert_eq!((own.status.as_u16(), own.json()["code"].as_str()), (403, Some("recused")), "nobody decides the own complaint");
    let colleague = site.server.api(&site.server.add_user("editor-2", "editor", "/", &[]));
    let second_path = format!("/api/v1/complaints/{}/decision", second["id"].as_str().unwrap());
    colleague.post(&second_path, &json!({"decision": "suspend", "reason": "属实"})).await.ok();
    assert_eq!(site.decide(&first, "restore").await.ok()["state"]["code"], "restored");
    assert_eq!(site.served().await, 404);
    assert_eq!(site.decide(&first, "suspend").await.json()["code"], "state");

    // Retired for good: the tombstone tells the ground and nothing of the complaint.
    colleague.post(&second_path, &json!({"decision": "retire", "reason": "王某反映属实"})).await.ok();
    let gone = visitor.get(&format!("/api/v1/resources/{}", site.resource)).await;
    assert_eq!(gone.status, 410);
    let (zh, en) = (gone.json()["zh"].to_string(), gone.json()["en"].to_string());
    assert!(zh.contains("投诉经核实成立（内容错误）") && en.contains("a complaint was upheld") && !zh.contains("王某"), "{zh} {en}");
    let late = visitor.post("/api/v1/complaints", &notice(&site.resource)).await;
    assert_eq!(late.status, 410, "{late}");
    site.close();
}

#[tokio::test]
async fn who_took_part_does_not_judge_a_complaint() {
    let site = Site::open().await;
    let filed = site.complain("other").await;
    let path = format!("/api/v1/complaints/{}/decision", filed["id"].as_str().unwrap());
    let decision = json!({"decision": "dismiss", "reason": "不属实"});
    let roles = [("of-the-house", Vetters::OWNER, Some(INSTITUTION))];
    for (name, scope, institution) in roles {
        let more: Vec<&str> = institution.into_iter().flat_map(|name| ["--institution", name]).collect();
        let api = site.server.api(&site.server.add_user(name, "editor", scope, &more));
        let refused = api.post(&path, &decision).await;
        assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (403, Some("recused")), "{refused}");
    }
    let auditor = site.server.api(&site.server.add_user("auditor", "auditor", "/", &[]));
    assert_eq!(auditor.get(&format!("/api/v1/complaints/{}", filed["id"].as_str().unwrap())).await.status, 200);
    assert_eq!(auditor.post(&path, &decision).await.status, 403);
    assert_eq!(site.editor.post(&path, &decision).await.ok()["state"]["code"], "dismissed");
    assert_eq!(site.served().await, 200);
    site.close();
}

#[tokio::test]
async fn of_two_decisions_at_once_one_wins() {
    let site = Site::open().await;
    let colleague = site.server.api(&site.server.add_user("editor-2", "editor", "/", &[]));
    for round in 0..6 {
        let filed = site.complain("content_error").await;
        let path = format!("/api/v1/complaints/{}/decision", filed["id"].as_str().unwrap());
        let (dismiss, suspend) = (json!({"decision": "dismiss", "reason": "不属实"}), json!({"decision": "suspend", "reason": "属实"}));
        let (one, two) = tokio::join!(site.editor.post(&path, &dismiss), colleague.post(&path, &suspend));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{one} {two}");
        let suspended = two.status == 200;
        // Whoever was slower is told where it stands now, and what of it was read would be new.
        let (won, lost) = if suspended { (two.json(), one.json()) } else { (one.json(), two.json()) };
        assert_eq!((&lost["state"]["code"], &lost["state"]["version"]), (&won["state"]["code"], &won["version"]), "{lost}");
        assert_eq!(site.served().await, if suspended { 404 } else { 200 }, "round {round}");
        if suspended {
            site.decide(&filed, "restore").await.ok();
        }
        // Whoever read an older version is told so.
        let tag = [("if-match", "\"v0\""), ("content-type", "application/json")];
        let old = site.editor.send(Method::POST, &path, &tag, dismiss.to_string().into_bytes()).await;
        assert_eq!(old.status, 412, "{old}");
        let now = site.editor.get(path.strip_suffix("/decision").unwrap()).await.ok();
        assert_eq!((&old.json()["state"]["code"], &old.json()["state"]["version"]), (&now["state"]["code"], &now["version"]));
    }
    site.close();
}

/// Waits for a notice of this code about this complaint.
async fn told(api: &Api, code: &str, complaint: &Value) -> Value {
    let looking = async || {
        let inbox = api.get("/api/v1/notices?limit=100").await.ok();
        inbox["items"].as_array().unwrap().iter().find(|one| one["code"] == code && one["subject_id"] == complaint["id"]).cloned()
    };
    eventually(&format!("a notice {code}"), Duration::from_secs(60), looking).await
}

#[tokio::test]
async fn a_notice_and_its_answer_are_told_to_those_whom_the_law_names() {
    let site = Site::open().await;
    let claimant = site.server.api(&site.server.add_user("claimant", "learner", "/", &[]));
    let filed = claimant.post("/api/v1/complaints", &notice(&site.resource)).await.ok();
    let forwarded = told(&site.manager, "copyright_notice", &filed).await;
    assert_eq!((&forwarded["subject"], &forwarded["group"]), (&json!("complaint"), &json!("submissions")));
    told(&site.editor, "copyright_notice", &filed).await;
    let path = format!("/api/v1/complaints/{}/counter-statement", filed["id"].as_str().unwrap());
    site.manager.post(&path, &counter()).await.ok();
    told(&claimant, "counter_statement", &filed).await;
    told(&site.editor, "counter_statement", &filed).await;

    // The same claimant is known again however the name is written.
    let visitor = site.server.visitor();
    let mut again = notice(&site.resource);
    (again["name"], again["contact"]) = (json!("王 著作"), json!("139 0000 1111"));
    let barred = visitor.post("/api/v1/complaints", &again).await;
    assert_eq!((barred.status.as_u16(), barred.json()["code"].as_str()), (409, Some("countered")), "{barred}");
    // Somebody of the same name, with a work and a telephone of the own, is somebody else.
    let mut namesake = notice(&site.resource);
    (namesake["work"], namesake["contact"]) = (json!("《防骗图解》"), json!("13822223333"));
    assert_eq!(visitor.post("/api/v1/complaints", &namesake).await.status, 201);

    // What is not the institution's to know before the desk acts is the desk's alone.
    let other = claimant.post("/api/v1/complaints", &json!({"resource": site.resource, "kind": "other", "text": "有误"})).await;
    assert_eq!(other.status, 404, "held back by the other notice: {other}");
    for api in [&site.manager, &site.editor, &claimant] {
        let inbox = api.get("/api/v1/notices?limit=100").await.ok().to_string();
        for private in ["王著作", "13900001111", "某路1号", "反诈三十讲"] {
            assert!(!inbox.contains(private), "{private}: {inbox}");
        }
    }
    site.close();
}
