//! `/submissions/{id}`: one submission as its reader may see it, with what the reader may do, and comments on it.

use super::described::{self, FileShown, Row};
use super::shown::{self, CommentShown, FindingShown};
use super::waivers::{self, Waivable, WaiverShown};
use super::{countersigns, look};
use crate::domain::access::Role;
use crate::domain::problem::Problem;
use crate::domain::review::Audience;
use crate::domain::submission::table::StateCode;
use crate::edge::params::Path;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::portal::{Rooms, address, place, words};
use crate::vetting::comments::MakeComment;
use crate::vetting::views::{Named, OpinionView, SeatView, SubmissionView};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/submissions/{id}", get(read))
        .route("/submissions/{id}/comments", post(comment))
        .route("/submissions/{id}/comments/{comment}", post(resolve))
}

/// The page.
#[derive(Template)]
#[template(path = "submission.html")]
pub(super) struct SubmissionPage {
    frame: Frame,
    faults: Faults,
    written: Form,
    id: String,
    version: String,
    about: String,
    state: StateShown,
    facts: Vec<(&'static str, String)>,
    described: Vec<Row>,
    files: Vec<FileShown>,
    findings: Vec<FindingShown>,
    waivers: Vec<WaiverShown>,
    waivable: Vec<Waivable>,
    office: Option<countersigns::OfficeShown>,
    /// Marks that may be made, code and name.
    marks: Vec<(String, String)>,
    comments: Vec<CommentShown>,
    opinions: Vec<OpinionShown>,
    outcome: Vec<(&'static str, String)>,
    seat: Option<SeatShown>,
    may: May,
    tracks: Vec<Track>,
    verdicts: Vec<Named>,
    /// The batch, where the reader may open it.
    deposit: Option<String>,
    /// What changed since the round before can be told.
    returned_before: bool,
    /// The ledger can be read.
    has_history: bool,
    /// The record of the resource can be read.
    has_dossier: bool,
    /// Comments of this reader are for the submitter anyway.
    submits: bool,
}

/// Where it stands.
pub(super) struct StateShown {
    label: String,
    verdict: String,
    reason: String,
    until: String,
    resource: String,
}

/// The reader's own seat.
struct SeatShown {
    invited: bool,
    given: bool,
    until: String,
}

/// A track to choose.
struct Track {
    code: String,
    label: String,
    asked: bool,
}

/// An opinion.
pub(super) struct OpinionShown {
    pub heading: String,
    pub verdict: String,
    pub text: String,
    /// Whether its author has recognised a blind work, for the desk.
    pub recognised: bool,
    /// Criterion and mark.
    pub marks: Vec<(String, String)>,
    /// Item, fact and place.
    pub vetoes: Vec<(String, String, String)>,
}

/// What the reader may do now.
#[derive(Default)]
struct May {
    claim: bool,
    opine: bool,
    answer: bool,
    recuse: bool,
    decide: bool,
    assign: bool,
    confirm: bool,
    send_back: bool,
    refuse: bool,
    escalate: bool,
    invite: bool,
    approve: bool,
    withdraw: bool,
    appeal: bool,
    answer_appeal: bool,
    countersign: bool,
    flag: bool,
}

impl May {
    fn of(view: &SubmissionView) -> Self {
        let has = |code: &str| view.actions.iter().any(|action| action.code == code);
        let seat = view.seats.iter().find(|seat| seat.own);
        let holds = |invited: bool| seat.is_some_and(|seat| !seat.given && seat.invited == invited);
        let by_invitation = view.plan.as_ref().is_some_and(|plan| plan.panel.invite);
        Self {
            claim: has("claim") && seat.is_none() && !by_invitation,
            opine: has("opine") && holds(false),
            answer: has("claim") && holds(true),
            recuse: has("recuse") && (holds(true) || holds(false) || has("decide") || has("uphold")),
            decide: has("decide"),
            assign: has("assign"),
            confirm: has("confirm"),
            send_back: has("return"),
            refuse: has("refuse"),
            escalate: has("escalate"),
            invite: has("invite"),
            approve: has("approve"),
            withdraw: has("withdraw"),
            appeal: has("appeal"),
            answer_appeal: has("uphold"),
            countersign: has("countersign"),
            flag: has("flag") && (view.seen_as != "reviewer" || seat.is_some_and(|seat| !seat.invited)),
        }
    }

    /// Whether the desk has anything to do with it.
    fn screens(&self) -> bool {
        self.assign || self.confirm || self.send_back || self.refuse || self.escalate
    }
}

/// The page of a submission, with what somebody wrote and what is wrong with it.
pub(super) async fn page(rooms: &Rooms, person: &Person, id: &str, written: Form, faults: Faults) -> Result<SubmissionPage, Problem> {
    let view = rooms.vetting.get(&person.actor, id).await?;
    let submits = view.seen_as == "submitter";
    let apart = matches!(view.seen_as.as_str(), "reviewer" | "office");
    let resolves = submits || person.is(&[Role::Editor, Role::Administrator]);
    let round = (view.line.round > 1).then(|| format!("第 {} 轮", view.line.round));
    let about = [Some(view.line.kind.label.clone()), Some(view.line.institution.clone()), round];
    Ok(SubmissionPage {
        about: about.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        state: state(&view),
        facts: facts(rooms, &view),
        described: described::rows(&rooms.labels, &view.metadata),
        files: view.files.iter().map(|file| described::file(id, file)).collect(),
        findings: view.findings.iter().map(FindingShown::new).collect(),
        waivers: waivers::granted(&view.waivers),
        waivable: waivers::waivable(rooms, person, &view),
        office: countersigns::office(&view),
        marks: countersigns::marks(rooms, &view),
        opinions: view.opinions.iter().zip(1..).map(|(opinion, number)| opinion_shown(rooms, &view, opinion, number)).collect(),
        outcome: outcome(rooms, &view),
        seat: view.seats.iter().find(|seat| seat.own).map(seat),
        may: May::of(&view),
        tracks: tracks(rooms, &view),
        verdicts: crate::domain::review::Verdict::ALL.into_iter().map(|row| row.0.into()).collect(),
        deposit: (!apart).then(|| view.line.deposit.clone()),
        returned_before: view.line.round > 1,
        has_history: !apart,
        has_dossier: view.seen_as == "editor",
        frame: person.frame(&view.line.title),
        comments: shown::comments(id, view.comments, resolves),
        id: id.to_owned(),
        faults,
        written,
        version: view.line.version.to_string(),
        submits,
    })
}

fn state(view: &SubmissionView) -> StateShown {
    let state = &view.line.state;
    StateShown {
        label: state.label.clone(),
        verdict: state.verdict.as_ref().map(|verdict| verdict.label.clone()).unwrap_or_default(),
        reason: state.reason.clone().unwrap_or_default(),
        until: state.until.map(words::until).unwrap_or_default(),
        resource: if state.code == StateCode::Published.code() { view.line.resource.clone() } else { String::new() },
    }
}

fn facts(rooms: &Rooms, view: &SubmissionView) -> Vec<(&'static str, String)> {
    let flags = view.flags.iter().map(|flag| words::flag(flag)).collect::<Vec<_>>().join("、");
    let facts = [
        ("类别", rooms.labels.of("categories", &view.line.category).to_owned()),
        ("通道", view.track.label.clone()),
        ("须委员会审议", flags),
        ("机构编号", view.line.source_id.clone().unwrap_or_default()),
        ("目录表行号", view.line.row.map(|row| row.to_string()).unwrap_or_default()),
        ("提交时间", words::at(view.line.created)),
        ("最近变动", words::at(view.line.updated)),
    ];
    facts.into_iter().filter(|fact| !fact.1.is_empty()).collect()
}

fn seat(seat: &SeatView) -> SeatShown {
    SeatShown { invited: seat.invited, given: seat.given, until: words::until(seat.until) }
}

fn tracks(rooms: &Rooms, view: &SubmissionView) -> Vec<Track> {
    let tracks = &rooms.vetting.rules().policy().tracks;
    let shown = |code: &str, label: &str| Track { code: code.to_owned(), label: label.to_owned(), asked: view.track.code == code };
    tracks.iter().map(|track| shown(&track.code, &track.label)).collect()
}

fn opinion_shown(rooms: &Rooms, view: &SubmissionView, opinion: &OpinionView, number: usize) -> OpinionShown {
    let own = if opinion.own { "，本人" } else { "" };
    let rules = rooms.vetting.rules();
    let criteria = rules.criteria(&view.metadata.category, view.metadata.culture.is_some());
    let label = |code: &String| criteria.iter().find(|one| one.code == *code).map_or_else(|| code.clone(), |one| one.label.clone());
    let mut marks: Vec<(String, String)> = opinion.scores.iter().map(|(code, mark)| (label(code), words::points(*mark))).collect();
    marks.extend(opinion.mark.map(|mark| ("加权总分".to_owned(), words::points(mark))));
    let item = |code: &String| rules.vetoes().iter().find(|one| one.code == *code).map_or_else(|| code.clone(), |one| one.label.clone());
    OpinionShown {
        heading: format!("意见 {number}（第 {} 轮，{}{own}）", opinion.round, words::at(opinion.at)),
        verdict: opinion.verdict.label.clone(),
        text: opinion.text.clone(),
        recognised: opinion.recognised,
        marks,
        vetoes: opinion.vetoes.iter().map(|veto| (item(&veto.item), veto.fact.clone(), veto.place.clone())).collect(),
    }
}

fn outcome(rooms: &Rooms, view: &SubmissionView) -> Vec<(&'static str, String)> {
    let Some(outcome) = &view.outcome else { return Vec::new() };
    let verdicts = outcome.verdicts.iter().map(|verdict| verdict.label()).collect::<Vec<_>>().join("、");
    let items = rooms.vetting.rules().vetoes();
    let veto = |code: &String| items.iter().find(|one| one.code == *code).map_or_else(|| code.clone(), |one| one.label.clone());
    let facts = [
        ("汇总结论", outcome.verdict.label().to_owned()),
        ("专家人数", outcome.reviewers.to_string()),
        ("各专家结论", verdicts),
        ("平均分", outcome.mean.map(words::points).unwrap_or_default()),
        ("最高与最低相差", outcome.mean.map(|_| words::points(outcome.spread)).unwrap_or_default()),
        ("否决项", outcome.vetoes.iter().map(veto).collect::<Vec<_>>().join("、")),
        ("否决意见是否一致", if outcome.split_veto { "不一致，须委员会审议".to_owned() } else { String::new() }),
    ];
    facts.into_iter().filter(|fact| !fact.1.is_empty()).collect()
}

async fn read(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    page(&rooms, &person, &id, Form::default(), Faults::default()).await.map(|page| shown(&page))
}

/// The comment that a form makes.
fn made(form: &Form) -> Result<MakeComment, Problem> {
    let text = |name: &str| form.some(name).map(str::to_owned);
    let audience = if form.one("audience") == "internal" { Audience::Internal } else { Audience::Submitter };
    // What is no number is no row, which the service says.
    let row = form.some("row").map(|row| row.parse().unwrap_or_default());
    Ok(MakeComment {
        text: form.one("text").to_owned(),
        audience,
        file: text("file"),
        field: text("field"),
        row,
        locator: place::read(form)?,
    })
}

async fn comment(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let done = match made(&form) {
        Ok(make) => rooms.vetting.comment(&person.actor, &id, &make).await.map(|_| ()),
        Err(problem) => Err(problem),
    };
    let file = form.some("file").map(str::to_owned);
    match (done, file) {
        (Ok(()), file) => {
            let page = file.map_or_else(|| address::submission(&id), |file| address::look(&id, &file));
            Ok(onward(&format!("{page}?done=comment#comments")))
        }
        // What keeps somebody from commenting at all is no fault of the form.
        (Err(problem), _) if problem.fields.is_empty() => Err(problem),
        (Err(problem), Some(file)) => {
            let faults = Faults::by(&problem, |path| if path == "text" { "text-of-comment".to_owned() } else { path.to_owned() });
            look::page(&rooms, &person, (&id, &file), &look::At::default(), form, faults).await.map(|page| refused(&page, &problem))
        }
        (Err(problem), None) => {
            let faults = Faults::by(&problem, |path| if path == "locator" { "row".to_owned() } else { path.to_owned() });
            page(&rooms, &person, &id, form, faults).await.map(|page| refused(&page, &problem))
        }
    }
}

async fn resolve(
    State(rooms): State<Rooms>,
    person: Person,
    Path((id, comment)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let done = form.one("done") == "true";
    rooms.vetting.resolve(&person.actor, &id, &comment, done).await?;
    let told = if done { "resolved" } else { "reopened" };
    let page = form.some("back").map_or_else(|| address::submission(&id), |back| address::local(back).to_owned());
    Ok(onward(&format!("{page}?done={told}#comments")))
}
