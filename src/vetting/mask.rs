//! What a reviewer of a blind track does not see: who made, owns and submitted a work.
//!
//! One mask covers everything that is told of a submission: its description, its files' names, findings, comments and explained
//! rules. The work itself is never touched: the bytes of its files and the text in them are served as they are, under neutral
//! names. Evidence of rights, which is no part of the work and says little but names, is not shown.
//!
//! Every way by which a reviewer learns something of a submission passes through [`shown`] or [`Mask`]; a new one must, too.

use super::panel::Sight;
use crate::domain::access::OrgPath;
use crate::domain::metadata::{Creator, FileRole, Metadata, Rights};
use crate::domain::submission::{Blind, Submission};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What stands where a name was.
pub const HIDDEN: &str = "（已匿名）";

/// Shortest name that is looked for in other texts, in characters: one sign alone would hide half of a text.
const SHORTEST: usize = 2;

/// The names of one submission and what stands for them.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// Names, the longest first.
    names: Vec<String>,
    /// Neutral paths by real ones.
    paths: BTreeMap<String, String>,
}

/// A submission as this sight shows it.
pub(super) fn shown(sight: Sight, submission: &Submission) -> Cow<'_, Submission> {
    match Mask::of(sight, submission) {
        Some(mask) => Cow::Owned(mask.submission(submission)),
        None => Cow::Borrowed(submission),
    }
}

impl Mask {
    /// The mask that this sight wears, if any.
    pub(super) fn of(sight: Sight, submission: &Submission) -> Option<Self> {
        (sight == Sight::Reviewer && submission.blind != Blind::None).then(|| Self::new(submission))
    }

    fn new(submission: &Submission) -> Self {
        Self { names: submission.names(), paths: neutral_paths(submission) }
    }

    /// A text without the names and the real paths of files.
    pub fn text(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        let mut paths: Vec<(&String, &String)> = self.paths.iter().collect();
        paths.sort_by_key(|(real, _)| std::cmp::Reverse(real.len()));
        for (real, neutral) in paths {
            let name = real.rsplit('/').next().unwrap_or(real);
            masked = masked.replace(real, neutral);
            if name.chars().count() > SHORTEST {
                masked = masked.replace(name, neutral);
            }
        }
        for name in &self.names {
            masked = masked.replace(name, HIDDEN);
        }
        masked
    }

    /// What a measure gave, without names; measures of rights and people give little but names, and are not told at all.
    pub fn measured(&self, measure: &str, measured: &str) -> String {
        let telling = ["rights.", "culture.", "creators", "meta.creators"].iter().any(|start| measure.starts_with(start));
        if telling { hidden(measured) } else { self.text(measured) }
    }

    /// The neutral path of a file.
    pub fn path(&self, real: &str) -> String {
        self.paths.get(real).cloned().unwrap_or_else(|| self.text(real))
    }

    /// The real path of a file that was named by its neutral one.
    pub fn real_path(&self, neutral: &str) -> Option<&str> {
        self.paths.iter().find(|(_, path)| *path == neutral).map(|(real, _)| real.as_str())
    }

    /// The submission without what names people and houses.
    fn submission(&self, submission: &Submission) -> Submission {
        let mut masked = submission.clone();
        masked.files.retain(|file| file.entry.role != FileRole::Evidence);
        masked.files.iter_mut().for_each(|file| {
            file.entry.path = self.path(&file.entry.path);
            file.entry.title = file.entry.title.as_deref().map(|title| self.text(title));
            if let Some(facts) = &mut file.facts {
                facts.fault = facts.fault.as_deref().map(|fault| self.text(fault));
            }
        });
        masked.findings.iter_mut().for_each(|finding| {
            finding.file = finding.file.as_deref().map(|file| self.path(file));
            finding.row = None;
            finding.message = self.text(&finding.message);
            finding.measured = finding.measured.as_deref().map(|measured| self.text(measured));
        });
        masked.waivers.iter_mut().for_each(|waiver| {
            waiver.waived.file = waiver.waived.file.as_deref().map(|file| self.path(file));
            waiver.reason = self.text(&waiver.reason);
        });
        masked.metadata = self.metadata(&submission.metadata);
        masked.state = self.state(&submission.state);
        (masked.owner, masked.institution) = (OrgPath::root(), HIDDEN.to_owned());
        [&mut masked.deposit, &mut masked.resource, &mut masked.submitter].into_iter().for_each(String::clear);
        (masked.row, masked.revision_of) = (None, None);
        masked
    }

