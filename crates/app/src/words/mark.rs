//! What stands out, in words. Neutral: a mark states a fact and its measure, and blames nobody.

use domain::treatment::{LimitSide, Mark, Occasion, VitalKind};

use super::lack::{lacked_words, rest_required_words};
use super::{
    Say, absence_words, answer_words, day_words, decided_words, dots_counted, episode_words,
    occasion_words, rest_words, vital_unit, vital_words,
};

/// The mark as a sentence.
pub fn mark_words(say: &Say<'_>, mark: &Mark) -> String {
    match mark {
        Mark::ReadingOutsideLimits {
            kind,
            value,
            limit,
            side,
            diastolic,
            ..
        } => limit_words(*kind, *value, *limit, *side, *diastolic),
        Mark::NotMeasured {
            kind,
            why,
            occasion,
            ..
        } => not_measured_words(*kind, absence_words(*why), *occasion),
        Mark::ChecklistAnswer { item, answer, .. } => format!(
            "Checklist: “{}” was answered {}.",
            say.item(item),
            answer_words(*answer)
        ),
        Mark::DecidedToProceed { seq, concern } => format!(
            "The prescriber decided to go on in spite of {}.",
            decided_words(say, concern, *seq)
        ),
        Mark::DeviceWithoutClearing { .. } => {
            "A device was given before the patient was cleared.".to_owned()
        }
        Mark::RestTooShort {
            rest_s, required_s, ..
        } if *rest_s < 0 => format!(
            "This device was begun {} before the last spray of the one before; a rest of {} belongs between them.",
            rest_words(-*rest_s),
            rest_required_words(*required_s)
        ),
        Mark::RestTooShort {
            rest_s, required_s, ..
        } => {
            format!(
                "The rest before this device was {} instead of {}.",
                rest_words(*rest_s),
                rest_required_words(*required_s)
            )
        }
        Mark::DeviceBeyondDose {
            given_mg,
            intended_mg,
            ..
        } => {
            format!("This device brings the dose to {given_mg} mg; {intended_mg} mg were intended.")
        }
        Mark::DeviceAfterStop { .. } => {
            "A device was given after dosing had been stopped.".to_owned()
        }
        Mark::DeviceExpired {
            expires, given_on, ..
        } => {
            format!(
                "The device’s expiry date was {}; it was given on {}.",
                day_words(*expires),
                day_words(*given_on)
            )
        }
        Mark::DeviceNotUnused { dots, .. } => {
            format!(
                "The device showed {} before use instead of {}.",
                dots_counted(*dots),
                say.protocol.dosing.dots_unused.value
            )
        }
        Mark::IndicatorMismatch { dots, sprays, .. } => {
            format!(
                "The device showed {} after {}.",
                dots_counted(*dots),
                sprays_words(*sprays)
            )
        }
        Mark::DeviceDetailMissing { lack, .. } => format!(
            "About the device something lacks: {}",
            lacked_words(say, lack)
        ),
        Mark::DevicePartlyUsed { sprays, .. } => {
            format!("The device was partly used: {}.", sprays_words(*sprays))
        }
        Mark::DeviceFailed { sprays, .. } => {
            format!("The device failed: {}.", sprays_words(*sprays))
        }
        Mark::DosingStopped {
            given_mg,
            intended_mg,
            ..
        } => format!("Dosing stopped at {given_mg} of {intended_mg} mg."),
        Mark::FortyMinuteReadingMissed { from, until } => {
            format!(
                "No blood pressure at 40 minutes: it would have counted from {} to {}.",
                say.clock(*from),
                say.clock(*until)
            )
        }
        Mark::NeverMeasured { kind } => format!("No {} in this session.", vital_words(*kind)),
        Mark::ClearedLacking { lack, .. } => format!(
            "Cleared for dosing while something lacked: {}",
            lacked_words(say, lack)
        ),
        Mark::DeviceLacking { lack, .. } => format!(
            "The device was given while something lacked: {}",
            lacked_words(say, lack)
        ),
        Mark::Episode { kind, .. } => format!("Onset of {}.", episode_words(*kind)),
        Mark::EpisodeUnresolved { kind, .. } => format!(
            "The session ended with {} unresolved.",
            episode_words(*kind)
        ),
        Mark::Vomiting { .. } => "The patient vomited.".to_owned(),
        Mark::CrisisSymptoms { .. } => "Symptoms of a hypertensive crisis.".to_owned(),
        Mark::MedicineGiven { .. } => "A medicine was given.".to_owned(),
        Mark::AdverseEvent { .. } => "Adverse event.".to_owned(),
        Mark::SeriousnessOpen { .. } => {
            "It is not yet answered whether this was a serious adverse event.".to_owned()
        }
        Mark::ReportOwed { report } => format!(
            "A report is owed: {}.",
            choice_wording(&say.protocol.serious_reports, report)
        ),
        Mark::EmergencyCalled { .. } => "Emergency services were called.".to_owned(),
        Mark::DischargedEarly { possible_from, .. } => {
            format!(
                "Discharged before the minimum monitoring was over at {}.",
                say.clock_exact(*possible_from)
            )
        }
        Mark::DischargedLacking { lack, .. } => format!(
            "Discharged while something lacked: {}",
            lacked_words(say, lack)
        ),
        Mark::LeftAgainstAdvice { .. } => "Left against medical advice.".to_owned(),
        Mark::FoundGone { last_seen_at, .. } => {
            format!("Found gone; last seen at {}.", say.clock(*last_seen_at))
        }
        Mark::SentToEmergencyCare { .. } => "Sent to emergency care.".to_owned(),
        Mark::Corrected { correction, .. } => format!(
            "Corrected at {}.",
            say.event(*correction)
                .map_or_else(String::new, |by| say.clock(by.received_at))
        ),
        Mark::LateEntry { minutes, .. } => {
            format!("Entered {} after it happened.", minutes_words(*minutes))
        }
    }
}

