//! The kinds of records there are, so that a whole store can be verified.
//!
//! A new kind is one line here; a test finds a forgotten one.

use crate::domain::record::{IndexRow, Key, Record, decode, is_canonical};
use crate::domain::{
    account, admitted, blob_ref, checkpoint, deposit, job, learner, ledger, likeness, notice, petition, rendition, resource, review,
    reviewer, saved_search, search_word, spot_check, stamped_pledge, submission,
};

/// What verification knows of a kind of record.
#[derive(Clone, Copy)]
pub struct KindInfo {
    /// Its table.
    pub table: &'static str,
    check: CheckKind,
}

type CheckKind = fn(&Key, u16, &[u8]) -> Result<Vec<IndexRow>, String>;

impl KindInfo {
    /// Of one kind.
    pub const fn of<R: Record>() -> Self {
        Self { table: R::TABLE, check: check::<R> }
    }

    /// Whether these bytes are a record of the kind under that key; the index rows it must have.
    pub(in crate::store) fn check(&self, key: &Key, schema: u16, json: &[u8]) -> Result<Vec<IndexRow>, String> {
        (self.check)(key, schema, json)
    }
}

/// All kinds.
pub const KINDS: &[KindInfo] = &[
    KindInfo::of::<account::Account>(),
    KindInfo::of::<account::AccountName>(),
    KindInfo::of::<account::AuditEntry>(),
    KindInfo::of::<account::Credential>(),
    KindInfo::of::<admitted::AdmittedBatch>(),
    KindInfo::of::<admitted::AdmittedFindings>(),
    KindInfo::of::<blob_ref::BlobClaim>(),
    KindInfo::of::<blob_ref::BlobRef>(),
    KindInfo::of::<checkpoint::Checkpoint>(),
    KindInfo::of::<deposit::Deposit>(),
    KindInfo::of::<deposit::DepositKey>(),
    KindInfo::of::<deposit::DepositRow>(),
    KindInfo::of::<deposit::SourceHead>(),
    KindInfo::of::<job::Job>(),
    KindInfo::of::<learner::certificate::Certificate>(),
    KindInfo::of::<learner::certificate::CertificateCount>(),
    KindInfo::of::<learner::choice::NotPersonalised>(),
    KindInfo::of::<learner::class::Class>(),
    KindInfo::of::<learner::class::ClassMember>(),
    KindInfo::of::<learner::list::LearnerList>(),
    KindInfo::of::<learner::note::LearnerNote>(),
    KindInfo::of::<learner::protection::ConsentEntry>(),
    KindInfo::of::<learner::protection::Protection>(),
    KindInfo::of::<learner::protection::RecordAccess>(),
    KindInfo::of::<ledger::LedgerEntry>(),
    KindInfo::of::<ledger::LedgerText>(),
    KindInfo::of::<ledger::ResourceChain>(),
    KindInfo::of::<notice::Notice>(),
    KindInfo::of::<notice::NoticeCursor>(),
    KindInfo::of::<notice::delivery::Delivery>(),
    KindInfo::of::<notice::settings::NoticeSettings>(),
    KindInfo::of::<notice::webhook::Webhook>(),
    KindInfo::of::<petition::complaint::Complaint>(),
    KindInfo::of::<petition::objection::Objection>(),
    KindInfo::of::<likeness::Likeness>(),
    KindInfo::of::<likeness::LikenessCursor>(),
    KindInfo::of::<rendition::Rendition>(),
    KindInfo::of::<rendition::RenditionMark>(),
    KindInfo::of::<resource::Admission>(),
    KindInfo::of::<resource::Alias>(),
    KindInfo::of::<resource::Body>(),
    KindInfo::of::<resource::LinkCheck>(),
    KindInfo::of::<resource::Resource>(),
    KindInfo::of::<resource::Revision>(),
    KindInfo::of::<review::Comment>(),
    KindInfo::of::<review::Opinion>(),
    KindInfo::of::<stamped_pledge::StampedPledge>(),
    KindInfo::of::<review::draft::OpinionDraft>(),
    KindInfo::of::<review::figures::Filled>(),
    KindInfo::of::<review::figures::OpinionFigures>(),
    KindInfo::of::<reviewer::ReviewerPhrases>(),
    KindInfo::of::<reviewer::ReviewerProfile>(),
    KindInfo::of::<saved_search::SavedSearch>(),
    KindInfo::of::<search_word::AskedQuery>(),
    KindInfo::of::<search_word::SearchWord>(),
    KindInfo::of::<spot_check::DrawSalt>(),
    KindInfo::of::<spot_check::SpotCheck>(),
    KindInfo::of::<submission::Round>(),
    KindInfo::of::<submission::Submission>(),
];

fn check<R: Record>(key: &Key, schema: u16, json: &[u8]) -> Result<Vec<IndexRow>, String> {
    if !is_canonical(json) {
        return Err("not canonical JSON".to_owned());
    }
    let record: R = decode(schema, json).map_err(|error| error.to_string())?;
    if record.key() == *key { Ok(record.indexes()) } else { Err("lies under a key that is not its own".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Every `const TABLE` of the domain's sources is listed.
    #[test]
    fn no_kind_is_forgotten() {
        let mut tables = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain"), &mut tables);
        assert!(tables.len() > 10, "the sources were found");
        for table in &tables {
            assert!(KINDS.iter().any(|kind| kind.table == table), "{table} is missing in kinds.rs");
        }
        let mut listed: Vec<_> = KINDS.iter().map(|kind| kind.table).collect();
        listed.sort_unstable();
        listed.dedup();
        assert_eq!(listed.len(), KINDS.len(), "two kinds share a table");
    }

    fn collect(folder: &Path, tables: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, tables);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                let source = source.split("#[cfg(test)]").next().unwrap();
                let named = source.lines().filter_map(|line| line.trim().strip_prefix("const TABLE: &'static str = \""));
                tables.extend(named.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
            }
        }
    }
}
