//! `cargo xtask torture`: the server and the cluster are killed under load, again and again. In the end every reading that
//! was acknowledged is there once, with its entry, and no tree has a gap.

use std::cell::RefCell;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use hyper::StatusCode;

use crate::client::Phone;
use crate::demo::{Clinic, Demo};
use crate::figures::Figures;
use crate::load::{key, reading, sign_in_all};

const CLINICS: u32 = 4;
const SESSIONS: u32 = 8;
const PHONES: usize = 16;
/// Load before each kill. Rounds differ, so that kills meet different moments.
const LOAD: [Duration; 4] = [
    Duration::from_millis(700),
    Duration::from_millis(450),
    Duration::from_millis(950),
    Duration::from_millis(610),
];
/// A server that was killed answers again within this, or the round fails.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What is killed in a round, by its name and by what its command line has; one kind of round after the other.
const VICTIMS: [(&str, &[&str]); 3] = [
    ("server", &[" serve "]),
    ("cluster", &["postgres -D"]),
    ("both", &[" serve ", "postgres -D"]),
];

/// A reading that was sent; acknowledged or not.
struct Sent {
    clinic: usize,
    session: String,
    key: String,
    count: usize,
    acknowledged: bool,
}

pub(crate) async fn run(
    program: &Path,
    figures_folder: &Path,
    rounds: u32,
) -> anyhow::Result<bool> {
    let mut demo = Demo::start(program, CLINICS, SESSIONS, SESSIONS).await?;
    let clinics = demo.clinics.clone();
    // Signed in once: a sign-in outlives the server that it began at.
    let cookies = sign_in_all(&demo, &clinics).await?;
    let mut sent = Vec::new();
    let mut answers = [const { Vec::new() }; VICTIMS.len()];
    for round in 0..rounds {
        let lasting = LOAD[round as usize % LOAD.len()];
        let which = round as usize % VICTIMS.len();
        let (victims, marks) = VICTIMS[which];
        let mut kill = Command::new("kill");
        kill.arg("-KILL");
        for mark in marks {
            kill.arg(demo.process(mark)?.to_string());
        }
        let killed = Rc::new(RefCell::new(None));
        let killing = {
            let killed = Rc::clone(&killed);
            async move {
                tokio::time::sleep(lasting).await;
                let status = kill.status();
                killed.replace(Some(Instant::now()));
                status
            }
        };
        let (status, load) = tokio::join!(
            killing,
            load_until_broken(&demo, &clinics, &cookies, round as usize)
        );
        ensure!(status?.success(), "the kill failed");
        sent.extend(load);
        let begun = killed.take().context("nothing was killed")?;
        demo.answers(ANSWER_WITHIN).await?;
        wait_opens(&demo, &clinics[0], &cookies[0]).await?;
        let answered = begun.elapsed();
        answers[which].push(answered.as_secs_f64() * 1_000.0);
        eprintln!(
            "round {}: {victims} killed, answered again after {:.0} ms",
            round + 1,
            answered.as_secs_f64() * 1_000.0
        );
    }
    let lost = count_wrong(&demo, &clinics, &sent).await?;
    let faults = check(program, &demo)?;
    let mut figures = Figures::default();
    let acknowledged = sent.iter().filter(|sent| sent.acknowledged).count();
    figures.set("rounds", f64::from(rounds));
    figures.set("readings_acknowledged", acknowledged as f64);
    figures.set(
        "readings_sent_unanswered",
        (sent.len() - acknowledged) as f64,
    );
    figures.set("readings_lost", f64::from(lost.missing));
    figures.set("readings_twice", f64::from(lost.twice));
    figures.set("ledger_faults", faults);
    for ((victims, _), mut answers) in VICTIMS.into_iter().zip(answers) {
        let name = format!("first_answer_after_{victims}_kill_ms");
        figures.set(&name, median(&mut answers));
    }
    figures.write(figures_folder, "torture")?;
    ensure!(
        acknowledged > 0,
        "nothing was acknowledged: the load did not run"
    );
    Ok(lost.missing == 0 && lost.twice == 0 && faults == 0.0)
}

/// Phones write until their connection breaks.
async fn load_until_broken(
    demo: &Demo,
    clinics: &[Clinic],
    cookies: &[String],
    round: usize,
) -> Vec<Sent> {
    let sent = Rc::new(RefCell::new(Vec::new()));
    let local = tokio::task::LocalSet::new();
    for phone in 0..PHONES {
        let sent = Rc::clone(&sent);
        let (number, clinic) = (
            phone % clinics.len(),
            clinics[phone % clinics.len()].clone(),
        );
        let server = demo.server.clone();
        let cookie = cookies[number].clone();
        local.spawn_local(async move {
            // What breaks is the point: a phone that can go on no longer has done its part.
            let _broken = write_until_broken(
                &server,
                number,
                &clinic,
                cookie,
                round * PHONES + phone,
                &sent,
            )
            .await;
        });
    }
    local.await;
    sent.take()
}

