//! What the program is told at start: file < environment < flags, every key known, every wrong key named.
//!
//! The file is `yuelu.toml` in the data directory or the one given with `--config`. In the environment a key is written
//! `YUELU_` and its path in upper case with `__` between parts: `YUELU_SITE__NAME`. A variable that names no key does not stop
//! the program, since an environment is shared with others (a cluster gives every program the addresses of its services); it is
//! told at start. To add a key: add the field with its meaning, its default and, where values can be wrong, a line in
//! [`Config::check`].

pub mod embedding;
pub mod notices;
pub mod recommendation;

use crate::domain::problem::{FieldProblem, Problem, ProblemKind};
use crate::edge::limits::Limits;
use embedding::EmbeddingSection;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use notices::NoticesSection;
use recommendation::RecommendationSection;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Before the names of the variables that are read.
const PREFIX: &str = "YUELU_";
/// Variables of the environment that begin with it and are no configuration keys: the command line reads them.
const NOT_KEYS: [&str; 4] = ["data", "config", "server", "token"];

/// Everything that can be configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the program writes: `--data-dir` or `YUELU_DATA`, never a key of the file, which may lie in it.
    #[serde(skip, default = "default_data_dir")]
    pub data_dir: PathBuf,
    /// Address and port to serve on.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Folder of vetting rules that replaces the built-in ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules_dir: Option<PathBuf>,
    /// Folder whose files replace the built-in rules of learning (`src/learning/rules/`) of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rules_dir: Option<PathBuf>,
    /// The site's face.
    #[serde(default)]
    pub site: Site,
    /// Records.
    #[serde(default)]
    pub store: StoreSection,
    /// Search.
    #[serde(default)]
    pub search: SearchSection,
    /// Search by meaning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<EmbeddingSection>,
    /// Limits of requests.
    #[serde(default)]
    pub limits: Limits,
    /// Background work.
    #[serde(default)]
    pub jobs: JobsSection,
    /// Conversion of files into what any phone opens.
    #[serde(default)]
    pub conversion: ConversionSection,
    /// Notices.
    #[serde(default)]
    pub notices: NoticesSection,
    /// Recommendation.
    #[serde(default)]
    pub recommendation: RecommendationSection,
    /// Log lines.
    #[serde(default)]
    pub log: LogSection,
    /// Variables of the environment that begin with `YUELU_` and name no key, in order: nothing was done with them.
    #[serde(skip)]
    pub strays: Vec<String>,
}

/// The site's face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// Name shown to people.
    pub name: String,
    /// A picture file (SVG, PNG, JPEG or WebP) shown beside the name; none: the built-in mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<PathBuf>,
    /// Address under which the public reaches the site, without a slash at its end; empty: that of the request.
    pub base_url: String,
}

impl Default for Site {
    fn default() -> Self {
        Self { name: "岳麓 · 湖南省数字化学习资源库".to_owned(), logo: None, base_url: String::new() }
    }
}

/// Engines of the record store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineName {
    /// sled.
    #[default]
    Sled,
    /// redb.
    Redb,
    /// In memory: nothing outlives the process.
    Memory,
}

/// Records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// Engine of a new data directory: `sled`, `redb` or `memory`.
    pub engine: EngineName,
    /// Megabytes of the data directory's disk that stay free: with less, no content is taken in; with less than a quarter of
    /// it, no record is written; both go on when there is room again. 0 keeps none.
    pub reserve_mb: u32,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { engine: EngineName::default(), reserve_mb: 256 }
    }
}

/// Search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SearchSection {
    /// Memory of the index writer in megabytes, 15 to 2048.
    pub writer_memory_mb: u32,
    /// Folder of dictionaries and code lists that replaces the built-in ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_data: Option<PathBuf>,
}

impl Default for SearchSection {
    fn default() -> Self {
        Self { writer_memory_mb: 128, index_data: None }
    }
}

