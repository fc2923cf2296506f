//! Reads the steps before dosing, and vitals.

use domain::treatment::{
    Absence, AbsenceKind, Answer, ChecklistAnswer, Clearing, Command, Concern, Decision,
    DecisionChoice, Occasion, PlanChange, Pressure, VitalKind, Vitals,
};

use super::read::Reader;

pub(super) fn arrival(_reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::Arrive)
}

pub(super) const ANSWERS: [(&str, Answer); 3] = [
    ("yes", Answer::Yes),
    ("no", Answer::No),
    ("not_asked", Answer::NotAsked),
];

pub(super) fn checklist(reader: &mut Reader<'_>) -> Option<Command> {
    let mut answers = Vec::new();
    for item in reader.values.names_after("item_") {
        if let Some(answer) = reader.choice(&format!("item_{item}"), &ANSWERS) {
            let note = reader.text(&format!("note_{item}"));
            answers.push(ChecklistAnswer { item, answer, note });
        }
    }
    Some(Command::AnswerChecklist(answers))
}

/// The stem of the fields of each vital sign's absence.
pub(super) const ABSENCE_STEMS: [(&str, VitalKind); 5] = [
    ("pressure", VitalKind::BloodPressure),
    ("pulse", VitalKind::Pulse),
    ("spo2", VitalKind::Spo2),
    ("respiration", VitalKind::Respiration),
    ("moaas", VitalKind::Moaas),
];
pub(super) const ABSENCES: [(&str, AbsenceKind); 2] = [
    ("not_obtained", AbsenceKind::NotObtained),
    ("declined", AbsenceKind::Declined),
];
pub(super) const OCCASIONS: [(&str, Occasion); 4] = [
    ("before_dosing", Occasion::BeforeDosing),
    ("forty_minutes", Occasion::FortyMinutes),
    ("before_discharge", Occasion::BeforeDischarge),
    ("other", Occasion::Other),
];

pub(super) fn vitals(reader: &mut Reader<'_>) -> Option<Command> {
    let pressure = match (
        reader.number("systolic", "Systolic pressure"),
        reader.number("diastolic", "Diastolic pressure"),
    ) {
        (Some(systolic), Some(diastolic)) => Some(Pressure {
            systolic,
            diastolic,
        }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            reader.wrong(
                "systolic",
                "A blood pressure has two numbers: please enter systolic and diastolic.",
            );
            None
        }
    };
    if let Some(sentence) = reader.problems.get("diastolic").cloned() {
        // Both numbers are one field of the form: what is wrong with either stands there.
        reader.wrong("systolic", sentence);
        reader.problems.remove("diastolic");
    }
    let pulse = reader.number("pulse", "Pulse");
    let spo2 = reader.number("spo2", "SpO₂");
    let respiration = reader.number("respiration", "Respiration");
    let moaas = reader.number("moaas", "MOAA/S");
    let absent = absences(reader);
    Some(Command::RecordVitals(Vitals {
        pressure,
        pulse,
        spo2,
        respiration,
        moaas,
        absent,
    }))
}

fn absences(reader: &mut Reader<'_>) -> Vec<Absence> {
    let occasion = reader.choice("occasion", &OCCASIONS);
    let mut absent = Vec::new();
    for (stem, kind) in ABSENCE_STEMS {
        let Some(why) = reader.choice(&format!("{stem}_absent"), &ABSENCES) else {
            continue;
        };
        let Some(occasion) = occasion else {
            reader.wrong("occasion", "Please choose for which reading this stands.");
            continue;
        };
        let reason_name = format!("{stem}_reason");
        let reason = reader.text(&reason_name);
        if reason.is_empty() {
            reader.wrong(&reason_name, "Please give the reason.");
        }
        absent.push(Absence {
            kind,
            why,
            reason,
            occasion,
        });
    }
    absent
}

const VITAL_IDS: [(&str, VitalKind); 5] = ABSENCE_STEMS;

