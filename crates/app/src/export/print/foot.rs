//! What stands at the record's end: how to check it, and the notices that it must bear.

use press::{CheckPrint, NoticePrint};

use super::super::{PrintInput, notices};
use super::labelled;

/// How to check the record. What is a file and what is a key stands in capitals, as in the command's own help.
pub(super) fn check(input: &PrintInput) -> CheckPrint {
    let mut words = vec![
        "KEY is the log's verification key. Take it from elsewhere than this record or its bundle: \
         from an earlier export, or from the clinic."
            .to_owned(),
        "The record bundle holds this print, the same record as data, and the proof that both stand \
         unchanged in the clinic's audit log since no later than the time that the command names. \
         The check needs no network."
            .to_owned(),
    ];
    if input.demo {
        words.push("This is a demo's record: its patient is made up.".to_owned());
    }
    CheckPrint {
        bundle: input.bundle.clone(),
        command: format!("clerestory verify {} --key KEY", input.bundle),
        references: vec![
            labelled("Deployment", input.deployment.clone()),
            labelled("Session", input.id.to_string()),
            labelled("Patient", input.patient.id.to_string()),
            labelled("Verification key", input.key.clone()),
        ],
        words,
    }
}

pub(super) fn notices() -> Vec<NoticePrint> {
    let notices =
        notices::standard().expect("the notices' file is compiled in, and a test reads it");
    let version = notices.version;
    notices
        .notice
        .into_iter()
        .map(|notice| NoticePrint {
            text: notice.text,
            citation: format!("{} [{version}]", notice.citation),
        })
        .collect()
}
