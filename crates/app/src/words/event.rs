//! A recorded event as the timeline and the record show it.

use domain::treatment::{
    Change, DepartureDetails, DeviceOutcome, Event, LastVitals, LeftAgainstAdvice, MedicineOrder,
    Orientation, Readiness, Recorded, SeriousSubject, Seriousness, Signature, VitalKind, Vitals,
    YesNo,
};

use super::mark::{choice_wording, sprays_words};
use super::refusal::capital;
use super::{
    Say, absence_words, answer_words, choice_words, day_words, decided_words, episode_words,
    event_title, first_words, indication_words, list_words, occasion_words, readiness_words,
    vital_words, yes_no_words,
};

/// What happened, and its details.
pub struct EventWords {
    /// What happened.
    pub what: String,
    /// Its particulars, a phrase each.
    pub details: Vec<String>,
}

/// The words of a recorded event.
pub fn event_words(say: &Say<'_>, recorded: &Recorded) -> EventWords {
    EventWords {
        what: what_words(say, &recorded.event),
        details: detail_words(say, recorded.seq, &recorded.event),
    }
}

fn what_words(say: &Say<'_>, event: &Event) -> String {
    let title = event_title(event);
    match event {
        Event::EpisodeOpened(episode) => format!("{title} of {}", episode_words(episode.kind)),
        Event::EpisodeResolved(resolution) => match say
            .event(resolution.episode)
            .map(|recorded| &recorded.event)
        {
            Some(Event::EpisodeOpened(episode)) => {
                format!("{} resolved", capital(episode_words(episode.kind)))
            }
            Some(_) | None => title.to_owned(),
        },
        Event::DeviceGiven(device) => match device.outcome {
            DeviceOutcome::Complete => "Device given".to_owned(),
            DeviceOutcome::PartlyUsed(_) => "Device partly used".to_owned(),
            DeviceOutcome::Failed(_) => "Device failed".to_owned(),
        },
        Event::HandedOver { to } => format!("{title} to {}", say.person(*to)),
        Event::DecisionRecorded(decision) => format!("{title}: {}", choice_words(decision.choice)),
        Event::Planned(_)
        | Event::PlanChanged(_)
        | Event::Arrived
        | Event::ChecklistAnswered(_)
        | Event::VitalsRecorded(_)
        | Event::Cleared(_)
        | Event::DosingStopped { .. }
        | Event::NoneObserved { .. }
        | Event::VomitingRecorded { .. }
        | Event::CrisisSymptomsRecorded(_)
        | Event::MedicineGiven(_)
        | Event::AdverseEventRecorded(_)
        | Event::EmergencyCalled { .. }
        | Event::EmergencyArrived { .. }
        | Event::ReadinessJudged(_)
        | Event::Discharged(_)
        | Event::LeftAgainstAdvice(_)
        | Event::SentToEmergencyCare(_)
        | Event::Delayed { .. }
        | Event::Cancelled { .. }
        | Event::NoShow { .. }
        | Event::Corrected(_)
        | Event::AddendumAdded(_)
        | Event::SeriousAnswered(_)
        | Event::ReportTicked { .. } => title.to_owned(),
    }
}

