//! Standards through the program: waivers, works whose text is nearly the same, rule sets read and compared.

use crate::program::{Api, Server, Vetters, eventually, packages};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// A package of one text; `more` goes into the manifest before the files.
fn package(id: &str, title: &str, text: &str, more: &str) -> Vec<u8> {
    let mut files = packages::document(id, title, "识图");
    let manifest = String::from_utf8(files[0].1.clone()).unwrap();
    files[0].1 = manifest.replacen("[[files]]\n", &format!("{more}\n[[files]]\n"), 1).into_bytes();
    files[1].1 = text.as_bytes().to_vec();
    packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

/// Some hundred characters that no other seed gives.
fn prose(seed: u32) -> String {
    let letters: Vec<char> =
        "山水风云花鸟鱼虫春夏秋冬东西南北上下左右前后天地日月星光田土江河湖海石木竹兰梅菊松柏桃李杏枣米麦豆茶".chars().collect();
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letters[(state >> 16) as usize % letters.len()]
    };
    (0..600).map(|_| next()).collect()
}

async fn deposited(contributor: &Api, package: Vec<u8>) -> Value {
    let headers = [("content-type", "application/zip")];
    let deposit = contributor.send(Method::POST, "/api/v1/deposits?pledge=2026-1", &headers, package).await.ok();
    let path = format!("/api/v1/submissions?deposit={}", deposit["id"].as_str().unwrap());
    let looking = async || {
        let page = contributor.get(&path).await.ok();
        let line = page["items"].get(0)?.clone();
        let busy = ["submitted", "checking"].contains(&line["state"]["code"].as_str().unwrap());
        (!busy).then(|| line["id"].as_str().unwrap().to_owned())
    };
    let id = eventually("a checked submission", Duration::from_secs(90), looking).await;
    contributor.get(&format!("/api/v1/submissions/{id}")).await.ok()
}

fn of<'a>(submission: &'a Value, rule: &str) -> Vec<&'a Value> {
    submission["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule).collect()
}

const PERSONAL: &str = "证号11010519491231002X";

#[tokio::test]
async fn a_waiver_lets_a_submission_go_on_until_its_file_changes() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let vetters = Vetters::register(&server, "岳麓示范社区学院");
    let editor = server.api(&server.add_user("editor", "editor", "/", &[]));
    let text = format!("{}{PERSONAL}", prose(1));
    let returned = deposited(&vetters.contributor, package("w-1", "旧时户籍册识读", &text, "")).await;
    assert_eq!((&returned["state"]["code"], &returned["must"]), (&json!("returned"), &json!(1)), "{returned}");
    let id = returned["id"].as_str().unwrap();
    let path = format!("/api/v1/submissions/{id}/waivers");
    let grant = |rule: &str, reason: &str| json!({"waived": [{"rule": rule, "file": "text.txt"}], "reason": reason});
    let good = grant("PRIVACY-ID", "史料影印件，当事人已故。");
    for (who, status) in [(&vetters.contributor, 403), (&vetters.approver, 403), (&vetters.reviewer, 404)] {
        assert_eq!(who.post(&path, &good).await.status, status);
    }
    assert_eq!(editor.post(&path, &grant("PRIVACY-ID", " ")).await.status, 400, "a reason is due");
    assert_eq!(editor.post(&path, &grant("INTEG-OPEN", "可")).await.status, 400, "nobody may waive this rule");
    assert_eq!(editor.post(&path, &grant("META-REQUIRED", "可")).await.status, 400, "there is no such finding");
    assert_eq!(editor.post(&path, &json!({"waived": [], "reason": "可"})).await.status, 400);
    let waived = editor.post(&path, &good).await.ok();
    assert_eq!((&waived["state"]["code"], &waived["must"]), (&json!("approval"), &json!(0)), "{waived}");
    assert_eq!(of(&waived, "PRIVACY-ID")[0]["waived"], true);
    assert_eq!((&waived["waivers"][0]["role"], &waived["waivers"][0]["round"]), (&json!("editor"), &json!(1)));
    let seen = vetters.contributor.get(&format!("/api/v1/submissions/{id}")).await.ok();
    assert_eq!(seen["waivers"][0]["reason"], "史料影印件，当事人已故。");
    assert!(seen["waivers"][0]["account"].is_null(), "who granted it is not the submitter's to know");
    let history = vetters.contributor.get(&format!("/api/v1/submissions/{id}/history")).await.ok();
    let actions: Vec<&str> = history.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert!(actions.ends_with(&["record_checks", "waive"]), "{actions:?}");
    assert!(!history.to_string().contains("当事人已故"), "the ledger holds a digest");
    assert_eq!(editor.post(&path, &good).await.status, 409, "it went on already");

    // People return it: that is nothing to waive. The same bytes keep their waiver, changed ones lose it.
    editor.post(&format!("/api/v1/reviews/{id}/screening"), &json!({"decision": "return", "reason": "请补充说明"})).await.ok();
    let told = editor.post(&path, &good).await;
    assert_eq!((told.status.as_u16(), &told.json()["code"]), (409, &json!("not-machine")));
    let second = deposited(&vetters.contributor, package("w-1", "旧时户籍册识读（二）", &text, "")).await;
    assert_eq!((&second["id"], &second["round"], &second["state"]["code"]), (&json!(id), &json!(2), &json!("approval")), "{second}");
    assert_eq!(of(&second, "PRIVACY-ID")[0]["waived"], true);
    editor.post(&format!("/api/v1/reviews/{id}/screening"), &json!({"decision": "return", "reason": "请再改"})).await.ok();
    let third = deposited(&vetters.contributor, package("w-1", "旧时户籍册识读（三）", &format!("{text}。"), "")).await;
    assert_eq!((&third["state"]["code"], &third["must"]), (&json!("returned"), &json!(1)), "{third}");
    assert!(server.stop());
}

