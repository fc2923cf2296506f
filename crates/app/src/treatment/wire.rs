//! Events as JSON: the form in which they are sealed, committed to, exported and verified.
//!
//! This form cannot be changed later. Enums and tags are snake_case words, times are RFC 3339 in whole seconds of UTC,
//! ids are hyphenated UUIDs, dates `YYYY-MM-DD`; there are no floats. Every field is always there; what is absent is
//! `null`. An event is `{"kind": "vitals_recorded", …}` with its fields beside the kind.
//!
//! Reading is strict: a missing or an unknown field, or a value in another form than the one that is written here, is an
//! error. Only beside the event, among the fields of the record, others may stand.
//! Invariant: an error names a place, never a value.

use domain::treatment as day;
use domain::treatment::{PatientId, PersonId, Recorded, SessionId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};
use uuid::Uuid;

mod json;

pub use json::Json;

/// Why a body is not an event.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{problem} at {}", shown(.place))]
pub struct WireError {
    /// Where, such as `event.absent.0.reason`.
    place: String,
    problem: &'static str,
}

fn shown(place: &str) -> &str {
    if place.is_empty() { "the top" } else { place }
}

impl WireError {
    fn new(problem: &'static str) -> Self {
        Self {
            place: String::new(),
            problem,
        }
    }

    fn within(mut self, place: &str) -> Self {
        if !self.place.is_empty() {
            self.place.insert(0, '.');
        }
        self.place.insert_str(0, place);
        self
    }
}

/// Writes a recorded event.
#[must_use]
pub fn recorded_to_json(recorded: &Recorded) -> Value {
    let mut fields = Map::new();
    recorded.put(&mut fields);
    Value::Object(fields)
}

/// Reads a recorded event. Fields beside those of the record are left alone.
///
/// # Errors
/// [`WireError`] with the place that is not as it is written.
pub fn recorded_from_json(body: &Json<'_>) -> Result<Recorded, WireError> {
    Recorded::take(&mut Reader::of(body)?)
}

