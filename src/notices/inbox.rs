//! Everybody's own inbox.

use super::{Notices, account_of};
use crate::domain::access::Actor;
use crate::domain::change::ChangeSet;
use crate::domain::notice::{Group, Notice, Subject};
use crate::domain::problem::Problem;
use crate::domain::record::Stored;
use crate::domain::time::Timestamp;
use crate::store::{PageRequest, StoreError};
use serde::{Deserialize, Serialize};

/// Unread notices that are counted at most.
const MOST_COUNTED: usize = 200;

/// A notice as it is shown to its account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoticeView {
    /// Id.
    pub id: String,
    /// Stable code of what is told.
    pub code: String,
    /// Kind.
    pub group: Group,
    /// What it is about.
    pub subject: Subject,
    /// Id of the submission, resource, complaint, objection or saved search.
    pub subject_id: String,
    /// Headline in Chinese.
    pub title: String,
    /// What happened and what to do next, in Chinese.
    pub text: String,
    /// When it happened.
    pub at: Timestamp,
    /// When it was read.
    pub read: Option<Timestamp>,
    /// Where to look, as an address on this site, where it is no page of the subject.
    pub link: Option<String>,
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        let Notice { id, account: _, code, group, subject, subject_id, title, text, at, read, link } = notice;
        Self { id, code, group, subject, subject_id, title, text, at, read, link }
    }
}

/// A page of the inbox.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoticePage {
    /// The notices, newest first.
    pub items: Vec<NoticeView>,
    /// Unread ones in the whole inbox; 200 stands for 200 or more.
    pub unread: u32,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl Notices {
    /// The actor's notices, newest first; only those not read where `unread`.
    ///
    /// # Errors
    /// Unauthorized for visitors.
    pub async fn inbox(&self, actor: &Actor, unread: bool, limit: usize, cursor: Option<String>) -> Result<NoticePage, Problem> {
        let key = Notice::inbox_key(account_of(actor)?);
        let request = PageRequest { limit, cursor, reverse: true };
        let found = self.store.list_by::<Notice>(if unread { "unread" } else { "inbox" }, &key, request).await?;
        let count = self.store.list_by::<Notice>("unread", &key, PageRequest::last(MOST_COUNTED)).await?.items.len();
        let items = found.items.into_iter().map(|notice| notice.value.into()).collect();
        Ok(NoticePage { items, unread: u32::try_from(count).unwrap_or(u32::MAX), next: found.next })
    }

    /// Marks one of the actor's notices as read. Again changes nothing.
    ///
    /// # Errors
    /// Not found, also for somebody else's.
    pub async fn read(&self, actor: &Actor, id: &str) -> Result<NoticeView, Problem> {
        let missing = || Problem::not_found("通知", "notice");
        let account = account_of(actor)?;
        if id.contains('\0') {
            return Err(missing());
        }
        let old = self.store.get::<Notice>(&Notice::key_of(account, id)).await?.ok_or_else(missing)?;
        if old.value.read.is_some() {
            return Ok(old.value.into());
        }
        let notice = Notice { read: Some(self.clock.now()), ..old.value.clone() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(&old, &notice)?;
        match self.store.commit(change).await {
            // Read in another window at the same instant.
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(notice.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Marks all of the actor's notices as read; answers how many were not.
    ///
    /// # Errors
    /// Unauthorized for visitors.
    pub async fn read_all(&self, actor: &Actor) -> Result<u32, Problem> {
        let key = Notice::inbox_key(account_of(actor)?);
        let now = self.clock.now();
        let mut marked = 0;
        let mut page = PageRequest::first(MOST_COUNTED);
        loop {
            let found = self.store.list_by::<Notice>("unread", &key, page).await?;
            marked += self.mark(&found.items, now).await?;
            let Some(next) = found.next else { return Ok(marked) };
            page = PageRequest::first(MOST_COUNTED).after(Some(next));
        }
    }

    async fn mark(&self, notices: &[Stored<Notice>], now: Timestamp) -> Result<u32, Problem> {
        if notices.is_empty() {
            return Ok(0);
        }
        let mut change = ChangeSet::new(self.clock.fresh_id());
        for old in notices {
            change.update(old, &Notice { read: Some(now), ..old.value.clone() })?;
        }
        self.store.commit(change).await?;
        Ok(u32::try_from(notices.len()).unwrap_or(u32::MAX))
    }
}
