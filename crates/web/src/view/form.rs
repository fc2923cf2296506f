//! A step's form as the page draws it: its description, what was typed, and what is wrong with it.

use app::treatment::SessionPage;

use super::options::options_of;
use super::session::say_of;
use crate::form::Values;
use crate::steps::read::{OFFSET, Problems, person_value};
use crate::steps::{Chosen, FieldKind, FieldSpec, NOBODY, Need, SectionShape, SectionSpec, Source};
use crate::words::{answer_words, day_words};

/// One choice.
pub(crate) struct OptionView {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) chosen: bool,
}

/// How choices lie side by side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChoiceShape {
    /// As many as fit.
    Flow,
    /// Two halves.
    Pair,
    /// Short figures in one row.
    Scale,
    /// Thirds.
    Three,
    /// One under the other.
    Tall,
}

impl ChoiceShape {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Pair => "pair",
            Self::Scale => "scale",
            Self::Three => "three",
            Self::Tall => "tall",
        }
    }

    pub(crate) fn is_span(self) -> bool {
        self == Self::Scale
    }
}

/// The control of a field.
pub(crate) enum Control {
    /// One line of text.
    Line {
        value: String,
        longest: u32,
        mode: &'static str,
    },
    /// Several lines.
    Area { value: String, longest: u32 },
    /// A number.
    Number { value: String, unit: &'static str },
    /// Two numbers with a stroke between.
    Pair {
        first: String,
        second: String,
        second_name: &'static str,
        unit: &'static str,
    },
    /// Radio buttons.
    Choice {
        options: Vec<OptionView>,
        shape: ChoiceShape,
    },
    /// Check boxes.
    Many { options: Vec<OptionView> },
    /// A list to pick from.
    Pick { options: Vec<OptionView> },
    /// A date.
    Date { value: String },
    /// A time, with “now” before it where `now` is some.
    Moment {
        now: Option<bool>,
        date: String,
        time: String,
        /// Which pass through a doubled hour; empty elsewhere.
        offset: String,
        /// With seconds: only where the moment has some, for a browser that asks for seconds takes no time without.
        exact: bool,
    },
}

/// A field as it is drawn.
pub(crate) struct FieldView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) optional: bool,
    pub(crate) error: Option<String>,
    pub(crate) control: Control,
}

impl FieldView {
    pub(crate) fn is_described(&self) -> bool {
        self.error.is_some() || !self.hint.is_empty()
    }
}

/// A section as it is drawn.
pub(crate) struct SectionView {
    pub(crate) title: String,
    pub(crate) shape: SectionShape,
    pub(crate) fields: Vec<FieldView>,
}

/// Something wrong, with the place to look at.
pub(crate) struct Problem {
    pub(crate) place: String,
    pub(crate) words: String,
}

/// A form as it is drawn.
pub(crate) struct FormView {
    pub(crate) action: String,
    pub(crate) hidden: Vec<(String, String)>,
    pub(crate) sections: Vec<SectionView>,
    pub(crate) problems: Vec<Problem>,
}

/// Draws sections with what was typed and what is wrong.
pub(crate) fn form_view(
    page: &SessionPage,
    action: String,
    hidden: Vec<(String, String)>,
    sections: &[SectionSpec],
    values: &Values,
    problems: &Problems,
) -> FormView {
    let asks_checklist = sections
        .iter()
        .flat_map(|section| section.fields)
        .any(|spec| matches!(spec.kind, FieldKind::Checklist));
    let mut sections: Vec<SectionView> = sections
        .iter()
        .map(|section| section_view(page, section, values, problems))
        .collect();
    if asks_checklist {
        sections.push(remarks_view(page, values));
    }
    let problems = problems_view(&sections, problems);
    FormView {
        action,
        hidden,
        sections,
        problems,
    }
}

/// What is wrong, in the order of the form, each with its field. What no field is drawn for is looked for at the first.
fn problems_view(sections: &[SectionView], problems: &Problems) -> Vec<Problem> {
    let fields: Vec<&FieldView> = sections
        .iter()
        .flat_map(|section| &section.fields)
        .collect();
    let is_named = |field: &&FieldView, name: &str| {
        field.name == name
            || matches!(&field.control, Control::Pair { second_name, .. } if *second_name == name)
    };
    let mut found: Vec<(usize, &String)> = problems
        .iter()
        .map(|(name, words)| {
            let at = fields.iter().position(|field| is_named(field, name));
            (at.unwrap_or_default(), words)
        })
        .collect();
    found.sort_by_key(|(at, _)| *at);
    found
        .into_iter()
        .map(|(at, words)| Problem {
            place: fields
                .get(at)
                .map_or_else(|| "step-form".to_owned(), |field| field.id.clone()),
            words: words.clone(),
        })
        .collect()
}

