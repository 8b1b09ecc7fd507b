//! `/notices/settings`: by which channels somebody wants to be told beside the inbox, and the addresses there.

use crate::domain::notice::{Channel, Group};
use crate::domain::problem::Problem;
use crate::notices::settings::{Confirmation, SettingsChange, SettingsView};
use crate::portal::Rooms;
use crate::portal::faults::Faults;
use crate::portal::form::{Form, onward};
use crate::portal::frame::{Frame, Person, refused, shown};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use std::collections::BTreeMap;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/notices/settings", get(read).post(write)).route("/notices/settings/confirmation", post(confirm))
}

#[derive(Template)]
#[template(path = "notice_settings.html")]
struct SettingsPage {
    frame: Frame,
    faults: Faults,
    channels: Vec<ChannelShown>,
    groups: Vec<GroupShown>,
}

struct ChannelShown {
    code: &'static str,
    label: &'static str,
    /// Id of its field.
    field: String,
    /// Id of the field of its code.
    code_field: String,
    /// The address in use, or the new one that waits for its code.
    address: String,
    /// Whether it waits for its code.
    waits: bool,
    daily: bool,
}

struct GroupShown {
    label: &'static str,
    /// Name of its fields.
    field: String,
    /// Channel and whether it is chosen.
    channels: Vec<(&'static str, &'static str, bool)>,
}

/// Name of the field of a channel's address, which is the path that the service names.
fn field(channel: Channel) -> String {
    format!("addresses.{}", channel.code())
}

/// Id of the field of a channel's code.
fn code_field(channel: Channel) -> String {
    format!("code.{}", channel.code())
}

/// Name of the fields of a group.
fn group_field(place: usize) -> String {
    format!("channels.{place}")
}

fn channel(code: &str) -> Option<Channel> {
    Channel::ALL.iter().find(|row| row.1 == code).map(|row| row.0)
}

/// What the form shows of an address: the new one while it waits.
fn address(view: &SettingsView, channel: Channel) -> &str {
    view.unconfirmed.get(&channel).or_else(|| view.addresses.get(&channel)).map_or("", String::as_str)
}

fn page(person: &Person, view: &SettingsView, written: &BTreeMap<Channel, String>, faults: Faults) -> SettingsPage {
    let shown = |one: &Channel| ChannelShown {
        code: one.code(),
        label: one.label(),
        field: field(*one),
        code_field: code_field(*one),
        address: written.get(one).map_or_else(|| address(view, *one), String::as_str).to_owned(),
        waits: view.unconfirmed.contains_key(one),
        daily: view.daily.contains(one),
    };
    let group = |(place, (group, label)): (usize, (Group, &'static str))| {
        let wanted = view.channels.get(&group);
        let chosen = |one: &Channel| (one.code(), one.label(), wanted.is_some_and(|wanted| wanted.contains(one)));
        GroupShown { label, field: group_field(place), channels: view.available.iter().map(chosen).collect() }
    };
    SettingsPage {
        frame: person.frame("通知设置"),
        channels: view.available.iter().map(shown).collect(),
        groups: Group::ALL.into_iter().enumerate().map(group).collect(),
        faults,
    }
}

async fn read(State(rooms): State<Rooms>, person: Person) -> Result<Response, Problem> {
    let view = rooms.notices.settings(&person.actor).await?;
    Ok(shown(&page(&person, &view, &BTreeMap::new(), Faults::default())))
}

async fn write(State(rooms): State<Rooms>, person: Person, form: Form) -> Result<Response, Problem> {
    let view = rooms.notices.settings(&person.actor).await?;
    let typed: BTreeMap<Channel, String> = view.available.iter().map(|one| (*one, form.one(&field(*one)).to_owned())).collect();
    // An address that was left as it is asks for no new code, unless that is what is wanted.
    let again = form.some("resend").and_then(channel);
    let changed = typed.iter().filter(|(one, typed)| again == Some(**one) || address(&view, **one) != typed.as_str());
    let chosen = |place: usize| form.all(&group_field(place)).filter_map(channel).collect();
    let change = SettingsChange {
        addresses: changed.map(|(one, typed)| (*one, typed.clone())).collect(),
        channels: Group::ALL.into_iter().enumerate().map(|(place, (group, _))| (group, chosen(place))).collect(),
        daily: Some(form.all("daily").filter_map(channel).collect()),
    };
    match rooms.notices.change_settings(&person.actor, change).await {
        Ok(_) => Ok(onward("/notices/settings?done=settings")),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => Ok(refused(&page(&person, &view, &typed, Faults::of(&problem)), &problem)),
    }
}

async fn confirm(State(rooms): State<Rooms>, person: Person, form: Form) -> Result<Response, Problem> {
    let Some(channel) = channel(form.one("channel")) else { return Err(Problem::not_found("通知渠道", "channel")) };
    let given = Confirmation { channel, code: form.one("code").to_owned() };
    match rooms.notices.confirm_address(&person.actor, &given).await {
        Ok(_) => Ok(onward("/notices/settings?done=confirmed")),
        Err(problem) if problem.fields.is_empty() => Err(problem),
        Err(problem) => {
            let view = rooms.notices.settings(&person.actor).await?;
            let faults = Faults::by(&problem, |_| code_field(channel));
            Ok(refused(&page(&person, &view, &BTreeMap::new(), faults), &problem))
        }
    }
}
