//! Tracks, panels, criteria and the veto list: what the policy of the site asks for, as data.

use super::load::Reading;
use crate::domain::access::Role;
use crate::domain::review::expert::Weights;
use crate::domain::review::{Criterion, FULL_MARK, FULL_WEIGHT, VetoItem};
use crate::domain::stamped_pledge::SelfReviewItem;
use crate::domain::submission::opinions::ESCALATED;
use crate::domain::submission::{CountersignTerms, Decider, Panel, Plan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use toml::Spanned;

/// Flag of items of the ethnic-culture zone.
pub const ETHNIC: &str = "ethnic";

/// A track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub label: String,
    /// A second person of the institution approves it first, with a stamped pledge for the batch.
    #[serde(default)]
    pub approval: bool,
    /// Handed to reviewers by the program as soon as the checks are passed, without a screening by hand.
    pub automatic: bool,
    /// Opinions needed.
    pub reviewers: u32,
    /// Opinions it may grow to.
    pub most_reviewers: u32,
    /// Whether criteria must be scored.
    pub scored: bool,
    /// Lowest mean that passes, hundredths of a point.
    pub pass_mark: u32,
    /// Spread from which one more expert is called, hundredths of a point.
    pub spread: u32,
    /// Who decides.
    pub decides: Decider,
    /// Votes of the committee that decide.
    pub votes: u32,
    /// Votes of the committee that decide what was flagged.
    pub flagged_votes: u32,
    /// Working days of public notice, counted from the day after; 0 for none.
    #[serde(default)]
    pub notice_working_days: u32,
    /// Calendar days of public notice: the older key, which counts where no working days are named.
    #[serde(default)]
    pub notice_days: u32,
    /// How reviewers are gathered and kept to time.
    #[serde(default)]
    pub panel: Panel,
    /// Share of what it publishes that is drawn for a spot check by people who took no part, per cent.
    #[serde(default)]
    pub sample_percent: u32,
}

/// Terms of what happens around and after publication. All of them are proposed: no norm for education resources names any; the
/// days to accept and to answer follow the notices of public selections. A folder that names none has these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct After {
    /// Working days in which the desk answers a complaint after publication.
    pub complaint_answer_days: u32,
    /// Working days in which the desk takes up or refuses an objection against a notice.
    pub objection_accept_days: u32,
    /// Working days in which it answers one that was taken up.
    pub objection_answer_days: u32,
    /// Calendar days before its end from which a resource stands in the list of what ends soon.
    pub expiring_days: u32,
}

impl Default for After {
    fn default() -> Self {
        Self { complaint_answer_days: 15, objection_accept_days: 5, objection_answer_days: 15, expiring_days: 60 }
    }
}

/// `policy.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    schema: Spanned<String>,
    default_track: Spanned<String>,
    lease_hours: u32,
    committee_culture: bool,
    correctable: Vec<String>,
    #[serde(default)]
    self_review: Vec<SelfReviewItem>,
    #[serde(default)]
    experts: Weights,
    #[serde(default)]
    after: After,
    #[serde(default)]
    countersign: Option<Spanned<CountersignTerms>>,
    #[serde(default = "usual_near_percent")]
    near_percent: Spanned<u32>,
    track: Vec<Spanned<Track>>,
}

/// Policies written before there was `near_percent`.
fn usual_near_percent() -> Spanned<u32> {
    Spanned::new(0..0, 80)
}

/// The policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Policy {
    /// Track of submissions that ask for none.
    pub default_track: String,
    /// Length of a reviewer's claim, hours.
    pub lease_hours: u32,
    /// Items of the ethnic-culture zone go to the committee.
    pub committee_culture: bool,
    /// Fields that an editor may correct in a published resource without a new vetting.
    pub correctable: Vec<String>,
    /// The self-review form that comes with a stamped pledge.
    pub self_review: Vec<SelfReviewItem>,
    /// What counts how much when experts are proposed.
    pub experts: Weights,
    /// Terms of what happens around and after publication.
    pub after: After,
    /// Whose countersign which content needs before it may be passed; none: nobody's.
    pub countersign: Option<CountersignTerms>,
    /// From this likeness of their texts on two works are nearly the same, per cent (proposed).
    pub near_percent: u32,
    /// Tracks.
    pub tracks: Vec<Track>,
}

