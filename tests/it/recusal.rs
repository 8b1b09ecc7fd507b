//! Recusal from decisions: members of the committee who belong to the submitting institution, publish with its authors or declared
//! a conflict neither decide nor hear an appeal.

use crate::program::{Api, Server, Vetters, packages};
use reqwest::Method;
use serde_json::{Value, json};

const INSTITUTION: &str = "岳麓示范社区学院";

/// A site with a work that waits for its final decision.
struct Site {
    server: Server,
    vetters: Vetters,
    id: String,
    _dir: tempfile::TempDir,
}

impl Site {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path());
        let vetters = Vetters::register(&server, INSTITUTION);
        let deposit = vetters.deposit(packages::document_zip("R-1", "家庭防火", "灭火毯")).await.ok();
        let id = vetters.checked(deposit["id"].as_str().unwrap()).await[0]["id"].as_str().unwrap().to_owned();
        vetters.reviewer.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await.ok();
        let opinion = json!({"verdict": "reject", "text": "与已有资源重复。"});
        vetters.reviewer.post(&format!("/api/v1/reviews/{id}/opinion"), &opinion).await.ok();
        Self { server, vetters, id, _dir: dir }
    }

    fn member(&self, name: &str, more: &[&str]) -> Api {
        self.server.api(&self.server.add_user(name, "committee", "/", more))
    }

    /// Status and code of a step.
    async fn told(&self, by: &Api, step: &str, body: &Value) -> (u16, String) {
        let answer = by.post(&format!("/api/v1/reviews/{}/{step}", self.id), body).await;
        let code = if answer.status.is_success() { Value::Null } else { answer.json()["code"].clone() };
        (answer.status.as_u16(), code.as_str().unwrap_or_default().to_owned())
    }

    fn close(self) {
        let report: Value = serde_json::from_str(&self.server.run(["--json", "verify"])).unwrap();
        assert_eq!(report["clean"], true, "{report}");
    }
}

async fn declares(member: &Api, profile: &Value) {
    let kind = [("content-type", "application/json")];
    member.send(Method::PUT, "/api/v1/reviewers/me", &kind, profile.to_string().into_bytes()).await.ok();
}

#[tokio::test]
async fn members_with_a_tie_to_the_work_do_not_decide_it() {
    let site = Site::open().await;
    let recused = (403, "recused".to_owned());
    let reject = json!({"verdict": "reject", "reason": "重复"});
    let inside = site.member("inside", &["--institution", INSTITUTION]);
    let author = site.member("author", &[]);
    declares(&author, &json!({"names": ["李秀英"]})).await;
    let friend = site.member("friend", &[]);
    declares(&friend, &json!({"conflicts": ["家庭防火"]})).await;
    for tied in [&inside, &author, &friend] {
        assert_eq!(site.told(tied, "decision", &reject).await, recused);
    }
    // The same in a batch: each is answered singly.
    let many = json!({"verdict": "reject", "reason": "重复", "items": [{"id": site.id}]});
    let answers = inside.post("/api/v1/reviews/decisions", &many).await.ok();
    assert_eq!((&answers[0]["done"], &answers[0]["code"]), (&json!(false), &json!("recused")), "{answers}");

    // Declared there and then, with a reason; it holds for the appeal, too.
    let honest = site.member("honest", &[]);
    assert_eq!(site.told(&honest, "recuse", &json!({"reason": " "})).await.1, "reason-required");
    assert_eq!(site.told(&honest, "recuse", &json!({"reason": "与作者共事"})).await.0, 204);
    assert_eq!(site.told(&honest, "decision", &reject).await, recused);
    assert_eq!(site.told(&site.vetters.contributor, "recuse", &json!({"reason": "不相干"})).await.0, 403);

    let decided = site.vetters.approver.post(&format!("/api/v1/reviews/{}/decision", site.id), &reject).await.ok();
    assert_eq!(decided["state"]["code"], "rejected");
    let path = format!("/api/v1/submissions/{}/appeal", site.id);
    site.vetters.contributor.post(&path, &json!({"reason": "内容不同"})).await.ok();
    let uphold = json!({"answer": "uphold", "reason": "确属重复"});
    for tied in [&inside, &author, &friend, &honest] {
        assert_eq!(site.told(tied, "appeal-answer", &uphold).await, recused);
        assert_eq!(site.told(tied, "appeal-answer", &json!({"answer": "reopen"})).await, recused);
    }
    let other = site.member("other", &[]);
    assert_eq!(site.told(&other, "appeal-answer", &uphold).await.0, 200);
    site.close();
}

#[tokio::test]
async fn who_voted_does_not_stand_down_afterwards() {
    let site = Site::open().await;
    let editor = site.server.api(&site.server.add_user("editor", "editor", "/", &[]));
    editor.post(&format!("/api/v1/reviews/{}/screening", site.id), &json!({"decision": "escalate", "reason": "请委员会审议"})).await.ok();
    let (one, two) = (site.member("one", &[]), site.member("two", &[]));
    let vote = json!({"verdict": "reject", "reason": "重复"});
    let first = one.post(&format!("/api/v1/reviews/{}/decision", site.id), &vote).await.ok();
    if first["state"]["code"] == "committee" {
        assert_eq!(site.told(&one, "recuse", &json!({"reason": "想起来了"})).await, (409, "already-voted".to_owned()));
        assert_eq!(site.told(&two, "recuse", &json!({"reason": "与作者共事"})).await.0, 204);
        assert_eq!(site.told(&two, "decision", &vote).await.1, "recused");
    }
    site.close();
}
