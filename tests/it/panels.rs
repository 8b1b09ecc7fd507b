//! Panels by invitation, blind reviewing and the reviewer's week, over the API.

use crate::access::stage::{person, send};
use crate::program::{Answer, Api, Server, Vetters, eventually, packages};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Names that stand in the package, its paths and the accounts, and that no reviewer of a blind track may read.
pub const PLANTED: [&str; 12] = [
    "李秀英",
    "龙阿妹",
    "岳麓示范社区学院",
    "yuelu-college",
    "湘西秘密出版社",
    "BLIND-7",
    "联系人王小二",
    "13900001111",
    "gao-lixiuying",
    "李秀英稿件",
    "吉首保护中心",
    "李家班",
];

/// A site with a depositor, a desk, and reviewers with profiles.
struct House {
    _dir: tempfile::TempDir,
    _server: Server,
    vetters: Vetters,
    desk: Api,
    experts: Vec<(String, Api)>,
}

impl House {
    async fn open(names: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path());
        let vetters = Vetters::register(&server, "岳麓示范社区学院");
        let admin = server.api(&server.add_user("chief", "administrator", "/", &[]));
        let desk = server.api(&server.add_user("desk", "editor", "/", &[]));
        let mut experts = Vec::new();
        for name in names {
            let api = person(&server, &admin, name, &json!([{"role": "reviewer", "scope": "/"}]), &[]).await;
            put(&api, "/api/v1/reviewers/me", &json!({"subjects": ["digital-life"]})).await.ok();
            let id = api.get("/api/v1/me").await.ok()["account"].as_str().unwrap().to_owned();
            experts.push((id, api));
        }
        Self { _dir: dir, _server: server, vetters, desk, experts }
    }

    /// A submission of this track, checked.
    async fn submit(&self, track: &str, package: Vec<u8>) -> String {
        let path = format!("/api/v1/deposits?pledge=2026-1&track={track}");
        let receipt = self.vetters.contributor.send(Method::POST, &path, &[("content-type", "application/zip")], package).await.ok();
        let checked = self.vetters.checked(receipt["id"].as_str().unwrap()).await;
        assert_eq!(checked[0]["state"]["code"], if track == "selected" { "screening" } else { "review" }, "{}", checked[0]);
        checked[0]["id"].as_str().unwrap().to_owned()
    }

    async fn assign(&self, id: &str) -> Value {
        self.desk.post(&format!("/api/v1/reviews/{id}/screening"), &json!({"decision": "assign"})).await.ok()
    }

    fn api(&self, account: &str) -> &Api {
        &self.experts.iter().find(|(id, _)| id == account).unwrap().1
    }
}

async fn put(api: &Api, path: &str, body: &Value) -> Answer {
    send(api, Method::PUT, path, body).await
}

fn seated(view: &Value, invited: bool) -> Vec<String> {
    let seats = view["seats"].as_array().unwrap().iter();
    seats.filter(|seat| seat["invited"] == invited).map(|seat| seat["account"].as_str().unwrap().to_owned()).collect()
}