/// A value in its one form.
trait Wire: Sized {
    fn write(&self) -> Value;
    fn read(value: &Json<'_>) -> Result<Self, WireError>;
}

/// Values that stand as fields in an object of their own or of somebody else.
trait Fields: Sized {
    fn put(&self, fields: &mut Map<String, Value>);
    fn take(reader: &mut Reader<'_>) -> Result<Self, WireError>;
}

/// An object that is being read, with the names that were asked for.
struct Reader<'a> {
    object: &'a Json<'a>,
    read: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    fn of(value: &'a Json<'a>) -> Result<Self, WireError> {
        match value {
            Json::Object(fields) => Ok(Self {
                object: value,
                read: Vec::with_capacity(fields.len()),
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => {
                Err(WireError::new("no object"))
            }
        }
    }

    fn value(&mut self, name: &'static str) -> Result<&'a Json<'a>, WireError> {
        self.read.push(name);
        self.object
            .get(name)
            .ok_or_else(|| WireError::new("a field is missing").within(name))
    }

    fn field<T: Wire>(&mut self, name: &'static str) -> Result<T, WireError> {
        T::read(self.value(name)?).map_err(|error| error.within(name))
    }

    fn kind(&mut self) -> Result<&'a str, WireError> {
        self.value("kind")?
            .as_str()
            .ok_or_else(|| WireError::new("no text").within("kind"))
    }

    fn finish(&self) -> Result<(), WireError> {
        let Json::Object(fields) = self.object else {
            return Err(WireError::new("no object"));
        };
        let unknown = fields
            .iter()
            .any(|(name, _)| !self.read.contains(&name.as_ref()));
        if unknown {
            Err(WireError::new("an unknown field"))
        } else {
            Ok(())
        }
    }
}

/// The name of a field: its own, or the one given, where `kind` is taken by the tag.
macro_rules! name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

/// Structs, field by field. A field that is added to one does not compile until it stands here.
macro_rules! structs {
    ($($type:path { $($field:ident $(as $name:literal)?),* $(,)? })*) => {$(
        impl Fields for $type {
            fn put(&self, fields: &mut Map<String, Value>) {
                let Self { $($field),* } = self;
                $(fields.insert(name!($field $($name)?).to_owned(), $field.write());)*
            }
            fn take(reader: &mut Reader<'_>) -> Result<Self, WireError> {
                Ok(Self { $($field: reader.field(name!($field $($name)?))?),* })
            }
        }
        impl Wire for $type {
            fn write(&self) -> Value {
                let mut fields = Map::new();
                self.put(&mut fields);
                Value::Object(fields)
            }
            fn read(value: &Json<'_>) -> Result<Self, WireError> {
                let mut reader = Reader::of(value)?;
                let read = Self::take(&mut reader)?;
                reader.finish()?;
                Ok(read)
            }
        }
    )*};
}

/// Enums without fields, as words.
macro_rules! words {
    ($($type:path { $($word:literal $variant:ident),* $(,)? })*) => {$(
        impl Wire for $type {
            fn write(&self) -> Value {
                Value::from(match self { $(Self::$variant => $word),* })
            }
            fn read(value: &Json<'_>) -> Result<Self, WireError> {
                match value.as_str() {
                    $(Some($word) => Ok(Self::$variant),)*
                    Some(_) => Err(WireError::new("an unknown word")),
                    None => Err(WireError::new("no text")),
                }
            }
        }
    )*};
}

/// Enums with fields: an object with the word under `kind` and the fields beside it.
macro_rules! tagged {
    ($($type:path { $(
        $word:literal $variant:ident
            $(($inner:ident))?
            $({ $($field:ident $(as $name:literal)?),* })?
    ),* $(,)? })*) => {$(
        impl Wire for $type {
            fn write(&self) -> Value {
                let mut fields = Map::new();
                match self {$(
                    Self::$variant $(($inner))? $({ $($field),* })? => {
                        fields.insert("kind".to_owned(), Value::from($word));
                        $($inner.put(&mut fields);)?
                        $($(fields.insert(name!($field $($name)?).to_owned(), $field.write());)*)?
                    }
                )*}
                Value::Object(fields)
            }
            fn read(value: &Json<'_>) -> Result<Self, WireError> {
                let mut reader = Reader::of(value)?;
                let read = match reader.kind()? {
                    $($word => Self::$variant
                        $(({ let $inner = Fields::take(&mut reader)?; $inner }))?
                        $({ $($field: reader.field(name!($field $($name)?))?),* })?,)*
                    _ => return Err(WireError::new("an unknown word").within("kind")),
                };
                reader.finish()?;
                Ok(read)
            }
        }
    )*};
}

/// Values that stand under one name of their own, where their fields cannot lie beside the kind.
macro_rules! under {
    ($($type:ty as $name:literal),* $(,)?) => {$(
        impl Fields for $type {
            fn put(&self, fields: &mut Map<String, Value>) {
                fields.insert($name.to_owned(), self.write());
            }
            fn take(reader: &mut Reader<'_>) -> Result<Self, WireError> {
                reader.field($name)
            }
        }
    )*};
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Wire for $type {
            fn write(&self) -> Value {
                Value::from(*self)
            }
            fn read(value: &Json<'_>) -> Result<Self, WireError> {
                let number = value.as_i64().ok_or(WireError::new("no whole number"))?;
                Self::try_from(number).map_err(|_| WireError::new("a number out of range"))
            }
        }
    )*};
}

macro_rules! ids {
    ($($type:ident),*) => {$(
        impl Wire for $type {
            fn write(&self) -> Value {
                Value::from(Uuid::from_u128(self.0).to_string())
            }
            fn read(value: &Json<'_>) -> Result<Self, WireError> {
                in_one_form(value, |text| Some($type(id_parse(text)?.as_u128())), "no id")
            }
        }
    )*};
}

/// Reads a text that has to be just as this would write it: `parse` takes no other.
fn in_one_form<T: Wire>(
    value: &Json<'_>,
    parse: impl Fn(&str) -> Option<T>,
    problem: &'static str,
) -> Result<T, WireError> {
    let text = value.as_str().ok_or(WireError::new("no text"))?;
    parse(text).ok_or(WireError::new(problem))
}

/// Whether a text has this form, in which `0` stands for a digit.
fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(own, wanted)| match wanted {
                b'0' => own.is_ascii_digit(),
                sign => own == sign,
            })
}

/// A leap second would be read as the second before it.
fn time_parse(text: &str) -> Option<Timestamp> {
    let is_plain = has_form(text, "0000-00-00T00:00:00Z") && !text.ends_with(":60Z");
    is_plain.then(|| text.parse().ok())?
}

