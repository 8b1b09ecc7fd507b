//! Reading submissions: one in full, or a page.

use super::Vetting;
use super::act::unauthorized;
use super::comments::party;
use super::mask::{self, Mask};
use super::panel::{Sight, parties, sight};
use super::views::{
    CountersignAnswer, CountersignView, FileView, Named, OpinionView, SeatView, StateView, SubmissionLine, SubmissionPage, SubmissionView,
    WaiverView,
};
use super::voices::{Voices, names_somebody};
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::address;
use crate::domain::deposit::Deposit;
use crate::domain::ledger::LedgerEntry;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::rendition::{Kept, Source};
use crate::domain::review::{Opinion, Outcome, Verdict};
use crate::domain::submission::table::{Action, StateCode, allowed};
use crate::domain::submission::waivers::Waiver;
use crate::domain::submission::{Countersigned, State, Submission, SubmittedFile};
use crate::store::PageRequest;
use serde::Deserialize;

/// Rows that one page looks at to fill itself with what the actor may see.
const MOST_SCANNED: usize = 2_000;

/// Which submissions.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListSubmissions {
    /// Only those in this state.
    pub state: Option<StateCode>,
    /// Only those of this organisation (not of those below it).
    pub owner: Option<OrgPath>,
    /// Only those of this deposit.
    pub deposit: Option<String>,
    /// Only those that become this resource.
    pub resource: Option<String>,
    /// Items at most, up to 100.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl Vetting {
    /// A page of submissions that the actor may see, the newest first (by deposit: in the order of its rows).
    pub async fn list(&self, actor: &Actor, ask: &ListSubmissions) -> Result<SubmissionPage, Problem> {
        if actor.account.is_none() {
            return Err(unauthorized());
        }
        let limit = ask.limit.unwrap_or(20).clamp(1, 100);
        let mut rows: Vec<(Sight, Stored<Submission>)> = Vec::new();
        let mut cursor = ask.cursor.clone();
        let (mut scanned, by) = (0, self.found_by(ask).await?);
        loop {
            // Asking for no more than is missing keeps the cursor at the last item shown.
            let request = PageRequest { limit: limit - rows.len(), cursor, reverse: ask.deposit.is_none() };
            let page = match &by {
                Some((index, prefix)) => self.store.list_by::<Submission>(index, prefix, request).await?,
                None => self.store.list::<Submission>(&Key::default(), request).await?,
            };
            scanned += page.items.len().max(1);
            for stored in page.items.into_iter().filter(|stored| matches(ask, &stored.value)) {
                let Some(sight) = sight(actor, &stored.value) else { continue };
                // A blind work is not found by what its reviewers do not see.
                if Mask::of(sight, &stored.value).is_none() || asks_openly(ask) {
                    rows.push((sight, stored));
                }
            }
            cursor = page.next;
            if cursor.is_none() || rows.len() >= limit || scanned >= MOST_SCANNED {
                return Ok(SubmissionPage { items: self.lines(actor, rows).await?, next: cursor });
            }
        }
    }

    /// The index in which the fewest others stand; none: all submissions.
    async fn found_by(&self, ask: &ListSubmissions) -> Result<Option<(&'static str, Key)>, Problem> {
        Ok(Some(match (&ask.deposit, &ask.resource, &ask.owner, ask.state) {
            (Some(deposit), _, _, Some(state)) if is_passing(state) => {
                // Of a deposit of thousands a few are on their way: they are found among those of its owner that are, too.
                match self.store.get::<Deposit>(&Key::from(clean(deposit).as_str())).await? {
                    Some(found) => ("owner_state", Submission::owner_state_key(&found.value.owner, state)),
                    None => ("deposit", Submission::deposit_key(&clean(deposit))),
                }
            }
            (Some(deposit), ..) => ("deposit", Submission::deposit_key(&clean(deposit))),
            (None, Some(resource), ..) => ("resource", Key::prefix(&[&clean(resource)])),
            (None, None, Some(owner), Some(state)) => ("owner_state", Submission::owner_state_key(owner, state)),
            (None, None, Some(owner), None) => ("owner", Submission::owner_key(owner)),
            (None, None, None, Some(state)) => ("state", Submission::state_key(state)),
            (None, None, None, None) => return Ok(None),
        }))
    }

    /// One submission in full.
    pub async fn get(&self, actor: &Actor, id: &str) -> Result<SubmissionView, Problem> {
        let stored = self.load(id).await?;
        self.seen(actor, stored).await
    }

    /// The ledger of a submission, for its submitter and the desk. Actors stand as surrogates.
    pub async fn history(&self, actor: &Actor, id: &str) -> Result<Vec<LedgerEntry>, Problem> {
        let stored = self.load(id).await?;
        match sight(actor, &stored.value) {
            Some(Sight::Submitter | Sight::Staff | Sight::Committee) => {}
            Some(Sight::Reviewer | Sight::Office) => return Err(Problem::forbidden()),
            None => return Err(Problem::not_found("提交", "submission")),
        }
        let page = self.store.list::<LedgerEntry>(&LedgerEntry::prefix_of(id), PageRequest::first(1000)).await?;
        Ok(page.items.into_iter().map(|entry| entry.value).collect())
    }

    /// The view of one actor on a submission.
    pub(super) async fn seen(&self, actor: &Actor, mut stored: Stored<Submission>) -> Result<SubmissionView, Problem> {
        let Some(sight) = sight(actor, &stored.value) else { return Err(Problem::not_found("提交", "submission")) };
        let held = parties(actor, &stored.value);
        let comments = self.comments_for(actor, sight, &stored.value).await?;
        self.hush(actor, vec![(sight, &mut stored.value)]).await?;
        let stored = Stored { value: mask::shown(sight, &stored.value).into_owned(), version: stored.version };
        let submission = &stored.value;
        let kept = self.kept(&submission.files).await?;
        let open = allowed(submission.state.code(), &held)
            .into_iter()
            .filter(|action| *action != Action::Waive || submission.is_machine_returned());
        let actions = open.map(|action| Named::new(action.code(), action.label()));
        let policy = self.rules.policy();
        let track = policy.track(&submission.track).map_or_else(|| Named::new("", ""), |track| Named::new(&track.code, &track.label));
        let reviewing = matches!(submission.state.code(), StateCode::Review | StateCode::Panel);
        let criteria = self.rules.criteria(&submission.metadata.category, submission.metadata.culture.is_some());
        Ok(SubmissionView {
            line: self.line(&stored),
            seen_as: party(sight).to_owned(),
            owner: submission.owner.clone(),
            revision_of: submission.revision_of,
            metadata: submission.metadata.clone(),
            files: submission.files.iter().map(|file| file_view(&submission.id, file, &kept)).collect(),
            track,
            plan: submission.plan.clone(),
            findings: submission.findings.clone(),
            waivers: waivers(sight, submission),
            countersign: countersign(sight, submission),
            flags: submission.flags.clone(),
            rule_set: submission.rule_set.clone(),
            submitter: matches!(sight, Sight::Submitter | Sight::Staff).then(|| submission.submitter.clone()),
            seats: seats(actor, sight, submission),
            outcome: outcome_for(sight, submission).cloned(),
            opinions: self.opinions_for(actor, sight, submission).await?,
            comments,
            actions: actions.collect(),
            criteria: if reviewing && sight != Sight::Submitter { criteria.to_vec() } else { Vec::new() },
        })
    }

    pub(super) async fn opinions_for(&self, actor: &Actor, sight: Sight, submission: &Submission) -> Result<Vec<OpinionView>, Problem> {
        let page = self.store.list::<Opinion>(&Opinion::prefix_of(&submission.id), PageRequest::first(1000)).await?;
        let account = actor.account.as_deref();
        let read = page.items.into_iter().map(|stored| stored.value).filter(|opinion| {
            let own = account == Some(opinion.reviewer.as_str());
            // While a round goes on nobody but the desk reads what others think; afterwards the submitter must be able to.
            let complete = opinion.round < submission.round || submission.outcome.is_some();
            match sight {
                Sight::Staff => true,
                Sight::Committee | Sight::Submitter => complete,
                Sight::Reviewer | Sight::Office => own,
            }
        });
        let read: Vec<Opinion> = read.collect();
        let others = read.iter().map(|opinion| opinion.reviewer.as_str()).filter(|author| Some(*author) != account);
        let voices = self.voices(sight, others.collect()).await?;
        Ok(read.into_iter().map(|opinion| opinion_view(account, sight, submission, heard(&voices, opinion))).collect())
    }

    /// What lists show to an actor of these sights.
    pub(super) async fn lines(&self, actor: &Actor, mut rows: Vec<(Sight, Stored<Submission>)>) -> Result<Vec<SubmissionLine>, Problem> {
        self.hush(actor, rows.iter_mut().map(|(sight, stored)| (*sight, &mut stored.value)).collect()).await?;
        Ok(rows.iter().map(|(sight, stored)| self.line_for(*sight, stored)).collect())
    }

    /// What lists show of a submission to somebody of this sight, where nobody has decided it.
    pub(super) fn line_for(&self, sight: Sight, stored: &Stored<Submission>) -> SubmissionLine {
        self.line(&Stored { value: mask::shown(sight, &stored.value).into_owned(), version: stored.version })
    }

    /// The state, with the end of whatever term runs in it.
    fn state_of(&self, submission: &Submission) -> StateView {
        let view = state_view(&submission.state);
        StateView { until: view.until.or_else(|| self.office_due(submission)), ..view }
    }

    pub(super) fn line(&self, stored: &Stored<Submission>) -> SubmissionLine {
        use crate::domain::finding::Severity;
        let submission = &stored.value;
        let count = |severity| submission.findings.iter().filter(|finding| finding.severity == severity).count();
        SubmissionLine {
            id: submission.id.clone(),
            version: stored.version,
            deposit: submission.deposit.clone(),
            row: submission.row,
            source_id: submission.metadata.source_id.clone(),
            title: submission.metadata.title.main().to_owned(),
            kind: Named::new(submission.metadata.kind.code(), submission.metadata.kind.label()),
            category: submission.metadata.category.clone(),
            institution: submission.institution.clone(),
            resource: submission.resource.clone(),
            state: self.state_of(submission),
            round: submission.round,
            must: submission.findings.iter().filter(|finding| finding.weighs()).count(),
            should: count(Severity::Should),
            created: submission.created,
            updated: submission.updated,
        }
    }
}

