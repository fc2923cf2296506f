//! A corrected plan. Whose session it is, the enrolment, what it takes up, and the protocol that it was planned under are
//! what they were: what a form says of them does not count.

use domain::treatment::{
    Attribution, Change, Command, Correction, Event, Plan, Planned, Recorded, Refusal, Replacement,
    Session,
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
        let completed = completed(session.recorded(), command);
        let command = completed.as_ref().unwrap_or(command);
        session.decide(&self.protocol, command, by, now)
    }
}

/// The correction of a plan with what it cannot change; `None` for every other command.
fn completed(events: &[Recorded], command: &Command) -> Option<Command> {
    let Command::Correct(correction) = command else {
        return None;
    };
    let Change::Replace(replacement) = &correction.change else {
        return None;
    };
    let Event::Planned(new) = &replacement.event else {
        return None;
    };
    let original = events
        .iter()
        .find(|recorded| recorded.seq == correction.corrects)?;
    let Event::Planned(planned) = &original.event else {
        return None;
    };
    let plan = Plan {
        patient: planned.plan.patient,
        enrolment: planned.plan.enrolment,
        follows: planned.plan.follows,
        ..new.plan.clone()
    };
    let event = Event::Planned(Planned {
        plan,
        ..planned.clone()
    });
    Some(Command::Correct(Correction {
        change: Change::Replace(Box::new(Replacement {
            event,
            ..(**replacement).clone()
        })),
        ..correction.clone()
    }))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use domain::treatment::{
        Enrolment, FirstTreatment, Indication, PatientId, PersonId, SessionId,
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

    #[test]
    fn a_corrected_plan_keeps_patient_enrolment_and_protocol() {
        let events = [recorded(planned(plan(7), "v1", 14))];
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
        let command = completed(&events, &correction(planned(sent, "", 0))).unwrap();
        assert!(command == correction(planned(expected, "v1", 14)));
    }

    #[test]
    fn other_corrections_stay_as_they_are() {
        let events = [recorded(Event::Arrived)];
        assert!(completed(&events, &correction(Event::Arrived)).is_none());
        assert!(completed(&events, &correction(planned(plan(7), "v1", 14))).is_none());
        assert!(completed(&events, &Command::Arrive).is_none());
    }
}
