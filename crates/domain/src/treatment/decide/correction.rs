//! Corrections: what may be corrected, and whether the record holds together afterwards.

use jiff::Timestamp;

use super::super::consistency;
use super::super::event::{Change, Correction, Event, Recorded, Replacement};
use super::super::protocol::Protocol;
use super::super::refusal::{Field, Refusal, Unknown};
use super::super::session::{Session, correction_apply};
use super::super::state::State;
use super::super::validate;
use super::{not_in_future, readings};

pub(super) fn check(
    session: &Session,
    protocol: &Protocol,
    correction: &Correction,
    now: Timestamp,
) -> Result<(), Refusal> {
    let seq = correction.corrects;
    let Some(original) = session.recorded().iter().find(|event| event.seq == seq) else {
        return Err(Refusal::Unknown(Unknown::Event(seq)));
    };
    if !is_correctable(original, correction) {
        return Err(Refusal::NotCorrectable { seq });
    }
    let present = session.effective().iter().find(|event| event.seq == seq);
    match &correction.change {
        Change::Strike if present.is_none() => {
            let struck = session.corrected().get(&seq).copied().unwrap_or(seq);
            return Err(Refusal::AlreadyDone { seq: struck });
        }
        Change::Strike => {}
        Change::Replace(replacement) => {
            replace(protocol, original, present, replacement)?;
            not_in_future(replacement.happened_at, now)?;
        }
    }
    holds_together(session, protocol, original, correction)
}

/// Corrections and addenda stand as they are. An answer about seriousness or a tick is taken back or given anew. A plan is
/// cancelled, not struck, and never moves to another patient.
fn is_correctable(original: &Recorded, correction: &Correction) -> bool {
    let is_replaced = matches!(correction.change, Change::Replace(_));
    let is_answer = matches!(
        original.event,
        Event::SeriousAnswered(_) | Event::ReportTicked { .. }
    );
    let stands = matches!(
        original.event,
        Event::Corrected(_) | Event::AddendumAdded(_)
    ) || (is_answer && is_replaced);
    let Event::Planned(planned) = &original.event else {
        return !stands;
    };
    let Change::Replace(replacement) = &correction.change else {
        return false;
    };
    // A replacement of another kind is refused as such.
    let Event::Planned(new) = &replacement.event else {
        return true;
    };
    new.plan.patient == planned.plan.patient
        && new.protocol == planned.protocol
        && new.spray_mg == planned.spray_mg
}

fn replace(
    protocol: &Protocol,
    original: &Recorded,
    present: Option<&Recorded>,
    replacement: &Replacement,
) -> Result<(), Refusal> {
    if replacement.event.kind() != original.event.kind() {
        let (field, seq) = (Field::Replacement, Some(original.seq));
        return Err(Refusal::Contradiction { field, seq });
    }
    let changes_nothing = present.is_some_and(|present| {
        present.event == replacement.event
            && present.happened_at == replacement.happened_at
            && present.taken_by == replacement.taken_by
    });
    if changes_nothing {
        return Err(Refusal::Incomplete {
            fields: vec![Field::Replacement],
        });
    }
    validate::event(&replacement.event, protocol)
}

fn holds_together(
    session: &Session,
    protocol: &Protocol,
    original: &Recorded,
    correction: &Correction,
) -> Result<(), Refusal> {
    let mut effective = session.effective().to_vec();
    correction_apply(&mut effective, Some(original), correction);
    let mut corrected = session.corrected().clone();
    corrected.insert(correction.corrects, session.next_seq());
    let state = State::build(effective.iter(), &corrected);
    consistency::check(&state).map_err(|broken| {
        if broken.seq == correction.corrects {
            broken.why
        } else {
            Refusal::CorrectionBreaks {
                seq: broken.seq,
                why: Box::new(broken.why),
            }
        }
    })?;
    let present = effective.iter().find(|event| event.seq == original.seq);
    if let Some(present) = present
        && let Event::VitalsRecorded(vitals) = &present.event
    {
        readings::check(&state, protocol, present, vitals)?;
    }
    Ok(())
}
