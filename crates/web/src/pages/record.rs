//! The record of a session: tables, marks, everything recorded, addenda; and its exports.

use app::treatment::{ExportKind, SessionPage};
use app::{Action, may};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use domain::treatment::{DeviceOutcome, Event, Recorded, Vitals};
use http::{HeaderValue, StatusCode, header};

use super::session::{SessionPath, saved_before, session_of};
use super::{frame, page};
use crate::fault::Fault;
use crate::request::{PostedBy, SignedIn};
use crate::router::Shared;
use crate::view::{
    EntryView, Frame, Head, Icon, Notice, SavedView, StepGroup, day_of, groups_view, head_view,
    person_label, record_notices_view, saved_view, say_of, timeline_view,
};
use crate::words::{
    Say, absence_words, clock_minutes, clock_seconds, day_words, first_words, indication_words,
    mark_words, phase_words, sprays_counted,
};

#[derive(Template)]
#[template(path = "record.html")]
pub(crate) struct RecordHtml {
    pub(crate) frame: Frame,
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) head: Head,
    pub(crate) saved: Option<SavedView>,
    pub(crate) day: String,
    pub(crate) locked: bool,
    pub(crate) is_ended: bool,
    pub(crate) notices: Vec<Notice>,
    pub(crate) may_export_pdf: bool,
    pub(crate) may_export_bundle: bool,
    pub(crate) summary: Vec<(&'static str, String)>,
    pub(crate) marks: Vec<MarkLine>,
    pub(crate) readings: Vec<ReadingRow>,
    pub(crate) devices: Vec<DeviceRow>,
    pub(crate) timeline: Vec<EntryView>,
    pub(crate) groups: Vec<StepGroup>,
}

/// One mark of the record.
pub(crate) struct MarkLine {
    pub(crate) key: &'static str,
    pub(crate) words: String,
    pub(crate) is_deviation: bool,
}

/// One reading.
pub(crate) struct ReadingRow {
    pub(crate) at: String,
    pub(crate) pressure: String,
    pub(crate) pulse: String,
    pub(crate) oxygen: String,
    pub(crate) respiration: String,
    pub(crate) alertness: String,
    pub(crate) by: String,
}

/// One device.
pub(crate) struct DeviceRow {
    pub(crate) number: usize,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) lot: String,
    pub(crate) expiry: String,
    pub(crate) dose: String,
}

/// `GET /floor/sessions/{id}/record`
pub(crate) async fn show(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
    path: SessionPath,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let id = session_of(path)?;
    let session = shared.app.session_page(&ctx, id).await?;
    let saved = saved_before(query.as_deref()).and_then(|before| saved_view(&session, before));
    let frame = frame(
        &shared,
        "Session record",
        session.now,
        &session.clinic,
        &session.people,
        session.viewer,
    );
    page(StatusCode::OK, &record_html(&session, frame, saved))
}

/// `POST /floor/sessions/{id}/exports`: the file itself, to be kept.
pub(crate) async fn export(
    State(shared): State<Shared>,
    path: SessionPath,
    PostedBy(ctx, values): PostedBy,
) -> Result<Response, Fault> {
    let id = session_of(path)?;
    let (kind, action) = match values.get("kind") {
        "pdf" => (ExportKind::Pdf, Action::ExportPdf),
        "bundle" => (ExportKind::Bundle, Action::ExportBundle),
        _ => {
            return Err(Fault::BadRequest(
                "The export is either the record as PDF or the record bundle.",
            ));
        }
    };
    if !may(ctx.role, action) {
        return Err(Fault::NotFound);
    }
    let file = shared.app.export(&ctx, id, kind).await?;
    let disposition = HeaderValue::from_str(&format!(
        "attachment; filename=\"{}\"",
        file_name(&file.name)
    ))
    .map_err(|_| Fault::Internal)?;
    let mut response = file.bytes.into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(file.media_type),
    );
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// Letters, digits, full stop, hyphen and underscore, whatever came.
fn file_name(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
                c
            } else {
                '_'
            }
        })
        .collect()
}

/// The page of a record.
pub(crate) fn record_html(
    session: &SessionPage,
    frame: Frame,
    saved: Option<SavedView>,
) -> RecordHtml {
    let say = say_of(session);
    let state = &session.session;
    let marks = state
        .marks(&session.protocol)
        .iter()
        .map(|mark| MarkLine {
            key: mark.kind(),
            words: mark_words(&say, mark),
            is_deviation: mark.is_deviation(),
        })
        .collect();
    RecordHtml {
        frame,
        id: session.id.to_string(),
        version: session.version,
        head: head_view(session, "/floor".to_owned(), "Back to the floor"),
        saved,
        day: day_of(session),
        locked: state.phase().is_locked(),
        is_ended: state.phase().is_ended(),
        notices: record_notices_view(session),
        may_export_pdf: may(session.role, Action::ExportPdf),
        may_export_bundle: may(session.role, Action::ExportBundle),
        summary: summary(session, &say),
        marks,
        readings: readings(session),
        devices: devices(session),
        timeline: timeline_view(session),
        groups: if state.phase().is_ended() {
            groups_view(session)
        } else {
            Vec::new()
        },
    }
}

