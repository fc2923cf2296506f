//! A treatment day, played through the use cases: what other tests stand on.

use app::AppError;
use app::Ctx;
use app::treatment::{ExportKind, Planning, Saved, SessionPage, Submission};
use domain::treatment::{
    Answer, Basis, ChecklistAnswer, Clearing, Command, DeviceOutcome, DeviceUse, Discharge,
    Enrolment, EpisodeKind, FirstTreatment, Indication, PatientId, PersonId, Plan, Pressure,
    Readiness, Vitals, YesNo,
};
use jiff::SignedDuration;
use jiff::civil::date;
use testkit::World;
use uuid::Uuid;

/// Systolic pressures of the day's readings: canaries that the byte search looks for elsewhere.
pub(crate) const PRESSURES: [(i32, i32); 3] = [(128, 82), (137, 86), (124, 79)];

/// A world with one session planned by the nurse.
pub(crate) struct Floor {
    pub(crate) world: World,
    pub(crate) nurse: Ctx,
    /// Who is planned as the prescriber.
    pub(crate) prescriber: PersonId,
    pub(crate) session: Uuid,
}

impl Floor {
    /// Plans a session for the demo's first patient.
    pub(crate) async fn planned() -> Self {
        Self::planned_in(World::demo().await).await
    }

    /// As [`Floor::planned`], in a world that is there.
    pub(crate) async fn planned_in(world: World) -> Self {
        let nurse = world.ctx("mara").await;
        let (session, prescriber) = plan(&world, &nurse).await;
        Self {
            world,
            nurse,
            prescriber,
            session,
        }
    }

    /// As the nurse's request at the clock's time, under a sign-in of its own.
    pub(crate) async fn refresh(&mut self) {
        self.nurse = self.world.ctx("mara").await;
    }

    /// The session's page, opened now.
    pub(crate) async fn page(&self) -> SessionPage {
        let app = &self.world.app;
        app.session_page(&self.nurse, self.session).await.unwrap()
    }

    /// Another plan for the floor's patient on the floor's day.
    pub(crate) async fn plan_again(&self) -> Planning {
        let page = self.page().await;
        let (key, nurse) = (self.world.app.id(), self.nurse.person);
        planning(key, page.patient.id, self.prescriber, nurse, page.day)
    }

    /// How many entries the session has: a form with this version has seen all.
    pub(crate) async fn version(&self) -> u32 {
        let client = self.world.database.superuser().await;
        let row = client
            .query_one(
                "SELECT version FROM session WHERE id = $1",
                &[&self.session],
            )
            .await
            .unwrap();
        u32::try_from(row.get::<_, i32>(0)).unwrap()
    }

    /// The generations that the session's bundle spans, verified with the log's key.
    pub(crate) async fn bundle_generations(&self) -> Vec<u32> {
        let app = &self.world.app;
        let prescriber = self.world.ctx("tobias").await;
        let bundle = app
            .export(&prescriber, self.session, ExportKind::Bundle)
            .await
            .unwrap();
        let key = ledger::VerifierKey::parse(&app.key_text().unwrap()).unwrap();
        ledger::bundle::verify(&bundle.bytes, &ledger::bundle::Trust::Key(key))
            .unwrap()
            .generations
    }

    /// Records a step now.
    pub(crate) async fn step(&mut self, command: Command) -> Result<Saved, AppError> {
        self.refresh().await;
        let submission = submission(self.world.app.id(), self.version().await, command);
        self.world
            .app
            .record(&self.nurse, self.session, submission)
            .await
    }

    /// Plays the session to its discharge.
    pub(crate) async fn play_to_discharge(&mut self) {
        self.must(Command::Arrive).await;
        self.play_from_arrival().await;
    }

    /// Plays a session whose patient has arrived to its discharge.
    pub(crate) async fn play_from_arrival(&mut self) {
        for command in before_dosing(self) {
            self.must(command).await;
            self.world.pass(SignedDuration::from_mins(2));
        }
        for _ in 0..2 {
            let device = device(self);
            self.must(device).await;
            self.world.pass(SignedDuration::from_mins(6));
        }
        self.world.pass(SignedDuration::from_mins(34));
        self.must(vitals(PRESSURES[1])).await;
        self.world.pass(SignedDuration::from_mins(90));
        self.must(vitals(PRESSURES[2])).await;
        self.must(Command::ReportNoneObserved {
            kinds: EpisodeKind::ALL.to_vec(),
        })
        .await;
        self.must(Command::JudgeReadiness(Readiness {
            alert: YesNo::Yes,
            no_dissociation: YesNo::Yes,
            breathing_in_range: YesNo::Yes,
            pressure_safe: YesNo::Yes,
        }))
        .await;
        self.discharge().await;
    }

