//! A form's default button, and the moment that it carries.

use domain::treatment::{Change, Correction};

use super::*;

#[test]
fn enter_in_a_field_saves_and_does_not_say_already() {
    let mut day = samples::cleared();
    day.step(at(9, 0, 0), &device(at(9, 0, 0), Basis::Now));
    let refusal = day
        .try_step(at(9, 4, 10), &device(at(9, 4, 10), Basis::Now))
        .unwrap_err();
    let html = step_page(
        &day,
        at(9, 4, 10),
        "device",
        &[("lot", "7K3301")],
        &Again::Refused(Box::new(refusal)),
    );
    let form = html.split("id=\"step-form\"").nth(1).unwrap();
    let first = form.split("<button").nth(1).unwrap();
    let first = first.split("</button>").next().unwrap();
    assert_eq!(
        first,
        " class=\"unseen\" type=\"submit\" tabindex=\"-1\" aria-hidden=\"true\">Device given"
    );
    assert!(form.find("class=\"unseen\"").unwrap() < form.find("name=\"basis\"").unwrap());
    let plain = step_page(&day, at(9, 5, 0), "device", &[], &Again::No);
    assert!(!plain.contains("aria-hidden=\"true\">Device given"));
}

#[test]
fn what_stands_against_a_device_is_said_before_anything_is_typed() {
    let mut day = samples::cleared();
    day.step(at(9, 0, 0), &device(at(9, 0, 0), Basis::Now));
    let html = step_page(&day, at(9, 4, 10), "device", &[], &Again::No);
    assert!(html.contains("<h1>Device 2 of 2 · 28 of 56 mg so far</h1>"));
    assert!(html.contains("data-against=\"lacks\"") && html.contains("Possible from 09:05"));
    assert!(!html.contains("data-outcome"), "nothing was sent");
    let form = html.split("id=\"step-form\"").nth(1).unwrap();
    let offer = form.find("data-offer=\"already\"").unwrap();
    assert!(
        form.find("id=\"f-lot\"").unwrap() < offer,
        "what was done already comes after the form itself"
    );
    assert!(
        form.find("class=\"unseen\"").unwrap() < offer,
        "Enter saves"
    );
    let html = step_page(&day, at(9, 5, 0), "device", &[], &Again::No);
    assert!(!html.contains("data-against") && !html.contains("data-offer"));
    let html = step_page(&monitoring(), at(9, 30, 0), "device", &[], &Again::No);
    assert!(html.contains("<h1>Device · 56 of 56 mg given</h1>"));
    assert!(html.contains("data-against=\"lacks\"") && html.contains("data-offer=\"already\""));
}

#[test]
fn each_line_that_a_discharge_lacks_leads_to_its_page() {
    let day = monitoring();
    let html = step_page(&day, at(9, 58, 0), "discharge", &[], &Again::No);
    let against = html.split("data-against").nth(1).unwrap();
    let against = against.split("</section>").next().unwrap();
    assert!(against.contains(&format!(
        "Before discharge ({})",
        against.matches("<li>").count()
    )));
    let mut tried = monitoring();
    let leave = domain::treatment::Discharge {
        basis: Basis::Now,
        escort: String::new(),
        instructions_given: domain::treatment::YesNo::Yes,
        clinically_stable: domain::treatment::YesNo::Yes,
    };
    let refusal = tried
        .try_step(at(9, 58, 0), &Command::Discharge(leave))
        .unwrap_err();
    let again = Again::Refused(Box::new(refusal));
    let refused = step_page(&day, at(9, 58, 0), "discharge", &[], &again);
    assert!(!refused.contains("data-against"), "said once");
    for step in [
        "readiness",
        "episode-resolution",
        "vitals?occasion=forty_minutes",
    ] {
        let link = format!("/steps/{step}\">");
        assert!(against.contains(&link) && refused.contains(&link), "{step}");
    }
    assert!(refused.contains("href=\"#f-escort\"") && refused.contains("id=\"f-escort\""));
}

#[test]
fn a_correction_in_a_doubled_hour_carries_its_pass() {
    let zone = jiff::tz::TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
    let mut day = samples::arrived();
    let first = "2026-11-01T05:30:00Z".parse().unwrap();
    if let Some(arrival) = day.events.last_mut() {
        arrival.happened_at = first;
    }
    day.session = domain::treatment::Session::fold(day.events.iter());
    let mut page = day.page("2026-11-01T09:00:00Z".parse().unwrap());
    page.zone = zone;
    let step = steps::step("correction").unwrap();
    let values = prefilled(&page, step, Values::from_pairs([("corrects", "1")]));
    let draft = Draft::fresh(&page, Uuid::from_u128(5), values);
    let html = shown(
        "step-correction-doubled",
        &step_html(
            &page,
            frame("Correction", page.now),
            step,
            &draft,
            &Again::No,
        ),
    );
    assert!(html.contains("type=\"hidden\" name=\"when_offset\" value=\"-14400\""));
    let entered = steps::read(step, &draft.values, &page.zone, page.now);
    let Some(Command::Correct(Correction {
        change: Change::Replace(with),
        ..
    })) = entered.ok().map(|entered| entered.command)
    else {
        panic!("a replacement");
    };
    assert_eq!(with.happened_at, first);
}

