//! The starter collection through the machine checks: what is meant to be published passes, what is meant to be returned is
//! returned by the very rule it was made for.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use yuelu::blob::Blobs;
use yuelu::clock::Clock;
use yuelu::domain::access::{Actor, Assignment, OrgPath, Role};
use yuelu::domain::deposit::{DepositState, PLEDGE_VERSION};
use yuelu::domain::finding::Severity;
use yuelu::domain::job::{Job, JobKind};
use yuelu::domain::record::Key;
use yuelu::domain::submission::Submission;
use yuelu::domain::submission::table::StateCode;
use yuelu::ingest::{Incoming, Ingest};
use yuelu::media::{Media, Tools};
use yuelu::rules::RuleSet;
use yuelu::store::{PageRequest, Store};

fn resources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("resources")
}

fn zipped(folder: &Path) -> Vec<u8> {
    if folder.is_file() {
        return std::fs::read(folder).unwrap();
    }
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for item in std::fs::read_dir(next).unwrap().map(|item| item.unwrap().path()) {
            if item.is_dir() {
                waiting.push(item);
                continue;
            }
            let name = item.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(&std::fs::read(&item).unwrap()).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// Does the jobs of one kind that wait, and answers how many there were.
async fn work(store: &Store, ingest: &Ingest) -> usize {
    let jobs = store.list_by::<Job>("ready", &Key::default(), PageRequest::first(1000)).await.unwrap().items;
    for job in &jobs {
        let mut change = match job.value.kind {
            JobKind::Unpack => ingest.unpack(&job.value).await.unwrap(),
            _ => ingest.check(&job.value).await.unwrap(),
        };
        change.remove(job);
        store.commit(change).await.unwrap();
    }
    jobs.len()
}

fn text<'a>(package: &'a toml::Value, key: &str) -> &'a str {
    package.get(key).and_then(toml::Value::as_str).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_package_comes_to_what_it_was_made_for() {
    let folder = tempfile::tempdir().unwrap();
    let (store, clock) = (Store::memory(), Clock::system());
    let codes = Arc::new(yuelu::search::codes::load(None).unwrap());
    let rules = Arc::new(RuleSet::builtin().unwrap());
    let media = Media::in_process(Tools::find());
    let ingest = Ingest::new(store.clone(), Blobs::open(folder.path()).unwrap(), clock, media, rules, codes);
    let collection: toml::Value = toml::from_str(&std::fs::read_to_string(resources().join("collection.toml")).unwrap()).unwrap();
    let packages = collection.get("packages").and_then(toml::Value::as_array).unwrap();
    let mut faults = Vec::new();
    for package in packages {
        let owner = OrgPath::parse(text(package, "organisation")).unwrap();
        let assignments = vec![Assignment { role: Role::Contributor, scope: owner }];
        let actor = Actor { account: Some("contributor".into()), assignments, ..Actor::default() };
        let incoming =
            Incoming { pledge: Some(PLEDGE_VERSION.into()), institution: Some(text(package, "institution").into()), ..Incoming::default() };
        let path = text(package, "path");
        let bytes = futures::stream::iter([Ok::<_, yuelu::domain::problem::Problem>(bytes::Bytes::from(zipped(&resources().join(path))))]);
        let (deposit, _) = ingest.receive(&actor, incoming, bytes).await.unwrap();
        while work(&store, &ingest).await > 0 {}
        let deposit = ingest.deposit(&actor, &deposit.id).await.unwrap().value;
        if !matches!(deposit.state, DepositState::Unpacked { .. }) || deposit.counts.refused > 0 {
            faults.push(format!("{path}: {:?} {:?}", deposit.counts, ingest.findings(&actor, &deposit.id).await.unwrap()));
            continue;
        }
        let found = store.list_by::<Submission>("deposit", &Submission::deposit_key(&deposit.id), PageRequest::first(1000)).await.unwrap();
        for submission in found.items.into_iter().map(|stored| stored.value) {
            let musts: BTreeSet<&str> = submission
                .findings
                .iter()
                .filter(|finding| finding.severity == Severity::Must)
                .map(|finding| finding.rule.as_str())
                .collect();
            let expected: BTreeSet<&str> = Some(text(package, "rule")).filter(|rule| !rule.is_empty()).into_iter().collect();
            // What passes the checks waits for its institution's approval.
            let states: &[StateCode] = if expected.is_empty() { &[StateCode::Approval] } else { &[StateCode::Returned] };
            if musts != expected || !states.contains(&submission.state.code()) {
                let messages: Vec<_> = submission.findings.iter().map(|finding| (&finding.rule, &finding.message)).collect();
                faults.push(format!(
                    "{path}: {:?} is {:?}, not {expected:?}: {messages:?}",
                    submission.metadata.source_id,
                    submission.state.code()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
