//! Reads settings by name out of one TOML file and the environment, and collects everything that is wrong with them,
//! so that a person corrects all of it at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use toml::Value;

/// What every variable that sets something begins with.
pub(crate) const PREFIX: &str = "CLERESTORY_";

/// The settings that are given, and the sentences about what is wrong with them.
pub(crate) struct Reader {
    file: BTreeMap<String, Value>,
    environment: BTreeMap<String, String>,
    asked: BTreeSet<String>,
    problems: Vec<String>,
}

impl Reader {
    /// Over a parsed file and the variables that begin with [`PREFIX`].
    pub(crate) fn new(table: toml::Table, environment: BTreeMap<String, String>) -> Self {
        let mut file = BTreeMap::new();
        flatten("", table, &mut file);
        Self {
            file,
            environment,
            asked: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    /// Notes a sentence about what is wrong.
    pub(crate) fn problem(&mut self, sentence: impl Into<String>) {
        self.problems.push(sentence.into());
    }

    /// A text, or the default.
    pub(crate) fn text(&mut self, name: &str, default: &str) -> String {
        self.optional_text(name)
            .unwrap_or_else(|| default.to_owned())
    }

    /// A text, if given.
    pub(crate) fn optional_text(&mut self, name: &str) -> Option<String> {
        let value = self.given(name)?;
        match value.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
            Some(_) | None => self.wrong(name, &value, "a text in quotes"),
        }
    }

    /// A path that must be given; `what` says what it is, for the sentence when it is missing.
    pub(crate) fn path(&mut self, name: &str, what: &str) -> PathBuf {
        if let Some(path) = self.optional_path(name) {
            return path;
        }
        if !self
            .problems
            .iter()
            .any(|sentence| sentence.starts_with(&format!("`{name}`")))
        {
            self.problem(format!("`{name}` is missing: name {what}."));
        }
        PathBuf::new()
    }

    /// A path, if given. It must be absolute: a relative one means something else for each way of starting.
    pub(crate) fn optional_path(&mut self, name: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.optional_text(name)?);
        self.absolute(name, path)
    }

    /// Several paths; in a variable they are separated by `:`.
    pub(crate) fn paths(&mut self, name: &str) -> Vec<PathBuf> {
        let texts = match self.given(name) {
            None => return Vec::new(),
            Some(Value::String(text)) => text.split(':').map(str::to_owned).collect(),
            Some(Value::Array(items)) => self.texts(name, items),
            Some(other) => {
                return self
                    .wrong(name, &other, "a list of paths")
                    .unwrap_or_default();
            }
        };
        texts
            .into_iter()
            .filter_map(|text| self.absolute(name, text.into()))
            .collect()
    }

    /// A whole number within bounds, or the default.
    pub(crate) fn number(&mut self, name: &str, default: u32, min: u32, max: u32) -> u32 {
        let expected = format!("a whole number from {min} to {max}");
        let value = match self.given(name) {
            None => return default,
            Some(Value::String(text)) => text
                .trim()
                .parse::<i64>()
                .map_or(Value::String(text), Value::Integer),
            Some(other) => other,
        };
        let number = value
            .as_integer()
            .and_then(|number| u32::try_from(number).ok());
        match number {
            Some(number) if (min..=max).contains(&number) => number,
            Some(_) | None => self.wrong(name, &value, &expected).unwrap_or(default),
        }
    }

