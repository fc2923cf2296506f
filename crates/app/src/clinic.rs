//! Making a clinic, its people and patients, and the day's code.

use std::sync::Arc;

use domain::treatment::PersonId;
use jiff::civil::Date;
use ledger::{Actor, ClinicId, Entry, UnitId};
use serde_json::json;
use store::StoreError;
use store::people::NewPerson as PersonColumns;
use uuid::Uuid;

use crate::ctx::{Ctx, Role};
use crate::directory::{patient_body, person_body, profile_body};
use crate::entries::{EntryKind, OpenedFor, micros};
use crate::error::AppError;
use crate::rights::{Action, may};
use crate::sealing::{Place, open, seal};
use crate::treatment::{ClinicPage, ClinicProfile, Patient};
use crate::{App, directory_unit};

/// A clinic to be made.
pub struct NewClinic {
    /// Its id, chosen by the caller so that a repeated start makes the same clinic.
    pub id: Uuid,
    /// IANA time zone name, for example `America/Chicago`.
    pub time_zone: String,
    /// What pages and records name.
    pub profile: ClinicProfile,
}

/// A person to be added.
pub struct NewPerson {
    /// Full name as it stands on records.
    pub name: String,
    /// Licence words; may be empty.
    pub credential: String,
    /// The role.
    pub role: Role,
    /// The name typed to sign in.
    pub login: String,
    /// The personal PIN.
    pub pin: String,
}

/// A patient to be added; the id is made here.
pub struct NewPatient {
    /// The patient; its `id` is not used.
    pub patient: Patient,
}

/// Letters and digits that are not mistaken for one another when read aloud or typed on a phone.
const CODE_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// 32^8 is 10^12: a guess at a hundred tries a second finds no code within its day.
const CODE_CHARACTERS: usize = 8;

impl App {
    /// Makes a clinic with its keys and its tree. Making it again changes nothing and answers `false`.
    ///
    /// # Errors
    /// When keys, database or ledger refuse.
    pub async fn clinic_create(&self, new: NewClinic) -> Result<bool, AppError> {
        let clinic = ClinicId(new.id);
        if store::people::clinic(&self.store.read(clinic).await?)
            .await?
            .is_some()
        {
            return Ok(false);
        }
        let vault = Arc::clone(&self.vault);
        let now = micros(self.now());
        self.blocking(move || {
            vault.clinic_create(clinic)?;
            vault.unit_create(clinic, directory_unit(clinic), now)
        })
        .await??;
        let sealer = self
            .vault
            .unit_sealer(clinic, directory_unit(clinic), micros(self.now()))?;
        let mut entry = self.system_entry(EntryKind::ClinicCreated);
        entry.subjects.insert(new.id);
        let place = Place::clinic_profile(new.id);
        let sealed = seal(&sealer, &place, &profile_body(&new.profile), &mut entry)?;
        let tx = self.store.begin(clinic).await?;
        store::people::insert_clinic(&tx, &new.time_zone, self.now(), &sealed).await?;
        tx.commit(entry).await?;
        Ok(true)
    }

    /// Adds a person.
    ///
    /// # Errors
    /// When the sign-in name is taken, or keys, database or ledger refuse.
    pub async fn person_add(&self, clinic: Uuid, new: NewPerson) -> Result<PersonId, AppError> {
        let clinic = ClinicId(clinic);
        let id = self.id();
        let pins = Arc::clone(&self.pins);
        let pin = new.pin;
        let pin_hash = self.blocking(move || pins.hash(&pin)).await??;
        let login_token = self.login_token(clinic, &new.login)?;
        let sealer = self
            .vault
            .unit_sealer(clinic, directory_unit(clinic), micros(self.now()))?;
        let mut entry = self.system_entry(EntryKind::PersonAdded);
        entry.subjects.insert(id);
        let body = person_body(&new.name, &new.credential, new.role);
        let sealed = seal(&sealer, &Place::person(id), &body, &mut entry)?;
        let tx = self.store.begin(clinic).await?;
        let row = PersonColumns {
            id,
            role: new.role.as_str(),
            login_token,
            pin_hash: &pin_hash,
            sealed: &sealed,
        };
        store::people::insert_person(&tx, &row).await?;
        tx.commit(entry).await?;
        Ok(PersonId(id.as_u128()))
    }