/// The waivers; who granted them only the desk is told.
fn waivers(sight: Sight, submission: &Submission) -> Vec<WaiverView> {
    let staff = sight == Sight::Staff;
    let view = |waiver: &Waiver| WaiverView {
        rule: waiver.waived.rule.clone(),
        file: waiver.waived.file.clone(),
        reason: waiver.reason.clone(),
        round: waiver.round,
        at: waiver.at,
        account: staff.then(|| waiver.account.clone()),
        role: staff.then(|| waiver.role.clone()),
    };
    submission.waivers.iter().map(view).collect()
}

/// What the office is asked for, and what it said; reviewers are told neither. Who spoke for it only the desk is told.
fn countersign(sight: Sight, submission: &Submission) -> Option<CountersignView> {
    let terms = submission.countersign_terms().filter(|_| sight != Sight::Reviewer)?;
    let said = submission.countersigned.as_ref();
    let answer = |said: &Countersigned| CountersignAnswer {
        agreed: said.agreed,
        text: said.text.clone(),
        letter: said.letter.clone(),
        round: said.round,
        at: said.at,
        account: (sight == Sight::Staff).then(|| said.by.clone()),
        answers: said.answers.clone(),
    };
    Some(CountersignView { office: Named::new(&terms.office, &terms.label), answer: said.map(answer) })
}

