//! The pages beside a session's own: board, lists, plan, the owner's pages.

use app::treatment::{
    AuditLine, AuditPage, AuditSession, BoardSession, ClinicPage, ExportKind, SessionsOf,
    SessionsPage, Setting, UnreadableSession,
};
use app::{EntryKind, OpenedFor};
use domain::treatment::{Basis, Command, Episode, EpisodeKind, Refusal};
use jiff::civil::date;
use uuid::Uuid;

use super::super::board::board_page;
use super::super::clinic::{audit_html, clinic_html};
use super::super::plan::{PlanAgain, plan_html};
use super::super::sessions::sessions_html;
use super::{frame, shown};
use crate::form::Values;
use crate::samples::{self, Day, NURSE, OWNER, at, device, vitals};
use crate::steps::read::Problems;

#[test]
fn the_board_shows_what_is_late_first_and_in_words() {
    let html = shown(
        "board",
        &board_page(&samples::board(), frame("Treatment floor", at(9, 52, 0))),
    );
    assert!(html.contains("Overdue: Blood pressure at 40 minutes"));
    assert!(
        html.contains("Mara Q.") && !html.contains("Quillfeather"),
        "the board has short names"
    );
    assert!(!html.contains("data-day"), "today’s sessions show no date");
    assert!(!html.contains("cannot be shown"));
    let mut damaged = samples::board();
    damaged.unreadable.push(UnreadableSession {
        id: Uuid::from_u128(9),
        day: date(2026, 11, 22),
    });
    let html = shown(
        "board-unreadable",
        &board_page(&damaged, frame("Treatment floor", at(9, 52, 0))),
    );
    for words in [
        "One session cannot be shown",
        "Planned for 22 Nov 2026",
        "Mara Q.",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let mut empty = samples::board();
    empty.sessions.clear();
    assert!(
        shown(
            "board-empty",
            &board_page(&empty, frame("Treatment floor", at(9, 52, 0)))
        )
        .contains("The floor is quiet")
    );
}

#[test]
fn the_board_names_no_device_that_something_stands_against() {
    let due_of = |day: Day, now| {
        let mut board = samples::board();
        board.setting.now = now;
        board.sessions.truncate(1);
        board.sessions[0].session = day.session;
        let html = shown(
            "board-device",
            &board_page(&board, frame("Treatment floor", now)),
        );
        (html.contains("Next device"), html)
    };
    let dosing = || {
        let mut day = samples::cleared();
        day.step(at(9, 0, 0), &device(at(9, 0, 0), Basis::Now));
        day
    };
    let (named, _) = due_of(dosing(), at(9, 6, 0));
    assert!(named);
    let mut high = dosing();
    high.step(at(9, 4, 0), &vitals(188, 122, 97));
    let (named, html) = due_of(high, at(9, 6, 0));
    assert!(!named && html.contains("Beyond the limits"), "{html}");
    let mut shallow = samples::cleared();
    let depression = Episode {
        kind: EpisodeKind::RespiratoryDepression,
        severity: None,
        note: "Shallow".to_owned(),
    };
    shallow.step(at(8, 55, 0), &Command::OpenEpisode(depression));
    let (named, html) = due_of(shallow, at(9, 0, 0));
    assert!(!named, "{html}");
    assert!(html.contains("Respiratory depression to resolve"), "{html}");
}

#[test]
fn a_session_of_another_day_shows_its_date_on_the_board() {
    let mut board = samples::board();
    // Past midnight: what was given yesterday is yesterday's, and so is what was planned for then and never came.
    board.setting.today = date(2026, 11, 23);
    board
        .sessions
        .retain(|session| session.session.phase().is_present());
    let mut fresh = samples::board().sessions.remove(3);
    fresh.day = board.setting.today;
    board.sessions.push(fresh);
    board.setting.now = at(23, 59, 0) + jiff::SignedDuration::from_mins(11);
    let html = shown(
        "board-over-midnight",
        &board_page(&board, frame("Treatment floor", board.setting.now)),
    );
    assert_eq!(html.matches("data-day>22 Nov 2026<").count(), 3);
    assert_eq!(html.matches("data-session=").count(), 4, "today’s has none");
}

#[test]
fn the_lists_of_sessions_say_how_each_one_stands() {
    let list = |of, sessions, next: Option<&str>| SessionsPage {
        setting: Setting {
            today: date(2026, 11, 23),
            ..samples::setting(at(9, 52, 0))
        },
        of,
        sessions,
        unreadable: Vec::new(),
        next: next.map(str::to_owned),
    };
    let shown_with = |name: &str, page: &SessionsPage, is_first: bool| {
        shown(
            name,
            &sessions_html(page, frame("Sessions", page.setting.now), is_first),
        )
    };
    let mut board = samples::board().sessions;
    let (ended, planned) = (board.remove(4), board.remove(3));
    let mut gone = samples::planned();
    gone.step(
        at(8, 10, 0),
        &Command::Cancel {
            reason: "Fever".to_owned(),
        },
    );
    let called_off = BoardSession {
        id: Uuid::from_u128(6),
        day: date(2026, 11, 21),
        patient: planned.patient.clone(),
        session: gone.session,
    };
    let page = list(
        SessionsOf::Ended,
        vec![ended, called_off],
        Some("2026-11-21_6"),
    );
    let html = shown_with("sessions-ended", &page, true);
    for words in [
        "Adalyn J Brookhollow",
        "Locked; monitoring form due by 29 Nov 2026",
        "22 Nov 2026</h2>",
        "21 Nov 2026</h2>",
        ">Cancelled<",
        "list=ended&amp;from=2026-11-21_6",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert_eq!(
        html.matches("Locked").count(),
        1,
        "what was cancelled owes no form"
    );
    let html = shown_with(
        "sessions-coming",
        &list(SessionsOf::Coming, vec![planned], None),
        true,
    );
    assert!(html.contains("data-phase=\"planned\"") && !html.contains("from="));
    for (of, is_first, words) in [
        (
            SessionsOf::Coming,
            true,
            "Nothing is planned for a later day",
        ),
        (SessionsOf::Ended, true, "No session has ended yet"),
        (SessionsOf::Ended, false, "No more sessions"),
    ] {
        let html = shown_with("sessions-none", &list(of, Vec::new(), None), is_first);
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn planning_and_its_refusal() {
    let page = samples::plan_page();
    let values = Values::from_pairs([("day", "2026-11-22"), ("key", "k")]);
    let html = shown(
        "plan",
        &plan_html(
            &page,
            frame("Plan a session", page.setting.now),
            &values,
            &PlanAgain::No,
        ),
    );
    assert!(html.contains("not enrolled") && !html.contains("data-outcome"));
    let typed = Values::from_pairs([
        ("day", "2026-11-22"),
        ("room", "Room 7"),
        ("key", "k"),
        ("key", "fresh"),
    ]);
    let html = shown(
        "plan-key",
        &plan_html(
            &page,
            frame("Plan a session", page.setting.now),
            &typed,
            &PlanAgain::KeyReused,
        ),
    );
    assert!(html.contains("data-outcome=\"stale\"") && html.contains("save again"));
    assert!(
        html.contains("value=\"Room 7\"") && html.contains("name=\"key\" value=\"fresh\""),
        "what was typed stays, under a key of its own"
    );
    let mut plan = samples::plan();
    plan.enrolment = domain::treatment::Enrolment::NotConfirmed;
    let refusal: Refusal = Day::new()
        .try_step(at(8, 0, 0), &Command::Plan(plan))
        .unwrap_err();
    let html = shown(
        "plan-refused",
        &plan_html(
            &page,
            frame("Plan a session", page.setting.now),
            &values,
            &PlanAgain::Refused(Box::new(refusal)),
        ),
    );
    assert!(html.contains("enrollment in the REMS"));
}

#[test]
fn a_second_session_on_one_day_is_asked_about_before_it_is_saved() {
    let page = samples::plan_page();
    let shown_with = |name: &str, typed: &[(&str, &str)], again: &PlanAgain| {
        let values = Values::from_pairs(typed.iter().copied());
        let frame = frame("Plan a session", page.setting.now);
        shown(name, &plan_html(&page, frame, &values, again))
    };
    let sessions = || vec![samples::board().sessions.remove(0)];
    let id = sessions()[0].id.to_string();
    let html = shown_with(
        "plan-second",
        &[("room", "Room 7")],
        &PlanAgain::DoubleBooked(sessions()),
    );
    assert!(html.contains("Mara J Quillfeather already has a session today."));
    assert!(html.contains(&format!("href=\"/floor/sessions/{id}\">Monitoring · ")));
    assert!(
        html.contains("value=\"Room 7\"") && !html.contains("checked"),
        "what was typed stays, and the question is not answered beforehand"
    );
    // A session that came in between is asked about beside the one that was meant.
    let known = Uuid::from_u128(99).to_string();
    let html = shown_with(
        "plan-third",
        &[("beside", &known)],
        &PlanAgain::DoubleBooked(sessions()),
    );
    assert!(html.contains(&format!("name=\"beside\" value=\"{known},{id}\"")));
    // Once said, it stays said while something else is wrong with the form.
    let unread = Problems::from([("room".to_owned(), "Please enter the room.".to_owned())]);
    let html = shown_with(
        "plan-second-unread",
        &[("beside", &id)],
        &PlanAgain::Unread(unread),
    );
    assert!(html.contains(&format!("type=\"hidden\" name=\"beside\" value=\"{id}\"")));
}

/// A line of the audit log of which nothing more is known.
fn line(index: u64, what: Option<EntryKind>) -> AuditLine {
    AuditLine {
        generation: 1,
        index,
        kind: "newer.kind".to_owned(),
        what,
        opened_for: None,
        exported: None,
        at: at(8, 0, 0),
        actor: Some(NURSE),
        about: None,
        sessions: Vec::new(),
    }
}

#[test]
fn the_owners_pages() {
    let page = ClinicPage {
        clinic: samples::clinic(),
        today: date(2026, 11, 22),
        code: "LARK-4821".to_owned(),
        people: samples::people(),
        now: at(8, 0, 0),
        zone: samples::zone(),
        viewer: OWNER,
    };
    assert!(shown("clinic", &clinic_html(&page, frame("Clinic", page.now))).contains("LARK-4821"));
    let log = AuditPage {
        clinic: samples::clinic(),
        lines: vec![
            AuditLine {
                opened_for: Some(OpenedFor::SessionPage),
                sessions: vec![AuditSession {
                    id: Uuid::from_u128(0x0b7e_91c2 << 96),
                    day: Some(date(2026, 11, 22)),
                }],
                ..line(19, Some(EntryKind::Opened))
            },
            AuditLine {
                exported: Some(ExportKind::Bundle),
                ..line(18, Some(EntryKind::Exported))
            },
            AuditLine {
                actor: None,
                sessions: vec![AuditSession {
                    id: Uuid::from_u128(0x77aa_0001 << 96),
                    day: None,
                }],
                ..line(17, Some(EntryKind::DestroyIntended))
            },
            AuditLine {
                actor: None,
                about: Some(NURSE),
                ..line(16, Some(EntryKind::SignInFailed))
            },
            AuditLine {
                opened_for: Some(OpenedFor::Board),
                sessions: (1..=4)
                    .map(|number| AuditSession {
                        id: Uuid::from_u128(number),
                        day: Some(date(2026, 11, 22)),
                    })
                    .collect(),
                ..line(15, Some(EntryKind::Opened))
            },
            line(14, None),
        ],
        next_before: Some("1-17".to_owned()),
        people: samples::people(),
        zone: samples::zone(),
        viewer: OWNER,
    };
    let html = shown(
        "audit-log",
        &audit_html(&log, frame("Audit log", at(8, 0, 0))),
    );
    for words in [
        "Session opened<",
        "href=\"/floor/sessions/0b7e91c2-0000-0000-0000-000000000000\">Session 0b7e91c2 of 22 Nov 2026<",
        "Record taken out of the clinic, as record bundle<",
        "Destruction of a record begun<",
        ">Record 77aa0001<",
        "The system",
        "Wrong code or PIN at a sign-in · Ines Farrow, RN<",
        ">4 sessions<",
        "Newer kind<",
        "before=1-17",
    ] {
        assert!(html.contains(words), "{words}");
    }
}
