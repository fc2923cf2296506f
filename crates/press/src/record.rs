//! What stands in a printed session record: the whole input of [`crate::record_pdf`].
//!
//! Every value is already in the words and the form in which it is to be read (times in the clinic's time zone,
//! units beside the numbers). Only the blood-pressure plot takes numbers. An empty string prints as a dash, an empty
//! list as "none recorded": nothing is ever filled in here.
//!
//! Invariant: no domain type, no clock, no time zone arithmetic. None of these types has `Debug` or `Clone`: they
//! hold patient data.

use serde::Serialize;

/// One treatment session as it is to be printed.
#[derive(Serialize)]
pub struct RecordPrint {
    /// A demo's record: "DEMO: made-up patient" then stands on each page.
    pub demo: bool,
    /// When this print was made. Not the clock's: handed in, so that the same record gives the same bytes.
    pub generated: GeneratedPrint,
    /// What names this record for good (the session's id). Its hash becomes the PDF's document id.
    pub reference: String,
    /// The clinic whose record it is.
    pub clinic: ClinicPrint,
    /// The patient.
    pub patient: PatientPrint,
    /// The session at a glance.
    pub session: SessionPrint,
    /// Arrived, first device, last device, 40-minute reading, ready, discharged, total minutes. About seven fit a row.
    pub key_times: Vec<KeyTimePrint>,
    /// What stands out or broke the protocol, with its reason.
    pub marks: Vec<MarkPrint>,
    /// Each nasal spray device, also failed and partly used ones.
    pub devices: Vec<DevicePrint>,
    /// The sum beneath the devices, such as "84 mg in 3 devices (NDC 50458-028-03)". Empty: no line.
    pub devices_total: String,
    /// Pre-treatment checklist.
    pub checklist: Vec<ChecklistPrint>,
    /// Readings in the order of their times.
    pub vitals: Vec<VitalsPrint>,
    /// Blood pressure over time; `None` or a plot without readings prints no plot.
    pub plot: Option<PressurePlot>,
    /// Sedation, dissociation, respiratory depression.
    pub episodes: Vec<EpisodePrint>,
    /// The prescriber's documented decisions.
    pub decisions: Vec<DecisionPrint>,
    /// Medicines given during the session, other than the devices.
    pub medicines: Vec<MedicinePrint>,
    /// Adverse events, with emergency services.
    pub adverse_events: Vec<AdverseEventPrint>,
    /// The four-part judgement of readiness (and any part judged again).
    pub readiness: Vec<ReadinessPrint>,
    /// Discharge or other ending: escort, instructions, who decided. Also left against medical advice.
    pub discharge: Vec<LabelledPrint>,
    /// Answers for the REMS monitoring form and when it was submitted. Empty: the section is left out.
    pub form: Vec<LabelledPrint>,
    /// Who took part, with their roles.
    pub people: Vec<PersonPrint>,
    /// Corrections before the lock: what it said before, what it says now.
    pub corrections: Vec<CorrectionPrint>,
    /// Signed addenda after the lock.
    pub addenda: Vec<AddendumPrint>,
    /// Every event of the session, in the order of its sequence numbers.
    pub events: Vec<EventPrint>,
    /// How to check this record.
    pub check: CheckPrint,
    /// Redisclosure notices and the clinic's own, each with its citation.
    pub notices: Vec<NoticePrint>,
}

/// When the print was made: the words for the reader and the numbers (UTC) for the PDF's own date.
#[derive(Serialize)]
pub struct GeneratedPrint {
    /// For the footer, such as "14 March 2026, 12:05 CDT".
    pub text: String,
    /// UTC year, 1 to 9999.
    pub year: u16,
    /// UTC month, 1 to 12.
    pub month: u8,
    /// UTC day of the month, 1 to 31.
    pub day: u8,
    /// UTC hour, 0 to 23.
    pub hour: u8,
    /// UTC minute, 0 to 59.
    pub minute: u8,
    /// UTC second, 0 to 59.
    pub second: u8,
}

/// The clinic in the letterhead.
#[derive(Serialize)]
pub struct ClinicPrint {
    /// Name of the healthcare setting.
    pub name: String,
    /// Address, a line each.
    pub address: Vec<String>,
    /// Telephone.
    pub telephone: String,
    /// In which all times are given, such as "Central Time (America/Chicago), UTC-05:00".
    pub time_zone: String,
}

