//! Doing one delivery: reading again what is to be sent and where to, and whether it is still wanted.

use super::Notices;
use crate::domain::account::Account;
use crate::domain::change::ChangeSet;
use crate::domain::job::Job;
use crate::domain::ledger::{LedgerEntry, ResourceChain};
use crate::domain::notice::delivery::{Delivery, Target};
use crate::domain::notice::settings::{CODE_MS, NoticeSettings};
use crate::domain::notice::webhook::{PING, Payload, Webhook, event_of};
use crate::domain::notice::{Channel, Notice, Subject};
use crate::domain::petition::complaint::Complaint;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::resource::Resource;
use crate::domain::submission::Submission;
use crate::gateway::hook::Call;
use crate::gateway::{Fault, Message};

impl Notices {
    /// Does a [`crate::domain::job::JobKind::Deliver`] job. What is no longer wanted (read meanwhile, an address removed, a
    /// channel or webhook switched off) is dropped without a word.
    ///
    /// # Errors
    /// `not-delivered`: the job tries again later. Its words hold no address and nothing that the other side said but a code.
    pub async fn deliver(&self, job: &Job) -> Result<ChangeSet, Problem> {
        let mut effects = ChangeSet::new(self.clock.fresh_id());
        let found = self.store.get::<Delivery>(&Key::from(job.subject.as_str())).await?;
        let Some(delivery) = found.filter(|delivery| delivery.value.done.is_none()) else { return Ok(effects) };
        match &delivery.value.target {
            Target::Notice { account, notice, channel } => {
                self.deliver_notice(&delivery.value.id, account, notice, *channel).await?;
                effects.remove(&delivery);
            }
            Target::Digest { account, channel, notices } => {
                self.deliver_digest(&delivery.value.id, account, *channel, notices).await?;
                effects.remove(&delivery);
            }
            Target::Code { account, channel } => {
                self.deliver_code(&delivery.value, account, *channel).await?;
                effects.remove(&delivery);
            }
            Target::Claimant { complaint } => {
                self.forward_counter(&delivery.value.id, complaint).await?;
                effects.remove(&delivery);
            }
            Target::Event { webhook, .. } | Target::Ping { webhook } => match self.hook_of(webhook).await? {
                Some(hook) => {
                    let status = self.call(&hook, &delivery.value).await?;
                    let done = Delivery { done: Some(self.clock.now()), status, ..delivery.value.clone() };
                    effects.update(&delivery, &done)?;
                }
                None => {
                    effects.remove(&delivery);
                }
            },
        }
        Ok(effects)
    }

    async fn deliver_notice(&self, id: &str, account: &str, notice: &str, channel: Channel) -> Result<(), Problem> {
        let notice = self.store.get::<Notice>(&Notice::key_of(account, notice)).await?;
        let unread = notice.filter(|notice| notice.value.read.is_none());
        let (Some(Stored { value: notice, .. }), Some(settings)) = (unread, self.settings_to_send(account).await?) else { return Ok(()) };
        let wanted = settings.wanted(notice.group).contains(&channel);
        let Some(address) = settings.addresses.get(&channel).filter(|_| wanted) else { return Ok(()) };
        self.send(channel, id, address, &notice.title, &self.text_of(&notice, channel)).await
    }

    /// The settings of an account that may be sent something: nothing is sent to one that is locked.
    pub(super) async fn settings_to_send(&self, account: &str) -> Result<Option<NoticeSettings>, Problem> {
        let locked = self.store.get::<Account>(&Key::from(account)).await?.is_none_or(|account| account.value.locked);
        if locked {
            return Ok(None);
        }
        Ok(self.settings_of(account).await?.map(|settings| settings.value))
    }

    async fn deliver_code(&self, delivery: &Delivery, account: &str, channel: Channel) -> Result<(), Problem> {
        let Some(settings) = self.settings_of(account).await? else { return Ok(()) };
        let in_time = self.clock.now() < delivery.at.plus_millis(CODE_MS);
        // A later address has a delivery of its own.
        let pending = settings.value.pending.get(&channel).filter(|pending| pending.asked == delivery.at && in_time);
        let Some(pending) = pending else { return Ok(()) };
        let text = format!("您的验证码是 {}，30 分钟内有效。如非本人操作，请忽略。", pending.code);
        self.send(channel, &delivery.id, &pending.address, "通知地址验证码", &text).await
    }

