//! The floors of the house: which module may import which, how long a file may be, what every room must say of itself.
//!
//! The table below is the design's. An arrow that runs up or sideways fails the test with its file and line. To add a
//! top-level module: give it a floor here. To allow one more arrow against the rule: don't; if it is truly right, it is a
//! line in `EXCEPTIONS` with its reason.

mod arrows;

use arrows::Arrow;
use std::path::{Path, PathBuf};

/// A floor, its modules, and the floors below that it may import.
struct Floor {
    name: &'static str,
    modules: &'static [&'static str],
    may_import: &'static [&'static str],
}

const COMPOSITION: &str = "composition";
const INTERFACES: &str = "interfaces";
const EDGE: &str = "edge";
const SERVICES: &str = "services";
const INFRASTRUCTURE: &str = "infrastructure";
const DOMAIN: &str = "domain";

const FLOORS: [Floor; 6] = [
    Floor {
        name: COMPOSITION,
        modules: &["main", "app", "config", "telemetry"],
        may_import: &[COMPOSITION, INTERFACES, EDGE, SERVICES, INFRASTRUCTURE, DOMAIN],
    },
    Floor { name: INTERFACES, modules: &["http", "portal", "protocol", "worker", "cli"], may_import: &[EDGE, SERVICES, DOMAIN] },
    Floor { name: EDGE, modules: &["edge"], may_import: &[SERVICES, DOMAIN] },
    Floor {
        name: SERVICES,
        modules: &["ingest", "vetting", "catalog", "discover", "learning", "recommend", "accounts", "notices", "operations"],
        may_import: &[INFRASTRUCTURE, DOMAIN],
    },
    Floor {
        name: INFRASTRUCTURE,
        modules: &["clock", "store", "blob", "search", "media", "package", "rules", "gateway"],
        may_import: &[DOMAIN],
    },
    Floor { name: DOMAIN, modules: &["domain"], may_import: &[] },
];

/// Arrows that the table does not allow and that are right all the same: from, to, why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("worker", "store", "leases and the feed's positions are kept in the store itself"),
    ("worker", "clock", "leases end at an instant"),
    ("store", "clock", "blocks of events lie by their day of receipt"),
];

/// Longest file, in lines.
const LONGEST_FILE: usize = 500;

/// Names under which anything could be put.
const EMPTY_NAMES: [&str; 7] = ["common", "utils", "util", "helpers", "manager", "core", "misc"];

/// Packs everything that a check found into one failure.
fn report(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

fn floor_of(module: &str) -> Option<&'static Floor> {
    FLOORS.iter().find(|floor| floor.modules.contains(&module))
}

