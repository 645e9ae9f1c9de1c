use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Key, Origin, Problem, Settings,
    declare::Field,
    value::{Value, text_of},
};
use crate::{Error, Result};

/// Names of the environment that begin like settings and are none.
const NOT_SETTINGS: [&str; 4] =
    ["UNDERPIN_CONFIG", "UNDERPIN_PG_BIN", "UNDERPIN_TOKEN", "UNDERPIN_READY_FILE"];
/// The same for tests.
const TESTS: &str = "UNDERPIN_TEST_";
/// Longest settings file, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where settings are looked for.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The settings file, if there is one.
    pub file: Option<PathBuf>,
    /// The environment; names that do not begin with `UNDERPIN_` are ignored.
    pub env: Vec<(String, String)>,
}

impl Sources {
    /// The environment of this process, and `file` or else the file that `UNDERPIN_CONFIG` names.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        let env = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
        let file = file.or_else(|| std::env::var_os("UNDERPIN_CONFIG").map(PathBuf::from));
        Self { file, env }
    }
}

impl Settings {
    /// Read all settings.
    ///
    /// Errors: [`Error::Unreadable`]; [`Error::Refused`] with everything that is unknown, given twice, unreadable or
    /// contradictory.
    pub fn load(sources: &Sources) -> Result<Self> {
        let mut raw = Raw::collect(sources)?;
        let settings = Self::read(&mut raw);
        match settings {
            Some(settings) if raw.problems.is_empty() => {
                let problems = settings.contradictions();
                if problems.is_empty() { Ok(settings) } else { Err(Error::Refused(problems)) }
            }
            _ => Err(Error::Refused(raw.problems)),
        }
    }
}

/// What was given, as text, before anybody knows its type.
pub(super) struct Raw {
    given: BTreeMap<String, (String, Origin)>,
    problems: Vec<Problem>,
}

impl Raw {
    fn collect(sources: &Sources) -> Result<Self> {
        let mut raw = Self { given: BTreeMap::new(), problems: Vec::new() };
        if let Some(path) = &sources.file {
            raw.read_file(path)?;
        }
        for (name, value) in &sources.env {
            raw.read_variable(name, value);
        }
        Ok(raw)
    }

    fn read_file(&mut self, path: &Path) -> Result<()> {
        let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
            let mend = "give a settings file below 1 MiB";
            return Err(Error::Refused(vec![Problem::new("it is too long", path.display(), mend)]));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            // The error of the parser would quote the line, which may hold a secret.
            let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            let place = format!("{} line {line}", path.display());
            Error::Refused(vec![Problem::new(error.message(), place, "write it as TOML")])
        })?;
        for (section, value) in table {
            let toml::Value::Table(entries) = value else {
                let mend = format!("write [section] before `{section} = ..`");
                self.problems.push(Problem::new("it belongs to no section", path.display(), mend));
                continue;
            };
            for (name, value) in entries {
                let place = format!("[{section}] {name} in {}", path.display());
                match text_of(&value) {
                    Some(text) => {
                        self.give(
                            &format!("{section}.{name}"),
                            text,
                            Origin::File(path.into()),
                            &place,
                        );
                    }
                    None => self.problems.push(Problem::new(
                        "it is no text, number or list of texts",
                        place,
                        "write one of these",
                    )),
                }
            }
        }
        Ok(())
    }

    fn read_variable(&mut self, name: &str, value: &str) {
        if !name.starts_with("UNDERPIN_") || NOT_SETTINGS.contains(&name) || name.starts_with(TESTS)
        {
            return;
        }
        let known = Settings::keys().into_iter().find(|key| key.variable() == name);
        let path = known.map_or_else(|| name.to_owned(), |key| key.path());
        self.give(&path, value.to_owned(), Origin::Env(name.to_owned()), &format!("${name}"));
    }

    fn give(&mut self, path: &str, text: String, origin: Origin, place: &str) {
        let keys = Settings::keys();
        if !keys.iter().any(|key| key.path() == path) {
            self.problems.push(Problem::new("unknown setting", place, nearest(path, &keys)));
        } else if text.is_empty() {
            let mend = "leave it out, or give it a value";
            self.problems.push(Problem::new(format!("{path} is empty"), place, mend));
        } else if let Some((_, other)) = self.given.get(path) {
            let mend = format!("it is also set by {other}; keep one of the two");
            self.problems.push(Problem::new(format!("{path} is set twice"), place, mend));
        } else {
            self.given.insert(path.to_owned(), (text, origin));
        }
    }

    /// The field `name` of a part.
    pub(super) fn field<F: Field>(&mut self, section: &str, name: &str, keys: &[Key]) -> Option<F> {
        let key = keys.iter().find(|key| key.section == section && key.name == name)?;
        F::read(*key, self)
    }

    /// The value of a setting, or of its default.
    pub(super) fn take<T: Value>(&mut self, key: Key) -> Option<T> {
        let (text, place) = match self.given.get(&key.path()) {
            Some((text, origin)) => (text.clone(), origin.clone()),
            None => (key.default?.to_owned(), Origin::Default),
        };
        match T::parse(&text) {
            Ok(value) => Some(value),
            Err(expected) => {
                let what = format!("{} cannot be read", key.path());
                self.problems.push(Problem::new(what, place, format!("write {expected}")));
                None
            }
        }
    }

    /// Where each setting came from, in the order of [`Settings::keys`].
    pub(super) fn origins(&self) -> Vec<Origin> {
        let origin = |key: Key| self.given.get(&key.path()).map(|(_, origin)| origin.clone());
        Settings::keys().into_iter().map(|key| origin(key).unwrap_or(Origin::Default)).collect()
    }
}

/// What somebody probably meant.
fn nearest(path: &str, keys: &[Key]) -> String {
    let wanted = path.trim_start_matches("UNDERPIN_").replace('.', "_").to_lowercase();
    let far = |key: &Key| distance(&wanted, &format!("{}_{}", key.section, key.name));
    match keys.iter().min_by_key(|key| far(key)) {
        Some(key) if far(key) <= 4 => {
            format!("did you mean {} ({})?", key.path(), key.variable())
        }
        _ => "remove it; `underpin config` lists every setting".to_owned(),
    }
}

/// Edits that turn one text into the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
