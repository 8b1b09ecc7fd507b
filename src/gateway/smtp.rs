//! E-mail over SMTP.

use super::{Fault, Gateway, Message};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::error::Error;
use std::io;
use std::time::Duration;

/// How the connection is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (usually port 465).
    Tls,
    /// TLS after `STARTTLS`, which the server must offer (usually port 587).
    StartTls,
    /// Nothing: for a server on this machine.
    None,
}

/// A mail server.
#[derive(Clone)]
pub struct Server {
    /// Host name.
    pub host: String,
    /// Port; the usual one of `security` where it is missing.
    pub port: Option<u16>,
    /// TLS.
    pub security: Security,
    /// PEM certificates that are trusted for it besides those of the system.
    pub authorities: Option<Vec<u8>>,
    /// User and password, where it wants them.
    pub credentials: Option<(String, String)>,
    /// Sender, as `name@host` or `Name <name@host>`.
    pub from: String,
    /// How long it may take for one message.
    pub patience: Duration,
}

/// Why mail cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The sender's address.
    #[error("the sender is no e-mail address")]
    Sender,
    /// TLS.
    #[error("TLS for mail cannot be set up: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// Sends e-mail.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

impl Smtp {
    /// By this server.
    ///
    /// # Errors
    /// When the sender is no address, or TLS cannot be set up.
    pub fn new(server: Server) -> Result<Self, SetupError> {
        super::outside::install_tls();
        let from: Mailbox = server.from.parse().map_err(|_| SetupError::Sender)?;
        let tls = || {
            let mut parameters = TlsParameters::builder(server.host.clone());
            if let Some(pem) = &server.authorities {
                parameters = parameters.add_root_certificate(Certificate::from_pem(pem)?);
            }
            parameters.build()
        };
        let (tls, usual) = match server.security {
            Security::Tls => (Tls::Wrapper(tls()?), 465),
            Security::StartTls => (Tls::Required(tls()?), 587),
            Security::None => (Tls::None, 25),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host);
        let mut builder = builder.port(server.port.unwrap_or(usual)).tls(tls).timeout(Some(server.patience));
        if let Some((user, password)) = server.credentials {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: builder.build(), from, patience: server.patience })
    }

    fn written(&self, message: &Message<'_>) -> Option<lettre::Message> {
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        lettre::Message::builder()
            .from(self.from.clone())
            .to(message.to.parse().ok()?)
            .subject(message.subject)
            .message_id(Some(format!("<{}@{}>", message.id, self.from.email.domain())))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.to_owned())
            .ok()
    }
}

#[async_trait::async_trait]
impl Gateway for Smtp {
    async fn send(&self, message: &Message<'_>) -> Result<(), Fault> {
        let written = self.written(message).ok_or(Fault::Unusable)?;
        match tokio::time::timeout(self.patience, self.transport.send(written)).await {
            Ok(Ok(_taken)) => Ok(()),
            Ok(Err(error)) => Err(fault(&error)),
            Err(_elapsed) => Err(Fault::NotReached),
        }
    }
}

/// The server's words may repeat the address; its code does not.
fn fault(error: &lettre::transport::smtp::Error) -> Fault {
    match error.status() {
        Some(code) => Fault::Refused(u16::from(code)),
        None if is_distrust(error) => Fault::Untrusted,
        // It does not offer what must be used: TLS, or a way to sign in.
        None if error.is_client() => Fault::Unusable,
        None => Fault::NotReached,
    }
}

/// Whether a certificate was refused somewhere beneath.
fn is_distrust(error: &(dyn Error + 'static)) -> bool {
    let refused = |error: &(dyn Error + 'static)| matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)));
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref).map(|inner| -> &(dyn Error + 'static) { inner });
    refused(error) || inner.is_some_and(is_distrust) || error.source().is_some_and(is_distrust)
}
