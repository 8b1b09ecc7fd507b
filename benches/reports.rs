//! What the desk's reports cost on a large store: experts proposed, workload, agreement, a reviewer's month.
//!
//! `BENCH_SUBMISSIONS` (100,000) submissions came in over two years and were judged by `BENCH_REVIEWERS` (300) reviewers: nine in
//! ten by one, one in ten by three who score. The last 3,000 are being judged now, and one in fifty had somebody stand down.
//! They are written straight into a fresh store on sled, as the product has them. Then each report is asked for
//! `BENCH_RUNS` (5) times. `cargo bench --bench reports`.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measuring program prints, and stops at what does not hold")]

use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;
use yuelu::blob::Blobs;
use yuelu::clock::Clock;
use yuelu::domain::access::{Actor, Assignment, OrgPath, Role};
use yuelu::domain::account::Account;
use yuelu::domain::change::ChangeSet;
use yuelu::domain::metadata::Metadata;
use yuelu::domain::problem::Problem;
use yuelu::domain::review::figures::OpinionFigures;
use yuelu::domain::review::{Given, Opinion, Verdict};
use yuelu::domain::reviewer::ReviewerProfile;
use yuelu::domain::submission::intake::NewSubmission;
use yuelu::domain::submission::table::Party;
use yuelu::domain::submission::{Seat, State, Step, StoodDown, Submission, Why};
use yuelu::domain::time::{DAY_MS, Timestamp};
use yuelu::rules::RuleSet;
use yuelu::store::{EngineKind, Store, StoreOptions};
use yuelu::vetting::Vetting;
use yuelu::vetting::agreement::Period;

/// Submissions of one change.
const STRETCH: usize = 50;
/// Submissions that are being judged.
const OPEN: usize = 3_000;

#[tokio::main]
async fn main() {
    let setting = |name: &str, usual: usize| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (submissions, reviewers, runs) = (setting("BENCH_SUBMISSIONS", 100_000), setting("BENCH_REVIEWERS", 300), setting("BENCH_RUNS", 5));
    let dir = tempfile::tempdir().expect("a folder");
    let options = StoreOptions { dir: dir.path().to_path_buf(), engine: EngineKind::Sled };
    let store = Store::open(options).await.expect("a store");
    let clock = Clock::fixed(Timestamp::parse("2026-11-22T08:00:00Z").expect("an instant"));
    let rules = Arc::new(RuleSet::builtin().expect("sound rules"));
    let vetting = Vetting::new(store.clone(), Blobs::open(dir.path()).expect("a folder"), clock.clone(), rules, Arc::default());
    let (start, mut random) = (Instant::now(), Rng::with_seed(4));
    fill_reviewers(&store, &clock, reviewers).await;
    let mut opinions = 0;
    for first in (0..submissions).step_by(STRETCH) {
        let mut change = ChangeSet::new(clock.fresh_id());
        for place in first..(first + STRETCH).min(submissions) {
            opinions += put(&mut change, &clock, &mut random, Sizes { place, submissions, reviewers });
        }
        store.commit(change).await.expect("room on the disk");
    }
    println!("{submissions} submissions, {opinions} opinions, {reviewers} reviewers; written in {:.0} s", start.elapsed().as_secs_f64());
    let editor = actor("editor", Role::Editor);
    let (open, month) = (id(&clock, submissions - 1, submissions), "2026-10");
    for run in 1..=runs {
        let experts = timed(vetting.experts(&editor, &open)).await;
        let workload = timed(vetting.workload(&editor)).await;
        let agreement = timed(vetting.agreement(&editor, &Period::default())).await;
        let sheet = timed(vetting.sheet(&editor, month, Some("reviewer-7"))).await;
        let desk = timed(vetting.desk(&actor("reviewer-7", Role::Reviewer), 20)).await;
        println!(
            "run {run}, ms: experts {} ({}), workload {} ({}), agreement {} ({} opinions), sheet {} ({} rows), desk {}; most resident {} MB",
            experts.0,
            experts.1.experts.len() + experts.1.barred.len(),
            workload.0,
            workload.1.len(),
            agreement.0,
            agreement.1.opinions,
            sheet.0,
            sheet.1.count,
            desk.0,
            memory()
        );
    }
}

async fn timed<T>(asking: impl Future<Output = Result<T, Problem>>) -> (u128, T) {
    let start = Instant::now();
    let answer = asking.await.expect("an answer");
    (start.elapsed().as_millis(), answer)
}

async fn fill_reviewers(store: &Store, clock: &Clock, count: usize) {
    let mut change = ChangeSet::new(clock.fresh_id());
    for place in 0..count {
        let id = format!("reviewer-{place}");
        let account = Account {
            id: id.clone(),
            name: id.clone(),
            display: format!("专家{place}"),
            institution: None,
            assignments: vec![Assignment { role: Role::Reviewer, scope: OrgPath::parse("/hunan").expect("a path") }],
            groups: BTreeSet::new(),
            password: None,
            demo: false,
            locked: false,
            created: clock.now(),
        };
        let categories = BTreeSet::from(["community".to_owned()]);
        change.insert(&account).expect("a record");
        change.insert(&ReviewerProfile { account: id, categories, ..ReviewerProfile::default() }).expect("a record");
    }
    store.commit(change).await.expect("room on the disk");
}

