//! Weeks of work by a clock that the test moves, in the real composition: from a deadline in the calendar through the ledger and the
//! feed to an inbox, a mail in a real SMTP server and a signed call.

use super::listener::Listener;
use super::mail_server::{MailServer, free_port};
use super::{INSTITUTION, PATIENCE, confirmed, inbox, put, told};
use crate::program::outbox::code_in;
use crate::program::{Api, Server, Vetters, eventually, packages};
use reqwest::Method;
use serde_json::{Value, json};
use yuelu::clock::Clock;
use yuelu::domain::time::{DAY_MS, Timestamp};

const HOUR_MS: i64 = DAY_MS / 24;

/// A site on a Monday morning, with a mail server beside it.
struct Week {
    clock: Clock,
    server: Server,
    mail: MailServer,
    vetters: Vetters,
    desk: Api,
    _dir: tempfile::TempDir,
}

impl Week {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (port, data) = (free_port(), dir.path().join("data"));
        let mail = MailServer::start(port, &dir.path().join("box"), &json!({}));
        std::fs::create_dir_all(&data).unwrap();
        let email = format!("[notices.email]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"notices@yuelu.example\"\n");
        std::fs::write(data.join("yuelu.toml"), format!("[notices]\nwebhooks_inside = true\n{email}")).unwrap();
        let clock = Clock::fixed(Timestamp::parse("2026-11-23T09:00:00+08:00").unwrap());
        let server = Server::start_by(&data, &clock);
        let vetters = Vetters::register(&server, INSTITUTION);
        let desk = server.api(&server.add_user("desk", "editor", "/", &[]));
        Self { clock, server, mail, vetters, desk, _dir: dir }
    }

    /// Moves the clock on to this instant of the Chinese clock.
    fn until(&self, at: &str) {
        let at = Timestamp::parse(&format!("{at}:00+08:00")).unwrap();
        self.clock.advance(at.millis() - self.clock.now().millis());
    }

    /// Gives somebody a mail address, to which notices of these kinds go.
    async fn reach(&self, api: &Api, name: &str, kinds: &[&str]) {
        let address = format!("{name}@mail.example");
        let by_mail = async || {
            let mine = async || self.mail.mails().into_iter().find(|mail| mail["to"] == address.as_str());
            code_in(eventually("a code by mail", PATIENCE, mine).await["text"].as_str().unwrap())
        };
        confirmed(api, "email", &address, by_mail).await;
        let channels: serde_json::Map<String, Value> = kinds.iter().map(|kind| ((*kind).to_owned(), json!(["email"]))).collect();
        put(api, "/api/v1/notices/settings", &json!({"channels": channels})).await.ok();
    }

    /// Waits for a mail to somebody about a notice; gives it.
    async fn mailed(&self, name: &str, notice: &Value) -> Value {
        let address = format!("{name}@mail.example");
        let about = |mail: &Value| mail["to"] == address.as_str() && mail["subject"] == notice["title"];
        let mail = eventually("a mail about a notice", PATIENCE, async || self.mail.mails().into_iter().find(about)).await;
        assert!(mail["text"].as_str().unwrap().starts_with(notice["text"].as_str().unwrap()), "{mail} {notice}");
        mail
    }

    /// A work of this track, checked and approved by its institution.
    async fn submitted(&self, track: &str, package: Vec<u8>) -> String {
        let (kind, path) = ([("content-type", "application/zip")], format!("/api/v1/deposits?pledge=2026-1&track={track}"));
        let deposit = self.vetters.contributor.send(Method::POST, &path, &kind, package).await.ok();
        self.vetters.checked(deposit["id"].as_str().unwrap()).await[0]["id"].as_str().unwrap().to_owned()
    }
}

async fn told_of(api: &Api, code: &str) -> usize {
    inbox(api).await.iter().filter(|one| one["code"] == code).count()
}

/// An expert who may be invited.
struct Expert {
    name: String,
    id: String,
    api: Api,
}

async fn expert(week: &Week, number: usize) -> Expert {
    let name = format!("expert-{number}");
    let api = week.server.api(&week.server.add_user(&name, "reviewer", "/", &[]));
    put(&api, "/api/v1/reviewers/me", &json!({"subjects": ["digital-life"]})).await.ok();
    week.reach(&api, &name, &["reviews"]).await;
    let id = api.get("/api/v1/me").await.ok()["account"].as_str().unwrap().to_owned();
    Expert { name, id, api }
}

