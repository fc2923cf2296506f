//! The workspace's text files, read once; every rule looks at this and at nothing else.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// Folders that hold nothing of ours.
const FOREIGN_FOLDERS: &[&str] = &[".git", "target", "node_modules", ".venv", "__pycache__"];

/// The largest file that is read as text. Ours are far smaller; a larger one is data (a font, a picture).
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

/// One text file.
pub(crate) struct TextFile {
    /// Relative to the workspace, with `/` between folders.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: String,
}

impl TextFile {
    /// The part of the name behind the last dot; empty when there is none.
    pub(crate) fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.rsplit_once('.').map_or(
            "",
            |(stem, extension)| if stem.is_empty() { "" } else { extension },
        )
    }

    /// Whether the file is a script that a shell or Node runs.
    pub(crate) fn is_script(&self) -> bool {
        matches!(self.extension(), "sh" | "mjs" | "py") || self.text.starts_with("#!")
    }
}

/// All text files, sorted by path, and the names of everything else.
pub(crate) struct Tree {
    files: Vec<TextFile>,
    others: Vec<String>,
}

impl Tree {
    /// Reads the workspace below `root`.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let mut tree = Self {
            files: Vec::new(),
            others: Vec::new(),
        };
        tree.folder_read(root, "")?;
        tree.files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(tree)
    }

    fn folder_read(&mut self, folder: &Path, prefix: &str) -> anyhow::Result<()> {
        let entries =
            fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("reading {}", folder.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry
                .file_type()
                .with_context(|| format!("asking what {path} is"))?;
            if kind.is_dir() {
                if !FOREIGN_FOLDERS.contains(&name.as_str()) {
                    self.others.push(path.clone());
                    self.folder_read(&entry.path(), &format!("{path}/"))?;
                }
            } else if kind.is_file() {
                self.file_read(&entry.path(), path)?;
            } else {
                self.others.push(path);
            }
        }
        Ok(())
    }

    fn file_read(&mut self, file: &Path, path: String) -> anyhow::Result<()> {
        let length = fs::metadata(file)
            .with_context(|| format!("reading {path}"))?
            .len();
        if length <= TEXT_BYTES_MAX {
            let bytes = fs::read(file).with_context(|| format!("reading {path}"))?;
            if let Ok(text) = String::from_utf8(bytes) {
                self.files.push(TextFile { path, text });
                return Ok(());
            }
        }
        self.others.push(path);
        Ok(())
    }

    /// Every text file.
    pub(crate) fn files(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter()
    }

    /// The text files whose name ends in this extension.
    pub(crate) fn with_extension(&self, extension: &str) -> impl Iterator<Item = &TextFile> {
        self.files
            .iter()
            .filter(move |file| file.extension() == extension)
    }

    /// One text file by its path.
    pub(crate) fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether a file or folder of this path is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        path.is_empty()
            || self.file(path).is_some()
            || self.others.iter().any(|other| other == path)
    }

    /// A tree made of samples, for the tests of the rules.
    #[cfg(test)]
    pub(crate) fn sample(files: &[(&str, &str)]) -> Self {
        let mut others = Vec::new();
        for (path, _) in files {
            for (at, _) in path.match_indices('/') {
                others.push(path[..at].to_owned());
            }
        }
        let files = files
            .iter()
            .map(|(path, text)| TextFile {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        Self { files, others }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_file_has_no_extension() {
        let tree = Tree::sample(&[
            (".ci/run", "#!/bin/bash\n"),
            (".gitignore", ""),
            ("a/b.rs", ""),
        ]);
        let extensions: Vec<&str> = tree.files().map(TextFile::extension).collect();
        assert_eq!(extensions, ["", "", "rs"]);
        assert!(tree.has("a") && tree.has("a/b.rs") && !tree.has("a/c.rs"));
        assert!(tree.file(".ci/run").is_some_and(TextFile::is_script));
    }
}
