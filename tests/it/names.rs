//! Names as people bear them: with a dot between, the same twice, with rare characters of GB 18030-2022; and the site's own.

use crate::program::{Server, Vetters, packages};
use calamine::{Data, Reader as _, Xlsx};
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::Path;

/// 㭎: extension A; 𬱖: extension E; 𠅤: extension B; 龻: beyond the old tables.
const TITLE: &str = "㭎𬱖与𠅤溪的龻歌";
const DOTTED: &str = "阿依古丽·买买提";
const RARE: &str = "吴𬱖㭎";
const TWICE: &str = "张伟";
const INSTITUTION: &str = "湘西·𠅤溪社区学院";
const SITE: &str = "湘西·𬱖学网 <试>";
const FILE: &str = "资料/㭎𬱖·一.txt";

const HEAD: [&str; 15] = [
    "编号",
    "标题",
    "简介",
    "类型",
    "类别",
    "学科",
    "关键词",
    "适用对象",
    "语种",
    "责任者",
    "许可",
    "权利人",
    "共享方式",
    "授权依据",
    "文件",
];

fn row(id: &str, title: &str, licence: &str, file: &str) -> [String; 15] {
    let creators = format!("{DOTTED}（讲授）；{TWICE}（讲授）；{TWICE}（编辑）；{RARE}（采集）");
    let about = format!("{title}的学习材料，介绍溪边人家的歌与故事，供社区学习者自学使用。");
    let words = ["文档", "社区", "", "社区学习；溪歌；自学材料", "", "zh-CN"];
    let [kind, category, subjects, keywords, audience, language] = words;
    let rest = [licence, INSTITUTION, "免费", "本机构自行编写，同意以 CC BY 4.0 共享。", file];
    let first = [id, title, &about, kind, category, subjects, keywords, audience, language, &creators];
    first.into_iter().chain(rest).map(str::to_owned).collect::<Vec<_>>().try_into().unwrap()
}

fn rows(prefix: &str) -> Vec<[String; 15]> {
    let good = row(&format!("{prefix}-1"), TITLE, "CC-BY-4.0", FILE);
    let without_licence = row(&format!("{prefix}-2"), &format!("{TITLE}（二）"), "", FILE);
    let without_file = row(&format!("{prefix}-3"), &format!("{TITLE}（三）"), "CC-BY-4.0", "𠅤没有·这个.txt");
    vec![good, without_licence, without_file]
}

fn delimited(rows: &[[String; 15]]) -> String {
    let lines = rows.iter().map(|row| row.join(","));
    std::iter::once(HEAD.join(",")).chain(lines).collect::<Vec<_>>().join("\r\n")
}

