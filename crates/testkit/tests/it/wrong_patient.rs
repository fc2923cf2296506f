//! A session kept for the wrong patient: its observations move, its unit is destroyed (promise B2; treatment-day facts).

use app::AppError;
use app::treatment::{Moved, Moving, WrongPatientError};
use app::{Destroyed, Swept};
use domain::treatment::{Command, Event, Refusal};
use jiff::{SignedDuration, Timestamp};
use ledger::{ClinicId, Entry, UnitId, UnixMicros};
use uuid::Uuid;

use crate::day::{Floor, PRESSURES, planning, prescriber, vitals};
use crate::floor::join_all;

/// Two sessions of two patients, both arrived; the nurse has recorded two readings in the first, and they are the second's.
struct Mistake {
    floor: Floor,
    wrong: Uuid,
    right: Uuid,
    readings_at: [Timestamp; 2],
}

impl Mistake {
    async fn made() -> Self {
        let mut floor = Floor::planned().await;
        let wrong = floor.session;
        let right = plan_other(&floor).await;
        for session in [right, wrong] {
            floor.session = session;
            floor.must(Command::Arrive).await;
        }
        let first = floor.world.pass(SignedDuration::from_mins(4));
        floor.must(vitals(PRESSURES[0])).await;
        let second = floor.world.pass(SignedDuration::from_mins(6));
        floor.must(vitals(PRESSURES[1])).await;
        floor.world.pass(SignedDuration::from_mins(5));
        floor.refresh().await;
        Self {
            floor,
            wrong,
            right,
            readings_at: [first, second],
        }
    }

    fn moving(&self) -> Moving {
        Moving {
            key: self.floor.world.app.id(),
            seen: 4,
            to: Some(self.right),
        }
    }

    async fn moved(&self, moving: &Moving) -> Result<Moved, WrongPatientError> {
        let app = &self.floor.world.app;
        app.wrong_patient(&self.floor.nurse, self.wrong, moving)
            .await
    }

    async fn events_of(&self, session: Uuid) -> i64 {
        let client = self.floor.world.database.superuser().await;
        client
            .query_one(
                "SELECT count(*) FROM session_event WHERE session = $1",
                &[&session],
            )
            .await
            .unwrap()
            .get(0)
    }

    async fn clinic(&self) -> ClinicId {
        clinic(&self.floor).await
    }
}

async fn clinic(floor: &Floor) -> ClinicId {
    let client = floor.world.database.superuser().await;
    let row = client.query_one("SELECT clinic FROM clinic", &[]).await;
    ClinicId(row.unwrap().get(0))
}

async fn plan_other(floor: &Floor) -> Uuid {
    let app = &floor.world.app;
    let page = app.plan_page(&floor.nurse).await.unwrap();
    let board = app.board(&floor.nurse).await.unwrap();
    let is_on_it = |id| {
        board
            .sessions
            .iter()
            .any(|session| session.patient.id == id)
    };
    let patient = page
        .patients
        .iter()
        .find(|patient| patient.enrolled && !is_on_it(patient.id))
        .unwrap();
    let planning = planning(
        app.id(),
        patient.id,
        prescriber(&page.setting.people),
        floor.nurse.person,
        page.setting.today,
    );
    app.plan(&floor.nurse, planning).await.unwrap()
}

