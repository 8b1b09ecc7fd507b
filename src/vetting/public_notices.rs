//! What is under public notice: for everybody who may see it once it is published, without the names of people.

use super::Vetting;
use super::scan::Scan;
use super::views::Named;
use crate::domain::access::{Actor, grants};
use crate::domain::problem::Problem;
use crate::domain::submission::table::StateCode;
use crate::domain::submission::{State, Submission};
use crate::domain::time::Timestamp;
use serde::Serialize;

/// A submission under notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PublicNoticeView {
    /// Id by which one objects.
    pub id: String,
    /// Title.
    pub title: String,
    /// Name of the institution.
    pub institution: String,
    /// Kind.
    pub kind: Named,
    /// Code of the category.
    pub category: String,
    /// The notice ends here.
    pub until: Timestamp,
    /// An objection waits for its answer.
    pub objected: bool,
}

/// A page of what is under notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PublicNoticePage {
    /// What nobody objects to first, then the rest.
    pub items: Vec<PublicNoticeView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// The states under notice with the letter that begins a cursor in each.
const STATES: [(StateCode, &str); 2] = [(StateCode::Notice, "n"), (StateCode::Objected, "o")];

impl Vetting {
    /// A page of what is under notice and will be for this actor to see.
    pub async fn notices(&self, actor: &Actor, limit: usize, cursor: Option<String>) -> Result<PublicNoticePage, Problem> {
        let limit = limit.clamp(1, 100);
        let (begin, mut inner) = match cursor.as_deref().map(|cursor| cursor.split_at_checked(1).unwrap_or_default()) {
            None => (0, None),
            Some((letter, rest)) => {
                let at = STATES.iter().position(|state| state.1 == letter).ok_or_else(bad_cursor)?;
                (at, Some(rest.to_owned()).filter(|rest| !rest.is_empty()))
            }
        };
        let mut items = Vec::new();
        for (state, letter) in STATES.into_iter().skip(begin) {
            let by = Some(("state", Submission::state_key(state)));
            let scan = Scan { by, limit: limit - items.len(), cursor: inner.take(), reverse: false };
            let seen = |submission: &Submission| actor.sees(&grants(&submission.owner, &submission.metadata.access));
            let page = self.page_of::<Submission>(scan, seen).await?;
            items.extend(page.items.into_iter().filter_map(|stored| view(stored.value)));
            if let Some(next) = page.next {
                return Ok(PublicNoticePage { items, next: Some(format!("{letter}{next}")) });
            }
            if items.len() >= limit && state == StateCode::Notice {
                return Ok(PublicNoticePage { items, next: Some("o".to_owned()) });
            }
        }
        Ok(PublicNoticePage { items, next: None })
    }

    /// One work under notice.
    ///
    /// # Errors
    /// Not found, also for who will not see it once it is published.
    pub async fn notice(&self, actor: &Actor, id: &str) -> Result<PublicNoticeView, Problem> {
        view(self.under_notice(actor, id).await?.value).ok_or_else(Problem::internal)
    }
}

fn bad_cursor() -> Problem {
    Problem::field("bad-cursor", "cursor", "翻页标记无效。", "The cursor is not valid for this list.")
}

fn view(submission: Submission) -> Option<PublicNoticeView> {
    let (until, objected) = match &submission.state {
        State::Notice { until } => (*until, false),
        State::Objected { until, .. } => (*until, true),
        _ => return None,
    };
    let kind = submission.metadata.kind;
    Some(PublicNoticeView {
        title: submission.metadata.title.main().to_owned(),
        id: submission.id,
        institution: submission.institution,
        kind: Named::new(kind.code(), kind.label()),
        category: submission.metadata.category,
        until,
        objected,
    })
}