/// The rows in the site's own template, as somebody fills it in.
fn workbook(headers: &[String], rows: &[[String; 15]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in headers.iter().enumerate() {
        let column = u16::try_from(column).unwrap();
        sheet.write_string(0, column, header).unwrap();
        let plain = header.trim_end_matches('*').trim();
        let Some(place) = HEAD.iter().position(|name| *name == plain) else { continue };
        for (line, row) in rows.iter().enumerate() {
            sheet.write_string(u32::try_from(line).unwrap() + 1, column, &row[place]).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn cells(workbook: &[u8]) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(workbook.to_vec())).unwrap();
    let first = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&first).unwrap();
    range
        .rows()
        .map(|row| row.iter().map(|cell| if let Data::String(text) = cell { text.clone() } else { cell.to_string() }).collect())
        .collect()
}

fn package(table: &str, bytes: &[u8]) -> Vec<u8> {
    let text = format!("{TITLE}\n\n{DOTTED}与{TWICE}讲述，{RARE}搜集。第一节听歌；第二节学唱；第三节问答。\n").repeat(4);
    packages::zipped(&[(table, bytes), (FILE, text.as_bytes())])
}

fn configured(dir: &Path) -> Vec<u8> {
    let logo = packages::picture(64, 64);
    std::fs::write(dir.join("标·志.png"), &logo).unwrap();
    let path = dir.join("标·志.png");
    std::fs::write(dir.join("yuelu.toml"), format!("[site]\nname = \"{SITE}\"\nlogo = \"{}\"\n", path.display())).unwrap();
    logo
}

fn names(creators: &Value) -> Vec<(String, String)> {
    let one = |creator: &Value| (creator["name"].as_str().unwrap().to_owned(), creator["role"].as_str().unwrap().to_owned());
    creators.as_array().unwrap().iter().map(one).collect()
}

fn wanted() -> Vec<(String, String)> {
    [(DOTTED, "presenter"), (TWICE, "presenter"), (TWICE, "editor"), (RARE, "collector")]
        .map(|(name, role)| (name.to_owned(), role.to_owned()))
        .to_vec()
}

/// Deposits the rows; gives the deposit and the good row's submission, after seeing that the others came to what they should.
async fn deposited(vetters: &Vetters, package: Vec<u8>, form: &str) -> (String, Value) {
    let answer = vetters.deposit(package).await;
    assert_eq!(answer.status, 202, "{form}: {answer}");
    let deposit = answer.json();
    assert_eq!(deposit["institution"], INSTITUTION, "{form}: {deposit}");
    let id = deposit["id"].as_str().unwrap().to_owned();
    let submissions = vetters.checked(&id).await;
    let receipt = vetters.contributor.get(&format!("/api/v1/deposits/{id}")).await.ok();
    let good = submissions.iter().find(|submission| submission["state"]["code"] == "review");
    let good = good.unwrap_or_else(|| panic!("{form}: no row passed: {receipt:#}\n{submissions:#?}")).clone();
    assert_eq!(good["title"], TITLE, "{form}");
    assert_eq!(names(&good["metadata"]["creators"]), wanted(), "{form}");
    (id, good)
}

/// What comes back to be corrected says the names as they were sent.
async fn findings_say_the_names(vetters: &Vetters, deposit: &str, form: &str) {
    let path = |kind: &str| format!("/api/v1/deposits/{deposit}/findings?format={kind}");
    let list = vetters.contributor.get(&path("csv")).await;
    let text = String::from_utf8(list.body.to_vec()).unwrap();
    assert!(text.starts_with('\u{feff}') && text.contains("𠅤没有·这个.txt"), "{form}: {text}");
    assert!(list.header("content-disposition").contains("filename*=UTF-8''%E6%A3%80%E6%B5%8B"), "{}", list.header("content-disposition"));
    let marked = cells(&vetters.contributor.get(&path("xlsx")).await.body);
    let titles: Vec<&String> = marked.iter().flatten().filter(|cell| cell.starts_with(TITLE) && !cell.contains("学习材料")).collect();
    assert!(
        [TITLE, &format!("{TITLE}（二）"), &format!("{TITLE}（三）")].iter().all(|title| titles.iter().any(|cell| cell == title)),
        "{form}: {marked:#?}"
    );
    let creators = format!("{DOTTED}（讲授）；{TWICE}（讲授）；{TWICE}（编辑）；{RARE}（采集）");
    assert!(marked.iter().flatten().any(|cell| *cell == creators), "{form}: {marked:#?}");
    assert!(marked[0].iter().any(|cell| cell == "错误原因"), "{form}: {:?}", marked[0]);
    let whole = marked.iter().flatten().find(|cell| cell.contains("𠅤没有·这个.txt") && cell.as_str() != "𠅤没有·这个.txt");
    assert!(whole.is_some(), "{form}: the reason names the file: {marked:#?}");
}

#[tokio::test]
async fn names_are_the_same_from_the_table_to_the_page_of_facts() {
    let dir = tempfile::tempdir().unwrap();
    let logo = configured(dir.path());
    let server = Server::start(dir.path());
    let visitor = server.visitor();
    let vetters = Vetters::register(&server, INSTITUTION);

    let page = visitor.get("/").await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(page.contains("湘西·𬱖学网 &#60;试&#62;") && !page.contains("<试>"), "{page}");
    let shown = visitor.get("/logo").await;
    assert_eq!((shown.header("content-type"), shown.body.as_ref()), ("image/png", logo.as_slice()));
    assert!(shown.header("content-security-policy").starts_with("sandbox;"));

    let template = visitor.get("/api/v1/template").await;
    assert_eq!(template.status, 200);
    let headers = cells(&template.body)[0].clone();
    assert!(HEAD.iter().all(|name| headers.iter().any(|header| header.trim_end_matches('*').trim() == *name)), "{headers:?}");

    let utf8 = rows("U");
    let text = delimited(&rows("G"));
    let (gb, _, lossy) = encoding_rs::GB18030.encode(&text);
    assert!(!lossy, "GB 18030 holds every character");
    let forms = [
        ("UTF-8", package("catalogue.csv", delimited(&utf8).as_bytes())),
        ("GB 18030", package("catalogue.csv", &gb)),
        ("Excel", package("catalogue.xlsx", &workbook(&headers, &rows("X")))),
    ];
    let mut resources = Vec::new();
    for (form, bytes) in forms {
        let (deposit, submission) = deposited(&vetters, bytes, form).await;
        findings_say_the_names(&vetters, &deposit, form).await;
        let id = submission["id"].as_str().unwrap();
        vetters.reviewer.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await.ok();
        vetters.reviewer.post(&format!("/api/v1/reviews/{id}/opinion"), &json!({"verdict": "pass", "text": "同意。"})).await.ok();
        let decided = vetters.approver.post(&format!("/api/v1/reviews/{id}/decision"), &json!({"verdict": "pass"})).await.ok();
        visitor.get(&format!("/api/v1/search?limit=1&after={}", decided["version"])).await.ok();
        resources.push(submission["resource"].as_str().unwrap().to_owned());
    }

    for resource in &resources {
        let facts = visitor.get(&format!("/api/v1/resources/{resource}")).await.ok();
        assert_eq!((facts["title"].as_str(), facts["institution"].as_str()), (Some(TITLE), Some(INSTITUTION)), "{facts}");
        assert_eq!(names(&facts["metadata"]["creators"]), wanted(), "{facts}");
        assert_eq!(facts["files"][0]["path"], FILE, "{facts}");
        let file = visitor.get(facts["files"][0]["url"].as_str().unwrap()).await;
        assert_eq!(file.status, 200);
        assert!(
            file.header("content-disposition").ends_with("filename*=UTF-8''%E3%AD%8E%F0%AC%B1%96%C2%B7%E4%B8%80.txt"),
            "{}",
            file.header("content-disposition")
        );
    }
    found_by_every_way_of_writing(&server, &resources).await;
}

async fn found_by_every_way_of_writing(server: &Server, resources: &[String]) {
    let visitor = server.visitor();
    let queries =
        [DOTTED, "阿依古丽买买提", "阿依古丽•买买提", "阿依古丽‧买买提", "买买提", RARE, "𬱖", "㭎", "𠅤溪", TWICE, TITLE, "龻歌"];
    for query in queries {
        let found = visitor.get(&format!("/api/v1/search?q={query}&limit=100")).await.ok();
        let hits = found["hits"].as_array().unwrap();
        assert_eq!(hits.len(), resources.len(), "{query}: {found}");
        for hit in hits {
            assert_eq!((hit["title"].as_str(), hit["institution"].as_str()), (Some(TITLE), Some(INSTITUTION)), "{query}");
            let people: Vec<&str> = hit["people"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            assert!([DOTTED, TWICE, RARE].iter().all(|name| people.contains(name)), "{query}: {people:?}");
            let plain = hit["snippets"].to_string().replace("<mark>", "").replace("</mark>", "");
            assert!(!plain.contains('\u{fffd}'), "{query}: {plain}");
        }
    }
    let facets = visitor.get(&format!("/api/v1/search?q=&institution={INSTITUTION}&facets=institution")).await.ok();
    assert_eq!(facets["facets"]["institution"][0]["value"], INSTITUTION, "{facets}");
    assert_eq!(facets["total"]["value"], resources.len(), "{facets}");
    for typed in ["㭎", "㭎𬱖", "阿依"] {
        let suggested = visitor.get(&format!("/api/v1/suggest?q={typed}")).await.ok();
        assert!(!suggested["suggestions"].as_array().unwrap().is_empty(), "{typed}: {suggested}");
    }
}
