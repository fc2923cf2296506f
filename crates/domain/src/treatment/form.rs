//! What the monitoring form takes from the session.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::clocks::{forty_minutes, seconds_between};
use super::event::{Event, Recorded};
use super::observation::{EpisodeKind, SeriousSubject, Seriousness};
use super::protocol::Protocol;
use super::readiness::overtaken_by;
use super::reading::VitalKind;
use super::readout::{FormPressures, FortyMinutes};
use super::session::Session;
use super::state::State;

/// The whole minutes from one instant to another, rounded down.
fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    seconds_between(from, to).div_euclid(60)
}

/// The first judgement "ready" that nothing took back afterwards.
fn ready_at(state: &State<'_>, protocol: &Protocol) -> Option<Timestamp> {
    let mut ready = None;
    for held in &state.judgements {
        if !held.what.is_ready() || overtaken_by(state, protocol, held).is_some() {
            ready = None;
        } else {
            ready = ready.or(Some(held.by.happened_at));
        }
    }
    ready
}

/// What an event asks about seriousness, and the answer that it brought along.
pub(super) fn question(recorded: &Recorded) -> Option<(SeriousSubject, &Seriousness)> {
    if let Event::AdverseEventRecorded(adverse) = &recorded.event {
        Some((
            SeriousSubject::AdverseEvent(recorded.seq),
            &adverse.seriousness,
        ))
    } else if let Event::SentToEmergencyCare(transfer) = &recorded.event {
        Some((SeriousSubject::EmergencyCare, &transfer.seriousness))
    } else {
        None
    }
}

impl Session {
    /// The treatment date: the clinic's date at the first device, over midnight too.
    #[must_use]
    pub fn treatment_date(&self, zone: &TimeZone) -> Option<Date> {
        self.state()
            .first_device_at()
            .map(|at| zone.to_datetime(at).date())
    }

    /// Whole minutes from the device that the form names (the first) to the end of monitoring,
    /// rounded down; `None` before the end or without a device.
    #[must_use]
    pub fn form_minutes(&self, protocol: &Protocol) -> Option<i64> {
        let state = self.state();
        let from = state.anchor(protocol.form.minutes_count_from.value)?;
        Some(minutes_between(from, state.ended_at()?))
    }

    /// Whole minutes from that device to the time when the patient could have left but for the
    /// shortest monitoring; `None` while no judgement says so.
    #[must_use]
    pub fn readiness_minutes(&self, protocol: &Protocol) -> Option<i64> {
        let state = self.state();
        let from = state.anchor(protocol.form.minutes_count_from.value)?;
        Some(minutes_between(from, ready_at(&state, protocol)?))
    }

    /// The readings whose blood pressures the form asks for.
    #[must_use]
    pub fn form_pressures(&self, protocol: &Protocol, now: Timestamp) -> FormPressures {
        let state = self.state();
        let last = |before_dosing| {
            let held = state.last_reading(VitalKind::BloodPressure, before_dosing);
            held.map(|held| held.by.seq)
        };
        FormPressures {
            before_dosing: last(true),
            forty_minutes: match forty_minutes(&state, protocol, now) {
                FortyMinutes::Taken { seq } => Some(seq),
                FortyMinutes::NoDevice
                | FortyMinutes::Upcoming { .. }
                | FortyMinutes::Due { .. }
                | FortyMinutes::Overdue { .. }
                | FortyMinutes::Absent { .. }
                | FortyMinutes::Missed { .. } => None,
            },
            last: last(false),
        }
    }

    /// The first onset and the last resolution of a kind; the resolution is `None` while one is open.
    #[must_use]
    pub fn episode_span(&self, kind: EpisodeKind) -> Option<(Timestamp, Option<Timestamp>)> {
        let state = self.state();
        let of_kind = || state.episodes.iter().filter(|episode| episode.kind == kind);
        let onset = of_kind().map(|episode| episode.onset).min()?;
        let open = of_kind().any(|episode| episode.resolved_at.is_none());
        let last = of_kind().filter_map(|episode| episode.resolved_at).max();
        Some((onset, last.filter(|_| !open)))
    }

    /// The answer about seriousness that counts: the last one given.
    #[must_use]
    pub fn seriousness(&self, subject: SeriousSubject) -> Option<Seriousness> {
        let (mut known, mut asked_at) = (None, None);
        for recorded in self.effective() {
            if let Event::SeriousAnswered(answer) = &recorded.event {
                if answer.about == subject && asked_at.is_some_and(|asked| asked < recorded.seq) {
                    known = Some(answer.seriousness.clone());
                }
            } else if let Some((asked, seriousness)) = question(recorded)
                && asked == subject
            {
                known = Some(seriousness.clone());
                // Corrected since, the event itself says it last.
                let corrected = self.corrected().get(&recorded.seq);
                asked_at = Some(corrected.copied().unwrap_or(recorded.seq));
            }
        }
        known
    }

    /// Everything about which it is asked whether it was serious.
    #[must_use]
    pub fn serious_subjects(&self) -> Vec<SeriousSubject> {
        self.effective()
            .iter()
            .filter_map(question)
            .map(|(subject, _)| subject)
            .collect()
    }

    /// Where the question is still open.
    #[must_use]
    pub fn seriousness_open(&self) -> Vec<SeriousSubject> {
        self.serious_subjects()
            .into_iter()
            .filter(|subject| self.seriousness(*subject) == Some(Seriousness::NotYetAnswered))
            .collect()
    }

    /// Whether anything was added after the end.
    #[must_use]
    pub fn has_addenda(&self) -> bool {
        self.effective()
            .iter()
            .any(|recorded| matches!(recorded.event, Event::AddendumAdded(_)))
    }

    /// Whether anything was answered to be serious.
    #[must_use]
    pub fn has_serious(&self) -> bool {
        self.serious_subjects()
            .into_iter()
            .any(|subject| matches!(self.seriousness(subject), Some(Seriousness::Serious { .. })))
    }

    /// The event that ticked a report, if one did.
    #[must_use]
    pub fn report_ticked(&self, report: &str) -> Option<u32> {
        self.effective().iter().find_map(|recorded| {
            let Event::ReportTicked { report: ticked } = &recorded.event else {
                return None;
            };
            (ticked == report).then_some(recorded.seq)
        })
    }

    /// The ids of the reports that are owed and not yet ticked.
    #[must_use]
    pub fn reports_owed(&self, protocol: &Protocol) -> Vec<String> {
        if !self.has_serious() {
            return Vec::new();
        }
        protocol
            .serious_reports
            .iter()
            .filter(|report| self.report_ticked(&report.id).is_none())
            .map(|report| report.id.clone())
            .collect()
    }
}
