//! The rules of single steps: what a step that is not yet taken lacks, and what a step that was
//! taken has to give a reason for.

use super::super::concerns::is_raised;
use super::super::device::{Basis, DeviceUse};
use super::super::ending::Discharge;
use super::super::event::{Event, Recorded};
use super::super::lacks::{
    lacks_for_clearing, lacks_for_device, lacks_for_discharge, lacks_of_device, lacks_of_discharge,
};
use super::super::mark::Mark;
use super::super::marks::{
    cleared_marks, device_marks, discharge_marks, state_before_dosing, state_known_at,
};
use super::super::observation::{EpisodeKind, Readiness};
use super::super::plan::{Clearing, Decision, PlanChange, YesNo};
use super::super::protocol::Protocol;
use super::super::readiness::{Contradicting, contradicting};
use super::super::readout::Phase;
use super::super::refusal::{self, Field, Lack, Refusal, Unknown};
use super::super::session::Session;
use super::super::state::State;
use super::readings;

pub(super) struct Step<'a> {
    pub(super) session: &'a Session,
    pub(super) before: &'a State<'a>,
    pub(super) after: &'a State<'a>,
    pub(super) protocol: &'a Protocol,
}

impl Step<'_> {
    pub(super) fn check(&self, candidate: &Recorded) -> Result<(), Refusal> {
        match &candidate.event {
            Event::PlanChanged(change) => self.plan_change(candidate, change),
            Event::Cleared(clearing) => self.clear(candidate, clearing),
            Event::DeviceGiven(device) => self.device(candidate, device),
            Event::DecisionRecorded(decision) => self.decision(decision),
            Event::ReadinessJudged(readiness) => self.readiness(candidate, *readiness),
            Event::Discharged(discharge) => self.discharge(candidate, discharge),
            Event::ReportTicked { report } => self.tick(report),
            Event::VitalsRecorded(vitals) => {
                readings::check(self.after, self.protocol, candidate, vitals)
            }
            Event::Planned(_)
            | Event::Arrived
            | Event::ChecklistAnswered(_)
            | Event::DosingStopped { .. }
            | Event::EpisodeOpened(_)
            | Event::EpisodeResolved(_)
            | Event::NoneObserved { .. }
            | Event::VomitingRecorded { .. }
            | Event::CrisisSymptomsRecorded(_)
            | Event::MedicineGiven(_)
            | Event::AdverseEventRecorded(_)
            | Event::EmergencyCalled { .. }
            | Event::EmergencyArrived { .. }
            | Event::HandedOver { .. }
            | Event::LeftAgainstAdvice(_)
            | Event::SentToEmergencyCare(_)
            | Event::Delayed { .. }
            | Event::Cancelled { .. }
            | Event::NoShow { .. }
            | Event::Corrected(_)
            | Event::AddendumAdded(_)
            | Event::SeriousAnswered(_) => Ok(()),
        }
    }

    /// The dose is changed while it is not complete: at the time of the order, whenever it is written down.
    fn plan_change(&self, candidate: &Recorded, change: &PlanChange) -> Result<(), Refusal> {
        let Some(dose_mg) = change.dose_mg else {
            return Ok(());
        };
        let known = state_known_at(self.before, candidate.happened_at, candidate.seq);
        let phase = known.phase();
        if phase == Phase::Monitoring {
            return Err(Refusal::WrongPhase { phase });
        }
        let given_mg = self.before.given_mg();
        if dose_mg < given_mg {
            let doses = &self.protocol.dosing.doses;
            let high = doses
                .iter()
                .map(|dose| dose.dose_mg)
                .max()
                .unwrap_or(dose_mg);
            return Err(Refusal::Impossible {
                field: Field::DoseMg,
                given: i64::from(dose_mg),
                low: i64::from(given_mg),
                high: i64::from(high),
            });
        }
        Ok(())
    }

    fn clear(&self, candidate: &Recorded, clearing: &Clearing) -> Result<(), Refusal> {
        if clearing.basis == Basis::Now {
            let known = state_before_dosing(self.before, candidate.happened_at, candidate.seq);
            let lacks = lacks_for_clearing(&known, self.protocol, Some(clearing));
            return lacking(refusal::Step::Clear, lacks);
        }
        let marks = cleared_marks(self.after, self.protocol, candidate, clearing);
        reasoned(&clearing.basis, marks)
    }

    fn device(&self, candidate: &Recorded, device: &DeviceUse) -> Result<(), Refusal> {
        let protocol = self.protocol;
        let brought = {
            let known = device_marks(self.before, protocol);
            let mut marks = device_marks(self.after, protocol);
            marks.retain(|mark| mark.is_device_deviation() && !known.contains(mark));
            marks
        };
        if device.basis == Basis::Now {
            let adding_mg = u32::from(device.sprays).saturating_mul(self.before.spray_mg());
            let mut lacks =
                lacks_for_device(self.before, protocol, device.first_spray_at, adding_mg);
            lacks.extend(lacks_of_device(device, protocol, candidate.taken_by));
            lacks.extend(brought.iter().filter_map(|mark| {
                let Mark::DeviceLacking { lack, .. } = mark else {
                    return None;
                };
                Some(lack.clone())
            }));
            lacking(refusal::Step::Device, each_once(lacks))?;
        }
        reasoned(&device.basis, brought)
    }

    fn decision(&self, decision: &Decision) -> Result<(), Refusal> {
        match decision
            .about
            .iter()
            .find(|concern| !is_raised(self.before, self.protocol, concern))
        {
            Some(concern) => Err(Refusal::Unknown(Unknown::Concern(concern.clone()))),
            None => Ok(()),
        }
    }

    /// A part that is "yes" while its episode is open contradicts the record: resolve it first. So does one that the
    /// latest reading denies: measure again.
    fn readiness(&self, candidate: &Recorded, readiness: Readiness) -> Result<(), Refusal> {
        let at = candidate.happened_at;
        for (answer, kind) in [
            (readiness.alert, EpisodeKind::Sedation),
            (readiness.no_dissociation, EpisodeKind::Dissociation),
            (
                readiness.breathing_in_range,
                EpisodeKind::RespiratoryDepression,
            ),
        ] {
            if answer == YesNo::Yes
                && let Some(episode) = self.after.episode_at(kind, at)
            {
                return Err(Refusal::EpisodeOpen {
                    episode: episode.seq,
                    kind,
                });
            }
        }
        match contradicting(self.after, self.protocol, candidate, readiness) {
            Some(Contradicting { part, kind, seq }) => {
                Err(Refusal::ReadingContradicts { part, kind, seq })
            }
            None => Ok(()),
        }
    }

    fn discharge(&self, candidate: &Recorded, discharge: &Discharge) -> Result<(), Refusal> {
        let at = candidate.happened_at;
        if discharge.basis == Basis::Now {
            let mut lacks = lacks_for_discharge(self.before, self.protocol, at);
            lacks.extend(lacks_of_discharge(discharge));
            return lacking(refusal::Step::Discharge, lacks);
        }
        let marks = discharge_marks(self.after, self.protocol, candidate.seq, at, discharge);
        reasoned(&discharge.basis, marks)
    }

    fn tick(&self, report: &str) -> Result<(), Refusal> {
        if let Some(seq) = self.session.report_ticked(report) {
            return Err(Refusal::AlreadyDone { seq });
        }
        if !self.session.has_serious() {
            return Err(Refusal::Contradiction {
                field: Field::Report,
                seq: None,
            });
        }
        Ok(())
    }
}

fn each_once(lacks: Vec<Lack>) -> Vec<Lack> {
    let mut once = Vec::with_capacity(lacks.len());
    for lack in lacks {
        if !once.contains(&lack) {
            once.push(lack);
        }
    }
    once
}

fn lacking(step: refusal::Step, lacks: Vec<Lack>) -> Result<(), Refusal> {
    if lacks.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Lacks { step, lacks })
    }
}

/// A broken rule is written down with its reason.
fn reasoned(basis: &Basis, marks: Vec<Mark>) -> Result<(), Refusal> {
    let has_reason = match basis {
        Basis::Now => false,
        Basis::Already { reason } => !reason.trim().is_empty(),
    };
    if marks.is_empty() || has_reason {
        Ok(())
    } else {
        Err(Refusal::ReasonNeeded { marks })
    }
}
