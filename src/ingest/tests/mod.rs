//! The whole way of a deposit, on real stores and files.

mod likeness;

use super::*;
use crate::domain::access::{Actor, Assignment, OrgPath, Role};
use crate::domain::blob_ref::BlobRef;
use crate::domain::change::ChangeSet;
use crate::domain::deposit::{Deposit, DepositCounts, DepositState, PLEDGE_VERSION, RowOutcome};
use crate::domain::job::{Job, JobKind};
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::submission::Submission;
use crate::domain::submission::step::Step;
use crate::domain::submission::table::{Party, StateCode};
use crate::media::Tools;
use crate::store::PageRequest;
use bytes::Bytes;
use std::io::Write as _;

struct Site {
    ingest: Ingest,
    store: Store,
    clock: Clock,
    _folder: tempfile::TempDir,
}

const HEAD: &str = "编号,标题,简介,类型,类别,学科,关键词,适用对象,语种,责任者,许可,权利人,共享方式,文件,备注\n";

fn row(id: &str, title: &str, kind: &str, files: &str) -> String {
    format!(
        "{id},{title},{title}的简介，供社区居民学习使用,{kind},社区,,学习；社区；课程,,普通话,张三（讲授）,CC-BY-4.0,岳麓示范社区学院,免费,{files},第一批\n"
    )
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn contributor(scope: &str) -> Actor {
    let assignments = vec![Assignment { role: Role::Contributor, scope: OrgPath::parse(scope).unwrap() }];
    Actor { account: Some(format!("account-of-{}", scope.replace('/', "-"))), name: None, assignments, ..Actor::default() }
}

fn pledged() -> Incoming {
    Incoming { pledge: Some(PLEDGE_VERSION.to_owned()), institution: Some("岳麓示范社区学院".into()), ..Incoming::default() }
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = (Store::memory(), Clock::system());
        let blobs = Blobs::open(folder.path()).unwrap();
        let codes = Arc::new(crate::search::codes::load(None).unwrap());
        let rules = Arc::new(RuleSet::builtin().unwrap());
        let ingest = Ingest::new(store.clone(), blobs, clock.clone(), Media::in_process(Tools::default()), rules, codes);
        Self { ingest, store, clock, _folder: folder }
    }

    async fn receive(&self, actor: &Actor, incoming: Incoming, bytes: Vec<u8>) -> Result<(Deposit, bool), Problem> {
        let chunks: Vec<Result<Bytes, Problem>> = bytes.chunks(1000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        self.ingest.receive(actor, incoming, futures::stream::iter(chunks)).await
    }

    async fn jobs(&self) -> Vec<Stored<Job>> {
        self.store.list_by("ready", &Key::default(), PageRequest::first(1000)).await.unwrap().items
    }

    async fn run(&self, job: &Job) -> ChangeSet {
        match job.kind {
            JobKind::Unpack => self.ingest.unpack(job).await.unwrap(),
            _ => self.ingest.check(job).await.unwrap(),
        }
    }

    /// Does all jobs until there are none.
    async fn work(&self) {
        loop {
            let jobs = self.jobs().await;
            if jobs.is_empty() {
                return;
            }
            for job in jobs {
                let mut change = self.run(&job.value).await;
                change.remove(&job);
                self.store.commit(change).await.unwrap();
            }
        }
    }

    async fn send(&self, actor: &Actor, files: &[(&str, &[u8])]) -> Receipt {
        let (deposit, new) = self.receive(actor, pledged(), zip(files)).await.unwrap();
        assert!(new);
        self.work().await;
        self.ingest.receipt(actor, &deposit.id, PageRequest::first(100)).await.unwrap()
    }

    async fn submission(&self, receipt: &Receipt, place: usize) -> Submission {
        let RowOutcome::Submitted { submission } = &receipt.rows[place].outcome else { panic!("{:?}", receipt.rows[place]) };
        self.store.get::<Submission>(&Key::from(submission.as_str())).await.unwrap().unwrap().value
    }
}

fn counts(rows: u32, submitted: u32, unchanged: u32, refused: u32) -> DepositCounts {
    DepositCounts { rows, submitted, unchanged, refused }
}

fn small(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_goes_its_own_way() {
    let (site, actor) = (Site::new(), contributor("/hunan/changsha"));
    let csv =
        [HEAD, &row("A-1", "防诈骗手册", "文档", "a.txt"), &row("A-2", "坏行", "电影", "a.txt"), &row("A-3", "断片", "视频", "v.mp4")]
            .concat();
    let video = small("small.mp4");
    let files: &[(&str, &[u8])] =
        &[("catalogue.csv", csv.as_bytes()), ("a.txt", "遇到陌生电话不要转账".as_bytes()), ("v.mp4", &video[..9000])];
    let receipt = site.send(&actor, files).await;
    assert!(matches!(receipt.deposit.state, DepositState::Unpacked { .. }));
    assert_eq!(receipt.deposit.counts, counts(3, 2, 0, 1));
    assert_eq!(receipt.rows[1].outcome, RowOutcome::Refused);
    assert_eq!((receipt.rows[1].findings[0].rule.as_str(), receipt.rows[1].findings[0].row), ("META-CODE", Some(3)));

    let first = site.submission(&receipt, 0).await;
    let musts: Vec<_> = first.findings.iter().filter(|finding| finding.severity == crate::domain::finding::Severity::Must).collect();
    assert_eq!((first.state.code(), musts.as_slice()), (StateCode::Approval, [].as_slice()));
    let file = &first.files[0];
    assert_eq!(file.facts.as_ref().map(|facts| (facts.opens, facts.sha256.as_str())), Some((true, file.digest.as_str())));
    assert!(file.text.is_some());

    let cut = site.submission(&receipt, 2).await;
    assert_eq!(cut.state.code(), StateCode::Returned);
    assert!(
        cut.findings
            .iter()
            .any(|finding| finding.rule == "INTEG-OPEN" && finding.file.as_deref() == Some("v.mp4") && finding.row == Some(4)),
        "{:?}",
        cut.findings
    );

    // Everything that is named is referred to, and the package is let go.
    let owner = crate::domain::blob_ref::owner::<Submission>(&first.id);
    for digest in [&file.digest, file.text.as_ref().unwrap()] {
        let key = crate::domain::record::Record::key(&BlobRef { digest: digest.clone(), owner: owner.clone() });
        assert!(site.store.get::<BlobRef>(&key).await.unwrap().is_some());
    }
    let refs = site.store.list::<BlobRef>(&BlobRef::prefix_of(&receipt.deposit.package), PageRequest::first(9)).await.unwrap();
    assert_eq!(refs.items.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_changed_rows_count_when_sent_again() {
    let (site, actor) = (Site::new(), contributor("/hunan/changsha"));
    let table = |third: &str| {
        [HEAD, &row("A-1", "甲", "文档", "a.txt"), &row("", "没有编号", "文档", "a.txt"), &row("A-3", third, "视频", "v.mp4")].concat()
    };
    let (cut, whole) = (small("small.mp4")[..9000].to_vec(), small("small.mp4"));
    let first = site.send(&actor, &[("catalogue.csv", table("丙").as_bytes()), ("a.txt", b"text"), ("v.mp4", &cut)]).await;
    assert_eq!(first.deposit.counts, counts(3, 3, 0, 0));
    let returned = site.submission(&first, 2).await;
    assert_eq!(returned.state.code(), StateCode::Returned);

    // The same once more, in another form of table.
    let bytes = site.ingest.report(&actor, &first.deposit.id, ReportFormat::Xlsx).await.unwrap().bytes;
    let same = site.send(&actor, &[("catalogue.xlsx", &bytes), ("a.txt", b"text"), ("v.mp4", &cut)]).await;
    assert_eq!(same.deposit.counts, counts(3, 0, 3, 0), "{:?}", same.rows);
    assert_eq!(same.rows[2].outcome, RowOutcome::Unchanged { submission: returned.id.clone() });

    // Another file under the same name: the returned submission goes into its second round.
    let better = site.send(&actor, &[("catalogue.xlsx", &bytes), ("a.txt", b"text"), ("v.mp4", &whole)]).await;
    assert_eq!(better.deposit.counts, counts(3, 1, 2, 0));
    let again = site.submission(&better, 2).await;
    assert_eq!((again.id.as_str(), again.round, again.resource.as_str()), (returned.id.as_str(), 2, returned.resource.as_str()));
    assert!(!again.findings.iter().any(|finding| finding.rule == "INTEG-OPEN"), "{:?}", again.findings);

    // A change to what is still being looked at has to wait.
    let early = [HEAD, &row("A-1", "甲之二", "文档", "a.txt")].concat();
    let early = site.send(&actor, &[("catalogue.csv", early.as_bytes()), ("a.txt", b"text")]).await;
    assert_eq!(early.rows[0].findings[0].rule, "ROW-IN-REVIEW");

    // The same number of another institution is another resource.
    let other = contributor("/hunan/xiangxi");
    let theirs =
        site.send(&other, &[("catalogue.csv", [HEAD, &row("A-1", "甲", "文档", "a.txt")].concat().as_bytes()), ("a.txt", b"text")]).await;
    assert_eq!(theirs.deposit.counts, counts(1, 1, 0, 0));
    assert_ne!(site.submission(&theirs, 0).await.resource, site.submission(&first, 0).await.resource);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_row_may_come_again_for_the_same_resource() {
    let (site, actor) = (Site::new(), contributor("/hunan/changsha"));
    let csv = [HEAD, &row("A-1", "甲", "文档", "a.txt")].concat();
    let files: &[(&str, &[u8])] = &[("catalogue.csv", csv.as_bytes()), ("a.txt", b"text")];
    let first = site.submission(&site.send(&actor, files).await, 0).await;
    let stored = site.store.get::<Submission>(&Key::from(first.id.as_str())).await.unwrap().unwrap();
    let step = Step::person(&first.submitter, Party::Role(Role::Contributor), site.clock.now());
    let mut change = ChangeSet::new(site.clock.fresh_id());
    stored.value.clone().withdraw(&step).unwrap().write(&mut change, Some(&stored)).unwrap();
    site.store.commit(change).await.unwrap();
    let second = site.submission(&site.send(&actor, files).await, 0).await;
    assert_ne!(second.id, first.id);
    assert_eq!(second.resource, first.resource);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpacking_that_was_cut_off_goes_on_without_doubles() {
    let (site, actor) = (Site::new(), contributor("/hunan/changsha"));
    let rows: String = (0..130).map(|number| row(&format!("B-{number}"), &format!("第{number}课"), "文档", "a.txt")).collect();
    let csv = [HEAD, &rows].concat();
    let (deposit, _) = site.receive(&actor, pledged(), zip(&[("catalogue.csv", csv.as_bytes()), ("a.txt", b"text")])).await.unwrap();
    let job = site.jobs().await.remove(0);
    // The rows are written, the end is not: as if the process had died in between.
    let _lost = site.run(&job.value).await;
    assert_eq!(site.ingest.deposit(&actor, &deposit.id).await.unwrap().value.state, DepositState::Received);
    let change = site.run(&job.value).await;
    site.store.commit(change).await.unwrap();
    let done = site.ingest.deposit(&actor, &deposit.id).await.unwrap().value;
    assert!(matches!(done.state, DepositState::Unpacked { .. }));
    assert_eq!(done.counts, counts(130, 130, 0, 0));
    let all = site.store.list::<Submission>(&Key::default(), PageRequest::first(1000)).await.unwrap().items;
    assert_eq!(all.len(), 130);
    // Done once more it does nothing.
    let again = site.run(&job.value).await;
    assert!(again.puts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_make_deposits_once() {
    let (site, actor) = (Site::new(), contributor("/hunan/changsha"));
    let keyed = || Incoming { idempotency_key: Some("batch-1".into()), ..pledged() };
    let bytes = zip(&[("yuelu.toml", b"title = '\xe7\x94\xb2'\nkind = 'document'")]);
    let (first, new) = site.receive(&actor, keyed(), bytes.clone()).await.unwrap();
    let (second, old) = site.receive(&actor, keyed(), bytes.clone()).await.unwrap();
    assert_eq!((new, old, &second.id), (true, false, &first.id));
    assert_eq!(site.jobs().await.len(), 1);
    let other = site.receive(&actor, keyed(), zip(&[("other.txt", b"1")])).await.unwrap_err();
    assert_eq!(other.code, "idempotency-key-reused");
    let (stranger, new) = site.receive(&contributor("/hunan/xiangxi"), keyed(), bytes).await.unwrap();
    assert!(new && stranger.id != first.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_need_a_role_a_pledge_and_a_package() {
    let site = Site::new();
    let (actor, package) = (contributor("/hunan/changsha"), || zip(&[("yuelu.toml", b"")]));
    let code = async |actor: &Actor, incoming: Incoming, bytes: Vec<u8>| site.receive(actor, incoming, bytes).await.unwrap_err().code;
    let foreign = Incoming { owner: OrgPath::parse("/hunan/xiangxi"), ..pledged() };
    assert_eq!(code(&actor, foreign, package()).await, "forbidden");
    assert_eq!(code(&Actor::visitor(), pledged(), package()).await, "sign-in");
    assert_eq!(code(&Actor { assignments: vec![], ..actor.clone() }, pledged(), package()).await, "forbidden");
    assert_eq!(code(&actor, Incoming { pledge: None, ..pledged() }, package()).await, "pledge-required");
    assert_eq!(code(&actor, Incoming { pledge: Some("2001-1".into()), ..pledged() }, package()).await, "pledge-version");
    assert_eq!(code(&actor, pledged(), b"not a package".to_vec()).await, "package-not-zip");
    assert_eq!(code(&actor, pledged(), Vec::new()).await, "package-not-zip");
    let (deposit, _) = site.receive(&actor, pledged(), package()).await.unwrap();
    assert_eq!(site.ingest.deposit(&contributor("/hunan/xiangxi"), &deposit.id).await.unwrap_err().code, "not-found");
    assert_eq!(site.ingest.deposits(&actor, None, PageRequest::first(9)).await.unwrap().items.len(), 1);
    assert!(site.ingest.deposits(&actor, OrgPath::parse("/hunan").as_ref(), PageRequest::first(9)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_packages_are_refused_with_their_findings() {
    let (site, actor) = (Site::new(), contributor("/hunan/changsha"));
    let zeros = vec![0_u8; 30 << 20];
    for (files, rule) in [
        (vec![("yuelu.toml", b"".as_slice()), ("bomb.bin", zeros.as_slice())], "PKG-LIMIT"),
        (vec![("yuelu.toml", b"".as_slice()), ("../../x", b"1".as_slice())], "PKG-NAME"),
        (vec![("a.txt", b"1".as_slice())], "PKG-MANIFEST"),
    ] {
        let receipt = site.send(&actor, &files).await;
        assert!(matches!(receipt.deposit.state, DepositState::Refused { .. }));
        assert_eq!(receipt.deposit.findings[0].rule, rule);
        let list = site.ingest.report(&actor, &receipt.deposit.id, ReportFormat::Csv).await.unwrap();
        assert!(String::from_utf8_lossy(&list.bytes).contains(rule));
        assert!(!site.ingest.report(&actor, &receipt.deposit.id, ReportFormat::Xlsx).await.unwrap().bytes.is_empty());
    }
    let mut cut = zip(&[("yuelu.toml", b"title = 'a'")]);
    cut.truncate(cut.len() / 2);
    let (deposit, _) = site.receive(&actor, pledged(), cut).await.unwrap();
    site.work().await;
    assert_eq!(site.ingest.findings(&actor, &deposit.id).await.unwrap()[0].rule, "PKG-OPEN");
}