/// Whether any role lets this actor work on the desk of this organisation.
pub(super) fn is_desk(actor: &Actor, owner: &OrgPath) -> bool {
    actor.has(&[Role::Editor, Role::Administrator], owner)
}

/// Whether a list is asked for without naming an owner, a deposit or a resource.
fn asks_openly(ask: &ListSubmissions) -> bool {
    ask.owner.is_none() && ask.deposit.is_none() && ask.resource.is_none()
}

fn clean(text: &str) -> String {
    text.replace('\0', "")
}

/// States in which no submission stays.
fn is_passing(state: StateCode) -> bool {
    use StateCode as S;
    !matches!(state, S::Draft | S::Returned | S::Published | S::Withdrawn | S::Rejected)
}

fn matches(ask: &ListSubmissions, submission: &Submission) -> bool {
    let is_of = |wanted: &Option<String>, has: &str| wanted.as_ref().is_none_or(|wanted| clean(wanted) == has);
    is_of(&ask.deposit, &submission.deposit)
        && is_of(&ask.resource, &submission.resource)
        && ask.state.is_none_or(|state| submission.state.code() == state)
        && ask.owner.as_ref().is_none_or(|owner| submission.owner == *owner)
}

pub(super) fn outcome_for(sight: Sight, submission: &Submission) -> Option<&Outcome> {
    submission.outcome.as_ref().filter(|_| !matches!(sight, Sight::Reviewer | Sight::Office))
}

