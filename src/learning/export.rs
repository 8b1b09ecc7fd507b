//! Everything that is kept of a learner, for the learner to take along (PIPL articles 45 and 46).

use super::Learning;
use super::certificates::CertificateView;
use super::classes::JoinedClass;
use super::hours::{Days, Hours};
use super::lists::ListView;
use super::notes::NoteView;
use super::protection::ProtectionView;
use crate::domain::access::Actor;
use crate::domain::event::{Standing, Verb, require_learner};
use crate::domain::learner::note::LearnerNote;
use crate::domain::learner::protection::{ConsentEntry, RecordAccess};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::saved_search::{BY_LEARNER, MOST, SavedSearch, SavedSearchView};
use crate::domain::time::Timestamp;
use crate::store::events::{Act, Batch, EventLog, EventLogError, Row};
use crate::store::{MAX_PAGE, PageRequest};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Export {
    /// Name of the learner on this site.
    pub learner: String,
    /// When this was written.
    pub made: Timestamp,
    /// Where the learner stands with each resource, the latest first.
    pub history: Vec<Standing>,
    /// Every event, in the order of receipt.
    pub events: Vec<ExportedEvent>,
    /// Lists.
    pub lists: Vec<ListView>,
    /// Notes, the oldest first.
    pub notes: Vec<NoteView>,
    /// Saved searches.
    pub saved_searches: Vec<SavedSearchView>,
    /// Effective hours.
    pub hours: Hours,
    /// Classes that were joined.
    pub classes: Vec<JoinedClass>,
    /// Certificates.
    pub certificates: Vec<CertificateView>,
    /// Whether recommendations are made from this record.
    pub personalised: bool,
    /// How the learner is protected.
    pub protection: ProtectionView,
    /// Consents of a guardian and their ends, the oldest first.
    pub consents: Vec<ConsentEntry>,
    /// Who else looked at the record, where the learner is a minor.
    pub accesses: Vec<RecordAccess>,
}

/// An event as it was reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExportedEvent {
    /// Resource id.
    pub resource: String,
    /// What was done.
    pub verb: Verb,
    /// When, by the learner's clock.
    pub at: Timestamp,
    /// When it was received.
    pub received: Timestamp,
    /// Progress, score or rating.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// How far, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// List of an impression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Slot of an impression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<i32>,
    /// Where, GB/T 2260.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<u32>,
    /// Whether it came as no person learns: learned by no model, counted in no hours.
    pub marked: bool,
}

impl Learning {
    /// Everything that is kept of a learner. Reads the whole log, one export at a time.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; 500 when the log cannot be read.
    pub async fn export(&self, actor: &Actor, learner: &str) -> Result<Export, Problem> {
        let name = require_learner(actor, learner)?;
        let (key, surrogate) = self.own(actor, learner)?;
        self.note_access(actor, learner, "export").await?;
        let log = self.log.clone();
        let turn = self.exports.acquire().await.map_err(|_| Problem::internal())?;
        let events = tokio::task::spawn_blocking(move || events_of(&log, surrogate)).await.map_err(|_| Problem::internal())??;
        drop(turn);
        let saved_searches = self.saved_searches_of(&name).await?;
        Ok(Export {
            learner: name,
            saved_searches,
            made: self.clock.now(),
            history: self.records.standings(surrogate),
            events,
            lists: self.lists_of(&key).await?.into_iter().map(|stored| stored.value.into()).collect(),
            notes: self.notes_of(&key).await?.into_iter().map(NoteView::from).collect(),
            hours: self.hours_of(surrogate, &Days::default()),
            classes: self.joined_classes(actor, learner).await?,
            certificates: self.certificates_of(&key).await?.into_iter().map(|stored| stored.value.into()).collect(),
            personalised: self.is_personalised(&key, surrogate).await?,
            protection: self.protection(actor, learner).await?,
            consents: self.consents_of(&key).await?,
            accesses: self.accesses(actor, learner).await?,
        })
    }

    async fn saved_searches_of(&self, name: &str) -> Result<Vec<SavedSearchView>, Problem> {
        let found = self.store.list_by::<SavedSearch>(BY_LEARNER, &Key::prefix(&[name]), PageRequest::first(MOST * 2)).await?;
        Ok(found.items.into_iter().map(|stored| stored.value.into()).collect())
    }

    async fn notes_of(&self, key: &str) -> Result<Vec<LearnerNote>, Problem> {
        let (mut notes, mut request) = (Vec::new(), PageRequest::first(MAX_PAGE));
        loop {
            let page = self.store.list::<LearnerNote>(&Key::prefix(&[key]), request).await?;
            notes.extend(page.items.into_iter().map(|stored| stored.value));
            if page.next.is_none() {
                return Ok(notes);
            }
            request = PageRequest::first(MAX_PAGE).after(page.next);
        }
    }
}

fn events_of(log: &EventLog, learner: u64) -> Result<Vec<ExportedEvent>, Problem> {
    let (mut events, mut seen) = (Vec::new(), HashSet::new());
    for batch in log.read(0) {
        let batch = match batch {
            Ok(batch) => batch,
            Err(error @ EventLogError::Damaged { .. }) => {
                tracing::error!(%error, "a damaged stretch of the event log is left out");
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        for row in batch.rows.iter().filter(|row| row.learner == learner) {
            match row.act {
                Act::Forget => events.clear(),
                // The log may hold duplicates; the first counts.
                Act::Did(verb) if seen.insert(row.key) => events.push(exported(&batch, row, verb)),
                Act::Did(_) => {}
            }
        }
    }
    Ok(events)
}

fn exported(batch: &Batch, row: &Row, verb: Verb) -> ExportedEvent {
    let named = |place: u32| batch.resources.get(place as usize).cloned();
    let measured = matches!(verb, Verb::Progressed | Verb::Answered | Verb::Rated);
    ExportedEvent {
        resource: named(row.resource).unwrap_or_default(),
        verb,
        at: Timestamp::from_millis(row.at),
        received: batch.received,
        value: measured.then(|| f64::from(row.value) / 1000.0),
        position: row.position,
        list: row.list.and_then(named),
        slot: (verb == Verb::Impression).then_some(row.value),
        region: row.region,
        marked: row.marked,
    }
}