/// The patient.
#[derive(Serialize)]
pub struct PatientPrint {
    /// Whole name. Stands in the header of each page.
    pub name: String,
    /// Birthdate in words, such as "2 February 1981".
    pub birthdate: String,
    /// As on the form: male, female, other.
    pub sex: String,
    /// The clinic's record number, REMS enrolment number and the like.
    pub ids: Vec<LabelledPrint>,
}

/// The session at a glance.
#[derive(Serialize)]
pub struct SessionPrint {
    /// Treatment date in words. Stands in the header of each page.
    pub date: String,
    /// What it is given for.
    pub indication: String,
    /// Planned and given, such as "84 mg planned, 84 mg given".
    pub dose: String,
    /// How it ended, such as "Discharged", "Left against medical advice". Stands large on the first page.
    pub outcome: String,
    /// Further pairs: protocol and version, first treatment, REMS enrolment, room.
    pub more: Vec<LabelledPrint>,
}

/// A label and what it says.
#[derive(Serialize)]
pub struct LabelledPrint {
    /// Label, without a colon.
    pub label: String,
    /// Value.
    pub value: String,
}

/// One of the times that the session is judged by.
#[derive(Serialize)]
pub struct KeyTimePrint {
    /// Such as "First device".
    pub label: String,
    /// Such as "10:02".
    pub time: String,
    /// A few words beneath, such as "+40 min from last device". May be empty.
    pub note: String,
}

/// What stands out or broke the protocol.
#[derive(Serialize)]
pub struct MarkPrint {
    /// When it happened.
    pub time: String,
    /// "Deviation", "Late entry", "Outside limits" and the like.
    pub kind: String,
    /// The mark's words, with its facts.
    pub what: String,
    /// The reason that was given.
    pub reason: String,
    /// Who gave it.
    pub by: String,
}

/// A nasal spray device.
#[derive(Serialize)]
pub struct DevicePrint {
    /// Its place in the session, such as "1".
    pub number: String,
    /// First spray, or why it was not given.
    pub given_at: String,
    /// Lot number.
    pub lot: String,
    /// Expiry date.
    pub expiry: String,
    /// Sprays delivered, such as "2".
    pub sprays: String,
    /// Milligrams delivered, such as "28".
    pub milligrams: String,
    /// Green dots before use.
    pub indicator_before: String,
    /// Green dots after use.
    pub indicator_after: String,
    /// Who watched it given.
    pub given_by: String,
    /// Failed, partly used, disposal and witness. May be empty.
    pub notes: String,
}

/// An item of the pre-treatment checklist.
#[derive(Serialize)]
pub struct ChecklistPrint {
    /// The question or item.
    pub item: String,
    /// Its answer.
    pub answer: String,
    /// When it was answered.
    pub time: String,
    /// Who answered.
    pub by: String,
    /// Note. May be empty.
    pub note: String,
    /// The answer calls for a decision: printed bold.
    pub stands_out: bool,
}

/// A set of readings.
#[derive(Serialize)]
pub struct VitalsPrint {
    /// Clock time.
    pub time: String,
    /// Minutes from the first device, such as "+40", "-12". Empty before any device.
    pub minutes: String,
    /// Such as "128/82". "declined" or "not obtained" fit here and in the next fields as well.
    pub blood_pressure: String,
    /// Beats a minute.
    pub pulse: String,
    /// Percent.
    pub spo2: String,
    /// Breaths a minute.
    pub respiration: String,
    /// MOAA/S, 0 to 5.
    pub moaas: String,
    /// Who took it.
    pub taken_by: String,
    /// What it counts as, limits passed, reasons for what lacks. May be empty.
    pub mark: String,
    /// Outside a limit or marked: printed bold, with a bar at the edge.
    pub stands_out: bool,
}

/// Blood pressure over time. Times are whole minutes from the first device (negative before it).
#[derive(Serialize)]
pub struct PressurePlot {
    /// Pairs as read. Order does not matter; at most [`crate::READINGS_MAX`].
    pub readings: Vec<PressurePoint>,
    /// First spray of each device.
    pub devices_minute: Vec<i32>,
    /// Limits drawn as lines, such as 140 and 90 before dosing.
    pub limits: Vec<PressureLimit>,
    /// Says the plot in words for those who hear the page instead of seeing it.
    pub description: String,
}

