//! Classes (班级): a teacher opens one, learners join by its code, and leave as they like.

use super::Learning;
use super::certificates::fresh_code;
use crate::domain::access::Actor;
use crate::domain::change::ChangeSet;
use crate::domain::learner::certificate::{printed_code, read_code};
use crate::domain::learner::class::{BY_CODE, BY_MEMBER, BY_TEACHER, Class, ClassMember, ClassPlan, MOST_MEMBERS};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Stored};
use crate::domain::time::Timestamp;
use crate::store::{MAX_PAGE, PageRequest};
use serde::{Deserialize, Serialize};

/// Classes of a learner whose others are looked at, at most.
const MOST_CIRCLES: usize = 10;

/// A class as its teacher sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClassView {
    /// Id.
    pub id: String,
    /// By which learners join.
    pub code: String,
    /// Name and resources.
    #[serde(flatten)]
    pub plan: ClassPlan,
    /// When it was opened.
    pub opened: Timestamp,
}

impl From<Class> for ClassView {
    fn from(class: Class) -> Self {
        Self { id: class.id, code: printed_code(&class.code), plan: class.plan, opened: class.opened }
    }
}

/// A class as one of its learners sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JoinedClass {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Resources that are learned; the teacher sees how far one is with these.
    pub resources: Vec<String>,
    /// Name that the teacher sees.
    pub as_name: String,
    /// When one joined.
    pub joined: Timestamp,
}

/// How to join.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {
    /// Code of the class.
    pub code: String,
    /// Name that the teacher sees; only who joins somebody else gives it, an account has its own.
    #[serde(default)]
    pub name: Option<String>,
}

