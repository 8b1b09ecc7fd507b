//! The ways out of the house, as the configuration names them.

use crate::config::Config;
use crate::config::notices::{EmailBy, EmailSection, EmailTls, RelayBy, RelaySection};
use crate::domain::notice::Channel;
use crate::gateway::file::ToFile;
use crate::gateway::relay::Relay;
use crate::gateway::smtp::{Security, Server, Smtp};
use crate::gateway::{Gateways, PATIENCE};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Before each certificate of a PEM file.
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Makes the gateways of the channels that are configured.
///
/// # Errors
/// A secret that cannot be read, an address that is none, TLS that cannot be set up.
pub fn open(config: &Config) -> anyhow::Result<Gateways> {
    let (notices, dir) = (&config.notices, config.data_dir.as_path());
    let mut gateways = Gateways::default();
    if let Some(email) = &notices.email {
        gateways = match email.by {
            EmailBy::Smtp => gateways.with(Channel::Email, smtp(email).context("notices.email")?),
            EmailBy::File => gateways.with(Channel::Email, ToFile::new(Channel::Email, dir)),
        };
    }
    for (channel, relay) in [(Channel::Sms, &notices.sms), (Channel::Wechat, &notices.wechat)] {
        let Some(relay) = relay else { continue };
        gateways = with_relay(gateways, channel, relay, dir).with_context(|| format!("notices.{}", channel.code()))?;
    }
    Ok(gateways)
}

fn with_relay(gateways: Gateways, channel: Channel, relay: &RelaySection, dir: &Path) -> anyhow::Result<Gateways> {
    Ok(match relay.by {
        RelayBy::File => gateways.with(channel, ToFile::new(channel, dir)),
        RelayBy::Http => gateways.with(channel, Relay::new(channel, relay.url.clone(), secret(relay.secret_file.as_ref())?)?),
    })
}

fn smtp(email: &EmailSection) -> anyhow::Result<Smtp> {
    let security = match email.tls {
        EmailTls::Tls => Security::Tls,
        EmailTls::Starttls => Security::StartTls,
        EmailTls::None => Security::None,
    };
    let credentials = match &email.password_file {
        Some(file) => Some((email.user.clone(), secret(Some(file))?)),
        None => None,
    };
    let authorities = email.tls_ca_file.as_deref().map(certificates).transpose()?;
    let (host, from) = (email.host.clone(), email.from.clone());
    let server = Server { host, port: email.port, security, authorities, credentials, from, patience: PATIENCE };
    Ok(Smtp::new(server)?)
}

/// The certificates of a PEM file.
fn certificates(file: &Path) -> anyhow::Result<Vec<u8>> {
    let pem = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let some = pem.windows(CERTIFICATE.len()).any(|part| part == CERTIFICATE);
    anyhow::ensure!(some, "{} holds no PEM certificate", file.display());
    Ok(pem)
}

/// The first line of a file of a secret.
pub(super) fn secret(file: Option<&PathBuf>) -> anyhow::Result<String> {
    let file = file.context("a secret is missing")?;
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let secret = text.lines().next().unwrap_or_default().trim().to_owned();
    anyhow::ensure!(!secret.is_empty(), "{} is empty", file.display());
    Ok(secret)
}
