//! Findings of a deposit to take home: as data, as a list, or in the table that was sent.

use super::Ingest;
use crate::domain::access::Actor;
use crate::domain::codes::CodeLists;
use crate::domain::deposit::{Deposit, DepositRow, ManifestFile, RowOutcome};
use crate::domain::finding::{Finding, Severity};
use crate::domain::inspection::Locator;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::submission::Submission;
use crate::package::{marked, rows, template};
use crate::store::PageRequest;
use bytes::Bytes;

/// Rows read at once.
const PAGE: usize = 500;

/// Form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// An array of findings.
    Json,
    /// A list for spreadsheets, UTF-8 with its mark.
    Csv,
    /// The submitted table with wrong cells marked; a list where no table was sent.
    Xlsx,
}

impl ReportFormat {
    /// Reads `json`, `csv` or `xlsx`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// A file to download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// File name.
    pub file_name: String,
    /// Media type.
    pub media_type: &'static str,
    /// Content.
    pub bytes: Bytes,
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

impl Ingest {
    /// All findings of a deposit: of the package, of its rows as read, and of the checks of its submissions.
    ///
    /// # Errors
    /// `not-found`, also when the actor may not see the deposit.
    pub async fn findings(&self, actor: &Actor, id: &str) -> Result<Vec<Finding>, Problem> {
        let deposit = self.deposit(actor, id).await?.value;
        self.all_findings(&deposit).await
    }

    /// The findings of a deposit as a file.
    ///
    /// # Errors
    /// `not-found`, also when the actor may not see the deposit.
    pub async fn report(&self, actor: &Actor, id: &str, format: ReportFormat) -> Result<Download, Problem> {
        let deposit = self.deposit(actor, id).await?.value;
        let findings = self.all_findings(&deposit).await?;
        let name = |ending: &str| format!("检测意见-{}.{ending}", deposit.id);
        Ok(match format {
            ReportFormat::Json => {
                let bytes = serde_json::to_vec(&findings).map_err(|_| Problem::internal())?;
                Download { file_name: name("json"), media_type: "application/json", bytes: bytes.into() }
            }
            ReportFormat::Csv => {
                Download { file_name: name("csv"), media_type: "text/csv; charset=utf-8", bytes: csv_of(&findings)?.into() }
            }
            ReportFormat::Xlsx => {
                let bytes = match &deposit.manifest {
                    Some(manifest) if manifest.name != rows::MANIFEST => self.marked(manifest, &findings).await?,
                    _ => marked::list("检测意见", &lines(&findings)).map_err(broken)?,
                };
                Download { file_name: name("xlsx"), media_type: XLSX, bytes: bytes.into() }
            }
        })
    }

    async fn all_findings(&self, deposit: &Deposit) -> Result<Vec<Finding>, Problem> {
        let mut findings = deposit.findings.clone();
        let mut request = PageRequest::first(PAGE);
        loop {
            let page = self.store.list::<DepositRow>(&DepositRow::prefix_of(&deposit.id), request.clone()).await?;
            let submitted = |row: &DepositRow| match &row.outcome {
                RowOutcome::Submitted { submission } => Some(Key::from(submission.as_str())),
                _ => None,
            };
            let keys: Vec<Key> = page.items.iter().filter_map(|row| submitted(&row.value)).collect();
            let mut checked = self.store.get_many::<Submission>(&keys).await?.into_iter();
            for row in page.items {
                findings.extend(row.value.findings.clone());
                if submitted(&row.value).is_some()
                    && let Some(Some(found)) = checked.next()
                    // A submission sent in again belongs to a later deposit; its findings are told there.
                    && found.value.deposit == deposit.id
                {
                    findings.extend(found.value.findings);
                }
            }
            if page.next.is_none() {
                return Ok(findings);
            }
            request = request.after(page.next);
        }
    }

    async fn marked(&self, manifest: &ManifestFile, findings: &[Finding]) -> Result<Vec<u8>, Problem> {
        let bytes = self.blobs.read(&manifest.digest).await?;
        let (name, findings, codes, most) = (manifest.name.clone(), findings.to_vec(), self.codes.clone(), self.limits.rows);
        let work = move || {
            let table = rows::read_table(&name, &bytes, most).map_err(|fault| crate::package::PackageFault::to_problem(&[fault]))?;
            marked::write(&table, &findings, &codes).map_err(broken)
        };
        tokio::task::spawn_blocking(work).await.map_err(broken)?
    }
}

/// The empty template.
pub(super) fn template(codes: &CodeLists) -> Result<Download, Problem> {
    let bytes = template::write(codes).map_err(broken)?;
    Ok(Download { file_name: template::FILE_NAME.to_owned(), media_type: XLSX, bytes: bytes.into() })
}

fn broken(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "a workbook could not be written");
    Problem::internal()
}

/// The findings as lines of text: row, file, field, place, rule, severity, message, measured value.
fn lines(findings: &[Finding]) -> Vec<Vec<String>> {
    let head = ["行号", "文件", "字段", "位置", "规则", "级别", "说明", "实测值"].map(str::to_owned).to_vec();
    let line = |finding: &Finding| {
        let severity = match finding.severity {
            Severity::Must if finding.waived => "已豁免",
            Severity::Must => "必须修改",
            Severity::Should => "建议修改",
            Severity::Info => "提示",
        };
        vec![
            finding.row.map(|row| row.to_string()).unwrap_or_default(),
            finding.file.clone().unwrap_or_default(),
            finding.field.clone().unwrap_or_default(),
            finding.locator.as_ref().map(Locator::label).unwrap_or_default(),
            finding.rule.clone(),
            severity.to_owned(),
            finding.message.clone(),
            finding.measured.clone().unwrap_or_default(),
        ]
    };
    std::iter::once(head).chain(findings.iter().map(line)).collect()
}

fn csv_of(findings: &[Finding]) -> Result<Vec<u8>, Problem> {
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    let mut writer = csv::Writer::from_writer(&mut bytes);
    for line in lines(findings) {
        writer.write_record(line.iter().map(|cell| harmless(cell))).map_err(broken)?;
    }
    writer.flush().map_err(broken)?;
    drop(writer);
    Ok(bytes)
}

/// Spreadsheets run cells that begin like a formula, and names of files are chosen by strangers.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