/// Background work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JobsSection {
    /// Jobs that run at once, 1 to 64. Unless told otherwise twice as many as there are processors: files are looked into by as many
    /// processes as there are processors, while other jobs wait for the disk.
    pub concurrency: u16,
}

impl Default for JobsSection {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { concurrency: u16::try_from(processors.saturating_mul(2)).unwrap_or(64).clamp(4, 64) }
    }
}

/// Conversion of files into what any phone opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConversionSection {
    /// Longest time that the conversion of one file may take, in seconds, 1 to 86400: what takes longer is stopped and told.
    pub longest_seconds: u32,
}

impl Default for ConversionSection {
    fn default() -> Self {
        Self { longest_seconds: 4 * 3600 }
    }
}

/// Forms of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// Log lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSection {
    /// `human` or `json`.
    pub format: LogFormat,
    /// What is logged, in the syntax of `tracing` (`info`, `yuelu=debug,info`).
    pub filter: String,
}

impl Default for LogSection {
    fn default() -> Self {
        Self { format: LogFormat::Human, filter: "warn,yuelu=info".to_owned() }
    }
}

fn default_data_dir() -> PathBuf {
    PathBuf::from("./data")
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7700))
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: default_data_dir(),
            listen: default_listen(),
            rules_dir: None,
            learning_rules_dir: None,
            site: Site::default(),
            store: StoreSection::default(),
            search: SearchSection::default(),
            embedding: None,
            limits: Limits::default(),
            jobs: JobsSection::default(),
            conversion: ConversionSection::default(),
            notices: NoticesSection::default(),
            recommendation: RecommendationSection::default(),
            log: LogSection::default(),
            strays: Vec::new(),
        }
    }
}

/// What the command line says; the strongest voice.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--config`.
    pub file: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<SocketAddr>,
}

impl Config {
    /// Reads file, environment and flags.
    ///
    /// # Errors
    /// A problem of code `config` that names the wrong key, where it was found and what would be right.
    pub fn load(flags: &Flags) -> Result<Self, Problem> {
        let data_dir = flags.data_dir.clone().unwrap_or_else(default_data_dir);
        let file = match &flags.file {
            Some(file) if !file.is_file() => return Err(no_such_file(file)),
            Some(file) => file.clone(),
            None => data_dir.join("yuelu.toml"),
        };
        let mut figment = Figment::new();
        if file.is_file() {
            figment = figment.merge(Toml::file_exact(file));
        }
        let strays = strays();
        let left_out = strays.clone();
        figment = figment.merge(variables().filter(move |key| !left_out.iter().any(|stray| key == stray.as_str())).split("__"));
        if let Some(listen) = flags.listen {
            figment = figment.merge(Serialized::default("listen", listen));
        }
        let mut config: Self = figment.extract().map_err(explain)?;
        config.data_dir = data_dir;
        config.strays = strays.into_iter().map(|name| format!("{PREFIX}{}", name.to_uppercase())).collect();
        config.check()?;
        Ok(config)
    }

    /// The configuration as a file that would set it, the data directory as a comment.
    ///
    /// # Errors
    /// A path that is not Unicode.
    pub fn to_toml(&self) -> Result<String, Problem> {
        let keys = toml::to_string_pretty(self).map_err(|error| wrong("config", "", &error.to_string()))?;
        Ok(format!("# --data-dir {}\n{keys}", self.data_dir.display()))
    }

    /// The configuration as JSON, `data_dir` among its keys.
    ///
    /// # Errors
    /// A path that is not Unicode.
    pub fn to_json(&self) -> Result<serde_json::Value, Problem> {
        let mut value = serde_json::to_value(self).map_err(|error| wrong("config", "", &error.to_string()))?;
        if let Some(keys) = value.as_object_mut() {
            keys.insert("data_dir".to_owned(), self.data_dir.display().to_string().into());
        }
        Ok(value)
    }