/// `seq` is the event's place: what a decision was about is said as it stood there.
fn detail_words(say: &Say<'_>, seq: u32, event: &Event) -> Vec<String> {
    match event {
        Event::Planned(domain::treatment::Planned { plan, .. }) => vec![
            format!("{} mg", plan.dose_mg),
            indication_words(plan.indication).to_owned(),
            first_words(plan.first_treatment).to_owned(),
            plan.room.clone(),
            format!("prescriber {}", say.person(plan.prescriber)),
            format!("monitored by {}", say.person(plan.monitor)),
        ],
        Event::PlanChanged(change) => {
            let mut details = Vec::new();
            details.extend(change.dose_mg.map(|dose| format!("{dose} mg")));
            details.extend(
                change
                    .prescriber
                    .map(|person| format!("prescriber {}", say.person(person))),
            );
            details.extend(change.room.clone());
            details.extend(said(&change.reason));
            details
        }
        Event::Arrived => Vec::new(),
        Event::ChecklistAnswered(answers) => answers
            .iter()
            .map(|answer| {
                let note = if answer.note.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", answer.note)
                };
                format!(
                    "{} {}{note}",
                    asked(&say.item(&answer.item)),
                    answer_words(answer.answer)
                )
            })
            .collect(),
        Event::VitalsRecorded(vitals) => vitals_words(vitals),
        Event::DecisionRecorded(decision) => {
            let about: Vec<String> = decision
                .about
                .iter()
                .map(|concern| decided_words(say, concern, seq))
                .collect();
            let mut details = vec![format!("about {}", list_words(&about))];
            details.extend(said(&decision.reason));
            details
        }
        Event::Cleared(clearing) => {
            let on_site = clearing.prescriber_on_site.map_or_else(
                || "no prescriber signed in as on site".to_owned(),
                |person| format!("prescriber on site: {}", say.person(person)),
            );
            let mut details = vec![on_site];
            if let domain::treatment::Basis::Already { reason } = &clearing.basis {
                details.extend(said(reason));
            }
            details
        }
        Event::DeviceGiven(device) => device_words(say, device),
        Event::DosingStopped { reason }
        | Event::Delayed { reason }
        | Event::Cancelled { reason } => said(reason),
        Event::EpisodeOpened(episode) => {
            let mut details = severity(say, "severity", episode.severity.as_deref());
            details.extend(said(&episode.note));
            details
        }
        Event::EpisodeResolved(resolution) => {
            severity(say, "worst severity", resolution.worst_severity.as_deref())
        }
        Event::NoneObserved { kinds } => kinds
            .iter()
            .map(|kind| format!("no {}", episode_words(*kind)))
            .collect(),
        Event::VomitingRecorded { note }
        | Event::EmergencyCalled { note }
        | Event::EmergencyArrived { note }
        | Event::NoShow { note } => said(note),
        Event::CrisisSymptomsRecorded(symptoms) => {
            let mut details: Vec<String> = symptoms
                .symptoms
                .iter()
                .map(|id| choice_wording(&say.protocol.crisis_symptoms, id))
                .collect();
            details.extend(said(&symptoms.note));
            details
        }
        Event::MedicineGiven(medicine) => vec![
            format!("{} {}", medicine.drug, medicine.dose),
            medicine.route.clone(),
            order_words(say, &medicine.order),
        ],
        Event::AdverseEventRecorded(adverse) => vec![
            said(&adverse.description).concat(),
            seriousness_words(say, &adverse.seriousness),
        ],
        Event::HandedOver { .. } => Vec::new(),
        Event::ReadinessJudged(readiness) => readiness_details(readiness),
        Event::Discharged(discharge) => vec![
            if discharge.escort.is_empty() {
                "no escort named".to_owned()
            } else {
                format!("escort: {}", discharge.escort)
            },
            format!(
                "instructions given: {}",
                yes_no_words(discharge.instructions_given)
            ),
            format!(
                "clinically stable and ready to leave: {}",
                yes_no_words(discharge.clinically_stable)
            ),
        ],
        Event::LeftAgainstAdvice(left) => match left {
            LeftAgainstAdvice::Left(details) => departure_words(say, details),
            LeftAgainstAdvice::FoundGone {
                last_seen_at,
                details,
            } => {
                let mut words = vec![format!(
                    "found gone, last seen at {}",
                    say.clock(*last_seen_at)
                )];
                words.extend(departure_words(say, details));
                words
            }
        },
        Event::SentToEmergencyCare(transfer) => {
            let mut details = said(&transfer.reason);
            if !transfer.destination.is_empty() {
                details.push(format!("to {}", transfer.destination));
            }
            details.push(seriousness_words(say, &transfer.seriousness));
            details
        }
        Event::Corrected(correction) => {
            let mut details = vec![say.original_name(correction.corrects)];
            match &correction.change {
                Change::Strike => details.push("did not happen".to_owned()),
                Change::Replace(replacement) => {
                    details.push(format!(
                        "really at {}",
                        say.clock_exact(replacement.happened_at)
                    ));
                    details.extend(detail_words(say, correction.corrects, &replacement.event));
                }
            }
            details.extend(said(&correction.reason));
            details
        }
        Event::AddendumAdded(addendum) => {
            let mut details = said(&addendum.text);
            details.extend(
                addendum
                    .departure
                    .iter()
                    .flat_map(|departure| departure_words(say, departure)),
            );
            details
        }
        Event::SeriousAnswered(answer) => {
            let about = match answer.about {
                SeriousSubject::AdverseEvent(seq) => say.event_name(seq),
                SeriousSubject::EmergencyCare => "sent to emergency care".to_owned(),
            };
            vec![about, seriousness_words(say, &answer.seriousness)]
        }
        Event::ReportTicked { report } => {
            vec![choice_wording(&say.protocol.serious_reports, report)]
        }
    }
}

/// One value of a reading with its unit; empty where the event has none.
pub fn reading_words(event: &Event, kind: VitalKind) -> String {
    let Event::VitalsRecorded(vitals) = event else {
        return String::new();
    };
    value_words(vitals, kind).unwrap_or_default()
}

fn value_words(vitals: &Vitals, kind: VitalKind) -> Option<String> {
    match kind {
        VitalKind::BloodPressure => vitals
            .pressure
            .map(|pressure| format!("{}/{}", pressure.systolic, pressure.diastolic)),
        VitalKind::Pulse => vitals.pulse.map(|pulse| pulse.to_string()),
        VitalKind::Spo2 => vitals.spo2.map(|spo2| format!("{spo2} %")),
        VitalKind::Respiration => vitals
            .respiration
            .map(|respiration| respiration.to_string()),
        VitalKind::Moaas => vitals.moaas.map(|moaas| moaas.to_string()),
    }
}

