//! The commands from a deposit to a restored backup, against a served directory, over HTTP with a token, and on a directory
//! that nobody serves.

use crate::program::server::{succeeded, yuelu};
use crate::program::{Server, packages};
use serde_json::Value;
use std::path::Path;
use std::process::Output;

const OWNER: &str = "/hunan/changsha/yuelu-college";

/// A command with `--json` on a data directory, its answer read.
fn local(dir: &Path, arguments: &[&str]) -> Value {
    let told = succeeded(yuelu(dir).arg("--json").args(arguments).output().unwrap());
    serde_json::from_str(told.trim()).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {told}"))
}

/// A command over HTTP with a token.
fn remote(server: &Server, token: &str, arguments: &[&str]) -> Output {
    let elsewhere = server.dir.join("not-here");
    let mut command = yuelu(&elsewhere);
    command.env("XDG_STATE_HOME", server.dir.join("test-state"));
    command.args(["--json", "--server", &server.base, "--token", token]).args(arguments).output().unwrap()
}

fn answer(output: Output) -> Value {
    serde_json::from_str(succeeded(output).trim()).unwrap()
}

#[test]
fn from_a_folder_to_a_search_hit_by_commands_alone() {
    let dir = tempfile::tempdir().unwrap();
    let work = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let contributor = server.add_user("contributor", "contributor", OWNER, &["--institution", "岳麓示范社区学院"]);
    let reviewer = server.add_user("reviewer", "reviewer", "/", &[]);
    let approver = server.add_user("approver", "committee", "/", &[]);
    packages::document_folder(&work.path().join("甲"), "CMD-1", "社区防火常识", "灭火毯");
    packages::document_folder(&work.path().join("乙"), "CMD-2", "社区防汛常识", "防汛沙袋");
    let folder = work.path().to_str().unwrap();

    let refused = remote(&server, &contributor, &["deposit", folder]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("--pledge"));
    let receipt = answer(remote(&server, &contributor, &["deposit", folder, "--pledge", "--wait"]));
    assert_eq!((&receipt["taken"], &receipt["failed"]), (&2.into(), &0.into()), "{receipt}");
    assert_eq!(receipt["packages"][0]["rows"][0]["state"], "approval", "{receipt}");
    approved_by_a_second_person(&server, &contributor, &receipt, work.path());
    let again = answer(remote(&server, &contributor, &["deposit", folder, "--pledge"]));
    assert_eq!(again["packages"][1]["resumed"], true);
    assert_eq!(again["packages"][1]["deposit"], receipt["packages"][1]["deposit"]);

    for _ in 0..2 {
        let claimed = answer(remote(&server, &reviewer, &["review", "claim"]));
        let id = claimed["id"].as_str().unwrap();
        let explained = answer(remote(&server, &reviewer, &["rules", "explain", "--submission", id]));
        assert!(explained["rules"].as_array().unwrap().len() > 10);
        files_of_a_submission(&server, &reviewer, id, work.path());
        answer(remote(&server, &reviewer, &["review", "opine", id, "--verdict", "通过", "--opinion", "内容可靠。"]));
        let pending = answer(remote(&server, &approver, &["review", "pending"]));
        assert_eq!(pending["items"][0]["id"], id);
        let decided = answer(remote(&server, &approver, &["review", "decide", id, "--verdict", "pass"]));
        assert_eq!(decided["state"]["code"], "published");
    }
    let listed = answer(remote(&server, &contributor, &["submissions", "list", "--state", "published"]));
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(local(dir.path(), &["verify"])["clean"], true, "which also waits for the index");
    let found = answer(remote(&server, &contributor, &["search", "灭火毯"]));
    assert_eq!(found["total"]["value"], 1, "{found}");

    other_standards(&server, &contributor, work.path());
    findings_and_template(&server, &contributor, receipt["packages"][0]["deposit"].as_str().unwrap(), work.path());
    catalogues_and_events(dir.path(), work.path());
    copies(dir.path(), work.path(), server);
}