fn seats(actor: &Actor, sight: Sight, submission: &Submission) -> Vec<SeatView> {
    let own = |account: &str| actor.account.as_deref() == Some(account);
    let shown = submission.seats.iter().filter(|seat| sight == Sight::Staff || (sight == Sight::Reviewer && own(&seat.account)));
    let view = shown.map(|seat| SeatView {
        account: (sight == Sight::Staff).then(|| seat.account.clone()),
        own: own(&seat.account),
        given: seat.given.is_some(),
        invited: seat.invited,
        reminded: seat.reminded,
        until: seat.until,
    });
    view.collect()
}

/// An opinion as its reader may read it; one's own is left as it is.
fn heard(voices: &Voices, mut opinion: Opinion) -> Opinion {
    let vetoes = opinion.vetoes.iter_mut().flat_map(|veto| [&mut veto.fact, &mut veto.place]);
    for text in vetoes.chain([&mut opinion.text]) {
        *text = voices.text(&opinion.reviewer, text);
    }
    opinion
}

fn opinion_view(account: Option<&str>, sight: Sight, submission: &Submission, opinion: Opinion) -> OpinionView {
    OpinionView {
        recognised: sight == Sight::Staff && names_somebody(submission, &opinion.text),
        own: account == Some(opinion.reviewer.as_str()),
        id: opinion.id,
        round: opinion.round,
        reviewer: (sight == Sight::Staff).then_some(opinion.reviewer),
        at: opinion.at,
        verdict: opinion.verdict.into(),
        mark: opinion.mark,
        scores: opinion.scores,
        text: opinion.text,
        vetoes: opinion.vetoes,
    }
}

fn file_view(submission: &str, file: &SubmittedFile, kept: &Kept) -> FileView {
    let source = Source::of(file);
    FileView {
        path: file.entry.path.clone(),
        role: file.entry.role,
        title: file.entry.title.clone(),
        sha256: file.digest.as_str().to_owned(),
        size: file.size,
        facts: file.facts.clone(),
        has_text: file.text.is_some(),
        renditions: source.map(|source| kept.shown(source, &address::submitted(submission, source.path))).unwrap_or_default(),
        conversion_fault: source.and_then(|source| kept.fault(source)),
    }
}

/// A state without the names in it.
pub(super) fn state_view(state: &State) -> StateView {
    let code = state.code();
    let mut view = StateView::bare(code.code(), code.label());
    let named = |stage: &StateCode| Some(Named::new(stage.code(), stage.label()));
    match state {
        State::Returned { stage, verdict, reason } => {
            (view.stage, view.reason) = (named(stage), Some(reason.clone()));
            view.verdict = verdict.map(Named::from);
        }
        State::Rejected { stage, reason, .. } => {
            (view.stage, view.reason) = (named(stage), Some(reason.clone()));
            view.verdict = Some(Verdict::Reject.into());
        }
        State::Appealed { stage, reason } => (view.stage, view.reason) = (named(stage), Some(reason.clone())),
        State::Notice { until } | State::Objected { until, .. } => view.until = Some(*until),
        State::Published { revision } => view.revision = Some(*revision),
        State::Committee { votes } => view.votes = Some(votes.len()),
        _ => {}
    }
    view
}
