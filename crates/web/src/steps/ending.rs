//! Reads readiness and the ways in which a session ends.

use domain::treatment::{
    Command, DepartureDetails, Discharge, EmergencyTransfer, LastVitals, LeftAgainstAdvice,
    Orientation, Readiness, Signature,
};

use super::dosing::basis;
use super::events::seriousness_read;
use super::read::{Reader, YES_NO};

pub(super) fn readiness(reader: &mut Reader<'_>) -> Option<Command> {
    let alert = reader.choice_needed("alert", "alert", &YES_NO);
    let no_dissociation = reader.choice_needed("no_dissociation", "no dissociation", &YES_NO);
    let breathing_in_range =
        reader.choice_needed("breathing_in_range", "breathing and SpO₂ in range", &YES_NO);
    let pressure_safe = reader.choice_needed("pressure_safe", "blood pressure safe", &YES_NO);
    Some(Command::JudgeReadiness(Readiness {
        alert: alert?,
        no_dissociation: no_dissociation?,
        breathing_in_range: breathing_in_range?,
        pressure_safe: pressure_safe?,
    }))
}

pub(super) fn discharge(reader: &mut Reader<'_>) -> Option<Command> {
    let basis = basis(reader);
    let clinically_stable = reader.choice_needed(
        "clinically_stable",
        "clinically stable and ready to leave",
        &YES_NO,
    );
    let instructions_given =
        reader.choice_needed("instructions_given", "instructions given", &YES_NO);
    Some(Command::Discharge(Discharge {
        basis,
        escort: reader.text("escort"),
        instructions_given: instructions_given?,
        clinically_stable: clinically_stable?,
    }))
}

pub(super) const LAST_VITALS: [(&str, LastVitals); 3] = [
    ("taken", LastVitals::Taken),
    ("declined", LastVitals::Declined),
    ("not_obtained", LastVitals::NotObtained),
];
pub(super) const ORIENTATIONS: [(&str, Orientation); 3] = [
    ("oriented", Orientation::Oriented),
    ("not_oriented", Orientation::NotOriented),
    ("not_assessed", Orientation::NotAssessed),
];
pub(super) const SIGNATURES: [(&str, Signature); 3] = [
    ("signed", Signature::Signed),
    ("refused", Signature::Refused),
    ("not_asked", Signature::NotAsked),
];

/// What is known about a departure against advice; what is empty stays asked.
pub(super) fn departure_details(reader: &mut Reader<'_>) -> DepartureDetails {
    DepartureDetails {
        prescriber_told: reader.person("prescriber_told"),
        last_vitals: reader.choice("last_vitals", &LAST_VITALS),
        orientation: reader.choice("orientation", &ORIENTATIONS),
        escort: reader.text_typed("escort"),
        signature: reader.choice("signature", &SIGNATURES),
    }
}

pub(super) fn departure(reader: &mut Reader<'_>) -> Option<Command> {
    let details = departure_details(reader);
    let found_gone = reader.choice_needed(
        "how",
        "what happened",
        &[("left", false), ("found_gone", true)],
    )?;
    if !found_gone {
        return Some(Command::LeaveAgainstAdvice(LeftAgainstAdvice::Left(
            details,
        )));
    }
    let last_seen_at = reader.time("last_seen");
    if last_seen_at.is_none() {
        reader.wrong(
            "last_seen",
            "Found gone: please enter when the patient was last seen.",
        );
    }
    Some(Command::LeaveAgainstAdvice(LeftAgainstAdvice::FoundGone {
        last_seen_at: last_seen_at?,
        details,
    }))
}

pub(super) fn emergency_care(reader: &mut Reader<'_>) -> Option<Command> {
    let seriousness = seriousness_read(reader)?;
    Some(Command::SendToEmergencyCare(EmergencyTransfer {
        reason: reader.text("reason"),
        destination: reader.text("destination"),
        seriousness,
    }))
}

pub(super) fn delay(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::Delay {
        reason: reader.text("reason"),
    })
}

pub(super) fn cancellation(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::Cancel {
        reason: reader.text("reason"),
    })
}

pub(super) fn no_show(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::MarkNoShow {
        note: reader.text("note"),
    })
}
