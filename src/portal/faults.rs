//! What is wrong with a form: told above it with links to the fields, and again beside each field.

use crate::domain::problem::Problem;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Id of the field; empty where it is about no field.
    pub field: String,
    /// A sentence in Chinese.
    pub text: String,
}

/// All that is wrong with a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// What a service said of it.
    pub fn of(problem: &Problem) -> Self {
        Self::by(problem, |path| path.to_owned())
    }

    /// The same, with the service's paths of fields turned into those of the form.
    pub fn by(problem: &Problem, field: impl Fn(&str) -> String) -> Self {
        if problem.fields.is_empty() {
            return Self(vec![Fault { field: String::new(), text: problem.zh.clone() }]);
        }
        let told = problem.fields.iter().map(|wrong| Fault { field: field(&wrong.path), text: wrong.zh.clone() });
        Self(told.collect())
    }

    /// Adds one.
    pub fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.0.push(Fault { field: field.into(), text: text.into() });
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field.
    pub fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|fault| fault.field == field).map(|fault| fault.text.as_str())
    }
}
