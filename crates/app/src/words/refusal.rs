//! A refusal, as a page shows it: one sentence, what lacks, which field, what is offered.

use domain::treatment::{
    Concern, Event, Field, Phase, ReadinessPart, Refusal, Step, Unknown, VitalKind,
};

use super::{
    Say, concern_words, episode_words, lack_words, list_words, mark_words, occasion_words,
    phase_words, readiness_words, vital_words,
};

/// The words of a refusal.
pub struct RefusalWords {
    /// What is refused and why.
    pub sentence: String,
    /// What lacks, an instruction each.
    pub missing: Vec<String>,
    /// The fields to look at, by their names in the form, with what is wrong there.
    pub places: Vec<(&'static str, String)>,
    /// Events to correct first: their `seq` and the words of the link.
    pub correct: Vec<(u32, String)>,
}

impl RefusalWords {
    fn only(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            missing: Vec::new(),
            places: Vec::new(),
            correct: Vec::new(),
        }
    }

    fn at(sentence: impl Into<String>, fields: &[Field]) -> Self {
        let sentence = sentence.into();
        let places = fields
            .iter()
            .map(|field| (field_name(*field), sentence.clone()))
            .collect();
        Self {
            sentence,
            missing: Vec::new(),
            places,
            correct: Vec::new(),
        }
    }

    fn correcting(mut self, seq: u32, words: impl Into<String>) -> Self {
        self.correct.push((seq, words.into()));
        self
    }
}

