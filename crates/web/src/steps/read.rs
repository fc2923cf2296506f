//! Reads a form's values into typed ones, and collects what cannot be read. Rules are the domain's business: here only
//! letters in a number, an unknown choice or an impossible calendar date are refused.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use domain::treatment::{PersonId, YesNo};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use uuid::Uuid;

use crate::form::{AGE, Values};

/// The longest that a tap may lie back: a long shift. Whatever waited longer gets its time from a person.
const AGE_MAX_S: i64 = 12 * 60 * 60;

/// From this age on, a form that is shown again names the time of its tap: “now” would be the time of the next tap.
const AGE_NAMED_S: i64 = 60;

/// What is wrong with a form: field name to sentence.
pub(crate) type Problems = BTreeMap<String, String>;

/// A form that is being read.
pub(crate) struct Reader<'a> {
    pub(crate) values: &'a Values,
    pub(crate) zone: &'a TimeZone,
    /// What “now” means on this form: when it was tapped, in whole seconds.
    pub(crate) now: Timestamp,
    pub(crate) problems: Problems,
}

/// Answers to yes-or-no questions.
pub(crate) const YES_NO: [(&str, YesNo); 2] = [("yes", YesNo::Yes), ("no", YesNo::No)];

impl<'a> Reader<'a> {
    pub(crate) fn new(values: &'a Values, zone: &'a TimeZone, now: Timestamp) -> Self {
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self {
            values,
            zone,
            now,
            problems: Problems::new(),
        }
    }

    /// Notes what is wrong; the first word about a field stays.
    pub(crate) fn wrong(&mut self, name: &str, sentence: impl Into<String>) {
        self.problems
            .entry(name.to_owned())
            .or_insert_with(|| sentence.into());
    }

    /// A text as typed, without blanks around it; empty when nothing was typed (the domain says whether that will do).
    pub(crate) fn text(&self, name: &str) -> String {
        self.values.get(name).to_owned()
    }

    /// A text, or `None` when nothing was typed.
    pub(crate) fn text_typed(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// A whole number, or `None` when nothing was typed or it cannot be read.
    pub(crate) fn number(&mut self, name: &str, label: &str) -> Option<i32> {
        let typed = self.values.get(name);
        if typed.is_empty() {
            return None;
        }
        let number = typed.parse().ok();
        if number.is_none() {
            self.wrong(
                name,
                format!("{label} has to be a whole number, in digits only."),
            );
        }
        number
    }

    /// A whole number that has to be there.
    pub(crate) fn number_needed(&mut self, name: &str, label: &str) -> Option<i32> {
        if self.values.get(name).is_empty() {
            self.wrong(name, format!("{label}: please choose or enter a number."));
        }
        self.number(name, label)
    }

    /// A small count that has to be there (green dots, sprays).
    pub(crate) fn count_needed(&mut self, name: &str, label: &str) -> Option<u8> {
        let number = self.number_needed(name, label)?;
        let count = u8::try_from(number).ok();
        if count.is_none() {
            self.wrong(name, format!("{label} cannot be {number}."));
        }
        count
    }

    /// One of fixed choices, or `None` when nothing was chosen.
    pub(crate) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.values.get(name);
        let found = choices
            .iter()
            .find(|(own, _)| *own == value)
            .map(|(_, choice)| *choice);
        if found.is_none() && !value.is_empty() {
            self.wrong(name, "This is none of the choices: please choose again.");
        }
        found
    }

    /// One of fixed choices that has to be made.
    pub(crate) fn choice_needed<T: Copy>(
        &mut self,
        name: &str,
        label: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        if self.values.get(name).is_empty() {
            self.wrong(name, format!("Please answer: {label}."));
        }
        self.choice(name, choices)
    }

    /// Several of fixed choices.
    pub(crate) fn choices<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Vec<T> {
        let mut found = Vec::new();
        for value in self.values.all(name) {
            match choices.iter().find(|(own, _)| *own == value) {
                Some((_, choice)) => found.push(*choice),
                None => {
                    self.problems.entry(name.to_owned()).or_insert_with(|| {
                        "One of these is none of the choices: please choose again.".to_owned()
                    });
                }
            }
        }
        found
    }