#[test]
fn a_missed_reading_asks_for_its_reason_and_for_nothing_else() {
    let day = monitoring();
    let query = [("occasion", "forty_minutes")];
    let places = |html: &str, ids: &[&str]| -> Vec<usize> {
        let place = |id: &&str| html.find(&format!("id=\"f-{id}\"")).unwrap();
        ids.iter().map(place).collect()
    };
    let html = step_page(&day, at(9, 58, 0), "vitals", &query, &Again::No);
    assert!(html.contains("<h1>40-minute reading</h1>") && html.contains("say why there is none"));
    assert!(html.contains("type=\"hidden\" name=\"occasion\" value=\"forty_minutes\""));
    assert!(
        places(
            &html,
            &["pressure_absent", "pressure_reason", "systolic", "pulse"]
        )
        .is_sorted()
    );
    assert!(!html.contains("details class=\"more\" open"));
    let html = step_page(&day, at(9, 50, 0), "vitals", &query, &Again::No);
    assert!(
        places(
            &html,
            &["systolic", "pressure_absent", "pressure_reason", "pulse"]
        )
        .is_sorted(),
        "as long as a reading counts it comes first"
    );
    let query = [("occasion", "before_discharge")];
    let html = step_page(&day, at(11, 0, 0), "vitals", &query, &Again::No);
    assert!(html.contains("<h1>Last blood pressure</h1>"));
    let sent = [
        ("asked", "forty_minutes"),
        ("occasion", "forty_minutes"),
        ("pressure_absent", "declined"),
    ];
    let step = steps::step("vitals").unwrap();
    let page = day.page(at(9, 58, 0));
    let values = Values::from_pairs(sent);
    let problems = steps::read(step, &values, &page.zone, page.now)
        .err()
        .unwrap();
    let html = step_page(
        &day,
        at(9, 58, 0),
        "vitals",
        &sent,
        &Again::Unread(problems),
    );
    assert!(
        html.contains("<h1>40-minute reading</h1>") && html.contains("Please give the reason."),
        "shown again as it was"
    );
    let asked = Values::from_pairs(sent.into_iter().chain([("pressure_reason", "Asleep")]));
    assert!(steps::read(step, &asked, &page.zone, page.now).is_ok());
}

#[test]
fn what_is_wrong_stands_in_the_order_of_the_form() {
    let day = monitoring();
    let links = |html: &str, part: &str| -> Vec<String> {
        let part = html.split(&format!("id=\"{part}\"")).nth(1).unwrap();
        let part = part.split("</ul>").next().unwrap();
        part.split("href=\"#")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect()
    };
    let wrong = ["dots_after", "dots_before", "sprays", "when", "expires"];
    let problems = wrong.map(|name| (name.to_owned(), format!("{name} is wrong.")));
    let again = Again::Unread(Problems::from(problems));
    let html = step_page(&day, at(9, 30, 0), "device", &[("when", "now")], &again);
    assert_eq!(
        links(&html, "problems"),
        [
            "f-expires",
            "f-dots_before",
            "f-sprays",
            "f-dots_after",
            "f-when"
        ]
    );
    let medicine = Command::GiveMedicine(domain::treatment::MedicineGiven {
        drug: String::new(),
        dose: String::new(),
        route: String::new(),
        order: domain::treatment::MedicineOrder::Prescriber {
            person: samples::PRESCRIBER,
        },
    });
    let refusal = monitoring().try_step(at(9, 30, 0), &medicine).unwrap_err();
    let again = Again::Refused(Box::new(refusal));
    let html = step_page(&day, at(9, 30, 0), "medicine", &[("when", "now")], &again);
    assert_eq!(links(&html, "refusal"), ["f-drug", "f-dose", "f-route"]);
    let again = Again::Unread(Problems::from([("answers".to_owned(), "None.".to_owned())]));
    let html = step_page(&arrived(), at(8, 31, 0), "checklist", &[], &again);
    assert_eq!(links(&html, "problems"), ["f-item_identity"]);
}

#[test]
fn what_ends_a_session_says_so_and_how_it_is_taken_back() {
    for step in ["delay", "cancellation", "no-show"] {
        let html = step_page(&samples::planned(), at(8, 10, 0), step, &[], &Again::No);
        assert!(html.contains("ends the session") && html.contains("taken back on its record"));
    }
}
