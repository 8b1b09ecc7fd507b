//! The people, each with a telling name, display name, e-mail and institution, and the words that give them away.

use super::table::{BLIND, Eye, Kind, OPEN};
use crate::access::stage::{person, send};
use crate::program::outbox::{code_in, outbox};
use crate::program::{Api, Server, Vetters, eventually, packages};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Names of the institutions.
pub const HOUSES: [&str; 2] = ["龘湖盲审学院", "鱻江常规学院"];
/// Their organisations.
pub const OWNERS: [&str; 2] = ["/hunan/changsha/daaohu-qwv", "/hunan/zhuzhou/xianjiang-kzx"];
/// The authors.
pub const AUTHORS: [&str; 2] = ["庹靐龘", "仉朤鱻"];
/// Experts who may be invited.
const EXPERTS: usize = 7;

/// Members of the committee: two vote, a third looks again at what was published.
const MEMBERS: usize = 3;

/// Somebody who reads.
#[derive(Clone)]
pub struct Person {
    pub name: String,
    pub id: String,
    pub email: String,
    pub eye: Eye,
    pub api: Api,
}

/// A word that nobody writes by chance.
pub struct Planted {
    pub kind: Kind,
    /// Whose it is; empty for nobody's.
    pub person: String,
    pub word: String,
}

/// Everybody.
pub struct Cast {
    pub admin: Api,
    pub submitters: [Person; 2],
    pub seconds: [Person; 2],
    pub experts: Vec<Person>,
    /// A reviewer who is away and so on no panel.
    pub outside: Person,
    pub committee: Vec<Person>,
    /// Acts for the office that countersigns.
    pub office: Person,
    pub desk: Person,
    /// Another editor, for what comes after: who took part does not answer then.
    pub colleague: Person,
    pub learner: Person,
    pub planted: Vec<Planted>,
}

impl Cast {
    pub async fn gather(server: &Server) -> Self {
        let admin = server.api(&server.add_user("chief-jvq", "administrator", "/", &[]));
        let mut made = Made { server, admin: admin.clone(), planted: Vec::new() };
        let submitters = [
            made.person("zuozhe-qwv", "contributor", BLIND, Eye::Submitter(BLIND), Kind::Depositor(BLIND)).await,
            made.person("zuozhe-kzx", "contributor", OPEN, Eye::Submitter(OPEN), Kind::Depositor(OPEN)).await,
        ];
        let seconds = [
            made.person("gaizhang-qwv", "manager", BLIND, Eye::Second(BLIND), Kind::Approver(BLIND)).await,
            made.person("gaizhang-kzx", "manager", OPEN, Eye::Second(OPEN), Kind::Approver(OPEN)).await,
        ];
        let mut experts = Vec::new();
        for number in 0..EXPERTS {
            let name = format!("zhuanjia{number}-wxz");
            experts.push(made.site_person(&name, "reviewer", Eye::Reviewer, Kind::Reviewer).await);
        }
        let outside = made.site_person("zhuanjia9-wxz", "reviewer", Eye::Reviewer, Kind::Reviewer).await;
        let mut committee = Vec::new();
        for number in 0..MEMBERS {
            committee.push(made.site_person(&format!("weiyuan{number}-vjk"), "committee", Eye::Committee, Kind::Committee).await);
        }
        let office = made.site_person("huiqian-xvq", "ethnic_affairs", Eye::Office, Kind::Office).await;
        let desk = made.site_person("bianji-zqv", "editor", Eye::Desk, Kind::Desk).await;
        let colleague = made.site_person("bianji1-zqv", "editor", Eye::Desk, Kind::Desk).await;
        let learner = made.site_person("xuexizhe-jwq", "learner", Eye::Public, Kind::Reviewer).await;
        made.profiles(&experts, &outside).await;
        let planted = made.planted;
        Self { admin, submitters, seconds, experts, outside, committee, office, desk, colleague, learner, planted }
    }

    /// Everybody with an account, who is sent e-mail.
    pub fn everybody(&self) -> Vec<&Person> {
        let single = [&self.outside, &self.office, &self.desk, &self.colleague, &self.learner];
        self.submitters.iter().chain(&self.seconds).chain(&self.experts).chain(&self.committee).chain(single).collect()
    }

    pub fn by_id(&self, id: &str) -> &Person {
        self.everybody().into_iter().find(|person| person.id == id).unwrap()
    }

    /// Words that tell this.
    pub fn plant(&mut self, kind: Kind, words: &[&str]) {
        let planted = words.iter().map(|word| Planted { kind, person: String::new(), word: (*word).to_owned() });
        self.planted.extend(planted);
    }

    /// The people of an institution as the journey of a deposit knows them.
    pub fn vetters(&self, house: usize) -> Vetters {
        Vetters {
            contributor: self.submitters[house].api.clone(),
            second: self.seconds[house].api.clone(),
            reviewer: self.experts[0].api.clone(),
            approver: self.committee[0].api.clone(),
        }
    }

