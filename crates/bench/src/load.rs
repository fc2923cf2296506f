//! Phones that write readings, each as fast as it is answered.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use hyper::StatusCode;

use crate::client::{Answer, Phone};
use crate::demo::{Clinic, Demo, ProcessorTime};

/// A phone goes on to its next session after this many readings, so that sessions stay as long as real ones.
const READINGS_A_SESSION: usize = 24;
/// Sessions that all phones together may need in a second: those are open before the clock starts.
const SESSIONS_A_SECOND: f64 = 64.0;

/// What a phase did.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Answers in time, by how long they took.
    pub(crate) latencies: Vec<Duration>,
    /// How long it ran.
    pub(crate) ran: Duration,
    /// What it cost the server and the database.
    pub(crate) spent: ProcessorTime,
}

impl Outcome {
    pub(crate) fn add(&mut self, turn: Self) {
        self.latencies.extend(turn.latencies);
        self.ran += turn.ran;
        self.spent.add(turn.spent);
    }

    /// Microseconds of processor time for each answer.
    pub(crate) fn cost_us(&self, spent: Duration) -> f64 {
        spent.as_secs_f64() * 1e6 / self.latencies.len().max(1) as f64
    }

    pub(crate) fn per_s(&self) -> f64 {
        self.latencies.len() as f64 / self.ran.as_secs_f64()
    }

    /// The latency that this share of answers keeps below, in milliseconds.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
        sorted
            .get(at)
            .map_or(0.0, |latency| latency.as_secs_f64() * 1_000.0)
    }
}

/// What the phones do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Write vitals.
    Readings,
    /// Read the session's page.
    Pages,
}

/// The sessions of several clinics, those that were not written to for the longest time first.
pub(crate) struct Floor {
    cookies: Vec<String>,
    sessions: RefCell<VecDeque<Place>>,
    /// Forms sent so far, in all turns: each has a key of its own. The same key again would be answered without a write.
    forms: Cell<usize>,
}

/// A session of one of the floor's clinics.
struct Place {
    clinic: usize,
    session: String,
}

/// A session whose page was opened.
struct Open {
    place: Place,
    watch: String,
    seen: String,
    readings: usize,
}

impl Floor {
    /// Signs in at each clinic. The first sessions of all clinics come first, then all second ones, and so on.
    pub(crate) async fn enter(demo: &Demo, clinics: &[Clinic]) -> anyhow::Result<Self> {
        let cookies = sign_in_all(demo, clinics).await?;
        let longest = clinics.iter().map(|clinic| clinic.sessions.len()).max();
        let sessions = (0..longest.unwrap_or_default())
            .flat_map(|nth| {
                clinics
                    .iter()
                    .enumerate()
                    .filter_map(move |(number, clinic)| {
                        Some(Place {
                            clinic: number,
                            session: clinic.sessions.get(nth)?.clone(),
                        })
                    })
            })
            .collect();
        Ok(Self {
            cookies,
            sessions: RefCell::new(sessions),
            forms: Cell::new(0),
        })
    }

    fn next(&self) -> anyhow::Result<Place> {
        let place = self.sessions.borrow_mut().pop_front();
        place.context("there are fewer sessions than phones")
    }

    async fn page(&self, phone: &mut Phone, place: &Place) -> anyhow::Result<Answer> {
        phone.cookie.clone_from(&self.cookies[place.clinic]);
        let answer = phone
            .get(&format!("/floor/sessions/{}", place.session))
            .await?;
        ensure!(
            answer.status == StatusCode::OK,
            "a page was answered {}",
            answer.status
        );
        Ok(answer)
    }

    async fn open(&self, phone: &mut Phone) -> anyhow::Result<Open> {
        let place = self.next()?;
        let page = self.page(phone, &place).await?;
        Ok(Open {
            place,
            watch: page.field("watch")?,
            seen: page.field("seen")?,
            readings: 0,
        })
    }

    fn form_next(&self) -> usize {
        self.forms.set(self.forms.get() + 1);
        self.forms.get()
    }

    /// What was written to goes to the end, with each of its readings once; the rest is next again.
    async fn leave(&self, phone: &mut Phone, opened: Vec<Open>) -> anyhow::Result<()> {
        for open in opened {
            if open.readings == 0 {
                self.sessions.borrow_mut().push_front(open.place);
                continue;
            }
            let (before, after): (usize, usize) = (
                open.seen.parse()?,
                self.page(phone, &open.place)
                    .await?
                    .field("seen")?
                    .parse()?,
            );
            ensure!(
                after == before + open.readings,
                "a session has {after} events: {before} and {} acknowledged readings",
                open.readings
            );
            self.sessions.borrow_mut().push_back(open.place);
        }
        Ok(())
    }
}