/// The second person prints the pledge of each package and sends the stamped one back.
fn approved_by_a_second_person(server: &Server, contributor: &str, receipt: &Value, work: &Path) {
    let second = server.add_user("second", "manager", OWNER, &["--institution", "岳麓示范社区学院"]);
    let scan = work.join("scan.pdf");
    std::fs::write(&scan, "%PDF-1.4\n%%EOF\n").unwrap();
    for (number, package) in receipt["packages"].as_array().unwrap().iter().enumerate() {
        let deposit = package["deposit"].as_str().unwrap();
        let page = work.join(format!("pledge-{number}.html"));
        answer(remote(server, &second, &["approve", deposit, "--print", page.to_str().unwrap()]));
        let sheet = answer(remote(server, &second, &["approve", deposit]));
        let printed = std::fs::read_to_string(&page).unwrap();
        assert!(printed.contains(sheet["list"].as_str().unwrap()) && printed.contains("岳麓示范社区学院"), "{printed}");
        let stamp = ["approve", deposit, "--scan", scan.to_str().unwrap(), "--confirm", "--wait"];
        let own = remote(server, contributor, &stamp);
        assert!(!own.status.success(), "the depositor approved the own work");
        let pledge = answer(remote(server, &second, &stamp));
        assert_eq!(pledge["submissions"].as_array().map(Vec::len), Some(1), "{pledge}");
    }
}

fn files_of_a_submission(server: &Server, reviewer: &str, id: &str, work: &Path) {
    let folder = work.join("desk").join(id);
    let fetch = ["submissions", "files", id, "--into", folder.to_str().unwrap()];
    let saved = answer(remote(server, reviewer, &fetch));
    let saved: Vec<&str> = saved["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    assert!(!saved.is_empty());
    for file in &saved {
        let name = Path::new(file).strip_prefix(&folder).unwrap();
        let sent: Vec<_> = ["甲", "乙"].iter().filter_map(|package| std::fs::read(work.join(package).join(name)).ok()).collect();
        assert!(sent.contains(&std::fs::read(file).unwrap()), "{file}");
    }
    // Asked again, what is there is kept.
    assert_eq!(answer(remote(server, reviewer, &fetch))["files"].as_array().unwrap().len(), saved.len());
    let stranger = server.add_user(&format!("stranger-{id}"), "contributor", "/hunan/elsewhere", &["--institution", "别处"]);
    let refused = remote(server, &stranger, &fetch);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("提交"), "{refused:?}");
}

