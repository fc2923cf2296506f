//! Steps of treatment sessions on their way into the database. Of each clinic one transaction at a time is under way here, and
//! it takes in all the steps that wait when it gets its connection: so a clinic that is written to from many phones neither
//! queues at its own head with every connection that there is, nor waits for the disk once for each step.
//!
//! Invariant: a step is answered after the commit of the transaction that holds it, with its own entry's place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use ledger::{ClinicId, Entry, EntryRef};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::pool::Pool;
use crate::scope::ask_on;
use crate::tx::{lacks, place};

/// Most steps in one transaction: it stays shorter than a person notices.
const STEPS_MAX: usize = 32;

const RECORD: &str = "SELECT steps_record($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Sealed events for a session that stands at `version`; `open` says whether it stays on the board.
pub struct SessionEvents {
    /// The session.
    pub session: Uuid,
    /// How many events it has.
    pub version: u32,
    /// The sealed events.
    pub sealed: Vec<Vec<u8>>,
    /// Whether it stays on the board.
    pub open: bool,
    /// The watch that has to stand for them to go in. `None` when they were decided under a receipt of the request itself.
    pub under: Option<WatchHeld>,
}

/// A watch as a page's form comes back under it.
#[derive(Clone, Copy)]
pub struct WatchHeld {
    /// Its id.
    pub id: Uuid,
    /// The sign-in that has to hold it.
    pub sign_in: Uuid,
    /// The time at which it has to stand.
    pub now: Timestamp,
}

/// A step that waits for its transaction.
struct Step {
    events: SessionEvents,
    /// How many events the session has, and how many come, as the database counts.
    version: i32,
    count: i32,
    body: Vec<u8>,
    answer: oneshot::Sender<Result<EntryRef, StoreError>>,
}

/// The steps that wait, by clinic. A clinic stands here while a task writes for it.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<HashMap<ClinicId, Vec<Step>>>);

impl Waiting {
    fn all(&self) -> MutexGuard<'_, HashMap<ClinicId, Vec<Step>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a step; whether nobody writes for its clinic yet.
    fn add(&self, clinic: ClinicId, step: Step) -> bool {
        let mut all = self.all();
        let is_first = !all.contains_key(&clinic);
        all.entry(clinic).or_default().push(step);
        is_first
    }

    /// The next steps of a clinic.
    fn take(&self, clinic: ClinicId) -> Vec<Step> {
        let mut all = self.all();
        let Some(steps) = all.get_mut(&clinic) else {
            return Vec::new();
        };
        let most = steps.len().min(STEPS_MAX);
        steps.drain(..most).collect()
    }
}

/// A clinic that is written for.
struct Writing {
    waiting: Arc<Waiting>,
    clinic: ClinicId,
    is_over: bool,
}

impl Writing {
    /// Whether no step waits. Then nobody writes for the clinic any more, and the next step begins anew.
    fn ends(&mut self) -> bool {
        let mut all = self.waiting.all();
        self.is_over = all.get(&self.clinic).is_none_or(Vec::is_empty);
        if self.is_over {
            all.remove(&self.clinic);
        }
        self.is_over
    }
}

/// A task that was broken off answers nobody: whoever waits is told so, and the clinic's next step begins anew.
impl Drop for Writing {
    fn drop(&mut self) {
        if !self.is_over {
            self.waiting.all().remove(&self.clinic);
        }
    }
}

impl Store {
    /// Appends events to a session and commits them with their entry, which is about that session alone.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when the session stands elsewhere by now, or the watch has ended; else as [`crate::Tx::commit`].
    pub async fn session_record(
        &self,
        clinic: ClinicId,
        events: SessionEvents,
        entry: &Entry,
    ) -> Result<EntryRef, StoreError> {
        if entry.subjects.iter().ne([&events.session]) {
            return Err(lacks("a step's entry that is not about its session"));
        }
        let too_many = |_| StoreError::Impossible {
            table: "session",
            what: "more events than a session can have",
        };
        let (answer, answered) = oneshot::channel();
        let step = Step {
            version: i32::try_from(events.version).map_err(too_many)?,
            count: i32::try_from(events.sealed.len()).map_err(too_many)?,
            body: entry.encode()?,
            events,
            answer,
        };
        if self.waiting.add(clinic, step) {
            let writing = Writing {
                waiting: Arc::clone(&self.waiting),
                clinic,
                is_over: false,
            };
            // A task of its own: a client who hangs up cuts nothing off.
            tokio::spawn(write_all(writing, self.app.clone()));
        }
        answered
            .await
            .unwrap_or_else(|_| Err(StoreError::Away("the writing task has ended".to_owned())))
    }
}

