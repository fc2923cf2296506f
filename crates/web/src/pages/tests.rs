//! Every template rendered from the sample day.
//!
//! With `WEB_PAGES_DIR` set, each page is written there as a file, to be looked at in a browser.

use domain::treatment::{
    Answer, Basis, Command, DeviceOutcome, DeviceUse, Disposal, EmergencyTransfer, Seriousness,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::demo::DemoHtml;
use super::record::record_html;
use super::session::session_html;
use super::sign_in::{REFUSED, SignInPage};
use super::step::{Again, Draft, prefilled, step_html};
use crate::fault::Fault;
use crate::form::Values;
use crate::middleware::FaultPage;
use crate::samples::{self, Day, arrived, at, checklist, device, discharged, monitoring};
use crate::steps::read::Problems;
use crate::steps::{self, Step};
use crate::view::{Frame, saved_view};
use askama::Template;

fn frame(title: &str, now: Timestamp) -> Frame {
    Frame::outside(title, true, now).of("Ines Farrow".to_owned(), false, "Larkspur Lane Clinic")
}

/// Renders, checks what holds for every page, and keeps the file if asked to.
fn shown(name: &str, template: &impl Template) -> String {
    let html = template.render().unwrap();
    assert!(html.starts_with("<!doctype html>"), "{name}");
    assert_eq!(html.matches("<main").count(), 1, "{name} has one main part");
    assert_eq!(html.matches("<h1").count(), 1, "{name} has one title");
    for banned in ["style=", "onclick", "<script>", "javascript:"] {
        assert!(
            !html.contains(banned),
            "{name} holds {banned}, which the content policy forbids"
        );
    }
    let title = html
        .split("<title>")
        .nth(1)
        .and_then(|rest| rest.split("</title>").next())
        .unwrap();
    assert!(
        !title.contains("Quillfeather"),
        "a title stays in a phone's history: {name}"
    );
    ids_once(name, &html);
    #[expect(
        clippy::disallowed_methods,
        reason = "a person asks for the files; no setting of ours"
    )]
    let folder = std::env::var("WEB_PAGES_DIR");
    if let Ok(folder) = folder {
        std::fs::write(format!("{folder}/{name}.html"), &html).unwrap();
    }
    html
}

fn ids_once(name: &str, html: &str) {
    let mut ids: Vec<&str> = html
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{name}: an id stands twice");
}

fn step_page(
    day: &Day,
    now: Timestamp,
    step: &str,
    values: &[(&str, &str)],
    again: &Again,
) -> String {
    let page = day.page(now);
    let step: &'static Step = steps::step(step).unwrap();
    let typed = Values::from_pairs(values.iter().copied());
    let values = if matches!(again, Again::No) {
        prefilled(&page, step, typed)
    } else {
        typed
    };
    let draft = Draft::fresh(&page, Uuid::from_u128(5), values);
    let kind = match again {
        Again::No => "",
        Again::Unread(_) => "-unread",
        Again::Refused(_) => "-refused",
        Again::Stale(_) => "-stale",
        Again::KeyReused => "-key",
    };
    shown(
        &format!("step-{}{kind}", step.name),
        &step_html(&page, frame(step.title, now), step, &draft, again),
    )
}

#[test]
fn the_doors() {
    for (name, refused) in [("sign-in", None), ("sign-in-refused", Some(REFUSED))] {
        let page = SignInPage {
            frame: Frame::outside("Sign in", true, at(8, 0, 0)),
            refused,
            next: "/floor".to_owned(),
            code: String::new(),
            name: "ines".to_owned(),
        };
        let html = shown(name, &page);
        assert_eq!(html.contains("data-outcome=\"refused\""), refused.is_some());
        assert!(html.contains("<label for=\"name\">Sign-in name</label>"));
        for field in ["code", "name", "pin"] {
            let described = format!("aria-describedby=\"{field}-hint\"");
            let hint = format!("id=\"{field}-hint\"");
            assert!(html.contains(&described) && html.contains(&hint), "{field}");
        }
    }
    let demo = DemoHtml {
        frame: Frame::outside("Demonstration", true, at(8, 0, 0)),
        code: "LARK-4821".to_owned(),
        now: at(8, 0, 0).to_string(),
    };
    assert!(shown("demo", &demo).contains("data-demo"));
}

