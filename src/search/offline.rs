//! Whether a work can be kept for when there is no network: what the files that lie here and their licence allow, and no more.

use crate::domain::metadata::{FileRole, Rights};
use crate::domain::resource::Resource;

/// A copy of everything in it may be kept.
const KEPT: &str = "downloadable";
/// It is to be used here, or lies elsewhere.
const ONLINE: &str = "online_only";
/// Codes and Chinese labels.
const ANSWERS: [(&str, &str); 2] = [(KEPT, "可下载离线使用"), (ONLINE, "仅限在线使用")];
/// How codes begin of licences under which everybody may copy a work: Creative Commons (all of them let it be shared unchanged),
/// the GNU licence for documents, those for programs, and works in the public domain.
const COPIED: [&str; 6] = ["CC0", "CC-BY", "GFDL", "MIT", "Apache", "public-domain"];
/// Ways of sharing under which nobody keeps a copy, whatever the licence says.
const CLOSED: [&str; 2] = ["paid", "restricted"];

/// What a resource is.
pub fn of(resource: &Resource) -> &'static str {
    if has_files(resource) && may_be_kept(&resource.metadata.rights) && resource.metadata.files.iter().all(own_rights_allow) {
        KEPT
    } else {
        ONLINE
    }
}

/// Whether anything but a cover lies here.
fn has_files(resource: &Resource) -> bool {
    resource.assets.iter().any(|asset| !matches!(asset.role, FileRole::Evidence | FileRole::Cover))
}

fn may_be_kept(rights: &Rights) -> bool {
    COPIED.iter().any(|licence| rights.licence.starts_with(licence)) && !CLOSED.contains(&rights.sharing.as_str())
}

/// Whether a file that has rights of its own may be kept with the rest.
fn own_rights_allow(file: &crate::domain::metadata::FileEntry) -> bool {
    file.role == FileRole::Evidence || file.rights.as_ref().is_none_or(may_be_kept)
}

/// The code of this code or label.
pub fn find(text: &str) -> Option<&'static str> {
    ANSWERS.iter().find(|(code, label)| *code == text || *label == text).map(|(code, _)| *code)
}

/// What a code is called; the code where there is none.
pub fn label(code: &str) -> &str {
    ANSWERS.iter().find(|(known, _)| *known == code).map_or(code, |(_, label)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_that_lets_copy_and_files_are_needed() {
        let with = |licence: &str, sharing: &str, assets: serde_json::Value| -> &'static str {
            let row = serde_json::json!({
                "id": "r1", "owner": "/hunan/a", "institution": "甲学院", "revision": 1, "assets": assets, "state": "published",
                "metadata": {"title": "读本", "kind": "document", "rights": {"licence": licence, "sharing": sharing}},
                "grants": ["public"], "provenance": {"by": "admitted", "vetted_by": "Board", "source": "lib"},
                "published": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z",
            });
            of(&serde_json::from_value(row).unwrap())
        };
        let facts = serde_json::json!({"size": 1, "sha256": "", "sniffed": "text/plain", "type_agrees": true, "opens": true});
        let file = |role: &str| serde_json::json!([{"path": "a", "role": role, "media_type": "text/plain", "facts": facts}]);
        assert_eq!(with("CC-BY-NC-ND-4.0", "free", file("master")), KEPT);
        assert_eq!(with("public-domain", "registered", file("master")), KEPT);
        assert_eq!(with("CC-BY-4.0", "free", file("cover")), ONLINE, "a cover is no work");
        assert_eq!(with("CC-BY-4.0", "free", serde_json::json!([])), ONLINE, "it lies elsewhere");
        assert_eq!(with("all-rights-reserved", "free", file("master")), ONLINE);
        assert_eq!(with("CC-BY-4.0", "paid", file("master")), ONLINE);
        assert_eq!((find("可下载离线使用"), find("x"), label(ONLINE), label("x")), (Some(KEPT), None, "仅限在线使用", "x"));
    }
}
