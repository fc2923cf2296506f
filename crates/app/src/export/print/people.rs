//! Who took part.

use std::collections::BTreeMap;

use domain::treatment::{DeviceOutcome, DeviceUse, Disposal, Event, PersonId, Recorded};
use press::PersonPrint;

use super::sheet::{Sheet, joined};
use crate::words::{event_title, role_words};

/// What each person was to the session, and the events that stand under their name; nothing twice.
#[derive(Default)]
struct Parts(BTreeMap<PersonId, Part>);

#[derive(Default)]
struct Part {
    was: Vec<&'static str>,
    events: Vec<&'static str>,
}

impl Parts {
    fn add(&mut self, person: PersonId, was: &'static str) {
        push_new(&mut self.0.entry(person).or_default().was, was);
    }

    fn add_event(&mut self, person: PersonId, title: &'static str) {
        push_new(&mut self.0.entry(person).or_default().events, title);
    }
}

fn push_new(list: &mut Vec<&'static str>, words: &'static str) {
    if !list.contains(&words) {
        list.push(words);
    }
}

/// Everybody whom the record names.
pub(super) fn people(sheet: &Sheet<'_>) -> Vec<PersonPrint> {
    let mut parts = Parts::default();
    if let Some(plan) = sheet.session().plan() {
        parts.add(plan.prescriber, "Responsible prescriber");
    }
    for (monitor, _) in sheet.monitors() {
        parts.add(monitor, "Monitored");
    }
    // What somebody was, by what counts; what stands under their name, by everything that was recorded.
    for recorded in sheet.effective() {
        named_in(&recorded.event, &mut parts);
    }
    for recorded in sheet.say.events {
        parts.add_event(recorded.taken_by, event_title(&recorded.event));
    }
    for recorded in sheet
        .say
        .events
        .iter()
        .filter(|recorded| is_entered_for_another(recorded))
    {
        parts.add(recorded.entered_by, "Entered for others");
    }
    parts
        .0
        .into_iter()
        .map(|(person, part)| row(sheet, person, &part))
        .collect()
}

fn is_entered_for_another(recorded: &Recorded) -> bool {
    recorded.entered_by != recorded.taken_by
}

fn named_in(event: &Event, parts: &mut Parts) {
    if let Event::MedicineGiven(medicine) = event
        && let Some(prescriber) = medicine.order.prescriber()
    {
        parts.add(prescriber, "Ordered medicine");
    } else if let Event::Cleared(clearing) = event
        && let Some(prescriber) = clearing.prescriber_on_site
    {
        parts.add(prescriber, "Prescriber on site");
    } else if let Event::HandedOver { to } = event {
        parts.add(*to, "Took over monitoring");
    } else if let Event::DeviceGiven(device) = event
        && let Some(witness) = disposal(device).and_then(|disposal| disposal.witness)
    {
        parts.add(witness, "Witnessed a disposal");
    }
}

fn disposal(device: &DeviceUse) -> Option<&Disposal> {
    match &device.outcome {
        DeviceOutcome::Complete => None,
        DeviceOutcome::PartlyUsed(disposal) | DeviceOutcome::Failed(disposal) => Some(disposal),
    }
}

fn row(sheet: &Sheet<'_>, id: PersonId, part: &Part) -> PersonPrint {
    let role = sheet
        .input
        .people
        .get(&id)
        .map_or("", |person| role_words(person.role));
    let events = match part.events.as_slice() {
        [] => String::new(),
        titles => format!("Events: {}", titles.join(", ")),
    };
    PersonPrint {
        name: sheet.say.person(id),
        role: role.to_owned(),
        part: joined([part.was.join(", "), events]),
    }
}
