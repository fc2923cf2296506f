//! What a step's page is called, and the sentence under its title.

use app::treatment::SessionPage;
use domain::treatment::FortyMinutes;

use crate::form::Values;
use crate::steps::{ASKED, Step, is_asked};
use crate::words::day_words;

/// For which wanted reading the form of vitals was opened, if for one.
pub(crate) fn asked<'a>(step: &Step, values: &'a Values) -> Option<&'a str> {
    let occasion = values.get(ASKED);
    (step.name == "vitals" && is_asked(occasion)).then_some(occasion)
}

/// Whether the reading at about 40 minutes is missed: none that is taken now counts any more.
pub(crate) fn is_missed(session: &SessionPage) -> bool {
    matches!(
        session
            .session
            .forty_minutes(&session.protocol, session.now),
        FortyMinutes::Missed { .. }
    )
}

/// The title of a step's page: which of several it is, where there are several.
pub(crate) fn step_title(session: &SessionPage, step: &Step, values: &Values) -> String {
    match asked(step, values) {
        Some("forty_minutes") => format!(
            "{}-minute reading",
            session.protocol.timing.check_minutes.value
        ),
        Some(_) => "Last blood pressure".to_owned(),
        None if step.name == "device" => device_title(session),
        None => step.title.to_owned(),
    }
}

/// The sentence under the title.
pub(crate) fn step_lead(session: &SessionPage, step: &Step, values: &Values) -> String {
    match (asked(step, values), is_missed(session)) {
        (Some("forty_minutes"), true) => {
            "The time for this reading has passed: say why there is none.".to_owned()
        }
        (Some(_), _) => "Enter it, or say why there is none.".to_owned(),
        (None, _) if step.name == "arrival" => arrival_lead(session, step),
        (None, _) => step.lead.to_owned(),
    }
}

/// A patient who comes on another day than the planned one may be somebody else.
fn arrival_lead(session: &SessionPage, step: &Step) -> String {
    let today = session.zone.to_datetime(session.now).date();
    if session.day == today {
        return step.lead.to_owned();
    }
    format!(
        "This session is planned for {}, and today is {}. {}",
        day_words(session.day),
        day_words(today),
        step.lead
    )
}

/// The title of the device's form: which device it is, and the dose so far.
pub(super) fn device_title(page: &SessionPage) -> String {
    let dose = page.session.dose(&page.protocol);
    let (given_mg, intended_mg) = (dose.given_mg, dose.intended_mg);
    let number = dose.devices.saturating_add(1);
    if given_mg >= intended_mg {
        format!("Device · {given_mg} of {intended_mg} mg given")
    } else if number > dose.devices_intended {
        format!("Device {number} · {given_mg} of {intended_mg} mg so far")
    } else {
        format!(
            "Device {number} of {} · {given_mg} of {intended_mg} mg so far",
            dose.devices_intended
        )
    }
}
