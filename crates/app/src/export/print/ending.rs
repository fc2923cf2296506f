//! The times that a session is judged by, how it ended, and what the monitoring form takes from it.

use domain::treatment::{
    Basis, CountsFrom, DepartureDetails, Discharge, EpisodeKind, Event, FortyMinutes, LastVitals,
    LeftAgainstAdvice, Orientation, Recorded, SeriousSubject, Signature,
};
use jiff::Timestamp;
use press::{KeyTimePrint, LabelledPrint};

use super::labelled;
use super::observed::serious_words;
use super::sheet::{Sheet, date_long, joined, minutes_between};
use crate::treatment::form_due;
use crate::words::{absence_words, capital, episode_words, phase_words, yes_no_words};

const UNANSWERED: &str = "not yet answered";

pub(super) fn key_times(sheet: &Sheet<'_>) -> Vec<KeyTimePrint> {
    let session = sheet.session();
    let time = |label: &str, at: Option<Timestamp>, note: String| {
        at.map(|at| key_time(label, sheet.say.clock(at), note))
    };
    let since = |from: Option<Timestamp>, to: Option<Timestamp>, from_words: &str| {
        let span = from.zip(to).filter(|(from, to)| to > from);
        let minutes = span.map(|(from, to)| minutes_between(from, to));
        minutes
            .map(|minutes| format!("{minutes} min from {from_words}"))
            .unwrap_or_default()
    };
    let (first, last) = (sheet.first_device_at, sheet.last_device_at);
    let (ready, ended) = (ready_at(sheet), session.ended_at());
    let monitored = session.form_minutes(sheet.protocol()).map(|minutes| {
        let from = counts_from(sheet.protocol().form.minutes_count_from.value);
        key_time(
            "Monitored",
            format!("{minutes} min"),
            format!("from {from}"),
        )
    });
    [
        time("Arrived", session.arrived_at(), String::new()),
        time("First device", first, "first spray".to_owned()),
        time("Last device", last, "last spray".to_owned()),
        check_time(sheet),
        time("Ready", ready, since(first, ready, "first device")),
        time(
            phase_words(session.phase()),
            ended,
            since(last, ended, "last device"),
        ),
        monitored,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn key_time(label: &str, time: String, note: String) -> KeyTimePrint {
    KeyTimePrint {
        label: label.to_owned(),
        time,
        note,
    }
}

fn counts_from(from: CountsFrom) -> &'static str {
    match from {
        CountsFrom::FirstDevice => "first device",
        CountsFrom::LastDevice => "last device",
    }
}

/// The reading at about 40 minutes, or the word that there is none.
fn check_time(sheet: &Sheet<'_>) -> Option<KeyTimePrint> {
    let timing = &sheet.protocol().timing;
    let label = format!("{}-minute reading", timing.check_minutes.value);
    let anchor = match timing.check_counts_from.value {
        CountsFrom::FirstDevice => sheet.first_device_at,
        CountsFrom::LastDevice => sheet.last_device_at,
    }?;
    let from = counts_from(timing.check_counts_from.value);
    let (time, note) = match sheet
        .session()
        .forty_minutes(sheet.protocol(), sheet.input.now)
    {
        FortyMinutes::NoDevice => return None,
        FortyMinutes::Taken { seq } => {
            let at = sheet.say.event(seq)?.happened_at;
            let minutes = minutes_between(anchor, at);
            (sheet.say.clock(at), format!("{minutes} min from {from}"))
        }
        FortyMinutes::Absent { why, .. } => (absence_words(why).to_owned(), String::new()),
        FortyMinutes::Missed { .. } => ("missed".to_owned(), String::new()),
        FortyMinutes::Upcoming { .. } | FortyMinutes::Due { .. } | FortyMinutes::Overdue { .. } => {
            (
                "not taken".to_owned(),
                "the session ended before".to_owned(),
            )
        }
    };
    Some(key_time(&label, time, note))
}

/// The judgement that the form's minutes "ready to leave" come from.
fn ready_at(sheet: &Sheet<'_>) -> Option<Timestamp> {
    let minutes = sheet.session().readiness_minutes(sheet.protocol())?;
    let anchor = match sheet.protocol().form.minutes_count_from.value {
        CountsFrom::FirstDevice => sheet.first_device_at,
        CountsFrom::LastDevice => sheet.last_device_at,
    }?;
    sheet
        .effective()
        .filter(|recorded| {
            matches!(&recorded.event, Event::ReadinessJudged(readiness) if readiness.is_ready())
        })
        .map(|recorded| recorded.happened_at)
        .find(|at| minutes_between(anchor, *at) == minutes)
}

/// How it ended: discharge, or whatever came in its place.
pub(super) fn discharge(sheet: &Sheet<'_>) -> Vec<LabelledPrint> {
    let Some((ending, mut lines)) = sheet
        .effective()
        .filter_map(|recorded| Some((recorded, lines(sheet, recorded)?)))
        .last()
    else {
        return Vec::new();
    };
    if let Some(locked_at) = sheet.session().locked_at() {
        let by = sheet.say.person(ending.entered_by);
        lines.push(labelled(
            "Locked",
            format!("{}, {by}", sheet.say.clock_exact(locked_at)),
        ));
    }
    lines
}

/// The lines of an ending; `None` for any other event.
fn lines(sheet: &Sheet<'_>, recorded: &Recorded) -> Option<Vec<LabelledPrint>> {
    let at = sheet.say.clock(recorded.happened_at);
    let by = sheet.by(recorded);
    let called_off = |label: &str, why: &str, words: &str| {
        let mut lines = vec![labelled(label, at.clone()), labelled("By", by.clone())];
        if !words.is_empty() {
            lines.push(labelled(why, words));
        }
        lines
    };
    if let Event::Discharged(discharge) = &recorded.event {
        return Some(discharge_lines(at, by, discharge));
    }
    if let Event::LeftAgainstAdvice(departure) = &recorded.event {
        return Some(departure_lines(sheet, at, by, departure));
    }
    if let Event::SentToEmergencyCare(transfer) = &recorded.event {
        let mut lines = called_off("Sent to emergency care", "Reason", &transfer.reason);
        lines.push(labelled("Destination", transfer.destination.clone()));
        return Some(lines);
    }
    if let Event::Delayed { reason } = &recorded.event {
        return Some(called_off("Delayed", "Reason", reason));
    }
    if let Event::Cancelled { reason } = &recorded.event {
        return Some(called_off("Cancelled", "Reason", reason));
    }
    if let Event::NoShow { note } = &recorded.event {
        return Some(called_off("No-show", "Note", note));
    }
    None
}

fn discharge_lines(at: String, by: String, discharge: &Discharge) -> Vec<LabelledPrint> {
    let mut lines = vec![
        labelled("Discharged", at),
        labelled("Judged by", by),
        labelled(
            "Clinically stable and ready to leave",
            yes_no_words(discharge.clinically_stable),
        ),
        labelled("Escort", discharge.escort.clone()),
        labelled(
            "Instructions given (no driving until the next day after restful sleep)",
            yes_no_words(discharge.instructions_given),
        ),
    ];
    if let Basis::Already { reason } = &discharge.basis {
        lines.push(labelled("Written down afterwards", reason.clone()));
    }
    lines
}

fn departure_lines(
    sheet: &Sheet<'_>,
    at: String,
    by: String,
    departure: &LeftAgainstAdvice,
) -> Vec<LabelledPrint> {
    let mut lines = match departure {
        LeftAgainstAdvice::Left(_) => vec![labelled("Left against medical advice", at)],
        LeftAgainstAdvice::FoundGone { last_seen_at, .. } => vec![
            labelled("Found gone", at),
            labelled("Last seen", sheet.say.clock(*last_seen_at)),
        ],
    };
    lines.push(labelled("Recorded by", by));
    // With what later addenda answered.
    let known = sheet.session().departure().unwrap_or_default();
    lines.extend(departure_answers(sheet, &known));
    lines
}

fn departure_answers(sheet: &Sheet<'_>, known: &DepartureDetails) -> [LabelledPrint; 5] {
    let answer = |words: Option<&str>| words.unwrap_or(UNANSWERED).to_owned();
    let told = known.prescriber_told.map(|told| sheet.say.person(told));
    let vitals = known.last_vitals.map(|vitals| match vitals {
        LastVitals::Taken => "taken",
        LastVitals::Declined => "declined",
        LastVitals::NotObtained => "not obtained",
    });
    let orientation = known.orientation.map(|orientation| match orientation {
        Orientation::Oriented => "oriented",
        Orientation::NotOriented => "not oriented",
        Orientation::NotAssessed => "not assessed",
    });
    let signature = known.signature.map(|signature| match signature {
        Signature::Signed => "signed",
        Signature::Refused => "refused",
        Signature::NotAsked => "could not be asked for",
    });
    [
        labelled("Prescriber told", answer(told.as_deref())),
        labelled("Last vitals", answer(vitals)),
        labelled("Orientation", answer(orientation)),
        labelled("Escort", answer(known.escort.as_deref())),
        labelled("Patient's signature", answer(signature)),
    ]
}

/// What the monitoring form takes from this record; without a device no form is due.
pub(super) fn form(sheet: &Sheet<'_>) -> Vec<LabelledPrint> {
    let (session, protocol) = (sheet.session(), sheet.protocol());
    let Some(date) = session.treatment_date(&sheet.input.zone) else {
        return Vec::new();
    };
    let minutes = |minutes: Option<i64>| {
        minutes.map_or_else(|| "not known".to_owned(), |minutes| minutes.to_string())
    };
    let mut lines = vec![
        labelled("Form version", protocol.form.version.clone()),
        labelled("Treatment date", date_long(date)),
        labelled("Dose", form_dose(sheet)),
        labelled("Lot numbers", lots(sheet)),
        labelled(
            "Total minutes of monitoring",
            minutes(session.form_minutes(protocol)),
        ),
        labelled(
            "Minutes until ready, but for the 2 hours",
            minutes(session.readiness_minutes(protocol)),
        ),
        labelled(
            "Blood pressure before, at 40 minutes, before completion",
            form_pressures(sheet),
        ),
    ];
    lines.extend(
        EpisodeKind::ALL
            .into_iter()
            .map(|kind| form_episode(sheet, kind)),
    );
    lines.push(labelled("Serious adverse events", form_serious(sheet)));
    let last_day = form_due(session, protocol, &sheet.input.zone);
    lines.extend(last_day.map(|day| labelled("To be submitted by", date_long(day))));
    lines
}

fn form_dose(sheet: &Sheet<'_>) -> String {
    let dose = sheet.session().dose(sheet.protocol());
    if dose.is_other {
        format!("other: {} mg", dose.given_mg)
    } else {
        format!("{} mg", dose.given_mg)
    }
}

fn lots(sheet: &Sheet<'_>) -> String {
    let mut lots: Vec<String> = Vec::new();
    for (_, device) in sheet.devices() {
        if device.sprays > 0 && !device.lot.is_empty() && !lots.contains(&device.lot) {
            lots.push(device.lot.clone());
        }
    }
    lots.join(", ")
}

fn form_pressures(sheet: &Sheet<'_>) -> String {
    let series = sheet.session().pressure_series();
    let asked = sheet.form_pressures();
    let words = [asked.before_dosing, asked.forty_minutes, asked.last].map(|seq| {
        let point = series.iter().find(|point| Some(point.seq) == seq);
        point.map_or_else(
            || "none".to_owned(),
            |point| format!("{}/{}", point.pressure.systolic, point.pressure.diastolic),
        )
    });
    words.join(", ")
}

fn form_episode(sheet: &Sheet<'_>, kind: EpisodeKind) -> LabelledPrint {
    let session = sheet.session();
    let words = match session.episode_span(kind) {
        Some((onset, resolution)) => {
            let resolution =
                resolution.map_or_else(|| "not resolved".to_owned(), |at| sheet.say.clock(at));
            format!(
                "yes; onset {}, resolution {resolution}",
                sheet.say.clock(onset)
            )
        }
        None if session.kinds_unanswered().contains(&kind) => UNANSWERED.to_owned(),
        None => "no".to_owned(),
    };
    labelled(&capital(episode_words(kind)), words)
}

fn form_serious(sheet: &Sheet<'_>) -> String {
    let session = sheet.session();
    let answers = session.serious_subjects().into_iter().map(|subject| {
        let at = match subject {
            SeriousSubject::AdverseEvent(seq) => sheet.say.event_name(seq),
            SeriousSubject::EmergencyCare => "sent to emergency care".to_owned(),
        };
        let known = session.seriousness(subject);
        let answer = known
            .map(|known| serious_words(sheet, &known))
            .unwrap_or_default();
        format!("{at}: {answer}")
    });
    match joined(answers) {
        // What came to light after the end stands in addenda, in words.
        none if none.is_empty() && session.has_addenda() => {
            "none recorded before the end; see the addenda".to_owned()
        }
        none if none.is_empty() => "none recorded".to_owned(),
        answers => answers,
    }
}
