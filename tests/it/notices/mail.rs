//! E-mail against a real SMTP server, also one that is down at first.

use super::{House, PATIENCE, code_in, confirmed, told};
use crate::program::eventually;
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The Python environment that `tests/run.sh` makes.
fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python");
    assert!(python.is_file(), "{} is missing: run tests/run.sh, which makes it", python.display());
    python
}

/// A mail server that keeps what it takes in a Maildir.
struct MailServer {
    child: Child,
    folder: PathBuf,
}

impl MailServer {
    async fn start(port: u16, folder: &Path) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let mut command = Command::new(python());
        command.args(["-m", "aiosmtpd", "-n", "-l", &listen, "-c", "aiosmtpd.handlers.Mailbox"]).arg(folder).stdin(Stdio::null());
        let child = command.spawn().unwrap();
        let server = Self { child, folder: folder.to_owned() };
        eventually("the mail server", PATIENCE, async || TcpStream::connect(&listen).ok()).await;
        server
    }

    /// The mails, oldest first, as their headers and text.
    fn mails(&self) -> Vec<Value> {
        let read = "import email.policy, json, mailbox, sys\n\
            box = mailbox.Maildir(sys.argv[1], factory=lambda f: email.message_from_binary_file(f, policy=email.policy.default), create=False)\n\
            mails = [dict(to=m['To'], subject=m['Subject'], id=m['Message-ID'], automatic=m['Auto-Submitted'], text=m.get_content()) for m in box]\n\
            print(json.dumps(mails))";
        let done = Command::new(python()).args(["-c", read]).arg(&self.folder).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn mail_waits_for_a_server_that_is_down_and_arrives_once() {
    let (dir, mail) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!("[notices.email]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"岳麓 <notices@yuelu.example>\"\n");
    let house = House::open(dir.path(), &config);
    let me = &house.vetters.contributor;
    let address = "li.xiuying@college.example";
    let mut server = None;
    let by_mail = async || {
        // Nobody listens yet: the sending waits, is seen to wait, and says nothing of the address.
        let failed = async || {
            let jobs = house.admin.get("/api/v1/jobs?outward=true").await.ok();
            jobs["items"].get(0).filter(|job| job["last_error"].is_string()).cloned()
        };
        let job = eventually("a first attempt that failed", PATIENCE, failed).await;
        assert!(job["last_error"].as_str().unwrap().starts_with("not-delivered") && !job.to_string().contains("college"), "{job}");
        let started = server.insert(MailServer::start(port, &mail.path().join("box")).await);
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
