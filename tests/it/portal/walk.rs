//! Every page as everybody: what comes, and that no answer is a fault.

use super::tab::Tab;
use super::{PICTURE, Site, with_picture};

/// Whose columns these are.
const ACTORS: [&str; 9] = ["-", "learner", "contributor", "second", "reviewer", "approver", "desk", "inspector", "chief"];

/// Pages, and what comes for each of [`ACTORS`]; `{id}` under review, `{deposit}` its batch.
const TABLE: &str = "
/                                 200 200 200 200 200 200 200 200 200
/search                           200 200 200 200 200 200 200 200 200
/search/saved                     303 200 200 200 200 200 200 200 200
/sign-in                          200 303 303 303 303 303 303 303 303
/desk                             303 303 303 303 303 303 303 303 303
/notices                          303 200 200 200 200 200 200 200 200
/learn                            303 200 200 200 200 200 200 200 200
/resources/nothing                404 404 404 404 404 404 404 404 404
/reviews                          303 403 403 403 200 403 403 403 403
/reviews/phrases                  303 403 403 403 200 200 403 403 403
/reviews/profile                  303 403 403 403 200 200 403 403 403
/notices/settings                 303 200 200 200 200 200 200 200 200
/public-notices                   200 200 200 200 200 200 200 200 200
/public-notices/none/objection    404 404 404 404 404 404 404 404 404
/complaints/new                   200 200 200 200 200 200 200 200 200
/complaints/none                  303 404 404 404 404 404 404 404 404
/objections/none                  303 404 404 404 404 404 404 404 404
/petitions/followed               200 200 200 200 200 200 200 200 200
/petitions                        303 403 403 200 403 403 200 200 200
/imports                          303 403 403 403 403 403 200 200 200
/countersigns                     303 403 403 403 403 403 403 403 403
/spot-checks                      303 403 403 403 403 200 200 200 200
/deposits/new                     303 403 200 200 403 403 403 403 403
/screening                        303 403 403 403 403 403 200 403 200
/decisions                        303 403 403 403 403 200 403 403 403
/submissions                      303 200 200 200 200 200 200 200 200
/submissions?state=review         303 200 200 200 200 200 200 200 200
/submissions/{id}                 303 404 200 200 200 200 200 200 200
/submissions/{id}/look/text.txt   303 404 200 200 200 200 200 200 200
/submissions/{id}/look/{picture}  303 404 200 200 200 200 200 200 200
/submissions/{id}/look/nothing    303 404 404 404 404 404 404 404 404
/submissions/{id}/changes         303 404 200 200 200 200 200 200 200
/submissions/{id}/history         303 404 200 200 403 200 200 200 200
/submissions/{id}/opinion         303 404 403 403 200 403 403 403 403
/submissions/{id}/experts         303 404 403 403 403 403 200 403 200
/submissions/nothing              303 404 404 404 404 404 404 404 404
/deposits                         303 200 200 200 200 200 200 200 200
/deposits/{deposit}               303 404 200 200 404 200 200 200 200
/deposits/nothing                 303 404 404 404 404 404 404 404 404
";

