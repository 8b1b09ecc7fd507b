//! `review_rules/STATES.md`: the tables as a document. It is made from them, so that it cannot say anything else.
//!
//! After a change of a table: `WRITE_STATES=1 cargo test --lib the_document_says_what_the_tables_say`.

use super::super::published::{RESOURCE_STATES, RESOURCE_TABLE};
use super::super::table::{Action, GUARDS, Party, StateCode, TABLE};
use crate::domain::access::Role;
use crate::domain::petition::complaint::Complaint;
use crate::domain::petition::machine::{Coded as _, Effect, Petition};
use crate::domain::petition::objection::Objection;
use crate::domain::spot_check::SpotCheck;
use std::fmt::Write as _;

const HEAD: &str = "\
# States, actions and who may take them

Made from the tables in the program (`src/domain/submission/table.rs`, `src/domain/submission/published.rs`,
`src/domain/petition/`, `src/domain/spot_check.rs`) by a test, which fails when this file says anything else. Do not edit it; write it anew with
`WRITE_STATES=1 cargo test --lib the_document_says_what_the_tables_say`.

What stands in no line is refused: `state` (409) where no line has the state and the action, `forbidden` (403) where the line
names other parties. `program` is the program itself, `public` anybody, signed in or not. A line with several states after it is decided by
the submission's own data and by what its track asks for, as it was in `policy.toml` when the submission was assigned. What may refuse a
step that state and party allow stands in the last column, and is explained below the table; a test walks every path there is and
meets these refusals and no others. A refusal that the state explains (409), or that comes of another version than the one that was
read (412), carries where the submission stands now: the member `state` with code, label and version.

Nothing is published but by the lines of the submission that lead to `published` and by one exception, `admitted`; nothing that is
published changes its text but by a new submission and by one exception, `corrected` (the fields that `policy.toml` lists).
Nobody judges the own work: whoever had a hand in the content, in any round, is `recused` (403) from every line whose column `own work` is
empty, in whatever capacity. Approval, screening, review, countersign and decision are made by different people. Who belongs to the
submitting institution, works with its authors or declared a conflict neither reviews, nor countersigns, nor decides, nor hears an appeal.

Content that concerns an office (`[countersign]` in `policy.toml`) waits in `countersign` for its word before anybody may pass it. Silence
is never taken for agreement: the office is reminded, then the desk is told. An objection takes the work to the committee, which may
pass it by two votes at least, each with a reason that answers the objection. The office's word, like the institution's approval, holds as
long as the content: in a new round it is asked again.
";

fn party(party: &Party) -> String {
    match party {
        Party::Program => "`program` 程序".to_owned(),
        Party::Public => "`public` 任何人".to_owned(),
        Party::Role(role) => format!("`{}` {}", role.code(), role.label()),
    }
}

fn parties(held: &[Party]) -> String {
    held.iter().map(party).collect::<Vec<_>>().join("、")
}

fn named(code: &str, label: &str) -> String {
    if code.is_empty() { "—".to_owned() } else { format!("`{code}` {label}") }
}

fn state(of: StateCode) -> String {
    named(of.code(), of.label())
}

fn table(text: &mut String, title: &str, rows: impl Iterator<Item = [String; 4]>) {
    let _ = write!(text, "\n## {title}\n\n| State | Action | Who | State after |\n|---|---|---|---|\n");
    for [from, action, who, to] in rows {
        let _ = writeln!(text, "| {from} | {action} | {who} | {to} |");
    }
}

