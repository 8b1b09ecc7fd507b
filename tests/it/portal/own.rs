//! What people keep of their own: profile and leave, notice settings; and an institution's upload.

use super::Site;
use crate::program::outbox::{code_in, outbox};
use crate::program::{eventually, packages};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_reviewer_keeps_profile_and_leave_by_form() {
    let site = Site::open().await;
    let reviewer = site.tab("reviewer").await;
    let path = "/reviews/profile";
    let page = reviewer.page(path).await;
    assert!(page.contains("数字生活") && page.contains("苗族") && page.matches("name=\"leave_from\"").count() == 2, "{page}");
    let wrong = [
        ("version", "0"),
        ("subjects", "digital-life"),
        ("names", "王小评\r\n笔名甲"),
        ("most_open", "许多"),
        ("leave_from", "2026-12-10"),
        ("leave_until", "2026-12-01"),
    ];
    let refused = reviewer.post(path, &wrong).await.to_string();
    assert!(
        refused.contains("href=\"#most_open\"") && refused.contains("王小评\n笔名甲") && refused.contains("value=\"2026-12-10\""),
        "{refused}"
    );
    let good = [
        ("version", "0"),
        ("subjects", "digital-life"),
        ("subjects", "anti-fraud"),
        ("names", "王小评\r\n笔名甲"),
        ("conflicts", "家庭防火"),
        ("languages", "zh-CN hmn"),
        ("most_open", "5"),
        ("leave_from", "2000-01-01"),
        ("leave_until", "2999-12-31"),
        ("leave_from", ""),
        ("leave_until", ""),
    ];
    assert_eq!(reviewer.posted(path, &good).await, format!("{path}?done=profile"));
    let kept = site.vetters.reviewer.get("/api/v1/reviewers/me").await.ok();
    assert_eq!(kept["subjects"], json!(["anti-fraud", "digital-life"]), "{kept}");
    assert_eq!((&kept["names"], &kept["languages"]), (&json!(["王小评", "笔名甲"]), &json!(["hmn", "zh-CN"])), "{kept}");
    assert_eq!((&kept["away"], kept["leave"].as_array().unwrap().len(), &kept["most_open"]), (&json!(true), 1, &json!(5)), "{kept}");
    assert!(reviewer.page(path).await.contains("请假中"));
    let stale = reviewer.post(path, &good).await;
    assert_eq!(stale.status, 412, "somebody changed it meanwhile: {stale}");
    assert_eq!(site.tab("contributor").await.get(path).await.status, 403);
    assert!(site.tab("approver").await.page(path).await.contains("须回避的机构"), "members of the committee declare theirs");
}

#[tokio::test]
async fn notice_settings_are_kept_by_form() {
    let site = Site::with_settings("[notices.email]\nby = \"file\"\n").await;
    let tab = site.tab("reviewer").await;
    let path = "/notices/settings";
    assert!(tab.page("/notices").await.contains(path));
    let page = tab.page(path).await;
    assert!(page.contains("电子邮件") && page.contains("评审任务") && !page.contains("短信"), "{page}");
    let bad = tab.post(path, &[("addresses.email", "not an address")]).await.to_string();
    assert!(bad.contains("href=\"#addresses.email\"") && bad.contains("value=\"not an address\""), "{bad}");
    tab.posted(path, &[("addresses.email", "w@mail.example"), ("channels.1", "email"), ("daily", "email")]).await;
    let waits = tab.page(path).await;
    assert!(waits.contains("验证码已发往 w@mail.example"), "{waits}");
    let wrong = tab.post("/notices/settings/confirmation", &[("channel", "email"), ("code", "1")]).await.to_string();
    assert!(wrong.contains("href=\"#code.email\""), "{wrong}");
    let sent = async || outbox(&site.server.dir).into_iter().find(|line| line["to"] == "w@mail.example");
    let line = eventually("a code", Duration::from_secs(60), sent).await;
    let code = code_in(line["text"].as_str().unwrap());
    // Saving again what is there asks for no second code.
    tab.posted(path, &[("addresses.email", "w@mail.example"), ("channels.1", "email")]).await;
    tab.posted("/notices/settings/confirmation", &[("channel", "email"), ("code", &code)]).await;
    let kept = site.vetters.reviewer.get("/api/v1/notices/settings").await.ok();
    assert_eq!((&kept["addresses"]["email"], &kept["daily"]), (&json!("w@mail.example"), &json!([])), "{kept}");
    assert_eq!((&kept["channels"]["reviews"], &kept["channels"]["submissions"]), (&json!(["email"]), &json!([])), "{kept}");
}

#[tokio::test]
async fn an_institution_sends_a_package_from_a_browser() {
    let site = Site::open().await;
    let contributor = site.tab("contributor").await;
    assert!(contributor.page("/deposits").await.contains("/deposits/new"));
    let form = contributor.page("/deposits/new").await;
    assert!(form.contains("内容安全承诺") && form.contains("常规入库") && !form.contains("name=\"owner\""), "{form}");
    let package = packages::document_zip("U-1", "垃圾分类入门", "垃圾分类");
    let version = form.split("name=\"pledge\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let unpledged = contributor.upload("/deposits/new", &[("track", "regular")], ("package", &package)).await;
    assert!(unpledged.status.is_client_error() && unpledged.to_string().contains("href=\"#pledge\""), "{unpledged}");
    let said = [("track", "regular"), ("pledge", version.as_str())];
    let no_zip = contributor.upload("/deposits/new", &said, ("package", b"no package".as_slice())).await.to_string();
    assert!(no_zip.contains("href=\"#package\"") && no_zip.contains("不是 ZIP") && no_zip.contains(" checked"), "{no_zip}");
    let none = contributor.upload("/deposits/new", &said, ("other", b"".as_slice())).await.to_string();
    assert!(none.contains("请选择资源包"), "{none}");
    let taken = contributor.upload("/deposits/new", &said, ("package", &package)).await;
    assert_eq!(taken.status, 303, "{taken}");
    let led = taken.header("location").to_owned();
    let deposit = led.strip_prefix("/deposits/").unwrap().strip_suffix("?done=deposit").unwrap();
    assert_eq!(site.vetters.examined(deposit).await.len(), 1);
    assert!(contributor.page(&led).await.contains("资源包已收到"));
    assert_eq!(site.tab("reviewer").await.get("/deposits/new").await.status, 403);
}
