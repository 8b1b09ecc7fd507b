//! Blindness: whoever reads, at whatever stage and address, learns no name, id, address or e-mail that is not theirs to know.
//!
//! Three works live a full life. After each stage the submitters, the institution's second person, reviewers on and off the
//! panel, the committee, a learner and a visitor read every GET operation of the served document, so that a new route is
//! walked without anybody thinking of it. Who must not learn what is one table.

mod cast;
mod life;
mod table;
mod walk;

use cast::Person;
use life::{Life, claim, works};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;
use table::{BLIND, OPEN};

#[tokio::test]
async fn nobody_reads_who_is_not_theirs_to_know() {
    let mut life = Life::open().await;
    life.webhook().await;
    let works = first_round(&mut life).await;
    let [selected, short, regular] = &works;
    second_round(&mut life, selected).await;
    notice_and_objection(&mut life, selected).await;
    after_publication(&mut life, [short, regular]).await;
    let letters = life.letters().await;
    surrogates_of_two_works_are_not_joined(&life, selected, short).await;
    let answers: usize = life.reading.read.values().sum();
    let (pairs, operations) = (life.reading.read.len(), life.reading.read.keys().map(|(_, path)| path).collect::<BTreeSet<_>>().len());
    println!("{answers} answers with 200, {pairs} pairs of reader and operation, {operations} operations, {letters} letters");
    assert!(answers > 4_500 && pairs >= 280 && operations >= 48 && letters >= 50, "too little was read to say anything");
    let leaks: Vec<&String> = life.reading.leaks.iter().collect();
    assert!(leaks.is_empty(), "{} leaks:\n{leaks:#?}", leaks.len());
}

async fn first_round(life: &mut Life) -> [life::Work; 3] {
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
    let [selected, short, regular] = &works;
    let desk = life.cast.desk.clone();
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
    let mut panel = life.seat(selected, 3).await;
    life.readers.push(panel[0].clone());
    let quick = life.seat(short, 3).await;
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
    let (office, objects) = (life.cast.office.clone(), json!({"answer": "object", "text": "第三节称谓不当。", "letter": "民宗函7号"}));
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
    for expert in &panel {
        life.opine(selected, expert, "pass", 9_000).await;
    }
    life.reaches(&selected.id, "committee").await;
    life.vote(selected, 1).await;
    life.read("before the committee").await;
}

async fn notice_and_objection(life: &mut Life, selected: &life::Work) {
    let second = life.cast.committee[1].clone();
    life.post(&second, &format!("/api/v1/reviews/{}/decision", selected.id), &json!({"verdict": "pass", "reason": "同意"})).await;
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
    let desk = life.cast.colleague.clone();
    for work in published {
        let resource = life.seen(&work.id).await["resource"].as_str().unwrap().to_owned();
        let check = json!({"result": "fail", "reason": "逐页核对有误"});
        life.post(&desk, &format!("/api/v1/spot-checks/{}/result", work.id), &check).await;
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
