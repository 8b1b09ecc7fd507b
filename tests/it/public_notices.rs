//! Public notice and objections: publication waits for the answer, the desk dismisses or the committee decides again.

use crate::program::{Answer, Api, Server, Vetters, packages, rules};
use reqwest::Method;
use serde_json::{Value, json};

const INSTITUTION: &str = "岳麓示范社区学院";

/// A site whose regular track asks for a notice of five working days.
struct Site {
    server: Server,
    vetters: Vetters,
    editor: Api,
    _dir: tempfile::TempDir,
}

impl Site {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("rules");
        rules::with_policy(&folder, |policy| policy.replacen("notice_working_days = 0", "notice_working_days = 5", 1));
        let server = Server::start_with(&dir.path().join("data"), &[("YUELU_RULES_DIR", folder.as_os_str())]);
        let vetters = Vetters::register(&server, INSTITUTION);
        let editor = server.api(&server.add_user("editor", "editor", "/", &[]));
        Self { server, vetters, editor, _dir: dir }
    }

    /// A work under notice; gives the id.
    async fn notice(&self, id: &str) -> String {
        let decided = self.vetters.decide(packages::document_zip(id, &format!("读本{id}"), &format!("词{id}"))).await;
        assert_eq!(decided["state"]["code"], "notice", "{decided}");
        decided["id"].as_str().unwrap().to_owned()
    }

    async fn state(&self, submission: &str) -> Value {
        self.editor.get(&format!("/api/v1/submissions/{submission}")).await.ok()["state"]["code"].clone()
    }

    async fn object(&self, submission: &str, name: &str) -> Value {
        let path = format!("/api/v1/public-notices/{submission}/objections");
        let answer = self.server.visitor().post(&path, &objection(name)).await;
        assert_eq!(answer.status, 201, "{answer}");
        answer.json()
    }

    async fn answer(&self, by: &Api, objection: &Value, answer: &str) -> Answer {
        let path = format!("/api/v1/objections/{}/answer", objection["id"].as_str().unwrap());
        by.post(&path, &json!({"answer": answer, "reason": "经核实"})).await
    }

    fn close(self) {
        let report: Value = serde_json::from_str(&self.server.run(["--json", "verify"])).unwrap();
        assert_eq!(report["clean"], true, "{report}");
    }
}

fn objection(name: &str) -> Value {
    json!({"name": name, "contact": "13911112222", "text": "第一节抄自他书。", "evidence": "见《某书》第3页。"})
}

#[tokio::test]
async fn a_notice_names_no_people_and_an_objection_stops_it() {
    let site = Site::open();
    let visitor = site.server.visitor();
    let (one, two) = (site.notice("n-1").await, site.notice("n-2").await);
    let list = visitor.get("/api/v1/public-notices").await.ok();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{list}");
    let keys: Vec<&String> = items[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["category", "id", "institution", "kind", "objected", "title", "until"]);
    assert!(items[0]["until"].as_str().unwrap().ends_with("T16:00:00Z"), "24:00 in Shanghai");

    // Written, under the own name, with what shows it.
    let path = format!("/api/v1/public-notices/{one}/objections");
    let bare = visitor.post(&path, &json!({"text": "不同意"})).await;
    let named: Vec<_> = bare.json()["fields"].as_array().unwrap().iter().map(|field| field["path"].clone()).collect();
    assert_eq!((bare.status.as_u16(), named), (422, vec![json!("name"), json!("contact"), json!("evidence")]), "{bare}");
    assert_eq!(site.state(&one).await, "notice");
    assert_eq!(visitor.post("/api/v1/public-notices/nothing/objections", &objection("甲")).await.status, 404);

    let filed = site.object(&one, "张实名").await;
    assert_eq!((filed["state"]["code"].as_str(), site.state(&one).await), (Some("filed"), json!("objected")));
    let early = site.editor.post(&format!("/api/v1/reviews/{one}/publication"), &json!({})).await;
    assert_eq!((early.status.as_u16(), early.json()["code"].as_str()), (409, Some("state")), "{early}");
    let list = visitor.get("/api/v1/public-notices?limit=1").await.ok();
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["objected"]), (&json!(two), &json!(false)));
    let rest = visitor.get(&format!("/api/v1/public-notices?limit=1&cursor={}", list["next"].as_str().unwrap())).await.ok();
    assert_eq!((&rest["items"][0]["id"], &rest["items"][0]["objected"]), (&json!(one), &json!(true)));
    assert_eq!(visitor.get("/api/v1/public-notices?cursor=x").await.status, 400);

    // The desk alone learns who objects.
    let own = format!("/api/v1/objections/{}", filed["id"].as_str().unwrap());
    assert_eq!(site.editor.get(&own).await.ok()["objector"]["name"], "张实名");
    for other in [&site.vetters.contributor, &site.vetters.reviewer, &site.vetters.approver] {
        assert_eq!(other.get(&own).await.status, 404);
        assert_eq!(other.get("/api/v1/objections").await.ok()["items"], json!([]));
        assert_eq!(site.answer(other, &filed, "refuse").await.status, 404);
        for path in
            [format!("/api/v1/submissions/{one}"), format!("/api/v1/submissions/{one}/history"), "/api/v1/public-notices".to_owned()]
        {
            let told = String::from_utf8_lossy(&other.get(&path).await.body).into_owned();
            assert!(!told.contains("张实名") && !told.contains("13911112222"), "{path}: {told}");
        }
    }
    assert_eq!(visitor.get(&own).await.status, 401);

    // Taken up, then dismissed with a reason: the notice goes on.
    let silent = json!({"answer": "refuse", "reason": " "});
    assert_eq!(site.editor.post(&format!("{own}/answer"), &silent).await.json()["code"], "reason-required");
    assert_eq!(site.answer(&site.editor, &filed, "dismiss").await.json()["code"], "state", "not before it is taken up");
    let accepted = site.answer(&site.editor, &filed, "accept").await.ok();
    assert!(accepted["answer_by"].as_str().unwrap() > accepted["accept_by"].as_str().unwrap(), "{accepted}");
    assert_eq!(site.state(&one).await, "objected");
    site.answer(&site.editor, &filed, "dismiss").await.ok();
    assert_eq!(site.state(&one).await, "notice");
    let seen = visitor.post("/api/v1/objections/followed", &json!({"code": filed["code"]})).await.ok();
    assert_eq!((&seen["state"]["code"], &seen["reason"]), (&json!("dismissed"), &json!("经核实")));
    site.close();
}

