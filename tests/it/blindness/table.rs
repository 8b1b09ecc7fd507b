//! Who must not learn what: the one table of this walk.

/// The two institutions by number: one deposits for blind tracks, the other for the regular one.
pub const BLIND: usize = 0;
/// The other.
pub const OPEN: usize = 1;

/// In what capacity somebody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Eye {
    /// Who deposited for this institution.
    Submitter(usize),
    /// Who answers for this institution.
    Second(usize),
    /// Any reviewer, of a panel or not.
    Reviewer,
    /// A member of the committee.
    Committee,
    /// Who acts for the office that countersigns.
    Office,
    /// A learner, or a visitor who is not signed in.
    Public,
    /// The desk.
    Desk,
}

/// What a planted word tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Who reviews: sign-in name, id, display name, e-mail, institution, profile.
    Reviewer,
    /// Who works at the desk.
    Desk,
    /// Who votes.
    Committee,
    /// Who spoke for the office.
    Office,
    /// Who deposited for this institution.
    Depositor(usize),
    /// Who approved for this institution.
    Approver(usize),
    /// This institution, its people and numbers: what a blind reviewer must not know and publication tells.
    House(usize),
    /// Who objected, and how to reach the person.
    Objector,
    /// Who complained, and how to reach the person.
    Claimant,
}

/// What somebody of this capacity must not learn; what is one's own is always allowed.
pub fn hidden_from(eye: Eye) -> Vec<Kind> {
    use Kind::{Approver, Claimant, Committee, Depositor, Desk, House, Objector, Office, Reviewer};
    let other = |house: usize| 1 - house;
    match eye {
        Eye::Submitter(own) => {
            vec![Reviewer, Desk, Committee, Office, Objector, Claimant, Depositor(other(own)), Approver(other(own)), House(other(own))]
        }
        // A notice of infringement is forwarded to the institution with the claimant's name, as the law wants it.
        Eye::Second(own) => {
            vec![Reviewer, Desk, Committee, Office, Objector, Depositor(other(own)), Approver(other(own)), House(other(own))]
        }
        // The regular track is not blind: its reviewers see whose work it is, and not who sent it in.
        Eye::Reviewer => {
            vec![
                Reviewer,
                Desk,
                Committee,
                Office,
                Objector,
                Claimant,
                Depositor(BLIND),
                Depositor(OPEN),
                Approver(BLIND),
                Approver(OPEN),
                House(BLIND),
            ]
        }
        // The committee is not blind to whose work it decides: it reads the deposit and the stamped pledge.
        Eye::Committee => vec![Reviewer, Desk, Committee, Office, Objector, Claimant],
        // The office is asked about one house's work, with its evidence, and not told who handled it.
        Eye::Office => {
            let people = [Depositor(BLIND), Depositor(OPEN), Approver(BLIND), Approver(OPEN), House(OPEN)];
            people.into_iter().chain([Reviewer, Desk, Committee, Objector, Claimant]).collect()
        }
        Eye::Public => {
            let mut all = hidden_from(Eye::Reviewer);
            all.push(House(OPEN));
            all
        }
        Eye::Desk => Vec::new(),
    }
}

/// Addresses at which anybody reads what is under notice or published, and so whose it is.
pub fn tells_the_public(path: &str) -> bool {
    let open = ["/api/v1/public-notices", "/api/v1/resources", "/api/v1/search", "/api/v1/suggest", "/api/v1/learners"];
    open.iter().any(|start| path.starts_with(start))
}