    /// Ids as sent, each once.
    pub(crate) fn ids(&self, name: &'static str) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for value in self.values.all(name) {
            if !ids.iter().any(|id| id == value) {
                ids.push(value.to_owned());
            }
        }
        ids
    }

    /// A person, or `None` when nobody was chosen.
    pub(crate) fn person(&mut self, name: &str) -> Option<PersonId> {
        let value = self.values.get(name);
        if value.is_empty() {
            return None;
        }
        let person = person_parse(value);
        if person.is_none() {
            self.wrong(name, "This is nobody of the clinic: please choose again.");
        }
        person
    }

    /// A person who has to be chosen.
    pub(crate) fn person_needed(&mut self, name: &str, label: &str) -> Option<PersonId> {
        if self.values.get(name).is_empty() {
            self.wrong(name, format!("Please choose: {label}."));
        }
        self.person(name)
    }

    /// The number of an entry of the session that has to be chosen.
    pub(crate) fn entry_needed(&mut self, name: &str, label: &str) -> Option<u32> {
        let value = self.values.get(name);
        let entry = value.parse().ok();
        if entry.is_none() {
            self.wrong(name, format!("Please choose: {label}."));
        }
        entry
    }

    /// A date, or `None` when nothing was entered.
    pub(crate) fn date(&mut self, name: &str) -> Option<Date> {
        let typed = self.values.get(name);
        if typed.is_empty() {
            return None;
        }
        let date = date_parse(typed);
        if date.is_none() {
            self.wrong(name, "This is no date: please enter day, month and year.");
        }
        date
    }

    /// A moment of the clinic's calendar from `NAME_time` and `NAME_date` (today when empty); `None` when no time was
    /// entered or it cannot be read.
    pub(crate) fn time(&mut self, name: &str) -> Option<Timestamp> {
        let typed = self.values.get(&format!("{name}_time"));
        if typed.is_empty() {
            return None;
        }
        let Ok(time) = typed.parse::<Time>() else {
            self.wrong(
                name,
                "This is no time of day: please enter hours and minutes.",
            );
            return None;
        };
        let typed_date = self.values.get(&format!("{name}_date"));
        let date = if typed_date.is_empty() {
            Some(self.today())
        } else {
            date_parse(typed_date)
        };
        let Some(date) = date else {
            self.wrong(name, "This is no date: please enter day, month and year.");
            return None;
        };
        // An hour that the change to summer time leaves out does not exist.
        let moment = self.zone.to_ambiguous_timestamp(date.to_datetime(time));
        match moment.offset() {
            AmbiguousOffset::Unambiguous { .. } => moment.compatible().ok(),
            AmbiguousOffset::Gap { .. } => {
                self.wrong(name, "This time did not exist on that night, when the clocks went forward: please check it.");
                None
            }
            AmbiguousOffset::Fold { before, after } => {
                let (first, second) = (moment.earlier().ok()?, moment.later().ok()?);
                self.pass(name, (before, first), (after, second))
            }
        }
    }

    /// Which pass through an hour that the clock goes through twice: the one that the form names, or else the last one
    /// that has been.
    fn pass(
        &self,
        name: &str,
        first: (Offset, Timestamp),
        second: (Offset, Timestamp),
    ) -> Option<Timestamp> {
        let named: Option<i32> = self.values.get(&format!("{name}_{OFFSET}")).parse().ok();
        let is_named = |pass: &&(Offset, Timestamp)| named == Some(pass.0.seconds());
        let has_been = |pass: &&(Offset, Timestamp)| pass.1 <= self.now;
        let passes = [second, first];
        let found = passes
            .iter()
            .find(is_named)
            .or_else(|| passes.iter().find(has_been))
            .unwrap_or(&first);
        Some(found.1)
    }

    /// `now` (`Ok(None)`) or another time that has to be given.
    pub(crate) fn moment(&mut self, name: &str) -> Option<Timestamp> {
        match self.values.get(name) {
            "" | "now" => None,
            "other" => {
                let time = self.time(name);
                if time.is_none() {
                    self.wrong(name, "Please enter the time.");
                }
                time
            }
            _ => {
                self.wrong(name, "Please choose now or another time.");
                None
            }
        }
    }

    /// The clinic's date at the time of the tap.
    pub(crate) fn today(&self) -> Date {
        self.zone.to_datetime(self.now).date()
    }
}

/// Years in which something of a treatment can lie. A slip of the hand far outside would stand in the record for good, and a year
/// before the first has no form there.
const YEARS: RangeInclusive<i16> = 1900..=2199;

fn date_parse(typed: &str) -> Option<Date> {
    let date: Date = typed.parse().ok()?;
    YEARS.contains(&date.year()).then_some(date)
}

/// When a form was tapped: the time of the request, less what the form says of its own age. Only “now” needs it: where
/// another time is named, the age says nothing.
///
/// Without a script there is no age, and a form that is sent at once has the age 0: both are of the time of the request.
/// So a demo's clock, which stands still between two steps, is not moved by a form either. Only one that was held up lies
/// back, by as long as it really waited.
///
/// # Errors
/// The sentence for an age that no script of ours sends.
pub(crate) fn tapped_at(values: &Values, now: Timestamp) -> Result<Timestamp, &'static str> {
    let age = values.get(AGE);
    if age.is_empty() || values.get("when") == "other" {
        return Ok(now);
    }
    age.parse::<i64>()
        .ok()
        .filter(|age_s| (0..=AGE_MAX_S).contains(age_s))
        .and_then(|age_s| Timestamp::from_second(now.as_second() - age_s).ok())
        .ok_or(
            "Nothing was saved: it is not known when this was tapped, or it is more than twelve hours ago. Choose “Other \
             time” and enter when it was.",
        )
}

