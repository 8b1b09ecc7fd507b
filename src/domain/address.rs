//! Addresses on the web: their parts, written so that nothing in a name is read as syntax.

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The address of a resource in the API.
pub fn resource(id: &str) -> String {
    format!("/api/v1/resources/{}", escaped(id))
}

/// The address of a resource's file in the API.
pub fn file(id: &str, path: &str) -> String {
    let parts: Vec<String> = path.split('/').map(escaped).collect();
    format!("{}/files/{}", resource(id), parts.join("/"))
}

/// The form under which an address that a resource used to have is kept: without scheme and fragment.
pub fn former(address: &str) -> Option<String> {
    let address = address.trim().split('#').next().unwrap_or_default();
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    let well_formed = bare.contains('/') && bare.len() <= 1_000 && !bare.contains(['\0', ' ', '\n']);
    well_formed.then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_become_addresses() {
        assert_eq!(file("a", "视频/01 讲.mp4"), "/api/v1/resources/a/files/%E8%A7%86%E9%A2%91/01%20%E8%AE%B2.mp4");
        assert_eq!(resource("a?b"), "/api/v1/resources/a%3Fb");
    }

    #[test]
    fn former_addresses_are_kept_without_scheme() {
        assert_eq!(former("http://old.example/course/1.html#top").as_deref(), Some("old.example/course/1.html"));
        assert_eq!(former("/course?id=1").as_deref(), Some("/course?id=1"));
        assert_eq!(former("nothing"), None);
    }
}
