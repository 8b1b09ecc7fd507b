//! Minors, guardians' consents and accounts that many share.

use super::{event, report};
use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};

const ME: &str = "/api/v1/learners/me";
const LI: &str = "/api/v1/learners/li";

/// A month of birth so many years before now.
fn born(years: i32) -> String {
    let year: i32 = super::at(0).split('-').next().unwrap().parse().unwrap();
    format!("{}-01", year - years)
}

async fn protect(app: &TestApp, token: &str, path: &str, holder: Value) -> Value {
    app.call(Method::PUT, token, &format!("{path}/protection"), holder).await.expect(200).json()
}

fn viewed(id: &str) -> Value {
    event(id, "song", "viewed", -5, json!({}))
}

#[tokio::test]
async fn of_a_child_nothing_is_kept_until_a_guardian_consents() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let school = app.account("school", "platform", "/").await;
    let auditor = app.account("auditor", "auditor", "/").await;
    let view = protect(&app, &li, ME, json!({"kind": "minor", "born": born(10)})).await;
    assert_eq!((&view["treatment"], view.get("consent")), (&json!("child_without_consent"), None));

    let answer = report(&app, &li, &[viewed("1")]).await.expect(200).json();
    assert_eq!((&answer["withheld"], &answer["accepted"]), (&json!(1), &json!(0)));
    let refused = [
        app.call(Method::POST, &li, &format!("{ME}/lists"), json!({"name": "山歌"})).await,
        app.call(Method::POST, &li, &format!("{ME}/notes"), json!({"resource": "song", "text": "好听"})).await,
        app.call(Method::POST, &li, "/api/v1/saved-searches", json!({"name": "山歌", "query": {"q": "山歌"}})).await,
        app.call(
            Method::POST,
            &li,
            "/api/v1/xapi/statements",
            json!({
                "actor": {"account": {"homePage": "https://school.example", "name": "me"}},
                "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"}, "object": {"id": "https://a.example/song"}
            }),
        )
        .await,
    ];
    for answer in refused {
        assert_eq!(answer.expect(403).code(), "guardian-consent-missing");
    }
    let gathering = json!({"id": "g1", "resource": "song", "began": super::at(-900), "minutes": 5, "learners": ["li", "wang"]});
    let gathered = app.call(Method::POST, &school, "/api/v1/gatherings", gathering).await.expect(200).json();
    assert!(gathered["withheld"].as_u64() > Some(0) && gathered["accepted"] == gathered["withheld"], "wang was there too: {gathered}");
    assert_eq!(app.get(&li, ME).await.expect(200).json()["history"], json!([]));

    // Nor does anybody switch personalisation on before a guardian consented.
    for (token, path) in [(&li, ME), (&school, LI)] {
        let refused = app.call(Method::PUT, token, &format!("{path}/personalisation"), json!({"on": true})).await.expect(403);
        assert_eq!(refused.code(), "guardian-consent-missing");
    }
    // The child can neither consent for itself nor become an adult.
    let consent = json!({"relation": "母亲", "text": "2026-1"});
    let path = format!("{ME}/protection/consent");
    assert_eq!(app.call(Method::POST, &li, &path, consent.clone()).await.expect(403).code(), "guardian-needed");
    let grown = app.call(Method::PUT, &li, &format!("{ME}/protection"), json!({"kind": "adult"})).await.expect(403);
    assert_eq!(grown.code(), "guardian-needed");
    let view = app.call(Method::POST, &school, &format!("{LI}/protection/consent"), consent).await.expect(201).json();
    assert_eq!((&view["treatment"], &view["consent"]["relation"]), (&json!("child"), &json!("母亲")));
    assert_eq!(report(&app, &li, &[viewed("1")]).await.expect(200).json()["accepted"], 1, "what was withheld was not taken for seen");

    // Personalisation is off, and only the guardian's side switches it on.
    let switch = format!("{ME}/personalisation");
    assert_eq!(app.get(&li, &switch).await.json(), json!({"on": false}));
    assert_eq!(app.call(Method::PUT, &li, &switch, json!({"on": true})).await.expect(403).code(), "guardian-needed");
    app.call(Method::PUT, &school, &format!("{LI}/personalisation"), json!({"on": true})).await.expect(200);
    assert_eq!(app.get(&li, &format!("{ME}/recommendations")).await.expect(200).json()["personalised"], true);

    // Who looks at the record is noted; the child itself is not.
    assert_eq!(app.get(&li, &format!("{ME}/accesses")).await.expect(200).json(), json!([]));
    app.get(&school, LI).await.expect(200);
    app.get(&school, &format!("{LI}/history")).await.expect(200);
    for (reader, path) in [(&li, ME), (&auditor, LI)] {
        let seen = app.get(reader, &format!("{path}/accesses")).await.expect(200).json();
        let mut parts: Vec<&str> = seen.as_array().unwrap().iter().map(|row| row["part"].as_str().unwrap()).collect();
        parts.sort_unstable();
        assert_eq!(parts, ["history", "notes", "record"], "{seen}");
    }

    // A list, hours, certificates and the lists made for a child say what it did: who asks for them is noted as well.
    for path in ["lists", "hours", "certificates", "recommendations", "home"] {
        app.get(&school, &format!("{LI}/{path}")).await.expect(200);
        app.get(&li, &format!("{ME}/{path}")).await.expect(200);
    }
    let teacher = app.account("teacher", "learner", "/hunan").await;
    let class = json!({"name": "班", "resources": ["song"]});
    let class = app.call(Method::POST, &teacher, "/api/v1/classes", class).await.expect(201).json();
    for token in [&li, &teacher] {
        app.call(Method::POST, token, &format!("{ME}/classes"), json!({"code": class["code"]})).await.expect(200);
    }
    for form in ["progress", "progress.csv"] {
        app.get(&teacher, &format!("/api/v1/classes/{}/{form}", class["id"].as_str().unwrap())).await.expect(200);
    }
    let parts = async |token: &str, path: &str| {
        let seen = app.get(token, &format!("{path}/accesses")).await.expect(200).json();
        let mut parts: Vec<String> = seen.as_array().unwrap().iter().map(|row| row["part"].as_str().unwrap().to_owned()).collect();
        parts.sort_unstable();
        parts
    };
    let noted = ["certificates", "class", "history", "hours", "lists", "notes", "recommendations", "record"];
    assert_eq!(parts(&li, ME).await, noted, "each once a day");
    assert_eq!(parts(&auditor, "/api/v1/learners/teacher").await, [""; 0], "who is no minor is not noted");

    // Taken back as easily as given, also by the child.
    app.call(Method::DELETE, &li, &path, json!(null)).await.expect(204);
    assert_eq!(report(&app, &li, &[viewed("2")]).await.expect(200).json()["withheld"], 1);
    assert_eq!(app.get(&li, &format!("{ME}/recommendations")).await.expect(200).json()["personalised"], false);
    assert_eq!(app.call(Method::DELETE, &li, &path, json!(null)).await.expect(404).code(), "not-found");
    app.call(Method::DELETE, &li, ME, json!(null)).await.expect(204);
    let export = app.get(&li, &format!("{ME}/export")).await.expect(200).json();
    assert_eq!(parts(&li, ME).await, [""; 0], "notes of before the deletion are for auditors alone");
    assert_eq!(parts(&auditor, LI).await, noted);
    app.get(&school, &format!("{LI}/hours")).await.expect(200);
    assert_eq!(parts(&li, ME).await, ["hours"], "who looks from now on is told again");
    let acts: Vec<&str> = export["consents"].as_array().unwrap().iter().map(|entry| entry["act"].as_str().unwrap()).collect();
    assert_eq!((acts.as_slice(), &export["events"]), (["given", "withdrawn"].as_slice(), &json!([])), "the proof outlives the record");
    app.close().await;
}

