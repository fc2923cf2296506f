//! Before dosing: the plan, the checklist's answers, the prescriber's decisions, the clearing.

use super::device::Basis;
use super::ids::{PatientId, PersonId, SessionId};
use super::reading::VitalKind;

/// A plain answer where "not asked" is no choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// What the treatment is given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indication {
    /// Treatment-resistant depression (TRD).
    TreatmentResistant,
    /// Major depressive disorder with acute suicidal ideation or behaviour.
    AcuteSuicidality,
}

/// Whether the patient has been treated before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstTreatment {
    /// This is the patient's first treatment.
    First,
    /// The patient was treated before.
    Later,
}

/// Whether somebody has confirmed the patient's enrolment in the REMS (outpatients are enrolled before treatment).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolment {
    /// Confirmed.
    Confirmed,
    /// Not confirmed: the treatment cannot be planned.
    NotConfirmed,
}

/// One planned treatment.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Plan {
    /// The patient.
    pub patient: PatientId,
    /// What it is given for.
    pub indication: Indication,
    /// The intended dose in milligrams; one of the protocol's doses (56 or 84).
    pub dose_mg: u32,
    /// The responsible prescriber.
    pub prescriber: PersonId,
    /// Who is to monitor.
    pub monitor: PersonId,
    /// The room, in the clinic's words.
    pub room: String,
    /// First treatment or a later one.
    pub first_treatment: FirstTreatment,
    /// Enrolment in the REMS.
    pub enrolment: Enrolment,
    /// The delayed session that this one takes up, if any.
    pub follows: Option<SessionId>,
}

/// A changed plan; what is `None` stays as it was.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct PlanChange {
    /// A new intended dose in milligrams (before dosing ends, and not below what was given).
    pub dose_mg: Option<u32>,
    /// Another prescriber.
    pub prescriber: Option<PersonId>,
    /// Another room.
    pub room: Option<String>,
    /// Why.
    pub reason: String,
}

/// An answer on the pre-treatment checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nobody asked.
    NotAsked,
}

/// One answered item of the protocol's checklist.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct ChecklistAnswer {
    /// The item's id in the protocol.
    pub item: String,
    /// The answer.
    pub answer: Answer,
    /// A remark; may be empty.
    pub note: String,
}

/// Something that does not stop the treatment by itself, but asks for the prescriber's documented decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concern {
    /// A value outside the limits that held when it was taken.
    Reading {
        /// The event that holds the reading.
        seq: u32,
        /// Which value of it.
        kind: VitalKind,
    },
    /// A value that is wanted before dosing and was not obtained or declined.
    NotMeasured {
        /// The event that says so.
        seq: u32,
        /// Which value.
        kind: VitalKind,
    },
    /// A checklist item that the protocol leaves to the prescriber, answered otherwise than expected or not asked.
    Checklist {
        /// The item's id in the protocol.
        item: String,
    },
    /// Symptoms of a hypertensive crisis, before dosing is complete.
    CrisisSymptoms {
        /// The event that holds them.
        seq: u32,
    },
    /// A first treatment in TRD planned above the protocol's first dose.
    FirstTreatmentDose,
    /// No prescriber is signed in as on site.
    NoPrescriberOnSite,
}

/// What the prescriber decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionChoice {
    /// Go on in spite of it.
    Proceed,
    /// Wait, and look again.
    Wait,
    /// Not today.
    Delay,
}

/// The prescriber's documented decision. The prescriber is the event's `taken_by`.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Decision {
    /// What it is about; at least one.
    pub about: Vec<Concern>,
    /// The decision.
    pub choice: DecisionChoice,
    /// The weighing of risk and benefit, in words.
    pub reason: String,
}

/// Cleared for dosing.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Clearing {
    /// Cleared now, or already cleared.
    pub basis: Basis,
    /// The prescriber who is signed in as on site at that time, if any.
    pub prescriber_on_site: Option<PersonId>,
}
