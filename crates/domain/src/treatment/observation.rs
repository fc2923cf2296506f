//! What is seen and done while the patient is watched.

use super::ids::PersonId;
use super::plan::YesNo;

/// What is followed from onset to resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EpisodeKind {
    /// Sedation.
    Sedation,
    /// Dissociation.
    Dissociation,
    /// Respiratory depression.
    RespiratoryDepression,
}

impl EpisodeKind {
    /// Every kind, in the order in which pages show them.
    pub const ALL: [Self; 3] = [
        Self::Sedation,
        Self::Dissociation,
        Self::RespiratoryDepression,
    ];
}

/// The onset of an episode; its time is the event's `happened_at`. Only a person opens one.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Episode {
    /// What it is.
    pub kind: EpisodeKind,
    /// The severity's id on the clinic's scale, if graded.
    pub severity: Option<String>,
    /// A remark; may be empty.
    pub note: String,
}

/// The resolution of an episode; its time is the event's `happened_at`.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct EpisodeResolution {
    /// The `seq` of the onset.
    pub episode: u32,
    /// The worst severity's id on the clinic's scale, if graded.
    pub worst_severity: Option<String>,
}

/// Symptoms of a hypertensive crisis or encephalopathy.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct CrisisSymptoms {
    /// Ids from the protocol's list; at least one.
    pub symptoms: Vec<String>,
    /// A remark; may be empty.
    pub note: String,
}

/// A medicine given on the day.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct MedicineGiven {
    /// The drug.
    pub drug: String,
    /// The dose with its unit.
    pub dose: String,
    /// The route.
    pub route: String,
    /// On whose order.
    pub order: MedicineOrder,
}

impl MedicineOrder {
    /// The clinic's prescriber who ordered it, if one did.
    #[must_use]
    pub const fn prescriber(&self) -> Option<PersonId> {
        match self {
            Self::Prescriber { person } => Some(*person),
            Self::Other { .. } => None,
        }
    }
}

/// On whose order a medicine was given.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum MedicineOrder {
    /// One of the clinic's prescribers.
    Prescriber {
        /// Who.
        person: PersonId,
    },
    /// Somebody else, such as the ambulance's physician, or a standing order.
    Other {
        /// Which, in words.
        words: String,
    },
}

/// Whether something was a serious adverse event. Asked, never inferred.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Seriousness {
    /// Yes, of these kinds (ids from the protocol's list; at least one).
    Serious {
        /// Ids from the protocol's list.
        kinds: Vec<String>,
    },
    /// No.
    NotSerious,
    /// Not yet answered: it stays in view.
    NotYetAnswered,
}

/// An adverse event.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct AdverseEvent {
    /// What happened, in words.
    pub description: String,
    /// The answer to the question whether it was serious.
    pub seriousness: Seriousness,
}

/// What a later answer about seriousness is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriousSubject {
    /// A recorded adverse event, by its `seq`.
    AdverseEvent(u32),
    /// That the patient was sent to emergency care.
    EmergencyCare,
}

/// A later answer to the question whether something was serious; taken after the lock too.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct SeriousAnswer {
    /// What it is about.
    pub about: SeriousSubject,
    /// The answer.
    pub seriousness: Seriousness,
}

/// The provider's judgement whether the patient could leave, time apart.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Readiness {
    /// Alert (MOAA/S 5).
    pub alert: YesNo,
    /// No dissociation.
    pub no_dissociation: YesNo,
    /// Breathing and SpO2 in range.
    pub breathing_in_range: YesNo,
    /// Blood pressure safe.
    pub pressure_safe: YesNo,
}

/// One part of the readiness judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadinessPart {
    /// Alert (MOAA/S 5).
    Alert,
    /// No dissociation.
    NoDissociation,
    /// Breathing and SpO2 in range.
    BreathingInRange,
    /// Blood pressure safe.
    PressureSafe,
}

impl Readiness {
    /// The parts that were answered "no".
    #[must_use]
    pub fn parts_lacking(&self) -> Vec<ReadinessPart> {
        [
            (self.alert, ReadinessPart::Alert),
            (self.no_dissociation, ReadinessPart::NoDissociation),
            (self.breathing_in_range, ReadinessPart::BreathingInRange),
            (self.pressure_safe, ReadinessPart::PressureSafe),
        ]
        .into_iter()
        .filter(|(answer, _)| *answer == YesNo::No)
        .map(|(_, part)| part)
        .collect()
    }

    /// Whether all four parts were answered "yes".
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.parts_lacking().is_empty()
    }
}
