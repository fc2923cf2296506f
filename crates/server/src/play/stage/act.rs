//! What can be done on the stage: planning, taking a step, exporting, signing out.

use anyhow::Context as _;

use super::{Planned, Stage};
use crate::files;
use crate::play::day::{
    Act, DayStep, Exported, Field, Given, Mistaken, Outcome, SessionPlanned, Taken,
};
use crate::play::form::{Form, Misfit};
use crate::play::page::{self, EntryLink, Said};
use crate::play::phone::Page;
use crate::play::report::Done;

/// The form of a step, and of a plan.
const STEP_FORM: &str = "form#step-form";
/// A field that a page shows beside a refusal alone: why it was done so, with a button of its own that says that it was.
const ALREADY_REASON: &str = "already_reason";
/// The field that names the right session.
const RIGHT_SESSION: &str = "to";
/// What that button sends.
const ALREADY_BUTTON: &str = "basis";

impl Stage<'_> {
    /// Plans a session through the page.
    ///
    /// # Errors
    /// The server is away or at fault.
    pub(crate) async fn plan(&mut self, session: &SessionPlanned) -> anyhow::Result<Done> {
        let mut path = "/floor/sessions/new".to_owned();
        if let Some(follows) = &session.follows {
            match self.sessions.get(follows) {
                Some(planned) => path.push_str(&format!("?follows={}", planned.id)),
                None => return Ok(self.unplanned(follows, session.line)),
            }
        }
        let page = self.open(&session.by, &path).await?;
        let Some(mut form) = Form::find(page.answer.html()?, STEP_FORM) else {
            return no_form(&page);
        };
        if let Err(misfit) = form.fill(&session.fields, &self.filling()) {
            return Ok(self.misfit(&misfit, &format!("the plan of session {:?}", session.name)));
        }
        let page = self.send(&session.by, &form.action, &form.pairs()).await?;
        let said = said(&page)?;
        if said.outcome != Outcome::Refused {
            let id = page
                .path
                .strip_prefix("/floor/sessions/")
                .and_then(|rest| rest.split('?').next());
            let id = id.context("Planning leads to no session")?.to_owned();
            self.sessions.insert(
                session.name.clone(),
                Planned {
                    id,
                    by: session.by.clone(),
                },
            );
        }
        Ok(Done::page(said))
    }

    /// Takes a step.
    ///
    /// # Errors
    /// The server is away or at fault.
    pub(crate) async fn act(&mut self, step: &DayStep) -> anyhow::Result<Done> {
        match &step.act {
            Act::Take(taken) => self.take(step, taken).await,
            Act::WrongPatient(mistaken) => self.wrong_patient(step, mistaken).await,
            Act::Export(exported) => self.export(step, exported).await,
            Act::SignOut { by } => self.sign_out(by).await,
            Act::Wait => Ok(Done::plain(String::new())),
        }
    }

    fn session_id(&self, name: &str) -> Option<String> {
        self.sessions.get(name).map(|planned| planned.id.clone())
    }

    /// A session whose plan was refused has no pages, and one that was deleted has none any more.
    fn unplanned(&self, name: &str, line: usize) -> Done {
        let file = &self.file.file;
        if self.deleted.contains(name) {
            return Done::misfit(format!(
                "{file}:{line}: session {name:?} is gone: it was the wrong patient's."
            ));
        }
        Done::misfit(format!(
            "{file}:{line}: session {name:?} was not planned: its plan was refused."
        ))
    }

    fn misfit(&self, misfit: &Misfit, what: &str) -> Done {
        Done::misfit(format!(
            "{}:{}: {what}: {}.",
            self.file.file, misfit.line, misfit.sentence
        ))
    }

    async fn take(&mut self, step: &DayStep, taken: &Taken) -> anyhow::Result<Done> {
        let what = format!(
            "step {} ({} of session {:?})",
            step.number, taken.step, taken.session
        );
        let Some(id) = self.session_id(&taken.session) else {
            return Ok(self.unplanned(&taken.session, step.line));
        };
        let session_path = format!("/floor/sessions/{id}");
        // A person looks at the session before tapping on a step.
        self.open(&taken.by, &session_path).await?;
        let page = self
            .open(&taken.by, &format!("{session_path}/steps/{}", taken.step))
            .await?;
        let page = match self.entry_choose(taken, page).await? {
            Ok(page) => page,
            Err(misfit) => return Ok(self.misfit(&misfit, &what)),
        };
        let Some(mut form) = Form::find(page.answer.html()?, STEP_FORM) else {
            return no_form(&page);
        };
        let elsewhere = |field: &Field| match field.name.as_str() {
            // Chosen by its link already.
            "corrects" => taken.step == "correction",
            ALREADY_REASON => !form.has(ALREADY_REASON),
            _ => false,
        };
        let fields: Vec<&Field> = taken
            .fields
            .iter()
            .filter(|field| !elsewhere(field))
            .collect();
        if let Err(misfit) = form.fill(fields, &self.filling()) {
            return Ok(self.misfit(&misfit, &what));
        }
        let mut page = self.send(&taken.by, &form.action, &form.pairs()).await?;
        if page::is_stale(page.answer.html()?)
            && let Some(form) = Form::find(page.answer.html()?, STEP_FORM)
        {
            // Somebody else recorded something in between. What was typed still holds: save again, as the page says.
            page = self.send(&taken.by, &form.action, &form.pairs()).await?;
        }
        if let Some(again) = self.already(taken, &page)? {
            page = self.send(&taken.by, &again.action, &again.pairs).await?;
        }
        let said = said(&page)?;
        if let (Some(name), Some(number)) = (&taken.name, entry_number(&page.path)) {
            self.entries.insert(name.clone(), number);
        }
        Ok(Done::page(said))
    }

    /// A correction begins with its entry: the page lists them as links.
    async fn entry_choose(
        &mut self,
        taken: &Taken,
        page: Page,
    ) -> anyhow::Result<Result<Page, Misfit>> {
        if taken.step != "correction" || Form::find(page.answer.html()?, STEP_FORM).is_some() {
            return Ok(Ok(page));
        }
        let links = page::entry_links(page.answer.html()?);
        if links.is_empty() {
            return Ok(Ok(page));
        }
        let offered = || {
            links
                .iter()
                .map(|link| format!("“{}”", link.label))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let Some(field) = taken.fields.iter().find(|field| field.name == "corrects") else {
            let line = taken.fields.first().map_or(0, |field| field.line);
            return Ok(Err(Misfit {
                line,
                sentence: format!(
                    "`corrects` says which entry is corrected; there are {}",
                    offered()
                ),
            }));
        };
        let found = match &field.given {
            Given::One(wanted) => self.entry_link(&links, wanted),
            Given::Many(_) => None,
        };
        match found {
            Some(path) => Ok(Ok(self.open(&taken.by, &path).await?)),
            None => Ok(Err(Misfit {
                line: field.line,
                sentence: format!(
                    "`corrects` is an entry's number, \"@\" and a step's name, or words of one entry alone; there are {}",
                    offered()
                ),
            })),
        }
    }

    /// The link of an entry: by its number, its step's name, or its words.
    fn entry_link(&self, links: &[EntryLink], wanted: &str) -> Option<String> {
        let number = match wanted.strip_prefix('@') {
            Some(name) => Some(self.entries.get(name)?.to_string()),
            None => wanted.parse::<u32>().ok().map(|number| number.to_string()),
        };
        let is = |link: &&EntryLink| match &number {
            Some(number) => link.href.ends_with(&format!("?corrects={number}")),
            None => link.words.to_lowercase().contains(&wanted.to_lowercase()),
        };
        let mut found = links.iter().filter(is);
        let link = found.next()?;
        found.next().is_none().then(|| link.href.clone())
    }

    /// “It was already given”, when the page offers it beside a refusal and the file gives the reason.
    fn already(&self, taken: &Taken, page: &Page) -> anyhow::Result<Option<Again>> {
        let Some(reason) = taken
            .fields
            .iter()
            .find(|field| field.name == ALREADY_REASON)
        else {
            return Ok(None);
        };
        let Some(mut form) = Form::find(page.answer.html()?, STEP_FORM) else {
            return Ok(None);
        };
        let Some(button) = form.button(ALREADY_BUTTON).cloned() else {
            return Ok(None);
        };
        if form.fill([reason], &self.filling()).is_err() {
            return Ok(None);
        }
        let mut pairs = form.pairs();
        pairs.push(button);
        Ok(Some(Again {
            action: form.action,
            pairs,
        }))
    }

    async fn wrong_patient(&mut self, step: &DayStep, mistaken: &Mistaken) -> anyhow::Result<Done> {
        let Some(id) = self.session_id(&mistaken.session) else {
            return Ok(self.unplanned(&mistaken.session, step.line));
        };
        let path = format!("/floor/sessions/{id}/wrong-patient");
        let page = self.open(&mistaken.by, &path).await?;
        let Some(mut form) = Form::find(page.answer.html()?, STEP_FORM) else {
            return no_form(&page);
        };
        if let Some(to) = mistaken.to.as_ref().filter(|_| form.has(RIGHT_SESSION)) {
            let Some(right) = self.session_id(to) else {
                return Ok(self.unplanned(to, step.line));
            };
            let field = Field {
                line: step.line,
                name: RIGHT_SESSION.to_owned(),
                given: Given::One(right),
            };
            if let Err(misfit) = form.fill([&field], &self.filling()) {
                let what = format!("step {} ({})", step.number, step.word());
                return Ok(self.misfit(&misfit, &what));
            }
        }
        let page = self.send(&mistaken.by, &form.action, &form.pairs()).await?;
        let said = said(&page)?;
        if said.outcome != Outcome::Refused {
            self.sessions.remove(&mistaken.session);
            self.deleted.insert(mistaken.session.clone());
        }
        Ok(Done::page(said))
    }

    async fn export(&mut self, step: &DayStep, exported: &Exported) -> anyhow::Result<Done> {
        let Some(id) = self.session_id(&exported.session) else {
            return Ok(self.unplanned(&exported.session, step.line));
        };
        let page = self
            .open(&exported.by, &format!("/floor/sessions/{id}/record"))
            .await?;
        let action = format!("/floor/sessions/{id}/exports");
        let kind = exported.kind.as_str();
        // Where the page has no button for it, the question is asked all the same: the answer is the server's.
        let pairs = Form::find_hidden(page.answer.html()?, &action, "kind", kind).map_or_else(
            || vec![("kind".to_owned(), kind.to_owned())],
            |form| form.pairs(),
        );
        let page = self.send(&exported.by, &action, &pairs).await?;
        let is_file = page
            .answer
            .header("content-disposition")
            .is_some_and(|value| value.starts_with("attachment"));
        if !page.answer.status.is_success() || !is_file {
            return Ok(Done::page(said(&page)?));
        }
        let file = self
            .exports_dir
            .join(exported.to.replace("{day}", &self.day.to_string()));
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("The folder {} cannot be made", folder.display()))?;
        }
        files::replace(&file, &page.answer.body, 0o600, None)?;
        let words = format!("{} bytes", page.answer.body.len());
        Ok(Done {
            file: Some(file),
            ..Done::plain(words)
        })
    }

    async fn sign_out(&mut self, by: &str) -> anyhow::Result<Done> {
        let page = self.open(by, "/floor").await?;
        let form = Form::find(page.answer.html()?, "form[action=\"/floor/sign-out\"]")
            .context("The page offers no way to sign out")?;
        let phone = self.phone(by);
        let page = phone.post(&form.action, &form.pairs()).await?;
        if phone.is_signed_in() {
            return Ok(Done::page(said(&page)?));
        }
        Ok(Done::plain("Signed out".to_owned()))
    }
}

