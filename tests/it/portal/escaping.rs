//! Texts of others stand on pages as texts.

use super::Site;
use crate::program::packages;

const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

#[tokio::test]
async fn hostile_texts_stay_texts() {
    let site = Site::open().await;
    let title = "警惕<script>alert(1)</script>网络骗局";
    let (id, deposit) = site.submitted(packages::document_zip("H-1", title, "骗局")).await;
    let (reviewer, contributor) = (site.tab("reviewer").await, site.tab("contributor").await);
    let page = format!("/submissions/{id}");
    reviewer.posted(&format!("{page}/claim"), &[]).await;
    reviewer.posted(&format!("{page}/comments"), &[("text", HOSTILE), ("field", HOSTILE), ("audience", "submitter")]).await;
    reviewer.posted(&format!("{page}/comments"), &[("text", HOSTILE), ("file", "text.txt"), ("audience", "internal")]).await;
    reviewer.posted(&format!("{page}/opinion"), &[("do", "draft"), ("text", HOSTILE), ("veto", "rights"), ("fact.rights", HOSTILE)]).await;
    reviewer.posted("/reviews/phrases", &[("phrases", HOSTILE)]).await;
    let refused = reviewer.post(&format!("{page}/comments"), &[("text", ""), ("field", HOSTILE), ("row", HOSTILE)]).await;
    assert_eq!(refused.status, 400, "{refused}");
    let mut pages = vec![refused.to_string()];
    for path in
        ["/reviews".to_owned(), "/reviews/phrases".to_owned(), page.clone(), format!("{page}/opinion"), format!("{page}/look/text.txt")]
    {
        pages.push(reviewer.page(&path).await);
    }
    for path in
        [page.clone(), "/submissions".to_owned(), format!("{page}/changes"), format!("{page}/history"), format!("/deposits/{deposit}")]
    {
        pages.push(contributor.page(&path).await);
    }
    reviewer.posted(&format!("{page}/opinion"), &[("do", "give"), ("verdict", "pass"), ("text", HOSTILE)]).await;
    let approver = site.tab("approver").await;
    for path in ["/decisions", page.as_str()] {
        pages.push(approver.page(path).await);
    }
    approver.posted(&format!("{page}/decision"), &[("verdict", "pass"), ("decision_reason", HOSTILE)]).await;
    pages.push(contributor.page("/notices").await);
    let view = site.vetters.contributor.get(&format!("/api/v1/submissions/{id}")).await.ok();
    let dossier = site.tab("inspector").await.page(&format!("/api/v1/resources/{}/dossier.html", view["resource"].as_str().unwrap())).await;
    assert!(dossier.contains("&#60;img src=x") || dossier.contains("&lt;img src=x"), "{dossier}");
    pages.push(dossier);
    for page in pages {
        for bad in ["<script>alert", "<img src=x", "=\"<", "\"'>"] {
            assert!(!page.contains(bad), "{bad} in {page}");
        }
    }
    assert!(reviewer.page(&page).await.contains("alert(1)"), "the text is there, as a text");
}