/// Writes the time of a tap that lies back into the form, before it is shown again: who then saves it must not record as
/// of now what was of then.
pub(crate) fn tap_name(values: &mut Values, zone: &TimeZone, tapped: Timestamp, now: Timestamp) {
    if now.as_second() - tapped.as_second() < AGE_NAMED_S {
        return;
    }
    values.replace("when", "other");
    moment_write(values, "when", tapped, zone);
}

/// The end of the name under which a form says which pass through a doubled hour is meant: the clock's distance from
/// UTC in seconds. The page puts it in beside a time of such an hour.
pub(crate) const OFFSET: &str = "offset";

/// Writes a moment into a form, so that it is read as the same one.
pub(crate) fn moment_write(values: &mut Values, name: &str, at: Timestamp, zone: &TimeZone) {
    let local = zone.to_datetime(at);
    values.replace(&format!("{name}_time"), local.time().to_string());
    values.replace(&format!("{name}_date"), local.date().to_string());
    let reading = zone.to_ambiguous_timestamp(local);
    if matches!(reading.offset(), AmbiguousOffset::Fold { .. }) {
        let offset_s = zone.to_offset(at).seconds();
        values.replace(&format!("{name}_{OFFSET}"), offset_s.to_string());
    }
}

/// A person's id as forms send it.
pub(crate) fn person_parse(value: &str) -> Option<PersonId> {
    Uuid::parse_str(value).ok().map(|id| PersonId(id.as_u128()))
}

