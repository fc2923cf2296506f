//! After a day, nothing of it can be read in the cluster's folder: no name, birthdate, value or key (promise K2).

use std::path::Path;

use testkit::{Cluster, Database, World};

use crate::day::Floor;

/// What the day wrote in plain words, and what pages show of it.
const CANARIES: [&str; 9] = [
    "Brookhollow",
    "Adalyn",
    "1984-05-17",
    "\"systolic\":137",
    "137/86",
    "LK4471",
    "Brother, in the waiting room",
    "Mara Quillfeather",
    "Larkspur",
];

#[tokio::test(flavor = "multi_thread")]
async fn k2_nothing_of_a_day_can_be_read_in_the_databases_files() {
    let cluster = Cluster::start();
    let database = Database::fresh_in(cluster.socket_dir()).await;
    let mut floor = Floor::planned_in(World::demo_in(database).await).await;
    floor.play_to_discharge().await;
    floor.refresh().await;
    let page = floor.page().await;
    assert_eq!(
        page.patient.last_name, "Brookhollow",
        "the canary is the patient of this day"
    );
    floor
        .world
        .database
        .superuser()
        .await
        .batch_execute("CHECKPOINT")
        .await
        .unwrap();

    let mut keys = key_bytes(&floor.world.folder);
    assert!(!keys.is_empty());
    keys.extend(CANARIES.map(|canary| canary.as_bytes().to_vec()));
    let mut files = 0;
    search(cluster.socket_dir(), &keys, &mut files);
    assert!(files > 100, "heap, WAL and logs were searched");

    // The search finds what is there: a canary in plain is found.
    let client = floor.world.database.superuser().await;
    client.batch_execute("SET app.migrating = 'yes'; CREATE TABLE plain (words text); INSERT INTO plain VALUES ('Brookhollow'); CHECKPOINT").await.unwrap();
    assert!(
        found(cluster.socket_dir(), b"Brookhollow"),
        "a search that finds nothing proves nothing"
    );
}

/// The root key and every wrapped key's secret part, as they lie in the key folders.
fn key_bytes(folder: &Path) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    for file in files_below(folder)
        .into_iter()
        .filter(|file| !file.starts_with(folder.join("anchor")))
    {
        let bytes = std::fs::read(&file).unwrap();
        // The tail of a wrapped key is cipher and tag: no two are alike, and none belongs into the database.
        if let Some(tail) = bytes
            .len()
            .checked_sub(24)
            .map(|from| bytes[from..].to_vec())
        {
            keys.push(tail);
        }
    }
    keys
}

fn search(folder: &Path, needles: &[Vec<u8>], files: &mut usize) {
    for file in files_below(folder) {
        let Ok(bytes) = std::fs::read(&file) else {
            continue;
        };
        *files += 1;
        for needle in needles {
            assert!(
                !contains(&bytes, needle),
                "{} holds {}",
                file.display(),
                String::from_utf8_lossy(needle)
            );
        }
    }
}

fn found(folder: &Path, needle: &[u8]) -> bool {
    files_below(folder)
        .iter()
        .any(|file| std::fs::read(file).is_ok_and(|bytes| contains(&bytes, needle)))
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return files;
    };
    for entry in entries.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files.extend(files_below(&entry.path())),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            Ok(_) | Err(_) => {}
        }
    }
    files
}