fn fault_page(fault: Fault) -> FaultPage {
    FaultPage {
        frame: Frame::outside(fault.title(), false, at(8, 0, 0)),
        status: fault.status().as_u16(),
        title: fault.title(),
        sentence: fault.sentence(),
        next_step: fault.next_step(),
        reference: "3F2A-91BC".to_owned(),
        request: Uuid::nil().to_string(),
        link: fault.link(),
    }
}

#[test]
fn a_fault_has_a_reference_and_a_way_on() {
    let html = shown("fault", &fault_page(Fault::NotFound));
    assert!(html.contains("3F2A-91BC") && !html.contains("data-demo"));
    let html = shown(
        "fault-not-ended",
        &fault_page(Fault::NotEnded(Uuid::from_u128(1))),
    );
    let back = "href=\"/floor/sessions/00000000-0000-0000-0000-000000000001\">Back to the session<";
    assert!(html.contains("exist once the session has ended") && html.contains(back));
}

#[test]
fn the_record_of_a_session_that_goes_on_offers_no_file() {
    let page = monitoring().page(at(9, 43, 0));
    let html = shown(
        "record-not-ended",
        &record_html(&page, frame("Session record", page.now), None),
    );
    assert!(!html.contains("data-export") && html.contains("once the session has ended"));
}

#[test]
fn a_session_in_every_phase() {
    let days = [
        ("planned", samples::planned(), at(8, 10, 0)),
        ("arrived", arrived(), at(8, 31, 0)),
        ("cleared", samples::cleared(), at(8, 50, 0)),
        ("monitoring", monitoring(), at(9, 43, 0)),
        ("overdue", monitoring(), at(9, 52, 0)),
    ];
    for (name, day, now) in days {
        let page = day.page(now);
        let html = shown(
            &format!("session-{name}"),
            &session_html(&page, frame("Session", now), None, Uuid::from_u128(6)),
        );
        assert!(
            html.contains("Mara J Quillfeather") && html.contains("class=\"dock"),
            "{name}"
        );
        assert_eq!(
            html.contains("id=\"vitals-form\""),
            page.session.phase().is_present(),
            "{name}"
        );
        assert_eq!(
            html.contains("<details class=\"more fold\">"),
            name != "planned",
            "{name}: many steps stand folded on a phone, few do not"
        );
    }
}

#[test]
fn what_was_saved_is_said_with_its_marks() {
    let mut day = arrived();
    day.step(at(8, 40, 0), &samples::vitals(150, 92, 98));
    let page = day.page(at(8, 41, 0));
    let html = shown(
        "session-marked",
        &session_html(
            &page,
            frame("Session", at(8, 41, 0)),
            saved_view(&page, 2),
            Uuid::from_u128(6),
        ),
    );
    assert!(
        html.contains("data-outcome=\"marked\"")
            && html.contains("Systolic pressure 150 mmHg is above 140 mmHg.")
    );
    let day = arrived();
    let page = day.page(at(8, 31, 0));
    let html = shown(
        "session-saved",
        &session_html(
            &page,
            frame("Session", at(8, 31, 0)),
            saved_view(&page, 1),
            Uuid::from_u128(6),
        ),
    );
    assert!(html.contains("data-outcome=\"accepted\"") && html.contains("Saved: Arrived, 08:30"));
}

