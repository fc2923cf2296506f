//! The clinic's sessions of other days: those to come, and those that have ended.

use domain::treatment::{Protocol, Session};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ledger::UnitId;
use store::treatment::{SessionPlace, SessionRow};
use uuid::Uuid;

use super::load::rows_with_events;
use super::view::{SessionsOf, SessionsPage};
use crate::ctx::Ctx;
use crate::directory::directory_rows;
use crate::entries::OpenedFor;
use crate::error::AppError;
use crate::{App, directory_unit};

/// Sessions on one page: a week of a busy clinic.
const SESSIONS_MAX: usize = 30;

impl App {
    /// A page of the sessions that are planned for a later day, the next first; or of those that have ended, the latest
    /// first: from a place on that an earlier page named. What is open today stands on the board. Commits an `opened` entry
    /// for every session and patient that it shows.
    ///
    /// # Errors
    /// [`AppError::BadInput`] for a place that no page named.
    pub async fn sessions_page(
        &self,
        ctx: &Ctx,
        of: SessionsOf,
        from: Option<&str>,
    ) -> Result<SessionsPage, AppError> {
        let today = ctx.today();
        // Behind every session of today.
        let evening = SessionPlace {
            day: today,
            id: Uuid::max(),
        };
        let from = from.map(place_parse).transpose()?.unwrap_or(evening);
        let rows_max = i64::try_from(SESSIONS_MAX + 1).unwrap_or(i64::MAX);
        let tx = self.store.begin(ctx.clinic).await?;
        let (mut rows, directory) = tokio::try_join!(
            async {
                Ok(match of {
                    SessionsOf::Coming => {
                        store::treatment::coming(&tx, from.max(evening), rows_max).await?
                    }
                    SessionsOf::Ended => store::treatment::ended(&tx, from, rows_max).await?,
                })
            },
            directory_rows(&tx)
        )?;
        let is_more = rows.len() > SESSIONS_MAX;
        rows.truncate(SESSIONS_MAX);
        let next = rows.last().filter(|_| is_more).map(place_words);
        let patients: Vec<Uuid> = rows.iter().map(|row| row.patient).collect();
        let units: Vec<UnitId> = rows.iter().map(|row| UnitId(row.id)).collect();
        let (rows, patient_rows) = tokio::try_join!(rows_with_events(&tx, rows), async {
            Ok(store::people::patients_of(&tx, &patients).await?)
        })?;
        let units = units
            .into_iter()
            .chain(patients.iter().map(|id| UnitId(*id)))
            .chain([directory_unit(ctx.clinic)]);
        let receipt = tx
            .commit_opened(self.opened(ctx, OpenedFor::SessionList, units, [])?)
            .await?;
        let directory = self.directory_open(ctx, &receipt, directory)?;
        let patients = self.patients_open(ctx, &receipt, patient_rows)?;
        let mut opened = self.sessions_open(ctx, &receipt, rows, &patients)?;
        // Who came before their day is on the floor, and not still to come.
        if of == SessionsOf::Coming {
            opened
                .sessions
                .retain(|session| !session.session.phase().is_present());
        }
        Ok(SessionsPage {
            setting: self.setting(ctx, directory),
            of,
            sessions: opened.sessions,
            unreadable: opened.unreadable,
            next,
        })
    }
}

/// The last day on which the monitoring form of this session is in time; none without a device, for then no form is due.
/// The day of the treatment does not count.
#[must_use]
pub fn form_due(session: &Session, protocol: &Protocol, zone: &TimeZone) -> Option<Date> {
    let days = Span::new().days(i64::from(protocol.form.days_to_submit.value));
    // A date beyond the calendar's end cannot come here.
    session.treatment_date(zone)?.checked_add(days).ok()
}

fn place_words(row: &SessionRow) -> String {
    format!("{}_{}", row.day, row.id.simple())
}

fn place_parse(text: &str) -> Result<SessionPlace, AppError> {
    let parse = || {
        let (day, id) = text.split_once('_')?;
        Some(SessionPlace {
            day: day.parse().ok()?,
            id: Uuid::try_parse(id).ok()?,
        })
    };
    parse().ok_or(AppError::BadInput(
        "This page of the list of sessions does not exist. Begin again at its first page.",
    ))
}
