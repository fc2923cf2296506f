//! The bundle as a zip file: five stored files, in one order, with no freedom left.
//!
//! Files are stored, not deflated (a PDF is compressed already), with fixed times, no extra fields and no
//! comments. So the parts determine every byte, and reading is: take the files, write them again,
//! compare. There is nothing to inflate, so there is no zip bomb; and no name, date or flag that could
//! differ unseen.

use super::failure::{Failure, Problem};
use super::{
    BundleError, BundleParts, PROOF_JSON_BYTES_MAX, RECORD_JSON_BYTES_MAX, RECORD_PDF_BYTES_MAX,
};
use crate::note::NOTE_BYTES_MAX;
use crate::read::{Reader, Short};

/// Largest bundle in bytes: its files at their largest, and 64 KB for the text and the archive's own.
pub const BUNDLE_BYTES_MAX: usize =
    RECORD_JSON_BYTES_MAX + RECORD_PDF_BYTES_MAX + PROOF_JSON_BYTES_MAX + NOTE_BYTES_MAX + 65_536;

const README_TXT: &str = "README.txt";
const RECORD_PDF: &str = "record.pdf";
const RECORD_JSON: &str = "record.json";
const PROOF_JSON: &str = "proof.json";
const CHECKPOINT_TXT: &str = "checkpoint.txt";

/// Names in their order, with the largest size of each. `README.txt` is of one text.
const FILES: [(&str, usize); 5] = [
    (README_TXT, 16_384),
    (RECORD_PDF, RECORD_PDF_BYTES_MAX),
    (RECORD_JSON, RECORD_JSON_BYTES_MAX),
    (PROOF_JSON, PROOF_JSON_BYTES_MAX),
    (CHECKPOINT_TXT, NOTE_BYTES_MAX),
];

const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const CENTRAL_HEADER: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";

/// Version needed (1.0), no flags, method 0 (stored), 1980-01-01 00:00:00, the earliest that zip can say.
const FIXED: [u8; 10] = [10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];

/// The archive of these parts.
pub(super) fn write(readme: &str, parts: &BundleParts) -> Result<Vec<u8>, BundleError> {
    let files = [
        readme.as_bytes(),
        &parts.record_pdf,
        &parts.record_json,
        &parts.proof_json,
        &parts.checkpoint,
    ];
    for ((name, bytes_max), bytes) in FILES.iter().zip(files) {
        if bytes.len() > *bytes_max {
            return Err(BundleError::TooLarge(name));
        }
    }
    Ok(pack(files))
}

fn pack(files: [&[u8]; 5]) -> Vec<u8> {
    let mut out = Vec::with_capacity(files.iter().map(|bytes| bytes.len() + 128).sum());
    let mut central = Vec::new();
    for ((name, _), bytes) in FILES.iter().zip(files) {
        let offset = u32_le(out.len());
        let sizes = [
            crc32(bytes).to_le_bytes(),
            u32_le(bytes.len()),
            u32_le(bytes.len()),
        ]
        .concat();
        let name_length = (name.len() as u16).to_le_bytes();
        for part in [
            &LOCAL_HEADER[..],
            &FIXED,
            &sizes,
            &name_length,
            &[0; 2],
            name.as_bytes(),
        ] {
            out.extend_from_slice(part);
        }
        out.extend_from_slice(bytes);
        // Made by version 1.0 on no particular system; no extra field, comment, disk or attributes.
        let made_by = [10, 0];
        for part in [
            &CENTRAL_HEADER[..],
            &made_by,
            &FIXED,
            &sizes,
            &name_length,
            &[0; 12],
        ] {
            central.extend_from_slice(part);
        }
        central.extend_from_slice(&offset);
        central.extend_from_slice(name.as_bytes());
    }
    let (offset, length) = (u32_le(out.len()), u32_le(central.len()));
    out.extend_from_slice(&central);
    for part in [&END[..], &[0; 4], &[5, 0, 5, 0], &length, &offset, &[0; 2]] {
        out.extend_from_slice(part);
    }
    out
}

/// The limits above keep every length far below 4 GB.
fn u32_le(length: usize) -> [u8; 4] {
    (length as u32).to_le_bytes()
}