/// A concern as forms send it.
pub(crate) fn concern_value(concern: &Concern) -> String {
    let vital = |kind: &VitalKind| {
        VITAL_IDS
            .iter()
            .find(|(_, own)| own == kind)
            .map_or("", |(id, _)| *id)
    };
    match concern {
        Concern::Reading { seq, kind } => format!("reading:{seq}:{}", vital(kind)),
        Concern::NotMeasured { seq, kind } => format!("not_measured:{seq}:{}", vital(kind)),
        Concern::Checklist { item } => format!("checklist:{item}"),
        Concern::CrisisSymptoms { seq } => format!("crisis_symptoms:{seq}"),
        Concern::FirstTreatmentDose => "first_treatment_dose".to_owned(),
        Concern::NoPrescriberOnSite => "no_prescriber_on_site".to_owned(),
    }
}

/// A concern as it was sent; `None` for what is none.
pub(crate) fn concern_parse(value: &str) -> Option<Concern> {
    let of_event = |rest: &str| {
        let (seq, id) = rest.split_once(':')?;
        let kind = VITAL_IDS.iter().find(|(own, _)| *own == id)?.1;
        Some((seq.parse::<u32>().ok()?, kind))
    };
    match value.split_once(':') {
        Some(("reading", rest)) => of_event(rest).map(|(seq, kind)| Concern::Reading { seq, kind }),
        Some(("not_measured", rest)) => {
            of_event(rest).map(|(seq, kind)| Concern::NotMeasured { seq, kind })
        }
        Some(("crisis_symptoms", seq)) => {
            seq.parse().ok().map(|seq| Concern::CrisisSymptoms { seq })
        }
        Some(("checklist", item)) => Some(Concern::Checklist {
            item: item.to_owned(),
        }),
        Some(_) => None,
        None if value == "first_treatment_dose" => Some(Concern::FirstTreatmentDose),
        None if value == "no_prescriber_on_site" => Some(Concern::NoPrescriberOnSite),
        None => None,
    }
}

pub(super) const CHOICES: [(&str, DecisionChoice); 3] = [
    ("proceed", DecisionChoice::Proceed),
    ("wait", DecisionChoice::Wait),
    ("delay", DecisionChoice::Delay),
];

pub(super) fn decision(reader: &mut Reader<'_>) -> Option<Command> {
    let mut about = Vec::new();
    for value in reader.ids("about") {
        match concern_parse(&value) {
            Some(concern) => about.push(concern),
            None => reader.wrong(
                "about",
                "One of these is none of the choices: please choose again.",
            ),
        }
    }
    let choice = reader.choice_needed("choice", "the decision", &CHOICES)?;
    Some(Command::RecordDecision(Decision {
        about,
        choice,
        reason: reader.text("reason"),
    }))
}

/// What is sent where “nobody” is an answer of its own.
pub(crate) const NOBODY: &str = "nobody";

pub(super) fn clearing(reader: &mut Reader<'_>) -> Option<Command> {
    let basis = super::dosing::basis(reader);
    let prescriber_on_site = match reader.values.get("prescriber_on_site") {
        "" => {
            reader.wrong(
                "prescriber_on_site",
                "Please choose the prescriber on site, or that there is nobody.",
            );
            None
        }
        NOBODY => None,
        _ => reader.person("prescriber_on_site"),
    };
    Some(Command::Clear(Clearing {
        basis,
        prescriber_on_site,
    }))
}

pub(super) fn plan_change(reader: &mut Reader<'_>) -> Option<Command> {
    let dose_mg = reader
        .number("dose_mg", "The dose")
        .and_then(|dose| u32::try_from(dose).ok());
    Some(Command::ChangePlan(PlanChange {
        dose_mg,
        prescriber: reader.person("prescriber"),
        room: reader.text_typed("room"),
        reason: reader.text("reason"),
    }))
}
