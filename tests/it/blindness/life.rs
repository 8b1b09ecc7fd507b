//! Four works from the deposit to what follows publication, read by everybody after each stage.

use super::cast::{Cast, OWNERS, Person, package, telephone};
use super::table::{BLIND, Eye, Kind, OPEN};
use super::walk::{Known, Operation, Reading, operations};
use crate::access::stage::send;
use crate::program::outbox::outbox;
use crate::program::vetters::stamp;
use crate::program::{Answer, Server, eventually, rules};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use yuelu::clock::Clock;
use yuelu::domain::time::{DAY_MS, Timestamp};

/// Longest wait for something that the program does by itself.
const PATIENCE: Duration = Duration::from_secs(90);

/// How somebody who judges signs, who should not. An office's name is no secret, who speaks for it is.
pub fn signature(who: &Person) -> String {
    let house = match who.eye {
        Eye::Reviewer | Eye::Committee => format!("（単位{}）", who.name),
        Eye::Office => String::new(),
        _ => return String::new(),
    };
    format!("——昵称{0}{house}，post-{0}@mail.example，电话{1}", who.name, telephone(&who.name))
}

/// A work on its way.
pub struct Work {
    pub house: usize,
    pub track: &'static str,
    pub source: &'static str,
    pub title: &'static str,
    pub id: String,
}

/// The site and what has become of it.
pub struct Life {
    _dir: tempfile::TempDir,
    clock: Clock,
    pub server: Server,
    pub cast: Cast,
    pub reading: Reading,
    operations: Vec<Operation>,
    pub known: Known,
    /// Who reads after each stage.
    pub readers: Vec<Person>,
}

/// The rules with a third track: blind, too, and without a notice, so that a blind work can be published.
fn policy(policy: String) -> String {
    let (rest, selected) = policy.split_once("[[track]]\ncode = \"selected\"").unwrap();
    let short = selected.replace("精品遴选", "盲审快线").replace("notice_working_days = 5", "notice_working_days = 0");
    format!("{rest}[[track]]\ncode = \"selected\"{selected}\n[[track]]\ncode = \"short\"{short}")
        .replace("sample_percent = 5", "sample_percent = 100")
        .replace("sample_percent = 0", "sample_percent = 100")
}

