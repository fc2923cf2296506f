//! The data file equals the protocol that these tests run against, to the byte.

use std::fmt::Write as _;

use super::super::{Choice, Limits, Protocol, Range, Sourced};

const FILE: &str = include_str!("../../../../app/protocols/esketamine-2026-11.toml");

const HEAD: &str = "\
# What the programme and the clinic demand of an esketamine treatment day, as data.
#
# Every value says where it comes from: \"official\" (FDA, the REMS, a form), \"maker\", \"field\" (a guide, or the
# label at second hand) or \"clinic\" (the clinic's own choice, where no source gives a number).
# A session keeps the version that it was planned under: never change a version that was used, add a new file.
";

#[test]
fn file_is_the_standard_protocol() {
    let text = write(&Protocol::standard());
    assert!(text == FILE, "the data file should read:\n{text}");
}

/// The snake_case of a unit variant's name.
fn snake(value: impl std::fmt::Debug) -> String {
    let mut text = String::new();
    for (place, letter) in format!("{value:?}").chars().enumerate() {
        if letter.is_ascii_uppercase() && place > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    format!("\"{text}\"")
}

fn quote(text: &str) -> String {
    assert!(!text.contains(['"', '\\', '\n']));
    format!("\"{text}\"")
}

struct Text(String);

impl Text {
    fn table(&mut self, name: &str) {
        write!(self.0, "\n[{name}]\n").unwrap();
    }
    fn row(&mut self, name: &str) {
        write!(self.0, "\n[[{name}]]\n").unwrap();
    }
    fn pair(&mut self, key: &str, value: impl std::fmt::Display) {
        writeln!(self.0, "{key} = {value}").unwrap();
    }
    fn sourced<T>(&mut self, key: &str, item: &Sourced<T>, value: impl std::fmt::Display) {
        self.pair(
            key,
            format!("{{ value = {value}, source = {} }}", quote(&item.source)),
        );
    }
    fn number<T: std::fmt::Display>(&mut self, key: &str, item: &Sourced<T>) {
        self.sourced(key, item, &item.value);
    }
    fn range(&mut self, key: &str, item: &Sourced<Range>) {
        let Range { low, high } = item.value;
        self.sourced(key, item, format!("{{ low = {low}, high = {high} }}"));
    }
    fn limits(&mut self, name: &str, limits: &Limits) {
        self.table(name);
        self.number("systolic_max", &limits.systolic_max);
        self.number("diastolic_max", &limits.diastolic_max);
        self.number("spo2_min", &limits.spo2_min);
        self.number("spo2_critical", &limits.spo2_critical);
        self.number("respiration_min", &limits.respiration_min);
        self.number("moaas_min", &limits.moaas_min);
    }
    fn choices(&mut self, name: &str, choices: &[Choice]) {
        for choice in choices {
            self.row(name);
            self.pair("id", quote(&choice.id));
            self.pair("wording", quote(&choice.wording));
            self.pair("source", quote(&choice.source));
        }
    }
    fn timing_and_dosing(&mut self, protocol: &Protocol) {
        let timing = &protocol.timing;
        self.table("timing");
        self.number("rest_s", &timing.rest_s);
        self.number("minimum_minutes", &timing.minimum_minutes);
        let from = &timing.minimum_counts_from;
        self.sourced("minimum_counts_from", from, snake(from.value));
        self.number("check_minutes", &timing.check_minutes);
        let from = &timing.check_counts_from;
        self.sourced("check_counts_from", from, snake(from.value));
        self.number("check_due_from_minutes", &timing.check_due_from_minutes);
        self.number(
            "check_overdue_after_minutes",
            &timing.check_overdue_after_minutes,
        );
        self.number(
            "check_counted_within_minutes",
            &timing.check_counted_within_minutes,
        );
        self.number(
            "last_pressure_before_minimum_minutes",
            &timing.last_pressure_before_minimum_minutes,
        );
        self.number(
            "last_pressure_before_discharge_minutes",
            &timing.last_pressure_before_discharge_minutes,
        );
        self.number("late_entry_minutes", &timing.late_entry_minutes);
        let dosing = &protocol.dosing;
        self.table("dosing");
        self.number("spray_mg", &dosing.spray_mg);
        self.number("sprays_per_device", &dosing.sprays_per_device);
        self.number("dots_unused", &dosing.dots_unused);
        self.number("first_treatment_trd_mg", &dosing.first_treatment_trd_mg);
        for dose in &dosing.doses {
            self.row("dosing.doses");
            self.pair("dose_mg", dose.dose_mg);
            self.pair("devices", dose.devices);
            self.pair("source", quote(&dose.source));
        }
    }
    fn readings(&mut self, protocol: &Protocol) {
        self.table("readings");
        for (key, item) in [
            ("before_dosing", &protocol.readings.before_dosing),
            ("every_session", &protocol.readings.every_session),
        ] {
            let kinds: Vec<String> = item.value.iter().map(snake).collect();
            self.sourced(key, item, format!("[{}]", kinds.join(", ")));
        }
        self.limits("limits_before", &protocol.limits_before);
        self.limits("limits_after", &protocol.limits_after);
        let plausible = &protocol.plausible;
        self.table("plausible");
        self.range("systolic", &plausible.systolic);
        self.range("diastolic", &plausible.diastolic);
        self.range("pulse", &plausible.pulse);
        self.range("spo2", &plausible.spo2);
        self.range("respiration", &plausible.respiration);
        self.range("moaas", &plausible.moaas);
    }
    fn lists(&mut self, protocol: &Protocol) {
        for item in &protocol.checklist {
            self.row("checklist");
            self.pair("id", quote(&item.id));
            self.pair("wording", quote(&item.wording));
            self.pair("kind", snake(item.kind));
            self.pair("expected", snake(item.expected));
            self.pair("source", quote(&item.source));
        }
        self.choices("severities", &protocol.severities);
        self.choices("crisis_symptoms", &protocol.crisis_symptoms);
        self.choices("serious_kinds", &protocol.serious_kinds);
        self.choices("serious_reports", &protocol.serious_reports);
    }
    fn form(&mut self, protocol: &Protocol) {
        let form = &protocol.form;
        self.table("form");
        self.pair("version", quote(&form.version));
        self.number("days_to_submit", &form.days_to_submit);
        let from = &form.minutes_count_from;
        self.sourced("minutes_count_from", from, snake(from.value));
        self.sourced("fax", &form.fax, quote(&form.fax.value));
        self.sourced("telephone", &form.telephone, quote(&form.telephone.value));
        for field in &form.fields {
            self.row("form.fields");
            self.pair("id", quote(&field.id));
            self.pair("section", quote(&field.section));
            self.pair("wording", quote(&field.wording));
            self.pair("kind", snake(field.kind));
            self.pair("necessity", snake(field.necessity));
            self.pair("prefill", snake(field.prefill));
            let options: Vec<String> = field.options.iter().map(|text| quote(text)).collect();
            self.pair("options", format!("[{}]", options.join(", ")));
            self.pair("source", quote(&field.source));
        }
        for kit in &protocol.kits {
            self.row("kits");
            self.pair("ndc", quote(&kit.ndc));
            self.pair("dose_mg", kit.dose_mg);
            self.pair("devices", kit.devices);
            self.pair("schedule", quote(&kit.schedule));
            self.pair("source", quote(&kit.source));
        }
    }
}

fn write(protocol: &Protocol) -> String {
    let mut text = Text(HEAD.to_owned() + "\n");
    text.pair("version", quote(&protocol.version));
    text.pair("name", quote(&protocol.name));
    text.timing_and_dosing(protocol);
    text.readings(protocol);
    text.lists(protocol);
    text.form(protocol);
    text.0
}
