//! What is left of a learner who had everything deleted: nothing that can be asked for, nothing in the log, in what was learned and
//! in backups from the next night on, nothing in the files of the store once it was written anew.

use crate::program::server::yuelu;
use crate::program::{Api, Server, eventually};
use axum::http::Method;
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use yuelu::clock::Clock;
use yuelu::domain::time::Timestamp;
use yuelu::store::events::{SiteKey, inspect};

const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes before the compressed part of a snapshot.
const HEAD: usize = 64;
/// A learner of a school, without an account: what the school calls it stands in no other place.
const PUPIL: &str = "周不留痕";
/// What was written of the learners, each in a place of its own.
const SECRETS: [&str; 8] = [PUPIL, "班上的名字", "证明上的名字", "绝密的清单", "绝密的笔记", "要忘的检索", "湘西蜡染", "一针一线"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Those of the secrets that stand in a file under a folder.
fn found(folder: &Path) -> Vec<&'static str> {
    let bytes: Vec<Vec<u8>> = files(folder).iter().filter_map(|path| std::fs::read(path).ok()).collect();
    let stands = |secret: &&str| bytes.iter().any(|bytes| memchr::memmem::find(bytes, secret.as_bytes()).is_some());
    SECRETS.into_iter().filter(stands).collect()
}

/// Whether a log has a row of a learner, of whatever kind.
fn in_log(dir: &Path, learner: u64) -> bool {
    inspect(&dir.join("events")).unwrap().filter_map(Result::ok).any(|batch| batch.rows.iter().any(|row| row.learner == learner))
}

/// Whether what was learned, as it is kept, knows a learner.
fn in_snapshot(dir: &Path, learner: u64) -> bool {
    let bytes = std::fs::read(dir.join("recommend/state")).unwrap();
    let mut state = Vec::new();
    lz4_flex::frame::FrameDecoder::new(&bytes[HEAD..]).read_to_end(&mut state).unwrap();
    memchr::memmem::find(&state, &learner.to_le_bytes()).is_some()
}

struct House {
    clock: Clock,
    server: Server,
    admin: Api,
    school: Api,
    li: Api,
    wang: Api,
}

impl House {
    fn open(dir: &Path) -> Self {
        let clock = Clock::fixed(Timestamp::parse("2026-11-23T09:00:00+08:00").unwrap());
        let server = Server::start_by(dir, &clock);
        let person = |name: &str, role: &str| server.api(&server.add_user(name, role, "/", &[]));
        let [admin, school] = [("root-admin", "administrator"), ("school", "platform")].map(|(name, role)| person(name, role));
        let [li, wang] = ["li", "wang"].map(|name| person(name, "learner"));
        Self { clock, server, admin, school, li, wang }
    }

    fn until(&self, at: &str) {
        let at = Timestamp::parse(&format!("{at}+08:00")).unwrap();
        self.clock.advance(at.millis() - self.clock.now().millis());
    }

    /// Ten minutes of a film.
    async fn plays(&self, api: &Api, learner: &str) {
        let now = self.clock.now();
        let step = |step: i64| {
            let at = now.plus_millis((step - 21) * 30_000).to_string();
            json!({"id": format!("{now}-{learner}-{step}"), "learner": learner, "resource": "film", "verb": "progressed", "at": at,
                "position": step * 30})
        };
        let batch: Vec<Value> = (0..=20).map(step).collect();
        let kind = [("content-type", "application/json")];
        api.send(Method::POST, "/api/v1/events", &kind, json!(batch).to_string().into_bytes()).await.ok();
    }

