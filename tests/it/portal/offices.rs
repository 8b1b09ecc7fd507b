//! Countersigns, marks, waivers, recusals of the committee, spot checks: what people of the vetting do by forms.

use super::Site;
use crate::program::{Server, packages, rules};

/// The version that a form was shown for.
fn version(page: &str) -> String {
    page.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_marked_work_waits_for_the_office_which_objects_by_form() {
    let site = Site::open().await;
    site.person("office", "ethnic_affairs").await;
    site.person("member", "committee").await;
    let (id, _) = site.submitted(packages::document_zip("E-1", "还愿仪式讲述", "还愿")).await;
    let page = format!("/submissions/{id}");
    let (reviewer, office) = (site.tab("reviewer").await, site.tab("office").await);
    assert!(office.page("/countersigns").await.contains("没有等待会签的资源"));
    assert_eq!(office.get(&page).await.status, 404, "not asked yet");
    assert_eq!(reviewer.get("/countersigns").await.status, 403);
    reviewer.posted(&format!("{page}/claim"), &[]).await;
    let shown = reviewer.page(&page).await;
    assert!(shown.contains("标记须会签的内容") && shown.contains("宗教内容"), "{shown}");
    let bare = reviewer.post(&format!("{page}/flags"), &[("flag", "religious")]).await.to_string();
    assert!(bare.contains("href=\"#flag_reason\""), "{bare}");
    assert!(reviewer.post(&format!("{page}/flags"), &[("flag_reason", "讲述仪轨")]).await.to_string().contains("href=\"#flag\""));
    reviewer.posted(&format!("{page}/flags"), &[("flag", "religious"), ("flag_reason", "讲述仪轨")]).await;
    let given = [("do", "give"), ("verdict", "pass"), ("text", "同意入库。")];
    reviewer.posted(&format!("{page}/opinion"), &given).await;

    let waiting = office.page("/countersigns").await;
    assert!(waiting.contains("还愿仪式讲述") && waiting.contains("前答复"), "{waiting}");
    let seen = office.page(&page).await;
    assert!(!seen.contains("流转记录") && !seen.contains("/deposits/"), "nothing that the office may not open: {seen}");
    let version = version(&seen);
    let path = format!("{page}/countersign");
    assert!(office.post(&path, &[("version", &version)]).await.to_string().contains("href=\"#countersign\""));
    let bare = office.post(&path, &[("version", &version), ("countersign", "object"), ("letter", "民宗函7号")]).await.to_string();
    assert!(bare.contains("href=\"#countersign_text\"") && bare.contains("value=\"民宗函7号\""), "{bare}");
    let objects =
        [("version", version.as_str()), ("countersign", "object"), ("countersign_text", "第二节称谓不当。"), ("letter", "民宗函7号")];
    assert_eq!(office.posted(&path, &objects).await, format!("{page}?done=countersign"));
    for reader in ["contributor", "desk", "approver", "office"] {
        let shown = site.tab(reader).await.page(&page).await;
        assert!(shown.contains("第二节称谓不当。") && shown.contains("不同意") && shown.contains("民宗函7号"), "{reader}: {shown}");
        assert!(reader == "office" || !shown.contains("office先生"), "{reader} learns who spoke for the office: {shown}");
    }
    assert!(!reviewer.page(&page).await.contains("第二节称谓不当。"));

    // Of two members of the committee one stands down; there is a form for that, too.
    let member = site.tab("member").await;
    assert!(member.page(&page).await.contains("声明回避"));
    assert_eq!(member.posted(&format!("{page}/recuse"), &[("recuse_reason", "与作者共事")]).await, "/decisions?done=recuse");
    let refused = member.post(&format!("{page}/decision"), &[("verdict", "pass"), ("decision_reason", "已改")]).await;
    assert_eq!(refused.status, 403, "{refused}");
}

#[tokio::test]
async fn the_desk_waives_by_form_what_the_rule_lets_it() {
    let site = Site::open().await;
    let text = format!("旧时户籍册识读，共三节。{}证号11010519491231002X", "逐行对照讲解。".repeat(40));
    let mut files = packages::document("V-1", "旧时户籍册识读", "户籍");
    files[1].1 = text.into_bytes();
    let package = packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>());
    let deposit = site.vetters.deposit(package).await.ok()["id"].as_str().unwrap().to_owned();
    let line = site.vetters.examined(&deposit).await.remove(0);
    assert_eq!(line["state"]["code"], "returned", "{line}");
    let page = format!("/submissions/{}", line["id"].as_str().unwrap());
    let desk = site.tab("desk").await;
    assert!(desk.page("/screening").await.contains("/submissions?state=returned"));
    let shown = desk.page(&page).await;
    let value = shown.split("name=\"waived\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(value, "PRIVACY-ID|text.txt");
    assert!(!site.tab("contributor").await.page(&page).await.contains("name=\"waived\""));
    let path = format!("{page}/waivers");
    let none = desk.post(&path, &[("waiver_reason", "史料影印件")]).await.to_string();
    assert!(none.contains("href=\"#waived\"") && none.contains("史料影印件"), "{none}");
    assert!(desk.post(&path, &[("waived", &value)]).await.to_string().contains("href=\"#waiver_reason\""));
    desk.posted(&path, &[("waived", &value), ("waiver_reason", "史料影印件，当事人已故。")]).await;
    let read = site.tab("contributor").await.page(&page).await;
    assert!(read.contains("史料影印件，当事人已故。") && read.contains("已豁免"), "{read}");
}

#[tokio::test]
async fn a_spot_check_is_recorded_by_form() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("rules");
    rules::with_policy(&folder, |policy| policy.replacen("sample_percent = 5", "sample_percent = 100", 1));
    let server = Server::start_with(&dir.path().join("data"), &[("YUELU_RULES_DIR", folder.as_os_str())]);
    let site = Site::around(dir, server).await;
    site.vetters.publish(packages::document_zip("S-1", "家庭用电安全", "家庭用电")).await;
    let desk = site.tab("desk").await;
    let list = desk.page("/spot-checks").await;
    assert!(list.contains("家庭用电安全"), "{list}");
    let id = list.split("action=\"/spot-checks/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("/spot-checks/{id}");
    let none = desk.post(&path, &[("reason", "逐页核对")]).await.to_string();
    assert!(none.contains(&format!("href=\"#result-{id}\"")) && none.contains("逐页核对") && none.contains("<details open>"), "{none}");
    assert!(desk.post(&path, &[("result", "fail")]).await.to_string().contains(&format!("href=\"#reason-{id}\"")));
    let own = site.tab("approver").await.post(&path, &[("result", "pass"), ("reason", "合格")]).await;
    assert_eq!(own.status, 403, "who decided it does not check it: {own}");
    desk.posted(&path, &[("version", &version(&list)), ("result", "fail"), ("reason", "第二页有误")]).await;
    assert!(desk.page("/spot-checks?done=spot-check").await.contains("没有等待抽检的资源"));
    assert_eq!(site.tab("reviewer").await.get("/spot-checks").await.status, 403);
}
