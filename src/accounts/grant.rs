//! Who may hand out what: pure decisions over assignments.

use crate::domain::access::{Actor, Assignment, OrgPath, Role};
use crate::domain::account::Account;
use crate::domain::problem::{FieldProblem, Problem, ProblemKind};

/// Roles that the manager of an institution may give within it.
const BY_MANAGER: [Role; 2] = [Role::Contributor, Role::Learner];

/// Whether the actor may give or take this assignment.
pub fn may_grant(actor: &Actor, assignment: &Assignment) -> bool {
    let Assignment { role, scope } = assignment;
    actor.has(&[Role::Administrator], scope) || (BY_MANAGER.contains(role) && actor.has(&[Role::Manager], scope))
}

/// Whether the actor may change this account or act for it: everything it holds, the actor could give. An account that holds
/// nothing belongs to the site's administrators.
pub fn may_manage(actor: &Actor, account: &Account) -> bool {
    if actor.account.as_ref() == Some(&account.id) {
        return true;
    }
    if account.assignments.is_empty() {
        return actor.has(&[Role::Administrator], &OrgPath::root());
    }
    account.assignments.iter().all(|held| may_grant(actor, held))
}

/// Whether the actor may make secrets by which somebody else acts as this account, whom it manages already: protocol groups
/// open what their bearers closed to the office above too, so they pass to nobody but members and the site's administrators.
pub fn may_act_as(actor: &Actor, account: &Account) -> bool {
    let own = actor.account.as_ref() == Some(&account.id);
    own || account.groups.is_subset(&actor.groups) || actor.has(&[Role::Administrator], &OrgPath::root())
}

/// Whether one of `held` contains `wanted`: the same role over the same or a wider scope.
pub fn contains(held: &[Assignment], wanted: &Assignment) -> bool {
    held.iter().any(|held| held.role == wanted.role && held.scope.covers(&wanted.scope))
}

/// What a token may do: its limit, as far as the account still holds it.
pub fn in_force(held: &[Assignment], limit: Option<&[Assignment]>) -> Vec<Assignment> {
    match limit {
        None => held.to_vec(),
        Some(limit) => limit.iter().filter(|wanted| contains(held, wanted)).cloned().collect(),
    }
}

/// Requires that the actor may give all of these.
///
/// # Errors
/// `forbidden-assignment` with the place of the first that it may not.
pub fn require(actor: &Actor, assignments: &[Assignment]) -> Result<(), Problem> {
    let Some(place) = assignments.iter().position(|wanted| !may_grant(actor, wanted)) else { return Ok(()) };
    let (zh, en) = ("您不能授予这一角色或范围。", "You may not give this role or scope.");
    let field = FieldProblem {
        path: format!("assignments[{place}]"),
        row: None,
        code: "forbidden-assignment".to_owned(),
        zh: zh.to_owned(),
        en: en.to_owned(),
    };
    Err(Problem::new(ProblemKind::Forbidden, "forbidden-assignment", zh, en).with_fields(vec![field]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assignment(role: Role, scope: &str) -> Assignment {
        Assignment { role, scope: OrgPath::parse(scope).unwrap() }
    }

    fn actor(role: Role, scope: &str) -> Actor {
        Actor { account: Some("a".to_owned()), assignments: vec![assignment(role, scope)], ..Actor::default() }
    }

    #[test]
    fn nobody_hands_out_more_than_they_hold() {
        let check = |who: &Actor, role, scope, want| assert_eq!(may_grant(who, &assignment(role, scope)), want, "{role:?} {scope}");
        let city = actor(Role::Administrator, "/hunan/changsha");
        check(&city, Role::Editor, "/hunan/changsha/yuelu", true);
        check(&city, Role::Administrator, "/hunan/changsha", true);
        check(&city, Role::Editor, "/hunan", false);
        check(&city, Role::Learner, "/hunan/xiangxi", false);
        let manager = actor(Role::Manager, "/hunan/changsha/yuelu");
        check(&manager, Role::Contributor, "/hunan/changsha/yuelu", true);
        check(&manager, Role::Manager, "/hunan/changsha/yuelu", false);
        check(&manager, Role::Contributor, "/hunan/changsha", false);
        check(&actor(Role::Editor, "/"), Role::Learner, "/", false);
    }

    #[test]
    fn a_token_never_outgrows_its_account() {
        let held = [assignment(Role::Contributor, "/hunan/changsha")];
        let narrow = [assignment(Role::Contributor, "/hunan/changsha/yuelu")];
        let foreign = [assignment(Role::Administrator, "/")];
        assert_eq!(in_force(&held, None), held);
        assert_eq!(in_force(&held, Some(&narrow)), narrow);
        assert_eq!(in_force(&held, Some(&foreign)), []);
        assert_eq!(in_force(&[], Some(&narrow)), []);
    }
}
