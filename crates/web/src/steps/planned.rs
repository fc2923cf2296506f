//! The form that corrects a plan. No step of the day has it: a session is planned on a page of its own.

use domain::treatment::{Command, Enrolment, FirstTreatment, Indication, PatientId, Plan};

use super::read::Reader;
use super::spec::{Group, Source, Step};
use super::vocabulary::{choice, chosen, line, one, plain};

pub(super) const INDICATIONS: [(&str, Indication); 2] = [
    ("treatment_resistant", Indication::TreatmentResistant),
    ("acute_suicidality", Indication::AcuteSuicidality),
];
pub(super) const FIRSTS: [(&str, FirstTreatment); 2] = [
    ("first", FirstTreatment::First),
    ("later", FirstTreatment::Later),
];

/// The form.
pub(super) static PLAN: Step = Step {
    name: "plan",
    kind: "plan",
    title: "Plan",
    lead: "",
    submit: "Save the plan",
    group: Group::Record,
    sections: &[plain(&[
        choice(
            "indication",
            "Given for",
            &[
                chosen("treatment_resistant", "Treatment-resistant depression"),
                chosen("acute_suicidality", "Depression with acute suicidality"),
            ],
        ),
        choice(
            "first_treatment",
            "First treatment?",
            &[
                chosen("first", "First treatment"),
                chosen("later", "Later treatment"),
            ],
        ),
        one("dose_mg", "Dose", Source::Doses, ""),
        one("prescriber", "Prescriber", Source::Prescribers, ""),
        one("monitor", "Who monitors", Source::Clinicians, ""),
        line("room", "Room"),
    ])],
    read,
};

/// Reads everything of a plan that a person chooses freely. Whose session it is, the enrolment, and what it takes up are
/// placeholders: of a new plan the page and `app` put them in; of a corrected one they stay as they were, whatever a form
/// says.
pub(crate) fn plan_read_fields(reader: &mut Reader<'_>) -> Option<Plan> {
    let indication = reader.choice_needed("indication", "what it is given for", &INDICATIONS);
    let first_treatment =
        reader.choice_needed("first_treatment", "first treatment or a later one", &FIRSTS);
    let dose_mg = reader
        .number_needed("dose_mg", "The dose")
        .and_then(|dose| u32::try_from(dose).ok());
    let prescriber = reader.person_needed("prescriber", "the prescriber");
    let monitor = reader.person_needed("monitor", "who monitors");
    Some(Plan {
        patient: PatientId(0),
        indication: indication?,
        dose_mg: dose_mg?,
        prescriber: prescriber?,
        monitor: monitor?,
        room: reader.text("room"),
        first_treatment: first_treatment?,
        enrolment: Enrolment::NotConfirmed,
        follows: None,
    })
}

fn read(reader: &mut Reader<'_>) -> Option<Command> {
    plan_read_fields(reader).map(Command::Plan)
}
