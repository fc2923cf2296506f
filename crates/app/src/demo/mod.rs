//! The demo: one clinic of made-up people, and a clock that is moved by hand. It exists only where the database was made as
//! a demo; names are invented and borne by nobody by intent.

mod load;

pub use load::LoadClinic;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{Actor, ClinicId, UnitId, UnixMicros, WATCH_MAX_S};
use uuid::Uuid;

use crate::clinic::{NewClinic, NewPatient, NewPerson};
use crate::ctx::Role;
use crate::directory::directory_rows;
use crate::entries::{EntryKind, OpenedFor, micros};
use crate::error::AppError;
use crate::sealing::{Place, open};
use crate::sign_in::zone;
use crate::treatment::{ClinicProfile, Patient};
use crate::{App, directory_unit};

/// Where a new demo's clock is held: seven in the morning of a Monday at the clinic.
///
/// # Panics
/// Never: the moment is written here.
#[must_use]
pub fn clock_start() -> Timestamp {
    let zoned = date(2026, 3, 2)
        .at(7, 0, 0, 0)
        .to_zoned(TimeZone::fixed(jiff::tz::offset(-6)));
    zoned
        .expect("a fixed offset has every civil time once")
        .timestamp()
}

/// Somebody who can sign in to the demo.
pub struct DemoPerson {
    /// Full name.
    pub name: String,
    /// The name typed to sign in.
    pub login: String,
    /// The PIN, in plain: it exists in a demo alone.
    pub pin: String,
    /// The role.
    pub role: Role,
}

struct Made {
    name: &'static str,
    credential: &'static str,
    login: &'static str,
    role: Role,
}

const PEOPLE: [Made; 5] = [
    Made {
        name: "Imogen Fairwether",
        credential: "",
        login: "imogen",
        role: Role::Owner,
    },
    Made {
        name: "Tobias Wrenfield",
        credential: "MD",
        login: "tobias",
        role: Role::Prescriber,
    },
    Made {
        name: "Odile Harrowgate",
        credential: "NP",
        login: "odile",
        role: Role::Prescriber,
    },
    Made {
        name: "Mara Quillfeather",
        credential: "RN",
        login: "mara",
        role: Role::FloorClinician,
    },
    Made {
        name: "Jonah Applethwaite",
        credential: "RN",
        login: "jonah",
        role: Role::FloorClinician,
    },
];

/// Given name, initial, family name, birthdate, sex, enrolled.
const PATIENTS: [(&str, &str, &str, Date, &str, bool); 6] = [
    (
        "Adalyn",
        "J",
        "Brookhollow",
        date(1984, 5, 17),
        "female",
        true,
    ),
    ("Cassius", "", "Merriden", date(1971, 11, 2), "male", true),
    ("Petra", "S", "Lindqvale", date(1990, 8, 23), "female", true),
    ("Emrys", "", "Tallowby", date(1966, 2, 9), "male", true),
    (
        "Sunniva",
        "K",
        "Oakenshade",
        date(1997, 12, 30),
        "other",
        true,
    ),
    // Not enrolled: shows how planning is refused.
    ("Rowan", "", "Ashgrove", date(1979, 3, 14), "male", false),
];

/// Digits of a PIN in the demo.
const PIN_DIGITS: usize = 6;
/// So far the clock moves at once, at most: a day far away is a slip, and there is no way back from it.
const CLOCK_STEP_MAX: SignedDuration = SignedDuration::from_hours(24 * 366);

impl App {
    /// Makes the demo's clinic, unless it is there. Answers with its people and their PINs when it made them.
    ///
    /// # Errors
    /// In a database that is no demo; when keys, database or ledger refuse.
    pub async fn demo_seed(&self) -> Result<Option<Vec<DemoPerson>>, AppError> {
        if !self.demo() {
            return Err(AppError::NotFound);
        }
        if self.demo_clinic().await?.is_some() {
            return Ok(None);
        }
        let clinic = self.id();
        self.clinic_create(NewClinic {
            id: clinic,
            time_zone: "America/Chicago".to_owned(),
            profile: profile(),
        })
        .await?;
        for patient in PATIENTS {
            self.patient_add(clinic, demo_patient(patient)).await?;
        }
        let mut people = Vec::with_capacity(PEOPLE.len());
        for made in PEOPLE {
            people.push(self.demo_person(clinic, &made).await?);
        }
        Ok(Some(people))
    }

