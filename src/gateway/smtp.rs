//! E-mail over SMTP.

use super::{Fault, Gateway, Message, PATIENCE};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

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
    /// User and password, where it wants them.
    pub credentials: Option<(String, String)>,
    /// Sender, as `name@host` or `Name <name@host>`.
    pub from: String,
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
}

impl Smtp {
    /// By this server.
    ///
    /// # Errors
    /// When the sender is no address, or TLS cannot be set up.
    pub fn new(server: Server) -> Result<Self, SetupError> {
        super::outside::install_tls();
        let from: Mailbox = server.from.parse().map_err(|_| SetupError::Sender)?;
        let tls = || TlsParameters::new(server.host.clone());
        let (tls, usual) = match server.security {
            Security::Tls => (Tls::Wrapper(tls()?), 465),
            Security::StartTls => (Tls::Required(tls()?), 587),
            Security::None => (Tls::None, 25),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host);
        let mut builder = builder.port(server.port.unwrap_or(usual)).tls(tls).timeout(Some(PATIENCE));
        if let Some((user, password)) = server.credentials {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: builder.build(), from })
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
        match tokio::time::timeout(PATIENCE, self.transport.send(written)).await {
            Ok(Ok(_taken)) => Ok(()),
            // The server's words may repeat the address; its code does not.
            Ok(Err(error)) => Err(error.status().map_or(Fault::NotReached, |code| Fault::Refused(u16::from(code)))),
            Err(_elapsed) => Err(Fault::NotReached),
        }
    }
}
