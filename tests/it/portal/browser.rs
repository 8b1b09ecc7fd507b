//! One journey in a real browser of a phone's size: a reviewer signs in, claims, comments on a part of a picture, scores and
//! submits; then the institution reads what came of it.

use super::driver::Phone;
use super::{PASSWORD, Site, with_picture};
use serde_json::json;

pub async fn sign_in(phone: &Phone, site: &Site, name: &str, next: &str) {
    phone.open(&format!("{}/sign-in?next={next}", site.server.base)).await;
    phone.write("#name", name).await;
    phone.write("#password", PASSWORD).await;
    phone.tap("main form button").await;
}

/// A submission that is scored, with the expert invited.
async fn scored(site: &Site) -> String {
    let expert = site.person("expert", "reviewer").await;
    let profile = json!({"subjects": ["digital-life"]}).to_string().into_bytes();
    expert.send(reqwest::Method::PUT, "/api/v1/reviewers/me", &[("content-type", "application/json")], profile).await.ok();
    let id = site.selected(with_picture("B-1", "手机支付入门", "手机支付")).await;
    let assigned = json!({"decision": "assign"});
    site.admin.post(&format!("/api/v1/reviews/{id}/screening"), &assigned).await.ok();
    id
}

#[tokio::test]
async fn a_reviewer_works_on_a_phone_and_the_institution_reads_the_result() {
    let site = Site::open().await;
    let id = scored(&site).await;
    let phone = Phone::start().await;
    sign_in(&phone, &site, "expert", "/reviews").await;
    phone.sees("邀请您评审（1）").await;
    assert_eq!(phone.overflow().await, "");
    phone.picture("1-desk").await;
    phone.tap(".cards form button").await;
    phone.sees("已领取，请在期限内提交意见。").await;
    assert_eq!(phone.overflow().await, "");
    phone.picture("2-submission").await;

    // The file has a neutral name, for the track is blind.
    let link =
        "return [...document.querySelectorAll('#files + ul a')].find((link) => link.textContent.endsWith('.png')).getAttribute('href')";
    let picture = phone.run(link).await;
    phone.open(&format!("{}{}", site.server.base, picture.as_str().unwrap())).await;
    phone.tap("#draw").await;
    phone.draw("#picture", (-80, -40), (40, 30)).await;
    phone.write("#text-of-comment", "此处文字太小，老年人看不清。").await;
    phone.picture("3-drawn").await;
    phone.tap("#comment button:not([type])").await;
    phone.sees("批注已保存。").await;
    assert_eq!(phone.overflow().await, "");
    let view = site.admin.get(&format!("/api/v1/submissions/{id}")).await.ok();
    let place = &view["comments"][0]["locator"];
    assert_eq!(place["at"], "region", "{view}");
    assert!((1_000..9_000).contains(&place["width"].as_u64().unwrap()) && place["height"].as_u64().unwrap() > 1_000, "{place}");

    phone.open(&format!("{}/submissions/{id}/opinion", site.server.base)).await;
    phone.write("#text", "内容准确，封面文字请放大。").await;
    phone.tap(".last button[value=give]").await;
    phone.sees("需要改正").await;
    phone.picture("4-faults").await;
    phone.tap("input[value=pass_after_changes]").await;
    let marks = view["criteria"].as_array().unwrap().len();
    let codes: Vec<&str> = view["criteria"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    for code in &codes {
        phone.write(&format!("[name='score.{code}']"), "86.5").await;
    }
    assert!(marks > 4);
    phone.sees("自动保存").await;
    assert_eq!(phone.overflow().await, "");
    phone.picture("5-opinion").await;
    phone.tap(".last button[value=give]").await;
    phone.sees("评审意见已提交，谢谢。").await;
    let view = site.admin.get(&format!("/api/v1/submissions/{id}")).await.ok();
    assert_eq!(
        (view["opinions"][0]["mark"].as_u64(), view["opinions"][0]["verdict"]["code"].as_str()),
        (Some(8_650), Some("pass_after_changes"))
    );

    let back = json!({"decision": "return", "reason": "请按批注放大封面文字"});
    site.admin.post(&format!("/api/v1/reviews/{id}/screening"), &back).await.ok();
    phone.tap(".out button").await;
    // The way out has ended when the form to come in again is there.
    phone.write("#name", "contributor").await;
    sign_in(&phone, &site, "contributor", &format!("/submissions/{id}")).await;
    phone.sees("请按批注放大封面文字").await;
    phone.sees("此处文字太小，老年人看不清。").await;
    assert_eq!(phone.overflow().await, "");
    phone.picture("6-institution").await;
    phone.close().await;
}
