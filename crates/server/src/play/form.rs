//! A page's form: what it asks, as the page sent it, and how it is filled in from a day file.
//!
//! Invariant: nothing is sent that a phone could not send: only the form's own fields, of choices only what the page offers,
//! of text no more than fits.

mod fill;

use scraper::{ElementRef, Html};

use super::page::{all, first, words};

pub(crate) use fill::{Filling, Misfit};

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Where it is sent.
    pub(crate) action: String,
    controls: Vec<Control>,
    /// Buttons that send a name and a value of their own.
    buttons: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Control {
    name: String,
    kind: ControlKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ControlKind {
    /// What the page itself put into the form.
    Hidden(String),
    /// Something to type.
    Typed {
        value: String,
        longest: Option<usize>,
    },
    /// One of several (radio buttons, a list).
    One(Vec<Choice>),
    /// Any of several (check boxes).
    Any(Vec<Choice>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

impl Form {
    /// The form of a page that `css` selects.
    pub(crate) fn find(html: &str, css: &'static str) -> Option<Self> {
        let html = Html::parse_document(html);
        first(&html, css).map(Self::read)
    }

    /// The form of a page that is sent to `action` and has a hidden field of this name and value.
    pub(crate) fn find_hidden(html: &str, action: &str, name: &str, value: &str) -> Option<Self> {
        let html = Html::parse_document(html);
        all(html.root_element(), "form")
            .into_iter()
            .map(Self::read)
            .filter(|form| form.action == action)
            .find(|form| {
                form.pairs()
                    .iter()
                    .any(|pair| pair.0 == name && pair.1 == value)
            })
    }

    fn read(form: ElementRef<'_>) -> Self {
        let mut read = Self {
            action: form.attr("action").unwrap_or_default().to_owned(),
            controls: Vec::new(),
            buttons: Vec::new(),
        };
        for element in all(
            form,
            "input[name], textarea[name], select[name], button[name]",
        ) {
            let name = element.attr("name").unwrap_or_default().to_owned();
            let value = element.attr("value").unwrap_or_default().to_owned();
            let longest = element
                .attr("maxlength")
                .and_then(|longest| longest.parse().ok());
            match (
                element.value().name(),
                element.attr("type").unwrap_or("text"),
            ) {
                ("button", _) => read.buttons.push((name, value)),
                ("textarea", _) => {
                    let value = element.text().collect();
                    read.controls.push(Control {
                        name,
                        kind: ControlKind::Typed { value, longest },
                    });
                }
                ("select", _) => read.controls.push(Control {
                    name,
                    kind: ControlKind::One(options(element)),
                }),
                (_, "radio") => read.choice_add(name, choice(element, value), ControlKind::One),
                (_, "checkbox") => read.choice_add(name, choice(element, value), ControlKind::Any),
                (_, "hidden") => read.controls.push(Control {
                    name,
                    kind: ControlKind::Hidden(value),
                }),
                (_, _) => read.controls.push(Control {
                    name,
                    kind: ControlKind::Typed { value, longest },
                }),
            }
        }
        read
    }

    /// Radio buttons and check boxes of one name are one control.
    fn choice_add(&mut self, name: String, choice: Choice, kind: fn(Vec<Choice>) -> ControlKind) {
        match self
            .controls
            .iter_mut()
            .find(|control| control.name == name)
            .map(|control| &mut control.kind)
        {
            Some(ControlKind::One(choices) | ControlKind::Any(choices)) => choices.push(choice),
            Some(ControlKind::Hidden(_) | ControlKind::Typed { .. }) | None => {
                self.controls.push(Control {
                    name,
                    kind: kind(vec![choice]),
                });
            }
        }
    }

    /// Whether it has a field of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.controls.iter().any(|control| control.name == name)
    }

    /// The button that sends this name.
    pub(crate) fn button(&self, name: &str) -> Option<&(String, String)> {
        self.buttons.iter().find(|button| button.0 == name)
    }

    /// What is sent, in the order of the page.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for control in &self.controls {
            let mut push = |value: &str| pairs.push((control.name.clone(), value.to_owned()));
            match &control.kind {
                ControlKind::Hidden(value) | ControlKind::Typed { value, .. } => push(value),
                ControlKind::One(choices) | ControlKind::Any(choices) => {
                    choices
                        .iter()
                        .filter(|choice| choice.chosen)
                        .for_each(|choice| push(&choice.value));
                }
            }
        }
        pairs
    }
}

/// A list's options. Where none is marked, browsers take the first.
fn options(list: ElementRef<'_>) -> Vec<Choice> {
    let mut options: Vec<Choice> = all(list, "option")
        .into_iter()
        .map(|option| Choice {
            value: option.attr("value").unwrap_or_default().to_owned(),
            label: words(option),
            chosen: option.attr("selected").is_some(),
        })
        .collect();
    if !options.iter().any(|option| option.chosen)
        && let Some(first) = options.first_mut()
    {
        first.chosen = true;
    }
    options
}

/// A radio button or check box; its label is around it.
fn choice(input: ElementRef<'_>, value: String) -> Choice {
    let label = input
        .ancestors()
        .filter_map(ElementRef::wrap)
        .find(|above| above.value().name() == "label");
    Choice {
        value,
        label: label.map(words).unwrap_or_default(),
        chosen: input.attr("checked").is_some(),
    }
}

#[cfg(test)]
mod tests;