    /// Discharges the patient now.
    pub(crate) async fn discharge(&mut self) {
        self.must(Command::Discharge(Discharge {
            basis: Basis::Now,
            escort: "Brother, in the waiting room".to_owned(),
            instructions_given: YesNo::Yes,
            clinically_stable: YesNo::Yes,
        }))
        .await;
    }

    pub(crate) async fn must(&mut self, command: Command) {
        let kind = command.kind();
        match self.step(command).await {
            Ok(_) => {}
            Err(AppError::Refused { refusal, .. }) => panic!("{kind} was refused: {refusal:?}"),
            Err(error) => panic!("{kind}: {error}"),
        }
    }
}

/// Plans a session for the demo's first patient; answers with it and its prescriber.
async fn plan(world: &World, nurse: &Ctx) -> (Uuid, PersonId) {
    let page = world.app.plan_page(nurse).await.unwrap();
    let patient = page
        .patients
        .iter()
        .find(|patient| patient.last_name == "Brookhollow")
        .unwrap()
        .id;
    let prescriber = prescriber(&page.setting.people);
    let planning = planning(
        world.app.id(),
        patient,
        prescriber,
        nurse.person,
        page.setting.today,
    );
    (world.app.plan(nurse, planning).await.unwrap(), prescriber)
}

pub(crate) fn planning(
    key: Uuid,
    patient: Uuid,
    prescriber: PersonId,
    monitor: PersonId,
    day: jiff::civil::Date,
) -> Planning {
    Planning {
        key,
        patient,
        day,
        command: Command::Plan(Plan {
            patient: PatientId(patient.as_u128()),
            indication: Indication::TreatmentResistant,
            dose_mg: 56,
            prescriber,
            monitor,
            room: "2".to_owned(),
            first_treatment: FirstTreatment::Later,
            enrolment: Enrolment::Confirmed,
            follows: None,
        }),
        beside: Vec::new(),
        fields: vec![("patient".to_owned(), patient.to_string())],
    }
}

pub(crate) fn prescriber(people: &app::treatment::People) -> PersonId {
    people
        .values()
        .find(|person| person.role == app::Role::Prescriber)
        .unwrap()
        .id
}

pub(crate) fn submission(key: Uuid, seen: u32, command: Command) -> Submission {
    Submission {
        key,
        seen,
        found: None,
        command,
        happened_at: None,
        taken_by: None,
        fields: Vec::new(),
    }
}

pub(crate) fn vitals((systolic, diastolic): (i32, i32)) -> Command {
    Command::RecordVitals(Vitals {
        pressure: Some(Pressure {
            systolic,
            diastolic,
        }),
        pulse: Some(71),
        spo2: Some(98),
        respiration: Some(14),
        moaas: Some(5),
        absent: Vec::new(),
    })
}

fn before_dosing(floor: &Floor) -> Vec<Command> {
    let protocol = floor.world.app.protocol();
    let answers = protocol.checklist.iter().map(|item| ChecklistAnswer {
        item: item.id.clone(),
        answer: match item.expected {
            domain::treatment::Expected::Yes => Answer::Yes,
            domain::treatment::Expected::No | domain::treatment::Expected::Either => Answer::No,
        },
        note: String::new(),
    });
    vec![
        Command::AnswerChecklist(answers.collect()),
        vitals(PRESSURES[0]),
        Command::Clear(Clearing {
            basis: Basis::Now,
            prescriber_on_site: Some(floor.prescriber),
        }),
    ]
}

fn device(floor: &Floor) -> Command {
    let now = floor.world.app.now();
    Command::GiveDevice(DeviceUse {
        basis: Basis::Now,
        lot: "LK4471".to_owned(),
        expires: Some(date(2027, 6, 30)),
        given_on: date(2026, 3, 2),
        dots_before: 2,
        dots_after: 0,
        sprays: 2,
        first_spray_at: now,
        last_spray_at: now,
        outcome: DeviceOutcome::Complete,
    })
}