/// What is wrong with an arrow, if anything.
fn fault(arrow: &Arrow) -> Option<String> {
    let Arrow { file, line, from, to } = arrow;
    if from == to || from == "lib" {
        return None;
    }
    let (Some(source), Some(target)) = (floor_of(from), floor_of(to)) else {
        let lost = if floor_of(from).is_none() { from } else { to };
        return Some(format!("{file}:{line}: `{lost}` stands on no floor; give it one in tests/it/floor_plan.rs"));
    };
    let excepted = EXCEPTIONS.iter().any(|(one, other, _)| one == from && other == to);
    if excepted || source.may_import.contains(&target.name) {
        return None;
    }
    let level = |floor: &Floor| FLOORS.iter().position(|other| other.name == floor.name);
    let way = match level(target).cmp(&level(source)) {
        std::cmp::Ordering::Less => "up",
        std::cmp::Ordering::Equal => "sideways",
        std::cmp::Ordering::Greater => "past a floor",
    };
    Some(format!("{file}:{line}: {from} → {to} runs {way} ({} → {})", source.name, target.name))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder of the package, as (path from the package's root, text).
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                walk(&entry, found);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                found.push(entry);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    let named = |path: PathBuf| (path.strip_prefix(root()).unwrap().display().to_string(), std::fs::read_to_string(&path).unwrap());
    found.into_iter().map(named).collect()
}

#[test]
fn imports_point_down_only() {
    let all = sources("src");
    assert!(all.len() > 50, "the sources were not found");
    let arrows: Vec<Arrow> = all.iter().flat_map(|(file, text)| arrows::of(file, text)).collect();
    assert!(arrows.len() > 200, "the arrows were not found: {}", arrows.len());
    report("imports that run up, sideways or past a floor", &arrows.iter().filter_map(fault).collect::<Vec<_>>());
}

#[test]
fn every_exception_is_used() {
    let arrows: Vec<Arrow> = sources("src").iter().flat_map(|(file, text)| arrows::of(file, text)).collect();
    let unused = |(from, to, _): &&(&str, &str, &str)| !arrows.iter().any(|arrow| arrow.from == *from && arrow.to == *to);
    let unused: Vec<String> = EXCEPTIONS.iter().filter(unused).map(|(from, to, _)| format!("{from} → {to}")).collect();
    report("exceptions of the floor plan that nothing needs", &unused);
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let all = ["src", "tests", "benches"].into_iter().flat_map(sources);
    let long = all.filter(|(_, text)| text.lines().count() > LONGEST_FILE);
    report("files over 500 lines", &long.map(|(file, text)| format!("{file}: {} lines", text.lines().count())).collect::<Vec<_>>());
}

#[test]
fn every_room_says_what_it_is_for() {
    let silent = sources("src").into_iter().filter(|(file, text)| file.ends_with("mod.rs") && !text.starts_with("//!"));
    report("mod.rs without a module doc", &silent.map(|(file, _)| file).collect::<Vec<_>>());
}

#[test]
fn no_module_has_an_empty_name() {
    let named = |file: &String| Path::new(file).with_extension("").iter().any(|part| EMPTY_NAMES.iter().any(|name| part == *name));
    let faults: Vec<String> = sources("src").into_iter().map(|(file, _)| file).filter(named).collect();
    report("module names that say nothing", &faults);
}

#[test]
fn a_bad_arrow_is_found_with_its_place() {
    let found = |file: &str, text: &str| arrows::of(file, text).iter().filter_map(fault).collect::<Vec<_>>();
    let up = found("src/vetting/decide.rs", "//! crate::http::x\nuse crate::domain::a;\nuse crate::http::routes;\n");
    assert_eq!(up, ["src/vetting/decide.rs:3: vetting → http runs up (services → interfaces)"]);
    let sideways = found("src/vetting/decide.rs", "fn f() {\n    crate::catalog::open(\"crate::http\")\n}");
    assert_eq!(sideways, ["src/vetting/decide.rs:2: vetting → catalog runs sideways (services → services)"]);
    let past = found("src/http/mod.rs", "use crate::{\n    domain::{a, b},\n    blob,\n};");
    assert_eq!(past, ["src/http/mod.rs:3: http → blob runs past a floor (interfaces → infrastructure)"]);
    let climbing = found("src/store/embedded/sled.rs", "use super::super::super::learning::Log;");
    assert_eq!(climbing, ["src/store/embedded/sled.rs:1: store → learning runs up (infrastructure → services)"]);
    let from_tests = found("src/blob/mod.rs", "mod tests {\n    use super::super::{media, blob};\n}");
    assert_eq!(from_tests, ["src/blob/mod.rs:2: blob → media runs sideways (infrastructure → infrastructure)"]);
    let within = found("src/blob/write.rs", "mod tests {\n    use super::super::media;\n}\nuse super::Blobs;");
    assert_eq!(within, Vec::<String>::new(), "`super` twice from an inline module of `blob::write` is still in `blob`");
    let lost = found("src/domain/mod.rs", "use crate::attic::Box;");
    assert_eq!(lost, ["src/domain/mod.rs:1: `attic` stands on no floor; give it one in tests/it/floor_plan.rs"]);
}