/// A package whose people and house stand wherever a description and a path can hold them.
pub fn telling() -> Vec<u8> {
    let mut files = packages::document("BLIND-7", "李秀英讲手机支付", "手机支付");
    let manifest = String::from_utf8(files[0].1.clone()).unwrap();
    let manifest = manifest
        .replace("holder = \"岳麓示范社区学院\"", "holder = \"湘西秘密出版社\"")
        .replace(
            "path = \"text.txt\"\nrole = \"master\"",
            "path = \"李秀英稿件/gao-lixiuying.txt\"\nrole = \"master\"\ntitle = \"龙阿妹整理本\"",
        )
        .replace("[rights]", "[[creators]]\nname = \"龙阿妹\"\nrole = \"editor\"\norganisation = \"李家班\"\n\n[rights]")
        .replace("本机构自行编写", "联系人王小二 13900001111，本机构自行编写")
        .replace("供社区学习者自学使用。", "供社区学习者自学使用。岳麓示范社区学院组织编写，吉首保护中心协助。")
        .replace("\n[rights]", "\n[culture]\nethnic_groups = [\"土家族\"]\nprotecting_body = \"吉首保护中心\"\n\n[rights]");
    files[0].1 = manifest.into_bytes();
    files[1].0 = "李秀英稿件/gao-lixiuying.txt".to_owned();
    packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_reviewer_of_a_blind_track_reads_no_name_anywhere() {
    let house = House::open(&["one", "two", "three"]).await;
    let id = house.submit("selected", telling()).await;
    let assigned = house.assign(&id).await;
    assert_eq!(seated(&assigned, true).len(), 3, "{assigned}");
    let shown = house.desk.get(&format!("/api/v1/submissions/{id}")).await;
    for name in ["李秀英", "龙阿妹", "岳麓示范社区学院", "湘西秘密出版社", "gao-lixiuying", "吉首保护中心"] {
        assert!(shown.to_string().contains(name), "the desk sees {name}");
    }
    let whole = shown.ok();
    let (deposit, resource) = (whole["deposit"].as_str().unwrap().to_owned(), whole["resource"].as_str().unwrap().to_owned());
    let (comment, owner) = (format!("/api/v1/submissions/{id}/comments"), Vetters::OWNER);
    let said = json!({"text": "我是李秀英，请看稿件。", "audience": "submitter", "file": "李秀英稿件/gao-lixiuying.txt"});
    house.vetters.contributor.post(&comment, &said).await.ok();
    let (_, reviewer) = &house.experts[0];
    let claimed = reviewer.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await;
    let view = claimed.ok();
    let file = view["files"][0]["path"].as_str().unwrap().to_owned();
    assert_eq!((file.as_str(), view["files"].as_array().unwrap().len()), ("文件 1.txt", 1), "{view}");
    assert_eq!(view["metadata"]["creators"][0]["role"], "author", "that there is an author is no secret: {view}");
    let document = reviewer.get("/api/v1/openapi.json").await.ok();
    let mut answers = vec![claimed];
    let note = json!({"text": "第一节有错字", "audience": "internal", "file": file});
    answers.push(reviewer.post(&comment, &note).await);
    answers.push(put(reviewer, &format!("/api/v1/reviews/{id}/draft"), &json!({"text": "草"})).await);
    let mut read = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() || path.contains("/files/") || path.contains("/text/") || path.ends_with("openapi.json") {
            continue;
        }
        let mine = path.contains("/submissions/{") || path.contains("/reviews/{");
        let filled = if mine { path.replace("{id}", &id) } else { path.replace("{id}", &resource) };
        let filled = filled.replace("{account}", "two").replace("{learner}", "me").replace("{list}", "subjects");
        let query = if path.ends_with("/sheet") { "?month=2026-11" } else { "" };
        let answer = reviewer.get(&format!("{filled}{query}")).await;
        read += usize::from(answer.status == 200);
        answers.push(answer);
    }
    for query in [format!("owner={owner}"), format!("deposit={deposit}"), format!("resource={resource}")] {
        let page = reviewer.get(&format!("/api/v1/submissions?{query}")).await.ok();
        assert!(page["items"].as_array().unwrap().is_empty(), "found by {query}: {page}");
    }
    let listed = reviewer.get("/api/v1/submissions").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(reviewer.get("/api/v1/search?q=%E6%89%8B%E6%9C%BA%E6%94%AF%E4%BB%98").await.ok()["total"]["value"], 0);
    assert!(read > 12, "{read} routes answered");
    for answer in &answers {
        let told = format!("{answer} {:?}", answer.headers);
        let found: Vec<_> = PLANTED.iter().filter(|name| told.contains(**name)).collect();
        assert!(found.is_empty(), "{found:?} in {told}");
        // What was asked by the resource's id may say that there is no such thing.
        let named = [&deposit, &resource].into_iter().any(|id| told.contains(id.as_str()));
        assert!(!answer.status.is_success() || !named, "{told}");
    }
    let by_name =
        reviewer.get(&format!("/api/v1/submissions/{id}/files/%E6%9D%8E%E7%A7%80%E8%8B%B1%E7%A8%BF%E4%BB%B6/gao-lixiuying.txt")).await;
    assert_eq!(by_name.status, 404);
    let opened = reviewer.get(&format!("/api/v1/submissions/{id}/files/%E6%96%87%E4%BB%B6%201.txt?download=true")).await;
    assert!(
        opened.status == 200 && opened.to_string().contains("本材料讲解手机支付") && opened.to_string().contains("李秀英讲手机支付"),
        "the work is as it is: {opened}"
    );
    assert!(!format!("{:?}", opened.headers).contains("lixiuying"), "{:?}", opened.headers);
    let words = reviewer.get(&format!("/api/v1/submissions/{id}/text/%E6%96%87%E4%BB%B6%201.txt")).await;
    assert!(words.status == 200 && words.to_string().contains("手机支付"), "{words}");
    let desk = house.desk.get(&format!("/api/v1/submissions/{id}")).await.ok();
    let files: Vec<&Value> = desk["comments"].as_array().unwrap().iter().map(|comment| &comment["file"]).collect();
    assert!(files.iter().all(|file| *file == "李秀英稿件/gao-lixiuying.txt"), "the desk reads the real path: {files:?}");
}

