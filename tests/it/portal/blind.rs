//! Whoever reviews a blind work reads no name on any page.

use super::Site;
use crate::panels::{PLANTED, telling};
use serde_json::json;

#[tokio::test]
async fn a_blind_reviewer_reads_no_name_on_any_page() {
    let site = Site::open().await;
    let expert = site.person("expert", "reviewer").await;
    let profile = json!({"subjects": ["digital-life"]}).to_string().into_bytes();
    expert.send(reqwest::Method::PUT, "/api/v1/reviewers/me", &[("content-type", "application/json")], profile).await.ok();
    let id = site.selected(telling()).await;
    let page = format!("/submissions/{id}");
    let desk = site.tab("desk").await;
    desk.posted(&format!("{page}/screening"), &[("decision", "assign"), ("track", "selected")]).await;
    assert!(desk.page(&page).await.contains("李秀英"), "the desk sees names");
    let contributor = site.tab("contributor").await;
    let said = [("text", "我是李秀英，请看稿件。"), ("file", "李秀英稿件/gao-lixiuying.txt")];
    contributor.posted(&format!("{page}/comments"), &said).await;
    let tab = site.tab("expert").await;
    let invited = tab.page("/reviews").await;
    assert!(invited.contains("邀请您评审（1）"), "{invited}");
    let mut pages = vec![invited, tab.page(&page).await];
    tab.posted(&format!("{page}/claim"), &[]).await;
    let file = "%E6%96%87%E4%BB%B6%201.txt";
    for path in ["/reviews", "/notices", "/submissions", &page, &format!("{page}/changes"), &format!("{page}/opinion")] {
        pages.push(tab.page(path).await);
    }
    let look = tab.page(&format!("{page}/look/{file}")).await;
    // The text of the work is shown as it is; the rest of the page names nobody.
    let (frame, rest) = (look.split("文件中的文字").next().unwrap(), look.split("对此文件的批注").nth(1).unwrap());
    pages.extend([frame.to_owned(), rest.to_owned()]);
    for path in [format!("{page}/history"), format!("{page}/look/%E6%9D%8E%E7%A7%80%E8%8B%B1%E7%A8%BF%E4%BB%B6/gao-lixiuying.txt")] {
        let answer = tab.get(&path).await;
        assert!([403, 404].contains(&answer.status.as_u16()), "{path}: {answer}");
        pages.push(answer.to_string());
    }
    assert!(pages.len() > 9, "{} pages", pages.len());
    for page in pages {
        let found: Vec<_> = PLANTED.iter().filter(|name| page.contains(**name)).collect();
        assert!(found.is_empty(), "{found:?} in {page}");
    }
}
