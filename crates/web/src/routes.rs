//! Every route, once: the router is built from this table, and a test walks it.

use app::Role;

/// The method of a route. `HEAD` goes with `GET`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Creates.
    Post,
}

/// Who gets anything else than the refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody: nothing of any clinic is shown.
    Anyone,
    /// Everybody, and in a demo alone; elsewhere it is not found.
    Demo,
    /// Signed in with one of these roles; for others it is not found.
    Roles(&'static [Role]),
}

/// Everybody who is signed in.
const ALL_ROLES: Who = Who::Roles(&[Role::Owner, Role::Prescriber, Role::FloorClinician]);
/// Who works with patients.
const CLINICAL: Who = Who::Roles(&[Role::Prescriber, Role::FloorClinician]);
/// Who runs the clinic.
const OWNER: Who = Who::Roles(&[Role::Owner]);

/// What answers a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handler {
    Root,
    SignInPage,
    SignIn,
    SignOut,
    Board,
    Sessions,
    PlanPage,
    Plan,
    Session,
    Record,
    WrongPatientPage,
    WrongPatient,
    Exports,
    StepPage,
    StepAgain,
    Step,
    Clinic,
    Audit,
    Demo,
    DemoClock,
    Health,
    SecurityText,
    Asset,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The pattern, with `{names}` for what varies.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
    /// Whether the answer shows patient data, so that it leaves its entry in the audit log.
    pub patient_data: bool,
    pub(crate) handler: Handler,
}

const fn route(
    verb: Verb,
    path: &'static str,
    who: Who,
    patient_data: bool,
    handler: Handler,
) -> Route {
    Route {
        verb,
        path,
        who,
        patient_data,
        handler,
    }
}

/// Every route.
pub const ALL: &[Route] = &[
    route(Verb::Get, "/", Who::Anyone, false, Handler::Root),
    route(
        Verb::Get,
        "/floor/sign-in",
        Who::Anyone,
        false,
        Handler::SignInPage,
    ),
    route(
        Verb::Post,
        "/floor/sign-in",
        Who::Anyone,
        false,
        Handler::SignIn,
    ),
    route(
        Verb::Post,
        "/floor/sign-out",
        ALL_ROLES,
        false,
        Handler::SignOut,
    ),
    route(Verb::Get, "/floor", ALL_ROLES, true, Handler::Board),
    route(
        Verb::Get,
        "/floor/sessions",
        ALL_ROLES,
        true,
        Handler::Sessions,
    ),
    route(
        Verb::Get,
        "/floor/sessions/new",
        CLINICAL,
        true,
        Handler::PlanPage,
    ),
    route(Verb::Post, "/floor/sessions", CLINICAL, true, Handler::Plan),
    route(
        Verb::Get,
        "/floor/sessions/{id}",
        ALL_ROLES,
        true,
        Handler::Session,
    ),
    route(
        Verb::Get,
        "/floor/sessions/{id}/record",
        ALL_ROLES,
        true,
        Handler::Record,
    ),
    route(
        Verb::Get,
        "/floor/sessions/{id}/wrong-patient",
        CLINICAL,
        true,
        Handler::WrongPatientPage,
    ),
    route(
        Verb::Post,
        "/floor/sessions/{id}/wrong-patient",
        CLINICAL,
        true,
        Handler::WrongPatient,
    ),
    route(
        Verb::Post,
        "/floor/sessions/{id}/exports",
        ALL_ROLES,
        true,
        Handler::Exports,
    ),
    route(
        Verb::Get,
        "/floor/sessions/{id}/steps/{step}",
        CLINICAL,
        true,
        Handler::StepPage,
    ),
    route(
        Verb::Get,
        "/floor/sessions/{id}/{step}",
        CLINICAL,
        false,
        Handler::StepAgain,
    ),
    route(
        Verb::Post,
        "/floor/sessions/{id}/{step}",
        CLINICAL,
        true,
        Handler::Step,
    ),
    route(Verb::Get, "/clinic", OWNER, false, Handler::Clinic),
    route(Verb::Get, "/clinic/audit-log", OWNER, false, Handler::Audit),
    route(Verb::Get, "/demo", Who::Demo, false, Handler::Demo),
    route(
        Verb::Post,
        "/demo/clock",
        Who::Demo,
        false,
        Handler::DemoClock,
    ),
    route(Verb::Get, "/health", Who::Anyone, false, Handler::Health),
    route(
        Verb::Get,
        "/.well-known/security.txt",
        Who::Anyone,
        false,
        Handler::SecurityText,
    ),
    route(
        Verb::Get,
        "/assets/{folder}/{name}",
        Who::Anyone,
        false,
        Handler::Asset,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps;

    #[test]
    fn each_route_and_each_handler_stands_once() {
        for (index, route) in ALL.iter().enumerate() {
            for other in &ALL[index + 1..] {
                assert!(
                    route.verb != other.verb || route.path != other.path,
                    "{}",
                    route.path
                );
                assert!(route.handler != other.handler, "{:?}", route.handler);
            }
        }
    }

    #[test]
    fn what_shows_patient_data_asks_who_it_is() {
        for route in ALL {
            assert!(
                !route.patient_data || matches!(route.who, Who::Roles(_)),
                "{}",
                route.path
            );
        }
    }

    #[test]
    fn no_step_is_shadowed_by_a_route_of_its_own() {
        for step in steps::catalogue() {
            assert!(
                ALL.iter()
                    .all(|route| route.path != format!("/floor/sessions/{{id}}/{}", step.name)),
                "{}",
                step.name
            );
        }
    }
}
