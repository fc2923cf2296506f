//! The demo's clinic, and the file with its codes and PINs that `up` shows on its screen.
//!
//! Invariant: called in a demo alone; nothing else ever writes a PIN.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use app::App;
use serde::{Deserialize, Serialize};

use crate::files;

/// A handful of people, and the sessions of clinics for load tests.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What the screen shows.
#[derive(Serialize, Deserialize)]
pub(crate) struct DemoFile {
    /// The clinic code of the demo clock's today.
    pub(crate) code: String,
    /// Who can sign in.
    pub(crate) people: Vec<DemoPerson>,
    /// Clinics for load tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) load: Vec<DemoLoad>,
}

/// A clinic for load tests.
#[derive(Serialize, Deserialize)]
pub(crate) struct DemoLoad {
    pub(crate) code: String,
    pub(crate) login: String,
    pub(crate) pin: String,
    /// Open sessions whose patients have arrived.
    pub(crate) sessions: Vec<String>,
}

/// A made-up person of the demo.
#[derive(Serialize, Deserialize)]
pub(crate) struct DemoPerson {
    pub(crate) name: String,
    /// What is typed to sign in.
    pub(crate) login: String,
    pub(crate) pin: String,
    pub(crate) role: String,
}

/// Clinics for load tests, as they are written: `50x20+200` is fifty with twenty sessions each, and one with two hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Load {
    clinics: u32,
    sessions: u32,
    hot: u32,
}

/// More clinics or sessions than a load test needs would only make the start long.
const LOAD_MAX: u32 = 1_000;

impl FromStr for Load {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = || {
            let (many, hot) = text.split_once('+')?;
            let (clinics, sessions) = many.split_once('x')?;
            let number = |text: &str| text.parse().ok().filter(|number| *number <= LOAD_MAX);
            Some(Self {
                clinics: number(clinics)?,
                sessions: number(sessions)?,
                hot: number(hot)?,
            })
        };
        parsed().ok_or_else(|| {
            format!(
                "it has to be CLINICSxSESSIONS+SESSIONS, each number at most {LOAD_MAX}, for example 50x20+200"
            )
        })
    }
}

impl std::fmt::Display for Load {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}x{}+{}", self.clinics, self.sessions, self.hot)
    }
}

impl DemoFile {
    /// Reads it; it may be another user's.
    ///
    /// # Errors
    /// It is missing or not what was written.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = files::read_bounded(path, BYTES_MAX)?;
        serde_json::from_slice(&bytes)
            .with_context(|| format!("{} cannot be understood", path.display()))
    }
}

/// Makes the demo's clinic unless it is there, and writes the file with today's code.
///
/// # Errors
/// The clinic cannot be made, or was made and its PINs were lost.
pub(crate) async fn prepare(
    app: &Arc<App>,
    file: &Path,
    load: Option<&Load>,
) -> anyhow::Result<()> {
    let made = app
        .demo_seed()
        .await
        .map_err(|error| anyhow::anyhow!("The demo's clinic cannot be made: {error}"))?;
    let people = match made {
        Some(made) => made
            .into_iter()
            .map(|person| DemoPerson {
                name: person.name,
                login: person.login,
                pin: person.pin,
                role: person.role.as_str().replace('_', " "),
            })
            .collect(),
        None if file.exists() => DemoFile::read(file)?.people,
        None => bail!(
            "The first start was cut off while the demo's clinic was made, and its PINs are lost. Remove the data folder and start again."
        ),
    };
    // PINs first: whatever fails afterwards, they can be read again at the next start.
    write(
        file,
        &DemoFile {
            code: String::new(),
            people,
            load: Vec::new(),
        },
    )?;
    let mut demo = DemoFile::read(file)?;
    demo.code = app
        .demo_code()
        .await
        .map_err(|error| anyhow::anyhow!("Today's code cannot be made: {error}"))?;
    if let Some(load) = load {
        demo.load = load_clinics(app, load).await?;
    }
    write(file, &demo)
}

/// Makes the clinics of a load.
async fn load_clinics(app: &Arc<App>, load: &Load) -> anyhow::Result<Vec<DemoLoad>> {
    let each = (0..load.clinics).map(|_| load.sessions).chain([load.hot]);
    let mut made = Vec::new();
    for (number, sessions) in (1..).zip(each) {
        let clinic = app
            .demo_load_clinic(number, sessions)
            .await
            .map_err(|error| anyhow::anyhow!("A clinic for the load cannot be made: {error}"))?;
        made.push(DemoLoad {
            code: clinic.code,
            login: clinic.login,
            pin: clinic.pin,
            sessions: clinic.sessions.iter().map(ToString::to_string).collect(),
        });
    }
    Ok(made)
}

fn write(file: &Path, demo: &DemoFile) -> anyhow::Result<()> {
    files::replace(file, &serde_json::to_vec_pretty(demo)?, 0o600, None)
}
