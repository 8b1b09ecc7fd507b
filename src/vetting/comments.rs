//! Comments on a submission, at a place of it, for the submitter or among those who vet.

use super::Vetting;
use super::act::unauthorized;
use super::mask::Mask;
use super::panel::{Sight, sight};
use super::show::is_desk;
use super::views::CommentView;
use super::voices::names_somebody;
use crate::domain::access::Actor;
use crate::domain::change::{ChangeSet, Topic};
use crate::domain::inspection::Locator;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::review::{Audience, Comment};
use crate::domain::submission::Submission;
use crate::store::PageRequest;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Longest comment in characters.
const LONGEST: usize = 4_000;

/// A comment to make.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
pub struct MakeComment {
    /// The text, 1 to 4,000 characters.
    pub text: String,
    /// Who reads it; a submitter's comment is always `submitter`.
    pub audience: Audience,
    /// File it is about.
    #[serde(default)]
    pub file: Option<String>,
    /// Field it is about.
    #[serde(default)]
    pub field: Option<String>,
    /// Row of the catalogue it is about, 1 is the header.
    #[serde(default)]
    pub row: Option<u32>,
    /// Place in the file.
    #[serde(default)]
    pub locator: Option<Locator>,
}

impl Vetting {
    /// Makes a comment: the submitting side, reviewers, the committee and the desk; not auditors, who change nothing.
    pub async fn comment(&self, actor: &Actor, id: &str, make: &MakeComment) -> Result<CommentView, Problem> {
        let author = actor.account.clone().ok_or_else(unauthorized)?;
        let stored = self.load(id).await?;
        let sight = sight(actor, &stored.value).ok_or_else(|| Problem::not_found("提交", "submission"))?;
        // Auditors see what the desk sees; they say nothing in its name.
        if sight == Sight::Staff && !is_desk(actor, &stored.value.owner) {
            return Err(Problem::forbidden());
        }
        let length = make.text.trim().chars().count();
        let texts = [Some(&make.text), make.file.as_ref(), make.field.as_ref()];
        if length == 0 || length > LONGEST || texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Err(Problem::field("comment-text", "text", "请填写 1 至 4000 字的意见。", "A comment has 1 to 4,000 characters."));
        }
        if make.row == Some(0) || make.locator.as_ref().is_some_and(|locator| !locator.is_sound()) {
            let (zh, en) = (
                "批注的位置不对：页码、行号从 1 起，区域应在画面之内。",
                "That is no place: numbers begin at 1, a region lies within its picture.",
            );
            return Err(Problem::field("comment-place", "locator", zh, en));
        }
        let comment = Comment {
            id: self.clock.fresh_id(),
            submission: id.to_owned(),
            round: stored.value.round,
            author,
            party: party(sight).to_owned(),
            audience: if sight == Sight::Submitter { Audience::Submitter } else { make.audience },
            at: self.clock.now(),
            text: make.text.trim().to_owned(),
            file: make.file.as_deref().map(|file| real_path(sight, &stored.value, file)),
            field: make.field.clone(),
            row: make.row,
            locator: make.locator.clone(),
            resolved: None,
        };
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        changes.insert(&comment)?.tell(Topic::Submission, id);
        self.store.commit(changes).await?;
        self.comment_view(actor, sight, &stored.value, comment).await
    }

    /// Marks a comment as done, or as open again: by its author, the submitting side or the desk.
    pub async fn resolve(&self, actor: &Actor, id: &str, comment: &str, done: bool) -> Result<CommentView, Problem> {
        let stored = self.load(id).await?;
        let missing = || Problem::not_found("意见", "comment");
        let sight = sight(actor, &stored.value).ok_or_else(missing)?;
        if comment.contains('\0') {
            return Err(missing());
        }
        let old: Stored<Comment> = self.store.get(&Comment::key_of(id, comment)).await?.ok_or_else(missing)?;
        if !readable(actor, sight, &old.value) {
            return Err(missing());
        }
        let own = actor.account.as_deref() == Some(old.value.author.as_str());
        if !own && sight != Sight::Submitter && !is_desk(actor, &stored.value.owner) {
            return Err(Problem::forbidden());
        }
        let new = Comment { resolved: done.then(|| self.clock.now()), ..old.value.clone() };
        let mut changes = ChangeSet::new(self.clock.fresh_id());
        changes.update(&old, &new)?.tell(Topic::Submission, id);
        self.store.commit(changes).await?;
        self.comment_view(actor, sight, &stored.value, new).await
    }

    /// The comments that an actor may read.
    pub(super) async fn comments_for(&self, actor: &Actor, sight: Sight, submission: &Submission) -> Result<Vec<CommentView>, Problem> {
        let page = self.store.list::<Comment>(&Key::prefix(&[&submission.id]), PageRequest::first(1000)).await?;
        let read = page.items.into_iter().map(|stored| stored.value).filter(|comment| readable(actor, sight, comment));
        self.comment_views(actor, sight, submission, read.collect()).await
    }

    async fn comment_view(&self, actor: &Actor, sight: Sight, submission: &Submission, comment: Comment) -> Result<CommentView, Problem> {
        let views = self.comment_views(actor, sight, submission, vec![comment]).await?;
        views.into_iter().next().ok_or_else(Problem::internal)
    }

    /// Comments as they are read: without what the reader must not learn of their authors and of the work.
    async fn comment_views(
        &self,
        actor: &Actor,
        sight: Sight,
        submission: &Submission,
        comments: Vec<Comment>,
    ) -> Result<Vec<CommentView>, Problem> {
        let judged = |comment: &&Comment| {
            let own = actor.account.as_deref() == Some(comment.author.as_str());
            !own && [Sight::Reviewer, Sight::Office, Sight::Committee].map(party).contains(&comment.party.as_str())
        };
        let authors = comments.iter().filter(judged).map(|comment| comment.author.clone()).collect::<BTreeSet<_>>();
        let voices = self.voices(sight, authors.iter().map(String::as_str).collect()).await?;
        let read = comments.into_iter().map(|mut comment| {
            if authors.contains(&comment.author) {
                comment.text = voices.text(&comment.author, &comment.text);
            }
            let recognised = sight == Sight::Staff && comment.party == party(Sight::Reviewer) && names_somebody(submission, &comment.text);
            masked(sight, submission, CommentView { recognised, ..view(actor, sight, comment) })
        });
        Ok(read.collect())
    }
}

