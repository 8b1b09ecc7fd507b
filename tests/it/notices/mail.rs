//! E-mail against real SMTP servers: one that is down at first, ones with TLS, with a wrong certificate, with passwords, one that
//! refuses an address, one that hangs.

use super::mail_server::{Certificate, MailServer, free_port};
use super::{House, PATIENCE, confirmed, put, told};
use crate::program::outbox::code_in;
use crate::program::{Api, Server, eventually};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use yuelu::domain::time::Timestamp;
use yuelu::gateway::smtp::{Security, Smtp};
use yuelu::gateway::{Fault, Gateway as _, Message, smtp};

const FROM: &str = "岳麓 <notices@yuelu.example>";

#[tokio::test]
async fn mail_waits_for_a_server_that_is_down_and_arrives_once() {
    let (dir, mail) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let port = free_port();
    let house = House::open(dir.path(), &configured(port, "tls = \"none\""));
    let me = &house.vetters.contributor;
    let address = "li.xiuying@college.example";
    let mut server = None;
    let by_mail = async || {
        // Nobody listens yet: the sending waits, is seen to wait, and says nothing of the address.
        let job = failed(&house.admin).await;
        assert!(job.starts_with("not-delivered") && !job.contains("college"), "{job}");
        let started = server.insert(MailServer::start(port, &mail.path().join("box"), &json!({})));
        let came = eventually("a mail with a code", PATIENCE, async || started.mails().pop()).await;
        code_in(came["text"].as_str().unwrap())
    };
    confirmed(me, "email", address, by_mail).await;
    let server = server.unwrap();

    let submission = house.returned("m-1", "家庭用药安全").await;
    let notice = told(me, "returned", &submission).await;
    let about = |mail: &Value| mail["subject"] == notice["title"];
    let mail = eventually("a mail about the return", PATIENCE, async || server.mails().into_iter().find(about)).await;
    assert_eq!((&mail["to"], &mail["automatic"]), (&json!(address), &json!("auto-generated")));
    assert!(mail["id"].as_str().unwrap().ends_with("@yuelu.example>"), "{mail}");
    assert!(mail["text"].as_str().unwrap().starts_with(notice["text"].as_str().unwrap()), "{mail}");
    let idle = async || house.admin.get("/api/v1/jobs?outward=true").await.ok()["items"].as_array().unwrap().is_empty().then_some(());
    eventually("nothing left to send", PATIENCE, idle).await;
    assert_eq!(server.mails().into_iter().filter(|mail| about(mail)).count(), 1);
}

/// The mail section of a configuration.
fn configured(port: u16, more: &str) -> String {
    format!("[notices.email]\nhost = \"127.0.0.1\"\nport = {port}\nfrom = \"{FROM}\"\n{more}\n")
}

/// What the first attempt that failed says, in the list of jobs.
async fn failed(admin: &Api) -> String {
    let failed = async || {
        let jobs = admin.get("/api/v1/jobs?outward=true").await.ok();
        jobs["items"].as_array().unwrap().iter().find_map(|job| job["last_error"].as_str().map(str::to_owned))
    };
    eventually("an attempt that failed", PATIENCE, failed).await
}

/// The program as it is served, with an authority of its own and a password, against a server of each kind of TLS; with the wrong
/// authority nothing is sent, and the list of jobs says why.
#[tokio::test]
async fn mail_goes_by_tls_to_a_server_that_a_configured_authority_vouches_for() {
    let dir = tempfile::tempdir().unwrap();
    let (right, wrong) =
        (Certificate::make(&dir.path().join("right"), "IP:127.0.0.1"), Certificate::make(&dir.path().join("wrong"), "IP:127.0.0.1"));
    std::fs::write(dir.path().join("password"), "open sesame\n").unwrap();
    for (tls, authority, arrives) in [("starttls", &right, true), ("tls", &right, true), ("starttls", &wrong, false)] {
        let (port, data, mails) =
            (free_port(), dir.path().join(format!("{tls}-{arrives}")), dir.path().join(format!("box-{tls}-{arrives}")));
        let mut options = right.options(tls);
        options.as_object_mut().unwrap().extend([("user".to_owned(), json!("yuelu")), ("password".to_owned(), json!("open sesame"))]);
        let mail = MailServer::start(port, &mails, &options);
        std::fs::create_dir_all(&data).unwrap();
        let (password, authority) = (dir.path().join("password"), authority.authority.display());
        let more = format!("tls = \"{tls}\"\ntls_ca_file = \"{authority}\"\nuser = \"yuelu\"\npassword_file = \"{}\"", password.display());
        std::fs::write(data.join("yuelu.toml"), configured(port, &more)).unwrap();
        let server = Server::start(&data);
        let admin = server.api(&server.add_user("root-admin", "administrator", "/", &[]));
        put(&admin, "/api/v1/notices/settings", &json!({"addresses": {"email": "li@college.example"}})).await.ok();
        if arrives {
            let came = eventually("a mail over TLS", PATIENCE, async || mail.mails().pop()).await;
            assert_eq!(came["to"], "li@college.example", "{tls}");
        } else {
            assert_eq!(failed(&admin).await, "not-delivered: 对方的证书不可信。");
            assert_eq!(mail.mails(), Vec::<Value>::new());
        }
    }
}

