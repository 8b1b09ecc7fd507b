//! Earlier revisions of a resource.

use super::Catalog;
use super::page::{ResourcePage, shown};
use crate::domain::access::Actor;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::Revision;
use crate::store::PageRequest;
use serde::Serialize;

/// A page of revisions.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RevisionPage {
    /// The revisions, newest first; the one in force is the first of the first page.
    pub items: Vec<ResourcePage>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl Catalog {
    /// The revisions of a resource, newest first. An earlier one is shown to who could see it as it stood then.
    ///
    /// # Errors
    /// Not found; `retired`.
    pub async fn revisions(&self, actor: &Actor, id: &str, limit: usize, cursor: Option<String>) -> Result<RevisionPage, Problem> {
        let head = self.visible(actor, id).await?;
        let staff = head.value.is_staff(actor);
        let first = cursor.is_none();
        let page = self.store.list::<Revision>(&Key::prefix(&[id]), PageRequest { limit, cursor, reverse: true }).await?;
        let mut items = Vec::new();
        if first {
            let kept = self.kept(&head.value).await?;
            items.push(shown(actor, head.value, head.version, &kept));
        }
        for old in page.items.into_iter().filter(|old| staff || actor.sees(&old.value.resource.grants)) {
            let kept = self.kept(&old.value.resource).await?;
            items.push(shown(actor, old.value.resource, old.version, &kept));
        }
        Ok(RevisionPage { items, next: page.next })
    }
}
