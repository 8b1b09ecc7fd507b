//! Published resources: read, opened, kept track of, and taken over from other bodies.
//!
//! Every reading goes through [`Catalog::visible`], which knows who may see what; what somebody may not see is "not found".
//! This room must never publish what has to be vetted (that is `vetting`): the one exception, named in the design, is
//! [`admit`]. A new way to read a resource is a new file with an `impl Catalog` block.

pub mod admit;
pub mod files;
pub mod links;
pub mod page;
pub mod resolve;
pub mod revisions;

use crate::blob::Blobs;
use crate::clock::Clock;
use crate::domain::access::Actor;
use crate::domain::codes::CodeLists;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::resource::{Resource, ResourceState};
use crate::store::Store;
use std::sync::Arc;

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Catalog {
    store: Store,
    blobs: Blobs,
    clock: Clock,
    codes: Arc<CodeLists>,
}

impl Catalog {
    /// Over these stores.
    pub fn new(store: Store, blobs: Blobs, clock: Clock, codes: Arc<CodeLists>) -> Self {
        Self { store, blobs, clock, codes }
    }

    /// The resource of this id, if the actor may see it.
    ///
    /// # Errors
    /// Not found; `retired` (410) where it was removed and the actor could see it before.
    async fn visible(&self, actor: &Actor, id: &str) -> Result<Stored<Resource>, Problem> {
        let not_found = || Problem::not_found("资源", "resource");
        if id.is_empty() || id.contains('\0') {
            return Err(not_found());
        }
        let found = self.store.get::<Resource>(&Key::from(id)).await?.ok_or_else(not_found)?;
        let resource = &found.value;
        match &resource.state {
            _ if !resource.is_known_to(actor) => Err(not_found()),
            ResourceState::Published | ResourceState::Suspended { .. } => Ok(found),
            ResourceState::Retired { reason, at, cause } => {
                let (day, (zh_cause, en_cause)) = (at.shanghai_date(), cause.label());
                let zh = format!("该资源已于 {day} 出库。原因：{zh_cause}（{reason}）。");
                let en = format!("This resource was retired on {day}: {en_cause} ({reason}).");
                Err(Problem::new(ProblemKind::Gone, "retired", zh, en))
            }
        }
    }
}
