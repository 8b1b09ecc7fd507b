//! A full disk: what cannot be kept is refused with a reason, what was acknowledged stays, and all goes on when there is room.
//!
//! The data directory lies on a small file system of its own: mounted where that is allowed, else in a user namespace; where
//! there is neither the test says so and ends.

use crate::program::{Answer, Api, Server, Vetters, eventually, packages, server};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Size of the disk and of the room that is kept on it.
const DISK_MB: u64 = 96;
const RESERVE_MB: u64 = 24;

/// Set where the test runs once more in a namespace of its own.
const INSIDE: &str = "FULL_DISK_INSIDE";

/// A small disk, taken down when dropped.
struct Disk {
    root: PathBuf,
    _dir: tempfile::TempDir,
}

impl Disk {
    /// Mounts it; `None` when the test called `name` was done elsewhere, or could not be done.
    fn mount(name: &str, megabytes: u64) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("disk");
        std::fs::create_dir(&root).unwrap();
        let size = format!("size={megabytes}m,mode=0700");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&root).output();
        if done.is_ok_and(|done| done.status.success()) {
            return Some(Self { root, _dir: dir });
        }
        if std::env::var_os(INSIDE).is_none() {
            let program = std::env::current_exe().unwrap();
            let arguments = [&format!("full_disk::{name}"), "--exact", "--nocapture"];
            let again = Command::new("unshare").arg("-Urm").arg(program).args(arguments).env(INSIDE, "1").output();
            // A namespace that cannot be made says nothing of the program.
            if let Some(done) = again.ok().filter(|done| String::from_utf8_lossy(&done.stdout).contains("test result")) {
                println!("{}", server::succeeded(done));
                return None;
            }
        }
        println!("no file system can be mounted here: the full disk was not tried");
        None
    }

    fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    fn free(&self) -> u64 {
        let disk = rustix::fs::statvfs(&self.root).unwrap();
        disk.f_bavail * disk.f_frsize
    }

    /// Writes a file of others until so many bytes are free.
    fn fill_up_to(&self, free: u64) {
        let filler = self.root.join("filler");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&filler).unwrap();
        // The last pieces are small: a piece that does not fit is not written at all.
        for piece in [1 << 20, 64 << 10, 4 << 10] {
            while self.free() >= free + piece {
                let end = file.metadata().unwrap().len();
                if rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), end, piece).is_err() {
                    break;
                }
            }
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.root.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Also while a child still has a file open.
        let _ = Command::new("umount").arg("-l").arg(&self.root).status();
    }
}

fn configured(data: &Path, reserve_mb: u64) {
    std::fs::create_dir_all(data).unwrap();
    std::fs::write(data.join("yuelu.toml"), format!("[store]\nreserve_mb = {reserve_mb}\n")).unwrap();
}

fn refused(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (503, "application/problem+json"), "{answer}");
    let told = answer.json();
    assert_eq!(told["code"], "storage-full", "{told}");
    assert!(told["zh"].as_str().unwrap().contains("空间不足") && told["en"].as_str().unwrap().contains("space"), "{told}");
    assert!(!answer.header("retry-after").is_empty());
}

/// Everybody who acts, and what was acknowledged to them.
struct House {
    vetters: Vetters,
    platform: Api,
    deposits: Vec<String>,
    resource: String,
}

impl House {
    async fn furnished(server: &Server) -> Self {
        let vetters = Vetters::register(server, "岳麓示范社区学院");
        let platform = server.api(&server.add_user("platform", "platform", "/", &[]));
        let resource = vetters.publish(packages::document_zip("FULL-0", "满盘之前的材料", "满盘")).await;
        assert_eq!(platform.post("/api/v1/events", &event(0, &resource)).await.ok()["accepted"], 1);
        Self { vetters, platform, deposits: Vec::new(), resource }
    }

    /// What can be read without writing, whatever the disk says.
    async fn is_readable(&self, server: &Server) {
        self.is_found(server).await;
        let visitor = server.visitor();
        assert_eq!(visitor.get(&format!("/api/v1/resources/{}/files/text.txt", self.resource)).await.status, 200);
        assert_eq!(self.vetters.contributor.get("/api/v1/deposits").await.status, 200);
    }