    /// Everything that can be kept of a learner is kept of two.
    async fn fill(&self) {
        self.plays(&self.school, PUPIL).await;
        self.plays(&self.li, "me").await;
        self.plays(&self.wang, "me").await;
        let pupil = format!("/api/v1/learners/{PUPIL}");
        let list = self.school.post(&format!("{pupil}/lists"), &json!({"name": "绝密的清单"})).await.ok();
        let path = format!("{pupil}/lists/{}/resources/film", list["id"].as_str().unwrap());
        self.school.send(Method::PUT, &path, &[], Vec::new()).await.ok();
        self.school.post(&format!("{pupil}/notes"), &json!({"resource": "film", "text": "绝密的笔记"})).await.ok();
        let class = self.wang.post("/api/v1/classes", &json!({"name": "班", "resources": ["film"]})).await.ok();
        self.school.post(&format!("{pupil}/classes"), &json!({"code": class["code"], "name": "班上的名字"})).await.ok();
        self.school.post(&format!("{pupil}/certificates"), &json!({"name": "证明上的名字"})).await.ok();
        self.li.post("/api/v1/saved-searches", &json!({"name": "要忘的检索", "query": {"q": "湘西蜡染"}})).await.ok();
        self.until("2026-11-23T10:00:00");
        let row = json!({"id": "new", "title": "湘西蜡染一针一线"}).to_string();
        let kind = [("content-type", "application/x-ndjson")];
        let done = self.admin.send(Method::POST, "/api/v1/imports?vetted_by=Board&source=lib", &kind, row.into_bytes()).await.ok();
        assert_eq!(done["created"], 1, "{done}");
        self.admin.get(&format!("/api/v1/search?limit=1&after={}", done["position"])).await.ok();
        self.until("2026-11-24T07:00:30");
        eventually("the morning's round", PATIENCE, async || (self.told().await > 0).then_some(())).await;
    }

    async fn told(&self) -> usize {
        let inbox = self.li.get("/api/v1/notices?limit=100").await.ok();
        inbox["items"].as_array().unwrap().iter().filter(|one| one["code"] == "new_hits").count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_learner_who_is_forgotten_leaves_nothing_behind() {
    let (home, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (dir, kept) = (home.path(), work.path().join("backup"));
    let house = House::open(dir);
    house.fill().await;
    let key = SiteKey::open(&dir.join("events")).unwrap();
    let [pupil, li, wang] = [PUPIL, "li", "wang"].map(|name| key.learner(name));
    assert_eq!(found(dir), SECRETS[1..], "all of it can be found while it is there, but for the pupil, who is a surrogate");
    assert!([pupil, li, wang].into_iter().all(|learner| in_log(dir, learner)));

    for (api, learner) in [(&house.school, PUPIL), (&house.li, "me")] {
        assert_eq!(api.send(Method::DELETE, &format!("/api/v1/learners/{learner}"), &[], Vec::new()).await.status, 204);
    }
    assert_eq!(house.told().await, 0, "what was told of a saved search goes with it");
    house.plays(&house.wang, "me").await;
    house.until("2026-11-25T03:30:30");
    let gone = async || (!in_log(dir, pupil) && !in_log(dir, li)).then_some(());
    eventually("the night's work on the log", PATIENCE, gone).await;
    assert!(in_log(dir, wang), "nobody else goes");
    let learned = async || (dir.join("recommend/state").exists() && !in_snapshot(dir, pupil) && !in_snapshot(dir, li)).then_some(());
    eventually("the night's snapshot", PATIENCE, learned).await;
    assert!(in_snapshot(dir, wang));

    // A backup from now on holds nothing of it; what the work that was told of is called stays, as it is published.
    house.server.run(["backup", kept.to_str().unwrap()]);
    let restored = work.path().join("restored");
    assert!(yuelu(&restored).args(["restore", kept.to_str().unwrap()]).status().unwrap().success());
    let published = ["湘西蜡染", "一针一线"];
    assert_eq!(found(&restored), published);
    assert!(!in_log(&restored, pupil) && in_log(&restored, wang));

    // Nor do the store's own files, once they are written anew.
    assert!(house.server.stop());
    assert!(yuelu(dir).args(["store", "compact"]).status().unwrap().success());
    assert_eq!(found(dir), published);
    let server = Server::start_by(dir, &house.clock);
    let wang = house.wang.at(&server);
    assert_eq!(wang.get("/api/v1/learners/me").await.ok()["history"][0]["resource"], "film");
    let pupil = house.school.at(&server).get(&format!("/api/v1/learners/{PUPIL}")).await.ok();
    assert_eq!((&pupil["history"], &pupil["lists"], &pupil["notes"]), (&json!([]), &json!([]), &json!([])));
}