/// The words of a refusal.
pub fn refusal_words(say: &Say<'_>, refusal: &Refusal) -> RefusalWords {
    match refusal {
        Refusal::Locked { at } => RefusalWords::only(format!(
            "The record is locked since {}: nothing in it can be changed. Add an addendum instead.",
            say.clock(*at)
        )),
        Refusal::WrongPhase { phase } => RefusalWords::only(wrong_phase_sentence(*phase)),
        Refusal::AlreadyDone { seq } => {
            RefusalWords::only(format!("This is already recorded: {}.", say.event_name(*seq))).correcting(*seq, "Correct that entry")
        }
        Refusal::AfterDevice { .. } => RefusalWords::only(
            "A device has been given, so the session cannot be called off: stop dosing, then watch the patient until discharge.",
        ),
        Refusal::Lacks { step, lacks } => RefusalWords {
            sentence: lacks_sentence(*step).to_owned(),
            missing: lacks.iter().map(|lack| lack_words(say, lack)).collect(),
            places: Vec::new(),
            correct: Vec::new(),
        },
        Refusal::ReasonNeeded { marks } => RefusalWords {
            sentence: "This can be recorded, and it will stand out. Please say why it happened.".to_owned(),
            missing: marks.iter().map(|mark| mark_words(say, mark)).collect(),
            places: vec![("already_reason", "Please say why it happened.".to_owned())],
            correct: Vec::new(),
        },
        Refusal::Impossible { field: Field::Diastolic, high, .. } if *high < i64::from(say.protocol.plausible.diastolic.value.high) => {
            RefusalWords::at("The diastolic pressure has to be below the systolic. Please check both numbers.", &[Field::Diastolic])
        }
        Refusal::Impossible { field, given, low, high } => RefusalWords::at(
            format!("{} cannot be {given}: possible is {low} to {high}. Please check the number.", field_words(*field)),
            &[*field],
        ),
        Refusal::Incomplete { fields } => incomplete(fields),
        Refusal::TooLong { field, limit } => {
            RefusalWords::at(format!("{} is too long: at most {limit}.", field_words(*field)), &[*field])
        }
        Refusal::Contradiction { field, seq } => contradiction(say, *field, *seq),
        Refusal::Unknown(unknown) => RefusalWords::only(unknown_sentence(say, unknown)),
        Refusal::InFuture { happened_at, now } => RefusalWords {
            places: vec![("when", "This time is still to come.".to_owned())],
            ..RefusalWords::only(format!(
                "{} is still to come: it is {} now. Record it when it has happened.",
                say.clock_exact(*happened_at),
                say.clock_exact(*now)
            ))
        },
        Refusal::BeforeArrival { happened_at, arrived_at, arrival } => RefusalWords {
            places: vec![("when", "This time is before the arrival.".to_owned())],
            ..RefusalWords::only(format!(
                "{} is before the patient’s arrival at {}. If the patient came earlier, correct the arrival first.",
                say.clock_exact(*happened_at),
                say.clock_exact(*arrived_at)
            ))
            .correcting(*arrival, "Correct the arrival")
        },
        Refusal::OutOfOrder { happened_at, not_before, after } => out_of_order(say, *happened_at, *not_before, *after),
        Refusal::EpisodeOpen { episode, kind } if is_resolved(say, *episode) => RefusalWords::only(format!(
            "{} was followed at that time already: {}. Correct that onset, or give the time at which another one began.",
            capital(episode_words(*kind)),
            say.event_name(*episode)
        ))
        .correcting(*episode, "Correct that onset"),
        Refusal::EpisodeOpen { episode, kind } => RefusalWords::only(format!(
            "{} is already followed: {}. Record its resolution first.",
            capital(episode_words(*kind)),
            say.event_name(*episode)
        )),
        Refusal::EpisodesOverlap { episode, kind } => RefusalWords::only(format!(
            "This {} would run on into the next one: {}. If it was one and the same, correct that onset; else give the time \
             at which this one had passed.",
            episode_words(*kind),
            say.event_name(*episode)
        ))
        .correcting(*episode, "Correct that onset"),
        Refusal::MeasuredAndAbsent { kind, occasion } => RefusalWords::only(format!(
            "This form gives the {} {}, and also says that it was not measured. Keep one of the two.",
            vital_words(*kind),
            occasion_words(*occasion)
        )),
        Refusal::ReadingContradicts { part, kind, seq } => reading_contradicts(say, *part, *kind, *seq),
        Refusal::NotCorrectable { seq } => {
            RefusalWords::only(format!("{} cannot be corrected in this way.", capital(&say.event_name(*seq))))
        }
        Refusal::PrescribersAlone { .. } => RefusalWords::only("Only a prescriber can correct a prescriber’s decision."),
        Refusal::OwnNameNeeded { .. } => RefusalWords {
            places: vec![("taken_by", "Please choose yourself: this decision is yours.".to_owned())],
            ..RefusalWords::only(
                "A corrected decision is that of the prescriber who enters it: please choose yourself as the one who decided.",
            )
        },
        Refusal::CorrectionBreaks { seq, why } => {
            let inner = refusal_words(say, why);
            let broken = if let Refusal::BeforeArrival { happened_at, .. } = &**why {
                format!("{} would be before the arrival.", say.clock_exact(*happened_at))
            } else if matches!(&**why, Refusal::Unknown(Unknown::Episode(_))) {
                "it says that this onset resolved.".to_owned()
            } else {
                inner.sentence
            };
            RefusalWords {
                sentence: format!(
                    "With this correction {} could not stand: {broken} Correct that one first.",
                    say.event_name(*seq)
                ),
                missing: inner.missing,
                places: Vec::new(),
                correct: vec![(*seq, "Correct that entry".to_owned())],
            }
        }
        Refusal::Full { limit } => {
            RefusalWords::only(format!("This session holds {limit} entries, the most that it can. Please write on paper and call support."))
        }
    }
}