    /// An engine that has failed refuses to read what is not in its cache. It says so, and search and recommendations, which do
    /// not ask it, go on.
    async fn is_readable_or_says_so(&self, server: &Server) {
        self.is_found(server).await;
        let file = server.visitor().get(&format!("/api/v1/resources/{}/files/text.txt", self.resource)).await;
        let list = self.vetters.contributor.get("/api/v1/deposits").await;
        for answer in [file, list] {
            assert!(answer.status == 200 || (answer.status == 503 && answer.json()["code"].is_string()), "{answer}");
        }
    }

    async fn is_found(&self, server: &Server) {
        let visitor = server.visitor();
        assert_eq!(visitor.get("/healthz").await.status, 200);
        let found = visitor.get("/api/v1/search?q=满盘").await.ok();
        assert_eq!(found["hits"][0]["id"], self.resource.as_str(), "{found}");
        assert_eq!(visitor.get("/api/v1/learners/me/recommendations").await.status, 200);
    }

    /// Everything acknowledged is there, each deposit once.
    async fn nothing_is_lost(&self, events: u64) {
        for deposit in &self.deposits {
            let submissions = self.vetters.checked(deposit).await;
            assert_eq!(submissions.len(), 1, "{deposit}");
            assert_eq!(submissions[0]["state"]["code"], "review", "{}", submissions[0]);
        }
        let listed = self.vetters.contributor.get("/api/v1/deposits?limit=100").await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), self.deposits.len() + 1, "{listed}");
        let repeated: Vec<Value> = (0..events).map(|number| event(number, &self.resource)[0].clone()).collect();
        let counted = self.platform.post("/api/v1/events", &json!(repeated)).await.ok();
        assert_eq!((&counted["accepted"], &counted["duplicates"]), (&json!(0), &json!(events)), "{counted}");
    }
}

fn event(number: u64, resource: &str) -> Value {
    json!([{"id": format!("e{number}"), "learner": "li", "resource": resource, "verb": "viewed", "at": "2026-11-20T08:00:00Z"}])
}

