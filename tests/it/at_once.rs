//! Two real clients at the same instant: one wins, the other is told where the submission stands now.

use crate::program::{Answer, Api, Server, Vetters, packages};
use reqwest::Method;
use serde_json::{Value, json};

const INSTITUTION: &str = "岳麓示范社区学院";
/// Races for the one seat.
const RACES: usize = 25;

/// A served site with two reviewers and a submission under review.
struct Site {
    vetters: Vetters,
    second: Api,
    id: String,
    _server: Server,
    _dir: tempfile::TempDir,
}

impl Site {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path());
        let vetters = Vetters::register(&server, INSTITUTION);
        let second = server.api(&server.add_user("reviewer-2", "reviewer", "/", &[]));
        let deposit = vetters.deposit(packages::document_zip("RACE-1", "居家防火", "灭火毯")).await.ok();
        let id = vetters.checked(deposit["id"].as_str().unwrap()).await[0]["id"].as_str().unwrap().to_owned();
        Self { vetters, second, id, _server: server, _dir: dir }
    }

    async fn now(&self) -> Value {
        self.vetters.reviewer.get(&format!("/api/v1/submissions/{}", self.id)).await.ok()
    }

    fn path(&self, step: &str) -> String {
        format!("/api/v1/reviews/{}/{step}", self.id)
    }
}

/// Of two answers the one that won and the one that lost.
fn parted(one: Answer, other: Answer) -> (Answer, Answer) {
    match (one.status.is_success(), other.status.is_success()) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => panic!("not one of two won: {one} {other}"),
    }
}

#[tokio::test]
async fn of_two_reviewers_one_gets_the_last_seat_and_the_other_is_told_so() {
    let site = Site::open().await;
    let claim = site.path("claim");
    let mut won = [0; 2];
    for _ in 0..RACES {
        let nothing = json!({});
        let (one, two) = tokio::join!(site.vetters.reviewer.post(&claim, &nothing), site.second.post(&claim, &nothing));
        won[usize::from(two.status.is_success())] += 1;
        let first = one.status.is_success();
        let (_, lost) = parted(one, two);
        assert_eq!(lost.status, 409, "{lost}");
        let told = lost.json();
        assert_eq!((told["code"].as_str(), told["state"]["code"].as_str()), (Some("no-seat"), Some("review")), "{told}");
        assert_eq!(told["state"]["version"], site.now().await["version"], "the version that took the seat");
        let winner = if first { &site.vetters.reviewer } else { &site.second };
        assert_eq!(winner.send(Method::DELETE, &claim, &[], Vec::new()).await.status, 204);
    }
    println!("{won:?} of {RACES} races for the last seat were won by either");
}

#[tokio::test]
async fn of_a_submitter_and_a_reviewer_one_wins_and_the_other_reads_the_state() {
    let site = Site::open().await;
    site.vetters.reviewer.post(&site.path("claim"), &json!({})).await.ok();
    let seen = site.now().await["version"].as_u64().unwrap();
    let tag = format!("\"v{seen}\"");
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    let opinion = json!({"verdict": "pass", "text": "内容完整，同意。"}).to_string().into_bytes();
    let (opinion_path, withdrawal) = (site.path("opinion"), format!("/api/v1/submissions/{}/withdrawal", site.id));
    let (opined, withdrawn) = tokio::join!(
        site.vetters.reviewer.send(Method::POST, &opinion_path, &headers, opinion),
        site.vetters.contributor.send(Method::POST, &withdrawal, &headers, b"{}".to_vec()),
    );
    let (won, lost) = parted(opined, withdrawn);
    let (won, told) = (won.json(), lost.json());
    assert!([409, 412].contains(&lost.status.as_u16()), "{told}");
    assert_eq!(told["state"]["code"], won["state"]["code"], "{told}");
    assert_eq!(told["state"]["version"], won["version"], "{told}");
}