    /// Forwards a counter-statement to the e-mail address that the claimant gave; who gave none follows it with the code.
    async fn forward_counter(&self, id: &str, complaint: &str) -> Result<(), Problem> {
        let Some(Stored { value: complaint, .. }) = self.store.get::<Complaint>(&Key::from(complaint)).await? else { return Ok(()) };
        let Some(counter) = complaint.counter.as_ref().filter(|_| Channel::Email.check(&complaint.claimant.contact).is_ok()) else {
            return Ok(());
        };
        let resource = self.store.get::<Resource>(&Key::from(complaint.resource.as_str())).await?;
        let title = resource.as_ref().map(|found| found.value.metadata.title.main()).unwrap_or_default();
        let (headline, text) = counter.letter(title);
        self.send(Channel::Email, id, &complaint.claimant.contact, &headline, &text).await
    }

    /// The text of a notice as a channel gets it: a mail has room for the address to look at.
    pub(super) fn text_of(&self, notice: &Notice, channel: Channel) -> String {
        let link = notice.link.as_ref().filter(|_| channel == Channel::Email && !self.options.base_url.is_empty());
        link.map_or_else(|| notice.text.clone(), |link| format!("{} {}{link}", notice.text, self.options.base_url))
    }

    pub(super) async fn send(&self, channel: Channel, id: &str, to: &str, subject: &str, text: &str) -> Result<(), Problem> {
        let Some(gateway) = self.gateways.of(channel) else { return Ok(()) };
        let site = &self.options.site_name;
        let text = match channel {
            Channel::Email => format!("{text}\n\n{site}\n{}", self.options.base_url),
            Channel::Sms | Channel::Wechat => text.to_owned(),
        };
        let message = Message { id, to, subject, text: text.trim_end(), at: self.clock.now() };
        gateway.send(&message).await.map_err(not_delivered)
    }

    /// Calls a webhook; `None` where there is nothing left to tell of.
    async fn call(&self, hook: &Webhook, delivery: &Delivery) -> Result<Option<u16>, Problem> {
        let Some(payload) = self.payload(delivery).await? else { return Ok(None) };
        let body = serde_json::to_string(&payload).map_err(|_| Problem::internal())?;
        let (url, secret, at) = (hook.url.as_str(), hook.secret.as_str(), self.clock.now());
        let call = Call { url, secret, id: &delivery.id, event: &payload.event, body: &body, at };
        self.hooks.call(&call).await.map(Some).map_err(not_delivered)
    }

    /// What a webhook is sent, the same at every attempt.
    pub(super) async fn payload(&self, delivery: &Delivery) -> Result<Option<Payload>, Problem> {
        let mut payload = Payload {
            id: delivery.id.clone(),
            event: PING.to_owned(),
            at: delivery.at,
            submission: None,
            resource: None,
            source_id: None,
            owner: None,
            from: None,
            state: None,
        };
        let Target::Event { chain, sequence, .. } = &delivery.target else { return Ok(Some(payload)) };
        let key = Key::of(&[chain, &format!("{sequence:010}")]);
        let Some(Stored { value: entry, .. }) = self.store.get::<LedgerEntry>(&key).await? else { return Ok(None) };
        let subject = match chain.strip_prefix(&ResourceChain::name_of("")) {
            Some(id) => {
                let Some(resource) = self.store.get::<Resource>(&Key::from(id)).await? else { return Ok(None) };
                (payload.resource, payload.owner) = (Some(resource.value.id), Some(resource.value.owner));
                payload.source_id = resource.value.metadata.source_id;
                Subject::Resource
            }
            None => {
                let Some(submission) = self.store.get::<Submission>(&Key::from(chain.as_str())).await? else { return Ok(None) };
                let Submission { id, owner, resource, metadata, .. } = submission.value;
                (payload.submission, payload.resource, payload.owner) = (Some(id), Some(resource), Some(owner));
                payload.source_id = metadata.source_id;
                Subject::Submission
            }
        };
        payload.event = event_of(subject, &entry).unwrap_or_default();
        (payload.at, payload.from, payload.state) = (entry.at, Some(entry.from), Some(entry.to));
        Ok(Some(payload))
    }

    /// A webhook that is to be called.
    async fn hook_of(&self, id: &str) -> Result<Option<Webhook>, Problem> {
        let found = self.store.get::<Webhook>(&Key::from(id)).await?;
        Ok(found.map(|hook| hook.value).filter(|hook| hook.active))
    }
}

/// Why it is tried again, in words for whoever looks after jobs.
fn not_delivered(fault: Fault) -> Problem {
    let zh = match fault {
        Fault::NotReached => "对方没有应答。".to_owned(),
        Fault::Untrusted => "对方的证书不可信。".to_owned(),
        Fault::Refused(code) => format!("对方答复 {code}。"),
        Fault::Unusable => "地址或内容不能以此方式发送。".to_owned(),
    };
    Problem::new(ProblemKind::Unavailable, "not-delivered", zh, format!("It was not delivered: {fault}."))
}