fn package(number: usize, bytes: usize) -> Vec<u8> {
    let mut files = packages::document(&format!("FULL-{number}"), &format!("第{number}份材料"), &format!("词{number}"));
    let mut random = fastrand::Rng::with_seed(number as u64);
    // Letters that do not compress away, in a file that the manifest does not name: it is a master like the other.
    files.push(("more.txt".to_owned(), (0..bytes).map(|_| random.alphanumeric() as u8).collect()));
    packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

async fn ready(server: &Server) -> (u16, Value, String) {
    let readiness = server.visitor().get("/readyz").await;
    let figures = server.visitor().get("/metrics").await;
    (readiness.status.as_u16(), readiness.json(), String::from_utf8(figures.body.to_vec()).unwrap())
}

fn gauge(figures: &str, name: &str) -> f64 {
    let line = figures.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap_or_else(|| panic!("no {name}:\n{figures}"));
    line.parse().unwrap()
}

#[tokio::test]
async fn a_disk_that_fills_up_stops_what_would_be_lost_and_nothing_else() {
    let Some(disk) = Disk::mount("a_disk_that_fills_up_stops_what_would_be_lost_and_nothing_else", DISK_MB) else { return };
    configured(&disk.data(), RESERVE_MB);
    let server = Server::start(&disk.data());
    let mut house = House::furnished(&server).await;
    let (status, told, figures) = ready(&server).await;
    assert_eq!((status, &told["takes_content"], &told["store_writable"]), (200, &json!(true), &json!(true)), "{told}");
    assert_eq!((gauge(&figures, "ready"), gauge(&figures, "disk_takes_content")), (1.0, 1.0));

    // Deposits until the reserve is reached: each is either taken or refused whole.
    let mut turned_away = 0;
    disk.fill_up_to((RESERVE_MB + 6) << 20);
    for number in 1..60 {
        let answer = house.vetters.deposit(package(number, 1 << 20)).await;
        if answer.status == 202 {
            house.deposits.push(answer.json()["id"].as_str().unwrap().to_owned());
        } else {
            refused(&answer);
            turned_away += 1;
            if turned_away > 3 {
                break;
            }
        }
    }
    assert!(turned_away > 3 && house.deposits.len() > 2, "{turned_away} refused, {} taken", house.deposits.len());
    println!("{} deposits taken before the disk was full", house.deposits.len());
    disk.fill_up_to((RESERVE_MB - 4) << 20);
    refused(&house.platform.post("/api/v1/events", &event(1, &house.resource)).await);
    refused(&house.vetters.deposit(package(100, 1000)).await);
    let (status, told, figures) = ready(&server).await;
    assert_eq!((status, &told["takes_content"], &told["store_writable"]), (200, &json!(false), &json!(true)), "{told}");
    assert_eq!((gauge(&figures, "disk_takes_content"), gauge(&figures, "store_writable")), (0.0, 1.0));
    assert!(gauge(&figures, "disk_free_bytes") < (RESERVE_MB << 20) as f64);
    house.is_readable(&server).await;
    // Records still have room: people can act.
    let comment = json!({"text": "记录仍可写入。", "audience": "submitter"});
    let one = house.vetters.contributor.get("/api/v1/submissions?limit=1").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    let comments = format!("/api/v1/submissions/{one}/comments");
    assert_eq!(house.vetters.contributor.post(&comments, &comment).await.status, 201);

    // Nothing is left: not even records are begun, and the engine never meets the end of the disk.
    disk.fill_up_to(0);
    refused(&house.vetters.contributor.post(&comments, &comment).await);
    refused(&house.vetters.deposit(package(101, 1000)).await);
    let (status, told, figures) = ready(&server).await;
    assert_eq!((status, &told["ready"], &told["store_writable"]), (503, &json!(false), &json!(false)), "{told}");
    assert_eq!((gauge(&figures, "ready"), gauge(&figures, "store_writable")), (0.0, 0.0));
    house.is_readable(&server).await;

    // Room again: all goes on without a restart, also what had been acknowledged and waited.
    disk.make_room();
    grow(&disk, &server).await;
    let answer = house.vetters.deposit(package(102, 1000)).await;
    assert_eq!(answer.status, 202, "{answer}");
    house.deposits.push(answer.json()["id"].as_str().unwrap().to_owned());
    assert_eq!(house.platform.post("/api/v1/events", &event(1, &house.resource)).await.ok()["accepted"], 1);
    assert_eq!(ready(&server).await.0, 200);
    house.nothing_is_lost(2).await;
    let verified = server.run(["--json", "verify"]);
    assert_eq!(serde_json::from_str::<Value>(&verified).unwrap()["clean"], true, "{verified}");
}

/// The disk grows, as a disk of a virtual machine can.
async fn grow(disk: &Disk, server: &Server) {
    let done = Command::new("mount").args(["-o", &format!("remount,size={}m", DISK_MB * 4)]).arg(&disk.root).status().unwrap();
    assert!(done.success());
    let takes = async || (ready(server).await.1["takes_content"] == true).then_some(());
    eventually("room on the disk", Duration::from_secs(5), takes).await;
}

#[tokio::test]
async fn an_engine_that_met_the_end_of_the_disk_comes_back_with_all_it_acknowledged() {
    let Some(disk) = Disk::mount("an_engine_that_met_the_end_of_the_disk_comes_back_with_all_it_acknowledged", DISK_MB) else { return };
    // Without a reserve nothing protects the engine.
    configured(&disk.data(), 0);
    let server = Server::start(&disk.data());
    let mut house = House::furnished(&server).await;
    disk.fill_up_to(3 << 20);
    let mut events = 1;
    let mut failed = 0;
    for number in 1..400 {
        let answer = house.vetters.deposit(package(number, 40_000)).await;
        match answer.status.as_u16() {
            202 => house.deposits.push(answer.json()["id"].as_str().unwrap().to_owned()),
            503 => failed += 1,
            other => panic!("{other}: {answer}"),
        }
        let answer = house.platform.post("/api/v1/events", &event(events, &house.resource)).await;
        match answer.status.as_u16() {
            200 => events += 1,
            503 => failed += 1,
            other => panic!("{other}: {answer}"),
        }
        if failed > 20 {
            break;
        }
    }
    println!("{} deposits and {events} events acknowledged before {failed} refusals", house.deposits.len());
    assert!(failed > 20, "the disk was never full");
    house.is_readable_or_says_so(&server).await;
    // With room, and once restarted where the engine had failed, everything acknowledged is there and work goes on.
    disk.make_room();
    let (status, told, _) = ready(&server).await;
    println!("after room was made: {status} {told}");
    let server = if told["store_writable"] == true {
        server
    } else {
        assert_eq!(status, 503, "{told}");
        drop(server);
        Server::start(&disk.data())
    };
    let Vetters { contributor, second, reviewer, approver } = &house.vetters;
    house.vetters = Vetters {
        contributor: contributor.at(&server),
        second: second.at(&server),
        reviewer: reviewer.at(&server),
        approver: approver.at(&server),
    };
    house.platform = house.platform.at(&server);
    let unknown = house.vetters.contributor.get("/api/v1/deposits?limit=100").await.ok()["items"].as_array().unwrap().clone();
    // A change whose commit failed may be in or not: a refused deposit may be there, an acknowledged one must.
    let there: Vec<&str> = unknown.iter().map(|deposit| deposit["id"].as_str().unwrap()).collect();
    assert!(house.deposits.iter().all(|deposit| there.contains(&deposit.as_str())), "{:?}\n{there:?}", house.deposits);
    for deposit in &house.deposits {
        assert_eq!(house.vetters.checked(deposit).await.len(), 1, "{deposit}");
    }
    let repeated: Vec<Value> = (0..events).map(|number| event(number, &house.resource)[0].clone()).collect();
    let counted = house.platform.post("/api/v1/events", &json!(repeated)).await.ok();
    assert_eq!(counted["duplicates"], json!(events), "{counted}");
    let answer = house.vetters.deposit(package(1_000, 1_000)).await;
    assert_eq!(answer.status, 202, "{answer}");
    let verified = server.run(["--json", "verify"]);
    assert_eq!(serde_json::from_str::<Value>(&verified).unwrap()["clean"], true, "{verified}");
}

/// A row of a catalogue with a body of characters that do not compress away.
fn catalogue_row(number: u64) -> String {
    let mut random = fastrand::Rng::with_seed(number);
    let body: String = (0..6_000).map(|_| random.char('一'..'龥')).collect();
    json!({"id": format!("row-{number}"), "title": format!("满盘目录第{number}条"), "body": body}).to_string()
}

#[tokio::test]
async fn an_index_without_room_says_so_and_catches_up_when_there_is_some() {
    let Some(disk) = Disk::mount("an_index_without_room_says_so_and_catches_up_when_there_is_some", 64) else { return };
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(&disk.root, dir.path().join("index")).unwrap();
    let server = Server::start(dir.path());
    let house = House::furnished(&server).await;
    let admin = server.api(&server.add_user("root-admin", "administrator", "/", &[]));
    house.is_readable(&server).await;
    disk.fill_up_to(300 << 10);
    let rows = (0..100).map(catalogue_row).collect::<Vec<_>>().join("\n").into_bytes();
    let kind = [("content-type", "application/x-ndjson")];
    let done = admin.send(reqwest::Method::POST, "/api/v1/imports?vetted_by=Board&source=lib", &kind, rows).await.ok();
    assert_eq!(done["created"], 100, "{done}");

    // The records are there; search, which cannot follow, says so instead of showing what was.
    let fails = async || {
        let (status, told, figures) = ready(&server).await;
        let failing = told["followers"]["search"]["failing"] == true && gauge(&figures, "follower_failing{follower=\"search\"}") == 1.0;
        (status == 503 && failing).then_some(told)
    };
    let told = eventually("a node that is not ready", Duration::from_secs(40), fails).await;
    assert_eq!((&told["store_writable"], &told["takes_content"]), (&json!(true), &json!(true)), "{told}");
    let search = server.visitor().get("/api/v1/search?q=满盘").await;
    assert_eq!((search.status.as_u16(), &search.json()["code"]), (503, &json!("search-behind")));
    assert_eq!(server.visitor().get("/api/v1/resources/row-7").await.status, 200);

    disk.make_room();
    let recovers = async || (ready(&server).await.0 == 200).then_some(());
    eventually("a node that is ready again", Duration::from_secs(60), recovers).await;
    let found = server.visitor().get(&format!("/api/v1/search?q=满盘&after={}", done["position"])).await.ok();
    assert_eq!(found["total"]["value"], 101, "{found}");
    let verified = server.run(["--json", "verify"]);
    assert_eq!(serde_json::from_str::<Value>(&verified).unwrap()["clean"], true, "{verified}");
}
