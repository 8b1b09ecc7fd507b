//! Broken, hostile and huge input through receiving, unpacking and checking, files looked into in child processes of the real
//! program: each gets a precise answer, and nothing else is harmed.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use yuelu::blob::Blobs;
use yuelu::clock::Clock;
use yuelu::domain::access::{Actor, Assignment, OrgPath, Role};
use yuelu::domain::deposit::{Deposit, DepositState, PLEDGE_VERSION};
use yuelu::domain::finding::Finding;
use yuelu::domain::job::{Job, JobKind};
use yuelu::domain::record::Key;
use yuelu::ingest::{Incoming, Ingest, ReportFormat};
use yuelu::media::{Media, Tools};
use yuelu::package::Limits;
use yuelu::rules::RuleSet;
use yuelu::store::{PageRequest, Store};

struct Site {
    ingest: Ingest,
    store: Store,
    actor: Actor,
    _folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::memory();
        let codes = Arc::new(yuelu::search::codes::load(None).unwrap());
        let rules = Arc::new(RuleSet::builtin().unwrap());
        let media = Media::isolated(PathBuf::from(env!("CARGO_BIN_EXE_yuelu")), Tools::find());
        let blobs = Blobs::open(folder.path()).unwrap();
        let limits = Limits { total: 100 << 20, ..Limits::default() };
        let ingest = Ingest::new(store.clone(), blobs, Clock::system(), media, rules, codes).with_limits(limits);
        let assignments = vec![Assignment { role: Role::Contributor, scope: OrgPath::parse("/hunan/test").unwrap() }];
        Self { ingest, store, actor: Actor { account: Some("a".into()), assignments, ..Actor::default() }, _folder: folder }
    }

    /// Sends a package, does all jobs, and answers the deposit with its findings.
    async fn send(&self, package: Vec<u8>) -> (Deposit, Vec<Finding>) {
        let incoming = Incoming { pledge: Some(PLEDGE_VERSION.into()), ..Incoming::default() };
        let bytes = futures::stream::iter([Ok::<_, yuelu::domain::problem::Problem>(bytes::Bytes::from(package))]);
        let (deposit, _) = self.ingest.receive(&self.actor, incoming, bytes).await.unwrap();
        loop {
            let jobs = self.store.list_by::<Job>("ready", &Key::default(), PageRequest::first(1000)).await.unwrap().items;
            if jobs.is_empty() {
                break;
            }
            for job in jobs {
                let work = async {
                    match job.value.kind {
                        JobKind::Unpack => self.ingest.unpack(&job.value).await,
                        _ => self.ingest.check(&job.value).await,
                    }
                };
                let mut change = work.await.unwrap();
                change.remove(&job);
                self.store.commit(change).await.unwrap();
            }
        }
        let deposit = self.ingest.deposit(&self.actor, &deposit.id).await.unwrap().value;
        let findings = self.ingest.findings(&self.actor, &deposit.id).await.unwrap();
        (deposit, findings)
    }
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)).unwrap()
}

/// A PNG of zeros that claims this size; its pixels really unpack, as a bomb's do, as far as `rows` go.
fn png(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat()
    };
    let size = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let mut pixels = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    pixels.write_all(&vec![0; 4 << 20]).unwrap();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &size), chunk(b"IDAT", &pixels.finish().unwrap()), chunk(b"IEND", b"")].concat()
}

