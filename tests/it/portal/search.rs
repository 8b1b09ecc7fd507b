//! What people find on the page of search, without script.

use super::Site;
use super::tab::Tab;
use crate::finding::inside;
use crate::program::Api;
use reqwest::Method;
use serde_json::{Value, json};

/// Takes works over, and waits until they can be found.
pub async fn hold(site: &Site, rows: &[Value]) {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let kind = [("content-type", "application/x-ndjson")];
    let path = "/api/v1/imports?vetted_by=Board&source=lib";
    let done = site.admin.send(Method::POST, path, &kind, lines.join("\n").into_bytes()).await.ok();
    assert_eq!(done["created"], rows.len(), "{done}");
    site.admin.get(&format!("/api/v1/search?limit=1&after={}", done["position"])).await.ok();
}

/// A work: id, title, kind, division, minutes.
pub fn work(id: &str, title: &str, kind: &str, region: &str, minutes: u32) -> Value {
    json!({"id": id, "title": title, "kind": kind, "region": [region], "minutes": minutes, "institution": "湘西州图书馆",
        "keywords": ["织锦", "手艺"], "description": format!("{title}的来历和做法。"), "published": "2026-05-01", "category": "elderly"})
}

#[tokio::test]
async fn a_name_with_a_comma_is_one_name() {
    let site = Site::open().await;
    let mut rows = weavings();
    rows[0]["institution"] = json!("织锦馆,分馆");
    hold(&site, &rows).await;
    let visitor = Tab::visitor(&site.server);
    let page = visitor.page("/search?q=%E7%BB%87%E9%94%A6").await;
    assert!(page.contains(r#"name="institution" value="织锦馆\,分馆""#), "{page}");
    let page = visitor.page("/search?q=%E7%BB%87%E9%94%A6&institution=%E7%BB%87%E9%94%A6%E9%A6%86%5C%2C%E5%88%86%E9%A6%86").await;
    assert!(page.contains("找到 1 个资源") && page.contains("机构：织锦馆,分馆") && page.contains("/resources/w1"), "{page}");
    let split = visitor.page("/search?institution=%E7%BB%87%E9%94%A6%E9%A6%86%2C%E5%88%86%E9%A6%86").await;
    assert!(!split.contains("/resources/w1"), "two names: {split}");
}

fn weavings() -> [Value; 4] {
    [
        work("w1", "土家织锦入门", "video", "433127", 12),
        work("w2", "苗族织锦欣赏", "audio", "433101", 25),
        work("w3", "侗族织锦图案", "document", "431230", 40),
        work("w4", "织锦工坊一日", "video", "430104", 90),
    ]
}

/// Whether these stand in the page, one behind the other.
fn in_order(page: &str, parts: &[&str]) {
    let mut rest = page;
    for part in parts {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("no “{part}” behind {parts:?} in {page}")).1;
    }
}

#[tokio::test]
async fn hits_are_listed_narrowed_and_explained() {
    let site = Site::open().await;
    hold(&site, &weavings()).await;
    let visitor = Tab::visitor(&site.server);
    let page = visitor.page("/search?q=%E5%9C%9F%E5%AE%B6%E7%BB%87%E9%94%A6").await;
    in_order(
        &page,
        &[
            "value=\"土家织锦\"",
            "<a href=\"/resources/w1\"><mark>土家织锦</mark>入门</a>",
            "<span>视频 ·</span> <span>湘西州图书馆 ·</span> <span>约 12 分钟 ·</span> <span>2026-05-01</span>",
        ],
    );
    in_order(&page, &["为什么找到它", "题名里有您输入的字词", "</details>"]);
    assert!(page.contains("/api/v1/search/feed?q=%E5%9C%9F%E5%AE%B6%E7%BB%87%E9%94%A6&#38;format=rss"), "{page}");
    assert!(page.contains("/sign-in?next=%2Fsearch%3Fq%3D") && !page.contains("action=\"/search/saved\""), "{page}");

    let all = visitor.page("/search?q=%E7%BB%87%E9%94%A6").await;
    in_order(&all, &["找到 4 个资源", "value=\"video\"> <span>视频（2）", "value=\"audio\"> <span>音频（1）"]);
    in_order(&all, &["10–30 分钟（2）", "30–60 分钟（1）", "1 小时以上（1）"]);
    // A city stands above its counties, with what all of them have.
    in_order(&all, &["湖南省（4）", "<ul>", "湘西土家族苗族自治州（2）", "<ul>", "吉首市（1）", "</ul>"]);
    assert!(!all.contains("老年（4）"), "what all have narrows nothing: {all}");
    let two = visitor.page("/search?q=%E7%BB%87%E9%94%A6&sort=title&kind=audio&kind=document").await;
    in_order(&two, &["找到 2 个资源", "类型：音频", "类型：文档", "已选 2 项", "视频（2）", "value=\"audio\" checked", "侗族", "苗族"]);
    in_order(
        &two,
        &["<a href=\"/search?q=%E7%BB%87%E9%94%A6&#38;kind=document&#38;sort=title\"><span class=\"unseen\">去掉条件 </span>类型：音频"],
    );
    let region = visitor.page("/search?region=%E6%B9%98%E8%A5%BF&minutes=..20").await;
    in_order(
        &region,
        &["找到 1 个资源", "地区：湘西土家族苗族自治州", "分钟数：至 20", "name=\"minutes\" value=\"..20\"", "value=\"433100\" checked"],
    );
    in_order(&visitor.page("/search?offline=downloadable").await, &["没有找到资源", "离线使用：", "已选 1 项", "仅限在线使用（4）"]);

    let start = visitor.page("/").await;
    assert!(start.contains("action=\"/search\"") && start.contains("name=\"q\""), "{start}");
    let enter = visitor.page("/search?q=+").await;
    in_order(&enter, &["按类型浏览", "<a href=\"/search?kind=video\">视频（2）</a>"]);
}

#[tokio::test]
async fn pages_follow_each_other_and_wrong_ones_are_told() {
    let site = Site::open().await;
    let rows: Vec<Value> = (10..35).map(|number| work(&format!("p{number}"), &format!("山歌第{number}首"), "audio", "433127", 5)).collect();
    hold(&site, &rows).await;
    let visitor = Tab::visitor(&site.server);
    let mut path = "/search?q=%E5%B1%B1%E6%AD%8C&kind=audio&sort=newest".to_owned();
    let (first, mut seen, mut pages) = (path.clone(), Vec::new(), 0);
    while !path.is_empty() {
        let page = visitor.page(&path).await;
        assert!(page.contains("找到 25 个资源"), "{page}");
        let ids = page.split("<h2><a href=\"/resources/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        seen.extend(ids);
        let link = page.split("<a class=\"button\" href=\"").nth(1).map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"));
        path = link.unwrap_or_default();
        pages += 1;
        assert_eq!(page.contains("回到第一页"), pages > 1, "{page}");
    }
    assert_eq!((pages, seen.len()), (3, 25), "{seen:?}");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);
    for (wrong, told) in [("&cursor=x", "这一页已经失效"), ("&sort=best", "sort 应为"), ("&minutes=30", "起..止")] {
        let answer = visitor.get(&format!("{}{wrong}", first.replace("&sort=newest", ""))).await;
        let page = answer.to_string();
        assert!(answer.status == 400 && page.contains(told) && page.contains("value=\"山歌\""), "{wrong}: {page}");
    }
    assert!(visitor.get("/search?q=%00").await.to_string().contains("<h1>"));
    assert_eq!(visitor.get(&format!("/search?q={}", "%E9%95%BF".repeat(3_000))).await.status, 200);
}

#[tokio::test]
async fn what_may_not_be_seen_leaves_no_trace_on_the_page() {
    let site = Site::open().await;
    hold(&site, &weavings()).await;
    let visitor = Tab::visitor(&site.server);
    let member = site.tab("contributor").await;
    let paths = ["/search?q=%E7%BB%87%E9%94%A6", "/search?q=%E7%A5%96%E4%BC%A0%E7%A7%98%E6%B3%95", "/search?sort=newest", "/search", "/"];
    let mut before = Vec::new();
    for path in paths {
        before.push(visitor.page(path).await);
    }
    let mut hidden = work("hidden", "织锦祖传秘法", "slides", "430121", 7);
    let more = [("owner", json!("/hunan/changsha/yuelu-college")), ("visibility", json!("organisation")), ("institution", json!("秘传会"))];
    hidden.as_object_mut().unwrap().extend(more.map(|(name, value)| (name.to_owned(), value)));
    hold(&site, &[hidden]).await;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(visitor.page(path).await, before, "{path}");
    }
    let own = member.page(paths[0]).await;
    in_order(&own, &["找到 5 个资源", "课件（1）", "长沙县（1）", "秘传会（1）", "/resources/hidden"]);
}