#[tokio::test]
async fn minors_decide_for_themselves_from_fourteen_on_and_begin_unobserved() {
    let app = TestApp::new().await;
    let li = app.account("li", "learner", "/hunan").await;
    let switch = format!("{ME}/personalisation");
    assert_eq!(app.get(&li, &switch).await.json(), json!({"on": true}));
    let view = protect(&app, &li, ME, json!({"kind": "minor", "born": born(16)})).await;
    assert_eq!(view["treatment"], "minor");
    assert_eq!(app.get(&li, &switch).await.json(), json!({"on": false}));
    assert_eq!(report(&app, &li, &[viewed("1")]).await.expect(200).json()["accepted"], 1);
    app.call(Method::PUT, &li, &switch, json!({"on": true})).await.expect(200);
    assert_eq!(app.get(&li, &switch).await.json(), json!({"on": true}));
    let school = app.account("school", "platform", "/").await;
    let consent = json!({"relation": "父亲", "text": "2026-1"});
    let refused = app.call(Method::POST, &school, &format!("{LI}/protection/consent"), consent).await.expect(409);
    assert_eq!(refused.code(), "no-consent-needed");
    for wrong in [json!({"kind": "minor"}), json!({"kind": "minor", "born": "2014-13"}), json!({"kind": "minor", "born": "2014-01-05"})] {
        app.call(Method::PUT, &school, &format!("{LI}/protection"), wrong).await.expect(422);
    }
    let view = protect(&app, &school, LI, json!({"kind": "adult"})).await;
    assert_eq!((&view["treatment"], &view["holder"]), (&json!("usual"), &json!({"kind": "adult"})));
    app.close().await;
}

