//! How notices leave the house. Everything may be missing: then there is the inbox alone.

use super::wrong;
use crate::domain::problem::Problem;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Notices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticesSection {
    /// Days that notices and the records of deliveries are kept, 1 to 3650.
    pub keep_days: u32,
    /// Whether webhooks may be called within the house and over plain HTTP: for tests, and for houses whose platforms are inside.
    pub webhooks_inside: bool,
    /// E-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailSection>,
    /// Short messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<RelaySection>,
    /// WeChat official account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wechat: Option<RelaySection>,
}

impl Default for NoticesSection {
    fn default() -> Self {
        Self { keep_days: 180, webhooks_inside: false, email: None, sms: None, wechat: None }
    }
}

/// Ways of sending e-mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailBy {
    /// A mail server.
    #[default]
    Smtp,
    /// The file `outbox.jsonl` in the data directory: nothing is sent.
    File,
}

/// TLS towards the mail server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailTls {
    /// From the first byte, port 465.
    #[default]
    Tls,
    /// After `STARTTLS`, port 587.
    Starttls,
    /// None, port 25: for a server on this machine.
    None,
}

/// E-mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmailSection {
    /// `smtp` or `file`.
    pub by: EmailBy,
    /// Host of the mail server.
    pub host: String,
    /// Port; without it the usual one of `tls`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// `tls`, `starttls` or `none`.
    pub tls: EmailTls,
    /// File of PEM certificates that are trusted for the mail server besides those of the system: for a house with an authority
    /// of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_ca_file: Option<PathBuf>,
    /// User at the mail server; empty: none.
    pub user: String,
    /// File that holds the password, so that it stands in no configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// Sender: `name@host` or `Name <name@host>`.
    pub from: String,
}

/// Ways of sending short messages and WeChat messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelayBy {
    /// An adapter of the operator's, by the protocol of [`crate::gateway::relay`].
    #[default]
    Http,
    /// The file `outbox.jsonl` in the data directory: nothing is sent.
    File,
}

/// Short messages or WeChat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelaySection {
    /// `http` or `file`.
    pub by: RelayBy,
    /// Address of the adapter.
    pub url: String,
    /// File that holds the secret by which messages are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
}

impl NoticesSection {
    /// Everything into the file, nothing out of the house: the demonstration.
    pub fn to_file() -> Self {
        let relay = || Some(RelaySection { by: RelayBy::File, ..RelaySection::default() });
        let email = Some(EmailSection { by: EmailBy::File, ..EmailSection::default() });
        Self { email, sms: relay(), wechat: relay(), ..Self::default() }
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        let ok = |good: bool, key: &str, want: &str| if good { Ok(()) } else { Err(wrong(key, "", want)) };
        ok((1..=3650).contains(&self.keep_days), "notices.keep_days", "1..=3650")?;
        if let Some(email) = self.email.as_ref().filter(|email| email.by == EmailBy::Smtp) {
            ok(!email.host.trim().is_empty(), "notices.email.host", "the host of a mail server")?;
            ok(email.from.contains('@'), "notices.email.from", "name@host or Name <name@host>")?;
            ok(email.user.is_empty() == email.password_file.is_none(), "notices.email.password_file", "a file when there is a user")?;
            ok(email.password_file.as_ref().is_none_or(|file| file.is_file()), "notices.email.password_file", "an existing file")?;
            ok(email.tls_ca_file.as_ref().is_none_or(|file| file.is_file()), "notices.email.tls_ca_file", "an existing file")?;
            let open = email.tls == EmailTls::None;
            ok(!open || email.tls_ca_file.is_none(), "notices.email.tls_ca_file", "no file when there is no TLS")?;
        }
        for (name, relay) in [("sms", &self.sms), ("wechat", &self.wechat)] {
            let Some(relay) = relay.as_ref().filter(|relay| relay.by == RelayBy::Http) else { continue };
            let address = relay.url.starts_with("https://") || relay.url.starts_with("http://");
            ok(address, &format!("notices.{name}.url"), "http(s)://host/path")?;
            ok(relay.secret_file.as_ref().is_some_and(|file| file.is_file()), &format!("notices.{name}.secret_file"), "an existing file")?;
        }
        Ok(())
    }
}
