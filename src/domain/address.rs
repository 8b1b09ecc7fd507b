//! Addresses on the web: their parts, written so that nothing in a name is read as syntax; and which of them lie within the house.

use std::net::IpAddr;

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

/// The address of a resource's page for people.
pub fn page(id: &str) -> String {
    format!("/resources/{}", escaped(id))
}

/// The address of a resource's file in the API.
pub fn file(id: &str, path: &str) -> String {
    format!("{}/files/{}", resource(id), escaped_path(path))
}

/// The address of a submission's file in the API.
pub fn submitted(id: &str, path: &str) -> String {
    format!("/api/v1/submissions/{}/files/{}", escaped(id), escaped_path(path))
}

/// A path with each of its parts escaped.
fn escaped_path(path: &str) -> String {
    path.split('/').map(escaped).collect::<Vec<_>>().join("/")
}

/// The form under which an address that a resource used to have is kept: without scheme and fragment.
pub fn former(address: &str) -> Option<String> {
    let address = address.trim().split('#').next().unwrap_or_default();
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    let well_formed = bare.contains('/') && bare.len() <= 1_000 && !bare.contains(['\0', ' ', '\n']);
    well_formed.then(|| bare.to_owned())
}

/// Whether a host is written as an IP address within the house. Such a host is never resolved, so whoever asks looks first.
pub fn is_literal_inside(host: &str) -> bool {
    host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok_and(is_inside)
}

/// Whether an address is not of the public network.
pub fn is_inside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let shared = first == 100 && (64..128).contains(&second);
            let special = first == 0 || first >= 240 || (first == 198 && (second == 18 || second == 19)) || (first == 192 && second == 0);
            shared || special || address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            let translated = first == 0x64 && second == 0xff9b || first == 0x2002 || (first == 0x2001 && second == 0);
            translated
                || address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
        }
    }
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

    #[test]
    fn the_house_itself_is_never_asked() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
        ] {
            assert!(is_inside(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["1.1.1.1", "202.197.120.1", "2001:da8::1"] {
            assert!(!is_inside(outside.parse().unwrap()), "{outside}");
        }
        assert!(is_literal_inside("[::1]") && is_literal_inside("127.0.0.1") && !is_literal_inside("moe.gov.cn"));
    }
}
