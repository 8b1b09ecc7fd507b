//! What forms do: comments, opinions, decisions, pledges, notices; and what a form says that is not taken.

use super::{PICTURE, Site, with_picture};
use crate::program::packages;

#[tokio::test]
async fn comments_are_made_at_places_and_answered_one_by_one() {
    let site = Site::open().await;
    let (id, _) = site.submitted(with_picture("F-1", "社区健身入门", "社区健身")).await;
    let (reviewer, contributor) = (site.tab("reviewer").await, site.tab("contributor").await);
    let page = format!("/submissions/{id}");
    reviewer.posted(&format!("{page}/claim"), &[]).await;
    let places = [
        vec![("text", "封面字太小"), ("file", "图/封面.png"), ("left", "10.5"), ("top", "20"), ("width", "30"), ("height", "40")],
        vec![("text", "第三页有错字"), ("file", "text.txt"), ("page", "3")],
        vec![("text", "题名太长"), ("field", "title")],
        vec![("text", "这一行重复"), ("row", "7")],
        vec![("text", "只给编辑看"), ("audience", "internal")],
    ];
    for place in &places {
        reviewer.posted(&format!("{page}/comments"), place).await;
    }
    let view = site.vetters.reviewer.get(&format!("/api/v1{page}")).await.ok();
    let region = serde_json::json!({"at": "region", "left": 1_050, "top": 2_000, "width": 3_000, "height": 4_000});
    assert_eq!((&view["comments"][0]["locator"], view["comments"][3]["row"].as_u64()), (&region, Some(7)));
    let look = reviewer.page(&format!("{page}/look/{PICTURE}")).await;
    assert!(look.contains("<rect x=\"10.5%\" y=\"20%\" width=\"30%\" height=\"40%\"/>"), "{look}");
    let wrong = [("text", "写了很久的话"), ("file", "图/封面.png"), ("left", "90"), ("top", "0"), ("width", "20"), ("height", "5")];
    let refused = reviewer.post(&format!("{page}/comments"), &wrong).await;
    let told = refused.to_string();
    assert_eq!(refused.status, 400, "{told}");
    assert!(told.contains("href=\"#left\"") && told.contains("写了很久的话") && told.contains("value=\"90\""), "{told}");

    let shown = contributor.page(&page).await;
    assert!(shown.contains("著录项“题名”") && shown.contains("目录表第 7 行") && !shown.contains("只给编辑看"), "{shown}");
    let first = view["comments"][0]["id"].as_str().unwrap();
    contributor.posted(&format!("{page}/comments"), &[("text", "已换成大字封面")]).await;
    contributor.posted(&format!("{page}/comments/{first}"), &[("done", "true"), ("back", &page)]).await;
    assert!(contributor.page(&page).await.contains("✓ 已处理"));
    let desk = site.tab("desk").await.page(&page).await;
    assert!(desk.contains("只给编辑看") && desk.contains("已换成大字封面"), "{desk}");
}