#[tokio::test]
async fn experts_are_invited_reminded_and_replaced_and_the_desk_learns_when_too_many_are_silent() {
    let week = Week::open();
    let mut experts = Vec::new();
    for number in 0..5 {
        experts.push(expert(&week, number).await);
    }
    week.reach(&week.desk, "desk", &["desk"]).await;
    let id = week.submitted("selected", packages::document_zip("w-1", "湘绣针法", "湘绣")).await;
    let assigned = week.desk.post(&format!("/api/v1/reviews/{id}/screening"), &json!({"decision": "assign"})).await.ok();
    let invited: Vec<&str> = assigned["seats"].as_array().unwrap().iter().map(|seat| seat["account"].as_str().unwrap()).collect();
    let of = |account: &str| experts.iter().find(|expert| expert.id == account).unwrap();
    let [first, second, third] = invited[..] else { panic!("{assigned}") };
    for account in [first, second, third] {
        let notice = told(&of(account).api, "assigned", &id).await;
        week.mailed(&of(account).name, &notice).await;
    }
    for account in [first, second] {
        of(account).api.post(&format!("/api/v1/reviews/{id}/claim"), &json!({})).await.ok();
    }
    // Answers are due at the end of Thursday; two working days before that who has not answered is reminded, and nobody else.
    week.until("2026-11-24T09:00");
    let reminded = told(&of(third).api, "reminded", &id).await;
    week.mailed(&of(third).name, &reminded).await;
    assert_eq!((told_of(&of(first).api, "reminded").await, told_of(&of(second).api, "reminded").await), (0, 0));

    // Friday: the silent one is replaced and told so, the next one is asked; that is no matter for the desk.
    week.until("2026-11-27T09:00");
    let lost = told(&of(third).api, "seat_lost", &id).await;
    week.mailed(&of(third).name, &lost).await;
    let fourth = asked_next(&experts, &id, &[first, second, third]).await;
    assert_eq!(told_of(&week.desk, "panel_escalated").await, 0);
    assert_eq!(week.desk.get("/api/v1/reviews/overdue").await.ok(), json!([]));

    // Thursday: that one was silent, too. The desk is told, and those who accepted are reminded of their opinions.
    week.until("2026-12-03T09:00");
    told(&fourth.api, "seat_lost", &id).await;
    let escalated = told(&week.desk, "panel_escalated", &id).await;
    week.mailed("desk", &escalated).await;
    assert_eq!(week.desk.get("/api/v1/reviews/overdue").await.ok()[0]["escalated"], true);
    asked_next(&experts, &id, &[first, second, third, &fourth.id]).await;
    let due = told(&of(first).api, "reminded", &id).await;
    week.mailed(&of(first).name, &due).await;
    // Each was asked, reminded and replaced once, and nobody of what was another's.
    for expert in &experts {
        for code in ["assigned", "reminded", "seat_lost"] {
            assert!(told_of(&expert.api, code).await <= 1, "{} {code}", expert.name);
        }
        assert_eq!(told_of(&expert.api, "assigned").await, 1, "{}", expert.name);
    }
    assert_eq!(told_of(&of(second).api, "seat_lost").await, 0);
}

/// The one beside these who is invited next.
async fn asked_next<'a>(experts: &'a [Expert], submission: &str, before: &[&str]) -> &'a Expert {
    let asked = async || {
        for expert in experts.iter().filter(|expert| !before.contains(&expert.id.as_str())) {
            if inbox(&expert.api).await.iter().any(|one| one["code"] == "assigned" && one["subject_id"] == submission) {
                return Some(expert);
            }
        }
        None
    };
    eventually("the next invitation", PATIENCE, asked).await
}