fn manifest(kind: &str) -> String {
    format!("title = \"测试\"\nkind = \"{kind}\"\ncategory = \"community\"\n[rights]\nlicence = \"CC-BY-4.0\"\nholder = \"甲\"\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hostile_file_gets_its_own_answer() {
    let site = Site::new();
    let bomb = "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]><d><t>&b;&x;</t></d>";
    let document = zipped(&[("word/document.xml", bomb.as_bytes())]);
    let inner = zipped(&[("word/document.xml", &vec![b' '; 90 << 20])]);
    let video = sample("small.mp4");
    let pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n".to_vec();
    let files: Vec<(&str, Vec<u8>, &str)> = vec![
        ("huge.png", png(60_000, 60_000), "亿像素"),
        ("wide.png", png(20_000, 6_000), "20000×6000"),
        ("entities.docx", document, "实体"),
        ("inner.docx", inner, "压缩炸弹"),
        ("cut.mp4", video[..9000].to_vec(), "文件只有 9000 字节"),
        ("cut.pdf", pdf, "%%EOF"),
        ("empty.mp3", Vec::new(), "0 字节"),
        ("noise.srt", b"no cues here".to_vec(), ""),
        ("program.pdf", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0".to_vec(), ""),
    ];
    let toml = manifest("collection");
    let mut all: Vec<(&str, &[u8])> = vec![("yuelu.toml", toml.as_bytes())];
    all.extend(files.iter().map(|(name, bytes, _)| (*name, bytes.as_slice())));
    let started = Instant::now();
    let (deposit, findings) = site.send(zipped(&all)).await;
    assert!(matches!(deposit.state, DepositState::Unpacked { .. }), "{findings:?}");
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
    for (name, _, part) in &files {
        let about: Vec<_> = findings.iter().filter(|finding| finding.file.as_deref() == Some(name)).collect();
        let told = about.iter().any(|finding| finding.message.contains(part));
        assert!(told, "{name} should be told “{part}”: {about:?}");
    }
    let rules: Vec<&str> =
        findings.iter().filter(|finding| finding.file.as_deref() == Some("program.pdf")).map(|finding| finding.rule.as_str()).collect();
    assert!(rules.contains(&"INTEG-TYPE"), "{rules:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_row_4711_is_named_and_costs_no_other() {
    let site = Site::new();
    let mut csv = String::from("编号,标题,类型,类别,许可,权利人,链接\n");
    for row in 2..=5000 {
        // Half of the rows have no right kind, so that the test does not check thousands of submissions.
        csv.push_str(&if row == 4711 {
            format!("R-{row},\"坏行,链接,社区,,,\n")
        } else {
            format!("R-{row},标题{row},不对,社区,,,\n")
        });
    }
    let bytes = encoding_rs::GB18030.encode(&csv).0.into_owned();
    let (deposit, findings) = site.send(zipped(&[("catalogue.csv", &bytes)])).await;
    assert_eq!((deposit.counts.rows, deposit.counts.refused), (4999, 4999));
    let broken: Vec<_> = findings.iter().filter(|finding| finding.rule == "ROW-BROKEN").collect();
    assert_eq!(broken.len(), 1);
    assert!(broken[0].row == Some(4711) && broken[0].message.contains("第 4711 行") && broken[0].message.contains("引号"));
    assert_eq!(findings.iter().filter(|finding| finding.rule == "META-CODE").count(), 4998);
    let workbook = site.ingest.report(&site.actor, &deposit.id, ReportFormat::Xlsx).await.unwrap().bytes;
    let back = yuelu::package::rows::read_table("catalogue.xlsx", &workbook, 20_000).unwrap();
    assert!(back.rows.iter().any(|row| row.number == 4711 && row.cells.iter().any(|cell| cell.text().contains("ROW-BROKEN"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_archives_are_refused_whole() {
    let site = Site::new();
    let toml = manifest("document");
    let check = async |files: &[(&str, &[u8])], rule: &str, file: &str| {
        let (deposit, findings) = site.send(zipped(&[&[("yuelu.toml", toml.as_bytes())], files].concat())).await;
        assert!(matches!(deposit.state, DepositState::Refused { .. }), "{rule}");
        assert_eq!((findings[0].rule.as_str(), findings[0].file.as_deref()), (rule, Some(file)));
    };
    check(&[("../../root/.ssh/authorized_keys", b"x")], "PKG-NAME", "../../root/.ssh/authorized_keys").await;
    check(&[("C:\\windows\\x.dll", b"x")], "PKG-NAME", "C:\\windows\\x.dll").await;
    check(&[("bomb.txt", &vec![b'a'; 60 << 20])], "PKG-LIMIT", "bomb.txt").await;
    let (deposit, findings) = site.send(b"PK\x03\x04 and nothing more".to_vec()).await;
    assert!(matches!(deposit.state, DepositState::Refused { .. }) && findings[0].rule == "PKG-OPEN");
}