/// One pair.
#[derive(Serialize)]
pub struct PressurePoint {
    /// Minutes from the first device.
    pub minute: i32,
    /// mmHg.
    pub systolic: u16,
    /// mmHg.
    pub diastolic: u16,
}

/// A limit line.
#[derive(Serialize)]
pub struct PressureLimit {
    /// A few words at the line, such as "140 before dosing".
    pub label: String,
    /// mmHg.
    pub mmhg: u16,
    /// First minute for which it holds; `None`: from the left edge.
    pub from_minute: Option<i32>,
    /// Last minute for which it holds; `None`: to the right edge.
    pub until_minute: Option<i32>,
}

/// Sedation, dissociation or respiratory depression.
#[derive(Serialize)]
pub struct EpisodePrint {
    /// Which of the three.
    pub kind: String,
    /// When it began.
    pub onset: String,
    /// When it was over.
    pub resolution: String,
    /// How severe at worst, on the clinic's scale.
    pub severity: String,
    /// Who saw it.
    pub by: String,
    /// Note. May be empty.
    pub note: String,
}

/// A documented decision.
#[derive(Serialize)]
pub struct DecisionPrint {
    /// When.
    pub time: String,
    /// About what, such as "148/92 before dosing".
    pub about: String,
    /// What was decided.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
}

/// A medicine given.
#[derive(Serialize)]
pub struct MedicinePrint {
    /// When.
    pub time: String,
    /// Drug.
    pub drug: String,
    /// Dose with unit.
    pub dose: String,
    /// Route.
    pub route: String,
    /// Who ordered it.
    pub ordered_by: String,
    /// Who gave it.
    pub given_by: String,
    /// Note. May be empty.
    pub note: String,
}

/// An adverse event.
#[derive(Serialize)]
pub struct AdverseEventPrint {
    /// When.
    pub time: String,
    /// What.
    pub what: String,
    /// "yes", "no", with the criterion.
    pub serious: String,
    /// Description.
    pub description: String,
    /// Reports owed and made.
    pub reports: String,
    /// Who recorded it.
    pub by: String,
}

/// One part of the readiness judgement.
#[derive(Serialize)]
pub struct ReadinessPrint {
    /// Such as "Alert (MOAA/S 5)".
    pub part: String,
    /// Such as "yes", "no".
    pub judgement: String,
    /// When.
    pub time: String,
    /// Who judged.
    pub by: String,
    /// Note. May be empty.
    pub note: String,
}

/// Who took part.
#[derive(Serialize)]
pub struct PersonPrint {
    /// Name.
    pub name: String,
    /// Role, with the licence if one is kept.
    pub role: String,
    /// What they did in this session.
    pub part: String,
}

/// A correction.
#[derive(Serialize)]
pub struct CorrectionPrint {
    /// When it was made.
    pub time: String,
    /// What it corrects, with the event's number.
    pub what: String,
    /// What it said before.
    pub before: String,
    /// What it says now.
    pub now: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// An addendum after the lock.
#[derive(Serialize)]
pub struct AddendumPrint {
    /// When it was signed.
    pub time: String,
    /// Who signed it.
    pub by: String,
    /// Its text. Line breaks are kept.
    pub text: String,
}

/// One event, as it stands in the audit log.
#[derive(Serialize)]
pub struct EventPrint {
    /// Sequence number within the session.
    pub number: u32,
    /// Time that it happened.
    pub happened: String,
    /// Time that it was received.
    pub received: String,
    /// Who took it.
    pub taken_by: String,
    /// Who entered it.
    pub entered_by: String,
    /// What, in words.
    pub what: String,
    /// Generation of the clinic's tree.
    pub entry_generation: u32,
    /// Its number in that generation.
    pub entry_index: u64,
}

/// How to check this record.
#[derive(Serialize)]
pub struct CheckPrint {
    /// Name of the bundle's file.
    pub bundle: String,
    /// The command, such as "clerestory verify BUNDLE.zip --key KEY".
    pub command: String,
    /// Ids and the like: deployment, clinic, session, verification key and where it is published. Printed in a
    /// fixed-width face; long values are broken between any two characters without adding one.
    pub references: Vec<LabelledPrint>,
    /// Further sentences, each its own paragraph. May be empty.
    pub words: Vec<String>,
}

/// A notice that the record must bear.
#[derive(Serialize)]
pub struct NoticePrint {
    /// Its text, word for word.
    pub text: String,
    /// Its citation.
    pub citation: String,
}