fn limit_words(
    kind: VitalKind,
    value: i32,
    limit: i32,
    side: LimitSide,
    diastolic: bool,
) -> String {
    let what = match (kind, diastolic) {
        (VitalKind::BloodPressure, true) => "Diastolic pressure",
        (VitalKind::BloodPressure, false) => "Systolic pressure",
        (VitalKind::Pulse, _) => "Pulse",
        (VitalKind::Spo2, _) => "SpO₂",
        (VitalKind::Respiration, _) => "Respiration",
        (VitalKind::Moaas, _) => "MOAA/S",
    };
    let unit = match vital_unit(kind) {
        "" => String::new(),
        "%" => " %".to_owned(),
        unit => format!(" {unit}"),
    };
    let how = match side {
        LimitSide::Above => "above",
        LimitSide::Below => "below",
        LimitSide::Critical => "below the critical limit of",
    };
    format!("{what} {value}{unit} is {how} {limit}{unit}.")
}

fn not_measured_words(kind: VitalKind, why: &str, occasion: Occasion) -> String {
    let mut what = vital_words(kind).to_owned();
    if let Some(first) = what.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    match occasion {
        Occasion::Other => format!("{what} {why}."),
        Occasion::BeforeDosing | Occasion::FortyMinutes | Occasion::BeforeDischarge => {
            format!("{what} {why} {}.", occasion_words(occasion))
        }
    }
}

/// `one spray`, `2 sprays`.
pub(super) fn sprays_words(sprays: u8) -> String {
    match sprays {
        0 => "no spray".to_owned(),
        1 => "one spray".to_owned(),
        more => format!("{more} sprays"),
    }
}

pub(super) fn minutes_words(minutes: i64) -> String {
    match minutes {
        1 => "a minute".to_owned(),
        less if less < 120 => format!("{less} minutes"),
        more => format!("{} hours", more / 60),
    }
}

/// The wording of one choice of a list; its id where the list no longer has it.
pub fn choice_wording(choices: &[domain::treatment::Choice], id: &str) -> String {
    choices
        .iter()
        .find(|choice| choice.id == id)
        .map_or_else(|| id.to_owned(), |choice| choice.wording.clone())
}
