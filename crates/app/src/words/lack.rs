//! What a step still lacks, in words that say what to do.

use domain::treatment::{Answer, Concern, Event, Lack};

use super::mark::minutes_words;
use super::{
    Say, answer_words, day_words, dots_counted, episode_words, readiness_words, rest_words,
    vital_words,
};

/// The last answer to an item, where it is a plain yes or no.
fn item_answer(say: &Say<'_>, item: &str) -> Option<Answer> {
    let answered = say.effective.iter().filter_map(|recorded| {
        let Event::ChecklistAnswered(answers) = &recorded.event else {
            return None;
        };
        let answer = answers.iter().find(|answer| answer.item == item)?;
        Some(((recorded.happened_at, recorded.seq), answer.answer))
    });
    let (_, last) = answered.max_by_key(|(at, _)| *at)?;
    (last != Answer::NotAsked).then_some(last)
}

/// What lacks, as an instruction that ends with a full stop.
pub fn lack_words(say: &Say<'_>, lack: &Lack) -> String {
    match lack {
        Lack::Enrolment => "Confirm the patient’s enrollment in the REMS.".to_owned(),
        Lack::Arrival => "Record the patient’s arrival.".to_owned(),
        Lack::ChecklistItem { item } => match item_answer(say, item) {
            Some(answer) => format!(
                "“{}” was answered “{}”: that stands against treatment.",
                say.item(item),
                answer_words(answer)
            ),
            None => format!(
                "Answer on the pre-treatment checklist: {}",
                sentence_end(&say.item(item))
            ),
        },
        Lack::ReadingBeforeDosing { kind } => format!(
            "Record the {} before dosing, or why there is none.",
            vital_words(*kind)
        ),
        Lack::Decision { concern } => format!(
            "The prescriber’s decision is needed about {}.",
            concern_words(say, concern)
        ),
        Lack::Clearing => "Clear the patient for dosing.".to_owned(),
        Lack::Rest { until } => format!(
            "The rest between two devices ends at {}.",
            say.clock_exact(*until)
        ),
        Lack::DoseLeft {
            given_mg,
            adding_mg,
            intended_mg,
        } => {
            format!(
                "{given_mg} mg are given; this device would add {adding_mg} mg to an intended dose of {intended_mg} mg."
            )
        }
        Lack::DosingStopped { seq } => format!("Dosing was stopped: {}.", say.event_name(*seq)),
        Lack::DeviceInDate { expires } => format!(
            "The device’s expiry date was {}: take another.",
            day_words(*expires)
        ),
        Lack::UnusedDevice { dots, expected } => {
            format!(
                "The device shows {}; an unused one shows {expected}: take another.",
                dots_counted(*dots)
            )
        }
        Lack::LotNumber => "Enter the lot number.".to_owned(),
        Lack::ExpiryDate => "Enter the expiry date.".to_owned(),
        Lack::Disposal => "Say how the rest of the device was disposed of.".to_owned(),
        Lack::Witness => {
            "Name the witness of the disposal: somebody else than who gave the device.".to_owned()
        }
        Lack::DoseCompleteOrStopped {
            given_mg,
            intended_mg,
        } => {
            format!(
                "{given_mg} of {intended_mg} mg are given: give the rest, or record that dosing stopped."
            )
        }
        Lack::MinimumTime { until } => format!(
            "The minimum monitoring ends at {}.",
            say.clock_exact(*until)
        ),
        Lack::FortyMinuteReading { until, .. } if say.now > *until => format!(
            "The blood pressure at 40 minutes is missing, and no reading counts for it after {}: record it as “not obtained” or “declined”, with its reason.",
            say.clock(*until)
        ),
        Lack::FortyMinuteReading { from, until } => format!(
            "The blood pressure at 40 minutes is missing: take it between {} and {}, or record “not obtained” or “declined” with its reason.",
            say.clock(*from),
            say.clock(*until)
        ),
        Lack::LastPressure { from } => format!(
            "The last blood pressure is missing: take it from {} on and at most {} before discharge, or record “not obtained” or “declined” with its reason.",
            say.clock_exact(*from),
            minutes_words(i64::from(
                say.protocol
                    .timing
                    .last_pressure_before_discharge_minutes
                    .value
            ))
        ),
        Lack::Resolution { kind, .. } => {
            format!("Record when the {} resolved.", episode_words(*kind))
        }
        Lack::ReadinessJudgement { overtaken_by: None } => {
            "Judge whether the patient is ready to leave.".to_owned()
        }
        Lack::ReadinessJudgement {
            overtaken_by: Some(seq),
        } => format!(
            "Judge again whether the patient is ready to leave: the last judgment does not hold beside {}.",
            say.event_name(*seq)
        ),
        Lack::ReadinessPart { part } => format!(
            "The last readiness judgment said no to “{}”: judge again.",
            readiness_words(*part)
        ),
        Lack::ClinicallyStable => {
            "Judge the patient clinically stable and ready to leave.".to_owned()
        }
        Lack::Instructions => {
            "Give the instructions (no driving until the next day after restful sleep).".to_owned()
        }
        Lack::Escort => "Name who takes the patient home.".to_owned(),
    }
}