#[derive(Clone, Copy)]
struct Sizes {
    place: usize,
    submissions: usize,
    reviewers: usize,
}

/// Ids in the order in which works came in.
fn id(clock: &Clock, place: usize, of: usize) -> String {
    format!("{:012x}-{place:08}", came(clock, place, of).millis())
}

fn came(clock: &Clock, place: usize, of: usize) -> Timestamp {
    let before = i64::try_from((of - place) as u64 * 730 * DAY_MS.unsigned_abs() / of as u64).unwrap_or(0);
    clock.now().plus_millis(-before)
}

/// A submission with its opinions; answers how many.
fn put(change: &mut ChangeSet, clock: &Clock, random: &mut Rng, sizes: Sizes) -> usize {
    let mut submission = submitted(clock, sizes);
    let created = submission.created;
    let is_open = sizes.place + OPEN >= sizes.submissions;
    let panel = if sizes.place.is_multiple_of(10) { 3 } else { 1 };
    let mut given = 0;
    for seat in 0..panel {
        let reviewer = format!("reviewer-{}", (random.usize(..sizes.reviewers / 3) * 3 + seat) % sizes.reviewers);
        let at = created.plus_millis(DAY_MS + random.i64(..10 * DAY_MS)).min(clock.now());
        let mark = 7_000 + random.u32(..2_500);
        let scores: BTreeMap<String, u32> =
            if panel == 1 { BTreeMap::new() } else { (0..7).map(|place| (format!("criterion-{place}"), mark)).collect() };
        let opinion = Opinion {
            id: format!("{:012x}-{:08}-{seat}", at.millis(), sizes.place),
            submission: submission.id.clone(),
            round: 1,
            reviewer: reviewer.clone(),
            at,
            mark: (panel > 1).then_some(mark),
            verdict: if mark > 8_000 { Verdict::Pass } else { Verdict::PassAfterChanges },
            text: "内容准确，讲解清楚，字幕完整；个别页面的字号偏小，建议调整后入库。".repeat(6),
            salt: clock.fresh_id(),
            vetoes: Vec::new(),
            rule_set: submission.rule_set.clone(),
            scores,
        };
        let until = clock.now().plus_millis(DAY_MS);
        let came_to = Given {
            opinion: opinion.id.clone(),
            verdict: opinion.verdict,
            mark: opinion.mark,
            scores: opinion.scores.clone(),
            vetoes: Vec::new(),
        };
        submission.seats.push(Seat { account: reviewer, until, given: (!is_open).then_some(came_to), invited: false, reminded: false });
        if !is_open {
            change.insert(&OpinionFigures::of(&opinion, &submission, Some(created))).expect("a record");
            change.insert(&opinion).expect("a record");
            given += 1;
        }
    }
    if sizes.place.is_multiple_of(50) {
        let account = format!("reviewer-{}", random.usize(..sizes.reviewers));
        submission.stood_down.insert(StoodDown { account, round: 1, why: Why::Declined });
    }
    submission.state = match (is_open, panel) {
        (true, 1) => State::Review,
        (true, _) => State::Panel,
        (false, _) => State::Published { revision: 1 },
    };
    change.insert(&submission).expect("a record");
    given
}

fn submitted(clock: &Clock, sizes: Sizes) -> Submission {
    let text = "面向社区居民的自学材料，介绍基本知识、常见问题与练习方法，供学习者自学使用。";
    let meta = serde_json::json!({
        "title": format!("社区自学材料第{}号", sizes.place), "kind": "collection", "category": "community", "subjects": ["digital-life"],
        "description": text.repeat(4), "keywords": ["社区", "自学", "材料"], "audience": ["everyone"], "language": ["zh-CN"],
        "rights": { "licence": "CC-BY-4.0", "holder": "岳麓示范社区学院", "sharing": "free", "evidence": "自有版权" },
    });
    let metadata: Metadata = serde_json::from_value(meta).expect("a description");
    let id = id(clock, sizes.place, sizes.submissions);
    let new = NewSubmission {
        id: id.clone(),
        deposit: format!("deposit-{}", sizes.place / 100),
        row: None,
        owner: OrgPath::parse(&format!("/hunan/city-{}/college-{}", sizes.place % 14, sizes.place % 120)).expect("a path"),
        institution: "岳麓示范社区学院".to_owned(),
        resource: format!("resource-{}", sizes.place),
        revision_of: None,
        metadata,
        files: Vec::new(),
        track: "routine".to_owned(),
        submitter: "submitter".to_owned(),
        fingerprint: id,
    };
    let at = came(clock, sizes.place, sizes.submissions);
    Submission::submit(new, &Step::person("submitter", Party::Role(Role::Contributor), at)).expect("a submission").submission
}

fn actor(account: &str, role: Role) -> Actor {
    let scope = OrgPath::parse("/hunan").expect("a path");
    Actor { account: Some(account.to_owned()), assignments: vec![Assignment { role, scope }], ..Actor::default() }
}

/// Megabytes that this process had at most.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a high-water mark");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).expect("kilobytes") >> 10
}