#[tokio::test]
async fn a_claim_runs_out_a_resource_ends_and_the_morning_brings_one_mail() {
    let week = Week::open();
    let (me, reviewer) = (&week.vetters.contributor, &week.vetters.reviewer);
    week.reach(me, "contributor", &["submissions"]).await;
    week.reach(reviewer, "reviewer", &["reviews"]).await;
    week.reach(&week.desk, "desk", &["desk"]).await;
    let listener = Listener::start(&[]).await;
    let wanted = json!({"scope": Vetters::OWNER, "url": format!("{}/hook", listener.url), "events": ["resource.retired"]});
    let hook = week.vetters.second.post("/api/v1/webhooks", &wanted).await.ok();
    let resource = week.vetters.publish(ending("w-2", "2026-11-30")).await;

    // A claim of the regular track is a lease of 72 hours: reminded in its last third, then told to its holder and the desk.
    let claimed = week.submitted("regular", packages::document_zip("w-3", "社区急救", "急救")).await;
    reviewer.post(&format!("/api/v1/reviews/{claimed}/claim"), &json!({})).await.ok();
    week.clock.advance(49 * HOUR_MS);
    let reminded = told(reviewer, "reminded", &claimed).await;
    week.mailed("reviewer", &reminded).await;
    week.clock.advance(24 * HOUR_MS);
    let lost = told(reviewer, "seat_lost", &claimed).await;
    week.mailed("reviewer", &lost).await;
    let expired = told(&week.desk, "claim_expired", &claimed).await;
    week.mailed("desk", &expired).await;
    let seats = async || {
        let seen = week.desk.get(&format!("/api/v1/submissions/{claimed}")).await.ok();
        seen["seats"].as_array().unwrap().is_empty().then_some(())
    };
    eventually("a free seat", PATIENCE, seats).await;

    // From Friday evening on one mail a working day: two notices wait for Monday half past eight.
    week.until("2026-11-27T18:00");
    let daily = put(me, "/api/v1/notices/settings", &json!({"daily": ["email"]})).await.ok();
    assert_eq!((&daily["daily"], &daily["addresses"]["email"]), (&json!(["email"]), &json!("contributor@mail.example")));
    let mine = || week.mail.mails().into_iter().filter(|mail| mail["to"] == "contributor@mail.example").collect::<Vec<_>>();
    let before = mine().len();
    let mut notices = Vec::new();
    for (number, title) in [("w-4", "家庭用药"), ("w-5", "防跌倒")] {
        let id = week.submitted("regular", packages::document_zip(number, title, title)).await;
        week.desk.post(&format!("/api/v1/reviews/{id}/screening"), &json!({"decision": "return", "reason": "请补充练习。"})).await.ok();
        notices.push(told(me, "returned", &id).await);
    }
    week.until("2026-11-30T08:30");
    let digest = |mail: &Value| mail["subject"] == "今日汇总：2 条未读通知";
    let mail = eventually("the digest", PATIENCE, async || mine().into_iter().find(digest)).await;
    assert_eq!(mine().len(), before + 1, "one mail, and none before");
    for notice in &notices {
        assert!(mail["text"].as_str().unwrap().contains(notice["text"].as_str().unwrap()), "{mail}");
    }

    // The last day passes: the calendar retires the resource, the institution's program is called, the digest of the next day tells.
    week.until("2026-12-01T08:00");
    let retired = told(me, "retired", &resource).await;
    let call = eventually("a call", PATIENCE, async || listener.seen().pop()).await;
    call.verify(hook["secret"].as_str().unwrap());
    assert_eq!((&call.json()["event"], &call.json()["resource"]), (&json!("resource.retired"), &json!(resource)));
    let signed = call.header("yuelu-signature").strip_prefix("t=").unwrap().split(',').next().unwrap().parse::<i64>().unwrap();
    assert!(signed <= week.clock.now().millis() / 1000, "signed by the clock of the house");
    week.until("2026-12-01T08:30");
    week.mailed("contributor", &retired).await;
    assert!(week.server.stop());
}

/// A visitor's notice, answered: the statement goes to the address that the visitor gave, and to nobody else.
#[tokio::test]
async fn a_counter_statement_is_forwarded_by_mail_to_a_claimant_without_an_account() {
    let week = Week::open();
    let resource = week.vetters.publish(packages::document_zip("w-6", "防诈骗读本", "防诈骗")).await;
    let notice = json!({
        "resource": resource, "kind": "copyright", "name": "王著作", "contact": "wang@author.example", "address": "长沙市某路1号",
        "work": "《反诈三十讲》", "proof": "附登记证书。", "truthful": true,
    });
    let filed = week.server.visitor().post("/api/v1/complaints", &notice).await.ok();
    let counter = json!({
        "name": INSTITUTION, "contact": "0731-80000000", "address": "长沙市某路2号", "proof": "本机构自编，见底稿。", "truthful": true,
    });
    let path = format!("/api/v1/complaints/{}/counter-statement", filed["id"].as_str().unwrap());
    week.vetters.second.post(&path, &counter).await.ok();
    let mail = eventually("the statement", PATIENCE, async || week.mail.mails().pop()).await;
    assert_eq!((&mail["to"], week.mail.mails().len()), (&json!("wang@author.example"), 1));
    for told in ["《防诈骗读本》", INSTITUTION, "0731-80000000", "本机构自编，见底稿。", "人民法院"] {
        assert!(mail.to_string().contains(told), "{told} in {mail}");
    }
}

/// A package whose work is valid until the end of a day.
fn ending(id: &str, day: &str) -> Vec<u8> {
    let mut files = packages::document(id, "用电安全须知", "用电");
    let manifest = String::from_utf8(files[0].1.clone()).unwrap();
    files[0].1 = manifest.replace("created = ", &format!("valid_until = \"{day}\"\ncreated = ")).into_bytes();
    packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}
