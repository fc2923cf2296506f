//! The stage of a day: everybody's phone, the demo's clock, and the sessions that were planned.

mod act;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::civil::Date;

use super::day::{DayFile, Field, Given};
use super::form::{Filling, Form};
use super::http::Demo;
use super::page::{self, Refused};
use super::phone::{Page, Phone, SIGN_IN};
use super::state::{self, SessionState};
use crate::serve::demo_file::DemoPerson;

/// Where the demo shows its code and clock.
const DEMO: &str = "/demo";
/// Where its clock is moved.
const CLOCK: &str = "/demo/clock";

/// A session that was planned.
struct Planned {
    id: String,
    by: String,
}

/// A day on the stage.
pub(crate) struct Stage<'a> {
    file: &'a DayFile,
    day: Date,
    exports_dir: &'a Path,
    demo: Rc<Demo>,
    /// Where nobody is signed in: reads the code, moves the clock.
    desk: Phone,
    phones: BTreeMap<String, Phone>,
    pins: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    sessions: BTreeMap<String, Planned>,
    /// Sessions of the wrong patient: they are gone.
    deleted: BTreeSet<String>,
    entries: BTreeMap<String, u32>,
    now: Timestamp,
}

/// What a stage is set with.
pub(crate) struct Setting<'a> {
    pub(crate) file: &'a DayFile,
    pub(crate) day: Date,
    pub(crate) exports_dir: &'a Path,
    pub(crate) demo: Rc<Demo>,
    pub(crate) now: Timestamp,
}

/// Where the demo's clock stands.
///
/// # Errors
/// No demo answers.
pub(crate) async fn clock(demo: &Rc<Demo>) -> anyhow::Result<Timestamp> {
    Ok(demo_page(&mut Phone::new(Rc::clone(demo))).await?.1)
}

async fn demo_page(desk: &mut Phone) -> anyhow::Result<(String, Timestamp)> {
    let page = desk.get(DEMO).await?;
    page::demo(page.answer.html()?)
        .context("This server is no demo: a day is played in a demo alone")
}

impl<'a> Stage<'a> {
    /// Sets the stage with the demo's people.
    ///
    /// # Errors
    /// The file names somebody who is not among them.
    pub(crate) fn set(setting: Setting<'a>, people: Vec<DemoPerson>) -> anyhow::Result<Self> {
        let Setting {
            file,
            day,
            exports_dir,
            demo,
            now,
        } = setting;
        let names: BTreeMap<String, String> = people
            .iter()
            .map(|person| (person.login.clone(), person.name.clone()))
            .collect();
        let plans = file
            .sessions
            .iter()
            .map(|session| (session.line, session.by.as_str()));
        let steps = file
            .steps
            .iter()
            .filter_map(|step| Some((step.line, step.by()?)));
        if let Some((line, by)) = plans.chain(steps).find(|(_, by)| !names.contains_key(*by)) {
            let known: Vec<&str> = names.keys().map(String::as_str).collect();
            bail!(
                "{}:{line}: nobody signs in as {by:?}. The demo has: {}.",
                file.file,
                known.join(", ")
            );
        }
        Ok(Self {
            file,
            day,
            exports_dir,
            desk: Phone::new(Rc::clone(&demo)),
            demo,
            phones: BTreeMap::new(),
            pins: people
                .into_iter()
                .map(|person| (person.login, person.pin))
                .collect(),
            names,
            sessions: BTreeMap::new(),
            deleted: BTreeSet::new(),
            entries: BTreeMap::new(),
            now,
        })
    }

    /// Holds the demo's clock at a moment: forward only.
    ///
    /// # Errors
    /// The demo refuses: somebody else has moved its clock further.
    pub(crate) async fn clock_hold(&mut self, at: Timestamp) -> anyhow::Result<()> {
        if at == self.now {
            return Ok(());
        }
        let page = self
            .desk
            .post(CLOCK, &[("to".to_owned(), at.to_string())])
            .await?;
        let html = page.answer.html()?;
        match page::demo(html) {
            Some((_, now)) if now == at => {
                self.now = at;
                Ok(())
            }
            Some((_, now)) => bail!(
                "The demo's clock stands at {now} instead of {at}: does something else move it?"
            ),
            None => bail!(
                "The demo's clock cannot be held at {at}: {}",
                sentence(html)
            ),
        }
    }