impl Learning {
    /// Opens a class.
    ///
    /// # Errors
    /// 401 for visitors; `bad-length`, `bad-resources`.
    pub async fn open_class(&self, actor: &Actor, plan: ClassPlan) -> Result<ClassView, Problem> {
        let teacher = account_of(actor)?.to_owned();
        plan.check()?;
        let class = Class { id: self.clock.fresh_id(), teacher, code: fresh_code()?, plan, opened: self.clock.now() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.insert(&class)?;
        self.store.commit(change).await?;
        Ok(class.into())
    }

    /// The classes of a teacher, in the order in which they were opened.
    ///
    /// # Errors
    /// 401 for visitors.
    pub async fn classes(&self, actor: &Actor) -> Result<Vec<ClassView>, Problem> {
        let of = Key::prefix(&[account_of(actor)?]);
        let page = self.store.list_by::<Class>(BY_TEACHER, &of, PageRequest::first(MAX_PAGE)).await?;
        Ok(page.items.into_iter().map(|stored| stored.value.into()).collect())
    }

    /// Changes name and resources.
    ///
    /// # Errors
    /// 404 for who is not its teacher; `bad-length`, `bad-resources`.
    pub async fn change_class(&self, actor: &Actor, id: &str, plan: ClassPlan) -> Result<ClassView, Problem> {
        let old = self.class_of(actor, id).await?;
        plan.check()?;
        let class = Class { plan, ..old.value.clone() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.update(&old, &class)?;
        self.store.commit(change).await?;
        Ok(class.into())
    }

    /// Closes a class; its learners keep their records.
    ///
    /// # Errors
    /// 404 for who is not its teacher.
    pub async fn close_class(&self, actor: &Actor, id: &str) -> Result<(), Problem> {
        let class = self.class_of(actor, id).await?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        for member in self.members_of(id).await? {
            change.remove(&member);
        }
        change.remove(&class);
        self.store.commit(change).await?;
        Ok(())
    }

    /// Joins a class: from then on its teacher sees how far the learner is with its resources.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; 404 for an unknown code; `class-full`, `bad-name`.
    pub async fn join_class(&self, actor: &Actor, learner: &str, request: JoinRequest) -> Result<JoinedClass, Problem> {
        let (key, _) = self.own_to_keep(actor, learner)?;
        let unknown = || Problem::not_found("班级", "class");
        let code = read_code(&request.code).ok_or_else(unknown)?;
        let found = self.store.list_by::<Class>(BY_CODE, &Key::prefix(&[&code]), PageRequest::first(1)).await?;
        let class = found.items.into_iter().next().ok_or_else(unknown)?;
        let name = self.name_on_paper(actor, learner, request.name).await?;
        let members = self.members_of(&class.value.id).await?;
        if let Some(member) = members.iter().find(|member| member.value.learner == key) {
            return Ok(joined(class.value, member.value.clone()));
        }
        if members.len() >= MOST_MEMBERS {
            let (zh, en) = (format!("一个班级最多 {MOST_MEMBERS} 人。"), format!("A class has {MOST_MEMBERS} learners at most."));
            return Err(Problem::new(ProblemKind::Conflict, "class-full", zh, en));
        }
        let member = ClassMember { class: class.value.id.clone(), learner: key, name, joined: self.clock.now() };
        let mut change = ChangeSet::new(self.clock.fresh_id());
        // A class that is closed at the same moment takes nobody in.
        change.guard(&class).insert(&member)?;
        self.store.commit(change).await?;
        Ok(joined(class.value, member))
    }

    /// The classes that a learner joined.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner.
    pub async fn joined_classes(&self, actor: &Actor, learner: &str) -> Result<Vec<JoinedClass>, Problem> {
        let (key, _) = self.own(actor, learner)?;
        let members = self.store.list_by::<ClassMember>(BY_MEMBER, &Key::prefix(&[&key]), PageRequest::first(MAX_PAGE)).await?.items;
        let keys: Vec<Key> = members.iter().map(|member| Key::from(member.value.class.as_str())).collect();
        let classes = self.store.get_many::<Class>(&keys).await?;
        Ok(classes.into_iter().zip(members).filter_map(|(class, member)| Some(joined(class?.value, member.value))).collect())
    }

    /// The other learners of each class that a learner is in, with the name of the class; of the first [`MOST_CIRCLES`] classes.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner.
    pub async fn classmates(&self, actor: &Actor, learner: &str) -> Result<Vec<(String, Vec<u64>)>, Problem> {
        let (_, own) = self.own(actor, learner)?;
        let mut circles = Vec::new();
        for class in self.joined_classes(actor, learner).await?.into_iter().take(MOST_CIRCLES) {
            let members = self.members_of(&class.id).await?;
            let others = members.iter().filter_map(|member| u64::from_str_radix(&member.value.learner, 16).ok());
            circles.push((class.name, others.filter(|other| *other != own).collect()));
        }
        Ok(circles)
    }

    /// Leaves a class: its teacher sees nothing of the learner any more.
    ///
    /// # Errors
    /// 403 when the actor may not speak for the learner; 404 for a class it is not in.
    pub async fn leave_class(&self, actor: &Actor, learner: &str, class: &str) -> Result<(), Problem> {
        let (key, _) = self.own(actor, learner)?;
        let found = self.store.get::<ClassMember>(&Key::of(&[class, &key])).await?;
        let member = found.ok_or_else(|| Problem::not_found("班级", "class"))?;
        let mut change = ChangeSet::new(self.clock.fresh_id());
        change.remove(&member);
        self.store.commit(change).await?;
        Ok(())
    }

    /// A class of the actor's own; nobody else learns that there is one.
    pub(super) async fn class_of(&self, actor: &Actor, id: &str) -> Result<Stored<Class>, Problem> {
        let teacher = account_of(actor)?;
        let found = self.store.get::<Class>(&Key::from(id)).await?;
        found.filter(|class| class.value.teacher == teacher).ok_or_else(|| Problem::not_found("班级", "class"))
    }

    pub(super) async fn members_of(&self, class: &str) -> Result<Vec<Stored<ClassMember>>, Problem> {
        Ok(self.store.list::<ClassMember>(&Key::prefix(&[class]), PageRequest::first(MAX_PAGE)).await?.items)
    }
}

fn joined(class: Class, member: ClassMember) -> JoinedClass {
    let ClassPlan { name, resources } = class.plan;
    JoinedClass { id: class.id, name, resources, as_name: member.name, joined: member.joined }
}

fn account_of(actor: &Actor) -> Result<&str, Problem> {
    actor.account.as_deref().ok_or_else(|| Problem::new(ProblemKind::Unauthorized, "unauthorized", "请先登录。", "Sign in first."))
}
