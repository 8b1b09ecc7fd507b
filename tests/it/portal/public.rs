//! What the public asks by forms, and what desk, institution and committee answer by theirs.

use super::Site;
use super::tab::Tab;
use crate::program::{Server, packages, rules};

/// The first value that a page gives between these.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in {page}")).split(after).next().unwrap()
}

#[tokio::test]
async fn a_visitor_gives_a_copyright_notice_and_the_institution_answers_it() {
    let site = Site::open().await;
    let resource = site.vetters.publish(packages::document_zip("C-1", "社区健身入门", "社区健身")).await;
    let visitor = Tab::visitor(&site.server);
    let ask = visitor.page("/complaints/new").await;
    assert!(ask.contains("资源编号"), "{ask}");
    assert_eq!(visitor.get("/complaints/new?resource=none").await.status, 404);
    let form = visitor.page(&format!("/complaints/new?resource={resource}&kind=copyright")).await;
    for part in ["社区健身入门", "权利人的姓名", "联系方式", "地址", "被侵权作品的名称", "初步证明材料", "真实性负责"]
    {
        assert!(form.contains(part), "{part}: {form}");
    }
    let thin = [("resource", resource.as_str()), ("kind", "copyright"), ("name", "王著作")];
    let refused = visitor.post("/complaints/new", &thin).await;
    let told = refused.to_string();
    assert_eq!(refused.status, 422, "{told}");
    for field in ["contact", "address", "work", "proof", "truthful"] {
        assert!(told.contains(&format!("href=\"#{field}\"")), "{field}: {told}");
    }
    assert!(told.contains("value=\"王著作\""), "{told}");
    let whole = [
        thin[0],
        thin[1],
        thin[2],
        ("contact", "13900001111"),
        ("address", "长沙市某路1号"),
        ("work", "《旧作》"),
        ("proof", "附登记证书"),
        ("truthful", "true"),
    ];
    let filed = visitor.post("/complaints/new", &whole).await;
    let page = filed.to_string();
    assert_eq!(filed.status, 201, "{page}");
    let code = between(&page, "<p class=\"code lead\">", "<").to_owned();
    let again = visitor.post("/complaints/new", &whole).await;
    assert!(again.status.is_client_error(), "held back, or being dealt with: {again}");

    let second = site.tab("second").await;
    let list = second.page("/petitions").await;
    let path = format!("/complaints/{}", between(&list, "href=\"/complaints/", "\""));
    let seen = second.page(&path).await;
    assert!(seen.contains("王著作") && seen.contains("第十六条") && !seen.contains("如何处理"), "{seen}");
    let version = between(&seen, "name=\"version\" value=\"", "\"").to_owned();
    let post = format!("{path}/counter-statement");
    let thin = second.post(&post, &[("version", &version), ("name", "本院")]).await.to_string();
    assert!(thin.contains("href=\"#proof\"") && thin.contains("value=\"本院\""), "{thin}");
    let statement = [
        ("version", version.as_str()),
        ("name", "本院"),
        ("contact", "0731-80000000"),
        ("address", "某路2号"),
        ("proof", "自编"),
        ("truthful", "true"),
    ];
    assert_eq!(second.posted(&post, &statement).await, format!("{path}?done=answer"));
    let followed = visitor.post("/petitions/followed", &[("code", &code)]).await.to_string();
    assert!(followed.contains("机构已提交书面说明") && followed.contains("自编"), "{followed}");
    let wrong = visitor.post("/petitions/followed", &[("code", "0000")]).await;
    assert!(wrong.status == 404 && wrong.to_string().contains("href=\"#code\""), "{wrong}");

    // Another kind waits for the desk.
    let other = [("resource", resource.as_str()), ("kind", "content_error"), ("text", "第二节有误")];
    let nothing = visitor.post("/complaints/new", &[other[0], ("kind", "content_error")]).await.to_string();
    assert!(nothing.contains("href=\"#text\""), "{nothing}");
    assert!(visitor.post("/complaints/new", &[other[0], other[2]]).await.to_string().contains("href=\"#kind\""));
    assert_eq!(visitor.post("/complaints/new", &other).await.status, 201);
    let desk = site.tab("desk").await;
    let list = desk.page("/petitions").await;
    let path = format!("/complaints/{}", between(&list, "href=\"/complaints/", "\""));
    let bare = desk.post(&format!("{path}/decision"), &[("answer", "suspend")]).await.to_string();
    assert!(bare.contains("href=\"#reason\""), "{bare}");
    assert!(desk.post(&format!("{path}/decision"), &[("reason", "属实")]).await.to_string().contains("href=\"#answer\""));
    desk.posted(&format!("{path}/decision"), &[("answer", "suspend"), ("reason", "属实")]).await;
    assert!(desk.page(&path).await.contains("恢复资源"));
}

#[tokio::test]
async fn a_visitor_objects_to_a_notice_and_the_desk_answers() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("rules");
    rules::with_policy(&folder, |policy| policy.replacen("notice_working_days = 0", "notice_working_days = 5", 1));
    let server = Server::start_with(&dir.path().join("data"), &[("YUELU_RULES_DIR", folder.as_os_str())]);
    let site = Site::around(dir, server).await;
    let decided = site.vetters.decide(packages::document_zip("O-1", "社区防火常识", "社区防火")).await;
    assert_eq!(decided["state"]["code"], "notice", "{decided}");
    let visitor = Tab::visitor(&site.server);
    let notices = visitor.page("/public-notices").await;
    assert!(notices.contains("社区防火常识") && notices.contains("公示至") && !notices.contains("李秀英"), "{notices}");
    let path = format!("/public-notices/{}/objection", decided["id"].as_str().unwrap());
    let bare = visitor.post(&path, &[("text", "抄自他书")]).await.to_string();
    assert!(["name", "contact", "evidence"].iter().all(|field| bare.contains(&format!("href=\"#{field}\""))), "{bare}");
    assert!(bare.contains("抄自他书"), "{bare}");
    let whole = [("name", "张实名"), ("contact", "13911112222"), ("text", "抄自他书"), ("evidence", "见第3页")];
    let filed = visitor.post(&path, &whole).await;
    assert_eq!(filed.status, 201, "{filed}");
    let code = between(&filed.to_string(), "<p class=\"code lead\">", "<").to_owned();
    assert!(visitor.page("/public-notices").await.contains("有异议正在处理"));
    assert_eq!(visitor.get("/public-notices/none/objection").await.status, 404);

    let desk = site.tab("desk").await;
    let list = desk.page("/petitions").await;
    let page = format!("/objections/{}", between(&list, "href=\"/objections/", "\""));
    let seen = desk.page(&page).await;
    assert!(seen.contains("张实名") && seen.contains("提交委员会复议"), "{seen}");
    desk.posted(&format!("{page}/answer"), &[("answer", "accept")]).await;
    let bare = desk.post(&format!("{page}/answer"), &[("answer", "dismiss")]).await.to_string();
    assert!(bare.contains("href=\"#reason\""), "{bare}");
    desk.posted(&format!("{page}/answer"), &[("answer", "dismiss"), ("reason", "与史料相符")]).await;
    let followed = visitor.post("/petitions/followed", &[("code", &code)]).await.to_string();
    assert!(followed.contains("异议不成立") && followed.contains("与史料相符"), "{followed}");
    for other in ["contributor", "reviewer", "approver"] {
        assert_eq!(site.tab(other).await.get(&page).await.status, 404, "{other}");
    }
}