#[test]
fn every_step_has_its_page() {
    let day = monitoring();
    for step in steps::catalogue() {
        let html = step_page(&day, at(9, 30, 0), step.name, &[], &Again::No);
        let sends = html.contains(&format!(
            "action=\"/floor/sessions/{}/{}\"",
            day.page(at(9, 30, 0)).id,
            step.name
        ));
        assert_eq!(
            sends,
            step.kind != "correct",
            "{}: a correction first asks which entry",
            step.name
        );
    }
    let html = step_page(
        &day,
        at(9, 30, 0),
        "correction",
        &[("corrects", "3")],
        &Again::No,
    );
    assert!(
        html.contains("name=\"step\" value=\"vitals\""),
        "the entry's own form stands on the correction"
    );
    assert!(html.contains("value=\"128\""), "with what was recorded");
}

#[test]
fn a_refusal_keeps_what_was_typed_and_offers_what_has_happened() {
    let mut day = samples::cleared();
    day.step(at(9, 0, 0), &device(at(9, 0, 0), Basis::Now));
    let refusal = day
        .try_step(at(9, 4, 10), &device(at(9, 4, 10), Basis::Now))
        .unwrap_err();
    let typed = [
        ("lot", "7K3301"),
        ("expires", "2027-06-30"),
        ("dots_before", "2"),
        ("dots_after", "0"),
        ("sprays", "2"),
        ("when", "now"),
        ("age_s", "7"),
    ];
    let html = step_page(
        &day,
        at(9, 4, 10),
        "device",
        &typed,
        &Again::Refused(Box::new(refusal)),
    );
    assert!(
        html.contains("data-outcome=\"refused\"")
            && html.contains("data-possible-from=\"2026-11-22T14:05:00Z\"")
    );
    assert!(html.contains("value=\"7K3301\"") && html.contains("name=\"basis\" value=\"already\""));
    assert!(html.contains("name=\"already_reason\""));
    assert!(
        !html.contains("age_s"),
        "the age of one tap is not that of the next"
    );
}

#[test]
fn impossible_values_point_at_their_field() {
    let mut day = arrived();
    let refusal = day
        .try_step(at(8, 40, 0), &samples::vitals(80, 120, 98))
        .unwrap_err();
    let html = step_page(
        &day,
        at(8, 40, 0),
        "vitals",
        &[("systolic", "80"), ("diastolic", "120")],
        &Again::Refused(Box::new(refusal)),
    );
    assert!(
        html.contains("diastolic pressure has to be below")
            && html.contains("aria-invalid=\"true\"")
    );
    let problems = Problems::from([(
        "pulse".to_owned(),
        "Pulse has to be a whole number, in digits only.".to_owned(),
    )]);
    let html = step_page(
        &day,
        at(8, 40, 0),
        "vitals",
        &[("pulse", "8o"), ("systolic", "120")],
        &Again::Unread(problems),
    );
    assert!(
        html.contains("href=\"#f-pulse\"")
            && html.contains("id=\"f-pulse\"")
            && html.contains("value=\"8o\"")
    );
}

#[test]
fn two_phones_at_once_lose_nothing() {
    let day = monitoring();
    let changed = day.events[7..].to_vec();
    let html = step_page(
        &day,
        at(9, 30, 0),
        "vitals",
        &[("systolic", "131"), ("diastolic", "85")],
        &Again::Stale(changed),
    );
    assert!(html.contains("data-outcome=\"stale\"") && html.contains("Onset of dissociation"));
    assert!(html.contains("value=\"131\"") && html.contains("name=\"seen\" value=\"8\""));
    assert!(
        step_page(
            &day,
            at(9, 30, 0),
            "vomiting",
            &[("note", "x")],
            &Again::KeyReused
        )
        .contains("save again")
    );
}