fn vitals_words(vitals: &Vitals) -> Vec<String> {
    let mut words: Vec<String> = VitalKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let label = match kind {
                VitalKind::BloodPressure => "BP",
                VitalKind::Pulse => "Pulse",
                VitalKind::Spo2 => "SpO₂",
                VitalKind::Respiration => "Resp.",
                VitalKind::Moaas => "MOAA/S",
            };
            value_words(vitals, kind).map(|value| format!("{label} {value}"))
        })
        .collect();
    words.extend(vitals.absent.iter().map(|absence| {
        format!(
            "{} {} ({}): {}",
            vital_words(absence.kind),
            absence_words(absence.why),
            occasion_words(absence.occasion),
            absence.reason
        )
    }));
    words
}

fn device_words(say: &Say<'_>, device: &domain::treatment::DeviceUse) -> Vec<String> {
    let mut details = vec![sprays_words(device.sprays)];
    if device.first_spray_at != device.last_spray_at {
        details.push(format!(
            "sprays at {} and {}",
            say.clock_exact(device.first_spray_at),
            say.clock_exact(device.last_spray_at)
        ));
    }
    details.push(if device.lot.is_empty() {
        "no lot number".to_owned()
    } else {
        format!("lot {}", device.lot)
    });
    details.extend(
        device
            .expires
            .map(|expires| format!("expires {}", day_words(expires))),
    );
    details.push(format!(
        "green dots {} → {}",
        device.dots_before, device.dots_after
    ));
    match &device.outcome {
        DeviceOutcome::Complete => {}
        DeviceOutcome::PartlyUsed(disposal) | DeviceOutcome::Failed(disposal) => {
            if !disposal.how.is_empty() {
                details.push(format!("disposal: {}", disposal.how));
            }
            details.extend(
                disposal
                    .witness
                    .map(|witness| format!("witness {}", say.person(witness))),
            );
        }
    }
    if let domain::treatment::Basis::Already { reason } = &device.basis {
        details.extend(said(reason));
    }
    details
}

fn order_words(say: &Say<'_>, order: &MedicineOrder) -> String {
    match order {
        MedicineOrder::Prescriber { person } => format!("ordered by {}", say.person(*person)),
        MedicineOrder::Other { words } => format!("on the order: {words}"),
    }
}

fn readiness_details(readiness: &Readiness) -> Vec<String> {
    use domain::treatment::ReadinessPart as Part;
    [
        (Part::Alert, readiness.alert),
        (Part::NoDissociation, readiness.no_dissociation),
        (Part::BreathingInRange, readiness.breathing_in_range),
        (Part::PressureSafe, readiness.pressure_safe),
    ]
    .into_iter()
    .map(|(part, answer): (Part, YesNo)| {
        format!("{}: {}", readiness_words(part), yes_no_words(answer))
    })
    .collect()
}

fn departure_words(say: &Say<'_>, details: &DepartureDetails) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(
        details
            .prescriber_told
            .map(|person| format!("prescriber told: {}", say.person(person))),
    );
    words.extend(
        details
            .last_vitals
            .map(|vitals| format!("last vitals {}", last_vitals_words(vitals))),
    );
    words.extend(
        details
            .orientation
            .map(|orientation| orientation_words(orientation).to_owned()),
    );
    words.extend(
        details
            .escort
            .as_ref()
            .map(|escort| format!("escort: {escort}")),
    );
    words.extend(
        details
            .signature
            .map(|signature| signature_words(signature).to_owned()),
    );
    words
}

fn last_vitals_words(vitals: LastVitals) -> &'static str {
    match vitals {
        LastVitals::Taken => "taken",
        LastVitals::Declined => "declined",
        LastVitals::NotObtained => "not obtained",
    }
}

fn orientation_words(orientation: Orientation) -> &'static str {
    match orientation {
        Orientation::Oriented => "oriented",
        Orientation::NotOriented => "not oriented",
        Orientation::NotAssessed => "orientation not assessed",
    }
}

fn signature_words(signature: Signature) -> &'static str {
    match signature {
        Signature::Signed => "signed by the patient",
        Signature::Refused => "patient refused to sign",
        Signature::NotAsked => "signature could not be asked for",
    }
}

/// An answer to “was it a serious adverse event?”, within a line.
pub fn seriousness_words(say: &Say<'_>, seriousness: &Seriousness) -> String {
    match seriousness {
        Seriousness::Serious { kinds } => {
            let kinds: Vec<String> = kinds
                .iter()
                .map(|id| choice_wording(&say.protocol.serious_kinds, id))
                .collect();
            format!("serious: {}", list_words(&kinds))
        }
        Seriousness::NotSerious => "not serious".to_owned(),
        Seriousness::NotYetAnswered => "seriousness not yet answered".to_owned(),
    }
}

fn severity(say: &Say<'_>, label: &str, id: Option<&str>) -> Vec<String> {
    id.map(|id| format!("{label}: {}", choice_wording(&say.protocol.severities, id)))
        .into_iter()
        .collect()
}

/// A question before its answer: one that ends with its own mark needs no colon.
fn asked(wording: &str) -> String {
    if wording.ends_with('?') {
        wording.to_owned()
    } else {
        format!("{wording}:")
    }
}

/// A person's own words, in quotation marks; nothing for an empty text.
fn said(text: &str) -> Vec<String> {
    if text.is_empty() {
        Vec::new()
    } else {
        vec![format!("“{text}”")]
    }
}
