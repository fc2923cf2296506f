//! Every route: without sign-in, from another clinic and with the wrong role nothing but the refusal; and every route that
//! shows patient data leaves its entry (promises A6, T4, N5; invariant 1).

use std::sync::Arc;

use app::Role;
use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use web::routes::{ALL, Route, Verb, Who};

use crate::day::{Floor, submission};

const LIST: &str = include_str!("routes.txt");

#[test]
fn a_new_route_has_to_be_listed() {
    let listed: Vec<String> = LIST
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let there: Vec<String> = ALL.iter().map(words).collect();
    assert_eq!(listed, there);
}

fn words(route: &Route) -> String {
    let verb = match route.verb {
        Verb::Get => "GET",
        Verb::Post => "POST",
    };
    let who = match route.who {
        Who::Anyone => "anyone",
        Who::Demo => "demo",
        Who::Roles([Role::Owner]) => "owner",
        Who::Roles([Role::Prescriber, Role::FloorClinician]) => "clinical",
        Who::Roles(_) => "all",
    };
    format!(
        "{verb} {} {who} {}",
        route.path,
        if route.patient_data {
            "patient-data"
        } else {
            "-"
        }
    )
}

struct Walk {
    floor: Floor,
    router: Router,
}

impl Walk {
    async fn begin() -> Self {
        let floor = Floor::planned().await;
        let router = web::router(Arc::clone(&floor.world.app), web::WebSettings::default());
        Self { floor, router }
    }

    /// Asks a route as somebody with this cookie, and answers with status and body.
    async fn ask(&self, route: &Route, cookie: Option<&str>) -> (StatusCode, String) {
        let path = route
            .path
            .replace("{id}", &self.floor.session.to_string())
            .replace("{step}", "vitals");
        let mut request = Request::builder()
            .uri(path)
            .header(header::HOST, "localhost:8443");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, format!("__Host-clerestory={cookie}"));
        }
        let request = match route.verb {
            Verb::Get => request.method("GET").body(Body::empty()),
            Verb::Post => request
                .method("POST")
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(form(
                    route,
                    &self.floor.world.app.id().to_string(),
                ))),
        };
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn entries(&self) -> i64 {
        let client = self.floor.world.database.superuser().await;
        client
            .query_one("SELECT sum(size)::bigint FROM ledger_head", &[])
            .await
            .unwrap()
            .get(0)
    }
}

/// A whole form, so that only the right can be what is wrong with it.
fn form(route: &Route, key: &str) -> String {
    if route.path.ends_with("/exports") {
        return "kind=pdf".to_owned();
    }
    // A version that the page did not show, so that the walk deletes no session that it still needs.
    let seen = u8::from(!route.path.ends_with("/wrong-patient"));
    format!("key={key}&seen={seen}&when=now&systolic=121&diastolic=81")
}

/// Family names of the demo's patients: none may be seen by somebody who may not.
const NAMES: [&str; 6] = [
    "Brookhollow",
    "Merriden",
    "Lindqvale",
    "Tallowby",
    "Oakenshade",
    "Ashgrove",
];

fn shows_nobody(body: &str, route: &Route, who: &str) {
    for name in NAMES {
        assert!(!body.contains(name), "{} shows {name} to {who}", route.path);
    }
}

