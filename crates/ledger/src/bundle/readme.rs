//! The text that tells whoever gets a bundle what it is. Part of the format: it never changes.

/// `README.txt` of a bundle, version 1.
pub(super) const README_TXT: &str = "\
CLERESTORY RECORD BUNDLE, VERSION 1

This file holds the record of one treatment session and the proof that it has not been changed since
it was exported. It holds patient data: keep it as you keep the patient's chart, and pass it on only
where the law permits it.

record.pdf       the record, to read and print
record.json      the same record as data, with the salt of each part
proof.json       the log entries of each part, and their paths in the log
checkpoint.txt   the signed state of the log

HOW TO CHECK IT

    clerestory verify FILE --key KEY

KEY is the log's public key. Have it from your clinic's own papers or from its server, not from whoever
gave you this file. Without a key, or an earlier checkpoint that you kept, the check can only say that
the bundle fits together, not where it comes from. No server and no network is needed.

Do not unpack and pack this file again: the check takes the file as it was given. Unpacked copies are
for reading.

WHAT A PASSED CHECK SAYS

- The record holds the events that the clinic's server exported for this session: as many as it said in
  its log, in their order, and each of them as it was written to the log.
- Each was entered under the sign-in of the person named, and stood in the log no later than the time
  that the check gives, by the clock of the clinic's server.
- record.pdf and record.json are, byte for byte, the files that were exported.

WHAT IT DOES NOT SAY

- That what was entered is true.
- That the clock of the clinic's server was right.
- That the person named was the one who held the device.

The format is described in docs/formats/bundle.md and docs/formats/ledger.md of the Clerestory source,
so that anybody can write a checker of their own. Everything rests on SHA-256, Ed25519, the Merkle trees
of RFC 6962 and the signed notes of C2SP.
";
