//! The demonstration: one command ends in a served repository, and every line that it prints works.

use crate::program::server::yuelu;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The demonstration as a process, ended when dropped.
struct Demo {
    child: Child,
    told: Value,
}

impl Demo {
    fn start(dir: &Path) -> Self {
        let mut command = yuelu(dir);
        command.args(["demo", "--listen", "127.0.0.1:0", "--json"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let told = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child, told }
    }

    fn list(&self, pointer: &str) -> Vec<Value> {
        self.told.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
    }

    /// Runs a printed line and gives what it printed.
    fn line(&self, command: &str, folder: &Path) -> String {
        let done = Command::new("bash").args(["-c", command]).current_dir(folder).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{command}\n{out}{err}");
        out.into_owned()
    }

    /// The answer of the line that says this.
    fn answer(&self, what: &str, folder: &Path) -> Value {
        let lines = self.list("/try");
        let line =
            lines.iter().find(|line| line["what"].as_str().unwrap().contains(what)).unwrap_or_else(|| panic!("no line about {what}"));
        serde_json::from_str(&self.line(line["command"].as_str().unwrap(), folder)).unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_demonstration_is_served_and_every_printed_line_works() {
    let dir = tempfile::tempdir().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let demo = Demo::start(dir.path());
    assert_eq!(demo.list("/outcome/astray"), Vec::<Value>::new());
    assert!(demo.list("/outcome/published").len() >= 40);
    assert!(demo.list("/outcome/returned").len() >= 6);
    let lines = demo.list("/try");
    assert!(lines.len() >= 15, "{} lines", lines.len());
    for line in &lines {
        demo.line(line["command"].as_str().unwrap(), scratch.path());
    }
    let total = |what: &str| demo.answer(what, scratch.path())["total"]["value"].as_u64().unwrap();
    assert!(total("search with facets") > 0);
    assert!(total("Nüshu") > 0);
    assert_eq!(total("leaves no trace"), 0);
    assert_eq!(total("members of its protocol group"), 1);
    let recommended = demo.answer("recommendations with reasons", scratch.path());
    assert!(!recommended["items"].as_array().unwrap().is_empty(), "{recommended}");
    the_rule_that_returned_each_work_is_the_one_it_was_made_for(&demo);
    a_second_run_finds_the_first(demo, dir.path());
}

fn the_rule_that_returned_each_work_is_the_one_it_was_made_for(demo: &Demo) {
    let token = demo.list("/accounts").iter().find(|person| person["name"] == "demo-editor").unwrap()["token"].as_str().unwrap().to_owned();
    let address = demo.told["address"].as_str().unwrap();
    for work in demo.list("/outcome/returned") {
        let (submission, rule) = (work["submission"].as_str().unwrap(), work["rule"].as_str().unwrap());
        let command = format!("curl -fsS -H 'Authorization: Bearer {token}' {address}/api/v1/submissions/{submission}");
        let shown: Value = serde_json::from_str(&demo.line(&command, Path::new("."))).unwrap();
        let musts = shown["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "must");
        let rules: Vec<&str> = musts.map(|finding| finding["rule"].as_str().unwrap()).collect();
        assert!(rules.iter().all(|found| *found == rule) && !rules.is_empty(), "{work}: {rules:?}");
    }
}

fn a_second_run_finds_the_first(demo: Demo, dir: &Path) {
    let accounts = demo.list("/accounts");
    let published = demo.list("/outcome/published");
    drop(demo);
    let again = Demo::start(dir);
    assert_eq!(again.list("/accounts"), accounts, "accounts and their secrets stay");
    assert_eq!(again.list("/outcome/published"), published);
}
