//! `/screening`: the desk: what waits for a screening, what is overdue; its decisions on one submission; experts to invite.

use super::seats::again;
use super::shown::{Line, lines};
use crate::domain::problem::Problem;
use crate::domain::submission::table::StateCode;
use crate::edge::params::Path;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, shown};
use crate::portal::{Rooms, address, words};
use crate::vetting::deadlines::Overdue;
use crate::vetting::experts::Expert;
use crate::vetting::invite::Invite;
use crate::vetting::screen::Screening;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/screening", get(desk))
        .route("/submissions/{id}/screening", post(screen))
        .route("/submissions/{id}/experts", get(experts).post(invite))
}

#[derive(Template)]
#[template(path = "screening.html")]
struct ScreeningPage {
    frame: Frame,
    waiting: Vec<Line>,
    overdue: Vec<OverdueShown>,
}

struct OverdueShown {
    address: String,
    title: String,
    about: String,
}

#[derive(Template)]
#[template(path = "experts.html")]
struct ExpertsPage {
    frame: Frame,
    id: String,
    title: String,
    free: usize,
    experts: Vec<ExpertShown>,
    barred: Vec<ExpertShown>,
}

struct ExpertShown {
    account: String,
    name: String,
    reasons: String,
    barred: String,
}

async fn desk(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    let overdue = rooms.vetting.overdue(&person.actor).await?;
    Ok(shown(&ScreeningPage {
        frame: person.frame("编辑台"),
        waiting: lines(&rooms, &person, StateCode::Screening).await?,
        overdue: overdue.into_iter().map(overdue_shown).collect(),
    }))
}

async fn screen(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let reason = form.one("screening_reason").to_owned();
    let decision = match form.one("decision") {
        "assign" => Screening::Assign { track: form.some("track").map(str::to_owned) },
        "confirm" => Screening::Confirm,
        "return" => Screening::Return { reason },
        "refuse" => Screening::Refuse { reason },
        "escalate" => Screening::Escalate { reason },
        _ => {
            let problem = Problem::field("decision", "decision", "请选择如何处理。", "Choose what to do.");
            return again(&rooms, &person, &id, form, "decision", problem).await;
        }
    };
    match rooms.vetting.screen(&person.actor, &id, &decision, form.version()).await {
        Ok(_) => Ok(onward(&format!("{}?done=screening", address::submission(&id)))),
        Err(problem) => again(&rooms, &person, &id, form, "screening_reason", problem).await,
    }
}

async fn experts(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    let title = rooms.vetting.get(&person.actor, &id).await?.line.title;
    let found = rooms.vetting.experts(&person.actor, &id).await?;
    Ok(shown(&ExpertsPage {
        frame: person.frame(format!("推荐专家：{title}")),
        free: found.free,
        experts: found.experts.into_iter().map(|expert| expert_shown(&rooms, expert)).collect(),
        barred: found.barred.into_iter().map(|expert| expert_shown(&rooms, expert)).collect(),
        id,
        title,
    }))
}

fn expert_shown(rooms: &Rooms, expert: Expert) -> ExpertShown {
    let reasons = &expert.reasons;
    let known = |label: &str, list: &str, codes: &[String]| {
        if codes.is_empty() { String::new() } else { format!("{label}：{}", rooms.labels.all(list, codes)) }
    };
    let past = &reasons.past;
    let told = [
        known("学科", "subjects", &reasons.subjects),
        if reasons.category { "熟悉本类别".to_owned() } else { String::new() },
        known("民族", "ethnic_groups", &reasons.ethnic_groups),
        known("语种", "languages", &reasons.languages),
        format!("在审 {} 件", past.open),
        if past.shared > 0 { format!("与其他专家一致 {}/{} 次", past.with_others, past.shared) } else { String::new() },
        past.days_since.map(|days| format!("上次评审 {days} 天前")).unwrap_or_default(),
    ];
    ExpertShown {
        reasons: told.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("；"),
        barred: expert.barred.map(|barred| barred.zh).unwrap_or_default(),
        name: if expert.name.is_empty() { expert.account.clone() } else { expert.name },
        account: expert.account,
    }
}

async fn invite(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let invite = Invite { account: form.one("account").to_owned() };
    rooms.vetting.invite(&person.actor, &id, &invite, None).await?;
    Ok(onward(&format!("{}/experts?done=invite", address::submission(&id))))
}

fn overdue_shown(overdue: Overdue) -> OverdueShown {
    let told = [
        overdue.escalated.then(|| "已多次更换专家，请编辑处理".to_owned()),
        (!overdue.late.is_empty()).then(|| format!("{} 位专家逾期", overdue.late.len())),
        (overdue.free > 0).then(|| format!("缺 {} 位专家", overdue.free)),
        (overdue.replaced > 0).then(|| format!("已更换 {} 位", overdue.replaced)),
    ];
    let told: Vec<String> = told.into_iter().flatten().chain([words::at(overdue.line.updated)]).collect();
    OverdueShown { address: address::submission(&overdue.line.id), title: overdue.line.title, about: told.join(" · ") }
}
