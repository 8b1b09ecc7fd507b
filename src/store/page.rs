//! Cursors of lists.

use super::error::StoreError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use crate::domain::page::{MAX_PAGE, Page, PageRequest};

/// The bytes behind a list's prefix of the last row of a page, as text.
pub(super) fn write_cursor(rest: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(rest)
}

/// Reads what [`write_cursor`] wrote.
pub(super) fn read_cursor(text: &str) -> Result<Vec<u8>, StoreError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| StoreError::BadCursor)
}
