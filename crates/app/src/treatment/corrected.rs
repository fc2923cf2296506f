//! What a correction cannot change, whatever a form says of it: of a plan, whose session it is, the enrolment, what it takes
//! up, and the protocol that it was planned under; of a clearing or a device, whether it was written down as it happened or
//! afterwards, and why.

use domain::treatment::{
    Attribution, Change, Clearing, Command, Correction, DeviceUse, Event, Plan, Planned, Recorded,
    Refusal, Replacement, Session,
};
use jiff::Timestamp;

use crate::App;

impl App {
    /// Decides a step of a session that was planned.
    pub(super) fn decide(
        &self,
        session: &Session,
        command: &Command,
        by: &Attribution,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let completed = completed(session, command);
        let command = completed.as_ref().unwrap_or(command);
        session.decide(&self.protocol, command, by, now)
    }
}

/// The correction of a plan, a clearing or a device with what it cannot change; `None` for every other command.
fn completed(session: &Session, command: &Command) -> Option<Command> {
    let Command::Correct(correction) = command else {
        return None;
    };
    let Change::Replace(replacement) = &correction.change else {
        return None;
    };
    let is_meant = |recorded: &&Recorded| recorded.seq == correction.corrects;
    // As it counts; what was struck is put back as it was recorded.
    let mut events = session.effective().iter().chain(session.recorded());
    let event = kept(&events.find(is_meant)?.event, &replacement.event)?;
    Some(Command::Correct(Correction {
        change: Change::Replace(Box::new(Replacement {
            event,
            ..(**replacement).clone()
        })),
        ..correction.clone()
    }))
}

/// The replacement with what it keeps of what stands there; `None` where it keeps nothing.
fn kept(standing: &Event, replacement: &Event) -> Option<Event> {
    if let (Event::Planned(planned), Event::Planned(new)) = (standing, replacement) {
        let plan = Plan {
            patient: planned.plan.patient,
            enrolment: planned.plan.enrolment,
            follows: planned.plan.follows,
            ..new.plan.clone()
        };
        return Some(Event::Planned(Planned {
            plan,
            ..planned.clone()
        }));
    }
    if let (Event::DeviceGiven(given), Event::DeviceGiven(new)) = (standing, replacement) {
        return Some(Event::DeviceGiven(DeviceUse {
            basis: given.basis.clone(),
            ..new.clone()
        }));
    }
    if let (Event::Cleared(cleared), Event::Cleared(new)) = (standing, replacement) {
        return Some(Event::Cleared(Clearing {
            basis: cleared.basis.clone(),
            ..new.clone()
        }));
    }
    None
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use domain::treatment::{
        Basis, DeviceOutcome, Enrolment, FirstTreatment, Indication, PatientId, PersonId, SessionId,
    };

    fn plan(patient: u128) -> Plan {
        Plan {
            patient: PatientId(patient),
            indication: Indication::TreatmentResistant,
            dose_mg: 56,
            prescriber: PersonId(2),
            monitor: PersonId(3),
            room: "Room 1".to_owned(),
            first_treatment: FirstTreatment::Later,
            enrolment: Enrolment::Confirmed,
            follows: Some(SessionId(9)),
        }
    }

    fn recorded(event: Event) -> Recorded {
        let at: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        Recorded {
            seq: 0,
            happened_at: at,
            received_at: at,
            taken_by: PersonId(3),
            entered_by: PersonId(3),
            event,
        }
    }

    fn correction(event: Event) -> Command {
        let original = recorded(event);
        Command::Correct(Correction {
            corrects: 0,
            reason: "Wrong dose".to_owned(),
            change: Change::Replace(Box::new(Replacement {
                happened_at: original.happened_at,
                taken_by: original.taken_by,
                event: original.event,
            })),
        })
    }

    fn planned(plan: Plan, protocol: &str, spray_mg: u32) -> Event {
        Event::Planned(Planned {
            plan,
            protocol: protocol.to_owned(),
            spray_mg,
        })
    }

    fn session(event: Event) -> Session {
        let mut session = Session::new();
        session.push(recorded(event));
        session
    }

    #[test]
    fn a_corrected_plan_keeps_patient_enrolment_and_protocol() {
        let session = session(planned(plan(7), "v1", 14));
        let sent = Plan {
            dose_mg: 84,
            room: "Room 5".to_owned(),
            enrolment: Enrolment::NotConfirmed,
            follows: None,
            ..plan(0)
        };
        let expected = Plan {
            dose_mg: 84,
            room: "Room 5".to_owned(),
            ..plan(7)
        };
        let command = completed(&session, &correction(planned(sent, "", 0))).unwrap();
        assert!(command == correction(planned(expected, "v1", 14)));
    }

    #[test]
    fn a_corrected_device_keeps_how_and_why_it_was_written_down() {
        let at = recorded(Event::Arrived).happened_at;
        let device = |lot: &str, basis: &Basis| {
            Event::DeviceGiven(DeviceUse {
                basis: basis.clone(),
                lot: lot.to_owned(),
                expires: None,
                given_on: jiff::civil::date(2026, 11, 22),
                dots_before: 2,
                dots_after: 0,
                sprays: 2,
                first_spray_at: at,
                last_spray_at: at,
                outcome: DeviceOutcome::Complete,
            })
        };
        let already = |reason: &str| Basis::Already {
            reason: reason.to_owned(),
        };
        for basis in [Basis::Now, already("Given too early")] {
            let session = session(device("7K3301", &basis));
            let sent = correction(device("7K3302", &already("")));
            let command = completed(&session, &sent).unwrap();
            assert!(command == correction(device("7K3302", &basis)));
        }
    }

    #[test]
    fn other_corrections_stay_as_they_are() {
        let arrived = session(Event::Arrived);
        assert!(completed(&arrived, &correction(Event::Arrived)).is_none());
        assert!(completed(&arrived, &correction(planned(plan(7), "v1", 14))).is_none());
        assert!(completed(&arrived, &Command::Arrive).is_none());
    }
}
