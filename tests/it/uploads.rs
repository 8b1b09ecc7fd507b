//! Uploads that are refused while they come: the answer is read by every kind of client.

use crate::program::{Server, packages};
use serde_json::Value;
use std::path::Path;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Bytes of a deposit that are taken.
const LIMIT: usize = 1 << 20;
/// Bytes that are sent: far more than the buffers between two programs hold.
const SENT: usize = 48 << 20;
/// Bytes of one piece.
const PIECE: usize = 64 << 10;

fn limited(dir: &Path) -> Server {
    std::fs::write(dir.join("yuelu.toml"), format!("[limits]\nbody_bytes = 65536\ndeposit_bytes = {LIMIT}\n")).unwrap();
    Server::start(dir)
}

/// What came back on a connection.
struct Reply {
    head: String,
    body: Value,
}

/// A client that writes everything before it reads anything, as many do.
struct Plain(TcpStream);

impl Plain {
    async fn connect(server: &Server) -> Self {
        Self(TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap())
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap_or_else(|error| panic!("the server does not let its client finish: {error}"));
    }

    /// Reads one answer with a length.
    async fn read(&mut self) -> Reply {
        let mut got = Vec::new();
        loop {
            if let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8(got[..end].to_vec()).unwrap().to_lowercase();
                let length =
                    head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().unwrap());
                while got.len() < end + 4 + length {
                    assert!(self.0.read_buf(&mut got).await.unwrap() > 0, "the answer broke off: {head}");
                }
                return Reply { head, body: serde_json::from_slice(&got[end + 4..end + 4 + length]).unwrap_or(Value::Null) };
            }
            let read = self.0.read_buf(&mut got).await.unwrap_or_else(|error| panic!("the answer was lost: {error}"));
            assert!(read > 0, "no answer came: {}", String::from_utf8_lossy(&got));
        }
    }
}

fn head(token: &str, more: &str) -> String {
    let authorization = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    format!("POST /api/v1/deposits?pledge=2026-1 HTTP/1.1\r\nhost: yuelu\r\n{authorization}content-type: application/zip\r\n{more}\r\n\r\n")
}

/// Sends a head and [`SENT`] bytes that begin like a ZIP file (or as `first` says), in one length or in chunks; then reads.
async fn upload(server: &Server, token: &str, first: &[u8], chunked: bool) -> Reply {
    let mut client = Plain::connect(server).await;
    let length = format!("content-length: {SENT}");
    client.write(head(token, if chunked { "transfer-encoding: chunked" } else { &length }).as_bytes()).await;
    let mut piece = vec![7_u8; PIECE];
    piece[..first.len()].copy_from_slice(first);
    for _ in 0..SENT / PIECE {
        if chunked {
            client.write(format!("{PIECE:x}\r\n").as_bytes()).await;
        }
        client.write(&piece).await;
        if chunked {
            client.write(b"\r\n").await;
        }
    }
    if chunked {
        client.write(b"0\r\n\r\n").await;
    }
    client.read().await
}

fn check(reply: &Reply, status: u16, code: &str) {
    assert!(reply.head.starts_with(&format!("http/1.1 {status} ")), "{}", reply.head);
    assert!(reply.head.contains("content-type: application/problem+json"), "{}", reply.head);
    assert_eq!((reply.body["code"].as_str(), reply.body["status"].as_u64()), (Some(code), Some(u64::from(status))), "{}", reply.body);
    assert!(!reply.body["zh"].as_str().unwrap().is_empty() && !reply.body["en"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn who_sends_too_much_reads_why() {
    let dir = tempfile::tempdir().unwrap();
    let server = limited(dir.path());
    let token = server.add_user("contributor", "contributor", "/hunan/changsha", &[]);
    for chunked in [false, true] {
        let reply = upload(&server, &token, b"PK\x03\x04", chunked).await;
        check(&reply, 413, "too-large");
        assert!(reply.head.contains("connection: close"), "{}", reply.head);
        assert!(reply.body["zh"].as_str().unwrap().contains(&LIMIT.to_string()), "{}", reply.body);
        // The same for what is refused by its first bytes, or by whom it comes from.
        let (status, code) = if chunked { (415, "package-not-zip") } else { (413, "too-large") };
        check(&upload(&server, &token, b"GIF8", chunked).await, status, code);
        check(&upload(&server, "", b"PK\x03\x04", chunked).await, 401, "unauthorized");
        check(&upload(&server, "yuelu_wrong", b"PK\x03\x04", chunked).await, 401, "unauthorized");
    }
    assert_eq!(server.api(&token).get("/api/v1/deposits").await.ok()["items"], serde_json::json!([]));
    assert_eq!(std::fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0, "nothing of a refused upload stays");
}

#[tokio::test]
async fn who_asks_before_sending_is_spared_the_sending() {
    let dir = tempfile::tempdir().unwrap();
    let server = limited(dir.path());
    let token = server.add_user("contributor", "contributor", "/hunan/changsha", &[]);
    let mut client = Plain::connect(&server).await;
    client.write(head(&token, &format!("expect: 100-continue\r\ncontent-length: {SENT}")).as_bytes()).await;
    check(&client.read().await, 413, "too-large");
    // What fits is asked for, and taken.
    let package = packages::document_zip("UP-1", "社区学习材料", "学习");
    let mut client = Plain::connect(&server).await;
    client.write(head(&token, &format!("expect: 100-continue\r\ncontent-length: {}", package.len())).as_bytes()).await;
    assert!(client.read().await.head.starts_with("http/1.1 100 "));
    client.write(&package).await;
    assert!(client.read().await.head.starts_with("http/1.1 202 "));
}

#[tokio::test]
async fn a_short_refused_request_leaves_the_connection_open() {
    let dir = tempfile::tempdir().unwrap();
    let server = limited(dir.path());
    let mut client = Plain::connect(&server).await;
    for _ in 0..3 {
        client.write(head("", "content-length: 4").as_bytes()).await;
        client.write(b"PK\x03\x04").await;
        let reply = client.read().await;
        check(&reply, 401, "unauthorized");
        assert!(!reply.head.contains("connection: close"), "{}", reply.head);
    }
    // A body that is held in memory has a limit of its own.
    let large = vec![b' '; 70_000];
    let more = format!("content-length: {}", large.len());
    client
        .write(head("", &more).replace("/deposits?pledge=2026-1", "/sessions").replace("application/zip", "application/json").as_bytes())
        .await;
    client.write(&large).await;
    check(&client.read().await, 413, "too-large");
}
