//! The pages of the vetting on a screen of a phone's width: nothing is wider than it, whoever reads.

use super::Site;
use super::browser::sign_in;
use super::driver::Phone;
use crate::program::{Server, eventually, packages, rules};
use serde_json::{Value, json};
use std::time::Duration;

/// A site with something on each page: a work under notice with an objection, one with the office, one that the machine returned, a
/// published one with a complaint, and a lot drawn.
struct Stage {
    site: Site,
    noticed: String,
    with_office: String,
    returned: String,
    resource: String,
    objection: String,
    complaint: String,
}

fn policy(policy: String) -> String {
    let drawn = policy.replacen("sample_percent = 5", "sample_percent = 100", 1);
    let (rest, selected) = drawn.split_once("[[track]]\ncode = \"selected\"").unwrap();
    let (_, regular) = rest.split_once("[[track]]\ncode = \"regular\"").unwrap();
    let noticed = regular.replacen("notice_working_days = 0", "notice_working_days = 5", 1).replacen("常规入库", "公示入库", 1);
    format!("{rest}[[track]]\ncode = \"noticed\"{noticed}\n[[track]]\ncode = \"selected\"{selected}")
}

impl Stage {
    async fn set() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("rules");
        rules::with_policy(&folder, policy);
        let data = dir.path().join("data");
        std::fs::create_dir_all(&data).unwrap();
        let settings = format!("rules_dir = \"{}\"\n[notices.email]\nby = \"file\"\n", folder.display());
        std::fs::write(data.join("yuelu.toml"), settings).unwrap();
        let server = Server::start(&data);
        let site = Site::around(dir, server).await;
        site.person("office", "ethnic_affairs").await;
        let vetters = &site.vetters;
        let resource = vetters.publish(packages::document_zip("P-1", "家庭用电安全指南（2026年版）", "家庭用电")).await;
        let kind = [("content-type", "application/zip")];
        let path = "/api/v1/deposits?pledge=2026-1&track=noticed";
        let package = packages::document_zip("P-2", "社区防火常识", "社区防火");
        let deposit = vetters.contributor.send(reqwest::Method::POST, path, &kind, package).await.ok();
        let noticed = vetters.checked(deposit["id"].as_str().unwrap()).await[0]["id"].as_str().unwrap().to_owned();
        vetted(&site, &noticed).await;
        vetters.approver.post(&format!("/api/v1/reviews/{noticed}/decision"), &json!({"verdict": "pass", "reason": ""})).await.ok();
        let (with_office, _) = site.submitted(packages::document_zip("P-3", "还愿仪式讲述", "还愿")).await;
        vetters.reviewer.post(&format!("/api/v1/reviews/{with_office}/claim"), &json!({})).await.ok();
        let flag = json!({"flag": "religious", "reason": "讲述仪轨"});
        vetters.reviewer.post(&format!("/api/v1/reviews/{with_office}/flags"), &flag).await.ok();
        let opinion = json!({"verdict": "pass", "text": "内容完整，同意。"});
        vetters.reviewer.post(&format!("/api/v1/reviews/{with_office}/opinion"), &opinion).await.ok();
        let mut files = packages::document("P-4", "旧时户籍册识读", "户籍");
        files[1].1 = format!("旧时户籍册识读。{}证号11010519491231002X", "逐行对照讲解。".repeat(40)).into_bytes();
        let package = packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>());
        let deposit = vetters.deposit(package).await.ok()["id"].as_str().unwrap().to_owned();
        let returned = vetters.examined(&deposit).await[0]["id"].as_str().unwrap().to_owned();
        let row =
            json!({"id": "imported", "title": "家庭急救常识", "body": "登记人证号11010519491231002X。", "kind": "document"}).to_string();
        let import = "/api/v1/imports?vetted_by=Board&source=lib";
        let lines = [("content-type", "application/x-ndjson")];
        site.admin.send(reqwest::Method::POST, import, &lines, row.into_bytes()).await.ok();
        eventually("findings", Duration::from_secs(60), async || {
            let found = site.admin.get("/api/v1/imports/findings").await.ok();
            (!found["items"].as_array().unwrap().is_empty()).then_some(())
        })
        .await;
        let visitor = site.server.visitor();
        let objection = json!({"name": "张实名", "contact": "13911112222", "text": "第一节抄自他书。", "evidence": "见第3页。"});
        let objection = id_of(&visitor.post(&format!("/api/v1/public-notices/{noticed}/objections"), &objection).await.ok());
        let complaint = json!({"resource": resource, "kind": "content_error", "text": "第二节有误。"});
        let complaint = id_of(&visitor.post("/api/v1/complaints", &complaint).await.ok());
        Self { site, noticed, with_office, returned, resource, objection, complaint }
    }
}

fn id_of(filed: &Value) -> String {
    filed["id"].as_str().unwrap().to_owned()
}

/// Reviewed and passed.
async fn vetted(site: &Site, id: &str) {
    let reviewer = &site.vetters.reviewer;
    reviewer.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await.ok();
    reviewer.post(&format!("/api/v1/reviews/{id}/opinion"), &json!({"verdict": "pass", "text": "内容完整，同意。"})).await.ok();
}

#[tokio::test]
async fn no_page_of_the_vetting_is_wider_than_a_phone() {
    let stage = Stage::set().await;
    let site = &stage.site;
    let Stage { noticed, with_office, returned, resource, objection, complaint, .. } = &stage;
    let pages: [(&str, Vec<(&str, String)>); 7] = [
        (
            "",
            vec![
                ("notices", "/public-notices".to_owned()),
                ("objection", format!("/public-notices/{noticed}/objection")),
                ("complaint", format!("/complaints/new?resource={resource}")),
                ("copyright", format!("/complaints/new?resource={resource}&kind=copyright")),
                ("follow", "/petitions/followed".to_owned()),
            ],
        ),
        ("office", vec![("countersigns", "/countersigns".to_owned()), ("countersign", format!("/submissions/{with_office}#countersign"))]),
        ("reviewer", vec![("profile", "/reviews/profile".to_owned()), ("settings", "/notices/settings".to_owned())]),
        ("approver", vec![("recuse", "/decisions".to_owned())]),
        (
            "desk",
            vec![
                ("petitions", "/petitions".to_owned()),
                ("objection-desk", format!("/objections/{objection}")),
                ("complaint-desk", format!("/complaints/{complaint}")),
                ("waive", format!("/submissions/{returned}#waive")),
                ("spot-checks", "/spot-checks".to_owned()),
                ("imports", "/imports".to_owned()),
            ],
        ),
        ("contributor", vec![("upload", "/deposits/new".to_owned())]),
        ("second", vec![("petitions-second", "/petitions".to_owned())]),
    ];
    let phone = Phone::start().await;
    for (who, pages) in pages {
        if !who.is_empty() {
            sign_in(&phone, site, who, "/notices").await;
            phone.sees("通知").await;
        }
        for (name, path) in pages {
            phone.open(&format!("{}{path}", site.server.base)).await;
            assert_eq!(phone.overflow().await, "", "{who} {path}");
            phone.picture(&format!("p-{name}")).await;
            phone.run("document.documentElement.classList.add('large')").await;
            assert_eq!(phone.overflow().await, "", "{who} {path} for elders");
            phone.picture(&format!("p-{name}-large")).await;
        }
        if !who.is_empty() {
            phone.tap(".out button").await;
            phone.sees("登录名").await;
        }
    }
    phone.close().await;
}
