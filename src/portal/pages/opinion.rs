//! `/submissions/{id}/opinion`: the reviewer's opinion: verdict, marks, vetoes, words; saved as a draft as often as one likes.

use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::review::draft::OpinionDraft;
use crate::domain::review::{Verdict, Veto};
use crate::edge::params::Path;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use crate::portal::{Rooms, words};
use crate::vetting::draft::SaveDraft;
use crate::vetting::opine::GiveOpinion;
use crate::vetting::views::SubmissionView;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::BTreeMap;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/submissions/{id}/opinion", get(read).post(write))
}

#[derive(Template)]
#[template(path = "opinion.html")]
struct OpinionPage {
    frame: Frame,
    faults: Faults,
    id: String,
    title: String,
    until: String,
    saved: String,
    scored: bool,
    verdicts: Vec<Choice>,
    criteria: Vec<CriterionShown>,
    vetoes: Vec<VetoShown>,
    phrases: Vec<String>,
    text: String,
}

impl OpinionPage {
    /// Whether a veto is raised, so that the items must not be folded away.
    fn raises(&self) -> bool {
        self.vetoes.iter().any(|veto| veto.raised)
    }
}

/// A verdict to choose.
struct Choice {
    code: &'static str,
    label: &'static str,
    about: &'static str,
    chosen: bool,
}

/// A criterion with what its marks mean.
struct CriterionShown {
    /// Name and id of its field.
    field: String,
    label: String,
    weight: String,
    guide: String,
    anchors: Vec<(String, String)>,
    mark: String,
}

/// A veto item.
struct VetoShown {
    code: String,
    /// Names and ids of its two fields.
    fact_field: String,
    place_field: String,
    label: String,
    basis: String,
    raised: bool,
    fact: String,
    place: String,
}

/// What a form says, and what of it cannot be read.
struct Written {
    verdict: Option<Verdict>,
    text: String,
    /// Marks as they were typed.
    typed: BTreeMap<String, String>,
    scores: BTreeMap<String, u32>,
    vetoes: Vec<Veto>,
    faults: Faults,
}

impl Written {
    fn read(form: &Form) -> Self {
        let mut faults = Faults::default();
        let typed: BTreeMap<String, String> =
            form.beginning("score.").filter(|(_, mark)| !mark.is_empty()).map(|(code, mark)| (code.to_owned(), mark.to_owned())).collect();
        let mut scores = BTreeMap::new();
        for (code, mark) in &typed {
            match words::hundredths(mark) {
                Some(mark) => {
                    scores.insert(code.clone(), mark);
                }
                None => faults.add(format!("score.{code}"), "分数请填写 0 至 100 的数字，最多两位小数。"),
            }
        }
        let veto = |item: &str| Veto {
            item: item.to_owned(),
            fact: form.one(&format!("fact.{item}")).to_owned(),
            place: form.one(&format!("place.{item}")).to_owned(),
        };
        let vetoes = form.all("veto").map(veto).collect();
        Self { verdict: Verdict::parse(form.one("verdict")), text: form.one("text").to_owned(), typed, scores, vetoes, faults }
    }

    fn from_draft(draft: OpinionDraft) -> Self {
        let OpinionDraft { verdict, text, scores, vetoes, .. } = draft;
        let typed = scores.iter().map(|(code, mark)| (code.clone(), words::points(*mark))).collect();
        Self { verdict, text, typed, scores, vetoes, faults: Faults::default() }
    }

    fn draft(&self) -> SaveDraft {
        SaveDraft { verdict: self.verdict, text: self.text.clone(), scores: self.scores.clone(), vetoes: self.vetoes.clone() }
    }

    /// The field of the form that a service's path names.
    fn field(&self, path: &str) -> String {
        if let Some(code) = path.strip_prefix("scores.") {
            return format!("score.{code}");
        }
        let veto = path.strip_prefix("vetoes[").and_then(|rest| rest.split_once("]."));
        let item = veto.and_then(|(place, field)| Some((self.vetoes.get(place.parse::<usize>().ok()?)?, field)));
        match item {
            Some((veto, field)) => format!("{field}.{}", veto.item),
            None => path.to_owned(),
        }
    }
}

async fn page(rooms: &Rooms, person: &Person, id: &str, written: Written, saved: String) -> Result<OpinionPage, Problem> {
    let view = rooms.vetting.get(&person.actor, id).await?;
    let seat = view.seats.iter().find(|seat| seat.own && !seat.given && !seat.invited);
    let seat = seat.ok_or_else(|| {
        let (zh, en) = ("请先领取评审，再填写意见。", "Claim the submission first.");
        Problem::new(ProblemKind::Conflict, "no-claim", zh, en)
    })?;
    let phrases = rooms.vetting.phrases(&person.actor).await?.phrases;
    Ok(OpinionPage {
        frame: person.frame(format!("评审意见：{}", view.line.title)),
        title: view.line.title.clone(),
        until: words::until(seat.until),
        scored: view.plan.as_ref().is_some_and(|plan| plan.scored),
        verdicts: verdicts(written.verdict),
        criteria: criteria(&view, &written),
        vetoes: vetoes(rooms, &written),
        id: id.to_owned(),
        faults: written.faults,
        text: written.text,
        phrases,
        saved,
    })
}