/// Writes a clinic's steps until none waits.
async fn write_all(mut writing: Writing, pool: Pool) {
    while !writing.ends() {
        // The steps are taken once there is a connection: those that come until then go along.
        let connection = pool.get().await;
        let steps = writing.waiting.take(writing.clinic);
        match connection {
            Ok(object) => write(&object, writing.clinic, steps).await,
            Err(error) => fail(steps, &error),
        }
    }
}

async fn write(object: &deadpool_postgres::Object, clinic: ClinicId, mut steps: Vec<Step>) {
    // Whoever locks several sessions locks them in this order.
    steps.sort_by_key(|step| (step.events.session, step.version));
    match record(object, clinic, &steps).await {
        Ok(places) => {
            for (step, place) in steps.into_iter().zip(places) {
                // Whoever waited may have hung up.
                let _heard = step.answer.send(place.ok_or(StoreError::Moved));
            }
        }
        Err(error @ StoreError::Away(_)) => fail(steps, &error),
        Err(error) if steps.len() == 1 => {
            for step in steps {
                let _heard = step.answer.send(Err(error.clone()));
            }
        }
        // One of them is refused, and took the others with it: each for itself.
        Err(_) => {
            for step in steps {
                Box::pin(write(object, clinic, vec![step])).await;
            }
        }
    }
}

/// The places of the steps' entries, `None` for those that were left out.
async fn record(
    object: &deadpool_postgres::Object,
    clinic: ClinicId,
    steps: &[Step],
) -> Result<Vec<Option<EntryRef>>, StoreError> {
    let each = |of: fn(&WatchHeld) -> Uuid| -> Vec<Option<Uuid>> {
        let under = steps.iter().map(|step| step.events.under.as_ref());
        under.map(|under| under.map(of)).collect()
    };
    let sessions: Vec<Uuid> = steps.iter().map(|step| step.events.session).collect();
    let versions: Vec<i32> = steps.iter().map(|step| step.version).collect();
    let open: Vec<bool> = steps.iter().map(|step| step.events.open).collect();
    let bodies: Vec<&[u8]> = steps.iter().map(|step| step.body.as_slice()).collect();
    let (watches, sign_ins) = (each(|under| under.id), each(|under| under.sign_in));
    let at: Vec<Option<Timestamp>> = steps
        .iter()
        .map(|step| step.events.under.map(|under| under.now))
        .collect();
    let sealed: Vec<&[u8]> = steps
        .iter()
        .flat_map(|step| step.events.sealed.iter().map(Vec::as_slice))
        .collect();
    let counts: Vec<i32> = steps.iter().map(|step| step.count).collect();
    let numbers: Vec<i32> = (0..).take(steps.len()).collect();
    let rows = ask_on(
        object,
        clinic,
        RECORD,
        &[
            &sessions, &versions, &open, &bodies, &watches, &sign_ins, &at, &sealed, &counts,
            &numbers,
        ],
    )
    .await?;
    let answer: Option<Vec<Option<i64>>> = rows.first().map(|row| row.get(0));
    places(answer.as_deref().unwrap_or_default(), steps.len())
}

/// The places of so many steps from what `steps_record` answers: generation, first index, and the numbers of those left out.
fn places(answer: &[Option<i64>], steps: usize) -> Result<Vec<Option<EntryRef>>, StoreError> {
    let [generation, first, left_out @ ..] = answer else {
        return Err(lacks("steps without an answer"));
    };
    let mut next = *first;
    (1..)
        .take(steps)
        .map(|number| {
            if left_out.contains(&Some(number)) {
                return Ok(None);
            }
            let (Some(generation), Some(index)) = (*generation, next) else {
                return Err(lacks("a step without a place"));
            };
            next = Some(index + 1);
            place(generation, index).map(Some)
        })
        .collect()
}

fn fail(steps: Vec<Step>, error: &StoreError) {
    for step in steps {
        let _heard = step.answer.send(Err(error.clone()));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn at(index: u64) -> Option<EntryRef> {
        Some(EntryRef {
            generation: 2,
            index,
        })
    }

    #[test]
    fn leaves_follow_each_other_past_the_steps_that_were_left_out() {
        let places = |answer: &[Option<i64>]| places(answer, 3).unwrap();
        let all = places(&[Some(2), Some(7)]);
        assert_eq!(all, [at(7), at(8), at(9)]);
        let some = places(&[Some(2), Some(7), Some(2)]);
        assert_eq!(some, [at(7), None, at(8)]);
        let none = places(&[None, None, Some(1), Some(2), Some(3)]);
        assert_eq!(none, [None, None, None]);
    }

    #[test]
    fn an_answer_that_lacks_something_is_no_answer() {
        for answer in [&[][..], &[Some(2)], &[None, None, Some(1)]] {
            assert!(places(answer, 2).is_err(), "{answer:?}");
        }
    }
}
