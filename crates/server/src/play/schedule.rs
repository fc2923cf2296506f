//! Puts a day file on the clock: which moment each plan and each step has, forward only.

use anyhow::bail;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::day::{At, DayFile, DayStep, DayWanted, SessionPlanned};

/// What is done at a moment.
pub(crate) enum Cue<'d> {
    /// A session is planned.
    Plan(&'d SessionPlanned),
    /// A step is taken.
    Step(&'d DayStep),
}

/// A day with its moments.
pub(crate) struct Schedule<'d> {
    pub(crate) day: Date,
    pub(crate) cues: Vec<(Timestamp, Cue<'d>)>,
}

/// Puts the file on the clock, which stands at `now`.
///
/// # Errors
/// A time that lies before the one that goes before it, or before `now`; with its line.
pub(crate) fn schedule(file: &DayFile, now: Timestamp) -> anyhow::Result<Schedule<'_>> {
    let today = now.to_zoned(file.zone.clone()).date();
    let day = match file.day {
        DayWanted::On(date) => date,
        DayWanted::Next => match first_moment(file, today)? {
            Some(first) if first < now => today.checked_add(1.day())?,
            Some(_) | None => today,
        },
    };
    let plans = plan_moments(file, day)?;
    let steps = step_moments(file, day)?;
    let cues = merged(file, plans, steps)?;
    match cues.first() {
        Some((first, _)) if *first < now => bail!(
            "{}: the day begins at {}, and the demo's clock stands at {} already. It only moves forward: take a later day, or day = \"next\".",
            file.file,
            first.to_zoned(file.zone.clone()).strftime("%F %T"),
            now.to_zoned(file.zone.clone()).strftime("%F %T"),
        ),
        Some(_) | None => Ok(Schedule { day, cues }),
    }
}

/// Whether the file can be put on a clock that stands early enough.
///
/// # Errors
/// A time that lies before the one that goes before it; with its line.
pub(crate) fn check(file: &DayFile) -> anyhow::Result<()> {
    let day = match file.day {
        DayWanted::On(date) => date,
        // Any will do.
        DayWanted::Next => Date::constant(2026, 1, 5),
    };
    merged(file, plan_moments(file, day)?, step_moments(file, day)?)?;
    Ok(())
}

fn first_moment(file: &DayFile, day: Date) -> anyhow::Result<Option<Timestamp>> {
    let plans = plan_moments(file, day)?;
    let steps = step_moments(file, day)?;
    Ok(plans
        .first()
        .into_iter()
        .chain(steps.first())
        .min()
        .copied())
}

fn moment(file: &DayFile, day: Date, at_s: u32) -> anyhow::Result<Timestamp> {
    let later = day.checked_add(i64::from(at_s / 86_400).days())?;
    let s = i64::from(at_s % 86_400);
    let civil = later.at(0, 0, 0, 0).checked_add(s.seconds())?;
    Ok(file.zone.to_ambiguous_timestamp(civil).compatible()?)
}

fn step_moments(file: &DayFile, day: Date) -> anyhow::Result<Vec<Timestamp>> {
    let mut moments: Vec<Timestamp> = Vec::with_capacity(file.steps.len());
    for step in &file.steps {
        let before = moments.last().copied();
        let at = match (step.at, before) {
            (At::Clock(at_s), _) => moment(file, day, at_s)?,
            (At::After(after_s), Some(before)) => {
                before + SignedDuration::from_secs(i64::from(after_s))
            }
            (At::After(_), None) => {
                bail!(
                    "{}:{}: the first step has no step before it: give it a time of day.",
                    file.file,
                    step.line
                )
            }
        };
        if before.is_some_and(|before| at < before) {
            bail!(
                "{}:{}: step {} ({}) lies before the step that goes before it: time only moves forward.",
                file.file,
                step.line,
                step.number,
                step.word()
            );
        }
        moments.push(at);
    }
    Ok(moments)
}

fn plan_moments(file: &DayFile, day: Date) -> anyhow::Result<Vec<Timestamp>> {
    let first_step = step_moments(file, day)?.first().copied();
    let mut moments: Vec<Timestamp> = Vec::with_capacity(file.sessions.len());
    for session in &file.sessions {
        let at = match (session.at_s, first_step) {
            (Some(at_s), _) => moment(file, day, at_s)?,
            (None, Some(first)) => moments.last().copied().unwrap_or(first).max(first),
            (None, None) => bail!(
                "{}:{}: there is no step: say `at` when session {:?} is planned.",
                file.file,
                session.line,
                session.name
            ),
        };
        if moments.last().is_some_and(|before| at < *before) {
            bail!(
                "{}:{}: session {:?} is planned before the session that stands before it: time only moves forward.",
                file.file,
                session.line,
                session.name
            );
        }
        moments.push(at);
    }
    Ok(moments)
}