#[tokio::test]
async fn works_with_nearly_the_same_text_are_told_by_a_title_only_to_who_may_know_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let vetters = Vetters::register(&server, "岳麓示范社区学院");
    let other = server.api(&server.add_user("other", "contributor", "/hunan/zhuzhou/college", &["--institution", "株洲学院"]));
    vetters.publish(package("n-1", "公开的读本", &prose(1), "")).await;
    let hidden = "[access]\nvisibility = \"organisation\"\n";
    let held = deposited(&vetters.contributor, package("n-2", "内部的读本", &prose(2), hidden)).await;
    assert_eq!(of(&held, "PACKAGE-NEAR"), Vec::<&Value>::new());

    let near_public = deposited(&other, package("m-1", "抄来的读本", &format!("{}多一句话", prose(1)), "")).await;
    let [finding] = of(&near_public, "PACKAGE-NEAR")[..] else { panic!("{near_public}") };
    assert_eq!((&finding["severity"], &near_public["state"]["code"]), (&json!("should"), &json!("approval")));
    assert!(finding["message"].as_str().unwrap().contains("已入库的“公开的读本”"), "{finding}");

    let near_hidden = deposited(&other, package("m-2", "另一本", &prose(2), "")).await;
    let [finding] = of(&near_hidden, "PACKAGE-NEAR")[..] else { panic!("{near_hidden}") };
    assert!(finding["message"].as_str().unwrap().contains("另一件送审中的资源"), "{finding}");
    assert!(!near_hidden.to_string().contains("内部的读本"), "{near_hidden}");

    let own = deposited(&vetters.contributor, package("n-3", "又一本", &prose(2), hidden)).await;
    let told: Vec<&str> = of(&own, "PACKAGE-NEAR").iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    assert!(told.iter().any(|message| message.contains("内部的读本")) && told.iter().any(|message| message.contains("另一件")), "{told:?}");
    assert!(!own.to_string().contains("另一本”"), "the other institution's title: {told:?}");

    let same: Vec<&str> = of(&own, "PACKAGE-KNOWN").iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    assert!(same.iter().any(|message| message.starts_with("“text.txt”与送审中的“内部的读本”")) && same.len() == 2, "{same:?}");

    let unlike = deposited(&other, package("m-3", "自己写的", &prose(3), "")).await;
    assert_eq!(of(&unlike, "PACKAGE-NEAR"), Vec::<&Value>::new());
    // A new version of a work is no duplicate of it.
    let again = deposited(&vetters.contributor, package("n-1", "公开的读本（修订）", &prose(1), "")).await;
    assert!(!again.to_string().contains("“公开的读本”"), "{again}");
    assert!(server.stop());
}

#[tokio::test]
async fn an_editor_reads_and_compares_rule_sets() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let editor = server.api(&server.add_user("editor", "editor", "/", &[]));
    let reviewer = server.api(&server.add_user("reviewer", "reviewer", "/", &[]));
    let standards = editor.get("/api/v1/rules").await.ok();
    let rule = |id: &str| standards["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == id).cloned().unwrap();
    assert_eq!((&rule("PRIVACY-ID")["waiver"], &rule("V-FPS")["evidence"]), (&json!("editor"), &json!("proposed")));
    let mut files = serde_json::Map::new();
    let mut open = vec![std::path::PathBuf::from("review_rules")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix("review_rules").unwrap().to_str().unwrap().to_owned();
                files.insert(name, json!(std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let same = editor.post("/api/v1/rules/diff", &json!({"files": files})).await.ok();
    assert_eq!((&same["rules"], &same["others"]), (&json!([]), &json!([])));
    let stricter = files["kind/video.toml"].as_str().unwrap().replace("threshold = 30000\n", "threshold = 50000\n");
    files.insert("kind/video.toml".to_owned(), json!(stricter));
    let diff = editor.post("/api/v1/rules/diff", &json!({"files": files})).await.ok();
    assert_eq!((&diff["rules"][0]["rule"], &diff["rules"][0]["change"]), (&json!("V-FPS-HIGH"), &json!("changed")), "{diff}");
    let part = &diff["rules"][0]["parts"][0];
    assert!(part["before"].as_str().unwrap().contains("30000") && part["after"].as_str().unwrap().contains("50000"));
    assert_eq!(reviewer.post("/api/v1/rules/diff", &json!({"files": files})).await.status, 403);
    assert!(server.stop());
}
