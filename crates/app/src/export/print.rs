//! The session as it is printed: the folded record, said in the clinic's words and the clinic's time.
//!
//! What each section says of the record is in the submodules; the sentences themselves are the pages' own, so that page
//! and paper never differ. Corrected events are printed as they count, each correction with what it said before.
//!
//! Invariant: nothing is decided and nothing is filled in here. What is not recorded prints as not recorded.

mod dosing;
mod ending;
mod foot;
mod observed;
mod people;
mod readings;
mod sheet;
#[cfg(test)]
mod tests;
mod trail;

use domain::treatment::{Enrolment, Event, FirstTreatment, LeftAgainstAdvice, Plan};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use press::{
    ClinicPrint, GeneratedPrint, LabelledPrint, PatientPrint, ROWS_MAX, RecordPrint, SessionPrint,
};
use uuid::Uuid;

use super::PrintInput;
use crate::treatment::{ClinicProfile, Patient};
use crate::words::{indication_words, phase_words};
use sheet::{Sheet, date_long, joined};

/// The record of a session that has ended, ready for the press.
pub(super) fn record_print(input: &PrintInput) -> RecordPrint {
    let people = sheet::people_signed(&input.people);
    let sheet = Sheet::new(input, &people);
    let mut cut = Cut::default();
    let mut print = RecordPrint {
        demo: input.demo,
        generated: generated(input.now, &input.zone),
        reference: input.id.to_string(),
        clinic: clinic(&input.clinic, &input.zone, sheet.day_at()),
        patient: patient(&input.patient),
        session: session(&sheet),
        key_times: ending::key_times(&sheet),
        marks: cut.rows("What stands out", trail::marks(&sheet)),
        devices: cut.rows("Devices", dosing::devices(&sheet)),
        devices_total: dosing::devices_total(&sheet),
        checklist: cut.rows("Checklist", dosing::checklist(&sheet)),
        vitals: readings::vitals(&sheet),
        plot: readings::plot(&sheet),
        episodes: cut.rows("Episodes", observed::episodes(&sheet)),
        decisions: cut.rows("Decisions", dosing::decisions(&sheet)),
        medicines: cut.rows("Medicines", observed::medicines(&sheet)),
        adverse_events: cut.rows("Adverse events", observed::adverse_events(&sheet)),
        readiness: cut.rows("Readiness", observed::readiness(&sheet)),
        discharge: ending::discharge(&sheet),
        form: ending::form(&sheet),
        people: cut.rows("People", people::people(&sheet)),
        corrections: cut.rows("Corrections", trail::corrections(&sheet)),
        addenda: cut.rows("Addenda", trail::addenda(&sheet)),
        events: trail::events(&sheet),
        check: foot::check(input),
        notices: foot::notices(),
    };
    print.session.more.extend(cut.0);
    print
}

/// The lists that are longer than the press takes. Their first rows are printed, and the head says so: the trail of
/// events, which has room for every session, still holds them all.
#[derive(Default)]
struct Cut(Vec<LabelledPrint>);

impl Cut {
    fn rows<T>(&mut self, label: &str, mut rows: Vec<T>) -> Vec<T> {
        if rows.len() > ROWS_MAX {
            let all = rows.len();
            let words =
                format!("{all}, of which {ROWS_MAX} are printed here; every event is below");
            self.0.push(labelled(label, words));
            rows.truncate(ROWS_MAX);
        }
        rows
    }
}

/// A label with its value.
fn labelled(label: &str, value: impl Into<String>) -> LabelledPrint {
    LabelledPrint {
        label: label.to_owned(),
        value: value.into(),
    }
}

fn generated(now: Timestamp, zone: &TimeZone) -> GeneratedPrint {
    let utc = now.to_zoned(TimeZone::UTC);
    // A calendar's fields are never negative in the years that a record can come from.
    let small = |field: i8| u8::try_from(field).unwrap_or(0);
    GeneratedPrint {
        text: now
            .to_zoned(zone.clone())
            .strftime("%-d %B %Y, %H:%M %Z")
            .to_string(),
        year: u16::try_from(utc.year()).unwrap_or(0),
        month: small(utc.month()),
        day: small(utc.day()),
        hour: small(utc.hour()),
        minute: small(utc.minute()),
        second: small(utc.second()),
    }
}

