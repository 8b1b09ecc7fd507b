//! The vetting rules of the repository with a change, as a folder of their own.

use std::path::{Path, PathBuf};

/// Copies `review_rules/` to `folder` with `change` made to `policy.toml`.
pub fn with_policy(folder: &Path, change: impl FnOnce(String) -> String) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("review_rules");
    copy(&from, folder);
    let policy = folder.join("policy.toml");
    let changed = change(std::fs::read_to_string(&policy).unwrap());
    std::fs::write(policy, changed).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}
