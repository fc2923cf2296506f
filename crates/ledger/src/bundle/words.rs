//! The report in plain words: what, by whom, when, unchanged since; and what is not proved.

use std::fmt;

use super::report::{OriginProof, Person, Report};
use crate::checkpoint::Mode;
use crate::entry::ActorClass;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mode == Mode::Demo {
            writeln!(
                f,
                "DEMO: made-up patients and a clock that can be set. No real record.\n"
            )?;
        }
        let clinic = match &self.clinic_name {
            Some(name) => format!("{name} ({})", self.clinic),
            None => self.clinic.to_string(),
        };
        writeln!(f, "Record of session {} at {clinic}", self.session)?;
        writeln!(f, "\nProved:")?;
        self.write_what(f)?;
        self.write_whom_and_when(f)?;
        writeln!(
            f,
            "  Unchanged since: each record is what was written then; record.pdf and"
        )?;
        writeln!(
            f,
            "    record.json are the files exported {}",
            self.exported_at
        )?;
        writeln!(f, "    by {}", self.exported_by)?;
        let heading = if self.is_origin_proved() {
            "  Origin"
        } else {
            "\nOrigin"
        };
        writeln!(f, "{heading}: {}", self.origin_sentence())?;
        writeln!(f, "\nNot proved:")?;
        self.not_proved()
            .iter()
            .try_for_each(|sentence| writeln!(f, "  - {sentence}"))
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.role, self.actor.class) {
            (Some(name), Some(role), _) => write!(f, "{name} ({role})"),
            (Some(name), None, _) => f.write_str(name),
            (None, _, ActorClass::System) => f.write_str("the server itself"),
            (None, _, ActorClass::Support) => write!(f, "support ({})", self.actor.id),
            (None, _, ActorClass::Person) => {
                write!(
                    f,
                    "a person whose name is not in the bundle ({})",
                    self.actor.id
                )
            }
        }
    }
}

impl Report {
    fn write_what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = self.events;
        writeln!(
            f,
            "  What: {events} events, all that the server exported, in their order:"
        )?;
        for (kind, count) in &self.kinds {
            writeln!(f, "    {count:>4}  {kind}")?;
        }
        let others = self
            .others
            .iter()
            .map(|(table, count)| format!("{count} {table}"));
        writeln!(
            f,
            "    and the records: {}",
            others.collect::<Vec<_>>().join(", ")
        )
    }

    fn write_whom_and_when(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  By whom (whose sign-in entered it):")?;
        for person in &self.persons {
            writeln!(f, "    {:>4}  {person}", person.events)?;
        }
        if let Some((first, last)) = self.entered {
            writeln!(f, "  When: written to the log from {first} to {last},")?;
            writeln!(
                f,
                "    by the server's clock; no later than {},",
                self.no_later_than
            )?;
            writeln!(f, "    when epoch {} was closed", self.epoch)?;
        }
        Ok(())
    }

    fn origin_sentence(&self) -> String {
        let origin = self.checkpoint.origin;
        match self.origin_proof {
            OriginProof::Key => format!("signed by the key that you named, log {origin}"),
            OriginProof::Checkpoint { size } => {
                format!("continues the checkpoint of size {size} that you kept, log {origin}")
            }
            OriginProof::NotProved => format!(
                "NOT PROVED. The bundle fits together, but you named no key and no earlier \
                 checkpoint, and anybody can make a log and a key and call it {origin}"
            ),
        }
    }

    fn not_proved(&self) -> Vec<String> {
        let mut list = Vec::new();
        if !self.is_origin_proved() {
            list.push("Where this bundle comes from (see Origin).".to_owned());
        }
        list.push(
            "That what was entered is true: the log shows what was written, not what happened."
                .to_owned(),
        );
        list.push(
            "That each person named was the one who held the device: the log shows whose sign-in \
             it was."
                .to_owned(),
        );
        list.push(
            "That the server's clock was right: all times are the server's own. Whoever kept this \
             checkpoint knows from then on that the record is not younger."
                .to_owned(),
        );
        list.push(
            "That the server exported all that its log had of the session: it says how many events \
             there were, and that is committed; it can have hidden some."
                .to_owned(),
        );
        list.push(
            "That nobody rewrote the log before this checkpoint was in other hands: where log and \
             anchor lie on one machine, whoever rules that machine could."
                .to_owned(),
        );
        list.push(
            "That record.pdf shows the same as record.json: both are what the server exported."
                .to_owned(),
        );
        if self.generations.len() > 1 {
            list.push(format!(
                "What the log held between the generations {:?}: it was restored from a backup; the \
                 older entries stand as they were found then.",
                self.generations
            ));
        }
        for name in &self.unchecked {
            list.push(format!(
                "The signature of {name} on the checkpoint: it was not checked."
            ));
        }
        list
    }
}