/// A form that is sent again with another button.
struct Again {
    action: String,
    pairs: Vec<(String, String)>,
}

/// What a page says became of a form. A page that leads on without a word has accepted it.
fn said(page: &Page) -> anyhow::Result<Said> {
    let html = page.answer.html()?;
    if let Some(said) = page::said(html) {
        return Ok(said);
    }
    if page.answer.status.is_success() && !page::is_stale(html) {
        return Ok(Done::plain(String::new()).said);
    }
    anyhow::bail!(
        "{} answers {} and does not say what became of the form.",
        page.path,
        page.answer.status
    )
}

/// A page without the form: a refusal in the page's words.
fn no_form(page: &Page) -> anyhow::Result<Done> {
    let said = page::said(page.answer.html()?).filter(|said| said.outcome == Outcome::Refused);
    said.map(Done::page)
        .with_context(|| format!("{} has no form and does not say why", page.path))
}

/// The number of the entry that a form has made: the page that it leads to says how many there were before.
fn entry_number(path: &str) -> Option<u32> {
    path.split_once("?saved=")?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entrys_number_is_in_the_address() {
        assert_eq!(entry_number("/floor/sessions/7?saved=4"), Some(4));
        assert_eq!(entry_number("/floor/sessions/7/vitals"), None);
    }
}
