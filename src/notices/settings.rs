//! By which channels somebody wants to be told, and where.

use super::{Notices, account_of};
use crate::domain::access::Actor;
use crate::domain::change::ChangeSet;
use crate::domain::notice::delivery::{Delivery, Target};
use crate::domain::notice::settings::NoticeSettings;
use crate::domain::notice::{Channel, Group};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Stored;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Settings as their account sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SettingsView {
    /// Channels that this site has.
    pub available: BTreeSet<Channel>,
    /// Addresses in use, by channel.
    pub addresses: BTreeMap<Channel, String>,
    /// Addresses that wait for the code that was sent to them, by channel.
    pub unconfirmed: BTreeMap<Channel, String>,
    /// Channels by kind of notice; the inbox has every notice besides.
    pub channels: BTreeMap<Group, BTreeSet<Channel>>,
    /// Channels that tell once, at 8:30 of the next working day, what was not read by then (汇总), instead of each notice at once.
    pub daily: BTreeSet<Channel>,
}

/// What is to be changed; what is missing stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// Addresses by channel (`email`, `sms`, `wechat`); an empty one is removed. A new one is used once its code came back.
    #[serde(default)]
    pub addresses: BTreeMap<Channel, String>,
    /// Channels by kind of notice.
    #[serde(default)]
    pub channels: BTreeMap<Group, BTreeSet<Channel>>,
    /// Channels that tell once each working-day morning, instead of each notice at once: all of them.
    #[serde(default)]
    pub daily: Option<BTreeSet<Channel>>,
}

/// A code that came by a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Channel.
    pub channel: Channel,
    /// The code.
    pub code: String,
}

impl Notices {
    /// The actor's settings.
    ///
    /// # Errors
    /// Unauthorized for visitors.
    pub async fn settings(&self, actor: &Actor) -> Result<SettingsView, Problem> {
        let account = account_of(actor)?;
        let held = self.settings_of(account).await?;
        Ok(self.shown(&held.map(|held| held.value).unwrap_or_default()))
    }

    /// Changes the actor's settings. A new address gets a code by its own channel.
    ///
    /// # Errors
    /// `bad-address`, `no-such-channel` for one that this site does not have, `code-sent`.
    pub async fn change_settings(&self, actor: &Actor, wanted: SettingsChange) -> Result<SettingsView, Problem> {
        let account = account_of(actor)?;
        let old = self.settings_of(account).await?;
        let mut settings = old.as_ref().map(|old| old.value.clone()).unwrap_or_default();
        account.clone_into(&mut settings.account);
        let now = self.clock.now();
        let mut change = ChangeSet::new(self.clock.fresh_id());
        for (channel, address) in &wanted.addresses {
            if !address.trim().is_empty() && self.gateways.of(*channel).is_none() {
                return Err(no_such_channel(*channel));
            }
            if settings.ask(*channel, address, fresh_code()?, now)? {
                let target = Target::Code { account: account.to_owned(), channel: *channel };
                self.queue(&mut change, &Delivery::new(self.clock.fresh_id(), target, now), now)?;
            }
        }
        settings.channels.extend(wanted.channels);
        if let Some(daily) = wanted.daily {
            settings.daily = daily;
        }
        change.upsert(old.as_ref(), &settings)?;
        self.store.commit(change).await?;
        Ok(self.shown(&settings))
    }

    /// Takes the code that was sent to a new address; from then on the address is used.
    ///
    /// # Errors
    /// `wrong-code`, also for one that is too old or was guessed at too often.
    pub async fn confirm_address(&self, actor: &Actor, given: &Confirmation) -> Result<SettingsView, Problem> {
        let wrong = || {
            let (zh, en) = ("验证码不正确或已过期，请核对，或重新填写地址获取。", "The code is wrong or too old; ask for a new one.");
            Problem { kind: ProblemKind::Unprocessable, ..Problem::field("wrong-code", "code", zh, en) }
        };
        let old = self.settings_of(account_of(actor)?).await?.ok_or_else(wrong)?;
        let mut settings = old.value.clone();
        let right = settings.confirm(given.channel, &given.code, self.clock.now());
        if settings != old.value {
            let mut change = ChangeSet::new(self.clock.fresh_id());
            change.update(&old, &settings)?;
            self.store.commit(change).await?;
        }
        if right { Ok(self.shown(&settings)) } else { Err(wrong()) }
    }

    pub(super) async fn settings_of(&self, account: &str) -> Result<Option<Stored<NoticeSettings>>, Problem> {
        Ok(self.store.get::<NoticeSettings>(&NoticeSettings::key_of(account)).await?)
    }

    fn shown(&self, settings: &NoticeSettings) -> SettingsView {
        let waiting = settings.pending.iter().map(|(channel, pending)| (*channel, pending.address.clone()));
        SettingsView {
            available: self.gateways.channels().collect(),
            addresses: settings.addresses.clone(),
            unconfirmed: waiting.collect(),
            channels: Group::ALL.iter().map(|(group, _)| (*group, settings.wanted(*group))).collect(),
            daily: settings.daily.clone(),
        }
    }
}

/// Six digits.
fn fresh_code() -> Result<String, Problem> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no randomness");
        Problem::internal()
    })?;
    Ok(format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000))
}

fn no_such_channel(channel: Channel) -> Problem {
    let (zh, en) = (format!("本站没有开通{}。", channel.label()), format!("This site does not send by {}.", channel.code()));
    Problem { kind: ProblemKind::Unprocessable, ..Problem::field("no-such-channel", format!("addresses.{}", channel.code()), zh, en) }
}