fn submission(text: &mut String) {
    text.push_str(
        "\n## Submission 提交\n\n| State | Action | Who | Own work | State after | May be refused with |\n|---|---|---|---|---|---|\n",
    );
    for line in TABLE {
        let to: Vec<String> = line.to.iter().copied().map(state).collect();
        let from = line.from.map_or_else(|| "—".to_owned(), state);
        let (action, own) = (named(line.action.code(), line.action.label()), if line.by_authors { "yes" } else { "" });
        let guards: Vec<String> = line.guards.iter().map(|guard| format!("`{guard}`")).collect();
        let cells = [from, action, parties(line.parties), own.to_owned(), to.join("、"), guards.join(", ")];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push_str("\n| Code | Refuses when |\n|---|---|\n");
    for (code, when) in GUARDS {
        let _ = writeln!(text, "| `{code}` | {when} |");
    }
}

/// What each role may do in each state: the same lines, read from the state.
fn by_role(text: &mut String) {
    text.push_str("\n## What each role may do to a submission 各角色可进行的操作\n\n| State | Who | Actions |\n|---|---|---|\n");
    for (code, ..) in StateCode::ALL {
        for one in Party::all() {
            let actions: Vec<Action> = super::table::allowed(code, &[one]);
            if !actions.is_empty() {
                let actions: Vec<String> = actions.into_iter().map(|action| named(action.code(), action.label())).collect();
                let _ = writeln!(text, "| {} | {} | {} |", state(code), party(&one), actions.join("、"));
            }
        }
    }
    let none: Vec<String> = [Role::Learner, Role::Auditor, Role::Platform].map(|role| party(&Party::Role(role))).to_vec();
    let _ = writeln!(text, "\n{} change no submission.", none.join("、"));
}

fn resource(text: &mut String) {
    let label = |code: &str| RESOURCE_STATES.iter().find(|row| row.0 == code).map_or("", |row| row.1);
    let rows = RESOURCE_TABLE.iter().map(|line| {
        let action = named(line.code, line.label);
        [named(line.from, label(line.from)), action, parties(line.parties), named(line.to, label(line.to))]
    });
    table(text, "Resource after publication 入库后的资源", rows);
}

fn petition<P: Petition>(text: &mut String, title: &str) {
    let state = |of: Option<P::State>| of.map_or_else(|| "—".to_owned(), |of| named(of.code(), of.label()));
    let rows = P::LINES.iter().map(|line| {
        let effect = match line.effect {
            Effect::None => "",
            Effect::Hold => " (holds the resource back)",
            Effect::Release => " (lets it go)",
            Effect::Retire => " (retires it)",
        };
        let action = named(line.names.0, line.names.1);
        [state(line.from), action, parties(line.parties), format!("{}{effect}", state(Some(line.to)))]
    });
    table(text, title, rows);
}

fn document() -> String {
    let mut text = HEAD.to_owned();
    submission(&mut text);
    by_role(&mut text);
    resource(&mut text);
    petition::<Objection>(&mut text, "Objection against a notice 公示异议");
    petition::<Complaint>(&mut text, "Complaint after publication 投诉");
    petition::<SpotCheck>(&mut text, "Spot check 抽检");
    text
}

#[test]
fn the_document_says_what_the_tables_say() {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/review_rules/STATES.md");
    let fresh = document();
    if std::env::var_os("WRITE_STATES").is_some() {
        std::fs::write(place, &fresh).unwrap();
    }
    let written = std::fs::read_to_string(place).unwrap_or_default();
    assert!(
        written == fresh,
        "review_rules/STATES.md differs from the tables; write it anew with\n  WRITE_STATES=1 cargo test --lib the_document_says\nIt should be:\n{fresh}"
    );
}

#[test]
fn every_refusal_of_a_line_is_explained() {
    let told = |guard: &&str| GUARDS.iter().any(|row| row.0 == *guard);
    assert!(TABLE.iter().all(|line| line.guards.iter().all(told)));
    assert!(GUARDS.iter().all(|row| TABLE.iter().any(|line| line.guards.contains(&row.0))), "a code is explained that refuses nothing");
}

#[test]
fn who_changes_no_submission_stands_in_no_line() {
    let idle = [Role::Learner, Role::Auditor, Role::Platform].map(Party::Role);
    assert!(TABLE.iter().all(|line| line.parties.iter().all(|party| !idle.contains(party))));
}
