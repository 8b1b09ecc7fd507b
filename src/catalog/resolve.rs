//! Finding a resource by another name it has or had.

use super::Catalog;
use crate::domain::address;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::resource::Alias;

/// Space of aliases for the ids that imported resources had at their source; the scope is the source.
pub const IMPORTED: &str = "import";
/// Space of aliases for addresses that resources used to have; the scope is empty.
pub const ADDRESS: &str = "address";

impl Catalog {
    /// The id of the resource that an institution or a source knows under `name`. Anybody may ask: whether the resource may
    /// be seen is asked when it is opened.
    ///
    /// # Errors
    /// Not found.
    pub async fn by_source_id(&self, source: &str, name: &str) -> Result<String, Problem> {
        let not_found = || Problem::not_found("资源", "resource");
        if source.contains('\0') || name.contains('\0') {
            return Err(not_found());
        }
        let keys = [Alias::key_of("source", source, name), Alias::key_of(IMPORTED, source, name)];
        let found = self.store.get_many::<Alias>(&keys).await?;
        found.into_iter().flatten().next().map(|alias| alias.value.resource).ok_or_else(not_found)
    }

    /// The address where a resource is now that used to be at `path_and_query` of `host`; `None` when none was there.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn moved(&self, host: Option<&str>, path_and_query: &str) -> Result<Option<String>, Problem> {
        let full = host.map(|host| format!("{host}{path_and_query}"));
        let names: Vec<String> = full.iter().map(String::as_str).chain([path_and_query]).filter_map(address::former).collect();
        let keys: Vec<Key> = names.iter().map(|name| Alias::key_of(ADDRESS, "", name)).collect();
        let found = self.store.get_many::<Alias>(&keys).await?;
        Ok(found.into_iter().flatten().next().map(|alias| address::resource(&alias.value.resource)))
    }
}