    fn check(&self) -> Result<(), Problem> {
        let ok = |good: bool, key: &str, want: &str| if good { Ok(()) } else { Err(wrong(key, "", want)) };
        ok((15..=2048).contains(&self.search.writer_memory_mb), "search.writer_memory_mb", "15..=2048")?;
        ok((1..=64).contains(&self.jobs.concurrency), "jobs.concurrency", "1..=64")?;
        ok((1..=86_400).contains(&self.conversion.longest_seconds), "conversion.longest_seconds", "1..=86400")?;
        ok(!self.site.name.trim().is_empty(), "site.name", "not empty")?;
        let address = &self.site.base_url;
        let plain = address.is_empty() || (address.starts_with("http://") || address.starts_with("https://")) && !address.ends_with('/');
        ok(plain, "site.base_url", "https://host[/path], no slash at the end")?;
        ok(self.limits.body_bytes >= 1024, "limits.body_bytes", ">= 1024")?;
        ok(self.limits.deposit_bytes >= self.limits.body_bytes, "limits.deposit_bytes", ">= limits.body_bytes")?;
        ok((1..=3600).contains(&self.limits.timeout_seconds), "limits.timeout_seconds", "1..=3600")?;
        self.notices.check()?;
        self.recommendation.check()?;
        self.embedding.as_ref().map_or(Ok(()), EmbeddingSection::check)?;
        for (key, path) in [
            ("rules_dir", &self.rules_dir),
            ("learning_rules_dir", &self.learning_rules_dir),
            ("search.index_data", &self.search.index_data),
        ] {
            ok(path.as_ref().is_none_or(|path| path.is_dir()), key, "an existing folder")?;
        }
        ok(self.site.logo.as_ref().is_none_or(|path| path.is_file()), "site.logo", "an existing file")
    }
}

/// The variables of the environment that may name keys, without what stands before their names.
fn variables() -> Env {
    Env::prefixed(PREFIX).ignore(&NOT_KEYS)
}

/// Variables that name no key, of one part alone: with parts a key was meant, and a wrong one is refused.
fn strays() -> Vec<String> {
    let names: Vec<String> = variables().iter().map(|(name, _)| name.as_str().to_ascii_lowercase()).collect();
    let unknown = |name: &String| {
        let only = name.clone();
        let read = Figment::new().merge(variables().filter(move |key| key == only.as_str())).extract::<Config>();
        read.is_err_and(|error| matches!(error.kind, figment::error::Kind::UnknownField(..)))
    };
    let mut strays: Vec<String> = names.into_iter().filter(|name| !name.contains("__")).filter(unknown).collect();
    strays.sort_unstable();
    strays
}

fn no_such_file(file: &Path) -> Problem {
    let (zh, en) = (format!("找不到配置文件 {}。", file.display()), format!("There is no configuration file {}.", file.display()));
    Problem::new(ProblemKind::Invalid, "config", zh, en)
}

/// One problem that names key, place and what would be right.
fn wrong(key: &str, place: &str, reason: &str) -> Problem {
    let (at_zh, at_en) =
        if place.is_empty() { (String::new(), String::new()) } else { (format!("（来自{place}）"), format!(" (from {place})")) };
    let zh = format!("配置项 {key} 有误{at_zh}：{reason}");
    let en = format!("Configuration key {key} is wrong{at_en}: {reason}");
    let field = FieldProblem { path: key.to_owned(), row: None, code: "config".to_owned(), zh: zh.clone(), en: en.clone() };
    Problem::new(ProblemKind::Invalid, "config", zh, en).with_fields(vec![field])
}

