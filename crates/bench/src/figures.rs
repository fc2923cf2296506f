//! Figures as a flat object of name to number, the unit in the name.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;

/// Figures by name.
#[derive(Default)]
pub(crate) struct Figures(BTreeMap<String, f64>);

impl Figures {
    pub(crate) fn set(&mut self, name: &str, value: f64) {
        eprintln!("  {name}: {value:.1}");
        self.0
            .insert(name.to_owned(), (value * 10.0).round() / 10.0);
    }

    /// Writes `FOLDER/NAME.json`.
    pub(crate) fn write(&self, folder: &Path, name: &str) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{name}.json"));
        std::fs::write(&path, serde_json::to_string_pretty(&self.0)?)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        eprintln!("figures are in {}", path.display());
        Ok(())
    }
}