#[tokio::test]
async fn a_shared_account_is_nobody_in_particular_also_after_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let config = |change: &mut yuelu::config::Config| {
        change.data_dir = dir.path().join("data");
        change.store.engine = yuelu::config::EngineName::Redb;
    };
    let app = TestApp::with(config).await;
    let li = app.account("village", "learner", "/hunan").await;
    protect(&app, &li, ME, json!({"kind": "shared"})).await;
    app.close().await;
    let app = TestApp::with(config).await;
    let played = |id: &str, seconds, position| event(id, "song", "progressed", seconds, json!({"position": position}));
    let answer = report(&app, &li, &[played("1", -600, 0), played("2", -400, 200)]).await.expect(200).json();
    assert_eq!((&answer["accepted"], &answer["marked"]), (&json!(2), &json!(2)));
    let list = app.call(Method::POST, &li, &format!("{ME}/lists"), json!({"name": "山歌"})).await.expect(201).json();
    let kept = format!("{ME}/lists/{}/resources/song", list["id"].as_str().unwrap());
    app.call(Method::PUT, &li, &kept, json!(null)).await.expect(200);
    let events = app.get(&li, &format!("{ME}/export")).await.expect(200).json()["events"].clone();
    let events = events.as_array().unwrap();
    assert!(events.len() == 3 && events.iter().all(|event| event["marked"] == true), "a favourite in a list, too: {events:?}");
    let record = app.get(&li, ME).await.expect(200).json();
    assert_eq!(
        (&record["history"][0]["position"], &record["effective_seconds"]),
        (&json!(200), &json!(0)),
        "where they stopped, and no hours"
    );
    assert_eq!(app.get(&li, &format!("{ME}/recommendations")).await.expect(200).json()["personalised"], false);
    let refused = app.call(Method::PUT, &li, &format!("{ME}/personalisation"), json!({"on": true})).await.expect(409);
    assert_eq!(refused.code(), "shared-account");
    protect(&app, &li, ME, json!({"kind": "adult"})).await;
    assert_eq!(app.get(&li, &format!("{ME}/recommendations")).await.expect(200).json()["personalised"], true);
    app.close().await;
}