#[tokio::test]
async fn an_opinion_is_drafted_corrected_given_and_decided_with_others() {
    let site = Site::open().await;
    let (one, _) = site.submitted(packages::document_zip("F-2", "社区防火常识", "社区防火")).await;
    let (two, _) = site.submitted(packages::document_zip("F-3", "家庭用电安全", "家庭用电")).await;
    let reviewer = site.tab("reviewer").await;
    reviewer.posted("/reviews/phrases", &[("phrases", "内容准确。\r\n请补充字幕。")]).await;
    let first = format!("/submissions/{one}/opinion");
    assert_eq!(reviewer.get(&first).await.status, 409, "nothing is written before it is claimed");
    for id in [&one, &two] {
        reviewer.posted(&format!("/submissions/{id}/claim"), &[]).await;
    }
    assert_eq!(
        reviewer.posted(&first, &[("do", "phrase"), ("text", "总体尚可。"), ("phrase", "请补充字幕。")]).await,
        format!("{first}?done=phrase#text")
    );
    let drafted = reviewer.page(&first).await;
    assert!(drafted.contains("总体尚可。\n请补充字幕。") && drafted.contains("草稿已于"), "{drafted}");
    let refused = reviewer.post(&first, &[("do", "give"), ("text", "留着这句话")]).await.to_string();
    assert!(refused.contains("href=\"#verdict\"") && refused.contains("留着这句话"), "{refused}");
    let vetoed = [("do", "give"), ("verdict", "reject"), ("text", "有侵权"), ("veto", "rights"), ("place.rights", "第 2 页")];
    let refused = reviewer.post(&first, &vetoed).await.to_string();
    assert!(refused.contains("href=\"#fact.rights\"") && refused.contains("value=\"第 2 页\""), "{refused}");
    for id in [&one, &two] {
        let given = [("do", "give"), ("verdict", "pass"), ("text", "同意入库。")];
        assert_eq!(reviewer.posted(&format!("/submissions/{id}/opinion"), &given).await, "/reviews?done=opinion");
    }
    let desk = reviewer.page("/reviews?done=opinion").await;
    assert!(desk.contains("评审意见已提交") && desk.matches("我的结论：通过").count() == 2, "{desk}");

    let approver = site.tab("approver").await;
    let list = approver.page("/decisions").await;
    let items: Vec<&str> = list.split("name=\"item\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(items.len(), 2, "{list}");
    let nothing = approver.post("/decisions", &[("item", items[0])]).await.to_string();
    assert!(nothing.contains("href=\"#verdict\"") && nothing.matches(" checked").count() == 1, "{nothing}");
    let stale = format!("{}@1", two);
    let decided = approver
        .post("/decisions", &[("item", items.iter().find(|item| item.starts_with(&one)).unwrap()), ("item", &stale), ("verdict", "pass")])
        .await;
    let told = decided.to_string();
    assert!(decided.status == 200 && told.contains("共 2 件，已登记 1 件") && told.contains("✗ 未登记"), "{told}");
    let single = approver.post(&format!("/submissions/{two}/decision"), &[("verdict", "reject")]).await.to_string();
    assert!(single.contains("href=\"#decision_reason\""), "{single}");
    approver.posted(&format!("/submissions/{two}/decision"), &[("verdict", "reject"), ("decision_reason", "与已有资源重复")]).await;

    let contributor = site.tab("contributor").await;
    assert!(contributor.page(&format!("/submissions/{two}")).await.contains("与已有资源重复"));
    assert!(contributor.page("/submissions?state=rejected").await.contains("家庭用电安全"));
    let empty = contributor.post(&format!("/submissions/{two}/appeal"), &[("appeal_reason", " ")]).await;
    assert!(empty.status.is_client_error() && empty.to_string().contains("href=\"#appeal_reason\""), "{empty}");
    contributor.posted(&format!("/submissions/{two}/appeal"), &[("appeal_reason", "内容不同，请再看")]).await;
}

#[tokio::test]
async fn a_batch_is_approved_by_form_and_notices_are_read() {
    let site = Site::open().await;
    let package = packages::document_zip("F-4", "垃圾分类入门", "垃圾分类");
    let deposit = site.vetters.deposit(package).await.ok()["id"].as_str().unwrap().to_owned();
    let path = format!("/deposits/{deposit}");
    let second = site.tab("second").await;
    let page = crate::program::eventually("a batch that waits", std::time::Duration::from_secs(60), async || {
        Some(second.page(&path).await).filter(|page| page.contains("自审表"))
    })
    .await;
    let values = |name: &str| -> Vec<String> {
        page.split(&format!("name=\"{name}\" value=\"")).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let (list, codes) = (values("list").remove(0), values("confirmed"));
    let stamp = format!("{path}/stamped-pledges");
    let scan = packages::picture(320, 200);
    let missing = second.upload(&stamp, &[("list", list.as_str())], ("scan", scan.as_slice())).await.to_string();
    assert!(missing.contains("href=\"#confirmed\""), "{missing}");
    let mut fields = vec![("list", list.as_str())];
    fields.extend(codes.iter().map(|code| ("confirmed", code.as_str())));
    let wrong = second.upload(&stamp, &fields, ("scan", b"no picture".as_slice())).await.to_string();
    assert!(wrong.contains("href=\"#scan\"") && wrong.matches(" checked").count() == codes.len(), "{wrong}");
    let own = site.tab("contributor").await.upload(&stamp, &fields, ("scan", scan.as_slice())).await;
    assert_eq!(own.status, 403, "{own}");
    let done = second.upload(&stamp, &fields, ("scan", scan.as_slice())).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, format!("{path}?done=stamped").as_str()), "{done}");
    let inbox = crate::program::eventually("a notice", std::time::Duration::from_secs(60), async || {
        Some(second.page("/notices").await).filter(|page| page.contains("等作品等待本机构审核"))
    })
    .await;
    assert!(inbox.contains("未读"), "{inbox}");
    second.posted("/notices/read", &[]).await;
    assert!(!second.page("/notices").await.contains("<strong>未读</strong>"));
    let changed = second.post(&stamp, &fields).await;
    assert_eq!(changed.status, 415, "{changed}");
}