/// Runs this many phones for this long. The pages whose watches the readings go in under are opened before the clock starts.
pub(crate) async fn run(
    demo: &Demo,
    floor: &Rc<Floor>,
    phones: usize,
    lasting: Duration,
    work: Work,
) -> anyhow::Result<Outcome> {
    let sessions_each = match work {
        Work::Readings => (SESSIONS_A_SECOND * lasting.as_secs_f64()) as usize / phones + 1,
        Work::Pages => 0,
    }
    .min(floor.sessions.borrow().len() / phones);
    let mut riders = Vec::with_capacity(phones);
    for number in 0..phones {
        let mut phone = Phone::connect(&demo.server).await?;
        let mut opened = Vec::with_capacity(sessions_each);
        for _ in 0..sessions_each {
            opened.push(floor.open(&mut phone).await?);
        }
        riders.push(Rider {
            phone,
            number,
            floor: Rc::clone(floor),
            opened,
            latencies: Vec::new(),
        });
    }
    let before = demo.processor_time()?;
    let begun = Instant::now();
    let until = begun + lasting;
    let mut riding = tokio::task::JoinSet::new();
    let local = tokio::task::LocalSet::new();
    for rider in riders {
        let ride = async move {
            match work {
                Work::Readings => rider.write(until).await,
                Work::Pages => rider.read(until).await,
            }
        };
        riding.spawn_local_on(ride, &local);
    }
    let mut rode = Vec::with_capacity(phones);
    local
        .run_until(async {
            while let Some(rider) = riding.join_next().await {
                rode.push(rider??);
            }
            anyhow::Ok(())
        })
        .await?;
    let mut outcome = Outcome {
        latencies: Vec::new(),
        ran: begun.elapsed(),
        spent: demo.processor_time()?.since(before),
    };
    for mut rider in rode {
        outcome.latencies.extend(rider.latencies);
        floor.leave(&mut rider.phone, rider.opened).await?;
    }
    Ok(outcome)
}

/// A phone, and the sessions that it has open.
struct Rider {
    phone: Phone,
    number: usize,
    floor: Rc<Floor>,
    opened: Vec<Open>,
    latencies: Vec<Duration>,
}

impl Rider {
    /// Writes readings into one session after another.
    async fn write(mut self, until: Instant) -> anyhow::Result<Self> {
        let mut at = 0;
        while Instant::now() < until {
            let sessions = self.opened.len();
            let open = &mut self.opened[at % sessions];
            self.phone
                .cookie
                .clone_from(&self.floor.cookies[open.place.clinic]);
            let count = self.floor.form_next();
            let key = key(self.number, count);
            let begun = Instant::now();
            let answer = reading(
                &mut self.phone,
                &open.place.session,
                &key,
                &open.watch,
                &open.seen,
                count,
            )
            .await?;
            ensure!(
                answer == StatusCode::SEE_OTHER,
                "a reading was answered {answer}"
            );
            self.latencies.push(begun.elapsed());
            open.readings += 1;
            if open.readings.is_multiple_of(READINGS_A_SESSION) {
                at += 1;
            }
        }
        Ok(self)
    }

    /// Reads one session's page after another.
    async fn read(mut self, until: Instant) -> anyhow::Result<Self> {
        while Instant::now() < until {
            let place = self.floor.next()?;
            let begun = Instant::now();
            self.floor.page(&mut self.phone, &place).await?;
            self.latencies.push(begun.elapsed());
            self.floor.sessions.borrow_mut().push_back(place);
        }
        Ok(self)
    }
}

/// Signs in once at each clinic, and answers with the cookies.
pub(crate) async fn sign_in_all(demo: &Demo, clinics: &[Clinic]) -> anyhow::Result<Vec<String>> {
    let mut cookies = Vec::with_capacity(clinics.len());
    for clinic in clinics {
        let mut phone = Phone::connect(&demo.server).await?;
        phone
            .sign_in(&clinic.code, &clinic.login, &clinic.pin)
            .await?;
        cookies.push(phone.cookie);
    }
    Ok(cookies)
}

/// Sends one set of vitals as the page's form does.
pub(crate) async fn reading(
    phone: &mut Phone,
    session: &str,
    key: &str,
    watch: &str,
    seen: &str,
    count: usize,
) -> anyhow::Result<StatusCode> {
    let systolic = (110 + count % 25).to_string();
    let pulse = (60 + count % 30).to_string();
    let form = [
        ("key", key),
        ("watch", watch),
        ("seen", seen),
        ("when", "now"),
        ("systolic", systolic.as_str()),
        ("diastolic", "78"),
        ("pulse", pulse.as_str()),
        ("spo2", "98"),
        ("respiration", "14"),
        ("moaas", "5"),
    ];
    Ok(phone
        .post(&format!("/floor/sessions/{session}/vitals"), &form)
        .await?
        .status)
}

/// A form key that no other phone, or count of the same phone, has in this run: as a version-4 UUID.
pub(crate) fn key(phone: usize, count: usize) -> String {
    let run = std::process::id();
    format!("{run:08x}-{:04x}-4000-8000-{count:012x}", phone & 0xffff)
}
