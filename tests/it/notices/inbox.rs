//! The inbox: told once, also when the feed is read again; nobody's name where it does not belong.

use super::{House, INSTITUTION, all_told, inbox, put, told};
use crate::program::server::{succeeded, yuelu};
use crate::program::{Api, Server, packages};
use serde_json::{Value, json};

async fn id_of(api: &Api) -> String {
    api.get("/api/v1/me").await.ok()["account"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_return_and_a_publication_are_told_once_to_whom_they_concern() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), "");
    let manager = house.server.api(&house.server.add_user("manager", "manager", "/hunan/changsha/yuelu-college", &[]));
    let stranger = house.server.api(&house.server.add_user("stranger", "manager", "/hunan/xiangxi/jishou", &[]));
    let returned = house.returned("n-1", &format!("{INSTITUTION}李秀英老师的垃圾分类课")).await;
    let notice = told(&house.vetters.contributor, "returned", &returned).await;
    assert_eq!((&notice["group"], &notice["subject"]), (&json!("submissions"), &json!("submission")));
    assert!(notice["text"].as_str().unwrap().contains("重新提交"), "{notice}");
    told(&manager, "returned", &returned).await;

    let resource = house.vetters.publish(packages::document_zip("n-2", "楼道消防常识", "消防")).await;
    all_told(&house.server, &house.admin).await;
    let mine = inbox(&house.vetters.contributor).await;
    let of_code = |code: &str| mine.iter().filter(|one| one["code"] == code).collect::<Vec<_>>();
    assert_eq!((of_code("published").len(), of_code("returned").len(), mine.len()), (1, 1, 2), "{mine:?}");
    assert_eq!(of_code("published")[0]["title"], "《楼道消防常识》已入库");
    told(&house.vetters.approver, "waits_for_decision", of_code("published")[0]["subject_id"].as_str().unwrap()).await;
    house.editor.post(&format!("/api/v1/resources/{resource}/state"), &json!({"action": "suspend", "reason": "有投诉"})).await.ok();
    told(&house.vetters.contributor, "suspended", &resource).await;
    assert_eq!(inbox(&stranger).await, Vec::<Value>::new(), "another institution's");
    assert_eq!(inbox(&house.editor).await, Vec::<Value>::new(), "what the editor did, and what the program handed on at once");

    nobody_is_named(&house, &returned).await;
    notices_are_read(&house).await;
    reading_the_feed_again_tells_nothing_twice(house, &resource).await;
}

async fn nobody_is_named(house: &House, returned: &str) {
    let notice = told(&house.vetters.reviewer, "review_ended", returned).await;
    assert_eq!(notice["title"], "《○○○○老师的垃圾分类课》不再需要评审");
    let (submitter, reviewer) = (id_of(&house.vetters.contributor).await, id_of(&house.vetters.reviewer).await);
    let to_reviewer = json!(inbox(&house.vetters.reviewer).await).to_string();
    for name in [INSTITUTION, "yuelu-college", "李秀英", "contributor", &submitter] {
        assert!(!to_reviewer.contains(name), "{name} in {to_reviewer}");
    }
    let to_submitter = json!(inbox(&house.vetters.contributor).await).to_string();
    for name in ["reviewer", "approver", "desk", &reviewer, &id_of(&house.editor).await] {
        assert!(!to_submitter.contains(name), "{name} in {to_submitter}");
    }
}

async fn notices_are_read(house: &House) {
    let api = &house.vetters.contributor;
    let page = api.get("/api/v1/notices?unread=true&limit=2").await.ok();
    assert_eq!((page["unread"].as_u64(), page["items"].as_array().unwrap().len()), (Some(3), 2), "{page}");
    let id = page["items"][0]["id"].as_str().unwrap();
    assert!(put(api, &format!("/api/v1/notices/{id}/read"), &json!({})).await.ok()["read"].is_string());
    assert_eq!(put(&house.vetters.reviewer, &format!("/api/v1/notices/{id}/read"), &json!({})).await.status, 404, "somebody else's");
    let rest = api.get("/api/v1/notices?unread=true").await.ok();
    assert!(rest["unread"] == 2 && !rest["items"].as_array().unwrap().iter().any(|one| one["id"] == id), "{rest}");
    assert_eq!(put(api, "/api/v1/notices/read", &json!({})).await.ok()["marked"], 2);
    assert_eq!(api.get("/api/v1/notices?unread=true").await.ok()["items"], json!([]));
    assert_eq!(inbox(api).await.len(), 3, "read ones stay");
}

/// A kill, and a restore of a backup, whose history has another name: the ledger's last days are read again.
async fn reading_the_feed_again_tells_nothing_twice(house: House, resource: &str) {
    let House { server, vetters, editor, admin } = house;
    let people = [&vetters.contributor, &vetters.reviewer, &vetters.approver];
    let mut before = Vec::new();
    for api in people {
        before.push(inbox(api).await);
    }
    let folder = tempfile::tempdir().unwrap();
    let (copy, restored) = (folder.path().join("copy"), folder.path().join("data"));
    server.run(["backup", copy.to_str().unwrap()]);
    let served = server.dir.clone();
    server.kill();
    succeeded(yuelu(&restored).arg("restore").arg(&copy).output().unwrap());
    for dir in [served, restored] {
        let server = Server::start(&dir);
        all_told(&server, &admin.at(&server)).await;
        for (api, before) in people.iter().zip(&before) {
            assert_eq!(inbox(&api.at(&server)).await, *before);
        }
        let state = json!({"action": "restore", "reason": "投诉不成立"});
        editor.at(&server).post(&format!("/api/v1/resources/{resource}/state"), &state).await.ok();
        let contributor = vetters.contributor.at(&server);
        told(&contributor, "restored", resource).await;
        all_told(&server, &admin.at(&server)).await;
        assert_eq!(inbox(&contributor).await.len(), before[0].len() + 1);
    }
}