/// What lacked when something was done all the same: a fact, for there is nothing to be done any more.
pub(super) fn lacked_words(say: &Say<'_>, lack: &Lack) -> String {
    match lack {
        Lack::FortyMinuteReading { from, until } => format!(
            "the blood pressure at 40 minutes, which counts from {} to {}.",
            say.clock(*from),
            say.clock(*until)
        ),
        Lack::LastPressure { from } => {
            format!(
                "a last blood pressure, which counts from {} on.",
                say.clock_exact(*from)
            )
        }
        Lack::ReadingBeforeDosing { kind } => {
            format!(
                "the {} before dosing, or why there was none.",
                vital_words(*kind)
            )
        }
        Lack::ChecklistItem { item } if item_answer(say, item).is_none() => {
            format!("an answer to {}", sentence_end(&say.item(item)))
        }
        Lack::Decision { concern } => {
            format!(
                "the prescriber’s decision about {}.",
                concern_words(say, concern)
            )
        }
        Lack::DoseCompleteOrStopped {
            given_mg,
            intended_mg,
        } => format!(
            "{given_mg} of {intended_mg} mg were given, and nobody recorded that dosing stopped."
        ),
        Lack::Resolution { kind, .. } => {
            format!(
                "the time at which the {} had resolved.",
                episode_words(*kind)
            )
        }
        Lack::ReadinessJudgement { overtaken_by: None } => {
            "the judgment whether the patient was ready to leave.".to_owned()
        }
        Lack::ReadinessJudgement {
            overtaken_by: Some(seq),
        } => format!(
            "the judgment whether the patient was ready to leave; the last one does not hold beside {}.",
            say.event_name(*seq)
        ),
        Lack::ReadinessPart { part } => format!(
            "the last readiness judgment said no to “{}”.",
            readiness_words(*part)
        ),
        Lack::ClinicallyStable => {
            "the judgment that the patient was clinically stable and ready to leave.".to_owned()
        }
        Lack::Instructions => {
            "the instructions (no driving until the next day after restful sleep).".to_owned()
        }
        Lack::Escort => "the name of whoever took the patient home.".to_owned(),
        Lack::LotNumber => "the lot number.".to_owned(),
        Lack::ExpiryDate => "the expiry date.".to_owned(),
        Lack::Disposal => "how the rest of it was disposed of.".to_owned(),
        Lack::Witness => {
            "a witness of the disposal, somebody else than who gave the device.".to_owned()
        }
        Lack::Enrolment
        | Lack::Arrival
        | Lack::ChecklistItem { .. }
        | Lack::Clearing
        | Lack::Rest { .. }
        | Lack::DoseLeft { .. }
        | Lack::DosingStopped { .. }
        | Lack::DeviceInDate { .. }
        | Lack::UnusedDevice { .. }
        | Lack::MinimumTime { .. } => lack_words(say, lack),
    }
}

/// A concern within a sentence: `the blood pressure of 10:42 (150/92)`.
pub fn concern_words(say: &Say<'_>, concern: &Concern) -> String {
    match concern {
        Concern::Reading { seq, kind } => {
            let at = say
                .event(*seq)
                .map(|recorded| say.clock(recorded.happened_at))
                .unwrap_or_default();
            let value = say
                .event(*seq)
                .map(|recorded| super::reading_words(&recorded.event, *kind))
                .unwrap_or_default();
            match value.is_empty() {
                true => format!("the {} of {at}", vital_words(*kind)),
                false => format!("the {} of {at} ({value})", vital_words(*kind)),
            }
        }
        Concern::NotMeasured { kind, .. } => format!(
            "the {} that was not measured before dosing",
            vital_words(*kind)
        ),
        Concern::Checklist { item } => format!("the checklist item “{}”", say.item(item)),
        Concern::CrisisSymptoms { seq } => {
            let at = say
                .event(*seq)
                .map(|recorded| say.clock(recorded.happened_at));
            format!(
                "the symptoms of hypertensive crisis of {}",
                at.unwrap_or_default()
            )
        }
        Concern::FirstTreatmentDose => {
            format!(
                "a first treatment above {} mg",
                say.protocol.dosing.first_treatment_trd_mg.value
            )
        }
        Concern::NoPrescriberOnSite => "no prescriber signed in as on site".to_owned(),
    }
}

/// A wording of a list that may end with its own mark.
fn sentence_end(wording: &str) -> String {
    if wording.ends_with(['.', '?', '!']) {
        format!("“{wording}”.")
    } else {
        format!("{wording}.")
    }
}

/// The required rest as a sentence has it.
pub(super) fn rest_required_words(required_s: u32) -> String {
    rest_words(i64::from(required_s))
}
