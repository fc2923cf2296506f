//! What is due next, and what a page offers after a value beyond the limits.

use domain::treatment::{DueWhat, Event, Offer, VitalKind};

use super::{Say, episode_words, vital_words};

/// What is due: its words, and the step that does it.
pub struct DueWords {
    /// What is due.
    pub what: String,
    /// Name of the step in the pages' catalogue.
    pub step: &'static str,
    /// The words of the button.
    pub action: &'static str,
    /// One quiet sentence more, or empty.
    pub explain: &'static str,
}

/// The words of something due.
pub fn due_words(say: &Say<'_>, what: DueWhat) -> DueWords {
    let (what, step, action, explain): (String, _, _, _) = match what {
        DueWhat::ReadingBeforeDosing(VitalKind::BloodPressure) => (
            "Blood pressure before dosing".to_owned(),
            "vitals",
            "Record vitals",
            "",
        ),
        DueWhat::ReadingBeforeDosing(kind) => (
            format!("{} before dosing", super::capital(vital_words(kind))),
            "vitals",
            "Record vitals",
            "",
        ),
        DueWhat::NextDevice => (
            "Next device".to_owned(),
            "device",
            "Record the device",
            "After the rest since the last spray.",
        ),
        DueWhat::FortyMinutePressure => (
            "Blood pressure at 40 minutes".to_owned(),
            "vitals",
            "Record vitals",
            "",
        ),
        DueWhat::FortyMinuteReason => (
            "Say why there is no blood pressure at 40 minutes".to_owned(),
            "vitals",
            "Say why",
            "The time for this reading has passed. Record it as not obtained or declined, with the reason.",
        ),
        DueWhat::EpisodeResolution(seq) => {
            let kind = match say.event(seq).map(|recorded| &recorded.event) {
                Some(Event::EpisodeOpened(episode)) => episode_words(episode.kind),
                Some(_) | None => "episode",
            };
            (
                format!("Resolution of the {kind}"),
                "episode-resolution",
                "Record the resolution",
                "",
            )
        }
        DueWhat::LastPressure => (
            "Last blood pressure".to_owned(),
            "vitals",
            "Record vitals",
            "Taken at this time or later, it counts as the last one before the end of monitoring.",
        ),
        DueWhat::ReadinessJudgement => (
            "Is the patient ready to leave?".to_owned(),
            "readiness",
            "Judge readiness",
            "",
        ),
        DueWhat::Discharge => ("Discharge".to_owned(), "discharge", "Discharge", ""),
    };
    DueWords {
        what,
        step,
        action,
        explain,
    }
}

/// What a page offers: the sentence and the kind of episode to open.
pub fn offer_words(say: &Say<'_>, offer: Offer) -> String {
    match offer {
        Offer::OpenEpisode {
            kind,
            reading,
            critical,
        } => {
            let limit = if critical {
                "the critical limit"
            } else {
                "the limit"
            };
            format!(
                "{} is beyond {limit}. Is this {}?",
                super::capital(&say.event_name(reading)),
                episode_words(kind)
            )
        }
    }
}