#[tokio::test]
async fn experts_are_proposed_invited_decline_and_declare_conflicts() {
    let house = House::open(&["one", "two", "three", "four"]).await;
    let knowing = json!({"subjects": ["digital-life"], "categories": ["community"], "languages": ["zh-CN"]});
    put(&house.experts[3].1, "/api/v1/reviewers/me", &knowing).await.ok();
    let tied = json!({"names": ["李秀英"]});
    put(&house.experts[0].1, "/api/v1/reviewers/me", &tied).await.ok();
    let id = house.submit("selected", packages::document_zip("P-1", "认识短信诈骗", "短信诈骗")).await;
    let assigned = house.assign(&id).await;
    let invited = seated(&assigned, true);
    let expected: Vec<&String> = [3, 1, 2].into_iter().map(|place| &house.experts[place].0).collect();
    assert_eq!(invited.iter().collect::<Vec<_>>(), expected, "who knows most first, co-authors never: {assigned}");
    let experts = house.desk.get(&format!("/api/v1/reviews/{id}/experts")).await.ok();
    let barred = experts["barred"].as_array().unwrap();
    let code = |account: &str| barred.iter().find(|one| one["account"] == account).unwrap()["barred"]["code"].clone();
    assert_eq!((code(&house.experts[0].0), code(&house.experts[3].0)), (json!("recused"), json!("seated")), "{experts}");
    let co_author = &house.experts[0];
    let refused = house.desk.post(&format!("/api/v1/reviews/{id}/invitations"), &json!({"account": co_author.0})).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (403, Some("recused")), "{refused}");
    assert_eq!(co_author.1.get(&format!("/api/v1/submissions/{id}")).await.status, 404, "who is not invited does not see it");
    let uninvited = house.vetters.reviewer.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await;
    assert_eq!(uninvited.status, 404, "{uninvited}");

    let (first, second) = (house.api(&invited[0]), house.api(&invited[1]));
    assert_eq!(first.get("/api/v1/reviews").await.ok()["invited"][0]["id"], id.as_str());
    let empty = first.post(&format!("/api/v1/reviews/{id}/decline"), &json!({"reason": " "})).await;
    assert_eq!(empty.status, 422, "{empty}");
    assert_eq!(first.post(&format!("/api/v1/reviews/{id}/decline"), &json!({"reason": "出差"})).await.status, 204);
    second.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await.ok();
    assert_eq!(second.post(&format!("/api/v1/reviews/{id}/recuse"), &json!({"reason": "师生关系"})).await.status, 204);
    let now = house.desk.get(&format!("/api/v1/submissions/{id}")).await.ok();
    assert_eq!((seated(&now, true), seated(&now, false)), (vec![invited[2].clone()], Vec::new()), "nobody is left to ask: {now}");
    let never = house.desk.post(&format!("/api/v1/reviews/{id}/invitations"), &json!({"account": invited[1]})).await;
    assert_eq!(never.json()["code"], "recused", "{never}");
    house.desk.post(&format!("/api/v1/reviews/{id}/invitations"), &json!({"account": invited[0]})).await.ok();
    let overdue = house.desk.get("/api/v1/reviews/overdue").await.ok();
    assert_eq!((overdue[0]["id"].as_str(), overdue[0]["free"].as_u64()), (Some(id.as_str()), Some(1)), "{overdue}");
    let history = house.desk.get(&format!("/api/v1/submissions/{id}/history")).await.ok();
    let actions: Vec<&str> = history.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions[actions.len() - 7..], ["invite", "invite", "invite", "decline", "claim", "recuse", "invite"], "{actions:?}");
    let workload = house.desk.get("/api/v1/reviews/workload").await.ok();
    let of = |account: &str| workload.as_array().unwrap().iter().find(|one| one["account"] == account).unwrap().clone();
    assert_eq!((of(&invited[0])["declined"].as_u64(), of(&invited[1])["recused"].as_u64()), (Some(1), Some(1)), "{workload}");
}

