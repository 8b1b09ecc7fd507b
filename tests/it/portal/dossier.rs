//! 一资源一档 through a whole life: who reads it, and what stands in it.

use super::{Site, with_picture};
use serde_json::json;

#[tokio::test]
async fn the_record_of_a_resource_tells_all_and_names_whom_its_reader_may_know() {
    let site = Site::open().await;
    let resource = site.vetters.publish(with_picture("D-1", "垃圾分类入门", "垃圾分类")).await;
    let complaint =
        json!({"resource": resource, "kind": "content_error", "text": "第二节有一处错误", "name": "周先生", "contact": "13900002222"});
    site.vetters.contributor.post("/api/v1/complaints", &complaint).await.ok();
    let suspend = json!({"action": "suspend", "reason": "核实投诉"});
    site.admin.post(&format!("/api/v1/resources/{resource}/state"), &suspend).await.ok();
    let path = format!("/api/v1/resources/{resource}/dossier");
    let record = site.admin.get(&path).await.ok();
    let submission = &record["submissions"][0];
    let actions: Vec<&str> = submission["steps"].as_array().unwrap().iter().map(|step| step["action"]["code"].as_str().unwrap()).collect();
    for action in ["deposit", "record_checks", "approve", "claim", "opine", "decide"] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }
    assert_eq!(record["steps"][0]["action"]["code"], "suspended", "{record}");
    assert_eq!((record["steps"][0]["text"].as_str(), record["state"]["code"].as_str()), (Some("核实投诉"), Some("suspended")));
    let opinion = &submission["rounds"][0]["opinions"][0];
    assert_eq!((opinion["name"].as_str(), opinion["text"].as_str()), (Some("reviewer"), Some("内容完整，同意。")), "{record}");
    assert_eq!(submission["pledges"][0]["name"], "second", "{record}");
    let chains = record["chains"].as_array().unwrap();
    let ends: Vec<&str> = chains.iter().map(|chain| chain["hash"].as_str().unwrap()).collect();
    let last = |steps: &serde_json::Value| steps.as_array().unwrap().last().unwrap()["hash"].as_str().unwrap().to_owned();
    assert_eq!(ends, [last(&submission["steps"]), last(&record["steps"])], "the ends of the chains are the last entries");
    assert_eq!(record["complaints"][0]["text"], "第二节有一处错误");
    let page = site.tab("inspector").await.page(&format!("{path}.html")).await;
    for told in ["垃圾分类入门", "内容完整，同意。", "核实投诉", "第二节有一处错误", "机构承诺书", "台账校验", ends[0]]
    {
        assert!(page.contains(told), "{told} in {page}");
    }
    for hidden in ["周先生", "13900002222"] {
        assert!(!page.contains(hidden) && !record.to_string().contains(hidden), "whoever complains is not named: {hidden}");
    }
    for name in ["contributor", "second", "reviewer", "approver", "learner"] {
        assert!([403, 404].contains(&site.tab(name).await.get(&path).await.status.as_u16()), "{name}");
    }
}
