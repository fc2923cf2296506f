//! Signing in on the floor: the day's clinic code and a personal PIN.
//!
//! Invariant: a wrong code, a wrong name, a wrong PIN and a locked person get the same answer after the same work: one
//! look-up of the code, one of the name, two of the counters, one Argon2id, two counts.

use std::sync::Arc;

use domain::treatment::PersonId;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{Actor, ActorId, ClinicId, Name};
use store::counters::AttemptLimit;
use store::sign_in::{LoginRow, NewSignIn};
use uuid::Uuid;

use crate::App;
use crate::clinic::{CODE_LABEL, code_normal};
use crate::ctx::{Ctx, Role};
use crate::entries::{SIGN_IN_FAILED, SIGN_IN_LOCKED, SIGNED_IN, SIGNED_OUT, of_request};
use crate::error::AppError;

/// Wrong PINs in a row that lock a person: far below the 100 of NIST SP 800-63B.
const PERSON_FAILURES_MAX: i32 = 5;
/// How long a person is locked, and how far back wrong tries count.
const PERSON_LOCK: SignedDuration = SignedDuration::from_mins(15);
/// Wrong tries in an hour that lock a whole clinic: ten people who each mistype four times.
const CLINIC_FAILURES_MAX: i32 = 40;
/// How long a clinic is locked.
const CLINIC_LOCK: SignedDuration = SignedDuration::from_mins(15);
/// How far back a clinic's wrong tries count.
const CLINIC_WINDOW: SignedDuration = SignedDuration::from_hours(1);

const PERSON_LOCKS: u32 = PERSON_FAILURES_MAX.unsigned_abs();
const CLINIC_LOCKS: u32 = CLINIC_FAILURES_MAX.unsigned_abs();

/// A sign-in ends after this in any case (promise A2; NIST AAL3).
const SIGN_IN_MAX: SignedDuration = SignedDuration::from_hours(12);
/// An owner's sign-in ends after this without use (promise A2).
const OWNER_IDLE_MAX: SignedDuration = SignedDuration::from_mins(15);
/// A phone on the floor lies in a pocket between readings (NIST AAL2).
const FLOOR_IDLE_MAX: SignedDuration = SignedDuration::from_mins(60);
/// A sign-in's last use is written at most this often.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Longest input that is looked at: a code has 8 characters, names and PINs are short; Argon2 is not fed novels.
const TYPED_BYTES_MAX: usize = 128;

/// Bytes of a cookie's secret.
const SECRET_BYTES: usize = 32;

/// What was typed.
pub struct SignInAttempt {
    /// The day's clinic code.
    pub code: String,
    /// The sign-in name.
    pub name: String,
    /// The personal PIN.
    pub pin: String,
}

/// A sign-in that began.
pub struct SignedIn {
    /// The cookie's value: clinic and secret, in hex.
    pub cookie: String,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

/// Whom an attempt is counted against.
struct Target {
    clinic: ClinicId,
    /// The person, or what stands for a name that nobody bears.
    subject: Uuid,
    login: Option<LoginRow>,
}

impl App {
    /// Signs in on the floor.
    ///
    /// # Errors
    /// [`AppError::SignInRefused`] for anything that is wrong, and while locked.
    pub async fn sign_in(
        &self,
        request: Uuid,
        attempt: SignInAttempt,
    ) -> Result<SignedIn, AppError> {
        let SignInAttempt { code, name, pin } = attempt;
        if [&code, &name, &pin]
            .iter()
            .any(|typed| typed.len() > TYPED_BYTES_MAX)
        {
            return Err(AppError::SignInRefused);
        }
        let now = self.now();
        let target = self.sign_in_target(&code, &name, now).await?;
        let locked = self.sign_in_locked(&target, now).await?;
        let right = self.pin_check(target.login.as_ref(), pin).await?;
        match (&target.login, right && !locked) {
            (Some(login), true) => self.sign_in_begin(request, &target, login, now).await,
            (_, _) => {
                self.sign_in_failed(request, &target, now).await?;
                Err(AppError::SignInRefused)
            }
        }
    }