/// How many entries of this kind the clinic's tree holds about this session.
async fn entries(floor: &Floor, kind: &str, unit: Uuid) -> usize {
    let client = floor.world.database.superuser().await;
    let rows = client.query("SELECT body FROM ledger_leaf", &[]).await;
    rows.unwrap()
        .iter()
        .map(|row| Entry::decode(row.get(0)).unwrap())
        .filter(|entry| entry.kind.as_str() == kind && entry.units.contains(&UnitId(unit)))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_move_in_one_tap_with_their_times() {
    let mistake = Mistake::made().await;
    let floor = &mistake.floor;
    let app = &floor.world.app;
    let page = app
        .wrong_patient_page(&floor.nurse, mistake.wrong)
        .await
        .unwrap();
    assert_eq!(page.moving().len(), 2);
    assert_eq!(page.others.len(), 1);
    assert_eq!(page.others[0].id, mistake.right);

    let moving = mistake.moving();
    let moved = mistake.moved(&moving).await.unwrap();
    assert_eq!(
        moved,
        Moved {
            to: Some(mistake.right),
            before: Some(2)
        }
    );
    let right = app.session_page(&floor.nurse, mistake.right).await.unwrap();
    let readings: Vec<_> = right
        .events
        .iter()
        .filter(|recorded| matches!(recorded.event, Event::VitalsRecorded(_)))
        .collect();
    let happened: Vec<_> = readings
        .iter()
        .map(|recorded| recorded.happened_at)
        .collect();
    assert_eq!(happened, mistake.readings_at);
    assert!(readings.iter().all(|recorded| {
        recorded.received_at == app.now() && recorded.taken_by == floor.nurse.person
    }));
    // The wrong session is closed at once.
    let gone = app.session_page(&floor.nurse, mistake.wrong).await;
    assert!(matches!(gone, Err(AppError::NotFound)));
    let board = app.board(&floor.nurse).await.unwrap();
    assert_eq!(board.sessions.len(), 1);
    // The same form again moves nothing twice.
    let again = mistake.moved(&moving).await.unwrap();
    assert_eq!(again.to, Some(mistake.right));
    assert_eq!(mistake.events_of(mistake.right).await, 4);
    floor.world.ledger_verifies().await;
    assert_eq!(app.check().await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_twice_at_once_moves_once() {
    let mistake = Mistake::made().await;
    let moving = mistake.moving();
    let answers = join_all((0..6).map(|_| mistake.moved(&moving))).await;
    let moved: Vec<Moved> = answers.into_iter().map(Result::unwrap).collect();
    assert!(moved.iter().all(|moved| moved.to == Some(mistake.right)));
    assert_eq!(
        moved.iter().filter(|moved| moved.before.is_some()).count(),
        1,
        "one has moved it, the others find it done"
    );
    assert_eq!(mistake.events_of(mistake.right).await, 4);
    mistake.floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_the_wrong_session_is_destroyed_once_its_receipts_have_run_out() {
    let mistake = Mistake::made().await;
    let floor = &mistake.floor;
    let app = &floor.world.app;
    let clinic = mistake.clinic().await;
    mistake.moved(&mistake.moving()).await.unwrap();
    assert_eq!(
        entries(floor, "unit.destroy_intended", mistake.wrong).await,
        1
    );
    floor.world.pass(SignedDuration::from_mins(15));
    assert_eq!(
        app.destructions_tick().await.unwrap(),
        Destroyed::default(),
        "a receipt may still be out"
    );
    assert_eq!(mistake.events_of(mistake.wrong).await, 4);
    floor.world.pass(SignedDuration::from_mins(1));
    let done = app.destructions_tick().await.unwrap();
    assert_eq!(
        done,
        Destroyed {
            units: 1,
            awaited: 0
        }
    );
    let unit = UnitId(mistake.wrong);
    assert!(floor.world.vault.unit_is_destroyed(clinic, unit).unwrap());
    assert_eq!(mistake.events_of(mistake.wrong).await, 0);
    assert_eq!(entries(floor, "unit.destroyed", mistake.wrong).await, 1);
    assert_eq!(
        app.destructions_tick().await.unwrap(),
        Destroyed::default(),
        "once is enough"
    );
    let faults = app.check().await.unwrap().faults;
    assert_eq!(
        faults,
        Vec::<String>::new(),
        "what was destroyed is no loss"
    );
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_a_place_that_is_away_is_awaited_before_it_is_said_to_be_destroyed() {
    let mistake = Mistake::made().await;
    let floor = &mistake.floor;
    let app = &floor.world.app;
    mistake.moved(&mistake.moving()).await.unwrap();
    floor.world.pass(SignedDuration::from_mins(16));
    let (place, away) = (
        floor.world.folder.join("keys-b"),
        floor.world.folder.join("away"),
    );
    std::fs::rename(&place, &away).unwrap();
    let waiting = app.destructions_tick().await.unwrap();
    assert_eq!(
        waiting,
        Destroyed {
            units: 0,
            awaited: 1
        }
    );
    assert_eq!(entries(floor, "unit.destroyed", mistake.wrong).await, 0);
    std::fs::rename(&away, &place).unwrap();
    let done = app.destructions_tick().await.unwrap();
    assert_eq!((done.units, done.awaited), (1, 0));
    assert_eq!(entries(floor, "unit.destroyed", mistake.wrong).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_where_it_cannot_or_was_not_looked_at() {
    let mistake = Mistake::made().await;
    let floor = &mistake.floor;
    let not_chosen = Moving {
        to: None,
        ..mistake.moving()
    };
    assert!(matches!(
        mistake.moved(&not_chosen).await,
        Err(WrongPatientError::NotChosen { .. })
    ));
    let stale = Moving {
        seen: 3,
        ..mistake.moving()
    };
    assert!(matches!(
        mistake.moved(&stale).await,
        Err(WrongPatientError::Stale { .. })
    ));
    let unknown = Moving {
        to: Some(floor.world.app.id()),
        ..mistake.moving()
    };
    assert!(matches!(
        mistake.moved(&unknown).await,
        Err(WrongPatientError::App(AppError::NotFound))
    ));
    let itself = Moving {
        to: Some(mistake.wrong),
        ..mistake.moving()
    };
    assert!(matches!(
        mistake.moved(&itself).await,
        Err(WrongPatientError::App(AppError::BadInput(_)))
    ));
    let third = plan_other(floor).await;
    let not_arrived = Moving {
        to: Some(third),
        ..mistake.moving()
    };
    let Err(WrongPatientError::Refused { refusal, of, .. }) = mistake.moved(&not_arrived).await
    else {
        panic!("moved into a session whose patient has not arrived")
    };
    assert_eq!((refusal.kind(), of), ("lacks", third));
    assert_eq!(mistake.events_of(mistake.wrong).await, 4);
    assert_eq!(mistake.events_of(mistake.right).await, 2);
    let owner = floor.world.ctx("imogen").await;
    let refused = floor
        .world
        .app
        .wrong_patient(&owner, mistake.wrong, &mistake.moving())
        .await;
    assert!(matches!(
        refused,
        Err(WrongPatientError::App(AppError::NotFound))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn t3_a_locked_session_is_not_moved_away() {
    let mut floor = Floor::planned().await;
    floor.play_to_discharge().await;
    let right = plan_other(&floor).await;
    floor.refresh().await;
    let app = &floor.world.app;
    let version = app
        .session_page(&floor.nurse, floor.session)
        .await
        .unwrap()
        .version;
    let moving = Moving {
        key: app.id(),
        seen: version,
        to: Some(right),
    };
    let refused = app
        .wrong_patient(&floor.nurse, floor.session, &moving)
        .await;
    let Err(WrongPatientError::Refused { refusal, .. }) = refused else {
        panic!("a locked session was moved away")
    };
    assert!(matches!(refusal, Refusal::Locked { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_without_a_row_go_after_a_day_and_never_after_a_restore() {
    let floor = Floor::planned().await;
    let app = &floor.world.app;
    let clinic = clinic(&floor).await;
    let orphan = UnitId(app.id());
    let now = UnixMicros(app.now().as_microsecond());
    floor.world.vault.unit_create(clinic, orphan, now).unwrap();
    // Key places have the machine's clock: an hour on either side of now stands for older and younger than a day.
    let machine = app::clock::Clock::now(&app::clock::SystemClock);
    let hour = SignedDuration::from_hours(1);
    let (before, after) = (
        UnixMicros((machine - hour).as_microsecond()),
        UnixMicros((machine + hour).as_microsecond()),
    );
    assert_eq!(app.sweep(before).await.unwrap(), Swept::default());
    assert_eq!(
        app.sweep(after).await.unwrap(),
        Swept {
            orphans: 1,
            revenants: 0
        }
    );
    assert!(floor.world.vault.unit_is_destroyed(clinic, orphan).unwrap());
    assert_eq!(entries(&floor, "unit.destroyed", orphan.0).await, 1);
    // What rows name stayed: the session opens, the people and patients do.
    app.session_page(&floor.nurse, floor.session).await.unwrap();

    let second = UnitId(app.id());
    floor.world.vault.unit_create(clinic, second, now).unwrap();
    let client = floor.world.database.superuser().await;
    client
        .batch_execute("SET session_replication_role = replica; SET app.migrating = 'yes'; ALTER TABLE ledger_head DISABLE TRIGGER generation_named; UPDATE ledger_head SET generation = 2 WHERE size > 1")
        .await
        .unwrap();
    let orphans = app.sweep(after).await.map_or(0, |swept| swept.orphans);
    assert_eq!(orphans, 0, "a clinic that was restored");
    assert!(!floor.world.vault.unit_is_destroyed(clinic, second).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_a_restored_row_of_a_destroyed_unit_opens_nothing_and_goes() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.refresh().await;
    let clinic = clinic(&floor).await;
    let unit = UnitId(floor.session);
    // As after a restore: the key is destroyed, and the row is there.
    assert_eq!(
        floor.world.vault.unit_destroy(clinic, unit).unwrap(),
        vault::Destruction::Everywhere
    );
    let app = &floor.world.app;
    let board = app.board(&floor.nurse).await.unwrap();
    assert!(
        board.sessions.is_empty(),
        "the rest of the board still opens"
    );
    let swept = app.sweep(UnixMicros(0)).await.unwrap();
    assert_eq!(swept.revenants, 1);
    assert_eq!(entries(&floor, "unit.destroyed", floor.session).await, 1);
    let gone = app.session_page(&floor.nurse, floor.session).await;
    assert!(matches!(gone, Err(AppError::NotFound)));
}
