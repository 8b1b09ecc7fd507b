//! A real SMTP server on a port of this machine, with a certificate of its own where one is wanted.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The Python environment that `tests/run.sh` makes.
fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python");
    assert!(python.is_file(), "{} is missing: run tests/run.sh, which makes it", python.display());
    python
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The server; what it takes is kept in a Maildir.
pub struct MailServer {
    child: Child,
    folder: PathBuf,
}

impl MailServer {
    /// `options`: `tls` with a [`Certificate`]'s files, `user` and `password`, `refuse` (an address), `hang`.
    pub fn start(port: u16, folder: &Path, options: &Value) -> Self {
        let mut all = options.as_object().cloned().unwrap_or_default();
        all.extend([("port".to_owned(), json!(port)), ("box".to_owned(), json!(folder))]);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/notices/mail_server.py");
        let mut command = Command::new(python());
        command.arg(script).arg(Value::Object(all).to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "the mail server starts");
        Self { child, folder: folder.to_owned() }
    }

    /// The mails, oldest first, as their headers and text.
    pub fn mails(&self) -> Vec<Value> {
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

/// A certificate for one name, and the authority that made it: files in a folder.
pub struct Certificate {
    /// The authority's certificate.
    pub authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Certificate {
    /// Makes an authority and by it a certificate for `name` (`IP:127.0.0.1`, `DNS:mail.example`).
    pub fn make(folder: &Path, name: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let file = |file: &str| folder.join(file);
        let (authority, certificate, key) = (file("authority.pem"), file("server.pem"), file("server.key"));
        let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        let made = |more: &[&str]| {
            let done = Command::new("openssl").args(new).args(more).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        };
        let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
        let (by, by_key, subject) = (text(&authority), text(&file("authority.key")), format!("subjectAltName={name}"));
        made(&["-subj", "/CN=self-made authority", "-keyout", &by_key, "-out", &by]);
        let (made_key, made_one) = (text(&key), text(&certificate));
        let for_server = ["-addext", &subject, "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", &made_key, "-out", &made_one];
        made(&[&["-CA", &by, "-CAkey", &by_key, "-subj", "/CN=mail server"][..], &for_server].concat());
        Self { authority, certificate, key }
    }

    /// The server's options for it.
    pub fn options(&self, tls: &str) -> Value {
        json!({"tls": tls, "certificate": self.certificate, "key": self.key})
    }
}
