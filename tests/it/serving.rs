//! The program starts, says where it is, answers, and stops in order.

use crate::program::Server;

#[tokio::test]
async fn it_serves_and_stops() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    assert_eq!(server.visitor().get("/healthz").await.status, 200);
    let token = server.add_user("li", "administrator", "/", &[]);
    assert_eq!(server.api(&token).get("/api/v1/me").await.ok()["name"], "li");
    assert_eq!(server.visitor().get("/api/v1/me").await.status, 401);
    assert!(server.stop());
    let again = Server::start(dir.path());
    assert_eq!(again.api(&token).get("/api/v1/me").await.status, 200, "the account outlives the process");
}