/// The words of a refusal of this step's form: two times within one form are called by their names.
pub fn refusal_words_of(say: &Say<'_>, step: &str, refusal: &Refusal) -> RefusalWords {
    let Refusal::OutOfOrder {
        happened_at,
        not_before,
        after: None,
    } = refusal
    else {
        return refusal_words(say, refusal);
    };
    let (later, earlier) = (say.clock_exact(*not_before), say.clock_exact(*happened_at));
    let (field, sentence) = match step {
        "device" => (
            Field::FirstSprayAt,
            format!(
                "The first spray at {later} would come after the last spray at {earlier}. Please check both times."
            ),
        ),
        "departure" => (
            Field::LastSeenAt,
            format!(
                "Last seen at {later} would come after found gone at {earlier}. Please check both times."
            ),
        ),
        _ => return refusal_words(say, refusal),
    };
    RefusalWords::at(sentence, &[field, Field::LastSprayAt])
}

fn reading_contradicts(
    say: &Say<'_>,
    part: ReadinessPart,
    kind: VitalKind,
    seq: u32,
) -> RefusalWords {
    let (field, next) = match part {
        ReadinessPart::Alert => ("alert", "Look again and record it, or answer no."),
        ReadinessPart::NoDissociation => {
            ("no_dissociation", "Look again and record it, or answer no.")
        }
        ReadinessPart::BreathingInRange => (
            "breathing_in_range",
            "Measure again and record it, or answer no.",
        ),
        ReadinessPart::PressureSafe => (
            "pressure_safe",
            "Measure again and record it, ask for the prescriber’s decision, or answer no.",
        ),
    };
    let reading = concern_words(say, &Concern::Reading { seq, kind });
    let sentence = format!(
        "“{}” cannot be yes beside {reading}. {next}",
        capital(readiness_words(part))
    );
    RefusalWords {
        places: vec![(field, sentence.clone())],
        ..RefusalWords::only(sentence)
    }
    .correcting(seq, "Correct that entry")
}

fn wrong_phase_sentence(phase: Phase) -> String {
    match phase {
        Phase::Empty => "This session is not planned yet.".to_owned(),
        Phase::Planned => {
            "The patient is not recorded as arrived yet. Record the arrival first.".to_owned()
        }
        Phase::Arrived => {
            "This does not belong here yet: the patient has arrived and is not cleared for dosing."
                .to_owned()
        }
        Phase::Cleared => {
            "This does not belong here yet: the patient is cleared, and no device was given."
                .to_owned()
        }
        Phase::Dosing => "This does not belong here: dosing is under way.".to_owned(),
        Phase::Monitoring => {
            "This does not belong here: dosing is over, and the patient is being monitored."
                .to_owned()
        }
        Phase::Discharged
        | Phase::LeftAgainstAdvice
        | Phase::EmergencyCare
        | Phase::Delayed
        | Phase::Cancelled
        | Phase::NoShow => format!(
            "The session has ended: {}.",
            phase_words(phase).to_lowercase()
        ),
    }
}

fn lacks_sentence(step: Step) -> &'static str {
    match step {
        Step::Record => "This cannot be recorded yet.",
        Step::Plan => "The treatment cannot be planned yet.",
        Step::Clear => "The patient cannot be cleared for dosing yet.",
        Step::Device => "This device cannot be given now.",
        Step::Discharge => "The patient cannot be discharged yet.",
    }
}

fn incomplete(fields: &[Field]) -> RefusalWords {
    let places: Vec<_> = fields
        .iter()
        .map(|field| (field_name(*field), incomplete_words(*field)))
        .collect();
    let sentence = match places.as_slice() {
        [(_, only)] => only.clone(),
        _ => "Some answers are missing.".to_owned(),
    };
    let missing = if places.len() > 1 {
        places.iter().map(|(_, words)| words.clone()).collect()
    } else {
        Vec::new()
    };
    RefusalWords {
        sentence,
        missing,
        places,
        correct: Vec::new(),
    }
}