/// A person's id as forms send it.
pub(crate) fn person_value(person: PersonId) -> String {
    Uuid::from_u128(person.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap()
    }

    fn read<T>(pairs: &[(&str, &str)], with: impl FnOnce(&mut Reader<'_>) -> T) -> (T, Problems) {
        let values = Values::from_pairs(pairs.iter().copied());
        let zone = zone();
        let mut reader = Reader::new(&values, &zone, "2026-11-22T15:00:00.75Z".parse().unwrap());
        let result = with(&mut reader);
        (result, reader.problems)
    }

    #[test]
    fn letters_in_a_number_are_refused_with_a_sentence() {
        let (number, problems) = read(&[("pulse", "8o")], |reader| reader.number("pulse", "Pulse"));
        assert_eq!(number, None);
        assert!(problems.get("pulse").unwrap().ends_with('.'));
    }

    #[test]
    fn another_time_is_of_the_clinics_day() {
        let (time, problems) = read(&[("when", "other"), ("when_time", "09:41")], |reader| {
            reader.moment("when")
        });
        assert!(problems.is_empty());
        assert_eq!(time.unwrap().to_string(), "2026-11-22T14:41:00Z");
        let (time, _) = read(
            &[
                ("when", "other"),
                ("when_time", "23:50:10"),
                ("when_date", "2026-11-21"),
            ],
            |reader| reader.moment("when"),
        );
        assert_eq!(time.unwrap().to_string(), "2026-11-22T04:50:10Z");
    }

    #[test]
    fn a_year_in_which_nothing_of_a_treatment_can_lie_is_no_date() {
        for date in [
            "-009999-01-02",
            "-000001-12-31",
            "0001-01-01",
            "1899-12-31",
            "2200-01-01",
            "9999-12-31",
        ] {
            let (read_date, problems) = read(&[("day", date)], |reader| reader.date("day"));
            assert_eq!(read_date, None, "{date}");
            assert!(problems.get("day").unwrap().starts_with("This is no date"));
            let typed = [
                ("when", "other"),
                ("when_time", "09:00"),
                ("when_date", date),
            ];
            let (moment, problems) = read(&typed, |reader| reader.moment("when"));
            assert_eq!(moment, None, "{date}");
            assert!(problems.get("when").unwrap().starts_with("This is no date"));
        }
        for date in ["1900-01-01", "2199-12-31"] {
            let (read_date, problems) = read(&[("day", date)], |reader| reader.date("day"));
            assert_eq!(
                (read_date.unwrap().to_string(), problems.len()),
                (date.to_owned(), 0)
            );
        }
    }

    fn tapped(pairs: &[(&str, &str)]) -> Result<String, &'static str> {
        let values = Values::from_pairs(pairs.iter().copied());
        let now = "2026-11-22T15:00:00Z".parse().unwrap();
        tapped_at(&values, now).map(|at| at.to_string())
    }

    #[test]
    fn a_tap_lies_as_far_back_as_the_form_says() {
        for (age, at) in [
            ("", "2026-11-22T15:00:00Z"),
            ("0", "2026-11-22T15:00:00Z"),
            ("900", "2026-11-22T14:45:00Z"),
            ("43200", "2026-11-22T03:00:00Z"),
        ] {
            assert_eq!(
                tapped(&[("when", "now"), ("age_s", age)]).unwrap(),
                at,
                "{age}"
            );
        }
        assert_eq!(
            tapped(&[("when", "other"), ("age_s", "900")]).unwrap(),
            "2026-11-22T15:00:00Z",
            "another time is named"
        );
    }

    #[test]
    fn an_age_that_no_script_of_ours_sends_is_refused_with_a_sentence() {
        for age in ["-1", "43201", "1.5", "soon", "99999999999999999999"] {
            let sentence = tapped(&[("when", "now"), ("age_s", age)]).unwrap_err();
            assert!(sentence.ends_with('.'), "{age}");
            assert!(
                tapped(&[("when", "other"), ("age_s", age)]).is_ok(),
                "{age}"
            );
        }
    }

    #[test]
    fn a_form_that_was_held_up_names_the_time_of_its_tap_when_it_is_shown_again() {
        let now: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
        let shown = |tapped: &str| {
            let mut values = Values::from_pairs([("when", "now"), ("pulse", "720")]);
            tap_name(&mut values, &zone(), tapped.parse().unwrap(), now);
            assert_eq!(values.get("pulse"), "720");
            let (time, _) = {
                let zone = zone();
                let mut reader = Reader::new(&values, &zone, now);
                (reader.moment("when"), reader.problems)
            };
            time.map(|at| at.to_string())
        };
        assert_eq!(
            shown("2026-11-22T14:44:10Z").unwrap(),
            "2026-11-22T14:44:10Z"
        );
        assert_eq!(shown("2026-11-22T14:59:30Z"), None, "as good as now");
    }

    #[test]
    fn an_hour_that_was_left_out_is_refused() {
        let pairs = [
            ("when", "other"),
            ("when_time", "02:30"),
            ("when_date", "2026-03-08"),
        ];
        let (time, problems) = read(&pairs, |reader| reader.moment("when"));
        assert_eq!(time, None);
        assert!(problems.contains_key("when"));
    }

    fn in_doubled_hour(now: &str, offset: &str) -> String {
        let values = Values::from_pairs([
            ("when", "other"),
            ("when_time", "01:30"),
            ("when_date", "2026-11-01"),
            ("when_offset", offset),
        ]);
        let zone = zone();
        let mut reader = Reader::new(&values, &zone, now.parse().unwrap());
        reader.moment("when").unwrap().to_string()
    }

    #[test]
    fn in_a_doubled_hour_the_last_pass_that_has_been_is_meant() {
        let (first, second) = ("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z");
        for (now, meant) in [
            ("2026-11-01T05:10:00Z", first),
            ("2026-11-01T05:45:00Z", first),
            ("2026-11-01T06:29:59Z", first),
            ("2026-11-01T06:30:00Z", second),
            ("2026-11-01T09:00:00Z", second),
        ] {
            assert_eq!(in_doubled_hour(now, ""), meant, "{now}");
        }
        let later = "2026-11-01T09:00:00Z";
        assert_eq!(in_doubled_hour(later, "-14400"), first);
        assert_eq!(in_doubled_hour(later, "-18000"), second);
        assert_eq!(
            in_doubled_hour(later, "3600"),
            second,
            "no pass of this hour"
        );
    }

    #[test]
    fn a_moment_that_is_written_into_a_form_is_read_as_the_same() {
        let zone = zone();
        let now: Timestamp = "2026-11-01T09:00:00Z".parse().unwrap();
        for at in [
            "2026-11-01T05:30:10Z",
            "2026-11-01T06:30:10Z",
            "2026-11-01T04:59:00Z",
            "2026-11-01T07:00:00Z",
        ] {
            let mut values = Values::from_pairs([("when", "other")]);
            moment_write(&mut values, "when", at.parse().unwrap(), &zone);
            let doubled = at.contains("T05") || at.contains("T06");
            assert_eq!(!values.get("when_offset").is_empty(), doubled, "{at}");
            let mut reader = Reader::new(&values, &zone, now);
            assert_eq!(reader.moment("when").unwrap().to_string(), at);
        }
    }

    #[test]
    fn another_time_without_a_time_is_asked_for() {
        for pairs in [
            &[("when", "other")][..],
            &[("when", "soon")],
            &[("when", "other"), ("when_time", "25:00")],
        ] {
            let (_, problems) = read(pairs, |reader| reader.moment("when"));
            assert!(problems.contains_key("when"));
        }
        let (time, problems) = read(&[("when", "now")], |reader| reader.moment("when"));
        assert_eq!((time, problems.len()), (None, 0));
    }
}
