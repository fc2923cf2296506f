//! What the programme and the clinic demand, as data: a value never stands in code.
//!
//! The data file mirrors these structs field by field; enums stand there in snake_case.

use super::reading::VitalKind;

/// A value with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from: "official: …", "maker: …", "field: …", or "clinic: …" for the clinic's own choice.
    pub source: String,
}

/// A versioned protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// The version that a session keeps, such as `esketamine-2026-11`.
    pub version: String,
    /// The name for pages.
    pub name: String,
    /// Times.
    pub timing: Timing,
    /// Doses and devices.
    pub dosing: Dosing,
    /// Readings that are wanted.
    pub readings: WantedReadings,
    /// Limits before the first device.
    pub limits_before: Limits,
    /// Limits from the first device on.
    pub limits_after: Limits,
    /// What can be true of a living person; anything else is a typing error.
    pub plausible: Plausible,
    /// The pre-treatment checklist, in its order.
    pub checklist: Vec<ChecklistItem>,
    /// The clinic's scale of severity, mildest first.
    pub severities: Vec<Choice>,
    /// Symptoms of hypertensive crisis or encephalopathy.
    pub crisis_symptoms: Vec<Choice>,
    /// What makes an adverse event serious.
    pub serious_kinds: Vec<Choice>,
    /// Reports that are owed after a serious adverse event.
    pub serious_reports: Vec<Choice>,
    /// The monitoring form.
    pub form: Form,
    /// The kits that the dose comes in.
    pub kits: Vec<Kit>,
}

/// Which device a time counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountsFrom {
    /// The first spray of the first device.
    FirstDevice,
    /// The last spray of the last device.
    LastDevice,
}

/// Times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Rest between the last spray of one device and the first of the next, seconds.
    pub rest_s: Sourced<u32>,
    /// The shortest monitoring, minutes.
    pub minimum_minutes: Sourced<u32>,
    /// What the shortest monitoring counts from.
    pub minimum_counts_from: Sourced<CountsFrom>,
    /// The blood pressure at about this many minutes.
    pub check_minutes: Sourced<u32>,
    /// What those minutes count from.
    pub check_counts_from: Sourced<CountsFrom>,
    /// It is due from this minute.
    pub check_due_from_minutes: Sourced<u32>,
    /// It is overdue after this minute.
    pub check_overdue_after_minutes: Sourced<u32>,
    /// A reading counts as that one within so many minutes either way.
    pub check_counted_within_minutes: Sourced<u32>,
    /// A blood pressure counts as the last one from so many minutes before the shortest monitoring is over.
    pub last_pressure_before_minimum_minutes: Sourced<u32>,
    /// And when discharge is later: at most so many minutes before it.
    pub last_pressure_before_discharge_minutes: Sourced<u32>,
    /// An entry that is received later than this after it happened stands out, minutes.
    pub late_entry_minutes: Sourced<u32>,
}

/// Doses and devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dosing {
    /// Milligrams in one spray.
    pub spray_mg: Sourced<u32>,
    /// Sprays in one device.
    pub sprays_per_device: Sourced<u8>,
    /// Green dots on an unused device.
    pub dots_unused: Sourced<u8>,
    /// The doses that can be planned.
    pub doses: Vec<DoseDevices>,
    /// The dose of a first treatment in TRD; above it the prescriber decides.
    pub first_treatment_trd_mg: Sourced<u32>,
}

/// A dose and its number of devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoseDevices {
    /// Milligrams.
    pub dose_mg: u32,
    /// Devices.
    pub devices: u32,
    /// Where it comes from.
    pub source: String,
}

/// Readings that are wanted, besides the pressures at about 40 minutes and before the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedReadings {
    /// Dosing is not cleared without these, or the prescriber's decision.
    pub before_dosing: Sourced<Vec<VitalKind>>,
    /// It stands out when one of these was never measured in a session with a device.
    pub every_session: Sourced<Vec<VitalKind>>,
}