#[tokio::test]
async fn every_page_answers_everybody_as_the_table_says() {
    let site = Site::open().await;
    let (id, deposit) = site.submitted(with_picture("W-1", "社区健身入门", "社区健身")).await;
    let mut tabs = vec![Tab::visitor(&site.server)];
    for name in ACTORS.into_iter().skip(1) {
        tabs.push(site.tab(name).await);
    }
    let reviewer = &tabs[4];
    reviewer.posted(&format!("/submissions/{id}/claim"), &[]).await;
    let mut wrong = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let path = words.next().unwrap();
        let filled = path.replace("{id}", &id).replace("{deposit}", &deposit).replace("{picture}", PICTURE);
        let mut came = Vec::new();
        for (tab, name) in tabs.iter().zip(ACTORS) {
            let answer = tab.get(&filled).await;
            came.push(answer.status.as_u16().to_string());
            if answer.status == 303 {
                continue;
            }
            assert!(answer.header("content-type").starts_with("text/html"), "{path} as {name}: {answer}");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
            assert!(answer.body.len() < 30_000, "{path} as {name} has {} bytes", answer.body.len());
            let page = answer.to_string();
            assert!(page.contains("<html lang=\"zh-CN\">") && page.matches("<h1>").count() == 1, "{path} as {name}: {page}");
        }
        if came != words.collect::<Vec<_>>() {
            wrong.push(format!("{path} {}", came.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "these came otherwise:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn visitors_are_led_to_sign_in_and_back_and_nowhere_else() {
    let site = Site::open().await;
    let visitor = Tab::visitor(&site.server);
    let led = visitor.get("/submissions/x?state=a&b=c").await;
    assert_eq!(led.header("location"), "/sign-in?next=%2Fsubmissions%2Fx%3Fstate%3Da%26b%3Dc");
    let form = visitor.page("/sign-in?next=%2Fnotices").await;
    assert!(form.contains("name=\"next\" value=\"/notices\""), "{form}");
    for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let fields = [("name", "reviewer"), ("password", super::PASSWORD), ("next", elsewhere)];
        let answer = visitor.post("/sign-in", &fields).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/desk"), "{elsewhere}");
    }
    let wrong = visitor.post("/sign-in", &[("name", "reviewer\"><b>"), ("password", "nothing"), ("next", "/reviews")]).await;
    let page = wrong.to_string();
    assert_eq!(wrong.status, 422, "{page}");
    assert!(page.contains("登录名或密码不正确") && page.contains("href=\"#name\"") && !page.contains("<b>"), "{page}");
    assert!(page.contains("name=\"next\" value=\"/reviews\"") && !page.contains("nothing"), "{page}");
    let reviewer = site.tab("reviewer").await;
    assert_eq!(reviewer.get("/desk").await.header("location"), "/reviews");
    let gone = reviewer.post("/sign-out", &[]).await;
    assert!(gone.header("set-cookie").contains("Max-Age=0") && gone.header("location") == "/sign-in", "{gone}");
    assert_eq!(reviewer.get("/reviews").await.status, 303, "the session is over");
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let site = Site::open().await;
    let (id, _) = site.submitted(with_picture("W-2", "社区防火常识", "社区防火")).await;
    let reviewer = site.tab("reviewer").await;
    for path in ["/sign-out", "/reviews/next", "/notices/read", &format!("/submissions/{id}/claim")] {
        let answer = reviewer.post_from("https://evil.example", path, &[]).await;
        assert_eq!(answer.status, 403, "{path}: {answer}");
    }
    let fields = [("name", "reviewer"), ("password", super::PASSWORD)];
    let forged = Tab::visitor(&site.server).post_from("https://evil.example", "/sign-in", &fields).await;
    assert!(forged.status == 403 && forged.header("set-cookie").is_empty(), "nobody is signed in by another site: {forged}");
    let view = site.vetters.reviewer.get(&format!("/api/v1/submissions/{id}")).await.ok();
    assert!(view["seats"].as_array().unwrap().is_empty(), "{view}");
    reviewer.posted("/reviews/next", &[]).await;
}

#[tokio::test]
async fn a_browser_reads_why_it_was_refused() {
    let site = Site::open().await;
    let reviewer = site.tab("reviewer").await;
    for (path, status, words) in [("/decisions", 403, "没有权限"), ("/submissions/none", 404, "没有")] {
        let answer = reviewer.browse(path).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (status, ""), "{path}");
        let page = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(page.contains(words) && !page.contains("系统内部出错"), "{path}: {page}");
    }
    assert_eq!(reviewer.browse("/reviews").await.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn stylesheet_and_scripts_are_kept_for_a_year_under_their_digests() {
    let site = Site::open().await;
    let visitor = Tab::visitor(&site.server);
    let start = visitor.page("/").await;
    let named = |before: &str, turn: usize| start.split(before).nth(turn).unwrap().split('"').next().unwrap().to_owned();
    let scripts = [1, 2].map(|turn| (named("script src=\"", turn), "text/javascript"));
    for (path, kind) in scripts.into_iter().chain([(named("stylesheet\" href=\"", 1), "text/css")]) {
        let answer = visitor.get(&path).await;
        assert!(answer.status == 200 && answer.header("content-type").starts_with(kind), "{path}");
        assert!(answer.header("cache-control").contains("immutable") && answer.body.len() < 20_000, "{path}");
    }
    assert_eq!(visitor.get("/assets/style-000000000000.css").await.status, 404);
    assert!(["href=\"/reviews\"", "href=\"/sign-in\"", "action=\"/search\""].iter().all(|part| start.contains(part)), "{start}");
}