    async fn demo_person(&self, clinic: Uuid, made: &Made) -> Result<DemoPerson, AppError> {
        let mut digits = [0; PIN_DIGITS];
        self.random.fill(&mut digits);
        let pin: String = digits
            .iter()
            .map(|byte| char::from(b'0' + byte % 10))
            .collect();
        self.person_add(
            clinic,
            NewPerson {
                name: made.name.to_owned(),
                credential: made.credential.to_owned(),
                role: made.role,
                login: made.login.to_owned(),
                pin: pin.clone(),
            },
        )
        .await?;
        Ok(DemoPerson {
            name: made.name.to_owned(),
            login: made.login.to_owned(),
            pin,
            role: made.role,
        })
    }

    /// The demo's clinic, if it was made.
    async fn demo_clinic(&self) -> Result<Option<ClinicId>, AppError> {
        let scope = self.store.read(store::PLATFORM).await?;
        Ok(store::tree::heads(&scope)
            .await?
            .first()
            .map(|head| ClinicId(head.clinic)))
    }

    /// Today's code of the demo's clinic, for the screen. Opened by the system, and the ledger says so.
    ///
    /// # Errors
    /// In a database that is no demo, or before it was seeded.
    pub async fn demo_code(&self) -> Result<String, AppError> {
        let clinic = match self.demo() {
            true => self.demo_clinic().await?.ok_or(AppError::NotFound)?,
            false => return Err(AppError::NotFound),
        };
        self.code_now(clinic).await
    }

    /// Today's code of a clinic of the demo.
    async fn code_now(&self, clinic: ClinicId) -> Result<String, AppError> {
        let scope = self.store.read(clinic).await?;
        let rows = directory_rows(&scope).await?;
        drop(scope);
        let today = self.now().to_zoned(zone(&rows.clinic.time_zone)?).date();
        self.code_make(clinic.0, today).await?;
        let tx = self.store.begin(clinic).await?;
        let sealed = store::sign_in::code_of_day(&tx, today)
            .await?
            .ok_or(AppError::NotFound)?;
        let mut entry = self.system_entry(EntryKind::Opened);
        entry.actor = Actor::SYSTEM;
        entry.purpose = Some(OpenedFor::ClinicPage.word());
        entry.expires = Some(UnixMicros(
            self.now().as_microsecond() + WATCH_MAX_S * 1_000_000,
        ));
        entry.units.insert(directory_unit(clinic));
        let receipt = tx.commit_opened(entry).await?;
        let unit: UnitId = directory_unit(clinic);
        let unlocked = self
            .vault
            .unlock_in(&receipt, clinic, unit, micros(self.now()))?;
        let code = open(&unlocked, &Place::clinic_code(clinic.0, today), sealed)?;
        Ok(code.body["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Holds the demo's clock at `to`: forward only.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where there is no demo; [`AppError::BadInput`] for a time that has passed.
    pub async fn demo_clock_set(&self, to: Timestamp) -> Result<(), AppError> {
        let held = self.held.as_ref().ok_or(AppError::NotFound)?;
        if to < self.now() {
            return Err(AppError::BadInput("The demo's clock only moves forward."));
        }
        let latest = self.now().checked_add(CLOCK_STEP_MAX);
        if latest.map_or(true, |latest| to > latest) {
            return Err(AppError::BadInput(
                "The demo's clock moves forward by a year at most.",
            ));
        }
        self.store.demo_clock_hold(to).await?;
        held.hold(to);
        Ok(())
    }
}

fn profile() -> ClinicProfile {
    ClinicProfile {
        name: "Larkspur Lane Clinic".to_owned(),
        address: "14 Larkspur Lane, Suite 2".to_owned(),
        city: "Maplewick".to_owned(),
        state: "IL".to_owned(),
        zip: "60000".to_owned(),
        telephone: "555-0142".to_owned(),
    }
}

fn demo_patient(made: (&str, &str, &str, Date, &str, bool)) -> NewPatient {
    let (first, middle, last, birthdate, sex, enrolled) = made;
    NewPatient {
        patient: Patient {
            id: Uuid::nil(),
            first_name: first.to_owned(),
            middle_initial: middle.to_owned(),
            last_name: last.to_owned(),
            birthdate,
            sex: sex.to_owned(),
            enrolled,
        },
    }
}
