//! Parts of lists: how much is wanted from where, and what came.

/// Items that one page may have.
pub const MAX_PAGE: usize = 1000;

/// What part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Items at most; held to 1..=[`MAX_PAGE`].
    pub limit: usize,
    /// Where the page before ended ([`Page::next`]).
    pub cursor: Option<String>,
    /// From the end of the list backwards.
    pub reverse: bool,
}

impl PageRequest {
    /// The first `limit` items.
    pub fn first(limit: usize) -> Self {
        Self { limit, cursor: None, reverse: false }
    }

    /// The last `limit` items, last one first.
    pub fn last(limit: usize) -> Self {
        Self { limit, cursor: None, reverse: true }
    }

    /// The same list from where `cursor` ended.
    #[must_use]
    pub fn after(mut self, cursor: Option<String>) -> Self {
        self.cursor = cursor;
        self
    }

    /// Items at most, within the bounds.
    pub fn size(&self) -> usize {
        self.limit.clamp(1, MAX_PAGE)
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::first(100)
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Where to go on; `None` at the end. A page may hold fewer items than asked for and yet have a next one.
    pub next: Option<String>,
}