    async fn sign_in_target(
        &self,
        code: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<Target, AppError> {
        let token = self
            .vault
            .platform_token(CODE_LABEL, code_normal(code).as_bytes());
        let found =
            store::sign_in::clinic_of_code(&self.store.read(store::PLATFORM).await?, &token)
                .await?;
        let name_token = match found {
            Some((clinic, _)) => self.login_token(clinic, name)?,
            None => self
                .vault
                .platform_token("sign-in-name", name.trim().to_lowercase().as_bytes()),
        };
        let clinic = found.map_or(store::PLATFORM, |(clinic, _)| clinic);
        let login =
            store::sign_in::find_login(&self.store.read(clinic).await?, &name_token).await?;
        let login = login.filter(|login| {
            // A code is good for its own day in the clinic's time zone.
            let today = zone(&login.time_zone)
                .map(|zone| now.to_zoned(zone).date())
                .ok();
            found.map(|(_, day)| day) == today
        });
        let subject = match &login {
            Some(login) => login.person,
            None => stand_in(&name_token),
        };
        Ok(Target {
            clinic,
            subject,
            login,
        })
    }

    async fn sign_in_locked(&self, target: &Target, now: Timestamp) -> Result<bool, AppError> {
        let (person, clinic) = tokio::try_join!(
            self.store.attempts(target.clinic, target.subject),
            self.store.attempts(target.clinic, target.clinic.0),
        )?;
        let is_locked = |attempts: Option<store::counters::Attempts>| {
            attempts
                .and_then(|attempts| attempts.locked_until)
                .is_some_and(|until| until > now)
        };
        Ok(is_locked(person) || is_locked(clinic))
    }

    async fn pin_check(&self, login: Option<&LoginRow>, pin: String) -> Result<bool, AppError> {
        let _turn = self
            .pin_checks
            .acquire()
            .await
            .map_err(|_| AppError::Unavailable("the program is stopping"))?;
        let pins = Arc::clone(&self.pins);
        let hash = login.map(|login| login.pin_hash.clone());
        self.blocking(move || match hash {
            Some(hash) => pins.verify(&hash, &pin),
            None => pins.verify_dummy(&pin),
        })
        .await
    }

    async fn sign_in_begin(
        &self,
        request: Uuid,
        target: &Target,
        login: &LoginRow,
        now: Timestamp,
    ) -> Result<SignedIn, AppError> {
        let mut secret = [0; SECRET_BYTES];
        self.random.fill(&mut secret);
        let new = NewSignIn {
            id: self.id(),
            person: login.person,
            token_hash: ledger::sha256(&secret),
            created_at: now,
            expires_at: now + SIGN_IN_MAX,
        };
        let mut entry = self.system_entry(SIGNED_IN);
        entry.actor = Actor::person(ActorId(login.person));
        entry.request = Some(request);
        entry.sign_in = Some(new.id);
        let tx = self.store.begin(target.clinic).await?;
        store::watch::delete_ended(&tx, now).await?;
        store::sign_in::insert(&tx, &new).await?;
        tx.commit(entry).await?;
        self.store
            .attempts_clear(target.clinic, target.subject)
            .await?;
        Ok(SignedIn {
            cookie: format!("{}{}", target.clinic.0.simple(), ledger::hex(&secret)),
            expires_at: new.expires_at,
        })
    }

    async fn sign_in_failed(
        &self,
        request: Uuid,
        target: &Target,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let person = AttemptLimit {
            window_start: now - PERSON_LOCK,
            failures_max: PERSON_FAILURES_MAX,
            lock_until: now + PERSON_LOCK,
        };
        let clinic = AttemptLimit {
            window_start: now - CLINIC_WINDOW,
            failures_max: CLINIC_FAILURES_MAX,
            lock_until: now + CLINIC_LOCK,
        };
        let (of_person, of_clinic) = tokio::try_join!(
            self.store
                .attempt_failed(target.clinic, target.subject, now, person),
            self.store
                .attempt_failed(target.clinic, target.clinic.0, now, clinic),
        )?;
        if target.clinic == store::PLATFORM {
            return Ok(());
        }
        let kind = match (of_person.failures, of_clinic.failures) {
            (person, clinic) if person == PERSON_LOCKS || clinic == CLINIC_LOCKS => SIGN_IN_LOCKED,
            (1, _) => SIGN_IN_FAILED,
            (_, _) => return Ok(()),
        };
        let mut entry = self.system_entry(kind);
        entry.request = Some(request);
        entry
            .numbers
            .insert(FAILURES_PERSON, u64::from(of_person.failures));
        entry
            .numbers
            .insert(FAILURES_CLINIC, u64::from(of_clinic.failures));
        if let Some(login) = &target.login {
            entry.subjects.insert(login.person);
        }
        self.store.begin(target.clinic).await?.commit(entry).await?;
        Ok(())
    }

    /// The signed-in person of a cookie; `None` when it is no (longer) sign-in.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn authenticate(&self, cookie: &str, request: Uuid) -> Result<Option<Ctx>, AppError> {
        let Some((clinic, secret)) = cookie_parts(cookie) else {
            return Ok(None);
        };
        let scope = self.store.read(clinic).await?;
        let Some(row) = store::sign_in::find(&scope, &ledger::sha256(&secret)).await? else {
            return Ok(None);
        };
        drop(scope);
        let now = self.now();
        let role = Role::parse(&row.role)
            .ok_or_else(|| AppError::Impossible("a person of no role".into()))?;
        let idle_max = match role {
            Role::Owner => OWNER_IDLE_MAX,
            Role::Prescriber | Role::FloorClinician => FLOOR_IDLE_MAX,
        };
        let idle = now.duration_since(row.seen_at);
        if now >= row.expires_at || idle >= idle_max {
            return Ok(None);
        }
        if idle >= TOUCH_EVERY {
            self.store.sign_in_touch(clinic, row.id, now).await?;
        }
        Ok(Some(Ctx {
            clinic,
            sign_in: row.id,
            person: PersonId(row.person.as_u128()),
            role,
            request,
            now,
            zone: zone(&row.time_zone)?,
        }))
    }

