//! Who may do what: every operation of the served document, asked by every role about things of its own organisation, of a
//! sibling and of a foreign branch.
//!
//! `matrix.txt` is the table of what must come; a new operation without a line in it fails the test. To change a line, run the
//! test: it prints the lines as they came, in the form of the table. `traces.rs` looks for traces of what may not be seen.

mod ask;
mod cast;
pub mod stage;
mod table;
mod traces;

use cast::{ACTORS, OFFICE_LINES};
use stage::Stage;
use std::collections::BTreeSet;
use table::Line;

/// The operations of the served document, as `METHOD /path`.
async fn operations(stage: &Stage) -> BTreeSet<String> {
    let document = stage.admin.get("/api/v1/openapi.json").await.ok();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &serde_json::Value)| {
        let methods = item.as_object().unwrap().keys().filter(|key| ["get", "post", "put", "patch", "delete"].contains(&key.as_str()));
        methods.map(|method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[tokio::test]
async fn every_operation_answers_every_role_as_the_table_says() {
    let stage = Stage::set().await;
    let lines = table::read();
    let served = operations(&stage).await;
    let listed: BTreeSet<String> = lines.iter().map(|line| line.operation.clone()).collect();
    let missing: Vec<&String> = served.difference(&listed).collect();
    assert!(missing.is_empty(), "operations without a line in tests/it/access/matrix.txt: {missing:#?}");
    let gone: Vec<&String> = listed.difference(&served).collect();
    assert!(gone.is_empty(), "lines of tests/it/access/matrix.txt for operations that are not served: {gone:#?}");
    let mut wrong = Vec::new();
    let mut cells = 0;
    for line in &lines {
        let mut came = Vec::new();
        for actor in &stage.actors {
            let answer = ask::send(&stage, actor, &line.operation, &line.object).await;
            came.push(answer.status.as_u16());
        }
        cells += came.len();
        if came != line.statuses {
            wrong.push(Line { statuses: came, ..line.clone() });
        }
    }
    println!("{} operations, {} lines, {cells} cells", served.len(), lines.len());
    let shown = |lines: &[Line]| lines.iter().map(Line::to_string).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "these lines came otherwise:\n{}\n{}", table::head(), shown(&wrong));
    check_office(&stage, &lines).await;
}

/// An office is asked about some works and is nobody else to any other.
async fn check_office(stage: &Stage, lines: &[Line]) {
    let learner = ACTORS.iter().position(|actor| actor.name == "learn").unwrap();
    let mut wrong = Vec::new();
    for line in lines {
        let own = OFFICE_LINES.iter().find(|row| (row.0, row.1) == (line.operation.as_str(), line.object.as_str()));
        let wanted = own.map_or(line.statuses[learner], |row| row.2);
        let came = ask::send(stage, &stage.office, &line.operation, &line.object).await.status.as_u16();
        if came != wanted {
            wrong.push(format!("{} {}: {came}, not {wanted}", line.operation, line.object));
        }
    }
    assert!(wrong.is_empty(), "the office is answered otherwise than a learner:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn lists_hold_what_can_be_opened_and_nothing_else() {
    let stage = Stage::set().await;
    for (actor, api) in ACTORS.iter().zip(&stage.actors).filter(|(actor, _)| actor.role.is_some()) {
        for (list, all) in [("/api/v1/submissions", stage.submissions()), ("/api/v1/accounts", stage.accounts().await)] {
            let mut opened = BTreeSet::new();
            for id in &all {
                if api.get(&format!("{list}/{id}")).await.status == 200 {
                    opened.insert(id.clone());
                }
            }
            let mut found = BTreeSet::new();
            let mut path = format!("{list}?limit=7");
            while let Some(page) = Some(api.get(&path).await).filter(|page| page.status == 200).map(|page| page.json()) {
                found.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
                let Some(next) = page["next"].as_str() else { break };
                path = format!("{list}?limit=7&cursor={next}");
            }
            // Everybody may open the own account, also who may list none.
            let may_list = api.get(list).await.status == 200;
            assert!(
                found == opened || (!may_list && found.is_empty() && opened.len() <= 1),
                "{} {list}:\n{found:?}\n{opened:?}",
                actor.name
            );
        }
    }
}