/// The parts of an archive that [`write`] wrote.
pub(super) fn open(bytes: &[u8], readme: &str) -> Result<BundleParts, Failure> {
    let whole = |problem| Failure::new("the file", problem);
    if bytes.len() > BUNDLE_BYTES_MAX {
        return Err(whole(Problem::TooLarge));
    }
    if !bytes.starts_with(&LOCAL_HEADER) {
        let is_begun = !bytes.is_empty() && LOCAL_HEADER.starts_with(bytes);
        return Err(whole(if is_begun {
            Problem::CutOff
        } else {
            Problem::NotAnArchive
        }));
    }
    let mut reader = Reader::new(bytes);
    let mut files: [&[u8]; 5] = [&[]; 5];
    for ((name, bytes_max), file) in FILES.iter().zip(&mut files) {
        *file = local_file(&mut reader, name, *bytes_max)?;
    }
    compare(bytes, &pack(files)).map_err(whole)?;
    let [found, record_pdf, record_json, proof_json, checkpoint] = files;
    if found != readme.as_bytes() {
        return Err(Failure::new(README_TXT, Problem::Readme));
    }
    Ok(BundleParts {
        record_json: record_json.to_vec(),
        record_pdf: record_pdf.to_vec(),
        proof_json: proof_json.to_vec(),
        checkpoint: checkpoint.to_vec(),
    })
}

/// Reads one file by its local header, trusting of it the length alone, within bounds.
fn local_file<'a>(
    reader: &mut Reader<'a>,
    name: &str,
    bytes_max: usize,
) -> Result<&'a [u8], Failure> {
    let failure = |problem| Failure::new(name, problem);
    let cut_off = |Short| failure(Problem::CutOff);
    let signature: [u8; 4] = reader.array().map_err(cut_off)?;
    let fixed: [u8; 10] = reader.array().map_err(cut_off)?;
    let _checksum: [u8; 4] = reader.array().map_err(cut_off)?; // compared when packed again
    let packed = u32::from_le_bytes(reader.array().map_err(cut_off)?);
    let length = u32::from_le_bytes(reader.array().map_err(cut_off)?);
    let name_length: [u8; 2] = reader.array().map_err(cut_off)?;
    let extra_length: [u8; 2] = reader.array().map_err(cut_off)?;
    let is_ours = (signature, fixed, extra_length) == (LOCAL_HEADER, FIXED, [0; 2])
        && usize::from(u16::from_le_bytes(name_length)) == name.len();
    if !is_ours || packed != length {
        return Err(failure(Problem::Repacked));
    }
    if reader.take(name.len()).map_err(cut_off)? != name.as_bytes() {
        return Err(failure(Problem::Repacked));
    }
    match usize::try_from(length) {
        Ok(length) if length <= bytes_max => reader.take(length).map_err(cut_off),
        Ok(_) | Err(_) => Err(failure(Problem::TooLarge)),
    }
}

fn compare(bytes: &[u8], again: &[u8]) -> Result<(), Problem> {
    let same = bytes
        .iter()
        .zip(again)
        .take_while(|(left, right)| left == right)
        .count();
    match (same == bytes.len(), same == again.len()) {
        (true, true) => Ok(()),
        (true, false) => Err(Problem::CutOff),
        (false, true) => Err(Problem::Trailing),
        (false, false) => Err(Problem::Damaged(same)),
    }
}

/// CRC-32 as zip wants it (ISO 3309, reflected, polynomial 0xEDB88320). It guards against nothing here;
/// other programs ask for it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        CRC_TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8)
    })
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::io::{Cursor, Read};

    use super::*;

    fn parts() -> BundleParts {
        BundleParts {
            record_json: b"{}".to_vec(),
            record_pdf: b"%PDF".to_vec(),
            proof_json: b"[]".to_vec(),
            checkpoint: b"note\n".to_vec(),
        }
    }

    #[test]
    fn crc_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn other_programs_read_it() {
        let bytes = write("read me", &parts()).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        let names: Vec<String> = archive
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .collect();
        let expected = [
            README_TXT,
            RECORD_PDF,
            RECORD_JSON,
            PROOF_JSON,
            CHECKPOINT_TXT,
        ];
        assert_eq!(names, expected);
        let mut text = String::new();
        archive
            .by_name(README_TXT)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "read me");
    }

    #[test]
    fn it_opens_and_every_other_byte_does_not() {
        let parts = parts();
        let bytes = write("read me", &parts).unwrap();
        assert!(open(&bytes, "read me").unwrap() == parts);
        for index in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[index] ^= 0x01;
            assert!(open(&bent, "read me").is_err(), "byte {index}");
        }
        for length in 0..bytes.len() {
            assert!(
                open(&bytes[..length], "read me").is_err(),
                "cut off at {length}"
            );
        }
        let trailing = [&bytes[..], b"x"].concat();
        assert_eq!(
            open(&trailing, "read me").err().unwrap().problem,
            Problem::Trailing
        );
        assert_eq!(
            open(&bytes, "other").err().unwrap().problem,
            Problem::Readme
        );
    }

    #[test]
    fn too_large_a_part_is_not_written() {
        let large = BundleParts {
            checkpoint: vec![b'x'; NOTE_BYTES_MAX + 1],
            ..parts()
        };
        assert_eq!(
            write("read me", &large),
            Err(BundleError::TooLarge(CHECKPOINT_TXT))
        );
    }
}