    /// Ends the sign-in and everything that is watched under it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sign_out(&self, ctx: &Ctx) -> Result<(), AppError> {
        let tx = self.store.begin(ctx.clinic).await?;
        store::sign_in::end(&tx, ctx.sign_in, ctx.now).await?;
        tx.commit(of_request(ctx, SIGNED_OUT)).await?;
        Ok(())
    }
}

const FAILURES_PERSON: Name = Name::literal("failures_person");
const FAILURES_CLINIC: Name = Name::literal("failures_clinic");

pub(crate) fn zone(name: &str) -> Result<TimeZone, AppError> {
    TimeZone::get(name)
        .map_err(|_| AppError::Impossible(format!("a clinic in an unknown time zone, {name}")))
}

/// An id for a name that nobody bears, so that its wrong tries are counted and locked like anybody's.
fn stand_in(name_token: &[u8; 32]) -> Uuid {
    let mut id = [0; 16];
    id.copy_from_slice(&name_token[..16]);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}

fn cookie_parts(cookie: &str) -> Option<(ClinicId, [u8; SECRET_BYTES])> {
    let bytes = ledger::hex_decode(cookie)?;
    let (clinic, secret) = bytes.split_first_chunk::<16>()?;
    Some((ClinicId(Uuid::from_bytes(*clinic)), secret.try_into().ok()?))
}

/// The time at which a ledger entry says that it was made.
pub(crate) fn entry_time(at: ledger::UnixMicros) -> Result<Timestamp, AppError> {
    Timestamp::from_microsecond(at.0)
        .map_err(|_| AppError::Impossible("an entry outside of time".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_taken_apart_only_when_whole() {
        let whole = format!("{}{}", Uuid::from_u128(7).simple(), ledger::hex(&[9; 32]));
        let (clinic, secret) = cookie_parts(&whole).unwrap();
        assert_eq!((clinic.0, secret), (Uuid::from_u128(7), [9; 32]));
        for broken in ["", "zz", &whole[2..], &format!("{whole}00")] {
            assert!(cookie_parts(broken).is_none());
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(code_normal(" abcd-2345 "), "ABCD2345");
        assert_ne!(code_normal("ABCD-23456"), "ABCD2345");
    }
}
