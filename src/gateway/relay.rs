//! Short messages and WeChat by a small HTTP protocol, since every supplier's own differs: the operator runs an adapter that
//! takes this and speaks the supplier's.
//!
//! `POST` to the configured address, `Content-Type: application/json`:
//!
//! ```json
//! {"id": "0f…", "channel": "sms", "to": "+8613800000000", "subject": "《…》已入库", "text": "《…》已入库。现在可以检索和学习。"}
//! ```
//!
//! `channel` is `email`, `sms` or `wechat`; `to` is an address, a phone number or an open id. `Yuelu-Signature` signs it (see
//! [`crate::domain::signature`]). `Yuelu-Delivery` is `id` again: a message may come twice under the same id, and is to be sent on
//! once. Any 2xx answer within 20 seconds means taken; everything else is tried again later.

use super::{Fault, Gateway, Message, PATIENCE};
use crate::domain::notice::Channel;
use crate::domain::signature;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;

/// Name of the header that carries the id.
pub const DELIVERY_HEADER: &str = "yuelu-delivery";

/// Hands messages to an adapter of the operator's.
pub struct Relay {
    channel: Channel,
    url: String,
    secret: String,
    http: reqwest::Client,
}

impl Relay {
    /// To the adapter at `url`. The operator chose the address, so it may lie within the house.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(channel: Channel, url: String, secret: String) -> Result<Self, reqwest::Error> {
        super::outside::install_tls();
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
        Ok(Self { channel, url, secret, http: http.user_agent(super::outside::AGENT).build()? })
    }
}

#[async_trait::async_trait]
impl Gateway for Relay {
    async fn send(&self, message: &Message<'_>) -> Result<(), Fault> {
        let Message { id, to, subject, text, at } = *message;
        let body = json!({"id": id, "channel": self.channel, "to": to, "subject": subject, "text": text}).to_string();
        let request = self.http.post(&self.url).header(CONTENT_TYPE, "application/json").header(DELIVERY_HEADER, id);
        let signature = signature::of(&self.secret, at, body.as_bytes());
        let answer = request.header(signature::HEADER, signature).body(body).send().await.map_err(|_| Fault::NotReached)?;
        if answer.status().is_success() { Ok(()) } else { Err(Fault::Refused(answer.status().as_u16())) }
    }
}