fn other_standards(server: &Server, contributor: &str, work: &Path) {
    let folder = work.join("standards");
    for inner in ["", "kind", "category"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("review_rules").join(inner);
        std::fs::create_dir_all(folder.join(inner)).unwrap();
        for file in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            std::fs::copy(&file, folder.join(inner).join(file.file_name().unwrap())).unwrap();
        }
    }
    let set = folder.to_str().unwrap();
    let same = local(&server.dir, &["rules", "diff", set]);
    assert_eq!((&same["rules"], &same["others"]), (&serde_json::json!([]), &serde_json::json!([])));

    let policy = folder.join("policy.toml");
    let kept = std::fs::read_to_string(&policy).unwrap();
    std::fs::write(&policy, kept.replace("lease_hours = ", "lease_hours = 1")).unwrap();
    assert_eq!(local(&server.dir, &["rules", "diff", set])["others"], serde_json::json!(["policy"]));
    std::fs::write(&policy, kept).unwrap();

    let core = folder.join("core.toml");
    let text = std::fs::read_to_string(&core).unwrap();
    let stricter = text.replace("threshold = [30, 2000]\nseverity = \"should\"", "threshold = [3000, 9000]\nseverity = \"must\"");
    assert_ne!(text, stricter);
    std::fs::write(&core, stricter).unwrap();
    let told = local(&server.dir, &["rules", "test", "--set", set]);
    let changes = told["diff"]["rules"].as_array().unwrap();
    assert_eq!((changes.len(), &changes[0]["rule"]), (1, &"META-DESCRIPTION".into()), "{told}");
    let parts: Vec<_> = changes[0]["parts"].as_array().unwrap().iter().map(|part| part["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["severity", "test"]);
    assert_eq!((&told["tested"], told["falls"].as_array().unwrap().len()), (&2.into(), 2), "{told}");
    assert_eq!(told["falls"][0]["findings"][0]["rule"], "META-DESCRIPTION");

    let refused = remote(server, contributor, &["rules", "test", "--set", set]);
    assert!(!refused.status.success());
    std::fs::write(&core, "schema = 7").unwrap();
    let broken = yuelu(&server.dir).args(["rules", "diff", set]).output().unwrap();
    assert!(!broken.status.success() && String::from_utf8_lossy(&broken.stderr).contains("core.toml"), "{broken:?}");
}

fn findings_and_template(server: &Server, contributor: &str, deposit: &str, work: &Path) {
    let file = work.join("findings.xlsx");
    let file = file.to_str().unwrap();
    answer(remote(server, contributor, &["submissions", "findings", deposit, "--format", "xlsx", "-o", file]));
    assert!(std::fs::read(file).unwrap().starts_with(b"PK"));
    let kept = remote(server, contributor, &["submissions", "findings", deposit, "--format", "xlsx", "-o", file]);
    assert!(!kept.status.success(), "a file that is there is kept");
    let template = work.join("template.xlsx");
    answer(remote(server, contributor, &["template", "-o", template.to_str().unwrap()]));
    assert!(template.metadata().unwrap().len() > 5_000);
}

fn catalogues_and_events(dir: &Path, work: &Path) {
    let catalogue = work.join("catalogue.jsonl");
    let row = |n: u32| {
        format!(
            "{{\"id\":\"OLD-{n}\",\"title\":\"旧目录第{n}条\",\"body\":\"湘江流域水情{n}\",\"kind\":\"document\",\"category\":\"community\",\"language\":[\"zh-CN\"],\"institution\":\"省馆\"}}\n"
        )
    };
    std::fs::write(&catalogue, (1..=300).map(row).collect::<String>()).unwrap();
    let file = catalogue.to_str().unwrap();
    let imported = local(dir, &["import", file, "--vetted-by", "湖南省图书馆"]);
    assert_eq!((imported["created"].as_u64(), imported["refused"].as_u64()), (Some(300), Some(0)), "{imported}");
    assert_eq!(local(dir, &["import", file, "--vetted-by", "湖南省图书馆"])["unchanged"], 300);
    let events = work.join("events.jsonl");
    let event = |n: u32| {
        format!(
            "{{\"id\":\"e{n}\",\"learner\":\"l{}\",\"resource\":\"OLD-{}\",\"verb\":\"completed\",\"at\":\"2026-11-20T08:00:00Z\"}}\n",
            n % 20,
            1 + n % 30
        )
    };
    std::fs::write(&events, (0..600).map(event).collect::<String>()).unwrap();
    let file = events.to_str().unwrap();
    assert_eq!(local(dir, &["events", "import", file])["accepted"], 600);
    let again = local(dir, &["events", "import", file]);
    assert_eq!((&again["accepted"], &again["duplicates"]), (&0.into(), &600.into()));
    assert_eq!(local(dir, &["evaluate", "--lists", "100"])["reports"].as_array().unwrap().len(), 3);
    assert_eq!(local(dir, &["evaluate", "recommend", "--lists", "100"])["reports"].as_array().unwrap().len(), 3);
    recommending_is_tuned(dir, work, file);
    searching_is_evaluated(dir, work);
}

/// Weights are found on the site's own log and on a file of the same events, and what opens the site next reads them.
fn recommending_is_tuned(dir: &Path, work: &Path, events: &str) {
    let told = local(dir, &["evaluate", "recommend", "--lists", "50", "--protocol", "prequential", "--tune"]);
    let report = &told["reports"][0];
    assert!(report["neighbours"]["ndcg_at_10"].is_number() && report["model"]["gini_at_10"].is_number(), "{report}");
    assert!(!report["exposure"].as_array().unwrap().is_empty(), "{report}");
    let providers = report["providers"].as_array().unwrap();
    assert!(providers.len() == 1 && providers[0]["provider"] == "省馆" && providers[0]["shown"].as_f64() > Some(0.99), "{report}");
    let names: Vec<&str> = told["tuned"]["weights"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"trend") && names.contains(&"ridge"), "{told}");
    let kept = dir.join("recommend/weights.toml");
    assert!(std::fs::read_to_string(&kept).unwrap().contains("trend = "));
    let file = work.join("tuned.toml");
    let asked = ["evaluate", "recommend", "--log", events, "--protocol", "prequential", "--tune", "--write", file.to_str().unwrap()];
    let of_file = local(&work.join("none"), &asked);
    assert_eq!(of_file["reports"][0]["trained"], report["trained"]);
    assert!(file.exists() && !work.join("none").exists(), "no data directory is needed");
    let other = work.join("other");
    std::fs::create_dir_all(other.join("recommend")).unwrap();
    std::fs::write(other.join("recommend/weights.toml"), "trent = 1.0\n").unwrap();
    let refused = yuelu(&other).args(["evaluate", "recommend", "--lists", "1"]).output().unwrap();
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("trent"), "{refused:?}");
}

