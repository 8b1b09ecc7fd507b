//! Ways out of the house: e-mail, short messages, WeChat, and calls to programs of others.
//!
//! A [`Gateway`] takes one message to one address and says whether it was taken; retries, choices and texts are none of its
//! business. Sending is at least once: [`Message::id`] goes with every message, so that the other side can tell a second arrival
//! from a second message. Everything here has a timeout, and no address, text or answer of the other side is ever logged or put
//! into a [`Fault`]: those end in job lists and logs.
//!
//! - [`smtp`]: e-mail by the `lettre` crate.
//! - [`relay`]: short messages and WeChat by a small HTTP protocol of our own, which an operator's adapter speaks.
//! - [`file`]: appends messages to a file instead of sending them: for tests and the demonstration.
//! - [`embed`]: vectors of texts from an embedding service.
//! - [`outside`]: the HTTP client for addresses that strangers wrote; [`hook`] calls webhooks with it.
//!
//! To add a way: a file with an `impl Gateway`, and a variant where `app` reads the configuration.

pub mod embed;
pub mod file;
pub mod hook;
pub mod outside;
pub mod relay;
pub mod smtp;

use crate::domain::notice::Channel;
use crate::domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long the other side may take for one message.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One message to one address.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The same when it is sent again: letters, digits and `-`.
    pub id: &'a str,
    /// E-mail address, phone number or open id.
    pub to: &'a str,
    /// One line.
    pub subject: &'a str,
    /// The text.
    pub text: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody answered, or the conversation broke off.
    #[error("nobody answered")]
    NotReached,
    /// The other side's certificate is not one that is trusted for its name.
    #[error("its certificate is not trusted")]
    Untrusted,
    /// The other side answered that it does not take it: its status (HTTP) or reply code (SMTP).
    #[error("the answer was {0}")]
    Refused(u16),
    /// The address or the text cannot be sent this way.
    #[error("it cannot be sent this way")]
    Unusable,
}

/// Sends messages.
#[async_trait::async_trait]
pub trait Gateway: Send + Sync + 'static {
    /// Hands one message over. May be called again for the same one.
    async fn send(&self, message: &Message<'_>) -> Result<(), Fault>;
}

/// The channels that this site has.
#[derive(Clone, Default)]
pub struct Gateways {
    channels: BTreeMap<Channel, Arc<dyn Gateway>>,
}

impl Gateways {
    /// The same with one more channel.
    #[must_use]
    pub fn with(mut self, channel: Channel, gateway: impl Gateway) -> Self {
        self.channels.insert(channel, Arc::new(gateway));
        self
    }

    /// The gateway of a channel, where the site has it.
    pub fn of(&self, channel: Channel) -> Option<&dyn Gateway> {
        self.channels.get(&channel).map(AsRef::as_ref)
    }

    /// The channels there are.
    pub fn channels(&self) -> impl Iterator<Item = Channel> {
        self.channels.keys().copied()
    }
}
