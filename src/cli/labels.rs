//! The Chinese names of codes, as the server has them.

use super::Client;
use super::pick::{items, text};
use serde_json::Value;

/// The code lists of a server.
#[derive(Debug, Default)]
pub struct Labels(Value);

impl Labels {
    /// Asks the server.
    ///
    /// # Errors
    /// What the API refuses.
    pub async fn ask(client: &Client) -> anyhow::Result<Self> {
        client.get("/api/v1/codes", &[]).await.map(Self)
    }

    /// What a code of a list is called; the code itself where the list does not know it.
    pub fn of(&self, list: &str, code: &str) -> String {
        let mut rows = items(&self.0, &format!("/{list}"));
        rows.find(|row| text(row, "/code") == code).map_or_else(|| code.to_owned(), |row| text(row, "/label"))
    }
}

/// What a field of a resource is called.
pub fn field(name: &str) -> &str {
    match name {
        "title" => "题名",
        "keywords" => "关键词",
        "description" => "简介",
        "body" => "正文",
        "people" => "责任者",
        "name" => "名称",
        "text" => "全文",
        "resource" => "资源",
        other => other,
    }
}

/// What the weight of a finding is called.
pub fn severity(code: &str) -> &'static str {
    match code {
        "must" => "须改",
        "should" => "提示",
        _ => "说明",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_code_that_no_list_knows_stands_for_itself() {
        let labels = Labels(json!({"categories": [{"code": "elderly", "label": "老年"}]}));
        assert_eq!(labels.of("categories", "elderly"), "老年");
        assert_eq!(labels.of("categories", "new"), "new");
        assert_eq!(labels.of("none", "new"), "new");
    }
}