#[tokio::test]
async fn mistakes_are_understood_and_an_empty_result_helps() {
    let site = Site::open().await;
    let mut dance = work("m", "毛古斯舞", "video", "433127", 12);
    dance["keywords"] = json!(["毛古斯"]);
    let boxing = (0..5).map(|number| work(&format!("b{number}"), &format!("太极拳第{number}课"), "video", "430104", 12));
    hold(&site, &boxing.chain([dance]).collect::<Vec<_>>()).await;
    let visitor = Tab::visitor(&site.server);
    let slip = visitor.page("/search?q=%E6%AF%9B%E5%A7%91%E4%B8%9D&kind=video").await;
    in_order(&slip, &["您要找的是不是：<a href=\"/search?q=%E6%AF%9B%E5%8F%A4%E6%96%AF&#38;kind=video\">毛古斯</a>"]);
    let note = visitor.page("/search?q=colour%3Ared+%E5%A4%AA%E6%9E%81%E6%8B%B3").await;
    in_order(&note, &["“colour:red”：没有这个字段"]);

    let people: Vec<Api> = {
        let mut people = Vec::new();
        for number in 0..5 {
            people.push(site.person(&format!("asks-{number}"), "learner").await);
        }
        people
    };
    for person in &people {
        assert_eq!(person.get("/search?q=%E5%A4%AA%E6%9E%81%E6%8B%B3").await.status, 200);
    }
    let popular = "<a href=\"/search?q=%E5%A4%AA%E6%9E%81%E6%8B%B3\">太极拳</a>";
    let nothing = visitor.page("/search?q=%E9%87%8F%E5%AD%90+%E8%92%B8%E6%B1%BD%E6%9C%BA&kind=audio").await;
    in_order(
        &nothing,
        &[
            "没有找到与“量子 蒸汽机”相符的资源",
            "可以试试",
            "去掉筛选条件",
            "只找其中一个词",
            ">量子</a>",
            ">蒸汽机</a>",
            "大家在找",
            popular,
        ],
    );
    assert!(!nothing.contains("下一页"), "{nothing}");
    in_order(&visitor.page("/search").await, &["大家在找", popular]);
    in_order(&visitor.page("/").await, &["大家在找", popular]);
}

