//! Pages of what an actor may see, out of a list that holds more.

use super::Vetting;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Record, Stored};
use crate::store::{Page, PageRequest};

/// Rows that one page looks at to fill itself.
const MOST_SCANNED: usize = 2_000;

/// Which rows, and how many of them.
pub(super) struct Scan {
    /// Index and prefix; none: all rows in key order.
    pub by: Option<(&'static str, Key)>,
    /// Items at most.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// From the end backwards.
    pub reverse: bool,
}

impl Vetting {
    /// The next rows that `keep` lets through.
    pub(super) async fn page_of<R: Record>(&self, scan: Scan, keep: impl Fn(&R) -> bool) -> Result<Page<Stored<R>>, Problem> {
        let Scan { by, limit, mut cursor, reverse } = scan;
        let limit = limit.clamp(1, 100);
        let mut items = Vec::new();
        let mut scanned = 0;
        loop {
            // Asking for no more than is missing keeps the cursor at the last item shown.
            let request = PageRequest { limit: limit - items.len(), cursor, reverse };
            let page = match &by {
                Some((index, prefix)) => self.store.list_by::<R>(index, prefix, request).await?,
                None => self.store.list::<R>(&Key::default(), request).await?,
            };
            scanned += page.items.len().max(1);
            items.extend(page.items.into_iter().filter(|stored| keep(&stored.value)));
            cursor = page.next;
            if cursor.is_none() || items.len() >= limit || scanned >= MOST_SCANNED {
                return Ok(Page { items, next: cursor });
            }
        }
    }
}