/// Limits for readings. A value on the limit is inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// mmHg; above is outside.
    pub systolic_max: Sourced<i32>,
    /// mmHg; above is outside.
    pub diastolic_max: Sourced<i32>,
    /// Per cent; below is outside.
    pub spo2_min: Sourced<i32>,
    /// Per cent; below is critical.
    pub spo2_critical: Sourced<i32>,
    /// Breaths a minute; below is outside.
    pub respiration_min: Sourced<i32>,
    /// MOAA/S; below is outside.
    pub moaas_min: Sourced<i32>,
}

/// The lowest and the highest value, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Lowest.
    pub low: i32,
    /// Highest.
    pub high: i32,
}

/// Ranges of plausible values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plausible {
    /// mmHg.
    pub systolic: Sourced<Range>,
    /// mmHg.
    pub diastolic: Sourced<Range>,
    /// Beats a minute.
    pub pulse: Sourced<Range>,
    /// Per cent.
    pub spo2: Sourced<Range>,
    /// Breaths a minute.
    pub respiration: Sourced<Range>,
    /// MOAA/S.
    pub moaas: Sourced<Range>,
}

/// What an unexpected answer to a checklist item does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChecklistKind {
    /// Dosing is not cleared without the expected answer.
    Required,
    /// It is shown, and the prescriber decides.
    PrescriberDecides,
    /// It is asked for the record and the form; it holds nothing up.
    Asked,
}

/// The answer that needs nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Either.
    Either,
}

/// One item of the pre-treatment checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChecklistItem {
    /// Stable id.
    pub id: String,
    /// The question, as pages show it.
    pub wording: String,
    /// What an unexpected answer does.
    pub kind: ChecklistKind,
    /// The expected answer.
    pub expected: Expected,
    /// Where it comes from.
    pub source: String,
}

/// One choice of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Stable id.
    pub id: String,
    /// Its words.
    pub wording: String,
    /// Where it comes from.
    pub source: String,
}

/// The monitoring form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The form's own version.
    pub version: String,
    /// Calendar days after the treatment date; the last of them still counts as in time.
    pub days_to_submit: Sourced<u32>,
    /// What its minutes count from.
    pub minutes_count_from: Sourced<CountsFrom>,
    /// Fax number.
    pub fax: Sourced<String>,
    /// Telephone for help.
    pub telephone: Sourced<String>,
    /// Its fields, in order.
    pub fields: Vec<FormField>,
}

/// Whether the form can go without a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Necessity {
    /// Starred on the form.
    Required,
    /// May stay blank; shown before it is sent.
    Optional,
}

/// What goes into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// Yes or no.
    YesNo,
    /// One of `options`.
    Choice,
    /// Whole minutes.
    Minutes,
    /// Systolic and diastolic.
    Pressure,
}

/// Where a field's answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefill {
    /// The patient's record.
    Patient,
    /// The clinic's settings.
    Setting,
    /// The person who monitored.
    Provider,
    /// This session's record.
    Session,
    /// Shown from the last session, and asked again.
    AskedAgain,
    /// Nowhere: asked.
    Asked,
}

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Stable id.
    pub id: String,
    /// The part of the form.
    pub section: String,
    /// The label.
    pub wording: String,
    /// What goes in.
    pub kind: FieldKind,
    /// Starred or not.
    pub necessity: Necessity,
    /// Where the answer comes from.
    pub prefill: Prefill,
    /// The options of a choice, else empty.
    pub options: Vec<String>,
    /// Where it comes from.
    pub source: String,
}

/// A kit of devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// National Drug Code.
    pub ndc: String,
    /// Milligrams in the kit.
    pub dose_mg: u32,
    /// Devices in the kit.
    pub devices: u32,
    /// Controlled-substance schedule.
    pub schedule: String,
    /// Where it comes from.
    pub source: String,
}

impl Protocol {
    /// The checklist item with this id.
    #[must_use]
    pub fn checklist_item(&self, id: &str) -> Option<&ChecklistItem> {
        self.checklist.iter().find(|item| item.id == id)
    }

    /// The number of devices of a dose that can be planned.
    #[must_use]
    pub fn devices_for(&self, dose_mg: u32) -> Option<u32> {
        self.dosing
            .doses
            .iter()
            .find(|dose| dose.dose_mg == dose_mg)
            .map(|dose| dose.devices)
    }
}
