//! A table of a TOML file that is taken apart key by key, so that what is left over can be named with its line.

use anyhow::bail;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::play::day::{Field, Given};

/// The text that is read, and its name.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl<'a> Source<'a> {
    /// The whole file as a table.
    pub(super) fn parse(self) -> anyhow::Result<Table<'a>> {
        match DeTable::parse(self.text) {
            Ok(table) => Ok(Table::new(self, 0, table.into_inner())),
            Err(error) => {
                let line = error.span().map_or(1, |span| self.line(span.start));
                bail!(
                    "{}:{line}: this is no TOML: {}.",
                    self.file,
                    error.message()
                )
            }
        }
    }

    fn line(self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or(self.text);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    fn wrong(self, line: usize, sentence: &str) -> anyhow::Error {
        anyhow::anyhow!("{}:{line}: {sentence}", self.file)
    }
}

struct Pair<'a> {
    key: String,
    offset: usize,
    value: DeValue<'a>,
}

/// A table; keys leave it as they are read.
pub(super) struct Table<'a> {
    source: Source<'a>,
    offset: usize,
    pairs: Vec<Pair<'a>>,
}

impl<'a> Table<'a> {
    fn new(source: Source<'a>, offset: usize, table: DeTable<'a>) -> Self {
        let mut pairs: Vec<Pair<'a>> = table
            .into_iter()
            .map(|(key, value): (Spanned<_>, Spanned<_>)| Pair {
                offset: key.span().start,
                key: key.into_inner().into_owned(),
                value: value.into_inner(),
            })
            .collect();
        // In the order of the file.
        pairs.sort_by_key(|pair| pair.offset);
        Self {
            source,
            offset,
            pairs,
        }
    }

    pub(super) fn file(&self) -> String {
        self.source.file.to_owned()
    }

    /// The line where the table begins.
    pub(super) fn line(&self) -> usize {
        self.source.line(self.offset)
    }

    /// The line of a key, or the table's when it is not there.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.pairs
            .iter()
            .find(|pair| pair.key == key)
            .map_or(self.line(), |pair| self.source.line(pair.offset))
    }

    pub(super) fn wrong(&self, line: usize, sentence: &str) -> anyhow::Error {
        self.source.wrong(line, sentence)
    }

    fn take(&mut self, key: &str) -> Option<Pair<'a>> {
        let index = self.pairs.iter().position(|pair| pair.key == key)?;
        Some(self.pairs.remove(index))
    }

    /// A text, date or time.
    pub(super) fn text(&mut self, key: &str) -> anyhow::Result<Option<String>> {
        let Some(pair) = self.take(key) else {
            return Ok(None);
        };
        match pair.value {
            DeValue::String(text) => Ok(Some(text.into_owned())),
            DeValue::Datetime(moment) => Ok(Some(moment.to_string())),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                let line = self.source.line(pair.offset);
                Err(self.wrong(line, &format!("`{key}` is a text in quotes.")))
            }
        }
    }

    /// A text that has to be there.
    pub(super) fn text_needed(&mut self, key: &str) -> anyhow::Result<String> {
        match self.text(key)? {
            Some(text) => Ok(text),
            None => Err(self.wrong(self.line(), &format!("`{key}` is missing."))),
        }
    }

    /// The tables of `[[key]]`.
    pub(super) fn tables(&mut self, key: &str, most: usize) -> anyhow::Result<Vec<Table<'a>>> {
        let Some(pair) = self.take(key) else {
            return Ok(Vec::new());
        };
        let line = self.source.line(pair.offset);
        let DeValue::Array(array) = pair.value else {
            return Err(self.wrong(line, &format!("`{key}` is written [[{key}]].")));
        };
        if array.len() > most {
            return Err(self.wrong(line, &format!("more than {most} of [[{key}]].")));
        }
        let mut tables = Vec::with_capacity(array.len());
        for item in array {
            let offset = item.span().start;
            match item.into_inner() {
                DeValue::Table(table) => tables.push(Table::new(self.source, offset, table)),
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => {
                    return Err(self.wrong(
                        self.source.line(offset),
                        &format!("`{key}` is written [[{key}]]."),
                    ));
                }
            }
        }
        Ok(tables)
    }

    /// What is left are fields of a form.
    pub(super) fn into_fields(self) -> anyhow::Result<Vec<Field>> {
        let source = self.source;
        self.pairs
            .into_iter()
            .map(|pair| {
                let line = source.line(pair.offset);
                let given = given(pair.value).ok_or_else(|| {
                    source.wrong(line, &format!("`{}` is a text, a number, true, false, a date, a time, or a list of these.", pair.key))
                })?;
                Ok(Field { line, name: pair.key, given })
            })
            .collect()
    }

    /// Nothing may be left.
    pub(super) fn finish(self, known: &str) -> anyhow::Result<()> {
        match self.pairs.first() {
            None => Ok(()),
            Some(pair) => {
                let line = self.source.line(pair.offset);
                Err(self.wrong(
                    line,
                    &format!("`{}` does not belong here: only {known}.", pair.key),
                ))
            }
        }
    }
}

fn given(value: DeValue<'_>) -> Option<Given> {
    match value {
        DeValue::Array(items) => items
            .into_iter()
            .map(|item| typed(item.into_inner()))
            .collect::<Option<Vec<_>>>()
            .map(Given::Many),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_) => typed(value).map(Given::One),
    }
}

/// A value as it would be typed. `true` and `false` are the answers yes and no.
fn typed(value: DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.into_owned()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(true) => Some("yes".to_owned()),
        DeValue::Boolean(false) => Some("no".to_owned()),
        DeValue::Datetime(moment) => Some(moment.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
