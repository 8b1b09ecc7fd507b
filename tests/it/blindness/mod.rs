//! Blindness: whoever reads, at whatever stage and address, learns no name, id, address or e-mail that is not theirs to know.
//!
//! Four works live a full life, weeks of it by a clock that the test moves. After each stage the submitters, the institution's second person, reviewers on and off the
//! panel, the committee, a learner and a visitor read every GET operation of the served document, so that a new route is
//! walked without anybody thinking of it. Who must not learn what is one table.

mod cast;
mod life;
mod table;
mod walk;

use crate::program::{Answer, packages};
use cast::{Person, Planted};
use life::{Life, claim, signature, works};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::collections::BTreeSet;
use table::{BLIND, Eye, Kind, OPEN};

#[tokio::test]
async fn nobody_reads_who_is_not_theirs_to_know() {
    let mut life = Life::open().await;
    life.webhook().await;
    let works = first_round(&mut life).await;
    let [selected, short, regular, refused] = &works;
    who_decided_signed(&life, short, refused).await;
    second_round(&mut life, selected).await;
    notice_and_objection(&mut life, selected).await;
    after_publication(&mut life, [short, regular]).await;
    let letters = life.letters().await;
    surrogates_of_two_works_are_not_joined(&life, selected, short).await;
    let answers: usize = life.reading.read.values().sum();
    let (pairs, operations) = (life.reading.read.len(), life.reading.read.keys().map(|(_, path)| path).collect::<BTreeSet<_>>().len());
    let digests = life.digests();
    println!(
        "{answers} answers with 200, {pairs} pairs of reader and operation, {operations} operations, {letters} letters, {digests} digests"
    );
    assert!(answers > 4_500 && pairs >= 280 && operations >= 48 && letters >= 50, "too little was read to say anything");
    for place in ["/api/v1/deposits/{id}/pledge.html", "/api/v1/deposits/{id}/findings", "/api/v1/reviews/sheet", "/api/v1/notices"] {
        assert!(life.reading.read.keys().any(|(_, path)| path == place), "nobody read {place}");
    }
    assert!(digests >= 2, "{digests} digests were read, too few");
    let leaks: Vec<&String> = life.reading.leaks.iter().collect();
    assert!(leaks.is_empty(), "{} leaks:\n{leaks:#?}", leaks.len());
}