#[tokio::test]
async fn a_referral_takes_every_open_objection_to_the_committee() {
    let site = Site::open();
    let submission = site.notice("n-3").await;
    let (one, two) = (site.object(&submission, "甲").await, site.object(&submission, "乙").await);
    assert_eq!(site.answer(&site.editor, &one, "refer").await.ok()["state"]["code"], "referred");
    assert_eq!(site.state(&submission).await, "committee");
    let other = site.server.visitor().post("/api/v1/objections/followed", &json!({"code": two["code"]})).await.ok();
    assert_eq!(other["state"]["code"], "referred");
    let late = site.server.visitor().post(&format!("/api/v1/public-notices/{submission}/objections"), &objection("丙")).await;
    assert_eq!(late.status, 404, "{late}");
    // The committee decides; the law of the track holds again.
    let decision = json!({"verdict": "reject", "reason": "异议属实"});
    let decided = site.vetters.approver.post(&format!("/api/v1/reviews/{submission}/decision"), &decision).await.ok();
    assert_eq!(decided["state"]["code"], "rejected");
    site.close();
}

#[tokio::test]
async fn who_took_part_or_objected_does_not_answer() {
    let site = Site::open();
    let submission = site.notice("n-4").await;
    let filed = site.object(&submission, "甲").await;
    // A reviewer of it who also is an editor, and an editor of the institution.
    let of_the_house = site.server.add_user("house-editor", "editor", Vetters::OWNER, &["--institution", INSTITUTION]);
    let refused = site.answer(&site.server.api(&of_the_house), &filed, "refuse").await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (403, Some("recused")), "{refused}");
    let mine =
        site.editor.post(&format!("/api/v1/public-notices/{submission}/objections"), &json!({"text": "不妥", "evidence": "见正文"})).await;
    assert_eq!(mine.status, 201, "who is signed in gives no contact: {mine}");
    let refused = site.answer(&site.editor, &mine.json(), "refuse").await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (403, Some("recused")), "{refused}");
    // Withdrawn meanwhile: the objector is answered all the same.
    site.vetters.contributor.post(&format!("/api/v1/submissions/{submission}/withdrawal"), &json!({})).await.ok();
    site.answer(&site.editor, &filed, "refuse").await.ok();
    assert_eq!(site.state(&submission).await, "withdrawn");
    site.close();
}

#[tokio::test]
async fn of_two_answers_at_once_one_wins() {
    let site = Site::open();
    let colleague = site.server.api(&site.server.add_user("editor-2", "editor", "/", &[]));
    let submission = site.notice("n-5").await;
    for _ in 0..6 {
        let filed = site.object(&submission, "甲").await;
        let (one, two) = tokio::join!(site.answer(&site.editor, &filed, "accept"), site.answer(&colleague, &filed, "refuse"));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{one} {two}");
        let (won, lost) = if one.status == 200 { (one.json(), two.json()) } else { (two.json(), one.json()) };
        assert_eq!((&lost["state"]["code"], &lost["state"]["version"]), (&won["state"]["code"], &won["version"]), "{lost}");
        if one.status == 200 {
            site.answer(&colleague, &filed, "dismiss").await.ok();
        }
        assert_eq!(site.state(&submission).await, "notice");
        let path = format!("/api/v1/objections/{}/answer", filed["id"].as_str().unwrap());
        let tag = [("if-match", "\"v0\""), ("content-type", "application/json")];
        let body = json!({"answer": "accept"}).to_string().into_bytes();
        let old = site.editor.send(Method::POST, &path, &tag, body).await;
        assert_eq!(old.status, 412, "{old}");
    }
    site.close();
}