fn guarded() -> impl Iterator<Item = (&'static Route, &'static [Role])> {
    ALL.iter().filter_map(|route| match route.who {
        Who::Roles(roles) => Some((route, roles)),
        Who::Anyone | Who::Demo => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a6_without_sign_in_there_is_nothing_but_the_refusal() {
    let walk = Walk::begin().await;
    for (route, _) in guarded() {
        for cookie in [None, Some("00"), Some("not a cookie")] {
            let (status, body) = walk.ask(route, cookie).await;
            let refused = status == StatusCode::SEE_OTHER || status == StatusCode::UNAUTHORIZED;
            assert!(refused, "{} {} answers {status}", words(route), route.path);
            shows_nobody(&body, route, "a stranger");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a6_another_clinics_sessions_look_as_if_they_did_not_exist() {
    let walk = Walk::begin().await;
    let other = walk.floor.world.app.demo_load_clinic(1, 0).await.unwrap();
    let attempt = app::SignInAttempt {
        code: other.code,
        name: other.login,
        pin: other.pin,
    };
    let app = &walk.floor.world.app;
    let cookie = app.sign_in(app.id(), attempt).await.unwrap().cookie;
    for (route, roles) in guarded().filter(|(route, _)| route.path.contains("{id}")) {
        if !roles.contains(&Role::FloorClinician) {
            continue;
        }
        let (status, body) = walk.ask(route, Some(&cookie)).await;
        let leads_nowhere = status == StatusCode::NOT_FOUND
            || (status == StatusCode::SEE_OTHER && !route.patient_data);
        assert!(leads_nowhere, "{} answers {status}", words(route));
        shows_nobody(&body, route, "another clinic");
    }
    let (status, body) = walk.ask(&ALL[4], Some(&cookie)).await;
    assert_eq!(status, StatusCode::OK);
    shows_nobody(&body, &ALL[4], "another clinic");
}

#[tokio::test(flavor = "multi_thread")]
async fn a6_with_the_wrong_role_there_is_nothing_but_the_refusal() {
    let walk = Walk::begin().await;
    for (login, role) in [
        ("imogen", Role::Owner),
        ("tobias", Role::Prescriber),
        ("mara", Role::FloorClinician),
    ] {
        let cookie = walk.floor.world.cookie(login).await;
        for (route, roles) in guarded().filter(|(_, roles)| !roles.contains(&role)) {
            let (status, body) = walk.ask(route, Some(&cookie)).await;
            assert_eq!(
                status,
                StatusCode::NOT_FOUND,
                "{} for {login} (may: {})",
                words(route),
                roles.len()
            );
            shows_nobody(&body, route, login);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n5_every_route_that_shows_patient_data_leaves_its_entry() {
    let walk = Walk::begin().await;
    for (login, role) in [
        ("imogen", Role::Owner),
        ("tobias", Role::Prescriber),
        ("mara", Role::FloorClinician),
    ] {
        for (route, _) in guarded().filter(|(_, roles)| roles.contains(&role)) {
            // A sign-in for each: one of the routes ends it.
            let cookie = walk.floor.world.cookie(login).await;
            let before = walk.entries().await;
            let (status, body) = walk.ask(route, Some(&cookie)).await;
            let shown = NAMES.iter().any(|name| body.contains(name));
            let is_answer = status.is_success()
                || status.is_redirection()
                || matches!(
                    status,
                    StatusCode::UNPROCESSABLE_ENTITY
                        | StatusCode::CONFLICT
                        | StatusCode::BAD_REQUEST
                );
            assert!(is_answer, "{} answers {login} {status}", words(route));
            assert!(
                !shown || route.patient_data,
                "{} shows patients and is not listed so",
                route.path
            );
            let left = walk.entries().await - before;
            // An export of a session that has not ended is refused before anything is opened.
            let is_early = route.path.ends_with("/exports") && status == StatusCode::CONFLICT;
            let has_opened = route.patient_data && !is_early && status != StatusCode::BAD_REQUEST;
            assert!(
                !(shown || has_opened) || left > 0,
                "{} left no entry for {login}",
                words(route)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_methods_lengths_and_encodings_get_a_sentence() {
    let walk = Walk::begin().await;
    let cookie = walk.floor.world.cookie("mara").await;
    let session = walk.floor.session;
    for (method, path, body, status) in [
        (
            "DELETE",
            "/floor".to_owned(),
            Vec::new(),
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            "GET",
            "/nowhere".to_owned(),
            Vec::new(),
            StatusCode::NOT_FOUND,
        ),
        (
            "GET",
            "/floor/sessions/not-an-id".to_owned(),
            Vec::new(),
            StatusCode::NOT_FOUND,
        ),
        (
            "POST",
            format!("/floor/sessions/{session}/vitals"),
            vec![b'a'; 70_000],
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            "POST",
            format!("/floor/sessions/{session}/vitals"),
            b"systolic=%FF%FE".to_vec(),
            StatusCode::BAD_REQUEST,
        ),
        (
            "POST",
            format!("/floor/sessions/{session}/no-such-step"),
            Vec::new(),
            StatusCode::NOT_FOUND,
        ),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(&path)
            .header(header::HOST, "localhost:8443")
            .header(header::COOKIE, format!("__Host-clerestory={cookie}"))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let response = walk.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        let page = response.into_body().collect().await.unwrap().to_bytes();
        assert!(
            String::from_utf8_lossy(&page).contains("</html>"),
            "{method} {path} gets a page"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_no_record_can_hold_is_refused_and_the_floor_stays_whole() {
    let mut walk = Walk::begin().await;
    let cookie = walk.floor.world.cookie("mara").await;
    let before_the_first_year = jiff::Timestamp::MIN + jiff::SignedDuration::from_hours(48);
    let app = &walk.floor.world.app;
    // No rule holds an arrival against anything earlier.
    let mut form = submission(app.id(), 1, domain::treatment::Command::Arrive);
    form.happened_at = Some(before_the_first_year);
    let answer = app
        .record(&walk.floor.nurse, walk.floor.session, form)
        .await;
    assert!(matches!(answer, Err(app::AppError::BadInput(_))));

    walk.floor.must(domain::treatment::Command::Arrive).await;
    let form = format!(
        "key={}&seen=2&when=other&when_time=09:00&when_date=-009999-01-03&systolic=121&diastolic=81",
        walk.floor.world.app.id()
    );
    let request = Request::post(format!("/floor/sessions/{}/vitals", walk.floor.session))
        .header(header::HOST, "localhost:8443")
        .header(header::COOKIE, format!("__Host-clerestory={cookie}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap();
    let response = walk.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    for path in ["/floor", "/floor/sessions/{id}"] {
        let route = ALL.iter().find(|route| route.path == path).unwrap();
        let (status, _) = walk.ask(route, Some(&cookie)).await;
        assert_eq!(status, StatusCode::OK, "{path}");
    }
}