/// Fields that [`Policy::correctable`] may name: none of them changes what was vetted.
const CORRECTABLE: [&str; 6] = ["keywords", "audience", "subjects", "region", "series", "accessibility"];

impl Policy {
    pub(super) fn read(raw: PolicyFile, reading: &mut Reading<'_>) -> Option<Self> {
        reading.check_schema(&raw.schema);
        let before = reading.problems.len();
        let mut codes = BTreeSet::new();
        for track in &raw.track {
            let (span, track) = (Some(track.span()), track.get_ref());
            if !codes.insert(track.code.as_str()) {
                reading.problem(
                    span.clone(),
                    "duplicate",
                    format!("通道“{}”重复", track.code),
                    format!("track {} is there twice", track.code),
                );
            }
            let sound = track.reviewers > 0 && track.most_reviewers >= track.reviewers && track.votes > 0 && track.flagged_votes > 0;
            if !sound
                || track.pass_mark > FULL_MARK
                || track.spread > FULL_MARK
                || track.notice_days > 365
                || track.notice_working_days > 250
                || track.sample_percent > 100
            {
                let zh = format!("通道“{}”的人数、票数、分数或天数不合理", track.code);
                reading.problem(span.clone(), "threshold", zh, format!("track {}: numbers out of range", track.code));
            }
            if !is_sound(&track.panel) {
                let zh = format!("通道“{}”的邀请、评审或提醒期限不合理", track.code);
                reading.problem(span, "threshold", zh, format!("track {}: times of invitations or reviews out of range", track.code));
            }
        }
        if !codes.contains(raw.default_track.get_ref().as_str()) {
            let span = Some(raw.default_track.span());
            reading.problem(span, "reference", "default_track 不是已定义的通道", "default_track names no track");
        }
        if let Some(field) = raw.correctable.iter().find(|field| !CORRECTABLE.contains(&field.as_str())) {
            reading.problem(
                None,
                "reference",
                format!("“{field}”不能不经审核更正"),
                format!("{field} may not be corrected without vetting"),
            );
        }
        if !(50..=100).contains(raw.near_percent.get_ref()) {
            let span = Some(raw.near_percent.span());
            reading.problem(span, "threshold", "near_percent 应在 50–100 之间", "near_percent lies between 50 and 100");
        }
        if let Some(terms) = raw.countersign.as_ref().filter(|terms| !is_sound_office(terms.get_ref())) {
            let (zh, en) = ("会签的部门、标记或期限不合理", "countersign: office, flags or terms out of range");
            reading.problem(Some(terms.span()), "countersign", zh, en);
        }
        (reading.problems.len() == before).then(|| Self {
            default_track: raw.default_track.into_inner(),
            lease_hours: raw.lease_hours,
            committee_culture: raw.committee_culture,
            correctable: raw.correctable,
            self_review: raw.self_review,
            experts: raw.experts,
            after: raw.after,
            countersign: raw.countersign.map(Spanned::into_inner),
            near_percent: raw.near_percent.into_inner(),
            tracks: raw.track.into_iter().map(Spanned::into_inner).collect(),
        })
    }

    /// The track of that code; the default one for an empty or unknown code.
    pub fn track(&self, code: &str) -> Option<&Track> {
        let named = self.tracks.iter().find(|track| track.code == code);
        named.or_else(|| self.tracks.iter().find(|track| track.code == self.default_track))
    }
}

/// Invitations need a time to answer and one to review; a reminder comes before the end of either.
fn is_sound(panel: &Panel) -> bool {
    let longest = [panel.answer_days, panel.review_days, panel.remind_days].into_iter().max().unwrap_or_default();
    let timed = panel.answer_days > 0 && panel.review_days > 0;
    let reminded = panel.remind_days == 0 || (panel.remind_days < panel.review_days && panel.remind_days <= panel.answer_days);
    longest <= 365 && (timed || !(panel.invite || panel.invites_itself)) && reminded
}