/// Sends one message to 127.0.0.1.
async fn sent(port: u16, to: &str, change: impl FnOnce(&mut smtp::Server)) -> Result<(), Fault> {
    let mut server = smtp::Server {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        security: Security::None,
        authorities: None,
        credentials: None,
        from: FROM.to_owned(),
        patience: PATIENCE,
    };
    change(&mut server);
    let at = Timestamp::parse("2026-11-22T08:00:00Z").unwrap();
    let message = Message { id: "0f", to, subject: "《织锦》已入库", text: "《织锦》已入库。", at };
    Smtp::new(server).unwrap().send(&message).await
}

fn pem(file: &Path) -> Option<Vec<u8>> {
    Some(std::fs::read(file).unwrap())
}

#[tokio::test]
async fn a_server_is_sent_nothing_that_is_not_the_one_it_should_be() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = Certificate::make(&dir.path().join("elsewhere"), "DNS:mail.example");
    for (tls, security) in [("tls", Security::Tls), ("starttls", Security::StartTls)] {
        let (port, mails) = (free_port(), dir.path().join(tls));
        let server = MailServer::start(port, &mails, &elsewhere.options(tls));
        let strange = sent(port, "li@college.example", |server| server.security = security).await;
        assert_eq!(strange, Err(Fault::Untrusted), "an authority that nobody knows, {tls}");
        let other = sent(port, "li@college.example", |server| {
            (server.security, server.authorities) = (security, pem(&elsewhere.authority));
        });
        assert_eq!(other.await, Err(Fault::Untrusted), "another name, {tls}");
        assert_eq!(server.mails(), Vec::<Value>::new());
    }
    // STARTTLS was asked for and is not offered: nothing goes in the clear.
    let (port, mails) = (free_port(), dir.path().join("open"));
    let open = MailServer::start(port, &mails, &json!({}));
    assert_eq!(sent(port, "li@college.example", |server| server.security = Security::StartTls).await, Err(Fault::Unusable));
    assert_eq!(open.mails(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_refused_password_and_a_refused_address_are_told_by_their_codes() {
    let dir = tempfile::tempdir().unwrap();
    let options = json!({"user": "yuelu", "password": "open sesame", "refuse": "gone@college.example"});
    let (port, mails) = (free_port(), dir.path().join("box"));
    let server = MailServer::start(port, &mails, &options);
    let known = |word: &'static str| move |server: &mut smtp::Server| server.credentials = Some(("yuelu".to_owned(), word.to_owned()));
    assert_eq!(sent(port, "li@college.example", known("a guess")).await, Err(Fault::Refused(535)));
    assert_eq!(sent(port, "gone@college.example", known("open sesame")).await, Err(Fault::Refused(550)));
    assert_eq!(sent(port, "li@college.example", known("open sesame")).await, Ok(()), "the next one is taken all the same");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let impatient = |server: &mut smtp::Server| server.patience = Duration::from_millis(300);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    assert_eq!(sent(port, "li@college.example", impatient).await, Err(Fault::NotReached));
    let dir = tempfile::tempdir().unwrap();
    let (port, mails) = (free_port(), dir.path().join("box"));
    let server = MailServer::start(port, &mails, &json!({"hang": true}));
    assert_eq!(sent(port, "li@college.example", impatient).await, Err(Fault::NotReached));
    assert_eq!(server.mails(), Vec::<Value>::new());
}