#[tokio::test]
async fn hostile_queries_and_titles_stay_texts() {
    let site = Site::open().await;
    let mut row = work("h", "织锦<script>alert(1)</script>\"'><img src=x onerror=alert(2)>", "video", "433127", 12);
    row["description"] = json!("织锦<b onmouseover=alert(3)>&lt;mark&gt;");
    row["institution"] = json!("\"><svg/onload=alert(4)>");
    hold(&site, &[row]).await;
    let learner = site.tab("learner").await;
    let bad = "%22%3E%3Cscript%3Ealert(9)%3C%2Fscript%3E%27";
    let path = format!("/search?q=%E7%BB%87%E9%94%A6+{bad}&kind=video&kind={bad}&published={bad}");
    let mut pages = vec![
        learner.page("/search?q=%E7%BB%87%E9%94%A6").await,
        learner.page(&format!("/search?q={bad}&region={bad}&institution={bad}")).await,
        learner.get(&path).await.to_string(),
        learner.page(&format!("/resources/h?file={bad}&sheet={bad}&row=1&region={bad}")).await,
    ];
    let saved = [("search", "q=%22%3E%3Cscript%3Ealert(9)%3C%2Fscript%3E"), ("name", "<script>alert(8)</script>")];
    learner.posted("/search/saved", &saved).await;
    pages.push(learner.page("/search/saved").await);
    assert!(pages[0].contains("&#60;b onmouseover"), "{}", pages[0]);
    for page in pages {
        for bad in ["<script>alert", "<img src=x", "=\"<", "\"'>", "<b on", "<svg/on", "\"\"><"] {
            assert!(!page.contains(bad), "{bad} in {page}");
        }
    }
}