/// Plans and steps by time; at the same time plans come first.
fn merged(
    file: &DayFile,
    plans: Vec<Timestamp>,
    steps: Vec<Timestamp>,
) -> anyhow::Result<Vec<(Timestamp, Cue<'_>)>> {
    let mut cues = Vec::with_capacity(plans.len() + steps.len());
    let mut waiting = plans.into_iter().zip(&file.sessions).peekable();
    for (at, step) in steps.into_iter().zip(&file.steps) {
        while let Some((planned_at, session)) = waiting.next_if(|(planned_at, _)| *planned_at <= at)
        {
            cues.push((planned_at, Cue::Plan(session)));
        }
        let late = |(_, session): &(Timestamp, &SessionPlanned)| {
            step.session() == Some(session.name.as_str())
        };
        if waiting.clone().any(|session| late(&session)) {
            bail!(
                "{}:{}: step {} ({}) comes before its session is planned: see `at` of the [[session]].",
                file.file,
                step.line,
                step.number,
                step.word()
            );
        }
        cues.push((at, Cue::Step(step)));
    }
    cues.extend(waiting.map(|(planned_at, session)| (planned_at, Cue::Plan(session))));
    Ok(cues)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::play::read::read;

    fn moments(text: &str, now: &str) -> Result<Vec<String>, String> {
        let file = read("day.toml", text).unwrap();
        let scheduled = schedule(&file, now.parse().unwrap()).map_err(|error| error.to_string())?;
        Ok(scheduled
            .cues
            .iter()
            .map(|(at, cue)| match cue {
                Cue::Plan(session) => format!("{at} plan {}", session.name),
                Cue::Step(step) => format!("{at} {}", step.word()),
            })
            .collect())
    }

    const SESSIONS: &str =
        "[[session]]\nname='a'\nby='mara'\n[[session]]\nname='b'\nby='mara'\nat='10:00'\n";

    #[test]
    fn plans_come_first_and_relative_times_count_from_the_step_before() {
        let text = format!(
            "day='next'\n{SESSIONS}[[step]]\nat='09:00'\nby='mara'\nsession='a'\ndo='arrival'\n\
             [[step]]\nat='+00:04:10'\ndo='wait'\n[[step]]\nat='24:10'\ndo='wait'\n"
        );
        let today = moments(&text, "2026-03-02T13:00:00Z").unwrap();
        assert_eq!(
            today,
            [
                "2026-03-02T15:00:00Z plan a",
                "2026-03-02T15:00:00Z arrival",
                "2026-03-02T15:04:10Z wait",
                "2026-03-02T16:00:00Z plan b",
                "2026-03-03T06:10:00Z wait",
            ]
        );
        let tomorrow = moments(&text, "2026-03-02T15:00:01Z").unwrap();
        assert_eq!(tomorrow[0], "2026-03-03T15:00:00Z plan a");
    }

    #[test]
    fn time_only_moves_forward() {
        let text =
            "day='next'\n[[step]]\nat='09:00'\ndo='wait'\n[[step]]\nat='08:59:59'\ndo='wait'\n";
        let error = moments(text, "2026-03-02T13:00:00Z").unwrap_err();
        assert!(
            error.starts_with("day.toml:5: step 2 (wait) lies before"),
            "{error}"
        );
        let error = moments(
            "day='2026-03-01'\n[[step]]\nat='09:00'\ndo='wait'\n",
            "2026-03-02T13:00:00Z",
        )
        .unwrap_err();
        assert!(
            error.contains("2026-03-01 09:00:00") && error.contains("2026-03-02 07:00:00"),
            "{error}"
        );
        let error = moments(
            "day='next'\n[[step]]\nat='+00:01'\ndo='wait'\n",
            "2026-03-02T13:00:00Z",
        )
        .unwrap_err();
        assert!(error.starts_with("day.toml:2:"), "{error}");
    }

    #[test]
    fn a_step_waits_for_its_plan() {
        let text = format!(
            "day='next'\n{SESSIONS}[[step]]\nat='09:00'\nby='mara'\nsession='b'\ndo='arrival'\n"
        );
        let error = moments(&text, "2026-03-02T13:00:00Z").unwrap_err();
        assert!(
            error.starts_with("day.toml:9: step 1 (arrival) comes before its session"),
            "{error}"
        );
    }
}
