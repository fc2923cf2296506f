//! A person's phone: its cookies, its connection, and what it does with an answer.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Context as _, bail};
use axum::http::StatusCode;

use super::http::{Answer, Demo, Question, Wire, form_encode};

/// No page of ours leads on more often.
const REDIRECTS_MAX: usize = 5;

/// Where the floor signs in.
pub(crate) const SIGN_IN: &str = "/floor/sign-in";

/// A phone.
pub(crate) struct Phone {
    demo: Rc<Demo>,
    wire: Option<Wire>,
    cookies: BTreeMap<String, String>,
}

/// An answer, and where it came from after all redirects.
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) answer: Answer,
}

impl Page {
    /// Whether it says that nobody is signed in (any more).
    pub(crate) fn asks_to_sign_in(&self) -> bool {
        let led_there = self.path == SIGN_IN || self.path.starts_with("/floor/sign-in?");
        self.answer.status == StatusCode::UNAUTHORIZED || led_there
    }

    /// Whether the server could do what was asked, be it with a refusal.
    ///
    /// # Errors
    /// A fault of the server, or its limit on requests.
    pub(crate) fn check(self) -> anyhow::Result<Self> {
        let status = self.answer.status;
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            bail!("{} answers {status}. See the server's log.", self.path);
        }
        Ok(self)
    }
}

impl Phone {
    /// A phone without any cookie.
    pub(crate) fn new(demo: Rc<Demo>) -> Self {
        Self {
            demo,
            wire: None,
            cookies: BTreeMap::new(),
        }
    }

    /// Whether a sign-in is on it. It may have run out.
    pub(crate) fn is_signed_in(&self) -> bool {
        !self.cookies.is_empty()
    }

    /// Opens a page.
    ///
    /// # Errors
    /// The server is away or at fault.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Page> {
        self.follow(path.to_owned(), None).await
    }

    /// Sends a form and opens the page that it leads to.
    ///
    /// # Errors
    /// The server is away or at fault.
    pub(crate) async fn post(
        &mut self,
        path: &str,
        pairs: &[(String, String)],
    ) -> anyhow::Result<Page> {
        self.follow(path.to_owned(), Some(form_encode(pairs))).await
    }

    async fn follow(&mut self, mut path: String, mut form: Option<String>) -> anyhow::Result<Page> {
        for _ in 0..=REDIRECTS_MAX {
            let answer = self.ask(&path, form.take()).await?;
            self.cookies_keep(&answer)?;
            if !answer.status.is_redirection() {
                return Page { path, answer }.check();
            }
            let next = answer.header("location").unwrap_or_default();
            if !next.starts_with('/') || next.starts_with("//") {
                bail!("{path} leads to another site: {next:?}.");
            }
            path = next.to_owned();
        }
        bail!("{path}: one page leads to the other without end.")
    }

    /// Asks once more on a new connection when the old one was closed meanwhile: forms carry a key, so that none is
    /// saved twice.
    async fn ask(&mut self, path: &str, form: Option<String>) -> anyhow::Result<Answer> {
        let question = Question {
            path,
            cookie: self.cookie(),
            form,
        };
        let demo = Rc::clone(&self.demo);
        if let Some(wire) = self.wire.as_mut().filter(|wire| wire.is_open())
            && let Ok(answer) = demo.ask(wire, &question).await
        {
            return Ok(answer);
        }
        let wire = self.wire.insert(demo.connect().await?);
        demo.ask(wire, &question)
            .await
            .with_context(|| format!("{path} could not be asked"))
    }

    fn cookie(&self) -> String {
        self.cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn cookies_keep(&mut self, answer: &Answer) -> anyhow::Result<()> {
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().context("a cookie that is no text")?;
            match cookie_parse(line) {
                Some((name, Some(value))) => self.cookies.insert(name.to_owned(), value.to_owned()),
                Some((name, None)) => self.cookies.remove(name),
                None => None,
            };
        }
        Ok(())
    }
}

/// Name and value of a `Set-Cookie` line; no value when it takes the cookie away.
fn cookie_parse(line: &str) -> Option<(&str, Option<&str>)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let ends = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
    Some((name, (!ends && !value.is_empty()).then_some(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_come_and_go() {
        let kept = cookie_parse("__Host-clerestory=ab12; Path=/; Secure; HttpOnly; Max-Age=43200");
        assert_eq!(kept, Some(("__Host-clerestory", Some("ab12"))));
        let gone = cookie_parse("__Host-clerestory=; Path=/; Secure; Max-Age=0");
        assert_eq!(gone, Some(("__Host-clerestory", None)));
        assert_eq!(cookie_parse("nothing"), None);
    }
}