fn incomplete_words(field: Field) -> String {
    match field {
        Field::AnyReading => "Enter at least one value, or why there is none.".to_owned(),
        Field::Answers => "Answer at least one item.".to_owned(),
        Field::About => "Choose what the decision is about.".to_owned(),
        Field::Kinds | Field::Symptoms => "Choose at least one.".to_owned(),
        Field::Reason => "Please give the reason.".to_owned(),
        Field::PlanChange => "Change at least one of dose, prescriber or room.".to_owned(),
        Field::Systolic
        | Field::Diastolic
        | Field::Pulse
        | Field::Spo2
        | Field::Respiration
        | Field::Moaas
        | Field::DotsBefore
        | Field::DotsAfter
        | Field::Sprays
        | Field::Outcome
        | Field::FirstSprayAt
        | Field::LastSprayAt
        | Field::Lot
        | Field::Disposal
        | Field::DoseMg
        | Field::Occasion
        | Field::Report
        | Field::Room
        | Field::Note
        | Field::Drug
        | Field::MedicineDose
        | Field::Route
        | Field::Order
        | Field::Description
        | Field::Escort
        | Field::Destination
        | Field::LastSeenAt
        | Field::Text
        | Field::Replacement => format!("{} is missing: please fill it in.", field_words(field)),
    }
}

fn contradiction(say: &Say<'_>, field: Field, seq: Option<u32>) -> RefusalWords {
    match (field, seq) {
        (_, Some(seq)) => RefusalWords::at(
            format!(
                "{} contradicts {}. Please check both.",
                field_words(field),
                say.event_name(seq)
            ),
            &[field],
        )
        .correcting(seq, "Correct that entry"),
        (Field::Diastolic | Field::Systolic, None) => RefusalWords::at(
            "The diastolic pressure has to be below the systolic. Please check both numbers.",
            &[field],
        ),
        (Field::Outcome | Field::Sprays, None) => RefusalWords::at(
            "The sprays delivered do not fit how the device’s use ended. Please check both.",
            &[field],
        ),
        (_, None) => RefusalWords::at(
            format!(
                "{} contradicts another answer here. Please check both.",
                field_words(field)
            ),
            &[field],
        ),
    }
}

fn unknown_sentence(say: &Say<'_>, unknown: &Unknown) -> String {
    match unknown {
        Unknown::ChecklistItem(_) => {
            "The checklist has changed: open the page again and answer once more.".to_owned()
        }
        Unknown::Severity(_) => {
            "This severity is not on the clinic’s scale: choose another.".to_owned()
        }
        Unknown::Symptom(_) => {
            "This symptom is not on the list: choose another, or write a note.".to_owned()
        }
        Unknown::SeriousKind(_) => {
            "This kind of serious adverse event is not on the list: choose another.".to_owned()
        }
        Unknown::Report(_) => "No such report is owed.".to_owned(),
        Unknown::Event(_) => "There is no such entry in this session.".to_owned(),
        Unknown::Episode(_) => {
            "There is no such onset in this session: choose one of the open ones.".to_owned()
        }
        Unknown::DoseMg(dose) => format!(
            "{dose} mg is no dose that can be planned: {}.",
            doses_words(say)
        ),
        Unknown::Concern(concern) => format!(
            "Nothing asks for a decision about {}.",
            concern_words(say, concern)
        ),
    }
}

/// Whether an onset has its resolution.
fn is_resolved(say: &Say<'_>, episode: u32) -> bool {
    say.effective.iter().any(|recorded| {
        matches!(&recorded.event, Event::EpisodeResolved(resolution) if resolution.episode == episode)
    })
}

fn doses_words(say: &Say<'_>) -> String {
    let doses: Vec<String> = say
        .protocol
        .dosing
        .doses
        .iter()
        .map(|dose| format!("{} mg", dose.dose_mg))
        .collect();
    format!("possible are {}", list_words(&doses))
}

