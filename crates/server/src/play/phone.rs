//! A person's phone: its cookies, its connection, and what it does with an answer.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::http::StatusCode;

use super::http::{Answer, Demo, Question, Wire, form_encode};
use crate::screen::complain;

/// No page of ours leads on more often.
const REDIRECTS_MAX: usize = 5;

/// How often a question is asked again that was one too many: by then something else asks as well, and more often.
const AGAIN_MAX: u32 = 10;
/// What is waited where the server does not say how long.
const WAIT_UNSAID: Duration = Duration::from_secs(5);
/// The longest that is waited before asking again, whatever the server says: its limit is one for a minute.
const WAIT_MAX: Duration = Duration::from_secs(120);

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
            let answer = self.ask_patiently(&path, form.take()).await?;
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

    /// Asks again, after the time that the server names, while it says that too much was asked: a long day is more than
    /// its limit for a minute. Nothing was done then. Time passes on the wall alone; the demo's clock is held.
    async fn ask_patiently(&mut self, path: &str, form: Option<String>) -> anyhow::Result<Answer> {
        let mut again = 0;
        loop {
            let answer = self.ask(path, form.clone()).await?;
            let Some(wait) = wait_before_again(&answer, again) else {
                return Ok(answer);
            };
            complain(&format!(
                "{path}: the server asks for patience; again in {} s.",
                wait.as_secs()
            ));
            tokio::time::sleep(wait).await;
            again += 1;
        }
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

/// How long to wait before the same question is asked again, which was asked again so often already; `None` when this
/// answer is to be taken as it is.
fn wait_before_again(answer: &Answer, again: u32) -> Option<Duration> {
    if answer.status != StatusCode::TOO_MANY_REQUESTS || again >= AGAIN_MAX {
        return None;
    }
    let said = answer
        .header("retry-after")
        .and_then(|seconds| seconds.trim().parse().ok())
        .map_or(WAIT_UNSAID, Duration::from_secs);
    // A wait of nothing would only ask once more too often.
    Some(said.clamp(Duration::from_secs(1), WAIT_MAX))
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
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use axum::http::HeaderMap;
    use hyper::body::Bytes;

    fn answer(status: u16, retry_after: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(seconds) = retry_after {
            headers.insert("retry-after", seconds.parse().unwrap());
        }
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::new(),
        }
    }

    #[test]
    fn a_question_too_many_is_asked_again_when_the_server_says() {
        let wait = |retry_after, again| {
            wait_before_again(&answer(429, retry_after), again).map(|wait| wait.as_secs())
        };
        assert_eq!(wait(Some("60"), 0), Some(60));
        assert_eq!(wait(Some("60"), AGAIN_MAX - 1), Some(60));
        assert_eq!(wait(Some("60"), AGAIN_MAX), None, "not without end");
        assert_eq!(wait(Some("0"), 0), Some(1));
        assert_eq!(wait(Some("86400"), 0), Some(WAIT_MAX.as_secs()));
        for unsaid in [None, Some("Wed, 21 Oct 2026 07:28:00 GMT"), Some("-3")] {
            assert_eq!(wait(unsaid, 0), Some(WAIT_UNSAID.as_secs()), "{unsaid:?}");
        }
        for status in [200, 303, 409, 422, 500, 503] {
            let taken = wait_before_again(&answer(status, Some("60")), 0);
            assert_eq!(taken, None, "{status}");
        }
    }

    #[test]
    fn cookies_come_and_go() {
        let kept = cookie_parse("__Host-clerestory=ab12; Path=/; Secure; HttpOnly; Max-Age=43200");
        assert_eq!(kept, Some(("__Host-clerestory", Some("ab12"))));
        let gone = cookie_parse("__Host-clerestory=; Path=/; Secure; Max-Age=0");
        assert_eq!(gone, Some(("__Host-clerestory", None)));
        assert_eq!(cookie_parse("nothing"), None);
    }
}
