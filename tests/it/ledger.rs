//! The review ledger outside of the repository: saved, verified by the program and by a script of a few lines, and whatever is
//! done to it found by both.

use crate::program::server::{succeeded, yuelu};
use crate::program::{Server, packages};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use yuelu::domain::change::Position;
use yuelu::domain::checkpoint::{Checkpoint, ExportLine};
use yuelu::domain::ledger::{LedgerEntry, LedgerHead, NewEntry};
use yuelu::domain::time::Timestamp;

const OWNER: &str = "/hunan/changsha/yuelu-college";

fn by_program(file: &Path, last: &str) -> Output {
    // There is no data directory: the file is all that is looked at.
    let nowhere = file.with_extension("nowhere");
    let verified = yuelu(&nowhere).args(["--json", "verify", "--checkpoint", last, "--ledger"]).arg(file).output().unwrap();
    assert!(!nowhere.exists(), "nothing was opened");
    verified
}

fn by_script(file: &Path, last: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_ledger.py");
    Command::new("python3").arg(script).arg(file).arg(last).output().unwrap()
}

fn told(output: Output) -> Value {
    serde_json::from_str(succeeded(output).trim()).unwrap()
}

#[test]
fn a_saved_ledger_is_verified_without_the_repository() {
    let (dir, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server::start(dir.path());
    let contributor = server.add_user("contributor", "contributor", OWNER, &["--institution", "岳麓示范社区学院"]);
    let reviewer = server.add_user("reviewer", "reviewer", "/", &[]);
    let second = server.add_user("second", "manager", OWNER, &["--institution", "岳麓示范社区学院"]);
    let auditor = server.add_user("auditor", "auditor", "/", &[]);
    let remote = |token: &str, arguments: &[&str]| {
        let mut command = yuelu(&work.path().join("nothing"));
        command.env("XDG_STATE_HOME", work.path().join("state"));
        command.args(["--json", "--server", &server.base, "--token", token]).args(arguments).output().unwrap()
    };
    packages::document_folder(&work.path().join("甲"), "LED-1", "社区防火常识", "灭火毯");
    let deposited = told(remote(&contributor, &["deposit", work.path().join("甲").to_str().unwrap(), "--pledge", "--wait"]));
    let save = |name: &str| {
        let file = work.path().join(name);
        let saved = told(remote(&auditor, &["ledger", file.to_str().unwrap()]));
        (file, saved)
    };
    let (first, saved) = save("first.jsonl");
    let entries = saved["entries"].as_u64().unwrap();
    assert!(entries >= 2, "{saved}");
    let last = saved["last"].as_str().unwrap().to_owned();
    assert_eq!(told(by_program(&first, &last))["entries"], entries);
    assert_eq!(succeeded(by_script(&first, &last)).trim(), "ok");

    let scan = work.path().join("scan.pdf");
    std::fs::write(&scan, "%PDF-1.4\n%%EOF\n").unwrap();
    let deposit = deposited["packages"][0]["deposit"].as_str().unwrap();
    told(remote(&second, &["approve", deposit, "--scan", scan.to_str().unwrap(), "--confirm", "--wait"]));

    // The ledger goes on; the older file still holds by its own last checkpoint, the newer one does not end with it.
    told(remote(&reviewer, &["review", "claim"]));
    let (later, saved) = save("second.jsonl");
    assert!(saved["entries"].as_u64().unwrap() > entries && saved["last"] != last.as_str(), "{saved}");
    assert!(by_program(&first, &last).status.success() && !by_program(&later, &last).status.success());
    assert!(!by_script(&later, &last).status.success());
    let text = std::fs::read_to_string(&later).unwrap();
    assert!(!text.contains("contributor\"}") && !text.contains("LED-1") && !text.contains("防火"), "it names nobody and nothing");
    let refused = remote(&contributor, &["ledger", work.path().join("no.jsonl").to_str().unwrap()]);
    assert!(!refused.status.success() && !work.path().join("no.jsonl").exists());
    assert_eq!(told(yuelu(dir.path()).args(["--json", "verify"]).output().unwrap())["clean"], true, "checkpoints are records");
}

/// 10,000 entries in 500 chains, sealed 40 times.
fn large() -> (Vec<ExportLine>, String) {
    let mut chains: Vec<(String, LedgerHead, Vec<LedgerEntry>)> =
        (0..500).map(|number| (format!("chain-{number:04}"), LedgerHead::default(), Vec::new())).collect();
    let mut checkpoints: Vec<Checkpoint> = Vec::new();
    for turn in 0..20_i64 {
        for half in 0..2 {
            let at = Timestamp::from_millis(1_790_000_000_000 + turn * 60_000);
            let mut heads = std::collections::BTreeMap::new();
            for (chain, head, entries) in chains.iter_mut().skip(half).step_by(2) {
                let new = NewEntry { chain, at, action: "claim", account: "who", from: "review", to: "review", ..NewEntry::default() };
                let (next, entry) = head.append(new).unwrap();
                heads.insert(chain.clone(), next.clone());
                *head = next;
                entries.push(entry);
            }
            checkpoints.push(Checkpoint::after(checkpoints.last(), at, Position(turn as u64), heads).unwrap());
        }
    }
    let last = checkpoints.last().unwrap().hash.clone();
    let entries = chains.into_iter().flat_map(|(_, _, entries)| entries).map(ExportLine::Entry);
    (checkpoints.into_iter().map(ExportLine::Checkpoint).chain(entries).collect(), last)
}

fn write(file: &Path, lines: &[String]) {
    std::fs::write(file, lines.join("\n") + "\n").unwrap();
}

#[test]
fn whatever_is_done_to_one_of_ten_thousand_entries_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.jsonl");
    let (lines, last) = large();
    let lines: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    let first_entry = lines.iter().position(|line| line.starts_with("{\"entry\"")).unwrap();
    assert_eq!(lines.len() - first_entry, 10_000);
    write(&file, &lines);
    assert_eq!(told(by_program(&file, &last))["entries"], 10_000);
    succeeded(by_script(&file, &last));

    let mut random = fastrand::Rng::with_seed(22);
    let end = lines.len() - 1;
    for place in [first_entry, end].into_iter().chain(std::iter::repeat_with(|| random.usize(first_entry..end)).take(3)) {
        let mut changed = lines.clone();
        changed[place] = changed[place].replace("\"claim\"", "\"publish\"");
        let mut removed = lines.clone();
        removed.remove(place);
        let mut moved = lines.clone();
        moved.swap(place, if place == end { place - 1 } else { place + 1 });
        for (what, tampered) in [("changed", changed), ("removed", removed), ("moved", moved)] {
            assert_ne!(tampered, lines, "line {place} {what}");
            write(&file, &tampered);
            let (program, script) = (by_program(&file, &last), by_script(&file, &last));
            assert_eq!(program.status.code(), Some(1), "line {place} {what}: {}", String::from_utf8_lossy(&program.stderr));
            assert!(!script.status.success() && String::from_utf8_lossy(&script.stderr).contains("AssertionError"), "line {place} {what}");
        }
    }
}