impl Life {
    pub async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (folder, data) = (dir.path().join("rules"), dir.path().join("data"));
        rules::with_policy(&folder, policy);
        std::fs::create_dir_all(&data).unwrap();
        let rules = format!("rules_dir = \"{}\"\n[notices.email]\nby = \"file\"\n", folder.display());
        std::fs::write(data.join("yuelu.toml"), rules).unwrap();
        let clock = Clock::fixed(Timestamp::parse("2026-11-23T09:00:00+08:00").unwrap());
        let server = Server::start_by(&data, &clock);
        let mut cast = Cast::gather(&server).await;
        cast.address(&data).await;
        cast.plant(Kind::Objector, &["夼姓异议人", "13955550000"]);
        cast.plant(Kind::Claimant, &["奤姓权利人", "13966660000", "奤村七号"]);
        let operations = operations(&cast.admin).await;
        let visitor = Person { name: "visitor".to_owned(), api: server.visitor(), ..cast.learner.clone() };
        let [submitter, other] = cast.submitters.clone();
        let readers = vec![
            submitter,
            other,
            cast.seconds[BLIND].clone(),
            cast.outside.clone(),
            cast.committee[0].clone(),
            cast.office.clone(),
            cast.learner.clone(),
            visitor,
        ];
        let mut life = Self { _dir: dir, clock, server, cast, reading: Reading::default(), operations, known: Known::new(), readers };
        let accounts = life
            .cast
            .everybody()
            .into_iter()
            .map(|person| person.name.clone())
            .filter(|name| name.ends_with("0-wxz") || name.ends_with("o-qwv") || name.ends_with("e-qwv"));
        let accounts: Vec<String> = accounts.collect();
        accounts.iter().for_each(|name| life.know("account", name));
        life.know("learner", "me");
        life.know("learner", &accounts[0].clone());
        life.know("list", "kinds");
        life.know("job", "nothing");
        life
    }

    pub fn know(&mut self, kind: &'static str, id: &str) {
        self.known.entry(kind).or_default().insert(id.to_owned());
    }

    /// Somebody does something; the answer is read like every other.
    pub async fn act(&mut self, who: &Person, method: Method, path: &str, body: &Value) -> Value {
        let answer: Answer = send(&who.api, method.clone(), path, body).await;
        assert!(answer.status.is_success(), "{} {method} {path}: {answer}", who.name);
        let place = path.split('/').skip(3).filter(|part| part.len() < 30).collect::<Vec<_>>().join("/");
        self.reading.look(&format!("{method} {place}"), &who.name, who.eye, path, &answer, &self.cast.planted);
        answer.value()
    }

    pub async fn post(&mut self, who: &Person, path: &str, body: &Value) -> Value {
        self.act(who, Method::POST, path, body).await
    }

    pub async fn seen(&self, id: &str) -> Value {
        self.cast.desk.api.get(&format!("/api/v1/submissions/{id}")).await.ok()
    }

    /// Waits for a state.
    pub async fn reaches(&self, id: &str, state: &str) {
        let looking = async || Some(self.seen(id).await).filter(|seen| seen["state"]["code"] == state);
        eventually(&format!("the state {state}"), PATIENCE, looking).await;
    }

    /// Sends a work in, for the first time or again; gives its deposit once it is checked.
    pub async fn deposit(&mut self, work: &mut Work, word: &str) -> String {
        let path = format!("/api/v1/deposits?pledge=2026-1&track={}", work.track);
        let submitter = self.cast.submitters[work.house].clone();
        let bytes = package(work.house, work.source, work.title, word);
        let answer = submitter.api.send(Method::POST, &path, &[("content-type", "application/zip")], bytes).await;
        self.reading.look("POST deposits", &submitter.name, submitter.eye, &path, &answer, &self.cast.planted);
        let deposit = answer.ok()["id"].as_str().unwrap().to_owned();
        let lines = self.cast.vetters(work.house).examined(&deposit).await;
        assert_eq!((lines.len(), &lines[0]["state"]["code"]), (1, &json!("approval")), "{lines:?}");
        work.id = lines[0]["id"].as_str().unwrap().to_owned();
        let resource = lines[0]["resource"].as_str().unwrap().to_owned();
        for word in [&deposit, &resource, work.source] {
            self.cast.plant(Kind::House(work.house), &[word]);
        }
        for (kind, id) in [("deposits", deposit.as_str()), ("submissions", &work.id), ("resources", &resource), ("source", work.source)] {
            self.know(kind, id);
        }
        let view = self.seen(&work.id).await;
        for file in view["files"].as_array().unwrap() {
            self.know("path", file["path"].as_str().unwrap());
        }
        ["文件 1.txt", "文件 2.txt", "文件 1.png", "文件 2.png"].into_iter().for_each(|path| self.know("path", path));
        let day = Timestamp::parse(view["updated"].as_str().unwrap()).unwrap().shanghai_date();
        self.know("month", &day.chars().take(7).collect::<String>());
        deposit
    }

    /// The second person sends the stamped pledge.
    pub async fn approve(&mut self, work: &Work, deposit: &str, state: &str) {
        let second = self.cast.seconds[work.house].clone();
        let sheet = second.api.get(&format!("/api/v1/deposits/{deposit}/pledge")).await.ok();
        let stamped = stamp(&second.api, &sheet).await.ok();
        self.know("stamped-pledges", stamped["id"].as_str().unwrap());
        self.reaches(&work.id, state).await;
    }

    /// Everybody says something, at a place, to everybody and among those who vet.
    pub async fn comments(&mut self, work: &Work, who: &Person) {
        let path = format!("/api/v1/submissions/{}/comments", work.id);
        let seen = who.api.get(&format!("/api/v1/submissions/{}", work.id)).await.ok();
        let file = seen["files"][0]["path"].clone();
        for audience in ["submitter", "internal"] {
            let text = format!("第二节的步骤可以再细一些。{}", signature(who));
            let note = json!({"text": text, "audience": audience, "file": file});
            let made = self.post(who, &path, &note).await;
            self.know("comments", made["id"].as_str().unwrap());
        }
    }

    /// Experts accept until so many hold a seat; where none is invited the desk asks the first proposed. Gives those who claimed.
    pub async fn seat(&mut self, work: &Work, wanted: usize) -> Vec<Person> {
        let mut claimed = Vec::new();
        loop {
            let view = self.seen(&work.id).await;
            let seats = view["seats"].as_array().unwrap();
            if seats.iter().filter(|seat| seat["invited"] == false).count() >= wanted {
                return claimed;
            }
            let Some(seat) = seats.iter().find(|seat| seat["invited"] == true) else {
                let path = format!("/api/v1/reviews/{}", work.id);
                let proposed = self.cast.desk.api.get(&format!("{path}/experts")).await.ok();
                let desk = self.cast.desk.clone();
                self.post(&desk, &format!("{path}/invitations"), &json!({"account": proposed["experts"][0]["account"]})).await;
                continue;
            };
            let expert = self.cast.by_id(seat["account"].as_str().unwrap()).clone();
            self.post(&expert, &format!("/api/v1/reviews/{}/claim", work.id), &json!({})).await;
            claimed.push(expert);
        }
    }

    pub async fn opine(&mut self, work: &Work, expert: &Person, verdict: &str, mark: u32) {
        let codes = ["ideology", "science", "teaching", "daily_life", "technique", "art", "norms"];
        let scores: serde_json::Map<String, Value> = codes.iter().map(|code| ((*code).to_owned(), json!(mark))).collect();
        let path = format!("/api/v1/reviews/{}", work.id);
        self.act(expert, Method::PUT, &format!("{path}/draft"), &json!({"text": "尚在斟酌", "scores": scores})).await;
        let text = format!("步骤清楚，图示可以更大。{}", signature(expert));
        self.give(work, expert, &json!({"verdict": verdict, "text": text, "scores": scores})).await;
    }

    /// Says that it may not be published, with fact and place.
    pub async fn veto(&mut self, work: &Work, expert: &Person) {
        let fact = json!({"item": "political", "fact": format!("第3段有误。{}", signature(expert)), "place": format!("第3段，{}", signature(expert))});
        self.give(work, expert, &json!({"verdict": "reject", "text": "见否决理由。", "vetoes": [fact]})).await;
    }

    async fn give(&mut self, work: &Work, expert: &Person, opinion: &Value) {
        self.post(expert, &format!("/api/v1/reviews/{}/opinion", work.id), opinion).await;
        let given = self.seen(&work.id).await;
        let ids: BTreeSet<String> =
            given["opinions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        ids.iter().for_each(|id| self.know("opinions", id));
    }

    pub async fn vote(&mut self, work: &Work, voters: usize) {
        let members: Vec<Person> = self.cast.committee.iter().take(voters).cloned().collect();
        for member in &members {
            let vote = json!({"verdict": "pass", "reason": format!("同意入库。{}", signature(member))});
            self.post(member, &format!("/api/v1/reviews/{}/decision", work.id), &vote).await;
        }
    }

    /// Everybody reads everything.
    pub async fn read(&mut self, stage: &str) {
        self.told().await;
        self.reading.walk(stage, &self.cast, &self.readers, &self.known, &self.operations).await;
    }

    /// Waits until everything that is committed by now has been told.
    async fn told(&self) {
        let head = self.cast.admin.get("/readyz").await.ok()["head"].as_u64().unwrap();
        let looking = async || {
            let ready = self.server.visitor().get("/readyz").await.json();
            (ready["followers"]["notices"]["position"].as_u64()? >= head).then_some(())
        };
        eventually("the follower of notices", PATIENCE, looking).await;
    }

    /// Lets so many days pass, until somebody has been told this of a work.
    pub async fn days(&mut self, days: i64, who: &Person, code: &str, work: &Work) {
        self.clock.advance(days * DAY_MS);
        let told = async || {
            let inbox = who.api.get("/api/v1/notices?limit=100").await.ok();
            inbox["items"].as_array().unwrap().iter().any(|one| one["code"] == code && one["subject_id"] == work.id.as_str()).then_some(())
        };
        eventually(&format!("a notice {code}"), PATIENCE, told).await;
    }

    /// Reads what was sent by e-mail, the day's digests too; gives how many messages there were.
    pub async fn letters(&mut self) -> usize {
        self.told().await;
        // Over a weekend, until every digest is due.
        self.clock.advance(4 * DAY_MS);
        let idle = async || {
            // Calls of the webhook fail for good and are tried again; digests of another day wait for it.
            let waits =
                |job: &Value| job["last_error"].is_null() && Timestamp::parse(job["due"].as_str().unwrap()).unwrap() <= self.clock.now();
            (!self.outward().await.iter().any(waits)).then_some(())
        };
        eventually("sent e-mail", PATIENCE, idle).await;
        let lines = outbox(&self.server.dir);
        for line in &lines {
            let people = self.cast.everybody();
            let reader = people.into_iter().find(|person| line["to"] == person.email.as_str()).unwrap();
            let (name, eye) = (reader.name.clone(), reader.eye);
            self.reading.sent(&name, eye, line, &self.cast.planted);
        }
        lines.len()
    }

    /// The jobs that send something out of the house.
    async fn outward(&self) -> Vec<Value> {
        let mut jobs = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.cast.admin.get(&format!("/api/v1/jobs?outward=true&limit=100{cursor}")).await.ok();
            jobs.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { return jobs };
            cursor = format!("&cursor={next}");
        }
    }

    /// How many of the letters were digests.
    pub fn digests(&self) -> usize {
        outbox(&self.server.dir).iter().filter(|line| line["subject"].as_str().unwrap().starts_with("今日汇总")).count()
    }

    /// Webhooks of the blind institution's second person, whose deliveries are read, too.
    pub async fn webhook(&mut self) {
        let second = self.cast.seconds[BLIND].clone();
        let hook = json!({"scope": OWNERS[BLIND], "url": "https://college.example/hook", "events": []});
        let made = self.post(&second, "/api/v1/webhooks", &hook).await;
        self.know("webhooks", made["id"].as_str().unwrap());
    }
}

/// The works: of the selected track, of a blind track without notice, of the regular track, and one that is refused at the desk.
pub fn works() -> [Work; 4] {
    let work = |house, track, source, title| Work { house, track, source, title, id: String::new() };
    [
        work(BLIND, "selected", "JJ-QWV-1", "鸬鹚养护指南"),
        work(BLIND, "short", "JJ-QWV-2", "油茶栽培指南"),
        work(OPEN, "regular", "JJ-KZX-1", "竹编入门指南"),
        work(BLIND, "short", "JJ-QWV-3", "剪纸入门指南"),
    ]
}

/// A copyright notice against a resource.
pub fn claim(resource: &str) -> Value {
    json!({
        "resource": resource, "kind": "copyright", "name": "奤姓权利人", "contact": "13966660000", "address": "奤村七号",
        "work": "《旧作》", "proof": "附登记证书。", "truthful": true,
    })
}