    fn metadata(&self, metadata: &Metadata) -> Metadata {
        let mut masked = metadata.clone();
        masked.source_id = None;
        masked.extra = BTreeMap::new();
        masked.creators = metadata.creators.iter().map(anonymous).collect();
        masked.rights = Rights { holder: hidden(&metadata.rights.holder), evidence: hidden(&metadata.rights.evidence), ..masked.rights };
        masked.title.0.values_mut().chain(masked.description.0.values_mut()).for_each(|text| *text = self.text(text));
        masked.keywords.iter_mut().chain(&mut masked.series).for_each(|text| *text = self.text(text));
        if let Some(culture) = &mut masked.culture {
            (culture.protecting_body, culture.consent) = (hidden(&culture.protecting_body), hidden(&culture.consent));
            culture.sources.iter_mut().for_each(|text| *text = self.text(text));
        }
        if let Some(link) = &mut masked.link {
            link.owner = hidden(&link.owner);
        }
        if let Some(label) = &mut masked.ai {
            (label.provider, label.content_id) = (self.text(&label.provider), hidden(&label.content_id));
        }
        masked.lessons.iter_mut().for_each(|lesson| {
            lesson.title = self.text(&lesson.title);
            lesson.files.iter_mut().for_each(|file| *file = self.path(file));
        });
        masked.files.retain(|file| file.role != FileRole::Evidence);
        masked.files.iter_mut().for_each(|file| {
            file.path = self.path(&file.path);
            file.title = file.title.as_deref().map(|title| self.text(title));
        });
        masked.access = self.access(masked.access);
        masked
    }

    /// Groups of a protocol are named after those who guard it.
    fn access(&self, access: crate::domain::access::Visibility) -> crate::domain::access::Visibility {
        use crate::domain::access::Visibility;
        match access {
            Visibility::Protocol { any, all } => {
                let masked = |groups: std::collections::BTreeSet<String>| groups.iter().map(|_| HIDDEN.to_owned()).collect();
                Visibility::Protocol { any: masked(any), all: masked(all) }
            }
            open => open,
        }
    }

    /// Reasons in words for the submitter may address it by name.
    fn state(&self, state: &crate::domain::submission::State) -> crate::domain::submission::State {
        use crate::domain::submission::State;
        let mut masked = state.clone();
        if let State::Returned { reason, .. } | State::Rejected { reason, .. } | State::Appealed { reason, .. } = &mut masked {
            *reason = self.text(reason);
        }
        masked
    }
}

fn anonymous(creator: &Creator) -> Creator {
    Creator { name: hidden(&creator.name), role: creator.role.clone(), organisation: creator.organisation.as_deref().map(hidden) }
}

/// Says that something stood there, not what.
fn hidden(text: &str) -> String {
    if text.is_empty() { String::new() } else { HIDDEN.to_owned() }
}

/// `文件 1.mp4`, `文件 2.pdf`, … in the order of the files.
fn neutral_paths(submission: &Submission) -> BTreeMap<String, String> {
    let listed = submission.files.iter().map(|file| &file.entry.path).chain(submission.metadata.files.iter().map(|file| &file.path));
    let lessons = submission.metadata.lessons.iter().flat_map(|lesson| &lesson.files);
    let mut paths = BTreeMap::new();
    for real in listed.chain(lessons) {
        let number = paths.len() + 1;
        paths.entry(real.clone()).or_insert_with(|| format!("文件 {number}{}", ending(real)));
    }
    paths
}

/// The ending of a file's name, where it is a plain one.
fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let plain = |end: &&str| (1..=5).contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
    name.rsplit_once('.').map(|(_, end)| end).filter(plain).map_or_else(String::new, |end| format!(".{}", end.to_ascii_lowercase()))
}