fn verdicts(chosen: Option<Verdict>) -> Vec<Choice> {
    let about = |verdict| match verdict {
        Verdict::Pass => "可以直接入库",
        Verdict::PassAfterChanges => "小处修改，编辑确认后入库，不再重审",
        Verdict::ReviewAgain => "须作较大修改，改后重新评审",
        Verdict::Reject => "不适合入库",
    };
    let choice = |(verdict, code, label)| Choice { code, label, about: about(verdict), chosen: chosen == Some(verdict) };
    Verdict::ALL.into_iter().map(choice).collect()
}

fn criteria(view: &SubmissionView, written: &Written) -> Vec<CriterionShown> {
    let shown = view.criteria.iter().map(|criterion| {
        // The best first, as forms on paper have it; keys are whole points.
        let mut anchors: Vec<(u32, &String)> = criterion.anchors.iter().map(|(from, text)| (from.parse().unwrap_or(0), text)).collect();
        anchors.sort_by_key(|anchor| std::cmp::Reverse(anchor.0));
        CriterionShown {
            field: format!("score.{}", criterion.code),
            label: criterion.label.clone(),
            weight: words::points(criterion.weight),
            guide: criterion.guide.clone(),
            anchors: anchors.into_iter().map(|(from, text)| (format!("{from} 分以上"), text.clone())).collect(),
            mark: written.typed.get(&criterion.code).cloned().unwrap_or_default(),
        }
    });
    shown.collect()
}

fn vetoes(rooms: &Rooms, written: &Written) -> Vec<VetoShown> {
    let shown = rooms.vetting.rules().vetoes().iter().map(|item| {
        let raised = written.vetoes.iter().find(|veto| veto.item == item.code);
        VetoShown {
            code: item.code.clone(),
            fact_field: format!("fact.{}", item.code),
            place_field: format!("place.{}", item.code),
            label: item.label.clone(),
            basis: item.basis.clone(),
            raised: raised.is_some(),
            fact: raised.map(|veto| veto.fact.clone()).unwrap_or_default(),
            place: raised.map(|veto| veto.place.clone()).unwrap_or_default(),
        }
    });
    shown.collect()
}

async fn read(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    let (draft, saved) = match rooms.vetting.draft(&person.actor, &id).await {
        Ok(draft) => {
            let saved = words::at(draft.at);
            (draft, saved)
        }
        Err(problem) if problem.code == "not-found" => (OpinionDraft::default(), String::new()),
        Err(problem) => return Err(problem),
    };
    page(&rooms, &person, &id, Written::from_draft(draft), saved).await.map(|page| shown(&page))
}

async fn write(State(rooms): State<Rooms>, person: Person, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let mut written = Written::read(&form);
    let here = format!("/submissions/{}/opinion", crate::domain::address::escaped(&id));
    match form.one("do") {
        "give" => give(&rooms, &person, &id, written).await,
        "autosave" => {
            rooms.vetting.save_draft(&person.actor, &id, &written.draft()).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        other => {
            let phrase = form.some("phrase").filter(|_| other == "phrase");
            if let Some(phrase) = phrase {
                written.text = [written.text.as_str(), phrase].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
            }
            let saved = rooms.vetting.save_draft(&person.actor, &id, &written.draft()).await?;
            if written.faults.is_empty() {
                return Ok(onward(&format!("{here}?done={}", if phrase.is_some() { "phrase#text" } else { "draft" })));
            }
            let wrong = Problem::field("score", "score", "分数有误。", "A mark cannot be read.");
            page(&rooms, &person, &id, written, words::at(saved.at)).await.map(|page| refused(&page, &wrong))
        }
    }
}

async fn give(rooms: &Rooms, person: &Person, id: &str, mut written: Written) -> Result<Response, Problem> {
    if written.verdict.is_none() {
        written.faults.add("verdict", "请选择结论。");
    }
    let wrong = Problem::field("opinion", "verdict", "意见尚未填写完整。", "The opinion is not complete.");
    let Some(verdict) = written.verdict.filter(|_| written.faults.is_empty()) else {
        return page(rooms, person, id, written, String::new()).await.map(|page| refused(&page, &wrong));
    };
    let give = GiveOpinion { verdict, text: written.text.clone(), scores: written.scores.clone(), vetoes: written.vetoes.clone() };
    match rooms.vetting.opine(&person.actor, id, &give, None).await {
        Ok(_) => Ok(onward("/reviews?done=opinion")),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => {
            written.faults = Faults::by(&problem, |path| written.field(path));
            page(rooms, person, id, written, String::new()).await.map(|page| refused(&page, &problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_what_is_wrong_in_it() {
        let form =
            "verdict=reject&text=a&score.art=90.5&score.norms=ninety&score.science=&veto=rights&fact.rights=f&place.rights=p&fact.secret=x";
        let written = Written::read(&Form::read(form.as_bytes()));
        assert_eq!((written.verdict, written.scores), (Some(Verdict::Reject), BTreeMap::from([("art".to_owned(), 9_050)])));
        assert_eq!(written.vetoes.len(), 1, "an item that is not ticked is not raised");
        assert_eq!(written.faults.0.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["score.norms"]);
    }

    #[test]
    fn what_a_service_names_is_a_field_of_the_form() {
        let written = Written::read(&Form::read(b"veto=rights&veto=secret"));
        assert_eq!(written.field("scores.art"), "score.art");
        assert_eq!(written.field("vetoes[1].fact"), "fact.secret");
        assert_eq!((written.field("vetoes[7].fact"), written.field("text")), ("vetoes[7].fact".to_owned(), "text".to_owned()));
    }
}
