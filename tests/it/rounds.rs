//! Many decided by one form, each singly; and what a submission that came back has changed.

use crate::program::{Server, Vetters, packages};
use serde_json::{Value, json};

const INSTITUTION: &str = "岳麓示范社区学院";

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().unwrap().iter().collect()
}

#[tokio::test]
async fn one_form_decides_each_of_many_singly() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let vetters = Vetters::register(&server, INSTITUTION);
    let rows: Vec<_> = (1..=4).map(|row| (format!("MANY-{row}"), format!("第{row}讲 居家用电"))).collect();
    let deposit = vetters.deposit(packages::catalogue(&rows)).await.ok();
    let submissions = vetters.checked(deposit["id"].as_str().unwrap()).await;
    let ids: Vec<&str> = submissions.iter().map(|one| one["id"].as_str().unwrap()).collect();
    for id in &ids[..3] {
        vetters.reviewer.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await.ok();
        let opinion = json!({"verdict": "pass", "text": "内容完整，同意。"});
        vetters.reviewer.post(&format!("/api/v1/reviews/{id}/opinion"), &opinion).await.ok();
    }
    // The third was read at an older version, the fourth is still with its reviewer, the fifth is nobody's.
    let items =
        json!([{"id": ids[0]}, {"id": ids[1]}, {"id": ids[2], "version": submissions[2]["version"]}, {"id": ids[3]}, {"id": "nobody's"}]);
    let form = json!({"verdict": "pass", "items": items});
    assert_eq!(vetters.reviewer.post("/api/v1/reviews/decisions", &form).await.status, 403);
    let answers = vetters.approver.post("/api/v1/reviews/decisions", &form).await.ok();
    let told: Vec<_> = list(&answers).iter().map(|one| (one["done"] == true, one["code"].as_str())).collect();
    let refused = |code| (false, Some(code));
    assert_eq!(
        told,
        [(true, None), (true, None), refused("precondition-failed"), refused("state"), refused("not-found")],
        "in their order: {answers}"
    );
    assert_eq!(answers[0]["state"]["code"], "published", "{answers}");
    for id in &ids[..2] {
        let history = vetters.contributor.get(&format!("/api/v1/submissions/{id}/history")).await.ok();
        assert_eq!(list(&history).iter().filter(|entry| entry["action"] == "decide").count(), 1, "each has its own entry");
    }
    let again = json!({"verdict": "pass", "items": [{"id": ids[2]}, {"id": ids[2]}]});
    assert_eq!(vetters.approver.post("/api/v1/reviews/decisions", &again).await.json()["code"], "items");
}

#[tokio::test]
async fn a_submission_that_came_back_tells_what_changed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let vetters = Vetters::register(&server, INSTITUTION);
    let editor = server.api(&server.add_user("editor", "editor", "/", &[]));
    let deposit = vetters.deposit(packages::document_zip("BACK-1", "居家防火", "灭火毯")).await.ok();
    let first = vetters.checked(deposit["id"].as_str().unwrap()).await.remove(0);
    let id = first["id"].as_str().unwrap();
    let changes = format!("/api/v1/submissions/{id}/changes");
    let nothing = vetters.contributor.get(&changes).await.ok();
    assert_eq!((&nothing["since"], &nothing["round"]), (&Value::Null, &json!(1)), "{nothing}");
    let decision = json!({"decision": "return", "reason": "请补充烟雾报警器一节。"});
    editor.post(&format!("/api/v1/reviews/{id}/screening"), &decision).await.ok();

    let mut files = packages::document("BACK-1", "居家防火与报警", "灭火毯");
    files.push(("cover.png".to_owned(), packages::picture(1280, 720)));
    let manifest = String::from_utf8(files[0].1.clone()).unwrap() + "\n[[files]]\npath = \"cover.png\"\nrole = \"cover\"\n";
    files[0].1 = manifest.into_bytes();
    let package = packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>());
    let deposit = vetters.deposit(package).await.ok();
    let second = vetters.checked(deposit["id"].as_str().unwrap()).await.remove(0);
    assert_eq!((&second["id"], &second["round"]), (&first["id"], &json!(2)), "{second}");
    for reader in [&vetters.contributor, &vetters.reviewer, &editor] {
        let told = reader.get(&changes).await.ok();
        assert_eq!((&told["since"], &told["round"]), (&json!(1), &json!(2)), "{told}");
        let title = list(&told["fields"]).into_iter().find(|field| field["field"] == "title").unwrap();
        assert_eq!((&title["before"]["zh-CN"], &title["after"]["zh-CN"]), (&json!("居家防火"), &json!("居家防火与报警")), "{told}");
        assert!(list(&told["fields"]).iter().all(|field| field["field"] != "keywords"), "what is as it was is not told: {told}");
        let turned = |path: &str| list(&told["files"]).into_iter().find(|file| file["path"] == path).map(|file| file["turn"].clone());
        assert_eq!((turned("cover.png"), turned("text.txt")), (Some(json!("added")), Some(json!("replaced"))), "{told}");
    }
    assert_eq!(server.visitor().get(&changes).await.status, 401);
}