fn section_view(
    page: &SessionPage,
    section: &SectionSpec,
    values: &Values,
    problems: &Problems,
) -> SectionView {
    let quiet = section.shape != SectionShape::Plain;
    let mut fields: Vec<FieldView> = section
        .fields
        .iter()
        .flat_map(|spec| field_views(page, spec, values, problems))
        .collect();
    for field in &mut fields {
        // Beside each other, or folded away, nobody expects that all is filled in.
        field.optional &= !quiet;
    }
    let shape = match section.shape {
        SectionShape::Folded { .. } => SectionShape::Folded {
            open: fields.iter().any(|field| is_touched(page, field, values)),
        },
        SectionShape::Plain | SectionShape::Grid => section.shape,
    };
    SectionView {
        title: section.title.to_owned(),
        shape,
        fields,
    }
}

fn is_touched(page: &SessionPage, field: &FieldView, values: &Values) -> bool {
    let typed = [field.name.clone(), format!("{}_time", field.name)]
        .iter()
        .any(|name| !values.get(name).is_empty() && values.get(name) != person_value(page.viewer));
    typed || field.error.is_some()
}

fn field_views(
    page: &SessionPage,
    spec: &FieldSpec,
    values: &Values,
    problems: &Problems,
) -> Vec<FieldView> {
    match spec.kind {
        FieldKind::Checklist => checklist_views(page, values, problems),
        FieldKind::Text { .. }
        | FieldKind::Note { .. }
        | FieldKind::Number { .. }
        | FieldKind::Pressure
        | FieldKind::Choice(_)
        | FieldKind::Several(_)
        | FieldKind::One { .. }
        | FieldKind::Many(_)
        | FieldKind::Date
        | FieldKind::Time
        | FieldKind::Moment => vec![field_view(page, spec, values, problems)],
    }
}

/// One field, drawn.
pub(crate) fn field_view(
    page: &SessionPage,
    spec: &FieldSpec,
    values: &Values,
    problems: &Problems,
) -> FieldView {
    let control = control(page, spec, values);
    let says_itself = matches!(
        control,
        Control::Choice { .. } | Control::Pick { .. } | Control::Moment { .. }
    );
    FieldView {
        id: format!("f-{}", spec.name),
        name: spec.name.to_owned(),
        label: spec.label.to_owned(),
        hint: spec.hint.to_owned(),
        optional: spec.need == Need::Optional && !says_itself,
        error: spec
            .names()
            .iter()
            .find_map(|name| problems.get(name))
            .cloned(),
        control,
    }
}

fn control(page: &SessionPage, spec: &FieldSpec, values: &Values) -> Control {
    let value = values.get(spec.name).to_owned();
    match spec.kind {
        FieldKind::Text { longest } => Control::Line {
            value,
            longest,
            mode: "text",
        },
        FieldKind::Note { longest } => Control::Area { value, longest },
        FieldKind::Number { unit } => Control::Number { value, unit },
        FieldKind::Pressure => Control::Pair {
            first: value,
            second: values.get("diastolic").to_owned(),
            second_name: "diastolic",
            unit: "mmHg",
        },
        FieldKind::Choice(choices) => choice_control(fixed(choices, |own| own == value)),
        FieldKind::Several(choices) => Control::Many {
            options: fixed(choices, |own| values.all(spec.name).any(|sent| sent == own)),
        },
        FieldKind::One { source, none } => one_control(page, spec, source, none, &value),
        FieldKind::Many(source) => {
            let mut options = options_of(page, source, &values.all(spec.name).collect::<Vec<_>>());
            for option in &mut options {
                option.chosen = values.all(spec.name).any(|sent| sent == option.value);
            }
            Control::Many { options }
        }
        FieldKind::Date => Control::Date { value },
        FieldKind::Time | FieldKind::Moment => {
            let now = matches!(spec.kind, FieldKind::Moment).then_some(value != "other");
            moment_control(page, spec.name, now, values)
        }
        // Drawn item by item in `checklist_views`.
        FieldKind::Checklist => Control::Many {
            options: Vec::new(),
        },
    }
}

fn moment_control(page: &SessionPage, name: &str, now: Option<bool>, values: &Values) -> Control {
    let typed = values.get(&format!("{name}_date"));
    let today = page.now.to_zoned(page.zone.clone()).date().to_string();
    let date = if typed.is_empty() {
        today
    } else {
        typed.to_owned()
    };
    let time = values.get(&format!("{name}_time")).to_owned();
    let exact = time.len() > "00:00".len() && !time.ends_with(":00");
    Control::Moment {
        now,
        date,
        time,
        offset: values.get(&format!("{name}_{OFFSET}")).to_owned(),
        exact,
    }
}

