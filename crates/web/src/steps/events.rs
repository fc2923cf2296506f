//! Reads what happens while the patient is watched.

use domain::treatment::{
    AdverseEvent, Command, CrisisSymptoms, Episode, EpisodeKind, EpisodeResolution, MedicineGiven,
    MedicineOrder, SeriousAnswer, SeriousSubject, Seriousness,
};

use super::read::Reader;

pub(super) const EPISODES: [(&str, EpisodeKind); 3] = [
    ("sedation", EpisodeKind::Sedation),
    ("dissociation", EpisodeKind::Dissociation),
    ("respiratory_depression", EpisodeKind::RespiratoryDepression),
];

pub(super) fn episode(reader: &mut Reader<'_>) -> Option<Command> {
    let kind = reader.choice_needed("kind", "what begins", &EPISODES)?;
    Some(Command::OpenEpisode(Episode {
        kind,
        severity: reader.text_typed("severity"),
        note: reader.text("note"),
    }))
}

pub(super) fn resolution(reader: &mut Reader<'_>) -> Option<Command> {
    let episode = reader.entry_needed("episode", "what has resolved")?;
    Some(Command::ResolveEpisode(EpisodeResolution {
        episode,
        worst_severity: reader.text_typed("worst_severity"),
    }))
}

pub(super) fn none_observed(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::ReportNoneObserved {
        kinds: reader.choices("kinds", &EPISODES),
    })
}

pub(super) fn hand_over(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::HandOver {
        to: reader.person_needed("to", "to whom")?,
    })
}

pub(super) fn vomiting(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::RecordVomiting {
        note: reader.text("note"),
    })
}

pub(super) fn crisis_symptoms(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::RecordCrisisSymptoms(CrisisSymptoms {
        symptoms: reader.ids("symptoms"),
        note: reader.text("note"),
    }))
}

pub(super) fn medicine(reader: &mut Reader<'_>) -> Option<Command> {
    let person = reader.person("ordered_by");
    let words = reader.text("other_order");
    let order = match (person, words.is_empty()) {
        (Some(person), true) => MedicineOrder::Prescriber { person },
        (None, false) => MedicineOrder::Other { words },
        (Some(_), false) => {
            reader.wrong(
                "other_order",
                "Please leave one of the two empty: it was given on one order.",
            );
            return None;
        }
        (None, true) => {
            reader.wrong(
                "ordered_by",
                "Please choose who ordered it, or say below on which order it was given.",
            );
            return None;
        }
    };
    Some(Command::GiveMedicine(MedicineGiven {
        drug: reader.text("drug"),
        dose: reader.text("dose"),
        route: reader.text("route"),
        order,
    }))
}

pub(super) fn adverse_event(reader: &mut Reader<'_>) -> Option<Command> {
    let seriousness = seriousness_read(reader)?;
    Some(Command::RecordAdverseEvent(AdverseEvent {
        description: reader.text("description"),
        seriousness,
    }))
}

/// The answer to “was it a serious adverse event?”, with its kinds.
pub(super) fn seriousness_read(reader: &mut Reader<'_>) -> Option<Seriousness> {
    #[derive(Clone, Copy)]
    enum Said {
        Yes,
        No,
        Later,
    }
    let kinds = reader.ids("serious_kinds");
    let said = reader.choice_needed(
        "serious",
        "was it a serious adverse event",
        &[("yes", Said::Yes), ("no", Said::No), ("later", Said::Later)],
    )?;
    match said {
        Said::Yes if kinds.is_empty() => {
            reader.wrong(
                "serious_kinds",
                "It was serious: please choose what it led to.",
            );
            None
        }
        Said::Yes => Some(Seriousness::Serious { kinds }),
        Said::No | Said::Later if !kinds.is_empty() => {
            reader.wrong("serious", "Something is chosen that it led to, but it is not called serious: please check both.");
            None
        }
        Said::No => Some(Seriousness::NotSerious),
        Said::Later => Some(Seriousness::NotYetAnswered),
    }
}

pub(super) fn emergency_call(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::CallEmergency {
        note: reader.text("note"),
    })
}

pub(super) fn emergency_arrival(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::EmergencyArrive {
        note: reader.text("note"),
    })
}

/// The value that stands for “sent to emergency care”.
pub(crate) const EMERGENCY_CARE: &str = "emergency_care";

pub(super) fn seriousness(reader: &mut Reader<'_>) -> Option<Command> {
    let about = match reader.values.get("about") {
        EMERGENCY_CARE => Some(SeriousSubject::EmergencyCare),
        _ => reader
            .entry_needed("about", "what it is about")
            .map(SeriousSubject::AdverseEvent),
    };
    let seriousness = seriousness_read(reader)?;
    Some(Command::AnswerSerious(SeriousAnswer {
        about: about?,
        seriousness,
    }))
}

pub(super) fn report(reader: &mut Reader<'_>) -> Option<Command> {
    let report = reader.text("report");
    if report.is_empty() {
        reader.wrong("report", "Please choose which report was made.");
        return None;
    }
    Some(Command::TickReport { report })
}