async fn write_until_broken(
    server: &crate::client::Server,
    number: usize,
    clinic: &Clinic,
    cookie: String,
    phone_number: usize,
    sent: &RefCell<Vec<Sent>>,
) -> anyhow::Result<()> {
    let mut phone = Phone::connect(server).await?;
    phone.cookie = cookie;
    let session = &clinic.sessions[phone_number % clinic.sessions.len()];
    let page = phone.get(&format!("/floor/sessions/{session}")).await?;
    let (watch, seen) = (page.field("watch")?, page.field("seen")?);
    for count in 0.. {
        let key = key(phone_number, count);
        sent.borrow_mut().push(Sent {
            clinic: number,
            session: session.clone(),
            key: key.clone(),
            count,
            acknowledged: false,
        });
        let at = sent.borrow().len() - 1;
        let status = reading(&mut phone, session, &key, &watch, &seen, count).await?;
        if status == StatusCode::SEE_OTHER {
            if let Some(this) = sent.borrow_mut().get_mut(at) {
                this.acknowledged = true;
            }
        } else {
            ensure!(status.is_server_error(), "a reading was answered {status}");
            return Ok(());
        }
    }
    Ok(())
}

/// Waits until a session's page opens again, with its entry committed.
async fn wait_opens(demo: &Demo, clinic: &Clinic, cookie: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    let session = clinic.sessions.first().context("a session")?;
    loop {
        let asking = async {
            let mut phone = Phone::connect(&demo.server).await?;
            cookie.clone_into(&mut phone.cookie);
            let page = phone.get(&format!("/floor/sessions/{session}")).await?;
            ensure!(
                page.status == StatusCode::OK,
                "a page was answered {}",
                page.status
            );
            Ok(())
        };
        match asking.await {
            Ok(()) => return Ok(()),
            Err(error) if begun.elapsed() > ANSWER_WITHIN => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// What the sessions have too little or too much of.
struct Wrong {
    missing: u32,
    twice: u32,
}

/// Sends every reading once more under its own key. One that is there adds nothing; one that was acknowledged and adds an
/// event was lost. In the end each session has as many events as keys, and its first two.
async fn count_wrong(demo: &Demo, clinics: &[Clinic], sent: &[Sent]) -> anyhow::Result<Wrong> {
    let mut wrong = Wrong {
        missing: 0,
        twice: 0,
    };
    for (number, clinic) in clinics.iter().enumerate() {
        let mut phone = Phone::connect(&demo.server).await?;
        phone
            .sign_in(&clinic.code, &clinic.login, &clinic.pin)
            .await?;
        for session in &clinic.sessions {
            let of_session: Vec<&Sent> = sent
                .iter()
                .filter(|sent| sent.clinic == number && sent.session == *session)
                .collect();
            let (missing, twice) = session_wrong(&mut phone, session, &of_session).await?;
            wrong.missing += missing;
            wrong.twice += twice;
        }
    }
    Ok(wrong)
}

async fn session_wrong(
    phone: &mut Phone,
    session: &str,
    sent: &[&Sent],
) -> anyhow::Result<(u32, u32)> {
    let path = format!("/floor/sessions/{session}");
    let page = phone.get(&path).await?;
    let watch = page.field("watch")?;
    let before: u32 = page.field("seen")?.parse()?;
    for reading_sent in sent.iter().filter(|sent| sent.acknowledged) {
        let status = reading(
            phone,
            session,
            &reading_sent.key,
            &watch,
            &before.to_string(),
            reading_sent.count,
        )
        .await?;
        ensure!(
            status == StatusCode::SEE_OTHER,
            "a repeated reading was answered {status}"
        );
    }
    let after: u32 = phone.get(&path).await?.field("seen")?.parse()?;
    let missing = after - before;
    for reading_sent in sent.iter().filter(|sent| !sent.acknowledged) {
        reading(
            phone,
            session,
            &reading_sent.key,
            &watch,
            &after.to_string(),
            reading_sent.count,
        )
        .await?;
    }
    let all: u32 = phone.get(&path).await?.field("seen")?.parse()?;
    let expected = u32::try_from(sent.len())? + EVENTS_AT_FIRST;
    Ok((missing, all.abs_diff(expected)))
}

/// Planned and arrived.
const EVENTS_AT_FIRST: u32 = 2;

/// `clerestory check` goes through every tree and every event.
fn check(program: &Path, demo: &Demo) -> anyhow::Result<f64> {
    let output = Command::new(program)
        .arg("check")
        .arg("--data")
        .arg(&demo.data)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    eprintln!("{text}{}", String::from_utf8_lossy(&output.stderr));
    Ok(if output.status.success() { 0.0 } else { 1.0 })
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
