//! The archive: its exact layout, by a writer of its own, and every way to bend it.

use std::io::{Cursor, Read, Write};

use ledger::bundle::{BUNDLE_BYTES_MAX, Failure, Problem, Trust, verify};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::fixture::{Made, made};

/// The layout as `docs/formats/bundle.md` has it, written from the page and not from the crate.
fn pack(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let offset = u32::try_from(out.len()).unwrap();
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let mut common = vec![10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc32(bytes).to_le_bytes());
        common.extend([length, length].concat());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend([b"PK\x03\x04", &common[..], &[0, 0], name.as_bytes(), bytes].concat());
        central.extend([b"PK\x01\x02\x0a\x00", &common[..], &[0; 12]].concat());
        central.extend([&offset.to_le_bytes(), name.as_bytes()].concat());
    }
    let (start, length) = (
        u32::try_from(out.len()).unwrap(),
        u32::try_from(central.len()).unwrap(),
    );
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    out.extend(central);
    out.extend([b"PK\x05\x06\0\0\0\0", &[count, count].concat()[..]].concat());
    out.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

/// The files of a bundle, as another program unpacks them.
fn files(bundle: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bundle)).unwrap();
    let read = |index| {
        let mut file = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), bytes)
    };
    (0..5).map(read).collect()
}

/// The files as another program packs them.
fn repack(files: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        writer.start_file(name.as_str(), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn refused(made: &Made, bytes: &[u8]) -> Failure {
    verify(bytes, &Trust::Key(made.key.clone())).expect_err("a bent archive was accepted")
}

#[test]
fn the_layout_is_the_one_of_the_page() {
    let bundle = made().zip();
    let files = files(&bundle);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "README.txt",
        "record.pdf",
        "record.json",
        "proof.json",
        "checkpoint.txt",
    ];
    assert_eq!(names, expected);
    assert!(pack(&files) == bundle);
}

#[test]
fn no_byte_of_any_file_inside_can_be_changed() {
    let made = made();
    let files = files(&made.zip());
    verify(&pack(&files), &Trust::Key(made.key.clone())).unwrap();
    for (place, (name, bytes)) in files.iter().enumerate() {
        for index in 0..bytes.len() {
            let mut bent = files.clone();
            bent[place].1[index] ^= 0x01;
            let failure = refused(&made, &pack(&bent));
            let is_of_the_archive = matches!(failure.problem, Problem::Damaged(_));
            assert!(
                !is_of_the_archive,
                "{name}, byte {index}: the archive itself is whole"
            );
        }
    }
}

#[test]
fn no_byte_of_the_archive_can_be_changed() {
    let made = made();
    let bundle = made.zip();
    for index in 0..bundle.len() {
        for mask in [0x01, 0x80] {
            let mut bent = bundle.clone();
            bent[index] ^= mask;
            refused(&made, &bent);
        }
    }
}

#[test]
fn a_cut_off_bundle_says_so() {
    let made = made();
    let bundle = made.zip();
    for length in 1..bundle.len() {
        let failure = refused(&made, &bundle[..length]);
        assert_eq!(failure.problem, Problem::CutOff, "{length}: {failure}");
    }
}

#[test]
fn what_is_no_bundle_says_so() {
    let made = made();
    let pdf = b"%PDF-1.7 not a zip".as_slice();
    for bytes in [b"".as_slice(), pdf, &[0; 1_000], b"PK\x05\x06"] {
        assert_eq!(refused(&made, bytes).problem, Problem::NotAnArchive);
    }
    let too_large = vec![b'P'; BUNDLE_BYTES_MAX + 1];
    assert_eq!(refused(&made, &too_large).problem, Problem::TooLarge);
}

#[test]
fn something_appended_is_refused() {
    let made = made();
    let mut bundle = made.zip();
    bundle.push(0);
    assert_eq!(refused(&made, &bundle).problem, Problem::Trailing);
    let doubled = [made.zip(), made.zip()].concat();
    assert_eq!(refused(&made, &doubled).problem, Problem::Trailing);
    let mut comment = made.zip();
    let place = comment.len() - 2;
    comment[place] = 2;
    comment.extend(b"hi");
    assert!(matches!(
        refused(&made, &comment).problem,
        Problem::Damaged(_)
    ));
}

#[test]
fn other_archives_are_refused() {
    let made = made();
    let files = files(&made.zip());
    let deflated = repack(&files, CompressionMethod::Deflated);
    assert_eq!(refused(&made, &deflated).problem, Problem::Repacked);
    // Stored, it differs in the directory at the end alone.
    let stored = repack(&files, CompressionMethod::Stored);
    assert!(
        refused(&made, &stored)
            .to_string()
            .contains("packed again by another program")
    );
    let mut extra = files.clone();
    extra.push(("more.txt".to_owned(), b"more".to_vec()));
    refused(&made, &pack(&extra));
    let mut twice = files.clone();
    twice.insert(2, files[2].clone());
    refused(&made, &pack(&twice));
    let mut swapped = files.clone();
    swapped.swap(1, 2);
    refused(&made, &pack(&swapped));
    refused(&made, &pack(&files[..4]));
    refused(&made, &pack(&[]));
    let mut renamed = files.clone();
    renamed[1].0 = "../ord.pdf".to_owned();
    refused(&made, &pack(&renamed));
}

#[test]
fn a_zip_bomb_is_never_inflated() {
    let made = made();
    let mut bomb = files(&made.zip());
    bomb[1].1 = vec![0; 64 << 20];
    let bytes = repack(&bomb, CompressionMethod::Deflated);
    assert!(bytes.len() < 1 << 20);
    assert_eq!(refused(&made, &bytes).problem, Problem::Repacked);
}

#[test]
fn a_header_that_lies_about_a_length_is_not_believed() {
    let made = made();
    let bundle = made.zip();
    // The lengths of the first file, README.txt, stand at 18 and 22.
    for (length, expected) in [
        (u32::MAX, Problem::TooLarge),
        (16_385, Problem::TooLarge),
        (0, Problem::CutOff), // the next header is then looked for within the text
    ] {
        let mut bent = bundle.clone();
        bent[18..22].copy_from_slice(&length.to_le_bytes());
        bent[22..26].copy_from_slice(&length.to_le_bytes());
        let problem = refused(&made, &bent).problem;
        assert!(
            problem == expected || problem == Problem::Repacked,
            "{length}: {problem:?}"
        );
    }
}