fn explain(error: figment::Error) -> Problem {
    use figment::error::Kind;
    let mut path = error.path.clone();
    let reason = match &error.kind {
        Kind::UnknownField(name, known) => {
            if path.last() != Some(name) {
                path.push(name.clone());
            }
            format!("没有这个键，可用的有 / unknown key, known are: {}", known.join(", "))
        }
        kind => kind.to_string().trim().to_owned(),
    };
    let place = error.metadata.as_ref().map_or_else(String::new, |metadata| match &metadata.source {
        Some(source) => source.to_string(),
        None if metadata.name.contains(PREFIX) => format!("{PREFIX}{}", path.join("__").to_uppercase()),
        None => metadata.name.to_string(),
    });
    let key = if path.is_empty() { "yuelu.toml".to_owned() } else { path.join(".") };
    wrong(&key, &place, &reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, Problem> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("yuelu.toml"), text).unwrap();
        Config::load(&Flags { data_dir: Some(dir.path().to_owned()), ..Flags::default() })
    }

    #[test]
    fn nothing_given_is_the_default() {
        let config = load("").unwrap();
        assert_eq!(Config { data_dir: config.data_dir.clone(), strays: config.strays.clone(), ..Config::default() }, config);
    }

    #[test]
    fn a_wrong_key_is_named_with_its_path_and_the_known_ones() {
        let problem = load("[search]\nwriter_memory = 3\n").unwrap_err();
        assert_eq!(problem.fields[0].path, "search.writer_memory");
        assert!(problem.zh.contains("writer_memory_mb"), "{}", problem.zh);
        assert!(problem.zh.contains("yuelu.toml"), "{}", problem.zh);
    }

    #[test]
    fn a_wrong_value_is_named() {
        assert_eq!(load("[search]\nwriter_memory_mb = 3\n").unwrap_err().fields[0].path, "search.writer_memory_mb");
        assert_eq!(load("listen = \"nowhere\"\n").unwrap_err().fields[0].path, "listen");
        assert_eq!(load("[store]\nengine = \"oracle\"\n").unwrap_err().fields[0].path, "store.engine");
        assert_eq!(load("colour = 1\n").unwrap_err().fields[0].path, "colour");
        assert_eq!(load("[notices.email]\nfrom = \"a@b.cn\"\n").unwrap_err().fields[0].path, "notices.email.host");
        let group = "[[recommendation.groups]]\nshare_percent = 30\n";
        assert_eq!(load(group).unwrap_err().fields[0].path, "recommendation.groups");
        let experiment = "[[recommendation.experiments]]\nname = \"x\"\nshare_percent = 10\nweights = { relevance = 2.0 }\n";
        assert_eq!(load(experiment).unwrap_err().fields[0].path, "recommendation.experiments.weights");
        for (line, path) in [
            ("model = \"m\"", "url"),
            ("url = \"http://user:key@a/v1\"", "url"),
            ("url = \"http://a/v1\"", "model"),
            ("url = \"http://a/v1\"\nmodel = \"m\"\npatience_ms = 5", "patience_ms"),
            ("url = \"http://a/v1\"\nmodel = \"m\"\nleast_similarity = 1.5", "least_similarity"),
            ("url = \"http://a/v1\"\nmodel = \"m\"\nkey_file = \"/nowhere\"", "key_file"),
            ("url = \"http://a/v1\"\nmodel = \"m\"\nkey_variable = \"\"", "key_variable"),
        ] {
            assert_eq!(load(&format!("[embedding]\n{line}\n")).unwrap_err().fields[0].path, format!("embedding.{path}"), "{line}");
        }
        assert_eq!(load("[notices.sms]\nurl = \"http://a/\"\n").unwrap_err().fields[0].path, "notices.sms.secret_file");
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        let mail = "[notices.email]\nhost = \"mail.example\"\nfrom = \"岳麓 <a@b.cn>\"\n[notices.wechat]\nby = \"file\"\n";
        let meaning = "[embedding]\nurl = \"http://127.0.0.1:1/v1\"\nmodel = \"m\"\n";
        let config = load(&format!("[site]\nname = \"湘江学习\"\n{mail}{meaning}")).unwrap();
        let again: Config = toml::from_str(&config.to_toml().unwrap()).unwrap();
        assert_eq!(again, Config { data_dir: again.data_dir.clone(), strays: Vec::new(), ..config });
    }
}
