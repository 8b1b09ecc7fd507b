//! The names that a submission gives away: who made, owns and submitted it, and whatever else leads to them.

use super::Submission;

/// Shortest name that is looked for in other texts, in characters: one sign alone would hide half of a text.
const SHORTEST: usize = 2;

impl Submission {
    /// Every name, number and path that tells whose work this is, the longest first: a name in a name must not leave the rest of
    /// the longer one behind. A name stands there as it came and without its spaces, since it is also written so.
    pub fn names(&self) -> Vec<String> {
        let metadata = &self.metadata;
        let creators = metadata.creators.iter().flat_map(|creator| [Some(&creator.name), creator.organisation.as_ref()]).flatten();
        let culture = metadata.culture.iter().map(|culture| &culture.protecting_body);
        let owners = [&self.institution, &metadata.rights.holder, &self.submitter, &self.deposit, &self.resource];
        // Sentences that prove a right or a consent name who gave it.
        let proofs = metadata.culture.iter().map(|culture| &culture.consent).chain([&metadata.rights.evidence]);
        // Accounts that had a hand in the content.
        let hands = self.hands.iter().filter(|hand| self.is_author(&hand.account)).map(|hand| &hand.account);
        let more = metadata.source_id.iter().chain(metadata.link.iter().map(|link| &link.owner)).chain(proofs).chain(hands);
        let path = Some(self.owner.as_str()).filter(|path| *path != "/");
        let names: Vec<&str> = creators.chain(culture).chain(owners).chain(more).map(|name| name.trim()).chain(path).collect();
        let closed = names.iter().map(|name| name.split_whitespace().collect::<String>());
        let mut names: Vec<String> = closed.chain(names.iter().map(|name| (*name).to_owned())).collect();
        names.retain(|name| name.chars().count() >= SHORTEST);
        names.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        names.dedup();
        names
    }
}