    /// `true` or `false`, or the default.
    pub(crate) fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.given(name) {
            None => default,
            Some(Value::Boolean(value)) => value,
            Some(Value::String(text)) if text == "true" => true,
            Some(Value::String(text)) if text == "false" => false,
            Some(other) => self.wrong(name, &other, "true or false").unwrap_or(default),
        }
    }

    /// Ends the reading: whatever was given and never asked for is a problem too.
    pub(crate) fn finish(mut self) -> Vec<String> {
        let known = self.asked.iter().cloned().collect::<Vec<_>>().join(", ");
        for name in std::mem::take(&mut self.file).into_keys() {
            self.problem(format!(
                "`{name}` is not a setting. The settings are: {known}."
            ));
        }
        for name in std::mem::take(&mut self.environment).into_keys() {
            self.problem(format!("The variable {name} sets nothing. Remove it, or see docs/configuration.md for the names."));
        }
        self.problems
    }

    /// The names asked for so far.
    #[cfg(test)]
    pub(crate) fn asked(&self) -> impl Iterator<Item = &str> {
        self.asked.iter().map(String::as_str)
    }

    /// The value of a setting; the environment goes before the file.
    fn given(&mut self, name: &str) -> Option<Value> {
        self.asked.insert(name.to_owned());
        let from_file = self.file.remove(name);
        let from_environment = self.environment.remove(&variable(name)).map(Value::String);
        from_environment.or(from_file)
    }

    fn texts(&mut self, name: &str, items: Vec<Value>) -> Vec<String> {
        let mut texts = Vec::new();
        for item in items {
            match item.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => {
                    self.wrong::<()>(name, &item, "a list of paths");
                }
            }
        }
        texts
    }

    fn absolute(&mut self, name: &str, path: PathBuf) -> Option<PathBuf> {
        if path.is_absolute() {
            return Some(path);
        }
        self.problem(format!(
            "`{name}` is the relative path {}: write it from the root, beginning with /.",
            path.display()
        ));
        None
    }

    fn wrong<T>(&mut self, name: &str, value: &Value, expected: &str) -> Option<T> {
        self.problem(format!("`{name}` is {value}: it has to be {expected}."));
        None
    }
}

/// The variable that sets `name`: `database.socket_dir` → `CLERESTORY_DATABASE_SOCKET_DIR`.
pub(crate) fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.replace('.', "_").to_uppercase())
}

fn flatten(above: &str, table: toml::Table, into: &mut BTreeMap<String, Value>) {
    for (key, value) in table {
        let name = if above.is_empty() {
            key
        } else {
            format!("{above}.{key}")
        };
        if let Value::Table(inner) = value {
            flatten(&name, inner, into);
        } else {
            into.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn reader(file: &str, environment: &[(&str, &str)]) -> Reader {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Reader::new(file.parse().unwrap(), environment.collect())
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let mut reader = reader("[limits]\nmany = 3\n", &[("CLERESTORY_LIMITS_MANY", "4")]);
        assert_eq!(reader.number("limits.many", 1, 1, 9), 4);
        assert_eq!(reader.finish(), Vec::<String>::new());
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let mut reader = reader(
            "many = 30\nyes = \"perhaps\"\nplace = \"here\"\nlist = [1, \"/a\"]\nextra = 1\n[deep]\ndown = 2\n",
            &[("CLERESTORY_TYPO", "1")],
        );
        reader.number("many", 1, 1, 9);
        reader.flag("yes", true);
        reader.path("place", "the place");
        assert_eq!(reader.paths("list"), [PathBuf::from("/a")]);
        reader.path("missing", "the folder that is missing");
        let problems = reader.finish();
        for part in [
            "`many` is 30: it has to be a whole number from 1 to 9.",
            "`yes` is \"perhaps\": it has to be true or false.",
            "`place` is the relative path here",
            "`list` is 1: it has to be a list of paths.",
            "`missing` is missing: name the folder that is missing.",
            "`extra` is not a setting.",
            "`deep.down` is not a setting.",
            "The variable CLERESTORY_TYPO sets nothing.",
        ] {
            assert!(
                problems.iter().any(|problem| problem.starts_with(part)),
                "{part}\n{problems:#?}"
            );
        }
        assert_eq!(problems.len(), 8, "{problems:#?}");
    }

    #[test]
    fn paths_in_a_variable_are_separated_by_colons() {
        let mut reader = reader("", &[("CLERESTORY_KEYS_PLACES", "/a:/b")]);
        assert_eq!(
            reader.paths("keys.places"),
            [PathBuf::from("/a"), PathBuf::from("/b")]
        );
    }
}