fn date_parse(text: &str) -> Option<Date> {
    has_form(text, "0000-00-00").then(|| text.parse().ok())?
}

fn id_parse(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    let mut written = Uuid::encode_buffer();
    (id.hyphenated().encode_lower(&mut written) == text).then_some(id)
}

numbers!(u8, u32, i32);
ids!(PersonId, PatientId, SessionId);

impl Wire for Timestamp {
    fn write(&self) -> Value {
        Value::from(self.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
    fn read(value: &Json<'_>) -> Result<Self, WireError> {
        in_one_form(value, time_parse, "no time in whole seconds of UTC")
    }
}

impl Wire for Date {
    fn write(&self) -> Value {
        Value::from(self.strftime("%Y-%m-%d").to_string())
    }
    fn read(value: &Json<'_>) -> Result<Self, WireError> {
        in_one_form(value, date_parse, "no date")
    }
}

impl Wire for String {
    fn write(&self) -> Value {
        Value::from(self.as_str())
    }
    fn read(value: &Json<'_>) -> Result<Self, WireError> {
        Ok(value.as_str().ok_or(WireError::new("no text"))?.to_owned())
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Wire::write)
    }
    fn read(value: &Json<'_>) -> Result<Self, WireError> {
        if *value == Json::Null {
            Ok(None)
        } else {
            T::read(value).map(Some)
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self) -> Value {
        self.iter().map(Wire::write).collect()
    }
    fn read(value: &Json<'_>) -> Result<Self, WireError> {
        let items = value.as_list().ok_or(WireError::new("no list"))?;
        let read = |(place, item): (usize, &Json<'_>)| {
            T::read(item).map_err(|error| error.within(&place.to_string()))
        };
        items.iter().enumerate().map(read).collect()
    }
}

impl<T: Fields> Fields for Box<T> {
    fn put(&self, fields: &mut Map<String, Value>) {
        self.as_ref().put(fields);
    }
    fn take(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        T::take(reader).map(Self::new)
    }
}

/// Both ways of leaving keep the details under one name.
impl Wire for day::LeftAgainstAdvice {
    fn write(&self) -> Value {
        let mut fields = Map::new();
        let (kind, details) = match self {
            Self::Left(details) => ("left", details),
            Self::FoundGone {
                last_seen_at,
                details,
            } => {
                fields.insert("last_seen_at".to_owned(), last_seen_at.write());
                ("found_gone", details)
            }
        };
        fields.insert("kind".to_owned(), Value::from(kind));
        fields.insert("details".to_owned(), details.write());
        Value::Object(fields)
    }
    fn read(value: &Json<'_>) -> Result<Self, WireError> {
        let mut reader = Reader::of(value)?;
        let read = match reader.kind()? {
            "left" => Self::Left(reader.field("details")?),
            "found_gone" => Self::FoundGone {
                last_seen_at: reader.field("last_seen_at")?,
                details: reader.field("details")?,
            },
            _ => return Err(WireError::new("an unknown word").within("kind")),
        };
        reader.finish()?;
        Ok(read)
    }
}

structs! {
    Recorded { seq, happened_at, received_at, taken_by, entered_by, event }
    day::Planned { plan, protocol, spray_mg }
    day::Plan {
        patient, indication, dose_mg, prescriber, monitor, room, first_treatment, enrolment, follows,
    }
    day::PlanChange { dose_mg, prescriber, room, reason }
    day::ChecklistAnswer { item, answer, note }
    day::Decision { about, choice, reason }
    day::Clearing { basis, prescriber_on_site }
    day::Vitals { pressure, pulse, spo2, respiration, moaas, absent }
    day::Pressure { systolic, diastolic }
    day::Absence { kind, why, reason, occasion }
    day::DeviceUse {
        basis, lot, expires, given_on, dots_before, dots_after, sprays, first_spray_at, last_spray_at, outcome,
    }
    day::Disposal { how, witness }
    day::Episode { kind as "episode", severity, note }
    day::EpisodeResolution { episode as "onset", worst_severity }
    day::CrisisSymptoms { symptoms, note }
    day::MedicineGiven { drug, dose, route, order }
    day::AdverseEvent { description, seriousness }
    day::SeriousAnswer { about, seriousness }
    day::Readiness { alert, no_dissociation, breathing_in_range, pressure_safe }
    day::Discharge { basis, escort, instructions_given, clinically_stable }
    day::DepartureDetails { prescriber_told, last_vitals, orientation, escort, signature }
    day::EmergencyTransfer { reason, destination, seriousness }
    day::Addendum { text, departure }
    day::Correction { corrects, reason, change }
    day::Replacement { happened_at, taken_by, event }
}

words! {
    day::YesNo { "yes" Yes, "no" No }
    day::Indication { "treatment_resistant" TreatmentResistant, "acute_suicidality" AcuteSuicidality }
    day::FirstTreatment { "first" First, "later" Later }
    day::Enrolment { "confirmed" Confirmed, "not_confirmed" NotConfirmed }
    day::Answer { "yes" Yes, "no" No, "not_asked" NotAsked }
    day::DecisionChoice { "proceed" Proceed, "wait" Wait, "delay" Delay }
    day::VitalKind {
        "blood_pressure" BloodPressure, "pulse" Pulse, "spo2" Spo2, "respiration" Respiration, "moaas" Moaas,
    }
    day::AbsenceKind { "not_obtained" NotObtained, "declined" Declined }
    day::Occasion {
        "before_dosing" BeforeDosing, "forty_minutes" FortyMinutes, "before_discharge" BeforeDischarge, "other" Other,
    }
    day::EpisodeKind {
        "sedation" Sedation, "dissociation" Dissociation, "respiratory_depression" RespiratoryDepression,
    }
    day::LastVitals { "taken" Taken, "declined" Declined, "not_obtained" NotObtained }
    day::Orientation { "oriented" Oriented, "not_oriented" NotOriented, "not_assessed" NotAssessed }
    day::Signature { "signed" Signed, "refused" Refused, "not_asked" NotAsked }
}

under! {
    Vec<day::ChecklistAnswer> as "answers",
    day::LeftAgainstAdvice as "departure",
    u32 as "seq",
}

tagged! {
    day::Basis { "now" Now, "already" Already { reason } }
    day::DeviceOutcome { "complete" Complete, "partly_used" PartlyUsed(disposal), "failed" Failed(disposal) }
    day::MedicineOrder { "prescriber" Prescriber { person }, "other" Other { words } }
    day::Concern {
        "reading" Reading { seq, kind as "vital" },
        "not_measured" NotMeasured { seq, kind as "vital" },
        "checklist" Checklist { item },
        "crisis_symptoms" CrisisSymptoms { seq },
        "first_treatment_dose" FirstTreatmentDose,
        "no_prescriber_on_site" NoPrescriberOnSite,
    }
    day::Seriousness { "serious" Serious { kinds }, "not_serious" NotSerious, "not_yet_answered" NotYetAnswered }
    day::SeriousSubject { "adverse_event" AdverseEvent(seq), "emergency_care" EmergencyCare }
    day::Change { "strike" Strike, "replace" Replace(replacement) }
    day::Event {
        "planned" Planned(planned),
        "plan_changed" PlanChanged(change),
        "arrived" Arrived,
        "checklist_answered" ChecklistAnswered(answers),
        "vitals_recorded" VitalsRecorded(vitals),
        "decision_recorded" DecisionRecorded(decision),
        "cleared" Cleared(clearing),
        "device_given" DeviceGiven(device),
        "dosing_stopped" DosingStopped { reason },
        "episode_opened" EpisodeOpened(episode),
        "episode_resolved" EpisodeResolved(resolution),
        "none_observed" NoneObserved { kinds },
        "vomiting_recorded" VomitingRecorded { note },
        "crisis_symptoms_recorded" CrisisSymptomsRecorded(symptoms),
        "medicine_given" MedicineGiven(medicine),
        "adverse_event_recorded" AdverseEventRecorded(adverse),
        "emergency_called" EmergencyCalled { note },
        "emergency_arrived" EmergencyArrived { note },
        "handed_over" HandedOver { to },
        "readiness_judged" ReadinessJudged(readiness),
        "discharged" Discharged(discharge),
        "left_against_advice" LeftAgainstAdvice(departure),
        "sent_to_emergency_care" SentToEmergencyCare(transfer),
        "delayed" Delayed { reason },
        "cancelled" Cancelled { reason },
        "no_show" NoShow { note },
        "corrected" Corrected(correction),
        "addendum_added" AddendumAdded(addendum),
        "serious_answered" SeriousAnswered(answer),
        "report_ticked" ReportTicked { report },
    }
}

#[cfg(test)]
mod tests;
