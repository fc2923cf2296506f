//! Phones that write readings, each as fast as it is answered.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use hyper::StatusCode;

use crate::client::Phone;
use crate::demo::{Clinic, Demo};

/// A phone goes on to its next session after this many readings, so that sessions stay as long as real ones.
const READINGS_A_SESSION: usize = 24;

/// What a phase did.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Answers in time, by how long they took.
    pub(crate) latencies: Vec<Duration>,
    /// How long it ran.
    pub(crate) ran: Duration,
}

impl Outcome {
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

/// Runs this many phones over these clinics for this long.
pub(crate) async fn run(
    demo: &Demo,
    clinics: &[Clinic],
    phones: usize,
    lasting: Duration,
    work: Work,
) -> anyhow::Result<Outcome> {
    let cookies = sign_in_all(demo, clinics).await?;
    let mut riders = Vec::with_capacity(phones);
    for number in 0..phones {
        let clinic = &clinics[number % clinics.len()];
        let mut phone = Phone::connect(&demo.server).await?;
        phone.cookie.clone_from(&cookies[number % clinics.len()]);
        // Phones of one clinic begin at different sessions.
        let first =
            (number / clinics.len()) * clinic.sessions.len() / phones.div_ceil(clinics.len());
        let sessions: Vec<String> = clinic
            .sessions
            .iter()
            .cycle()
            .skip(first)
            .take(clinic.sessions.len())
            .cloned()
            .collect();
        riders.push((phone, sessions));
    }
    let latencies = Rc::new(RefCell::new(Vec::new()));
    let begun = Instant::now();
    let until = begun + lasting;
    let local = tokio::task::LocalSet::new();
    let failed = Rc::new(Cell::new(None));
    for (number, (phone, sessions)) in riders.into_iter().enumerate() {
        let (latencies, failed) = (Rc::clone(&latencies), Rc::clone(&failed));
        local.spawn_local(async move {
            let ridden = match work {
                Work::Readings => write(phone, &sessions, until, number, &latencies).await,
                Work::Pages => read(phone, &sessions, until, &latencies).await,
            };
            if let Err(error) = ridden {
                failed.set(Some(error));
            }
        });
    }
    local.await;
    if let Some(error) = failed.take() {
        return Err(error);
    }
    let ran = begun.elapsed();
    Ok(Outcome {
        latencies: latencies.take(),
        ran,
    })
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

async fn write(
    mut phone: Phone,
    sessions: &[String],
    until: Instant,
    number: usize,
    latencies: &RefCell<Vec<Duration>>,
) -> anyhow::Result<()> {
    let mut count = 0;
    for session in sessions.iter().cycle() {
        let page = phone.get(&format!("/floor/sessions/{session}")).await?;
        let (watch, seen) = (page.field("watch")?, page.field("seen")?);
        for _ in 0..READINGS_A_SESSION {
            if Instant::now() >= until {
                return Ok(());
            }
            count += 1;
            let key = key(number, count);
            let begun = Instant::now();
            let answer = reading(&mut phone, session, &key, &watch, &seen, count).await?;
            ensure!(
                answer == StatusCode::SEE_OTHER,
                "a reading was answered {answer}"
            );
            latencies.borrow_mut().push(begun.elapsed());
        }
    }
    Ok(())
}

async fn read(
    mut phone: Phone,
    sessions: &[String],
    until: Instant,
    latencies: &RefCell<Vec<Duration>>,
) -> anyhow::Result<()> {
    for session in sessions.iter().cycle() {
        if Instant::now() >= until {
            return Ok(());
        }
        let begun = Instant::now();
        let answer = phone.get(&format!("/floor/sessions/{session}")).await?;
        ensure!(
            answer.status == StatusCode::OK,
            "a page was answered {}",
            answer.status
        );
        latencies.borrow_mut().push(begun.elapsed());
    }
    Ok(())
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

/// A form key that no other phone or reading of this run has, as a version-4 UUID.
pub(crate) fn key(phone: usize, count: usize) -> String {
    let run = std::process::id();
    format!("{run:08x}-{:04x}-4000-8000-{count:012x}", phone & 0xffff)
}