fn clinic(profile: &ClinicProfile, zone: &TimeZone, at: Timestamp) -> ClinicPrint {
    ClinicPrint {
        name: profile.name.clone(),
        address: vec![
            profile.address.clone(),
            format!("{}, {} {}", profile.city, profile.state, profile.zip),
        ],
        telephone: profile.telephone.clone(),
        time_zone: zone_words(zone, at),
    }
}

/// The zone in which all times are given, with its distance from UTC on the session's day.
fn zone_words(zone: &TimeZone, at: Timestamp) -> String {
    let info = zone.to_offset_info(at);
    let minutes = info.offset().seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let distance = format!(
        "UTC{sign}{:02}:{:02}",
        minutes.abs() / 60,
        minutes.abs() % 60
    );
    match zone.iana_name() {
        Some(name) => format!("{name} ({}, {distance}), 24 hours", info.abbreviation()),
        None => format!("{distance}, 24 hours"),
    }
}

fn patient(patient: &Patient) -> PatientPrint {
    let names = [
        &patient.first_name,
        &patient.middle_initial,
        &patient.last_name,
    ];
    let names: Vec<&str> = names
        .into_iter()
        .map(String::as_str)
        .filter(|name| !name.is_empty())
        .collect();
    PatientPrint {
        name: names.join(" "),
        birthdate: date_long(patient.birthdate),
        sex: patient.sex.clone(),
        ids: Vec::new(),
    }
}

fn session(sheet: &Sheet<'_>) -> SessionPrint {
    let plan = sheet.session().plan();
    SessionPrint {
        date: date_long(sheet.say.today),
        indication: plan
            .as_ref()
            .map_or("", |plan| indication_words(plan.indication))
            .to_owned(),
        dose: dose(sheet),
        outcome: outcome(sheet),
        more: plan.map_or_else(Vec::new, |plan| more(sheet, &plan)),
    }
}

fn dose(sheet: &Sheet<'_>) -> String {
    let dose = sheet.session().dose(sheet.protocol());
    let given = match (dose.given_mg, dose.is_other) {
        (0, _) => "none given".to_owned(),
        (given, false) => format!("{given} mg given"),
        (given, true) => format!("{given} mg given (other than a planned dose)"),
    };
    format!("{} mg planned, {given}", dose.intended_mg)
}

fn outcome(sheet: &Sheet<'_>) -> String {
    let session = sheet.session();
    let words = phase_words(session.phase());
    let at = session
        .ended_at()
        .map(|at| sheet.say.clock(at))
        .unwrap_or_default();
    let found_gone = sheet.effective().any(|recorded| {
        matches!(
            recorded.event,
            Event::LeftAgainstAdvice(LeftAgainstAdvice::FoundGone { .. })
        )
    });
    if found_gone {
        return format!("{words}; found gone, last seen {at}");
    }
    format!("{words} {at}").trim_end().to_owned()
}

/// `Mara Quill, RN; from 09:08 Jonah Ferrant, RN`.
fn monitors(sheet: &Sheet<'_>) -> String {
    let monitors = sheet.monitors().into_iter().map(|(monitor, from)| {
        let name = sheet.say.person(monitor);
        match from {
            Some(from) => format!("from {} {name}", sheet.say.clock(from)),
            None => name,
        }
    });
    joined(monitors)
}

fn more(sheet: &Sheet<'_>, plan: &Plan) -> Vec<LabelledPrint> {
    let protocol = sheet.protocol();
    // The version that governed the session, also where the program has a newer one by now.
    let version = sheet.session().protocol_version().unwrap_or_default();
    let enrolment = match plan.enrolment {
        Enrolment::Confirmed => "confirmed",
        Enrolment::NotConfirmed => "not confirmed",
    };
    let first = match plan.first_treatment {
        FirstTreatment::First => "yes",
        FirstTreatment::Later => "no",
    };
    let mut more = vec![
        labelled("Protocol", format!("{}, version {version}", protocol.name)),
        labelled("REMS enrollment", enrolment),
        labelled("First treatment", first),
        labelled("Prescriber", sheet.say.person(plan.prescriber)),
        labelled("Monitored by", monitors(sheet)),
        labelled("Room", plan.room.clone()),
    ];
    if let Some(follows) = plan.follows {
        more.push(labelled(
            "Takes up the delayed session",
            Uuid::from_u128(follows.0).to_string(),
        ));
    }
    more
}
