//! What every section of the print needs: the record as it counts, its marks, its times.

use domain::treatment::{
    DeviceUse, Event, FormPressures, Mark, PersonId, Protocol, Recorded, Session,
};
use jiff::Timestamp;
use jiff::civil::Date;

use super::super::PrintInput;
use crate::treatment::{People, Person};
use crate::words::{Say, clock_minutes};

/// One record on its way to the press.
pub(super) struct Sheet<'a> {
    pub(super) input: &'a PrintInput,
    /// Speaks with signed names, and of the session's day as today.
    pub(super) say: Say<'a>,
    pub(super) marks: Vec<Mark>,
    pub(super) first_device_at: Option<Timestamp>,
    pub(super) last_device_at: Option<Timestamp>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(input: &'a PrintInput, people: &'a People) -> Self {
        let clocks = input.session.clocks(&input.protocol, input.now);
        let day_at = day_at(input, clocks.first_device_at);
        Self {
            input,
            say: Say {
                protocol: &input.protocol,
                people,
                zone: &input.zone,
                events: &input.events,
                effective: input.session.effective(),
                now: input.now,
                today: input.zone.to_datetime(day_at).date(),
            },
            marks: input.session.marks(&input.protocol),
            first_device_at: clocks.first_device_at,
            last_device_at: clocks.last_device_at,
        }
    }

    pub(super) fn session(&self) -> &'a Session {
        &self.input.session
    }

    pub(super) fn protocol(&self) -> &'a Protocol {
        &self.input.protocol
    }

    /// The moment that the session's day is known by.
    pub(super) fn day_at(&self) -> Timestamp {
        day_at(self.input, self.first_device_at)
    }

    /// The events as they count, in the order of their times.
    pub(super) fn effective(&self) -> impl Iterator<Item = &'a Recorded> {
        let mut events: Vec<&Recorded> = self.session().effective().iter().collect();
        events.sort_by_key(|recorded| (recorded.happened_at, recorded.seq));
        events.into_iter()
    }

    /// Each device with its event, by its first spray.
    pub(super) fn devices(&self) -> Vec<(&'a Recorded, &'a DeviceUse)> {
        let devices = self.effective().filter_map(|recorded| {
            let Event::DeviceGiven(device) = &recorded.event else {
                return None;
            };
            Some((recorded, device))
        });
        let mut devices: Vec<_> = devices.collect();
        devices.sort_by_key(|(recorded, device)| (device.first_spray_at, recorded.seq));
        devices
    }

    /// Who monitored, each from when: first whom the plan names, then who took over.
    pub(super) fn monitors(&self) -> Vec<(PersonId, Option<Timestamp>)> {
        let monitors = self.effective().filter_map(|recorded| {
            if let Event::Planned(planned) = &recorded.event {
                return Some((planned.plan.monitor, None));
            }
            let Event::HandedOver { to } = &recorded.event else {
                return None;
            };
            Some((*to, Some(recorded.happened_at)))
        });
        monitors.collect()
    }

    /// The readings that the form asks for by name.
    pub(super) fn form_pressures(&self) -> FormPressures {
        self.session()
            .form_pressures(self.protocol(), self.input.now)
    }

    /// The marks about one event.
    pub(super) fn marks_of(&self, seq: u32) -> impl Iterator<Item = &Mark> {
        self.marks
            .iter()
            .filter(move |mark| mark.seq() == Some(seq))
    }

    /// Who did or saw it.
    pub(super) fn by(&self, recorded: &Recorded) -> String {
        self.say.person(recorded.taken_by)
    }

    /// Whole minutes from the first device, rounded down.
    pub(super) fn minute(&self, at: Timestamp) -> Option<i64> {
        Some(minutes_between(self.first_device_at?, at))
    }

    /// `10:02 to 10:12`.
    pub(super) fn between(&self, from: Timestamp, until: Timestamp) -> String {
        format!(
            "{} to {}",
            clock_minutes(from, &self.input.zone),
            self.say.clock(until)
        )
    }
}

/// The first device, else the arrival, else the end: each ended session has one of them.
fn day_at(input: &PrintInput, first_device_at: Option<Timestamp>) -> Timestamp {
    let session = &input.session;
    first_device_at
        .or(session.arrived_at())
        .or(session.ended_at())
        .unwrap_or(input.now)
}

/// The clinic's people with their names as a record signs them: `Tobin Marrowby, RN`.
pub(super) fn people_signed(people: &People) -> People {
    people
        .iter()
        .map(|(id, person)| {
            let name = if person.credential.is_empty() {
                person.name.clone()
            } else {
                format!("{}, {}", person.name, person.credential)
            };
            (
                *id,
                Person {
                    name,
                    ..person.clone()
                },
            )
        })
        .collect()
}

/// Whole minutes from one instant to another, rounded down; negative when `to` is earlier.
pub(super) fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).div_euclid(60)
}

/// `14 March 2026`.
pub(super) fn date_long(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// A person's own words beside ours; nothing for an empty text.
pub(super) fn joined(parts: impl IntoIterator<Item = String>) -> String {
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .collect();
    parts.join("; ")
}
