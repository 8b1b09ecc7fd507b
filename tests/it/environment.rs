//! Variables of the environment: keys are taken, wrong keys are refused by their names, and what was never meant for the program
//! is told and does not stop it.

use crate::program::server::{succeeded, yuelu};
use std::process::Output;

/// `yuelu config` with these variables.
fn config(variables: &[(&str, &str)]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    yuelu(dir.path()).arg("config").envs(variables.iter().copied()).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_variable_that_names_no_key_is_told_and_ignored() {
    // What a cluster gives to every program when a service is called `yuelu`, and a switch of a script beside it.
    let strangers = [("YUELU_EXAMPLES", "15"), ("YUELU_PORT", "tcp://10.0.0.7:7700"), ("YUELU_PORT_7700_TCP", "tcp://10.0.0.7:7700")];
    let output = config(&[&strangers[..], &[("YUELU_SITE__NAME", "湘江学习")]].concat());
    let told = said(&output);
    assert!(succeeded(output).contains("湘江学习"), "what names a key is taken");
    for (name, _) in strangers {
        assert!(told.contains(name), "{name}: {told}");
    }
    assert!(!told.contains("10.0.0.7"), "names are told, values are not: {told}");
    assert_eq!(said(&config(&[("YUELU_SITE__NAME", "湘江学习")])), "", "nothing to tell");
}

#[test]
fn a_variable_that_means_a_key_and_is_wrong_stops_the_program_and_is_named() {
    for (name, value) in [("YUELU_SITE__NAMES", "湘江学习"), ("YUELU_JOBS__CONCURRENCY", "many"), ("YUELU_LISTEN", "nowhere")] {
        let output = config(&[(name, value)]);
        assert!(!output.status.success(), "{name}");
        assert!(said(&output).contains(name), "{name}: {}", said(&output));
    }
}