fn summary(session: &SessionPage, say: &Say<'_>) -> Vec<(&'static str, String)> {
    let state = &session.session;
    let protocol = &session.protocol;
    let mut pairs = vec![
        ("Patient", crate::view::patient_name(&session.patient)),
        ("Born", day_words(session.patient.birthdate)),
    ];
    pairs.push(("State", phase_words(state.phase()).to_owned()));
    pairs.push(("Treatment date", day_of(session)));
    if let Some(plan) = state.plan() {
        pairs.push((
            "Given for",
            format!(
                "{}, {}",
                indication_words(plan.indication),
                first_words(plan.first_treatment)
            ),
        ));
        pairs.push(("Room", plan.room.clone()));
        pairs.push(("Prescriber", say.person(plan.prescriber)));
        pairs.push(("Monitored by", say.person(plan.monitor)));
    }
    let dose = state.dose(protocol);
    pairs.push((
        "Dose",
        format!(
            "{} mg of {} mg, {}",
            dose.given_mg,
            dose.intended_mg,
            sprays_counted(dose.sprays)
        ),
    ));
    let moment = |at: Option<jiff::Timestamp>| at.map(|at| clock_seconds(at, &session.zone));
    let clocks = state.clocks(protocol, session.now);
    let times = [
        ("Arrived", moment(state.arrived_at())),
        ("First device", moment(clocks.first_device_at)),
        ("Last device", moment(clocks.last_device_at)),
        ("Ended", moment(state.ended_at())),
    ];
    pairs.extend(
        times
            .into_iter()
            .filter_map(|(label, value)| value.map(|value| (label, value))),
    );
    let minutes = |minutes: Option<i64>| minutes.map(|minutes| format!("{minutes} min"));
    pairs.extend(
        minutes(state.form_minutes(protocol)).map(|value| ("Minutes, first device to end", value)),
    );
    pairs.extend(
        minutes(state.readiness_minutes(protocol))
            .map(|value| ("Minutes, first device to ready", value)),
    );
    pairs
}

fn readings(session: &SessionPage) -> Vec<ReadingRow> {
    let effective = session.session.effective();
    let mut rows = Vec::new();
    for recorded in effective {
        if let Event::VitalsRecorded(vitals) = &recorded.event {
            rows.push(reading_row(session, recorded, vitals));
        }
    }
    rows
}

fn reading_row(session: &SessionPage, recorded: &Recorded, vitals: &Vitals) -> ReadingRow {
    use domain::treatment::VitalKind as Kind;
    let absent = |kind: Kind| {
        vitals
            .absent
            .iter()
            .find(|absence| absence.kind == kind)
            .map_or_else(String::new, |absence| absence_words(absence.why).to_owned())
    };
    let value = |value: Option<i32>, kind: Kind| {
        value.map_or_else(|| absent(kind), |value| value.to_string())
    };
    ReadingRow {
        at: clock_minutes(recorded.happened_at, &session.zone),
        pressure: vitals.pressure.map_or_else(
            || absent(Kind::BloodPressure),
            |pressure| format!("{}/{}", pressure.systolic, pressure.diastolic),
        ),
        pulse: value(vitals.pulse, Kind::Pulse),
        oxygen: value(vitals.spo2, Kind::Spo2),
        respiration: value(vitals.respiration, Kind::Respiration),
        alertness: value(vitals.moaas, Kind::Moaas),
        by: session
            .people
            .get(&recorded.taken_by)
            .map(person_label)
            .unwrap_or_default(),
    }
}

fn devices(session: &SessionPage) -> Vec<DeviceRow> {
    let spray_mg = session.protocol.dosing.spray_mg.value;
    let mut devices = Vec::new();
    for recorded in session.session.effective() {
        if let Event::DeviceGiven(device) = &recorded.event {
            devices.push(device);
        }
    }
    devices
        .into_iter()
        .enumerate()
        .map(|(index, device)| DeviceRow {
            number: index + 1,
            first: clock_seconds(device.first_spray_at, &session.zone),
            last: clock_seconds(device.last_spray_at, &session.zone),
            lot: device.lot.clone(),
            expiry: device.expires.map(day_words).unwrap_or_default(),
            dose: match &device.outcome {
                DeviceOutcome::Complete => format!("{} mg", u32::from(device.sprays) * spray_mg),
                DeviceOutcome::PartlyUsed(_) => {
                    format!("{} mg, partly used", u32::from(device.sprays) * spray_mg)
                }
                DeviceOutcome::Failed(_) => {
                    format!("{} mg, failed", u32::from(device.sprays) * spray_mg)
                }
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_stays_a_file_name() {
        assert_eq!(file_name("record-2026\"\r\n.pdf"), "record-2026___.pdf");
    }
}