fn out_of_order(
    say: &Say<'_>,
    happened_at: jiff::Timestamp,
    not_before: jiff::Timestamp,
    after: Option<u32>,
) -> RefusalWords {
    let (given, earliest) = (say.clock_exact(happened_at), say.clock_exact(not_before));
    let Some(seq) = after else {
        // Two times of one form; the form that knows them calls them by their names.
        let sentence = format!(
            "{given} and {earliest} are in the wrong order: {earliest} has to come first. Please check both times."
        );
        return RefusalWords::at(sentence, &[Field::LastSprayAt]);
    };
    let sentence = format!(
        "{given} is too early: it comes after {}, so {earliest} at the earliest.",
        say.event_name(seq)
    );
    RefusalWords {
        places: vec![("when", format!("{earliest} at the earliest."))],
        ..RefusalWords::only(sentence)
    }
    .correcting(seq, "Correct that entry")
}

/// The name of a field in our forms.
pub fn field_name(field: Field) -> &'static str {
    match field {
        Field::Systolic | Field::AnyReading => "systolic",
        Field::Diastolic => "diastolic",
        Field::Pulse => "pulse",
        Field::Spo2 => "spo2",
        Field::Respiration => "respiration",
        Field::Moaas => "moaas",
        Field::DotsBefore => "dots_before",
        Field::DotsAfter => "dots_after",
        Field::Sprays => "sprays",
        Field::Outcome => "outcome",
        Field::FirstSprayAt => "first_spray",
        Field::LastSprayAt | Field::Replacement => "when",
        Field::Lot => "lot",
        Field::Disposal => "disposal",
        Field::DoseMg | Field::PlanChange => "dose_mg",
        Field::Room => "room",
        Field::Reason => "reason",
        Field::Note => "note",
        Field::Answers => "answers",
        Field::About => "about",
        Field::Kinds => "kinds",
        Field::Symptoms => "symptoms",
        Field::Drug => "drug",
        Field::MedicineDose => "dose",
        Field::Route => "route",
        Field::Order => "other_order",
        Field::Description => "description",
        Field::Escort => "escort",
        Field::Destination => "destination",
        Field::LastSeenAt => "last_seen",
        Field::Text => "text",
        Field::Occasion => "occasion",
        Field::Report => "report",
    }
}

/// A field at the start of a sentence.
fn field_words(field: Field) -> &'static str {
    match field {
        Field::Systolic => "Systolic pressure",
        Field::Diastolic => "Diastolic pressure",
        Field::Pulse => "Pulse",
        Field::Spo2 => "SpO₂",
        Field::Respiration => "Respiration",
        Field::Moaas => "MOAA/S",
        Field::AnyReading => "A reading",
        Field::DotsBefore => "The number of green dots before use",
        Field::DotsAfter => "The number of green dots after use",
        Field::Sprays => "The number of sprays",
        Field::Outcome => "How the device’s use ended",
        Field::FirstSprayAt => "The time of the first spray",
        Field::LastSprayAt => "The time of the last spray",
        Field::Lot => "The lot number",
        Field::Disposal => "The disposal",
        Field::DoseMg => "The dose",
        Field::Room => "The room",
        Field::Reason => "The reason",
        Field::Note => "The note",
        Field::Answers => "The checklist",
        Field::About => "What the decision is about",
        Field::Kinds => "The choice",
        Field::Symptoms => "The list of symptoms",
        Field::Drug => "The medicine’s name",
        Field::MedicineDose => "The medicine’s dose",
        Field::Route => "The medicine’s route",
        Field::Order => "The order",
        Field::Description => "The description",
        Field::Escort => "The escort",
        Field::Destination => "The destination",
        Field::LastSeenAt => "The time when the patient was last seen",
        Field::Text => "The text",
        Field::Occasion => "What the reading was for",
        Field::Report => "The report",
        Field::PlanChange => "The change of the plan",
        Field::Replacement => "The corrected entry",
    }
}

/// The first letter of a phrase as a capital.
pub fn capital(phrase: &str) -> String {
    let mut letters = phrase.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