/// Judged queries, a saved run, and weights that would be worse.
fn searching_is_evaluated(dir: &Path, work: &Path) {
    let path = |name: &str| work.join(name).to_str().unwrap().to_owned();
    std::fs::write(path("queries.jsonl"), "{\"id\":\"q1\",\"text\":\"湘江流域 第7\"}\n{\"id\":\"q2\",\"text\":\"无答案\"}\n").unwrap();
    std::fs::write(path("qrels.tsv"), "q1\tOLD-7\t1\n").unwrap();
    let (queries, qrels, run) = (path("queries.jsonl"), path("qrels.tsv"), path("run.jsonl"));
    let asked = ["evaluate", "search", "--queries", &queries, "--qrels", &qrels];
    let told = local(dir, &[&asked[..], &["--save", &run]].concat());
    assert_eq!((&told["queries"], &told["figures"]["ndcg"]), (&1.into(), &1.0.into()), "{told}");
    let same = local(dir, &[&asked[..], &["--against", &run]].concat());
    assert_eq!((&same["against"]["ndcg"]["p"], &same["against"]["by_query"]), (&1.0.into(), &serde_json::json!([])), "{same}");
    let built_in = include_str!("../../index/weights.toml");
    let weights = path("weights.toml");
    std::fs::write(&weights, built_in.replace("floor = 0.08", "floor = 1.0")).unwrap();
    let other = local(dir, &[&asked[..], &["--against", &weights]].concat());
    assert!(other["against"]["figures"]["ndcg"].as_f64() <= other["figures"]["ndcg"].as_f64(), "{other}");
    std::fs::write(&weights, "rescored = 1\n").unwrap();
    let wrong = yuelu(dir).args(asked).args(["--weights", &weights]).output().unwrap();
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("weights.toml"), "{wrong:?}");
}

/// Backup while serving; restore into another engine; move to the first engine; the same things are found.
fn copies(dir: &Path, work: &Path, server: Server) {
    let backup = work.join("backup");
    local(dir, &["backup", backup.to_str().unwrap()]);
    local(dir, &["reindex"]);
    let restored = work.join("restored");
    let busy = yuelu(dir).args(["store", "move", "--to", "redb"]).output().unwrap();
    assert!(!busy.status.success(), "a served directory is not moved");
    assert!(server.stop());
    local(&restored, &["restore", backup.to_str().unwrap(), "--engine", "redb"]);
    assert_eq!(local(&restored, &["verify"])["clean"], true);
    assert_eq!(local(&restored, &["store", "move", "--to", "sled"])["to"], "sled");
    assert_eq!(local(&restored, &["verify"])["clean"], true);
    assert_eq!(local(&restored, &["search", "灭火毯"])["total"]["value"], 1);
    assert_eq!(local(&restored, &["search", "湘江流域"])["total"]["value"], 300);
    let again = yuelu(&restored).args(["restore", backup.to_str().unwrap()]).output().unwrap();
    assert!(!again.status.success(), "a directory that holds a store is not restored into");
}