#[tokio::test]
async fn drafts_phrases_and_the_sheet_of_the_month_are_ones_own() {
    let house = House::open(&["one", "two"]).await;
    let id = house.submit("regular", packages::document_zip("W-1", "社区健身入门", "社区健身")).await;
    let ((account, one), (_, two)) = (&house.experts[0], &house.experts[1]);
    let draft = format!("/api/v1/reviews/{id}/draft");
    assert_eq!(put(one, &draft, &json!({"text": "还没领"})).await.json()["code"], "no-claim");
    one.post("/api/v1/reviews/next", &json!({})).await.ok();
    assert_eq!(one.get(&draft).await.status, 404);
    put(one, &draft, &json!({"text": "第一节"})).await.ok();
    put(one, &draft, &json!({"text": "第一节准确", "verdict": "pass"})).await.ok();
    let kept = one.get(&draft).await.ok();
    assert_eq!((kept["text"].as_str(), kept["verdict"].as_str()), (Some("第一节准确"), Some("pass")));
    assert_eq!(two.get(&draft).await.status, 404, "drafts are one's own");
    one.post(&format!("/api/v1/reviews/{id}/opinion"), &json!({"verdict": "pass", "text": "同意"})).await.ok();
    assert_eq!(one.get(&draft).await.status, 404, "gone with the opinion");
    assert_eq!(put(one, &draft, &json!({"text": "迟了"})).await.status, 409);

    let phrases = json!({"phrases": ["内容准确。", "请补充字幕。"]});
    put(one, "/api/v1/reviewers/me/phrases", &phrases).await.ok();
    assert_eq!(one.get("/api/v1/reviewers/me/phrases").await.ok(), phrases);
    assert_eq!(two.get("/api/v1/reviewers/me/phrases").await.ok()["phrases"], json!([]));
    assert_eq!(put(one, "/api/v1/reviewers/me/phrases", &json!({"phrases": [""]})).await.status, 400);

    let given = house.desk.get(&format!("/api/v1/submissions/{id}")).await.ok()["opinions"][0]["at"].as_str().unwrap().to_owned();
    let day = yuelu::domain::time::Timestamp::parse(&given).unwrap().shanghai_date();
    let month = day.rsplit_once('-').unwrap().0;
    let path = format!("/api/v1/reviews/sheet?month={month}");
    let sheet = one.get(&path).await.ok();
    assert_eq!((sheet["count"].as_u64(), sheet["rows"][0]["kind"]["code"].as_str()), (Some(1), Some("document")), "{sheet}");
    assert!(sheet["rows"][0]["bytes"].as_u64().unwrap() > 100 && !sheet.to_string().contains("社区健身"), "{sheet}");
    assert_eq!(house.desk.get(&format!("{path}&account={account}")).await.ok()["count"], 1);
    let csv = one.get(&format!("{path}&format=csv")).await;
    assert!(csv.header("content-type").starts_with("text/csv") && csv.to_string().contains(&format!("{id},1,常规入库,文档,")), "{csv}");
    assert_eq!(one.get("/api/v1/reviews/sheet?month=2026-13").await.status, 400);
    assert_eq!(one.get(&format!("{path}&account={account}")).await.status, 403, "others' sheets are for the desk");
    let workload = house.desk.get("/api/v1/reviews/workload").await.ok();
    assert_eq!((workload[0]["done"].as_u64(), workload[0]["median_hours"].as_u64()), (Some(1), Some(0)), "{workload}");
}

#[tokio::test]
async fn profiles_are_checked_against_the_lists_and_seen_by_the_own_desk() {
    let house = House::open(&["one"]).await;
    let (account, one) = &house.experts[0];
    let wrong = [
        (json!({"subjects": ["no-such"]}), "subjects"),
        (json!({"categories": ["社区"]}), "categories"),
        (json!({"ethnic_groups": ["99"]}), "ethnic_groups"),
        (json!({"languages": ["普通话"]}), "languages"),
        (json!({"names": ["\u{0}"]}), "names"),
        (json!({"most_open": 0}), "most_open"),
        (json!({"leave": [{"from": "2026-12-02", "until": "2026-12-01"}]}), "leave"),
    ];
    for (profile, field) in wrong {
        let answer = put(one, "/api/v1/reviewers/me", &profile).await;
        assert!([400, 422].contains(&answer.status.as_u16()), "{profile}: {answer}");
        assert_eq!(answer.json()["fields"][0]["path"], field, "{answer}");
    }
    let away = json!({"leave": [{"from": "2000-01-01", "until": "2999-12-31"}], "most_open": 3});
    let written = put(&house.desk, &format!("/api/v1/reviewers/{account}"), &away).await.ok();
    assert_eq!((written["away"].as_bool(), written["most_open"].as_u64()), (Some(true), Some(3)), "{written}");
    house.submit("regular", packages::document_zip("L-1", "社区防火常识", "社区防火")).await;
    assert_eq!(one.post("/api/v1/reviews/next", &json!({})).await.status, 204, "whoever is away is offered nothing");
    let stale = one
        .send(Method::PUT, "/api/v1/reviewers/me", &[("content-type", "application/json"), ("if-match", "\"v0\"")], b"{}".to_vec())
        .await;
    assert_eq!(stale.status, 412, "{stale}");
    put(one, "/api/v1/reviewers/me", &json!({})).await.ok();
    let found = eventually("work", Duration::from_secs(10), async || {
        Some(one.post("/api/v1/reviews/next", &json!({})).await).filter(|answer| answer.status == 200)
    });
    assert_eq!(found.await.ok()["title"], "社区防火常识");
    let page = house.desk.get("/api/v1/reviewers").await.ok();
    assert_eq!((page["items"][0]["account"].as_str(), page["items"][0]["open"].as_u64()), (Some(account.as_str()), Some(1)), "{page}");
}