#[test]
fn the_record_of_an_ended_session() {
    let day = discharged();
    let page = day.page(at(11, 10, 0));
    let html = shown(
        "record",
        &record_html(&page, frame("Session record", at(11, 10, 0)), None),
    );
    assert!(
        html.contains("data-export=\"pdf\"") && !html.contains("data-export=\"bundle\""),
        "a floor clinician takes no bundle"
    );
    assert!(
        html.contains("146/88")
            && html.contains("7K3301")
            && html.contains("data-step=\"addendum\"")
            && html.contains("<summary>All 4 as expected</summary>")
    );
    let mut owners = day.page(at(11, 10, 0));
    owners.role = app::Role::Owner;
    let html = shown(
        "record-owner",
        &record_html(&owners, frame("Session record", at(11, 10, 0)), None),
    );
    assert!(html.contains("data-export=\"bundle\"") && !html.contains("data-step=\"addendum\""));
}

#[test]
fn one_spray_is_in_the_singular() {
    let mut day = samples::cleared();
    let Command::GiveDevice(whole) = device(at(9, 0, 0), Basis::Now) else {
        panic!("a device");
    };
    let partly = DeviceUse {
        sprays: 1,
        dots_after: 1,
        outcome: DeviceOutcome::PartlyUsed(Disposal {
            how: "drug disposal box".to_owned(),
            witness: Some(samples::PRESCRIBER),
        }),
        ..whole
    };
    let transfer = Command::SendToEmergencyCare(EmergencyTransfer {
        reason: "Chest pain".to_owned(),
        destination: String::new(),
        seriousness: Seriousness::NotYetAnswered,
    });
    day.step(at(9, 0, 0), &Command::GiveDevice(partly))
        .step(at(9, 10, 0), &transfer);
    let page = day.page(at(9, 11, 0));
    let html = shown(
        "record-one-spray",
        &record_html(&page, frame("Session record", page.now), None),
    );
    assert!(html.contains("14 mg of 56 mg, 1 spray<"), "no plural");
}

#[test]
fn typed_text_is_escaped() {
    let mut day = monitoring();
    day.step(
        at(9, 25, 0),
        &Command::RecordVomiting {
            note: "<script>alert(1)</script>".to_owned(),
        },
    );
    let page = day.page(at(9, 26, 0));
    let html = shown(
        "session-escaped",
        &session_html(
            &page,
            frame("Session", at(9, 26, 0)),
            None,
            Uuid::from_u128(6),
        ),
    );
    assert!(html.contains("&#60;script&#62;alert(1)"));
}

#[test]
fn a_checklist_that_leaves_something_to_the_prescriber_says_so() {
    let mut day = arrived();
    day.step(at(8, 35, 0), &checklist(Answer::No));
    let page = day.page(at(8, 36, 0));
    let html = shown(
        "session-decision",
        &session_html(
            &page,
            frame("Session", at(8, 36, 0)),
            None,
            Uuid::from_u128(6),
        ),
    );
    assert!(html.contains("data-notice=\"decision\"") && html.contains("A ride home is arranged"));
}

#[test]
fn no_template_switches_escaping_off() {
    for text in [
        include_str!("../../templates/ui.html"),
        include_str!("../../templates/base.html"),
        include_str!("../../templates/session.html"),
        include_str!("../../templates/step.html"),
        include_str!("../../templates/record.html"),
        include_str!("../../templates/board.html"),
        include_str!("../../templates/plan.html"),
        include_str!("../../templates/sessions.html"),
        include_str!("../../templates/patient.html"),
        include_str!("../../templates/timeline.html"),
        include_str!("../../templates/saved.html"),
        include_str!("../../templates/foot.html"),
        include_str!("../../templates/sign_in.html"),
        include_str!("../../templates/fault.html"),
        include_str!("../../templates/clinic.html"),
        include_str!("../../templates/audit.html"),
        include_str!("../../templates/demo.html"),
        include_str!("../../templates/wrong_patient.html"),
    ] {
        assert!(
            !text.contains("|safe") && !text.contains("| safe") && !text.contains("autoescape")
        );
    }
}

mod beside;
mod ended;
mod floor;
mod forms;
mod wrong_patient;
