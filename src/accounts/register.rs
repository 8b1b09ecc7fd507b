//! New accounts, and changes of what an account is.

use super::{Accounts, grant, name, password};
use crate::domain::access::{Actor, Assignment};
use crate::domain::account::{Account, AccountAct, AccountName};
use crate::domain::change::Position;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::Stored;
use crate::store::StoreError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a new account is to be.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Sign-in name, 2 to 64 characters.
    pub name: String,
    /// Name shown to people; the sign-in name where it is missing.
    #[serde(default)]
    pub display: Option<String>,
    /// Institution it belongs to.
    #[serde(default)]
    pub institution: Option<String>,
    /// Roles in scopes.
    #[serde(default)]
    pub assignments: Vec<Assignment>,
    /// Protocol groups.
    #[serde(default)]
    pub groups: BTreeSet<String>,
    /// Password, for accounts of people.
    #[serde(default)]
    pub password: Option<String>,
    /// Made by the demonstration.
    #[serde(default)]
    pub demo: bool,
}

/// What of an account is to change; what is missing stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// Name shown to people.
    #[serde(default)]
    pub display: Option<String>,
    /// Institution.
    #[serde(default)]
    pub institution: Option<String>,
    /// Roles in scopes, all of them.
    #[serde(default)]
    pub assignments: Option<Vec<Assignment>>,
    /// Protocol groups, all of them.
    #[serde(default)]
    pub groups: Option<BTreeSet<String>>,
    /// A new password.
    #[serde(default)]
    pub password: Option<String>,
    /// The present password: needed by whoever sets their own.
    #[serde(default)]
    pub present_password: Option<String>,
}

/// Protocol groups open culture items that their bearers closed: only who could give any role of the site gives them.
fn require_groups(actor: &Actor, groups: &BTreeSet<String>) -> Result<(), Problem> {
    use crate::domain::access::{OrgPath, Role};
    let plain = |group: &String| !group.is_empty() && group.len() <= 64 && !group.contains(['\0', '+', ' ']);
    if !groups.iter().all(plain) || groups.len() > 50 {
        return Err(Problem::field("bad-group", "groups", "协议组名称不合要求。", "A protocol group's name is not well formed."));
    }
    let free = groups.is_empty() || actor.has(&[Role::Administrator], &OrgPath::root());
    if free { Ok(()) } else { Err(Problem::forbidden()) }
}

impl Accounts {
    /// Makes an account.
    ///
    /// # Errors
    /// `forbidden…`, `bad-name`, `weak-password`, `name-taken`.
    pub async fn register(&self, actor: &Actor, new: NewAccount) -> Result<Stored<Account>, Problem> {
        grant::require(actor, &new.assignments)?;
        require_groups(actor, &new.groups)?;
        let empty = Account { assignments: new.assignments.clone(), ..blank() };
        if !grant::may_manage(actor, &empty) || (new.demo && *actor != Actor::system()) {
            return Err(Problem::forbidden());
        }
        let name = name::check(&new.name)?.to_owned();
        let display = name::check_display(new.display.as_deref().unwrap_or(&name))?.to_owned();
        let password = match new.password {
            Some(password) => {
                password::check(&password, &name)?;
                Some(self.passwords.hash(password).await?)
            }
            None => None,
        };
        let id = self.clock.fresh_id();
        let account = Account {
            id: id.clone(),
            name,
            display,
            institution: new.institution,
            assignments: new.assignments,
            groups: new.groups,
            password,
            demo: new.demo,
            locked: false,
            created: self.clock.now(),
        };
        let mut change = self.change(actor, &id, AccountAct::Created, &describe(&account.assignments))?;
        change.insert(&account)?;
        change.insert(&AccountName { name: name::fold(&account.name), account: id })?;
        let version = self.store.commit(change).await.map_err(taken)?;
        Ok(Stored { value: account, version })
    }

    /// Changes an account. Roles and groups need an actor who may give both the old and the new ones.
    ///
    /// # Errors
    /// As [`Accounts::register`], `wrong-password`, a conflict, or 412 when `expected` is another version.
    pub async fn modify(
        &self,
        actor: &Actor,
        id_or_name: &str,
        wanted: AccountChange,
        expected: Option<Position>,
    ) -> Result<Stored<Account>, Problem> {
        let old = self.managed(actor, id_or_name).await?;
        if expected.is_some_and(|version| version != old.version) {
            let (zh, en) = ("账户已被他人修改，请刷新后再试。", "The account has been changed meanwhile.");
            return Err(Problem::new(ProblemKind::Precondition, "precondition-failed", zh, en));
        }
        let mut account = old.value.clone();
        if let Some(assignments) = wanted.assignments {
            grant::require(actor, &assignments)?;
            grant::require(actor, &account.assignments)?;
            account.assignments = assignments;
        }
        if let Some(groups) = wanted.groups {
            require_groups(actor, &groups)?;
            require_groups(actor, &account.groups)?;
            account.groups = groups;
        }
        if let Some(display) = wanted.display {
            account.display = name::check_display(&display)?.to_owned();
        }
        if wanted.institution.is_some() {
            account.institution = wanted.institution;
        }
        let mut act = AccountAct::Changed;
        if let Some(password) = wanted.password {
            require_whole(actor, &old.value)?;
            self.require_present(actor, &account, wanted.present_password).await?;
            password::check(&password, &account.name)?;
            account.password = Some(self.passwords.hash(password).await?);
            act = AccountAct::PasswordSet;
        }
        let mut change = self.change(actor, &account.id, act, &describe(&account.assignments))?;
        change.update(&old, &account)?;
        if act == AccountAct::PasswordSet {
            self.end_sessions(&account.id, &mut change).await?;
        }
        let version = self.store.commit(change).await?;
        self.cache.forget();
        Ok(Stored { value: account, version })
    }

    async fn require_present(&self, actor: &Actor, account: &Account, present: Option<String>) -> Result<(), Problem> {
        let own = actor.account.as_ref() == Some(&account.id);
        if !own || account.password.is_none() {
            return Ok(());
        }
        if self.passwords.verify(present.unwrap_or_default(), account.password.clone()).await? {
            return Ok(());
        }
        let (zh, en) = ("当前密码不正确。", "The present password is not right.");
        Err(Problem { kind: ProblemKind::Forbidden, ..Problem::field("wrong-password", "present_password", zh, en) })
    }
}

/// A password opens all that the account holds: no token that holds less, and nobody who may not act as the account, sets one.
fn require_whole(actor: &Actor, account: &Account) -> Result<(), Problem> {
    let own = actor.account.as_ref() == Some(&account.id);
    let narrowed = own && actor.assignments != account.assignments;
    if narrowed || !grant::may_act_as(actor, account) { Err(Problem::forbidden()) } else { Ok(()) }
}

fn blank() -> Account {
    Account {
        id: String::new(),
        name: String::new(),
        display: String::new(),
        institution: None,
        assignments: Vec::new(),
        groups: BTreeSet::new(),
        password: None,
        demo: false,
        locked: false,
        created: crate::domain::time::Timestamp::default(),
    }
}

/// Assignments as one line: `editor@/hunan, reviewer@/`.
pub(super) fn describe(assignments: &[Assignment]) -> String {
    let each = assignments.iter().map(|held| format!("{}@{}", held.role.code(), held.scope));
    each.collect::<Vec<_>>().join(", ")
}

fn taken(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict { .. } => {
            let (zh, en) = ("该登录名已被使用。", "This sign-in name is taken.");
            Problem { kind: ProblemKind::Conflict, ..Problem::field("name-taken", "name", zh, en) }
        }
        other => other.into(),
    }
}