/// An office is a role, in which somebody can act; the reminder comes within its term.
fn is_sound_office(terms: &CountersignTerms) -> bool {
    let plain = |flag: &String| !flag.is_empty() && flag.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let timed = (1..=250).contains(&terms.answer_days) && terms.remind_days < terms.answer_days;
    let known = terms.office == Role::EthnicAffairs.code() && !terms.label.trim().is_empty();
    known && timed && terms.flags.iter().all(plain) && !terms.flags.contains(ESCALATED)
}

impl Track {
    /// What the track asks of a submission; a flagged one goes to the committee. Countersigns are the policy's, not the track's.
    pub fn plan(&self, flagged: bool) -> Plan {
        Plan {
            track: self.code.clone(),
            approval: self.approval,
            reviewers: self.reviewers,
            most_reviewers: self.most_reviewers,
            scored: self.scored,
            pass_mark: self.pass_mark,
            spread: self.spread,
            decides: if flagged { Decider::Committee } else { self.decides },
            votes: if flagged {
                self.flagged_votes.max(if self.decides == Decider::Committee { self.votes } else { 1 })
            } else {
                self.votes
            },
            flagged_votes: self.flagged_votes,
            countersign: None,
            notice_days: self.notice_days,
            panel: self.panel.clone(),
            notice_working_days: self.notice_working_days,
            sample_percent: self.sample_percent,
        }
    }
}

/// A scoring form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    /// Categories it is for; empty for all others.
    #[serde(default)]
    category: Vec<String>,
    /// It is for the ethnic-culture zone.
    #[serde(default)]
    culture: bool,
    criterion: Vec<Criterion>,
}

/// `criteria.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriteriaFile {
    schema: Spanned<String>,
    form: Vec<Spanned<Form>>,
    veto: Vec<VetoItem>,
}

/// Scoring forms by category, and the veto list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    forms: Vec<Form>,
    vetoes: Vec<VetoItem>,
}

impl Criteria {
    pub(super) fn read(raw: CriteriaFile, reading: &mut Reading<'_>) -> Option<Self> {
        reading.check_schema(&raw.schema);
        let before = reading.problems.len();
        for form in &raw.form {
            let weights: u32 = form.get_ref().criterion.iter().map(|criterion| criterion.weight).sum();
            if weights != FULL_WEIGHT {
                let zh = format!("权重之和应为{FULL_WEIGHT}，实为{weights}");
                reading.problem(Some(form.span()), "weights", zh, format!("weights must add up to {FULL_WEIGHT}, not {weights}"));
            }
            let codes: BTreeSet<&str> = form.get_ref().criterion.iter().map(|criterion| criterion.code.as_str()).collect();
            if codes.len() != form.get_ref().criterion.len() {
                reading.problem(Some(form.span()), "duplicate", "同一表中指标代码重复", "a criterion is there twice");
            }
        }
        if !raw.form.iter().any(|form| form.get_ref().category.is_empty() && !form.get_ref().culture) {
            reading.problem(None, "missing", "缺少通用评分表", "there is no form for all other categories");
        }
        let forms = raw.form.into_iter().map(Spanned::into_inner).collect();
        (reading.problems.len() == before).then_some(Self { forms, vetoes: raw.veto })
    }

    /// The criteria of a category, or of the ethnic-culture zone.
    pub fn of(&self, category: &str, culture: bool) -> &[Criterion] {
        let zone = self.forms.iter().find(|form| culture && form.culture);
        let own = || self.forms.iter().find(|form| !form.culture && form.category.iter().any(|code| code == category));
        let general = || self.forms.iter().find(|form| !form.culture && form.category.is_empty());
        zone.or_else(own).or_else(general).map_or(&[], |form| &form.criterion)
    }

    /// The veto list.
    pub fn vetoes(&self) -> &[VetoItem] {
        &self.vetoes
    }
}