/// The walk itself sees what it looks for: in a body, packed, in a header, in a letter; and lets everybody read what is theirs.
#[tokio::test]
async fn a_planted_leak_is_seen() {
    let planted = |kind: Kind, person: &str, word: &str| Planted { kind, person: person.to_owned(), word: word.to_owned() };
    let words = [planted(Kind::Reviewer, "expert", "zhuanjia0-wxz"), planted(Kind::House(BLIND), "", "庹靐龘")];
    let leaks = |eye: Eye, name: &str, headers: &[(&'static str, &str)], body: &[u8]| {
        let mut reading = walk::Reading::default();
        let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        let answer = Answer { status: StatusCode::OK, headers: headers.collect(), body: body.to_vec().into() };
        reading.look("here", name, eye, "/api/v1/submissions/s", &answer, &words);
        reading.leaks.len()
    };
    let named = "{\"reviewer\":\"zhuanjia0-wxz\"}".as_bytes();
    assert_eq!(leaks(Eye::Submitter(BLIND), "submitter", &[], named), 1);
    assert_eq!(leaks(Eye::Reviewer, "expert", &[], named), 0, "one's own");
    assert_eq!(leaks(Eye::Desk, "desk", &[], named), 0, "the desk knows");
    assert_eq!(
        leaks(Eye::Reviewer, "another", &[], &packages::zipped(&[("sheet1.xml", "作者 庹靐龘".as_bytes())])),
        1,
        "packed, as in a workbook"
    );
    let disposition = [("content-disposition", "attachment; filename*=UTF-8''%E5%BA%B9%E9%9D%90%E9%BE%98.pdf")];
    assert_eq!(leaks(Eye::Reviewer, "another", &disposition, b"%PDF"), 1, "in a header");
    let mut reading = walk::Reading::default();
    let line = json!({"subject": "请您评审", "text": "《庹靐龘老师的织锦课》请您评审。请在评审台查看。"});
    reading.sent("another", Eye::Reviewer, &line, &words);
    assert_eq!(reading.leaks.len(), 1, "in a letter");
}

/// What the walk looks for in reasons, answers and the office's words is there: the desk reads it.
async fn who_decided_signed(life: &Life, short: &life::Work, refused: &life::Work) {
    let (short, refused) = (life.seen(&short.id).await, life.seen(&refused.id).await);
    let said = &short["countersign"]["answer"];
    let (office, members) = (signature(&life.cast.office), [0, 1].map(|place| signature(&life.cast.committee[place])));
    assert!([&said["text"], &said["letter"]].iter().all(|text| text.as_str().unwrap().ends_with(&office)), "{said}");
    for (answer, member) in said["answers"].as_array().unwrap().iter().zip(&members) {
        assert!(answer.as_str().unwrap().ends_with(member), "{said}");
    }
    assert!(refused["state"]["reason"].as_str().unwrap().ends_with(&members[0]), "{}", refused["state"]);
}

async fn first_round(life: &mut Life) -> [life::Work; 4] {
    let mut works = works();
    let mut deposits = Vec::new();
    for work in &mut works {
        deposits.push(life.deposit(work, work.title).await);
    }
    life.read("with the institution").await;
    for (work, deposit) in works.iter().zip(&deposits) {
        let state = if work.track == "regular" { "review" } else { "screening" };
        life.approve(work, deposit, state).await;
        let submitter = life.cast.submitters[work.house].clone();
        life.comments(work, &submitter).await;
    }
    let [selected, short, regular, refused] = &works;
    let desk = life.cast.desk.clone();
    life.post(&desk, &format!("/api/v1/reviews/{}/screening", refused.id), &json!({"decision": "refuse", "reason": "与已有资源重复"}))
        .await;
    let submitter = life.cast.submitters[BLIND].clone();
    life.post(&submitter, &format!("/api/v1/submissions/{}/appeal", refused.id), &json!({"reason": "内容并不重复"})).await;
    let mark = json!({"flag": "ethnic", "reason": "讲述民族传统生计"});
    life.post(&desk, &format!("/api/v1/reviews/{}/flags", short.id), &mark).await;
    for work in [selected, short] {
        life.post(&desk, &format!("/api/v1/reviews/{}/screening", work.id), &json!({"decision": "assign"})).await;
    }
    // One of the invited declines and goes on reading; another one takes the seat.
    let invited = life.seen(&selected.id).await["seats"][0]["account"].as_str().unwrap().to_owned();
    let declining = life.cast.by_id(&invited).clone();
    life.readers.push(declining.clone());
    life.read("invited").await;
    life.post(&declining, &format!("/api/v1/reviews/{}/decline", selected.id), &json!({"reason": "出差在外"})).await;
    let mut panel = life.seat(selected, 2).await;
    let quick = life.seat(short, 3).await;
    // The third is silent: reminded, replaced, and reads on. Meanwhile the appeal is lost.
    let silent = life.seen(&selected.id).await["seats"].as_array().unwrap().iter().find(|seat| seat["invited"] == true).unwrap().clone();
    let silent = life.cast.by_id(silent["account"].as_str().unwrap()).clone();
    life.days(1, &silent, "reminded", selected).await;
    let judge = life.cast.committee[0].clone();
    let upholds = json!({"answer": "uphold", "reason": format!("确属重复。{}", signature(&judge))});
    life.post(&judge, &format!("/api/v1/reviews/{}/appeal-answer", refused.id), &upholds).await;
    life.days(3, &silent, "seat_lost", selected).await;
    life.readers.extend([panel[0].clone(), silent]);
    life.read("reminded and replaced").await;
    panel.extend(life.seat(selected, 3).await);
    let single = life.cast.experts[0].clone();
    life.post(&single, &format!("/api/v1/reviews/{}/claim", regular.id), &json!({})).await;
    for who in [&panel[0], &panel[1], &desk, &life.cast.committee[1].clone()] {
        life.comments(selected, who).await;
    }
    life.comments(regular, &single).await;
    let path = format!("/api/v1/reviews/{}/draft", selected.id);
    life.act(&panel[0], Method::PUT, &path, &json!({"text": "尚在斟酌"})).await;
    life.read("claimed").await;

    life.opine(selected, &panel[0], "pass", 9_000).await;
    life.opine(regular, &single, "pass", 9_000).await;
    for expert in &quick {
        life.opine(short, expert, "pass", 9_000).await;
    }
    life.read("first opinions").await;
    // Marks far apart call two more experts; then the mean is too low.
    life.opine(selected, &panel[1], "pass", 9_000).await;
    life.opine(selected, &panel[2], "review_again", 4_000).await;
    for seats in [4, 5] {
        let more = life.seat(selected, seats).await;
        life.opine(selected, &more[0], "review_again", 6_000).await;
        panel.extend(more);
    }
    life.reaches(&selected.id, "returned").await;
    life.vote(regular, 1).await;
    let office = life.cast.office.clone();
    life.comments(short, &office).await;
    let signed = signature(&office);
    let objects = json!({"answer": "object", "text": format!("第三节称谓不当。{signed}"), "letter": format!("民宗函7号{signed}")});
    life.post(&office, &format!("/api/v1/reviews/{}/countersign", short.id), &objects).await;
    life.vote(short, 2).await;
    life.reaches(&regular.id, "published").await;
    life.reaches(&short.id, "published").await;
    life.reading.public.extend([BLIND, OPEN]);
    life.read("returned and published").await;
    works
}

async fn second_round(life: &mut Life, selected: &life::Work) {
    let mut again = life::Work { id: String::new(), ..*selected };
    let deposit = life.deposit(&mut again, "鸬鹚修订").await;
    assert_eq!(again.id, selected.id, "a round of the same submission");
    life.approve(selected, &deposit, "screening").await;
    let desk = life.cast.desk.clone();
    life.post(&desk, &format!("/api/v1/reviews/{}/screening", selected.id), &json!({"decision": "assign"})).await;
    let panel = life.seat(selected, 3).await;
    life.comments(selected, &panel[0]).await;
    for expert in &panel[..2] {
        life.opine(selected, expert, "pass", 9_000).await;
    }
    // A split veto goes to the committee.
    life.veto(selected, &panel[2]).await;
    life.reaches(&selected.id, "committee").await;
    life.vote(selected, 1).await;
    life.read("before the committee").await;
}

async fn notice_and_objection(life: &mut Life, selected: &life::Work) {
    let second = life.cast.committee[1].clone();
    let vote = json!({"verdict": "pass", "reason": format!("同意。{}", signature(&second))});
    life.post(&second, &format!("/api/v1/reviews/{}/decision", selected.id), &vote).await;
    life.reaches(&selected.id, "notice").await;
    let objection = json!({"name": "夼姓异议人", "contact": "13955550000", "text": "第一节抄自他书。", "evidence": "见第3页。"});
    let filed = life.server.visitor().post(&format!("/api/v1/public-notices/{}/objections", selected.id), &objection).await.ok();
    let id = filed["id"].as_str().unwrap().to_owned();
    life.know("objections", &id);
    life.read("objected").await;
    let desk = life.cast.colleague.clone();
    for answer in ["accept", "dismiss"] {
        life.post(&desk, &format!("/api/v1/objections/{id}/answer"), &json!({"answer": answer, "reason": "经核实"})).await;
    }
}

async fn after_publication(life: &mut Life, published: [&life::Work; 2]) {
    let (desk, member) = (life.cast.colleague.clone(), life.cast.committee[2].clone());
    for work in published {
        let resource = life.seen(&work.id).await["resource"].as_str().unwrap().to_owned();
        let check = json!({"result": "fail", "reason": format!("逐页核对有误。{}", signature(&member))});
        life.post(&member, &format!("/api/v1/spot-checks/{}/result", work.id), &check).await;
        life.post(&desk, &format!("/api/v1/resources/{resource}/state"), &json!({"action": "restore", "reason": "已更正"})).await;
        let filed = life.server.visitor().post("/api/v1/complaints", &claim(&resource)).await.ok();
        life.know("complaints", filed["id"].as_str().unwrap());
    }
    life.read("complained about").await;
}

/// Who acts stands in the history as a surrogate: of one submission alone, so that nobody is met again in the next one.
async fn surrogates_of_two_works_are_not_joined(life: &Life, one: &life::Work, two: &life::Work) {
    let submitter: &Person = &life.cast.submitters[BLIND];
    let mut met = Vec::new();
    for work in [one, two] {
        let history = submitter.api.get(&format!("/api/v1/submissions/{}/history", work.id)).await.ok();
        let entries = history.as_array().unwrap().iter();
        met.push(entries.map(|entry| entry["actor"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>());
    }
    assert!(met[0].len() > 5 && met[1].len() > 5, "{met:?}");
    assert!(met[0].is_disjoint(&met[1]), "{met:?}");
}
