//! How much room the data directory's disk has.

use crate::domain::space::{LookAtSpace, Space};
use std::path::Path;
use std::sync::Arc;

/// Looks at the disk that `data_dir` lies on, which is to keep `reserve_mb` megabytes free.
pub fn look_at(data_dir: &Path, reserve_mb: u32) -> LookAtSpace {
    let (dir, reserve) = (data_dir.to_owned(), u64::from(reserve_mb) << 20);
    Arc::new(move || {
        let free = rustix::fs::statvfs(&dir).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        // A disk that does not tell must not stop the house; writing to it will say what is wrong.
        Space { free: free.unwrap_or(u64::MAX), reserve }
    })
}