#[test]
fn rule_folders_are_checked_without_a_house() {
    let work = tempfile::tempdir().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("review_rules");
    let sound = local(work.path(), &["rules", "check", rules.to_str().unwrap()]);
    assert_eq!(sound["problems"].as_array().map(Vec::len), Some(0), "{sound}");
    std::fs::write(work.path().join("core.toml"), "schema = 1\n[[rule]]\n").unwrap();
    let broken = yuelu(work.path()).args(["rules", "check", work.path().to_str().unwrap()]).output().unwrap();
    assert!(!broken.status.success());
    assert!(String::from_utf8_lossy(&broken.stdout).contains("core.toml:2"), "{}", String::from_utf8_lossy(&broken.stdout));
}

#[test]
fn every_command_explains_itself() {
    let dir = tempfile::tempdir().unwrap();
    let help = succeeded(yuelu(dir.path()).arg("--help").output().unwrap());
    let verbs =
        ["serve", "demo", "config", "user", "deposit", "submissions", "review", "search", "suggest", "import", "events", "evaluate"];
    let upkeep = ["words", "rules", "template", "verify", "reindex", "backup", "restore", "store"];
    for verb in verbs.into_iter().chain(upkeep) {
        assert!(help.contains(&format!("  {verb} ")) || help.contains(&format!("  {verb}\n")), "{verb} is not in the help:\n{help}");
        let own = succeeded(yuelu(dir.path()).args([verb, "--help"]).output().unwrap());
        assert!(own.contains("Usage: yuelu"), "{own}");
    }
}

#[test]
fn files_and_packages_are_explained_before_they_are_sent_in() {
    let nowhere = tempfile::tempdir().unwrap();
    let house = nowhere.path().join("house");
    let explain = |path: &Path| local(&house, &["rules", "explain", path.to_str().unwrap()]);
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let film = explain(&files.join("small.mp4"));
    let film = &film["tried"][0];
    assert!(film["files"]["small.mp4"]["video"]["width"].as_u64().unwrap() > 0, "{film}");
    let outcome = |told: &Value, rule: &str| {
        let rules = told["explanation"]["rules"].as_array().unwrap();
        rules.iter().find(|taken| taken["rule"] == rule).map(|taken| taken["outcome"].as_str().unwrap().to_owned())
    };
    assert_eq!(outcome(film, "V-CONTAINER").as_deref(), Some("holds"));
    assert_eq!(outcome(film, "META-REQUIRED"), None, "a file alone has no description to blame");

    packages::document_folder(&nowhere.path().join("包"), "TRY-1", "社区防火常识", "灭火毯");
    let package = explain(&nowhere.path().join("包"));
    assert_eq!(package["tried"][0]["title"], "社区防火常识");
    assert_eq!(outcome(&package["tried"][0], "META-REQUIRED").as_deref(), Some("holds"));
    std::fs::write(nowhere.path().join("坏.zip"), "这不是压缩包").unwrap();
    let broken = explain(&nowhere.path().join("坏.zip"));
    assert!(broken["tried"][0]["explanation"].is_null() && !broken["tried"][0]["findings"].as_array().unwrap().is_empty(), "{broken}");
    assert!(!house.exists(), "no house is made for it");
    let missing = yuelu(&house).args(["rules", "explain", "没有.pdf"]).output().unwrap();
    assert!(String::from_utf8_lossy(&missing.stderr).contains("没有这个文件"));
}