    /// The states of all sessions that were planned, as their pages show them.
    ///
    /// # Errors
    /// A page cannot be opened, or shows something else.
    pub(crate) async fn states(&mut self) -> anyhow::Result<Vec<SessionState>> {
        let mut states = Vec::new();
        for session in &self.file.sessions {
            let Some(Planned { id, by }) = self.sessions.get(&session.name) else {
                continue;
            };
            let (id, by) = (id.clone(), by.clone());
            let floor = self.open(&by, &format!("/floor/sessions/{id}")).await?;
            let record = self
                .open(&by, &format!("/floor/sessions/{id}/record"))
                .await?;
            let read = state::read(
                &session.name,
                &id,
                floor.answer.html()?,
                record.answer.html()?,
            );
            states.push(read.with_context(|| {
                format!("The pages of session {:?} show no session", session.name)
            })?);
        }
        Ok(states)
    }

    /// Opens a page on somebody's phone, signing in first where that is needed.
    async fn open(&mut self, by: &str, path: &str) -> anyhow::Result<Page> {
        if !self.phone(by).is_signed_in() {
            self.sign_in(by).await?;
        }
        let page = self.phone(by).get(path).await?;
        if !page.asks_to_sign_in() {
            return Ok(page);
        }
        self.sign_in(by).await?;
        let page = self.phone(by).get(path).await?;
        if page.asks_to_sign_in() {
            bail!("{by} has signed in, and {path} asks for a sign-in again.");
        }
        Ok(page)
    }

    /// Sends a form from somebody's phone. When the sign-in has ended, it does what the page says: sign in, send again.
    async fn send(
        &mut self,
        by: &str,
        action: &str,
        pairs: &[(String, String)],
    ) -> anyhow::Result<Page> {
        let page = self.phone(by).post(action, pairs).await?;
        if !page.asks_to_sign_in() {
            return Ok(page);
        }
        self.sign_in(by).await?;
        self.phone(by).post(action, pairs).await
    }

    fn phone(&mut self, by: &str) -> &mut Phone {
        let demo = Rc::clone(&self.demo);
        self.phones
            .entry(by.to_owned())
            .or_insert_with(|| Phone::new(demo))
    }

    /// Signs in with today's code, the name and the PIN, through the page.
    async fn sign_in(&mut self, by: &str) -> anyhow::Result<()> {
        let (code, _) = demo_page(&mut self.desk).await?;
        let pin = self.pins.get(by).cloned().unwrap_or_default();
        let given = [("code", code), ("name", by.to_owned()), ("pin", pin)];
        let fields = given.map(|(name, value)| Field {
            line: 0,
            name: name.to_owned(),
            given: Given::One(value),
        });
        let page = self.phone(by).get(SIGN_IN).await?;
        let mut form = Form::find(page.answer.html()?, "form[action=\"/floor/sign-in\"]")
            .context("The sign-in page has no form")?;
        let filled = form.fill(&fields, &self.filling());
        if let Err(misfit) = filled {
            bail!(
                "The sign-in page asks for something else: {}.",
                misfit.sentence
            );
        }
        let page = self.phone(by).post(&form.action, &form.pairs()).await?;
        if page.asks_to_sign_in() || !self.phone(by).is_signed_in() {
            bail!("{by} cannot sign in: {}", sentence(page.answer.html()?));
        }
        Ok(())
    }

    fn filling(&self) -> Filling<'_> {
        Filling {
            now: self.now.to_zoned(self.file.zone.clone()),
            people: &self.names,
            entries: &self.entries,
        }
    }
}

/// The page's sentence about what is wrong.
fn sentence(html: &str) -> String {
    let refusal = page::said(html).and_then(|said| said.refusal);
    refusal.map_or_else(
        || "the page does not say why.".to_owned(),
        |Refused { sentence, .. }| sentence,
    )
}
