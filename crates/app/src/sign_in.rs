//! Signing in on the floor: the day's clinic code and a personal PIN.
//!
//! Invariant: a wrong code, one of another day, a wrong name, a wrong PIN and a locked person get the same answer after the
//! same work: one look-up of the code, one reading of a clinic's key, one look-up of the name, one try taken from each of two
//! counts, one Argon2id, both counts settled, the hour's failure counted. Which entries are due is found without the
//! database, and they are written by a task that the answer does not wait for ([`crate::failures`]).

use std::sync::Arc;

use domain::treatment::PersonId;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{Actor, ActorId, ClinicId};
use store::attempts::Outcome;
use store::sign_in::{CodeOf, LoginRow, NewSignIn, SignInRow};
use uuid::Uuid;

use crate::App;
use crate::clinic::{CODE_LABEL, LOGIN_LABEL, code_normal, login_folded};
use crate::ctx::{Ctx, Presence, Role};
use crate::entries::{EntryKind, micros, of_request};
use crate::error::AppError;
use crate::failures::attempt_at;
use crate::treatment::StepSession;

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
        self: &Arc<Self>,
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
        let target = self.sign_in_target(&code, &name).await?;
        // The turn comes before the try is taken: whoever waits holds none, so that many right PINs at once are no wrong ones.
        let turn = Arc::clone(&self.pin_checks)
            .acquire_owned()
            .await
            .map_err(|_| AppError::Unavailable("the program is stopping"))?;
        let app = Arc::clone(self);
        // A try that was taken is settled, even when the client hangs up.
        let tried = tokio::spawn(async move {
            let _turn = turn;
            app.sign_in_try(request, target, pin).await
        });
        let right = tried
            .await
            .map_err(|_| AppError::Unavailable("a background task ended early"))??;
        match right {
            Some((clinic, login)) => self.sign_in_begin(request, clinic, &login).await,
            None => Err(AppError::SignInRefused),
        }
    }

    async fn sign_in_target(&self, code: &str, name: &str) -> Result<Target, AppError> {
        let now = self.now();
        let token = self
            .vault
            .platform_token(CODE_LABEL, code_normal(code).as_bytes());
        let row = store::sign_in::clinic_of_code(&self.store.read(store::PLATFORM).await?, &token)
            .await?;
        let found = row
            .found
            .filter(|code| is_todays(code, now))
            .map(|code| code.clinic);
        let keyed = found.or(row.some_clinic);
        let read = self.login_token_anew(keyed, name).await;
        let nobodys = self
            .vault
            .platform_token(LOGIN_LABEL, login_folded(name).as_bytes());
        let name_token = match found {
            Some(_) => read?,
            // The reading was for its work alone: nothing under a clinic's key is kept for a code that is nobody's.
            None => nobodys,
        };
        let clinic = found.unwrap_or(store::PLATFORM);
        let login =
            store::sign_in::find_login(&self.store.read(clinic).await?, &name_token).await?;
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

    /// The name's token under this clinic's key, which is read from the key places even when it is in memory.
    async fn login_token_anew(
        &self,
        clinic: Option<ClinicId>,
        name: &str,
    ) -> Result<[u8; 32], AppError> {
        let clinic = clinic.ok_or(AppError::SignInRefused)?;
        let (vault, folded) = (Arc::clone(&self.vault), login_folded(name));
        let now = micros(self.now());
        let token = self
            .blocking(move || vault.token_anew(clinic, LOGIN_LABEL, folded.as_bytes(), now))
            .await?;
        Ok(token?)
    }

    /// Takes a try, checks the PIN, settles the try. Answers with the clinic and the person whose PIN it was.
    async fn sign_in_try(
        self: &Arc<Self>,
        request: Uuid,
        target: Target,
        pin: String,
    ) -> Result<Option<(ClinicId, LoginRow)>, AppError> {
        let attempt = attempt_at(target.clinic, target.subject, self.now());
        let taken = self.store.attempt_take(&attempt).await?;
        let is_right = self.pin_check(target.login.as_ref(), pin).await?;
        let outcome = match (taken.may_be_checked(), is_right) {
            (false, _) => Outcome::Unchecked,
            (true, false) => Outcome::Wrong,
            (true, true) => Outcome::Right,
        };
        let settled = self.store.attempt_settle(&attempt, taken, outcome).await?;
        match (outcome, target.login) {
            (Outcome::Right, Some(login)) => Ok(Some((target.clinic, login))),
            (_, login) => {
                let person = login.map(|login| login.person);
                self.failure_enter(request, target.clinic, person, settled);
                Ok(None)
            }
        }
    }

    async fn pin_check(&self, login: Option<&LoginRow>, pin: String) -> Result<bool, AppError> {
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
        clinic: ClinicId,
        login: &LoginRow,
    ) -> Result<SignedIn, AppError> {
        self.attempts_prune(clinic).await?;
        let now = self.now();
        let mut secret = [0; SECRET_BYTES];
        self.random.fill(&mut secret);
        let new = NewSignIn {
            id: self.id(),
            person: login.person,
            token_hash: ledger::sha256(&secret),
            created_at: now,
            expires_at: now + SIGN_IN_MAX,
        };
        let mut entry = self.system_entry(EntryKind::SignedIn);
        entry.actor = Actor::person(ActorId(login.person));
        entry.request = Some(request);
        entry.sign_in = Some(new.id);
        let tx = self.store.begin(clinic).await?;
        store::watch::delete_ended(&tx, now).await?;
        store::sign_in::insert(&tx, &new).await?;
        tx.commit(entry).await?;
        Ok(SignedIn {
            cookie: format!("{}{}", clinic.0.simple(), ledger::hex(&secret)),
            expires_at: new.expires_at,
        })
    }

    /// The signed-in person of a cookie; `None` when it is no (longer) sign-in.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn authenticate(&self, cookie: &str, request: Uuid) -> Result<Option<Ctx>, AppError> {
        let Some((clinic, secret)) = cookie_parts(cookie) else {
            return Ok(None);
        };
        let hash = ledger::sha256(&secret);
        match self.store.sign_in_find(clinic, &hash).await? {
            Some(row) => self.signed_in(clinic, hash, row, request, self.now()).await,
            None => Ok(None),
        }
    }

    /// As [`App::authenticate`], for a step's form: its session is found in the same question, sealed as it is, with the watch
    /// that the form's page had.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn authenticate_step(
        &self,
        cookie: &str,
        request: Uuid,
        session: Uuid,
        watch: Uuid,
    ) -> Result<Option<(Ctx, StepSession)>, AppError> {
        let Some((clinic, secret)) = cookie_parts(cookie) else {
            return Ok(None);
        };
        let (hash, now) = (ledger::sha256(&secret), self.now());
        let found = self.store.step_find(clinic, &hash, session, watch, now);
        let Some(found) = found.await? else {
            return Ok(None);
        };
        let ctx = self
            .signed_in(clinic, hash, found.sign_in, request, now)
            .await?;
        Ok(ctx.map(|ctx| (ctx, StepSession(found.session))))
    }

    /// The request of this sign-in, unless it has ended by now.
    async fn signed_in(
        &self,
        clinic: ClinicId,
        token_hash: [u8; 32],
        row: SignInRow,
        request: Uuid,
        now: Timestamp,
    ) -> Result<Option<Ctx>, AppError> {
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
        let mut presence = Presence {
            token_hash,
            ends_at: row.expires_at,
            touched_at: row.seen_at,
        };
        self.touch(clinic, row.id, &mut presence, now).await?;
        Ok(Some(Ctx {
            clinic,
            sign_in: row.id,
            presence,
            person: PersonId(row.person.as_u128()),
            role,
            request,
            now,
            zone: zone(&row.time_zone)?,
        }))
    }

    /// Writes down that a sign-in is in use, now and then.
    pub(crate) async fn touch(
        &self,
        clinic: ClinicId,
        sign_in: Uuid,
        presence: &mut Presence,
        now: Timestamp,
    ) -> Result<(), AppError> {
        if now.duration_since(presence.touched_at) >= TOUCH_EVERY {
            self.store.sign_in_touch(clinic, sign_in, now).await?;
            presence.touched_at = now;
        }
        Ok(())
    }

    /// Ends the sign-in and everything that is watched under it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sign_out(&self, ctx: &Ctx) -> Result<(), AppError> {
        let tx = self.store.begin(ctx.clinic).await?;
        store::sign_in::end(&tx, ctx.sign_in, ctx.now).await?;
        tx.commit(of_request(ctx, EntryKind::SignedOut)).await?;
        Ok(())
    }
}

/// A code is good for its own day in its clinic's time zone; on any other it is nobody's.
fn is_todays(code: &CodeOf, now: Timestamp) -> bool {
    zone(&code.time_zone).is_ok_and(|zone| now.to_zoned(zone).date() == code.day)
}

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

pub(crate) fn cookie_parts(cookie: &str) -> Option<(ClinicId, [u8; SECRET_BYTES])> {
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
