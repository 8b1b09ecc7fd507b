//! Finding a resource by another name it has or had.

use super::Catalog;
use crate::domain::access::Actor;
use crate::domain::address;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::{Alias, Resource};

/// Space of aliases for the ids that imported resources had at their source; the scope is the source.
pub const IMPORTED: &str = "import";
/// Space of aliases for addresses that resources used to have; the scope is empty.
pub const ADDRESS: &str = "address";

impl Catalog {
    /// The id of the resource that an institution or a source knows under `name`.
    ///
    /// # Errors
    /// Not found, also for a resource that the actor may not know of: an answer would tell that the number is in use.
    pub async fn by_source_id(&self, actor: &Actor, source: &str, name: &str) -> Result<String, Problem> {
        let not_found = || Problem::not_found("资源", "resource");
        if source.contains('\0') || name.contains('\0') {
            return Err(not_found());
        }
        let keys = [Alias::key_of("source", source, name), Alias::key_of(IMPORTED, source, name)];
        self.first_known(actor, &keys).await?.ok_or_else(not_found)
    }

    /// The address where a resource is now that used to be at `path_and_query` of `host`; `None` when none was there that
    /// the actor may know of.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn moved(&self, actor: &Actor, host: Option<&str>, path_and_query: &str) -> Result<Option<String>, Problem> {
        let full = host.map(|host| format!("{host}{path_and_query}"));
        let names: Vec<String> = full.iter().map(String::as_str).chain([path_and_query]).filter_map(address::former).collect();
        let keys: Vec<Key> = names.iter().map(|name| Alias::key_of(ADDRESS, "", name)).collect();
        Ok(self.first_known(actor, &keys).await?.map(|id| address::resource(&id)))
    }

    /// The first resource under one of these names that the actor may know of.
    async fn first_known(&self, actor: &Actor, names: &[Key]) -> Result<Option<String>, Problem> {
        for alias in self.store.get_many::<Alias>(names).await?.into_iter().flatten() {
            let found = self.store.get::<Resource>(&Key::from(alias.value.resource.as_str())).await?;
            if found.is_some_and(|found| found.value.is_known_to(actor)) {
                return Ok(Some(alias.value.resource));
            }
        }
        Ok(None)
    }
}
