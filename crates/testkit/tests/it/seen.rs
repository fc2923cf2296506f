//! A form that is shown again keeps the version that it saw: whatever others recorded in between is shown before anything
//! that was typed without knowing of it is saved.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use domain::treatment::Command;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::day::{Floor, PRESSURES, submission, vitals};

/// A nurse's browser on the session's page for vitals.
struct Phone {
    floor: Floor,
    router: Router,
    cookie: String,
}

/// The page that came, with what its form would send back.
struct Answer {
    status: StatusCode,
    page: String,
}

impl Answer {
    fn hidden(&self, name: &str) -> &str {
        let mark = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
        let (_, rest) = self.page.split_once(&mark).unwrap();
        rest.split_once('"').unwrap().0
    }

    fn seen(&self) -> u32 {
        self.hidden("seen").parse().unwrap()
    }

    /// Whether it says that somebody else recorded a reading in between, and shows it.
    fn shows(&self, (systolic, diastolic): (i32, i32)) -> bool {
        let news = self.page.split_once("recorded since you opened the page");
        news.is_some_and(|(_, news)| news.contains(&format!("{systolic}/{diastolic}")))
    }
}

impl Phone {
    async fn begin() -> Self {
        let mut floor = Floor::planned().await;
        floor.must(Command::Arrive).await;
        let cookie = floor.world.cookie("mara").await;
        floor.nurse = floor.world.signed_in(&cookie).await.unwrap();
        Self {
            router: web::router(Arc::clone(&floor.world.app), web::WebSettings::default()),
            cookie,
            floor,
        }
    }

    async fn opened(&self) -> Answer {
        let path = format!("/floor/sessions/{}/steps/vitals", self.floor.session);
        self.answer(Request::get(path).body(Body::empty())).await
    }

    /// Sends the form of a page with these readings.
    async fn sent(&self, form: &Answer, step: &str, typed: &str) -> Answer {
        let [key, seen, watch] = ["key", "seen", "watch"].map(|name| form.hidden(name));
        let body = format!("key={key}&seen={seen}&watch={watch}&when=now&{typed}");
        let path = format!("/floor/sessions/{}/{step}", self.floor.session);
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.answer(request.body(Body::from(body))).await
    }

    async fn answer(&self, request: http::Result<Request<Body>>) -> Answer {
        let mut request = request.unwrap();
        let cookie = format!("__Host-clerestory={}", self.cookie);
        let headers = request.headers_mut();
        headers.insert(header::HOST, "localhost:8443".parse().unwrap());
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let page = response.into_body().collect().await.unwrap().to_bytes();
        Answer {
            status,
            page: String::from_utf8(page.to_vec()).unwrap(),
        }
    }

    /// Another nurse records a reading.
    async fn somebody_else(&self, reading: (i32, i32)) {
        let other = self.floor.world.ctx("jonah").await;
        let app = &self.floor.world.app;
        let form = submission(app.id(), self.floor.version().await, vitals(reading));
        app.record(&other, self.floor.session, form).await.unwrap();
    }
}

const TYPED: &str = "systolic=131&diastolic=84&pulse=70&spo2=97&respiration=15&moaas=5";
const UNREAD: &str = "systolic=high&diastolic=84&pulse=70&spo2=97&respiration=15&moaas=5";

#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_between_is_shown_after_a_form_that_could_not_be_read() {
    let phone = Phone::begin().await;
    let form = phone.opened().await;
    phone.somebody_else(PRESSURES[1]).await;
    let unread = phone.sent(&form, "vitals", UNREAD).await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unread.seen(), form.seen());
    let stale = phone.sent(&unread, "vitals", TYPED).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.shows(PRESSURES[1]));
    // Now it has seen it, and is saved.
    let saved = phone.sent(&stale, "vitals", TYPED).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_between_is_shown_after_a_refusal() {
    let phone = Phone::begin().await;
    let form = phone.opened().await;
    // One's own entry is no news, and counts all the same.
    let app = &phone.floor.world.app;
    let own = submission(app.id(), form.seen(), vitals(PRESSURES[0]));
    let (nurse, session) = (&phone.floor.nurse, phone.floor.session);
    app.record(nurse, session, own).await.unwrap();
    let refused = phone.sent(&form, "arrival", "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.page.contains("data-outcome=\"refused\""));
    assert_eq!(refused.seen(), form.seen());
    phone.somebody_else(PRESSURES[1]).await;
    let stale = phone.sent(&refused, "vitals", TYPED).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.shows(PRESSURES[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_between_is_shown_after_a_form_that_was_saved_before_with_other_answers() {
    let phone = Phone::begin().await;
    let form = phone.opened().await;
    let saved = phone.sent(&form, "vitals", TYPED).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    phone.somebody_else(PRESSURES[1]).await;
    // Back in the browser, with another pulse.
    let typed = TYPED.replace("pulse=70", "pulse=88");
    let reused = phone.sent(&form, "vitals", &typed).await;
    assert_eq!(reused.status, StatusCode::CONFLICT);
    assert!(reused.page.contains("saved before with other answers"));
    assert_ne!(reused.hidden("key"), form.hidden("key"));
    assert_eq!(reused.seen(), form.seen());
    let stale = phone.sent(&reused, "vitals", &typed).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.shows(PRESSURES[1]));
    let saved = phone.sent(&stale, "vitals", &typed).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(phone.floor.version().await, form.seen() + 3);
}
