//! A step upon the session as its page showed it, held in memory: when it is saved, and when it goes the way through the database.

use app::treatment::Returned;
use domain::treatment::Command;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::day::{Floor, PRESSURES, planning, submission, vitals};
use crate::floor::join_all;

/// A nurse's page of a session whose patient has arrived, with what its form comes back with.
struct Page {
    floor: Floor,
    cookie: String,
    watch: Uuid,
    seen: u32,
}

impl Page {
    async fn opened() -> Self {
        let mut floor = Floor::planned().await;
        floor.must(Command::Arrive).await;
        let cookie = floor.world.cookie("mara").await;
        Self::of(floor, cookie).await
    }

    /// Opened anew, by whoever has this cookie.
    async fn of(mut floor: Floor, cookie: String) -> Self {
        floor.nurse = floor.world.signed_in(&cookie).await.unwrap();
        let page = floor.page().await;
        Self {
            cookie,
            watch: Uuid::try_parse(&page.watch).unwrap(),
            seen: page.version,
            floor,
        }
    }

    fn returned<'a>(&self, cookie: &'a str, session: Uuid, watch: Uuid) -> Returned<'a> {
        Returned {
            cookie,
            request: self.floor.world.app.id(),
            session,
            watch,
        }
    }

    /// Whether the page's form is saved upon what is held.
    async fn sent(&self, key: Uuid, command: Command) -> bool {
        let returned = self.returned(&self.cookie, self.floor.session, self.watch);
        let form = submission(key, self.seen, command);
        let saved = self.floor.world.app.record_held(&returned, |_| Some(form));
        saved.await.unwrap().is_some()
    }

    async fn sent_anew(&self) -> bool {
        self.sent(self.floor.world.app.id(), vitals(PRESSURES[0]))
            .await
    }

    async fn versions_and_entries(&self) -> (i32, i64) {
        let client = self.floor.world.database.superuser().await;
        let row = client
            .query_one(
                "SELECT (SELECT version FROM session WHERE id = $1), (SELECT sum(size)::bigint FROM ledger_head)",
                &[&self.floor.session],
            )
            .await
            .unwrap();
        (row.get(0), row.get(1))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pages_steps_are_saved_one_after_another_each_with_its_entry() {
    let page = Page::opened().await;
    let before = page.versions_and_entries().await;
    for _ in 0..3 {
        assert!(page.sent_anew().await);
    }
    let after = page.versions_and_entries().await;
    assert_eq!((after.0 - before.0, after.1 - before.1), (3, 3));

    // What was saved is there for everybody, in order.
    let shown = page.floor.page().await;
    let seqs: Vec<u32> = shown.events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (0..shown.version).collect::<Vec<_>>());
    page.floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b5_a_form_that_was_saved_upon_what_is_held_is_not_saved_again() {
    let page = Page::opened().await;
    let key = page.floor.world.app.id();
    assert!(page.sent(key, vitals(PRESSURES[0])).await);
    let before = page.versions_and_entries().await;
    assert!(!page.sent(key, vitals(PRESSURES[0])).await);
    assert_eq!(page.versions_and_entries().await, before);
    let app = &page.floor.world.app;
    let again = submission(key, page.seen, vitals(PRESSURES[0]));
    let saved = app.record(&page.floor.nurse, page.floor.session, again);
    assert!(saved.await.unwrap().repeated);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_saved_as_it_stands_leaves_nothing_and_the_page_stays_held() {
    let page = Page::opened().await;
    let before = page.versions_and_entries().await;
    let key = page.floor.world.app.id();
    let app = &page.floor.world.app;
    assert!(!page.sent(key, Command::Arrive).await, "a rule refuses it");
    let unread = page.returned(&page.cookie, page.floor.session, page.watch);
    assert!(app.record_held(&unread, |_| None).await.unwrap().is_none());
    let hand_over = Command::HandOver {
        to: page.floor.prescriber,
    };
    assert!(!page.sent(key, hand_over).await, "somebody else is named");
    let form = submission(key, page.seen + 1, vitals(PRESSURES[0]));
    let saved = app.record_held(&unread, |_| Some(form)).await.unwrap();
    assert!(saved.is_none(), "it says that it saw more than there is");
    assert_eq!(page.versions_and_entries().await, before);
    assert!(page.sent_anew().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_page_that_is_held_and_its_own_sign_in_find_it() {
    let page = Page::opened().await;
    let app = &page.floor.world.app;
    let other = page.floor.world.cookie("jonah").await;
    let again = page.floor.world.cookie("mara").await;
    let before = page.versions_and_entries().await;
    let (session, watch) = (page.floor.session, page.watch);
    for (returned, why) in [
        (page.returned(&other, session, watch), "somebody else's"),
        (page.returned(&again, session, watch), "another sign-in's"),
        (page.returned("", session, watch), "nobody's"),
        (
            page.returned(&page.cookie, session, app.id()),
            "another watch",
        ),
        (
            page.returned(&page.cookie, app.id(), watch),
            "another session",
        ),
    ] {
        let form = submission(app.id(), page.seen, vitals(PRESSURES[0]));
        let saved = app.record_held(&returned, |_| Some(form)).await.unwrap();
        assert!(saved.is_none(), "{why}");
    }
    assert_eq!(page.versions_and_entries().await, before);

    // The page opened anew takes its place.
    let old = page.watch;
    let page = Page::of(page.floor, page.cookie).await;
    let app = &page.floor.world.app;
    let form = submission(app.id(), page.seen, vitals(PRESSURES[0]));
    let stale = page.returned(&page.cookie, page.floor.session, old);
    assert!(
        app.record_held(&stale, |_| Some(form))
            .await
            .unwrap()
            .is_none()
    );
    assert!(page.sent_anew().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_is_over_saves_nothing() {
    let page = Page::opened().await;
    page.floor
        .world
        .pass(SignedDuration::from_mins(15) - SignedDuration::from_secs(1));
    assert!(page.sent_anew().await, "in its last second");
    page.floor.world.pass(SignedDuration::from_secs(1));
    assert!(!page.sent_anew().await, "after fifteen minutes");

    let page = Page::of(page.floor, page.cookie).await;
    let app = &page.floor.world.app;
    app.held_sessions_expire();
    assert!(page.sent_anew().await, "what holds stays");
    page.floor.world.pass(SignedDuration::from_mins(15));
    app.held_sessions_expire();
    assert!(!page.sent_anew().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_falls_with_the_sign_in_and_the_person_that_it_rests_on() {
    for change in [
        "UPDATE sign_in SET ended_at = created_at",
        "UPDATE person SET role = 'owner' WHERE id = $1",
        "UPDATE person SET active = false WHERE id = $1",
    ] {
        let page = Page::opened().await;
        assert!(page.sent_anew().await);
        let before = page.versions_and_entries().await;
        // Behind the program's back: it holds the page still, and the write itself finds that the watch is gone.
        let client = page.floor.world.database.superuser().await;
        let change = change.replace("$1", &format!("'{}'", uuid_of(&page)));
        client.batch_execute(&change).await.unwrap();
        assert!(!page.sent_anew().await, "{change}");
        assert_eq!(page.versions_and_entries().await, before, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_was_written_down_after_its_sign_in_ended_saves_nothing() {
    let mut page = Page::opened().await;
    let client = page.floor.world.database.superuser().await;
    let end = "UPDATE sign_in SET ended_at = created_at";
    client.batch_execute(end).await.unwrap();
    // It was asked for before, and comes after.
    let late = page.floor.page().await;
    (page.watch, page.seen) = (Uuid::try_parse(&late.watch).unwrap(), late.version);
    let before = page.versions_and_entries().await;
    assert!(!page.sent_anew().await);
    assert_eq!(page.versions_and_entries().await, before);
}

fn uuid_of(page: &Page) -> Uuid {
    Uuid::from_u128(page.floor.nurse.person.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_recorded_in_between_is_seen_by_the_write() {
    let page = Page::opened().await;
    let app = &page.floor.world.app;
    let jonah = page.floor.world.ctx("jonah").await;
    let form = submission(app.id(), page.seen, vitals(PRESSURES[1]));
    app.record(&jonah, page.floor.session, form).await.unwrap();
    let before = page.versions_and_entries().await;
    assert!(!page.sent_anew().await);
    assert_eq!(page.versions_and_entries().await, before);
    let form = submission(app.id(), page.seen, vitals(PRESSURES[0]));
    let (session, nurse) = (page.floor.session, &page.floor.nurse);
    let stale = app.record(nurse, session, form).await;
    assert!(matches!(stale, Err(app::AppError::Stale { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sessions_of_a_clinic_are_written_to_at_once_and_one_that_moved_takes_no_other_along()
{
    let mut page = Page::opened().await;
    let world = &page.floor.world;
    let patient = page.floor.page().await.patient.id;
    let mut sessions = vec![page.floor.session];
    for _ in 0..7 {
        let (prescriber, nurse) = (page.floor.prescriber, &page.floor.nurse);
        let today = nurse.now.to_zoned(nurse.zone.clone()).date();
        let mut plan = planning(world.app.id(), patient, prescriber, nurse.person, today);
        plan.beside.clone_from(&sessions);
        sessions.push(world.app.plan(nurse, plan).await.unwrap());
    }
    let mut pages = Vec::new();
    for session in &sessions {
        page.floor.session = *session;
        page = Page::of(page.floor, page.cookie).await;
        pages.push((*session, page.watch, page.seen));
    }
    let app = &page.floor.world.app;
    // The last one is written to by somebody else.
    let moved = *sessions.last().unwrap();
    let jonah = page.floor.world.ctx("jonah").await;
    let form = submission(app.id(), 1, Command::Arrive);
    app.record(&jonah, moved, form).await.unwrap();

    let before = page.versions_and_entries().await.1;
    let sendings = pages.iter().map(|(session, watch, seen)| {
        let command = if *session == sessions[0] {
            vitals(PRESSURES[1])
        } else {
            Command::Arrive
        };
        let form = submission(app.id(), *seen, command);
        let returned = page.returned(&page.cookie, *session, *watch);
        async move { app.record_held(&returned, |_| Some(form)).await.unwrap() }
    });
    let saved = join_all(sendings).await;
    assert_eq!(saved.iter().flatten().count(), 7);
    let client = page.floor.world.database.superuser().await;
    let versions = client
        .query("SELECT id, version FROM session ORDER BY id", &[])
        .await
        .unwrap();
    for row in versions {
        let (session, version): (Uuid, i32) = (row.get(0), row.get(1));
        let seen = pages.iter().find(|(id, ..)| *id == session);
        assert_eq!(
            u32::try_from(version).unwrap(),
            seen.unwrap().2 + 1,
            "each of them has one entry more, the moved one that of somebody else"
        );
    }
    assert_eq!(page.versions_and_entries().await.1 - before, 7);
    page.floor.world.ledger_verifies().await;
}