fn fixed(choices: &[Chosen], chosen: impl Fn(&str) -> bool) -> Vec<OptionView> {
    choices
        .iter()
        .map(|choice| OptionView {
            value: choice.value.to_owned(),
            label: choice.label.to_owned(),
            hint: String::new(),
            chosen: chosen(choice.value),
        })
        .collect()
}

fn choice_control(options: Vec<OptionView>) -> Control {
    let shape = match options.len() {
        2 => ChoiceShape::Pair,
        _ if options
            .iter()
            .all(|option| option.label.chars().count() <= 2) =>
        {
            ChoiceShape::Scale
        }
        _ if options
            .iter()
            .any(|option| option.label.chars().count() > 18 || !option.hint.is_empty()) =>
        {
            ChoiceShape::Tall
        }
        _ => ChoiceShape::Flow,
    };
    Control::Choice { options, shape }
}

/// Longer lists of people are picked from a list; short ones are tapped.
const TAPPED_MAX: usize = 6;

fn one_control(
    page: &SessionPage,
    spec: &FieldSpec,
    source: Source,
    none: &str,
    value: &str,
) -> Control {
    let mut options = options_of(page, source, &[value]);
    let only = options.len() == 1 && none.is_empty();
    for option in &mut options {
        // Where there is one thing that can be meant, it is meant.
        option.chosen = option.value == value || (only && value.is_empty());
    }
    let picked = spec.name == "taken_by" || options.len() > TAPPED_MAX;
    if !none.is_empty() {
        let none_value = if spec.need == Need::Required {
            NOBODY
        } else {
            ""
        };
        options.push(OptionView {
            value: none_value.to_owned(),
            label: none.to_owned(),
            hint: String::new(),
            chosen: value == none_value,
        });
    }
    if picked {
        if spec.need == Need::Required && !options.iter().any(|option| option.chosen) {
            let ask = OptionView {
                value: String::new(),
                label: "Please choose".to_owned(),
                hint: String::new(),
                chosen: true,
            };
            options.insert(0, ask);
        }
        return Control::Pick { options };
    }
    choice_control(options)
}

/// The checklist, item by item, with the answers so far.
fn checklist_views(page: &SessionPage, values: &Values, problems: &Problems) -> Vec<FieldView> {
    const CHOICES: [Chosen; 3] = [
        Chosen {
            value: "yes",
            label: "Yes",
        },
        Chosen {
            value: "no",
            label: "No",
        },
        Chosen {
            value: "not_asked",
            label: "Not asked",
        },
    ];
    let say = say_of(page);
    let answered = page.session.checklist(&page.protocol);
    page.protocol
        .checklist
        .iter()
        .map(|item| {
            let name = format!("item_{}", item.id);
            let typed = values.get(&name);
            let before = answered
                .iter()
                .find(|state| state.item == item.id && state.seq.is_some());
            let hint = before.map_or_else(String::new, |state| {
                let at = state
                    .seq
                    .and_then(|seq| say.event(seq))
                    .map(|recorded| say.clock(recorded.happened_at))
                    .unwrap_or_default();
                format!("Answered {} at {at}", answer_words(state.answer))
            });
            FieldView {
                id: format!("f-{name}"),
                label: item.wording.clone(),
                hint,
                optional: false,
                error: problems
                    .get(&name)
                    .or_else(|| problems.get("answers").filter(|_| before.is_none()))
                    .cloned(),
                control: Control::Choice {
                    options: fixed(&CHOICES, |own| own == typed),
                    shape: ChoiceShape::Three,
                },
                name,
            }
        })
        .collect()
}

/// A remark to each item, folded away: few are made.
fn remarks_view(page: &SessionPage, values: &Values) -> SectionView {
    let fields: Vec<FieldView> = page
        .protocol
        .checklist
        .iter()
        .map(|item| {
            let name = format!("note_{}", item.id);
            let control = Control::Line {
                value: values.get(&name).to_owned(),
                longest: 120,
                mode: "text",
            };
            FieldView {
                id: format!("f-{name}"),
                label: item.wording.clone(),
                hint: String::new(),
                optional: false,
                error: None,
                control,
                name,
            }
        })
        .collect();
    let open = fields
        .iter()
        .any(|field| !values.get(&field.name).is_empty());
    SectionView {
        title: "Add a remark to an answer".to_owned(),
        shape: SectionShape::Folded { open },
        fields,
    }
}

/// A birthdate as the head of a page says it.
pub(crate) fn born_words(birthdate: jiff::civil::Date) -> String {
    format!("DOB {}", day_words(birthdate))
}