    /// Gives everybody a confirmed e-mail address, to which everything goes.
    pub async fn address(&self, dir: &Path) {
        let settings = "/api/v1/notices/settings";
        for person in self.everybody() {
            send(&person.api, Method::PUT, settings, &json!({"addresses": {"email": person.email}})).await.ok();
        }
        for person in self.everybody() {
            let sent = async || outbox(dir).into_iter().find(|line| line["to"] == person.email.as_str());
            let line = eventually("a code in the outbox", Duration::from_secs(60), sent).await;
            let code = code_in(line["text"].as_str().unwrap());
            person.api.post(&format!("{settings}/confirmation"), &json!({"channel": "email", "code": code})).await.ok();
            let all = json!({"submissions": ["email"], "reviews": ["email"], "desk": ["email"], "committee": ["email"]});
            // Some are told once a day; what gathers several notices into one message must not tell more than they do.
            let daily = if person.name.ends_with("-wxz") || person.name.ends_with("-kzx") { json!(["email"]) } else { json!([]) };
            send(&person.api, Method::PUT, settings, &json!({"channels": all, "daily": daily})).await.ok();
        }
    }
}

/// Somebody's telephone.
pub fn telephone(name: &str) -> String {
    format!("139{:08}", name.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 100_000_000))
}

struct Made<'a> {
    server: &'a Server,
    admin: Api,
    planted: Vec<Planted>,
}

impl Made<'_> {
    /// Somebody of one of the two institutions.
    async fn person(&mut self, name: &str, role: &str, house: usize, eye: Eye, kind: Kind) -> Person {
        for word in [HOUSES[house], OWNERS[house].rsplit('/').next().unwrap(), AUTHORS[house]] {
            self.plant(Kind::House(house), "", word);
        }
        self.made(name, json!([{"role": role, "scope": OWNERS[house]}]), HOUSES[house], eye, kind).await
    }

    /// Somebody of the site, from an institution of the person's own.
    async fn site_person(&mut self, name: &str, role: &str, eye: Eye, kind: Kind) -> Person {
        let institution = format!("単位{name}");
        self.made(name, json!([{"role": role, "scope": "/"}]), &institution, eye, kind).await
    }

    async fn made(&mut self, name: &str, held: Value, institution: &str, eye: Eye, kind: Kind) -> Person {
        let (display, email) = (format!("昵称{name}"), format!("post-{name}@mail.example"));
        let more = [("institution", json!(institution)), ("display", json!(display))];
        let api = person(self.server, &self.admin, name, &held, &more).await;
        let id = api.get("/api/v1/me").await.ok()["account"].as_str().unwrap().to_owned();
        // The sign-in name is part of the display name, the address and the institution's name.
        for word in [name, &id, &telephone(name)] {
            self.plant(kind, name, word);
        }
        Person { name: name.to_owned(), id, email, eye, api }
    }

    async fn profiles(&mut self, experts: &[Person], outside: &Person) {
        for expert in experts {
            let (pen, tied) = (format!("笔名夔{}", expert.name), format!("回避鼋{}", expert.name));
            let profile = json!({"subjects": ["digital-life"], "categories": ["community"], "names": [pen], "conflicts": [tied]});
            send(&expert.api, Method::PUT, "/api/v1/reviewers/me", &profile).await.ok();
            send(&expert.api, Method::PUT, "/api/v1/reviewers/me/phrases", &json!({"phrases": [format!("惯用语{}", expert.name)]}))
                .await
                .ok();
        }
        let away = json!({"leave": [{"from": "2000-01-01", "until": "2999-12-31"}]});
        send(&outside.api, Method::PUT, "/api/v1/reviewers/me", &away).await.ok();
    }

    fn plant(&mut self, kind: Kind, person: &str, word: &str) {
        self.planted.push(Planted { kind, person: person.to_owned(), word: word.to_owned() });
    }
}

/// A package of an institution whose description and paths name it and its people.
pub fn package(house: usize, source: &str, title: &str, word: &str) -> Vec<u8> {
    let mut files = packages::document(source, title, word);
    let manifest = String::from_utf8(files[0].1.clone()).unwrap();
    let folder = AUTHORS[house];
    let cover = format!("[[files]]\npath = \"{folder}/cover.png\"\nrole = \"cover\"\n\n[[files]]\n");
    let manifest = manifest
        .replace("岳麓示范社区学院", HOUSES[house])
        .replace("李秀英", AUTHORS[house])
        .replace("供社区学习者自学使用。", &format!("供社区学习者自学使用。{}组织编写。", HOUSES[house]))
        .replace("path = \"text.txt\"", &format!("path = \"{folder}/text.txt\"\ntitle = \"{folder}整理本\""))
        .replacen("[[files]]\n", &cover, 1);
    files[0].1 = manifest.into_bytes();
    files[1].0 = format!("{folder}/text.txt");
    files.push((format!("{folder}/cover.png"), packages::picture(320, 200)));
    packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}
