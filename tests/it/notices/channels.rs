//! Short messages through an adapter, WeChat into the file; addresses are used once their code came back.

use super::listener::Listener;
use super::{House, PATIENCE, confirmed, put, told};
use crate::program::eventually;
use crate::program::outbox::{code_in, outbox};
use serde_json::json;

#[tokio::test]
async fn a_notice_goes_by_the_channels_that_were_chosen() {
    let dir = tempfile::tempdir().unwrap();
    let adapter = Listener::start(&[503]).await;
    let secret = dir.path().join("sms-secret");
    std::fs::write(&secret, "between us\n").unwrap();
    let sms = format!("[notices.sms]\nurl = \"{}/send\"\nsecret_file = \"{}\"\n", adapter.url, secret.display());
    let house = House::open(dir.path(), &format!("{sms}[notices.wechat]\nby = \"file\"\n"));
    let me = &house.vetters.contributor;
    let (phone, open_id) = ("+8613800000000", "oABC_def-123456");

    let settings = me.get("/api/v1/notices/settings").await.ok();
    assert_eq!(settings["available"], json!(["sms", "wechat"]));
    assert_eq!(put(me, "/api/v1/notices/settings", &json!({"addresses": {"email": "a@b.cn"}})).await.status, 422, "no such channel");
    assert_eq!(put(me, "/api/v1/notices/settings", &json!({"addresses": {"sms": "my phone"}})).await.status, 400);
    let by_sms = async || {
        // The first call was answered with 503: it comes a second time, under the same id.
        let seen = eventually("a code by the adapter", PATIENCE, async || Some(adapter.seen()).filter(|seen| seen.len() == 2)).await;
        assert_eq!(seen[0].header("yuelu-delivery"), seen[1].header("yuelu-delivery"));
        code_in(seen[1].json()["text"].as_str().unwrap())
    };
    confirmed(me, "sms", phone, by_sms).await;
    let by_wechat = async || {
        let line = eventually("a code in the file", PATIENCE, async || outbox(dir.path()).pop()).await;
        assert_eq!((&line["channel"], &line["to"]), (&json!("wechat"), &json!(open_id)));
        code_in(line["text"].as_str().unwrap())
    };
    confirmed(me, "wechat", open_id, by_wechat).await;
    put(me, "/api/v1/notices/settings", &json!({"channels": {"submissions": ["sms", "wechat"]}})).await.ok();

    let submission = house.returned("c-1", "社区急救知识").await;
    let notice = told(me, "returned", &submission).await;
    let call = eventually("a short message", PATIENCE, async || adapter.seen().into_iter().nth(2)).await;
    call.verify("between us");
    let sent = call.json();
    assert_eq!((&sent["channel"], &sent["to"], &sent["text"]), (&json!("sms"), &json!(phone), &notice["text"]));
    assert_eq!(call.header("yuelu-delivery"), sent["id"].as_str().unwrap());
    let line = eventually("a line in the file", PATIENCE, async || outbox(dir.path()).into_iter().nth(1)).await;
    assert_eq!((&line["to"], &line["text"]), (&json!(open_id), &notice["text"]));

    // A code that was not sent, and the last way taken away: the inbox is told all the same.
    let wrong = json!({"channel": "sms", "code": "000000"});
    assert_eq!(me.post("/api/v1/notices/settings/confirmation", &wrong).await.status, 422);
    let gone = put(me, "/api/v1/notices/settings", &json!({"addresses": {"sms": "", "wechat": ""}})).await.ok();
    assert_eq!(gone["addresses"], json!({}));
    let again = house.returned("c-2", "社区急救知识（续）").await;
    told(me, "returned", &again).await;
    assert_eq!((adapter.seen().len(), outbox(dir.path()).len()), (3, 2));
}