/// A submitter reads what is meant for submitters; a reviewer that and the own ones, since reviewers judge apart from each other.
fn readable(actor: &Actor, sight: Sight, comment: &Comment) -> bool {
    let own = actor.account.as_deref() == Some(comment.author.as_str());
    let internal = matches!(sight, Sight::Staff | Sight::Committee);
    own || internal || (comment.audience == Audience::Submitter && (sight == Sight::Submitter || comment.party != party(Sight::Reviewer)))
}

/// A file that a reviewer of a blind track names is stored by its real path, for everybody else to find.
fn real_path(sight: Sight, submission: &Submission, file: &str) -> String {
    let mask = Mask::of(sight, submission);
    mask.and_then(|mask| mask.real_path(file).map(str::to_owned)).unwrap_or_else(|| file.to_owned())
}

/// What others wrote may name people.
fn masked(sight: Sight, submission: &Submission, view: CommentView) -> CommentView {
    let Some(mask) = Mask::of(sight, submission) else { return view };
    let text = if view.own { view.text } else { mask.text(&view.text) };
    CommentView { text, file: view.file.as_deref().map(|file| mask.path(file)), ..view }
}

pub(super) fn party(sight: Sight) -> &'static str {
    match sight {
        Sight::Submitter => "submitter",
        Sight::Reviewer => "reviewer",
        Sight::Office => "office",
        Sight::Committee => "committee",
        Sight::Staff => "editor",
    }
}

fn view(actor: &Actor, sight: Sight, comment: Comment) -> CommentView {
    CommentView {
        own: actor.account.as_deref() == Some(comment.author.as_str()),
        id: comment.id,
        round: comment.round,
        party: comment.party,
        author: (sight == Sight::Staff).then_some(comment.author),
        audience: comment.audience,
        at: comment.at,
        text: comment.text,
        file: comment.file,
        field: comment.field,
        row: comment.row,
        locator: comment.locator,
        resolved: comment.resolved,
        recognised: false,
    }
}
