//! The people of the demonstration: accounts with random passwords and tokens, flagged so that `yuelu serve` refuses them.
//!
//! They are kept in `demo.json` in the data directory, readable by its owner alone: the file also marks the directory as a
//! demonstration's, and says whether it was set up to the end.

use super::collection::Collection;
use crate::cli::Client;
use crate::cli::client::Refused;
use crate::cli::pick::text;
use crate::domain::access::Role;
use crate::domain::address::escaped;
use anyhow::Context as _;
use axum::http::Method;
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const FILE: &str = "demo.json";
/// The file by which a data directory is known.
const STORE_MARK: &str = "engine.toml";

/// Somebody of the demonstration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Sign-in name.
    pub name: String,
    /// Name shown to people.
    pub display: String,
    /// Role.
    pub role: Role,
    /// Organisation the role holds for.
    pub scope: String,
    /// Institution.
    pub institution: Option<String>,
    /// Protocol groups.
    pub groups: Vec<String>,
    /// Password.
    #[serde(default)]
    pub password: String,
    /// API token.
    #[serde(default)]
    pub token: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    people: Vec<Person>,
    /// Deposits of the collection's packages in their order, once all was done.
    #[serde(default)]
    deposits: Option<Vec<String>>,
}

/// All people of a demonstration.
#[derive(Debug)]
pub struct Cast {
    file: PathBuf,
    kept: Kept,
}

impl Cast {
    /// The cast of a data directory, empty in a new one.
    ///
    /// # Errors
    /// When the directory holds a store that is not a demonstration's.
    pub fn of(data_dir: &Path) -> anyhow::Result<Self> {
        let file = data_dir.join(FILE);
        let dir = data_dir.display();
        if file.is_file() {
            let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
            let kept = serde_json::from_slice(&bytes).with_context(|| format!("{} 已损坏 · is damaged", file.display()))?;
            return Ok(Self { file, kept });
        }
        anyhow::ensure!(
            !data_dir.join(STORE_MARK).exists(),
            "{dir} 是正式的数据目录，示范不会写入；请用 --data-dir 指明另一个目录 · \
             {dir} holds a repository that is no demonstration; name another directory with --data-dir"
        );
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir).with_context(|| dir.to_string())?;
        let cast = Self { file, kept: Kept::default() };
        cast.save()?;
        Ok(cast)
    }

    /// The deposits that the packages made, where the demonstration was set up to the end.
    pub fn deposits(&self) -> Option<&[String]> {
        self.kept.deposits.as_deref()
    }

    /// Notes that it was set up to the end.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(&mut self, deposits: Vec<String>) -> anyhow::Result<()> {
        self.kept.deposits = Some(deposits);
        self.save()
    }

    /// Everybody.
    pub fn people(&self) -> &[Person] {
        &self.kept.people
    }

    /// Everybody in a role.
    pub fn in_role(&self, role: Role) -> Vec<&Person> {
        self.kept.people.iter().filter(|person| person.role == role).collect()
    }

    /// Somebody by name.
    ///
    /// # Errors
    /// When there is nobody of that name.
    pub fn named(&self, name: &str) -> anyhow::Result<&Person> {
        self.kept.people.iter().find(|person| person.name == name).with_context(|| format!("nobody is called {name}"))
    }

    /// Who deposits for an organisation.
    ///
    /// # Errors
    /// When nobody does.
    pub fn depositor(&self, organisation: &str) -> anyhow::Result<&Person> {
        let found = self.kept.people.iter().find(|person| person.role == Role::Contributor && person.scope == organisation);
        found.with_context(|| format!("nobody deposits for {organisation}"))
    }

    /// Who approves for an organisation.
    ///
    /// # Errors
    /// When nobody does.
    pub fn second(&self, organisation: &str) -> anyhow::Result<&Person> {
        let found = self.kept.people.iter().find(|person| person.role == Role::Manager && person.scope == organisation);
        found.with_context(|| format!("nobody approves for {organisation}"))
    }

    /// Makes the accounts that are still missing; each is kept as soon as it is there.
    ///
    /// # Errors
    /// What the API refuses; when the file cannot be written.
    pub async fn complete(&mut self, system: &Client, collection: &Collection) -> anyhow::Result<()> {
        for wanted in wanted(collection) {
            if self.named(&wanted.name).is_ok() {
                continue;
            }
            let person = make(system, wanted).await?;
            self.kept.people.push(person);
            self.save()?;
        }
        Ok(())
    }

    fn save(&self) -> anyhow::Result<()> {
        let fresh = self.file.with_extension("new");
        let writing = || format!("{}：无法写入 · cannot be written", fresh.display());
        let mut file = std::fs::File::options().create(true).write(true).truncate(true).mode(0o600).open(&fresh).with_context(writing)?;
        file.write_all(&serde_json::to_vec_pretty(&self.kept)?).and_then(|()| file.sync_all()).with_context(writing)?;
        std::fs::rename(&fresh, &self.file).with_context(writing)
    }
}

