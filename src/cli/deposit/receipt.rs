//! The receipt: one line for each package, and below it what its rows came to.

use super::super::pick::{items, number, text};
use super::super::table;
use serde::Serialize;
use serde_json::{Value, json};

/// What became of one package.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Receipt {
    /// Where it came from.
    pub path: String,
    /// SHA-256 of its bytes.
    pub package: String,
    /// Bytes.
    pub size: u64,
    /// Deposit; empty when it was not taken in.
    pub deposit: String,
    /// State of the deposit: `received`, `unpacked`, `refused`.
    pub state: String,
    /// Whether it had been sent before.
    pub resumed: bool,
    /// Rows, and how many became a submission, were unchanged, or were refused.
    pub counts: Value,
    /// What is wrong with the package as a whole.
    pub findings: Vec<Value>,
    /// Its submissions, where the checks were waited for.
    pub rows: Vec<Row>,
    /// Why it was not taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// What became of one submission.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// Submission.
    pub submission: String,
    /// Title.
    pub title: String,
    /// State.
    pub state: String,
    /// What the state is called in Chinese.
    pub state_label: String,
    /// Findings that must be mended.
    pub must: u64,
    /// Findings that should be looked at.
    pub should: u64,
}

impl Row {
    /// From a submission as the API lists it.
    pub fn of(submission: &Value) -> Self {
        Self {
            submission: text(submission, "/id"),
            title: text(submission, "/title"),
            state: text(submission, "/state/code"),
            state_label: text(submission, "/state/label"),
            must: number(submission, "/must"),
            should: number(submission, "/should"),
        }
    }
}

impl Receipt {
    /// Takes over what the API says of the deposit.
    pub fn take(&mut self, deposit: &Value) {
        self.deposit = text(deposit, "/id");
        self.state = text(deposit, "/state/code");
        self.counts = deposit.pointer("/counts").cloned().unwrap_or(Value::Null);
        self.findings = items(deposit, "/findings").cloned().collect();
    }

    fn outcome(&self) -> String {
        let counts = |name: &str| number(&self.counts, &format!("/{name}"));
        match (self.failure.as_deref(), self.state.as_str()) {
            (Some(why), _) => format!("未提交：{why}"),
            (None, "received") => "已收到，等待解包".to_owned(),
            (None, "refused") => "整包退回".to_owned(),
            (None, _) => format!("提交 {} · 未变 {} · 退回 {}", counts("submitted"), counts("unchanged"), counts("refused")),
        }
    }
}

/// All receipts and their sum, for programs.
pub fn as_json(receipts: &[Receipt]) -> Value {
    let failed = receipts.iter().filter(|receipt| receipt.failure.is_some()).count();
    json!({"packages": receipts, "taken": receipts.len() - failed, "failed": failed})
}

/// All receipts and their sum, for people.
pub fn as_text(receipts: &[Receipt]) -> String {
    let header = ["资源包", "大小", "受理编号", "结果"].map(str::to_owned).to_vec();
    let line = |receipt: &Receipt| {
        let name = std::path::Path::new(&receipt.path).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let size = indicatif::HumanBytes(receipt.size).to_string();
        let again = if receipt.resumed { "（此前已提交）" } else { "" };
        vec![name, size, receipt.deposit.clone(), format!("{}{again}", receipt.outcome())]
    };
    let mut parts = vec![table::of(&std::iter::once(header).chain(receipts.iter().map(line)).collect::<Vec<_>>())];
    let rows: Vec<&Row> = receipts.iter().flat_map(|receipt| &receipt.rows).collect();
    if !rows.is_empty() {
        let header = ["提交编号", "状态", "须改", "提示", "题名"].map(str::to_owned).to_vec();
        let line = |row: &&Row| {
            vec![row.submission.clone(), row.state_label.clone(), row.must.to_string(), row.should.to_string(), row.title.clone()]
        };
        parts.push(table::of(&std::iter::once(header).chain(rows.iter().map(line)).collect::<Vec<_>>()));
    }
    let told = receipts.iter().flat_map(|receipt| receipt.findings.iter().map(move |finding| (receipt, finding)));
    parts.extend(told.map(|(receipt, finding)| format!("{}：[{}] {}", receipt.path, text(finding, "/rule"), text(finding, "/message"))));
    parts.extend(receipts.iter().filter_map(|receipt| receipt.failure.as_ref().map(|why| format!("{}：{why}", receipt.path))));
    let failed = receipts.iter().filter(|receipt| receipt.failure.is_some()).count();
    parts.push(format!("共 {} 个资源包，受理 {}，失败 {failed}。", receipts.len(), receipts.len() - failed));
    parts.join("\n\n")
}