#[tokio::test]
async fn searches_are_kept_listed_and_removed() {
    let site = Site::open().await;
    hold(&site, &weavings()).await;
    assert_eq!(Tab::visitor(&site.server).get("/search/saved").await.header("location"), "/sign-in?next=%2Fsearch%2Fsaved");
    let learner = site.tab("learner").await;
    let page = learner.page("/search?q=%E7%BB%87%E9%94%A6&kind=video&kind=audio&sort=title").await;
    let search = "q=%E7%BB%87%E9%94%A6&kind=video&kind=audio&sort=title";
    assert!(page.contains(&format!("name=\"search\" value=\"{}\"", search.replace('&', "&#38;"))), "{page}");
    let back = learner.posted("/search/saved", &[("search", search), ("name", " 织锦录像 ")]).await;
    assert_eq!(back, format!("/search?{search}&done=search-saved"));
    assert!(learner.page(&back).await.contains("检索已保存"));
    let bare = learner.post("/search/saved", &[("search", search), ("name", "")]).await;
    let told = bare.to_string();
    assert!(bare.status == 422 && told.contains("href=\"#name\"") && told.contains("kind=video"), "{told}");
    let list = learner.page("/search/saved").await;
    let link = "href=\"/search?kind=video%2Caudio&#38;q=%E7%BB%87%E9%94%A6&#38;sort=newest\"";
    in_order(&list, &[link, "织锦录像", "织锦 · 类型：视频 · 类型：音频", "/remove\""]);
    assert!(learner.page("/search?kind=video%2Caudio&q=%E7%BB%87%E9%94%A6&sort=newest").await.contains("找到 3 个资源"));
    let remove = list.split("action=\"/search/saved/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let other = site.tab("inspector").await;
    assert_eq!(other.post(&format!("/search/saved/{remove}"), &[]).await.status, 404);
    assert_eq!(learner.posted(&format!("/search/saved/{remove}"), &[]).await, "/search/saved?done=search-removed");
    assert!(learner.page("/search/saved").await.contains("还没有保存的检索"));
}

#[tokio::test]
async fn hits_lead_to_their_place_and_tell_the_record() {
    let site = Site::open().await;
    let id = site.vetters.publish(inside::package()).await;
    let visitor = Tab::visitor(&site.server);
    let of_row = visitor.page("/search?q=%E5%9B%9B%E5%8D%81%E5%85%AB%E5%8B%BE").await;
    let row = format!("/resources/{id}?file=tables%2Fpatterns.csv&row=12#place");
    in_order(&of_row, &[&row.replace('&', "&#38;"), "第 12 行 · patterns.csv", "11 <mark>四十八勾</mark> 民间传说里的太阳"]);
    let place = visitor.page(row.split('#').next().unwrap()).await;
    in_order(&place, &["id=\"place\"", "tables/patterns.csv：第 12 行", "/files/tables/patterns.csv\">打开文件"]);
    let of_part = visitor.page("/search?q=%E5%8F%B0%E5%8F%B0%E8%8A%B1").await;
    let part = format!("/resources/{id}?file=images%2Fcloth.png&region=5000%2C2500%2C2500%2C5000#place");
    in_order(&of_part, &[&part.replace('&', "&#38;"), "图中标出的一处 · cloth.png", "<mark>台台花</mark>纹样"]);
    let place = visitor.page(part.split('#').next().unwrap()).await;
    in_order(&place, &["/files/images/cloth.png\"", "<rect x=\"50%\" y=\"25%\" width=\"25%\" height=\"50%\"/>"]);
    assert!(!visitor.page(&format!("/resources/{id}?file=none.png&page=1")).await.contains("id=\"place\""));

    let learner = site.person("chooser", "learner").await;
    let (path, base) = (format!("/resources/{id}"), &site.server.base);
    let verbs = async || -> Vec<String> {
        let export = learner.get("/api/v1/learners/me/export").await.ok();
        let mut verbs: Vec<String> =
            export["events"].as_array().unwrap().iter().map(|event| event["verb"].as_str().unwrap().to_owned()).collect();
        verbs.sort();
        verbs
    };
    let open = async |from: &str| assert_eq!(learner.send(Method::GET, &path, &[("referer", from)], Vec::new()).await.status, 200);
    open(&format!("{base}/learn")).await;
    open("http://elsewhere.example/search?q=a").await;
    assert_eq!(verbs().await, ["viewed"]);
    open(&format!("{base}/search?q=a")).await;
    open(&format!("{base}/search?q=b")).await;
    assert_eq!(verbs().await, ["searched", "viewed"], "each once a day");
}