fn person(name: &str, display: &str, role: Role, scope: &str) -> Person {
    Person {
        name: name.to_owned(),
        display: display.to_owned(),
        role,
        scope: scope.to_owned(),
        institution: None,
        groups: Vec::new(),
        password: String::new(),
        token: String::new(),
    }
}

fn wanted(collection: &Collection) -> Vec<Person> {
    let mut people = vec![
        person("demo-admin", "示范管理员", Role::Administrator, "/"),
        person("demo-editor", "示范编辑", Role::Editor, "/"),
        person("demo-reviewer-1", "示范评审甲", Role::Reviewer, "/"),
        person("demo-reviewer-2", "示范评审乙", Role::Reviewer, "/"),
        person("demo-reviewer-3", "示范评审丙", Role::Reviewer, "/"),
        person("demo-approver-1", "示范终审甲", Role::Committee, "/"),
        person("demo-approver-2", "示范终审乙", Role::Committee, "/"),
        person("demo-office", "示范民族宗教事务部门", Role::EthnicAffairs, "/"),
        person("demo-platform", "示范学习平台", Role::Platform, "/"),
        person("demo-learner", "示范学员", Role::Learner, "/"),
    ];
    let groups = collection.groups.iter().map(|group| group.id.clone()).collect();
    people.push(Person { groups, ..person("demo-elder", "示范长老组成员", Role::Learner, "/") });
    for institution in &collection.institutions {
        let short = institution.path.rsplit('/').next().unwrap_or_default();
        for (name, role, what) in
            [(format!("demo-{short}"), Role::Contributor, "提交人"), (format!("demo-{short}-second"), Role::Manager, "审核人")]
        {
            let display = format!("{}（{what}）", institution.name);
            people.push(Person { institution: Some(institution.name.clone()), ..person(&name, &display, role, &institution.path) });
        }
    }
    people
}

/// Makes an account; one that a broken run left behind gets a new password and token.
async fn make(system: &Client, wanted: Person) -> anyhow::Result<Person> {
    let password = fresh_password()?;
    let new = json!({
        "name": wanted.name, "display": wanted.display, "institution": wanted.institution, "groups": wanted.groups,
        "assignments": [{"role": wanted.role, "scope": wanted.scope}], "password": password, "demo": true,
    });
    let account = format!("/api/v1/accounts/{}", escaped(&wanted.name));
    if let Err(error) = system.post::<Value>("/api/v1/accounts", &new).await {
        let there = error.downcast_ref::<Refused>().is_some_and(|refused| refused.0.code == "name-taken");
        if !there {
            return Err(error);
        }
        let _changed: Value = system.call(Method::PATCH, &account, &json!({"password": password})).await?;
    }
    let made: Value = system.post(&format!("{account}/tokens"), &json!({"label": "yuelu demo"})).await?;
    Ok(Person { password, token: text(&made, "/token"), ..wanted })
}

fn fresh_password() -> anyhow::Result<String> {
    let mut bytes = [0; 15];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_in_earnest_is_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(STORE_MARK), "").unwrap();
        assert!(Cast::of(dir.path()).unwrap_err().to_string().contains("--data-dir"));
        assert!(!dir.path().join(FILE).exists());
    }

    #[test]
    fn a_demonstration_is_found_again_and_its_secrets_are_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data-demo");
        let mut cast = Cast::of(&data).unwrap();
        cast.kept.people.push(person("demo-learner", "示范学员", Role::Learner, "/"));
        cast.finish(vec!["d1".to_owned()]).unwrap();
        std::fs::write(data.join(STORE_MARK), "").unwrap();
        let again = Cast::of(&data).unwrap();
        assert_eq!(again.deposits(), Some(&["d1".to_owned()][..]));
        assert!(again.named("demo-learner").is_ok() && again.named("demo-admin").is_err());
        let mode = std::fs::metadata(data.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