    /// Adds a patient, under a unit of their own.
    ///
    /// # Errors
    /// When keys, database or ledger refuse.
    pub async fn patient_add(&self, clinic: Uuid, new: NewPatient) -> Result<Uuid, AppError> {
        let clinic = ClinicId(clinic);
        let id = self.id();
        let (vault, now) = (Arc::clone(&self.vault), micros(self.now()));
        self.blocking(move || vault.unit_create(clinic, UnitId(id), now))
            .await??;
        let sealer = self
            .vault
            .unit_sealer(clinic, UnitId(id), micros(self.now()))?;
        let mut entry = self.system_entry(EntryKind::PatientAdded);
        entry.subjects.insert(id);
        let sealed = seal(
            &sealer,
            &Place::patient(id),
            &patient_body(&new.patient),
            &mut entry,
        )?;
        let tx = self.store.begin(clinic).await?;
        store::people::insert_patient(&tx, id, &sealed).await?;
        tx.commit(entry).await?;
        Ok(id)
    }

    /// The code of a clinic's day, made if the day has none yet.
    ///
    /// # Errors
    /// When keys, database or ledger refuse.
    pub async fn code_make(&self, clinic: Uuid, day: Date) -> Result<(), AppError> {
        let clinic = ClinicId(clinic);
        if store::sign_in::code_of_day(&self.store.read(clinic).await?, day)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let code = self.code_random();
        let token = self.vault.platform_token(CODE_LABEL, code.as_bytes());
        let sealer = self
            .vault
            .unit_sealer(clinic, directory_unit(clinic), micros(self.now()))?;
        let mut entry = self.system_entry(EntryKind::CodeMade);
        let place = Place::clinic_code(clinic.0, day);
        let sealed = seal(&sealer, &place, &json!({ "code": code }), &mut entry)?;
        let tx = self.store.begin(clinic).await?;
        let inserted = match store::sign_in::insert_code(&tx, day, &token, &sealed).await {
            Ok(()) => tx.commit(entry).await.map(|_place| ()),
            Err(error) => Err(error),
        };
        match inserted {
            // Somebody else made the day's code at the same moment: theirs stands.
            Err(StoreError::Exists { .. }) => Ok(()),
            other => Ok(other?),
        }
    }

    /// The owner's page: the day's code and the clinic's people.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for other roles.
    pub async fn clinic_page(&self, ctx: &Ctx) -> Result<ClinicPage, AppError> {
        if !may(ctx.role, Action::ClinicPage) {
            return Err(AppError::NotFound);
        }
        let today = ctx.now.to_zoned(ctx.zone.clone()).date();
        self.code_make(ctx.clinic.0, today).await?;
        let tx = self.store.begin(ctx.clinic).await?;
        let rows = crate::directory::directory_rows(&tx).await?;
        let sealed = store::sign_in::code_of_day(&tx, today)
            .await?
            .ok_or_else(|| AppError::Impossible("a code that was made and is not there".into()))?;
        let receipt = tx
            .commit_opened(self.opened(
                ctx,
                OpenedFor::ClinicPage,
                [directory_unit(ctx.clinic)],
                [],
            )?)
            .await?;
        let directory = self.directory_open(ctx, &receipt, rows)?;
        let unit = self.unlock(ctx, &receipt, directory_unit(ctx.clinic))?;
        let code = open(&unit, &Place::clinic_code(ctx.clinic.0, today), sealed)?;
        let code = code.body["code"].as_str().unwrap_or_default().to_owned();
        Ok(ClinicPage {
            clinic: directory.profile,
            today,
            code,
            people: directory.people,
            now: ctx.now,
            zone: ctx.zone.clone(),
            viewer: ctx.person,
        })
    }

    pub(crate) fn system_entry(&self, kind: EntryKind) -> Entry {
        let mut entry = Entry::new(kind.word(), micros(self.now()), Actor::SYSTEM);
        entry.request = Some(self.id());
        entry
    }

    fn login_token(&self, clinic: ClinicId, login: &str) -> Result<[u8; 32], AppError> {
        Ok(self.vault.token(
            clinic,
            LOGIN_LABEL,
            login_folded(login).as_bytes(),
            micros(self.now()),
        )?)
    }

    fn code_random(&self) -> String {
        let mut bytes = [0; CODE_CHARACTERS];
        self.random.fill(&mut bytes);
        bytes
            .map(|byte| char::from(CODE_ALPHABET[usize::from(byte) % CODE_ALPHABET.len()]))
            .iter()
            .collect()
    }
}

/// The purpose that a code's token is derived for.
pub(crate) const CODE_LABEL: &str = "clinic-code";

/// The purpose that a sign-in name's token is derived for.
pub(crate) const LOGIN_LABEL: &str = "sign-in-name";

/// A sign-in name as it is looked up.
pub(crate) fn login_folded(typed: &str) -> String {
    typed.trim().to_lowercase()
}

/// A code as it is looked up: upper case, without what people put between the characters.
pub(crate) fn code_normal(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_uppercase())
        .take(CODE_CHARACTERS + 1)
        .collect()
}
